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
 * imsg as compat/imsg.c makes it, over real sockets: queues, limits,
 * descriptors, and what goes wrong on the way.
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

#define FD_LIMIT	256	/* descriptors that the tests look at */

#define assert_errno(call, result, error) do {				\
	errno = 0;							\
	assert_int_equal((call), (result));				\
	assert_int_equal(errno, (error));				\
} while (0)

struct pair {
	struct imsgbuf	 a;
	struct imsgbuf	 b;
	int		 sv[2];
	int		 before;	/* open descriptors at the start */
};

static int
fd_count(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < FD_LIMIT; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			n++;
	return (n);
}

static int
fd_open(void)
{
	int	 fd;

	fd = open("/dev/null", O_RDONLY);
	assert_true(fd != -1);
	return (fd);
}

static int
setup(void **state)
{
	struct pair	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (-1);
	*state = p;
	p->before = fd_count();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p->sv) == -1 ||
	    imsgbuf_init(&p->a, p->sv[0]) == -1 ||
	    imsgbuf_init(&p->b, p->sv[1]) == -1)
		return (-1);
	imsgbuf_allow_fdpass(&p->a);
	imsgbuf_allow_fdpass(&p->b);
	return (0);
}

/* No test may leave a descriptor open. */
static int
teardown(void **state)
{
	struct pair	*p = *state;
	int		 left;

	imsgbuf_clear(&p->a);
	imsgbuf_clear(&p->b);
	close(p->sv[0]);
	close(p->sv[1]);
	left = fd_count() - p->before;
	free(p);
	return (left == 0 ? 0 : -1);
}

static void
nonblocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* Reads until a message is whole. */
static void
receive(struct imsgbuf *ib, struct imsg *imsg)
{
	int	 n;

	while ((n = imsgbuf_get(ib, imsg)) == 0)
		assert_int_equal(imsgbuf_read(ib), 1);
	assert_int_equal(n, 1);
}

/* The next message has this type and (fd) a descriptor that works. */
static void
expect(struct imsgbuf *ib, uint32_t type, int with_fd)
{
	struct imsg	 imsg;
	int		 fd;

	receive(ib, &imsg);
	assert_int_equal(imsg_get_type(&imsg), type);
	fd = imsg_get_fd(&imsg);
	assert_int_equal(fd != -1, with_fd);
	if (fd != -1) {
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
	assert_int_equal(imsg_get_fd(&imsg), -1);
	imsg_free(&imsg);
}

static void
send_raw(int fd, const void *data, size_t len, const int *fds, int nfds)
{
	struct msghdr	 msg;
	struct cmsghdr	*cmsg;
	struct iovec	 iov;
	union {
		struct cmsghdr	 hdr;
		unsigned char	 buf[CMSG_SPACE(4 * sizeof(int))];
	} control;

	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	memcpy(&iov.iov_base, &data, sizeof(data));
	iov.iov_len = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (nfds > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &msg, 0), len);
}

static void
round_trip(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	char		 text[6];

	assert_int_equal(imsg_compose(&p->a, 7, 8, 0, -1, "hello", 6), 1);
	assert_int_equal(imsg_compose(&p->a, 9, 1, 4711, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_queuelen(&p->a), 2);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	assert_int_equal(imsgbuf_queuelen(&p->a), 0);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_type(&imsg), 7);
	assert_int_equal(imsg_get_id(&imsg), 8);
	assert_int_equal(imsg_get_pid(&imsg), getpid());
	assert_int_equal(imsg_get_len(&imsg), 6);
	assert_int_equal(imsg.hdr.len, IMSG_HEADER_SIZE + 6);
	assert_memory_equal(imsg.data, "hello", 6);
	assert_int_equal(imsg_get_data(&imsg, text, sizeof(text)), 0);
	assert_string_equal(text, "hello");
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_pid(&imsg), 4711);
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

static void
no_payload(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 byte;

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	receive(&p->b, &imsg);
	assert_int_equal(imsg_get_len(&imsg), 0);
	assert_null(imsg.data);
	assert_errno(imsg_get_ibuf(&imsg, &view), -1, EBADMSG);
	assert_errno(imsg_get_data(&imsg, &byte, 0), -1, EINVAL);
	assert_errno(imsg_get_data(&imsg, &byte, 1), -1, EBADMSG);
	assert_errno(imsg_get_buf(&imsg, &byte, 1), -1, EBADMSG);
	imsg_free(&imsg);
}

static void
payload_must_fit_exactly(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 bytes[16];

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abcd\0xyz", 8), 1);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abcdefgh", 8), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	receive(&p->b, &imsg);
	assert_errno(imsg_get_data(&imsg, bytes, 7), -1, EBADMSG);
	assert_errno(imsg_get_data(&imsg, bytes, 9), -1, EBADMSG);
	assert_int_equal(imsg_get_buf(&imsg, bytes, 2), 0);
	assert_memory_equal(bytes, "ab", 2);
	/* What was read is gone: the whole no longer is 8. */
	assert_errno(imsg_get_data(&imsg, bytes, 8), -1, EBADMSG);
	memset(bytes, 'q', sizeof(bytes));
	assert_int_equal(imsg_get_strbuf(&imsg, bytes, 6), 0);
	assert_memory_equal(bytes, "cd\0\0\0\0", 6);
	imsg_free(&imsg);

	receive(&p->b, &imsg);
	assert_errno(imsg_get_strbuf(&imsg, bytes, 4), -1, EOVERFLOW);
	assert_string_equal(bytes, "abc");
	assert_int_equal(imsg_get_ibuf(&imsg, &view), 0);
	assert_int_equal(ibuf_size(&view), 4);
	assert_memory_equal(ibuf_data(&view), "efgh", 4);
	imsg_free(&imsg);
}

static void
limits_when_sending(void **state)
{
	struct pair	*p = *state;
	struct iovec	 iov[2];
	struct ibuf	*msg;
	char		*big;
	size_t		 max = MAX_IMSGSIZE - IMSG_HEADER_SIZE;
	int		 fd;

	big = calloc(1, MAX_IMSGSIZE);
	assert_non_null(big);
	fd = fd_open();
	assert_errno(imsg_compose(&p->a, 1, 0, 0, fd, big, max + 1), -1,
	    ERANGE);
	assert_errno(imsg_compose(&p->a, 1, 0, 0, fd, big, SIZE_MAX), -1,
	    ERANGE);
	iov[0].iov_base = iov[1].iov_base = big;
	iov[0].iov_len = max;
	iov[1].iov_len = 1;
	assert_errno(imsg_composev(&p->a, 1, 0, 0, fd, iov, 2), -1, ERANGE);
	iov[1].iov_len = SIZE_MAX;
	assert_errno(imsg_composev(&p->a, 1, 0, 0, fd, iov, 2), -1, ERANGE);
	/* On failure the descriptor is still ours. */
	assert_int_equal(close(fd), 0);
	assert_null(imsg_create(&p->a, 1, 0, 0, max + 1));

	/* imsg_add() frees the message when it fails: nothing left to free. */
	msg = imsg_create(&p->a, 1, 0, 0, 0);
	assert_non_null(msg);
	assert_int_equal(imsg_add(msg, big, max), max);
	assert_errno(imsg_add(msg, big, 1), -1, ERANGE);

	/* So does imsg_compose_ibuf(), always. */
	msg = ibuf_open(max + 1);
	assert_int_equal(ibuf_add(msg, big, max + 1), 0);
	assert_errno(imsg_compose_ibuf(&p->a, 1, 0, 0, msg), -1, ERANGE);
	assert_int_equal(imsgbuf_queuelen(&p->a), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, big, max), 1);
	free(big);
}

static void
limit_can_be_set(void **state)
{
	struct pair	*p = *state;

	assert_errno(imsgbuf_set_maxsize(&p->a, UINT32_MAX), -1, ERANGE);
	assert_errno(imsgbuf_set_maxsize(&p->a, 0x80000000U), -1, EINVAL);
	assert_errno(imsgbuf_set_maxsize(&p->a,
	    0x80000000U - IMSG_HEADER_SIZE), -1, EINVAL);
	assert_int_equal(imsgbuf_set_maxsize(&p->a,
	    0x7fffffffU - IMSG_HEADER_SIZE), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->a, 2), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "ab", 2), 1);
	assert_errno(imsg_compose(&p->a, 1, 0, 0, -1, "abc", 3), -1, ERANGE);
}

/* A header of this length, at the other end's limit of 16384. */
static void
refuse_length(uint32_t len, int good)
{
	struct pair	*p;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	void		*state = NULL;

	assert_int_equal(setup(&state), 0);
	p = state;
	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 1;
	/* A good one before it still arrives. */
	assert_int_equal(imsg_compose(&p->a, 5, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	hdr.len = len;
	assert_int_equal(write(p->sv[0], &hdr, sizeof(hdr)), sizeof(hdr));
	errno = 0;
	assert_int_equal(imsgbuf_read(&p->b), good ? 1 : -1);
	if (!good)
		assert_int_equal(errno, ERANGE);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_type(&imsg), 5);
	imsg_free(&imsg);
	assert_int_equal(teardown(&state), 0);
}

static void
lengths_when_receiving(void **state)
{
	(void)state;
	refuse_length(0, 0);
	refuse_length(IMSG_HEADER_SIZE - 1, 0);
	refuse_length(IMSG_HEADER_SIZE, 1);
	refuse_length(MAX_IMSGSIZE, 1);
	refuse_length(MAX_IMSGSIZE + 1, 0);
	refuse_length(0x7fffffffU, 0);
	refuse_length(UINT32_MAX, 0);
}

/* After a bad length the link stays bad: nothing is made of what follows. */
static void
bad_length_is_final(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;

	memset(&hdr, 0, sizeof(hdr));
	assert_int_equal(write(p->sv[0], &hdr, sizeof(hdr)), sizeof(hdr));
	assert_errno(imsgbuf_read(&p->b), -1, ERANGE);
	assert_int_equal(imsg_compose(&p->a, 5, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	assert_errno(imsgbuf_read(&p->b), -1, ERANGE);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

/* Messages larger than one read, between small ones. */
static void
large_messages(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	unsigned char	*big;
	size_t		 i, len = 3 * IBUF_READ_SIZE + 17;

	big = malloc(len);
	assert_non_null(big);
	for (i = 0; i < len; i++)
		big[i] = i * 31 >> 3;
	assert_int_equal(imsgbuf_set_maxsize(&p->a, len), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->b, len), 0);
	nonblocking(p->sv[0]);
	nonblocking(p->sv[1]);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "a", 1), 1);
	assert_int_equal(imsg_compose(&p->a, 2, 0, 0, fd_open(), big, len), 1);
	assert_int_equal(imsg_compose(&p->a, 3, 0, 0, -1, "b", 1), 1);
	for (i = 1; i <= 3;) {
		assert_int_equal(imsgbuf_write(&p->a), 0);
		assert_int_equal(imsgbuf_read(&p->b), 1);
		if (imsgbuf_get(&p->b, &imsg) == 0)
			continue;
		assert_int_equal(imsg_get_type(&imsg), i);
		if (i == 2) {
			assert_int_equal(imsg_get_len(&imsg), len);
			assert_memory_equal(imsg.data, big, len);
		}
		imsg_free(&imsg);	/* closes the unclaimed descriptor */
		i++;
	}
	free(big);
}

/* What arrives in two parts, split at every byte, arrives. */
static void
split_at_every_byte(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	char		 wire[2 * sizeof(hdr) + 5];
	size_t		 at;
	int		 fd;

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 1;
	hdr.len = sizeof(hdr);
	memcpy(wire, &hdr, sizeof(hdr));
	hdr.type = 2;
	hdr.len = (sizeof(hdr) + 5) | 0x80000000U;
	memcpy(wire + sizeof(hdr), &hdr, sizeof(hdr));
	memcpy(wire + 2 * sizeof(hdr), "abcd", 5);

	for (at = 1; at < sizeof(wire); at++) {
		/* The descriptor comes with the part in which 2 begins. */
		fd = fd_open();
		send_raw(p->sv[0], wire, at, &fd, at > sizeof(hdr));
		assert_int_equal(imsgbuf_read(&p->b), 1);
		send_raw(p->sv[0], wire + at, sizeof(wire) - at, &fd,
		    at <= sizeof(hdr));
		close(fd);
		/* Where 2 begins in the first part, it is one header later. */
		if (at < sizeof(hdr)) {
			assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
		}
		expect(&p->b, 1, 0);
		receive(&p->b, &imsg);
		assert_int_equal(imsg_get_type(&imsg), 2);
		assert_int_equal(imsg_get_len(&imsg), 5);
		assert_memory_equal(imsg.data, "abcd", 5);
		fd = imsg_get_fd(&imsg);
		assert_int_not_equal(fd, -1);
		close(fd);
		imsg_free(&imsg);
		assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
	}
}

static void
byte_by_byte(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	char		 wire[sizeof(hdr) + 3];
	size_t		 i;

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 3;
	hdr.len = sizeof(wire);
	memcpy(wire, &hdr, sizeof(hdr));
	memcpy(wire + sizeof(hdr), "xyz", 3);
	for (i = 0; i < sizeof(wire); i++) {
		assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
		assert_int_equal(write(p->sv[0], wire + i, 1), 1);
		assert_int_equal(imsgbuf_read(&p->b), 1);
	}
	receive(&p->b, &imsg);
	assert_memory_equal(imsg.data, "xyz", 3);
	imsg_free(&imsg);
}

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

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip), TEST(no_payload),
		TEST(payload_must_fit_exactly), TEST(limits_when_sending),
		TEST(limit_can_be_set), TEST(lengths_when_receiving),
		TEST(bad_length_is_final), TEST(large_messages),
		TEST(split_at_every_byte), TEST(byte_by_byte),
		TEST(descriptor_of_the_third),
		TEST(descriptor_in_every_message),
		TEST(descriptor_at_the_edge), TEST(out_of_descriptors),
		TEST(out_of_descriptors_at_the_edge),
		TEST(descriptors_without_a_mark), TEST(without_fdpass),
		TEST(over_a_pipe), TEST(end_of_file), TEST(broken_pipe),
		TEST(nothing_to_read), TEST(full_socket), TEST(interrupted),
		TEST(composing_from_parts), TEST(forwarding), TEST(clearing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
