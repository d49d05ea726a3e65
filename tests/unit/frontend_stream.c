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
 * Answers in parts, by the server itself: what clients do to them, who is
 * told and when, and that nothing of it stays.
 */

#include "config.h"

#include <sys/socket.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "frontend_server.h"

static void
test_chunks(void **state)
{
	int fd = client(GET);

	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(put("one", 3), 0);
	assert_int_equal(put("", 0), 0);	/* not the last chunk */
	assert_int_equal(take(fd, 100), 0);
	assert_non_null(strstr(got, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(got, "Transfer-Encoding: chunked\r\n"));
	assert_non_null(strstr(got, "Content-Type: text/event-stream\r\n"));
	assert_null(strstr(got, "Content-Length"));
	assert_null(strstr(got, "Connection: close"));
	assert_string_equal(body(), "3\r\none\r\n");
	assert_int_equal(put("seventeen letters", 17), 0);
	finish();
	assert_int_equal(take(fd, 100), 0);
	assert_string_equal(got, "11\r\nseventeen letters\r\n0\r\n\r\n");
	nothing_left();
	/* and the connection goes on */
	assert_int_equal(send(fd, GET, strlen(GET), 0), strlen(GET));
	UNTIL(requests == 2);
	reply(200);
	assert_int_equal(take(fd, 100), 0);
	assert_string_equal(body(), "whole");
	assert_int_equal(gone, 0);
	close(fd);
}

static void
test_old(void **state)
{
	int fd = client(OLD);

	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(put("one", 3), 0);
	assert_int_equal(put("two", 3), 0);
	finish();
	assert_int_equal(take(fd, 20000), 1);
	assert_null(strstr(got, "Transfer-Encoding"));
	assert_non_null(strstr(got, "Connection: close\r\n"));
	assert_string_equal(body(), "onetwo");
	nothing_left();
	close(fd);
}

static void
test_head(void **state)
{
	int fd = client(HEAD);

	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(put("one", 3), 0);
	finish();
	assert_int_equal(take(fd, 100), 0);
	assert_non_null(strstr(got, "Transfer-Encoding: chunked\r\n"));
	assert_string_equal(body(), "");
	assert_int_equal(send(fd, GET, strlen(GET), 0), strlen(GET));
	UNTIL(requests == 2);
	reply(200);
	close(fd);
	UNTIL(server->streams == 0);
	nothing_left();
}

/* It does not read: it may be so far behind, and no further. */
static void
test_slow(void **state)
{
	static char data[16384];
	size_t total = 0;
	int fd = client(GET), n = 0;

	(void)state;
	assert_int_equal(begin(), 0);
	while (put(data, sizeof(data)) == 0) {
		total += sizeof(data);
		assert_true(++n < 10000);
		pump(0);
	}
	assert_true(total < 16 * 1024 * 1024);
	assert_true(server->buffered <= 2 * HTTP_STREAM_BUFFER + 65536);
	assert_int_equal(gone, 0);
	assert_int_equal(put(data, 1), -1);
	UNTIL(gone == 1);
	nothing_left();
	close(fd);
	/* the same, ended before the loop could tell */
	fd = client(GET);
	assert_int_equal(begin(), 0);
	while (put(data, sizeof(data)) == 0)
		pump(0);
	finish();
	UNTIL(gone == 1);
	assert_int_equal(server->count, 0);
	nothing_left();
	close(fd);
}

/* It reads nothing for a while, and is not far behind. */
static void
test_stuck(void **state)
{
	static char data[65536];
	int fd = client(GET), n = 0;

	(void)state;
	assert_int_equal(begin(), 0);
	while (open_conn->state != CONN_BEHIND && n++ < 1000)
		assert_int_equal(put(data, sizeof(data)), 0);
	assert_int_equal(open_conn->state, CONN_BEHIND);
	pump(4500);
	assert_int_equal(gone, 1);
	nothing_left();
	close(fd);
}

/* One that is quiet and owes nothing stays, however long. */
static void
test_quiet(void **state)
{
	int fd = client(GET);

	(void)state;
	assert_int_equal(begin(), 0);
	pump(4500);
	assert_int_equal(gone, 0);
	assert_int_equal(put("here", 4), 0);
	finish();
	assert_int_equal(take(fd, 100), 0);
	assert_string_equal(body(), "4\r\nhere\r\n0\r\n\r\n");
	close(fd);
}

/* A large end arrives whole, also at a client that said it sends no more. */
static void
test_large(void **state)
{
	const size_t size = 24 * 1024 * 1024;
	char *data = malloc(size);
	int fd = client_of(GET, 0);

	(void)state;
	assert_non_null(data);
	memset(data, 'x', size);
	assert_int_equal(begin(), 0);
	assert_int_equal(put(data, size), 0);
	finish();
	UNTIL(server->buffered > 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	pump(50);
	assert_int_equal(take(fd, 20000), 1);
	assert_true(got_len > size);
	assert_memory_equal(got + got_len - 7, "\r\n0\r\n\r\n", 7);
	assert_int_equal(gone, 0);
	nothing_left();
	free(data);
	close(fd);
}

static void
test_limit(void **state)
{
	struct http_conn *first = NULL;
	int fd[4], i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fd[i] = client(GET);
		assert_int_equal(begin(), 0);
		if (i == 0)
			first = open_conn;
	}
	fd[3] = client(GET);
	assert_int_equal(begin(), -1);
	reply(503);
	assert_int_equal(take(fd[3], 100), 0);
	assert_non_null(strstr(got, "HTTP/1.1 503 "));
	assert_non_null(strstr(got, "Content-Length: 5\r\n"));
	http_stream_end(first);
	assert_int_equal(send(fd[3], GET, strlen(GET), 0), strlen(GET));
	pump(20);
	assert_int_equal(begin(), 0);
	finish();
	for (i = 0; i < 4; i++)
		close(fd[i]);
	UNTIL(gone == 2);
	nothing_left();
}

static void
test_gone(void **state)
{
	int fd;

	(void)state;
	fd = client(GET);
	assert_int_equal(begin(), 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(gone == 1);
	close(fd);
	fd = client(GET);
	assert_int_equal(begin(), 0);
	close(fd);
	UNTIL(gone == 2);
	/* it went before there was a stream */
	fd = client(GET);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(gone == 2);
	assert_int_equal(begin(), 0);
	UNTIL(gone == 3);
	close(fd);
	nothing_left();
}

/* End-of-file is going away only where somebody said so. */
static void
test_watch(void **state)
{
	int fd;

	(void)state;
	fd = client(GET);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(gone == 0);
	reply(200);
	assert_int_equal(take(fd, 20000), 1);
	assert_string_equal(body(), "whole");
	close(fd);
	watched = 1;
	fd = client(GET);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(gone == 1);
	close(fd);
	/* a watched one that stays is answered, and the next is new */
	fd = client(GET);
	reply(200);
	assert_int_equal(take(fd, 100), 0);
	watched = 0;
	assert_int_equal(send(fd, GET, strlen(GET), 0), strlen(GET));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	UNTIL(gone == 1);
	reply(200);
	assert_int_equal(take(fd, 20000), 1);
	assert_string_equal(body(), "whole");
	close(fd);
}

static void
test_drain(void **state)
{
	struct http_conn *first;
	int fd[2];

	(void)state;
	fd[0] = client(GET);
	first = open_conn;
	assert_int_equal(begin(), 0);
	fd[1] = client(GET);	/* asked, not yet answered */
	inside = 1;
	http_server_drain(server);
	inside = 0;
	UNTIL(draining == 1);
	/* one that begins now hears of it, too */
	assert_int_equal(begin(), 0);
	UNTIL(draining == 2);
	finish();
	assert_int_equal(take(fd[1], 20000), 1);
	assert_non_null(strstr(got, "Connection: close\r\n"));
	assert_int_equal(drained, 0);
	http_stream_end(first);
	UNTIL(drained == 1);
	assert_int_equal(gone, 0);
	nothing_left();
	close(fd[0]);
	close(fd[1]);
}

/* The next request was there all the time. */
static void
test_pipelined(void **state)
{
	int fd = client(GET GET);

	(void)state;
	assert_int_equal(requests, 1);
	assert_int_equal(begin(), 0);
	UNTIL(requests == 1);
	finish();
	UNTIL(requests == 2);
	reply(200);
	assert_int_equal(take(fd, 100), 0);
	assert_non_null(strstr(got, "0\r\n\r\nHTTP/1.1 200 OK"));
	close(fd);
}

static void
test_split(void **state)
{
	struct http_reply r = { .status = 200, .nheaders = 1,
	    .headers = { { "X-A", "a\r\nX-B: b" } } };
	int fd = client(GET);

	(void)state;
	assert_int_equal(http_stream_begin(open_conn, &r), -1);
	nothing_left();
	reply(500);
	assert_int_equal(take(fd, 100), 0);
	assert_non_null(strstr(got, "HTTP/1.1 500 "));
	close(fd);
}

/* Many, ended in every way: memory and counts come back. */
static void
test_many(void **state)
{
	static char data[8192];
	int fd, i, j;

	(void)state;
	for (i = 0; i < 300; i++) {
		fd = client(i % 3 == 0 ? OLD : GET);
		assert_int_equal(begin(), 0);
		for (j = 0; j < i % 7; j++)
			(void)put(data, sizeof(data));
		if (i % 2 == 0)
			finish();
		close(fd);
		pump(2);
	}
	UNTIL(gone == 150);
	assert_int_equal(server->count, 0);
	nothing_left();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_chunks),
		TEST(test_old),
		TEST(test_head),
		TEST(test_slow),
		TEST(test_stuck),
		TEST(test_quiet),
		cmocka_unit_test_setup_teardown(test_large, set_up_patient,
		    tear_down),
		TEST(test_limit),
		TEST(test_gone),
		TEST(test_watch),
		TEST(test_drain),
		TEST(test_pipelined),
		TEST(test_split),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
