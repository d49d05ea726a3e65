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
 * What else compat/ adds: comparisons in constant time, password hashes.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HASH_SIZE	128

static int
sign(int n)
{
	return ((n > 0) - (n < 0));
}

/* Every pair of bytes, at every place of a short text, as memcmp(3). */
static void
compares_as_memcmp(void **state)
{
	unsigned char	 a[3], b[3];
	int		 i, j;
	size_t		 at;

	(void)state;
	for (at = 0; at < sizeof(a); at++)
		for (i = 0; i < 256; i++)
			for (j = 0; j < 256; j++) {
				memset(a, 'x', sizeof(a));
				memset(b, 'x', sizeof(b));
				a[at] = i;
				b[at] = j;
				if (at + 1 < sizeof(a)) {
					a[at + 1] = j;	/* later: no matter */
					b[at + 1] = i;
				}
				assert_int_equal(sign(timingsafe_memcmp(a, b,
				    sizeof(a))), sign(memcmp(a, b, sizeof(a))));
			}
}

static void
nothing_is_equal(void **state)
{
	(void)state;
	assert_int_equal(timingsafe_memcmp("a", "b", 0), 0);
}

static void
hashes_check(void **state)
{
	char	 hash[HASH_SIZE], other[HASH_SIZE], small[20];

	(void)state;
	assert_int_equal(crypt_newhash("secret", "bcrypt,4", hash,
	    sizeof(hash)), 0);
	assert_memory_equal(hash, "$2b$04$", 7);
	assert_int_equal(strlen(hash), 60);
	assert_int_equal(crypt_newhash("secret", "bcrypt,4", other,
	    sizeof(other)), 0);
	assert_string_not_equal(hash, other);	/* its own salt */
	assert_int_equal(crypt_checkpass("secret", hash), 0);
	assert_int_equal(crypt_checkpass("secret", other), 0);
	errno = 0;
	assert_int_equal(crypt_checkpass("Secret", hash), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(crypt_checkpass("", hash), -1);
	hash[59] = hash[59] == '.' ? '/' : '.';
	assert_int_equal(crypt_checkpass("secret", hash), -1);
	hash[30] = '\0';
	assert_int_equal(crypt_checkpass("secret", hash), -1);
	assert_int_equal(crypt_newhash("secret", "bcrypt,4", small,
	    sizeof(small)), -1);
}

static void
bad_preferences(void **state)
{
	static const char	*bad[] = { "", "bcrypt", "bcrypt,", "bcrypt,3",
	    "bcrypt,32", "bcrypt,4x", "sha512,5" };
	char			 hash[HASH_SIZE];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_int_equal(crypt_newhash("x", bad[i], hash,
		    sizeof(hash)), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void
bad_hashes(void **state)
{
	static const char	*bad[] = { "x", "*", "$2", "$2b$", "$2b$04$",
	    "$1$abcdefgh$", "$6$salt$" };
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_int_equal(crypt_checkpass("x", bad[i]), -1);
		assert_int_equal(errno, EACCES);
	}
	/* Nobody's password: works as long, and fails. */
	assert_int_equal(crypt_checkpass("x", NULL), -1);
	assert_int_equal(crypt_checkpass("", ""), 0);
	assert_int_equal(crypt_checkpass("x", ""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_as_memcmp),
		cmocka_unit_test(nothing_is_equal),
		cmocka_unit_test(hashes_check),
		cmocka_unit_test(bad_preferences),
		cmocka_unit_test(bad_hashes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
