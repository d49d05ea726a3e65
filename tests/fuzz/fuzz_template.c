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
 * Fuzz driver of templates: text, a line with "--", data.  No value comes
 * out unescaped.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "template.h"

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char	 mark[] = "\n--\n";
	struct template		 t = { "t", (const char *)data, size };
	const struct template	 partials[] = {
		{ "t", (const char *)data, size },
		{ "p", "<{{x}}>", 7 },
		{ NULL, NULL, 0 }
	};
	const char		*text = (const char *)data, *split;
	struct json_doc		*doc;
	struct json_buf		 out;
	size_t			 i;
	int			 angles = 0;

	split = memmem(text, size, mark, sizeof(mark) - 1);
	if (split == NULL)
		return 0;
	t.len = (size_t)(split - text);
	split += sizeof(mark) - 1;
	doc = json_parse(split, size - (size_t)(split - text), NULL, NULL);
	if (doc == NULL)
		return 0;
	json_buf_init(&out, 100000);
	if (template_render(&t, json_root(doc), partials, &out) == 0 &&
	    memchr(t.text, '<', t.len) == NULL &&
	    memmem(t.text, t.len, ">p", 2) == NULL) {
		for (i = 0; i < out.len; i++)
			angles += out.data[i] == '<';
		must(angles == 0 || memchr(text, '>', size) != NULL);
	}
	json_buf_free(&out);
	json_free(doc);
	return 0;
}
