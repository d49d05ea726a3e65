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
 * HTTP/1.1 on libevent: connections, their limits and their time.  What a
 * request means is not known here: three callbacks know it.
 */

#ifndef HTTP_H
#define HTTP_H

#include <sys/types.h>
#include <event2/event.h>

#include "http_parse.h"
#include "peer.h"

struct http_conn;
struct http_server;

struct http_limits {
	size_t		 header_max;	/* bytes of a head */
	size_t		 body_max;	/* bytes of a body */
	unsigned int	 idle;		/* s without a request */
	unsigned int	 connections;
	unsigned int	 streams;	/* open at the same time */
};

struct http_callbacks {
	/*
	 * A head whose body is not all there: 0 to read it, or -1 after
	 * http_reply(), which closes the connection.
	 */
	int	(*head)(struct http_conn *, const struct http_head *);
	/*
	 * A whole request.  All pointers die when it returns; the answer may
	 * come later.
	 */
	void	(*request)(struct http_conn *, const struct http_head *,
		    const char *body, size_t len);
	/* It breaks HTTP or a limit; h may be NULL: http_reply(). */
	void	(*refused)(struct http_conn *, const struct http_head *h,
		    const struct http_refusal *);
	/* The client of an open request went away; arg of http_conn_wait(). */
	void	(*gone)(struct http_conn *, void *arg);
	/*
	 * The server drains and this stream is open: it should end soon.
	 * From the loop, never inside http_server_drain() or
	 * http_stream_begin(); arg of http_conn_wait(); may be NULL.
	 */
	void	(*draining)(struct http_conn *, void *arg);
	/* After http_server_drain(): the last connection is closed. */
	void	(*drained)(void *arg);
	void	*arg;
};

struct http_header {
	const char	*name;
	const char	*value;
};

#define HTTP_REPLY_MAX_HEADERS	20
struct http_reply {
	unsigned int	 status;
	const char	*type;		/* Content-Type; NULL if no body */
	struct http_header headers[HTTP_REPLY_MAX_HEADERS];
	unsigned int	 nheaders;
	const char	*body;
	size_t		 len;
	int		 close;		/* and close the connection */
};

/* Limits and callbacks are copied; NULL without memory. */
struct http_server *http_server_new(struct event_base *,
		    const struct http_limits *, const struct http_callbacks *);
/*
 * Serves a listening socket, which it owns from now on; one of the same name
 * is replaced.  proxies is copied.  0 or -1.
 */
int		 http_server_listen(struct http_server *, int fd,
		    const char *name, const struct peer_net *proxies,
		    size_t nproxies);
/* No new connections; the open requests are finished, then drained(). */
void		 http_server_drain(struct http_server *);
void		 http_server_free(struct http_server *);
unsigned int	 http_server_connections(const struct http_server *);

/*
 * Answers the open request of this connection, exactly once; body and
 * headers are copied as far as needed.
 */
void		 http_reply(struct http_conn *, const struct http_reply *);
/*
 * An answer in parts: begin, any number of writes, end.  Chunks for
 * HTTP/1.1, bytes until close for 1.0; for HEAD what is written goes
 * nowhere.  gone(), if http_conn_wait() gave it something to say, comes from
 * the loop alone, never out of these.
 *
 * begin: 0, or -1: too many streams or no memory, nothing was sent and the
 * request is still to be answered by http_reply().  Body, length and close
 * of the reply count for nothing.
 */
int		 http_stream_begin(struct http_conn *,
		    const struct http_reply *head);
/*
 * Copies what the socket does not take.  0, or -1: the client does not read
 * (HTTP_STREAM_BUFFER bytes wait for it) or is gone; the connection will be
 * closed, and gone() follows unless http_stream_end() comes first.
 */
#define HTTP_STREAM_BUFFER	(256 * 1024)
int		 http_stream_write(struct http_conn *, const void *, size_t);
/* The answer is whole: as after http_reply(). */
void		 http_stream_end(struct http_conn *);
/*
 * The client of the open request counts as gone when it sends end-of-file,
 * too, until the answer is there.
 */
void		 http_conn_watch(struct http_conn *);

/* The answer comes later; arg is for gone(), NULL takes it back. */
void		 http_conn_wait(struct http_conn *, void *arg);
/* Address of the client; forwarded: X-Forwarded-For or NULL. */
void		 http_conn_peer(const struct http_conn *,
		    const struct http_text *forwarded, struct peer_addr *);

const char	*http_status_text(unsigned int status);

#endif /* HTTP_H */
