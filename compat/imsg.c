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
 * imsg: composing single messages into an imsgbuf's queue, and taking one
 * that imsgbuf_get() returned apart.  No I/O.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include <imsg.h>

#include "imsgbuf.h"

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
	imsgbuf_append(imsgbuf, msg);
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
	imsgbuf_append(imsgbuf, head);
	imsgbuf_append(imsgbuf, buf);
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
