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
 * Inside of json: the look through the bytes before the parser runs.
 */

#ifndef JSON_UTF8_H
#define JSON_UTF8_H

#include <sys/types.h>

/* Length of the UTF-8 sequence there, 1..4; 0 if it is none. */
size_t	 json_utf8_len(const char *, size_t left);

/*
 * 0, or -1: then *start is where the string (or the stray byte) begins
 * that is wrong, and *why a static text.
 */
int	 json_scan(const char *, size_t, size_t *start, const char **why);

#endif /* JSON_UTF8_H */
