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
 * How long a procedure takes, and where its next call therefore runs.  Pure:
 * the caller brings the time.
 */

#ifndef PACE_H
#define PACE_H

#include <stdint.h>

#define PACE_QUICK_US	5000	/* so quick that calls share a connection, */
#define PACE_PEAK_US	25000	/* and none of late took longer */
#define PACE_SLOW_US	50000	/* so slow that others shall not wait */
#define PACE_LONG_MS	30000	/* time that it may take: slow by promise */

struct pace {
	uint64_t	 average;	/* us, moving */
	uint64_t	 peak;		/* us, forgotten little by little */
	uint64_t	 moved;		/* ms: the last call that ended, or the
					 * first of those that run */
	unsigned	 calls;		/* measured, up to a few */
	unsigned	 running;	/* or waiting, in the call lane */
};

/* What all procedures share. */
struct paces {
	unsigned	 connections;	/* of the call lane */
	unsigned	 unknown;	/* calls there, not measured before */
};

enum pace_kind {
	PACE_QUICK,		/* call lane, may share a connection */
	PACE_UNKNOWN,		/* call lane, alone */
	PACE_USUAL,		/* call lane, alone */
	PACE_SLOW		/* slow lane */
};

/*
 * Counts the call; pace_end() takes it back.  Half of the call lane's
 * connections are left to procedures that are known.
 */
enum pace_kind	 pace_begin(struct paces *, struct pace *,
		    uint32_t timeout_ms, uint64_t now);
/* p may be NULL: not published any more. */
void		 pace_end(struct paces *, struct pace *p, enum pace_kind,
		    uint64_t now);
/* It ran for so many us. */
void		 pace_measure(struct pace *, uint64_t us);

#endif /* PACE_H */
