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
 * Opening files that only root or ourselves may own: configuration, keys,
 * the password of the database, the journal.  A refusal names the command
 * that mends it.  Room: parent.
 */

#ifndef SECURE_FILE_H
#define SECURE_FILE_H

#include <sys/types.h>
#include <sys/stat.h>

enum secure_want {
	SECURE_OWN_WRITE,	/* no one else may write it */
	SECURE_SECRET,		/* no one else may read it either */
	SECURE_JOURNAL		/* as SECRET; for append, made if missing */
};

/*
 * A descriptor (close-on-exec) of a regular file and its stat in *st, or
 * -1 and a sentence in err.
 */
int	 secure_file_open(const char *path, enum secure_want, struct stat *st,
	    char *err, size_t errsize);
/*
 * Whether the owner and mode will do for a process of user uid; the pure
 * part of the above.  0, or -1 and a sentence.
 */
int	 secure_file_check(const char *path, enum secure_want,
	    const struct stat *, uid_t uid, char *err, size_t errsize);

#endif /* SECURE_FILE_H */
