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
 * Finds what a catalogue says of an address or a scope; what goes by sorted
 * tables is in catalogue.c.  Room: frontend.  Pure.
 */

#include "config.h"

#include <string.h>

#include "catalogue.h"

const struct catalogue_entry *
catalogue_by_uri(const struct catalogue *c, const char *uri)
{
	size_t	i;

	for (i = 0; i < c->n; i++)
		if (c->entries[i].kind == CATALOGUE_RESOURCE &&
		    !c->entries[i].template &&
		    strcmp(c->entries[i].uri, uri) == 0)
			return &c->entries[i];
	return NULL;
}

const struct catalogue_scope *
catalogue_scope(const struct catalogue *c, const char *name)
{
	size_t	i;

	for (i = 0; i < c->nscopes; i++)
		if (strcmp(c->scopes[i].name, name) == 0)
			return &c->scopes[i];
	return NULL;
}
