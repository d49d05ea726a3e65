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
 * Fuzz driver of the catalogue: one that is taken is in order, and finds each
 * of its entries by name, tool and URI.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "fuzz.h"

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct catalogue_entry	*e;
	struct schema_error		 error;
	struct catalogue		*c;
	size_t				 i;

	if ((c = catalogue_parse((const char *)data, size, &error)) == NULL) {
		must(error.text[0] != '\0');
		return 0;
	}
	for (i = 0; i < c->n; i++) {
		e = &c->entries[i];
		must(catalogue_by_name(c, e->name) == e);
		must((e->arguments == NULL) == (e->schema == NULL));
		if (e->kind == CATALOGUE_PROCEDURE && e->mcp &&
		    e->tool[0] != '\0')
			must(catalogue_by_tool(c, e->tool) == e);
		if (e->kind == CATALOGUE_RESOURCE && !e->template)
			must(catalogue_by_uri(c, e->uri) != NULL);
	}
	must(catalogue_by_name(c, "") == NULL);
	catalogue_unref(catalogue_ref(c));
	catalogue_unref(c);
	return 0;
}
