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
 * Where the next call of a procedure runs.  Room: broker.  Pure.
 *
 * A pipeline is strictly in order: one slow unit delays all behind it.  So
 * only those share a connection that have been quick for a while, and what
 * is slow, or was never seen and comes in numbers, has a lane of its own.
 */

#include "config.h"

#include <stddef.h>

#include "pace.h"

#define PACE_WEIGHT	8	/* a new measure is this part of the average */
#define PACE_FORGET	16	/* the peak shrinks by this part */
#define PACE_KNOWN	4	/* calls after which it is quick */

static enum pace_kind
pace_kind(const struct paces *all, const struct pace *p, uint32_t timeout_ms,
    uint64_t now)
{
	if (timeout_ms > PACE_LONG_MS || p->average > PACE_SLOW_US)
		return PACE_SLOW;
	/* it was quick, but now none of its calls comes to an end */
	if (p->running > 0 && now - p->moved > PACE_SLOW_US / 1000)
		return PACE_SLOW;
	if (p->calls == 0)
		return p->running > 0 ||
		    all->unknown >= all->connections / 2 ?
		    PACE_SLOW : PACE_UNKNOWN;
	return p->calls >= PACE_KNOWN && p->average <= PACE_QUICK_US &&
	    p->peak <= PACE_PEAK_US ? PACE_QUICK : PACE_USUAL;
}

enum pace_kind
pace_begin(struct paces *all, struct pace *p, uint32_t timeout_ms,
    uint64_t now)
{
	enum pace_kind kind = pace_kind(all, p, timeout_ms, now);

	if (kind == PACE_SLOW)
		return kind;
	if (kind == PACE_UNKNOWN)
		all->unknown++;
	if (p->running++ == 0)
		p->moved = now;
	return kind;
}

void
pace_end(struct paces *all, struct pace *p, enum pace_kind kind, uint64_t now)
{
	if (kind == PACE_SLOW)
		return;
	if (kind == PACE_UNKNOWN && all->unknown > 0)
		all->unknown--;
	if (p == NULL || p->running == 0)
		return;
	p->running--;
	p->moved = now;
}

void
pace_measure(struct pace *p, uint64_t us)
{
	if (p->calls == 0)
		p->average = us;
	else if (us > p->average)
		p->average += (us - p->average) / PACE_WEIGHT;
	else
		p->average -= (p->average - us) / PACE_WEIGHT;
	p->peak -= p->peak / PACE_FORGET;
	if (us > p->peak)
		p->peak = us;
	if (p->calls < PACE_KNOWN)
		p->calls++;
}
