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
 * Signatures and their compact form (RFC 7515 7.1).  Room: signer.  Signs
 * what claims.c wrote; nothing from a link reaches this file as it came.
 */

#include "config.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "codec.h"
#include "keys.h"

#define ES256_HALF	32	/* RFC 7518 3.4: r and s, 32 bytes each */

static const EVP_MD *
jws_digest(enum key_alg alg)
{
	return alg == ALG_EDDSA ? NULL : EVP_sha256();
}

static ssize_t
jws_der_to_raw(uint8_t out[2 * ES256_HALF], const uint8_t *der, size_t len)
{
	ECDSA_SIG	*sig;
	const BIGNUM	*r, *s;
	ssize_t		 ret = -1;

	if ((sig = d2i_ECDSA_SIG(NULL, &der, (long)len)) == NULL)
		return -1;
	ECDSA_SIG_get0(sig, &r, &s);
	if (BN_bn2binpad(r, out, ES256_HALF) == ES256_HALF &&
	    BN_bn2binpad(s, out + ES256_HALF, ES256_HALF) == ES256_HALF)
		ret = 2 * ES256_HALF;
	ECDSA_SIG_free(sig);
	return ret;
}

/*
 * Raw signature (RFC 7518 3.4, RFC 8037 3.1); length or -1.  A copy of what
 * is ready costs a quarter of a signature less than to ready it anew.
 */
static ssize_t
jws_signature(const struct key *key, uint8_t out[JWS_SIGNATURE_MAX],
    const void *in, size_t len)
{
	EVP_MD_CTX	*ctx;
	uint8_t		 der[JWS_SIGNATURE_MAX];
	uint8_t		*sig = key->alg == ALG_ES256 ? der : out;
	size_t		 n = JWS_SIGNATURE_MAX;
	ssize_t		 ret = -1;

	if ((ctx = EVP_MD_CTX_new()) != NULL &&
	    EVP_MD_CTX_copy_ex(ctx, key->sign) == 1 &&
	    EVP_DigestSign(ctx, sig, &n, in, len) == 1)
		ret = sig == out ? (ssize_t)n : jws_der_to_raw(out, der, n);
	EVP_MD_CTX_free(ctx);
	return ret;
}

int
jws_ready(struct key *key)
{
	EVP_MD_CTX	*sign, *ctx;
	uint8_t		 sig[JWS_SIGNATURE_MAX];
	uint8_t		 one[1] = { 1 };
	size_t		 n = sizeof(sig);
	int		 ret = -1;

	sign = key->sign = EVP_MD_CTX_new();
	if ((ctx = EVP_MD_CTX_new()) != NULL && sign != NULL &&
	    EVP_DigestSignInit(sign, NULL, jws_digest(key->alg), NULL,
	    key->pkey) == 1 && EVP_MD_CTX_copy_ex(ctx, sign) == 1 &&
	    EVP_DigestSign(ctx, sig, &n, one, 1) == 1 &&
	    EVP_MD_CTX_reset(ctx) == 1 &&
	    EVP_DigestVerifyInit(ctx, NULL, jws_digest(key->alg), NULL,
	    key->pkey) == 1 && EVP_DigestVerify(ctx, sig, n, one, 1) == 1)
		ret = 0;
	EVP_MD_CTX_free(ctx);
	return ret;
}

int
jws_sign(const struct key *key, const char *header, const char *payload,
    char *out, size_t outsize)
{
	uint8_t	 sig[JWS_SIGNATURE_MAX];
	size_t	 hlen = strlen(header), plen = strlen(payload), n;
	ssize_t	 siglen;

	n = B64URL_LEN(hlen) + 1 + B64URL_LEN(plen);
	if (n + 2 > outsize)
		return -1;
	b64url_encode(out, header, hlen);
	out[B64URL_LEN(hlen)] = '.';
	b64url_encode(out + B64URL_LEN(hlen) + 1, payload, plen);
	if ((siglen = jws_signature(key, sig, out, n)) == -1 ||
	    n + 1 + B64URL_LEN((size_t)siglen) + 1 > outsize)
		return -1;
	out[n] = '.';
	b64url_encode(out + n + 1, sig, (size_t)siglen);
	return 0;
}
