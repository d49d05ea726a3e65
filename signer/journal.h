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
 * The journal: one line for each thing the signer did, chained by hashes:
 *	HASH SEQUENCE TIME EVENT key=value...
 * HASH is SHA-256, in hex, of the former line's HASH, a blank and the rest
 * of the line.  grantd-journal-check(8) verifies it.
 */

#ifndef JOURNAL_H
#define JOURNAL_H

#include <sys/types.h>
#include <stdint.h>

#include "crypto.h"

#define JOURNAL_HEX	(2 * CRYPTO_HASH_LEN)
#define JOURNAL_TAIL	(1024 * 1024)	/* read to find the last good line */
#define JOURNAL_BATCH	(256 * 1024)	/* bytes waiting: time to commit */

struct journal {
	int		 fd;		/* -1: none */
	char		 last[JOURNAL_HEX + 1];	/* hash of the last line */
	uint64_t	 sequence;	/* its number */
	int		 torn;		/* a write failed: look again */
	char		*wait;		/* records not written yet, as lines */
	size_t		 wait_len;
	size_t		 wait_size;
};

/* No file yet: journal_open() before the first record. */
void	 journal_init(struct journal *);
/*
 * Takes fd (regular file, open for reading and appending) in place of the
 * former one, continues the chain and records "open".  On -1, with *why,
 * fd is closed and the former file stays in use.
 */
int	 journal_open(struct journal *, int fd, const char **why);
/* Queues a record.  0, or -1 if it cannot be (it is then not there). */
int	 journal_add(struct journal *, const char *fmt, ...)
	    __attribute__((__format__(printf, 2, 3)));
/*
 * Writes and flushes what was queued.  -1: nothing of it counts.  Exits
 * when the flush fails, since what is on the disk is then unknown.
 */
int	 journal_commit(struct journal *);

#endif /* JOURNAL_H */
