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
 * The way into the gate: what of a request the database sees of who asks.
 * Room: broker.  Nothing here decides on rights; the raw credential goes
 * no further than into the hash, so that what the database holds or logs
 * opens nothing.
 */

#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "broker.h"
#include "queue.h"

int
gate_hash(uint8_t out[HASH_LEN], const void *data, size_t len)
{
	unsigned n = 0;

	if (EVP_Digest(data, len, out, &n, EVP_sha256(), NULL) != 1 ||
	    n != HASH_LEN)
		return -1;
	return 0;
}

const uint8_t *
gate_credential(const struct request *r)
{
	if (r->m.credential_kind != CRED_ACCESS &&
	    r->m.credential_kind != CRED_REFRESH)
		return NULL;
	return r->cred_hash;
}

const uint8_t *
gate_family(const struct request *r)
{
	static const uint8_t zero[UUID_LEN];

	if (memcmp(r->m.hint_family, zero, UUID_LEN) == 0)
		return NULL;
	return r->m.hint_family;
}

int64_t
gate_expiry(const struct request *r)
{
	return r->m.hint_expiry > INT64_MAX ? INT64_MAX :
	    (int64_t)r->m.hint_expiry;
}

static void
gate_bytes(struct unit *u, const uint8_t *data, size_t len)
{
	if (data == NULL)
		unit_null(u);
	else
		unit_bytes(u, data, len);
}

void
gate_enter(struct unit *u, const struct request *r, const char *phase)
{
	unit_query(u, QUERY_GATE_ENTER);
	gate_bytes(u, gate_credential(r), HASH_LEN);
	unit_int4(u, r->m.credential_kind);
	unit_int8(u, gate_expiry(r));
	gate_bytes(u, gate_family(r), UUID_LEN);
	unit_text(u, r->op->name);
	unit_text(u, phase);
	unit_bytes(u, r->m.request_id, UUID_LEN);
	unit_int4(u, queue_left(r->deadline, queue_now()));
	unit_text(u, r->m.peer);
	unit_text(u, r->m.method);
	unit_text(u, r->m.path);
}
