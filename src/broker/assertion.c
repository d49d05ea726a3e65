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
 * A client's assertion (RFC 7523 2.2): the key comes from the database by
 * client and header, the signature is checked here, and the payload goes to
 * the gate, which reads its claims.  Room: broker.  No JSON is read here:
 * the segments travel as they are.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "broker.h"
#include "codec.h"
#include "log.h"

#define ASSERTION_SIGNATURE	1024	/* bytes, RSA of 8192 bits */
#define ASSERTION_KEYS		4	/* keys tried for one assertion */

/* Columns of gate_assertion_key. */
enum { KEY_ALG, KEY_SPKI };

static const struct assertion_alg {
	const char	*name;		/* RFC 7518 3.1, RFC 8037 3.1 */
	int		 type;
	int		 raw;		/* r and s of 32 bytes, not DER */
	int		 hashed;	/* EVP wants SHA-256 named */
} assertion_algs[] = {
	{ "ES256", EVP_PKEY_EC, 1, 1 },
	{ "RS256", EVP_PKEY_RSA, 0, 1 },
	{ "EdDSA", EVP_PKEY_ED25519, 0, 0 },
};

/* An integer of DER out of 32 bytes; its length. */
static size_t
assertion_integer(uint8_t *out, const uint8_t in[32])
{
	size_t	 skip = 0, n;

	while (skip < 31 && in[skip] == 0)
		skip++;
	n = 32 - skip;
	out[0] = 0x02;
	out[1] = (uint8_t)(n + (in[skip] >> 7));
	out[2] = 0;
	memcpy(out + 2 + (in[skip] >> 7), in + skip, n);
	return 2U + out[1];
}

/* RFC 7518 3.4: from r and s to what EVP reads; the new length or 0. */
static size_t
assertion_der(uint8_t *sig, size_t len)
{
	uint8_t	 der[80];
	size_t	 n;

	if (len != 64)
		return 0;
	n = assertion_integer(der + 2, sig);
	n += assertion_integer(der + 2 + n, sig + 32);
	der[0] = 0x30;
	der[1] = (uint8_t)n;
	memcpy(sig, der, n + 2);
	return n + 2;
}

static int
assertion_verify(const struct assertion_alg *alg, const uint8_t *spki,
    size_t spki_len, const char *text, size_t text_len, const uint8_t *sig,
    size_t sig_len)
{
	const unsigned char	*p = spki;
	EVP_PKEY		*key;
	EVP_MD_CTX		*ctx = NULL;
	int			 ok = 0;

	if ((key = d2i_PUBKEY(NULL, &p, (long)spki_len)) == NULL ||
	    EVP_PKEY_base_id(key) != alg->type)
		goto done;
	if ((ctx = EVP_MD_CTX_new()) == NULL || EVP_DigestVerifyInit(ctx,
	    NULL, alg->hashed ? EVP_sha256() : NULL, NULL, key) != 1)
		goto done;
	ok = EVP_DigestVerify(ctx, sig, sig_len,
	    (const unsigned char *)text, text_len) == 1;
 done:
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

static const struct assertion_alg *
assertion_alg(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(assertion_algs) / sizeof(assertion_algs[0]);
	    i++) {
		if (strcmp(assertion_algs[i].name, name) == 0)
			return &assertion_algs[i];
	}
	return NULL;
}

/* One key of the client; 1 if it made the signature. */
static int
assertion_key(const struct request *r, struct unit *u, unsigned row)
{
	const struct assertion_alg	*alg;
	const char			*end;
	uint8_t				 sig[ASSERTION_SIGNATURE + 16];
	char				*name, *spki;
	size_t				 len, spki_len;
	ssize_t				 n;

	if (unit_get_bytes(u, 0, row, KEY_ALG, &name, &len) == -1 ||
	    unit_get_bytes(u, 0, row, KEY_SPKI, &spki, &spki_len) == -1 ||
	    (alg = assertion_alg(name)) == NULL ||
	    (end = strrchr(r->m.credential, '.')) == NULL)
		return 0;
	n = b64url_decode(sig, ASSERTION_SIGNATURE, end + 1, strlen(end + 1));
	if (n <= 0)
		return 0;
	len = alg->raw ? assertion_der(sig, (size_t)n) : (size_t)n;
	return len > 0 && assertion_verify(alg, (const uint8_t *)spki,
	    spki_len, r->m.credential, (size_t)(end - r->m.credential), sig,
	    len);
}

/* Keeps the payload for the gate; 0 or -1. */
static int
assertion_keep(struct request *r)
{
	const char *first, *last;

	first = strchr(r->m.credential, '.');
	last = strrchr(r->m.credential, '.');
	if (first == NULL || first == last)
		return -1;
	r->assertion = strndup(first + 1, (size_t)(last - first - 1));
	return r->assertion == NULL ? -1 : 0;
}

static void
assertion_keys(struct unit *u, void *arg)
{
	struct request	*r = arg;
	struct msg_reply reply;
	unsigned	 row, rows;

	r->unit = NULL;
	if (unit_result(u) != UNIT_DONE) {
		request_unit(r, u, 0, 0, NULL);
		return;
	}
	if (r->gone) {
		request_free(r);
		return;
	}
	rows = unit_rows(u, 0);
	if (rows > ASSERTION_KEYS)
		rows = ASSERTION_KEYS;
	for (row = 0; row < rows; row++) {
		if (assertion_key(r, u, row))
			break;
	}
	if (row < rows && assertion_keep(r) == 0) {
		request_run(r);
		return;
	}
	errmap_own(&reply, OWN_BAD_CLIENT);
	refusal_start(r, &reply);
}

void
assertion_start(struct request *r)
{
	struct unit	*u;
	char		*dot;

	u = unit_new(DB_READ, r->deadline, assertion_keys, r);
	if (u == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	if ((dot = strchr(r->m.credential, '.')) != NULL)
		r->header = strndup(r->m.credential,
		    (size_t)(dot - r->m.credential));
	bind_unit(u, r, QUERY_GATE_ASSERTION_KEY);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}
