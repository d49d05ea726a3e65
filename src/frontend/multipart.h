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
 * One uploaded file out of multipart/form-data (RFC 7578, RFC 2046 5.1).
 * Pure.
 */

#ifndef MULTIPART_H
#define MULTIPART_H

#include <sys/types.h>

#include "http_parse.h"

#define MULTIPART_MAX_BOUNDARY	70	/* RFC 2046 5.1.1 */
#define MULTIPART_MAX_PARTS	16
#define MULTIPART_MAX_HEADER	4096	/* bytes of one part's header */

/*
 * The boundary of a Content-Type; out has room for
 * MULTIPART_MAX_BOUNDARY + 1.  0, or -1 if it is none.
 */
int	 multipart_boundary(const struct http_text *type, char *out);

struct multipart_file {
	struct http_text content;
	struct http_text type;		/* Content-Type; p NULL if none */
};

/*
 * The one part that has a file name, or is named "file".  0, or -1 and *why
 * is a static text.
 */
int	 multipart_file(const char *body, size_t len, const char *boundary,
	    struct multipart_file *, const char **why);

#endif /* MULTIPART_H */
