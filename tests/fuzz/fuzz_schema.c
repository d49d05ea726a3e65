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
 * Fuzz driver of schemas: {"schema": , "value": , "text": } is compiled and
 * checked twice with the same outcome; what is wrong has a pointer and a text
 * that can be shown; a text of a query becomes one JSON value.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "schema.h"

static const struct json_limits limits = { 65536, 60, 10000, 1000, 1 };

static void
must(int good)
{
	if (!good)
		abort();
}

/* What is passed on fits as what came did. */
static void
fuzz_put(const struct schema *s, const struct json_value *v)
{
	struct schema_errors	 e;
	struct json_buf		 b;
	struct json_doc		*doc;

	json_buf_init(&b, 1024 * 1024);
	schema_put(s, &b, v);
	if (!b.failed && b.len <= limits.bytes) {
		doc = json_parse(b.data, b.len, &limits, NULL);
		must(doc != NULL && schema_check(s, json_root(doc), &e) == 0);
		json_free(doc);
	}
	json_buf_free(&b);
}

static void
fuzz_check(const struct schema *s, const struct json_value *v)
{
	struct schema_errors	a, b;
	unsigned int		i;
	int			ret;

	ret = schema_check(s, v, &a);
	must(schema_check(s, v, &b) == ret && a.n == b.n);
	must((ret == 0) == (a.n == 0) && a.n <= SCHEMA_MAX_ERRORS);
	if (ret == 0)
		fuzz_put(s, v);
	for (i = 0; i < a.n; i++) {
		must(strcmp(a.error[i].text, b.error[i].text) == 0);
		must(a.error[i].text[0] != '\0');
		must(json_utf8_check(a.error[i].text,
		    strlen(a.error[i].text), NULL) == 0);
		must(json_utf8_check(a.error[i].pointer,
		    strlen(a.error[i].pointer), NULL) == 0);
	}
}

static void
fuzz_text(const struct schema *s, const char *text)
{
	struct json_buf	 b;
	struct json_doc	*doc;

	json_buf_init(&b, 1024 * 1024);
	schema_put_text(s, &b, text);
	/* numbers out of range and control characters are refused here */
	if ((doc = json_parse(b.data, b.len, &limits, NULL)) != NULL)
		fuzz_check(s, json_root(doc));
	json_free(doc);
	json_buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_value	*v;
	struct schema_error	 e;
	struct json_doc		*doc;
	struct schema		*s = NULL;

	if ((doc = json_parse((const char *)data, size, &limits, NULL)) ==
	    NULL)
		return 0;
	if ((v = json_get(json_root(doc), "schema")) != NULL &&
	    (s = schema_compile(v, &e)) == NULL)
		must(e.text[0] != '\0');
	if (s != NULL && (v = json_get(json_root(doc), "value")) != NULL)
		fuzz_check(s, v);
	if (s != NULL && json_get_text(json_root(doc), "text") != NULL)
		fuzz_text(s, json_get_text(json_root(doc), "text"));
	schema_free(s);
	json_free(doc);
	return 0;
}
