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
 * JSON Schema: what is refused and where, what a compiler is not given, and
 * texts of a query as values.
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

#include "schema.h"

static const struct json_limits wide = { 1 << 20, 64, 200000, 2000, 1 };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A schema, a value, and "pointer text" of what is wrong; "" if nothing. */
static const struct {
	const char	*schema, *value, *wrong;
} checks[] = {
	{ "{}", "1", "" },
	{ "true", "null", "" },
	{ "false", "null", " is not allowed" },
	{ "{\"type\":\"string\"}", "\"\"", "" },
	{ "{\"type\":\"string\"}", "1", " must be a string, not an integer" },
	{ "{\"type\":[\"string\",\"null\"]}", "null", "" },
	{ "{\"type\":[\"string\",\"null\"]}", "[]",
	    " must be a string or null, not an array" },
	{ "{\"type\":\"integer\"}", "12", "" },
	{ "{\"type\":\"integer\"}", "123456789012345678901234567890", "" },
	{ "{\"type\":\"number\"}", "1e3", "" },
	{ "{\"type\":\"integer\"}", "[1.5]",
	    " must be an integer, not an array" },
	{ "{\"type\":\"integer\"}", "1.0", "" },
	{ "{\"type\":\"integer\"}", "-0.0e9999999999", "" },
	{ "{\"type\":\"integer\"}", "100e-2", "" },
	{ "{\"type\":\"integer\"}", "1.50e1", "" },
	{ "{\"type\":\"integer\"}", "1e300", "" },
	{ "{\"type\":\"integer\"}", "1e-2",
	    " must be an integer, not a number" },
	{ "{\"type\":\"integer\"}", "1.50",
	    " must be an integer, not a number" },
	{ "{\"type\":\"integer\"}", "9007199254740993.5",
	    " must be an integer, not a number" },
	{ "{\"type\":\"integer\",\"maximum\":9007199254740992}",
	    "9007199254740993.0", " must be at most 9007199254740992" },
	{ "{\"type\":\"integer\",\"maximum\":9223372036854775807}",
	    "9223372036854775808.0",
	    " must be at most 9223372036854775807" },
	{ "{\"type\":\"integer\",\"minimum\":0}", "-1e300",
	    " must be at least 0" },
	{ "{\"enum\":[1,2.50]}", "10e-1", "" },
	{ "{\"enum\":[1,2.50]}", "2.5", "" },
	{ "{\"const\":9007199254740993}", "9007199254740992.0",
	    " must be the one value that is allowed" },
	{ "{\"type\":\"number\"}", "1", "" },
	{ "{\"type\":[\"integer\",\"number\",\"string\"]}", "true",
	    " must be a number or a string, not true or false" },
	{ "{\"type\":\"boolean\"}", "false", "" },
	{ "{\"minimum\":1,\"maximum\":3}", "1", "" },
	{ "{\"minimum\":1,\"maximum\":3}", "4", " must be at most 3" },
	{ "{\"minimum\":1,\"maximum\":3}", "0.5", " must be at least 1" },
	{ "{\"minimum\":1}", "\"text\"", "" },
	{ "{\"exclusiveMinimum\":1}", "1", " must be greater than 1" },
	{ "{\"exclusiveMaximum\":1.5}", "1.5", " must be less than 1.5" },
	{ "{\"exclusiveMinimum\":1,\"minimum\":1}", "1",
	    " must be greater than 1" },
	{ "{\"minimum\":2,\"exclusiveMinimum\":1}", "2", "" },
	/* no double tells these apart */
	{ "{\"maximum\":9223372036854775806}", "9223372036854775807",
	    " must be at most 9223372036854775806" },
	{ "{\"maximum\":9223372036854775807}", "9223372036854775808",
	    " must be at most 9223372036854775807" },
	{ "{\"minimum\":-9223372036854775808}", "-9223372036854775809",
	    " must be at least -9223372036854775808" },
	{ "{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa4\xc3\xb6\"", "" },
	{ "{\"minLength\":2}", "\"\xc3\xa4\"",
	    " must have at least 2 characters" },
	{ "{\"maxLength\":1}", "\"ab\"",
	    " must have at most 1 characters, not 2" },
	{ "{\"enum\":[\"a\",\"b\",1]}", "\"b\"", "" },
	{ "{\"enum\":[\"a\",\"b\",1]}", "\"c\"", " must be one of: a, b, 1" },
	{ "{\"enum\":[{\"a\":[1]}]}", "{\"a\":[1]}", "" },
	{ "{\"enum\":[{\"a\":[1]}]}", "{\"a\":[2]}", " must be one of: " },
	{ "{\"const\":null}", "null", "" },
	{ "{\"const\":3}", "4", " must be the one value that is allowed" },
	{ "{\"items\":{\"type\":\"integer\"}}", "[1,2]", "" },
	{ "{\"items\":{\"type\":\"integer\"}}", "[1,\"x\"]",
	    "/1 must be an integer, not a string" },
	{ "{\"minItems\":1,\"maxItems\":2}", "[]",
	    " must have at least 1 items" },
	{ "{\"minItems\":1,\"maxItems\":2}", "[1,2,3]",
	    " must have at most 2 items, not 3" },
	{ "{\"properties\":{\"a\":{\"type\":\"integer\"}},"
	    "\"required\":[\"a\"]}", "{\"a\":1}", "" },
	{ "{\"properties\":{\"a\":{\"type\":\"integer\"}},"
	    "\"required\":[\"a\",\"b\"]}", "{}",
	    "/a is required;/b is required" },
	{ "{\"properties\":{\"a\":{}},\"additionalProperties\":false}",
	    "{\"a\":1,\"b/c~\":2}", "/b~1c~0 is not known here" },
	{ "{\"properties\":{\"a\":{}},"
	    "\"additionalProperties\":{\"type\":\"string\"}}",
	    "{\"a\":1,\"b\":2}", "/b must be a string, not an integer" },
	{ "{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":"
	    "{\"enum\":[\"x\"]}}}}}}", "{\"a\":[{},{\"b\":\"y\"}]}",
	    "/a/1/b must be one of: x" },
	{ "{\"required\":[\"a\"],\"additionalProperties\":false}",
	    "{\"a\":5}", "" },
	/* every wrong one at once */
	{ "{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":"
	    "{\"format\":\"date\"},\"c\":{}},\"required\":[\"c\"],"
	    "\"additionalProperties\":false}",
	    "{\"a\":\"x\",\"b\":\"2026-02-30\",\"d\":1}",
	    "/a must be an integer, not a string;"
	    "/b must be a date, YYYY-MM-DD;/d is not known here;"
	    "/c is required" },
	/* unknown keywords are annotations */
	{ "{\"title\":\"t\",\"pattern\":\"^a$\",\"default\":1,"
	    "\"examples\":[1],\"x\":{}}", "\"b\"", "" },
};

static const struct {
	const char	*format, *text;
	int		 good;
} formats[] = {
	{ "uuid", "0191c0f0-7c3b-7000-8000-00000000000a", 1 },
	{ "uuid", "0191C0F0-7C3B-7000-8000-00000000000A", 1 },
	{ "uuid", "0191c0f07c3b70008000-00000000000a", 0 },
	{ "uuid", "0191c0f0-7c3b-7000-8000-00000000000g", 0 },
	{ "uuid", "", 0 },
	{ "date", "2024-02-29", 1 },
	{ "date", "2023-02-29", 0 },
	{ "date", "1900-02-29", 0 },
	{ "date", "2000-02-29", 1 },
	{ "date", "2024-13-01", 0 },
	{ "date", "2024-1-01", 0 },
	{ "date", "0000-01-01", 0 },
	{ "date-time", "2024-01-31T12:00:00Z", 1 },
	{ "date-time", "2024-01-31T12:00:00.123456+02:00", 1 },
	{ "date-time", "2024-01-31T12:00:00", 0 },
	{ "date-time", "yesterday", 0 },
	{ "time", "12:00:00", 1 },
	{ "time", "12:00:00.5", 1 },
	{ "time", "12:00:00+01:00", 1 },
	{ "time", "12:00:00Z", 1 },
	{ "time", "24:00:00", 0 },
	{ "time", "12:00", 0 },
	{ "time", "12:00:00.", 0 },
	{ "time", "12:00:00+1", 0 },
	{ "duration", "P1D", 1 },
	{ "duration", "P1Y2M3DT4H5M6.5S", 1 },
	{ "duration", "PT0S", 1 },
	{ "duration", "P-1DT-5H", 1 },
	{ "duration", "P2W", 1 },
	{ "duration", "P", 0 },
	{ "duration", "PT", 0 },
	{ "duration", "P1", 0 },
	{ "duration", "P1DT", 0 },
	{ "duration", "P1H", 0 },
	{ "duration", "PT1H1D", 0 },
	{ "duration", "PT1S2M", 0 },
	{ "duration", "PT1HT1M", 0 },
	{ "duration", "1 day", 0 },
	{ "int64", "9223372036854775807", 1 },
	{ "int64", "-9223372036854775808", 1 },
	{ "int64", "9223372036854775808", 0 },
	{ "int64", "1.0", 0 },
	{ "int64", "-", 0 },
	{ "int64", "", 0 },
	{ "byte", "", 1 },
	{ "byte", "YQ==", 1 },
	{ "byte", "YWI=", 1 },
	{ "byte", "YQ=", 0 },
	{ "byte", "Y===", 0 },
	{ "byte", "YQ\n=", 0 },
	{ "base16", "\\\\x00ff", 1 },
	{ "base16", "00FF", 1 },
	{ "base16", "0", 0 },
	{ "base16", "\\\\x0g", 0 },
};

/* Schemas that no generator may write. */
static const char *const broken[] = {
	"1", "\"x\"", "[]", "{\"type\":\"text\"}", "{\"type\":1}",
	"{\"type\":[]}", "{\"type\":[\"string\",null]}", "{\"enum\":1}",
	"{\"enum\":[]}", "{\"properties\":[]}", "{\"properties\":{\"a\":1}}",
	"{\"required\":{}}", "{\"required\":[1]}",
	"{\"additionalProperties\":1}", "{\"items\":[]}", "{\"minItems\":-1}",
	"{\"maxItems\":\"1\"}", "{\"minLength\":1.5}", "{\"maxLength\":null}",
	"{\"minimum\":\"1\"}", "{\"maximum\":null}",
	"{\"exclusiveMinimum\":true}", "{\"format\":1}",
};

static const struct { const char *schema, *text, *json; } texts[] = {
	{ "{\"type\":\"integer\"}", "12", "12" },
	{ "{\"type\":\"integer\"}", "-12", "-12" },
	{ "{\"type\":\"integer\"}", "1.5", "1.5" },
	{ "{\"type\":\"integer\"}", "1.0", "1.0" },
	{ "{\"type\":[\"integer\",\"string\"],\"format\":\"int64\"}", "1e2",
	    "1e2" },
	{ "{\"type\":[\"integer\",\"string\"],\"format\":\"int64\"}", "1.5",
	    "\"1.5\"" },
	{ "{\"type\":[\"integer\",\"string\"]}", "1e2", "\"1e2\"" },
	{ "{\"type\":[\"number\",\"string\"]}", "1e2", "\"1e2\"" },
	{ "{\"type\":\"integer\"}", "012", "\"012\"" },
	{ "{\"type\":\"integer\"}", "", "\"\"" },
	{ "{\"type\":\"integer\"}", "1,\"x\":2", "\"1,\\\"x\\\":2\"" },
	{ "{\"type\":\"number\"}", "1.5e-3", "1.5e-3" },
	{ "{\"type\":\"number\"}", "1.", "\"1.\"" },
	{ "{\"type\":\"number\"}", "1e", "\"1e\"" },
	{ "{\"type\":\"number\"}", "-", "\"-\"" },
	{ "{\"type\":\"number\"}", "NaN", "\"NaN\"" },
	{ "{\"type\":[\"integer\",\"string\"]}", "9223372036854775807",
	    "\"9223372036854775807\"" },
	{ "{\"type\":\"boolean\"}", "true", "true" },
	{ "{\"type\":[\"boolean\",\"null\"]}", "false", "false" },
	{ "{\"type\":\"boolean\"}", "yes", "\"yes\"" },
	{ "{\"type\":\"string\"}", "true", "\"true\"" },
	{ "{\"type\":\"string\"}", "12", "\"12\"" },
	{ "{}", "12", "\"12\"" },
};

static struct schema *
compile(const char *text, struct json_doc **doc)
{
	struct schema_error	 e;
	struct schema		*s;

	assert_non_null(*doc = json_parse(text, strlen(text), &wide, NULL));
	s = schema_compile(json_root(*doc), &e);
	if (s == NULL)
		assert_string_not_equal(e.text, "");
	return s;
}

static void
checks_values(void **state)
{
	struct schema_errors	 e;
	struct json_doc		*doc, *value;
	struct schema		*s;
	char			 wrong[1024];
	size_t			 i;
	unsigned int		 n;

	(void)state;
	for (i = 0; i < COUNT(checks); i++) {
		assert_non_null(s = compile(checks[i].schema, &doc));
		assert_non_null(value = json_parse(checks[i].value,
		    strlen(checks[i].value), &wide, NULL));
		wrong[0] = '\0';
		assert_int_equal(schema_check(s, json_root(value), &e),
		    checks[i].wrong[0] == '\0' ? 0 : -1);
		for (n = 0; n < e.n; n++)
			(void)snprintf(wrong + strlen(wrong),
			    sizeof(wrong) - strlen(wrong), "%s%s %s",
			    n == 0 ? "" : ";", e.error[n].pointer,
			    e.error[n].text);
		assert_string_equal(wrong, checks[i].wrong);
		schema_free(s);
		json_free(doc);
		json_free(value);
	}
}

static void
checks_formats(void **state)
{
	struct schema_errors	 e;
	struct json_doc		*doc, *value;
	struct schema		*s;
	char			 text[256];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(formats); i++) {
		(void)snprintf(text, sizeof(text), "{\"format\":\"%s\"}",
		    formats[i].format);
		assert_non_null(s = compile(text, &doc));
		(void)snprintf(text, sizeof(text), "\"%s\"",
		    strcmp(formats[i].text, "YQ\n=") == 0 ? "YQ\\n=" :
		    formats[i].text);
		assert_non_null(value = json_parse(text, strlen(text), NULL,
		    NULL));
		if ((schema_check(s, json_root(value), &e) == 0) !=
		    formats[i].good)
			fail_msg("%s: %s", formats[i].format,
			    formats[i].text);
		schema_free(s);
		json_free(doc);
		json_free(value);
	}
}

static void
refuses_schemas(void **state)
{
	struct json_doc	*doc;
	char		 text[40 * 64];
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(broken); i++) {
		assert_null(compile(broken[i], &doc));
		json_free(doc);
	}
	/* nested deeper than the limit */
	text[0] = '\0';
	for (i = 0; i < SCHEMA_MAX_DEPTH; i++)
		(void)strlcat(text, "{\"items\":", sizeof(text));
	(void)strlcat(text, "{}", sizeof(text));
	for (i = 0; i < SCHEMA_MAX_DEPTH; i++)
		(void)strlcat(text, "}", sizeof(text));
	assert_null(compile(text, &doc));
	json_free(doc);
}

/* More than can be told ends the check. */
static void
ends_when_full(void **state)
{
	struct schema_errors	 e;
	struct json_doc		*doc, *value;
	struct json_buf		 b;
	struct schema		*s;
	int			 i;

	(void)state;
	assert_non_null(s = compile("{\"items\":{\"type\":\"string\"}}",
	    &doc));
	json_buf_init(&b, 1 << 20);
	json_array_open(&b);
	for (i = 0; i < 1000; i++)
		json_put_integer(&b, i);
	json_array_close(&b);
	assert_non_null(value = json_parse(b.data, b.len, NULL, NULL));
	assert_int_equal(schema_check(s, json_root(value), &e), -1);
	assert_int_equal(e.n, SCHEMA_MAX_ERRORS);
	assert_int_equal(e.more, 1);
	assert_string_equal(e.error[15].pointer, "/15");
	json_buf_free(&b);
	json_free(value);
	schema_free(s);
	json_free(doc);
}

static void
reads_texts(void **state)
{
	struct json_doc	*doc;
	struct json_buf	 b;
	struct schema	*s;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		assert_non_null(s = compile(texts[i].schema, &doc));
		json_buf_init(&b, 1024);
		schema_put_text(s, &b, texts[i].text);
		assert_string_equal(b.data, texts[i].json);
		json_buf_free(&b);
		schema_free(s);
		json_free(doc);
	}
}

/* Integers as PostgreSQL reads them; what else there is stays. */
static const struct { const char *schema, *value, *json; } written[] = {
	{ "{\"type\":\"integer\"}", "1.0", "1" },
	{ "{\"type\":\"integer\"}", "-1.20e2", "-120" },
	{ "{\"type\":\"integer\"}", "-0.0", "0" },
	{ "{\"type\":\"integer\"}", "0e999999999999", "0" },
	{ "{\"type\":\"integer\"}", "9223372036854775807.000",
	    "9223372036854775807" },
	{ "{\"type\":\"integer\"}", "9223372036854775808e0",
	    "9223372036854775808" },
	{ "{\"type\":\"integer\"}", "1e300", "1e300" },
	{ "{\"type\":[\"integer\",\"string\"]}", "1e2", "100" },
	{ "{\"type\":[\"integer\",\"string\"]}", "\"1e2\"", "\"1e2\"" },
	{ "{\"type\":\"number\"}", "1.0", "1.0" },
	{ "{}", "1.0", "1.0" },
	{ "{\"items\":{\"type\":\"integer\"}}", "[1.0,2,3e0]", "[1,2,3]" },
	{ "{\"properties\":{\"a\":{\"type\":\"integer\"},"
	    "\"b\":{\"type\":\"number\"}},"
	    "\"additionalProperties\":{\"type\":\"integer\"}}",
	    "{\"b\":1.0,\"a\":1.0,\"c\":2.0}",
	    "{\"b\":1.0,\"a\":1,\"c\":2}" },
};

static void
puts_values(void **state)
{
	struct json_doc	*doc, *value;
	struct json_buf	 b;
	struct schema	*s;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(written); i++) {
		assert_non_null(s = compile(written[i].schema, &doc));
		assert_non_null(value = json_parse(written[i].value,
		    strlen(written[i].value), &wide, NULL));
		json_buf_init(&b, 1024);
		schema_put(s, &b, json_root(value));
		assert_string_equal(b.data, written[i].json);
		json_buf_free(&b);
		schema_free(s);
		json_free(doc);
		json_free(value);
	}
}

static void
tells_of_itself(void **state)
{
	const struct schema	*a;
	struct json_doc		*doc;
	struct schema		*s;

	(void)state;
	assert_non_null(s = compile("{\"type\":\"object\",\"properties\":"
	    "{\"z\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},"
	    "\"a\":true},\"additionalProperties\":false}", &doc));
	assert_int_equal(schema_types(s), SCHEMA_OBJECT);
	assert_non_null(a = schema_property(s, "z"));
	assert_int_equal(schema_types(a), SCHEMA_ARRAY);
	assert_int_equal(schema_types(schema_items(a)), SCHEMA_INTEGER);
	assert_int_equal(schema_types(schema_property(s, "a")), SCHEMA_ANY);
	assert_null(schema_property(s, "b"));
	schema_free(s);
	json_free(doc);
	schema_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_values),
		cmocka_unit_test(checks_formats),
		cmocka_unit_test(refuses_schemas),
		cmocka_unit_test(ends_when_full),
		cmocka_unit_test(reads_texts),
		cmocka_unit_test(puts_values),
		cmocka_unit_test(tells_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
