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
 * grantd-frontend as a process, seen from a socket: framing, limits, time,
 * links that break, drain.
 */

#include "config.h"

#include <sys/resource.h>
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

#include "frontend_stage.h"

#define HOST	"Host: localhost\r\n"
#define AUTH	"Authorization: Bearer a.eyJleHAiOjE4OTM0NTYwMDB9.c2ln\r\n"
#define JSON	"Content-Type: application/json\r\n"
#define GET(path)	"GET " path " HTTP/1.1\r\n" HOST AUTH "\r\n"
#define ACCOUNT(id)	GET("/v1/accounts/" id)

/* Sanitizers need several times the memory. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED	1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED	0
#endif

static struct stage	stage;

static void
set_up(const char *proxy, uint32_t idle, uint32_t wait, uint32_t connections)
{
	struct stage_conf	c;

	stage_defaults(&c);
	c.proxy = proxy;
	if (idle != 0)
		c.frontend.idle_timeout = idle;
	if (wait != 0)
		c.frontend.request_timeout = wait;
	if (connections != 0)
		c.frontend.connections_max = connections;
	stage_start(&stage, &c);
}

static void
tear_down(void)
{
	assert_int_equal(stage_stop(&stage), 0);
}

static int
usual(void **state)
{
	(void)state;
	set_up(NULL, 0, 0, 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	return stage_stop(&stage);
}

static void
expect(const struct answer *a, int status, const char *text)
{
	if (a->status != status ||
	    (text != NULL && strstr(a->text, text) == NULL))
		fail_msg("wanted %d and %s, got: %.2000s", status,
		    text != NULL ? text : "anything", a->text);
}

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
	expect(&a, 200, "\"timeout\":5000");
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
		talk(fd, refusals[i].request, 0, 5000, &a);
		expect(&a, refusals[i].status, refusals[i].text);
		assert_non_null(header(&a, "X-Request-Id"));
		if (strstr(refusals[i].text, "html") == NULL)
			assert_string_equal(header(&a, "Content-Type"),
			    "application/problem+json");
		if (refusals[i].closes) {
			assert_string_equal(header(&a, "Connection"),
			    "close");
			assert_true(is_closed(fd, 3000));
		} else {
			/* nothing was left behind in the stream */
			talk(fd, GET("/v1/version"), 0, 5000, &b);
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
	    5000, &a);
	expect(&a, 200, "Content-Type: application/json\r\n");
	assert_true(atoi(header(&a, "Content-Length")) > 10);
	assert_int_equal(strlen(a.body), 0);
	answer_free(&a);
	talk(fd, "HEAD /nix HTTP/1.1\r\n" HOST "\r\n", 0, 5000, &a);
	expect(&a, 404, "text/html");
	assert_int_equal(strlen(a.body), 0);
	answer_free(&a);
	talk(fd, "OPTIONS /v1/accounts HTTP/1.1\r\n" HOST "\r\n", 0, 5000,
	    &a);
	expect(&a, 204, "Allow: GET, HEAD, POST, OPTIONS\r\n");
	assert_null(header(&a, "Content-Length"));
	answer_free(&a);
	talk(fd, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0, 5000, &a);
	expect(&a, 204, NULL);
	answer_free(&a);
	talk(fd, "OPTIONS /v1/nix HTTP/1.1\r\n" HOST "\r\n", 0, 5000, &a);
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
	talk(fd, chunks, 0, 5000, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	listen_to(fd, 100, &a);		/* may have come with the first */
	answer_free(&a);
	/* byte by byte */
	for (i = 0; i < sizeof(chunks) - 1; i++)
		assert_int_equal(send(fd, chunks + i, 1, MSG_NOSIGNAL), 1);
	listen_to(fd, 5000, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	close(fd);

	/* a body that comes later, and is asked for */
	fd = stage_connect(&stage);
	talk(fd, "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n", 0, 300, &a);
	assert_int_equal(a.asked, 1);
	answer_free(&a);
	talk(fd, "{\"name\":\"abc\"}", 0, 5000, &a);
	expect(&a, 200, "{\"body\":{\"name\":\"abc\"}}");
	answer_free(&a);
	/* refused without asking for it */
	talk(fd, "POST /v1/nix HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 14\r\nExpect: 100-continue\r\n\r\n", 0, 5000, &a);
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
	    "Connection: keep-alive\r\n\r\n", 0, 5000, &a);
	expect(&a, 200, "Connection: keep-alive\r\n");
	answer_free(&a);
	talk(fd, "GET /v1/version HTTP/1.0\r\n\r\n", 0, 5000, &a);
	expect(&a, 200, "Connection: close\r\n");
	answer_free(&a);
	assert_true(is_closed(fd, 3000));
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
	struct answer	a;
	int		fd = stage_connect(&stage);

	(void)state;
	assert_true(send(fd, ACCOUNT("x") ACCOUNT("last"),
	    strlen(ACCOUNT("x") ACCOUNT("last")), MSG_NOSIGNAL) > 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	listen_to(fd, 5000, &a);
	expect(&a, 200, NULL);
	if (strstr(a.text, "\"last\"") == NULL) {
		answer_free(&a);
		listen_to(fd, 5000, &a);
		expect(&a, 200, "\"last\"");
	}
	answer_free(&a);
	assert_true(is_closed(fd, 3000));
	close(fd);
	/* half a request, then nothing: closed without an answer */
	fd = stage_connect(&stage);
	assert_true(send(fd, "GET /v1/ver", 11, MSG_NOSIGNAL) == 11);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_true(is_closed(fd, 3000));
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

static void
test_answers(void **state)
{
	static const struct {
		const char	*request;
		int		 status;
		const char	*text;
	} rows[] = {
		{ ACCOUNT("teapot"), 404, "\"message\":\"No \\\"coffee\\\"\"" },
		{ ACCOUNT("teapot"), 404, "\"code\":\"teapot\"" },
		{ ACCOUNT("teapot"), 404, "\"context\":{\"parameter\":{"
		    "\"id\":\"accountId\",\"location\":\"path\"}}" },
		{ ACCOUNT("teapot"), 404, "\"remediation\":\"Use tea.\"" },
		{ ACCOUNT("teapot"), 404, "Retry-After: 7\r\n" },
		{ ACCOUNT("teapot"), 404,
		    "\"type\":\"http://localhost:8080/errors/teapot\"" },
		{ ACCOUNT("scope"), 403, "error=\"insufficient_scope\"" },
		{ ACCOUNT("scope"), 403, "scope=\"coffee:brew\"" },
		{ ACCOUNT("odd"), 500, "internal_error" },
		{ ACCOUNT("garbage"), 500, "internal_error" },
		{ ACCOUNT("nosecret"), 500, "internal_error" },
		{ ACCOUNT("secret"), 201,
		    "{\"a\":\"eyJ.access.x\",\"b\":\"grt_r\"}" },
		{ ACCOUNT("twice"), 200, "\"twice\"" },
		{ ACCOUNT("empty"), 204, NULL },
		{ GET("/v1/storage/files/a/b"), 200, "\r\n\r\n<b>" },
		{ GET("/v1/storage/files/a/b"), 200,
		    "Content-Disposition: attachment; "
		    "filename*=UTF-8''a%20%C3%A9\r\n" },
		{ GET("/v1/storage/files/a/b"), 200, "default-src 'none'" },
	};
	struct answer	a;
	char		target[7001], request[8000];
	size_t		i;
	int		fd = stage_connect(&stage);

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		talk(fd, rows[i].request, 0, 5000, &a);
		expect(&a, rows[i].status, rows[i].text);
		if (rows[i].status == 204) {
			assert_null(header(&a, "Content-Type"));
			assert_null(header(&a, "Content-Length"));
		}
		answer_free(&a);
	}
	/* an address to come back to that is as long as targets may be */
	memset(target, 'a', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	(void)snprintf(request, sizeof(request), GET("/settings/security?%s"),
	    target);
	talk(fd, request, 0, 5000, &a);
	expect(&a, 303, "Location: /login?return_to=%2Fsettings%2Fsecurity");
	expect(&a, 303, target);
	answer_free(&a);
	/* larger than any socket buffer, to a reader that takes its time */
	talk(fd, ACCOUNT("huge"), 0, 10000, &a);
	expect(&a, 200, NULL);
	assert_int_equal(a.body_len, 5 * 1024 * 1024);
	answer_free(&a);
	talk(fd, GET("/v1/version"), 0, 5000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	close(fd);
}

#define COOKIE(c, r)	r " HTTP/1.1\r\n" HOST "Cookie: " c "\r\n\r\n"
#define FORM(path, body)						\
	"POST " path " HTTP/1.1\r\n" HOST				\
	"Cookie: grantd_session=gss_x\r\n"				\
	"Content-Type: application/x-www-form-urlencoded\r\n"		\
	"Content-Length: " body

/* {"for": "/settings/x", "values": {"email": "kept@x"}} */
#define WAITS	"eyJmb3IiOiIvc2V0dGluZ3MveCIsInZhbHVl" \
	"cyI6eyJlbWFpbCI6ImtlcHRAeCJ9fQ"
/* {"at": "/login", "error": {"message": "No <b>"}, "typed": {"email": ...}} */
#define REFUSED	"eyJhdCI6Ii9sb2dpbiIsImVycm9yIjp7Im1lc3Nh" \
	"Z2UiOiJObyA8Yj4ifSwidHlwZWQiOnsiZW1haWwiOiJ0eXBlZEB4In19"

static void
test_pages(void **state)
{
	static const struct {
		const char	*request;
		int		 status;
		const char	*text;
		const char	*never;
	} rows[] = {
		{ GET("/settings"), 303,
		    "Location: /login?return_to=%2Fsettings\r\n", NULL },
		{ GET("/login"), 200, "Set-Cookie: grantd_visitor=", NULL },
		{ GET("/login"), 200, "script-src 'self'", "unsafe" },
		{ GET("/login?email=a%22b"), 200, "value=\"a&quot;b\"", NULL },
		{ GET("/login?return_to=//evil"), 200, NULL, "evil" },
		{ COOKIE("grantd_session=gss_x", "GET /settings"), 200,
		    "<title>Overview", NULL },
		/* a form that waits for another page is not seen, but kept */
		{ COOKIE("grantd_once=" WAITS, "GET /login"), 200,
		    "Set-Cookie: grantd_once=" WAITS "; Path=/; HttpOnly; "
		    "SameSite=Lax; Max-Age=600\r\n", "kept@x" },
		{ COOKIE("grantd_session=gss_x; grantd_once=" WAITS,
		    "GET /settings"), 200,
		    "Set-Cookie: grantd_once=; Path=/; HttpOnly; "
		    "SameSite=Lax; Max-Age=0\r\n", "kept@x" },
		/* what was wrong is told once, where it was */
		{ COOKIE("grantd_once=" REFUSED, "GET /login"), 200,
		    "value=\"typed@x\"", "No <b>" },
		{ COOKIE("grantd_once=" REFUSED, "GET /login"), 200,
		    "No &lt;b&gt;", NULL },
		{ COOKIE("grantd_session=gss_x; grantd_once=" REFUSED,
		    "GET /settings"), 200, NULL, "No &lt;b&gt;" },
		{ COOKIE("grantd_once=bm90IGpzb24", "GET /login"), 200, NULL,
		    "not json" },
		/* every form is answered by 303 */
		{ FORM("/settings/security/name", "10\r\n\r\nfullname=a"), 303,
		    "Location: /settings/security?done=saved\r\n", NULL },
		{ FORM("/logout", "6\r\n\r\ncsrf=x"), 303,
		    "Set-Cookie: grantd_session=; Path=/; HttpOnly; "
		    "SameSite=Lax; Max-Age=0\r\n", NULL },
		{ FORM("/login", "40\r\n\r\nemail=a&password=b&"
		    "return_to=%2Fsettings"), 303,
		    "Location: /settings\r\n", NULL },
		{ FORM("/login", "39\r\n\r\nemail=a&password=b&"
		    "return_to=%2F%2Fevil"), 303,
		    "Location: /settings\r\n", "evil" },
		{ FORM("/login", "45\r\n\r\nemail=a&password=b&"
		    "return_to=/oauth/authorize"), 303,
		    "Location: /login/continue?return_to="
		    "%2Foauth%2Fauthorize\r\n", NULL },
		/* what is wrong before the broker is asked goes back, too */
		{ FORM("/settings/oauth-apps/a%2Fb",
		    "13\r\n\r\nname=a&name=b"), 303,
		    "Location: /settings/oauth-apps/a%2Fb\r\n", NULL },
		{ COOKIE("grantd_session=gss_x",
		    "GET /login/continue?return_to=/oauth/x"), 200,
		    "content=\"0;url=/oauth/x\"", NULL },
	};
	struct answer	a;
	size_t		i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&stage, rows[i].request, 0, &a);
		expect(&a, rows[i].status, rows[i].text);
		if (rows[i].never != NULL &&
		    strstr(a.text, rows[i].never) != NULL)
			fail_msg("%s in %s", rows[i].never, a.text);
		answer_free(&a);
	}
}

static void
test_fixed(void **state)
{
	static const char	keys[] = "{\"keys\":[{\"kid\":\"new\"}]}";
	struct answer		a;
	struct ibuf		*buf;
	char			request[256], tag[64];

	(void)state;
	ask(&stage, GET("/"), 0, &a);
	expect(&a, 200, "<h1>grantd</h1>");
	expect(&a, 200, "Content-Security-Policy: default-src 'none'");
	answer_free(&a);
	ask(&stage, GET("/static/style.css"), 0, &a);
	expect(&a, 200, "Content-Type: text/css");
	answer_free(&a);
	ask(&stage, GET("/v1/version?any=thing"), 0, &a);
	expect(&a, 200, "{\"name\":\"grantd\",\"version\":\"");
	answer_free(&a);
	ask(&stage, GET("/oauth/jwks"), 0, &a);
	expect(&a, 200, "{\"keys\":[]}");
	expect(&a, 200, "Access-Control-Allow-Origin: *\r\n");
	expect(&a, 200, "Cache-Control: public, max-age=");
	(void)strlcpy(tag, header(&a, "ETag"), sizeof(tag));
	answer_free(&a);
	(void)snprintf(request, sizeof(request), "GET /oauth/jwks HTTP/1.1\r\n"
	    HOST "If-None-Match: \"x\", %s\r\n\r\n", tag);
	ask(&stage, request, 0, &a);
	expect(&a, 304, tag);
	assert_int_equal(strlen(a.body), 0);
	answer_free(&a);
	buf = ibuf_dynamic(0, 1000);
	assert_non_null(buf);
	assert_int_equal(ibuf_add(buf, keys, sizeof(keys) - 1), 0);
	stage_send(&stage, IMSG_FRONTEND_JWKS, -1, buf);
	(void)nanosleep(&(const struct timespec){ 0, 100000000 }, NULL);
	ask(&stage, request, 0, &a);
	expect(&a, 200, keys);
	answer_free(&a);
}

static void
test_proxy(void **state)
{
#define FORWARDED							\
	"GET /v1/accounts/x HTTP/1.1\r\n" HOST AUTH			\
	"X-Forwarded-For: 6.6.6.6\r\n"					\
	"X-Forwarded-For: 1.1.1.1, 192.0.2.1\r\n\r\n"
	struct answer	a;
	int		fd;

	(void)state;
	set_up(NULL, 0, 0, 0);
	ask(&stage, FORWARDED, 0, &a);
	expect(&a, 200, "\"peer\":\"127.0.0.1\"");
	answer_free(&a);
	fd = stage_connect_unix(&stage);
	talk(fd, ACCOUNT("x"), 0, 5000, &a);
	expect(&a, 200, "\"peer\":\"\"");
	answer_free(&a);
	talk(fd, FORWARDED, 0, 5000, &a);
	expect(&a, 200, "\"peer\":\"192.0.2.1\"");
	answer_free(&a);
	close(fd);
	tear_down();
	set_up("127.0.0.0/8", 0, 0, 0);
	ask(&stage, FORWARDED, 0, &a);
	expect(&a, 200, "\"peer\":\"192.0.2.1\"");
	answer_free(&a);
	tear_down();
}

static void
test_slow(void **state)
{
	const struct timespec	 step = { 0, 300000000 };
	struct answer		 a;
	int			 fd, body, idle, i;

	(void)state;
	set_up(NULL, 1, 0, 0);
	fd = stage_connect(&stage);
	body = stage_connect(&stage);
	idle = stage_connect(&stage);
	assert_true(send(body, "POST /v1/accounts HTTP/1.1\r\n" HOST AUTH JSON
	    "Content-Length: 1000\r\n\r\n{", strlen("POST /v1/accounts "
	    "HTTP/1.1\r\n" HOST AUTH JSON "Content-Length: 1000\r\n\r\n{"),
	    MSG_NOSIGNAL) > 0);
	/* a byte now and then buys no time */
	for (i = 0; i < 12; i++) {
		if (send(fd, &"GET /aaaaaaaaaaa"[i], 1, MSG_NOSIGNAL) == -1)
			break;
		(void)send(body, " ", 1, MSG_NOSIGNAL);
		(void)nanosleep(&step, NULL);
	}
	listen_to(fd, 1000, &a);
	expect(&a, 408, "The header took too long");
	answer_free(&a);
	listen_to(body, 1000, &a);
	expect(&a, 408, "The body took too long");
	answer_free(&a);
	assert_true(is_closed(fd, 4000));
	assert_true(is_closed(body, 4000));
	assert_true(is_closed(idle, 100));
	close(fd);
	close(body);
	close(idle);
	tear_down();
}

static void
test_broker(void **state)
{
	const struct timespec	 moment = { 0, 100000000 };
	struct answer		 a;
	int			 fd, other;

	(void)state;
	set_up(NULL, 0, 1000, 0);
	fd = stage_connect(&stage);
	other = stage_connect(&stage);
	talk(fd, ACCOUNT("never"), 0, 5000, &a);
	expect(&a, 504, "\"code\":\"timeout\"");
	answer_free(&a);
	/* what waits when the broker dies is answered */
	assert_true(send(other, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	(void)nanosleep(&moment, NULL);
	stage_kill_broker(&stage);
	listen_to(other, 500, &a);
	expect(&a, 503, "Retry-After: 1\r\n");
	expect(&a, 503, "It is not known");
	answer_free(&a);
	talk(fd, ACCOUNT("x"), 0, 5000, &a);
	expect(&a, 503, "\"code\":\"service_unavailable\"");
	answer_free(&a);
	talk(fd, GET("/v1/version"), 0, 5000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	stage_broker(&stage);
	(void)nanosleep(&moment, NULL);
	talk(fd, ACCOUNT("x"), 0, 5000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	/* a new link while the old one lives */
	assert_true(send(other, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	(void)nanosleep(&moment, NULL);
	stage_broker(&stage);
	listen_to(other, 500, &a);
	expect(&a, 503, NULL);
	answer_free(&a);
	talk(fd, ACCOUNT("x"), 0, 5000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	close(fd);
	close(other);
	tear_down();
}

static void
test_connections(void **state)
{
	const struct timespec	 moment = { 0, 100000000 };
	struct answer		 a;
	int			 fd[4], i;

	(void)state;
	set_up(NULL, 0, 0, 3);
	for (i = 0; i < 3; i++) {
		fd[i] = stage_connect(&stage);
		talk(fd[i], GET("/v1/version"), 0, 5000, &a);
		expect(&a, 200, NULL);
		answer_free(&a);
	}
	/* no room, until one goes */
	fd[3] = stage_connect(&stage);
	talk(fd[3], GET("/v1/version"), 0, 300, &a);
	assert_int_equal(a.status, 0);
	answer_free(&a);
	close(fd[0]);
	listen_to(fd[3], 3000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	/* or the one that was idle for longest has been so for a while */
	fd[0] = stage_connect(&stage);
	talk(fd[0], GET("/v1/version"), 0, 6000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	(void)nanosleep(&moment, NULL);
	assert_true(is_closed(fd[1], 100));
	for (i = 0; i < 4; i++)
		close(fd[i]);
	tear_down();
}

/* Out of descriptors: it waits, and serves again when there are some. */
static void
test_descriptors(void **state)
{
	struct stage_conf	 c;
	struct answer		 a;
	int			 fd[60], i, last;

	(void)state;
	stage_defaults(&c);
	c.nofile = 40;
	stage_start(&stage, &c);
	for (i = 0; i < 60; i++)
		fd[i] = stage_connect(&stage);
	last = stage_connect(&stage);
	talk(last, GET("/v1/version"), 0, 300, &a);
	assert_int_equal(a.status, 0);
	answer_free(&a);
	for (i = 0; i < 60; i++)
		close(fd[i]);
	listen_to(last, 5000, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	close(last);
	tear_down();
}

/* The log has what an operator needs, and nothing that opens a door. */
static void
test_log(void **state)
{
	struct stage_conf	 c;
	struct answer		 a;
	FILE			*f;
	char			 path[64], text[8192], id[64];
	size_t			 n;

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/frontend_http.%ld.log",
	    (long)getpid());
	stage_defaults(&c);
	c.verbose = 1;
	c.log = path;
	stage_start(&stage, &c);
	ask(&stage, "GET /v1/accounts?start_after=hidden HTTP/1.1\r\n" HOST
	    AUTH "\r\n", 0, &a);
	expect(&a, 200, NULL);
	(void)strlcpy(id, header(&a, "X-Request-Id"), sizeof(id));
	answer_free(&a);
	ask(&stage, ACCOUNT("secret"), 0, &a);
	expect(&a, 201, NULL);
	answer_free(&a);
	tear_down();
	assert_non_null(f = fopen(path, "r"));
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	(void)unlink(path);
	assert_non_null(strstr(text, "GET /v1/accounts 200 "));
	assert_non_null(strstr(text, id));
	assert_non_null(strstr(text, " 127.0.0.1\n"));
	assert_null(strstr(text, "hidden"));
	assert_null(strstr(text, "c2ln"));
	assert_null(strstr(text, "eyJ"));
	assert_null(strstr(text, "grt_"));
}

static void
test_drain(void **state)
{
	const struct timespec	 moment = { 0, 200000000 };
	struct answer		 a;
	int			 idle, busy, partial;

	(void)state;
	set_up(NULL, 0, 1000, 0);
	idle = stage_connect(&stage);
	busy = stage_connect(&stage);
	partial = stage_connect(&stage);
	talk(idle, GET("/v1/version"), 0, 5000, &a);
	answer_free(&a);
	assert_true(send(busy, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	assert_true(send(partial, "GET /v1/accounts/x HTTP/1.1\r\n" HOST, 29,
	    MSG_NOSIGNAL) > 0);
	(void)nanosleep(&moment, NULL);
	stage_send(&stage, IMSG_FRONTEND_DRAIN, -1, NULL);
	assert_true(is_closed(idle, 4000));
	talk(partial, HOST, 0, 1, &a);
	answer_free(&a);
	listen_to(busy, 3000, &a);
	expect(&a, 504, "Connection: close");
	answer_free(&a);
	assert_true(is_closed(busy, 1000));
	close(idle);
	close(busy);
	close(partial);
	assert_int_equal(stage_wait(&stage), 0);
}

static long
anonymous_kib(pid_t pid)
{
	char	 path[64], line[256];
	FILE	*f;
	long	 kib = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup",
	    (long)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Anonymous: %ld", &kib) == 1)
			break;
	(void)fclose(f);
	return kib;
}

/* What an idle connection costs, once it has been used. */
static void
test_memory(void **state)
{
	enum { MANY = 2000 };
	struct answer	 a;
	int		 fd[MANY], i;
	long		 before, after;

	(void)state;
	set_up(NULL, 0, 0, 3000);
	ask(&stage, ACCOUNT("x"), 0, &a);
	answer_free(&a);
	before = anonymous_kib(stage.frontend);
	for (i = 0; i < MANY; i++) {
		fd[i] = stage_connect(&stage);
		talk(fd[i], ACCOUNT("x"), 0, 5000, &a);
		expect(&a, 200, NULL);
		answer_free(&a);
	}
	after = anonymous_kib(stage.frontend);
	print_message("an idle connection costs %ld bytes\n",
	    (after - before) * 1024 / MANY);
	if (!SANITIZED && before != 0)
		assert_true((after - before) * 1024 / MANY < 4096);
	for (i = 0; i < MANY; i++)
		close(fd[i]);
	tear_down();
}

/* A user's limit of open files is often 1024; MANY connections need more. */
static void
raise_files(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);	/* else the test says so */
}

int
main(void)
{
	const struct CMUnitTest one[] = {
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
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_pages),
	};
	const struct CMUnitTest own[] = {
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_broker),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_memory),
	};

	raise_files();
	return cmocka_run_group_tests(one, usual, end) +
	    cmocka_run_group_tests(own, NULL, NULL);
}
