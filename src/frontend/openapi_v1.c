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
 * The OpenAPI 3.1 document of the management API.  Paths and parameters come
 * out of the route table, so they cannot lack what it has; texts and schemas
 * of answers are in pages/openapi_v1.json.  Room: frontend; pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "openapi_v1.h"
#include "route.h"
#include "template.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define V1_MAX_PATH	256

/* Kinds of credentials, and the schemes that stand for them. */
static const struct { unsigned int kind; const char *scheme; } v1_kinds[] = {
	{ ROUTE_ORGANIZATION, "organization" },
	{ ROUTE_INTEGRATION, "integration" },
	{ ROUTE_REFRESH, "refresh" },
};

static const char *const v1_methods[] = {
	[HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_PUT] = "put",
	[HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
};

/* What a type of a parameter is in JSON Schema; its greatest in between. */
static const struct { const char *before, *after; } v1_types[PARAM__MAX] = {
	[PARAM_TEXT] = { "{\"type\":\"string\",\"maxLength\":", "}" },
	[PARAM_INTEGER] = { "{\"type\":\"integer\",\"minimum\":0,\"maximum\":",
	    "}" },
	[PARAM_BOOL] = { "{\"type\":\"boolean\"}", NULL },
	[PARAM_DURATION] = { "{\"type\":\"string\",\"description\":"
	    "\"As Go writes durations: 10m, 24h.\"}", NULL },
	[PARAM_TIME] = { "{\"type\":\"string\",\"format\":\"date-time\"}",
	    NULL },
	[PARAM_TEXTS] = { "{\"type\":\"array\",\"maxItems\":1000,\"items\":"
	    "{\"type\":\"string\",\"maxLength\":", "}}" },
	[PARAM_ARRAY] = { "{\"type\":\"array\",\"items\":{}}", NULL },
	[PARAM_OBJECT] = { "{\"type\":\"object\"}", NULL },
	[PARAM_ANY] = { "{}", NULL },
	[PARAM_LIMIT] = { "{\"type\":\"integer\",\"minimum\":1,\"maximum\":",
	    "}" },
	[PARAM_LIST] = { "{\"type\":\"array\",\"items\":{\"type\":\"string\","
	    "\"maxLength\":", "}}" },
	[PARAM_ORDER] = { "{\"type\":\"array\",\"items\":{\"type\":"
	    "\"string\",\"examples\":[\"name[desc]\"]}}", NULL },
	[PARAM_FILTER] = { "{\"type\":\"array\",\"items\":{\"type\":"
	    "\"string\",\"examples\":[\"name[eq]acme\"],\"maxLength\":",
	    "}}" },
	[PARAM_IGNORED] = { "{\"type\":\"string\",\"description\":"
	    "\"Accepted, without effect.\"}", NULL },
};

static void
v1_type(struct json_buf *b, const struct param *p)
{
	char	text[256];
	int	n;

	if (v1_types[p->type].before == NULL) {
		b->failed = 1;
		return;
	}
	if (v1_types[p->type].after == NULL)
		n = snprintf(text, sizeof(text), "%s",
		    v1_types[p->type].before);
	else
		n = snprintf(text, sizeof(text), "%s%lld%s",
		    v1_types[p->type].before, (long long)p->max,
		    v1_types[p->type].after);
	if (n < 0 || (size_t)n >= sizeof(text))
		b->failed = 1;
	else
		json_put_raw(b, text, (size_t)n);
}

static void
v1_raw(struct json_buf *b, const char *name, const char *json)
{
	json_name(b, name);
	json_put_raw(b, json, strlen(json));
}

static void
v1_raw_ref(struct json_buf *b, const char *name)
{
	char	text[96];

	/* 96 bytes hold the names of the schemas */
	(void)snprintf(text, sizeof(text), "#/components/schemas/%s", name);
	json_object_open(b);
	json_member_text(b, "$ref", text);
	json_object_close(b);
}

/* "/a/{x}" and, of "{path*}", the name alone. */
static void
v1_path(char *out, size_t size, const char *pattern)
{
	size_t	n = 0;

	for (; *pattern != '\0' && n + 1 < size; pattern++)
		if (*pattern != '*')
			out[n++] = *pattern;
	out[n] = '\0';
}

static void
v1_path_parameters(struct json_buf *b, const char *path)
{
	const char	*p, *end;

	for (p = path; (p = strchr(p, '{')) != NULL; p = end) {
		if ((end = strchr(p, '}')) == NULL)
			return;
		json_object_open(b);
		json_name(b, "name");
		json_put_text_len(b, p + 1, (size_t)(end - p) - 1);
		json_member_text(b, "in", "path");
		json_member_bool(b, "required", 1);
		v1_raw(b, "schema", "{\"type\":\"string\"}");
		json_object_close(b);
	}
}

static void
v1_parameters(struct json_buf *b, const struct route *r, const char *path)
{
	const struct param	*p;

	json_name(b, "parameters");
	json_array_open(b);
	v1_path_parameters(b, path);
	for (p = r->query; p != NULL && p->name != NULL; p++) {
		json_object_open(b);
		json_member_text(b, "name", p->name);
		json_member_text(b, "in", "query");
		json_member_bool(b, "required",
		    (p->flags & PARAM_REQUIRED) != 0);
		json_name(b, "schema");
		v1_type(b, p);
		json_object_close(b);
	}
	json_array_close(b);
}

/* A body's object: a null counts as absent. */
static void
v1_object(struct json_buf *b, const struct param *params)
{
	const struct param	*p;
	int			 any = 0;

	json_object_open(b);
	json_member_text(b, "type", "object");
	json_name(b, "properties");
	json_object_open(b);
	for (p = params; p->name != NULL; p++) {
		json_name(b, p->name);
		if (p->flags & PARAM_READONLY)
			json_put_raw(b, "{\"readOnly\":true}", 17);
		else
			v1_type(b, p);
		any |= (p->flags & PARAM_REQUIRED) != 0;
	}
	json_object_close(b);
	if (any) {
		json_name(b, "required");
		json_array_open(b);
		for (p = params; p->name != NULL; p++)
			if (p->flags & PARAM_REQUIRED)
				json_put_text(b, p->name);
		json_array_close(b);
	}
	json_member_bool(b, "additionalProperties", 0);
	json_object_close(b);
}

static const char v1_file[] = "{\"multipart/form-data\":{\"schema\":{\"type\":"
    "\"object\",\"properties\":{\"file\":{\"type\":\"string\","
    "\"contentMediaType\":\"application/octet-stream\"}}}},"
    "\"application/octet-stream\":{\"schema\":{}}}";

static void
v1_body(struct json_buf *b, const struct route *r)
{
	if (r->body_kind == BODY_NONE || (r->body_kind == BODY_OBJECT &&
	    r->body->name == NULL))
		return;
	json_name(b, "requestBody");
	json_object_open(b);
	json_member_bool(b, "required", r->body_kind != BODY_OBJECT);
	if (r->body_kind == BODY_FILE)
		v1_raw(b, "content", v1_file);
	else {
		json_name(b, "content");
		json_object_open(b);
		json_name(b, "application/json");
		json_object_open(b);
		json_name(b, "schema");
		if (r->body_kind == BODY_OBJECT)
			v1_object(b, r->body);
		else if (r->method == HTTP_PATCH)
			v1_raw_ref(b, "JsonPatch");
		else
			v1_raw_ref(b, "Events");
		json_object_close(b);
		json_object_close(b);
	}
	json_object_close(b);
}

static void
v1_responses(struct json_buf *b, const struct route *r,
    const struct json_value *texts)
{
	const struct json_value	*schema = json_get(texts, "schema");
	const char		*status = json_get_text(texts, "status");

	json_name(b, "responses");
	json_object_open(b);
	json_name(b, status == NULL ? "204" : status);
	json_object_open(b);
	json_member_text(b, "description", "Success.");
	if (schema != NULL) {
		json_name(b, "content");
		json_object_open(b);
		json_name(b, r->reply == REPLY_FILE ?
		    "application/octet-stream" : "application/json");
		json_object_open(b);
		json_name(b, "schema");
		json_put_value(b, schema);
		json_object_close(b);
		json_object_close(b);
	}
	json_object_close(b);
	v1_raw(b, "default", "{\"$ref\":\"#/components/responses/Problem\"}");
	json_object_close(b);
}

static void
v1_security(struct json_buf *b, const struct route *r)
{
	size_t	i;

	json_name(b, "security");
	json_array_open(b);
	for (i = 0; i < COUNT(v1_kinds); i++) {
		if ((r->kinds & v1_kinds[i].kind) == 0)
			continue;
		json_object_open(b);
		v1_raw(b, v1_kinds[i].scheme, "[]");
		json_object_close(b);
	}
	json_array_close(b);
}

static void
v1_operation(struct json_buf *b, const struct route *r, const char *path,
    const struct json_value *operations, int again)
{
	const struct json_value	*texts;
	const char		*name, *text;
	char			 id[96];

	name = r->operation != NULL ? r->operation : "version";
	texts = json_get(operations, name);
	if (texts == NULL) {
		b->failed = 1;
		return;
	}
	json_name(b, v1_methods[r->method]);
	json_object_open(b);
	/* names of operations are shorter */
	(void)snprintf(id, sizeof(id), "%s%s", name, again ? ".in" : "");
	json_member_text(b, "operationId", id);
	if ((text = json_get_text(texts, "summary")) != NULL)
		json_member_text(b, "summary", text);
	if ((text = json_get_text(texts, "description")) != NULL)
		json_member_text(b, "description", text);
	if ((text = json_get_text(texts, "tag")) != NULL) {
		json_name(b, "tags");
		json_array_open(b);
		json_put_text(b, text);
		json_array_close(b);
	}
	v1_parameters(b, r, path);
	v1_body(b, r);
	v1_responses(b, r, texts);
	v1_security(b, r);
	json_object_close(b);
}

int
openapi_v1_is_row(const struct route *r)
{
	return strncmp(r->pattern, "/v1/", 4) == 0 &&
	    (r->local == NULL || strcmp(r->pattern, "/v1/version") == 0);
}

/* Rows of one path become one item, where the first of them stands. */
static void
v1_item(struct json_buf *b, size_t first, const struct json_value *operations)
{
	const struct route	*r = &route_table[first];
	char			 path[V1_MAX_PATH];
	size_t			 i;
	int			 again;

	for (i = 0; i < first; i++)
		if (strcmp(route_table[i].pattern, r->pattern) == 0)
			return;
	v1_path(path, sizeof(path), r->pattern);
	json_name(b, path);
	json_object_open(b);
	for (i = first; i < route_table_len; i++) {
		if (strcmp(route_table[i].pattern, r->pattern) != 0)
			continue;
		again = i > 0 && route_table[i].operation != NULL &&
		    route_table[i - 1].operation != NULL &&
		    strcmp(route_table[i - 1].operation,
		    route_table[i].operation) == 0;
		v1_operation(b, &route_table[i], path, operations, again);
	}
	json_object_close(b);
}

static void
v1_paths(struct json_buf *b, const struct json_value *operations)
{
	size_t	i;

	json_name(b, "paths");
	json_object_open(b);
	for (i = 0; i < route_table_len; i++)
		if (openapi_v1_is_row(&route_table[i]))
			v1_item(b, i, operations);
	json_object_close(b);
}

void
openapi_v1_write(struct json_buf *b, const char *issuer)
{
	const struct template	*t = template_find(pages, "openapi_v1.json");
	const struct json_value	*components;
	struct json_doc		*doc = NULL;

	if (t != NULL)
		doc = json_parse(t->text, t->len, NULL, NULL);
	if (doc == NULL) {
		b->failed = 1;
		return;
	}
	json_object_open(b);
	json_member_text(b, "openapi", "3.1.0");
	v1_raw(b, "info", "{\"title\":\"grantd management API\",\"version\":\""
	    PACKAGE_VERSION "\",\"description\":\"Accounts, integrations, "
	    "tokens, and what connectors do.\"}");
	json_name(b, "servers");
	json_array_open(b);
	json_object_open(b);
	json_member_text(b, "url", issuer);
	json_object_close(b);
	json_array_close(b);
	v1_paths(b, json_get(json_root(doc), "operations"));
	json_name(b, "components");
	if ((components = json_get(json_root(doc), "components")) == NULL)
		b->failed = 1;
	else
		json_put_value(b, components);
	json_object_close(b);
	json_free(doc);
}
