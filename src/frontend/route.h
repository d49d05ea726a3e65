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
 * From a method and a path to a row of the route table.  Pure.
 */

#ifndef ROUTE_H
#define ROUTE_H

#include <sys/types.h>

#include "http_parse.h"
#include "param.h"

struct credential;
struct msg_reply;
struct request;
struct route_match;

enum route_body {
	BODY_NONE,
	BODY_OBJECT,		/* none at all counts as {} */
	BODY_ARRAY,
	BODY_FILE,		/* multipart/form-data or any bytes */
	BODY_FORM		/* application/x-www-form-urlencoded */
};

enum route_reply {
	REPLY_JSON,		/* as the database made it */
	REPLY_FILE		/* its "content" is base64 of the body */
};

/* Which credentials open it, for clear answers; the broker decides. */
#define ROUTE_ORGANIZATION	0x0001
#define ROUTE_INTEGRATION	0x0002
#define ROUTE_REFRESH		0x0004
#define ROUTE_USER		0x0008	/* and of clients: access tokens */
#define ROUTE_BEARER		(ROUTE_ORGANIZATION | ROUTE_INTEGRATION | \
				    ROUTE_REFRESH | ROUTE_USER)
#define ROUTE_SESSION		0x0010	/* cookie of one who signed in */
#define ROUTE_VISITOR		0x0020	/* cookie of one who did not */
#define ROUTE_CLIENT		0x0040	/* client authentication */
#define ROUTE_REGISTRATION	0x0080	/* Bearer of RFC 7591, 7592 */
#define ROUTE_NOBODY		0x0100	/* needs none */

/* In whose manner errors and successes are told. */
enum route_face {
	FACE_API,		/* problem objects */
	FACE_OAUTH,		/* RFC 6749 5.2 */
	FACE_PAGE,		/* for people */
	FACE_RPC		/* RFC 9457: what the application published */
};

/* Of FACE_PAGE.  "{name}" is a text of the reply, or of the path. */
struct page {
	const char	*template;	/* of a GET */
	const char	*next;		/* of a POST: where 303 leads */
	const char	*notice;	/* a word that the next page explains */
	const char	*form;		/* of a POST: the page of its form */
};

#define ROUTE_LENIENT	0x01	/* unknown parameters are ignored */
#define ROUTE_CORS	0x02	/* any origin, no credentials */
#define ROUTE_RETURN	0x04	/* 303 leads to return_to, if there is one */
#define ROUTE_KEEP	0x08	/* a form may wait until this one is done */
#define ROUTE_SIGNS_OUT	0x10	/* the cookie of the session goes */
#define ROUTE_WATCH	0x20	/* end-of-file of the client: it went away */
#define ROUTE_NO_HEAD	0x40	/* a GET that has effects */

struct route {
	enum http_method	 method;
	const char		*pattern;	/* "/v1/x/{id}", "/y/{path*}" */
	const char		*operation;	/* of the broker, or NULL */
	unsigned int		 kinds;		/* ROUTE_* */
	enum route_body		 body_kind;
	const struct param	*body;		/* of BODY_OBJECT */
	const struct param	*query;
	enum route_reply	 reply;
	void			(*local)(struct request *);	/* else */
	enum route_face		 face;
	unsigned int		 flags;
	const struct page	*page;
	const char		*variant;	/* grant_type of this row */
	/*
	 * Of a form: who has none of these fields is no page of ours, but an
	 * app that sends its request so; it goes on as the GET of the path.
	 */
	const struct param	*own;
	/* of a success, instead of what the face does; owns the answer */
	void			(*finish)(struct request *,
				    const struct msg_reply *);
	/*
	 * Of a whole request whose credential has the right form: instead of
	 * arguments and operation; owns the request, which waits until it
	 * is answered.  All but r dies when it returns.
	 */
	void			(*serve)(struct request *,
				    const struct route_match *,
				    const struct credential *,
				    const char *body, size_t len);
	/*
	 * Of the head, before anybody looks at a credential: 0, or -1:
	 * answered.  NULL: all may come.
	 */
	int			(*guard)(struct request *);
};

#define ROUTE_MAX_VARS		4
#define ROUTE_MAX_SEGMENTS	32
#define ROUTE_MAX_VALUE		1023	/* bytes of a variable, decoded */
#define ROUTE_MAX_NAME		31

/* A variable of the path: raw, not yet decoded. */
struct route_var {
	char		 name[ROUTE_MAX_NAME + 1];
	struct http_text raw;
};

struct route_list {
	const struct route	*rows;
	const size_t		*n;
};

struct route_match {
	const struct route	*route;		/* NULL: 404 or 405 */
	unsigned int		 allowed;	/* 1 << enum http_method */
	int			 cors;		/* one of them allows it */
	unsigned int		 nvars;
	struct route_var	 vars[ROUTE_MAX_VARS];
};

/*
 * The path is split before it is decoded; static segments beat variables,
 * from left to right; HEAD is answered by the row of GET.
 */
void	 route_find(const struct route_list *, enum http_method,
	    const struct http_text *path, struct route_match *);
/* "GET, HEAD, OPTIONS": for Allow.  0, or -1 if out is too small. */
int	 route_allow(unsigned int allowed, char *out, size_t size);

/*
 * Rows of one path that differ in grant_type stand together: the one of this
 * variant, from the first on; NULL if there is none.
 */
const struct route	*route_variant(const struct route *, const char *);

/* What follows is a secret: it is in no log and no record. */
#define ROUTE_SECRET	"/link/"

/* route_table.c: /v1; route_oauth.c; route_pages*.c */
extern const struct route	 route_table[];
extern const size_t		 route_table_len;
extern const struct route	 route_oauth[];
extern const size_t		 route_oauth_len;
extern const struct route	 route_pages[];
extern const size_t		 route_pages_len;
extern const struct route	 route_admin[];
extern const size_t		 route_admin_len;
extern const struct route	 route_api[];
extern const size_t		 route_api_len;
extern const struct route	 route_mcp[];
extern const size_t		 route_mcp_len;

/* All of them; ends with a NULL. */
extern const struct route_list	 route_lists[];

#endif /* ROUTE_H */
