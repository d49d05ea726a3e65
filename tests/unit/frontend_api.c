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
 * /api without a server: arguments out of queries, forms and bodies, problems
 * and challenges, headers, the manifest and the OpenAPI document.
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

#include "api.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define ORDERS	"shop.orders"
#define DELETE	"shop.segment_delete"

static struct catalogue	*shop;

static int
setup(void **state)
{
	static char	 text[65536];
	FILE		*f = fopen(SEED, "r");
	size_t		 len;

	(void)state;
	assert_non_null(f);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_non_null(shop = catalogue_parse(text, len, NULL));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	catalogue_unref(shop);
	return 0;
}

/* What becomes of a request; "!" begins what was wrong. */
static const struct {
	const char	*name;
	enum api_form	 form;
	const char	*query, *body, *call;
} calls[] = {
	{ ORDERS, API_QUERY, NULL, "", "{\"arguments\":{}" },
	{ ORDERS, API_QUERY, "limit=5&status=open&status=paid", "",
	    "{\"arguments\":{\"limit\":5,\"status\":[\"open\",\"paid\"]}" },
	{ ORDERS, API_QUERY, "page_size=7&cursor=abc&limit=5", "",
	    "{\"page\":{\"size\":7,\"cursor\":\"abc\"},"
	    "\"arguments\":{\"limit\":5}" },
	{ ORDERS, API_QUERY, "page_size=1000", "",
	    "{\"page\":{\"size\":100},\"arguments\":{}" },
	{ ORDERS, API_QUERY, "page_size=0", "",
	    "!422 /page_size must be an integer from 1 to 2147483647;" },
	{ ORDERS, API_QUERY, "least=12345678901234567890.5", "",
	    "{\"arguments\":{\"least\":\"12345678901234567890.5\"}" },
	{ ORDERS, API_QUERY, "limit=x&store=1&status=lost&foo=1&foo=2", "",
	    "!422 /foo may be given once;"
	    "/limit must be an integer, not a string;"
	    "/store must be a UUID;/status/0 must be one of: open, paid, "
	    "sent;/foo is not known here;" },
	{ ORDERS, API_QUERY, "limit=5&limit=6", "",
	    "!422 /limit may be given once;" },
	{ ORDERS, API_QUERY, "limit=500", "",
	    "!422 /limit must be at most 100;" },
	{ ORDERS, API_QUERY, "limit=%zz", "", "!400 " },
	{ ORDERS, API_QUERY, "limit=%00", "", "!400 " },
	{ ORDERS, API_QUERY, "limit=\xff", "", "!400 " },
	{ ORDERS, API_QUERY, "limit=1%2C%22x%22%3A2", "",
	    "!422 /limit must be an integer, not a string;" },
	{ ORDERS, API_QUERY, "limit=99999999999999999999", "",
	    "!422 /limit must be at most 100;" },
	{ ORDERS, API_QUERY, "least=1e999", "",
	    "{\"arguments\":{\"least\":\"1e999\"}" },
	{ ORDERS, API_QUERY, "answers={}", "",
	    "!422 /answers is not known here;" },
	{ ORDERS, API_JSON, "cursor=x", "{\"limit\":5}",
	    "{\"page\":{\"cursor\":\"x\"},\"arguments\":{\"limit\":5}" },
	{ ORDERS, API_JSON, "limit=5", "{}",
	    "!422 /limit is no parameter of a query here;" },
	{ ORDERS, API_JSON, NULL, "", "{\"arguments\":{}" },
	{ ORDERS, API_JSON, NULL, "[]", "!400 " },
	{ ORDERS, API_JSON, NULL, "{\"limit\":5", "!400  the text ends before "
	    "it is complete;" },
	{ ORDERS, API_JSON, NULL, "{\"limit\":5,\"limit\":6}",
	    "!400 /limit the name is repeated in one object;" },
	{ ORDERS, API_JSON, NULL, "{\"store\":\"\\u0001\"}",
	    "!400 /store control characters other than tab, line feed and "
	    "carriage return are not allowed;" },
	{ ORDERS, API_JSON, NULL, "{\"limit\":null}",
	    "!422 /limit must be an integer, not null;" },
	{ ORDERS, API_JSON, NULL, "{\"store\":null}",
	    "{\"arguments\":{\"store\":null}" },
	{ ORDERS, API_JSON, NULL, "{\"least\":123456789012345678901234567890}",
	    "{\"arguments\":{\"least\":123456789012345678901234567890}" },
	{ ORDERS, API_JSON, NULL, "{\"least\":1.10}",
	    "{\"arguments\":{\"least\":1.10}" },
	{ DELETE, API_JSON, NULL, "{}", "!422 /id is required;" },
	{ DELETE, API_JSON, NULL, "{\"id\":9223372036854775807}",
	    "{\"arguments\":{\"id\":9223372036854775807}" },
	{ DELETE, API_JSON, NULL, "{\"id\":\"9223372036854775808\"}",
	    "!422 /id must be an integer of 64 bit;" },
	{ DELETE, API_JSON, "request_state=s&answers=%7B%22k%22%3A1%7D",
	    "{\"id\":1}", "{\"state\":\"s\",\"answers\":{\"k\":1},"
	    "\"arguments\":{\"id\":1}" },
	{ DELETE, API_JSON, "answers=x", "{\"id\":1}",
	    "!422 /answers must be a JSON object;" },
	{ DELETE, API_JSON, "cursor=x", "{\"id\":1}",
	    "!422 /cursor is no parameter of a query here;" },
	{ DELETE, API_FORM, NULL, "id=12&csrf=token",
	    "{\"arguments\":{\"id\":\"12\"}" },
	{ DELETE, API_FORM, NULL, "id=", "!422 /id is required;" },
	{ DELETE, API_FORM, NULL, "id=%", "!400 " },
};

static void
reads_calls(void **state)
{
	struct api_input	 in;
	struct http_text	 query;
	struct problem		 p;
	char			 got[2048];
	size_t			 i;
	unsigned int		 n;

	(void)state;
	for (i = 0; i < COUNT(calls); i++) {
		query.p = calls[i].query;
		query.len = query.p == NULL ? 0 : strlen(query.p);
		if (api_input_read(&in, catalogue_by_name(shop,
		    calls[i].name), calls[i].form, &query, calls[i].body,
		    strlen(calls[i].body), &p) == 0)
			(void)strlcpy(got, in.call.data, sizeof(got));
		else {
			(void)snprintf(got, sizeof(got), "!%u ", p.status);
			for (n = 0; n < in.errors.n; n++)
				(void)snprintf(got + strlen(got),
				    sizeof(got) - strlen(got), "%s %s;",
				    in.errors.error[n].pointer,
				    in.errors.error[n].text);
		}
		assert_string_equal(got, calls[i].call);
		assert_string_equal(in.csrf, calls[i].form == API_FORM &&
		    strstr(calls[i].body, "csrf") != NULL ? "token" : "");
		api_input_free(&in);
	}
}

static const struct { const char *body, *cursor; } cursors[] = {
	{ "{\"items\":[],\"next_cursor\":\"ab-_9=\"}", "ab-_9=" },
	{ "{\"items\" : [{}], \"next_cursor\" : \"x\"}", "x" },
	{ "{\"items\":[],\"next_cursor\":\"x\",\"truncated\":true}", "x" },
	{ "{\"items\":[],\"next_cursor\":null}", "" },
	{ "{\"items\":[],\"next_cursor\":\"\"}", "" },
	{ "{\"items\":[{\"next_cursor\":\"x\"}]}", "" },
	{ "{\"items\":[{\"next_cursor\":\"x\"}],\"next_cursor\":null}", "" },
	{ "{\"items\":[\"\\\"next_cursor\\\":\\\"x\\\"}\"]}", "" },
	{ "{\"next_cursor\":\"a>; rel=x\"}", "" },
	{ "{\"next_cursor\":\"abc", "" },
	{ "{\"next_cursor\"", "" },
	{ "", "" },
};

static void
finds_cursors(void **state)
{
	char	 got[API_MAX_CURSOR + 1];
	size_t	 i;

	(void)state;
	for (i = 0; i < COUNT(cursors); i++) {
		if (api_next_cursor(cursors[i].body, strlen(cursors[i].body),
		    got) == -1)
			got[0] = '\0';
		assert_string_equal(got, cursors[i].cursor);
	}
}

static struct http_text
text(const char *s)
{
	struct http_text	t = { s, strlen(s) };

	return t;
}

static void
reads_headers(void **state)
{
	struct http_text	t;
	char			key[API_MAX_KEY + 1], big[300];

	(void)state;
	assert_int_equal(api_prefers_minimal(NULL), 0);
	t = text("return=minimal");
	assert_int_equal(api_prefers_minimal(&t), 1);
	t = text("wait=5,  Return=Minimal ,x");
	assert_int_equal(api_prefers_minimal(&t), 1);
	t = text("return=minimally, return=representation");
	assert_int_equal(api_prefers_minimal(&t), 0);
	t = text(",,");
	assert_int_equal(api_prefers_minimal(&t), 0);
	t = text("\"abc\"");
	assert_int_equal(api_idempotency_key(&t, key), 0);
	assert_string_equal(key, "abc");
	t = text("a b");
	assert_int_equal(api_idempotency_key(&t, key), -1);
	t = text("\"\"");
	assert_int_equal(api_idempotency_key(&t, key), -1);
	t = text("");
	assert_int_equal(api_idempotency_key(&t, key), -1);
	memset(big, 'a', sizeof(big));
	t.p = big;
	t.len = 255;
	assert_int_equal(api_idempotency_key(&t, key), 0);
	t.len = 256;
	assert_int_equal(api_idempotency_key(&t, key), -1);
}

static void
writes_problems(void **state)
{
	struct problem		 p = PROBLEM_INIT(422, "invalid", "Wrong", "d",
				    "");
	struct schema_errors	 e;
	struct api_problem	 x = { &e, "body", NULL, 0 };
	struct json_buf		 b;
	char			 out[512];

	(void)state;
	e.n = 1;
	(void)strlcpy(e.error[0].pointer, "/a", 16);
	(void)strlcpy(e.error[0].text, "is wrong", 16);
	json_buf_init(&b, 4096);
	api_problem_write(&b, &p, &x, "https://x", "1-2");
	assert_string_equal(b.data, "{\"type\":\"https://x/problems/invalid\","
	    "\"title\":\"Wrong\",\"status\":422,\"detail\":\"d\","
	    "\"instance\":\"urn:uuid:1-2\",\"code\":\"invalid\","
	    "\"errors\":[{\"pointer\":\"/a\",\"detail\":\"is wrong\","
	    "\"in\":\"body\"}]}");
	json_buf_free(&b);
	/* data of the application: JSON or nothing */
	x.errors = NULL;
	x.data = "{\"a\":1}";
	x.data_len = strlen(x.data);
	p.parameter = "b/c";
	p.location = "body";
	json_buf_init(&b, 4096);
	api_problem_write(&b, &p, &x, "https://x", "1-2");
	assert_non_null(strstr(b.data, "\"pointer\":\"/b~1c\""));
	assert_non_null(strstr(b.data, ",\"data\":{\"a\":1}}"));
	json_buf_free(&b);
	x.data = "{\"a\":1},\"status\":200";
	x.data_len = strlen(x.data);
	json_buf_init(&b, 4096);
	api_problem_write(&b, &p, &x, "https://x", "1-2");
	assert_null(strstr(b.data, "200"));
	json_buf_free(&b);
	assert_int_equal(api_problem_challenge(&p, "https://x", "/api/a/b",
	    "s", out, sizeof(out)), -1);
	p.status = 403;
	p.code = "insufficient_scope";
	p.message = "No \"scope\"";
	assert_int_equal(api_problem_challenge(&p, "https://x", "/api/a/b",
	    "a:b c:d", out, sizeof(out)), 0);
	assert_string_equal(out, "Bearer realm=\"grantd\", "
	    "error=\"insufficient_scope\", "
	    "error_description=\"No 'scope'\", scope=\"a:b c:d\", "
	    "resource_metadata=\"https://x/.well-known/"
	    "oauth-protected-resource/api\"");
	assert_int_equal(api_problem_challenge(&p, "https://x", "/api/a/b",
	    "a:b", out, 40), -1);
	p.status = 401;
	p.code = "missing_token";
	assert_int_equal(api_problem_challenge(&p, "https://x", "/mcp", "",
	    out, sizeof(out)), 0);
	assert_string_equal(out, "Bearer realm=\"grantd\", resource_metadata="
	    "\"https://x/.well-known/oauth-protected-resource/mcp\"");
}

/* What is written is JSON, and each procedure stands in it. */
static void
writes_documents(void **state)
{
	const struct catalogue_entry	*list[2];
	struct api_seen			 seen = { shop, list, 2, 1, NULL };
	const struct json_value		*root, *get;
	struct json_doc			*doc;
	struct json_buf			 b;

	(void)state;
	list[0] = catalogue_by_name(shop, ORDERS);
	list[1] = catalogue_by_name(shop, DELETE);
	json_buf_init(&b, 1 << 20);
	api_manifest_write(&b, &seen, "https://x");
	assert_non_null(doc = json_parse(b.data, b.len, NULL, NULL));
	root = json_root(doc);
	assert_string_equal(json_get_text(root, "openapi"),
	    "https://x/api/openapi.json");
	assert_string_equal(json_find(root, "/procedures/0/path")->u.text,
	    "/api/shop/orders");
	assert_int_equal(json_find(root, "/procedures/1/methods")->count, 1);
	json_free(doc);
	json_buf_free(&b);

	json_buf_init(&b, 1 << 20);
	openapi_write(&b, &seen, "https://x");
	assert_non_null(doc = json_parse(b.data, b.len, NULL, NULL));
	root = json_root(doc);
	assert_string_equal(json_get_text(root, "openapi"), "3.1.0");
	assert_non_null(get = json_find(root, "/paths/~1api~1shop~1orders/"
	    "get"));
	assert_int_equal(json_get(get, "parameters")->count, 7);
	assert_non_null(json_find(get, "/responses/428"));
	assert_int_equal(json_find(root, "/paths/~1api~1shop~1segment_delete/"
	    "post/parameters")->count, 4);
	assert_string_equal(json_find(get, "/security/0/oauth2/0")->u.text,
	    "orders:read");
	assert_null(json_find(root, "/paths/~1api~1shop~1segment_delete/"
	    "get"));
	assert_non_null(json_find(root, "/paths/~1api~1shop~1segment_delete/"
	    "post/responses/204"));
	assert_non_null(json_find(root, "/components/schemas/Problem"));
	assert_string_equal(json_find(root, "/components/securitySchemes/"
	    "oauth2/flows/authorizationCode/tokenUrl")->u.text,
	    "https://x/oauth/token");
	json_free(doc);
	json_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_calls),
		cmocka_unit_test(finds_cursors),
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(writes_problems),
		cmocka_unit_test(writes_documents),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
