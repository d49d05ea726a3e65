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
 * Tests of signer/: claims, refresh secrets and whole requests (claims.c,
 * seed.c, mint.c).
 */

#include "config.h"

#include <fcntl.h>
#include <stdio.h>

#include "signer_fixture.h"

#define ISSUER	"https://id.example"
#define NOW	1800000000U

static void
test_claims(void **state)
{
	static const struct {
		enum token_kind	 kind;
		const char	*payload;
	} t[] = {
		{ TOKEN_ORGANIZATION, "{\"iss\":\"https://id.example\","
		    "\"sub\":\"0198c0de-0000-7000-8000-000000000001\","
		    "\"aud\":\"https://id.example/v1\",\"exp\":1800003600,"
		    "\"iat\":1800000000,"
		    "\"jti\":\"01010101-0101-0101-0101-010101010101\","
		    "\"client_id\":\"grantd-management\","
		    "\"scope\":\"accounts:view accounts:edit\","
		    "\"org\":\"0198c0de-0000-7000-8000-000000000001\","
		    "\"fam\":\"0198c0de-0000-7000-8000-000000000002\","
		    "\"knd\":\"organization\"}" },
		{ TOKEN_INTEGRATION, "{\"iss\":\"https://id.example\","
		    "\"sub\":\"0198c0de-0000-7000-8000-000000000003\","
		    "\"aud\":\"https://id.example/v1/connectors\"," },
		{ TOKEN_USER, "{\"iss\":\"https://id.example\","
		    "\"sub\":\"0198c0de-0000-7000-8000-000000000004\","
		    "\"aud\":[\"https://id.example/api\","
		    "\"https://id.example/mcp\"],\"exp\"" },
		{ TOKEN_CLIENT, "{\"iss\":\"https://id.example\","
		    "\"sub\":\"s6BhdRkqt3\",\"aud\":\"https://id.example/api\","
		    "\"exp\"" },
	};
	struct msg_minted	 made = { .iat = NOW, .exp = NOW + 3600 };
	struct msg_mint		 m;
	char			 out[CLAIMS_MAX + 1];
	size_t			 i;

	(void)state;
	memset(made.jti, 1, sizeof(made.jti));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		m = fixture_mint(t[i].kind);
		assert_int_equal(claims_payload(out, ISSUER, &m, &made), 0);
		assert_memory_equal(out, t[i].payload, strlen(t[i].payload));
		assert_int_equal(out[strlen(out) - 1], '}');
	}
	/* What is empty is left out. */
	m = fixture_mint(TOKEN_CLIENT);
	m.scope = (char *)(uintptr_t)"";
	memset(m.organization, 0, UUID_LEN);
	memset(m.family, 0, UUID_LEN);
	assert_int_equal(claims_payload(out, ISSUER, &m, &made), 0);
	assert_null(strstr(out, "scope"));
	assert_null(strstr(out, "org"));
	assert_null(strstr(out, "fam"));
}

/* The example of OpenID Connect Core A.3 gives hash and access token. */
static void
test_id_token(void **state)
{
	struct msg_minted	 made = { .iat = NOW, .exp = NOW + 7200,
	    .access = (char *)(uintptr_t)
	    "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y" };
	struct msg_mint		 m = fixture_mint(TOKEN_USER);
	char			 out[CLAIMS_MAX + 1];

	(void)state;
	m.client_id = (char *)(uintptr_t)"gc_1";
	m.nonce = (char *)(uintptr_t)"n-0S6_WzA2Mj";
	m.auth_time = NOW - 5;
	assert_int_equal(claims_id_token(out, ISSUER, &m, &made,
	    ALG_ES256), 0);
	assert_string_equal(out, "{\"iss\":\"https://id.example\","
	    "\"sub\":\"0198c0de-0000-7000-8000-000000000004\","
	    "\"aud\":\"gc_1\",\"exp\":1800003600,\"iat\":1800000000,"
	    "\"auth_time\":1799999995,\"nonce\":\"n-0S6_WzA2Mj\","
	    "\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}");
	assert_int_equal(claims_id_token(out, ISSUER, &m, &made,
	    ALG_EDDSA), 0);
	assert_non_null(strstr(out, "\"at_hash\":"
	    "\"q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM\"}"));
	made.exp = NOW + 60;
	m.auth_time = 0;
	m.nonce = (char *)(uintptr_t)"";
	assert_int_equal(claims_id_token(out, ISSUER, &m, &made,
	    ALG_ES256), 0);
	assert_non_null(strstr(out, "\"exp\":1800000060,"));
	assert_null(strstr(out, "auth_time"));
	assert_null(strstr(out, "nonce"));
	m.nonce = (char *)(uintptr_t)"a\"b";
	assert_int_equal(claims_id_token(out, ISSUER, &m, &made,
	    ALG_ES256), -1);
}

/* Even without the policy nothing can break out of a string. */
static void
test_claims_strict(void **state)
{
	struct msg_minted	 made = { .iat = NOW, .exp = NOW + 3600 };
	struct msg_mint		 m = fixture_mint(TOKEN_USER);
	char			 out[CLAIMS_MAX + 1], text[4] = "a.b";
	char			 big[CLAIMS_MAX];
	int			 c, ok;

	(void)state;
	for (c = 1; c < 256; c++) {
		text[1] = (char)c;
		ok = c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? 0 : -1;
		m.subject = text;
		assert_int_equal(claims_payload(out, ISSUER, &m, &made), ok);
		m = fixture_mint(TOKEN_USER);
		m.client_id = text;
		assert_int_equal(claims_payload(out, ISSUER, &m, &made), ok);
		m = fixture_mint(TOKEN_USER);
		m.scope = text;
		assert_int_equal(claims_payload(out, ISSUER, &m, &made), ok);
		m = fixture_mint(TOKEN_USER);
	}
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	m.scope = big;
	assert_int_equal(claims_payload(out, ISSUER, &m, &made), -1);
}

static struct msg_minted
advance(const struct keys *keys, struct msg_mint *m,
    const struct msg_minted *born, const char *presented, uint32_t generation,
    enum mint_error want)
{
	struct msg_minted	 made;
	const char		*why;

	memset(&made, 0, sizeof(made));
	m->refresh = MINT_REFRESH_ADVANCE;
	m->seed = born->seed;
	m->seed_len = born->seed_len;
	m->seed_key = born->seed_key;
	m->presented = (char *)(uintptr_t)presented;
	m->generation = generation;
	assert_int_equal(seed_mint(keys, m, &made, &why), want);
	return made;
}

static void
test_seed_chain(void **state)
{
	struct keys		*keys = fixture_keys(PEM_ED25519);
	struct msg_mint		 m = fixture_mint(TOKEN_INTEGRATION);
	struct msg_minted	 born, next, again, other;
	const char		*why;
	char			 former[REFRESH_STRLEN + 1];
	uint32_t		 g;

	(void)state;
	memset(&born, 0, sizeof(born));
	m.refresh = MINT_REFRESH_FRESH;
	assert_int_equal(seed_mint(keys, &m, &born, &why), MINT_OK);
	assert_int_equal(strlen(born.refresh), REFRESH_STRLEN);
	assert_int_equal(born.seed_len, SEED_SEALED_LEN);
	assert_int_equal(born.seed_key, 1);
	memset(&other, 0, sizeof(other));
	assert_int_equal(seed_mint(keys, &m, &other, &why), MINT_OK);
	assert_string_not_equal(born.refresh, other.refresh);

	(void)strlcpy(former, born.refresh, sizeof(former));
	for (g = 2; g < 50; g++) {
		next = advance(keys, &m, &born, former, g, MINT_OK);
		again = advance(keys, &m, &born, former, g, MINT_OK);
		assert_string_equal(next.refresh, again.refresh);
		assert_string_not_equal(next.refresh, former);
		assert_int_equal(next.seed_len, 0);
		/* It opens its own generation only. */
		(void)advance(keys, &m, &born, former, g - 1, MINT_BAD_SECRET);
		(void)advance(keys, &m, &born, former, g + 1, MINT_BAD_SECRET);
		(void)advance(keys, &m, &other, former, g, MINT_BAD_SECRET);
		(void)strlcpy(former, next.refresh, sizeof(former));
		msg_minted_free(&next);
		msg_minted_free(&again);
	}
	/* A rotated shared key: old families go on, new ones take the new. */
	assert_int_equal(fixture_load(keys, KEY_SHARED, 2, SHARED_TWO, &why),
	    0);
	next = advance(keys, &m, &born, former, 50, MINT_OK);
	msg_minted_free(&next);
	msg_minted_free(&other);
	m = fixture_mint(TOKEN_INTEGRATION);
	m.refresh = MINT_REFRESH_FRESH;
	memset(&other, 0, sizeof(other));
	assert_int_equal(seed_mint(keys, &m, &other, &why), MINT_OK);
	assert_int_equal(other.seed_key, 2);
	msg_minted_free(&other);
	msg_minted_free(&born);
	keys_free(keys);
}

static void
test_seed_tampered(void **state)
{
	struct keys		*keys = fixture_keys(PEM_ED25519);
	struct msg_mint		 m = fixture_mint(TOKEN_INTEGRATION);
	struct msg_minted	 born, made;
	const char		*why;
	char			 bad[REFRESH_STRLEN + 2];
	size_t			 i;

	(void)state;
	memset(&born, 0, sizeof(born));
	m.refresh = MINT_REFRESH_FRESH;
	assert_int_equal(seed_mint(keys, &m, &born, &why), MINT_OK);
	made = advance(keys, &m, &born, born.refresh, 2, MINT_OK);
	msg_minted_free(&made);

	for (i = 0; i < born.seed_len; i++) {
		((uint8_t *)born.seed)[i] ^= 0x10;
		(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
		((uint8_t *)born.seed)[i] ^= 0x10;
	}
	born.seed_len--;
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	born.seed_len++;
	born.seed_key = 2;	/* no such version */
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	assert_int_equal(fixture_load(keys, KEY_SHARED, 2, SHARED_ONE, &why),
	    0);			/* same secret, other version: still bound */
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	born.seed_key = 1;
	/* Another family, organization or kind cannot use it. */
	m.family[3] ^= 1;
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	m.family[3] ^= 1;
	m.organization[3] ^= 1;
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	m.organization[3] ^= 1;
	m.kind = TOKEN_USER;
	(void)advance(keys, &m, &born, born.refresh, 2, MINT_REFUSED);
	m.kind = TOKEN_INTEGRATION;

	for (i = 0; i <= REFRESH_STRLEN; i++) {
		(void)strlcpy(bad, born.refresh, sizeof(bad));
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		bad[REFRESH_STRLEN + 1] = '\0';
		(void)advance(keys, &m, &born, bad, 2, MINT_BAD_SECRET);
		(void)strlcpy(bad, born.refresh, i + 1);
		if (i < REFRESH_STRLEN)
			(void)advance(keys, &m, &born, bad, 2,
			    MINT_BAD_SECRET);
	}
	made = advance(keys, &m, &born, born.refresh, 2, MINT_OK);
	msg_minted_free(&made);
	msg_minted_free(&born);
	keys_free(keys);
}

static int
journal_file(void)
{
	char	 path[] = "signer_token.XXXXXX";
	int	 fd = mkstemp(path);

	assert_int_not_equal(fd, -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

static void
test_mint(void **state)
{
	struct mint		 mint = { .policy = { .lifetime_max = 600,
				    .rate_max = 10 } };
	struct msg_mint		 m = fixture_mint(TOKEN_INTEGRATION);
	struct msg_minted	 made;
	const char		*why;
	char			 header[256], *dot;
	char			 scope[MSG_MAX_SCOPE + 1];
	ssize_t			 n;

	(void)state;
	mint.keys = fixture_keys(PEM_P256);
	mint.policy.issuer = (char *)(uintptr_t)ISSUER;
	journal_init(&mint.journal);
	assert_int_equal(journal_open(&mint.journal, journal_file(), &why), 0);
	m.refresh = MINT_REFRESH_FRESH;
	mint_make(&mint, &m, NOW, &made);
	assert_int_equal(made.error, MINT_OK);
	assert_int_equal(made.iat, NOW);
	assert_int_equal(made.exp, NOW + 600);	/* capped */
	assert_non_null(dot = strchr(made.access, '.'));
	n = b64url_decode(header, sizeof(header) - 1, made.access,
	    (size_t)(dot - made.access));
	assert_true(n > 0);
	header[n] = '\0';
	assert_string_equal(header, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\","
	    "\"kid\":\"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U\"}");
	assert_true(mint.journal.wait_len > 0);
	assert_int_equal(journal_commit(&mint.journal), 0);
	msg_minted_free(&made);

	/* A refusal holds nothing and says why. */
	m.audience = AUD_V1;
	mint_make(&mint, &m, NOW, &made);
	assert_int_equal(made.error, MINT_REFUSED);
	assert_string_equal(made.reason, "audience is not of this kind");
	assert_null(made.access);
	assert_null(made.refresh);
	assert_null(made.seed);
	msg_minted_free(&made);

	/* The longest scope with the longest client: too long or whole. */
	m = fixture_mint(TOKEN_USER);
	memset(scope, 's', MSG_MAX_SCOPE);
	scope[MSG_MAX_SCOPE] = '\0';
	m.scope = scope;
	mint_make(&mint, &m, NOW, &made);
	assert_int_equal(made.error, MINT_OK);
	assert_true(strlen(made.access) <= MSG_MAX_ACCESS);
	assert_int_equal(journal_commit(&mint.journal), 0);
	msg_minted_free(&made);

	/* No journal, no token. */
	(void)close(mint.journal.fd);
	mint.journal.fd = -1;
	m = fixture_mint(TOKEN_USER);
	mint_make(&mint, &m, NOW, &made);
	assert_int_equal(made.error, MINT_FAILED);
	assert_null(made.access);
	msg_minted_free(&made);
	free(mint.journal.wait);
	keys_free(mint.keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_id_token),
		cmocka_unit_test(test_claims_strict),
		cmocka_unit_test(test_seed_chain),
		cmocka_unit_test(test_seed_tampered),
		cmocka_unit_test(test_mint),
	};

	(void)crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
