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
 * Answers in parts.  A client that does not read is let go when it is
 * HTTP_STREAM_BUFFER bytes behind or has taken nothing for a while; what it
 * holds counts into what all connections together may hold.  Room: frontend.
 *
 * Whoever writes is never called back out of a write: trouble is told by the
 * loop.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_int.h"
#include "log.h"

#define STREAM_GROW	4096
#define STREAM_PARTS	3		/* size, bytes, end of a chunk */

static void
stream_later(struct http_conn *c)
{
	event_active(c->stream->later, EV_TIMEOUT, 0);
}

static void
stream_break(struct http_conn *c)
{
	c->stream->broken = 1;
	stream_later(c);
}

/* Out of the loop: what could not be said at once. */
static void
stream_told(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn	*c = arg;
	struct http_server	*s = c->server;

	(void)fd;
	(void)what;
	if (c->stream->broken)
		http_conn_free(c);
	else if (s->draining && !c->stream->ended && c->arg != NULL &&
	    s->cb.draining != NULL)
		s->cb.draining(c, c->arg);
}

void
http_stream_free(struct http_conn *c)
{
	struct http_stream	*st = c->stream;

	if (st == NULL)
		return;
	if (st->event != NULL)
		event_free(st->event);
	if (st->later != NULL)
		event_free(st->later);
	freezero(st->data, st->size);
	c->server->buffered -= st->size;
	c->server->streams--;
	free(st);
	c->stream = NULL;
}

void
http_stream_drain(struct http_server *s)
{
	struct http_conn	*c;

	TAILQ_FOREACH(c, &s->conns[CONN_STREAM], entry)
		stream_later(c);
	TAILQ_FOREACH(c, &s->conns[CONN_BEHIND], entry)
		stream_later(c);
}

/* Everything is out and nothing more will come. */
static void
stream_done(struct http_conn *c)
{
	http_stream_free(c);
	http_conn_answered(c);
}

static void
stream_writable(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn	*c = arg;
	struct http_stream	*st = c->stream;
	ssize_t			 n;

	(void)what;
	n = send(fd, st->data + st->sent, st->len - st->sent, MSG_NOSIGNAL);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			http_conn_free(c);
		return;
	}
	st->sent += (size_t)n;
	if (st->sent < st->len) {
		http_conn_state(c, CONN_BEHIND);	/* it moves */
		return;
	}
	(void)event_del(st->event);
	freezero(st->data, st->size);
	c->server->buffered -= st->size;
	st->data = NULL;
	st->size = st->len = st->sent = 0;
	if (st->ended)
		stream_done(c);
	else
		http_conn_state(c, CONN_STREAM);
}

/* Room for so much more behind what waits; 0 or -1. */
static int
stream_grow(struct http_conn *c, size_t more)
{
	struct http_stream	*st = c->stream;
	size_t			 size = st->size;
	char			*p;

	if (st->sent > 0) {
		memmove(st->data, st->data + st->sent, st->len - st->sent);
		st->len -= st->sent;
		st->sent = 0;
	}
	if (more <= size - st->len)
		return 0;
	while (size - st->len < more)
		size = size == 0 ? STREAM_GROW : size * 2;
	if (c->server->buffered + size - st->size > HTTP_BUFFERED ||
	    (p = recallocarray(st->data, st->size, size, 1)) == NULL)
		return -1;
	c->server->buffered += size - st->size;
	st->data = p;
	st->size = size;
	return 0;
}

/* What the socket did not take waits, from byte `sent` on; 0 or -1. */
static int
stream_keep(struct http_conn *c, const struct iovec *iov, size_t n,
    size_t sent)
{
	struct http_stream	*st = c->stream;
	size_t			 i, from, total = 0;

	for (i = 0; i < n; i++)
		total += iov[i].iov_len;
	if (sent == total)
		return 0;
	if (stream_grow(c, total - sent) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		from = sent < iov[i].iov_len ? sent : iov[i].iov_len;
		sent -= from;
		memcpy(st->data + st->len, (char *)iov[i].iov_base + from,
		    iov[i].iov_len - from);
		st->len += iov[i].iov_len - from;
	}
	if (c->state == CONN_BEHIND)
		return 0;
	http_conn_state(c, CONN_BEHIND);
	return event_add(st->event, NULL);
}

/* 0, or -1: it will be closed. */
static int
stream_put(struct http_conn *c, struct iovec *iov, size_t n)
{
	struct http_stream	*st = c->stream;
	struct msghdr		 msg;
	ssize_t			 sent = 0;

	if (st->broken)
		return -1;
	if (st->len == 0) {
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = iov;
		msg.msg_iovlen = n;
		sent = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	}
	if (sent == -1 && (errno == EAGAIN || errno == EINTR))
		sent = 0;
	if (sent == -1 || stream_keep(c, iov, n, (size_t)sent) == -1) {
		stream_break(c);
		return -1;
	}
	return 0;
}

/* NULL: no memory, or too many are open. */
static struct http_stream *
stream_new(struct http_conn *c)
{
	struct http_server	*s = c->server;
	struct http_stream	*st;

	if (s->streams >= s->limits.streams ||
	    (st = calloc(1, sizeof(*st))) == NULL)
		return NULL;
	c->stream = st;
	s->streams++;
	st->event = event_new(s->base, c->fd, EV_WRITE | EV_PERSIST,
	    stream_writable, c);
	st->later = event_new(s->base, -1, 0, stream_told, c);
	if (st->event == NULL || st->later == NULL) {
		http_stream_free(c);
		return NULL;
	}
	return st;
}

int
http_stream_begin(struct http_conn *c, const struct http_reply *r)
{
	char			 head[HTTP_MAX_REPLY_HEAD];
	struct http_stream	*st;
	struct iovec		 iov;
	int			 close = c->close;
	size_t			 len;

	if ((st = stream_new(c)) == NULL)
		return -1;
	st->mute = c->is_head;
	st->chunked = !c->is_old;
	if (c->is_old || c->server->draining)
		c->close = 1;
	if (http_make_head(c, r, st->chunked ? "Transfer-Encoding" : NULL,
	    "chunked", head, &len) == -1) {
		log_warnx("an answer's head does not fit");
		http_stream_free(c);
		c->close = close;
		return -1;
	}
	http_conn_state(c, CONN_STREAM);
	iov.iov_base = head;
	iov.iov_len = len;
	(void)stream_put(c, &iov, 1);	/* if not, gone() will tell */
	explicit_bzero(head, len);
	/* an end-of-file that came before would not be seen again */
	if (c->eof)
		stream_break(c);
	else if (c->server->draining)
		stream_later(c);
	return 0;
}

int
http_stream_write(struct http_conn *c, const void *data, size_t len)
{
	struct http_stream	*st = c->stream;
	struct iovec		 iov[STREAM_PARTS];
	char			 size[24];
	int			 n;

	if (st->broken)
		return -1;
	if (st->len - st->sent > HTTP_STREAM_BUFFER) {
		log_debug("a client reads too slowly");
		stream_break(c);
		return -1;
	}
	/* an empty chunk would be the last */
	if (st->mute || len == 0)
		return 0;
	/* sendmsg has no const, and does not write there */
	iov[1].iov_base = (void *)(uintptr_t)data;
	iov[1].iov_len = len;
	if (!st->chunked)
		return stream_put(c, iov + 1, 1);
	/* 24 bytes hold every size */
	n = snprintf(size, sizeof(size), "%zx\r\n", len);
	iov[0].iov_base = size;
	iov[0].iov_len = (size_t)n;
	iov[2].iov_base = (void *)(uintptr_t)"\r\n";
	iov[2].iov_len = 2;
	return stream_put(c, iov, STREAM_PARTS);
}

void
http_stream_end(struct http_conn *c)
{
	struct http_stream	*st = c->stream;
	struct iovec		 iov;

	c->arg = NULL;
	iov.iov_base = (void *)(uintptr_t)"0\r\n\r\n";
	iov.iov_len = 5;
	if (st->chunked && !st->mute && stream_put(c, &iov, 1) == -1)
		return;		/* the loop will close it */
	if (st->broken)
		return;
	st->ended = 1;
	if (st->len == 0)
		stream_done(c);
}
