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

#include "frontend.h"
#include "log.h"
#include "page_int.h"
#include "visit.h"

#define PAGE_MAX_DATA		(8 * 1024 * 1024)

/* The arguments of this request, to be json_free'd, and their root. */
static struct json_doc *
page_arguments(const struct request *r, const struct json_value **root)
{
	const char	*text = r->visit->arguments;
	struct json_doc	*doc = NULL;

	if (text != NULL)
		doc = json_parse(text, strlen(text), NULL, NULL);
	*root = doc == NULL ? NULL : json_root(doc);
	return doc;
}

/* Percent-encoded onto out; what does not fit is cut. */
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

/* "&name=value" or, as the first, "?name=value" onto out. */
static void
page_add(char *out, size_t size, const char *name, const char *value)
{
	/* cut, it is missing: nothing is wrong */
	(void)strlcat(out, strchr(out, '?') == NULL ? "?" : "&", size);
	(void)strlcat(out, name, size);
	(void)strlcat(out, "=", size);
	page_encode(out, size, value);
}

/* A variable as it came in this request's path. */
static void
page_raw(const struct request *r, char *out, size_t size, const char *name)
{
	const char		*target = r->visit->target;
	struct http_text	 path = { target, strcspn(target, "?") };
	struct route_match	 m;
	unsigned int		 i;
	size_t			 n = strlen(out);

	route_find(route_lists, r->route->method, &path, &m);
	for (i = 0; m.route != NULL && i < m.nvars; i++)
		if (strcmp(m.vars[i].name, name) == 0 &&
		    m.vars[i].raw.len < size - n) {
			memcpy(out + n, m.vars[i].raw.p, m.vars[i].raw.len);
			out[n + m.vars[i].raw.len] = '\0';
		}
}

/*
 * "/x/{id}" with its variables: from the reply, the arguments, or the path
 * as it came.
 */
static void
page_location(const struct request *r, char *out, size_t size,
    const char *pattern, const struct json_value *reply,
    const struct json_value *arguments)
{
	const char	*p, *end, *text;
	char		 name[ROUTE_MAX_NAME + 1];
	size_t		 n;

	out[0] = '\0';
	for (p = pattern; *p != '\0'; p++) {
		end = *p == '{' ? strchr(p, '}') : NULL;
		if (end != NULL && (n = (size_t)(end - p) - 1) <
		    sizeof(name)) {
			memcpy(name, p + 1, n);
			name[n] = '\0';
			p = end;
			if ((text = json_get_text(reply, name)) != NULL ||
			    (text = json_get_text(json_get(arguments, "path"),
			    name)) != NULL ||
			    (text = json_get_text(json_get(arguments, "body"),
			    name)) != NULL)
				page_encode(out, size, text);
			else
				page_raw(r, out, size, name);
		} else if ((n = strlen(out)) + 1 < size) {
			out[n] = *p;
			out[n + 1] = '\0';
		}
	}
}

int
page_is_here(const struct request *r, const char *location)
{
	const char	*target = r->visit->target;
	size_t		 n = strcspn(location, "?");

	return strcspn(target, "?") == n && memcmp(target, location, n) == 0;
}

/* What is longer than a cookie goes on in a second one. */
static void
page_set_once(const struct request *r, struct http_reply *reply,
    struct page_cookies *c, enum cookie_kind kind, const char *once)
{
	const char	*issuer = frontend.conf.issuer, *rest = "";
	char		 first[COOKIE_VALUE + 1];
	int		 had;

	had = r->visit->once != NULL &&
	    B64URL_LEN(strlen(r->visit->once)) > COOKIE_VALUE;
	if (strlcpy(first, once, sizeof(first)) >= sizeof(first))
		rest = once + COOKIE_VALUE;
	if (cookie_set(c->once, issuer, kind, first) == 0)
		http_reply_header(reply, "Set-Cookie", c->once);
	if ((had || *rest != '\0') &&
	    cookie_set(c->rest, issuer, COOKIE_REST, rest) == 0)
		http_reply_header(reply, "Set-Cookie", c->rest);
	explicit_bzero(first, sizeof(first));
}

void
page_set_cookies(struct request *r, struct http_reply *reply,
    struct page_cookies *c, const char *session, const char *once)
{
	const char	*issuer = frontend.conf.issuer;

	if (session == NULL && r->visit->ended)
		session = "";
	if (session != NULL &&
	    cookie_set(c->session, issuer, COOKIE_SESSION, session) == 0)
		http_reply_header(reply, "Set-Cookie", c->session);
	if (r->visit->new_visitor && cookie_set(c->visitor, issuer,
	    COOKIE_VISITOR, r->visit->cookie) == 0)
		http_reply_header(reply, "Set-Cookie", c->visitor);
	if (once != NULL)
		page_set_once(r, reply, c, COOKIE_ONCE, once);
}

static void
page_wipe(char *text)
{
	if (text != NULL)
		freezero(text, strlen(text));
}

void
page_render_csp(struct request *r, unsigned int status, const char *template,
    const struct msg_reply *m, const char *csp)
{
	static const struct json_limits	 limits = { PAGE_MAX_DATA, 64,
	    100000, 10000, 0 };
	const struct json_value	*arguments;
	struct json_doc		*doc, *args;
	struct json_buf		 b;
	struct http_reply	 reply;
	struct page_cookies	 cookies;
	char			*rest;

	memset(&reply, 0, sizeof(reply));
	reply.status = status;
	args = page_arguments(r, &arguments);
	json_buf_init(&b, PAGE_MAX_DATA);
	page_data(&b, r, template, m, arguments);
	doc = b.failed ? NULL : json_parse(b.data, b.len, &limits, NULL);
	if ((rest = page_once_rest(r)) != NULL)
		page_set_once(r, &reply, &cookies, COOKIE_WAITING, rest);
	page_set_cookies(r, &reply, &cookies, NULL,
	    r->visit->once == NULL || rest != NULL ? NULL : "");
	if (csp != NULL)
		http_reply_header(&reply, "Content-Security-Policy", csp);
	request_page_value(r, &reply, template,
	    doc == NULL ? NULL : json_root(doc));
	page_wipe(rest);
	json_free(doc);
	json_free(args);
	json_buf_free(&b);
}

void
page_render(struct request *r, unsigned int status, const char *template,
    const struct msg_reply *m, const char *form_action)
{
	char	csp[1024];

	if (form_action != NULL)
		/* 1024 bytes hold it: sources are checked to be shorter */
		(void)snprintf(csp, sizeof(csp), "default-src 'none'; "
		    "style-src 'self'; img-src 'self'; script-src 'self'; "
		    "base-uri 'none'; form-action 'self' %s; "
		    "frame-ancestors 'none'", form_action);
	page_render_csp(r, status, template, m,
	    form_action == NULL ? NULL : csp);
}

/*
 * Where 303 leads after a form that was taken.  What goes on to a client by
 * redirects starts anew from a page: Chromium holds the form-action of the
 * page with the form against all of them.
 */
static void
page_forward(struct request *r, char *out, size_t size,
    const struct json_value *reply)
{
	const struct page	*page = r->route->page;
	const struct json_value	*arguments;
	struct json_doc		*args;
	const char		*back = r->visit->return_to;

	if (r->route->flags & ROUTE_RETURN && back != NULL &&
	    strncmp(back, "/oauth/", 7) == 0) {
		(void)strlcpy(out, "/login/continue", size);
		page_add(out, size, "return_to", back);
	} else if (r->route->flags & ROUTE_RETURN && back != NULL)
		(void)strlcpy(out, back, size);
	else {
		args = page_arguments(r, &arguments);
		page_location(r, out, size, page->next, reply, arguments);
		json_free(args);
	}
	if (page->notice != NULL)
		page_add(out, size, "done", page->notice);
}

/* A form was taken: on to the next page. */
static void
page_next(struct request *r, const struct msg_reply *m)
{
	struct json_doc		*doc = NULL;
	const struct json_value	*value = NULL;
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	char			*text, *once = NULL;
	char			 location[PAGE_MAX_LOCATION];
	const char		*session;
	size_t			 len = 0;

	memset(&reply, 0, sizeof(reply));
	if ((text = request_body(r, m, &len)) == NULL) {
		request_problem(r, &problem_internal);
		return;
	}
	if ((doc = json_parse(text, len, NULL, NULL)) != NULL)
		value = json_root(doc);
	page_forward(r, location, sizeof(location), value);
	session = json_get_text(value, "session");
	if (r->route->flags & ROUTE_SIGNS_OUT)
		session = "";
	else if (m->nsecrets > 0 && session == NULL &&
	    (once = page_once_reply(value, location)) == NULL)
		log_warnx("%s: what is to be shown once is too long",
		    r->route->operation);
	/* nothing waits for who signs in next */
	page_set_cookies(r, &reply, &cookies, session,
	    r->route->flags & ROUTE_SIGNS_OUT ? "" : once);
	request_see_other(r, &reply, location);
	explicit_bzero(&cookies, sizeof(cookies));
	freezero(text, len);
	page_wipe(once);
	json_free(doc);
}

/* The page of this form, with the way that it was to lead on. */
static void
page_form(const struct request *r, char *out, size_t size)
{
	const struct json_value	*arguments;
	struct json_doc		*args = page_arguments(r, &arguments);

	page_location(r, out, size, r->route->page->form, NULL, arguments);
	if (r->visit->return_to != NULL)
		page_add(out, size, "return_to", r->visit->return_to);
	json_free(args);
}

/* Back to the form, with what was wrong and what was typed. */
static void
page_back(struct request *r, const struct json_value *error,
    const struct problem *p)
{
	const struct json_value	*arguments;
	struct json_doc		*args = page_arguments(r, &arguments);
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	char			 location[PAGE_MAX_LOCATION], *once;

	memset(&reply, 0, sizeof(reply));
	page_form(r, location, sizeof(location));
	once = page_once_error(r, error, p, json_get(arguments, "body"),
	    location);
	page_set_cookies(r, &reply, &cookies, NULL, NULL);
	if (once != NULL)
		page_set_once(r, &reply, &cookies, COOKIE_WAITING, once);
	request_see_other(r, &reply, location);
	page_wipe(once);
	json_free(args);
}

/* The request that a form of the provider repeats in its fields. */
static void
page_repeat(const struct request *r, char *out, size_t size)
{
	static const char *const	 decided[] = { "binding", "decision",
	    "grant", "organization" };
	const struct json_value		*arguments, *v, *item;
	struct json_doc			*args = page_arguments(r, &arguments);
	size_t				 i;

	/* the table's patterns of these have no variables */
	(void)strlcpy(out, r->route->pattern, size);
	for (v = json_first(json_get(arguments, "body")); v != NULL;
	    v = v->next) {
		for (i = 0; i < sizeof(decided) / sizeof(decided[0]) &&
		    strcmp(decided[i], v->name) != 0; i++)
			;
		if (i < sizeof(decided) / sizeof(decided[0]))
			continue;
		if (v->type == JSON_STRING)
			page_add(out, size, v->name, v->u.text);
		else if (v->type == JSON_ARRAY)
			for (item = json_first(v); item != NULL;
			    item = item->next)
				if (item->type == JSON_STRING)
					page_add(out, size, v->name,
					    item->u.text);
	}
	json_free(args);
}

/* To another page that leads back to this one, or to the form's. */
static void
page_detour(struct request *r, const char *by, int ended)
{
	const struct json_value	*arguments = NULL;
	struct json_doc		*args = NULL;
	struct page_cookies	 cookies;
	struct http_reply	 reply;
	char			 back[PAGE_MAX_LOCATION];
	char			 location[PAGE_MAX_LOCATION], *once = NULL;

	memset(&reply, 0, sizeof(reply));
	if (r->route->method != HTTP_POST)
		(void)strlcpy(back, r->visit->target, sizeof(back));
	else if (r->route->page != NULL && r->route->page->form != NULL) {
		args = page_arguments(r, &arguments);
		page_form(r, back, sizeof(back));
		once = page_once_wait(json_get(arguments, "body"), back);
	} else
		page_repeat(r, back, sizeof(back));
	if (by == NULL)		/* the same once more, without the session */
		(void)strlcpy(location, back, sizeof(location));
	else {
		(void)strlcpy(location, by, sizeof(location));
		page_add(location, sizeof(location), "return_to", back);
	}
	page_set_cookies(r, &reply, &cookies, ended ? "" : NULL, NULL);
	if (once != NULL)
		page_set_once(r, &reply, &cookies, COOKIE_WAITING, once);
	request_see_other(r, &reply, location);
	page_wipe(once);
	json_free(args);
}

int
page_problem(struct request *r, const struct problem *p)
{
	const struct page	*page;

	if (r->route == NULL || r->route->face != FACE_PAGE)
		return -1;
	if (strcmp(p->code, "session_required") == 0 ||
	    strcmp(p->code, "session_ended") == 0) {
		/* who may come without one, shall */
		page_detour(r, r->route->kinds & (ROUTE_VISITOR |
		    ROUTE_NOBODY) ? NULL : "/login", r->visit->had_session);
		return 0;
	}
	if (strcmp(p->code, "reauthentication_required") == 0) {
		page_detour(r, "/settings/confirm", 0);
		return 0;
	}
	page = r->route->page;
	if (page == NULL || page->form == NULL || p->status >= 500 ||
	    p->status == 401)
		return -1;
	/* a form before sign-in may just be too old for its cookie */
	if (p->status == 403 && ((r->route->kinds & ROUTE_VISITOR) == 0 ||
	    strcmp(p->code, "csrf_failed") != 0))
		return -1;
	page_back(r, NULL, p);
	return 0;
}

/* An error that kept a change: it comes as data. */
static void
page_error(struct request *r, const struct msg_reply *m)
{
	struct json_doc	*doc;

	doc = json_parse(m->body, m->body_len, NULL, NULL);
	if (doc != NULL && r->route->page != NULL &&
	    r->route->page->form != NULL)
		page_back(r, json_get(json_root(doc), "error"), NULL);
	else
		request_problem(r, &problem_internal);
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
