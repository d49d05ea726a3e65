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
 * What may be in a token and how it is written: policy, claims, and the
 * seeds of refresh secrets.
 */

#ifndef TOKEN_H
#define TOKEN_H

#include "journal.h"
#include "keys.h"

#define POLICY_LIFETIME_MAX	86400	/* s, whatever the configuration says */
#define CLAIMS_MAX		3072	/* bytes of header or payload */
#define CLAIMS_ID_TOKEN	3600	/* s, lifetime at most */
#define SEED_LEN		32
#define SEED_SEALED_LEN		(SEED_LEN + CRYPTO_SEAL_LEN)

struct policy {
	char		*issuer;
	uint32_t	 lifetime_max;	/* s */
	uint32_t	 rate_max;	/* a second */
	uint64_t	 second;	/* of the count */
	uint32_t	 count;
};

/* NULL if a request of this form may be signed, else why not. */
const char	*policy_check(const struct msg_mint *);
uint32_t	 policy_ttl(const struct policy *, uint32_t asked);
/* Counts one; 0, or -1 when this second's share is used up. */
int		 policy_rate(struct policy *, uint64_t now);
const char	*policy_kind_name(uint8_t kind);	/* claim knd */

/* RFC 9068 2.1 and 2.2; out has CLAIMS_MAX + 1 bytes.  0 or -1. */
int		 claims_header(char *out, const char *typ, const struct key *);
int		 claims_payload(char *out, const char *issuer,
		    const struct msg_mint *, const struct msg_minted *);
/* OpenID Connect Core 2, for the access token that was made. */
int		 claims_id_token(char *out, const char *issuer,
		    const struct msg_mint *, const struct msg_minted *,
		    enum key_alg);

/*
 * Adds refresh secret and seed to the answer, as the request's mode asks.
 * ADVANCE verifies the presented secret first, in constant time.
 */
enum mint_error	 seed_mint(const struct keys *, const struct msg_mint *,
		    struct msg_minted *, const char **why);

struct mint {
	struct keys	*keys;
	struct policy	 policy;
	struct journal	 journal;
};

/* Fills *made, which is the caller's: a token, or an error and a reason. */
void		 mint_make(struct mint *, const struct msg_mint *, uint64_t now,
		    struct msg_minted *made);
void		 mint_fail(struct msg_minted *, enum mint_error, const char *);

#endif /* TOKEN_H */
