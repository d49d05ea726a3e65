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
 * grantd-frontend as a process: proxies, time, limits, links that break,
 * drain.
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

#include "frontend_case.h"

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
	talk(fd, ACCOUNT("x"), 0, STAGE_PATIENCE, &a);
	expect(&a, 200, "\"peer\":\"\"");
	answer_free(&a);
	talk(fd, FORWARDED, 0, STAGE_PATIENCE, &a);
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
	listen_to(fd, STAGE_PATIENCE, &a);
	expect(&a, 408, "The header took too long");
	answer_free(&a);
	listen_to(body, STAGE_PATIENCE, &a);
	expect(&a, 408, "The body took too long");
	answer_free(&a);
	assert_true(is_closed(fd, STAGE_PATIENCE));
	assert_true(is_closed(body, STAGE_PATIENCE));
	assert_true(is_closed(idle, STAGE_PATIENCE));
	close(fd);
	close(body);
	close(idle);
	tear_down();
}

static void
test_broker(void **state)
{
	struct answer		 a;
	int			 fd, other;

	(void)state;
	set_up(NULL, 0, 1000, 0);
	ask(&stage, ACCOUNT("never"), 0, &a);
	expect(&a, 504, "\"code\":\"timeout\"");
	answer_free(&a);
	tear_down();
	set_up(NULL, 0, 0, 0);
	fd = stage_connect(&stage);
	other = stage_connect(&stage);
	/* what waits when the broker dies is answered */
	assert_true(send(other, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	until_asked();
	stage_kill_broker(&stage);
	listen_to(other, STAGE_PATIENCE, &a);
	expect(&a, 503, "Retry-After: 1\r\n");
	expect(&a, 503, "It is not known");
	expect(&a, 503, "\"code\":\"outcome_unknown\"");
	answer_free(&a);
	talk(fd, ACCOUNT("x"), 0, STAGE_PATIENCE, &a);
	expect(&a, 503, "\"code\":\"unavailable\"");
	answer_free(&a);
	talk(fd, GET("/v1/version"), 0, STAGE_PATIENCE, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	stage_broker(&stage);
	until_answered();
	/* a new link while the old one lives */
	assert_true(send(other, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	until_asked();
	stage_broker(&stage);
	listen_to(other, STAGE_PATIENCE, &a);
	expect(&a, 503, NULL);
	answer_free(&a);
	until_answered();
	close(fd);
	close(other);
	tear_down();
}

static void
test_connections(void **state)
{
	struct answer		 a;
	int			 fd[4], i;

	(void)state;
	set_up(NULL, 0, 0, 3);
	for (i = 0; i < 3; i++) {
		fd[i] = stage_connect(&stage);
		talk(fd[i], GET("/v1/version"), 0, STAGE_PATIENCE, &a);
		expect(&a, 200, NULL);
		answer_free(&a);
	}
	/* no room, until one goes */
	fd[3] = stage_connect(&stage);
	talk(fd[3], GET("/v1/version"), 0, 300, &a);
	assert_int_equal(a.status, 0);
	answer_free(&a);
	close(fd[0]);
	listen_to(fd[3], STAGE_PATIENCE, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	/* or the one that was idle for longest has been so for a while */
	fd[0] = stage_connect(&stage);
	talk(fd[0], GET("/v1/version"), 0, STAGE_PATIENCE, &a);
	expect(&a, 200, NULL);
	answer_free(&a);
	assert_true(is_closed(fd[1], STAGE_PATIENCE));
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
	listen_to(last, STAGE_PATIENCE, &a);
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
	struct answer		 a;
	int			 idle, busy, partial;

	(void)state;
	set_up(NULL, 0, 0, 0);
	idle = stage_connect(&stage);
	busy = stage_connect(&stage);
	partial = stage_connect(&stage);
	talk(idle, GET("/v1/version"), 0, STAGE_PATIENCE, &a);
	answer_free(&a);
	assert_true(send(busy, ACCOUNT("never"), strlen(ACCOUNT("never")),
	    MSG_NOSIGNAL) > 0);
	assert_true(send(partial, "GET /v1/accounts/x HTTP/1.1\r\n" HOST, 29,
	    MSG_NOSIGNAL) > 0);
	until_asked();
	stage_send(&stage, IMSG_FRONTEND_DRAIN, -1, NULL);
	assert_true(is_closed(idle, STAGE_PATIENCE));
	talk(partial, HOST, 0, 1, &a);
	answer_free(&a);
	stage_kill_broker(&stage);
	listen_to(busy, STAGE_PATIENCE, &a);
	expect(&a, 503, "Connection: close");
	answer_free(&a);
	assert_true(is_closed(busy, STAGE_PATIENCE));
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
		talk(fd[i], ACCOUNT("x"), 0, STAGE_PATIENCE, &a);
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
	const struct CMUnitTest tests[] = {
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
	return cmocka_run_group_tests(tests, NULL, NULL);
}
