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
 * Fuzz driver of uploads: the first line is the content type, the rest the
 * body.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "base64.h"
#include "multipart.h"

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multipart_file	 f;
	struct http_text	 type;
	const char		*text = (const char *)data, *body, *why;
	char			 boundary[MULTIPART_MAX_BOUNDARY + 1], *out;
	size_t			 len;
	ssize_t			 n;

	must((out = malloc(size + 1)) != NULL);
	n = base64_decode(out, size, text, size);
	must(n >= -1 && n <= (ssize_t)size);
	free(out);
	if ((body = memchr(text, '\n', size)) == NULL)
		return 0;
	type.p = text;
	type.len = (size_t)(body - text);
	body++;
	len = size - type.len - 1;
	if (multipart_boundary(&type, boundary) == -1)
		(void)strlcpy(boundary, "B", sizeof(boundary));
	must(strlen(boundary) > 0);
	memset(&f, 0, sizeof(f));
	if (multipart_file(body, len, boundary, &f, &why) == -1) {
		must(why != NULL && why[0] != '\0');
		return 0;
	}
	must(f.content.p >= body &&
	    f.content.p + f.content.len <= body + len);
	must(f.type.p == NULL ||
	    (f.type.p >= body && f.type.p + f.type.len <= body + len));
	return 0;
}
