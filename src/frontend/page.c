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
 * Answers to people.  Room: frontend.  Every form is answered by 303, so
 * that nobody sends it twice by looking again; what is shown once, and what
 * was wrong with a form, travels in a cookie of a minute.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "frontend.h"
#include "json.h"
#include "log.h"
#include "page.h"
#include "query.h"
#include "visit.h"

#define PAGE_MAX_DATA		(8 * 1024 * 1024)
#define PAGE_MAX_LOCATION	4096
#define PAGE_MAX_ONCE		((COOKIE_VALUE * 3) / 4)

static const struct problem page_failed = PROBLEM_INIT(500,
    "internal_error", "The server failed", "",
    "Tell the operator of this server the request id.");

/* Percent-encoded into a path or a query; what does not fit is cut. */
static void
page_encode(char *out, size_t size, const char *text)
{
	static const char	hex[] = "0123456789ABCDEF";
	size_t			n = strlen(out);

	for (; *text != '\0' && n + 4 < size; text++) {
		if ((*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') ||
		    strchr("-._~", *text) != NULL) {
			out[n++] = *text;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[(unsigned char)*text >> 4];
		out[n++] = hex[*text & 15];
	}
	out[n] = '\0';
}

/* A name of the pattern: from the reply, else from the path. */
static const char *
page_variable(const char *name, const struct json_value *reply,
    const struct json_value *arguments)
{
	const char	*text;

	if ((text = json_get_text(reply, name)) == NULL)
		text = json_get_text(json_get(arguments, "path"), name);
	return text == NULL ? "" : text;
}

/* "/x/{id}" with its variables, and the notice. */
static void
page_location(char *out, size_t size, const char *pattern,
    const char *notice, const struct json_value *reply,
    const struct json_value *arguments)
{
	const char	*p, *end;
	char		 name[64];

	out[0] = '\0';
	for (p = pattern; *p != '\0'; p++) {
		if (*p == '{' && (end = strchr(p, '}')) != NULL &&
		    (size_t)(end - p) <= sizeof(name)) {
			memcpy(name, p + 1, (size_t)(end - p - 1));
			name[end - p - 1] = '\0';
			page_encode(out, size, page_variable(name, reply,
			    arguments));
			p = end;
		} else if (strlen(out) + 2 < size) {
			out[strlen(out) + 1] = '\0';
			out[strlen(out)] = *p;
		}
	}
	if (notice == NULL)
		return;
	/* cut, the notice is missing: nothing is wrong */
	(void)strlcat(out, strchr(out, '?') == NULL ? "?done=" : "&done=",
	    size);
	(void)strlcat(out, notice, size);
}

void
page_set_cookies(struct request *r, struct http_reply *reply,
    struct page_cookies *c, const char *session, const char *once)
{
	const char	*issuer = frontend.conf.issuer;

	if (session != NULL &&
	    cookie_set(c->session, issuer, COOKIE_SESSION, session) == 0)
		http_reply_header(reply, "Set-Cookie", c->session);
	if (r->visit->new_visitor && cookie_set(c->visitor, issuer,
	    COOKIE_VISITOR, r->visit->cookie) == 0)
		http_reply_header(reply, "Set-Cookie", c->visitor);
	if (once != NULL &&
	    cookie_set(c->once, issuer, COOKIE_ONCE, once) == 0)
		http_reply_header(reply, "Set-Cookie", c->once);
}

/* The value of the once cookie; NULL if it is too long. */
static char *
page_once(const char *text, size_t len)
{
	char	*out;

	if (len > PAGE_MAX_ONCE ||
	    (out = calloc(1, B64URL_LEN(len) + 1)) == NULL)
		return NULL;
	b64url_encode(out, text, len);
	return out;
}

static void
page_put_notice(struct json_buf *b, const struct json_value *arguments)
{
	const char	*word;

	word = json_get_text(json_get(arguments, "query"), "done");
	if (word == NULL)
		return;
	json_name(b, "notice");
	json_object_open(b);
	json_member_bool(b, word, 1);
	json_object_close(b);
}

/* What every template sees. */
static void
page_data(struct json_buf *b, const struct request *r,
    const struct msg_reply *m, const struct json_value *arguments)
{
	const struct visit	*v = r->visit;
	struct json_doc		*once;

	json_object_open(b);
	json_name(b, "page");
	if (m->body_len > 0)
		json_put_raw(b, m->body, m->body_len);
	else
		json_put_null(b);
	json_member_text(b, "csrf", m->csrf == NULL ? "" : m->csrf);
	json_member_text(b, "issuer", frontend.conf.issuer);
	json_member_text(b, "path", r->path);
	json_member_text(b, "return_to", v->return_to == NULL ? "" :
	    v->return_to);
	page_put_notice(b, arguments);
	if (v->once != NULL && (once = json_parse(v->once, strlen(v->once),
	    NULL, NULL)) != NULL) {
		json_name(b, "once");
		json_put_value(b, json_root(once));
		json_free(once);
	}
	json_object_close(b);
}

void
page_render(struct request *r, unsigned int status, const char *template,
    const struct msg_reply *m, const char *form_action)
{
	static const struct json_limits	 limits = { PAGE_MAX_DATA, 64,
	    100000, 10000 };
	const char		*text = r->visit->arguments;
	struct json_doc		*doc, *arguments = NULL;
	struct json_buf		 b;
	struct http_reply	 reply;
	struct page_cookies	 cookies;
	char			 csp[1024];

	memset(&reply, 0, sizeof(reply));
	reply.status = status;
	if (text != NULL)
		arguments = json_parse(text, strlen(text), NULL, NULL);
	json_buf_init(&b, PAGE_MAX_DATA);
	page_data(&b, r, m, arguments == NULL ? NULL : json_root(arguments));
	doc = b.failed ? NULL : json_parse(b.data, b.len, &limits, NULL);
	page_set_cookies(r, &reply, &cookies, NULL,
	    r->visit->once == NULL ? NULL : "");
	if (form_action != NULL) {
		/* 1024 bytes hold it: sources are checked to be shorter */
		(void)snprintf(csp, sizeof(csp), "default-src 'none'; "
		    "style-src 'self'; img-src 'self'; script-src 'self'; "
		    "base-uri 'none'; form-action 'self' %s; "
		    "frame-ancestors 'none'", form_action);
		http_reply_header(&reply, "Content-Security-Policy", csp);
	}
	request_page_value(r, &reply, template,
	    doc == NULL ? NULL : json_root(doc));
	json_free(doc);
	json_free(arguments);
	json_buf_free(&b);
}

/* A form was taken: on to the next page. */
static void
page_next(struct request *r, const struct msg_reply *m)
{
	const struct page	*page = r->route->page;
	const struct visit	*v = r->visit;
	struct json_doc		*doc = NULL, *arguments = NULL;
	const struct json_value	*value = NULL;
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	char			*text, *once = NULL;
	char			 location[PAGE_MAX_LOCATION];
	const char		*session;
	size_t			 len = 0;

	memset(&reply, 0, sizeof(reply));
	if ((text = request_body(r, m, &len)) == NULL) {
		request_problem(r, &page_failed);
		return;
	}
	if ((doc = json_parse(text, len, NULL, NULL)) != NULL)
		value = json_root(doc);
	if (v->arguments != NULL)
		arguments = json_parse(v->arguments, strlen(v->arguments),
		    NULL, NULL);
	session = json_get_text(value, "session");
	if (m->nsecrets > 0 && session == NULL)
		once = page_once(text, len);
	page_location(location, sizeof(location), page->next, page->notice,
	    value, arguments == NULL ? NULL : json_root(arguments));
	if (r->route->flags & ROUTE_RETURN && v->return_to != NULL)
		(void)strlcpy(location, v->return_to, sizeof(location));
	page_set_cookies(r, &reply, &cookies, session, once);
	if (m->nsecrets > 0 && session == NULL && once == NULL)
		log_warnx("%s: what is to be shown once is too long",
		    r->route->operation);
	request_see_other(r, &reply, location);
	explicit_bzero(&cookies, sizeof(cookies));
	freezero(text, len);
	if (once != NULL)
		freezero(once, strlen(once));
	json_free(doc);
	json_free(arguments);
}

/* Back to the form, with what was wrong and what was typed. */
static void
page_back(struct request *r, const struct json_value *error,
    const struct problem *p, const char *where)
{
	const struct visit	*v = r->visit;
	struct json_doc		*arguments = NULL;
	const struct json_value	*values = NULL;
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	struct json_buf		 b;
	char			 location[PAGE_MAX_LOCATION], *once;

	memset(&reply, 0, sizeof(reply));
	if (v->arguments != NULL)
		arguments = json_parse(v->arguments, strlen(v->arguments),
		    NULL, NULL);
	if (arguments != NULL)
		values = json_get(json_root(arguments), "body");
	json_buf_init(&b, PAGE_MAX_ONCE);
	json_object_open(&b);
	if (error != NULL) {
		json_name(&b, "error");
		json_put_value(&b, error);
	} else if (p != NULL) {
		json_name(&b, "error");
		json_object_open(&b);
		json_member_text(&b, "code", p->code);
		json_member_text(&b, "message", p->message);
		json_member_text(&b, "detail", p->detail);
		json_member_text(&b, "remediation", p->remediation);
		json_member_text(&b, "parameter", p->parameter);
		json_object_close(&b);
	}
	if (values != NULL) {
		json_name(&b, "values");
		json_put_value(&b, values);
	}
	json_object_close(&b);
	once = b.failed ? NULL : page_once(b.data, b.len);
	page_location(location, sizeof(location), where, NULL, NULL,
	    arguments == NULL ? NULL : json_root(arguments));
	if (v->return_to != NULL) {
		(void)strlcat(location, strchr(location, '?') == NULL ?
		    "?return_to=" : "&return_to=", sizeof(location));
		page_encode(location, sizeof(location), v->return_to);
	}
	page_set_cookies(r, &reply, &cookies, NULL, once);
	request_see_other(r, &reply, location);
	free(once);
	json_free(arguments);
	json_buf_free(&b);
}

/* To another page that leads back here. */
static void
page_detour(struct request *r, const char *by, const char *back)
{
	char	 location[PAGE_MAX_LOCATION];

	free(r->visit->return_to);
	r->visit->return_to = strdup(back);
	/* cut: the way back is missing, that is all */
	(void)strlcpy(location, by, sizeof(location));
	page_back(r, NULL, NULL, location);
}

/* Where a form stands, its variables filled in. */
static void
page_form(const struct request *r, char *out, size_t size)
{
	struct json_doc	*arguments = NULL;
	const char	*text = r->visit->arguments;

	if (text != NULL)
		arguments = json_parse(text, strlen(text), NULL, NULL);
	page_location(out, size, r->route->page->form, NULL, NULL,
	    arguments == NULL ? NULL : json_root(arguments));
	json_free(arguments);
}

/* Codes that another page mends, and where it is. */
static const struct { const char *code, *by; int all; } page_detours[] = {
	{ "session_required", "/login", 1 },
	{ "session_ended", "/login", 1 },
	{ "reauthentication_required", "/settings/confirm", 0 },
};

int
page_problem(struct request *r, const struct problem *p)
{
	const struct page	*page;
	char			 form[PAGE_MAX_LOCATION];
	int			 get;
	size_t			 i;

	if (r->route == NULL || r->route->face != FACE_PAGE ||
	    (page = r->route->page) == NULL)
		return -1;
	get = r->route->method == HTTP_GET;
	if (!get && page->form != NULL)
		page_form(r, form, sizeof(form));
	else
		(void)strlcpy(form, get ? r->visit->target : "/",
		    sizeof(form));
	for (i = 0; i < sizeof(page_detours) / sizeof(page_detours[0]); i++) {
		if (strcmp(page_detours[i].code, p->code) != 0)
			continue;
		page_detour(r, page_detours[i].by, form);
		return 0;
	}
	if (get || page->form == NULL || p->status >= 500 ||
	    p->status == 403 || p->status == 401)
		return -1;
	page_back(r, NULL, p, page->form);
	return 0;
}

/* An error that kept a change: it comes as data. */
static void
page_error(struct request *r, const struct msg_reply *m)
{
	struct problem	 p = page_failed;
	struct json_doc	*doc;

	doc = json_parse(m->body, m->body_len, NULL, NULL);
	if (doc != NULL && r->route->page != NULL &&
	    r->route->page->form != NULL)
		page_back(r, json_get(json_root(doc), "error"), NULL,
		    r->route->page->form);
	else
		request_problem(r, &p);
	json_free(doc);
}

void
page_answer(struct request *r, const struct msg_reply *m)
{
	if (m->status >= 400)
		page_error(r, m);
	else if (r->route->method == HTTP_GET)
		page_render(r, m->status, r->route->page->template, m, NULL);
	else
		page_next(r, m);
}
