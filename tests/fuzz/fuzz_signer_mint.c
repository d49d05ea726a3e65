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
 * Any bytes as a request to mint.  What comes out is either refused and
 * empty, or a token whose form is right and for which the journal has a
 * line without a byte that could end it.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "fuzz.h"
#include "token.h"

#define SHARED	"00112233445566778899aabbccddeeff" \
		"00112233445566778899aabbccddeeff"

/* RFC 8037 A.1: signs fast and always alike. */
static const char pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	"-----END PRIVATE KEY-----\n";

static void
load(struct keys *keys, enum key_purpose purpose, const char *text)
{
	struct msg_key	 m = { .purpose = purpose, .version = 1 };
	const char	*why;
	int		 fd[2];

	if (pipe(fd) == -1 || write(fd[1], text, strlen(text)) == -1 ||
	    close(fd[1]) == -1 || keys_load(keys, &m, fd[0], &why) == -1)
		abort();
}

static struct mint *
room(void)
{
	static struct mint	 mint;
	int			 locked;

	if (mint.keys != NULL)
		return &mint;
	(void)crypto_start();
	if ((mint.keys = keys_new(&locked)) == NULL)
		abort();
	load(mint.keys, KEY_SIGN, pem);
	load(mint.keys, KEY_SHARED, SHARED);
	mint.policy.issuer = strdup("https://id.example");
	mint.policy.lifetime_max = 3600;
	journal_init(&mint.journal);
	mint.journal.fd = 1;	/* never committed */
	return &mint;
}

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
	struct mint		*mint = room();
	struct msg_mint		 m;
	struct msg_minted	 made;
	struct ibuf		*buf;

	if (size == 0 || (buf = ibuf_dynamic(0, size)) == NULL ||
	    ibuf_add(buf, data, size) == -1)
		return 0;
	memset(&m, 0, sizeof(m));
	if (msg_mint_decode(buf, &m) == 0) {
		mint->journal.wait_len = 0;
		mint_make(mint, &m, 1800000000, &made);
		if (made.error == MINT_OK) {
			if (policy_check(&m) != NULL || made.access == NULL ||
			    strspn(made.access, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789-_.") !=
			    strlen(made.access) ||
			    made.exp - made.iat > 3600 ||
			    mint->journal.wait_len == 0 ||
			    memchr(mint->journal.wait, '\n',
			    mint->journal.wait_len) !=
			    mint->journal.wait + mint->journal.wait_len - 1)
				abort();
		} else if (made.access != NULL || made.refresh != NULL ||
		    made.seed != NULL || mint->journal.wait_len != 0)
			abort();
		msg_minted_free(&made);
	}
	msg_mint_free(&m);
	ibuf_free(buf);
	return 0;
}
