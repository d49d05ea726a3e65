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
 * Small pure helpers: base64url (RFC 4648 5, no padding), hex, UUIDs
 * (RFC 9562), random bytes, and the text form of refresh secrets.
 */

#ifndef CODEC_H
#define CODEC_H

#include <sys/types.h>
#include <stdint.h>

#include "msg.h"

#define B64URL_LEN(n)	(((n) * 4 + 2) / 3)	/* characters for n bytes */

/* out has room for B64URL_LEN(len) + 1. */
void	 b64url_encode(char *out, const void *in, size_t len);
/* How many characters from the first on are of the alphabet. */
size_t	 b64url_span(const char *, size_t len);
/* Strict: no padding, no foreign bytes, no stray bits.  Length or -1. */
ssize_t	 b64url_decode(void *out, size_t outsize, const char *in, size_t len);

/* out has room for 2 * len + 1; lower case. */
void	 hex_encode(char *out, const void *in, size_t len);
/* Exactly outlen bytes; 0 or -1. */
int	 hex_decode(void *out, size_t outlen, const char *in);

#define UUID_STRLEN	36
void	 uuid7(uint8_t out[UUID_LEN]);	/* now, and arc4random */
void	 uuid_format(char out[UUID_STRLEN + 1], const uint8_t in[UUID_LEN]);
int	 uuid_parse(uint8_t out[UUID_LEN], const char *);	/* 0/-1 */

/*
 * A refresh secret: "grt_" and base64url of family, generation (32 bit,
 * network order) and the derived part.
 */
#define REFRESH_PREFIX	"grt_"
#define REFRESH_MAC_LEN	32
#define REFRESH_STRLEN	(4 + B64URL_LEN(UUID_LEN + 4 + REFRESH_MAC_LEN))
struct refresh_secret {
	uint8_t		 family[UUID_LEN];
	uint32_t	 generation;
	uint8_t		 mac[REFRESH_MAC_LEN];
};
void	 refresh_format(char out[REFRESH_STRLEN + 1],
	    const struct refresh_secret *);
int	 refresh_parse(struct refresh_secret *, const char *);	/* 0/-1 */

#endif /* CODEC_H */
