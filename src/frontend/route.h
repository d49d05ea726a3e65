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

struct request;

enum route_body {
	BODY_NONE,
	BODY_OBJECT,		/* none at all counts as {} */
	BODY_ARRAY,
	BODY_FILE		/* multipart/form-data or any bytes */
};

enum route_reply {
	REPLY_JSON,		/* as the database made it */
	REPLY_FILE		/* its "content" is base64 of the body */
};

/* Which credentials open it, for clear answers; the broker decides. */
#define ROUTE_ORGANIZATION	0x01
#define ROUTE_INTEGRATION	0x02
#define ROUTE_REFRESH		0x04

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

struct route_match {
	const struct route	*route;		/* NULL: 404 or 405 */
	unsigned int		 allowed;	/* 1 << enum http_method */
	unsigned int		 nvars;
	struct route_var	 vars[ROUTE_MAX_VARS];
};

/*
 * The path is split before it is decoded; static segments beat variables,
 * from left to right; HEAD is answered by the row of GET.
 */
void	 route_find(const struct route *, size_t nroutes, enum http_method,
	    const struct http_text *path, struct route_match *);
/* "GET, HEAD, OPTIONS": for Allow.  0, or -1 if out is too small. */
int	 route_allow(unsigned int allowed, char *out, size_t size);

/* route_table.c */
extern const struct route	 route_table[];
extern const size_t		 route_table_len;

#endif /* ROUTE_H */
