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
 * Tests of signer/journal.c: the chain, its continuation over restart and
 * rotation, torn ends at every byte, a full disk.  grantd-journal-check
 * reads each result.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "signer_fixture.h"

static char	 path[] = "signer_journal.XXXXXX";

static int
file_open(void)
{
	int	 fd = open(path, O_RDWR | O_APPEND | O_CREAT, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static size_t
file_read(char *out, size_t size)
{
	FILE	*f = fopen(path, "r");
	size_t	 n;

	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	assert_int_equal(fclose(f), 0);
	return n;
}

static void
file_write(const char *text, size_t len)
{
	FILE	*f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* The checker's opinion: 0 if it finds the chain whole. */
static int
check(void)
{
	return fixture_check(path, NULL) == 0 ? 0 : -1;
}

static void
journal_close(struct journal *j)
{
	(void)close(j->fd);
	free(j->wait);
}

static void
records(struct journal *j, int n)
{
	int	 i;

	for (i = 0; i < n; i++)
		assert_int_equal(journal_add(j, "test number=%d", i), 0);
	assert_int_equal(journal_commit(j), 0);
}

static int
setup(void **state)
{
	int	 fd;

	(void)state;
	(void)strlcpy(path, "signer_journal.XXXXXX", sizeof(path));
	fd = mkstemp(path);
	return fd == -1 || close(fd) == -1 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static void
test_chain(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 text[4096], zero[JOURNAL_HEX + 1];
	char		 hash[JOURNAL_HEX + 1];
	char		*line, *next;
	uint8_t		 raw[CRYPTO_HASH_LEN];
	int		 i;

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_add(&j, "nowhere"), -1);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 3);
	assert_int_equal(j.sequence, 4);
	(void)file_read(text, sizeof(text));
	assert_non_null(strstr(text, "open previous=0000"));
	memset(zero, '0', JOURNAL_HEX);
	zero[JOURNAL_HEX] = '\0';
	(void)strlcpy(hash, zero, sizeof(hash));
	for (i = 0, line = text; *line != '\0'; line = next + 1, i++) {
		assert_non_null(next = strchr(line, '\n'));
		(void)strlcpy(zero, line, sizeof(zero));
		memcpy(line, hash, JOURNAL_HEX);
		assert_int_equal(crypto_sha256(raw, line,
		    (size_t)(next - line)), 0);
		hex_encode(hash, raw, sizeof(raw));
		assert_string_equal(hash, zero);
	}
	assert_int_equal(i, 4);
	assert_int_equal(check(), 0);
	journal_close(&j);
}

static void
test_continued(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 last[JOURNAL_HEX + 1];
	int		 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		journal_init(&j);
		assert_int_equal(journal_open(&j, file_open(), &why), 0);
		assert_int_equal(j.sequence, 11 * i + 1);
		if (i > 0)
			assert_string_not_equal(j.last, last);
		records(&j, 10);
		(void)strlcpy(last, j.last, sizeof(last));
		journal_close(&j);
	}
	assert_int_equal(check(), 0);
}

static void
test_rotated(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 text[4096], former[sizeof(path)];
	char		 last[JOURNAL_HEX + 1];

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 3);
	(void)strlcpy(last, j.last, sizeof(last));
	(void)strlcpy(former, path, sizeof(former));
	(void)strlcpy(path, "signer_journal.XXXXXX", sizeof(path));
	assert_int_equal(close(mkstemp(path)), 0);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 3);
	assert_int_equal(j.sequence, 8);
	(void)file_read(text, sizeof(text));
	assert_non_null(strstr(strstr(text, "open previous="), last));
	assert_int_equal(check(), 0);
	assert_int_equal(fixture_check(former, path), 0);
	assert_int_equal(fixture_check(path, former), 1);
	/* The same file again, as after a reload without rotation. */
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 1);
	assert_int_equal(check(), 0);
	/* A directory: refused, the former one goes on. */
	assert_int_equal(journal_open(&j, open(".", O_RDONLY), &why), -1);
	records(&j, 1);
	assert_int_equal(check(), 0);
	assert_int_equal(unlink(former), 0);
	journal_close(&j);
}

/* The crash leaves any prefix of the last batch; all of them are mended. */
static void
test_torn(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 text[4096], now[8192];
	size_t		 whole, len, n, kept, i;

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 1);
	whole = file_read(text, sizeof(text));
	records(&j, 3);
	journal_close(&j);
	len = file_read(text, sizeof(text));
	for (n = whole; n < len; n++) {
		file_write(text, n);
		for (kept = 0, i = 0; i < n; i++)
			kept += text[i] == '\n';
		journal_init(&j);
		assert_int_equal(journal_open(&j, file_open(), &why), 0);
		/* lines, torn record if there is something, open record */
		assert_int_equal(j.sequence,
		    kept + (text[n - 1] != '\n') + 1);
		records(&j, 1);
		journal_close(&j);
		(void)file_read(now, sizeof(now));
		assert_memory_equal(now, text, n);	/* nothing is changed */
		assert_int_equal(strstr(now, " torn bytes=") != NULL,
		    text[n - 1] != '\n');
		if (n % 16 == 0)
			assert_int_equal(check(), 0);
	}
}

/* A crash while the end of a crash was being recorded. */
static void
test_torn_twice(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 text[8192];
	size_t		 n, from, to;

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 2);
	journal_close(&j);
	n = file_read(text, sizeof(text));
	file_write(text, from = n - 20);
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	journal_close(&j);
	to = file_read(text, sizeof(text));
	for (n = from; n <= to; n++) {
		file_write(text, n);
		journal_init(&j);
		assert_int_equal(journal_open(&j, file_open(), &why), 0);
		records(&j, 1);
		journal_close(&j);
		if (n % 8 == 0)
			assert_int_equal(check(), 0);
	}
	/* A hole of zeros and a changed line, as after a power failure. */
	n = file_read(text, sizeof(text) - 100);
	memset(text + n, 0, 50);
	text[n + 50] = '\n';
	memset(text + n + 51, 'x', 20);
	file_write(text, n + 71);
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 1);
	journal_close(&j);
	assert_int_equal(check(), 0);
}

static void
test_foreign_file(void **state)
{
	static const char *const texts[] = {
		"root:x:0:0:root:/root:/bin/sh\n", "\n", "x",
		"0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef"
		" 1 2026-01-01T00:00:00.000Z open previous="
		"00000000000000000000000000000000"
		"00000000000000000000000000000000"
		"\n",
	};
	struct journal	 j;
	const char	*why;
	char		 text[512];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		file_write(texts[i], strlen(texts[i]));
		journal_init(&j);
		assert_int_equal(journal_open(&j, file_open(), &why), -1);
		(void)file_read(text, sizeof(text));
		assert_string_equal(text, texts[i]);
		assert_int_equal(j.fd, -1);
		assert_int_equal(check(), -1);
	}
}

/* A full disk: the batch does not count, later ones do. */
static void
test_full(void **state)
{
	struct rlimit	 old, rl;
	struct journal	 j;
	struct stat	 st;
	const char	*why;
	char		 text[16384];
	int		 i;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 2);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (i = 0; i < 5; i++) {
		assert_int_equal(fstat(j.fd, &st), 0);
		rl = old;
		rl.rlim_cur = (rlim_t)st.st_size + (rlim_t)i * 60;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
		assert_int_equal(journal_add(&j, "lost number=%d of many "
		    "and long enough to be cut somewhere", i), 0);
		assert_int_equal(journal_add(&j, "lost too, and also rather "
		    "long, so that the cut is in a line"), 0);
		assert_int_equal(journal_commit(&j), -1);
		assert_int_equal(j.wait_len, 0);
		assert_int_equal(journal_commit(&j), -1);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		records(&j, 1);
	}
	journal_close(&j);
	assert_int_equal(check(), 0);
	(void)file_read(text, sizeof(text));
	assert_non_null(strstr(text, " torn bytes="));
}

/* Rotation because the disk was full: the new file fits to the old one. */
static void
test_full_rotated(void **state)
{
	struct rlimit	 old, rl;
	struct journal	 j;
	struct stat	 st;
	const char	*why;
	char		 former[sizeof(path)];

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 2);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(fstat(j.fd, &st), 0);
	rl = old;
	rl.rlim_cur = (rlim_t)st.st_size + 70;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
	assert_int_equal(journal_add(&j, "lost"), 0);
	assert_int_equal(journal_commit(&j), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)strlcpy(former, path, sizeof(former));
	(void)strlcpy(path, "signer_journal.XXXXXX", sizeof(path));
	assert_int_equal(close(mkstemp(path)), 0);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 1);
	assert_int_equal(fixture_check(former, path), 0);
	assert_int_equal(unlink(former), 0);
	journal_close(&j);
}

/* The checker finds every change of a byte and every missing line. */
static void
test_checker(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 text[4096], *line, *next;
	size_t		 len, i;

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	records(&j, 4);
	journal_close(&j);
	len = file_read(text, sizeof(text));
	for (i = 0; i < len - 1; i += 7) {
		text[i] ^= 1;
		file_write(text, len);
		assert_int_equal(check(), -1);
		text[i] ^= 1;
	}
	file_write(text, len);
	assert_int_equal(check(), 0);
	/* Each line but the last taken out (the end is the next file's). */
	for (line = text; (next = strchr(line, '\n'))[1] != '\0';
	    line = next + 1) {
		FILE	*f = fopen(path, "w");

		assert_non_null(f);
		(void)fwrite(text, 1, (size_t)(line - text), f);
		(void)fputs(next + 1, f);
		(void)fclose(f);
		assert_int_equal(check(), -1);
	}
}

static void
test_long(void **state)
{
	struct journal	 j;
	const char	*why;
	char		 big[8192];

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(journal_add(&j, "test text=%s", big), -1);
	big[5800] = '\0';
	assert_int_equal(journal_add(&j, "test text=%s", big), 0);
	assert_int_equal(journal_commit(&j), 0);
	records(&j, 1000);
	journal_close(&j);
	journal_init(&j);
	assert_int_equal(journal_open(&j, file_open(), &why), 0);
	assert_int_equal(j.sequence, 1003);
	journal_close(&j);
	assert_int_equal(check(), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chain),
		TEST(test_continued),
		TEST(test_rotated),
		TEST(test_torn),
		TEST(test_torn_twice),
		TEST(test_foreign_file),
		TEST(test_full),
		TEST(test_full_rotated),
		TEST(test_checker),
		TEST(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
