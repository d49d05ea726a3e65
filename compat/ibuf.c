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
 * ibuf: a byte buffer that is written at one end and read at the other.
 * Every call checks its bounds; nothing here does I/O.  A "view" borrows
 * the bytes of somebody else: it can be read, never grown or freed.
 *
 * Failure is -1 or NULL with errno; contents are then as before the call.
 */

#include "config.h"

#include <sys/types.h>

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <imsg.h>

#define FD_NONE		(-1)
#define FD_VIEW		(-2)
#define GROW_MIN	64	/* bytes of a first allocation on demand */

static int	 ibuf_grow(struct ibuf *, size_t);

static int
ibuf_is_view(const struct ibuf *buf)
{
	return (buf->fd == FD_VIEW);
}

/* A buffer of exactly len bytes, zeroed; ibuf_free() ends it. */
struct ibuf *
ibuf_open(size_t len)
{
	struct ibuf	*buf;

	if ((buf = calloc(1, sizeof(*buf))) == NULL)
		return (NULL);
	if (len > 0 && (buf->buf = calloc(len, 1)) == NULL) {
		free(buf);
		return (NULL);
	}
	buf->size = buf->max = len;
	buf->fd = FD_NONE;
	return (buf);
}

/* A buffer of len bytes that grows to at most max.  EINVAL: max < len or 0. */
struct ibuf *
ibuf_dynamic(size_t len, size_t max)
{
	struct ibuf	*buf;

	if (max == 0 || max < len) {
		errno = EINVAL;
		return (NULL);
	}
	if ((buf = ibuf_open(len)) != NULL)
		buf->max = max;
	return (buf);
}

/* Wipes the content, closes an attached descriptor, keeps errno. */
void
ibuf_free(struct ibuf *buf)
{
	int	 saved = errno;

	if (buf == NULL)
		return;
	if (ibuf_is_view(buf))
		abort();
	if (buf->fd >= 0)
		(void)close(buf->fd);
	freezero(buf->buf, buf->size);
	free(buf);
	errno = saved;
}

/* Lowers the limit, not below what is written: ERANGE.  EINVAL: a view. */
int
ibuf_set_maxsize(struct ibuf *buf, size_t max)
{
	if (ibuf_is_view(buf)) {
		errno = EINVAL;
		return (-1);
	}
	if (max > buf->max || max < buf->wpos) {
		errno = ERANGE;
		return (-1);
	}
	buf->max = max;
	return (0);
}

/* Makes room for len more bytes, at least doubling; the limit was checked. */
static int
ibuf_grow(struct ibuf *buf, size_t len)
{
	unsigned char	*p;
	size_t		 need = buf->wpos + len, size = buf->size;

	if (size < GROW_MIN)
		size = GROW_MIN;
	while (size < need && size <= buf->max / 2)
		size *= 2;
	if (size < need || size > buf->max)
		size = buf->max;
	if ((p = recallocarray(buf->buf, buf->size, size, 1)) == NULL)
		return (-1);
	buf->buf = p;
	buf->size = size;
	return (0);
}

/*
 * Appends len bytes for the caller to fill.  ERANGE: over the limit;
 * EINVAL: a view.
 */
void *
ibuf_reserve(struct ibuf *buf, size_t len)
{
	void	*p;

	if (ibuf_is_view(buf)) {
		errno = EINVAL;
		return (NULL);
	}
	if (len > buf->max - buf->wpos) {
		errno = ERANGE;
		return (NULL);
	}
	if (len > buf->size - buf->wpos || buf->buf == NULL)
		if (ibuf_grow(buf, len) == -1)
			return (NULL);
	p = buf->buf + buf->wpos;
	buf->wpos += len;
	return (p);
}

int
ibuf_add(struct ibuf *buf, const void *data, size_t len)
{
	void	*p;

	if (len == 0)
		return (0);
	if ((p = ibuf_reserve(buf, len)) == NULL)
		return (-1);
	memcpy(p, data, len);
	return (0);
}

int
ibuf_add_ibuf(struct ibuf *buf, const struct ibuf *from)
{
	return (ibuf_add(buf, ibuf_data(from), ibuf_size(from)));
}

int
ibuf_add_zero(struct ibuf *buf, size_t len)
{
	void	*p;

	if (len == 0)
		return (0);
	if ((p = ibuf_reserve(buf, len)) == NULL)
		return (-1);
	memset(p, 0, len);
	return (0);
}

/* A string in a field of len bytes, NUL included, rest zero.  EOVERFLOW. */
int
ibuf_add_strbuf(struct ibuf *buf, const char *str, size_t len)
{
	size_t	 n = strlen(str);
	char	*p;

	if (n >= len) {
		errno = EOVERFLOW;
		return (-1);
	}
	if ((p = ibuf_reserve(buf, len)) == NULL)
		return (-1);
	memcpy(p, str, n);
	memset(p + n, 0, len - n);
	return (0);
}

/*
 * Integers: n is network order, h host order.  Values come as 64 bits and
 * are refused with EINVAL when they do not fit.
 */
#define IBUF_INTEGER(name, type, convert, back)				\
int									\
ibuf_add_##name(struct ibuf *buf, uint64_t value)			\
{									\
	type	 v;							\
									\
	if (value > (type)-1) {						\
		errno = EINVAL;						\
		return (-1);						\
	}								\
	v = convert((type)value);					\
	return (ibuf_add(buf, &v, sizeof(v)));				\
}									\
									\
int									\
ibuf_set_##name(struct ibuf *buf, size_t pos, uint64_t value)		\
{									\
	type	 v;							\
									\
	if (value > (type)-1) {						\
		errno = EINVAL;						\
		return (-1);						\
	}								\
	v = convert((type)value);					\
	return (ibuf_set(buf, pos, &v, sizeof(v)));			\
}									\
									\
int									\
ibuf_get_##name(struct ibuf *buf, type *value)				\
{									\
	type	 v;							\
									\
	if (ibuf_get(buf, &v, sizeof(v)) == -1)			\
		return (-1);						\
	*value = back(v);						\
	return (0);							\
}

IBUF_INTEGER(n8, uint8_t, , )
IBUF_INTEGER(n16, uint16_t, htobe16, be16toh)
IBUF_INTEGER(n32, uint32_t, htobe32, be32toh)
IBUF_INTEGER(n64, uint64_t, htobe64, be64toh)
IBUF_INTEGER(h16, uint16_t, , )
IBUF_INTEGER(h32, uint32_t, , )
IBUF_INTEGER(h64, uint64_t, , )

/* Where len written, unread bytes at pos lie.  ERANGE: not all are there. */
void *
ibuf_seek(struct ibuf *buf, size_t pos, size_t len)
{
	if (buf->buf == NULL || pos > ibuf_size(buf) ||
	    len > ibuf_size(buf) - pos) {
		errno = ERANGE;
		return (NULL);
	}
	return (buf->buf + buf->rpos + pos);
}

int
ibuf_set(struct ibuf *buf, size_t pos, const void *data, size_t len)
{
	void	*p;

	if ((p = ibuf_seek(buf, pos, len)) == NULL)
		return (-1);
	if (len > 0)
		memcpy(p, data, len);
	return (0);
}

/* Cuts the unread part to len bytes, or extends it with zeros. */
int
ibuf_truncate(struct ibuf *buf, size_t len)
{
	if (len > ibuf_size(buf)) {
		if (ibuf_is_view(buf)) {
			errno = ERANGE;
			return (-1);
		}
		return (ibuf_add_zero(buf, len - ibuf_size(buf)));
	}
	buf->wpos = buf->rpos + len;
	return (0);
}

/* Takes the next len bytes out.  EBADMSG: fewer are left. */
int
ibuf_get(struct ibuf *buf, void *data, size_t len)
{
	if (len > ibuf_size(buf)) {
		errno = EBADMSG;
		return (-1);
	}
	if (len > 0)
		memcpy(data, buf->buf + buf->rpos, len);
	buf->rpos += len;
	return (0);
}

/* The next len bytes as a view in *view; they live as long as buf does. */
int
ibuf_get_ibuf(struct ibuf *buf, size_t len, struct ibuf *view)
{
	if (len > ibuf_size(buf)) {
		errno = EBADMSG;
		return (-1);
	}
	ibuf_from_buffer(view, ibuf_data(buf), len);
	buf->rpos += len;
	return (0);
}

/* The next len bytes up to a first NUL, as a string to free(). */
char *
ibuf_get_string(struct ibuf *buf, size_t len)
{
	char	*str;

	if (len > ibuf_size(buf)) {
		errno = EBADMSG;
		return (NULL);
	}
	if (len == 0)
		return (strdup(""));
	if ((str = strndup(ibuf_data(buf), len)) == NULL)
		return (NULL);
	buf->rpos += len;
	return (str);
}

/*
 * The next len bytes, a field that ibuf_add_strbuf() wrote.  Without a NUL
 * inside EOVERFLOW; str is then cut and terminated.
 */
int
ibuf_get_strbuf(struct ibuf *buf, char *str, size_t len)
{
	size_t	 n;

	if (len == 0) {
		errno = EINVAL;
		return (-1);
	}
	if (ibuf_get(buf, str, len) == -1)
		return (-1);
	if ((n = strnlen(str, len)) == len) {
		str[len - 1] = '\0';
		errno = EOVERFLOW;
		return (-1);
	}
	memset(str + n, 0, len - n);
	return (0);
}

int
ibuf_skip(struct ibuf *buf, size_t len)
{
	if (len > ibuf_size(buf)) {
		errno = EBADMSG;
		return (-1);
	}
	buf->rpos += len;
	return (0);
}

void
ibuf_rewind(struct ibuf *buf)
{
	buf->rpos = 0;
}

/* The unread bytes. */
void *
ibuf_data(const struct ibuf *buf)
{
	if (buf->buf == NULL)
		return (NULL);
	return (buf->buf + buf->rpos);
}

size_t
ibuf_size(const struct ibuf *buf)
{
	return (buf->wpos - buf->rpos);
}

/* Bytes that may still be added; none to a view. */
size_t
ibuf_left(const struct ibuf *buf)
{
	if (ibuf_is_view(buf))
		return (0);
	return (buf->max - buf->wpos);
}

void
ibuf_from_buffer(struct ibuf *view, void *data, size_t len)
{
	memset(view, 0, sizeof(*view));
	view->buf = data;
	view->size = view->max = view->wpos = len;
	view->fd = FD_VIEW;
}

void
ibuf_from_ibuf(struct ibuf *view, const struct ibuf *from)
{
	ibuf_from_buffer(view, ibuf_data(from), ibuf_size(from));
}

int
ibuf_fd_avail(struct ibuf *buf)
{
	return (buf->fd >= 0);
}

/* The attached descriptor, the caller's from now on, or -1. */
int
ibuf_fd_get(struct ibuf *buf)
{
	int	 fd;

	if (buf->fd < 0)
		return (-1);
	fd = buf->fd;
	buf->fd = FD_NONE;
	return (fd);
}

/* Attaches fd (closing a former one) or, with -1, none. */
void
ibuf_fd_set(struct ibuf *buf, int fd)
{
	if (ibuf_is_view(buf))
		abort();
	if (buf->fd >= 0)
		(void)close(buf->fd);
	buf->fd = fd >= 0 ? fd : FD_NONE;
}
