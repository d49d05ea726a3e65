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
 * JSON: what is accepted, what is refused and where, the writer, secrets.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "json.h"
#include "json_write.h"

static const struct {
	const char	*text;
	const char	*pointer;
	const char	*why;
} refused[] = {
	{ "", "", "ends before" },
	{ "   ", "", "ends before" },
	{ "{", "", "ends before" },
	{ "{\"a\":", "/a", "ends before" },
	{ "[1,2", "/2", "ends before" },
	{ "\"abc", "", "ends before" },
	{ "{} {}", "", "follows behind" },
	{ "{}x", "", "follows behind" },
	{ "{\"a\":1,\"b\":2,\"a\":3}", "/a", "repeated" },
	{ "{\"x\":[0,{\"a\":1,\"\\u0061\":3}]}", "/x/1/a", "repeated" },
	{ "{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,"
	    "\"9\":0,\"10\":0,\"11\":0,\"3\":1}", "/3", "repeated" },
	{ "{\"a~/b\":1,\"a~/b\":1}", "/a~0~1b", "repeated" },
	{ "{\"a\":\"\\u0000\"}", "/a", "U+0000" },
	{ "{\"a\\u0000\":1}", "", "U+0000" },
	{ "[\"ok\",\"\\u0001\"]", "/1", "control characters" },
	{ "[\"\\b\"]", "/0", "control characters" },
	{ "[\"\\f\"]", "/0", "control characters" },
	{ "[\"a\001b\"]", "/0", "control character" },
	{ "[\"a\nb\"]", "/0", "control character" },
	{ "[\"\\ud800\"]", "/0", "surrogate" },
	{ "[\"\\udc00\"]", "/0", "surrogate" },
	{ "[\"\\ud800\\u0041\"]", "/0", "surrogate" },
	{ "[\"\\ud83d\\ud83d\"]", "/0", "surrogate" },
	{ "[\"\\ud800\\\\u1\"]", "/0", "surrogate" },
	{ "[\"\\ud83d\\u\"]", "/0", "surrogate" },
	{ "[\"\\u12g4\"]", "/0", "hexadecimal" },
	{ "[\"\\x41\"]", "/0", "none of JSON's" },
	{ "{\"a\":{\"b\":\"\xc0\x80\"}}", "/a/b", "UTF-8" },
	{ "[\"\xed\xa0\x80\"]", "/0", "UTF-8" },
	{ "[\"\xf4\x90\x80\x80\"]", "/0", "UTF-8" },
	{ "[\"\xe2\x82\"]", "/0", "UTF-8" },
	{ "[\"\xff\"]", "/0", "UTF-8" },
	{ "\xef\xbb\xbf{}", "", "not allowed here" },
	{ "[9223372036854775808]", "/0", "beyond 64 bit" },
	{ "{\"n\":-9223372036854775809}", "/n", "beyond 64 bit" },
	{ "[1e400]", "/0", "out of range" },
	{ "[-1e400]", "/0", "out of range" },
	{ "[1e-400]", "/0", "out of range" },
	{ "[0.00000000000000000000000000000000000000000000000000000000000000"
	    "0000000000000001]", "/0", "64 characters" },
	{ "[01]", "/1", "comma" },
	{ "[1.]", "/0", "malformed" },
	{ "[-]", "/0", "malformed" },
	{ "[+1]", "/0", "not allowed here" },
	{ "[NaN]", "/0", "not allowed here" },
	{ "[1,]", "/1", "not allowed here" },
	{ "{\"a\" 1}", "/a", "colon" },
	{ "{\"a\":1 \"b\":2}", "", "comma" },
	{ "{1:2}", "", "not a string" },
	{ "{'a':1}", "", "not" },
	{ "/* x */ 1", "", "comments" },
	{ "[tru]", "/0", "not allowed here" },
	{ "[1}", "", "" },
	{ "]", "", "not allowed here" },
};

static void
test_refused(void **state)
{
	struct json_error	 e;
	struct json_doc		*doc;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		doc = json_parse(refused[i].text, strlen(refused[i].text),
		    NULL, &e);
		if (doc != NULL || strstr(e.text, refused[i].why) == NULL ||
		    (refused[i].why[0] != '\0' &&
		    strcmp(e.pointer, refused[i].pointer) != 0))
			fail_msg("%s: %s at \"%s\"", refused[i].text,
			    doc != NULL ? "accepted" : e.text, e.pointer);
		assert_null(json_parse(refused[i].text,
		    strlen(refused[i].text), NULL, NULL));
	}
}

static void
test_nul(void **state)
{
	struct json_error	 e;

	(void)state;
	assert_null(json_parse("[\"a\0b\"]", 7, NULL, &e));
	assert_string_equal(e.pointer, "/0");
	assert_null(json_parse("{}\0", 3, NULL, &e));
	assert_null(json_parse("\0", 1, NULL, &e));
	assert_null(json_parse("[1\0]", 4, NULL, &e));
}

/* Parsed and written again. */
static const struct {
	const char	*in;
	const char	*out;
} accepted[] = {
	{ " {} ", "{}" },
	{ "[]", "[]" },
	{ "\"x\"", "\"x\"" },
	{ "null", "null" },
	{ "-0", "-0" },
	{ "{\"a\":[1,-2.50,1E3,true,false,null,\"s\"],\"b\":{\"c\":{}}}",
	    "{\"a\":[1,-2.50,1E3,true,false,null,\"s\"],\"b\":{\"c\":{}}}" },
	{ "[9223372036854775807,-9223372036854775808,0.0e-999]",
	    "[9223372036854775807,-9223372036854775808,0.0e-999]" },
	{ "[\"\\ud83d\\ude00\",\"\\u00e9\",\"\\/\\t\\n\\r\\\"\\\\\"]",
	    "[\"\xf0\x9f\x98\x80\",\"\xc3\xa9\",\"/\\t\\n\\r\\\"\\\\\"]" },
	{ "[\"\x7f\"]", "[\"\\u007f\"]" },
	{ "{\"\":1}", "{\"\":1}" },
	{ "{\"A\":1,\"a\":2}", "{\"A\":1,\"a\":2}" },
};

static void
test_accepted(void **state)
{
	struct json_error	 e;
	struct json_doc		*doc;
	struct json_buf		 b;
	char			*text;
	size_t			 i, len;

	(void)state;
	for (i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		doc = json_parse(accepted[i].in, strlen(accepted[i].in), NULL,
		    &e);
		if (doc == NULL)
			fail_msg("%s: %s", accepted[i].in, e.text);
		json_buf_init(&b, 1000);
		json_put_value(&b, json_root(doc));
		text = json_buf_take(&b, &len);
		assert_non_null(text);
		assert_string_equal(text, accepted[i].out);
		assert_int_equal(len, strlen(text));
		free(text);
		json_free(doc);
	}
}

static void
test_limits(void **state)
{
	const struct json_limits	 small = { 64, 4, 10, 3, 0 };
	struct json_error		 e;
	struct json_doc			*doc;
	char				 bomb[20000];
	size_t				 i;

	(void)state;
	memset(bomb, '[', sizeof(bomb));
	assert_null(json_parse(bomb, sizeof(bomb), NULL, &e));
	assert_string_equal(e.text, "nested deeper than 32 levels");
	for (i = 0; i + 5 <= sizeof(bomb); i += 5)
		memcpy(bomb + i, "{\"a\":", 5);
	assert_null(json_parse(bomb, sizeof(bomb), NULL, &e));
	assert_string_equal(e.text, "nested deeper than 32 levels");

	doc = json_parse("[[[[]]]]", 8, &small, &e);
	assert_non_null(doc);
	json_free(doc);
	assert_null(json_parse("[[[[[]]]]]", 10, &small, &e));
	assert_string_equal(e.pointer, "/0/0/0/0");
	assert_null(json_parse("[1,2,3,4,5,6,7,8,9,10]", 22, &small, &e));
	assert_string_equal(e.text, "more than 10 values");
	assert_null(json_parse("{\"a\":1,\"b\":1,\"c\":1,\"d\":1}", 25, &small,
	    &e));
	assert_string_equal(e.text, "an object with more than 3 members");
	memset(bomb, ' ', 65);
	assert_null(json_parse(bomb, 65, &small, &e));
	assert_string_equal(e.text, "the text has more than 64 bytes");
	memset(bomb, '1', sizeof(bomb));
	assert_null(json_parse(bomb, sizeof(bomb), NULL, &e));
	assert_string_equal(e.text, "a number has more than 64 characters");
}

/* A pointer that is too long is cut between characters. */
static void
test_pointer_cut(void **state)
{
	struct json_error	 e;
	char			 text[2000];
	size_t			 i, n;
	int			 j;

	(void)state;
	for (j = 0; j < 4; j++) {
		n = 0;
		text[n++] = '{';
		text[n++] = '"';
		for (i = 0; i < (size_t)j; i++)
			text[n++] = 'a';
		for (i = 0; i < 200; i++) {
			memcpy(text + n, "\xe2\x82\xac", 3);
			n += 3;
		}
		memcpy(text + n, "\":{\"b\":01}}", 11);
		n += 11;
		assert_null(json_parse(text, n, NULL, &e));
		assert_int_equal(json_utf8_check(e.pointer, strlen(e.pointer),
		    NULL), 0);
		assert_string_equal(e.pointer + strlen(e.pointer) - 3, "...");
	}
}

static void
test_read(void **state)
{
	static const char	 text[] = "{\"result\":{\"id\":\"x\",\"n\":42,"
	    "\"list\":[1,{\"k/~\":true}]},\"r\":1.5}";
	struct json_doc		*doc;
	const struct json_value	*r, *v;
	int64_t			 n;

	(void)state;
	doc = json_parse(text, sizeof(text) - 1, NULL, NULL);
	assert_non_null(doc);
	r = json_get(json_root(doc), "result");
	assert_non_null(r);
	assert_int_equal(r->count, 3);
	assert_string_equal(json_get_text(r, "id"), "x");
	assert_null(json_get_text(r, "n"));
	assert_null(json_get_text(r, "absent"));
	assert_int_equal(json_get_integer(r, "n", &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(json_get_integer(r, "id", &n), -1);
	assert_int_equal(json_get_integer(json_root(doc), "r", &n), -1);
	assert_null(json_get(NULL, "x"));
	assert_null(json_first(json_get(r, "id")));
	v = json_find(json_root(doc), "/result/list/1/k~1~0");
	assert_non_null(v);
	assert_int_equal(v->u.truth, 1);
	assert_ptr_equal(json_find(json_root(doc), ""), json_root(doc));
	assert_null(json_find(json_root(doc), "/result/list/2"));
	assert_null(json_find(json_root(doc), "/result/list/-1"));
	assert_null(json_find(json_root(doc), "/result/list/1/k~1"));
	assert_null(json_find(json_root(doc), "result"));
	assert_null(json_find(json_root(doc), "/result/id/x"));
	json_free(doc);
	json_free(NULL);
}

static void
test_write(void **state)
{
	struct json_buf	 b;
	char		*text;

	(void)state;
	json_buf_init(&b, 4096);
	json_object_open(&b);
	json_member_text(&b, "a\"b", "x\001\x7f\n\xff\xc3\xa9</script>");
	json_member_integer(&b, "n", INT64_MIN);
	json_member_bool(&b, "t", 2);
	json_name(&b, "list");
	json_array_open(&b);
	json_put_null(&b);
	json_put_base64(&b, "", 0);
	json_put_base64(&b, "f", 1);
	json_put_base64(&b, "fo", 2);
	json_put_base64(&b, "foo", 3);
	json_put_base64(&b, "foob", 4);
	json_array_open(&b);
	json_array_close(&b);
	json_array_close(&b);
	json_name(&b, "raw");
	json_put_raw(&b, "{\"z\":1}", 7);
	json_object_close(&b);
	text = json_buf_take(&b, NULL);
	assert_string_equal(text, "{\"a\\\"b\":\"x\\u0001\\u007f\\n\xef\xbf\xbd"
	    "\xc3\xa9</script>\",\"n\":-9223372036854775808,\"t\":true,"
	    "\"list\":[null,\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"Zm9vYg==\",[]],"
	    "\"raw\":{\"z\":1}}");
	free(text);

	json_buf_init(&b, 10);
	json_put_text(&b, "123456789");
	assert_int_equal(b.failed, 1);
	assert_null(json_buf_take(&b, NULL));
	json_put_text(&b, "12345678");
	text = json_buf_take(&b, NULL);
	assert_string_equal(text, "\"12345678\"");
	free(text);
	text = json_buf_take(&b, NULL);
	assert_string_equal(text, "");
	free(text);
}

static void
test_secrets(void **state)
{
	char	*secrets[] = { "eyJ.a.b", "grt_\"x" };
	char	*out;
	size_t	 len;
	size_t	 i;
	static const struct {
		const char	*in;
		const char	*out;
	} rows[] = {
		{ "{\"a\":\"\\u00010\",\"b\":\"\\u00011\"}",
		    "{\"a\":\"eyJ.a.b\",\"b\":\"grt_\\\"x\"}" },
		{ "[\"\\u00010\",\"\\u00010\"]",
		    "[\"eyJ.a.b\",\"eyJ.a.b\"]" },
		/* only whole strings */
		{ "[\"x\\u00010\",\"\\u00010x\",\"\\u0001\",\"\\u000100\"]",
		    "[\"x\\u00010\",\"\\u00010x\",\"\\u0001\",\"\\u000100\"]" },
		/* inside another string */
		{ "[\"\\\"\\\\u00010\\\"\",\"\\\\\",\"\\\"\\u00010\"]",
		    "[\"\\\"\\\\u00010\\\"\",\"\\\\\",\"\\\"\\u00010\"]" },
		{ "{}", "{}" },
		{ "", "" },
		{ "[\"open", "[\"open" },
		{ "[\"open\\", "[\"open\\" },
		{ "[\"\\u00010", "[\"\\u00010" },
		/* no such secret */
		{ "[\"\\u00012\"]", NULL },
		{ "[\"\\u0001a\"]", NULL },
		{ "[\"\\u0001\\\"]", "[\"\\u0001\\\"]" },
	};

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out = json_put_secrets(rows[i].in, strlen(rows[i].in),
		    secrets, 2, &len);
		if (rows[i].out == NULL) {
			assert_null(out);
			continue;
		}
		if (out == NULL)
			fail_msg("%s", rows[i].in);
		assert_string_equal(out, rows[i].out);
		assert_int_equal(len, strlen(out));
		free(out);
	}
}

static void
test_utf8(void **state)
{
	size_t	bad;

	(void)state;
	assert_int_equal(json_utf8_check("a\xc3\xa9\xf0\x9f\x98\x80", 7, &bad),
	    0);
	assert_int_equal(json_utf8_check("ab\xc3", 3, &bad), -1);
	assert_int_equal(bad, 2);
	assert_int_equal(json_utf8_check("\xe0\x80\x80", 3, NULL), -1);
	assert_int_equal(json_utf8_check("\xf0\x80\x80\x80", 4, NULL), -1);
	assert_int_equal(json_utf8_check("\xf5\x80\x80\x80", 4, NULL), -1);
	assert_int_equal(json_utf8_check("\x80", 1, NULL), -1);
	assert_int_equal(json_utf8_check("", 0, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_pointer_cut),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
