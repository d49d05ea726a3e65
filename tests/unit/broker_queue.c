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
 * Bounded queues, deadlines, back-off.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "queue.h"

static void
item(struct queue_item *it, uint64_t deadline)
{
	memset(it, 0, sizeof(*it));
	it->deadline = deadline;
}

static void
test_bound(void **state)
{
	struct queue_item it[3];
	struct queue q;
	int i;

	(void)state;
	queue_init(&q, 2);
	for (i = 0; i < 3; i++)
		item(&it[i], 1000);
	assert_int_equal(queue_push(&q, &it[0]), 0);
	assert_int_equal(queue_push(&q, &it[1]), 0);
	assert_int_equal(queue_push(&q, &it[2]), -1);
	assert_int_equal(it[2].queued, 0);
	assert_int_equal(q.count, 2);
	assert_ptr_equal(queue_pop(&q), &it[0]);
	assert_ptr_equal(queue_pop(&q), &it[1]);
	assert_null(queue_pop(&q));
	assert_int_equal(q.count, 0);
}

/* What comes back goes to the front, even if the queue is full. */
static void
test_return(void **state)
{
	struct queue_item it[3];
	struct queue q;

	(void)state;
	queue_init(&q, 1);
	item(&it[0], 1000);
	item(&it[1], 1000);
	assert_int_equal(queue_push(&q, &it[0]), 0);
	assert_ptr_equal(queue_pop(&q), &it[0]);
	assert_int_equal(queue_push(&q, &it[1]), 0);
	queue_return(&q, &it[0]);
	assert_int_equal(q.count, 2);
	assert_ptr_equal(queue_pop(&q), &it[0]);
	assert_ptr_equal(queue_pop(&q), &it[1]);
}

static void
test_remove(void **state)
{
	struct queue_item it[2];
	struct queue q;

	(void)state;
	queue_init(&q, 8);
	item(&it[0], 1000);
	item(&it[1], 1000);
	(void)queue_push(&q, &it[0]);
	(void)queue_push(&q, &it[1]);
	queue_remove(&q, &it[0]);
	queue_remove(&q, &it[0]);	/* again: nothing happens */
	assert_int_equal(q.count, 1);
	assert_ptr_equal(queue_pop(&q), &it[1]);
}

static void
test_expired(void **state)
{
	struct queue_item it[3];
	struct queue q;

	(void)state;
	queue_init(&q, 8);
	item(&it[0], 500);
	item(&it[1], 100);
	item(&it[2], 500);
	(void)queue_push(&q, &it[0]);
	(void)queue_push(&q, &it[1]);
	(void)queue_push(&q, &it[2]);
	assert_null(queue_expired(&q, 99));
	assert_ptr_equal(queue_expired(&q, 100), &it[1]);
	assert_null(queue_expired(&q, 100));
	assert_ptr_equal(queue_expired(&q, 500), &it[0]);
	assert_ptr_equal(queue_expired(&q, 1000), &it[2]);
	assert_null(queue_expired(&q, 1000));
	assert_int_equal(q.count, 0);
}

static void
test_left(void **state)
{
	(void)state;
	assert_int_equal(queue_left(100, 40), 60);
	assert_int_equal(queue_left(100, 100), 1);
	assert_int_equal(queue_left(100, 200), 1);
	assert_int_equal(queue_left(UINT64_MAX, 0), INT32_MAX);
}

static void
test_backoff(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(backoff_delay(1, 0), BACKOFF_MIN);
	assert_int_equal(backoff_delay(2, 0), 2 * BACKOFF_MIN);
	assert_int_equal(backoff_delay(4, 0), 8 * BACKOFF_MIN);
	assert_int_equal(backoff_delay(100, 0), BACKOFF_MAX);
	for (n = 0; n < 5000; n++) {
		assert_in_range(backoff_delay(100, n * 7919),
		    BACKOFF_MAX / 2, BACKOFF_MAX);
		assert_in_range(backoff_delay(0, n), BACKOFF_MIN / 2,
		    BACKOFF_MIN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_backoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
