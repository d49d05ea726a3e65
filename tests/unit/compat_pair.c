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
 * A pair of imsg buffers for tests.
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

int
fd_count(void)
{
	int	 fd, n = 0;

	for (fd = 0; fd < FD_LIMIT; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			n++;
	return (n);
}

int
fd_open(void)
{
	int	 fd;

	fd = open("/dev/null", O_RDONLY);
	assert_true(fd != -1);
	return (fd);
}

int
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
int
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

void
nonblocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* Reads until a message is whole. */
void
receive(struct imsgbuf *ib, struct imsg *imsg)
{
	int	 n;

	while ((n = imsgbuf_get(ib, imsg)) == 0)
		assert_int_equal(imsgbuf_read(ib), 1);
	assert_int_equal(n, 1);
}

/* The next message has this type and (fd) a descriptor that works. */
void
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

void
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
