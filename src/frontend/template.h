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
 * Pages from templates: the part of Mustache that pages need.  Pure.
 *
 *	{{name}} {{a.b}} {{.}}	text, escaped; nothing if absent
 *	{{%name}}		the same percent-encoded: a part of a URL
 *	{{#name}} {{/name}}	for each item, or once if it is there and true
 *	{{^name}} {{/name}}	if it is absent, false, "" or empty
 *	{{#a=b}} {{/a=b}}	if a is the text or number b, or a list
 *				that holds the text;
 *	{{#a='word'}} ...	b is a name or a word; ^ as above
 *	{{>name}}		another template
 *	{{! ... }}		nothing
 *
 * A section's or a partial's tag with a line of its own leaves no empty line;
 * inside of a line a partial is without its last line feed.
 */

#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "json.h"
#include "json_write.h"

#define TEMPLATE_MAX_DEPTH	16	/* sections and partials, nested */
#define TEMPLATE_MAX_NAME	63

struct template {
	const char	*name;
	const char	*text;
	size_t		 len;
};

/*
 * Renders onto *out.  partials: a table that ends with a NULL name.  0, or
 * -1: a tag that is not closed, an unknown partial, nested too deep, or out
 * is full.
 */
int	 template_render(const struct template *, const struct json_value *,
	    const struct template *partials, struct json_buf *out);
const struct template	*template_find(const struct template *table,
			    const char *name);

/* pages.c, made of pages/ at build time; ends with a NULL name. */
extern const struct template	 pages[];
/* assets.c: Swagger UI, if it was built with it; the same end. */
extern const struct template	 assets[];

#endif /* TEMPLATE_H */
