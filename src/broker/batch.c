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
 * Shared commits.  Room: broker.  Knows neither requests nor SQL.
 *
 * When an array call fails as a whole with an SQL error, each of its
 * elements is sent once more alone, so that one which PostgreSQL chokes on
 * does not take the others with it.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "log.h"

struct batch {
	struct db		*db;
	enum db_lane		 lane;
	int			 rows;
	batch_build_cb		 build;
	batch_done_cb		 done;
	struct queue		 queue;
	struct batch_item	*flight[BATCH_MAX];
	size_t			 nflight;
	struct event		*kick;
	uint64_t		 begun;		/* us: the last call was sent */
	uint64_t		 rest;		/* us: no call begins before */
	uint64_t		 longest;	/* us: of rests */
};

static void	batch_kicked(evutil_socket_t, short, void *);

struct batch *
batch_new(struct event_base *base, struct db *db, enum db_lane lane,
    size_t max, uint64_t rest, int rows, batch_build_cb build,
    batch_done_cb done)
{
	struct batch *b;

	if ((b = calloc(1, sizeof(*b))) == NULL)
		fatal("calloc");
	b->db = db;
	b->lane = lane;
	b->longest = rest;
	b->rows = rows;
	b->build = build;
	b->done = done;
	queue_init(&b->queue, max);
	if ((b->kick = evtimer_new(base, batch_kicked, b)) == NULL)
		fatalx("evtimer_new");
	return b;
}

void
batch_delete(struct batch *b)
{
	if (b == NULL)
		return;
	event_free(b->kick);
	free(b);
}

int
batch_busy(const struct batch *b)
{
	return b->nflight > 0 || b->queue.count > 0;
}

/* Lets the next call begin as soon as it may. */
static void
batch_wake(struct batch *b)
{
	struct timeval	 tv = { 0, 0 };
	uint64_t	 now = queue_clock();

	if (b->nflight > 0 || b->queue.count == 0)
		return;
	if (now >= b->rest || b->queue.count >= BATCH_MAX) {
		event_active(b->kick, EV_TIMEOUT, 0);
		return;
	}
	tv.tv_usec = (suseconds_t)(b->rest - now);
	if (!evtimer_pending(b->kick, NULL) && evtimer_add(b->kick, &tv) == -1)
		fatalx("evtimer_add");
}

int
batch_add(struct batch *b, struct batch_item *it)
{
	if (queue_push(&b->queue, &it->q) == -1)
		return -1;
	batch_wake(b);
	return 0;
}

int
batch_remove(struct batch *b, struct batch_item *it)
{
	if (!it->q.queued)
		return 0;
	queue_remove(&b->queue, &it->q);
	return 1;
}

void
batch_expire(struct batch *b, uint64_t now)
{
	struct queue_item *q;

	while ((q = queue_expired(&b->queue, now)) != NULL)
		b->done((struct batch_item *)q, UNIT_EXPIRED, NULL, 0);
}

/* Takes what goes together; returns the latest deadline. */
static uint64_t
batch_collect(struct batch *b)
{
	struct batch_item *it;
	uint64_t	 deadline = 0;
	size_t		 bytes = 0;

	while (b->nflight < BATCH_MAX && (it =
	    (struct batch_item *)TAILQ_FIRST(&b->queue.items)) != NULL) {
		if (b->nflight > 0 && (it->alone ||
		    bytes + it->bytes > BATCH_BYTES))
			break;
		queue_remove(&b->queue, &it->q);
		b->flight[b->nflight++] = it;
		bytes += it->bytes;
		if (it->q.deadline > deadline)
			deadline = it->q.deadline;
		if (it->alone)
			break;
	}
	return deadline;
}

static void
batch_end(struct batch *b, enum unit_result result, struct unit *u)
{
	uint64_t now = queue_clock(), took = now - b->begun;
	size_t	 i, n = b->nflight;

	for (i = 0; i < n; i++)
		b->done(b->flight[i], result, u, (unsigned)i);
	if (n > 1)
		b->rest = now + (took < b->longest ? took : b->longest);
	b->nflight = 0;
	batch_wake(b);
}

/* The database refused the whole: each shall speak for itself. */
static void
batch_split(struct batch *b)
{
	size_t i;

	log_debug("batch of %zu failed, its elements go alone", b->nflight);
	for (i = b->nflight; i > 0; i--) {
		b->flight[i - 1]->alone = 1;
		queue_return(&b->queue, &b->flight[i - 1]->q);
	}
	b->nflight = 0;
	batch_wake(b);
}

/* Classes of trouble that would meet each element as well. */
static int
batch_hopeless(const char *state)
{
	static const char *const prefixes[] = { "08", "53", "57P", "25006" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(state, prefixes[i], strlen(prefixes[i])) == 0)
			return 1;
	}
	return 0;
}

static void
batch_unit(struct unit *u, void *arg)
{
	struct batch	*b = arg;
	enum unit_result result = unit_result(u);
	struct db_error	 e;

	if (result == UNIT_DONE && b->rows && unit_rows(u, 0) != b->nflight) {
		log_warnx("a batch of %zu came back with %u rows", b->nflight,
		    unit_rows(u, 0));
		/* It is stored, but nobody can say what is whose. */
		result = UNIT_LOST;
	}
	if (result == UNIT_FAILED && b->nflight > 1) {
		unit_error(u, &e);
		if (!batch_hopeless(e.sqlstate)) {
			batch_split(b);
			return;
		}
	}
	batch_end(b, result, result == UNIT_DONE || result == UNIT_FAILED ?
	    u : NULL);
}

static void
batch_kicked(evutil_socket_t fd, short what, void *arg)
{
	struct batch	*b = arg;
	struct unit	*u;
	uint64_t	 deadline, now = queue_now();

	(void)fd;
	(void)what;
	if (b->nflight > 0)
		return;
	batch_expire(b, now);
	if (b->queue.count == 0)
		return;
	deadline = batch_collect(b);
	b->begun = queue_clock();
	if ((u = unit_new(b->lane, deadline, batch_unit, b)) != NULL) {
		b->build(u, b->flight, b->nflight);
		if (db_submit(b->db, u) == 0)
			return;
	}
	batch_end(b, UNIT_AWAY, NULL);
}
