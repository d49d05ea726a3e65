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
 * Fuzz driver of the message codecs: the first byte chooses one, the rest
 * is its payload.  What a decoder takes, its encoder must say again in the
 * same bytes.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codecs.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct codec	*c;
	struct ibuf		 view, *again;
	void			*copy;

	if (size == 0)
		return 0;
	c = &codecs[data[0] % ncodecs];
	size--;
	if ((copy = malloc(size == 0 ? 1 : size)) == NULL ||
	    (again = ibuf_dynamic(64, 16 * 1024 * 1024)) == NULL)
		abort();
	memcpy(copy, data + 1, size);
	ibuf_from_buffer(&view, copy, size);
	if (c->decode(&view, again) == 0 &&
	    (ibuf_size(again) > size || (!c->open_end &&
	    ibuf_size(again) != size) ||
	    memcmp(ibuf_data(again), copy, ibuf_size(again)) != 0))
		abort();
	ibuf_free(again);
	free(copy);
	return 0;
}
