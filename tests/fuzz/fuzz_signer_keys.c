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
 * Any bytes as a key file of each purpose (first byte), and as another
 * host's public key.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "keys.h"

/* The pages of the keys are not searched for pointers to what they own. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int		 started;
	struct msg_key		 m = { .version = 1 };
	struct msg_pubkey	 p;
	struct keys		*keys;
	struct ibuf		*buf;
	const char		*why;
	int			 fd[2], locked;

	if (!started)
		started = 1 + crypto_start();
	if (size < 2 || size > KEYS_FILE_MAX + 16 || pipe(fd) == -1 ||
	    (keys = keys_new(&locked)) == NULL)
		return 0;
	m.purpose = data[0] % 3;
	if (write(fd[1], data + 1, size - 1) == -1)
		abort();
	(void)close(fd[1]);
	if (keys_load(keys, &m, fd[0], &why) == 0 && m.purpose != KEY_SHARED)
		free(keys->key[0].own ? keys_jwks(keys) : NULL);
	memset(&p, 0, sizeof(p));
	if ((buf = ibuf_dynamic(0, size)) != NULL &&
	    ibuf_add(buf, data + 1, size - 1) == 0 &&
	    msg_pubkey_decode(buf, &p) == 0 &&
	    keys_foreign(keys, &p, &why) == 1)
		abort();	/* nobody guesses the MAC */
	msg_pubkey_free(&p);
	ibuf_free(buf);
	keys_free(keys);
	return 0;
}
