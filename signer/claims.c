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
 * Header and claims of an access token (RFC 9068 2), written here and
 * nowhere else.  Room: signer.  Pure: text in, JSON out; what cannot be
 * written without doubt is refused.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "token.h"

struct claims_text {
	char	*out;
	size_t	 len;
	int	 bad;
};

static void __attribute__((__format__(printf, 2, 3)))
claims_add(struct claims_text *t, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(t->out + t->len, CLAIMS_MAX + 1 - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n > CLAIMS_MAX - t->len)
		t->bad = 1;
	else
		t->len += (size_t)n;
}

/*
 * A JSON string (RFC 8259 7).  What would need an escape is in no token:
 * issuers, identifiers and scopes are printable ASCII without quote and
 * backslash (RFC 6749 A.1, A.4).
 */
static void
claims_string(struct claims_text *t, const char *text)
{
	const char	*s;

	for (s = text; *s != '\0'; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			t->bad = 1;
	claims_add(t, "\"%s\"", text);
}

static void
claims_member(struct claims_text *t, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	claims_add(t, ",\"%s\":", name);
	claims_string(t, text);
}

static void
claims_uuid(struct claims_text *t, const char *name, const uint8_t id[UUID_LEN])
{
	static const uint8_t	 zero[UUID_LEN];
	char			 text[UUID_STRLEN + 1];

	uuid_format(text, id);
	claims_member(t, name, memcmp(id, zero, UUID_LEN) == 0 ? "" : text);
}

/* RFC 7519 4.1.3: a string if it is one, else an array. */
static void
claims_audience(struct claims_text *t, const char *issuer, uint8_t mask)
{
	static const char *const paths[] = {	/* by number of the bit */
		"/v1", "/v1/connectors", "/api", "/mcp"
	};
	char			 text[CONF_MAX_ISSUER + 16];
	const char		*comma = "";
	int			 several = (mask & (mask - 1)) != 0;
	unsigned int		 i;

	claims_add(t, ",\"aud\":%s", several ? "[" : "");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if ((mask & 1U << i) == 0)
			continue;
		if (snprintf(text, sizeof(text), "%s%s", issuer, paths[i]) >=
		    (int)sizeof(text))
			t->bad = 1;
		claims_add(t, "%s", comma);
		claims_string(t, text);
		comma = ",";
	}
	claims_add(t, "%s", several ? "]" : "");
}

int
claims_header(char *out, const char *typ, const struct key *key)
{
	struct claims_text	 t = { out, 0, 0 };

	claims_add(&t, "{\"typ\":\"%s\",\"alg\":\"%s\",\"kid\":\"%s\"}",
	    typ, jwk_alg_name(key->alg), key->kid);
	return t.bad ? -1 : 0;
}

/*
 * OpenID Connect Core 3.1.3.6: half of the hash of the access token; the hash
 * of Ed25519 is SHA-512.
 */
static int
claims_at_hash(struct claims_text *t, const char *access, enum key_alg alg)
{
	uint8_t	 hash[CRYPTO_HASH_LEN];
	char	 text[B64URL_LEN(CRYPTO_HASH_LEN) + 1];
	size_t	 len = alg == ALG_EDDSA ? CRYPTO_HASH_LEN : CRYPTO_HASH_LEN / 2;

	if ((alg == ALG_EDDSA ? crypto_sha512_half : crypto_sha256)(hash,
	    access, strlen(access)) == -1)
		return -1;
	b64url_encode(text, hash, len);
	claims_member(t, "at_hash", text);
	return 0;
}

int
claims_id_token(char *out, const char *issuer, const struct msg_mint *m,
    const struct msg_minted *made, enum key_alg alg)
{
	struct claims_text	 t = { out, 0, 0 };
	uint64_t		 exp = made->iat + CLAIMS_ID_TOKEN;

	claims_add(&t, "{\"iss\":");
	claims_string(&t, issuer);
	claims_member(&t, "sub", m->subject);
	claims_member(&t, "aud", m->client_id);
	claims_add(&t, ",\"exp\":%llu,\"iat\":%llu",
	    (unsigned long long)(exp < made->exp ? exp : made->exp),
	    (unsigned long long)made->iat);
	if (m->auth_time != 0)
		claims_add(&t, ",\"auth_time\":%llu",
		    (unsigned long long)m->auth_time);
	claims_member(&t, "nonce", m->nonce);
	if (claims_at_hash(&t, made->access, alg) == -1)
		t.bad = 1;
	claims_add(&t, "}");
	return t.bad ? -1 : 0;
}

int
claims_payload(char *out, const char *issuer, const struct msg_mint *m,
    const struct msg_minted *made)
{
	struct claims_text	 t = { out, 0, 0 };

	claims_add(&t, "{\"iss\":");
	claims_string(&t, issuer);
	claims_member(&t, "sub", m->subject);
	claims_audience(&t, issuer, m->audience);
	claims_add(&t, ",\"exp\":%llu,\"iat\":%llu",
	    (unsigned long long)made->exp, (unsigned long long)made->iat);
	claims_uuid(&t, "jti", made->jti);
	claims_member(&t, "client_id", m->client_id);
	claims_member(&t, "scope", m->scope);
	claims_uuid(&t, "org", m->organization);
	claims_uuid(&t, "fam", m->family);
	claims_member(&t, "knd", policy_kind_name(m->kind));
	claims_add(&t, "}");
	return t.bad ? -1 : 0;
}
