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
 * imsg as compat/imsg.c makes it: descriptors, and too many of them.
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

/* One read brings three messages; the descriptor is the third's. */
static void
descriptor_of_the_third(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	int		 fd;

	fd = fd_open();
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "a", 1), 1);
	assert_int_equal(imsg_compose(&p->a, 2, 0, 0, -1, "b", 1), 1);
	assert_int_equal(imsg_compose(&p->a, 3, 0, 0, fd, "c", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	/* It was the queue's, and is closed when sent. */
	assert_errno(fcntl(fd, F_GETFD), -1, EBADF);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	expect(&p->b, 1, 0);
	expect(&p->b, 2, 0);
	expect(&p->b, 3, 1);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

static void
descriptor_in_every_message(void **state)
{
	struct pair	*p = *state;
	uint32_t	 i;

	for (i = 1; i <= 6; i++)
		assert_int_equal(imsg_compose(&p->a, i, 0, 0,
		    i == 4 ? -1 : fd_open(), "a", 1), 1);
	/* Each goes out in a call of its own. */
	assert_int_equal(imsgbuf_write(&p->a), 0);
	assert_int_equal(imsgbuf_queuelen(&p->a), 5);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	for (i = 1; i <= 6; i++)
		expect(&p->b, i, i != 4);
}

/*
 * A read ends inside the header whose descriptor it brought; the next one
 * brings the rest and another descriptor.
 */
static void
compose_over_the_edge(struct pair *p)
{
	char	*fill;
	size_t	 len = IBUF_READ_SIZE - IMSG_HEADER_SIZE - 8;

	fill = calloc(1, len);
	assert_non_null(fill);
	assert_int_equal(imsgbuf_set_maxsize(&p->a, IBUF_READ_SIZE), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->b, IBUF_READ_SIZE), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, fill, len), 1);
	assert_int_equal(imsg_compose(&p->a, 2, 0, 0, fd_open(), "a", 1), 1);
	assert_int_equal(imsg_compose(&p->a, 3, 0, 0, fd_open(), "b", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	free(fill);
}

static void
descriptor_at_the_edge(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;

	compose_over_the_edge(p);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	expect(&p->b, 1, 0);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
	expect(&p->b, 2, 1);
	expect(&p->b, 3, 1);
}

/* Lets the process have no further descriptor; returns the former limit. */
static rlim_t
fd_exhaust(void)
{
	struct rlimit	 rl;
	rlim_t		 old;
	int		 fd;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	old = rl.rlim_cur;
	fd = fd_open();		/* the lowest free one */
	close(fd);
	rl.rlim_cur = fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
	return (old);
}

static void
fd_restore(rlim_t old)
{
	struct rlimit	 rl;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
	rl.rlim_cur = old;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
}

/* Not so under valgrind, which passes descriptors beyond the limit. */
static int
fd_limit_holds(void)
{
	struct imsgbuf	 in;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr = { 1, sizeof(hdr) | 0x80000000U, 0, 1 };
	rlim_t		 old;
	int		 fd, sv[2], held;

	fd = fd_open();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(imsgbuf_init(&in, sv[1]), 0);
	imsgbuf_allow_fdpass(&in);
	send_raw(sv[0], &hdr, sizeof(hdr), &fd, 1);
	old = fd_exhaust();
	assert_int_equal(imsgbuf_read(&in), 1);
	fd_restore(old);
	assert_int_equal(imsgbuf_get(&in, &imsg), 1);
	held = !ibuf_fd_avail(imsg.buf);
	imsg_free(&imsg);
	imsgbuf_clear(&in);
	close(sv[0]);
	close(sv[1]);
	close(fd);
	return (held);
}

/* The message comes, without its descriptor; the next has its own. */
static void
out_of_descriptors(void **state)
{
	struct pair	*p = *state;
	rlim_t		 old;

	if (!fd_limit_holds())
		skip();
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, fd_open(), "a", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	old = fd_exhaust();
	assert_int_equal(imsgbuf_read(&p->b), 1);
	fd_restore(old);
	assert_int_equal(imsg_compose(&p->a, 2, 0, 0, fd_open(), "b", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	expect(&p->b, 1, 0);
	expect(&p->b, 2, 1);
}

/* The descriptor was lost with half a header: it must not be replaced. */
static void
out_of_descriptors_at_the_edge(void **state)
{
	struct pair	*p = *state;
	rlim_t		 old;

	if (!fd_limit_holds())
		skip();
	compose_over_the_edge(p);
	old = fd_exhaust();
	assert_int_equal(imsgbuf_read(&p->b), 1);
	fd_restore(old);
	expect(&p->b, 1, 0);
	expect(&p->b, 2, 0);
	expect(&p->b, 3, 1);
}

/* Descriptors that nobody announced are closed, not given to another. */
static void
descriptors_without_a_mark(void **state)
{
	struct pair	*p = *state;
	struct imsg_hdr	 hdr;
	int		 fds[4], i;

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 1;
	hdr.len = sizeof(hdr);
	for (i = 0; i < 4; i++)
		fds[i] = fd_open();
	send_raw(p->sv[0], &hdr, sizeof(hdr), fds, 1);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	expect(&p->b, 1, 0);
	/* A mark without a descriptor. */
	hdr.len |= 0x80000000U;
	hdr.type = 2;
	send_raw(p->sv[0], &hdr, sizeof(hdr), NULL, 0);
	expect(&p->b, 2, 0);
	/* Several with one message: one is taken. */
	hdr.type = 3;
	send_raw(p->sv[0], &hdr, sizeof(hdr), fds, 4);
	send_raw(p->sv[0], &hdr, sizeof(hdr), fds, 2);
	expect(&p->b, 3, 1);
	expect(&p->b, 3, 1);
	/* A flood with the bytes of one header. */
	for (i = 0; i < (int)sizeof(hdr); i++) {
		send_raw(p->sv[0], (char *)&hdr + i, 1, fds, 1);
		assert_int_equal(imsgbuf_read(&p->b), 1);
	}
	expect(&p->b, 3, 1);
	for (i = 0; i < 4; i++)
		close(fds[i]);
}

static void
without_fdpass(void **state)
{
	struct pair	*p = *state;
	struct imsgbuf	 plain;
	int		 fd;

	assert_int_equal(imsgbuf_init(&plain, p->sv[1]), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, fd_open(), "a", 1), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	expect(&plain, 1, 0);
	/* Neither does it send one, and closes it all the same. */
	fd = fd_open();
	assert_int_equal(imsg_compose(&plain, 2, 0, 0, fd, "a", 1), 1);
	assert_int_equal(imsgbuf_flush(&plain), 0);
	assert_errno(fcntl(fd, F_GETFD), -1, EBADF);
	expect(&p->a, 2, 0);
	imsgbuf_clear(&plain);
}

/* Works over a pipe too, as long as no descriptor is to pass. */
static void
over_a_pipe(void **state)
{
	struct imsgbuf	 in, out;
	int		 fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(imsgbuf_init(&in, fds[0]), 0);
	assert_int_equal(imsgbuf_init(&out, fds[1]), 0);
	assert_int_equal(imsg_compose(&out, 1, 0, 0, -1, "a", 1), 1);
	assert_int_equal(imsgbuf_flush(&out), 0);
	expect(&in, 1, 0);
	imsgbuf_clear(&in);
	imsgbuf_clear(&out);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(descriptor_of_the_third),
		TEST(descriptor_in_every_message),
		TEST(descriptor_at_the_edge),
		TEST(out_of_descriptors),
		TEST(out_of_descriptors_at_the_edge),
		TEST(descriptors_without_a_mark),
		TEST(without_fdpass),
		TEST(over_a_pipe),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
