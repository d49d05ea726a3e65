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
 * Requests and answers between broker and hasher; pure.  Passwords pass
 * here: they are wiped when freed.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "msg_hasher.h"

int
msg_hash_encode(struct ibuf *buf, const struct msg_hash *m)
{
	return msg_put_str(buf, m->password, MSG_MAX_PASSWORD);
}

int
msg_hash_decode(struct ibuf *buf, struct msg_hash *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->password, MSG_MAX_PASSWORD) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_hash_free(struct msg_hash *m)
{
	msg_wipe_str(&m->password);
}

int
msg_hashed_encode(struct ibuf *buf, const struct msg_hashed *m)
{
	if (msg_add_u8(buf, m->ok) == -1 ||
	    msg_put_str(buf, m->hash, MSG_MAX_HASH) == -1)
		return -1;
	return 0;
}

int
msg_hashed_decode(struct ibuf *buf, struct msg_hashed *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_bool(buf, &m->ok) == -1 ||
	    msg_get_str(buf, &m->hash, MSG_MAX_HASH) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_hashed_free(struct msg_hashed *m)
{
	msg_wipe_str(&m->hash);
}

int
msg_check_encode(struct ibuf *buf, const struct msg_check *m)
{
	if (msg_put_str(buf, m->password, MSG_MAX_PASSWORD) == -1 ||
	    msg_put_str(buf, m->hash, MSG_MAX_HASH) == -1)
		return -1;
	return 0;
}

int
msg_check_decode(struct ibuf *buf, struct msg_check *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->password, MSG_MAX_PASSWORD) == -1 ||
	    msg_get_str(buf, &m->hash, MSG_MAX_HASH) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_check_free(struct msg_check *m)
{
	msg_wipe_str(&m->password);
	msg_wipe_str(&m->hash);
}

int
msg_checked_encode(struct ibuf *buf, const struct msg_checked *m)
{
	if (msg_add_u8(buf, m->ok) == -1 ||
	    msg_add_u8(buf, m->stale) == -1)
		return -1;
	return 0;
}

int
msg_checked_decode(struct ibuf *buf, struct msg_checked *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_bool(buf, &m->ok) == -1 ||
	    msg_get_bool(buf, &m->stale) == -1)
		return -1;
	return msg_end(buf);
}
