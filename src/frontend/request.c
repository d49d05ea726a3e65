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
 * One request of a client: route, credential, arguments, then the broker.
 * Room: frontend.  Whether the caller may is not known here.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "arguments.h"
#include "broker_link.h"
#include "client.h"
#include "frontend.h"
#include "log.h"
#include "oauth.h"
#include "page.h"
#include "request.h"
#include "visit.h"

static const struct problem
    not_found = PROBLEM_INIT(404, "not_found", "There is nothing here",
	"No endpoint has this path.", ""),
    no_token = PROBLEM_INIT(401, "missing_token", "A token is required", "",
	"Send the header \"Authorization: Bearer <access token>\"."),
    bad_scheme = PROBLEM_INIT(401, "missing_token",
	"The Authorization header is not of the kind Bearer", "",
	"Send the header \"Authorization: Bearer <access token>\"."),
    bad_token = PROBLEM_INIT(401, "invalid_token", "The token is not known",
	"It does not have the form of a token of this server.",
	"Check that the whole token was sent."),
    token_in_query = PROBLEM_INIT(400, "invalid_request",
	"The access token belongs into the Authorization header",
	"URLs are kept in logs and histories", ""),
    bad_form = PROBLEM_INIT(400, "invalid_request",
	"The form is malformed or repeats a parameter", "", ""),
    no_variant = PROBLEM_INIT(400, "invalid_request",
	"grant_type is required", "", ""),
    no_form = PROBLEM_INIT(400, "invalid_request",
	"The body must be application/x-www-form-urlencoded", "", ""),
    bad_variant = PROBLEM_INIT(400, "unsupported_grant_type",
	"This grant_type is not served here", "", "");

uint64_t
request_clock(void)
{
	struct timespec	ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		fatal("clock_gettime");
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* NULL, and the connection is closed, when there is no memory. */
static struct request *
request_new(struct http_conn *conn, const struct http_head *h)
{
	struct peer_addr	 peer;
	struct request		*r;
	size_t			 len = 0, open = sizeof(ROUTE_SECRET) - 1;

	if (h != NULL)
		len = h->path.len < MSG_MAX_PATH ? h->path.len : MSG_MAX_PATH;
	if (len > open && memcmp(h->path.p, ROUTE_SECRET, open) == 0)
		len = open;
	if ((r = calloc(1, sizeof(*r) + len + 1)) == NULL) {
		const struct http_reply	none = { .status = 503, .close = 1 };

		log_warn("request");
		http_reply(conn, &none);
		return NULL;
	}
	r->conn = conn;
	r->head = h;
	r->start = request_clock();
	uuid7(r->id);
	uuid_format(r->id_text, r->id);
	http_conn_peer(conn, h == NULL ? NULL :
	    http_field_last(h, "x-forwarded-for"), &peer);
	peer_format(r->peer, &peer);
	if (h != NULL) {
		memcpy(r->path, h->path.p, len);
		/* the parser allows as many as fit */
		memcpy(r->method, h->method_text.p, h->method_text.len);
		r->authorization = http_field(h, "authorization") != NULL;
	}
	return r;
}

static void
request_options(struct request *r, unsigned int allowed, int cors)
{
	struct http_reply	reply;
	char			allow[64];

	/* 64 bytes hold all of them */
	(void)route_allow(allowed, allow, sizeof(allow));
	memset(&reply, 0, sizeof(reply));
	reply.status = 204;
	http_reply_header(&reply, "Allow", allow);
	if (cors) {
		http_reply_header(&reply, "Access-Control-Allow-Origin", "*");
		http_reply_header(&reply, "Access-Control-Allow-Methods",
		    allow);
		http_reply_header(&reply, "Access-Control-Allow-Headers",
		    "Authorization, Content-Type, Accept, Idempotency-Key, "
		    "Last-Event-ID, Mcp-Method, Mcp-Name, Mcp-Session-Id, "
		    "Prefer, MCP-Protocol-Version");
		http_reply_header(&reply, "Access-Control-Max-Age", "600");
	}
	request_reply(r, &reply);
}

/*
 * The row that fits, and whether any origin may read what comes of it.  Below
 * these, clients in a browser look for what may not be there.
 */
static void
request_route(struct request *r, enum http_method method,
    const struct http_text *path, struct route_match *m)
{
	static const char *const open[] = { "/.well-known/",
	    "/mcp/.well-known/", "/oauth/" };
	size_t	i;

	route_find(route_lists, method, path, m);
	r->route = m->route;
	if (m->route != NULL)
		r->cors = (m->route->flags & ROUTE_CORS) != 0;
	else if (m->allowed != 0)
		r->cors = m->cors;
	else
		for (i = 0; i < sizeof(open) / sizeof(open[0]); i++)
			if (strncmp(r->path, open[i], strlen(open[i])) == 0)
				r->cors = 1;
}

/* No row fits: 404, 405 or the answer to OPTIONS. */
static void
request_unrouted(struct request *r, const struct route_match *m)
{
	struct problem	 p = PROBLEM_INIT(405, "method_not_allowed",
	    "The method does not fit this path", "", "");
	char		 allow[64];

	if (r->head->method == HTTP_OPTIONS &&
	    (m->allowed != 0 || strcmp(r->path, "*") == 0)) {
		request_options(r, m->allowed, m->cors);
		return;
	}
	if (m->allowed == 0) {
		request_problem(r, &not_found);
		return;
	}
	(void)route_allow(m->allowed, allow, sizeof(allow));
	p.allow = allow;
	request_problem(r, &p);
}

/* Bearer of a row that programs call.  NULL, or what is wrong. */
static const struct problem *
request_bearer(const struct request *r, struct credential *c)
{
	static const struct param	 token[] = {
		{ "access_token", PARAM_TEXT, 0, 0 },
		{ NULL, PARAM_ANY, 0, 0 }
	};

	if (r->route->face == FACE_OAUTH &&
	    client_in_query(&r->head->query, token))
		return &token_in_query;
	switch (credential_parse(c, http_field(r->head, "authorization"))) {
	case CREDENTIAL_OK:
		return NULL;
	case CREDENTIAL_MISSING:
		return r->route->kinds & ROUTE_NOBODY ? NULL : &no_token;
	case CREDENTIAL_SCHEME:
		return &bad_scheme;
	default:
		return &bad_token;
	}
}

/* Bearer of RFC 7591 3 and 7592: ours, but of no form that tells more. */
static const struct problem *
request_registration(const struct request *r, struct credential *c)
{
	const struct http_text	*field = http_field(r->head, "authorization");

	if (field == NULL)
		return r->route->kinds & ROUTE_NOBODY ? NULL : &no_token;
	if (field->len < 8 || strncasecmp(field->p, "bearer ", 7) != 0)
		return &bad_scheme;
	if (field->len - 7 > MSG_MAX_CREDENTIAL)
		return &bad_token;
	c->kind = CRED_REGISTRATION;
	c->text.p = field->p + 7;
	c->text.len = field->len - 7;
	return NULL;
}

/* Whether a cookie is what counts; where a token does, too, it goes first. */
static int
request_is_visit(const struct request *r)
{
	if ((r->route->kinds & (ROUTE_SESSION | ROUTE_VISITOR)) == 0)
		return 0;
	return (r->route->kinds & ROUTE_BEARER) == 0 ||
	    (http_field(r->head, "authorization") == NULL &&
	    http_field(r->head, "cookie") != NULL);
}

/*
 * Route and credential.  0, or -1: answered.  What is no token at all costs
 * the database nothing.
 */
static int
request_open(struct request *r, struct route_match *m, struct credential *c)
{
	const struct problem	*p = NULL;

	request_route(r, r->head->method, &r->head->path, m);
	if (m->route == NULL) {
		request_unrouted(r, m);
		return -1;
	}
	memset(c, 0, sizeof(*c));
	if (m->route->guard != NULL && m->route->guard(r) == -1)
		return -1;
	if (request_is_visit(r))
		return visit_open(r, c);
	if (m->route->kinds & ROUTE_REGISTRATION)
		p = request_registration(r, c);
	else if (m->route->kinds & ROUTE_BEARER)
		p = request_bearer(r, c);
	if (p == NULL)
		return 0;
	request_problem(r, p);
	return -1;
}

int
request_head(struct http_conn *conn, const struct http_head *h)
{
	struct arguments_error	 e;
	struct route_match	 m;
	struct credential	 c;
	struct request		*r;

	if ((r = request_new(conn, h)) == NULL)
		return -1;
	if (request_open(r, &m, &c) == -1)
		return -1;
	if (arguments_check_type(m.route, h, h->length, &e) == -1) {
		request_problem(r, &e.problem);
		return -1;
	}
	request_free(r);
	return 0;
}

/* The row of this grant_type.  0, or -1: answered. */
static int
request_variant(struct request *r, struct route_match *m, const char *body,
    size_t len)
{
	const struct route	*row;
	struct arguments_error	 e;
	char			 variant[ARGUMENTS_MAX_VARIANT + 1];

	if (m->route->variant == NULL)
		return 0;
	switch (arguments_variant(body, len, variant)) {
	case -1:
		request_problem(r, &bad_form);
		return -1;
	case 0:
		/* whoever sends JSON looks for the mistake elsewhere */
		request_problem(r, arguments_check_type(m->route, r->head,
		    (int64_t)len, &e) == -1 ? &no_form : &no_variant);
		return -1;
	}
	if ((row = route_variant(m->route, variant)) == NULL) {
		request_problem(r, &bad_variant);
		return -1;
	}
	r->route = m->route = row;
	return 0;
}

/* Everything is read: to whoever answers it. */
static void
request_run(struct request *r, struct credential *c, char *arguments,
    struct param_hidings *hidings)
{
	const struct problem	*why = NULL;

	if (r->route->kinds & ROUTE_CLIENT)
		why = client_credential(r->head, r->route->body, hidings, c);
	if (why != NULL) {
		request_problem(r, why);
		return;
	}
	if (r->route->local != NULL) {
		r->route->local(r);
		return;
	}
	if (r->visit != NULL) {
		visit_keep(r, arguments, hidings);
		if (visit_check(r) == -1)
			return;
	}
	r->head = NULL;
	http_conn_wait(r->conn, r);
	if (broker_link_send(r, c, arguments, hidings, &why) == -1) {
		http_conn_wait(r->conn, NULL);
		request_problem(r, why);
	}
}

void
request_whole(struct http_conn *conn, const struct http_head *h,
    const char *body, size_t len)
{
	struct param_hidings	 hidings;
	struct arguments_error	 e;
	struct route_match	 m;
	struct credential	 c;
	struct json_buf		 b;
	struct request		*r;

	if ((r = request_new(conn, h)) == NULL)
		return;
	if (request_open(r, &m, &c) == -1)
		return;
	if (m.route->flags & ROUTE_WATCH)
		http_conn_watch(conn);
	if (m.route->serve != NULL) {
		http_conn_wait(conn, r);
		m.route->serve(r, &m, &c, body, len);
		return;
	}
	if (request_variant(r, &m, body, len) == -1)
		return;
	if (m.route->own != NULL &&
	    arguments_check_type(m.route, h, (int64_t)len, &e) == 0 &&
	    oauth_forward(r, body, len))
		return;
	memset(&hidings, 0, sizeof(hidings));
	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	if (arguments_write(&b, &m, h, body, len, &hidings, &e) == -1) {
		if (r->visit != NULL)
			visit_keep(r, NULL, &hidings);
		if (m.route->face == FACE_OAUTH &&
		    m.route->body_kind == BODY_OBJECT)
			problem_of_metadata(&e.problem);
		request_problem(r, &e.problem);
	} else
		request_run(r, &c, b.data, &hidings);
	json_buf_free(&b);
	param_hidings_free(&hidings);
}

void
request_refused(struct http_conn *conn, const struct http_head *h,
    const struct http_refusal *why)
{
	struct problem		 p = PROBLEM_INIT(why->status, why->code,
	    why->message, why->detail, "");
	struct route_match	 m;
	struct request		*r;

	if ((r = request_new(conn, h)) == NULL)
		return;
	p.retry_after = why->status == 503;
	/* in the manner of what was asked for */
	if (h != NULL)
		request_route(r, h->method, &h->path, &m);
	request_problem(r, &p);
}

void
request_gone(struct http_conn *conn, void *arg)
{
	struct request	*r = arg;

	(void)conn;
	log_debug("%s %s - %s: the client went away", r->method,
	    log_vis(r->path, strlen(r->path)), r->id_text);
	broker_link_forget(r);
}

/* The body with its secrets in place; NULL and a line in the log if not. */
char *
request_body(const struct request *r, const struct msg_reply *m, size_t *len)
{
	char	*text;

	text = json_put_secrets(m->body == NULL ? "" : m->body, m->body_len,
	    m->secrets, m->nsecrets, len);
	if (text == NULL)
		log_warnx("%s: an answer names a secret that is not there",
		    r->route->operation);
	return text;
}

static void
request_json(struct request *r, const struct msg_reply *m)
{
	struct http_reply	 reply;
	char			*text = NULL;
	size_t			 len = 0;

	memset(&reply, 0, sizeof(reply));
	reply.status = m->status;
	reply.body = m->body;
	reply.len = m->body_len;
	if (m->nsecrets > 0) {
		if ((text = request_body(r, m, &len)) == NULL) {
			request_problem(r, &problem_internal);
			return;
		}
		reply.body = text;
		reply.len = len;
	}
	if (m->status == 204)
		reply.len = 0;
	if (reply.len > 0)
		reply.type = "application/json";
	if (r->route->reply == REPLY_FILE)
		request_file(r, &reply);
	else
		request_reply(r, &reply);
	if (text != NULL)
		freezero(text, len);
}

void
request_answer(struct request *r, const struct msg_reply *m)
{
	struct problem	 p;

	if (m->status < 200 || m->status > 599 ||
	    (m->status >= 300 && m->status < 400)) {
		request_problem(r, &problem_internal);
		return;
	}
	if (r->route->face == FACE_PAGE && (m->status < 400 ||
	    m->body_len > 0)) {
		/* an error that comes as data is a view, too */
		if (r->route->finish != NULL)
			r->route->finish(r, m);
		else
			page_answer(r, m);
		return;
	}
	if (m->status >= 400 && m->body_len == 0) {
		problem_from_reply(&p, m);
		if (r->route->kinds & ROUTE_CLIENT)
			client_refusal(&p);
		else if (r->route->face == FACE_OAUTH)
			problem_of_bearer(&p);
		request_problem(r, &p);
		return;
	}
	if (r->route->finish != NULL && m->status < 400)
		r->route->finish(r, m);
	else
		request_json(r, m);
}
