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
 * Hash, HMAC, HKDF and sealing.  Room: signer.  No key lives here and
 * nothing here knows what a token is.
 */

#include "config.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "crypto.h"

#define SEAL_FORM	1
#define SEAL_NONCE	12
#define SEAL_TAG	16

int
crypto_sha256(uint8_t out[CRYPTO_HASH_LEN], const void *in, size_t len)
{
	static EVP_MD_CTX	*ctx;	/* kept: finding the digest costs */
	const EVP_MD		*first = NULL;

	if (ctx == NULL && (first = EVP_sha256()) != NULL)
		ctx = EVP_MD_CTX_new();
	return ctx != NULL && EVP_DigestInit_ex(ctx, first, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, in, len) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, NULL) == 1 ? 0 : -1;
}

int
crypto_sha512_half(uint8_t out[CRYPTO_HASH_LEN], const void *in, size_t len)
{
	uint8_t	whole[2 * CRYPTO_HASH_LEN];

	if (EVP_Digest(in, len, whole, NULL, EVP_sha512(), NULL) != 1)
		return -1;
	memcpy(out, whole, CRYPTO_HASH_LEN);
	return 0;
}

int
crypto_hmac(uint8_t out[CRYPTO_HASH_LEN], const void *key, size_t keylen,
    const void *in, size_t len)
{
	unsigned int	 n = CRYPTO_HASH_LEN;

	return HMAC(EVP_sha256(), key, (int)keylen, in, len, out, &n) == NULL
	    || n != CRYPTO_HASH_LEN ? -1 : 0;
}

int
crypto_hkdf(uint8_t out[CRYPTO_KEY_LEN], const void *secret, size_t len,
    const void *salt, size_t saltlen, const void *info, size_t infolen)
{
	uint8_t	 prk[CRYPTO_HASH_LEN], block[CRYPTO_INFO_MAX + 1];
	int	 ret = -1;

	if (infolen <= CRYPTO_INFO_MAX) {
		memcpy(block, info, infolen);
		block[infolen] = 1;	/* the first block of the output */
		if (crypto_hmac(prk, salt, saltlen, secret, len) == 0)
			ret = crypto_hmac(out, prk, sizeof(prk), block,
			    infolen + 1);
	}
	explicit_bzero(prk, sizeof(prk));
	return ret;
}

/* AES-256-GCM one way or the other; on opening, tag is compared. */
static int
crypto_gcm(int seal, uint8_t *out, uint8_t *tag, const uint8_t *key,
    const uint8_t *nonce, const void *aad, size_t aadlen, const void *in,
    size_t len)
{
	EVP_CIPHER_CTX	*ctx;
	int		 n, ret = -1;

	if ((ctx = EVP_CIPHER_CTX_new()) != NULL &&
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce,
	    seal) == 1 && (seal || EVP_CIPHER_CTX_ctrl(ctx,
	    EVP_CTRL_GCM_SET_TAG, SEAL_TAG, tag) == 1) &&
	    EVP_CipherUpdate(ctx, NULL, &n, aad, (int)aadlen) == 1 &&
	    EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + n, &n) == 1 &&
	    (!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG,
	    tag) == 1))
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

int
crypto_seal(uint8_t *out, const uint8_t key[CRYPTO_KEY_LEN], const void *aad,
    size_t aadlen, const void *in, size_t len)
{
	uint8_t	*nonce = out + 1, *body = nonce + SEAL_NONCE;

	out[0] = SEAL_FORM;
	if (RAND_bytes(nonce, SEAL_NONCE) != 1)
		return -1;
	return crypto_gcm(1, body, body + len, key, nonce, aad, aadlen, in,
	    len);
}

int
crypto_open(uint8_t *out, const uint8_t key[CRYPTO_KEY_LEN], const void *aad,
    size_t aadlen, const void *in, size_t len)
{
	const uint8_t	*nonce = (const uint8_t *)in + 1;
	const uint8_t	*body = nonce + SEAL_NONCE;
	uint8_t		 tag[SEAL_TAG];

	if (len < CRYPTO_SEAL_LEN || nonce[-1] != SEAL_FORM)
		return -1;
	len -= CRYPTO_SEAL_LEN;
	memcpy(tag, body + len, sizeof(tag));
	if (crypto_gcm(0, out, tag, key, nonce, aad, aadlen, body, len) == 0)
		return 0;
	explicit_bzero(out, len);
	return -1;
}
