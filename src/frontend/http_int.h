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
 * Inside of http: what http_conn.c, http_listen.c and http_write.c share.
 */

#ifndef HTTP_INT_H
#define HTTP_INT_H

#include <sys/queue.h>
#include <time.h>

#include "http.h"

enum http_state {
	CONN_IDLE,		/* between requests, nothing read */
	CONN_HEAD,		/* a part of a head is there */
	CONN_BODY,		/* a part of a body is there */
	CONN_BUSY,		/* the request is being worked on */
	CONN_WRITE,		/* the answer is not all written */
	CONN_STREAM,		/* its parts come as they come */
	CONN_BEHIND,		/* a stream whose client does not keep up */
	CONN_LINGER,		/* answered; what still comes is thrown away */
	CONN__MAX
};

TAILQ_HEAD(http_conns, http_conn);
TAILQ_HEAD(http_listeners, http_listener);

struct http_listener {
	TAILQ_ENTRY(http_listener) entry;
	struct http_server	*server;
	struct event		*event;
	int			 fd;
	unsigned int		 refs;	/* the server and connections */
	char			*name;
	struct peer_net		*proxies;
	size_t			 nproxies;
};

struct http_server {
	struct event_base	*base;
	struct http_limits	 limits;
	struct http_callbacks	 cb;
	struct event		*tick;
	time_t			 now;	/* s, monotonic, as of the last tick */
	unsigned int		 count;
	unsigned int		 streams;
	size_t			 buffered;	/* bytes, of all connections */
	size_t			 unsent;	/* bytes, of large answers */
	int			 paused;	/* accepting no connections */
	int			 draining;
	struct http_conns	 conns[CONN__MAX];	/* oldest first */
	struct http_listeners	 listeners;
};

/* What could not be written at once. */
struct http_out {
	struct event		*event;
	char			*data;
	size_t			 size;
	size_t			 sent;
	size_t			 counted;	/* in the server's unsent */
};

/* An answer in parts. */
struct http_stream {
	struct event		*event;		/* EV_WRITE, while behind */
	struct event		*later;		/* what the loop has to tell */
	char			*data;		/* sent of len are out */
	size_t			 size;
	size_t			 len;
	size_t			 sent;
	unsigned int		 chunked:1;
	unsigned int		 mute:1;	/* HEAD */
	unsigned int		 broken:1;	/* to be closed */
	unsigned int		 ended:1;	/* all of it is in data */
};

struct http_conn {
	TAILQ_ENTRY(http_conn)	 entry;
	struct http_server	*server;
	struct http_listener	*listener;
	struct event		*event;	/* EV_READ */
	struct http_out		*out;
	struct http_stream	*stream;
	struct http_chunks	*chunks;
	void			*arg;	/* of gone() */
	time_t			 since;	/* when this state began */
	int			 fd;
	enum http_state		 state;
	struct peer_addr	 peer;
	unsigned int		 eof:1;		/* it will send no more */
	unsigned int		 full:1;	/* reading paused */
	unsigned int		 close:1;	/* after this answer */
	unsigned int		 unread:1;	/* a body was not read */
	unsigned int		 is_head:1;	/* no body in the answer */
	unsigned int		 is_old:1;	/* HTTP/1.0 */
	unsigned int		 inside:1;	/* in http_conn_run() */
	unsigned int		 dead:1;	/* freed when it returns */
	unsigned int		 told:1;	/* 100 Continue was sent */
	unsigned int		 watch:1;	/* end-of-file is going away */
	char			*in;	/* what was read and not yet used */
	size_t			 in_len;
	size_t			 in_size;
	size_t			 from;	/* of http_head_end() */
	size_t			 head_len;	/* CONN_BODY */
	size_t			 body_len;	/* decoded, when chunked */
	int64_t			 length;	/* Content-Length */
};

/* Bytes that all connections together may have waiting. */
#define HTTP_BUFFERED	(128 * 1024 * 1024)

/* http_conn.c */
void	 http_conn_new(struct http_listener *, int fd,
	    const struct peer_addr *);
void	 http_conn_free(struct http_conn *);
void	 http_conn_state(struct http_conn *, enum http_state);
/* CONN_HEAD, CONN_BODY: the rest is not waited for. */
void	 http_conn_cut(struct http_conn *, const struct http_refusal *);
/* The answer is out: what comes next? */
void	 http_conn_answered(struct http_conn *);

/* http_listen.c */
void	 http_listener_unref(struct http_listener *);
void	 http_listen_pause(struct http_server *);
void	 http_listen_resume(struct http_server *);
void	 http_listen_close(struct http_server *);

/* http_write.c */
/*
 * Bytes of an answer's head: the longest address to go on to, three cookies
 * and what every page says.
 */
#define HTTP_MAX_REPLY_HEAD	32768
/* The head of an answer; length: its field that says where it ends.  0/-1 */
int	 http_make_head(const struct http_conn *, const struct http_reply *,
	    const char *length, const char *value,
	    char out[HTTP_MAX_REPLY_HEAD], size_t *len);
void	 http_out_free(struct http_conn *);

/* http_stream.c */
void	 http_stream_free(struct http_conn *);
/* Has the callback draining() called for all that are open. */
void	 http_stream_drain(struct http_server *);

#endif /* HTTP_INT_H */
