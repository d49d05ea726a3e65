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
 * Fuzz driver of JSON: what is taken is written again and reads the same;
 * what is refused has a pointer that can be shown; secrets change strings
 * only.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "json_write.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static char *
write_again(const struct json_doc *doc, size_t *len)
{
	struct json_buf	 b;
	char		*text;

	json_buf_init(&b, 64 * 1024 * 1024);
	json_put_value(&b, json_root(doc));
	must((text = json_buf_take(&b, len)) != NULL);
	return text;
}

static void
fuzz_secrets(const char *text, size_t len, int is_json)
{
	static char	 a[] = "a\"b\\c", b[] = "grt_x";
	char		*secrets[] = { a, b }, *out;
	struct json_doc	*doc;
	size_t		 outlen;

	if ((out = json_put_secrets(text, len, secrets, 2, &outlen)) == NULL)
		return;
	must(outlen >= len || is_json || len > 0);
	if (is_json) {
		must((doc = json_parse(out, outlen, NULL, NULL)) != NULL);
		json_free(doc);
	}
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char		*text = (const char *)data;
	struct json_error	 e;
	struct json_doc		*doc, *again;
	char			*one, *two;
	size_t			 n, m;

	if ((doc = json_parse(text, size, NULL, &e)) == NULL) {
		must(e.text[0] != '\0' && e.offset <= size);
		must(strlen(e.pointer) <= JSON_MAX_POINTER);
		must(json_utf8_check(e.pointer, strlen(e.pointer), NULL) == 0);
		fuzz_secrets(text, size, 0);
		return 0;
	}
	one = write_again(doc, &n);
	must(json_utf8_check(one, n, NULL) == 0);
	/* escapes of the text may have been shorter than ours */
	if ((again = json_parse(one, n, NULL, NULL)) != NULL) {
		two = write_again(again, &m);
		must(n == m && memcmp(one, two, n) == 0);
		free(two);
		json_free(again);
	} else
		must(n > json_limits_default.bytes);
	fuzz_secrets(text, size, 1);
	(void)json_find(json_root(doc), "/a/0/b~1c");
	free(one);
	json_free(doc);
	return 0;
}
