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
 * PostgreSQL's binary form of one-dimensional arrays, built element by
 * element.  Pure: no libpq, no I/O.
 */

#ifndef ARRAY_H
#define ARRAY_H

#include <sys/types.h>
#include <stdint.h>

/* Type oids, as in pg_type. */
#define OID_BOOL	16
#define OID_BYTEA	17
#define OID_INT8	20
#define OID_INT4	23
#define OID_TEXT	25
#define OID_UUID	2950
#define OID_JSONB	3802

struct array {
	uint8_t		*data;
	size_t		 len;
	size_t		 size;
	uint32_t	 count;
	int		 failed;	/* out of memory: the whole is void */
};

/* hint: bytes that are expected in all. */
void	 array_init(struct array *, uint32_t oid, size_t hint);
void	 array_null(struct array *);
void	 array_bytes(struct array *, const void *, size_t);
void	 array_text(struct array *, const char *);	/* NULL: a null */
void	 array_jsonb(struct array *, const char *);	/* NULL: a null */
void	 array_bool(struct array *, int);
void	 array_int4(struct array *, int32_t);
void	 array_int8(struct array *, int64_t);
/* Writes the head; 0, or -1 after a failure. */
int	 array_finish(struct array *);
void	 array_free(struct array *);	/* wipes */

#endif /* ARRAY_H */
