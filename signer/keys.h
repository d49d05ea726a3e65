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
 * The signer's keys: one that signs, public ones that are only published,
 * and the secrets which all hosts of a deployment share.
 */

#ifndef KEYS_H
#define KEYS_H

#include <openssl/evp.h>

#include "crypto.h"
#include "msg_conf.h"
#include "msg_signer.h"

#define KEYS_PUBLIC_MAX	64		/* published, this host's and others' */
#define KEYS_SHARED_MAX	16
#define KEYS_FILE_MAX	16384		/* bytes of a key file */
#define KEYS_RSA_MIN	2048		/* bits */
#define KEYS_RSA_MAX	8192
#define JWK_KID_LEN	43		/* base64url of SHA-256 */
#define JWK_MAX		2047
#define JWS_SIGNATURE_MAX (KEYS_RSA_MAX / 8)

enum key_alg { ALG_ES256, ALG_EDDSA, ALG_RS256, ALG__MAX };

struct key {
	EVP_PKEY	*pkey;		/* NULL if only published */
	EVP_MD_CTX	*sign;		/* made ready once; copied to sign */
	enum key_alg	 alg;
	char		 kid[JWK_KID_LEN + 1];
	char		*jwk;		/* malloc'ed */
	int		 own;			/* loaded, not another host's */
};

struct key_shared {
	uint32_t	 version;
	uint8_t		 derive[CRYPTO_KEY_LEN];	/* refresh secrets */
	uint8_t		 seal[CRYPTO_KEY_LEN];		/* seeds */
	uint8_t		 mac[CRYPTO_KEY_LEN];		/* public keys */
};

struct keys {
	struct key	 key[KEYS_PUBLIC_MAX];	/* the first one signs */
	size_t		 nkeys;			/* 1 before it is there */
	struct key_shared shared[KEYS_SHARED_MAX];
	size_t		 nshared;
	char		 file[KEYS_FILE_MAX + 1];	/* while it is read */
};

/* In pages of their own; NULL on failure.  *locked: they stay in memory. */
struct keys	*keys_new(int *locked);
void		 keys_free(struct keys *);	/* wipes */
/* Reads and closes fd.  0, or -1 and *why is a static text. */
int		 keys_load(struct keys *, const struct msg_key *, int fd,
		    const char **why);
/* Whether there is a key that signs, and a shared one. */
int		 keys_ready(const struct keys *);
/* Version 0 is the highest.  NULL if unknown. */
const struct key_shared *keys_shared(const struct keys *, uint32_t version);
/* An own key for the table, n from 0; fields point into the key.  0 or -1. */
int		 keys_pubkey(const struct keys *, size_t n,
		    struct msg_pubkey *);
/* Another host's: 1 taken, 0 known already, -1 and *why. */
int		 keys_foreign(struct keys *, const struct msg_pubkey *,
		    const char **why);
/* JWK Set (RFC 7517 5), malloc'ed; NULL if out of memory. */
char		*keys_jwks(const struct keys *);

/* jwk.c: name in a JOSE header (RFC 7518 3.1, RFC 8037 3.1). */
const char	*jwk_alg_name(enum key_alg);
/* Which algorithm the key is for; -1 and *why if none of ours. */
int		 jwk_alg(EVP_PKEY *, enum key_alg *, const char **why);
/* Fills jwk and kid (RFC 7638) from pkey and alg.  0 or -1. */
int		 jwk_make(struct key *);

/* jws.c.  Readies sign; 0 if both halves of the key belong together. */
int		 jws_ready(struct key *);
/* Compact serialization (RFC 7515 7.1) of header and payload.  0 or -1. */
int		 jws_sign(const struct key *, const char *header,
		    const char *payload, char *out, size_t outsize);

#endif /* KEYS_H */
