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
 * Errors in the form of /v1.  Room: frontend.  Pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "code.h"
#include "problem.h"

const struct problem problem_internal = PROBLEM_INIT(500, CODE_INTERNAL,
    "The server failed", "",
    "Tell the operator of this server the request id.");
const struct problem problem_busy = { 503, CODE_BUSY, "The server is busy",
    "", "Try again shortly.", "", "", "", "", 1 };

void
problem_from_reply(struct problem *p, const struct msg_reply *m)
{
	p->status = m->status;
	p->code = m->code;
	p->message = m->message;
	p->detail = m->detail;
	p->remediation = m->remediation;
	p->parameter = m->parameter;
	p->location = m->location;
	p->scope = m->scope;
	p->allow = "";
	p->retry_after = m->retry_after;
}

void
problem_from_param(struct problem *p, const struct param_error *e)
{
	/* that there is no memory is no fault of what was sent */
	if (strcmp(e->code, CODE_BUSY) == 0) {
		*p = problem_busy;
		return;
	}
	memset(p, 0, sizeof(*p));
	p->status = 400;
	p->code = e->code;
	p->message = e->message;
	p->detail = "";
	p->remediation = e->remediation;
	p->parameter = e->name;
	p->location = e->location;
	p->scope = "";
	p->allow = "";
}

static void
problem_member(struct json_buf *b, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_member_text(b, name, value);
}

void
problem_write(struct json_buf *b, const struct problem *p, const char *issuer,
    const char *request_id, int64_t now)
{
	struct tm	tm;
	time_t		t = (time_t)now;
	char		text[512];

	json_object_open(b);
	json_member_text(b, "message", p->message);
	json_member_integer(b, "status", p->status);
	memset(&tm, 0, sizeof(tm));
	(void)gmtime_r(&t, &tm);	/* a clock that far off stays 1900 */
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	json_member_text(b, "occurred_at", text);
	/* 512 bytes hold an issuer, a code and what is between */
	(void)snprintf(text, sizeof(text), "urn:uuid:%s", request_id);
	json_member_text(b, "instance", text);
	if (p->code[0] != '\0') {
		(void)snprintf(text, sizeof(text), "%s/errors/%s", issuer,
		    p->code);
		json_member_text(b, "type", text);
		json_member_text(b, "code", p->code);
	}
	problem_member(b, "detail", p->detail);
	problem_member(b, "remediation", p->remediation);
	if (p->location[0] != '\0') {
		json_name(b, "context");
		json_object_open(b);
		json_name(b, "parameter");
		json_object_open(b);
		json_member_text(b, "id", p->parameter);
		json_member_text(b, "location", p->location);
		json_object_close(b);
		json_object_close(b);
	}
	json_object_close(b);
}

/* Our words for what RFC 6749 5.2 has others for. */
static const struct { const char *code, *error; } problem_words[] = {
	{ "missing_parameter", "invalid_request" },
	{ "invalid_parameter", "invalid_request" },
	{ "unknown_parameter", "invalid_request" },
	{ "invalid_json", "invalid_request" },
	{ "unsupported_media_type", "invalid_request" },
	{ "body_too_large", "invalid_request" },
	{ "bad_request", "invalid_request" },
	{ "incomplete_request", "invalid_request" },
	{ "header_too_large", "invalid_request" },
	{ "uri_too_long", "invalid_request" },
	{ "missing_token", "invalid_token" },
	{ "token_expired", "invalid_token" },
	{ "token_revoked", "invalid_token" },
	{ "wrong_token_kind", "invalid_token" },
	{ CODE_TIMEOUT, "temporarily_unavailable" },
};

static const char *
problem_word(const struct problem *p)
{
	size_t	i;

	for (i = 0; i < sizeof(problem_words) / sizeof(problem_words[0]); i++)
		if (strcmp(problem_words[i].code, p->code) == 0)
			return problem_words[i].error;
	/* whatever it is called elsewhere */
	if (p->status == 503 || p->status == 504)
		return "temporarily_unavailable";
	if (p->status >= 500)
		return "server_error";
	return p->code[0] != '\0' ? p->code : "server_error";
}

void
problem_of_bearer(struct problem *p)
{
	if (strcmp(p->code, "wrong_token_kind") == 0) {
		p->status = 401;
		p->detail = "";		/* of the doors of /v1 */
	}
}

void
problem_quote(char *out, size_t size, const char *text)
{
	size_t	i;

	/* cut where it does not fit: it is for people */
	(void)strlcpy(out, text, size);
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] < 0x20 || out[i] > 0x7e || out[i] == '"' ||
		    out[i] == '\\')
			out[i] = '\'';
}

void
problem_of_metadata(struct problem *p)
{
	/* what was not read has no pointer into it */
	if (strcmp(p->location, "body") != 0 || p->parameter[0] != '/' ||
	    strcmp(problem_word(p), "invalid_request") != 0 ||
	    strcmp(p->code, "invalid_json") == 0)
		return;
	p->code = strncmp(p->parameter, "/redirect_uris", 14) == 0 ?
	    "invalid_redirect_uri" : "invalid_client_metadata";
}

void
problem_write_oauth(struct json_buf *b, const struct problem *p)
{
	char	text[1024], quoted[1024];

	/* cut where it does not fit: it is for people */
	if (p->detail[0] != '\0')
		(void)snprintf(text, sizeof(text), "%s. %s", p->message,
		    p->detail);
	else
		(void)strlcpy(text, p->message, sizeof(text));
	json_object_open(b);
	json_member_text(b, "error", problem_word(p));
	problem_quote(quoted, sizeof(quoted), text);
	json_member_text(b, "error_description", quoted);
	json_object_close(b);
}

int
problem_authenticate(const struct problem *p, char *out, size_t size)
{
	char	message[256], scope[512];
	int	n;

	problem_quote(message, sizeof(message), p->message);
	problem_quote(scope, sizeof(scope), p->scope);
	if (p->status == 401 && strcmp(p->code, "missing_token") == 0)
		n = snprintf(out, size, "Bearer realm=\"grantd\"");
	else if (p->status == 401)
		n = snprintf(out, size, "Bearer realm=\"grantd\", "
		    "error=\"invalid_token\", error_description=\"%s\"",
		    message);
	else if (p->status == 403 && scope[0] != '\0')
		n = snprintf(out, size, "Bearer realm=\"grantd\", "
		    "error=\"insufficient_scope\", error_description=\"%s\", "
		    "scope=\"%s\"", message, scope);
	else
		return -1;
	return n < 0 || (size_t)n >= size ? -1 : 0;
}
