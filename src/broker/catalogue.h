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
 * What is published, as far as the broker has to know it, and the text that
 * its frontends get.  The database makes both; a catalogue that cannot be
 * loaded leaves the one before in its place.
 */

#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "pace.h"

struct broker;
struct catalogue;
struct door;

struct procedure {
	char		*name;		/* of the operation: "api:a.b" */
	int		 writes;
	int		 trusted;	/* with its connection's session */
	uint32_t	 timeout_ms;
	struct pace	 pace;
};

/* Asks the database for news once a second; fatal without memory. */
struct catalogue *catalogue_new(struct broker *);
void		 catalogue_delete(struct catalogue *);
/* The database is there (again): asks at once. */
void		 catalogue_refresh(struct catalogue *);
/* A frontend's link is new: it gets what there is. */
void		 catalogue_tell(const struct catalogue *, struct door *);
/* Whether there is one at all. */
int		 catalogue_loaded(const struct catalogue *);
/* NULL: not published.  Valid until the loop's next turn. */
struct procedure *catalogue_find(const struct catalogue *, const char *name);

#endif /* CATALOGUE_H */
