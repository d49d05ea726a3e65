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
 * imsg: messages with a type, an id and at most one descriptor over a
 * stream socket, queued in both directions.  One system call per
 * imsgbuf_read() and imsgbuf_write(); never waits by itself.
 *
 * The top bit of a header's length says that a descriptor belongs to this
 * message: one recvmsg(2) may bring several messages, so "the descriptor
 * came with the first" would be wrong.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <imsg.h>

#define IMSG_FD_MARK	0x80000000U
#define IMSG_FDPASS	0x01		/* imsgbuf.flags */
#define IMSG_WRITE_IOV	64		/* buffers per system call */
/*
 * Descriptors that were read but not claimed by a header yet: one whose
 * header came only in part, and one of the read that completes it.
 */
#define IMSG_FD_SLOTS	2

TAILQ_HEAD(ibuf_list, ibuf);

struct msgbuf {
	struct ibuf_list	 out;	/* to be written */
	struct ibuf_list	 in;	/* whole messages */
	struct ibuf		*part;	/* message that is being read */
	uint32_t		 nout;
	int			 fds[IMSG_FD_SLOTS];	/* -1: lost on its way */
	int			 nfds;
	size_t			 rlen;	/* bytes in rbuf */
	unsigned char		 rbuf[IBUF_READ_SIZE];
};

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

static void
out_append(struct imsgbuf *imsgbuf, struct ibuf *buf)
{
	TAILQ_INSERT_TAIL(&imsgbuf->w->out, buf, entry);
	imsgbuf->w->nout++;
}

/*
 * A message to be filled with imsg_add() or ibuf_add*() and queued with
 * imsg_close(), or dropped with ibuf_free().  size: payload expected; it
 * may grow to the limit.  pid 0: this process.  ERANGE: over the limit.
 */
struct ibuf *
imsg_create(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id, pid_t pid,
    size_t size)
{
	struct ibuf	*msg;
	struct imsg_hdr	 hdr;

	if (size > imsgbuf->maxsize - IMSG_HEADER_SIZE) {
		errno = ERANGE;
		return (NULL);
	}
	hdr.type = type;
	hdr.len = 0;		/* imsg_close() knows it */
	hdr.peerid = id;
	hdr.pid = pid != 0 ? pid : imsgbuf->pid;
	if ((msg = ibuf_dynamic(size + IMSG_HEADER_SIZE,
	    imsgbuf->maxsize)) == NULL)
		return (NULL);
	if (imsg_add(msg, &hdr, sizeof(hdr)) == -1)
		return (NULL);
	return (msg);
}

/* len, or -1; msg has been freed then. */
int
imsg_add(struct ibuf *msg, const void *data, size_t len)
{
	if (len > INT_MAX) {
		errno = ERANGE;
		ibuf_free(msg);
		return (-1);
	}
	if (ibuf_add(msg, data, len) == -1) {
		ibuf_free(msg);
		return (-1);
	}
	return (len);
}

/* Queues msg, with the descriptor that ibuf_fd_set() attached. */
void
imsg_close(struct imsgbuf *imsgbuf, struct ibuf *msg)
{
	uint32_t	 len = ibuf_size(msg);

	if (ibuf_fd_avail(msg))
		len |= IMSG_FD_MARK;
	/* Cannot fail: imsg_create() wrote a header. */
	(void)ibuf_set(msg, offsetof(struct imsg_hdr, len), &len, sizeof(len));
	out_append(imsgbuf, msg);
}

/* 1, and fd (-1 for none) is the queue's; or -1, and fd is the caller's. */
int
imsg_composev(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id, pid_t pid,
    int fd, const struct iovec *iov, int iovcnt)
{
	struct ibuf	*msg;
	size_t		 len = 0;
	int		 i;

	for (i = 0; i < iovcnt; i++) {
		if (iov[i].iov_len > imsgbuf->maxsize - len) {
			errno = ERANGE;
			return (-1);
		}
		len += iov[i].iov_len;
	}
	if ((msg = imsg_create(imsgbuf, type, id, pid, len)) == NULL)
		return (-1);
	for (i = 0; i < iovcnt; i++)
		if (imsg_add(msg, iov[i].iov_base, iov[i].iov_len) == -1)
			return (-1);
	ibuf_fd_set(msg, fd);
	imsg_close(imsgbuf, msg);
	return (1);
}

int
imsg_compose(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id, pid_t pid,
    int fd, const void *data, size_t len)
{
	struct ibuf	*msg;

	if ((msg = imsg_create(imsgbuf, type, id, pid, len)) == NULL)
		return (-1);
	if (imsg_add(msg, data, len) == -1)
		return (-1);
	ibuf_fd_set(msg, fd);
	imsg_close(imsgbuf, msg);
	return (1);
}

/* Queues buf as payload without copying; buf is consumed in any case. */
int
imsg_compose_ibuf(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id,
    pid_t pid, struct ibuf *buf)
{
	struct ibuf	*head = NULL;
	struct imsg_hdr	 hdr;

	if (ibuf_size(buf) > imsgbuf->maxsize - IMSG_HEADER_SIZE) {
		errno = ERANGE;
		goto fail;
	}
	hdr.type = type;
	hdr.len = ibuf_size(buf) + IMSG_HEADER_SIZE;
	hdr.peerid = id;
	hdr.pid = pid != 0 ? pid : imsgbuf->pid;
	if ((head = ibuf_open(sizeof(hdr))) == NULL ||
	    ibuf_add(head, &hdr, sizeof(hdr)) == -1)
		goto fail;
	ibuf_fd_set(buf, -1);
	out_append(imsgbuf, head);
	out_append(imsgbuf, buf);
	return (1);
 fail:
	ibuf_free(head);
	ibuf_free(buf);
	return (-1);
}

/* Queues a copy on another link, ids and pid as they were, no descriptor. */
int
imsg_forward(struct imsgbuf *imsgbuf, struct imsg *imsg)
{
	struct ibuf	*msg;
	size_t		 len;

	ibuf_rewind(imsg->buf);
	if (ibuf_skip(imsg->buf, sizeof(imsg->hdr)) == -1)
		return (-1);
	len = ibuf_size(imsg->buf);
	if ((msg = imsg_create(imsgbuf, imsg->hdr.type, imsg->hdr.peerid,
	    imsg->hdr.pid, len)) == NULL)
		return (-1);
	if (ibuf_add_ibuf(msg, imsg->buf) == -1) {
		ibuf_free(msg);
		return (-1);
	}
	imsg_close(imsgbuf, msg);
	return (1);
}

/* Wipes the payload and closes a descriptor that nobody claimed. */
void
imsg_free(struct imsg *imsg)
{
	ibuf_free(imsg->buf);
}

uint32_t
imsg_get_type(struct imsg *imsg)
{
	return (imsg->hdr.type);
}

uint32_t
imsg_get_id(struct imsg *imsg)
{
	return (imsg->hdr.peerid);
}

pid_t
imsg_get_pid(struct imsg *imsg)
{
	return (imsg->hdr.pid);
}

/* Unread payload, bytes. */
size_t
imsg_get_len(struct imsg *imsg)
{
	return (ibuf_size(imsg->buf));
}

/* The whole payload, which must be len bytes: EBADMSG, or EINVAL for 0. */
int
imsg_get_data(struct imsg *imsg, void *data, size_t len)
{
	if (len == 0) {
		errno = EINVAL;
		return (-1);
	}
	if (imsg_get_len(imsg) != len) {
		errno = EBADMSG;
		return (-1);
	}
	return (ibuf_get(imsg->buf, data, len));
}

/* The payload as a view, valid until imsg_free().  EBADMSG: it is empty. */
int
imsg_get_ibuf(struct imsg *imsg, struct ibuf *view)
{
	if (imsg_get_len(imsg) == 0) {
		errno = EBADMSG;
		return (-1);
	}
	return (ibuf_get_ibuf(imsg->buf, imsg_get_len(imsg), view));
}

int
imsg_get_buf(struct imsg *imsg, void *data, size_t len)
{
	return (ibuf_get(imsg->buf, data, len));
}

int
imsg_get_strbuf(struct imsg *imsg, char *str, size_t len)
{
	return (ibuf_get_strbuf(imsg->buf, str, len));
}

/* The descriptor, the caller's from now on, or -1. */
int
imsg_get_fd(struct imsg *imsg)
{
	return (ibuf_fd_get(imsg->buf));
}
