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
 * Looks through the bytes of a JSON text before the parser does: UTF-8 in
 * its shortest forms (RFC 3629) and escapes of strings that yajl would let
 * pass or mend silently.  Room: frontend, fetcher, grantctl.  Pure.
 */

#include "config.h"

#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include "json.h"
#include "json_utf8.h"

/* Length of the UTF-8 sequence at p, of at most left bytes; 0 if it is none. */
size_t
json_utf8_len(const char *text, size_t left)
{
	const unsigned char	*p = (const unsigned char *)text;
	unsigned char		 low = 0x80, high = 0xbf;
	size_t			 i, n;

	if (left == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	/* RFC 3629 4: the second byte rules out long forms and surrogates. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

int
json_utf8_check(const char *text, size_t len, size_t *bad)
{
	size_t	i = 0, n;

	while (i < len) {
		if ((n = json_utf8_len(text + i, len - i)) == 0) {
			if (bad != NULL)
				*bad = i;
			return -1;
		}
		i += n;
	}
	return 0;
}

static int
json_hex4(const char *p, size_t left, unsigned int *out)
{
	size_t	i;
	int	c;

	if (left < 4)
		return -1;
	*out = 0;
	for (i = 0; i < 4; i++) {
		c = (unsigned char)p[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return -1;
		*out = *out << 4 | (unsigned int)c;
	}
	return 0;
}

/*
 * The escape whose backslash is at p.  Its length, or 0 and *why.  What is
 * no escape at all passes here: the parser says it better.
 */
static size_t
json_scan_escape(const char *p, size_t left, const char **why)
{
	unsigned int	high, low;

	if (left < 2 || p[1] == '\0')
		return 1;
	if (p[1] == 'b' || p[1] == 'f') {
		*why = "control characters other than tab, line feed and "
		    "carriage return are not allowed";
		return 0;
	}
	if (p[1] != 'u' || json_hex4(p + 2, left - 2, &high) == -1)
		return 2;
	if (high == 0) {
		*why = "the character U+0000 is not allowed";
		return 0;
	}
	if (high < 0x20 && high != '\t' && high != '\n' && high != '\r') {
		*why = "control characters other than tab, line feed and "
		    "carriage return are not allowed";
		return 0;
	}
	if (high < 0xd800 || high > 0xdfff)
		return 6;
	if (high < 0xdc00 && left >= 12 && p[6] == '\\' && p[7] == 'u' &&
	    json_hex4(p + 8, left - 8, &low) == 0 &&
	    low >= 0xdc00 && low <= 0xdfff)
		return 12;
	*why = "a surrogate stands alone (RFC 8259 section 8.2)";
	return 0;
}

int
json_scan(const char *text, size_t len, size_t *start, const char **why)
{
	size_t	i = 0, n;
	int	string = 0;

	*start = 0;
	while (i < len) {
		if (text[i] == '"') {
			string = !string;
			*start = i++;
			continue;
		}
		if (text[i] == '\\' && string)
			n = json_scan_escape(text + i, len - i, why);
		else if ((n = json_utf8_len(text + i, len - i)) == 0)
			*why = "the text is not UTF-8";
		if (n == 0) {
			if (!string)
				*start = i;
			return -1;
		}
		i += n;
	}
	return 0;
}
