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

#include <ctype.h>
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
	return crypto_pages(sizeof(struct keys), locked);
}

static void
key_clear(struct key *key)
{
	EVP_PKEY_free(key->pkey);
	free(key->jwk);
	memset(key, 0, sizeof(*key));
}

void
keys_free(struct keys *keys)
{
	size_t	 i;

	if (keys == NULL)
		return;
	key_clear(&keys->sign);
	for (i = 0; i < keys->npublished; i++)
		key_clear(&keys->published[i]);
	crypto_pages_free(keys, sizeof(*keys));
}

/* An encrypted PEM file has nobody to ask for its password. */
static int
keys_no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf, (void)size, (void)rwflag, (void)arg;
	return -1;
}

static EVP_PKEY *
keys_pem(const char *text, size_t len, int private)
{
	EVP_PKEY	*pkey;
	BIO		*bio;

	if ((bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		return NULL;
	pkey = private ?
	    PEM_read_bio_PrivateKey(bio, NULL, keys_no_password, NULL) :
	    PEM_read_bio_PUBKEY(bio, NULL, keys_no_password, NULL);
	BIO_free(bio);
	return pkey;
}

static int
keys_load_pem(struct keys *keys, const char *text, size_t len, int sign,
    const char **why)
{
	struct key	*key = &keys->sign, new = { .own = 1 };

	*why = "is one key too many";
	if (sign ? key->pkey != NULL : keys->npublished == KEYS_PUBLIC_MAX)
		return -1;
	if (!sign)
		key = &keys->published[keys->npublished];
	*why = "holds no key in PEM form without password";
	if ((new.pkey = keys_pem(text, len, 1)) == NULL && !sign)
		new.pkey = keys_pem(text, len, 0);
	if (new.pkey == NULL || jwk_alg(new.pkey, &new.alg, why) == -1)
		goto fail;
	*why = "holds two halves that do not belong together";
	if (sign && jws_check(&new) == -1)
		goto fail;
	*why = "cannot be published";
	if (jwk_make(&new) == -1)
		goto fail;
	if (!sign) {
		EVP_PKEY_free(new.pkey);	/* its private half is not needed */
		new.pkey = NULL;
		keys->npublished++;
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
keys_load_shared(struct keys *keys, char *text, size_t len, uint32_t version,
    const char **why)
{
	struct key_shared	*k = &keys->shared[keys->nshared];
	uint8_t			 secret[CRYPTO_KEY_LEN];
	int			 ret = -1;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	*why = "holds no 64 hexadecimal digits";
	if (len != 2 * sizeof(secret) ||
	    hex_decode(secret, sizeof(secret), text) == -1)
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
	char	*text;
	size_t	 len = 0;
	ssize_t	 n;
	int	 locked, ret = -1;

	*why = "cannot be read";
	if ((text = crypto_pages(KEYS_FILE_MAX, &locked)) == NULL)
		goto done;
	while ((n = read(fd, text + len, KEYS_FILE_MAX - 1 - len)) > 0)
		len += (size_t)n;
	if (n == -1 || len == KEYS_FILE_MAX - 1)
		goto done;
	ret = m->purpose == KEY_SHARED ?
	    keys_load_shared(keys, text, len, m->version, why) :
	    keys_load_pem(keys, text, len, m->purpose == KEY_SIGN, why);
 done:
	crypto_pages_free(text, KEYS_FILE_MAX);
	(void)close(fd);
	return ret;
}

const char *
keys_missing(const struct keys *keys)
{
	return keys->sign.pkey == NULL ? "signing key" :
	    keys->nshared == 0 ? "shared key" : NULL;
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
	const struct key	*key;

	key = n == 0 ? &keys->sign : &keys->published[n - 1];
	if (n > keys->npublished || !key->own || k == NULL)
		return -1;
	p->kid = (char *)(uintptr_t)key->kid;
	p->alg = (char *)(uintptr_t)jwk_alg_name(key->alg);
	p->jwk = key->jwk;
	return keys_mac(p->mac, k, p);
}

int
keys_foreign(struct keys *keys, const struct msg_pubkey *p, const char **why)
{
	struct key	*key;
	uint8_t		 mac[MSG_MAC_LEN];
	size_t		 i;

	*why = "MAC is not of a shared key";
	for (i = 0; i < keys->nshared; i++)
		if (keys_mac(mac, &keys->shared[i], p) == 0 &&
		    CRYPTO_memcmp(mac, p->mac, sizeof(mac)) == 0)
			break;
	if (i == keys->nshared)
		return -1;
	if (strcmp(p->kid, keys->sign.kid) == 0)
		return 0;
	for (i = 0; i < keys->npublished; i++)
		if (strcmp(p->kid, keys->published[i].kid) == 0)
			return 0;
	*why = "is one key too many";
	if (keys->npublished == KEYS_PUBLIC_MAX)
		return -1;
	key = &keys->published[keys->npublished];
	*why = "cannot be kept";
	if (strlcpy(key->kid, p->kid, sizeof(key->kid)) >= sizeof(key->kid) ||
	    (key->jwk = strdup(p->jwk)) == NULL)
		return -1;
	keys->npublished++;
	return 1;
}

char *
keys_jwks(const struct keys *keys)
{
	char	*text;
	size_t	 i, size = sizeof("{\"keys\":[]}") + strlen(keys->sign.jwk);

	for (i = 0; i < keys->npublished; i++)
		size += strlen(keys->published[i].jwk) + 1;
	if ((text = malloc(size)) == NULL)
		return NULL;
	(void)strlcpy(text, "{\"keys\":[", size);	/* size is the sum */
	(void)strlcat(text, keys->sign.jwk, size);
	for (i = 0; i < keys->npublished; i++) {
		(void)strlcat(text, ",", size);
		(void)strlcat(text, keys->published[i].jwk, size);
	}
	(void)strlcat(text, "]}", size);
	return text;
}
