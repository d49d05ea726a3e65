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
 * Answers to requests: what every one carries, problems, pages, files, the
 * line in the log.  Room: frontend.  No credential and no query comes into
 * the log.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "base64.h"
#include "broker_link.h"
#include "frontend.h"
#include "log.h"
#include "page.h"
#include "request.h"
#include "template.h"
#include "visit.h"

#define REPLY_MAX_LINES		20	/* of a second */
#define REPLY_MAX_PROBLEM	16384
#define REPLY_MAX_PAGE		262144
#define REPLY_MAX_NAME		255	/* bytes of a file's name */
#define REPLY_CSP							\
    "default-src 'none'; style-src 'self'; img-src 'self'; "		\
    "script-src 'self'; base-uri 'none'; form-action 'self'; "		\
    "frame-ancestors 'none'"

void
http_reply_header(struct http_reply *r, const char *name, const char *value)
{
	if (r->nheaders == HTTP_REPLY_MAX_HEADERS)
		fatalx("too many headers");
	r->headers[r->nheaders].name = name;
	r->headers[r->nheaders++].value = value;
}

static int
reply_has(const struct http_reply *r, const char *name)
{
	unsigned int	i;

	for (i = 0; i < r->nheaders; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return 1;
	return 0;
}

void
request_code(struct request *r, const char *code)
{
	/* cut where it does not fit: ours are shorter */
	(void)strlcpy(r->code, code, sizeof(r->code));
}

/*
 * Whether it is worth a line where the log is brief: what we failed, and what
 * was refused here, which no audit has.  Not what clients ask to find their
 * way: unknown paths, and how to get in.
 */
static int
reply_is_news(const struct request *r, unsigned int status)
{
	if (status >= 500)
		return 1;
	if (status < 400 || r->quiet || status == 404)
		return 0;
	return status != 401 || r->authorization ||
	    strcmp(r->code, "missing_token") != 0;
}

/* Not more lines in a second than can be read; refusals hide no failure. */
static int
reply_has_room(unsigned int status)
{
	static struct {
		unsigned long	 lines;
		time_t		 second;
		const char	*what;
	} kinds[] = { { 0, 0, "refused" }, { 0, 0, "failed" } }, *k;
	time_t	now = time(NULL);

	k = &kinds[status >= 500];
	if (now != k->second) {
		if (k->lines > REPLY_MAX_LINES)
			log_info("%lu more answers %s",
			    k->lines - REPLY_MAX_LINES, k->what);
		k->lines = 0;
		k->second = now;
	}
	return ++k->lines <= REPLY_MAX_LINES;
}

/* Brief: what is news; verbose: every request. */
static void
reply_log(const struct request *r, unsigned int status)
{
	unsigned long long	us;
	int			named;

	if (!log_getverbose() &&
	    (!reply_is_news(r, status) || !reply_has_room(status)))
		return;
	/* a code of the application's may be anything */
	named = status >= 400 && !r->quiet && r->code[0] != '\0';
	us = request_clock() - r->start;
	log_info("%s %s %u %llu.%03llums %s %s%s%s",
	    r->method[0] != '\0' ? r->method : "-",
	    r->path[0] != '\0' ? log_vis(r->path, strlen(r->path)) : "-",
	    status, us / 1000, us % 1000, r->id_text,
	    r->peer[0] != '\0' ? r->peer : "unix",
	    named ? " " : "", named ? r->code : "");
}

/* What every answer carries. */
static void
reply_common(struct request *r, struct http_reply *reply)
{
	http_reply_header(reply, "X-Request-Id", r->id_text);
	http_reply_header(reply, "X-Content-Type-Options", "nosniff");
	if (r->cors && !reply_has(reply, "Access-Control-Allow-Origin")) {
		http_reply_header(reply, "Access-Control-Allow-Origin", "*");
		http_reply_header(reply, "Access-Control-Expose-Headers",
		    "WWW-Authenticate, Link, Preference-Applied, "
		    "Retry-After, X-Request-Id");
	}
	if (!reply_has(reply, "Cache-Control")) {
		http_reply_header(reply, "Cache-Control", "no-store");
		/* RFC 6749 5.1 */
		if (r->route != NULL && r->route->face == FACE_OAUTH)
			http_reply_header(reply, "Pragma", "no-cache");
	}
	reply_log(r, reply->status);
}

void
request_reply(struct request *r, struct http_reply *reply)
{
	struct http_conn	*conn = r->conn;

	reply_common(r, reply);
	http_reply(conn, reply);
	request_free(r);
}

int
request_stream(struct request *r, struct http_reply *head)
{
	unsigned int	 n = head->nheaders;

	/* http_reply() would forget who waits, this does not */
	http_conn_wait(r->conn, r);
	r->head = NULL;
	reply_common(r, head);
	if (http_stream_begin(r->conn, head) == -1) {
		head->nheaders = n;
		return -1;
	}
	r->streaming = 1;
	return 0;
}

int
request_stream_write(struct request *r, const void *data, size_t len)
{
	return http_stream_write(r->conn, data, len);
}

void
request_stream_end(struct request *r)
{
	http_stream_end(r->conn);
	broker_link_forget(r);
}

/* An answer that has begun can only be cut short. */
void
request_failed(struct request *r, const struct problem *p)
{
	if (r->failed != NULL)
		r->failed(r, p);
	else if (r->streaming)
		request_stream_end(r);
	else
		request_problem(r, p);
}

void
request_draining(struct http_conn *conn, void *arg)
{
	struct request	*r = arg;

	(void)conn;
	if (r->draining != NULL)
		r->draining(r);
}

void
request_free(struct request *r)
{
	broker_link_cancel(r);
	if (r->state_free != NULL)
		r->state_free(r->state);
	msg_wipe_str(&r->credential_text);
	explicit_bzero(r->csrf, sizeof(r->csrf));
	visit_free(r->visit);
	free(r);
}

/* What every page tells the browser to keep to. */
static void
request_page_headers(struct request *r, struct http_reply *reply)
{
	if (!reply_has(reply, "Content-Security-Policy"))
		http_reply_header(reply, "Content-Security-Policy", REPLY_CSP);
	http_reply_header(reply, "Referrer-Policy", "no-referrer");
	http_reply_header(reply, "X-Frame-Options", "DENY");
	(void)r;
}

void
request_page_value(struct request *r, struct http_reply *reply,
    const char *name, const struct json_value *data)
{
	const struct template	*t = template_find(pages, name);
	struct json_buf		 page;

	json_buf_init(&page, REPLY_MAX_PAGE);
	if (t == NULL || data == NULL ||
	    template_render(t, data, pages, &page) == -1) {
		log_warnx("page %s cannot be made", name);
		reply->status = 500;
		reply->type = "text/plain; charset=utf-8";
		reply->body = "The server failed.\n";
		reply->len = strlen(reply->body);
	} else {
		reply->type = "text/html; charset=utf-8";
		reply->body = page.data;
		reply->len = page.len;
	}
	request_page_headers(r, reply);
	request_reply(r, reply);
	json_buf_free(&page);
}

void
request_page(struct request *r, unsigned int status, const char *name,
    struct json_buf *data)
{
	struct json_doc		*doc;
	struct http_reply	 reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = status;
	doc = data->failed ? NULL :
	    json_parse(data->data, data->len, NULL, NULL);
	request_page_value(r, &reply, name,
	    doc == NULL ? NULL : json_root(doc));
	json_free(doc);
}

void
request_see_other(struct request *r, struct http_reply *reply,
    const char *location)
{
	reply->status = 303;
	http_reply_header(reply, "Location", location);
	http_reply_header(reply, "Referrer-Policy", "no-referrer");
	request_reply(r, reply);
}

/* Paths whose callers are programs; a person gets a page elsewhere. */
static int
reply_is_for_programs(const struct request *r)
{
	static const char *const roots[] = { "/v1", "/oauth", "/api", "/mcp",
	    "/.well-known" };
	size_t	i, n;

	if (r->route != NULL)
		return r->route->face != FACE_PAGE;
	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0)
		return 1;
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		n = strlen(roots[i]);
		if (strncmp(r->path, roots[i], n) == 0 &&
		    (r->path[n] == '\0' || r->path[n] == '/'))
			return 1;
	}
	return 0;
}

/* Whether it came with a session, which may be over: that costs nothing. */
static int
reply_has_session(const struct request *r)
{
	char	value[COOKIE_VALUE + 1];
	int	found;

	if (r->visit != NULL || r->head == NULL)
		return r->visit != NULL && r->visit->had_session;
	found = cookie_get(r->head, frontend.conf.issuer, COOKIE_SESSION,
	    value) != -1;
	explicit_bzero(value, sizeof(value));
	return found;
}

static void
reply_problem_page(struct request *r, const struct problem *p)
{
	struct json_buf	data;

	json_buf_init(&data, REPLY_MAX_PROBLEM);
	json_object_open(&data);
	json_member_text(&data, "title", http_status_text(p->status));
	json_member_integer(&data, "status", p->status);
	json_member_text(&data, "code", p->code);
	json_member_text(&data, "scope", p->scope);
	json_member_bool(&data, "signed_in", reply_has_session(r));
	json_member_text(&data, "message", p->message);
	json_member_text(&data, "detail", p->detail);
	json_member_text(&data, "remediation", p->remediation);
	json_member_text(&data, "request_id", r->id_text);
	json_object_close(&data);
	request_page(r, p->status, "error", &data);
	json_buf_free(&data);
}

void
request_problem(struct request *r, const struct problem *p)
{
	struct http_reply	 reply;
	struct json_buf		 b;
	char			 challenge[1024], seconds[16];

	request_code(r, p->code);
	if (r->visit != NULL && page_problem(r, p) == 0)
		return;
	if (reply_is_for_programs(r) == 0) {
		reply_problem_page(r, p);
		return;
	}
	if (r->route != NULL ? r->route->face == FACE_RPC :
	    strncmp(r->path, "/api/", 5) == 0) {
		api_problem(r, p, NULL);
		return;
	}
	memset(&reply, 0, sizeof(reply));
	json_buf_init(&b, REPLY_MAX_PROBLEM);
	reply.status = p->status;
	if (r->route != NULL && r->route->face == FACE_OAUTH)
		problem_write_oauth(&b, p);
	else
		problem_write(&b, p, frontend.conf.issuer, r->id_text,
		    (int64_t)time(NULL));
	if (!b.failed) {
		reply.type = r->route != NULL &&
		    r->route->face == FACE_OAUTH ? "application/json" :
		    "application/problem+json";
		reply.body = b.data;
		reply.len = b.len;
	}
	if (r->route != NULL && r->route->kinds & ROUTE_CLIENT) {
		/* RFC 6749 5.2; others read the body, not a challenge */
		if (p->status == 401 && r->authorization)
			http_reply_header(&reply, "WWW-Authenticate",
			    "Basic realm=\"grantd\", charset=\"UTF-8\"");
	} else if (problem_authenticate(p, challenge, sizeof(challenge)) == 0)
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

/* A value that may stand in a header as it is. */
static int
reply_is_media_type(const char *text)
{
	return text[0] != '\0' && strlen(text) < 128 && strspn(text,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "/+.-_ ;=\"") == strlen(text);
}

/* "attachment; filename*=UTF-8''..." (RFC 6266, RFC 8187); cut if too long. */
static void
reply_disposition(char *out, size_t size, const char *name)
{
	static const char	hex[] = "0123456789ABCDEF";
	size_t			n;

	/* the room is larger than both */
	(void)strlcpy(out, "attachment", size);
	if (name == NULL || strlen(name) > REPLY_MAX_NAME)
		return;
	(void)strlcat(out, "; filename*=UTF-8''", size);
	for (n = strlen(out); *name != '\0' && n + 4 < size; name++) {
		if ((*name >= 'a' && *name <= 'z') ||
		    (*name >= 'A' && *name <= 'Z') ||
		    (*name >= '0' && *name <= '9') ||
		    strchr(".-_", *name) != NULL) {
			out[n++] = *name;
			continue;
		}
		out[n++] = '%';
		out[n++] = hex[(unsigned char)*name >> 4];
		out[n++] = hex[*name & 15];
	}
	out[n] = '\0';
}

/*
 * The file inside a reply's JSON; as JSON if there is none.  A browser
 * shall keep it, never show it: anybody can put anything there.
 */
void
request_file(struct request *r, struct http_reply *reply)
{
	static const struct json_limits	 limits = { 8 * 1024 * 1024, 8, 64,
	    32, 0 };
	const struct json_value		*file;
	const char			*content, *type;
	struct json_doc			*doc;
	char				 name[3 * REPLY_MAX_NAME + 64];
	char				*bytes = NULL;
	size_t				 size = 0;
	ssize_t				 n = -1;

	doc = json_parse(reply->body, reply->len, &limits, NULL);
	file = doc == NULL ? NULL : json_root(doc);
	content = json_get_text(file, "content");
	if (content != NULL) {
		size = strlen(content);
		if ((bytes = malloc(size + 1)) != NULL)
			n = base64_decode(bytes, size, content, size);
	}
	if (n != -1) {
		type = json_get_text(file, "content_type");
		reply->type = type != NULL && reply_is_media_type(type) ?
		    type : "application/octet-stream";
		reply->body = bytes;
		reply->len = (size_t)n;
		reply_disposition(name, sizeof(name),
		    json_get_text(file, "name"));
		http_reply_header(reply, "Content-Disposition", name);
		http_reply_header(reply, "Content-Security-Policy",
		    "default-src 'none'; sandbox");
	}
	request_reply(r, reply);
	json_free(doc);
	freezero(bytes, size);
}
