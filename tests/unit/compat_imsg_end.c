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
 * imsg as compat/imsg.c makes it: ends of files, broken, full and interrupted
 * sockets, composing, forwarding.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <imsg.h>

#include "compat_pair.h"

static void
end_of_file(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abc", 3), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	assert_int_equal(write(p->sv[0], "half", 4), 4);
	assert_int_equal(shutdown(p->sv[0], SHUT_WR), 0);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsgbuf_read(&p->b), 0);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

static void
broken_pipe(void **state)
{
	struct pair	*p = *state;

	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	close(p->sv[1]);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abc", 3), 1);
	assert_errno(imsgbuf_write(&p->a), -1, EPIPE);
	assert_errno(imsgbuf_flush(&p->a), -1, EPIPE);
	assert_int_equal(imsgbuf_queuelen(&p->a), 1);
	p->sv[1] = dup(p->sv[0]);	/* for teardown */
}

static void
nothing_to_read(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;

	nonblocking(p->sv[1]);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
	assert_int_equal(imsgbuf_write(&p->b), 0);
}

/* A full socket is no error; what is queued goes later, in order. */
static void
full_socket(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	char		 fill[1000];
	uint32_t	 i, before, sent = 4000;

	memset(fill, 'f', sizeof(fill));
	nonblocking(p->sv[0]);
	for (i = 0; i < sent; i++)
		assert_int_equal(imsg_compose(&p->a, 1, i, 0,
		    i % 500 == 7 ? fd_open() : -1, fill, sizeof(fill)), 1);
	do {
		before = imsgbuf_queuelen(&p->a);
		assert_int_equal(imsgbuf_write(&p->a), 0);
	} while (imsgbuf_queuelen(&p->a) < before);
	assert_int_not_equal(imsgbuf_queuelen(&p->a), 0);
	for (i = 0; i < sent; i++) {
		while (imsgbuf_get(&p->b, &imsg) == 0) {
			assert_int_equal(imsgbuf_read(&p->b), 1);
			assert_int_equal(imsgbuf_write(&p->a), 0);
		}
		assert_int_equal(imsg_get_id(&imsg), i);
		assert_int_equal(imsg_get_len(&imsg), sizeof(fill));
		assert_memory_equal(imsg.data, fill, sizeof(fill));
		assert_int_equal(ibuf_fd_avail(imsg.buf), i % 500 == 7);
		imsg_free(&imsg);
	}
	assert_int_equal(imsgbuf_queuelen(&p->a), 0);
}

static int	 alarm_fd;

static void
on_alarm(int sig)
{
	static const struct imsg_hdr	 hdr = { 6, sizeof(hdr), 0, 1 };

	(void)sig;
	if (write(alarm_fd, &hdr, sizeof(hdr)) != sizeof(hdr))
		abort();
}

/* A signal does not end a read. */
static void
interrupted(void **state)
{
	struct pair		*p = *state;
	struct imsgbuf		 plain;
	struct sigaction	 sa;
	struct itimerval	 timer = { { 0, 0 }, { 0, 20000 } };

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;
	alarm_fd = p->sv[0];
	assert_int_equal(sigaction(SIGALRM, &sa, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	expect(&p->b, 6, 0);
	assert_int_equal(imsgbuf_init(&plain, p->sv[1]), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	assert_int_equal(imsgbuf_read(&plain), 1);
	expect(&plain, 6, 0);
	imsgbuf_clear(&plain);
}

static void
composing_from_parts(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct iovec	 iov[3];
	struct ibuf	*msg;
	char		 ab[] = "ab", cd[] = "cd";
	int		 i;

	iov[0].iov_base = ab;
	iov[0].iov_len = 2;
	iov[1].iov_base = NULL;
	iov[1].iov_len = 0;
	iov[2].iov_base = cd;
	iov[2].iov_len = 2;
	assert_int_equal(imsg_composev(&p->a, 1, 2, 3, -1, iov, 3), 1);
	msg = imsg_create(&p->a, 1, 2, 3, 0);
	assert_non_null(msg);
	assert_int_equal(ibuf_add(msg, "abcd", 4), 0);
	imsg_close(&p->a, msg);
	msg = ibuf_dynamic(0, 100);
	assert_int_equal(ibuf_add(msg, "abcd", 4), 0);
	assert_int_equal(imsg_compose_ibuf(&p->a, 1, 2, 3, msg), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	for (i = 0; i < 3; i++) {
		receive(&p->b, &imsg);
		assert_int_equal(imsg_get_id(&imsg), 2);
		assert_int_equal(imsg_get_pid(&imsg), 3);
		assert_int_equal(imsg_get_len(&imsg), 4);
		assert_memory_equal(imsg.data, "abcd", 4);
		imsg_free(&imsg);
	}
}

static void
forwarding(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg, copy;
	char		 bytes[4];
	int		 i;

	assert_int_equal(imsg_compose(&p->a, 1, 2, 3, fd_open(), "abcd", 4), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	receive(&p->b, &imsg);
	assert_int_equal(imsg_get_buf(&imsg, bytes, 3), 0);
	/* The whole payload, although some was read; as often as one likes. */
	assert_int_equal(imsg_forward(&p->b, &imsg), 1);
	assert_int_equal(imsg_forward(&p->b, &imsg), 1);
	assert_true(ibuf_fd_avail(imsg.buf));
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_flush(&p->b), 0);
	for (i = 0; i < 2; i++) {
		receive(&p->a, &copy);
		assert_int_equal(imsg_get_type(&copy), 1);
		assert_int_equal(imsg_get_id(&copy), 2);
		assert_int_equal(imsg_get_pid(&copy), 3);
		assert_int_equal(imsg_get_fd(&copy), -1);
		assert_int_equal(imsg_get_data(&copy, bytes, 4), 0);
		assert_memory_equal(bytes, "abcd", 4);
		imsg_free(&copy);
	}
}

/* What is queued or half read goes with its descriptors; the link stays. */
static void
clearing(void **state)
{
	struct pair	*p = *state;
	struct imsg_hdr	 hdr;
	int		 fd;

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, fd_open(), "a", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	memset(&hdr, 0, sizeof(hdr));
	hdr.len = (sizeof(hdr) + 9) | 0x80000000U;
	fd = fd_open();
	send_raw(p->sv[0], &hdr, sizeof(hdr), &fd, 1);
	send_raw(p->sv[0], &hdr, 3, NULL, 0);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsg_compose(&p->b, 1, 0, 0, fd, "a", 1), 1);
	imsgbuf_clear(&p->b);
	assert_int_not_equal(fcntl(p->sv[1], F_GETFD), -1);
	imsgbuf_clear(&p->b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(end_of_file),
		TEST(broken_pipe),
		TEST(nothing_to_read),
		TEST(full_socket),
		TEST(interrupted),
		TEST(composing_from_parts),
		TEST(forwarding),
		TEST(clearing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
