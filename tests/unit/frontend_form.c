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
 * What people and clients send: cookies, forms, client authentication.
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

#include "client.h"
#include "codec.h"
#include "cookie.h"

#define HTTPS	"https://grantd.example"
#define HTTP	"http://localhost:8080"

/* A head with these lines, in memory of its own. */
static char		 text[65536];
static struct http_head	 head;

static void
parse(const char *target, const char *fields)
{
	const struct http_refusal	*why;
	int				 n;

	n = snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 0\r\n%s\r\n", target, fields);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	memset(&head, 0, sizeof(head));
	if (http_head_parse(text, (size_t)n, &head, &why) == -1)
		fail_msg("%s: %s", fields, why->message);
}

static void
test_cookie_get(void **state)
{
	static const struct {
		const char	*issuer;
		const char	*fields;
		const char	*value;		/* NULL: refused */
	} rows[] = {
		{ HTTP, "Cookie: grantd_session=a-Z_9\r\n", "a-Z_9" },
		{ HTTP, "Cookie: x=1;\tgrantd_session=a; y=2\r\n", "a" },
		{ HTTP, "Cookie: x=1\r\nCookie: grantd_session=a\r\n", "a" },
		{ HTTP, "Cookie: grantd_session=a;grantd_session=a\r\n",
		    NULL },
		{ HTTP, "Cookie: grantd_session=a\r\n"
		    "Cookie: grantd_session=b\r\n", NULL },
		{ HTTP, "Cookie: grantd_session=\r\n", NULL },
		{ HTTP, "Cookie: grantd_session\r\n", NULL },
		{ HTTP, "Cookie: grantd_session=a b\r\n", NULL },
		{ HTTP, "Cookie: grantd_session=\"a\"\r\n", NULL },
		{ HTTP, "Cookie: grantd_session=a%20\r\n", NULL },
		{ HTTP, "Cookie: Grantd_session=a\r\n", NULL },
		{ HTTP, "Cookie: xgrantd_session=a\r\n", NULL },
		{ HTTP, "Cookie: grantd_sessionx=a\r\n", NULL },
		{ HTTP, "Cookie: x=grantd_session=a\r\n", NULL },
		{ HTTP, "Cookie: __Host-grantd_session=a\r\n", NULL },
		{ HTTP, "Cookie: ;;;\r\n", NULL },
		{ HTTP, "", NULL },
		{ HTTPS, "Cookie: __Host-grantd_session=a\r\n", "a" },
		{ HTTPS, "Cookie: grantd_session=a\r\n", NULL },
		{ HTTPS, "Cookie: grantd_session=b; "
		    "__Host-grantd_session=a\r\n", "a" },
		{ HTTPS, "Cookie: __host-grantd_session=a\r\n", NULL },
	};
	char	out[COOKIE_VALUE + 1];
	ssize_t	n;
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse("/", rows[i].fields);
		n = cookie_get(&head, rows[i].issuer, COOKIE_SESSION, out);
		if (rows[i].value == NULL ? n != -1 :
		    n != (ssize_t)strlen(rows[i].value) ||
		    strcmp(out, rows[i].value) != 0)
			fail_msg("%s %s", rows[i].issuer, rows[i].fields);
	}
}

static void
test_cookie_long(void **state)
{
	char	out[COOKIE_VALUE + 1], header[COOKIE_HEADER];
	char	value[COOKIE_VALUE + 2], fields[COOKIE_VALUE + 64];

	(void)state;
	memset(value, 'a', sizeof(value));
	value[COOKIE_VALUE] = '\0';
	(void)snprintf(fields, sizeof(fields), "Cookie: grantd_once=%s\r\n",
	    value);
	parse("/", fields);
	assert_int_equal(cookie_get(&head, HTTP, COOKIE_ONCE, out),
	    COOKIE_VALUE);
	assert_int_equal(cookie_set(header, HTTPS, COOKIE_ONCE, value), 0);
	value[COOKIE_VALUE] = 'a';
	value[COOKIE_VALUE + 1] = '\0';
	(void)snprintf(fields, sizeof(fields), "Cookie: grantd_once=%s\r\n",
	    value);
	parse("/", fields);
	assert_int_equal(cookie_get(&head, HTTP, COOKIE_ONCE, out), -1);
}

static void
test_cookie_set(void **state)
{
	char	a[COOKIE_DRAWN + 1], b[COOKIE_DRAWN + 1];
	char	out[COOKIE_HEADER];

	(void)state;
	assert_int_equal(cookie_set(out, HTTPS, COOKIE_SESSION, "v"), 0);
	assert_string_equal(out, "__Host-grantd_session=v; Path=/; HttpOnly; "
	    "SameSite=Lax; Secure");
	assert_int_equal(cookie_set(out, HTTP, COOKIE_SESSION, "v"), 0);
	assert_string_equal(out, "grantd_session=v; Path=/; HttpOnly; "
	    "SameSite=Lax");
	assert_int_equal(cookie_set(out, HTTPS, COOKIE_ONCE, "v"), 0);
	assert_non_null(strstr(out, "; Max-Age=60"));
	assert_int_equal(cookie_set(out, HTTPS, COOKIE_VISITOR, ""), 0);
	assert_non_null(strstr(out, "visitor=; "));
	assert_non_null(strstr(out, "; Max-Age=0"));
	assert_null(strstr(out, "Domain"));
	cookie_draw(a);
	cookie_draw(b);
	assert_int_equal(strlen(a), COOKIE_DRAWN);
	assert_string_not_equal(a, b);
}

static const struct param form[] = {
	{ "grant_type", PARAM_TEXT, 0, 127 },
	{ "client_id", PARAM_CLIENT_ID, 0, 1023 },
	{ "client_secret", PARAM_CLIENT_SECRET, 0, 255 },
	{ "client_assertion", PARAM_ASSERTION, 0, 4096 },
	{ "client_assertion_type", PARAM_ASSERTION_TYPE, 0, 127 },
	{ "code", PARAM_SECRET, PARAM_REQUIRED, 16 },
	{ "resource", PARAM_LIST, 0, 64 },
	{ "box", PARAM_CHECK, 0, 0 },
	{ "new_password", PARAM_NEW_PASSWORD, 0, 255 },
	{ "config.", PARAM_NAMED, 0, 16 },
	{ "access_token", PARAM_MISPLACED, 0, 0 },
	{ NULL, PARAM_ANY, 0, 0 }
};

/* lenient; NULL: refused, and why names the parameter */
static const struct {
	const char	*in;
	const char	*out;
	const char	*why;
} forms[] = {
	{ "code=c", "{}", NULL },
	{ "grant_type=a+b&code=c", "{\"grant_type\":\"a b\"}", NULL },
	{ "code=c&grant_type=%22%5C", "{\"grant_type\":\"\\\"\\\\\"}", NULL },
	{ "code=c&grant_type=%0A", "{\"grant_type\":\"\\n\"}", NULL },
	{ "code=c&client_id=x", "{\"client_id\":\"x\"}", NULL },
	{ "code=c&resource=a&resource=b", "{\"resource\":[\"a\",\"b\"]}",
	    NULL },
	{ "code=c&resource=a", "{\"resource\":[\"a\"]}", NULL },
	{ "code=c&resource=", "{}", NULL },
	{ "code=c&box=", "{\"box\":true}", NULL },
	{ "code=c&config.a=1&config.b=2",
	    "{\"config.a\":\"1\",\"config.b\":\"2\"}", NULL },
	{ "code=c&unknown=1&unknown=2", "{}", NULL },
	{ "&&code=c&&", "{}", NULL },
	{ "code=c&csrf=t", "{}", NULL },
	{ "", NULL, "code" },
	{ "code=", NULL, "code" },
	{ "code", NULL, "code" },
	{ "code=c&code=c", NULL, "code" },
	{ "code=c&client_id=a&client_id=a", NULL, "client_id" },
	{ "code=c&client_secret=a&client_secret=b", NULL, "client_secret" },
	{ "code=c&csrf=a&csrf=b", NULL, "csrf" },
	{ "code=c&config.a=1&config.a=2", NULL, "config.a" },
	{ "code=12345678901234567", NULL, "code" },
	{ "code=c&config.a=12345678901234567", NULL, "config." },
	{ "code=c&new_password=short", NULL, "new_password" },
	{ "code=c&access_token=", "{}", NULL },
	{ "code=c&access_token=a", NULL, "access_token" },
	{ "code=%00", NULL, "" },
	{ "code=%zz", NULL, "" },
	{ "code=%ff", NULL, "" },
	{ "code=c&grant_type=%ED%A0%80", NULL, "" },
};

static void
test_forms(void **state)
{
	struct param_hidings	 h;
	struct param_error	 e;
	struct json_buf		 b;
	size_t			 i;
	int			 r;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&h, 0, sizeof(h));
		memset(&e, 0, sizeof(e));
		json_buf_init(&b, 4096);
		r = param_form(&b, form, 1, forms[i].in, strlen(forms[i].in),
		    &h, &e);
		if (forms[i].out == NULL ? r != -1 ||
		    strcmp(e.name, forms[i].why) != 0 :
		    r != 0 || strcmp(b.data, forms[i].out) != 0)
			fail_msg("%s: %s %s", forms[i].in, r == 0 ? b.data :
			    "refused", e.name);
		if (r == -1)
			assert_string_equal(e.location, "body");
		json_buf_free(&b);
		param_hidings_free(&h);
	}
}

/* Secrets never stand among the arguments, unknown names do not pass. */
static void
test_form_hidden(void **state)
{
	static const char	 in[] = "code=se&client_secret=cret"
	    "&new_password=0123456789&csrf=t&client_assertion=a";
	struct param_hidings	 h;
	struct param_error	 e;
	struct json_buf		 b;

	(void)state;
	memset(&h, 0, sizeof(h));
	json_buf_init(&b, 4096);
	assert_int_equal(param_form(&b, form, 0, in, strlen(in), &h, &e), 0);
	assert_string_equal(b.data, "{}");
	assert_string_equal(h.text[HIDDEN_SECRET], "se");
	assert_string_equal(h.text[HIDDEN_CLIENT_SECRET], "cret");
	assert_string_equal(h.text[HIDDEN_NEW_PASSWORD], "0123456789");
	assert_string_equal(h.text[HIDDEN_CSRF], "t");
	assert_string_equal(h.text[HIDDEN_ASSERTION], "a");
	assert_null(h.text[HIDDEN_CLIENT_ID]);
	json_buf_free(&b);
	param_hidings_free(&h);
	assert_null(h.text[HIDDEN_SECRET]);
	json_buf_init(&b, 4096);
	assert_int_equal(param_form(&b, form, 0, "code=c&x=1", 10, &h, &e),
	    -1);
	assert_string_equal(e.code, "unknown_parameter");
	json_buf_free(&b);
	param_hidings_free(&h);
}

/* Of what may be anybody's secret, what is too long stands for a stranger. */
static void
test_form_anyones(void **state)
{
	static const struct param	 token[] = {
		{ "token", PARAM_SECRET, PARAM_REQUIRED | PARAM_ANYONES, 4 },
		{ NULL, PARAM_ANY, 0, 0 }
	};
	static const struct { const char *in, *secret; } rows[] = {
		{ "token=abcd", "abcd" }, { "token=abcde", "-" },
		{ "token=-", "-" }, { "token=%C3%A4%C3%A4a", "-" },
	};
	struct param_hidings	 h;
	struct param_error	 e;
	struct json_buf		 b;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&h, 0, sizeof(h));
		json_buf_init(&b, 4096);
		assert_int_equal(param_form(&b, token, 1, rows[i].in,
		    strlen(rows[i].in), &h, &e), 0);
		assert_string_equal(b.data, "{}");
		assert_string_equal(h.text[HIDDEN_SECRET], rows[i].secret);
		json_buf_free(&b);
		param_hidings_free(&h);
	}
	memset(&h, 0, sizeof(h));
	json_buf_init(&b, 4096);
	assert_int_equal(param_form(&b, token, 1, "token=", 6, &h, &e), -1);
	json_buf_free(&b);
	param_hidings_free(&h);
}

/* A secret of a JSON body goes beside the arguments, too. */
static void
test_body_hidden(void **state)
{
	static const struct param	 body[] = {
		{ "name", PARAM_TEXT, 0, 4 },
		{ "secret", PARAM_SECRET, 0, 4 },
		{ NULL, PARAM_ANY, 0, 0 }
	};
	static const struct { const char *in, *secret; int ret; } rows[] = {
		{ "{\"secret\":\"abcd\",\"name\":\"n\"}", "abcd", 0 },
		{ "{\"secret\":\"\",\"name\":\"n\"}", NULL, 0 },
		{ "{\"secret\":null,\"name\":\"n\"}", NULL, 0 },
		{ "{\"secret\":\"abcde\",\"name\":\"n\"}", NULL, -1 },
		{ "{\"secret\":5,\"name\":\"n\"}", NULL, -1 },
		{ "{\"secret\":[\"a\"],\"name\":\"n\"}", NULL, -1 },
	};
	struct param_hidings	 h;
	struct param_error	 e;
	struct json_doc		*doc;
	struct json_buf		 b;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&h, 0, sizeof(h));
		json_buf_init(&b, 4096);
		doc = json_parse(rows[i].in, strlen(rows[i].in), NULL, NULL);
		assert_non_null(doc);
		assert_int_equal(param_body(&b, body, 1, json_root(doc), &h,
		    &e), rows[i].ret);
		if (rows[i].ret == 0)
			assert_string_equal(b.data, "{\"name\":\"n\"}");
		if (rows[i].secret == NULL)
			assert_null(h.text[HIDDEN_SECRET]);
		else
			assert_string_equal(h.text[HIDDEN_SECRET],
			    rows[i].secret);
		json_free(doc);
		json_buf_free(&b);
		param_hidings_free(&h);
	}
}

/* A form of more pairs than there is room for. */
static void
test_form_many(void **state)
{
	struct param_hidings	 h;
	struct param_error	 e;
	struct json_buf		 b;
	char			*in;
	size_t			 i, n = 0;

	(void)state;
	in = calloc(100000, 12);
	assert_non_null(in);
	for (i = 0; i < 100000; i++) {
		memcpy(in + n, "resource=a&", 11);
		n += 11;
	}
	memset(&h, 0, sizeof(h));
	json_buf_init(&b, 1 << 20);
	assert_int_equal(param_form(&b, form, 1, in, n, &h, &e), -1);
	json_buf_free(&b);
	param_hidings_free(&h);
	free(in);
}

#define JWT_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
/* {"sub":"gc_a"} */
#define JWT	"e30.eyJzdWIiOiJnY19hIn0.c2ln"

static const struct {
	const char	*target;
	const char	*basic;		/* before base64; NULL: none */
	const char	*id, *secret, *assertion, *type; /* of the form */
	const char	*error;		/* NULL: taken */
	unsigned int	 kind;
	const char	*want_id, *want;
} clients[] = {
	{ "/", NULL, "gc_a", NULL, NULL, NULL, NULL, CRED_CLIENT, "gc_a", "" },
	{ "/", NULL, "gc_a", "s", NULL, NULL, NULL, CRED_CLIENT, "gc_a", "s" },
	{ "/", "gc_a:s", NULL, NULL, NULL, NULL, NULL, CRED_CLIENT, "gc_a",
	    "s" },
	{ "/", "gc_a:s", "gc_a", NULL, NULL, NULL, NULL, CRED_CLIENT, "gc_a",
	    "s" },
	{ "/", "gc_a:s:t", NULL, NULL, NULL, NULL, NULL, CRED_CLIENT, "gc_a",
	    "s:t" },
	{ "/", "https%3A%2F%2Fx.example%2Fc:s%2Bt+u", NULL, NULL, NULL, NULL,
	    NULL, CRED_CLIENT, "https://x.example/c", "s+t u" },
	{ "/", "gc_a:", NULL, NULL, NULL, NULL, NULL, CRED_CLIENT, "gc_a",
	    "" },
	{ "/?x=1", "gc_a:s", NULL, NULL, NULL, NULL, NULL, CRED_CLIENT,
	    "gc_a", "s" },
	{ "/", NULL, NULL, NULL, JWT, JWT_TYPE, NULL, CRED_ASSERTION, "gc_a",
	    JWT },
	{ "/", NULL, "gc_b", NULL, JWT, JWT_TYPE, NULL, CRED_ASSERTION,
	    "gc_b", JWT },
	{ "/", NULL, NULL, NULL, NULL, NULL, "invalid_client", 0, "", "" },
	{ "/", NULL, NULL, "s", NULL, NULL, "invalid_client", 0, "", "" },
	{ "/", "gc_a:s", "gc_b", NULL, NULL, NULL, "invalid_request", 0, "",
	    "" },
	{ "/", "gc_a:s", NULL, "s", NULL, NULL, "invalid_request", 0, "",
	    "" },
	{ "/", "gc_a:s", NULL, NULL, JWT, JWT_TYPE, "invalid_request", 0, "",
	    "" },
	{ "/", NULL, "gc_a", "s", JWT, JWT_TYPE, "invalid_request", 0, "",
	    "" },
	{ "/", NULL, "gc_a", NULL, JWT, NULL, "invalid_request", 0, "", "" },
	{ "/", NULL, "gc_a", NULL, JWT, "x", "invalid_request", 0, "", "" },
	{ "/", NULL, NULL, NULL, "garbage", JWT_TYPE, "invalid_client", 0, "",
	    "" },
	{ "/", NULL, NULL, NULL, "a.b.c", JWT_TYPE, "invalid_client", 0, "",
	    "" },
	{ "/", "no colon", NULL, NULL, NULL, NULL, "invalid_client", 0, "",
	    "" },
	{ "/", "gc_a%00:s", NULL, NULL, NULL, NULL, "invalid_client", 0, "",
	    "" },
	{ "/", "gc_a:%zz", NULL, NULL, NULL, NULL, "invalid_client", 0, "",
	    "" },
	{ "/", "gc_a:\xff", NULL, NULL, NULL, NULL, "invalid_client", 0, "",
	    "" },
	{ "/?client_secret=s", NULL, "gc_a", NULL, NULL, NULL,
	    "invalid_request", 0, "", "" },
	{ "/?client%5Fid=gc_a", "gc_a:s", NULL, NULL, NULL, NULL,
	    "invalid_request", 0, "", "" },
	{ "/?x=1&code=c", "gc_a:s", NULL, NULL, NULL, NULL,
	    "invalid_request", 0, "", "" },
	{ "/?%zz", "gc_a:s", NULL, NULL, NULL, NULL, "invalid_request", 0, "",
	    "" },
};

static char *
copy(const char *s)
{
	return s == NULL ? NULL : strdup(s);
}

static void
basic_line(char *out, size_t size, const char *pair)
{
	struct json_buf	b;

	json_buf_init(&b, 65536);
	json_put_base64(&b, pair, strlen(pair));
	/* the quotes go */
	(void)snprintf(out, size, "Authorization: bAsic %.*s\r\n",
	    (int)b.len - 2, b.data + 1);
	json_buf_free(&b);
}

static void
test_clients(void **state)
{
	const struct problem	*why;
	struct param_hidings	 h;
	struct credential	 c;
	char			 line[8192];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		memset(&h, 0, sizeof(h));
		memset(&c, 0, sizeof(c));
		line[0] = '\0';
		if (clients[i].basic != NULL)
			basic_line(line, sizeof(line), clients[i].basic);
		parse(clients[i].target, line);
		h.text[HIDDEN_CLIENT_ID] = copy(clients[i].id);
		h.text[HIDDEN_CLIENT_SECRET] = copy(clients[i].secret);
		h.text[HIDDEN_ASSERTION] = copy(clients[i].assertion);
		h.text[HIDDEN_ASSERTION_TYPE] = copy(clients[i].type);
		why = client_credential(&head, form, &h, &c);
		if (clients[i].error != NULL) {
			if (why == NULL ||
			    strcmp(why->code, clients[i].error) != 0)
				fail_msg("row %zu: %s", i, why == NULL ?
				    "taken" : why->code);
		} else if (why != NULL || c.kind != clients[i].kind ||
		    c.text.len != strlen(clients[i].want) ||
		    memcmp(c.text.len == 0 ? "" : c.text.p, clients[i].want,
		    c.text.len) != 0 ||
		    strcmp(h.text[HIDDEN_CLIENT_ID], clients[i].want_id) != 0)
			fail_msg("row %zu: %s", i, why == NULL ?
			    "another credential" : why->message);
		param_hidings_free(&h);
	}
}

/* What is longer than a message may be is refused here. */
static void
test_client_long(void **state)
{
	struct param_hidings	 h;
	struct credential	 c;
	char			 pair[4096], line[8192];

	(void)state;
	memset(&h, 0, sizeof(h));
	memset(&c, 0, sizeof(c));
	memset(pair, 'a', sizeof(pair));
	pair[sizeof(pair) - 1] = '\0';
	pair[2000] = ':';
	basic_line(line, sizeof(line), pair);
	parse("/", line);
	assert_non_null(client_credential(&head, form, &h, &c));
	param_hidings_free(&h);
	pair[2000] = 'a';
	pair[4] = ':';
	basic_line(line, sizeof(line), pair);
	parse("/", line);
	assert_non_null(client_credential(&head, form, &h, &c));
	param_hidings_free(&h);
	parse("/", "Authorization: Bearer x.y.z\r\n");
	h.text[HIDDEN_CLIENT_ID] = copy("gc_a");
	assert_non_null(client_credential(&head, form, &h, &c));
	param_hidings_free(&h);
	parse("/", "Authorization: Basic !!!!\r\n");
	assert_non_null(client_credential(&head, form, &h, &c));
	param_hidings_free(&h);
	parse("/", "Authorization: Basic\r\n");
	h.text[HIDDEN_CLIENT_ID] = copy("gc_a");
	assert_non_null(client_credential(&head, form, &h, &c));
	param_hidings_free(&h);
}

static void
test_client_refusal(void **state)
{
	struct problem	p = PROBLEM_INIT(403, "unauthorized_client", "", "",
	    "");

	(void)state;
	client_refusal(&p);
	assert_int_equal(p.status, 400);
	p.status = 401;
	p.code = "missing_token";
	client_refusal(&p);
	assert_string_equal(p.code, "invalid_client");
	p.status = 400;
	p.code = "invalid_grant";
	client_refusal(&p);
	assert_int_equal(p.status, 400);
	assert_string_equal(p.code, "invalid_grant");
}

int
main(void)
{
	static const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_cookie_get),
		cmocka_unit_test(test_cookie_long),
		cmocka_unit_test(test_cookie_set),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_form_hidden),
		cmocka_unit_test(test_form_anyones),
		cmocka_unit_test(test_body_hidden),
		cmocka_unit_test(test_form_many),
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_client_long),
		cmocka_unit_test(test_client_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
