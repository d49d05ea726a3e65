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
 * Text forms of bytes, in every process; pure but for uuid7(), which takes
 * the time and random bytes.  Decoders are strict: one text for one value,
 * so that a changed character is never the same secret.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec.h"

#define REFRESH_RAW_LEN	(UUID_LEN + 4 + REFRESH_MAC_LEN)

static const char b64url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_digits[] = "0123456789abcdef";

void
b64url_encode(char *out, const void *in, size_t len)
{
	const uint8_t	*p = in;
	uint32_t	 v;

	for (; len >= 3; p += 3, len -= 3) {
		v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		*out++ = b64url_alphabet[v >> 18];
		*out++ = b64url_alphabet[v >> 12 & 63];
		*out++ = b64url_alphabet[v >> 6 & 63];
		*out++ = b64url_alphabet[v & 63];
	}
	if (len == 2) {
		v = (uint32_t)p[0] << 8 | p[1];
		*out++ = b64url_alphabet[v >> 10];
		*out++ = b64url_alphabet[v >> 4 & 63];
		*out++ = b64url_alphabet[v << 2 & 63];
	} else if (len == 1) {
		*out++ = b64url_alphabet[p[0] >> 2];
		*out++ = b64url_alphabet[p[0] << 4 & 63];
	}
	*out = '\0';
}

#define B64URL_FOREIGN	0xff		/* more than any value */

/* Values of the characters from '-' to 'z'. */
static const uint8_t b64url_values[] = {
	62, 0xff, 0xff,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25,
	0xff, 0xff, 0xff, 0xff, 63, 0xff,
	26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
	43, 44, 45, 46, 47, 48, 49, 50, 51
};

static uint32_t
b64url_value(char c)
{
	unsigned int	 i = (unsigned char)c - (unsigned int)'-';

	return i < sizeof(b64url_values) ? b64url_values[i] : B64URL_FOREIGN;
}

size_t
b64url_span(const char *text, size_t len)
{
	size_t	 n = 0;

	while (n < len && b64url_value(text[n]) != B64URL_FOREIGN)
		n++;
	return n;
}

ssize_t
b64url_decode(void *out, size_t outsize, const char *in, size_t len)
{
	uint8_t		*p = out;
	uint32_t	 a, b, c, d, v;

	if (len % 4 == 1 || len / 4 * 3 + (len % 4 * 3) / 4 > outsize)
		return -1;
	for (; len >= 4; in += 4, len -= 4) {
		a = b64url_value(in[0]);
		b = b64url_value(in[1]);
		c = b64url_value(in[2]);
		d = b64url_value(in[3]);
		if ((a | b | c | d) > 63)
			return -1;
		v = a << 18 | b << 12 | c << 6 | d;
		*p++ = v >> 16 & 0xff;
		*p++ = v >> 8 & 0xff;
		*p++ = v & 0xff;
	}
	if (len > 0) {
		a = b64url_value(in[0]);
		b = b64url_value(in[1]);
		c = len == 3 ? b64url_value(in[2]) : 0;
		v = a << 12 | b << 6 | c;
		/* No byte takes the last bits: one text for one value. */
		if ((a | b | c) > 63 || (v & (len == 3 ? 0x3 : 0x3ff)) != 0)
			return -1;
		*p++ = v >> 10 & 0xff;
		if (len == 3)
			*p++ = v >> 2 & 0xff;
	}
	return p - (uint8_t *)out;
}

void
hex_encode(char *out, const void *in, size_t len)
{
	const uint8_t	*p = in;
	size_t		 i;

	for (i = 0; i < len; i++) {
		*out++ = hex_digits[p[i] >> 4];
		*out++ = hex_digits[p[i] & 15];
	}
	*out = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* n bytes of 2 * n digits, which may be followed by anything. */
static int
hex_bytes(uint8_t *out, size_t n, const char *in)
{
	size_t	 i;
	int	 high, low;

	for (i = 0; i < n; i++) {
		if ((high = hex_value(in[2 * i])) == -1 ||
		    (low = hex_value(in[2 * i + 1])) == -1)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int
hex_decode(void *out, size_t outlen, const char *in)
{
	if (strlen(in) != 2 * outlen)
		return -1;
	return hex_bytes(out, outlen, in);
}

/* RFC 9562 5.7: 48 bits of milliseconds, version, variant, random bits. */
void
uuid7(uint8_t out[UUID_LEN])
{
	struct timespec	 now;
	uint64_t	 ms;
	int		 i;

	(void)clock_gettime(CLOCK_REALTIME, &now);	/* cannot fail */
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	arc4random_buf(out, UUID_LEN);
	for (i = 5; i >= 0; i--, ms >>= 8)
		out[i] = ms & 0xff;
	out[6] = (uint8_t)(0x70 | (out[6] & 0x0f));
	out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}

/* Digits before each hyphen of a UUID (RFC 9562 4), in bytes. */
static const uint8_t uuid_groups[] = { 4, 2, 2, 2, 6 };

void
uuid_format(char out[UUID_STRLEN + 1], const uint8_t in[UUID_LEN])
{
	size_t	 i;

	for (i = 0; i < sizeof(uuid_groups); i++) {
		if (i > 0)
			*out++ = '-';
		hex_encode(out, in, uuid_groups[i]);
		in += uuid_groups[i];
		out += 2 * uuid_groups[i];
	}
}

int
uuid_parse(uint8_t out[UUID_LEN], const char *in)
{
	size_t	 i;

	if (strlen(in) != UUID_STRLEN)
		return -1;
	for (i = 0; i < sizeof(uuid_groups); i++) {
		if (i > 0 && *in++ != '-')
			return -1;
		if (hex_bytes(out, uuid_groups[i], in) == -1)
			return -1;
		out += uuid_groups[i];
		in += 2 * uuid_groups[i];
	}
	return 0;
}

void
refresh_format(char out[REFRESH_STRLEN + 1], const struct refresh_secret *s)
{
	uint8_t	 raw[REFRESH_RAW_LEN];
	size_t	 i;

	memcpy(raw, s->family, UUID_LEN);
	for (i = 0; i < 4; i++)
		raw[UUID_LEN + i] = s->generation >> (24 - 8 * i) & 0xff;
	memcpy(raw + UUID_LEN + 4, s->mac, REFRESH_MAC_LEN);
	memcpy(out, REFRESH_PREFIX, sizeof(REFRESH_PREFIX) - 1);
	b64url_encode(out + sizeof(REFRESH_PREFIX) - 1, raw, sizeof(raw));
	explicit_bzero(raw, sizeof(raw));
}

int
refresh_parse(struct refresh_secret *s, const char *in)
{
	uint8_t	 raw[REFRESH_RAW_LEN];
	size_t	 i;
	int	 result = -1;

	memset(s, 0, sizeof(*s));
	if (strlen(in) != REFRESH_STRLEN ||
	    strncmp(in, REFRESH_PREFIX, sizeof(REFRESH_PREFIX) - 1) != 0)
		return -1;
	in += sizeof(REFRESH_PREFIX) - 1;
	if (b64url_decode(raw, sizeof(raw), in, strlen(in)) !=
	    (ssize_t)sizeof(raw))
		goto done;
	memcpy(s->family, raw, UUID_LEN);
	for (i = 0; i < 4; i++)
		s->generation = s->generation << 8 | raw[UUID_LEN + i];
	memcpy(s->mac, raw + UUID_LEN + 4, REFRESH_MAC_LEN);
	result = 0;
done:
	explicit_bzero(raw, sizeof(raw));
	return result;
}
