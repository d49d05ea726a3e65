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
 * The server as a whole: its limits, its clock, its end.  Every state of a
 * connection has a time after which it ends; each list is in the order of
 * time, so a tick looks at the heads only.  Room: frontend.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "http_int.h"
#include "log.h"

/* Seconds; for the others limits.idle is the bound as well. */
#define TIME_HEAD	20	/* for all of a head */
#define TIME_BODY	60	/* for all of a body */
#define TIME_WRITE	30	/* without progress */
#define TIME_LINGER	2
#define TIME_DRAIN	1	/* idle, when no more requests are wanted */

static const struct http_refusal
    slow_head = { 408, CODE_TIMEOUT, "The header took too long", "" },
    slow_body = { 408, CODE_TIMEOUT, "The body took too long", "" };

static unsigned int
http_time(const struct http_server *s, enum http_state state)
{
	static const unsigned int	times[CONN__MAX] = {
		[CONN_HEAD] = TIME_HEAD,
		[CONN_BODY] = TIME_BODY,
		[CONN_WRITE] = TIME_WRITE,
		[CONN_BEHIND] = TIME_WRITE,
		[CONN_LINGER] = TIME_LINGER,
	};

	if (state == CONN_IDLE)
		return s->draining ? TIME_DRAIN : s->limits.idle;
	if (state != CONN_LINGER && times[state] > s->limits.idle)
		return s->limits.idle;
	return times[state];
}

/* Its time is over. */
static void
http_late(struct http_conn *c)
{
	if (c->state == CONN_HEAD)
		http_conn_cut(c, &slow_head);
	else if (c->state == CONN_BODY)
		http_conn_cut(c, &slow_body);
	else
		http_conn_free(c);
}

static void
http_tick(int fd, short what, void *arg)
{
	struct http_server	*s = arg;
	struct http_conn	*c, *next;
	enum http_state		 state;
	struct timespec		 ts;

	(void)fd;
	(void)what;
	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		fatal("clock_gettime");
	s->now = ts.tv_sec;
	for (state = 0; state < CONN__MAX; state++) {
		/* who works on it has a deadline */
		if (state == CONN_BUSY || state == CONN_STREAM)
			continue;
		for (c = TAILQ_FIRST(&s->conns[state]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, entry);
			if (s->now - c->since <= http_time(s, state))
				break;
			http_late(c);
		}
	}
	if (s->paused)
		http_listen_resume(s);
}

struct http_server *
http_server_new(struct event_base *base, const struct http_limits *limits,
    const struct http_callbacks *cb)
{
	const struct timeval	 second = { 1, 0 };
	struct http_server	*s;
	enum http_state		 state;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->base = base;
	s->limits = *limits;
	s->cb = *cb;
	TAILQ_INIT(&s->listeners);
	for (state = 0; state < CONN__MAX; state++)
		TAILQ_INIT(&s->conns[state]);
	s->tick = event_new(base, -1, EV_PERSIST, http_tick, s);
	if (s->tick == NULL || event_add(s->tick, &second) == -1) {
		if (s->tick != NULL)
			event_free(s->tick);
		free(s);
		return NULL;
	}
	http_tick(-1, 0, s);
	return s;
}

unsigned int
http_server_connections(const struct http_server *s)
{
	return s->count;
}

/*
 * A connection that was used a moment ago may have its next request on the
 * way: it is told to close with the answer, or closed when none came.
 */
void
http_server_drain(struct http_server *s)
{
	if (s->draining)
		return;
	http_listen_close(s);
	s->draining = 1;
	http_stream_drain(s);
	if (s->count == 0)
		s->cb.drained(s->cb.arg);
}

void
http_server_free(struct http_server *s)
{
	struct http_conn	*c;
	enum http_state		 state;

	if (s == NULL)
		return;
	s->draining = 0;
	http_listen_close(s);
	for (state = 0; state < CONN__MAX; state++)
		while ((c = TAILQ_FIRST(&s->conns[state])) != NULL)
			http_conn_free(c);
	event_free(s->tick);
	free(s);
}
