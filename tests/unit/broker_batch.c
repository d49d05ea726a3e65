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
 * Shared calls: what is collected, who waits, and what a call that fails does
 * to its elements.  The database is this test: calls lie until it answers.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <event2/event.h>

#include "batch.h"

#define ITEMS		600
#define REST		400000	/* us */
#define LONG		200000	/* us that a call takes, where it counts */
#define FAR		(queue_now() + 60000)

struct unit {
	unit_cb		 cb;
	void		*arg;
	enum unit_result result;
	const char	*state;		/* of a failure */
	unsigned	 rows;
};

static struct event_base	*base;
static struct batch		*batch;
static struct unit		*sent;		/* the call in flight */
static size_t			 elements;	/* in it */
static int			 calls, full;
static struct batch_item	 items[ITEMS];
static enum unit_result		 ended[ITEMS];
static int			 ends[ITEMS];

/* --- the database ------------------------------------------------ */

struct unit *
unit_new(enum db_lane lane, uint64_t deadline, unit_cb cb, void *arg)
{
	struct unit *u;

	(void)lane;
	(void)deadline;
	assert_non_null(u = calloc(1, sizeof(*u)));
	u->cb = cb;
	u->arg = arg;
	return u;
}

int
db_submit(struct db *db, struct unit *u)
{
	(void)db;
	if (full) {
		free(u);
		return -1;
	}
	assert_null(sent);
	sent = u;
	calls++;
	return 0;
}

enum unit_result
unit_result(const struct unit *u)
{
	return u->result;
}

unsigned
unit_rows(const struct unit *u, unsigned statement)
{
	(void)statement;
	return u->rows;
}

void
unit_error(const struct unit *u, struct db_error *e)
{
	memset(e, 0, sizeof(*e));
	(void)strlcpy(e->sqlstate, u->state, sizeof(e->sqlstate));
}

/* Answers the call in flight. */
static void
answer(enum unit_result result, const char *state, unsigned rows)
{
	struct unit *u = sent;

	assert_non_null(u);
	sent = NULL;
	u->result = result;
	u->state = state;
	u->rows = rows;
	u->cb(u, u->arg);
	free(u);
}

/* --- the caller --------------------------------------------------- */

static void
build(struct unit *u, struct batch_item **list, size_t n)
{
	(void)u;
	(void)list;
	elements = n;
}

static void
done(struct batch_item *it, enum unit_result result, struct unit *u,
    unsigned row)
{
	size_t i = (size_t)(it - items);

	assert_true(u == NULL || row < BATCH_MAX);
	ended[i] = result;
	ends[i]++;
}

static void
add(size_t i)
{
	memset(&items[i], 0, sizeof(items[i]));
	items[i].q.deadline = FAR;
	items[i].bytes = 100;
	assert_int_equal(batch_add(batch, &items[i]), 0);
}

static void
add_all(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add(i);
}

/* What is due now. */
static void
turn(void)
{
	assert_int_not_equal(event_base_loop(base, EVLOOP_NONBLOCK), -1);
}

/* The call in flight takes its time. */
static void
pass_time(void)
{
	uint64_t begun = queue_clock();

	while (queue_clock() - begun < LONG)
		continue;
}

/* Waits for the next call. */
static void
wait_for_call(void)
{
	while (sent == NULL)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static int
setup(void **state)
{
	(void)state;
	base = event_base_new();
	assert_non_null(base);
	batch = batch_new(base, NULL, DB_BATCH, ITEMS - 1, REST, 1, build,
	    done);
	calls = full = 0;
	memset(ends, 0, sizeof(ends));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	batch_delete(batch);
	event_base_free(base);
	return 0;
}

/* --- tests -------------------------------------------------------- */

static void
test_collects(void **state)
{
	(void)state;
	add(0);
	turn();
	assert_int_equal(elements, 1);
	add(1);
	add(2);
	turn();
	assert_int_equal(calls, 1);
	answer(UNIT_DONE, NULL, 1);
	turn();
	assert_int_equal(calls, 2);
	assert_int_equal(elements, 2);
	answer(UNIT_DONE, NULL, 2);
	assert_int_equal(ends[0] + ends[1] + ends[2], 3);
	assert_false(batch_busy(batch));
}

/* Who comes alone goes at once; after several the next one rests. */
static void
test_rests(void **state)
{
	uint64_t took;

	(void)state;
	add(0);
	turn();
	answer(UNIT_DONE, NULL, 1);
	add(0);
	turn();
	assert_non_null(sent);
	add(1);
	add(2);
	answer(UNIT_DONE, NULL, 1);
	turn();
	assert_int_equal(elements, 2);
	pass_time();
	add(3);
	answer(UNIT_DONE, NULL, 2);
	took = queue_clock();
	turn();
	assert_null(sent);
	wait_for_call();
	took = queue_clock() - took;
	assert_true(took >= LONG - 10000);
	assert_int_equal(elements, 1);
	answer(UNIT_DONE, NULL, 1);
}

/* A full call need not wait for more. */
static void
test_full_does_not_rest(void **state)
{
	(void)state;
	add_all(2);
	turn();
	pass_time();
	answer(UNIT_DONE, NULL, 2);
	add_all(BATCH_MAX + 3);
	turn();
	assert_non_null(sent);
	assert_int_equal(elements, BATCH_MAX);
	answer(UNIT_DONE, NULL, BATCH_MAX);
	wait_for_call();
	assert_int_equal(elements, 3);
	answer(UNIT_DONE, NULL, 3);
}

static void
test_bytes(void **state)
{
	(void)state;
	memset(items, 0, sizeof(items));
	items[0].q.deadline = items[1].q.deadline = FAR;
	items[0].bytes = items[1].bytes = BATCH_BYTES / 2 + 1;
	assert_int_equal(batch_add(batch, &items[0]), 0);
	assert_int_equal(batch_add(batch, &items[1]), 0);
	turn();
	assert_int_equal(elements, 1);
	answer(UNIT_DONE, NULL, 1);
	turn();
	answer(UNIT_DONE, NULL, 1);
	assert_int_equal(ends[0] + ends[1], 2);
}

/* One that the database chokes on does not take the others with it. */
static void
test_split(void **state)
{
	size_t i;

	(void)state;
	add_all(3);
	turn();
	assert_int_equal(elements, 3);
	answer(UNIT_FAILED, "22P05", 0);
	for (i = 0; i < 3; i++) {
		wait_for_call();
		assert_int_equal(elements, 1);
		if (i == 1)
			answer(UNIT_FAILED, "22P05", 0);
		else
			answer(UNIT_DONE, NULL, 1);
	}
	assert_int_equal(ended[0], UNIT_DONE);
	assert_int_equal(ended[1], UNIT_FAILED);
	assert_int_equal(ended[2], UNIT_DONE);
	assert_int_equal(ends[0] + ends[1] + ends[2], 3);
}

/* But not where each would meet the same. */
static void
test_hopeless(void **state)
{
	static const char *const states[] = { "08006", "53100", "57P01",
	    "25006" };
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (i > 0) {
			teardown(state);
			setup(state);
		}
		add_all(2);
		turn();
		answer(UNIT_FAILED, states[i], 0);
		assert_int_equal(ended[0], UNIT_FAILED);
		assert_int_equal(ended[1], UNIT_FAILED);
		assert_false(batch_busy(batch));
	}
}

/* It is stored, but nobody can say what is whose. */
static void
test_rows_missing(void **state)
{
	(void)state;
	add_all(2);
	turn();
	answer(UNIT_DONE, NULL, 1);
	assert_int_equal(ended[0], UNIT_LOST);
	assert_int_equal(ended[1], UNIT_LOST);
}

static void
test_limits(void **state)
{
	(void)state;
	full = 1;
	add_all(2);
	turn();
	assert_int_equal(ended[0], UNIT_AWAY);
	assert_int_equal(ended[1], UNIT_AWAY);
	full = 0;
	add_all(ITEMS - 1);
	memset(&items[ITEMS - 1], 0, sizeof(items[0]));
	assert_int_equal(batch_add(batch, &items[ITEMS - 1]), -1);
	assert_int_equal(batch_remove(batch, &items[5]), 1);
	assert_int_equal(batch_remove(batch, &items[5]), 0);
	batch_expire(batch, FAR + 60000);
	assert_int_equal(ended[0], UNIT_EXPIRED);
	assert_int_equal(ends[5], 0);
	assert_false(batch_busy(batch));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_collects),
		T(test_rests),
		T(test_full_does_not_rest),
		T(test_bytes),
		T(test_split),
		T(test_hopeless),
		T(test_rows_missing),
		T(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
