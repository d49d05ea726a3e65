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
 * Writes JSON text (RFC 8259) into memory.  A failure (out of memory, over
 * the limit) sticks: test it once, at the end.  Used by the frontend and
 * grantctl; pure.
 */

#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <sys/types.h>
#include <stdint.h>

#include "json.h"

struct json_buf {
	char		*data;		/* NUL behind len bytes; or NULL */
	size_t		 len;
	size_t		 size;
	size_t		 max;		/* limit of len */
	int		 comma;		/* a value stands before, here */
	int		 failed;
};

/* max: bytes that it may become. */
void	 json_buf_init(struct json_buf *, size_t max);
void	 json_buf_free(struct json_buf *);	/* wipes */
/* Makes room for n more bytes at once, for who knows what will come. */
void	 json_buf_reserve(struct json_buf *, size_t n);
/* The text, malloc'ed, and the buffer is empty again; NULL if it failed. */
char	*json_buf_take(struct json_buf *, size_t *len);

void	 json_object_open(struct json_buf *);
void	 json_object_close(struct json_buf *);
void	 json_array_open(struct json_buf *);
void	 json_array_close(struct json_buf *);
/* The name of the next value. */
void	 json_name(struct json_buf *, const char *);

void	 json_put_null(struct json_buf *);
void	 json_put_bool(struct json_buf *, int);
void	 json_put_integer(struct json_buf *, int64_t);
/* Escaped; bytes that are not UTF-8 become U+FFFD. */
void	 json_put_text(struct json_buf *, const char *);
void	 json_put_text_len(struct json_buf *, const char *, size_t);
/* A value that is JSON text already. */
void	 json_put_raw(struct json_buf *, const char *, size_t);
/* Bytes as they are, with no comma before them. */
void	 json_put_bytes(struct json_buf *, const char *, size_t);
/* A parsed value with all below it. */
void	 json_put_value(struct json_buf *, const struct json_value *);
/* Base64 (RFC 4648 4, with padding) of bytes, as a string. */
void	 json_put_base64(struct json_buf *, const void *, size_t);

/* json_name() and the value, for short. */
void	 json_member_text(struct json_buf *, const char *name, const char *);
void	 json_member_integer(struct json_buf *, const char *name, int64_t);
void	 json_member_bool(struct json_buf *, const char *name, int);

#endif /* JSON_WRITE_H */
