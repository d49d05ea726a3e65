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
 * grantd-frontend as a process, seen from a socket: framing and limits of
 * requests.
 */

#include "config.h"

#include <sys/socket.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "frontend_case.h"

static void
test_echo(void **state)
{
	struct answer	 a;
	const char	*id;
	char		 hex[64], *p;

	(void)state;
	ask(&stage, ACCOUNT("x%20y"), 0, &a);
	expect(&a, 200, "\"operation\":\"account.get\"");
	expect(&a, 200, "\"kind\":1,");
	expect(&a, 200, "\"credential\":\"a.eyJleHAiOjE4OTM0NTYwMDB9.c2ln\"");
	expect(&a, 200, "\"expiry\":1893456000");
	expect(&a, 200, "\"peer\":\"127.0.0.1\"");
	expect(&a, 200, "\"method\":\"GET\"");
	expect(&a, 200, "\"path\":\"/v1/accounts/x%20y\"");
	expect(&a, 200, "\"timeout\":30000");
	expect(&a, 200, "\"arguments\":{\"path\":{\"accountId\":\"x y\"}}");
	assert_string_equal(header(&a, "Content-Type"), "application/json");
	assert_string_equal(header(&a, "Cache-Control"), "no-store");
	/* the id of the answer is the id that the broker was told */
	id = header(&a, "X-Request-Id");
	assert_non_null(id);
	for (p = hex; *id != '\0'; id++)
		if (*id != '-')
			*p++ = *id;
	*p = '\0';
	assert_non_null(strstr(a.body, hex));
	answer_free(&a);

	ask(&stage, "POST /v1/accounts?x HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 2\r\n\r\n{}", 0, &a);
	expect(&a, 400, "There is no such parameter");
	answer_free(&a);
	ask(&stage, "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\n\r\n{\"name\":\"abc\"}", 0, &a);
	expect(&a, 200, "\"arguments\":{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
}

static const struct {
	const char	*request;
	int		 status;
	const char	*text;
	int		 closes;
} refusals[] = {
	{ "GET /v1/nix HTTP/1.1\r\n" HOST "\r\n", 404,
	    "\"code\":\"not_found\"", 0 },
	{ "GET /nix HTTP/1.1\r\n" HOST "\r\n", 404, "<!DOCTYPE html>", 0 },
	{ "POST /nix HTTP/1.1\r\n" HOST "\r\n", 404,
	    "application/problem+json", 0 },
	{ "PUT /v1/organization HTTP/1.1\r\n" HOST "\r\n", 405,
	    "Allow: GET, HEAD, OPTIONS\r\n", 0 },
	{ "BREW /v1/organization HTTP/1.1\r\n" HOST "\r\n", 405,
	    "\"code\":\"method_not_allowed\"", 0 },
	{ "GET /v1/organization HTTP/1.1\r\n" HOST "\r\n", 401,
	    "WWW-Authenticate: Bearer realm=\"grantd\"\r\n", 0 },
	{ "GET /v1/organization HTTP/1.1\r\n" HOST
	    "Authorization: Basic eDp5\r\n\r\n", 401,
	    "\"code\":\"missing_token\"", 0 },
	{ "GET /v1/organization HTTP/1.1\r\n" HOST
	    "Authorization: Bearer nonsense\r\n\r\n", 401,
	    "error=\"invalid_token\"", 0 },
	{ "GET /v1/organization HTTP/1.1\r\n" HOST AUTH AUTH "\r\n", 400,
	    "Two Authorization", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400,
	    "Two Content-Length", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400,
	    "Content-Length and Transfer-Encoding together", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Transfer-Encoding: gzip, chunked\r\n\r\n", 400,
	    "A Transfer-Encoding other than chunked", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
	    "Malformed chunked body", 1 },
	{ "GET /v1/organization HTTP/1.1\r\n" HOST AUTH
	    "Content-Length: 2\r\n\r\n{}", 400, "A body where", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH
	    "Content-Length: 2\r\n\r\n{}", 415,
	    "\"code\":\"unsupported_media_type\"", 0 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH
	    "Content-Type: text/xml\r\nContent-Length: 20\r\n\r\n{", 415,
	    "application/json", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 2000000\r\n\r\n", 413,
	    "\"code\":\"body_too_large\"", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413,
	    "\"code\":\"body_too_large\"", 1 },
	{ "POST /v1/storage/files/x HTTP/1.1\r\n" HOST AUTH
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Length: 600000\r\n\r\n", 413, "512 KiB", 1 },
	{ "GET /v1/organization HTTP/1.1\r\n\r\n", 400, "Host", 1 },
	{ "GET /v1/organization HTTP/3.0\r\n" HOST "\r\n", 505, "HTTP/1.1",
	    1 },
	{ "GET /v1/organization\r\n\r\n", 400, "Malformed request line", 1 },
	{ "GET /v1/organization HTTP/1.1\nHost: x\n\n", 400,
	    "lines end with CR LF", 1 },
	{ "\026\003\001\002", 400, "This is not HTTP", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH "Expect: tea\r\n\r\n",
	    417, "100-continue", 1 },
	{ "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 15\r\n\r\n{\"a\":1,\"a\":2}  ", 400,
	    "\"parameter\":{\"id\":\"/a\",\"location\":\"body\"}", 0 },
	{ "GET /v1/accounts/%00 HTTP/1.1\r\n" HOST AUTH "\r\n", 400,
	    "\"location\":\"path\"", 0 },
	{ "GET /v1/accounts?limit=x HTTP/1.1\r\n" HOST AUTH "\r\n", 400,
	    "\"location\":\"query\"", 0 },
};

static void
test_refusals(void **state)
{
	struct answer	a, b;
	size_t		i;
	int		fd;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		fd = stage_connect(&stage);
		talk(fd, refusals[i].request, 0, STAGE_PATIENCE, &a);
		expect(&a, refusals[i].status, refusals[i].text);
		assert_non_null(header(&a, "X-Request-Id"));
		if (strstr(refusals[i].text, "html") == NULL)
			assert_string_equal(header(&a, "Content-Type"),
			    "application/problem+json");
		if (refusals[i].closes) {
			assert_string_equal(header(&a, "Connection"),
			    "close");
			assert_true(is_closed(fd, STAGE_PATIENCE));
		} else {
			/* nothing was left behind in the stream */
			talk(fd, GET("/v1/version"), 0, STAGE_PATIENCE,
			    &b);
			expect(&b, 200, "grantd");
			answer_free(&b);
		}
		close(fd);
		answer_free(&a);
	}
}

static void
test_header_limit(void **state)
{
	static const size_t	 sizes[] = { 15000, 17000, 100000, 1000000 };
	struct answer		 a;
	char			*text;
	size_t			 i, n;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		text = calloc(1, sizes[i] + 200);
		assert_non_null(text);
		n = (size_t)snprintf(text, 200, "GET /v1/version HTTP/1.1\r\n"
		    HOST "X-Long: ");
		memset(text + n, 'x', sizes[i]);
		(void)strlcat(text, "\r\n\r\n", sizes[i] + 200);
		ask(&stage, text, 0, &a);
		expect(&a, sizes[i] < 16000 ? 200 : 431, NULL);
		answer_free(&a);
		free(text);
	}
}

static void
test_methods(void **state)
{
	struct answer	a;
	int		fd = stage_connect(&stage);

	(void)state;
	talk(fd, "HEAD /v1/organization HTTP/1.1\r\n" HOST AUTH "\r\n", 0,
	    STAGE_PATIENCE, &a);
	expect(&a, 200, "Content-Type: application/json\r\n");
	assert_true(atoi(header(&a, "Content-Length")) > 10);
	assert_int_equal(strlen(a.body), 0);
	answer_free(&a);
	talk(fd, "HEAD /nix HTTP/1.1\r\n" HOST "\r\n", 0, STAGE_PATIENCE, &a);
	expect(&a, 404, "text/html");
	assert_int_equal(strlen(a.body), 0);
	answer_free(&a);
	talk(fd, "OPTIONS /v1/accounts HTTP/1.1\r\n" HOST "\r\n", 0,
	    STAGE_PATIENCE, &a);
	expect(&a, 204, "Allow: GET, HEAD, POST, OPTIONS\r\n");
	assert_null(header(&a, "Content-Length"));
	answer_free(&a);
	talk(fd, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0, STAGE_PATIENCE, &a);
	expect(&a, 204, NULL);
	answer_free(&a);
	talk(fd, "OPTIONS /v1/nix HTTP/1.1\r\n" HOST "\r\n", 0,
	    STAGE_PATIENCE, &a);
	expect(&a, 404, NULL);
	answer_free(&a);
	close(fd);
}

static void
test_bodies(void **state)
{
	static const char	chunks[] = "POST /v1/accounts HTTP/1.1\r\n" HOST
	    AUTH JSON "Transfer-Encoding: chunked\r\n\r\n"
	    "6;x\r\n{\"name\r\n7\r\n\":\"abc\"\r\n1\r\n}\r\n0\r\nT: x\r\n\r\n"
	    GET("/v1/version");
	struct answer		a;
	size_t			i;
	int			fd = stage_connect(&stage);

	(void)state;
	talk(fd, chunks, 0, STAGE_PATIENCE, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	listen_to(fd, 100, &a);		/* may have come with the first */
	answer_free(&a);
	/* byte by byte */
	for (i = 0; i < sizeof(chunks) - 1; i++)
		assert_int_equal(send(fd, chunks + i, 1, MSG_NOSIGNAL), 1);
	listen_to(fd, STAGE_PATIENCE, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	close(fd);

	/* a body that comes later, and is asked for */
	fd = stage_connect(&stage);
	talk(fd, "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n", 0, 300, &a);
	assert_int_equal(a.asked, 1);
	answer_free(&a);
	talk(fd, "{\"name\":\"abc\"}", 0, STAGE_PATIENCE, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	/* refused without asking for it */
	talk(fd, "POST /v1/nix HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n", 0,
	    STAGE_PATIENCE, &a);
	expect(&a, 404, NULL);
	assert_int_equal(a.asked, 0);
	answer_free(&a);
	close(fd);
	/* Go sends a type with everything */
	ask(&stage, "GET /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON "\r\n", 0,
	    &a);
	expect(&a, 200, "\"arguments\":{}");
	answer_free(&a);
	ask(&stage, "PUT /v1/tokens/x/y/rotate HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 0\r\n\r\n", 0, &a);
	expect(&a, 200, "token.rotate");
	answer_free(&a);
	/* a client of HTTP/1.0 is told that the connection stays */
	fd = stage_connect(&stage);
	talk(fd, "GET /v1/version HTTP/1.0\r\n"
	    "Connection: keep-alive\r\n\r\n", 0, STAGE_PATIENCE, &a);
	expect(&a, 200, "Connection: keep-alive\r\n");
	answer_free(&a);
	talk(fd, "GET /v1/version HTTP/1.0\r\n\r\n", 0, STAGE_PATIENCE, &a);
	expect(&a, 200, "Connection: close\r\n");
	answer_free(&a);
	assert_true(is_closed(fd, STAGE_PATIENCE));
	close(fd);
}

/* Whole bodies at the limit, in one piece and in chunks. */
static void
test_body_limit(void **state)
{
	const size_t	 max = 1048576;
	struct answer	 a;
	char		*text;
	size_t		 n;

	(void)state;
	text = calloc(1, max + 1000);
	assert_non_null(text);
	n = (size_t)snprintf(text, 1000, "POST /v1/siem/events HTTP/1.1\r\n"
	    HOST AUTH JSON "Content-Length: %zu\r\n\r\n", max);
	memset(text + n, ' ', max);
	text[n] = '[';
	text[n + max - 1] = ']';
	ask(&stage, text, n + max, &a);
	expect(&a, 200, "\"arguments\":{\"body\":[]}");
	answer_free(&a);
	n = (size_t)snprintf(text, 1000, "POST /v1/siem/events HTTP/1.1\r\n"
	    HOST AUTH JSON "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", max);
	memset(text + n, ' ', max);
	text[n] = '[';
	text[n + max - 1] = ']';
	memcpy(text + n + max, "\r\n0\r\n\r\n", 7);
	ask(&stage, text, n + max + 7, &a);
	expect(&a, 200, "\"arguments\":{\"body\":[]}");
	answer_free(&a);
	memcpy(text + n + max, "\r\n1\r\n \r\n0\r\n\r\n", 13);
	ask(&stage, text, n + max + 13, &a);
	expect(&a, 413, NULL);
	answer_free(&a);
	free(text);
}

static void
test_pipeline(void **state)
{
	static const char	many[] = ACCOUNT("one") GET("/v1/version")
	    "\r\n" ACCOUNT("two") GET("/v1/nix") ACCOUNT("three")
	    "GET /v1/version HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
	    GET("/v1/never");
	static const char *const marks[] = { "\"one\"", "\"name\":\"grantd\"",
	    "\"two\"", "\"status\":404", "\"three\"", "Connection: close" };
	char		 buf[65536];
	const char	*p;
	size_t		 i, len = 0;
	ssize_t		 n;
	int		 fd = stage_connect(&stage);

	(void)state;
	assert_int_equal(send(fd, many, sizeof(many) - 1, MSG_NOSIGNAL),
	    sizeof(many) - 1);
	while ((n = recv(fd, buf + len, sizeof(buf) - len - 1, 0)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	for (p = buf, i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if ((p = strstr(p, marks[i])) == NULL)
			fail_msg("%s is not in its place: %s", marks[i], buf);
	assert_null(strstr(buf, "never"));
	close(fd);
}

/* Far more than a buffer holds: reading stops and goes on. */
static void
test_long_pipeline(void **state)
{
	static const char	 one[] = ACCOUNT("x");
	enum { MANY = 3000 };
	char			*text, *buf;
	size_t			 i, got = 0, sent = 0, total;
	ssize_t			 n;
	int			 fd = stage_connect(&stage), answers = 0;

	(void)state;
	total = MANY * (sizeof(one) - 1);
	text = malloc(total);
	buf = malloc(1 << 22);
	assert_non_null(text);
	assert_non_null(buf);
	for (i = 0; i < MANY; i++)
		memcpy(text + i * (sizeof(one) - 1), one, sizeof(one) - 1);
	while (sent < total || answers < MANY) {
		if (sent < total) {
			n = send(fd, text + sent, total - sent,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n > 0)
				sent += (size_t)n;
		}
		n = recv(fd, buf, 65536, sent < total ? MSG_DONTWAIT : 0);
		if (n == 0)
			fail_msg("closed after %d answers", answers);
		for (i = 0; n > 0 && i < (size_t)n; i++) {
			/* "HTTP/1.1 200" begins an answer */
			static const char	mark[] = "HTTP/1.1 200";

			got = buf[i] == mark[got] ? got + 1 :
			    buf[i] == mark[0];
			if (got == sizeof(mark) - 1) {
				answers++;
				got = 0;
			}
		}
	}
	assert_int_equal(answers, MANY);
	free(text);
	free(buf);
	close(fd);
}

static void
test_half_closed(void **state)
{
	static const char *const halves[] = { "GET /v1/ver",
	    "GET /v1/version HTTP/1.1\r\n" HOST "\r",
	    "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\n\r\n{",
	    "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" };
	struct answer	a;
	size_t		i;
	char		c;
	int		fd = stage_connect(&stage);

	(void)state;
	assert_true(send(fd, ACCOUNT("x") ACCOUNT("last"),
	    strlen(ACCOUNT("x") ACCOUNT("last")), MSG_NOSIGNAL) > 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	listen_to(fd, STAGE_PATIENCE, &a);
	expect(&a, 200, NULL);
	if (strstr(a.text, "\"last\"") == NULL) {
		answer_free(&a);
		listen_to(fd, STAGE_PATIENCE, &a);
		expect(&a, 200, "\"last\"");
	}
	answer_free(&a);
	assert_true(is_closed(fd, STAGE_PATIENCE));
	close(fd);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		fd = stage_connect(&stage);
		assert_true(send(fd, halves[i], strlen(halves[i]),
		    MSG_NOSIGNAL) == (ssize_t)strlen(halves[i]));
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		listen_to(fd, STAGE_PATIENCE, &a);
		expect(&a, 400, "\"code\":\"incomplete_request\"");
		assert_string_equal(header(&a, "Connection"), "close");
		answer_free(&a);
		assert_true(is_closed(fd, STAGE_PATIENCE));
		close(fd);
	}
	/* nothing: closed without an answer */
	fd = stage_connect(&stage);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_int_equal(recv(fd, &c, 1, 0), 0);
	close(fd);
}

/* Clients that go away in every state, then the server still works. */
static void
test_gone(void **state)
{
	static const char *const parts[] = { "", "GET", ACCOUNT("never"),
	    ACCOUNT("huge"), ACCOUNT("x") "GET /v1",
	    "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 1000\r\n\r\n{",
	    "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Transfer-Encoding: chunked\r\n\r\nff\r\nxx" };
	const struct linger	 reset = { 1, 0 };
	const struct timespec	 moment = { 0, 20000000 };
	struct answer		 a;
	size_t			 i;
	int			 fd, hard;

	(void)state;
	for (i = 0; i < 2 * sizeof(parts) / sizeof(parts[0]); i++) {
		hard = i % 2;
		fd = stage_connect(&stage);
		(void)send(fd, parts[i / 2], strlen(parts[i / 2]),
		    MSG_NOSIGNAL);
		if (hard)
			assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER,
			    &reset, sizeof(reset)), 0);
		(void)nanosleep(&moment, NULL);
		close(fd);
	}
	ask(&stage, ACCOUNT("x"), 0, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_header_limit),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_body_limit),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_long_pipeline),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, usual, end);
}
