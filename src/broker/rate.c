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
 * A bucket for each caller: it holds a second's calls and fills as time goes.
 * Room: broker.  Pure, but for the secret that says who shares a place: keys
 * are hashes of what callers choose.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "rate.h"

#define RATE_BITS	11
#define RATE_PLACES	(1U << RATE_BITS)
#define RATE_SHARE	4	/* callers in one place */
#define RATE_CALL	1000	/* what one call takes, so that ms count */

struct bucket {
	uint8_t		 key[16];
	uint64_t	 filled;	/* ms; 0: never used */
	uint64_t	 level;
};

struct rate {
	uint64_t	 secret[2];
	struct bucket	 buckets[RATE_PLACES][RATE_SHARE];
};

struct rate *
rate_new(void)
{
	struct rate	*r;

	if ((r = calloc(1, sizeof(*r))) != NULL)
		arc4random_buf(r->secret, sizeof(r->secret));
	return r;
}

void
rate_free(struct rate *r)
{
	free(r);
}

static void
rate_fill(struct bucket *b, uint32_t max, uint64_t now)
{
	uint64_t	full = (uint64_t)max * RATE_CALL;
	uint64_t	gone = now - b->filled;

	/* max calls a second are max thousandths of a call a millisecond */
	if (b->filled == 0 || gone >= 1000 || b->level + gone * max > full)
		b->level = full;
	else
		b->level += gone * max;
	b->filled = now;
}

/*
 * The bucket of this key.  Who is new takes the fullest one of the place as
 * it is, so that nobody has more by being forgotten.
 */
static struct bucket *
rate_find(struct rate *r, const uint8_t *key, uint32_t max, uint64_t now)
{
	struct bucket	*place, *b, *found;
	uint64_t	 k;

	memcpy(&k, key, sizeof(k));
	k = (k ^ r->secret[0]) * (r->secret[1] | 1);
	place = found = r->buckets[k >> (64 - RATE_BITS)];
	for (b = place; b < place + RATE_SHARE; b++) {
		rate_fill(b, max, now);
		if (memcmp(b->key, key, sizeof(b->key)) == 0)
			return b;
		if (b->level > found->level)
			found = b;
	}
	memcpy(found->key, key, sizeof(found->key));
	return found;
}

int
rate_take(struct rate *r, const uint8_t *key, uint32_t max, uint64_t now)
{
	struct bucket	*b;

	if (max == 0)
		return 0;
	b = rate_find(r, key, max, now);
	if (b->level < RATE_CALL)
		return -1;
	b->level -= RATE_CALL;
	return 0;
}
