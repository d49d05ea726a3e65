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
 * Fuzz driver of the text forms: what is taken is written again as it was,
 * what is written is taken.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "codec.h"
#include "fuzz.h"
#include "log.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static void
text_b64url(const char *text, size_t len)
{
	uint8_t	*bytes;
	char	*again;
	ssize_t	 n;

	must((bytes = malloc(len + 1)) != NULL);
	must((again = malloc(B64URL_LEN(len) + 1)) != NULL);
	if ((n = b64url_decode(bytes, len, text, len)) != -1) {
		b64url_encode(again, bytes, (size_t)n);
		must(strlen(again) == len && memcmp(again, text, len) == 0);
	}
	b64url_encode(again, text, len);
	n = b64url_decode(bytes, len, again, strlen(again));
	must(n == (ssize_t)len && memcmp(bytes, text, len) == 0);
	free(again);
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refresh_secret	 secret;
	uint8_t			 id[UUID_LEN];
	char			 again[REFRESH_STRLEN + 1], *text;
	const char		*p;

	must((text = malloc(size + 1)) != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	text_b64url(text, size);
	if (uuid_parse(id, text) == 0) {
		uuid_format(again, id);
		must(strcasecmp(again, text) == 0);
	}
	if (refresh_parse(&secret, text) == 0) {
		refresh_format(again, &secret);
		must(strcmp(again, text) == 0);
	}
	if (hex_decode(id, sizeof(id), text) == 0) {
		hex_encode(again, id, sizeof(id));
		must(strcasecmp(again, text) == 0);
	}
	for (p = log_vis(text, size); *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	free(text);
	return 0;
}
