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
 * Loads keys from the descriptors that the parent opened and keeps them in
 * pages of their own.  Room: signer.  Opens no file and never writes a
 * private part anywhere.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "codec.h"
#include "keys.h"

#define MAC_INPUT_MAX	(MSG_MAX_KID + MSG_MAX_ALG + MSG_MAX_JWK + 12)
#define MSG_MAX_ALG	15

struct keys *
keys_new(int *locked)
{
	struct keys	*keys = crypto_pages(sizeof(*keys), locked);

	if (keys != NULL)
		keys->nkeys = 1;
	return keys;
}

static void
key_clear(struct key *key)
{
	EVP_MD_CTX_free(key->sign);
	EVP_PKEY_free(key->pkey);
	free(key->jwk);
	memset(key, 0, sizeof(*key));
}

void
keys_free(struct keys *keys)
{
	size_t	 i;

	for (i = 0; i < keys->nkeys; i++)
		key_clear(&keys->key[i]);
	crypto_pages_free(keys, sizeof(*keys));
}

/* The empty password, so that nobody is asked for one. */
static EVP_PKEY *
keys_pem(const char *text, size_t len, int private)
{
	char		 none[] = "";
	EVP_PKEY	*pkey;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		return NULL;
	pkey = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, none) :
	    PEM_read_bio_PUBKEY(bio, NULL, NULL, none);
	BIO_free(bio);
	return pkey;
}

static int
keys_load_pem(struct keys *keys, const char *text, size_t len, int sign,
    const char **why)
{
	struct key	*key = &keys->key[sign ? 0 : keys->nkeys];
	struct key	 new = { .own = 1 };

	*why = "is one key too many";
	if (sign ? key->own : keys->nkeys == KEYS_PUBLIC_MAX)
		return -1;
	*why = "holds no key in PEM form without password";
	if ((new.pkey = keys_pem(text, len, 1)) == NULL && !sign)
		new.pkey = keys_pem(text, len, 0);
	if (new.pkey == NULL || jwk_alg(new.pkey, &new.alg, why) == -1)
		goto fail;
	*why = "holds two halves that do not belong together";
	if (sign && jws_ready(&new) == -1)
		goto fail;
	*why = "cannot be published";
	if (jwk_make(&new) == -1)
		goto fail;
	if (!sign) {
		EVP_PKEY_free(new.pkey);	/* not needed any more */
		new.pkey = NULL;
		keys->nkeys++;
	}
	*key = new;
	return 0;
 fail:
	key_clear(&new);
	return -1;
}

static int
keys_derive(uint8_t out[CRYPTO_KEY_LEN], const uint8_t secret[CRYPTO_KEY_LEN],
    const char *label)
{
	return crypto_hkdf(out, secret, CRYPTO_KEY_LEN,
	    "grantd", 6, label, strlen(label));
}

static int
keys_load_shared(struct keys *keys, char *text, uint32_t version,
    const char **why)
{
	struct key_shared	*k = &keys->shared[keys->nshared];
	uint8_t			 secret[CRYPTO_KEY_LEN];
	int			 ret = -1;

	*why = "does not begin with a line of 64 hexadecimal digits";
	text[strcspn(text, "\r\n")] = '\0';
	if (hex_decode(secret, sizeof(secret), text) == -1)
		goto done;
	*why = "has a version that is 0, there already, or one too many";
	if (version == 0 || keys->nshared == KEYS_SHARED_MAX ||
	    (keys->nshared > 0 && keys_shared(keys, version) != NULL))
		goto done;
	*why = "cannot be used";
	if (keys_derive(k->derive, secret, "refresh secret") == -1 ||
	    keys_derive(k->seal, secret, "seed seal") == -1 ||
	    keys_derive(k->mac, secret, "public key") == -1)
		goto done;
	k->version = version;
	keys->nshared++;
	ret = 0;
 done:
	explicit_bzero(secret, sizeof(secret));
	return ret;
}

int
keys_load(struct keys *keys, const struct msg_key *m, int fd, const char **why)
{
	size_t	 len = 0;
	ssize_t	 n;
	int	 ret = -1;

	while ((n = read(fd, keys->file + len, KEYS_FILE_MAX - len)) > 0)
		len += (size_t)n;
	*why = "cannot be read";
	if (n == 0 && len < KEYS_FILE_MAX)
		ret = m->purpose == KEY_SHARED ?
		    keys_load_shared(keys, keys->file, m->version, why) :
		    keys_load_pem(keys, keys->file, len,
		    m->purpose == KEY_SIGN, why);
	explicit_bzero(keys->file, sizeof(keys->file));
	(void)close(fd);
	return ret;
}

int
keys_ready(const struct keys *keys)
{
	return keys->key[0].own && keys->nshared > 0;
}

const struct key_shared *
keys_shared(const struct keys *keys, uint32_t version)
{
	const struct key_shared	*k, *best = NULL;

	for (k = keys->shared; k < keys->shared + keys->nshared; k++)
		if (k->version == version || (version == 0 &&
		    (best == NULL || k->version > best->version)))
			best = k;
	return best;
}

/* Every field with its end, so that no two keys have the same text. */
static int
keys_mac(uint8_t out[MSG_MAC_LEN], const struct key_shared *k,
    const struct msg_pubkey *p)
{
	char	 text[MAC_INPUT_MAX];
	int	 n;

	n = snprintf(text, sizeof(text), "%s\n%s\n%s", p->kid, p->alg, p->jwk);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -1;
	return crypto_hmac(out, k->mac, sizeof(k->mac), text, (size_t)n);
}

int
keys_pubkey(const struct keys *keys, size_t n, struct msg_pubkey *p)
{
	const struct key_shared	*k = keys_shared(keys, 0);
	const struct key	*key = &keys->key[n];

	if (n >= keys->nkeys || !key->own || k == NULL)
		return -1;
	p->kid = (char *)(uintptr_t)key->kid;
	p->alg = (char *)(uintptr_t)jwk_alg_name(key->alg);
	p->jwk = key->jwk;
	return keys_mac(p->mac, k, p);
}

int
keys_foreign(struct keys *keys, const struct msg_pubkey *p, const char **why)
{
	struct key	*key = &keys->key[keys->nkeys];
	uint8_t		 mac[MSG_MAC_LEN];
	size_t		 i;

	*why = "MAC is not of a shared key";
	for (i = 0; i < keys->nshared; i++)
		if (keys_mac(mac, &keys->shared[i], p) == 0 &&
		    CRYPTO_memcmp(mac, p->mac, sizeof(mac)) == 0)
			break;
	if (i == keys->nshared)
		return -1;
	for (i = 0; i < keys->nkeys; i++)
		if (strcmp(p->kid, keys->key[i].kid) == 0)
			return 0;
	*why = "is one key too many, or too long";
	if (keys->nkeys == KEYS_PUBLIC_MAX || strlcpy(key->kid, p->kid,
	    sizeof(key->kid)) >= sizeof(key->kid) ||
	    (key->jwk = strdup(p->jwk)) == NULL)
		return -1;
	keys->nkeys++;
	return 1;
}

char *
keys_jwks(const struct keys *keys)
{
	static const char	 head[] = "{\"keys\":[", tail[] = "]}";
	char			*text;
	size_t			 i, size = sizeof(head) + sizeof(tail);

	for (i = 0; i < keys->nkeys; i++)
		size += strlen(keys->key[i].jwk) + 1;
	if ((text = malloc(size)) == NULL)
		return NULL;
	(void)strlcpy(text, head, size);	/* size is the sum */
	for (i = 0; i < keys->nkeys; i++) {
		(void)strlcat(text, i > 0 ? "," : "", size);
		(void)strlcat(text, keys->key[i].jwk, size);
	}
	(void)strlcat(text, tail, size);
	return text;
}
