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
 * The arguments of an operation.  Room: frontend.  Pure: form is checked,
 * rights are not.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arguments.h"
#include "multipart.h"
#include "query.h"

static int
arguments_fail(struct arguments_error *e, unsigned int status,
    const char *code, const char *message, const char *remediation)
{
	const struct problem	p = PROBLEM_INIT(status, code, message, "",
	    remediation);

	e->problem = p;
	return -1;
}

static int
arguments_fail_param(struct arguments_error *e)
{
	problem_from_param(&e->problem, &e->param);
	return -1;
}

static int
arguments_path(struct json_buf *b, const struct route_match *m,
    struct param_hidings *hidings, struct arguments_error *e)
{
	const struct route_var	*v;
	char			 value[ROUTE_MAX_VALUE + 1];
	unsigned int		 i;
	ssize_t			 n;

	if (m->nvars == 0)
		return 0;
	json_name(b, "path");
	json_object_open(b);
	for (i = 0; i < m->nvars; i++) {
		v = &m->vars[i];
		if (v->raw.len > 3 * ROUTE_MAX_VALUE)
			n = -1;
		else {
			char	room[3 * ROUTE_MAX_VALUE + 1];

			n = query_decode(room, v->raw.p, v->raw.len, 0);
			if (n > ROUTE_MAX_VALUE)
				n = -1;
			else if (n != -1)
				memcpy(value, room, (size_t)n + 1);
		}
		if (n == -1) {
			(void)param_fail(&e->param, "invalid_parameter",
			    "path", v->name, "%s is not percent-encoded UTF-8 "
			    "of at most %d bytes", v->name, ROUTE_MAX_VALUE);
			return arguments_fail_param(e);
		}
		if (strcmp(v->name, "secret") == 0) {
			free(hidings->text[HIDDEN_SECRET]);
			hidings->text[HIDDEN_SECRET] = strdup(value);
			explicit_bzero(value, sizeof(value));
			continue;
		}
		if (m->route->kinds & ROUTE_REGISTRATION)
			hidings->text[HIDDEN_CLIENT_ID] = strdup(value);
		json_name(b, v->name);
		json_put_text_len(b, value, (size_t)n);
	}
	json_object_close(b);
	return 0;
}

static int
arguments_query(struct json_buf *b, const struct route *r,
    const struct http_head *h, struct param_hidings *hidings,
    struct arguments_error *e)
{
	int	any;

	if (r->query == NULL || h->query.p == NULL || h->query.len == 0)
		return 0;
	json_name(b, "query");
	if ((r->flags & ROUTE_LENIENT ? param_query_lenient(b, r->query,
	    h->query.p, h->query.len, &any, hidings, &e->param) :
	    param_query(b, r->query, h->query.p, h->query.len, &any,
	    &e->param)) == -1)
		return arguments_fail_param(e);
	if (!any)	/* "?&" */
		json_put_raw(b, "{}", 2);
	return 0;
}

/* The media type of a Content-Type, without parameters. */
static struct http_text
arguments_media_type(const struct http_text *type)
{
	struct http_text	 t = *type;
	const char		*semicolon;

	if ((semicolon = memchr(t.p, ';', t.len)) != NULL)
		t.len = (size_t)(semicolon - t.p);
	while (t.len > 0 && (t.p[t.len - 1] == ' ' || t.p[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* application/json and what ends in +json; another charset is none. */
static int
arguments_is_json(const struct http_text *type)
{
	struct http_text	 t = arguments_media_type(type);
	const char		*charset;

	if (!http_text_is(&t, "application/json") &&
	    !(t.len > 17 && strncasecmp(t.p, "application/", 12) == 0 &&
	    strncasecmp(t.p + t.len - 5, "+json", 5) == 0))
		return 0;
	charset = memmem(type->p, type->len, "charset=", 8);
	if (charset == NULL)
		return 1;
	charset += 8;
	if (*charset == '"')
		charset++;
	return (size_t)(type->p + type->len - charset) >= 5 &&
	    strncasecmp(charset, "utf-8", 5) == 0;
}

int
arguments_check_type(const struct route *r, const struct http_head *h,
    int64_t len, struct arguments_error *e)
{
	const struct http_text	*type = http_field(h, "content-type");
	const struct http_text	*coding = http_field(h, "content-encoding");
	struct http_text	 t;

	if (len == 0)
		return 0;
	if (coding != NULL && !http_text_is(coding, "identity"))
		return arguments_fail(e, 415, "unsupported_media_type",
		    "A body with a Content-Encoding is not understood", "");
	if (r->body_kind == BODY_FORM) {
		if (type != NULL) {
			t = arguments_media_type(type);
			if (http_text_is(&t,
			    "application/x-www-form-urlencoded"))
				return 0;
		}
		return arguments_fail(e, 415, "unsupported_media_type",
		    "The body must be application/x-www-form-urlencoded", "");
	}
	if (r->body_kind != BODY_FILE) {
		if (type != NULL && arguments_is_json(type))
			return 0;
		return arguments_fail(e, 415, "unsupported_media_type",
		    "The body must be application/json",
		    "Send the header \"Content-Type: application/json\".");
	}
	if (len > ARGUMENTS_MAX_FILE + MULTIPART_MAX_HEADER)
		return arguments_fail(e, 413, "body_too_large",
		    "A file may have 512 KiB", "");
	if (type != NULL) {
		t = arguments_media_type(type);
		if (http_text_is(&t, "multipart/form-data") ||
		    http_text_is(&t, "application/octet-stream"))
			return 0;
	}
	return arguments_fail(e, 415, "unsupported_media_type",
	    "A file is sent as multipart/form-data or as "
	    "application/octet-stream", "");
}

/* Control characters here would reach the database, and it the replies. */
static int
arguments_is_printable(const struct http_text *t)
{
	size_t	i;

	for (i = 0; i < t->len; i++)
		if (t->p[i] < 0x20 || t->p[i] > 0x7e)
			return 0;
	return 1;
}

static int
arguments_file(struct json_buf *b, const struct http_head *h,
    const char *body, size_t len, struct arguments_error *e)
{
	const struct http_text	*type = http_field(h, "content-type");
	struct multipart_file	 file;
	struct http_text	 t;
	char			 boundary[MULTIPART_MAX_BOUNDARY + 1];
	const char		*why;

	memset(&file, 0, sizeof(file));
	file.content.p = body;
	file.content.len = len;
	if (type != NULL) {
		file.type = *type;
		t = arguments_media_type(type);
		if (http_text_is(&t, "multipart/form-data")) {
			memset(&file, 0, sizeof(file));
			if (multipart_boundary(type, boundary) == -1)
				return arguments_fail(e, 400, "bad_multipart",
				    "The Content-Type has no boundary", "");
			if (multipart_file(body, len, boundary, &file,
			    &why) == -1)
				return arguments_fail(e, 400, "bad_multipart",
				    why, "");
		}
	}
	if (file.content.len > ARGUMENTS_MAX_FILE)
		return arguments_fail(e, 413, "body_too_large",
		    "A file may have 512 KiB", "");
	if (!arguments_is_printable(&file.type) ||
	    file.type.len > PARAM_MAX_NAME)
		return arguments_fail(e, 400, "invalid_content_type",
		    "This is no content type", "");
	json_object_open(b);
	json_name(b, "content");
	json_put_base64(b, file.content.p, file.content.len);
	if (file.type.len > 0) {
		json_name(b, "content_type");
		json_put_text_len(b, file.type.p, file.type.len);
	}
	json_object_close(b);
	return 0;
}

/* A JSON body: parsed, checked, written again. */
static int
arguments_json(struct json_buf *b, const struct route *r, const char *body,
    size_t len, struct param_hidings *hidings, struct arguments_error *e)
{
	static const struct param	 nothing = { .name = NULL };
	const enum json_type	 want =
	    r->body_kind == BODY_ARRAY ? JSON_ARRAY : JSON_OBJECT;
	const struct param	*known = r->body != NULL ? r->body : &nothing;
	struct json_error	 je;
	struct json_doc		*doc;
	int			 ret = -1;

	if ((doc = json_parse(body, len, NULL, &je)) == NULL) {
		(void)param_fail(&e->param, "invalid_json", "body",
		    je.pointer, "The body is not acceptable JSON: %s (byte "
		    "%zu)", je.text, je.offset);
		return arguments_fail_param(e);
	}
	if (json_root(doc)->type != want) {
		(void)param_fail(&e->param, "invalid_json", "body", "",
		    "The body must be %s, not %s", json_type_name(want),
		    json_type_name(json_root(doc)->type));
		(void)arguments_fail_param(e);
	} else if (want == JSON_ARRAY) {
		json_put_value(b, json_root(doc));
		ret = 0;
	} else if (param_body(b, known, r->flags & ROUTE_LENIENT,
	    json_root(doc), hidings, &e->param) == -1)
		(void)arguments_fail_param(e);
	else
		ret = 0;
	json_free(doc);
	return ret;
}

static int
arguments_body(struct json_buf *b, const struct route *r,
    const struct http_head *h, const char *body, size_t len,
    struct param_hidings *hidings, struct arguments_error *e)
{
	if (arguments_check_type(r, h, (int64_t)len, e) == -1)
		return -1;
	if (r->body_kind == BODY_NONE && len == 0)
		return 0;
	json_name(b, "body");
	if (r->body_kind == BODY_FILE)
		return arguments_file(b, h, body, len, e);
	if (r->body_kind == BODY_FORM)
		return param_form(b, r->body, r->flags & ROUTE_LENIENT, body,
		    len, hidings, &e->param) == 0 ? 0 :
		    arguments_fail_param(e);
	if (r->body_kind == BODY_OBJECT && len == 0)
		return arguments_json(b, r, "{}", 2, hidings, e);
	return arguments_json(b, r, body, len, hidings, e);
}

/* What pages tell of the browser: for the list of sessions. */
static void
arguments_header(struct json_buf *b, const struct http_head *h)
{
	const struct http_text	*agent = http_field(h, "user-agent");

	json_name(b, "header");
	json_object_open(b);
	if (agent != NULL && arguments_is_printable(agent)) {
		json_name(b, "user_agent");
		json_put_text_len(b, agent->p, agent->len > 255 ? 255 :
		    agent->len);
	}
	json_object_close(b);
}

ssize_t
arguments_variant(const char *form, size_t len,
    char out[ARGUMENTS_MAX_VARIANT + 1])
{
	const char	*name, *value;
	char		*room;
	size_t		 pos = 0;
	ssize_t		 found = 0;
	int		 n;

	if ((room = malloc(2 * len + 2)) == NULL)
		return -1;
	while ((n = query_next(form, len, QUERY_PLUS | QUERY_LINES, &pos, room,
	    &name, &value)) == 1) {
		if (strcmp(name, "grant_type") != 0 || *value == '\0')
			continue;
		if (found != 0 || strlcpy(out, value,
		    ARGUMENTS_MAX_VARIANT + 1) > ARGUMENTS_MAX_VARIANT) {
			n = -1;
			break;
		}
		found = (ssize_t)strlen(out);
	}
	freezero(room, 2 * len + 2);
	return n == -1 ? -1 : found;
}

int
arguments_write(struct json_buf *b, const struct route_match *m,
    const struct http_head *h, const char *body, size_t len,
    struct param_hidings *hidings, struct arguments_error *e)
{
	json_object_open(b);
	if (arguments_path(b, m, hidings, e) == -1 ||
	    arguments_query(b, m->route, h, hidings, e) == -1 ||
	    arguments_body(b, m->route, h, body, len, hidings, e) == -1)
		return -1;
	if (m->route->face == FACE_PAGE)
		arguments_header(b, h);
	json_object_close(b);
	if (b->failed)
		return arguments_fail(e, 413, "body_too_large",
		    "The request is too large", "");
	return 0;
}
