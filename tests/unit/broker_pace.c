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
 * Where calls of procedures run, and how many a caller has.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "pace.h"
#include "rate.h"

static void
known(struct pace *p, uint64_t us)
{
	int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < 8; i++)
		pace_measure(p, us);
}

static void
test_kinds(void **state)
{
	struct paces all = { 4, 0 };
	struct pace p;

	(void)state;
	known(&p, 1000);
	assert_int_equal(pace_begin(&all, &p, 10000, 1), PACE_QUICK);
	pace_end(&all, &p, PACE_QUICK, 1);
	known(&p, 20000);
	assert_int_equal(pace_begin(&all, &p, 10000, 1), PACE_USUAL);
	pace_end(&all, &p, PACE_USUAL, 1);
	known(&p, 60000);
	assert_int_equal(pace_begin(&all, &p, 10000, 1), PACE_SLOW);
	pace_end(&all, &p, PACE_SLOW, 1);
	/* what may take long is slow, however quick it was */
	known(&p, 1000);
	assert_int_equal(pace_begin(&all, &p, 30001, 1), PACE_SLOW);
	assert_int_equal(p.running, 0);
}

/* Nobody knows how long it takes: one may try. */
static void
test_unknown(void **state)
{
	struct paces all = { 4, 0 };
	struct pace p[3];

	(void)state;
	memset(p, 0, sizeof(p));
	assert_int_equal(pace_begin(&all, &p[0], 10000, 1), PACE_UNKNOWN);
	assert_int_equal(pace_begin(&all, &p[0], 10000, 1), PACE_SLOW);
	assert_int_equal(pace_begin(&all, &p[1], 10000, 1), PACE_UNKNOWN);
	/* half of the connections */
	assert_int_equal(pace_begin(&all, &p[2], 10000, 1), PACE_SLOW);
	pace_end(&all, &p[0], PACE_UNKNOWN, 2);
	assert_int_equal(pace_begin(&all, &p[2], 10000, 1), PACE_UNKNOWN);
	/* a single connection is no place to try */
	memset(p, 0, sizeof(p));
	all.connections = 1;
	all.unknown = 0;
	assert_int_equal(pace_begin(&all, &p[0], 10000, 1), PACE_SLOW);
}

/* Quick until now, and then all of them hang. */
static void
test_stuck(void **state)
{
	struct paces all = { 4, 0 };
	struct pace p;
	int i;

	(void)state;
	known(&p, 1000);
	assert_int_equal(pace_begin(&all, &p, 10000, 1000), PACE_QUICK);
	assert_int_equal(pace_begin(&all, &p, 10000, 1050), PACE_QUICK);
	assert_int_equal(pace_begin(&all, &p, 10000, 1051), PACE_SLOW);
	pace_end(&all, &p, PACE_QUICK, 1052);
	/* ends of what is not published any more do no harm */
	pace_end(&all, NULL, PACE_UNKNOWN, 1052);
	pace_end(&all, NULL, PACE_QUICK, 1052);
	assert_int_equal(all.unknown, 0);
	assert_int_equal(pace_begin(&all, &p, 10000, 1053), PACE_QUICK);
	/* one that took long is remembered for a while */
	pace_measure(&p, 200000);
	assert_true(p.average < PACE_SLOW_US);
	assert_int_equal(pace_begin(&all, &p, 10000, 1054), PACE_USUAL);
	for (i = 0; i < 100; i++)
		pace_measure(&p, 1000);
	assert_int_equal(pace_begin(&all, &p, 10000, 1055), PACE_QUICK);
}

static void
test_average(void **state)
{
	struct pace p;
	int i;

	(void)state;
	known(&p, 100000);
	for (i = 0; i < 20; i++)
		pace_measure(&p, 1000);
	assert_true(p.average < PACE_SLOW_US);
	for (i = 0; i < 100; i++)
		pace_measure(&p, UINT32_MAX);
	assert_true(p.average <= UINT32_MAX && p.average > PACE_SLOW_US);
	known(&p, 0);
	assert_int_equal(p.average, 0);
}

static void
test_rate(void **state)
{
	struct rate *r = rate_new();
	uint8_t one[32], two[32];
	int i;

	(void)state;
	assert_non_null(r);
	memset(one, 1, sizeof(one));
	memset(two, 2, sizeof(two));
	for (i = 0; i < 10; i++)
		assert_int_equal(rate_take(r, one, 10, 5000), 0);
	assert_int_equal(rate_take(r, one, 10, 5000), -1);
	assert_int_equal(rate_take(r, two, 10, 5000), 0);
	/* a tenth of a second later there is one more, not two */
	assert_int_equal(rate_take(r, one, 10, 5100), 0);
	assert_int_equal(rate_take(r, one, 10, 5100), -1);
	/* what is asked for in vain costs nothing */
	for (i = 0; i < 99; i++)
		assert_int_equal(rate_take(r, one, 10, 5100 + i), -1);
	assert_int_equal(rate_take(r, one, 10, 5200), 0);
	/* long after: a second's worth */
	for (i = 0; i < 10; i++)
		assert_int_equal(rate_take(r, one, 10, 9999999), 0);
	assert_int_equal(rate_take(r, one, 10, 9999999), -1);
	/* no limit */
	for (i = 0; i < 100; i++)
		assert_int_equal(rate_take(r, one, 0, 9999999), 0);
	rate_free(r);
}

/* Who shares a place does not pay for the other. */
static void
test_rate_shared(void **state)
{
	struct rate *r = rate_new();
	uint8_t one[32], two[32];
	int i;

	(void)state;
	memset(one, 1, sizeof(one));
	memcpy(two, one, sizeof(two));
	two[5] = 9;
	for (i = 0; i < 3; i++)
		assert_int_equal(rate_take(r, one, 3, 1), 0);
	assert_int_equal(rate_take(r, one, 3, 1), -1);
	assert_int_equal(rate_take(r, two, 3, 1), 0);
	rate_free(r);
}

/* Nobody has more by taking turns with keys that nobody knows. */
static void
test_rate_turns(void **state)
{
	struct rate *r = rate_new();
	uint8_t one[32], other[32];
	uint64_t x = 1;
	int i;

	(void)state;
	memset(one, 1, sizeof(one));
	memset(other, 2, sizeof(other));
	for (i = 0; i < 3; i++)
		assert_int_equal(rate_take(r, one, 3, 1), 0);
	for (i = 0; i < 200000; i++) {
		/* xorshift: bits as those of a hash */
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(other, &x, sizeof(x));
		(void)rate_take(r, other, 3, 1);
		assert_int_equal(rate_take(r, one, 3, 1), -1);
	}
	/* and it comes back by time alone */
	assert_int_equal(rate_take(r, one, 3, 1001), 0);
	rate_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_rate_shared),
		cmocka_unit_test(test_rate_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
