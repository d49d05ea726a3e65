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
 * Public keys as JSON Web Keys (RFC 7517, RFC 7518 6, RFC 8037 2) and their
 * thumbprints (RFC 7638).  Room: signer.  Reads public parts only, from
 * their DER forms, which OpenSSL and LibreSSL write alike.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "codec.h"
#include "keys.h"

#define SPKI_MAX	1152	/* of an RSA key of 8192 bits, and some */
#define COORD_LEN	32	/* of P-256; also an Ed25519 key */

/* SubjectPublicKeyInfo of a named P-256 key up to its point's coordinates. */
static const uint8_t p256_spki[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
	0x42, 0x00, 0x04
};

const char *
jwk_alg_name(enum key_alg alg)
{
	static const char *const names[ALG__MAX] = {
		[ALG_ES256] = "ES256", [ALG_EDDSA] = "EdDSA",
		[ALG_RS256] = "RS256"
	};

	return names[alg];
}

/* The key's DER form; its length, 0 on failure. */
static size_t
jwk_spki(EVP_PKEY *pkey, uint8_t out[SPKI_MAX])
{
	int	 n = i2d_PUBKEY(pkey, NULL);

	return n <= 0 || n > SPKI_MAX || i2d_PUBKEY(pkey, &out) != n ? 0 :
	    (size_t)n;
}

int
jwk_alg(EVP_PKEY *pkey, enum key_alg *alg, const char **why)
{
	uint8_t	 der[SPKI_MAX];
	int	 id = EVP_PKEY_id(pkey), bits = EVP_PKEY_bits(pkey);

	if (id == EVP_PKEY_ED25519)
		*alg = ALG_EDDSA;
	else if (id == EVP_PKEY_RSA && bits >= KEYS_RSA_MIN &&
	    bits <= KEYS_RSA_MAX)
		*alg = ALG_RS256;
	else if (id == EVP_PKEY_EC && jwk_spki(pkey, der) ==
	    sizeof(p256_spki) + 2 * COORD_LEN &&
	    memcmp(der, p256_spki, sizeof(p256_spki)) == 0)
		*alg = ALG_ES256;
	else {
		*why = "is no P-256, Ed25519 or RSA key of 2048 to 8192 bits";
		return -1;
	}
	return 0;
}

/* Canonical members of RFC 7638 3.2, without the closing brace. */
static int
jwk_members(char *out, size_t size, const struct key *key)
{
	uint8_t	 a[CRYPTO_RSA_MAX], b[CRYPTO_RSA_MAX], der[SPKI_MAX];
	char	 x[B64URL_LEN(sizeof(a)) + 1], y[sizeof(x)];
	size_t	 alen = COORD_LEN, blen = 0;
	int	 n;

	/* At the end of the DER form is what the other two publish. */
	n = (int)jwk_spki(key->pkey, der);
	if (key->alg == ALG_RS256) {
		if (crypto_rsa_public(key->pkey, b, &blen, a, &alen) == -1)
			return -1;
	} else if (n < COORD_LEN)
		return -1;
	else if (key->alg == ALG_ES256) {
		memcpy(a, der + n - 2 * COORD_LEN, COORD_LEN);
		memcpy(b, der + n - COORD_LEN, blen = COORD_LEN);
	} else
		memcpy(a, der + n - COORD_LEN, COORD_LEN);
	b64url_encode(x, a, alen);
	b64url_encode(y, b, blen);
	n = key->alg == ALG_ES256 ? snprintf(out, size, "{\"crv\":\"P-256\","
	    "\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"", x, y) :
	    key->alg == ALG_EDDSA ? snprintf(out, size, "{\"crv\":\"Ed25519\","
	    "\"kty\":\"OKP\",\"x\":\"%s\"", x) :
	    snprintf(out, size, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"",
	    x, y);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
jwk_make(struct key *key)
{
	char	 text[JWK_MAX + 1];
	uint8_t	 hash[CRYPTO_HASH_LEN];
	size_t	 len;

	/* Room for the members that the thumbprint leaves out. */
	if (jwk_members(text, sizeof(text) - 100, key) == -1)
		return -1;
	len = strlen(text);
	text[len] = '}';
	if (crypto_sha256(hash, text, len + 1) == -1)
		return -1;
	text[len] = '\0';
	b64url_encode(key->kid, hash, sizeof(hash));
	if (asprintf(&key->jwk, "%s,\"alg\":\"%s\",\"kid\":\"%s\","
	    "\"use\":\"sig\"}", text, jwk_alg_name(key->alg), key->kid) == -1) {
		key->jwk = NULL;
		return -1;
	}
	return 0;
}
