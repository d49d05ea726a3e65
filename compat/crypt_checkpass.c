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
 * crypt_checkpass(3) and crypt_newhash(3) of OpenBSD over libxcrypt's
 * crypt_rn(3), bcrypt only.  Slow by intent: for the hasher alone.
 */

#include "config.h"

#include <crypt.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BCRYPT_PREFIX	"$2b$"
#define BCRYPT_AUTO	10	/* cost for "bcrypt,a" and for nobody's hash */
#define BCRYPT_SALT	16	/* bytes */

/* Hash of pass by setting; 0, or -1 with errno. */
static int
bcrypt_hash(const char *pass, const char *setting, char *hash, size_t size)
{
	struct crypt_data	*data;
	const char		*text;
	int			 ret = -1;

	if ((data = calloc(1, sizeof(*data))) == NULL)
		return (-1);
	text = crypt_rn(pass, setting, data, sizeof(*data));
	if (text == NULL)
		goto done;
	if (strlcpy(hash, text, size) >= size) {
		errno = EINVAL;
		goto done;
	}
	ret = 0;
 done:
	freezero(data, sizeof(*data));
	return (ret);
}

/*
 * A fresh hash of pass.  pref: "bcrypt,<log2 of the rounds>" or "bcrypt,a".
 * 0, or -1 with EINVAL or what crypt_rn(3) says.
 */
int
crypt_newhash(const char *pass, const char *pref, char *hash, size_t size)
{
	const char	*errstr;
	char		 setting[CRYPT_GENSALT_OUTPUT_SIZE];
	uint8_t		 salt[BCRYPT_SALT];
	int		 cost = BCRYPT_AUTO, ret = -1;

	if (strncmp(pref, "bcrypt,", 7) != 0) {
		errno = EINVAL;
		return (-1);
	}
	if (strcmp(pref + 7, "a") != 0) {
		cost = strtonum(pref + 7, 4, 31, &errstr);
		if (errstr != NULL) {
			errno = EINVAL;
			return (-1);
		}
	}
	arc4random_buf(salt, sizeof(salt));
	if (crypt_gensalt_rn(BCRYPT_PREFIX, cost, (char *)salt, sizeof(salt),
	    setting, sizeof(setting)) != NULL)
		ret = bcrypt_hash(pass, setting, hash, size);
	explicit_bzero(salt, sizeof(salt));
	explicit_bzero(setting, sizeof(setting));
	return (ret);
}

/* 0 if pass has this hash; else -1, EACCES.  NULL takes as long as a hash. */
int
crypt_checkpass(const char *pass, const char *hash)
{
	char	 computed[CRYPT_OUTPUT_SIZE];
	int	 ret = -1;

	if (hash == NULL) {
		(void)crypt_newhash(pass, "bcrypt,a", computed,
		    sizeof(computed));
		goto done;
	}
	if (hash[0] == '\0' && pass[0] == '\0')
		return (0);
	if (strncmp(hash, "$2", 2) != 0 ||
	    bcrypt_hash(pass, hash, computed, sizeof(computed)) == -1)
		goto done;
	if (strlen(computed) == strlen(hash) &&
	    timingsafe_memcmp(computed, hash, strlen(hash)) == 0)
		ret = 0;
 done:
	explicit_bzero(computed, sizeof(computed));
	if (ret == -1)
		errno = EACCES;
	return (ret);
}
