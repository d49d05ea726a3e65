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
 * One request of a client, from its head to its answer.
 */

#ifndef REQUEST_H
#define REQUEST_H

#include <sys/queue.h>
#include <stdint.h>

#include "codec.h"
#include "cookie.h"
#include "credential.h"
#include "http.h"
#include "json_write.h"
#include "msg_broker.h"
#include "problem.h"
#include "route.h"

/* What a page needs again when the answer is there. */
struct visit {
	char			*target;	/* path and query, as it came */
	char			*arguments;	/* JSON, without secrets */
	char			*return_to;	/* own path, or NULL */
	char			*once;		/* JSON, or NULL */
	char			*cookie;	/* its value */
	int			 had_session;
	int			 nobody;	/* and the row wants somebody */
	int			 new_visitor;	/* cookie is to be set */
	int			 ended;		/* signed out meanwhile */
};

/*
 * What comes back from the broker is told to these; each may answer, and so
 * end the request, unless it says otherwise.
 */
struct request {
	TAILQ_ENTRY(request)	 entry;		/* broker_link.c */
	uint32_t		 slot;
	int			 waiting;	/* for the broker */
	uint64_t		 late;		/* us: it has waited too long */
	uint32_t		 timeout_ms;	/* of what is asked; 0: usual */
	/* The answer came; default request_answer(). */
	void			(*answered)(struct request *,
				    const struct msg_reply *);
	/* None will: link, time; default request_problem(). */
	void			(*failed)(struct request *,
				    const struct problem *);
	/*
	 * What runs says something, enum event_kind and a JSON object; not
	 * NULL: it is asked to.  Does not end the request.
	 */
	void			(*told)(struct request *, uint8_t kind,
				    const char *json);
	/* The server drains and a stream is open; default: nothing. */
	void			(*draining)(struct request *);
	void			*state;		/* of whoever serves it */
	void			(*state_free)(void *);
	struct credential	 credential;	/* of broker_link_ask() */
	char			*credential_text;
	char			 csrf[MSG_MAX_CSRF + 1]; /* beside a cookie */
	int			 streaming;
	int			 goes_on;	/* nobody waits: it is done */
	struct http_conn	*conn;
	const struct http_head	*head;		/* NULL once it waits */
	const struct route	*route;		/* NULL if none fits */
	int			 cors;		/* any origin may read it */
	uint64_t		 start;		/* us, monotonic */
	uint8_t			 id[UUID_LEN];
	char			 id_text[UUID_STRLEN + 1];
	struct visit		*visit;		/* of FACE_PAGE */
	int			 authorization;	/* it has that header */
	/* A 4xx is no news: the broker's, or what a protocol expects. */
	int			 quiet;
	char			 code[32];	/* of the error, for the log */
	char			 peer[PEER_STRLEN + 1];
	char			 method[MSG_MAX_METHOD + 1];
	char			 path[];	/* raw, no query, cut */
};

/* http_callbacks */
int	 request_head(struct http_conn *, const struct http_head *);
void	 request_whole(struct http_conn *, const struct http_head *,
	    const char *body, size_t len);
void	 request_refused(struct http_conn *, const struct http_head *,
	    const struct http_refusal *);
void	 request_gone(struct http_conn *, void *);
void	 request_draining(struct http_conn *, void *);

/*
 * An answer in parts; head has the status, type and headers.  0, or -1: too
 * many streams, r is still to be answered.  After it, only these two:
 * write returns 0 or -1 (the client is gone: r will be freed, from the
 * loop), end frees r.
 */
int	 request_stream(struct request *, struct http_reply *head);
int	 request_stream_write(struct request *, const void *, size_t);
void	 request_stream_end(struct request *);
/* r->failed(), or what stands for it. */
void	 request_failed(struct request *, const struct problem *);

/*
 * Answers; r is freed.  request_reply() adds the id and what every answer
 * carries.
 */
void	 request_reply(struct request *, struct http_reply *);
void	 request_problem(struct request *, const struct problem *);
/* What the line in the log will name; request_problem() does. */
void	 request_code(struct request *, const char *code);
/* A page from a template. */
void	 request_page(struct request *, unsigned int status,
	    const char *template, struct json_buf *data);
/* The same from an object that is there: page.c. */
void	 request_page_value(struct request *, struct http_reply *,
	    const char *template, const struct json_value *data);
/* 303 See Other. */
void	 request_see_other(struct request *, struct http_reply *,
	    const char *location);
void	 request_free(struct request *);
/* The file inside the JSON of a reply, instead of the JSON. */
void	 request_file(struct request *, struct http_reply *);
/* What the broker said. */
void	 request_answer(struct request *, const struct msg_reply *);

/* The body of a reply with its secrets in place, to be freezero'ed. */
char	*request_body(const struct request *, const struct msg_reply *,
	    size_t *len);
void	 http_reply_header(struct http_reply *, const char *name,
	    const char *value);
uint64_t request_clock(void);	/* us, monotonic */

#endif /* REQUEST_H */
