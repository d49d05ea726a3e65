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
 * imsgbuf: messages over a stream socket, queued in both directions, with
 * at most one descriptor each.  One system call per imsgbuf_read() and
 * imsgbuf_write(); never waits by itself.  imsg.c makes and reads the single
 * messages.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <imsg.h>

#include "imsgbuf.h"

#define IMSG_FDPASS	0x01		/* imsgbuf.flags */
#define IMSG_WRITE_IOV	64		/* buffers per system call */

/* 0, or -1: out of memory. */
int
imsgbuf_init(struct imsgbuf *imsgbuf, int fd)
{
	struct msgbuf	*w;

	memset(imsgbuf, 0, sizeof(*imsgbuf));
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (-1);
	TAILQ_INIT(&w->out);
	TAILQ_INIT(&w->in);
	imsgbuf->w = w;
	imsgbuf->pid = getpid();
	imsgbuf->maxsize = MAX_IMSGSIZE;
	imsgbuf->fd = fd;
	return (0);
}

void
imsgbuf_allow_fdpass(struct imsgbuf *imsgbuf)
{
	imsgbuf->flags |= IMSG_FDPASS;
}

/* The largest payload, bytes.  ERANGE, EINVAL: cannot be expressed. */
int
imsgbuf_set_maxsize(struct imsgbuf *imsgbuf, uint32_t max)
{
	if (max > UINT32_MAX - IMSG_HEADER_SIZE) {
		errno = ERANGE;
		return (-1);
	}
	max += IMSG_HEADER_SIZE;
	if (max & IMSG_FD_MARK) {
		errno = EINVAL;
		return (-1);
	}
	imsgbuf->maxsize = max;
	return (0);
}

static void
ibuf_list_free(struct ibuf_list *list)
{
	struct ibuf	*buf;

	while ((buf = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, buf, entry);
		ibuf_free(buf);
	}
}

static void
fds_close(struct msgbuf *w)
{
	while (w->nfds > 0)
		if (w->fds[--w->nfds] != -1)
			(void)close(w->fds[w->nfds]);
}

/* Drops what is queued or half read; the link itself stays open. */
void
imsgbuf_clear(struct imsgbuf *imsgbuf)
{
	struct msgbuf	*w = imsgbuf->w;

	if (w == NULL)
		return;
	ibuf_list_free(&w->out);
	ibuf_list_free(&w->in);
	ibuf_free(w->part);
	fds_close(w);
	freezero(w, sizeof(*w));
	imsgbuf->w = NULL;
}

/* The descriptor that the next marked header owns, or -1. */
static int
fds_claim(struct msgbuf *w)
{
	int	 fd, i;

	if (w->nfds == 0)
		return (-1);
	fd = w->fds[0];
	for (i = 1; i < w->nfds; i++)
		w->fds[i - 1] = w->fds[i];
	w->nfds--;
	return (fd);
}

/* fd == -1: the system could not give it to us; its place must be kept. */
static void
fds_keep(struct msgbuf *w, int fd)
{
	int	 old;

	if (w->nfds == IMSG_FD_SLOTS && (old = fds_claim(w)) != -1)
		(void)close(old);
	w->fds[w->nfds++] = fd;
}

/*
 * After a read was taken apart: a descriptor can only still be waiting for
 * a header of which a part is here.  Others came without a mark.
 */
static void
fds_settle(struct msgbuf *w)
{
	int	 fd, keep = w->part == NULL && w->rlen > 0;

	while (w->nfds > keep)
		if ((fd = fds_claim(w)) != -1)
			(void)close(fd);
}

/* The first descriptor is kept, further ones are closed. */
static void
fds_receive(struct msgbuf *w, struct msghdr *msg)
{
	struct cmsghdr	*cmsg;
	size_t		 i, n;
	int		 fd, got = 0;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int),
			    sizeof(fd));
			if (got++ == 0)
				fds_keep(w, fd);
			else
				(void)close(fd);
		}
	}
	if (got == 0 && (msg->msg_flags & MSG_CTRUNC))
		fds_keep(w, -1);
}

static ssize_t
link_receive(struct imsgbuf *imsgbuf)
{
	struct msgbuf	*w = imsgbuf->w;
	struct msghdr	 msg;
	struct iovec	 iov;
	ssize_t		 n;
	union {
		struct cmsghdr	 hdr;
		unsigned char	 buf[CMSG_SPACE(sizeof(int))];
	} control;

	iov.iov_base = w->rbuf + w->rlen;
	iov.iov_len = sizeof(w->rbuf) - w->rlen;
	if (!(imsgbuf->flags & IMSG_FDPASS)) {
		do
			n = read(imsgbuf->fd, iov.iov_base, iov.iov_len);
		while (n == -1 && errno == EINTR);
		return (n);
	}
	memset(&msg, 0, sizeof(msg));
	memset(&control, 0, sizeof(control));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &control;
	msg.msg_controllen = sizeof(control.buf);
	do
		n = recvmsg(imsgbuf->fd, &msg, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		fds_receive(w, &msg);
	return (n);
}

/* A message begins at p; -1 with ERANGE when its length cannot be. */
static int
part_begin(struct imsgbuf *imsgbuf, const unsigned char *p)
{
	struct msgbuf	*w = imsgbuf->w;
	struct imsg_hdr	 hdr;
	uint32_t	 len;

	memcpy(&hdr, p, sizeof(hdr));
	len = hdr.len & ~IMSG_FD_MARK;
	if (len < IMSG_HEADER_SIZE || len > imsgbuf->maxsize) {
		errno = ERANGE;
		return (-1);
	}
	if ((w->part = ibuf_open(len)) == NULL)
		return (-1);
	if (hdr.len & IMSG_FD_MARK)
		ibuf_fd_set(w->part, fds_claim(w));
	return (0);
}

/* Takes rbuf apart; a started header stays there, moved to the front. */
static int
messages_split(struct imsgbuf *imsgbuf)
{
	struct msgbuf	*w = imsgbuf->w;
	size_t		 len, off = 0;
	int		 ret = 0;

	while (off < w->rlen) {
		if (w->part == NULL) {
			if (w->rlen - off < IMSG_HEADER_SIZE)
				break;
			if ((ret = part_begin(imsgbuf, w->rbuf + off)) == -1)
				break;
		}
		len = ibuf_left(w->part);
		if (len > w->rlen - off)
			len = w->rlen - off;
		/* Cannot fail: the buffer has the message's whole length. */
		(void)ibuf_add(w->part, w->rbuf + off, len);
		off += len;
		if (ibuf_left(w->part) == 0) {
			TAILQ_INSERT_TAIL(&w->in, w->part, entry);
			w->part = NULL;
		}
	}
	w->rlen -= off;
	memmove(w->rbuf, w->rbuf + off, w->rlen);
	return (ret);
}

/*
 * 1: something or nothing (EAGAIN) was read, ask imsgbuf_get(); 0: end of
 * file; -1: error, ERANGE for a message of an impossible length.
 */
int
imsgbuf_read(struct imsgbuf *imsgbuf)
{
	ssize_t	 n;

	if ((n = link_receive(imsgbuf)) == -1)
		return (errno == EAGAIN || errno == EWOULDBLOCK ? 1 : -1);
	if (n == 0)
		return (0);
	imsgbuf->w->rlen += n;
	if (messages_split(imsgbuf) == -1)
		return (-1);
	fds_settle(imsgbuf->w);
	return (1);
}

/* 1: *imsg is the next message, imsg_free() it; 0: none is whole yet. */
int
imsgbuf_get(struct imsgbuf *imsgbuf, struct imsg *imsg)
{
	struct msgbuf	*w = imsgbuf->w;
	struct imsg	 m;

	if ((m.buf = TAILQ_FIRST(&w->in)) == NULL)
		return (0);
	TAILQ_REMOVE(&w->in, m.buf, entry);
	if (ibuf_get(m.buf, &m.hdr, sizeof(m.hdr)) == -1) {
		ibuf_free(m.buf);
		return (-1);
	}
	m.hdr.len &= ~IMSG_FD_MARK;
	m.data = ibuf_size(m.buf) > 0 ? ibuf_data(m.buf) : NULL;
	*imsg = m;
	return (1);
}

void
imsgbuf_append(struct imsgbuf *imsgbuf, struct ibuf *buf)
{
	TAILQ_INSERT_TAIL(&imsgbuf->w->out, buf, entry);
	imsgbuf->w->nout++;
}

/* Buffers that are not written yet. */
uint32_t
imsgbuf_queuelen(struct imsgbuf *imsgbuf)
{
	return (imsgbuf->w->nout);
}

/*
 * Fills iov from the queue.  A buffer with a descriptor only goes first,
 * so that one call carries at most one.
 */
static int
out_collect(struct imsgbuf *imsgbuf, struct iovec *iov)
{
	struct ibuf	*buf;
	int		 n = 0;

	TAILQ_FOREACH(buf, &imsgbuf->w->out, entry) {
		if (n == IMSG_WRITE_IOV || (n > 0 && ibuf_fd_avail(buf) &&
		    (imsgbuf->flags & IMSG_FDPASS)))
			break;
		iov[n].iov_base = ibuf_data(buf);
		iov[n].iov_len = ibuf_size(buf);
		n++;
	}
	return (n);
}

/* n bytes have gone, and with them the first buffer's descriptor. */
static void
out_drain(struct msgbuf *w, size_t n)
{
	struct ibuf	*buf;

	while ((buf = TAILQ_FIRST(&w->out)) != NULL) {
		if (n < ibuf_size(buf)) {
			if (n > 0) {
				ibuf_fd_set(buf, -1);
				(void)ibuf_skip(buf, n);	/* n fits */
			}
			return;
		}
		n -= ibuf_size(buf);
		TAILQ_REMOVE(&w->out, buf, entry);
		w->nout--;
		ibuf_free(buf);
	}
}

static ssize_t
link_send(struct imsgbuf *imsgbuf, struct iovec *iov, int iovcnt)
{
	struct ibuf	*first = TAILQ_FIRST(&imsgbuf->w->out);
	struct msghdr	 msg;
	struct cmsghdr	*cmsg;
	union {
		struct cmsghdr	 hdr;
		unsigned char	 buf[CMSG_SPACE(sizeof(int))];
	} control;

	if (!(imsgbuf->flags & IMSG_FDPASS))
		return (writev(imsgbuf->fd, iov, iovcnt));
	memset(&msg, 0, sizeof(msg));
	msg.msg_iov = iov;
	msg.msg_iovlen = iovcnt;
	if (ibuf_fd_avail(first)) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(cmsg), &first->fd, sizeof(int));
	}
	return (sendmsg(imsgbuf->fd, &msg, 0));
}

/* One write of what is queued.  0, also when the socket is full, or -1. */
int
imsgbuf_write(struct imsgbuf *imsgbuf)
{
	struct iovec	 iov[IMSG_WRITE_IOV];
	ssize_t		 n;
	int		 iovcnt;

	if ((iovcnt = out_collect(imsgbuf, iov)) == 0)
		return (0);
	do
		n = link_send(imsgbuf, iov, iovcnt);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return (errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == ENOBUFS ? 0 : -1);
	out_drain(imsgbuf->w, n);
	return (0);
}

/* Writes until nothing is left; spins if the socket is non-blocking. */
int
imsgbuf_flush(struct imsgbuf *imsgbuf)
{
	while (imsgbuf_queuelen(imsgbuf) > 0)
		if (imsgbuf_write(imsgbuf) == -1)
			return (-1);
	return (0);
}
