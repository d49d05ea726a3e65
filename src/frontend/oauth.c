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
 * The front channel of the provider: what the authorization endpoint does
 * with the broker's word.  Room: frontend.  Every decision was made there;
 * a redirect goes only where the broker said.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "frontend.h"
#include "json.h"
#include "log.h"
#include "oauth.h"
#include "page.h"
#include "query.h"
#include "visit.h"

#define OAUTH_MAX_URL		16384
#define OAUTH_MAX_SOURCES	320	/* of a Content-Security-Policy */

static const struct problem oauth_bad_form = PROBLEM_INIT(400,
    "invalid_request", "The form is malformed or repeats a parameter", "", "");
static const struct problem oauth_long_form = PROBLEM_INIT(413,
    "body_too_large", "The request is too long",
    "It goes on as an address, of 8192 bytes at most.", "");

/* "&name=value", with "?" for the first one. */
static void
oauth_add(struct json_buf *url, char *mark, const char *name,
    const char *value)
{
	static const char	hex[] = "0123456789ABCDEF";
	char			escape[3] = "%";
	char			digits[2];

	json_put_bytes(url, mark, 1);
	*mark = '&';
	json_put_bytes(url, name, strlen(name));
	json_put_bytes(url, "=", 1);
	for (; *value != '\0'; value++) {
		if ((*value >= 'a' && *value <= 'z') ||
		    (*value >= 'A' && *value <= 'Z') ||
		    (*value >= '0' && *value <= '9') ||
		    strchr("-._~", *value) != NULL) {
			json_put_bytes(url, value, 1);
			continue;
		}
		digits[0] = hex[(unsigned char)*value >> 4];
		digits[1] = hex[*value & 15];
		json_put_bytes(url, escape, 1);
		json_put_bytes(url, digits, 2);
	}
}

/* RFC 6749 4.1.2: the client's own query stays.  0, or -1 if there is none. */
static int
oauth_url(struct json_buf *url, const struct json_value *view)
{
	const struct json_value	*p;
	const char		*uri = json_get_text(view, "redirect_uri");
	char			 mark;

	json_buf_init(url, OAUTH_MAX_URL);
	if (uri == NULL)
		return -1;
	json_put_bytes(url, uri, strlen(uri));
	mark = strchr(uri, '?') == NULL ? '?' : '&';
	for (p = json_first(json_get(view, "parameters")); p != NULL;
	    p = p->next)
		if (p->type == JSON_STRING)
			oauth_add(url, &mark, p->name, p->u.text);
	return url->failed ? -1 : 0;
}

/* A page with a link to the client, instead of a redirect. */
static void
oauth_leave(struct request *r, const struct json_value *view,
    const struct msg_reply *m)
{
	struct msg_reply	 page = *m;
	struct json_buf		 b, url;
	const char		*host = json_get_text(view, "host");
	const char		*message = json_get_text(view, "message");
	const char		*reason = json_get_text(view, "reason");

	json_buf_init(&b, 2 * OAUTH_MAX_URL);
	if (oauth_url(&url, view) == 0) {
		json_object_open(&b);
		json_member_text(&b, "message", message == NULL ? "" : message);
		json_member_text(&b, "reason", reason == NULL ? "" : reason);
		json_member_text(&b, "host", host == NULL ? "" : host);
		json_member_text(&b, "link", url.data);
		json_object_close(&b);
	} else
		b.failed = 1;
	if (b.failed)
		request_problem(r, &problem_internal);
	else {
		page.body = b.data;
		page.body_len = b.len;
		page_render(r, 200, "leave", &page, NULL);
	}
	json_buf_free(&url);
	json_buf_free(&b);
}

static void
oauth_redirect(struct request *r, const struct json_value *view)
{
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	struct json_buf		 url;

	memset(&reply, 0, sizeof(reply));
	if (oauth_url(&url, view) == -1)
		request_problem(r, &problem_internal);
	else {
		page_set_cookies(r, &reply, &cookies, NULL, NULL);
		request_see_other(r, &reply, url.data);
	}
	json_buf_free(&url);
}

static void
oauth_sign_in(struct request *r, const struct json_value *view)
{
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	struct json_buf		 url;
	const char		*hint = json_get_text(view, "login_hint");
	const char		*back = json_get_text(view, "return_to");
	char			 mark = '?';

	memset(&reply, 0, sizeof(reply));
	json_buf_init(&url, OAUTH_MAX_URL);
	json_put_bytes(&url, "/login", 6);
	if (back != NULL && visit_is_own_path(back))
		oauth_add(&url, &mark, "return_to", back);
	if (hint != NULL && *hint != '\0')
		oauth_add(&url, &mark, "email", hint);
	if (url.failed)
		request_problem(r, &problem_internal);
	else {
		page_set_cookies(r, &reply, &cookies, NULL, NULL);
		request_see_other(r, &reply, url.data);
	}
	json_buf_free(&url);
}

/*
 * Sources of form-action beside 'self'.  Chromium holds them against every
 * redirect that answers the form, and a client's address may redirect on:
 * one of the web to any other under TLS, one of loopback to its like too.
 * 0, or -1: none.  Not a word of it may end the directive.
 */
static int
oauth_sources(const struct json_value *view, char *out, size_t size)
{
	static const struct {
		const char	*scheme;
		const char	*more;
	} rows[] = {
		{ "https://", " https:" },
		{ "http://", " https: http://localhost:* http://127.0.0.1:*" },
		{ "", "" },
	};
	const char	*source = json_get_text(view, "form_action");
	size_t		 i;

	if (source == NULL || strspn(source, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.:/[]") != strlen(source))
		return -1;
	for (i = 0; strncmp(source, rows[i].scheme,
	    strlen(rows[i].scheme)) != 0; i++)
		;
	return strlcpy(out, source, size) >= size ||
	    strlcat(out, rows[i].more, size) >= size ? -1 : 0;
}

/* What is to be done with each view; NULL data is no view. */
static void
oauth_view(struct request *r, const struct msg_reply *m,
    const struct json_value *view)
{
	const char	*kind = json_get_text(view, "view");
	const char	*sources = NULL;
	char		 buf[OAUTH_MAX_SOURCES];

	if (oauth_sources(view, buf, sizeof(buf)) == 0)
		sources = buf;
	if (kind == NULL)
		request_problem(r, &problem_internal);
	else if (strcmp(kind, "redirect") == 0)
		oauth_redirect(r, view);
	else if (strcmp(kind, "login") == 0)
		oauth_sign_in(r, view);
	else if (strcmp(kind, "consent") == 0)
		page_render(r, 200, "consent", m, sources);
	else if (strcmp(kind, "confirm") == 0)
		page_render(r, 200, "end_session", m, sources);
	else if (strcmp(kind, "leave") == 0)
		oauth_leave(r, view, m);
	else
		page_render(r, 400, "authorize_error", m, NULL);
}

void
oauth_authorize(struct request *r, const struct msg_reply *m)
{
	struct json_doc	*doc = NULL;
	char		*text;
	size_t		 len = 0;

	if ((text = request_body(r, m, &len)) != NULL)
		doc = json_parse(text, len, NULL, NULL);
	oauth_view(r, m, doc == NULL ? NULL : json_root(doc));
	json_free(doc);
	if (text != NULL)
		freezero(text, len);
}

/* Whether a form has one of these fields, or is malformed. */
static int
oauth_is_own(const char *body, size_t len, const struct param *own)
{
	const struct param	*p;
	const char		*name, *value;
	char			*room;
	size_t			 pos = 0;
	int			 n = 0, found = 0;

	if ((room = malloc(2 * len + 2)) == NULL)
		return 1;
	while (!found && (n = query_next(body, len, QUERY_PLUS, &pos, room,
	    &name, &value)) == 1)
		for (p = own; p->name != NULL; p++)
			found |= strcmp(p->name, name) == 0;
	freezero(room, 2 * len + 2);
	return found || n == -1;
}

/* All parameters behind the path; arrays are repeated ones. */
static void
oauth_add_all(struct json_buf *url, const struct json_value *fields)
{
	const struct json_value	*p, *item;
	char			 mark = '?';

	for (p = json_first(fields); p != NULL; p = p->next) {
		if (p->type == JSON_STRING)
			oauth_add(url, &mark, p->name, p->u.text);
		if (p->type != JSON_ARRAY)
			continue;
		for (item = json_first(p); item != NULL; item = item->next)
			if (item->type == JSON_STRING)
				oauth_add(url, &mark, p->name, item->u.text);
	}
}

int
oauth_forward(struct request *r, const char *body, size_t len)
{
	struct http_reply	 reply;
	struct route_match	 get;
	struct param_error	 e;
	struct json_buf		 b, url;
	struct json_doc		*doc = NULL;
	int			 any;

	if (oauth_is_own(body, len, r->route->own))
		return 0;
	memset(&reply, 0, sizeof(reply));
	route_find(route_lists, HTTP_GET, &r->head->path, &get);
	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	json_buf_init(&url, HTTP_MAX_TARGET);
	json_put_bytes(&url, r->route->pattern, strlen(r->route->pattern));
	if (param_query_lenient(&b, get.route->query, body, len, &any, NULL,
	    &e) == -1 || b.failed ||
	    (any && (doc = json_parse(b.data, b.len, NULL, NULL)) == NULL)) {
		request_problem(r, &oauth_bad_form);
		goto done;
	}
	if (doc != NULL)
		oauth_add_all(&url, json_root(doc));
	if (url.failed)
		request_problem(r, &oauth_long_form);
	else
		request_see_other(r, &reply, url.data);
 done:
	json_free(doc);
	json_buf_free(&url);
	json_buf_free(&b);
	return 1;
}

/* Signed out, wherever that leads. */
void
oauth_end_session(struct request *r, const struct msg_reply *m)
{
	const struct json_value	*view = NULL;
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	struct json_doc		*doc;
	const char		*kind;

	doc = json_parse(m->body, m->body_len, NULL, NULL);
	if (doc != NULL)
		view = json_root(doc);
	kind = json_get_text(view, "view");
	if (kind != NULL && strcmp(kind, "redirect") == 0)
		r->visit->ended = 1;
	if (kind != NULL && strcmp(kind, "done") != 0)
		oauth_view(r, m, view);
	else {
		memset(&reply, 0, sizeof(reply));
		page_set_cookies(r, &reply, &cookies, "", "");
		request_see_other(r, &reply, "/login?done=signed_out");
	}
	json_free(doc);
}
