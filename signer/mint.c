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
 * One request to one token: policy, refresh secret, claims, signature, a
 * line for the journal.  Room: signer.  The only caller of jws_sign().
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "token.h"

void
mint_fail(struct msg_minted *made, enum mint_error error, const char *why)
{
	msg_minted_free(made);
	made->error = error;
	made->reason = strdup(why);	/* NULL is sent as "" */
}

static int
mint_record(struct journal *j, const struct key *key, const struct msg_mint *m,
    const struct msg_minted *made)
{
	static const char *const modes[] = { "none", "fresh", "advance" };
	char	 jti[UUID_STRLEN + 1], org[sizeof(jti)], family[sizeof(jti)];

	uuid_format(jti, made->jti);
	uuid_format(org, m->organization);
	uuid_format(family, m->family);
	return journal_add(j, "mint jti=%s kind=%s aud=%u sub=%s client=%s "
	    "org=%s fam=%s gen=%u refresh=%s iat=%llu exp=%llu kid=%s "
	    "id=%u scope=\"%s\"", jti, policy_kind_name(m->kind), m->audience,
	    m->subject, m->client_id, org, family, m->generation,
	    modes[m->refresh],
	    (unsigned long long)made->iat, (unsigned long long)made->exp,
	    key->kid, m->id_token, m->scope);
}

/* The compact form of what claims.c wrote, to be freed; or NULL. */
static char *
mint_sign(const struct key *key, const char *typ, const char *payload)
{
	char	 header[CLAIMS_MAX + 1];
	char	*out;

	if (claims_header(header, typ, key) == -1 ||
	    (out = calloc(1, MSG_MAX_ACCESS + 1)) == NULL)
		return NULL;
	if (jws_sign(key, header, payload, out, MSG_MAX_ACCESS + 1) == 0)
		return out;
	free(out);
	return NULL;
}

void
mint_make(struct mint *mint, const struct msg_mint *m, uint64_t now,
    struct msg_minted *made)
{
	const struct key	*key = &mint->keys->key[0];
	char			 payload[CLAIMS_MAX + 1];
	const char		*why;
	enum mint_error		 error = MINT_REFUSED;

	memset(made, 0, sizeof(*made));
	if ((why = policy_check(m)) != NULL)
		goto fail;
	if ((error = seed_mint(mint->keys, m, made, &why)) != MINT_OK)
		goto fail;
	made->iat = now;
	made->exp = now + policy_ttl(&mint->policy, m->ttl);
	uuid7(made->jti);
	error = MINT_REFUSED;
	why = "claims cannot be written";
	if (claims_payload(payload, mint->policy.issuer, m, made) == -1)
		goto fail;
	why = "token cannot be signed or is too long";
	if ((made->access = mint_sign(key, "at+jwt", payload)) == NULL) {
		error = MINT_FAILED;
		goto fail;
	}
	if (m->id_token && (claims_id_token(payload, mint->policy.issuer, m,
	    made, key->alg) == -1 || (made->id_token = mint_sign(key, "JWT",
	    payload)) == NULL))
		goto fail;
	error = MINT_FAILED;
	why = "journal";
	if (mint_record(&mint->journal, key, m, made) == -1)
		goto fail;
	return;
 fail:
	mint_fail(made, error, why);
}
