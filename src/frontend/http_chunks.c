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
 * A chunked body (RFC 9112 7.1), decoded in place.  Extensions are skipped,
 * trailers are read and forgotten, both within limits.  Room: frontend.
 * Pure.
 */

#include "config.h"

#include <string.h>

#include "http_parse.h"

#define CHUNK_MAX_DIGITS	8	/* hexadecimal */

enum {
	CHUNK_SIZE,		/* digits of the size */
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,		/* at the start of a line */
	CHUNK_TRAILER_LINE,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_DONE
};

static int
chunk_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
chunk_is_text(unsigned char c)
{
	return c == '\t' || (c >= 0x20 && c != 0x7f);
}

/* The line of a size, one byte of it.  0, or -1 if it is malformed. */
static int
chunk_size(struct http_chunks *s, unsigned char c)
{
	int	digit;

	if (++s->line > HTTP_MAX_CHUNK_LINE)
		return -1;
	if (s->state == CHUNK_SIZE && (digit = chunk_digit(c)) != -1) {
		if (++s->digits > CHUNK_MAX_DIGITS)
			return -1;
		s->left = s->left << 4 | (unsigned int)digit;
		return 0;
	}
	if (s->state == CHUNK_SIZE_LF) {
		if (c != '\n')
			return -1;
		s->line = 0;
		s->state = s->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
		return 0;
	}
	if (s->digits == 0)
		return -1;
	if (c == '\r')
		s->state = CHUNK_SIZE_LF;
	else if (s->state == CHUNK_EXTENSION ? !chunk_is_text(c) :
	    c != ';' && c != ' ' && c != '\t')
		return -1;
	else
		s->state = CHUNK_EXTENSION;
	return 0;
}

/* What stands behind the last chunk, one byte of it. */
static int
chunk_trailer(struct http_chunks *s, unsigned char c)
{
	if (++s->trailers > HTTP_MAX_TRAILERS)
		return -1;
	switch (s->state) {
	case CHUNK_TRAILER:
		if (c == '\r')
			s->state = CHUNK_END_LF;
		else if (chunk_is_text(c))
			s->state = CHUNK_TRAILER_LINE;
		else
			return -1;
		return 0;
	case CHUNK_TRAILER_LINE:
		if (c == '\r')
			s->state = CHUNK_TRAILER_LF;
		else if (!chunk_is_text(c))
			return -1;
		return 0;
	case CHUNK_TRAILER_LF:
		s->state = CHUNK_TRAILER;
		return c == '\n' ? 0 : -1;
	case CHUNK_END_LF:
		s->state = CHUNK_DONE;
		return c == '\n' ? 0 : -1;
	}
	return -1;
}

static int
chunk_byte(struct http_chunks *s, unsigned char c)
{
	switch (s->state) {
	case CHUNK_DATA_CR:
		s->state = CHUNK_DATA_LF;
		return c == '\r' ? 0 : -1;
	case CHUNK_DATA_LF:
		s->state = CHUNK_SIZE;
		s->digits = 0;
		s->left = 0;
		return c == '\n' ? 0 : -1;
	case CHUNK_SIZE:
	case CHUNK_EXTENSION:
	case CHUNK_SIZE_LF:
		return chunk_size(s, c);
	default:
		return chunk_trailer(s, c);
	}
}

int
http_chunks_decode(struct http_chunks *s, const char *in, size_t len,
    char *out, size_t max, size_t *used, size_t *made)
{
	size_t	i = 0, n;
	int	ret = 0;

	*made = 0;
	while (i < len && ret == 0 && s->state != CHUNK_DONE) {
		if (s->state != CHUNK_DATA) {
			ret = chunk_byte(s, (unsigned char)in[i++]);
			if (ret == 0 && s->state == CHUNK_DATA &&
			    s->left > max - s->total)
				ret = -2;
			continue;
		}
		n = len - i < s->left ? len - i : (size_t)s->left;
		memmove(out + *made, in + i, n);
		*made += n;
		s->total += n;
		i += n;
		if ((s->left -= n) == 0)
			s->state = CHUNK_DATA_CR;
	}
	*used = i;
	if (ret != 0)
		return ret;
	return s->state == CHUNK_DONE;
}
