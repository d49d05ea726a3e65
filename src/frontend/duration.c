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
 * Durations as Go writes them.  Room: frontend.  Pure.
 */

#include "config.h"

#include "duration.h"

int
duration_parse(const char *p, size_t len, int64_t *seconds)
{
	static const struct {
		char	unit;
		int	seconds;
	} units[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	const char	*end = p + len;
	int64_t		 n, sum = 0;
	unsigned int	 u = 0;

	if (p == end)
		return -1;
	while (p < end) {
		if (*p < '0' || *p > '9')
			return -1;
		for (n = 0; p < end && *p >= '0' && *p <= '9'; p++)
			if ((n = n * 10 + (*p - '0')) > DURATION_MAX)
				return -1;
		if (p == end)
			return -1;
		while (u < 3 && units[u].unit != *p)
			u++;
		if (u == 3)
			return -1;
		p++;
		sum += n * units[u++].seconds;
		if (sum > DURATION_MAX)
			return -1;
	}
	*seconds = sum;
	return 0;
}
