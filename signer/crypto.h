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
 * The few primitives the signer needs, over EVP calls that OpenSSL and
 * LibreSSL share.  All return 0 or -1; keys are CRYPTO_KEY_LEN bytes.
 */

#ifndef CRYPTO_H
#define CRYPTO_H

#include <sys/types.h>
#include <stdint.h>

#include <openssl/evp.h>

#define CRYPTO_KEY_LEN	32
#define CRYPTO_HASH_LEN	32			/* SHA-256 */
#define CRYPTO_RSA_MAX	1024		/* 8192 bits */
#define CRYPTO_INFO_MAX	128
#define CRYPTO_SEAL_LEN	(1 + 12 + 16)		/* form, nonce, tag */

int	 crypto_sha256(uint8_t out[CRYPTO_HASH_LEN], const void *, size_t);
/* The left half of SHA-512. */
int	 crypto_sha512_half(uint8_t out[CRYPTO_HASH_LEN], const void *, size_t);
int	 crypto_hmac(uint8_t out[CRYPTO_HASH_LEN], const void *key,
	    size_t keylen, const void *, size_t);
/* HKDF-SHA-256 (RFC 5869) for one key. */
int	 crypto_hkdf(uint8_t out[CRYPTO_KEY_LEN], const void *secret,
	    size_t len, const void *salt, size_t saltlen, const void *info,
	    size_t infolen);
/* AES-256-GCM with a random nonce; out has len + CRYPTO_SEAL_LEN bytes. */
int	 crypto_seal(uint8_t *out, const uint8_t key[CRYPTO_KEY_LEN],
	    const void *aad, size_t aadlen, const void *in, size_t len);
/* out has len - CRYPTO_SEAL_LEN bytes, wiped when the seal is broken. */
int	 crypto_open(uint8_t *out, const uint8_t key[CRYPTO_KEY_LEN],
	    const void *aad, size_t aadlen, const void *in, size_t len);

/* crypto_compat.c: modulus and exponent, CRYPTO_RSA_MAX bytes each. */
int	 crypto_rsa_public(EVP_PKEY *, uint8_t *n, size_t *nlen, uint8_t *e,
	    size_t *elen);
/* Before any other call; 1 if private keys get locked. */
int	 crypto_start(void);
/* Zeroed pages kept out of core dumps and, if allowed, out of swap. */
void	*crypto_pages(size_t len, int *locked);
void	 crypto_pages_free(void *, size_t len);

#endif /* CRYPTO_H */
