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

/* The fetcher's parsers before what strangers may send. */

#include "config.h"

#include <arpa/inet.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "address.h"
#include "answer.h"
#include "dns.h"
#include "url.h"

static void
test_url_good(void **state)
{
	static const struct {
		const char	*url, *host, *target;
		uint16_t	 port;
	} good[] = {
		{ "https://a.example/x", "a.example", "/x", 443 },
		{ "https://a.example/", "a.example", "/", 443 },
		{ "https://a.example:443/x?y=/../z", "a.example",
		    "/x?y=/../z", 443 },
		{ "https://a-b.1.example:8443/%41/.well-known/c.json",
		    "a-b.1.example", "/%41/.well-known/c.json", 8443 },
		{ "https://localhost/...", "localhost", "/...", 443 },
		{ "https://xn--bcher-kva.example/a~b;c=d",
		    "xn--bcher-kva.example", "/a~b;c=d", 443 },
	};
	struct url	 url;
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(url_parse(good[i].url, good[i].port, &url,
		    &why), 0);
		assert_string_equal(url.host, good[i].host);
		assert_string_equal(url.target, good[i].target);
		assert_int_equal(url.port, good[i].port);
	}
}

static void
test_url_bad(void **state)
{
	static const char *const bad[] = {
		"", "https://", "https:///x", "http://a.example/x",
		"HTTPS://a.example/x", "https:/a.example/x", "//a.example/x",
		"https://a.example", "https://a.example?x",
		"https://a.example#x", "https://a.example/x#y",
		"https://u@a.example/x", "https://u:p@a.example/x",
		"https://a.example@127.0.0.1/x", "https://A.example/x",
		"https://a.example:/x", "https://a.example:80/x",
		"https://a.example:0443/x", "https://a.example:443443/x",
		"https://a.example:+443/x", "https://a.example:443:443/x",
		"https://127.0.0.1/x", "https://127.1/x",
		"https://2130706433/x", "https://0x7f000001/x",
		"https://a.0x7f/x", "https://a.1/x", "https://[::1]/x",
		"https://[::ffff:127.0.0.1]/x", "https://a.example./x",
		"https://.a.example/x", "https://a..example/x",
		"https://-a.example/x", "https://a-.example/x",
		"https://a_b.example/x", "https://a%2eexample/x",
		"https://b\303\274cher.example/x",
		"https://a.example/b\303\274",
		"https://a.example/a b", "https://a.example/a\r\nHost: b",
		"https://a.example/a\tb", "https://a.example/a\\b",
		"https://a.example\\@b.example/x", "https://a.example/%",
		"https://a.example/%4", "https://a.example/%zz",
		"https://a.example/.", "https://a.example/..",
		"https://a.example/a/../b", "https://a.example/a/%2e%2E/b",
		"https://a.example/.%2e/", "https://a.example/./b",
		"https://a.example/a/..?b", "https://a.example/\"", " "
		"https://a.example/x", "https://a.example/x\177",
		"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaa.example/x",
	};
	struct url	 url;
	char		 text[MSG_MAX_URL + 2];
	const char	*why;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		if (url_parse(bad[i], 443, &url, &why) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(why);
	}
	/* As long as can be, and one longer. */
	memset(text, 'a', sizeof(text));
	memcpy(text, "https://a.example/", 18);
	text[MSG_MAX_URL] = '\0';
	assert_int_equal(url_parse(text, 443, &url, &why), 0);
	text[MSG_MAX_URL] = 'a';
	text[MSG_MAX_URL + 1] = '\0';
	assert_int_equal(url_parse(text, 443, &url, &why), -1);
	/* Another port for tests: then no other. */
	assert_int_equal(url_parse("https://a.b/x", 8443, &url, &why), -1);
	assert_int_equal(url_parse("https://a.b:443/x", 8443, &url, &why), -1);
}

static int
refused(const char *text, int loopback)
{
	struct address	 a;

	memset(&a, 0, sizeof(a));
	a.family = AF_INET;
	if (inet_pton(AF_INET, text, &a.u.v4) != 1) {
		a.family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &a.u.v6), 1);
	}
	return address_refused(&a, loopback) != NULL;
}

static void
test_address(void **state)
{
	static const char *const bad[] = {
		"0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255",
		"100.64.0.1", "100.100.100.200", "100.127.255.255",
		"127.0.0.1", "127.255.255.254", "168.63.129.16",
		"169.254.0.1", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.192", "192.0.2.1",
		"192.88.99.1", "192.168.0.1", "192.168.255.255",
		"198.18.0.1", "198.19.255.255", "198.51.100.7",
		"203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
		"255.255.255.255",
		"::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1",
		"::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::a00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:10::1",
		"2001:20::1", "2001:db8::1", "2002:7f00:1::",
		"2002:a00:1::1", "3fff::1", "4000::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
		"ff0e::1",
	};
	static const char *const good[] = {
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.1", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "192.0.1.1",
		"192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2001:200::1",
		"2001:4860:4860::8888", "2606:4700::1111", "2a00::1",
		"3ffe::1",
	};
	struct address	 a = { .family = AF_UNIX };
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!refused(bad[i], 0))
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (refused(good[i], 0))
			fail_msg("refused: %s", good[i]);
	assert_false(refused("127.0.0.1", 1));
	assert_false(refused("::1", 1));
	assert_true(refused("::ffff:127.0.0.1", 1));
	assert_true(refused("10.0.0.1", 1));
	assert_true(refused("169.254.169.254", 1));
	assert_non_null(address_refused(&a, 1));
}

/* An answer to a.example A: head, question, then records. */
static size_t
dns_message(uint8_t out[512], uint8_t rcode, uint8_t answers,
    const void *records, size_t len)
{
	uint8_t	 query[DNS_MAX];
	size_t	 n;

	n = dns_query(query, 0x1234, "a.example", DNS_A) - 11;
	memcpy(out, query, n);
	out[2] = 0x81;
	out[3] = rcode;
	out[7] = answers;
	out[11] = 0;
	if (len > 0)
		memcpy(out + n, records, len);
	return n + len;
}

static void
test_dns(void **state)
{
	static const uint8_t	 records[] =
	    /* a.example CNAME b, b A 1.2.3.4, A of five bytes, A 5.6.7.8 */
	    "\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1b\xc0\x0e"
	    "\1b\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4"
	    "\xc0\x0c\0\1\0\1\0\0\0\1\0\5\1\2\3\4\5"
	    "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\5\6\7\x08";
	struct dns_addresses	 found;
	uint8_t			 msg[512], query[DNS_MAX];
	uint8_t			*exact;
	size_t			 len, i;

	(void)state;
	assert_int_equal(dns_query(query, 1, "a..b", DNS_A), 0);
	assert_int_equal(dns_query(query, 1, "", DNS_A), 0);
	memset(&found, 0, sizeof(found));
	len = dns_message(msg, 0, 4, records, sizeof(records) - 1);
	assert_int_equal(dns_answer(msg, len, 0x1234, "a.example", DNS_A,
	    &found), DNS_ANSWERED);
	assert_int_equal(found.n, 2);
	assert_memory_equal(&found.list[0].u.v4, "\1\2\3\4", 4);
	assert_memory_equal(&found.list[1].u.v4, "\5\6\7\x08", 4);
	/* another number, name, type; a question; another class of it */
	assert_int_equal(dns_answer(msg, len, 0x1235, "a.example", DNS_A,
	    &found), DNS_FOREIGN);
	assert_int_equal(dns_answer(msg, len, 0x1234, "b.example", DNS_A,
	    &found), DNS_FOREIGN);
	assert_int_equal(dns_answer(msg, len, 0x1234, "a.example", DNS_AAAA,
	    &found), DNS_FOREIGN);
	msg[2] = 1;
	assert_int_equal(dns_answer(msg, len, 0x1234, "a.example", DNS_A,
	    &found), DNS_FOREIGN);
	assert_int_equal(found.n, 2);
	len = dns_message(msg, 3, 0, NULL, 0);
	assert_int_equal(dns_answer(msg, len, 0x1234, "a.example", DNS_A,
	    &found), DNS_UNKNOWN);
	len = dns_message(msg, 2, 0, NULL, 0);
	assert_int_equal(dns_answer(msg, len, 0x1234, "a.example", DNS_A,
	    &found), DNS_FAILED);
	/* cut at every byte, in memory of exactly that size */
	len = dns_message(msg, 0, 255, records, sizeof(records) - 1);
	for (i = 0; i <= len; i++) {
		memset(&found, 0, sizeof(found));
		exact = malloc(i + 1);
		assert_non_null(exact);
		memcpy(exact, msg, i);
		(void)dns_answer(exact, i, 0x1234, "a.example", DNS_A, &found);
		assert_true(found.n <= 2);
		free(exact);
	}
	/* a name that points at itself is only skipped; more than fit */
	memset(&found, 0, sizeof(found));
	len = dns_message(msg, 0, 255, NULL, 0);
	for (i = 0; i < 20; i++)
		memcpy(msg + len + i * 16,
		    "\xc0\x1b\0\1\0\1\0\0\0\1\0\4\1\1\1\1", 16);
	(void)dns_answer(msg, len + 320, 0x1234, "a.example", DNS_A, &found);
	assert_int_equal(found.n, DNS_ADDRESSES);
}

static enum answer_result
answer(const char *text, int ended, struct answer *a)
{
	enum answer_result	 r;
	size_t			 len = strlen(text);
	char			*exact = malloc(len + 1);

	/* In memory of exactly that size, so that ASan sees any excess. */
	assert_non_null(exact);
	memcpy(exact, text, len);
	r = answer_parse(exact, len, ended, MSG_MAX_DOCUMENT, a);
	free(exact);
	return r;
}

#define OK	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static void
test_answer_good(void **state)
{
	static const struct {
		const char	*text;
		const char	*body;
		uint32_t	 seconds;
	} good[] = {
		{ OK "Content-Length: 2\r\n\r\n{}", "{}", ANSWER_KEEP },
		{ OK "content-length: 2\r\n\r\n{}more", "{}", ANSWER_KEEP },
		{ OK "\r\n{}", "{}", ANSWER_KEEP },
		{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0001;x=y\r\n"
		    "}\r\n0\r\n", "{}", ANSWER_KEEP },
		{ "HTTP/1.0 200\r\nContent-Type: application/cm+JSON; "
		    "charset=utf-8\r\nCache-Control: public, max-age=120"
		    "\r\n\r\n{}", "{}", 120 },
		{ OK "Cache-Control: max-age=1\r\n\r\n{}", "{}",
		    ANSWER_KEEP_MIN },
		{ OK "Cache-Control: max-age=99999999999999999999\r\n\r\n{}",
		    "{}", ANSWER_KEEP_MAX },
		{ OK "Cache-Control: max-age=900, no-store\r\n\r\n{}", "{}",
		    ANSWER_KEEP_MIN },
		{ OK "Cache-Control: max-age=x, =, ,,max-age\r\n\r\n{}", "{}",
		    ANSWER_KEEP },
		{ "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK "\r\n{}",
		    "{}", ANSWER_KEEP },
		{ OK "Content-Encoding: identity\r\n\r\n{}", "{}",
		    ANSWER_KEEP },
	};
	struct answer	 a;
	char		 part[512];
	size_t		 i, n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (answer(good[i].text, 1, &a) != ANSWER_DONE)
			fail_msg("%zu refused: %s", i, a.why);
		assert_int_equal(a.status, 200);
		assert_null(a.why);
		assert_string_equal(a.body, good[i].body);
		assert_int_equal(a.seconds, good[i].seconds);
		/* whatever came of it first, it is not wrong */
		for (n = 0; n < strlen(good[i].text); n++) {
			(void)strlcpy(part, good[i].text, n + 1);
			assert_int_not_equal(answer(part, 0, &a), ANSWER_BAD);
		}
	}
}

static void
test_answer_bad(void **state)
{
	static const char *const bad[] = {
		"", "\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/2 200\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
		"HTTP/1.1  200 x\r\n\r\n", "ICY 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\n\n{}", OK "X: y\n\r\n{}",
		OK " folded: x\r\n\r\n{}", OK "Blank : x\r\n\r\n{}",
		OK ": x\r\n\r\n{}", OK "nocolon\r\n\r\n{}", OK,
		OK "Content-Type: application/json\r\n\r\n{}",
		OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
		OK "Content-Length: 3\r\n\r\n{}",
		OK "Content-Length: -2\r\n\r\n{}",
		OK "Content-Length: 2x\r\n\r\n{}",
		OK "Content-Length: \r\n\r\n{}",
		OK "Content-Length: 5121\r\n\r\n{}",
		OK "Content-Length: 18446744073709551618\r\n\r\n{}",
		OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "2\r\n{}\r\n0\r\n\r\n",
		OK "Transfer-Encoding: gzip, chunked\r\n\r\n{}",
		OK "Transfer-Encoding: identity\r\n\r\n{}",
		OK "Transfer-Encoding: chunked\r\n\r\n{}",
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n00002\r\n{}\r\n0\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\nffff\r\n{}\r\n0\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
		OK "\r\n{\xff}", OK "\r\n{\xc0\x80}", OK "\r\n{\xed\xa0\x80}",
	};
	/* an answer, but no document */
	static const char *const none[] = {
		"HTTP/1.1 404 Not Found\r\n\r\n",
		"HTTP/1.1 301 Moved\r\nLocation: https://b.example/\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 500\r\n\r\n",
		"HTTP/1.1 204 None\r\nContent-Type: application/json\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Type: application/jsonx\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Type: application/+json\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Type: text/x+json\r\n\r\n{}",
		OK "Content-Encoding: gzip\r\n\r\n{}",
	};
	struct answer	 a;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (answer(bad[i], 1, &a) != ANSWER_BAD)
			fail_msg("%zu taken: %s", i, bad[i]);
		assert_non_null(a.why);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(answer(none[i], 0, &a), ANSWER_DONE);
		assert_non_null(a.why);
		assert_int_equal(a.len, 0);
	}
	assert_int_equal(answer_parse(OK "\r\n{\0}", sizeof(OK) + 4, 1,
	    MSG_MAX_DOCUMENT, &a), ANSWER_BAD);
}

/* At the limit, and a byte beyond; heads that never end. */
static void
test_answer_limits(void **state)
{
	static char	 text[ANSWER_MAX + 4096];
	struct answer	 a;
	size_t		 head;
	int		 n;

	(void)state;
	(void)strlcpy(text, OK "\r\n", sizeof(text));
	head = strlen(text);
	memset(text + head, 'x', MSG_MAX_DOCUMENT + 1);
	assert_int_equal(answer_parse(text, head + MSG_MAX_DOCUMENT, 1,
	    MSG_MAX_DOCUMENT, &a), ANSWER_DONE);
	assert_int_equal(a.len, MSG_MAX_DOCUMENT);
	assert_int_equal(answer_parse(text, head + MSG_MAX_DOCUMENT + 1, 0,
	    SIZE_MAX, &a), ANSWER_BAD);
	assert_int_equal(answer_parse(text, head + 11, 0, 10, &a), ANSWER_BAD);
	n = snprintf(text, sizeof(text), OK "Transfer-Encoding: chunked\r\n"
	    "\r\n%x\r\n", MSG_MAX_DOCUMENT);
	memset(text + n, 'x', MSG_MAX_DOCUMENT);
	(void)strlcpy(text + n + MSG_MAX_DOCUMENT, "\r\n1\r\nx\r\n0\r\n", 64);
	assert_int_equal(answer_parse(text, strlen(text), 0, MSG_MAX_DOCUMENT,
	    &a), ANSWER_BAD);
	memset(text, 'x', sizeof(text));
	memcpy(text, "HTTP/1.1 200 ", 13);
	assert_int_equal(answer_parse(text, ANSWER_HEAD, 0, MSG_MAX_DOCUMENT,
	    &a), ANSWER_MORE);
	assert_int_equal(answer_parse(text, ANSWER_HEAD + 1, 0,
	    MSG_MAX_DOCUMENT, &a), ANSWER_BAD);
}

/* A thousand times anything. */
static void
test_random(void **state)
{
	struct dns_addresses	 found;
	struct answer		 a;
	uint8_t			 bytes[512];
	size_t			 i, n;

	(void)state;
	for (i = 0; i < 1000; i++) {
		memset(&found, 0, sizeof(found));
		arc4random_buf(bytes, sizeof(bytes));
		n = dns_message(bytes, 0, (uint8_t)arc4random_uniform(256),
		    NULL, 0);
		(void)dns_answer(bytes, n + arc4random_uniform(
		    (uint32_t)(sizeof(bytes) - n)), 0x1234, "a.example",
		    DNS_A, &found);
		memcpy(bytes, OK, sizeof(OK) - 1);
		(void)answer_parse((char *)bytes, sizeof(bytes), 1,
		    MSG_MAX_DOCUMENT, &a);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_url_good),
		cmocka_unit_test(test_url_bad),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_answer_good),
		cmocka_unit_test(test_answer_bad),
		cmocka_unit_test(test_answer_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
