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
 * The query of a request's target, percent-encoding, and the small
 * languages in it: field[op]value, field[asc].  Pure.
 */

#ifndef QUERY_H
#define QUERY_H

#include <sys/types.h>

#define QUERY_MAX_PAIRS	100
#define QUERY_MAX_FIELD	127	/* of a filter or an order */

/*
 * Undoes percent-encoding (RFC 3986 2.1).  out has room for len + 1 and gets
 * a NUL.  Its length, or -1: a malformed escape, bytes that are not UTF-8, a
 * control character.
 */
#define QUERY_PLUS	0x01	/* "+" is a blank */
#define QUERY_LINES	0x02	/* line ends and tabs are allowed: forms */
ssize_t	 query_decode(char *out, const char *, size_t len, int flags);

/*
 * The next "name=value" of a query from *pos on; both are decoded into room
 * (what is left of len, and 2 bytes).  1, 0 at the end, -1 if it is malformed.
 */
int	 query_next(const char *, size_t len, int flags, size_t *pos,
	    char *room, const char **name, const char **value);

struct query_filter {
	char		 field[QUERY_MAX_FIELD + 1];
	const char	*op;		/* static */
	const char	*value;		/* inside the text */
};
/* "name[eq]foo": op is one of eq ne in like gt gte lt lte.  0/-1. */
int	 query_filter_parse(const char *, struct query_filter *);

struct query_order {
	char		 field[QUERY_MAX_FIELD + 1];
	const char	*dir;		/* "asc" or "desc" */
};
/* "name", "name[asc]", "name[desc]".  0/-1. */
int	 query_order_parse(const char *, struct query_order *);

#endif /* QUERY_H */
