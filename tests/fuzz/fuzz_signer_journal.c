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
 * Any bytes as the journal that is found at the start: it is refused, or
 * continued behind what is there, which stays as it was.
 */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "journal.h"
#include "log.h"

/* A file without a name, in memory where the system has such a place. */
static int
file_open(void)
{
	char	 memory[] = "/dev/shm/journal.XXXXXX";
	char	 disk[] = "/tmp/journal.XXXXXX", *path = memory;
	int	 fd;

	if ((fd = mkstemp(path)) == -1)
		fd = mkstemp(path = disk);
	if (fd == -1 || unlink(path) == -1)
		abort();
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal	 j;
	const char	*why;
	uint8_t		*again;
	int		 fd = file_open(), mine;

	if (write(fd, data, size) != (ssize_t)size ||
	    fcntl(fd, F_SETFL, O_APPEND) == -1 || (mine = dup(fd)) == -1)
		abort();
	journal_init(&j);
	if (journal_open(&j, fd, &why) == 0) {
		if (j.sequence == 0 || j.torn || j.wait_len != 0)
			abort();
		(void)close(j.fd);
		free(j.wait);
	}
	if ((again = malloc(size + 1)) == NULL ||
	    pread(mine, again, size, 0) != (ssize_t)size ||
	    memcmp(again, data, size) != 0)
		abort();
	free(again);
	(void)close(mine);
	return 0;
}
