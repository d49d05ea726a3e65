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
 * The head of an HTTP/1 request (RFC 9112), strictly.  Pure: bytes and
 * length in, struct out, nothing copied.
 */

#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <sys/types.h>
#include <stdint.h>

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_OTHER,
	HTTP__MAX
};

#define HTTP_MAX_FIELDS		100
#define HTTP_MAX_METHOD		15
#define HTTP_MAX_TARGET		8192
#define HTTP_MAX_LENGTH_DIGITS	15

/* Not terminated by NUL: they point into the head. */
struct http_text {
	const char	*p;
	size_t		 len;
};

struct http_field {
	struct http_text	 name;
	struct http_text	 value;	/* without blanks around it */
};

struct http_head {
	enum http_method	 method;
	struct http_text	 method_text;
	struct http_text	 path;	/* raw, "*" or begins with "/" */
	struct http_text	 query;	/* raw, without "?"; p NULL if none */
	int			 minor;	/* HTTP/1.minor */
	unsigned int		 nfields;
	struct http_field	 fields[HTTP_MAX_FIELDS];
	/* what the fields say about the message */
	int64_t			 length;	/* Content-Length, -1 if none */
	int			 chunked;
	int			 keepalive;
	int			 expect;	/* 100-continue */
};

/* Why a request is refused before anybody looks what it wants. */
struct http_refusal {
	unsigned int	 status;
	const char	*code;
	const char	*message;
	const char	*detail;	/* "" if none */
};

/*
 * Where the head ends: bytes with the empty line, or 0 if it is not all
 * there.  *from: where to look on next time; 0 at first.
 */
size_t	 http_head_end(const char *, size_t len, size_t *from);

/*
 * Parses len bytes that http_head_end() found.  0, or -1 and *why; then
 * method and path are there if the path is not empty, and no fields.
 * Refused: what RFC 9112 does not allow, line ends other than CR LF,
 * folded lines, blanks before a colon, two of what may stand once
 * (Content-Length, Host, Authorization, Content-Type, Transfer-Encoding), a
 * transfer encoding other than chunked, a length beside an encoding, a body
 * where the method has none.
 */
int	 http_head_parse(const char *, size_t len, struct http_head *,
	    const struct http_refusal **why);

/* The first field of this name (lower case); NULL if there is none. */
const struct http_text *http_field(const struct http_head *, const char *name);
/* The last one: what the nearest proxy wrote. */
const struct http_text *http_field_last(const struct http_head *,
	    const char *name);
/* Whether text is this word, without regard to case; word is lower case. */
int	 http_text_is(const struct http_text *, const char *word);

/* "GET"; "" for another. */
const char	*http_method_name(enum http_method);

/*
 * A chunked body (RFC 9112 7.1), decoded in place.
 */
#define HTTP_MAX_CHUNK_LINE	256	/* size with extensions */
#define HTTP_MAX_TRAILERS	4096

struct http_chunks {
	int		 state;
	int		 digits;
	uint64_t	 left;		/* of this chunk */
	size_t		 line;		/* bytes of this line */
	size_t		 trailers;
	size_t		 total;		/* decoded so far */
};

/*
 * Decodes from in (len bytes) to out, which may be in or before it.
 * *used: bytes read, *made: bytes written.  1 when the body is complete, 0
 * for more, -1 if it is malformed, -2 if total would pass max.
 */
int	 http_chunks_decode(struct http_chunks *, const char *in, size_t len,
	    char *out, size_t max, size_t *used, size_t *made);

#endif /* HTTP_PARSE_H */
