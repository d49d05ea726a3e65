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
 * Bounded queues with deadlines.  Room: broker.  Entries belong to the
 * caller; nothing here allocates or waits.
 */

#include "config.h"

#include <time.h>

#include "log.h"
#include "queue.h"

uint64_t
queue_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		fatal("clock_gettime");
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t
queue_clock(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		fatal("clock_gettime");
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void
queue_init(struct queue *q, size_t max)
{
	TAILQ_INIT(&q->items);
	q->count = 0;
	q->max = max;
}

int
queue_push(struct queue *q, struct queue_item *it)
{
	if (q->count >= q->max)
		return -1;
	it->queued = 1;
	TAILQ_INSERT_TAIL(&q->items, it, entry);
	q->count++;
	return 0;
}

void
queue_return(struct queue *q, struct queue_item *it)
{
	it->queued = 1;
	TAILQ_INSERT_HEAD(&q->items, it, entry);
	q->count++;
}

struct queue_item *
queue_pop(struct queue *q)
{
	struct queue_item *it;

	if ((it = TAILQ_FIRST(&q->items)) != NULL)
		queue_remove(q, it);
	return it;
}

void
queue_remove(struct queue *q, struct queue_item *it)
{
	if (!it->queued)
		return;
	TAILQ_REMOVE(&q->items, it, entry);
	it->queued = 0;
	q->count--;
}

struct queue_item *
queue_expired(struct queue *q, uint64_t now)
{
	struct queue_item *it;

	TAILQ_FOREACH(it, &q->items, entry) {
		if (it->deadline > now)
			continue;
		queue_remove(q, it);
		return it;
	}
	return NULL;
}

int32_t
queue_left(uint64_t deadline, uint64_t now)
{
	uint64_t left;

	if (deadline <= now)
		return 1;
	left = deadline - now;
	return left > INT32_MAX ? INT32_MAX : (int32_t)left;
}

uint32_t
backoff_delay(unsigned failures, uint32_t random)
{
	uint32_t delay = BACKOFF_MIN;

	while (failures-- > 1 && delay < BACKOFF_MAX)
		delay *= 2;
	if (delay > BACKOFF_MAX)
		delay = BACKOFF_MAX;
	return delay - random % (delay / 2);
}
