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
 * A comparison whose time depends on the length alone; name and results as
 * on OpenBSD.  Built only where the system lacks it.
 */

#include "config.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#ifndef HAVE_TIMINGSAFE_MEMCMP
/* As memcmp(3): below, at or above 0. */
int
timingsafe_memcmp(const void *a, const void *b, size_t len)
{
	const volatile unsigned char	*p = a, *q = b;
	int				 diff, open = -1, result = 0;

	while (len-- > 0) {
		diff = *p++ - *q++;
		/* The first difference counts: open is all ones until then. */
		result |= diff & open;
		open &= -(1 & ((diff * diff - 1) >>
		    (CHAR_BIT * sizeof(int) - 1)));
	}
	return (result);
}
#endif
