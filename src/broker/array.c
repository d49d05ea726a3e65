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
 * Binary arrays for the batched calls.  Room: broker.
 *
 * The head is five 32-bit numbers: dimensions, whether there are nulls,
 * the element's oid, the length, the lower bound; then each element as
 * length (-1 for null) and bytes.
 */

#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

#define ARRAY_HEAD	20
#define ARRAY_MAX	(512U * 1024 * 1024)

static uint8_t *
array_room(struct array *a, size_t n)
{
	uint8_t *p;
	size_t	 size;

	if (a->failed)
		return NULL;
	if (n > ARRAY_MAX || a->len > ARRAY_MAX - n) {
		a->failed = 1;
		return NULL;
	}
	if (a->len + n > a->size) {
		size = (a->len + n) * 2;
		if ((p = recallocarray(a->data, a->size, size, 1)) == NULL) {
			a->failed = 1;
			return NULL;
		}
		a->data = p;
		a->size = size;
	}
	p = a->data + a->len;
	a->len += n;
	return p;
}

static void
array_u32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

void
array_init(struct array *a, uint32_t oid, size_t hint)
{
	uint8_t *p;

	memset(a, 0, sizeof(*a));
	a->size = ARRAY_HEAD + hint;
	if ((a->data = calloc(1, a->size)) == NULL) {
		a->size = 0;
		a->failed = 1;
		return;
	}
	if ((p = array_room(a, ARRAY_HEAD)) != NULL)
		array_u32(p + 8, oid);
}

void
array_null(struct array *a)
{
	uint8_t *p;

	if ((p = array_room(a, 4)) == NULL)
		return;
	array_u32(p, UINT32_MAX);
	array_u32(a->data + 4, 1);
	a->count++;
}

static uint8_t *
array_element(struct array *a, size_t len)
{
	uint8_t *p;

	if (len > ARRAY_MAX) {
		a->failed = 1;
		return NULL;
	}
	if ((p = array_room(a, 4 + len)) == NULL)
		return NULL;
	array_u32(p, (uint32_t)len);
	a->count++;
	return p + 4;
}

void
array_bytes(struct array *a, const void *data, size_t len)
{
	uint8_t *p;

	if ((p = array_element(a, len)) != NULL && len > 0)
		memcpy(p, data, len);
}

void
array_text(struct array *a, const char *s)
{
	if (s == NULL)
		array_null(a);
	else
		array_bytes(a, s, strlen(s));
}

void
array_jsonb(struct array *a, const char *s)
{
	uint8_t *p;
	size_t	 len;

	if (s == NULL) {
		array_null(a);
		return;
	}
	len = strlen(s);
	if ((p = array_element(a, len + 1)) == NULL)
		return;
	p[0] = 1;	/* version of jsonb's binary form */
	memcpy(p + 1, s, len);
}

void
array_bool(struct array *a, int v)
{
	uint8_t *p;

	if ((p = array_element(a, 1)) != NULL)
		p[0] = v != 0;
}

void
array_int4(struct array *a, int32_t v)
{
	uint8_t *p;

	if ((p = array_element(a, 4)) != NULL)
		array_u32(p, (uint32_t)v);
}

void
array_int8(struct array *a, int64_t v)
{
	uint8_t *p;

	if ((p = array_element(a, 8)) == NULL)
		return;
	array_u32(p, (uint32_t)((uint64_t)v >> 32));
	array_u32(p + 4, (uint32_t)((uint64_t)v & UINT32_MAX));
}

int
array_finish(struct array *a)
{
	if (a->failed)
		return -1;
	if (a->count == 0) {
		a->len = 12;	/* no dimension at all */
		return 0;
	}
	array_u32(a->data, 1);
	array_u32(a->data + 12, a->count);
	array_u32(a->data + 16, 1);
	return 0;
}

void
array_free(struct array *a)
{
	freezero(a->data, a->size);
	memset(a, 0, sizeof(*a));
}
