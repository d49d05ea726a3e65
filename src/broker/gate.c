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

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "broker.h"
#include "codec.h"

int
gate_hash(uint8_t out[HASH_LEN], const void *data, size_t len)
{
	static EVP_MD_CTX	*ctx;	/* kept: finding the digest costs */
	const EVP_MD		*first = NULL;

	if (ctx == NULL && (first = EVP_sha256()) != NULL)
		ctx = EVP_MD_CTX_new();
	return ctx != NULL && EVP_DigestInit_ex(ctx, first, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, data, len) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1 ? 0 : -1;
}

int
gate_hash_text(uint8_t out[HASH_LEN], const char *text)
{
	return *text == '\0' ? 0 : gate_hash(out, text, strlen(text));
}

/* RFC 6749 10.12: the token in a form that only this cookie's owner got. */
static int
gate_csrf(struct request *r)
{
	static const char	 label[] = "grantd csrf";
	char			 text[sizeof(label) + MSG_MAX_CREDENTIAL + 1];
	uint8_t			 hash[HASH_LEN];
	int			 n, ret = -1;

	n = snprintf(text, sizeof(text), "%s:%s", label, r->m.credential);
	if (n < 0 || (size_t)n >= sizeof(text) ||
	    gate_hash(hash, text, (size_t)n) == -1)
		goto done;
	b64url_encode(r->csrf, hash, sizeof(hash));
	ret = gate_hash(r->csrf_want, r->csrf, strlen(r->csrf));
 done:
	explicit_bzero(text, sizeof(text));
	return ret;
}

int
gate_prepare(struct request *r)
{
	if ((r->m.credential_kind == CRED_SESSION ||
	    r->m.credential_kind == CRED_VISITOR) && gate_csrf(r) == -1)
		return -1;
	if (gate_hash_text(r->cred_hash, r->m.credential) == -1 ||
	    gate_hash_text(r->secret_hash, r->m.secret) == -1)
		return -1;
	return gate_hash_text(r->csrf_given, r->m.csrf);
}

/* Kinds whose credential is looked up by its hash. */
static const int gate_hashed[CRED__MAX] = {
	[CRED_ACCESS] = 1, [CRED_REFRESH] = 1, [CRED_SESSION] = 1,
	[CRED_CLIENT] = 1, [CRED_ASSERTION] = 1, [CRED_REGISTRATION] = 1
};

const uint8_t *
gate_credential(const struct request *r)
{
	if (!gate_hashed[r->m.credential_kind] || r->m.credential[0] == '\0')
		return NULL;
	return r->cred_hash;
}

void
gate_enter(struct unit *u, struct request *r, const char *phase)
{
	r->phase = phase;
	bind_unit(u, r, QUERY_GATE_ENTER);
}

void
gate_unit(struct request *r, enum db_lane lane, const char *phase,
    enum query query, unit_cb done)
{
	struct unit	*u;

	if ((u = unit_new(lane, r->deadline, done, r)) == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	gate_enter(u, r, phase);
	bind_unit(u, r, query);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}
