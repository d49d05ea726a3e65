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
 * Opening files with a check of owner and mode on the open descriptor.
 * Room: parent.  It must not read what it opens.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "secure_file.h"

#define SECURE_JOURNAL_MODE	0600

static const struct secure_rule {
	int		 flags;
	mode_t		 forbidden;	/* permission bits */
	const char	*trouble;
	const char	*mend;		/* argument of chmod */
} secure_rules[] = {
	[SECURE_OWN_WRITE] = { O_RDONLY, S_IWGRP | S_IWOTH,
	    "lets others write it", "go-w" },
	[SECURE_SECRET] = { O_RDONLY, S_IRWXG | S_IRWXO | S_IXUSR,
	    "lets others read it", "0600" },
	[SECURE_JOURNAL] = { O_RDWR | O_APPEND | O_CREAT,
	    S_IRWXG | S_IRWXO | S_IXUSR, "lets others read it", "0600" }
};

/* root's file, or ours when we are not root; mended by its present owner. */
int
secure_file_check(const char *path, enum secure_want want,
    const struct stat *st, uid_t uid, char *err, size_t errsize)
{
	const struct secure_rule	*sr = &secure_rules[want];
	mode_t				 mode = st->st_mode & 07777;
	char				 owner[16];

	/* Cut is fine in all of these: messages for people. */
	if (!S_ISREG(st->st_mode)) {
		(void)snprintf(err, errsize, "%s is not a regular file", path);
		return -1;
	}
	if (st->st_uid != 0 && st->st_uid != uid) {
		(void)snprintf(owner, sizeof(owner), "%u", (unsigned int)uid);
		(void)snprintf(err, errsize, "%s belongs to user %u; run: "
		    "chown %s %s", path, (unsigned int)st->st_uid,
		    uid == 0 ? "root" : owner, path);
		return -1;
	}
	if ((mode & sr->forbidden) != 0) {
		(void)snprintf(err, errsize, "%s has mode %04o, which %s; "
		    "run: chmod %s %s", path, (unsigned int)mode, sr->trouble,
		    sr->mend, path);
		return -1;
	}
	return 0;
}

int
secure_file_open(const char *path, enum secure_want want, struct stat *st,
    char *err, size_t errsize)
{
	int	 fd;

	/* O_NONBLOCK: a FIFO in the place of a file must not hold us up. */
	fd = open(path, secure_rules[want].flags | O_CLOEXEC | O_NONBLOCK |
	    O_NOCTTY, SECURE_JOURNAL_MODE);
	if (fd == -1) {
		(void)snprintf(err, errsize, "cannot open %s: %s", path,
		    strerror(errno));
		return -1;
	}
	if (fstat(fd, st) == -1) {
		(void)snprintf(err, errsize, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (secure_file_check(path, want, st, geteuid(), err, errsize) == -1)
		goto fail;
	return fd;
 fail:
	close(fd);
	return -1;
}
