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
 * One document: from a URL to a status and a body.
 */

#ifndef FETCH_H
#define FETCH_H

#include <event2/event.h>

#include "answer.h"
#include "resolver.h"
#include "url.h"

#define FETCH_TIMEOUT	5000	/* ms, in all */

struct fetch;
struct tls;
/* What all fetches share. */
struct fetching {
	struct event_base	*base;
	struct resolver		*resolver;
	struct tls		*tls;
	int			 loopback;	/* may be connected to */
};
/*
 * Once, never inside fetch_start(); the fetch is gone then.  answer->why:
 * what was wrong; answer->status is 0 when there was no answer at all.
 */
typedef void (*fetch_cb)(const struct answer *, void *arg);

/* ms: at most FETCH_TIMEOUT; max: bytes.  NULL: no memory. */
struct fetch	*fetch_start(const struct fetching *, const struct url *,
		    size_t max, uint32_t ms, fetch_cb, void *arg);
void		 fetch_cancel(struct fetch *);

#endif /* FETCH_H */
