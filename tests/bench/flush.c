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
 * How long the disk takes to flush: appends and fdatasync(2) on a file in
 * the directory given, for a second or so.  Prints microseconds, median.
 */

#include "config.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT	2000
#define BLOCK	4096

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double	 took[COUNT];
	char		 path[1024], block[BLOCK];
	double		 t, begin = now();
	int		 fd, n;

	if (argc != 2 || snprintf(path, sizeof(path), "%s/flush.XXXXXX",
	    argv[1]) >= (int)sizeof(path))
		errx(2, "usage: flush directory");
	if ((fd = mkstemp(path)) == -1 || unlink(path) == -1)
		err(1, "%s", path);
	memset(block, 'x', sizeof(block));
	for (n = 0; n < COUNT && (n < 20 || now() - begin < 1e6); n++) {
		t = now();
		if (write(fd, block, sizeof(block)) == -1 ||
		    fdatasync(fd) == -1)
			err(1, "%s", path);
		took[n] = now() - t;
	}
	qsort(took, (size_t)n, sizeof(took[0]), compare);
	printf("%.0f\n", took[n / 2]);
	return 0;
}
