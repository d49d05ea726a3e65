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
 * Questions to the fetcher: numbered, with deadlines, bounded.
 */

#ifndef FETCH_H
#define FETCH_H

#include <stdint.h>

#include "ipc_event.h"
#include "msg_fetcher.h"

#define FETCH_TIMEOUT	5000	/* ms that the fetcher has */
#define FETCH_SPARE	5000	/* ms that its answer may be late */

struct fetching;
struct fetch;
/*
 * Once, not inside fetch_start().  NULL: no answer came in time, or the
 * fetcher went away.
 */
typedef void (*fetch_cb)(const struct msg_document *, void *arg);

/* max: questions that may wait.  fatal on failure. */
struct fetching	*fetch_new(size_t max);
void		 fetch_delete(struct fetching *);
/* The fetcher came or (NULL) went; the link stays the caller's. */
void		 fetch_link(struct fetching *, struct ipc_link *);
void		 fetch_answer(struct fetching *, struct imsg *);
void		 fetch_expire(struct fetching *, uint64_t now);
/* NULL: the fetcher is away, too many wait, or the URL is too long. */
struct fetch	*fetch_start(struct fetching *, const char *url,
		    uint64_t deadline, fetch_cb, void *arg);
/* No callback any more. */
void		 fetch_cancel(struct fetching *, struct fetch *);

#endif /* FETCH_H */
