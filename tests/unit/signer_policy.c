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
 * Tests of signer/policy.c: every kind with every audience mask and refresh
 * mode, and each field that the policy looks at.
 */

#include "config.h"

#include "signer_fixture.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Spelled out here once more, so that the table there cannot drift. */
static int
allowed(unsigned int kind, unsigned int audience, unsigned int refresh)
{
	switch (kind) {
	case TOKEN_ORGANIZATION:
		return audience == AUD_V1 && refresh <= MINT_REFRESH_ADVANCE;
	case TOKEN_INTEGRATION:
		return audience == AUD_CONNECTORS &&
		    refresh <= MINT_REFRESH_ADVANCE;
	case TOKEN_USER:
		return audience != 0 && (audience & 0xf3) == 0 &&
		    refresh <= MINT_REFRESH_ADVANCE;
	case TOKEN_CLIENT:
		return audience != 0 && (audience & 0xf3) == 0 &&
		    refresh == MINT_REFRESH_NONE;
	}
	return 0;
}

static void
test_table(void **state)
{
	struct msg_mint	 m;
	unsigned int	 kind, audience, refresh, n = 0;

	(void)state;
	for (kind = 0; kind < 256; kind++) {
		m = fixture_mint(kind < TOKEN__MAX && kind > 0 ? kind :
		    TOKEN_USER);
		m.kind = (uint8_t)kind;
		for (audience = 0; audience < 256; audience++)
			for (refresh = 0; refresh < 256; refresh++) {
				m.audience = (uint8_t)audience;
				m.refresh = (uint8_t)refresh;
				m.seed_key = refresh == MINT_REFRESH_ADVANCE;
				m.seed_len = m.seed_key;
				m.presented = (char *)(uintptr_t)
				    (m.seed_key ? "grt_x" : "");
				assert_int_equal(policy_check(&m) == NULL,
				    allowed(kind, audience, refresh));
				n += policy_check(&m) == NULL;
			}
	}
	/* 3 + 3 + 3 masks of 3 modes + 3 masks of 1 mode */
	assert_int_equal(n, 18);
}

static void
test_zero_ids(void **state)
{
	struct msg_mint	 m;
	unsigned int	 kind;

	(void)state;
	for (kind = TOKEN_ORGANIZATION; kind < TOKEN__MAX; kind++) {
		m = fixture_mint(kind);
		memset(m.organization, 0, UUID_LEN);
		assert_int_equal(policy_check(&m) == NULL,
		    kind == TOKEN_USER || kind == TOKEN_CLIENT);
		m = fixture_mint(kind);
		memset(m.family, 0, UUID_LEN);
		assert_int_equal(policy_check(&m) == NULL,
		    kind == TOKEN_CLIENT);
	}
}

static void
test_texts(void **state)
{
	static const struct {
		enum token_kind	 kind;
		const char	*subject;
		const char	*client_id;
		const char	*scope;
		int		 ok;
	} t[] = {
		{ TOKEN_USER, "u", "c", "", 1 },
		{ TOKEN_USER, "u", "c", "a", 1 },
		{ TOKEN_USER, "u", "c", "a:b c:d e", 1 },
		{ TOKEN_USER, "u", "c", " a", 0 },
		{ TOKEN_USER, "u", "c", "a ", 0 },
		{ TOKEN_USER, "u", "c", "a  b", 0 },
		{ TOKEN_USER, "u", "c", " ", 0 },
		{ TOKEN_USER, "u", "c", "a\"b", 0 },
		{ TOKEN_USER, "u", "c", "a\\b", 0 },
		{ TOKEN_USER, "u", "c", "a\nb", 0 },
		{ TOKEN_USER, "u", "c", "a\tb", 0 },
		{ TOKEN_USER, "u", "c", "a\x7f", 0 },
		{ TOKEN_USER, "u", "c", "\xc3\xa4", 0 },
		{ TOKEN_USER, "", "c", "a", 0 },
		{ TOKEN_USER, "u u", "c", "a", 0 },
		{ TOKEN_USER, "u\"", "c", "a", 0 },
		{ TOKEN_USER, "u\\", "c", "a", 0 },
		{ TOKEN_USER, "u\n", "c", "a", 0 },
		{ TOKEN_USER, "\xff", "c", "a", 0 },
		{ TOKEN_USER, "u", "", "a", 0 },
		{ TOKEN_USER, "u", "c c", "a", 0 },
		{ TOKEN_USER, "u", "c\x01", "a", 0 },
		{ TOKEN_USER, "u", "grantd-management", "a", 0 },
		{ TOKEN_USER, "u", "grantd-connectors", "a", 0 },
		{ TOKEN_USER, "u", "grantd-", "a", 0 },
		{ TOKEN_CLIENT, "c", "c", "a", 1 },
		{ TOKEN_CLIENT, "u", "c", "a", 0 },
		{ TOKEN_CLIENT, "grantd-x", "grantd-x", "a", 0 },
		{ TOKEN_ORGANIZATION, "0198c0de-0000-7000-8000-000000000001",
		    "grantd-management", "a", 1 },
		{ TOKEN_ORGANIZATION, "0198c0de-0000-7000-8000-000000000002",
		    "grantd-management", "a", 0 },
		{ TOKEN_ORGANIZATION, "0198c0de-0000-7000-8000-000000000001",
		    "grantd-connectors", "a", 0 },
		{ TOKEN_ORGANIZATION, "0198c0de-0000-7000-8000-000000000001",
		    "c", "a", 0 },
		{ TOKEN_INTEGRATION, "0198c0de-0000-7000-8000-000000000009",
		    "grantd-connectors", "a", 1 },
		{ TOKEN_INTEGRATION, "0198c0de-0000-7000-8000-00000000000",
		    "grantd-connectors", "a", 0 },
		{ TOKEN_INTEGRATION, "x", "grantd-connectors", "a", 0 },
		{ TOKEN_INTEGRATION, "0198c0de-0000-7000-8000-000000000009",
		    "grantd-management", "a", 0 },
	};
	struct msg_mint	 m;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		m = fixture_mint(t[i].kind);
		m.subject = (char *)(uintptr_t)t[i].subject;
		m.client_id = (char *)(uintptr_t)t[i].client_id;
		m.scope = (char *)(uintptr_t)t[i].scope;
		assert_int_equal(policy_check(&m) == NULL, t[i].ok);
	}
}

/* Seed, version and secret belong to ADVANCE, all of them and only there. */
static void
test_seed_fields(void **state)
{
	struct msg_mint	 m;
	unsigned int	 mode, bits, generation;

	(void)state;
	for (mode = 0; mode < MINT_REFRESH__MAX; mode++)
		for (bits = 0; bits < 8; bits++)
			for (generation = 0; generation < 2; generation++) {
				m = fixture_mint(TOKEN_ORGANIZATION);
				m.refresh = (uint8_t)mode;
				m.seed_len = bits & 1 ? 61 : 0;
				m.seed_key = bits & 2 ? 1 : 0;
				m.presented = (char *)(uintptr_t)
				    (bits & 4 ? "x" : "");
				m.generation = generation;
				assert_int_equal(policy_check(&m) == NULL,
				    mode == MINT_REFRESH_ADVANCE ?
				    bits == 7 && generation == 1 : bits == 0);
			}
}

/* ID tokens: of persons, with the scope, and nonce and time only with one. */
static void
test_id_token(void **state)
{
	static const struct {
		enum token_kind	 kind;
		const char	*scope;
		const char	*nonce;
		uint8_t		 id_token;
		uint64_t	 auth_time;
		int		 ok;
	} t[] = {
		{ TOKEN_USER, "openid", "n", 1, 1, 1 },
		{ TOKEN_USER, "openid", "", 1, 0, 1 },
		{ TOKEN_USER, "a:b openid", "n", 1, 1, 1 },
		{ TOKEN_USER, "openid a:b", "n", 1, 1, 1 },
		{ TOKEN_USER, "openid", "", 0, 0, 1 },
		{ TOKEN_USER, "openid", "n", 0, 0, 0 },
		{ TOKEN_USER, "openid", "", 0, 1, 0 },
		{ TOKEN_USER, "openid", "n", 2, 1, 0 },
		{ TOKEN_USER, "openids", "n", 1, 1, 0 },
		{ TOKEN_USER, "xopenid", "n", 1, 1, 0 },
		{ TOKEN_USER, "a:b", "n", 1, 1, 0 },
		{ TOKEN_USER, "", "n", 1, 1, 0 },
		{ TOKEN_CLIENT, "openid", "n", 1, 1, 0 },
		{ TOKEN_ORGANIZATION, "openid", "n", 1, 1, 0 },
		{ TOKEN_INTEGRATION, "openid", "n", 1, 1, 0 },
	};
	struct msg_mint	 m;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		m = fixture_mint(t[i].kind);
		m.scope = (char *)(uintptr_t)t[i].scope;
		m.nonce = (char *)(uintptr_t)t[i].nonce;
		m.id_token = t[i].id_token;
		m.auth_time = t[i].auth_time;
		assert_int_equal(policy_check(&m) == NULL, t[i].ok);
	}
}

static void
test_lifetime(void **state)
{
	struct policy	 p = { .lifetime_max = 3600 };
	struct msg_mint	 m = fixture_mint(TOKEN_ORGANIZATION);

	(void)state;
	assert_int_equal(policy_ttl(&p, 1), 1);
	assert_int_equal(policy_ttl(&p, 3600), 3600);
	assert_int_equal(policy_ttl(&p, 3601), 3600);
	assert_int_equal(policy_ttl(&p, UINT32_MAX), 3600);
	p.lifetime_max = UINT32_MAX;
	assert_int_equal(policy_ttl(&p, UINT32_MAX), POLICY_LIFETIME_MAX);
	m.ttl = 0;
	assert_non_null(policy_check(&m));
}

static void
test_rate(void **state)
{
	struct policy	 p = { .rate_max = 3 };
	int		 i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(policy_rate(&p, 100), 0);
	assert_int_equal(policy_rate(&p, 100), -1);
	assert_int_equal(policy_rate(&p, 100), -1);
	assert_int_equal(policy_rate(&p, 101), 0);
	p.rate_max = 0;
	assert_int_equal(policy_rate(&p, 102), -1);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(policy_kind_name(TOKEN_USER), "user");
	assert_string_equal(policy_kind_name(TOKEN_NONE), "none");
	assert_string_equal(policy_kind_name(255), "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_zero_ids),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_seed_fields),
		cmocka_unit_test(test_id_token),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
