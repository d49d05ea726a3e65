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
 * Refresh secrets: derived from a family's seed and the generation, so that
 * a repeated refresh finds the same successor although nobody stores it.
 * The seed leaves only sealed, for the family's row.  Room: signer.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "codec.h"
#include "token.h"

#define AAD_MAX	128

/* What a seed is sealed to: key version, kind, organization, family. */
static size_t
seed_aad(char out[AAD_MAX], uint32_t version, const struct msg_mint *m)
{
	char	 org[UUID_STRLEN + 1], family[UUID_STRLEN + 1];

	uuid_format(org, m->organization);
	uuid_format(family, m->family);
	return (size_t)snprintf(out, AAD_MAX, "seed %u %u %s %s", version,
	    m->kind, org, family);	/* at most 94 */
}

static int
seed_derive(struct refresh_secret *out, const struct key_shared *k,
    const uint8_t seed[SEED_LEN], const uint8_t family[UUID_LEN],
    uint32_t generation)
{
	uint8_t	 text[SEED_LEN + UUID_LEN + 4];
	int	 i, ret;

	memcpy(text, seed, SEED_LEN);
	memcpy(text + SEED_LEN, family, UUID_LEN);
	for (i = 0; i < 4; i++)
		text[SEED_LEN + UUID_LEN + i] = generation >> 8 * i & 0xff;
	memcpy(out->family, family, UUID_LEN);
	out->generation = generation;
	ret = crypto_hmac(out->mac, k->derive, sizeof(k->derive), text,
	    sizeof(text));
	explicit_bzero(text, sizeof(text));
	return ret;
}

static enum mint_error
seed_fresh(const struct key_shared *k, const struct msg_mint *m,
    uint8_t seed[SEED_LEN], struct msg_minted *made, const char **why)
{
	char	 aad[AAD_MAX];
	size_t	 aadlen = seed_aad(aad, k->version, m);

	*why = "no seed could be made";
	if ((made->seed = calloc(1, SEED_SEALED_LEN)) == NULL ||
	    RAND_bytes(seed, SEED_LEN) != 1 || crypto_seal(made->seed, k->seal,
	    aad, aadlen, seed, SEED_LEN) == -1)
		return MINT_FAILED;
	made->seed_len = SEED_SEALED_LEN;
	made->seed_key = k->version;
	return MINT_OK;
}

static enum mint_error
seed_verify(const struct key_shared *k, const struct msg_mint *m,
    uint8_t seed[SEED_LEN], const char **why)
{
	struct refresh_secret	 shown, right;
	char			 aad[AAD_MAX];
	size_t			 aadlen = seed_aad(aad, k->version, m);
	enum mint_error		 error = MINT_REFUSED;

	*why = "seed was not sealed for this family";
	if (m->seed_len != SEED_SEALED_LEN || crypto_open(seed, k->seal, aad,
	    aadlen, m->seed, m->seed_len) == -1)
		goto done;
	error = MINT_BAD_SECRET;
	*why = "secret is not the family's";
	if (refresh_parse(&shown, m->presented) == -1 ||
	    memcmp(shown.family, m->family, UUID_LEN) != 0 ||
	    shown.generation != m->generation - 1 ||
	    seed_derive(&right, k, seed, m->family, shown.generation) == -1 ||
	    CRYPTO_memcmp(shown.mac, right.mac, sizeof(right.mac)) != 0)
		goto done;
	error = MINT_OK;
 done:
	explicit_bzero(&shown, sizeof(shown));
	explicit_bzero(&right, sizeof(right));
	return error;
}

enum mint_error
seed_mint(const struct keys *keys, const struct msg_mint *m,
    struct msg_minted *made, const char **why)
{
	const struct key_shared	*k;
	struct refresh_secret	 secret;
	uint8_t			 seed[SEED_LEN];
	enum mint_error		 error;

	if (m->refresh == MINT_REFRESH_NONE)
		return MINT_OK;
	*why = "no shared key of this version";
	if ((k = keys_shared(keys, m->seed_key)) == NULL)
		return MINT_REFUSED;
	error = m->refresh == MINT_REFRESH_FRESH ?
	    seed_fresh(k, m, seed, made, why) : seed_verify(k, m, seed, why);
	if (error != MINT_OK)
		goto done;
	*why = "no secret could be made";
	error = MINT_FAILED;
	if ((made->refresh = calloc(1, REFRESH_STRLEN + 1)) == NULL ||
	    seed_derive(&secret, k, seed, m->family, m->generation) == -1)
		goto done;
	refresh_format(made->refresh, &secret);
	error = MINT_OK;
 done:
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(&secret, sizeof(secret));
	return error;
}
