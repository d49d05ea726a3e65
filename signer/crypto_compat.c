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
 * Where libraries and systems differ: locked heap for private keys
 * (OpenSSL has one, LibreSSL has none), pages left out of core dumps, and
 * the one accessor that OpenSSL calls deprecated and LibreSSL only has.
 * Room: signer.  Each difference is a macro up here, none is in a function.
 */

#include "config.h"

#define OPENSSL_API_COMPAT	0x10101000L

#include <sys/mman.h>

#include <openssl/crypto.h>
#include <openssl/rsa.h>

#include "crypto.h"

#define SECURE_HEAP	65536	/* bytes, a power of two: every private key */
#define SECURE_LEAST	32	/* bytes, smallest piece */

#ifdef LIBRESSL_VERSION_NUMBER
#define secure_heap()	0
#else
#define secure_heap()	CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST)
#endif

#ifndef MAP_CONCEAL
#define MAP_CONCEAL	0
#endif

#ifndef MADV_DONTDUMP
#define MADV_DONTDUMP	MADV_NORMAL
#endif

int
crypto_start(void)
{
	/* No configuration file: it may load engines and providers. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return 0;
	return secure_heap() == 1;
}

int
crypto_rsa_public(EVP_PKEY *pkey, uint8_t *n, size_t *nlen, uint8_t *e,
    size_t *elen)
{
	const BIGNUM	*bn, *be;

	if (EVP_PKEY_get0_RSA(pkey) == NULL)
		return -1;
	RSA_get0_key(EVP_PKEY_get0_RSA(pkey), &bn, &be, NULL);
	if (BN_num_bytes(bn) > CRYPTO_RSA_MAX ||
	    BN_num_bytes(be) > CRYPTO_RSA_MAX)
		return -1;
	*nlen = (size_t)BN_bn2bin(bn, n);
	*elen = (size_t)BN_bn2bin(be, e);
	return 0;
}

void *
crypto_pages(size_t len, int *locked)
{
	void	*p;

	if ((p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_ANON |
	    MAP_PRIVATE | MAP_CONCEAL, -1, 0)) == MAP_FAILED)
		return NULL;
	/* Neither is promised everywhere; the process leaves no core. */
	(void)madvise(p, len, MADV_DONTDUMP);
	*locked = mlock(p, len) == 0;
	return p;
}

void
crypto_pages_free(void *p, size_t len)
{
	if (p == NULL)
		return;
	OPENSSL_cleanse(p, len);
	(void)munmap(p, len);
}
