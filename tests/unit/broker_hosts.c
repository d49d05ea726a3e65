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
 * Lists of hosts: which one to begin with.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "db_int.h"

static void
rotated(const char *list, unsigned by, const char *want)
{
	char out[64];

	hosts_rotate(out, sizeof(out), list, by);
	assert_string_equal(out, want);
}

static void
test_rotate(void **state)
{
	(void)state;
	rotated("a,b,c", 0, "a,b,c");
	rotated("a,b,c", 1, "b,c,a");
	rotated("a,b,c", 2, "c,a,b");
	rotated("a,b,c", 3, "a,b,c");
	rotated("a,b,c", 4294967295U, "a,b,c");
	rotated("10.0.0.1,::1", 1, "::1,10.0.0.1");
	rotated("a", 7, "a");
	rotated("", 7, "");
	rotated(",", 1, ",");
	rotated("a,,c", 1, ",c,a");
}

static void
test_lists(void **state)
{
	struct hosts h;

	(void)state;
	hosts_from(&h, "host=db1,db2 hostaddr=10.0.0.1,10.0.0.2 port=5432 "
	    "dbname=grantd", 1);
	assert_string_equal(h.lists[0], "db2,db1");
	assert_string_equal(h.lists[1], "10.0.0.2,10.0.0.1");
	assert_string_equal(h.lists[2], "");	/* one for all: as it is */
	hosts_from(&h, "host=db1,db2 port=1,2", 1);
	assert_string_equal(h.lists[0], "db2,db1");
	assert_string_equal(h.lists[1], "");
	assert_string_equal(h.lists[2], "2,1");
	hosts_from(&h, "host=/run/postgresql", 5);
	assert_string_equal(h.lists[0], "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rotate),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
