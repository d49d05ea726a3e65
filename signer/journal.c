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
 * The journal of what was signed.  Room: signer.  Writes to the descriptor
 * that the parent opened for appending and never changes what is there: a
 * line that a crash tore stays, and a "torn" record says how many bytes
 * before it are not part of the chain.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"
#include "journal.h"
#include "log.h"

#define JOURNAL_LINE	6144	/* bytes; the longest record has about 4600 */

void
journal_init(struct journal *j)
{
	memset(j, 0, sizeof(*j));
	j->fd = -1;
	memset(j->last, '0', JOURNAL_HEX);
}

static int
journal_hash(char out[JOURNAL_HEX + 1], const char *text, size_t len)
{
	uint8_t	 hash[CRYPTO_HASH_LEN];

	if (crypto_sha256(hash, text, len) == -1)
		return -1;
	hex_encode(out, hash, sizeof(hash));
	return 0;
}

/* The start of the line that ends before `end`. */
static const char *
journal_line(const char *text, const char *end)
{
	while (end > text && end[-1] != '\n')
		end--;
	return end;
}

/* The number of the line [p, end) if its hash continues the chain, else 0. */
static uint64_t
journal_good(const char *text, const char *p, const char *end, int whole)
{
	char			 line[JOURNAL_LINE], hash[JOURNAL_HEX + 1];
	unsigned long long	 n;
	size_t			 len = end - p;
	const char		*prev;

	if (len <= JOURNAL_HEX || len >= sizeof(line))
		return 0;
	memcpy(line, p, len);
	line[len] = '\0';
	if (p > text) {
		prev = journal_line(text, p - 1);
		if (p - prev <= JOURNAL_HEX)
			return 0;
	} else if (!whole || (prev = strstr(line, " open previous=")) == NULL ||
	    strlen(prev += 15) < JOURNAL_HEX)
		return 0;
	memmove(line, prev, JOURNAL_HEX);
	if (journal_hash(hash, line, len) == -1 ||
	    memcmp(hash, p, JOURNAL_HEX) != 0 ||
	    sscanf(line + JOURNAL_HEX, " %llu ", &n) != 1)
		return 0;
	return n;
}

static int
journal_put(struct journal *j, const char *text, size_t len)
{
	char	*p;

	if (j->wait_size - j->wait_len < len) {
		p = reallocarray(j->wait, 2, j->wait_len + len);
		if (p == NULL)
			return -1;
		j->wait = p;
		j->wait_size = 2 * (j->wait_len + len);
	}
	memcpy(j->wait + j->wait_len, text, len);
	j->wait_len += len;
	return 0;
}

/*
 * Finds the end of the chain in the file; *torn: bytes behind it, *open:
 * without a newline at their end.  An empty file leaves the chain as it is.
 */
static int
journal_find(struct journal *j, size_t *torn, int *open, const char **why)
{
	struct stat	 st;
	char		*text = NULL;
	const char	*p, *end;
	ssize_t		 n;
	size_t		 len = 0;
	uint64_t	 number = 0;
	off_t		 from;
	int		 ret = -1;

	*why = "is no regular file that can be read";
	if (fstat(j->fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (text = malloc(JOURNAL_TAIL)) == NULL)
		goto done;
	from = st.st_size > JOURNAL_TAIL ? st.st_size - JOURNAL_TAIL : 0;
	if (lseek(j->fd, from, SEEK_SET) == -1)
		goto done;
	while ((n = read(j->fd, text + len, JOURNAL_TAIL - len)) > 0)
		len += (size_t)n;
	if (n == -1)
		goto done;
	*why = "ends in nothing that this program wrote; move it away";
	p = end = text + len;
	while (p > text && number == 0) {
		end = p;
		p = journal_line(text, end - 1);
		if (end[-1] == '\n')
			number = journal_good(text, p, end - 1, from == 0);
	}
	if (number == 0 && len > 0)
		goto done;
	if (number > 0) {
		j->sequence = number;
		memcpy(j->last, p, JOURNAL_HEX);
	}
	*torn = (size_t)(text + len - end);
	*open = *torn > 0 && text[len - 1] != '\n';
	ret = 0;
 done:
	free(text);
	return ret;
}

/* Goes on behind what a failed write or a crash left. */
static int
journal_settle(struct journal *j, const char **why)
{
	size_t	 torn;
	int	 open;

	if (journal_find(j, &torn, &open, why) == -1)
		return -1;
	j->torn = 0;
	if (torn == 0)
		return 0;
	log_warnx("journal: %zu torn bytes after line %llu", torn,
	    (unsigned long long)j->sequence);
	if ((!open || journal_put(j, "\n", 1) == 0) &&
	    journal_add(j, "torn bytes=%zu", torn) == 0)
		return 0;
	j->torn = 1;
	return -1;
}

int
journal_open(struct journal *j, int fd, const char **why)
{
	struct journal	 old;
	size_t		 torn;
	int		 open;

	if (j->torn)	/* the new file refers to what the old one has */
		(void)journal_find(j, &torn, &open, why);
	old = *j;
	j->fd = fd;
	j->wait = NULL;
	j->wait_len = j->wait_size = 0;
	if (journal_settle(j, why) == -1)
		goto fail;
	*why = "cannot be written";
	if (journal_add(j, "open previous=%s", j->last) == -1 ||
	    journal_commit(j) == -1)
		goto fail;
	free(old.wait);
	if (old.fd != -1)
		(void)close(old.fd);
	return 0;
 fail:
	free(j->wait);
	*j = old;
	(void)close(fd);
	return -1;
}

int
journal_add(struct journal *j, const char *fmt, ...)
{
	char		 line[JOURNAL_LINE], hash[JOURNAL_HEX + 1], when[32];
	const char	*why;
	struct timespec	 now;
	struct tm	 tm;
	va_list		 ap;
	int		 n, k;

	if (j->fd == -1 || (j->torn && journal_settle(j, &why) == -1) ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    gmtime_r(&now.tv_sec, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return -1;
	n = snprintf(line, sizeof(line), "%s %llu %s.%03ldZ ", j->last,
	    (unsigned long long)j->sequence + 1, when, now.tv_nsec / 1000000);
	va_start(ap, fmt);
	k = vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	if (k < 0 || (size_t)(n += k) + 1 >= sizeof(line) ||
	    journal_hash(hash, line, (size_t)n) == -1)
		return -1;
	memcpy(line, hash, JOURNAL_HEX);
	line[n++] = '\n';
	if (journal_put(j, line, (size_t)n) == -1)
		return -1;
	memcpy(j->last, hash, sizeof(hash));
	j->sequence++;
	return 0;
}

int
journal_commit(struct journal *j)
{
	size_t	 done = 0;
	ssize_t	 n = 0;

	while (done < j->wait_len) {
		n = write(j->fd, j->wait + done, j->wait_len - done);
		if (n == -1 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (done < j->wait_len) {
		log_warn("journal: write");
		j->torn = 1;
	} else if (done > 0 && fdatasync(j->fd) == -1)
		fatal("journal: fdatasync");
	j->wait_len = 0;
	return j->torn ? -1 : 0;
}
