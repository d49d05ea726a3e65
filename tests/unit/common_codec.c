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


/* Text forms: base64url, hex, UUIDs, refresh secrets, foreign text. */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "codec.h"
#include "log.h"

/* RFC 4648 10, without padding, and the two characters that differ. */
static const struct {
	const char	*bytes;
	const char	*text;
} b64_pairs[] = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "-__-" },
};

static void
b64url_vectors(void **state)
{
	char	 text[64], bytes[64];
	size_t	 i, len;

	(void)state;
	for (i = 0; i < sizeof(b64_pairs) / sizeof(b64_pairs[0]); i++) {
		len = strlen(b64_pairs[i].bytes);
		b64url_encode(text, b64_pairs[i].bytes, len);
		assert_string_equal(text, b64_pairs[i].text);
		assert_int_equal(strlen(text), B64URL_LEN(len));
		assert_int_equal(b64url_decode(bytes, len, text, strlen(text)),
		    len);
		assert_memory_equal(bytes, b64_pairs[i].bytes, len);
		if (len > 0)
			assert_int_equal(b64url_decode(bytes, len - 1, text,
			    strlen(text)), -1);
	}
}

static void
b64url_every_length(void **state)
{
	uint8_t	 in[100], out[100];
	char	 text[B64URL_LEN(100) + 1];
	size_t	 len;

	(void)state;
	arc4random_buf(in, sizeof(in));
	for (len = 0; len <= sizeof(in); len++) {
		b64url_encode(text, in, len);
		assert_int_equal(strlen(text), B64URL_LEN(len));
		assert_int_equal(b64url_decode(out, sizeof(out), text,
		    strlen(text)), len);
		assert_memory_equal(in, out, len);
	}
}

/* Each byte in each of four places: only the alphabet is read and spanned. */
static void
b64url_every_byte(void **state)
{
	static const char	 alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	char			 text[4], again[8];
	uint8_t			 out[3];
	int			 c, good;
	size_t			 at;

	(void)state;
	for (c = 0; c < 256; c++) {
		good = c != 0 && strchr(alphabet, c) != NULL;
		for (at = 0; at < sizeof(text); at++) {
			memset(text, 'A', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(b64url_decode(out, sizeof(out), text,
			    sizeof(text)), good ? 3 : -1);
			assert_int_equal(b64url_span(text, sizeof(text)),
			    good ? sizeof(text) : at);
			if (!good)
				continue;
			b64url_encode(again, out, sizeof(out));
			assert_memory_equal(again, text, sizeof(text));
		}
	}
	assert_int_equal(b64url_span(text, 0), 0);
}

/* Of all endings of two and three those that are written so are read. */
static void
b64url_every_ending(void **state)
{
	char	 text[3], again[8];
	uint8_t	 out[2];
	size_t	 len;
	ssize_t	 n;
	int	 a, b, good = 0;

	(void)state;
	for (len = 2; len <= 3; len++)
		for (a = 0; a < 256; a++)
			for (b = 0; b < 256; b++) {
				memset(text, 'Q', sizeof(text));
				text[len - 2] = (char)a;
				text[len - 1] = (char)b;
				n = b64url_decode(out, sizeof(out), text, len);
				if (n == -1)
					continue;
				good++;
				b64url_encode(again, out, (size_t)n);
				assert_memory_equal(again, text, len);
			}
	assert_int_equal(good, 64 * 4 + 64 * 16);
}

static void
b64url_refuses(void **state)
{
	static const char *const	 bad[] = {
		"Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm+v", "Zm/v",
		"Zm 9", "Zm9v\n", "Zm\x80v", "Z\0019v",
	};
	char		 out[16];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(b64url_decode(out, sizeof(out), bad[i],
		    strlen(bad[i])), -1);
	assert_int_equal(b64url_decode(out, sizeof(out), "Zm\0v", 4), -1);
}

static void
hex_both_ways(void **state)
{
	uint8_t	 out[4];
	char	 text[9];

	(void)state;
	hex_encode(text, "\x00\x9a\xff\x10", 4);
	assert_string_equal(text, "009aff10");
	assert_int_equal(hex_decode(out, 4, "009AfF10"), 0);
	assert_memory_equal(out, "\x00\x9a\xff\x10", 4);
	assert_int_equal(hex_decode(out, 4, "009aff1"), -1);
	assert_int_equal(hex_decode(out, 4, "009aff100"), -1);
	assert_int_equal(hex_decode(out, 4, "009aff1g"), -1);
	assert_int_equal(hex_decode(out, 4, ""), -1);
}

static void
uuid_both_ways(void **state)
{
	uint8_t	 id[UUID_LEN], other[UUID_LEN];
	char	 text[UUID_STRLEN + 1], bad[UUID_STRLEN + 2];
	size_t	 i;

	(void)state;
	uuid7(id);
	uuid_format(text, id);
	assert_int_equal(strlen(text), UUID_STRLEN);
	assert_int_equal(uuid_parse(other, text), 0);
	assert_memory_equal(id, other, UUID_LEN);
	assert_int_equal(uuid_parse(other,
	    "0190163D-8694-739B-AEA5-966C26F8AD91"), 0);
	uuid_format(text, other);
	assert_string_equal(text, "0190163d-8694-739b-aea5-966c26f8ad91");

	for (i = 0; i < UUID_STRLEN; i++) {
		(void)strlcpy(bad, text, sizeof(bad));
		bad[i] = 'x';
		assert_int_equal(uuid_parse(other, bad), -1);
		bad[i] = '\0';
		assert_int_equal(uuid_parse(other, bad), -1);
	}
	(void)strlcpy(bad, text, sizeof(bad));
	(void)strlcat(bad, "0", sizeof(bad));
	assert_int_equal(uuid_parse(other, bad), -1);
	assert_int_equal(uuid_parse(other,
	    "0190163d08694-739b-aea5-966c26f8ad91"), -1);
}

static void
uuid7_layout(void **state)
{
	uint8_t		 a[UUID_LEN], b[UUID_LEN];
	uint64_t	 ms = 0;
	time_t		 before = time(NULL);
	int		 i;

	(void)state;
	uuid7(a);
	uuid7(b);
	assert_memory_not_equal(a, b, UUID_LEN);
	assert_int_equal(a[6] >> 4, 7);
	assert_int_equal(a[8] >> 6, 2);
	for (i = 0; i < 6; i++)
		ms = ms << 8 | a[i];
	assert_in_range(ms / 1000, (uintmax_t)before - 2,
	    (uintmax_t)time(NULL) + 2);
}

static void
refresh_both_ways(void **state)
{
	struct refresh_secret	 in, out;
	char			 text[REFRESH_STRLEN + 1];
	char			 bad[REFRESH_STRLEN + 2];
	size_t			 i;

	(void)state;
	arc4random_buf(&in, sizeof(in));
	in.generation = 0x01020304;
	refresh_format(text, &in);
	assert_int_equal(strlen(text), REFRESH_STRLEN);
	assert_int_equal(strncmp(text, "grt_", 4), 0);
	assert_int_equal(refresh_parse(&out, text), 0);
	assert_memory_equal(in.family, out.family, UUID_LEN);
	assert_int_equal(out.generation, 0x01020304);
	assert_memory_equal(in.mac, out.mac, REFRESH_MAC_LEN);

	for (i = 0; i < REFRESH_STRLEN; i++) {
		(void)strlcpy(bad, text, sizeof(bad));
		bad[i] = '!';
		assert_int_equal(refresh_parse(&out, bad), -1);
		bad[i] = '\0';
		assert_int_equal(refresh_parse(&out, bad), -1);
	}
	(void)strlcpy(bad, text, sizeof(bad));
	(void)strlcat(bad, "A", sizeof(bad));
	assert_int_equal(refresh_parse(&out, bad), -1);
	(void)strlcpy(bad, text, sizeof(bad));
	bad[0] = 'G';
	assert_int_equal(refresh_parse(&out, bad), -1);
}

static void
log_vis_is_printable(void **state)
{
	char		 foreign[5000];
	const char	*text;
	size_t		 i;

	(void)state;
	text = log_vis("a\nb\033[1m\t\0c\xff", 11);
	for (i = 0; text[i] != '\0'; i++)
		assert_in_range(text[i], ' ', '~');
	assert_non_null(strstr(text, "\\n"));
	assert_string_equal(log_vis("plain", 5), "plain");
	assert_string_equal(log_vis("", 0), "");

	memset(foreign, '\n', sizeof(foreign));
	text = log_vis(foreign, sizeof(foreign));
	assert_in_range(strlen(text), 100, 1100);
	assert_string_equal(text + strlen(text) - 3, "...");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(b64url_vectors),
		cmocka_unit_test(b64url_every_length),
		cmocka_unit_test(b64url_every_byte),
		cmocka_unit_test(b64url_every_ending),
		cmocka_unit_test(b64url_refuses),
		cmocka_unit_test(hex_both_ways),
		cmocka_unit_test(uuid_both_ways),
		cmocka_unit_test(uuid7_layout),
		cmocka_unit_test(refresh_both_ways),
		cmocka_unit_test(log_vis_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
