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
 * Keeps what documents say of an entry.  Room: frontend.  Pure but for the
 * entry's own room for it.
 */

#include "config.h"

#include <stddef.h>

#include "catalogue.h"

void
catalogue_put(struct json_buf *b, const struct catalogue_entry *e,
    enum catalogue_made which, void (*write)(struct json_buf *,
    const struct catalogue_entry *))
{
	struct catalogue_text	*made = &e->made[which];
	struct json_buf		 own;

	if (made->text == NULL) {
		json_buf_init(&own, b->max);
		write(&own, e);
		made->text = json_buf_take(&own, &made->len);
	}
	if (made->text == NULL)
		b->failed = 1;
	else
		json_put_raw(b, made->text, made->len);
}
