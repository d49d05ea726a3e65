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
 * Every message codec with its sample, and with what a hostile peer makes
 * of it: cut at each byte, prolonged, over-long fields, a NUL inside, each
 * byte changed.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "codecs.h"

#define ROOM	(9 * 1024 * 1024)

/* The sample of a codec, encoded; free it. */
static unsigned char *
sample(const struct codec *c, size_t *len)
{
	struct ibuf	*buf;
	unsigned char	*bytes;

	assert_non_null(buf = ibuf_dynamic(16, ROOM));
	assert_int_equal(c->sample(buf), 0);
	*len = ibuf_size(buf);
	assert_non_null(bytes = malloc(*len + 1));
	memcpy(bytes, ibuf_data(buf), *len);
	ibuf_free(buf);
	return bytes;
}

/* Decodes a copy on the heap of exactly this size: ASan sees any excess. */
static int
decode(const struct codec *c, const void *bytes, size_t len,
    struct ibuf *again)
{
	struct ibuf	 view;
	void		*copy;
	int		 result;

	assert_non_null(copy = malloc(len == 0 ? 1 : len));
	memcpy(copy, bytes, len);
	ibuf_from_buffer(&view, copy, len);
	result = c->decode(&view, again);
	free(copy);
	return result;
}

static void
comes_back_the_same(void **state)
{
	struct ibuf	*again;
	unsigned char	*bytes;
	size_t		 i, len;

	(void)state;
	for (i = 0; i < ncodecs; i++) {
		bytes = sample(&codecs[i], &len);
		assert_non_null(again = ibuf_dynamic(16, ROOM));
		assert_int_equal(decode(&codecs[i], bytes, len, again), 0);
		assert_int_equal(ibuf_size(again), len);
		assert_memory_equal(ibuf_data(again), bytes, len);
		ibuf_free(again);
		free(bytes);
	}
}

static void
cut_is_refused(void **state)
{
	unsigned char	*bytes;
	size_t		 i, len, n;

	(void)state;
	for (i = 0; i < ncodecs; i++) {
		bytes = sample(&codecs[i], &len);
		for (n = 0; n < len; n++)
			assert_int_equal(decode(&codecs[i], bytes, n, NULL),
			    -1);
		free(bytes);
	}
}

static void
trailing_byte_is_refused(void **state)
{
	unsigned char	*bytes;
	size_t		 i, len;

	(void)state;
	for (i = 0; i < ncodecs; i++) {
		bytes = sample(&codecs[i], &len);
		bytes[len] = 0;
		assert_int_equal(decode(&codecs[i], bytes, len + 1, NULL),
		    codecs[i].open_end ? 0 : -1);
		free(bytes);
	}
}

/* The sample with the field's content replaced by n times 'x'. */
static int
decode_with(const struct codec *c, const struct codec_field *f, size_t n,
    int nul)
{
	unsigned char	*bytes, *at, *longer;
	size_t		 len, head, tail, had = strlen(f->sample);
	int		 result;

	bytes = sample(c, &len);
	assert_non_null(at = memmem(bytes, len, f->sample, had));
	head = (size_t)(at - bytes) - 4;
	tail = len - head - 4 - had;
	assert_non_null(longer = malloc(len - had + n));
	memcpy(longer, bytes, head);
	longer[head] = (unsigned char)(n >> 24);
	longer[head + 1] = (unsigned char)(n >> 16);
	longer[head + 2] = (unsigned char)(n >> 8);
	longer[head + 3] = (unsigned char)n;
	memset(longer + head + 4, 'x', n);
	if (nul)
		longer[head + 4 + n / 2] = '\0';
	memcpy(longer + head + 4 + n, at + had, tail);
	result = decode(c, longer, len - had + n, NULL);
	free(longer);
	free(bytes);
	return result;
}

static void
fields_have_limits(void **state)
{
	const struct codec_field	*f;
	size_t				 i;

	(void)state;
	for (i = 0; i < ncodecs; i++)
		for (f = codecs[i].fields; f->sample != NULL; f++) {
			assert_int_equal(decode_with(&codecs[i], f, 0, 0), 0);
			assert_int_equal(decode_with(&codecs[i], f, f->max,
			    0), 0);
			assert_int_equal(decode_with(&codecs[i], f,
			    f->max + 1, 0), -1);
			assert_int_equal(decode_with(&codecs[i], f, f->max,
			    1), f->binary ? 0 : -1);
		}
}

/* A length that promises more than is there, at every place. */
static void
wild_lengths_are_survived(void **state)
{
	static const unsigned char	 wild[][4] = {
		{ 0xff, 0xff, 0xff, 0xff }, { 0x7f, 0xff, 0xff, 0xff },
		{ 0x80, 0, 0, 0 }, { 0, 0, 0xff, 0xff }, { 0, 0, 0, 0 },
	};
	unsigned char	*bytes, saved[4];
	size_t		 i, j, len, n;

	(void)state;
	for (i = 0; i < ncodecs; i++) {
		bytes = sample(&codecs[i], &len);
		for (n = 0; n + 4 <= len; n++)
			for (j = 0; j < sizeof(wild) / sizeof(wild[0]); j++) {
				memcpy(saved, bytes + n, 4);
				memcpy(bytes + n, wild[j], 4);
				(void)decode(&codecs[i], bytes, len, NULL);
				memcpy(bytes + n, saved, 4);
			}
		free(bytes);
	}
}

/* What is accepted can be said again, in the same bytes. */
static void
changed_bytes_have_one_meaning(void **state)
{
	struct ibuf	*again;
	unsigned char	*bytes;
	size_t		 i, len, n;
	int		 v;

	(void)state;
	for (i = 0; i < ncodecs; i++) {
		bytes = sample(&codecs[i], &len);
		for (n = 0; n < len; n++)
			for (v = 0; v < 256; v += 5) {
				unsigned char	 saved = bytes[n];

				bytes[n] = (unsigned char)v;
				assert_non_null(again = ibuf_dynamic(16,
				    ROOM));
				if (decode(&codecs[i], bytes, len,
				    again) == 0 && !codecs[i].open_end) {
					assert_int_equal(ibuf_size(again),
					    len);
					assert_memory_equal(ibuf_data(again),
					    bytes, len);
				}
				ibuf_free(again);
				bytes[n] = saved;
			}
		free(bytes);
	}
}

static void
encoders_refuse_what_nobody_takes(void **state)
{
	struct ibuf	*buf;

	(void)state;
	assert_non_null(buf = ibuf_dynamic(16, 64));
	assert_int_equal(msg_put_str(buf, "12345", 4), -1);
	assert_int_equal(ibuf_size(buf), 0);
	assert_int_equal(msg_put_str(buf, "1234", 4), 0);
	assert_int_equal(msg_add_str(buf, NULL), 0);
	assert_int_equal(ibuf_size(buf), 12);
	assert_int_equal(msg_add_bytes(buf, "", 0), 0);
	assert_int_equal(msg_add_raw(buf, buf, 64), -1);
	ibuf_free(buf);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(cut_is_refused),
		cmocka_unit_test(trailing_byte_is_refused),
		cmocka_unit_test(fields_have_limits),
		cmocka_unit_test(wild_lengths_are_survived),
		cmocka_unit_test(changed_bytes_have_one_meaning),
		cmocka_unit_test(encoders_refuse_what_nobody_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
