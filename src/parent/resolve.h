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
 * Host names of the database into addresses, without waiting for them: a
 * short-lived process under the broker's user asks.  Room: parent.
 */

#ifndef RESOLVE_H
#define RESOLVE_H

#include <event2/event.h>

#include "conf.h"

struct resolve;
/* text says why when it failed, else it is NULL. */
typedef void (*resolve_cb)(int failed, const char *text, void *arg);

/* Fills in what is numeric already; 1 if nothing is left to ask. */
int		 resolve_numeric(struct conf *);
/*
 * Asks for the rest; cb is called once, unless cancelled, and the struct is
 * gone after.  privileged: the asking process changes to the broker's user.
 * NULL (logged) when it cannot be started.
 */
struct resolve	*resolve_start(struct event_base *, struct conf *,
		    int privileged, resolve_cb, void *arg);
void		 resolve_cancel(struct resolve *);	/* NULL is fine */

/* The pure part: one line of the asking process.  0 or -1. */
int		 resolve_line(struct conf *, const char *line);

#endif /* RESOLVE_H */
