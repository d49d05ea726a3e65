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
 * Calls of published procedures over HTTP.  Room: frontend.  Which procedure
 * it is, and what form its arguments have, is known here; whether the caller
 * may is not: the broker asks the gate.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "arguments.h"
#include "broker_link.h"
#include "code.h"
#include "frontend.h"
#include "log.h"
#include "mcp.h"
#include "query.h"

#define API_SPARE	2000	/* ms that an answer may need beside its call */
#define API_MAX_PROBLEM	131072
#define API_MAX_LINK	4096

static const struct problem
    api_not_found = PROBLEM_INIT(404, "not_found",
	"There is no such procedure", "",
	"The manifest at /api lists what may be called."),
    api_starting = { 503, CODE_UNAVAILABLE,
	"What is published is not known yet", "", "Try again shortly.",
	"", "", "", "", 1 },
    api_no_token = PROBLEM_INIT(401, "missing_token", "A token is required",
	"", "Send the header \"Authorization: Bearer <access token>\"."),
    api_post_only = { 405, "method_not_allowed",
	"The method does not fit this procedure",
	"It changes something or takes arguments that no query can hold.",
	"Send a POST with a JSON object.", "", "", "", "POST, OPTIONS", 0 },
    api_bad_key = PROBLEM_INIT(400, "invalid_idempotency_key",
	"The Idempotency-Key cannot be used",
	"It is 1 to 255 visible characters.", "");

/* What a call needs again when its answer is there. */
struct api_state {
	struct catalogue		*catalogue;
	const struct catalogue_entry	*entry;
	int				 minimal;
	const char			*where;	/* its arguments were */
	char				*next;	/* target of GET, no cursor */
};

static void
api_state_free(void *arg)
{
	struct api_state	*s = arg;

	if (s->next != NULL)
		freezero(s->next, strlen(s->next));
	catalogue_unref(s->catalogue);
	free(s);
}

/* The procedure that /api/{group}/{procedure} names, or NULL. */
static const struct catalogue_entry *
api_entry(const struct catalogue *c, const char *path)
{
	const struct catalogue_entry	*e;
	char				 name[2 * ROUTE_MAX_VALUE];
	char				 room[MSG_MAX_PATH + 1], *slash;

	if (strncmp(path, "/api/", 5) != 0 ||
	    strlen(path) > MSG_MAX_PATH ||
	    query_decode(room, path + 5, strlen(path + 5), 0) == -1 ||
	    strchr(room, '.') != NULL ||
	    (slash = strchr(room, '/')) == NULL ||
	    strchr(slash + 1, '/') != NULL)
		return NULL;
	*slash = '.';
	/* both parts are shorter than a path */
	(void)strlcpy(name, room, sizeof(name));
	e = catalogue_by_name(c, name);
	return e == NULL || e->kind != CATALOGUE_PROCEDURE || !e->http ?
	    NULL : e;
}

void
api_problem(struct request *r, const struct problem *p,
    const struct api_problem *extra)
{
	const struct catalogue_entry	*e;
	struct http_reply		 reply;
	struct json_buf			 b;
	const char			*scope = p->scope;
	char				 challenge[2048], seconds[16];

	request_code(r, p->code);
	if (scope[0] == '\0' &&
	    (e = api_entry(catalogue_now(), r->path)) != NULL &&
	    e->scope != NULL)
		scope = e->scope;
	if (scope[0] == '\0' && strcmp(r->path, "/mcp") == 0)
		scope = mcp_scopes(1);
	memset(&reply, 0, sizeof(reply));
	json_buf_init(&b, API_MAX_PROBLEM);
	api_problem_write(&b, p, extra, frontend.conf.issuer, r->id_text);
	reply.status = p->status;
	if (!b.failed) {
		reply.type = "application/problem+json";
		reply.body = b.data;
		reply.len = b.len;
	}
	if (api_problem_challenge(p, frontend.conf.issuer, r->path, scope,
	    challenge, sizeof(challenge)) == 0)
		http_reply_header(&reply, "WWW-Authenticate", challenge);
	if (p->retry_after != 0) {
		/* 16 bytes hold every unsigned int */
		(void)snprintf(seconds, sizeof(seconds), "%u", p->retry_after);
		http_reply_header(&reply, "Retry-After", seconds);
	}
	if (p->allow[0] != '\0')
		http_reply_header(&reply, "Allow", p->allow);
	request_reply(r, &reply);
	json_buf_free(&b);
}

/* Path and query of a GET without its cursor; NULL if there is no memory. */
static char *
api_target(const struct http_head *h)
{
	const char	*p, *end, *stop;
	size_t		 n = h->path.len;
	char		*out, mark = '?';

	if ((out = malloc(n + h->query.len + 2)) == NULL)
		return NULL;
	memcpy(out, h->path.p, n);
	if (h->query.p != NULL) {
		stop = h->query.p + h->query.len;
		for (p = h->query.p; p < stop; p = end + 1) {
			if ((end = memchr(p, '&', (size_t)(stop - p))) ==
			    NULL)
				end = stop;
			if (end == p || (end - p >= 7 &&
			    memcmp(p, "cursor=", 7) == 0))
				continue;
			out[n++] = mark;
			mark = '&';
			memcpy(out + n, p, (size_t)(end - p));
			n += (size_t)(end - p);
		}
	}
	out[n] = '\0';
	return out;
}

/* How a POST names its arguments; -1: answered. */
static int
api_body_form(struct request *r, size_t len)
{
	const struct http_text	*type = http_field(r->head, "content-type");
	struct arguments_error	 e;

	if (type != NULL && type->len >= 33 && strncasecmp(type->p,
	    "application/x-www-form-urlencoded", 33) == 0)
		return API_FORM;
	if (arguments_check_type(r->route, r->head, (int64_t)len, &e) == 0)
		return API_JSON;
	api_problem(r, &e.problem, NULL);
	return -1;
}

/* A success: what the database made, or nothing if that is preferred. */
static void
api_success(struct request *r, const struct msg_reply *m)
{
	const struct api_state	*s = r->state;
	struct http_reply	 reply;
	char			 cursor[API_MAX_CURSOR + 1];
	char			 link[API_MAX_LINK];
	int			 n;

	memset(&reply, 0, sizeof(reply));
	reply.status = m->status;
	if (m->status != 204 && m->body_len > 0) {
		reply.type = "application/json";
		reply.body = m->body;
		reply.len = m->body_len;
	}
	if (s->minimal)
		http_reply_header(&reply, "Preference-Applied",
		    "return=minimal");
	if (s->next != NULL && api_next_cursor(m->body, m->body_len,
	    cursor) == 0) {
		n = snprintf(link, sizeof(link), "<%s%ccursor=%s>; "
		    "rel=\"next\"", s->next, strchr(s->next, '?') == NULL ?
		    '?' : '&', cursor);
		/* one that is too long is left out: the body has it */
		if (n > 0 && (size_t)n < sizeof(link))
			http_reply_header(&reply, "Link", link);
	}
	request_reply(r, &reply);
}

static void
api_answered(struct request *r, const struct msg_reply *m)
{
	const struct api_state	*s = r->state;
	struct api_problem	 extra;
	struct problem		 p;

	if (m->status < 200 || m->status > 599 || m->nsecrets > 0 ||
	    (m->status >= 300 && m->status < 400)) {
		api_problem(r, &problem_internal, NULL);
		return;
	}
	if (m->status < 400) {
		api_success(r, m);
		return;
	}
	memset(&extra, 0, sizeof(extra));
	extra.data = m->body;
	extra.data_len = m->body_len;
	problem_from_reply(&p, m);
	/* the database does not know where they stood */
	if (p.parameter[0] == '/' && strcmp(p.location, "body") == 0)
		p.location = s->where;
	api_problem(r, &p, &extra);
}

/* What stands in headers; 0, or -1: answered. */
static int
api_headers(struct request *r, struct api_state *s, struct json_buf *b)
{
	const struct http_text	*key;
	char			 text[API_MAX_KEY + 1];

	s->minimal = api_prefers_minimal(http_field(r->head, "prefer"));
	if (s->minimal)
		json_member_bool(b, "minimal", 1);
	key = http_field(r->head, "idempotency-key");
	if (key == NULL || s->entry->read_only)
		return 0;
	if (api_idempotency_key(key, text) == -1) {
		api_problem(r, &api_bad_key, NULL);
		return -1;
	}
	json_member_text(b, "idempotency_key", text);
	return 0;
}

/* The CSRF token that a page's own script or form shows. */
static void
api_csrf(struct request *r, const struct api_input *in)
{
	const struct http_text	*field = http_field(r->head, "x-csrf-token");

	if (in->csrf[0] != '\0')
		/* of the same size */
		(void)strlcpy(r->csrf, in->csrf, sizeof(r->csrf));
	else if (field != NULL && field->len < sizeof(r->csrf)) {
		memcpy(r->csrf, field->p, field->len);
		r->csrf[field->len] = '\0';
	}
}

static void
api_ask(struct request *r, struct api_state *s, const struct credential *c,
    struct json_buf *call)
{
	const struct problem	*why;
	char			 operation[MSG_MAX_OPERATION + 1];
	int			 n;

	json_object_close(call);
	n = snprintf(operation, sizeof(operation), "api:%s", s->entry->name);
	if (call->failed || n < 0 || (size_t)n >= sizeof(operation)) {
		api_problem(r, &problem_internal, NULL);
		return;
	}
	if (s->entry->timeout_ms > 0)
		r->timeout_ms = (uint32_t)s->entry->timeout_ms + API_SPARE;
	r->answered = api_answered;
	r->head = NULL;
	if (broker_link_ask(r, operation, c, call->data, &why) == -1)
		api_problem(r, why, NULL);
}

/* The arguments are to be read; everything else was looked at. */
static void
api_run(struct request *r, struct api_state *s, enum api_form form,
    const struct credential *c, const char *body, size_t len)
{
	struct api_problem	 extra;
	struct api_input	 in;
	struct problem		 p;

	memset(&extra, 0, sizeof(extra));
	if (api_input_read(&in, s->entry, form, &r->head->query, body, len,
	    &p) == -1) {
		extra.errors = &in.errors;
		extra.where = in.where;
		api_problem(r, &p, &extra);
	} else if (api_headers(r, s, &in.call) == 0) {
		api_csrf(r, &in);
		s->where = in.where;
		if (form == API_QUERY && s->entry->paged)
			s->next = api_target(r->head);
		api_ask(r, s, c, &in.call);
	}
	api_input_free(&in);
}

void
api_call(struct request *r, const struct route_match *m,
    const struct credential *c, const char *body, size_t len)
{
	const struct catalogue_entry	*e = api_entry(catalogue_now(),
					    r->path);
	struct api_state		*s;
	int				 form = API_QUERY;

	(void)m;
	if (e == NULL) {
		api_problem(r, catalogue_now()->generation == 0 ?
		    &api_starting : &api_not_found, NULL);
		return;
	}
	/* what is not public is no secret: the challenge says how to get in */
	if (c->kind == CRED_NONE && e->scope != NULL) {
		api_problem(r, &api_no_token, NULL);
		return;
	}
	if (r->route->method == HTTP_GET && !e->get) {
		api_problem(r, &api_post_only, NULL);
		return;
	}
	if (r->route->method == HTTP_POST &&
	    (form = api_body_form(r, len)) == -1)
		return;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		log_warn("call");
		api_problem(r, &problem_internal, NULL);
		return;
	}
	s->catalogue = catalogue_ref(catalogue_now());
	s->entry = e;
	r->state = s;
	r->state_free = api_state_free;
	api_run(r, s, (enum api_form)form, c, body, len);
}
