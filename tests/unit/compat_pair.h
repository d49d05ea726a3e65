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
 * A pair of imsg buffers for tests.
 */

#ifndef COMPAT_PAIR_H
#define COMPAT_PAIR_H

#define FD_LIMIT	256	/* descriptors that the tests look at */

#define assert_errno(call, result, error) do {				\
	errno = 0;							\
	assert_int_equal((call), (result));				\
	assert_int_equal(errno, (error));				\
} while (0)

struct pair {
	struct imsgbuf	 a;
	struct imsgbuf	 b;
	int		 sv[2];
	int		 before;	/* open descriptors at the start */
};

/* A test with a pair of its own; no test may leave a descriptor open. */
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int	 fd_count(void);
int	 fd_open(void);
int	 setup(void **);
int	 teardown(void **);
void	 nonblocking(int);
/* Reads until a message is whole. */
void	 receive(struct imsgbuf *, struct imsg *);
/* The next message has this type and (fd) a descriptor that works. */
void	 expect(struct imsgbuf *, uint32_t, int);
/* Bytes and descriptors, in one sendmsg(2). */
void	 send_raw(int, const void *, size_t, const int *, int);

#endif /* COMPAT_PAIR_H */
