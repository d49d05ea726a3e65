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
 * Reading a configuration file whole, if nobody but root and ourselves
 * could have written it.  Room: parent.  Key files are not read here, nor
 * anywhere else in this process.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "secure_file.h"

static char *
read_whole(int fd, size_t size, size_t *len)
{
	char	*buf;
	ssize_t	 n;
	size_t	 got = 0;

	if ((buf = malloc(size + 1)) == NULL)
		return NULL;
	while (got < size) {
		n = read(fd, buf + got, size - got);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			free(buf);
			return NULL;
		}
		if (n == 0)	/* it became shorter */
			break;
		got += (size_t)n;
	}
	buf[got] = '\0';
	*len = got;
	return buf;
}

char *
conf_file_read(const char *path, size_t *len, char *err, size_t errsize)
{
	struct stat	 st;
	char		*buf = NULL;
	int		 fd;

	fd = secure_file_open(path, SECURE_OWN_WRITE, &st, err, errsize);
	if (fd == -1)
		return NULL;
	if (st.st_size > CONF_MAX_FILE) {
		/* Cut is fine here and below: messages for people. */
		(void)snprintf(err, errsize, "%s is larger than %d bytes",
		    path, CONF_MAX_FILE);
		goto done;
	}
	if ((buf = read_whole(fd, (size_t)st.st_size, len)) == NULL)
		(void)snprintf(err, errsize, "cannot read %s: %s", path,
		    strerror(errno));
 done:
	close(fd);
	return buf;
}
