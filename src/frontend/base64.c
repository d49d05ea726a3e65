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
 * Base64 with padding.  Room: frontend.  Pure.
 */

#include "config.h"

#include <stdint.h>

#include "base64.h"

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ssize_t
base64_decode(char *out, size_t outsize, const char *in, size_t len)
{
	uint32_t	 bits = 0;
	size_t		 i, n = 0, digits = 0, pads = 0;
	int		 v;

	for (i = 0; i < len; i++) {
		if (in[i] == '\n' || in[i] == '\r')
			continue;
		if (in[i] == '=') {
			pads++;
			continue;
		}
		if (pads > 0 || (v = base64_value(in[i])) == -1)
			return -1;
		bits = bits << 6 | (uint32_t)v;
		if (digits++ % 4 == 0)
			continue;
		if (n == outsize)
			return -1;
		out[n++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	/* the last group is whole, and no bit is left behind */
	if ((digits + pads) % 4 != 0 || pads > 2 || digits % 4 == 1 ||
	    (digits % 4 != 0 &&
	    (bits & (digits % 4 == 2 ? 0x0fU : 0x03U)) != 0))
		return -1;
	return (ssize_t)n;
}
