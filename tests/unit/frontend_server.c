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
 * See frontend_server.h.
 */

#include "config.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "frontend_server.h"

static struct event_base	*base;
struct http_server		*server;
static int			 port;
struct http_conn		*open_conn;
unsigned int			 requests, gone, draining, drained;
int				 watched, inside;
char				*got;
size_t				 got_len;

static void
on_request(struct http_conn *c, const struct http_head *h, const char *body,
    size_t len)
{
	(void)h;
	(void)body;
	(void)len;
	requests++;
	open_conn = c;
	http_conn_wait(c, &requests);
	if (watched)
		http_conn_watch(c);
}

static int
on_head(struct http_conn *c, const struct http_head *h)
{
	(void)c;
	(void)h;
	return 0;
}

static void
on_refused(struct http_conn *c, const struct http_head *h,
    const struct http_refusal *why)
{
	struct http_reply r = { .status = 400, .close = 1 };

	(void)h;
	(void)why;
	http_reply(c, &r);
}

static void
on_gone(struct http_conn *c, void *arg)
{
	assert_ptr_equal(arg, &requests);
	assert_false(inside);	/* never out of a call of ours */
	gone++;
	if (open_conn == c)
		open_conn = NULL;
}

static void
on_draining(struct http_conn *c, void *arg)
{
	(void)c;
	assert_ptr_equal(arg, &requests);
	assert_false(inside);
	draining++;
}

static void
on_drained(void *arg)
{
	(void)arg;
	drained++;
}

static int
set_up_of(uint32_t seconds)
{
	const struct http_limits limits = { 4096, 65536, seconds, 100, 3 };
	const struct http_callbacks cb = { on_head, on_request, on_refused,
	    on_gone, on_draining, on_drained, NULL };
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((base = event_base_new()) == NULL ||
	    (server = http_server_new(base, &limits, &cb)) == NULL ||
	    (fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1 ||
	    http_server_listen(server, fd, "test", NULL, 0) == -1)
		return -1;
	port = ntohs(sin.sin_port);
	requests = gone = draining = drained = 0;
	watched = inside = 0;
	open_conn = NULL;
	return 0;
}

int
set_up(void **state)
{
	(void)state;
	return set_up_of(2);
}

int
set_up_patient(void **state)
{
	(void)state;
	return set_up_of(60);
}

int
tear_down(void **state)
{
	(void)state;
	http_server_free(server);
	event_base_free(base);
	free(got);
	got = NULL;
	return 0;
}

void
pump(int ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	(void)event_base_loopexit(base, &tv);
	(void)event_base_dispatch(base);
}

int
client_of(const char *request, int room)
{
	struct sockaddr_in sin;
	unsigned int before = requests;
	int fd, i;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true((fd = socket(AF_INET, SOCK_STREAM, 0)) != -1);
	if (room > 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
		    sizeof(room)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof(sin)),
	    0);
	assert_int_equal(send(fd, request, strlen(request), 0),
	    strlen(request));
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	for (i = 0; i < 30000 && requests == before; i++)
		pump(1);
	return fd;
}

int
client(const char *request)
{
	return client_of(request, 4096);
}

int
take(int fd, int ms)
{
	static char buf[65536];
	size_t room = 0;
	ssize_t n;
	int quiet = 0;

	free(got);
	got = NULL;
	got_len = 0;
	while (quiet < ms) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n == 0)
			return 1;
		if (n == -1) {
			if (errno != EAGAIN)
				return 1;
			quiet += 5;
			pump(5);
			continue;
		}
		quiet = 0;
		/* by doubling, or a large answer takes for ever */
		if (got_len + (size_t)n + 1 > room) {
			room = 2 * (got_len + (size_t)n + 1);
			assert_non_null(got = realloc(got, room));
		}
		memcpy(got + got_len, buf, (size_t)n);
		got_len += (size_t)n;
		got[got_len] = '\0';
		pump(0);
	}
	return 0;
}

const char *
body(void)
{
	const char *p = got == NULL ? NULL : strstr(got, "\r\n\r\n");

	return p == NULL ? "(no body)" : p + 4;
}

int
begin(void)
{
	struct http_reply r = { .status = 200, .type = "text/event-stream" };
	int ret;

	inside = 1;
	ret = http_stream_begin(open_conn, &r);
	inside = 0;
	return ret;
}

int
put(const void *data, size_t len)
{
	int ret;

	inside = 1;
	ret = http_stream_write(open_conn, data, len);
	inside = 0;
	return ret;
}

void
finish(void)
{
	inside = 1;
	http_stream_end(open_conn);
	inside = 0;
}

void
reply(unsigned int status)
{
	struct http_reply r = { .status = status, .type = "text/plain",
	    .body = "whole", .len = 5 };

	http_reply(open_conn, &r);
}

void
nothing_left(void)
{
	assert_int_equal(server->streams, 0);
	assert_int_equal(server->buffered, 0);
}
