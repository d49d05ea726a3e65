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
 * What failures are called, by whoever tells of them: the codes of 5xx and of
 * time-outs.  The table of docs/ENDPOINTS.md has them all.
 */

#ifndef CODE_H
#define CODE_H

#define CODE_BUSY		"busy"
#define CODE_INTERNAL		"internal"
#define CODE_OUTCOME_UNKNOWN	"outcome_unknown"
#define CODE_TIMEOUT		"timeout"
#define CODE_TOO_LARGE		"response_too_large"
#define CODE_UNAVAILABLE	"unavailable"
#define CODE_VERSION		"http_version"

#endif /* CODE_H */
