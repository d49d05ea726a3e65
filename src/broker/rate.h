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
 * How many calls a caller has in a second.  A table of fixed size: a few
 * callers share a place without paying for each other; where there are more,
 * the newest has what another one left.  The caller brings the time.
 */

#ifndef RATE_H
#define RATE_H

#include <stddef.h>
#include <stdint.h>

struct rate;

/* NULL when memory is short. */
struct rate	*rate_new(void);
void		 rate_free(struct rate *);
/*
 * Takes one of `max` a second of this key (a hash: at least 16 bytes); 0, or
 * -1: none is left.  now in ms.  max 0: there is no limit.
 */
int		 rate_take(struct rate *, const uint8_t *key, uint32_t max,
		    uint64_t now);

#endif /* RATE_H */
