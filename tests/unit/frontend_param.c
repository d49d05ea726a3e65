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
 * Parameters: durations, times, queries, filters, bodies.
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

#include "arguments.h"
#include "codec.h"
#include "duration.h"
#include "query.h"

static void
test_duration(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 seconds;	/* -1: refused */
	} rows[] = {
		{ "24h", 86400 }, { "24h0m0s", 86400 }, { "90m", 5400 },
		{ "30s", 30 }, { "1h30m", 5400 }, { "1h1s", 3601 },
		{ "0s", 0 }, { "168h", 604800 },
		{ "", -1 }, { "1", -1 }, { "h", -1 }, { "1d", -1 },
		{ "1m1h", -1 }, { "1h1h", -1 }, { "-1h", -1 }, { "1.5h", -1 },
		{ " 1h", -1 }, { "1h ", -1 }, { "1H", -1 }, { "1hm", -1 },
		{ "99999999999999999999h", -1 }, { "9999999h", -1 },
	};
	int64_t	n;
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = -1;
		if (duration_parse(rows[i].text, strlen(rows[i].text),
		    &n) == -1)
			n = -1;
		if (n != rows[i].seconds)
			fail_msg("%s", rows[i].text);
	}
}

static void
test_time(void **state)
{
	static const char *const good[] = { "2026-01-31T12:00:00Z",
	    "2026-01-31t12:00:00.123456z", "2026-01-31 12:00:00+01:00",
	    "2026-12-31T23:59:60-00:30" };
	static const char *const bad[] = { "", "2026", "2026-01-31",
	    "2026-01-31T12:00:00", "2026-13-31T12:00:00Z",
	    "2026-01-32T12:00:00Z", "2026-01-31T24:00:00Z",
	    "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+1:00",
	    "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+24:00",
	    "2026-01-31T12:00", "x026-01-31T12:00:00Z" };
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!param_is_time(good[i]))
			fail_msg("%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (param_is_time(bad[i]))
			fail_msg("%s", bad[i]);
}

static void
test_decode(void **state)
{
	static const struct {
		const char	*in;
		const char	*plain;	/* NULL: refused */
		const char	*plus;
	} rows[] = {
		{ "a%20b", "a b", "a b" }, { "a+b", "a+b", "a b" },
		{ "%2F%3f", "/?", "/?" }, { "%C3%A9", "\xc3\xa9", "\xc3\xa9" },
		{ "", "", "" }, { "%", NULL, NULL }, { "%2", NULL, NULL },
		{ "%zz", NULL, NULL }, { "%00", NULL, NULL },
		{ "%0a", NULL, NULL }, { "%7f", NULL, NULL },
		{ "%ff", NULL, NULL }, { "%C3", NULL, NULL },
		{ "%ED%A0%80", NULL, NULL },
	};
	char	out[64];
	size_t	i;
	int	plus;
	ssize_t	n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (plus = 0; plus < 2; plus++) {
			const char *want = plus ? rows[i].plus : rows[i].plain;

			n = query_decode(out, rows[i].in, strlen(rows[i].in),
			    plus);
			if (want == NULL ? n != -1 : n == -1 ||
			    strcmp(out, want) != 0)
				fail_msg("%s", rows[i].in);
		}
}

static void
test_filter(void **state)
{
	static const char *const bad[] = { "", "name", "[eq]x", "name[eq",
	    "name[equal]x", "name[]x", "na me[eq]x", "name[EQ]x",
	    "name;drop[eq]x" };
	struct query_filter	f;
	struct query_order	o;
	char			longer[QUERY_MAX_FIELD + 8];
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (query_filter_parse(bad[i], &f) == 0)
			fail_msg("%s", bad[i]);
	assert_int_equal(query_filter_parse("name[eq]a]b[", &f), 0);
	assert_string_equal(f.field, "name");
	assert_string_equal(f.op, "eq");
	assert_string_equal(f.value, "a]b[");
	assert_int_equal(query_filter_parse("a.b_c-d[gte]", &f), 0);
	assert_string_equal(f.op, "gte");
	assert_string_equal(f.value, "");
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + QUERY_MAX_FIELD + 1, "[eq]x", 6);
	assert_int_equal(query_filter_parse(longer, &f), -1);

	assert_int_equal(query_order_parse("name", &o), 0);
	assert_string_equal(o.dir, "asc");
	assert_int_equal(query_order_parse("name[desc]", &o), 0);
	assert_string_equal(o.dir, "desc");
	assert_int_equal(query_order_parse("name[desc]x", &o), -1);
	assert_int_equal(query_order_parse("name[up]", &o), -1);
	assert_int_equal(query_order_parse("", &o), -1);
}

/* What a request of the route table's shape becomes. */
static const struct param list[] = {
	{ "limit", PARAM_LIMIT, 0, 1000 },
	{ "start_after", PARAM_TEXT, 0, 20 },
	{ "order", PARAM_ORDER, 0, 255 },
	{ "filter", PARAM_FILTER, 0, 255 },
	{ "expand", PARAM_LIST, 0, 64 },
	{ "total", PARAM_BOOL, 0, 0 },
	{ "meta", PARAM_IGNORED, 0, 64 },
	{ "since", PARAM_TIME, 0, 64 },
	{ NULL, PARAM_ANY, 0, 0 }
};
static const struct param object[] = {
	{ "name", PARAM_TEXT, PARAM_REQUIRED, 8 },
	{ "count", PARAM_INTEGER, 0, 100 },
	{ "on", PARAM_BOOL, 0, 0 },
	{ "ttl", PARAM_DURATION, 0, 86400 },
	{ "at", PARAM_TIME, 0, 0 },
	{ "labels", PARAM_TEXTS, 0, 8 },
	{ "list", PARAM_ARRAY, 0, 0 },
	{ "config", PARAM_OBJECT, 0, 0 },
	{ "id", PARAM_ANY, PARAM_READONLY, 0 },
	{ NULL, PARAM_ANY, 0, 0 }
};
static const struct param none[] = { { NULL, PARAM_ANY, 0, 0 } };
#define ROW(m, p, k, b, q)						\
	{ .method = m, .pattern = p, .operation = p, .body_kind = k,	\
	    .body = b, .query = q }
static const struct route routes[] = {
	ROW(HTTP_GET, "/l/{id}", BODY_NONE, none, list),
	ROW(HTTP_POST, "/o", BODY_OBJECT, object, none),
	ROW(HTTP_PATCH, "/a", BODY_ARRAY, none, none),
	ROW(HTTP_POST, "/f/{path*}", BODY_FILE, none, none),
	ROW(HTTP_POST, "/n", BODY_NONE, none, none),
};
static const size_t nroutes = sizeof(routes) / sizeof(routes[0]);
static const struct route_list lists[] = {
	{ routes, &nroutes }, { NULL, NULL }
};

#define J	"Content-Type: application/json\r\n"

static const struct {
	const char	*line;
	const char	*fields;
	const char	*body;
	unsigned int	 status;	/* 0: good */
	const char	*out;		/* arguments, or the message */
	const char	*parameter;
	const char	*location;
} requests[] = {
	{ "GET /l/a%2Fb?limit=5&order=name&order=id%5Bdesc%5D&"
	    "filter=name%5Blike%5Da%2A&filter=x[in]a,b&total=true&expand=all",
	    "", "", 0, "{\"path\":{\"id\":\"a/b\"},\"query\":{\"limit\":5,"
	    "\"order\":[{\"field\":\"name\",\"dir\":\"asc\"},"
	    "{\"field\":\"id\",\"dir\":\"desc\"}],"
	    "\"filter\":[{\"field\":\"name\",\"op\":\"like\",\"value\":\"a*\"},"
	    "{\"field\":\"x\",\"op\":\"in\",\"value\":\"a,b\"}],"
	    "\"expand\":[\"all\"],\"total\":true}}", "", "" },
	{ "GET /l/x", "", "", 0, "{\"path\":{\"id\":\"x\"}}", "", "" },
	{ "GET /l/x?", "", "", 0, "{\"path\":{\"id\":\"x\"}}", "", "" },
	{ "GET /l/x?&&", "", "", 0, "{\"path\":{\"id\":\"x\"},\"query\":{}}",
	    "", "" },
	{ "GET /l/x?meta=a&meta=b", "", "", 0,
	    "{\"path\":{\"id\":\"x\"},\"query\":{}}", "", "" },
	{ "GET /l/x?since=2026-01-31T12%3A00%3A00Z", "", "", 0,
	    "{\"path\":{\"id\":\"x\"},"
	    "\"query\":{\"since\":\"2026-01-31T12:00:00Z\"}}", "", "" },
	{ "GET /l/x", J, "", 0, "{\"path\":{\"id\":\"x\"}}", "", "" },
	{ "GET /l/%zz", "", "", 400, "id is not percent-encoded", "id",
	    "path" },
	{ "GET /l/%00", "", "", 400, "id is not percent-encoded", "id",
	    "path" },
	{ "GET /l/x?limit=0", "", "", 400, "limit must be a number from 1",
	    "limit", "query" },
	{ "GET /l/x?limit=1001", "", "", 400, "limit must be", "limit",
	    "query" },
	{ "GET /l/x?limit=%201", "", "", 400, "limit must be", "limit",
	    "query" },
	{ "GET /l/x?limit", "", "", 400, "limit must be", "limit", "query" },
	{ "GET /l/x?limit=1&limit=2", "", "", 400, "limit stands twice",
	    "limit", "query" },
	{ "GET /l/x?total=yes", "", "", 400, "total must be true or false",
	    "total", "query" },
	{ "GET /l/x?order=name[up]", "", "", 400, "order must be", "order",
	    "query" },
	{ "GET /l/x?filter=name", "", "", 400, "filter must be", "filter",
	    "query" },
	{ "GET /l/x?start_after=123456789012345678901", "", "", 400,
	    "start_after has more than 20", "start_after", "query" },
	{ "GET /l/x?since=yesterday", "", "", 400, "since must be a time",
	    "since", "query" },
	{ "GET /l/x?nosuch=1", "", "", 400, "There is no such parameter",
	    "nosuch", "query" },
	{ "GET /l/x?a%00=1", "", "", 400, "The query is not", "", "query" },

	{ "POST /o", J, "{\"name\":\"n\",\"count\":3,\"on\":false,"
	    "\"ttl\":\"1h\",\"at\":\"2026-01-31T12:00:00Z\",\"labels\":[\"l\"],"
	    "\"list\":[1],\"config\":{\"a\":null},\"id\":7}", 0,
	    "{\"body\":{\"name\":\"n\",\"count\":3,\"on\":false,"
	    "\"ttl\":\"1h\",\"at\":\"2026-01-31T12:00:00Z\",\"labels\":[\"l\"],"
	    "\"list\":[1],\"config\":{\"a\":null},\"id\":7}}", "", "" },
	{ "POST /o", "Content-Type: application/json; charset=UTF-8\r\n",
	    "{\"name\":\"n\",\"count\":null}", 0,
	    "{\"body\":{\"name\":\"n\"}}", "", "" },
	{ "POST /o", "Content-Type: application/problem+json\r\n",
	    "{\"name\":\"\\u00e9\"}", 0, "{\"body\":{\"name\":\"\xc3\xa9\"}}",
	    "", "" },
	{ "POST /o", J, "{\"name\":null}", 400, "name is required", "/name",
	    "body" },
	{ "POST /o", "", "", 400, "name is required", "/name", "body" },
	{ "POST /o", J, "{}", 400, "name is required", "/name", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"nosuch\":1}", 400,
	    "There is no such field: nosuch", "/nosuch", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"nosuch\":null}", 400,
	    "There is no such field: nosuch", "/nosuch", "body" },
	{ "POST /o", J, "{\"name\":7}", 400,
	    "name must be a string, not an integer", "/name", "body" },
	{ "POST /o", J, "{\"name\":\"123456789\"}", 400,
	    "name has more than 8 bytes", "/name", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"count\":101}", 400,
	    "count must be from 0 to 100", "/count", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"count\":1.0}", 400,
	    "count must be an integer, not a number", "/count", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"ttl\":\"25h\"}", 400,
	    "ttl must be from 1s to 24h", "/ttl", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"ttl\":\"0s\"}", 400,
	    "ttl must be from 1s", "/ttl", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"ttl\":\"day\"}", 400,
	    "ttl must be a duration", "/ttl", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"ttl\":60}", 400,
	    "ttl must be a string", "/ttl", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"at\":\"now\"}", 400,
	    "at must be a time", "/at", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"labels\":[1]}", 400,
	    "labels must be an array of strings", "/labels", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"labels\":[\"123456789\"]}", 400,
	    "an item of labels", "/labels", "body" },
	{ "POST /o", J, "{\"name\":\"n\",\"config\":[]}", 400,
	    "config must be an object, not an array", "/config", "body" },
	{ "POST /o", J, "[]", 400, "The body must be an object", "", "body" },
	{ "POST /o", J, "{\"name\":\"a\",\"name\":\"b\"}", 400,
	    "The body is not acceptable JSON: the name is repeated", "/name",
	    "body" },
	{ "POST /o", J, "{\"name\":\"\\u0000\"}", 400,
	    "The body is not acceptable JSON: the character U+0000", "/name",
	    "body" },
	{ "POST /o", J, "{\"name\":", 400,
	    "The body is not acceptable JSON: the text ends", "/name",
	    "body" },
	{ "POST /o", "", "{\"name\":\"n\"}", 415, "The body must be", "",
	    "" },
	{ "POST /o", "Content-Type: text/plain\r\n", "{}", 415,
	    "The body must be", "", "" },
	{ "POST /o", "Content-Type: application/jsonx\r\n", "{}", 415,
	    "The body must be", "", "" },
	{ "POST /o", "Content-Type: application/json;charset=latin1\r\n",
	    "{}", 415, "The body must be", "", "" },
	{ "POST /o", J "Content-Encoding: gzip\r\n", "\037", 415,
	    "A body with a Content-Encoding", "", "" },
	{ "POST /o?x=1", J, "{\"name\":\"n\"}", 400,
	    "There is no such parameter", "x", "query" },

	{ "PATCH /a", J, "[{\"op\":\"add\",\"value\":null}]", 0,
	    "{\"body\":[{\"op\":\"add\",\"value\":null}]}", "", "" },
	{ "PATCH /a", "Content-Type: application/json-patch+json\r\n", "[]",
	    0, "{\"body\":[]}", "", "" },
	{ "PATCH /a", J, "{}", 400, "The body must be an array", "", "body" },
	{ "PATCH /a", "", "", 400, "The body is not acceptable JSON", "",
	    "body" },

	{ "POST /n", J, "", 0, "{}", "", "" },
	{ "POST /n", J, "{}", 0, "{\"body\":{}}", "", "" },
	{ "POST /n", J, "{\"x\":1}", 400, "There is no such field", "/x",
	    "body" },

	{ "POST /f/a/b%20c.txt", "Content-Type: application/octet-stream\r\n",
	    "f\xff", 0, "{\"path\":{\"path\":\"a/b c.txt\"},\"body\":"
	    "{\"content\":\"Zv8=\","
	    "\"content_type\":\"application/octet-stream\"}}", "", "" },
	{ "POST /f/a", "Content-Type: multipart/form-data; boundary=B\r\n",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"; "
	    "filename=\"x\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--B--\r\n",
	    0, "{\"path\":{\"path\":\"a\"},\"body\":{\"content\":\"aGk=\","
	    "\"content_type\":\"text/plain\"}}", "", "" },
	/* the mark of a secret */
	{ "POST /f/a", "Content-Type: multipart/form-data; boundary=B\r\n",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n"
	    "Content-Type: \0010\r\n\r\nhi\r\n--B--\r\n", 400,
	    "This is no content type", "", "" },
	{ "POST /f/a", "Content-Type: multipart/form-data\r\n", "x", 400,
	    "The Content-Type has no boundary", "", "" },
	{ "POST /f/a", J, "{}", 415, "A file is sent as", "", "" },
	{ "POST /f/a", "", "", 0, "{\"path\":{\"path\":\"a\"},"
	    "\"body\":{\"content\":\"\"}}", "", "" },
};

static void
test_arguments(void **state)
{
	const struct http_refusal	*why;
	struct arguments_error		 e;
	struct route_match		 m;
	struct http_head		 h;
	struct param_hidings		 hidings = { { NULL } };
	struct json_buf			 b;
	char				 head[1024];
	size_t				 i, n;
	int				 ret;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		n = (size_t)snprintf(head, sizeof(head),
		    "%s HTTP/1.1\r\nHost: x\r\n%s\r\n", requests[i].line,
		    requests[i].fields);
		assert_int_equal(http_head_parse(head, n, &h, &why), 0);
		route_find(lists, h.method, &h.path, &m);
		assert_non_null(m.route);
		json_buf_init(&b, 100000);
		ret = arguments_write(&b, &m, &h, requests[i].body,
		    strlen(requests[i].body), &hidings, &e);
		if (requests[i].status == 0) {
			if (ret == -1)
				fail_msg("%s %s: %s", requests[i].line,
				    requests[i].body, e.problem.message);
			assert_string_equal(b.data, requests[i].out);
		} else if (ret == 0 ||
		    e.problem.status != requests[i].status ||
		    strncmp(e.problem.message, requests[i].out,
		    strlen(requests[i].out)) != 0 ||
		    strcmp(e.problem.parameter, requests[i].parameter) != 0 ||
		    strcmp(e.problem.location, requests[i].location) != 0)
			fail_msg("%s %s: %s (%s in %s)", requests[i].line,
			    requests[i].body,
			    ret == 0 ? "accepted" : e.problem.message,
			    ret == 0 ? "" : e.problem.parameter,
			    ret == 0 ? "" : e.problem.location);
		json_buf_free(&b);
	}
}

/* A name from outside is cut between characters. */
static void
test_long_name(void **state)
{
	struct param_error	 e;
	struct json_doc		*doc;
	struct param_hidings	 hidings;
	struct json_buf		 b;
	char			 text[2000];
	size_t			 n, i;

	(void)state;
	memset(&hidings, 0, sizeof(hidings));
	for (i = 0; i < 4; i++) {
		n = (size_t)snprintf(text, sizeof(text), "{\"%.*s", (int)i,
		    "aaaa");
		for (; n < 1500; n += 3)
			memcpy(text + n, "\xe2\x82\xac", 3);
		memcpy(text + n, "\":1}", 5);
		doc = json_parse(text, n + 4, NULL, NULL);
		assert_non_null(doc);
		json_buf_init(&b, 10000);
		assert_int_equal(param_body(&b, object, 0, json_root(doc),
		    &hidings, &e), -1);
		assert_int_equal(json_utf8_check(e.name, strlen(e.name),
		    NULL), 0);
		assert_int_equal(json_utf8_check(e.message,
		    strlen(e.message), NULL), 0);
		json_buf_free(&b);
		json_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
