/*
 * Copyright (c) 2026 The grantd founders
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * Problems of /api in the form of RFC 9457, and the challenge that says how
 * to get in.  Room: frontend.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "api.h"

#define API_MAX_DATA	65536		/* of a problem's data */

static const struct json_limits api_data_limits = {
	.bytes = API_MAX_DATA, .depth = 32, .values = 8192, .keys = 1024,
	.large = 1,
};

static void
api_problem_error(struct json_buf *b, const char *pointer, const char *detail,
    const char *where)
{
	json_object_open(b);
	json_member_text(b, "pointer", pointer);
	json_member_text(b, "detail", detail);
	if (where != NULL)
		json_member_text(b, "in", where);
	json_object_close(b);
}

/* A parameter that the database names: as a pointer. */
static void
api_problem_parameter(struct json_buf *b, const struct problem *p)
{
	char	pointer[JSON_MAX_POINTER + 1];

	pointer[0] = '\0';
	if (p->parameter[0] == '/')
		/* cut where it does not fit: it is for people */
		(void)strlcpy(pointer, p->parameter, sizeof(pointer));
	else if (p->parameter[0] != '\0')
		(void)json_pointer_add(pointer, sizeof(pointer), 0,
		    p->parameter);
	json_name(b, "errors");
	json_array_open(b);
	api_problem_error(b, pointer, p->detail[0] != '\0' ? p->detail :
	    p->message, p->location);
	json_array_close(b);
}

static void
api_problem_errors(struct json_buf *b, const struct api_problem *x)
{
	unsigned int	i;

	json_name(b, "errors");
	json_array_open(b);
	for (i = 0; i < x->errors->n; i++)
		api_problem_error(b, x->errors->error[i].pointer,
		    x->errors->error[i].text, x->where);
	json_array_close(b);
}

/* What the application says: only if it is JSON. */
static void
api_problem_data(struct json_buf *b, const struct problem *p,
    const struct api_problem *x)
{
	struct json_doc	*doc;

	doc = json_parse(x->data, x->data_len, &api_data_limits, NULL);
	if (doc == NULL)
		return;
	json_name(b, p->status == 428 ? "input" : "data");
	json_put_value(b, json_root(doc));
	json_free(doc);
}

void
api_problem_write(struct json_buf *b, const struct problem *p,
    const struct api_problem *x, const char *issuer, const char *request_id)
{
	char	text[512];

	json_object_open(b);
	/* 512 bytes hold an issuer, a code and what is between */
	(void)snprintf(text, sizeof(text), "%s/problems/%s", issuer,
	    p->code[0] != '\0' ? p->code : "error");
	json_member_text(b, "type", text);
	json_member_text(b, "title", p->message);
	json_member_integer(b, "status", p->status);
	if (p->detail[0] != '\0')
		json_member_text(b, "detail", p->detail);
	(void)snprintf(text, sizeof(text), "urn:uuid:%s", request_id);
	json_member_text(b, "instance", text);
	json_member_text(b, "code", p->code);
	if (p->remediation[0] != '\0')
		json_member_text(b, "remediation", p->remediation);
	if (p->scope[0] != '\0')
		json_member_text(b, "scope", p->scope);
	if (x != NULL && x->errors != NULL && x->errors->n > 0)
		api_problem_errors(b, x);
	else if (p->location[0] != '\0')
		api_problem_parameter(b, p);
	if (x != NULL && x->data_len > 0)
		api_problem_data(b, p, x);
	json_object_close(b);
}

static int
api_problem_add(char *out, size_t size, const char *name, const char *value)
{
	char	quoted[512];

	problem_quote(quoted, sizeof(quoted), value);
	if (strlcat(out, ", ", size) >= size ||
	    strlcat(out, name, size) >= size ||
	    strlcat(out, "=\"", size) >= size ||
	    strlcat(out, quoted, size) >= size ||
	    strlcat(out, "\"", size) >= size)
		return -1;
	return 0;
}

int
api_problem_challenge(const struct problem *p, const char *issuer,
    const char *path, const char *scope, char *out, size_t size)
{
	const char	*error = NULL;
	char		 metadata[512];

	if (p->status == 401)
		error = strcmp(p->code, "missing_token") == 0 ? NULL :
		    "invalid_token";
	else if (p->status == 403 && strcmp(p->code, "insufficient_scope") == 0)
		error = "insufficient_scope";
	else
		return -1;
	/* 512 bytes hold an issuer and this */
	(void)snprintf(metadata, sizeof(metadata),
	    "%s/.well-known/oauth-protected-resource%s", issuer,
	    strncmp(path, "/mcp", 4) == 0 ? "/mcp" : "/api");
	if (strlcpy(out, "Bearer realm=\"grantd\"", size) >= size ||
	    (error != NULL && (api_problem_add(out, size, "error",
	    error) == -1 || api_problem_add(out, size, "error_description",
	    p->message) == -1)) ||
	    (scope[0] != '\0' && api_problem_add(out, size, "scope",
	    scope) == -1) ||
	    api_problem_add(out, size, "resource_metadata", metadata) == -1)
		return -1;
	return 0;
}
