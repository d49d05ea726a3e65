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
 * Visits: cookies in, and what a page's answer needs again.  Room:
 * frontend.  Who it is, the database knows.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "frontend.h"
#include "visit.h"

static const struct problem no_session = PROBLEM_INIT(401,
    "session_required", "Please sign in", "", "");

static void
visit_wipe(char *text)
{
	if (text != NULL)
		freezero(text, strlen(text));
}

void
visit_free(struct visit *v)
{
	if (v == NULL)
		return;
	visit_wipe(v->target);
	visit_wipe(v->arguments);
	visit_wipe(v->return_to);
	visit_wipe(v->once);
	visit_wipe(v->cookie);
	free(v);
}

/* What is to be shown once: JSON behind base64url. */
static char *
visit_once(const struct http_head *h)
{
	char	 value[2 * COOKIE_VALUE + 1], *text = NULL;
	ssize_t	 n, rest;

	n = cookie_get(h, frontend.conf.issuer, COOKIE_ONCE, value);
	if (n == COOKIE_VALUE && (rest = cookie_get(h, frontend.conf.issuer,
	    COOKIE_REST, value + n)) != -1)
		n += rest;
	if (n == -1 || (text = calloc(1, (size_t)n + 1)) == NULL)
		goto done;
	if (b64url_decode(text, (size_t)n, value, (size_t)n) == -1) {
		free(text);
		text = NULL;
	}
 done:
	explicit_bzero(value, sizeof(value));
	return text;
}

static char *
visit_target(const struct http_head *h)
{
	size_t	 len = h->path.len, query = 0;
	char	*text;

	if (h->query.p != NULL)
		query = h->query.len + 1;
	if ((text = malloc(len + query + 1)) == NULL)
		return NULL;
	memcpy(text, h->path.p, len);
	if (query > 0) {
		text[len] = '?';
		memcpy(text + len + 1, h->query.p, h->query.len);
	}
	text[len + query] = '\0';
	return text;
}

/* The cookie that opens this row.  0, or -1 if there is none. */
static int
visit_cookie(struct request *r, struct credential *c, char *value)
{
	const struct http_head	*h = r->head;
	const char		*issuer = frontend.conf.issuer;

	if (cookie_get(h, issuer, COOKIE_SESSION, value) != -1) {
		r->visit->had_session = 1;
		if (r->route->kinds & ROUTE_SESSION) {
			c->kind = CRED_SESSION;
			return 0;
		}
	}
	if (r->route->kinds & ROUTE_VISITOR) {
		c->kind = CRED_VISITOR;
		if (cookie_get(h, issuer, COOKIE_VISITOR, value) == -1) {
			cookie_draw(value);
			r->visit->new_visitor = 1;
		}
		return 0;
	}
	value[0] = '\0';
	return r->route->kinds & ROUTE_NOBODY ? 0 : -1;
}

/* No memory: no page of the visit is made, not even one that leads on. */
static void
visit_none(struct request *r)
{
	visit_free(r->visit);
	r->visit = NULL;
	request_problem(r, &problem_busy);
}

int
visit_open(struct request *r, struct credential *c)
{
	char	 value[COOKIE_VALUE + 1];
	int	 found;

	if ((r->visit = calloc(1, sizeof(*r->visit))) == NULL ||
	    (r->visit->target = visit_target(r->head)) == NULL) {
		visit_none(r);
		return -1;
	}
	found = visit_cookie(r, c, value);
	r->visit->cookie = strdup(value);
	explicit_bzero(value, sizeof(value));
	r->visit->once = visit_once(r->head);
	if (r->visit->cookie == NULL) {
		visit_none(r);
		return -1;
	}
	r->visit->nobody = found == -1;
	if (r->route->own == NULL && visit_check(r) == -1)
		return -1;
	c->text.p = r->visit->cookie;
	c->text.len = strlen(r->visit->cookie);
	return 0;
}

int
visit_check(struct request *r)
{
	if (!r->visit->nobody)
		return 0;
	request_problem(r, &no_session);
	return -1;
}

int
visit_is_own_path(const char *path)
{
	const char	*p;

	if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
		return 0;
	for (p = path; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '\\')
			return 0;
	return 1;
}

void
visit_keep(struct request *r, const char *arguments,
    const struct param_hidings *hidings)
{
	const char	*to = hidings->text[HIDDEN_RETURN_TO];

	if (arguments != NULL && r->visit->arguments == NULL)
		r->visit->arguments = strdup(arguments);
	if (to != NULL && visit_is_own_path(to) && r->visit->return_to == NULL)
		r->visit->return_to = strdup(to);
}
