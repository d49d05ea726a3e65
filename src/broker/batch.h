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
 * Batches: while one array call is on its way, what arrives is collected
 * for the next; one call at a time; at most BATCH_MAX elements and
 * BATCH_BYTES bytes in it.
 *
 * A call costs PostgreSQL the same whether it carries one element or five, so
 * after one that carried several the next waits as long as that took, at most
 * its rest: fewer and fuller calls.  Who comes alone never waits.
 */

#ifndef BATCH_H
#define BATCH_H

#include "db.h"
#include "queue.h"

#define BATCH_MAX	256
#define BATCH_BYTES	(4 * 1024 * 1024)
#define BATCH_REST	2000	/* us: of calls that write */

struct batch_item {
	struct queue_item	 q;	/* first: casts.  q.deadline is set */
	size_t			 bytes;	/* about: of its parameters */
	int			 alone;
	void			*arg;
};

/* Adds query and arrays of these n items. */
typedef void (*batch_build_cb)(struct unit *, struct batch_item **, size_t n);
/*
 * Once per item.  With UNIT_DONE and UNIT_FAILED the unit is there and row
 * is the item's; otherwise the unit is NULL.
 */
typedef void (*batch_done_cb)(struct batch_item *, enum unit_result,
    struct unit *, unsigned row);

struct batch;
/*
 * fatal on failure.  rest: the longest, us; 0: none.  rows: the query returns
 * a row for each item.
 */
struct batch	*batch_new(struct event_base *, struct db *, enum db_lane,
		    size_t max, uint64_t rest, int rows, batch_build_cb,
		    batch_done_cb);
void		 batch_delete(struct batch *);
/* 0, or -1: full. */
int		 batch_add(struct batch *, struct batch_item *);
/* 1 if it was still waiting; 0 if it is on its way. */
int		 batch_remove(struct batch *, struct batch_item *);
void		 batch_expire(struct batch *, uint64_t now);
int		 batch_busy(const struct batch *);

#endif /* BATCH_H */
