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
 * Fields of messages; pure, in every process.  Decoders copy what they
 * take, never trust a length before the bytes are there, and wipe what
 * they refuse, since it may be a secret.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"

int
msg_add_u8(struct ibuf *buf, uint8_t v)
{
	return ibuf_add_n8(buf, v);
}

int
msg_get_u8(struct ibuf *buf, uint8_t *v)
{
	return ibuf_get_n8(buf, v);
}

int
msg_add_u16(struct ibuf *buf, uint16_t v)
{
	return ibuf_add_n16(buf, v);
}

int
msg_get_u16(struct ibuf *buf, uint16_t *v)
{
	return ibuf_get_n16(buf, v);
}

int
msg_add_u32(struct ibuf *buf, uint32_t v)
{
	return ibuf_add_n32(buf, v);
}

int
msg_get_u32(struct ibuf *buf, uint32_t *v)
{
	return ibuf_get_n32(buf, v);
}

int
msg_add_u64(struct ibuf *buf, uint64_t v)
{
	return ibuf_add_n64(buf, v);
}

int
msg_get_u64(struct ibuf *buf, uint64_t *v)
{
	return ibuf_get_n64(buf, v);
}

int
msg_add_raw(struct ibuf *buf, const void *data, size_t len)
{
	return ibuf_add(buf, data, len);
}

int
msg_get_raw(struct ibuf *buf, void *data, size_t len)
{
	return ibuf_get(buf, data, len);
}

int
msg_get_bool(struct ibuf *buf, uint8_t *v)
{
	if (ibuf_get_n8(buf, v) == -1)
		return -1;
	if (*v > 1) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

int
msg_add_bytes(struct ibuf *buf, const void *data, size_t len)
{
	if (len > UINT32_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (ibuf_add_n32(buf, len) == -1)
		return -1;
	return len == 0 ? 0 : ibuf_add(buf, data, len);
}

int
msg_get_bytes(struct ibuf *buf, void **out, size_t *len, size_t max)
{
	uint32_t	 n;
	char		*p;

	*out = NULL;
	*len = 0;
	if (ibuf_get_n32(buf, &n) == -1)
		return -1;
	if (n > max || n > ibuf_size(buf)) {
		errno = EBADMSG;
		return -1;
	}
	if ((p = malloc((size_t)n + 1)) == NULL)
		return -1;
	if (n > 0 && ibuf_get(buf, p, n) == -1) {
		freezero(p, (size_t)n + 1);
		return -1;
	}
	p[n] = '\0';
	*out = p;
	*len = n;
	return 0;
}

int
msg_put_bytes(struct ibuf *buf, const void *data, size_t len, size_t max)
{
	if (len > max) {
		errno = EMSGSIZE;
		return -1;
	}
	return msg_add_bytes(buf, data, len);
}

int
msg_add_str(struct ibuf *buf, const char *s)
{
	return msg_add_bytes(buf, s, s == NULL ? 0 : strlen(s));
}

int
msg_put_str(struct ibuf *buf, const char *s, size_t max)
{
	return msg_put_bytes(buf, s, s == NULL ? 0 : strlen(s), max);
}

int
msg_get_str(struct ibuf *buf, char **out, size_t max)
{
	void	*p;
	size_t	 len;

	*out = NULL;
	if (msg_get_bytes(buf, &p, &len, max) == -1)
		return -1;
	if (memchr(p, '\0', len) != NULL) {
		freezero(p, len + 1);
		errno = EBADMSG;
		return -1;
	}
	*out = p;
	return 0;
}

void
msg_wipe_str(char **s)
{
	if (*s != NULL)
		freezero(*s, strlen(*s) + 1);
	*s = NULL;
}

int
msg_end(struct ibuf *buf)
{
	if (ibuf_size(buf) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}
