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

/* Requests and answers between broker and fetcher; pure. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "msg_fetcher.h"

int
msg_get_encode(struct ibuf *buf, const struct msg_get *m)
{
	if (msg_put_str(buf, m->url, MSG_MAX_URL) == -1 ||
	    msg_add_u32(buf, m->max) == -1 ||
	    msg_add_u32(buf, m->timeout_ms) == -1)
		return -1;
	return 0;
}

int
msg_get_decode(struct ibuf *buf, struct msg_get *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->url, MSG_MAX_URL) == -1 ||
	    msg_get_u32(buf, &m->max) == -1 ||
	    msg_get_u32(buf, &m->timeout_ms) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_get_free(struct msg_get *m)
{
	free(m->url);
	memset(m, 0, sizeof(*m));
}

int
msg_document_encode(struct ibuf *buf, const struct msg_document *m)
{
	if (msg_add_u16(buf, m->status) == -1 ||
	    msg_add_u32(buf, m->seconds) == -1 ||
	    msg_put_str(buf, m->body, MSG_MAX_DOCUMENT) == -1 ||
	    msg_put_str(buf, m->why, MSG_MAX_WHY) == -1)
		return -1;
	return 0;
}

int
msg_document_decode(struct ibuf *buf, struct msg_document *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u16(buf, &m->status) == -1 ||
	    msg_get_u32(buf, &m->seconds) == -1 ||
	    msg_get_str(buf, &m->body, MSG_MAX_DOCUMENT) == -1 ||
	    msg_get_str(buf, &m->why, MSG_MAX_WHY) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_document_free(struct msg_document *m)
{
	free(m->body);
	free(m->why);
	memset(m, 0, sizeof(*m));
}
