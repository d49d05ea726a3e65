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
 * grantd-frontend as a process: what its answers are made of.
 */

#include "config.h"

#include <sys/socket.h>
#include <poll.h>
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
		{ ACCOUNT("odd"), 500, "\"code\":\"internal\"" },
		{ ACCOUNT("garbage"), 500, "\"code\":\"internal\"" },
		{ ACCOUNT("nosecret"), 500, "\"code\":\"internal\"" },
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
		talk(fd, rows[i].request, 0, STAGE_PATIENCE, &a);
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
	talk(fd, request, 0, STAGE_PATIENCE, &a);
	expect(&a, 303, "Location: /login?return_to=%2Fsettings%2Fsecurity");
	expect(&a, 303, target);
	answer_free(&a);
	/* larger than any socket buffer, to a reader that takes its time */
	talk(fd, ACCOUNT("huge"), 0, STAGE_PATIENCE, &a);
	expect(&a, 200, NULL);
	assert_int_equal(a.body_len, 5 * 1024 * 1024);
	answer_free(&a);
	talk(fd, GET("/v1/version"), 0, STAGE_PATIENCE, &a);
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

/* Where the pages say that the style sheet is. */
static void
static_path(char *out, size_t size)
{
	struct answer	 a;
	const char	*p;
	size_t		 n;

	ask(&stage, GET("/"), 0, &a);
	p = strstr(a.text, "href=\"/static/");
	assert_non_null(p);
	p = strstr(p + 1, "href=\"/static/");	/* behind the icon */
	assert_non_null(p);
	p += strlen("href=\"");
	n = strcspn(p, "\"");
	assert_true(n < size);
	memcpy(out, p, n);
	out[n] = '\0';
	answer_free(&a);
}

static void
test_fixed(void **state)
{
	static const char	keys[] = "{\"keys\":[{\"kid\":\"new\"}]}";
	struct answer		a;
	struct ibuf		*buf;
	char			request[256], tag[64], path[128];
	int			i;

	(void)state;
	ask(&stage, GET("/"), 0, &a);
	expect(&a, 200, "<h1>grantd</h1>");
	expect(&a, 200, "Content-Security-Policy: default-src 'none'");
	answer_free(&a);
	ask(&stage, GET("/static/older/style.css"), 0, &a);
	expect(&a, 200, "Content-Type: text/css");
	expect(&a, 200, "Cache-Control: no-store");
	answer_free(&a);
	static_path(path, sizeof(path));
	(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" HOST
	    "\r\n", path);
	ask(&stage, request, 0, &a);
	expect(&a, 200, "Content-Type: text/css");
	expect(&a, 200,
	    "Cache-Control: public, max-age=31536000, immutable");
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
	/* the keys come by another way than the request */
	for (i = 0; i < STAGE_PATIENCE / 10; i++) {
		ask(&stage, request, 0, &a);
		if (a.status == 200)
			break;
		answer_free(&a);
		(void)nanosleep(&(const struct timespec){ 0, 10000000 }, NULL);
	}
	expect(&a, 200, keys);
	answer_free(&a);
}

/*
 * Who asks for large answers and takes none of them does not get all of the
 * memory, and keeps nobody else from an answer.
 */
static void
test_hoard(void **state)
{
	struct answer	a;
	struct pollfd	pfd;
	char		byte;
	int		fds[40], over = 0;
	size_t		i;

	(void)state;
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		fds[i] = stage_connect_unix(&stage);
		assert_int_equal(write(fds[i], ACCOUNT("huge"),
		    sizeof(ACCOUNT("huge")) - 1), sizeof(ACCOUNT("huge")) - 1);
		pfd.fd = fds[i];
		pfd.events = POLLIN;
		assert_int_equal(poll(&pfd, 1, STAGE_PATIENCE), 1);
	}
	/* the end comes in the middle of an answer */
	pfd.events = 0;
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		pfd.fd = fds[i];
		over += poll(&pfd, 1, 0);
	}
	assert_true(over > 0);
	assert_true(over < (int)(sizeof(fds) / sizeof(fds[0])));
	assert_int_equal(recv(fds[0], &byte, 1, 0), 1);
	ask(&stage, GET("/v1/version"), 0, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		close(fds[i]);
	/* what they held is free again */
	ask(&stage, ACCOUNT("huge"), 0, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_hoard),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_fixed),
	};

	return cmocka_run_group_tests(tests, usual, end);
}
