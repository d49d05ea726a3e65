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
 * Tests of signer/: crypto, keys, jwk, jws, against the vectors of RFC
 * 4231, 5869, 7515, 7638 and 8037.
 */

#include "config.h"

#include <openssl/ecdsa.h>

#include "signer_fixture.h"

static void
test_hmac(void **state)
{
	uint8_t	 out[CRYPTO_HASH_LEN];
	char	 hex[2 * sizeof(out) + 1];

	(void)state;
	/* RFC 4231 4.3 */
	assert_int_equal(crypto_hmac(out, "Jefe", 4,
	    "what do ya want for nothing?", 28), 0);
	hex_encode(hex, out, sizeof(out));
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
}

static void
test_hkdf(void **state)
{
	uint8_t	 ikm[80], salt[80], info[80], out[CRYPTO_KEY_LEN];
	char	 hex[2 * sizeof(out) + 1];
	size_t	 i;

	(void)state;
	/* RFC 5869 A.1, A.2, A.3: first 32 bytes of OKM */
	memset(ikm, 0x0b, sizeof(ikm));
	for (i = 0; i < 80; i++) {
		salt[i] = (uint8_t)i;
		info[i] = (uint8_t)(0xf0 + i);
	}
	assert_int_equal(crypto_hkdf(out, ikm, 22, salt, 13, info, 10), 0);
	hex_encode(hex, out, sizeof(out));
	assert_string_equal(hex, "3cb25f25faacd57a90434f64d0362f2a"
	    "2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
	assert_int_equal(crypto_hkdf(out, ikm, 22, "", 0, "", 0), 0);
	hex_encode(hex, out, sizeof(out));
	assert_string_equal(hex, "8da4e775a563c18f715f802a063c5a31"
	    "b8a11f5c5ee1879ec3454e5f3c738d2d");
	for (i = 0; i < 80; i++) {
		ikm[i] = (uint8_t)i;
		salt[i] = (uint8_t)(0x60 + i);
		info[i] = (uint8_t)(0xb0 + i);
	}
	assert_int_equal(crypto_hkdf(out, ikm, 80, salt, 80, info, 80), 0);
	hex_encode(hex, out, sizeof(out));
	assert_string_equal(hex, "b11e398dc80327a1c8e7f78c596a4934"
	    "4f012eda2d4efad8a050cc4c19afa97c");
	assert_int_equal(crypto_hkdf(out, ikm, 80, salt, 80, info,
	    CRYPTO_INFO_MAX + 1), -1);
}

static void
test_seal(void **state)
{
	uint8_t	 key[CRYPTO_KEY_LEN] = { 1 }, other[CRYPTO_KEY_LEN] = { 2 };
	uint8_t	 text[40] = "secret", box[sizeof(text) + CRYPTO_SEAL_LEN];
	uint8_t	 again[sizeof(box)], out[sizeof(text)];
	size_t	 i, bit;

	(void)state;
	assert_int_equal(crypto_seal(box, key, "aad", 3, text, sizeof(text)),
	    0);
	assert_int_equal(crypto_seal(again, key, "aad", 3, text, sizeof(text)),
	    0);
	assert_memory_not_equal(box, again, sizeof(box));	/* nonce */
	assert_int_equal(crypto_open(out, key, "aad", 3, box, sizeof(box)), 0);
	assert_memory_equal(out, text, sizeof(text));
	assert_int_equal(crypto_open(out, key, "aaD", 3, box, sizeof(box)),
	    -1);
	assert_int_equal(crypto_open(out, key, "aad", 2, box, sizeof(box)),
	    -1);
	assert_int_equal(crypto_open(out, other, "aad", 3, box, sizeof(box)),
	    -1);
	for (i = 0; i < sizeof(box); i++) {
		assert_int_equal(crypto_open(out, key, "aad", 3, box, i), -1);
		for (bit = 0; bit < 8; bit++) {
			box[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(crypto_open(out, key, "aad", 3, box,
			    sizeof(box)), -1);
			box[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(crypto_open(out, key, "aad", 3, box, sizeof(box)), 0);
}

static void
test_thumbprint(void **state)
{
	static const struct {
		const char	*pem;
		enum key_purpose purpose;
		enum key_alg	 alg;
		const char	*kid;
		const char	*jwk;
	} t[] = {
		/* RFC 7638 3.1 */
		{ PEM_RSA_PUBLIC, KEY_PUBLISH, ALG_RS256,
		    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		    "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuu" },
		{ PEM_ED25519, KEY_SIGN, ALG_EDDSA,	/* RFC 8037 A.2, A.3 */
		    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS"
		    "_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"alg\":\"EdDSA\"," },
		{ PEM_P256, KEY_PUBLISH, ALG_ES256,	/* RFC 7515 A.3.1 */
		    "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
		    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"f83OJ3D2xF1"
		    "Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36"
		    "HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
		    "\"alg\":\"ES256\",\"kid\":\"oK"
		    "IywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U\","
		    "\"use\":\"sig\"}" },
	};
	struct keys		*keys;
	const struct key	*key;
	const char		*why;
	size_t			 i;
	int			 locked;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_non_null(keys = keys_new(&locked));
		assert_int_equal(fixture_load(keys, t[i].purpose, 0, t[i].pem,
		    &why), 0);
		key = t[i].purpose == KEY_SIGN ? &keys->key[0] :
		    &keys->key[1];
		assert_int_equal(key->alg, t[i].alg);
		assert_string_equal(key->kid, t[i].kid);
		assert_memory_equal(key->jwk, t[i].jwk, strlen(t[i].jwk));
		/* What is only published keeps no private half. */
		assert_true((key->pkey != NULL) == (t[i].purpose == KEY_SIGN));
		keys_free(keys);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		enum key_purpose purpose;
		uint32_t	 version;
		const char	*text;
		const char	*why;
	} t[] = {
		{ KEY_SIGN, 0, PEM_MIXED, "two halves" },
		{ KEY_SIGN, 0, PEM_P384, "P-256" },
		{ KEY_SIGN, 0, PEM_RSA1024, "2048" },
		{ KEY_SIGN, 0, PEM_ENCRYPTED, "password" },
		{ KEY_SIGN, 0, PEM_RSA_PUBLIC, "no key" },
		{ KEY_SIGN, 0, "", "no key" },
		{ KEY_SIGN, 0, "-----BEGIN EC PRIVATE KEY-----\n", "no key" },
		{ KEY_PUBLISH, 0, PEM_P384, "P-256" },
		{ KEY_PUBLISH, 0, "rubbish", "no key" },
		{ KEY_SHARED, 0, SHARED_ONE, "version" },
		{ KEY_SHARED, 1, "", "64" },
		{ KEY_SHARED, 1, SHARED_ONE "0", "64" },
		{ KEY_SHARED, 1, "0" SHARED_ONE, "64" },
		{ KEY_SHARED, 1, " " SHARED_ONE, "64" },
		{ KEY_SHARED, 1, PEM_P256, "64" },
	};
	struct keys	*keys;
	const char	*why;
	char		*big;
	size_t		 i;
	int		 locked;

	(void)state;
	assert_non_null(keys = keys_new(&locked));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(fixture_load(keys, t[i].purpose, t[i].version,
		    t[i].text, &why), -1);
		assert_non_null(strstr(why, t[i].why));
	}
	assert_non_null(big = calloc(1, KEYS_FILE_MAX + 1));
	memset(big, '0', KEYS_FILE_MAX);
	assert_int_equal(fixture_load(keys, KEY_SHARED, 1, big, &why), -1);
	assert_string_equal(why, "cannot be read");
	free(big);
	assert_false(keys_ready(keys));
	assert_int_equal(fixture_load(keys, KEY_SIGN, 0, PEM_P256, &why), 0);
	assert_int_equal(fixture_load(keys, KEY_SIGN, 0, PEM_ED25519, &why),
	    -1);
	assert_false(keys_ready(keys));
	assert_int_equal(fixture_load(keys, KEY_SHARED, 7, SHARED_ONE, &why),
	    0);
	assert_int_equal(fixture_load(keys, KEY_SHARED, 7, SHARED_TWO, &why),
	    -1);
	assert_int_equal(fixture_load(keys, KEY_SHARED, 3, SHARED_TWO "\r\n",
	    &why), 0);
	assert_true(keys_ready(keys));
	assert_int_equal(keys_shared(keys, 0)->version, 7);
	assert_int_equal(keys_shared(keys, 3)->version, 3);
	assert_null(keys_shared(keys, 4));
	assert_memory_not_equal(keys_shared(keys, 3)->seal,
	    keys_shared(keys, 3)->mac, CRYPTO_KEY_LEN);
	keys_free(keys);
}

/* 0 if sig over text was made by the key's other half. */
static int
verify(const struct key *key, const uint8_t *sig, size_t len, const char *text)
{
	EVP_MD_CTX	*ctx;
	ECDSA_SIG	*es = NULL;
	uint8_t		 der[80], *p = der;
	const uint8_t	*s = sig;
	int		 ret;

	if (key->alg == ALG_ES256) {
		assert_int_equal(len, 64);
		assert_non_null(es = ECDSA_SIG_new());
		assert_int_equal(ECDSA_SIG_set0(es, BN_bin2bn(sig, 32, NULL),
		    BN_bin2bn(sig + 32, 32, NULL)), 1);
		len = (size_t)i2d_ECDSA_SIG(es, &p);
		ECDSA_SIG_free(es);
		s = der;
	}
	assert_non_null(ctx = EVP_MD_CTX_new());
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL,
	    key->alg == ALG_EDDSA ? NULL : EVP_sha256(), NULL, key->pkey), 1);
	ret = EVP_DigestVerify(ctx, s, len, (const uint8_t *)text,
	    strlen(text)) == 1 ? 0 : -1;
	EVP_MD_CTX_free(ctx);
	return ret;
}

/* Splits a compact token at its last dot and verifies it. */
static int
verify_compact(const struct key *key, const char *token)
{
	char	 text[MSG_MAX_ACCESS + 1], *dot;
	uint8_t	 sig[JWS_SIGNATURE_MAX];
	ssize_t	 len;

	assert_true(strlcpy(text, token, sizeof(text)) < sizeof(text));
	assert_non_null(dot = strrchr(text, '.'));
	*dot++ = '\0';
	len = b64url_decode(sig, sizeof(sig), dot, strlen(dot));
	assert_true(len > 0);
	return verify(key, sig, (size_t)len, text);
}

static void
test_jws_vectors(void **state)
{
	struct keys	*keys;
	char		 out[1024];

	(void)state;
	/* RFC 7515 A.3: verify theirs, and ours over the same input */
	keys = fixture_keys(PEM_P256);
	assert_int_equal(verify_compact(&keys->key[0],
	    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODA"
	    "sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8"
	    "L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP"
	    "3-Kg6NU1Q"), 0);
	assert_int_equal(jws_sign(&keys->key[0], "{\"alg\":\"ES256\"}",
	    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
	    "\"http://example.com/is_root\":true}", out, sizeof(out)), 0);
	assert_memory_equal(out, "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJl"
	    "eHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
	    "cnVlfQ.", 115);
	assert_int_equal(verify_compact(&keys->key[0], out), 0);
	out[30] ^= 1;
	assert_int_equal(verify_compact(&keys->key[0], out), -1);
	keys_free(keys);

	/* RFC 8037 A.4: deterministic */
	keys = fixture_keys(PEM_ED25519);
	assert_int_equal(jws_sign(&keys->key[0], "{\"alg\":\"EdDSA\"}",
	    "Example of Ed25519 signing", out, sizeof(out)), 0);
	assert_string_equal(out, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5"
	    "IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR"
	    "4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
	keys_free(keys);
}

static void
test_jws_sizes(void **state)
{
	static const char *const pems[] = { PEM_P256, PEM_ED25519, PEM_RSA };
	struct keys	*keys;
	char		 out[1024], small[1024];
	size_t		 i, k, len;

	(void)state;
	for (i = 0; i < 3; i++) {
		keys = fixture_keys(pems[i]);
		/* Many, since r or s of ES256 may begin with zeros. */
		for (k = 0; k < 600; k++) {
			assert_int_equal(jws_sign(&keys->key[0], "{}",
			    "{\"a\":1}", out, sizeof(out)), 0);
			assert_int_equal(verify_compact(&keys->key[0], out), 0);
			k += i == 2 ? 50 : 0;
		}
		len = strlen(out);
		for (k = 0; k <= len; k++) {
			memset(small, 'x', sizeof(small));
			assert_int_equal(jws_sign(&keys->key[0], "{}",
			    "{\"a\":1}", small, k), -1);
			assert_int_equal(small[k], 'x');
			k += i == 2 ? 20 : 0;
		}
		assert_int_equal(jws_sign(&keys->key[0], "{}", "{\"a\":1}",
		    small, len + 1), 0);
		keys_free(keys);
	}
}

static void
test_foreign(void **state)
{
	struct keys		*ours = fixture_keys(PEM_P256);
	struct keys		*theirs = fixture_keys(PEM_ED25519), *strange;
	struct msg_pubkey	 p, q;
	const char		*why;
	char			*set, kid[MSG_MAX_KID + 1];
	size_t			 i;
	int			 locked;

	(void)state;
	assert_int_equal(keys_pubkey(theirs, 0, &p), 0);
	assert_string_equal(p.alg, "EdDSA");
	assert_int_equal(keys_pubkey(theirs, 1, &q), -1);
	assert_int_equal(keys_foreign(ours, &p, &why), 1);
	assert_int_equal(keys_foreign(ours, &p, &why), 0);
	assert_int_equal(keys_pubkey(ours, 1, &q), -1);	/* not ours to give */
	assert_non_null(set = keys_jwks(ours));
	assert_non_null(strstr(set, ours->key[0].kid));
	assert_non_null(strstr(set, theirs->key[0].kid));
	assert_memory_equal(set, "{\"keys\":[{", 10);
	assert_string_equal(set + strlen(set) - 3, "}]}");
	free(set);
	assert_int_equal(keys_pubkey(ours, 0, &q), 0);
	/* Our own comes back. */
	assert_int_equal(keys_foreign(ours, &q, &why), 0);

	/* Any change breaks the MAC; so does another deployment's key. */
	for (i = 0; i < MSG_MAC_LEN; i++) {
		p.mac[i] ^= 1;
		assert_int_equal(keys_foreign(ours, &p, &why), -1);
		p.mac[i] ^= 1;
	}
	q = p;
	q.alg = p.kid;
	assert_int_equal(keys_foreign(ours, &q, &why), -1);
	q = p;
	(void)strlcpy(kid, p.kid, sizeof(kid));
	kid[0] ^= 1;
	q.kid = kid;
	assert_int_equal(keys_foreign(ours, &q, &why), -1);
	assert_non_null(strange = keys_new(&locked));
	assert_int_equal(fixture_load(strange, KEY_SIGN, 0, PEM_RSA, &why), 0);
	assert_int_equal(keys_pubkey(strange, 0, &q), -1);	/* no MAC key */
	assert_int_equal(fixture_load(strange, KEY_SHARED, 1, SHARED_TWO,
	    &why), 0);
	assert_int_equal(keys_pubkey(strange, 0, &q), 0);
	assert_int_equal(keys_foreign(ours, &q, &why), -1);
	/* Known under a second version of the shared key: taken. */
	assert_int_equal(fixture_load(ours, KEY_SHARED, 2, SHARED_TWO, &why),
	    0);
	assert_int_equal(keys_foreign(ours, &q, &why), 1);
	keys_free(ours);
	keys_free(theirs);
	keys_free(strange);
}

static void
test_own_published(void **state)
{
	struct keys		*keys = fixture_keys(PEM_P256);
	struct msg_pubkey	 p;
	const char		*why;

	(void)state;
	assert_int_equal(fixture_load(keys, KEY_PUBLISH, 0, PEM_RSA, &why), 0);
	assert_int_equal(fixture_load(keys, KEY_PUBLISH, 0, PEM_RSA_PUBLIC,
	    &why), 0);
	assert_int_equal(keys_pubkey(keys, 2, &p), 0);
	assert_string_equal(p.alg, "RS256");
	assert_int_equal(keys_pubkey(keys, 3, &p), -1);
	keys_free(keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_thumbprint),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_jws_vectors),
		cmocka_unit_test(test_jws_sizes),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_own_published),
	};

	(void)crypto_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
