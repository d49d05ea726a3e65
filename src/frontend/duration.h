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
 * Durations as Go writes them: "24h0m0s", "90m", "30s".  Pure.
 */

#ifndef DURATION_H
#define DURATION_H

#include <sys/types.h>
#include <stdint.h>

#define DURATION_MAX	(100LL * 366 * 86400)	/* s */

/*
 * Numbers with h, m or s, each unit at most once, the greater before the
 * smaller.  0 and *seconds, or -1.
 */
int	 duration_parse(const char *, size_t len, int64_t *seconds);

#endif /* DURATION_H */
