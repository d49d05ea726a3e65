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
 * Fuzz driver of HTTP: heads, and chunked bodies that come in two pieces.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http_parse.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static int
inside(const struct http_text *t, const char *text, size_t len)
{
	return t->p >= text && t->p + t->len <= text + len;
}

static void
fuzz_head(const char *text, size_t size)
{
	static struct http_head		 h;
	const struct http_refusal	*why = NULL;
	size_t				 from = 0, half = 0, n;
	unsigned int			 i;

	n = http_head_end(text, size, &from);
	must(n <= size && from <= size);
	(void)http_head_end(text, size / 2, &half);
	must(http_head_end(text, size, &half) == n);
	if (n == 0)
		return;
	if (http_head_parse(text, n, &h, &why) == -1) {
		must(why != NULL && why->status >= 400 && h.nfields == 0);
		must(h.path.len <= 1 || inside(&h.path, text, n));
		must(h.path.len == 0 || (inside(&h.method_text, text, n) &&
		    h.method_text.len <= HTTP_MAX_METHOD));
		return;
	}
	must(why == NULL && h.path.len > 0 && h.nfields <= HTTP_MAX_FIELDS);
	must(h.path.len == 1 || inside(&h.path, text, n));
	must(h.query.p == NULL || inside(&h.query, text, n));
	must(inside(&h.method_text, text, n) &&
	    h.method_text.len <= HTTP_MAX_METHOD);
	must(h.length >= -1 && (h.length == -1 || !h.chunked));
	for (i = 0; i < h.nfields; i++)
		must(inside(&h.fields[i].name, text, n) &&
		    inside(&h.fields[i].value, text, n));
}

/* Decodes in pieces of step bytes; the result, its length in *made. */
static int
decode(const char *text, size_t size, size_t step, char *out, size_t *made)
{
	struct http_chunks	 s;
	size_t			 at = 0, used, n, add;
	int			 ret = 0;

	memset(&s, 0, sizeof(s));
	*made = 0;
	while (ret == 0 && at < size) {
		n = size - at < step ? size - at : step;
		ret = http_chunks_decode(&s, text + at, n, out + *made,
		    100000, &used, &add);
		must(used <= n && add <= used);
		at += used;
		*made += add;
		must(ret != 0 || used == n);
	}
	return ret;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char	*text = (const char *)data;
	char		*one, *two;
	size_t		 n, m;
	int		 ret;

	fuzz_head(text, size);
	must((one = malloc(size + 1)) != NULL);
	must((two = malloc(size + 1)) != NULL);
	ret = decode(text, size, size + 1, one, &n);
	must(decode(text, size, size % 7 + 1, two, &m) == ret);
	if (ret >= 0)
		must(n == m && memcmp(one, two, n) == 0);
	free(one);
	free(two);
	return 0;
}
