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
 * A bounded first-in first-out queue whose entries have deadlines, the
 * clock they are measured by, and the back-off of reconnects.  Pure but
 * for the clock: no event loop, no I/O.
 */

#ifndef QUEUE_H
#define QUEUE_H

#include <sys/types.h>
#include <sys/queue.h>
#include <stdint.h>

struct queue_item {
	TAILQ_ENTRY(queue_item)	 entry;
	uint64_t		 deadline;	/* ms, queue_now() */
	int			 queued;
};

struct queue {
	TAILQ_HEAD(, queue_item) items;
	size_t			 count;
	size_t			 max;
};

/* Milliseconds of a clock that only goes forward. */
uint64_t queue_now(void);
/* The same clock in microseconds. */
uint64_t queue_clock(void);

void	 queue_init(struct queue *, size_t max);
/* 0, or -1: it is full. */
int	 queue_push(struct queue *, struct queue_item *);
/* Back to the front, full or not: it has been in before. */
void	 queue_return(struct queue *, struct queue_item *);
/* NULL if empty. */
struct queue_item *queue_pop(struct queue *);
/* Takes it out if it is in. */
void	 queue_remove(struct queue *, struct queue_item *);
/* Takes out the first entry whose deadline has passed; NULL if none has. */
struct queue_item *queue_expired(struct queue *, uint64_t now);

/* Milliseconds left, at least 1, at most INT32_MAX. */
int32_t	 queue_left(uint64_t deadline, uint64_t now);

#define BACKOFF_MIN	50	/* ms */
#define BACKOFF_MAX	5000
/*
 * How long to wait before the attempt after `failures` failed ones: doubles
 * from BACKOFF_MIN to BACKOFF_MAX, then a random part of the upper half is
 * taken off, so that hosts do not come in step.  random: any 32 bits.
 */
uint32_t backoff_delay(unsigned failures, uint32_t random);

#endif /* QUEUE_H */
