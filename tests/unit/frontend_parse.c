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
 * Heads of requests, chunked bodies, addresses: what is taken, what is
 * refused.
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

#include "http_parse.h"
#include "peer.h"

#define H	"Host: x\r\n"

static const struct {
	const char	*text;
	unsigned int	 status;
	const char	*message;	/* begins with */
} refused[] = {
	{ "GET / HTTP/1.1\nHost: x\n\n", 400, "Malformed request" },
	{ "GET / HTTP/1.1\r\nHost: x\n\r\n", 400, "Malformed request" },
	{ "GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n", 400, "Malformed request" },
	{ "GET  / HTTP/1.1\r\n" H "\r\n", 400, "Malformed request target" },
	{ "GET /\r\n" H "\r\n", 400, "Malformed request line" },
	{ "GET\r\n" H "\r\n", 400, "Malformed request line" },
	{ "G@T / HTTP/1.1\r\n" H "\r\n", 400, "Malformed request line" },
	{ "AVERYLONGMETHODX / HTTP/1.1\r\n" H "\r\n", 400,
	    "Malformed request line" },
	{ " GET / HTTP/1.1\r\n" H "\r\n", 400, "Malformed request line" },
	{ "GET x HTTP/1.1\r\n" H "\r\n", 400, "Malformed request target" },
	{ "GET * HTTP/1.1\r\n" H "\r\n", 400, "Malformed request target" },
	{ "GET /a b HTTP/1.1\r\n" H "\r\n", 400, "Malformed request target" },
	{ "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", 400,
	    "Malformed request target" },
	{ "GET /#x HTTP/1.1\r\n" H "\r\n", 400, "Malformed request target" },
	{ "CONNECT x:1 HTTP/1.1\r\n" H "\r\n", 400,
	    "Malformed request target" },
	{ "GET / HTTP/2.0\r\n" H "\r\n", 505, "HTTP/1.1" },
	{ "GET / HTTP/1.2\r\n" H "\r\n", 505, "HTTP/1.1" },
	{ "GET / HTTQ/1.1\r\n" H "\r\n", 400, "Malformed request line" },
	{ "GET / HTTP/1.1\r\n\r\n", 400, "One Host" },
	{ "GET / HTTP/1.1\r\n" H H "\r\n", 400, "One Host" },
	{ "GET / HTTP/1.1\r\n" H "Bad\r\n\r\n", 400, "Malformed header" },
	{ "GET / HTTP/1.1\r\n" H ": x\r\n\r\n", 400, "Malformed header" },
	{ "GET / HTTP/1.1\r\n" H "A : x\r\n\r\n", 400, "Malformed header" },
	{ "GET / HTTP/1.1\r\n" H "A: x\r\n y\r\n\r\n", 400,
	    "Malformed header" },
	{ "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, "Malformed header" },
	{ "GET / HTTP/1.1\r\n" H "A: \001\r\n\r\n", 400,
	    "Malformed header" },
	{ "GET / HTTP/1.1\r\n" H "A: \x7f\r\n\r\n", 400,
	    "Malformed header" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	    "Content-Length: 1\r\n\r\n", 400, "Two Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", 400,
	    "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", 400,
	    "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", 400,
	    "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n", 400,
	    "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", 400,
	    "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999\r\n"
	    "\r\n", 400, "Malformed Content-Length" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\n\r\n", 400,
	    "A Transfer-Encoding" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n",
	    400, "A Transfer-Encoding" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", 400, "A Transfer-Encoding" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", 400,
	    "A Transfer-Encoding" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n",
	    400, "A Transfer-Encoding" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n"
	    "Content-Length: 5\r\n\r\n", 400, "Content-Length and" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n"
	    "transfer-encoding:\tchunked\r\n\r\n", 400,
	    "Content-Length and" },
	{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	    "Transfer-Encoding in" },
	{ "GET / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", 400,
	    "A body where" },
	{ "DELETE / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n",
	    400, "A body where" },
	{ "GET / HTTP/1.1\r\n" H "Authorization: a\r\n"
	    "authorization: a\r\n\r\n", 400, "Two Authorization" },
	{ "POST / HTTP/1.1\r\n" H "Content-Type: a/b\r\n"
	    "Content-Type: a/b\r\n\r\n", 400, "Two Content-Type" },
	{ "POST / HTTP/1.1\r\n" H "Expect: tea\r\n\r\n", 417,
	    "An expectation" },
};

static int
parse(const char *text, size_t len, struct http_head *h,
    const struct http_refusal **why)
{
	size_t	from = 0, n;

	n = http_head_end(text, len, &from);
	assert_int_not_equal(n, 0);
	return http_head_parse(text, n, h, why);
}

static void
test_refused(void **state)
{
	const struct http_refusal	*why;
	struct http_head		 h;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (parse(refused[i].text, strlen(refused[i].text), &h,
		    &why) == 0 || why->status != refused[i].status ||
		    strncmp(why->message, refused[i].message,
		    strlen(refused[i].message)) != 0)
			fail_msg("%s: %s", refused[i].text,
			    why == NULL ? "accepted" : why->message);
		else
			assert_int_equal(h.nfields, 0);
	/* NUL and what looks like the end */
	assert_int_equal(parse("GET / HTTP/1.1\r\nHost: x\0\r\n\r\n", 28, &h,
	    &why), -1);
	assert_int_equal(parse("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 28, &h,
	    &why), -1);
	assert_int_equal(h.path.len, 0);
	/* what was asked for is known where the rest is wrong */
	assert_int_equal(parse("GET /a?b HTTP/1.1\r\n" H H "\r\n", 39, &h,
	    &why), -1);
	assert_int_equal(h.method, HTTP_GET);
	assert_true(http_text_is(&h.path, "/a"));
	/* or not there */
	for (i = 19; i < 30; i++) {
		(void)http_head_parse("GET /a?b HTTP/1.1\r\n" H "\r\n", i, &h,
		    &why);
		assert_true(http_text_is(&h.path, "/a"));
	}
	for (i = 1; i < 19; i++) {
		assert_int_equal(http_head_parse("GET /a?b HTTP/1.1\r\n" H,
		    i, &h, &why), -1);
		assert_int_equal(h.path.len, 0);
	}
}

static void
test_accepted(void **state)
{
	static const char	text[] =
	    "POST http://x.example/a/b?c=d?e HTTP/1.1\r\n"
	    "host:\t x \t\r\nX-Empty:\r\nconTent-length: 007\r\n"
	    "Connection: foo, Close\r\nExpect: 100-Continue\r\n"
	    "X: a\xc3\xa9\tb\r\n\r\nbody";
	const struct http_refusal	*why;
	const struct http_text		*t;
	struct http_head		 h;

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &h, &why), 0);
	assert_int_equal(h.method, HTTP_POST);
	assert_true(http_text_is(&h.path, "/a/b"));
	assert_true(http_text_is(&h.query, "c=d?e"));
	assert_int_equal(h.length, 7);
	assert_int_equal(h.keepalive, 0);
	assert_int_equal(h.expect, 1);
	assert_int_equal(h.nfields, 6);
	t = http_field(&h, "host");
	assert_non_null(t);
	assert_int_equal(t->len, 1);
	assert_int_equal(http_field(&h, "x-empty")->len, 0);
	assert_null(http_field(&h, "absent"));

	assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", 18, &h, &why), 0);
	assert_int_equal(h.keepalive, 0);
	assert_int_equal(h.length, -1);
	assert_null(h.query.p);
	assert_int_equal(parse("GET / HTTP/1.0\r\n"
	    "Connection: Keep-Alive\r\n\r\n", 42, &h, &why), 0);
	assert_int_equal(h.keepalive, 1);
	assert_int_equal(parse("OPTIONS * HTTP/1.1\r\n" H "\r\n", 31, &h,
	    &why), 0);
	assert_true(http_text_is(&h.path, "*"));
	assert_int_equal(parse("BREW /p HTTP/1.1\r\n" H "\r\n", 29, &h,
	    &why), 0);
	assert_int_equal(h.method, HTTP_OTHER);
	assert_int_equal(parse("get /p HTTP/1.1\r\n" H "\r\n", 28, &h, &why),
	    0);
	assert_int_equal(h.method, HTTP_OTHER);
	assert_int_equal(parse("GET https://x?q HTTP/1.1\r\n" H "\r\n", 37,
	    &h, &why), 0);
	assert_true(http_text_is(&h.path, "/"));
}

/* The end is found however the bytes come. */
static void
test_head_end(void **state)
{
	static const char	text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nGET";
	const size_t		whole = sizeof(text) - 4;
	size_t			i, j, from;

	(void)state;
	for (i = 1; i < whole; i++)
		for (j = i; j < whole; j++) {
			from = 0;
			assert_int_equal(http_head_end(text, i, &from), 0);
			assert_int_equal(http_head_end(text, j, &from), 0);
			assert_int_equal(http_head_end(text,
			    sizeof(text) - 1, &from), whole);
		}
}

static void
test_limits(void **state)
{
	const struct http_refusal	*why;
	struct http_head		 h;
	char				 text[20000];
	int				 i, n;

	(void)state;
	n = snprintf(text, sizeof(text), "GET /");
	memset(text + n, 'a', HTTP_MAX_TARGET);
	n += HTTP_MAX_TARGET;
	n += snprintf(text + n, sizeof(text) - (size_t)n,
	    " HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(parse(text, (size_t)n, &h, &why), -1);
	assert_int_equal(why->status, 414);
	assert_int_equal(h.path.len, 0);
	memcpy(text + 4, "/b?", 3);
	assert_int_equal(parse(text, (size_t)n, &h, &why), -1);
	assert_int_equal(why->status, 414);
	assert_int_equal(h.path.len, 2);
	assert_int_equal(h.query.len, 0);
	n = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" H);
	for (i = 1; i < HTTP_MAX_FIELDS; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "A%d: b\r\n", i);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "\r\n");
	assert_int_equal(parse(text, (size_t)n + 2, &h, &why), 0);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "B: c\r\n\r\n");
	assert_int_equal(parse(text, (size_t)n + 8, &h, &why), -1);
	assert_int_equal(why->status, 431);
}

static const struct {
	const char	*in;
	const char	*out;		/* NULL: malformed */
	size_t		 left;		/* bytes behind it */
} chunked[] = {
	{ "0\r\n\r\n", "", 0 },
	{ "3\r\nabc\r\n0\r\n\r\nGET", "abc", 3 },
	{ "3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: r\r\n\r\n",
	    "abc0123456789", 0 },
	{ "1 ; x\r\na\r\n0\r\n\r\n", "a", 0 },
	{ "\r\n", NULL, 0 },
	{ "g\r\n", NULL, 0 },
	{ "-1\r\n", NULL, 0 },
	{ "0x1\r\na\r\n0\r\n\r\n", NULL, 0 },
	{ "3\nabc\r\n0\r\n\r\n", NULL, 0 },
	{ "3\rabc\r\n0\r\n\r\n", NULL, 0 },
	{ "3\r\nabcd\r\n0\r\n\r\n", NULL, 0 },
	{ "3\r\nabc\n0\r\n\r\n", NULL, 0 },
	{ "3;\n\r\nabc\r\n0\r\n\r\n", NULL, 0 },
	{ "111111111\r\n", NULL, 0 },
	{ "0\r\nT: r\n\r\n", NULL, 0 },
	{ "0\r\n\rx", NULL, 0 },
	{ ";\r\n", NULL, 0 },
};

static void
test_chunked(void **state)
{
	struct http_chunks	 s;
	char			 buf[256];
	size_t			 i, step, at, used, made, out, len, n;
	int			 ret;

	(void)state;
	for (i = 0; i < sizeof(chunked) / sizeof(chunked[0]); i++) {
		len = strlen(chunked[i].in);
		for (step = 1; step <= len; step++) {
			memset(&s, 0, sizeof(s));
			memcpy(buf, chunked[i].in, len);
			at = out = 0;
			ret = 0;
			while (ret == 0 && at < len) {
				n = len - at < step ? len - at : step;
				ret = http_chunks_decode(&s, buf + at, n,
				    buf + out, 100, &used, &made);
				at += used;
				out += made;
			}
			if (chunked[i].out == NULL) {
				if (ret != -1)
					fail_msg("%s", chunked[i].in);
				continue;
			}
			if (ret != 1 || len - at != chunked[i].left ||
			    out != strlen(chunked[i].out) ||
			    memcmp(buf, chunked[i].out, out) != 0)
				fail_msg("%s: %d", chunked[i].in, ret);
		}
	}
	memset(&s, 0, sizeof(s));
	assert_int_equal(http_chunks_decode(&s, "5\r\nabcde", 8, buf, 4,
	    &used, &made), -2);
	memset(&s, 0, sizeof(s));
	assert_int_equal(http_chunks_decode(&s, "2\r\nab\r\nffffffff\r\n", 17,
	    buf, 4, &used, &made), -2);
}

static void
test_chunk_limits(void **state)
{
	struct http_chunks	 s;
	char			 text[8192];
	size_t			 used, made;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "1;", 2);
	memset(&s, 0, sizeof(s));
	assert_int_equal(http_chunks_decode(&s, text, sizeof(text), text, 9,
	    &used, &made), -1);
	memset(text, 'x', sizeof(text));
	memcpy(text, "0\r\n", 3);
	memset(&s, 0, sizeof(s));
	assert_int_equal(http_chunks_decode(&s, text, sizeof(text), text, 9,
	    &used, &made), -1);
}

static void
test_peer(void **state)
{
	static const struct {
		const char	*text;
		const char	*out;	/* NULL: none */
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "192.0.2.7:80", "192.0.2.7" },
		{ "2001:DB8::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:443", "2001:db8::1" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "", NULL },
		{ "unknown", NULL },
		{ "192.0.2", NULL },
		{ "192.0.2.7.1", NULL },
		{ "[::1", NULL },
		{ "_hidden", NULL },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:00000000001", NULL },
	};
	struct peer_addr	a;
	char			text[PEER_STRLEN + 1];
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (peer_parse(&a, rows[i].text, strlen(rows[i].text)) == -1) {
			if (rows[i].out != NULL)
				fail_msg("%s", rows[i].text);
			continue;
		}
		peer_format(text, &a);
		if (rows[i].out == NULL || strcmp(text, rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].text, text);
	}
}

static void
test_net(void **state)
{
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0.0/",
	    "10.0.0.0/-1", "x/8", "::/129", "", "10.0.0.0/8/8", "[::1]/128" };
	struct peer_net		 net;
	struct peer_addr	 a;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (peer_net_parse(&net, wrong[i]) == 0)
			fail_msg("%s", wrong[i]);
	assert_int_equal(peer_net_parse(&net, "10.16.0.0/12"), 0);
	assert_int_equal(peer_parse(&a, "10.31.255.255", 13), 0);
	assert_true(peer_in_net(&a, &net));
	assert_int_equal(peer_parse(&a, "10.32.0.0", 9), 0);
	assert_false(peer_in_net(&a, &net));
	assert_int_equal(peer_net_parse(&net, "::/0"), 0);
	assert_false(peer_in_net(&a, &net));
	assert_int_equal(peer_parse(&a, "2001:db8::1", 11), 0);
	assert_true(peer_in_net(&a, &net));
	memset(&a, 0, sizeof(a));
	assert_false(peer_in_net(&a, &net));
}

static void
test_forwarded(void **state)
{
	static const struct {
		const char	*peer;
		const char	*list;
		const char	*out;
	} rows[] = {
		{ "192.0.2.9", "203.0.113.1", "192.0.2.9" },	/* untrusted */
		{ "10.0.0.1", "203.0.113.1", "203.0.113.1" },
		{ "10.0.0.1", "6.6.6.6, 203.0.113.1", "203.0.113.1" },
		{ "10.0.0.1", "203.0.113.1,10.0.0.2 , 10.0.0.3",
		    "203.0.113.1" },
		{ "10.0.0.1", "10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "", "10.0.0.1" },
		{ "10.0.0.1", "garbage", "10.0.0.1" },
		{ "10.0.0.1", "6.6.6.6, garbage, 10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", ",,", "10.0.0.1" },
		{ "10.0.0.1", "[2001:db8::1]:80", "2001:db8::1" },
		{ "", "203.0.113.1", "203.0.113.1" },	/* a unix socket */
	};
	struct peer_addr	peer, out;
	struct peer_net		trusted;
	char			text[PEER_STRLEN + 1];
	size_t			i;

	(void)state;
	assert_int_equal(peer_net_parse(&trusted, "10.0.0.0/8"), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&peer, 0, sizeof(peer));
		if (rows[i].peer[0] != '\0')
			assert_int_equal(peer_parse(&peer, rows[i].peer,
			    strlen(rows[i].peer)), 0);
		peer_forwarded(&out, &peer, rows[i].list,
		    strlen(rows[i].list), &trusted, 1);
		peer_format(text, &out);
		if (strcmp(text, rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].list, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_head_end),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_chunk_limits),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_net),
		cmocka_unit_test(test_forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
