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
 * One connection: reads, finds the requests in what it read, hands them on
 * one after the other.  An idle one has no buffer.  Room: frontend.  Knows
 * nothing of routes; never reads while a buffer is full.
 *
 * A client that sends end-of-file still gets its answer (half-closed), and an
 * error if its request was not whole; one that resets is gone at once, and so
 * is one that is watched or reads a stream and sends end-of-file.
 */

#include "config.h"

#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "code.h"
#include "http_int.h"
#include "log.h"

#define CONN_READ	65536	/* bytes of one read */
#define CONN_GROW	4096
#define CONN_CHUNKS	65536	/* of chunk lines, beside the body */

/*
 * Where every read lands.  What is left of it when all whole requests are
 * taken out moves to the connection's own buffer.
 */
static char	conn_buffer[CONN_READ];

static const struct http_refusal
    long_head = { 431, "header_too_large", "The header is too large", "" },
    long_body = { 413, "body_too_large", "The body is too large", "" },
    crowded = { 503, CODE_BUSY, "Too many bodies are being received", "" },
    bad_chunks = { 400, "bad_request", "Malformed chunked body", "" },
    cut_off = { 400, "incomplete_request", "The request is not complete",
	"its sender closed the connection in the middle of it" },
    not_http = { 400, "bad_request", "This is not HTTP",
	"is it TLS? grantd speaks plain HTTP behind a proxy" };

static void	http_conn_readable(evutil_socket_t, short, void *);
static void	http_conn_run(struct http_conn *, char *, size_t);

void
http_conn_new(struct http_listener *l, int fd, const struct peer_addr *peer)
{
	struct http_server	*s = l->server;
	struct http_conn	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->event = event_new(s->base, fd, EV_READ | EV_PERSIST,
	    http_conn_readable, c)) == NULL ||
	    event_add(c->event, NULL) == -1) {
		log_warn("connection");
		if (c != NULL && c->event != NULL)
			event_free(c->event);
		free(c);
		close(fd);
		return;
	}
	c->server = s;
	c->listener = l;
	l->refs++;
	c->fd = fd;
	c->peer = *peer;
	c->state = CONN_IDLE;
	c->since = s->now;
	TAILQ_INSERT_TAIL(&s->conns[CONN_IDLE], c, entry);
	s->count++;
}

/* The only place where a connection moves between the lists. */
void
http_conn_state(struct http_conn *c, enum http_state state)
{
	TAILQ_REMOVE(&c->server->conns[c->state], c, entry);
	c->state = state;
	c->since = c->server->now;
	TAILQ_INSERT_TAIL(&c->server->conns[state], c, entry);
}

static void
http_conn_drop(struct http_conn *c)
{
	freezero(c->in, c->in_size);
	c->server->buffered -= c->in_size;
	c->in = NULL;
	c->in_size = c->in_len = 0;
}

void
http_conn_free(struct http_conn *c)
{
	struct http_server	*s = c->server;

	if (c->inside) {
		c->dead = 1;
		return;
	}
	if (c->arg != NULL)
		s->cb.gone(c, c->arg);
	TAILQ_REMOVE(&s->conns[c->state], c, entry);
	event_free(c->event);
	http_out_free(c);
	http_stream_free(c);
	free(c->chunks);
	http_conn_drop(c);
	close(c->fd);
	http_listener_unref(c->listener);
	free(c);
	s->count--;
	if (s->draining && s->count == 0)
		s->cb.drained(s->cb.arg);
	else if (s->paused)
		http_listen_resume(s);
}

void
http_conn_wait(struct http_conn *c, void *arg)
{
	c->arg = arg;
}

void
http_conn_watch(struct http_conn *c)
{
	c->watch = 1;
}

/* Whether an answer is owed to one who sends no more. */
static int
http_conn_owes(const struct http_conn *c)
{
	return (c->state == CONN_BUSY && !c->watch) ||
	    c->state == CONN_WRITE || (c->stream != NULL && c->stream->ended);
}

void
http_conn_peer(const struct http_conn *c, const struct http_text *forwarded,
    struct peer_addr *out)
{
	if (forwarded == NULL)
		*out = c->peer;
	else
		peer_forwarded(out, &c->peer, forwarded->p, forwarded->len,
		    c->listener->proxies, c->listener->nproxies);
}

/* Most that the buffer may hold in this state. */
static size_t
http_conn_room(const struct http_conn *c)
{
	const struct http_limits	*l = &c->server->limits;

	if (c->state != CONN_BODY)
		return l->header_max + CONN_GROW;
	if (c->chunks != NULL)
		return c->head_len + l->body_max + CONN_CHUNKS;
	return c->head_len + (size_t)c->length;
}

/* Room for what comes next; 0 or -1. */
static int
http_conn_grow(struct http_conn *c, size_t need)
{
	size_t	 size = c->in_size;
	char	*p;

	if (need <= size)
		return 0;
	if (size == 0)
		size = CONN_GROW;
	while (size < need)
		size *= 2;
	if (c->server->buffered + size - c->in_size > HTTP_BUFFERED)
		return -1;
	if ((p = recallocarray(c->in, c->in_size, size, 1)) == NULL) {
		log_warn("connection buffer");
		return -1;
	}
	c->server->buffered += size - c->in_size;
	c->in = p;
	c->in_size = size;
	return 0;
}

/* Keeps the last len bytes at p, which may lie in the buffer itself. */
static int
http_conn_keep(struct http_conn *c, const char *p, size_t len)
{
	if (len == 0) {
		http_conn_drop(c);
		return 0;
	}
	if (c->in == NULL || p < c->in || p >= c->in + c->in_size) {
		if (http_conn_grow(c, len) == -1)
			return -1;
	}
	/* in has room wherever in_len is not 0 */
	memmove(c->in, p, len);		/* NOLINT(*.NonNullParamChecker) */
	c->in_len = len;
	return 0;
}

static void
http_conn_pause(struct http_conn *c)
{
	if (!c->full && !c->eof)
		(void)event_del(c->event);	/* of a valid event: never -1 */
	c->full = 1;
}

static void
http_conn_unpause(struct http_conn *c)
{
	if (!c->full)
		return;
	c->full = 0;
	/* if not, it reads no more until its time is over */
	if (!c->eof && event_add(c->event, NULL) == -1)
		log_warn("event_add");
}

static void
http_conn_refuse(struct http_conn *c, const struct http_head *h,
    const struct http_refusal *why)
{
	c->close = 1;
	c->unread = 1;
	c->is_head = h != NULL && h->method == HTTP_HEAD;
	http_conn_state(c, CONN_BUSY);
	c->server->cb.refused(c, h, why);
}

/* What is asked for by the request at p, as far as it came; or NULL. */
static const struct http_head *
http_conn_asked(const struct http_conn *c, const char *p, size_t len)
{
	static struct http_head		 h;	/* as in http_conn_one() */
	const struct http_refusal	*why;

	if (c->state == CONN_BODY)
		len = c->head_len;
	(void)http_head_parse(p, len, &h, &why);
	/* who speaks for whom is in the last of the fields */
	if (c->state != CONN_BODY)
		h.nfields = 0;
	return h.path.len > 0 ? &h : NULL;
}

void
http_conn_cut(struct http_conn *c, const struct http_refusal *why)
{
	http_conn_refuse(c, http_conn_asked(c, c->in, c->in_len), why);
}

/* It will send no more: of what is not whole it is told so. */
static void
http_conn_ended(struct http_conn *c)
{
	if (c->state == CONN_HEAD || c->state == CONN_BODY)
		http_conn_cut(c, &cut_off);
	else if (!http_conn_owes(c))
		http_conn_free(c);
}

/* No memory for what it sends. */
static void
http_conn_crowded(struct http_conn *c)
{
	if (c->state == CONN_BODY)
		http_conn_cut(c, &crowded);
	else
		http_conn_free(c);
}

static void
http_conn_readable(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn	*c = arg;
	char			*p = conn_buffer;
	size_t			 max = sizeof(conn_buffer), room;
	ssize_t			 n;

	(void)what;
	if (c->in_len > 0) {
		room = http_conn_room(c);
		if (c->in_len >= room) {
			http_conn_pause(c);
			return;
		}
		if (room - c->in_len < max)
			max = room - c->in_len;
		if (http_conn_grow(c, c->in_len + (max < CONN_GROW ? max :
		    CONN_GROW)) == -1) {
			http_conn_crowded(c);
			return;
		}
		p = c->in + c->in_len;
		if (max > c->in_size - c->in_len)
			max = c->in_size - c->in_len;
	}
	n = recv(fd, p, max, 0);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			http_conn_free(c);
		return;
	}
	if (n == 0) {
		c->eof = 1;
		(void)event_del(c->event);
		http_conn_ended(c);
		return;
	}
	if (c->state == CONN_LINGER)
		return;
	if (p == conn_buffer) {
		http_conn_run(c, p, (size_t)n);
		explicit_bzero(conn_buffer, (size_t)n);
	} else {
		c->in_len += (size_t)n;
		http_conn_run(c, c->in, c->in_len);
	}
}

/* A request is whole: everything about the connection is set before. */
static void
http_conn_dispatch(struct http_conn *c, const struct http_head *h,
    const char *body, size_t len)
{
	c->is_head = h->method == HTTP_HEAD;
	c->is_old = h->minor == 0;
	c->close = !h->keepalive || c->server->draining;
	c->unread = 0;
	c->told = 0;
	c->watch = 0;
	c->from = 0;
	free(c->chunks);
	c->chunks = NULL;
	http_conn_state(c, CONN_BUSY);
	c->server->cb.request(c, h, body, len);
}

/*
 * The body, behind head_len bytes of head.  How many bytes of the buffer
 * are used up; 0 if more must come.  *len shrinks when chunks are decoded.
 */
static size_t
http_conn_body(struct http_conn *c, const struct http_head *h, char *p,
    size_t *len)
{
	size_t	at, used, made;
	int	ret;

	if (c->chunks == NULL) {
		at = c->head_len + (size_t)c->length;
		if (*len < at)
			return 0;
		http_conn_dispatch(c, h, p + c->head_len, (size_t)c->length);
		return at;
	}
	at = c->head_len + c->body_len;
	ret = http_chunks_decode(c->chunks, p + at, *len - at, p + at,
	    c->server->limits.body_max, &used, &made);
	c->body_len += made;
	if (ret < 0) {
		http_conn_refuse(c, h, ret == -2 ? &long_body : &bad_chunks);
		return *len;
	}
	if (ret == 0) {
		*len = c->head_len + c->body_len;
		return 0;
	}
	http_conn_dispatch(c, h, p + c->head_len, c->body_len);
	return at + used;
}

/* A head that is whole for the first time.  0, or -1: refused. */
static int
http_conn_head(struct http_conn *c, const struct http_head *h, size_t head_len,
    size_t len)
{
	static const char	go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	c->head_len = head_len;
	c->body_len = 0;
	c->length = h->length > 0 ? h->length : 0;
	if ((uint64_t)c->length > c->server->limits.body_max) {
		http_conn_refuse(c, h, &long_body);
		return -1;
	}
	if (h->chunked &&
	    (c->chunks = calloc(1, sizeof(*c->chunks))) == NULL) {
		log_warn("chunks");
		http_conn_free(c);
		return -1;
	}
	/* all there: the request decides about it in one go */
	if (!h->chunked && len >= head_len + (size_t)c->length)
		return 0;
	http_conn_state(c, CONN_BODY);
	c->close = 1;
	c->unread = 1;
	c->is_head = h->method == HTTP_HEAD;
	if (c->server->cb.head(c, h) == -1)
		return -1;
	c->unread = 0;
	if (h->expect && len == head_len && !c->told) {
		c->told = 1;
		if (send(c->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL) !=
		    sizeof(go_on) - 1) {
			http_conn_free(c);
			return -1;
		}
	}
	return 0;
}

/* One request from the front of the buffer; as http_conn_body(). */
static size_t
http_conn_one(struct http_conn *c, char *p, size_t *len)
{
	static struct http_head		 h;	/* large, and never nested */
	const struct http_refusal	*why;
	size_t				 n;

	if (c->state == CONN_BODY) {
		if (c->chunks == NULL &&
		    *len < c->head_len + (size_t)c->length)
			return 0;
		/* it was parsed before, so it parses again */
		if (http_head_parse(p, c->head_len, &h, &why) == -1)
			fatalx("a head changed");
		return http_conn_body(c, &h, p, len);
	}
	if (c->state == CONN_IDLE && (p[0] == '\r' || p[0] == '\n'))
		return 1;	/* RFC 9112 2.2: skipped before a request */
	if (c->state == CONN_IDLE && (p[0] < 'A' || p[0] > 'Z')) {
		http_conn_refuse(c, NULL, &not_http);
		return *len;
	}
	n = http_head_end(p, *len, &c->from);
	if (n == 0 ? *len > c->server->limits.header_max :
	    n > c->server->limits.header_max) {
		http_conn_refuse(c, http_conn_asked(c, p, *len), &long_head);
		return *len;
	}
	if (n == 0) {
		if (c->state == CONN_IDLE)
			http_conn_state(c, CONN_HEAD);
		return 0;
	}
	if (http_head_parse(p, n, &h, &why) == -1) {
		http_conn_refuse(c, h.path.len > 0 ? &h : NULL, why);
		return *len;
	}
	if (http_conn_head(c, &h, n, *len) == -1)
		return *len;
	return http_conn_body(c, &h, p, len);
}

/* All whole requests, as long as they are answered at once. */
static void
http_conn_run(struct http_conn *c, char *p, size_t len)
{
	size_t	used;

	c->inside = 1;
	while (len > 0 && !c->dead && (c->state == CONN_IDLE ||
	    c->state == CONN_HEAD || c->state == CONN_BODY)) {
		if ((used = http_conn_one(c, p, &len)) == 0)
			break;
		p += used;
		len -= used;
	}
	c->inside = 0;
	if (c->dead || c->state == CONN_LINGER)
		len = 0;
	if (!c->dead && http_conn_keep(c, p, len) == -1)
		c->dead = 1;
	if (c->dead)
		http_conn_free(c);
	else if (c->eof)
		http_conn_ended(c);
}

/* Closing at once would reset what the client has not read yet. */
static void
http_conn_linger(struct http_conn *c)
{
	if (c->eof || !c->unread || shutdown(c->fd, SHUT_WR) == -1) {
		http_conn_free(c);
		return;
	}
	http_conn_state(c, CONN_LINGER);
	if (!c->inside)
		http_conn_drop(c);
	http_conn_unpause(c);
}

void
http_conn_answered(struct http_conn *c)
{
	c->arg = NULL;
	if (c->close || c->server->draining) {
		http_conn_linger(c);
		return;
	}
	http_conn_state(c, CONN_IDLE);
	if (c->inside)
		return;		/* http_conn_run() goes on */
	if (c->full)
		http_conn_unpause(c);
	if (c->in_len > 0)
		http_conn_run(c, c->in, c->in_len);
	else if (c->eof)
		http_conn_free(c);
}
