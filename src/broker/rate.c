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
 * Room: broker.  Pure.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "rate.h"

#define RATE_PLACES	8192	/* a power of two */
#define RATE_CALL	1000	/* what one call takes, so that ms count */

struct bucket {
	uint8_t		 key[8];
	uint64_t	 filled;	/* ms */
	uint64_t	 level;
};

struct rate {
	struct bucket	 buckets[RATE_PLACES];
};

struct rate *
rate_new(void)
{
	return calloc(1, sizeof(struct rate));
}

void
rate_free(struct rate *r)
{
	free(r);
}

int
rate_take(struct rate *r, const uint8_t *key, uint32_t max, uint64_t now)
{
	uint64_t	 full = (uint64_t)max * RATE_CALL, gone;
	struct bucket	*b;

	if (max == 0)
		return 0;
	b = &r->buckets[(key[0] | (unsigned)key[1] << 8) % RATE_PLACES];
	if (b->filled == 0 || memcmp(b->key, key + 2, sizeof(b->key)) != 0) {
		memcpy(b->key, key + 2, sizeof(b->key));
		b->filled = now;
		b->level = full;
	}
	gone = now - b->filled;
	b->filled = now;
	/* max calls a second are max thousandths of a call a millisecond */
	if (gone >= 1000 || b->level + gone * max > full)
		b->level = full;
	else
		b->level += gone * max;
	if (b->level < RATE_CALL)
		return -1;
	b->level -= RATE_CALL;
	return 0;
}
