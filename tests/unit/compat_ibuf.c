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
 * ibuf as compat/ibuf.c makes it: bounds, orders, views, ownership.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <imsg.h>

#define assert_errno(call, result, error) do {				\
	errno = 0;							\
	assert_int_equal((call), (result));				\
	assert_int_equal(errno, (error));				\
} while (0)

static void
open_and_free(void **state)
{
	struct ibuf	*buf;

	(void)state;
	ibuf_free(NULL);
	assert_null(ibuf_dynamic(0, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(ibuf_dynamic(9, 8));
	assert_int_equal(errno, EINVAL);

	buf = ibuf_open(4);
	assert_non_null(buf);
	assert_int_equal(ibuf_size(buf), 0);
	assert_int_equal(ibuf_left(buf), 4);
	errno = EDOM;
	ibuf_free(buf);
	assert_int_equal(errno, EDOM);

	buf = ibuf_open(0);
	assert_non_null(buf);
	assert_errno(ibuf_add(buf, "x", 1), -1, ERANGE);
	assert_int_equal(ibuf_add(buf, NULL, 0), 0);
	ibuf_free(buf);
}

static void
limits(void **state)
{
	struct ibuf	*buf;

	(void)state;
	buf = ibuf_dynamic(2, 5);
	assert_int_equal(ibuf_add(buf, "abc", 3), 0);
	assert_int_equal(ibuf_left(buf), 2);
	assert_errno(ibuf_add(buf, "def", 3), -1, ERANGE);
	assert_errno(ibuf_add(buf, "def", SIZE_MAX), -1, ERANGE);
	assert_null(ibuf_reserve(buf, SIZE_MAX - 1));
	assert_int_equal(ibuf_size(buf), 3);
	assert_int_equal(ibuf_add(buf, "de", 2), 0);
	assert_memory_equal(ibuf_data(buf), "abcde", 5);
	assert_int_equal(ibuf_left(buf), 0);
	ibuf_free(buf);

	buf = ibuf_dynamic(1, 10);
	assert_int_equal(ibuf_add(buf, "abc", 3), 0);
	assert_errno(ibuf_set_maxsize(buf, 2), -1, ERANGE);
	assert_errno(ibuf_set_maxsize(buf, 11), -1, ERANGE);
	assert_int_equal(ibuf_set_maxsize(buf, 4), 0);
	assert_errno(ibuf_add(buf, "de", 2), -1, ERANGE);
	assert_int_equal(ibuf_add(buf, "d", 1), 0);
	ibuf_free(buf);
}

static void
growth_keeps_content(void **state)
{
	struct ibuf	*buf;
	uint8_t		 value;
	size_t		 i;

	(void)state;
	buf = ibuf_dynamic(0, 100003);
	for (i = 0; i < 100003; i++)
		assert_int_equal(ibuf_add_n8(buf, i & 0xff), 0);
	assert_errno(ibuf_add_n8(buf, 0), -1, ERANGE);
	for (i = 0; i < 100003; i++) {
		assert_int_equal(ibuf_get_n8(buf, &value), 0);
		assert_int_equal(value, i & 0xff);
	}
	assert_errno(ibuf_get_n8(buf, &value), -1, EBADMSG);
	ibuf_free(buf);
}

static void
integer_orders(void **state)
{
	static const uint8_t	 expect[] = { 0x01, 0x02, 0x03, 0x04, 0x05,
	    0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	struct ibuf	*buf;
	uint64_t	 n64;
	uint32_t	 n32;
	uint16_t	 n16;
	uint8_t		 n8;

	(void)state;
	buf = ibuf_open(64);
	assert_int_equal(ibuf_add_n8(buf, 0x01), 0);
	assert_int_equal(ibuf_add_n16(buf, 0x0203), 0);
	assert_int_equal(ibuf_add_n32(buf, 0x04050607), 0);
	assert_int_equal(ibuf_add_n64(buf, 0x08090a0b0c0d0e0fULL), 0);
	assert_int_equal(ibuf_size(buf), sizeof(expect));
	assert_memory_equal(ibuf_data(buf), expect, sizeof(expect));
	assert_int_equal(ibuf_add_h16(buf, 0x1122), 0);
	assert_int_equal(ibuf_add_h32(buf, 0x33445566), 0);
	assert_int_equal(ibuf_add_h64(buf, UINT64_MAX), 0);

	assert_int_equal(ibuf_get_n8(buf, &n8), 0);
	assert_int_equal(ibuf_get_n16(buf, &n16), 0);
	assert_int_equal(ibuf_get_n32(buf, &n32), 0);
	assert_int_equal(ibuf_get_n64(buf, &n64), 0);
	assert_int_equal(n8, 0x01);
	assert_int_equal(n16, 0x0203);
	assert_int_equal(n32, 0x04050607);
	assert_true(n64 == 0x08090a0b0c0d0e0fULL);
	assert_int_equal(ibuf_get_h16(buf, &n16), 0);
	assert_int_equal(ibuf_get_h32(buf, &n32), 0);
	assert_int_equal(ibuf_get_h64(buf, &n64), 0);
	assert_int_equal(n16, 0x1122);
	assert_int_equal(n32, 0x33445566);
	assert_true(n64 == UINT64_MAX);
	assert_int_equal(ibuf_size(buf), 0);
	ibuf_free(buf);
}

static void
integer_ranges(void **state)
{
	struct ibuf	*buf;

	(void)state;
	buf = ibuf_open(64);
	assert_errno(ibuf_add_n8(buf, 0x100), -1, EINVAL);
	assert_errno(ibuf_add_n16(buf, 0x10000), -1, EINVAL);
	assert_errno(ibuf_add_n32(buf, 0x100000000ULL), -1, EINVAL);
	assert_errno(ibuf_add_h16(buf, 0x10000), -1, EINVAL);
	assert_errno(ibuf_add_h32(buf, UINT64_MAX), -1, EINVAL);
	assert_int_equal(ibuf_size(buf), 0);
	assert_int_equal(ibuf_add_zero(buf, 8), 0);
	assert_errno(ibuf_set_n8(buf, 0, 0x100), -1, EINVAL);
	assert_errno(ibuf_set_n16(buf, 0, 0x10000), -1, EINVAL);
	assert_errno(ibuf_set_n32(buf, 0, 0x100000000ULL), -1, EINVAL);
	assert_errno(ibuf_set_h16(buf, 0, 0x10000), -1, EINVAL);
	assert_errno(ibuf_set_h32(buf, 0, 0x100000000ULL), -1, EINVAL);
	ibuf_free(buf);
}

static void
set_inside_only(void **state)
{
	struct ibuf	*buf;
	uint8_t		 first;

	(void)state;
	buf = ibuf_open(32);
	assert_errno(ibuf_set(buf, 0, "x", 1), -1, ERANGE);
	assert_null(ibuf_seek(buf, 0, 1));
	assert_int_equal(ibuf_add_zero(buf, 9), 0);
	assert_int_equal(ibuf_set_n8(buf, 0, 0xaa), 0);
	assert_int_equal(ibuf_set_n64(buf, 1, 0x0102030405060708ULL), 0);
	assert_errno(ibuf_set_n64(buf, 2, 1), -1, ERANGE);
	assert_errno(ibuf_set(buf, SIZE_MAX, "xy", 2), -1, ERANGE);
	assert_null(ibuf_seek(buf, 1, SIZE_MAX));
	/* Positions count from what is unread. */
	assert_int_equal(ibuf_get_n8(buf, &first), 0);
	assert_int_equal(first, 0xaa);
	assert_int_equal(ibuf_set_n16(buf, 0, 0xfffe), 0);
	assert_memory_equal(ibuf_data(buf), "\xff\xfe\x03", 3);
	assert_errno(ibuf_set_h64(buf, 1, 1), -1, ERANGE);
	assert_int_equal(ibuf_set_h64(buf, 0, 1), 0);
	assert_int_equal(ibuf_set_h32(buf, 4, 1), 0);
	assert_int_equal(ibuf_set_h16(buf, 6, 1), 0);
	assert_int_equal(ibuf_set_n32(buf, 4, 1), 0);
	ibuf_free(buf);
}

static void
truncate_skip_rewind(void **state)
{
	struct ibuf	*buf;

	(void)state;
	buf = ibuf_dynamic(2, 8);
	assert_int_equal(ibuf_add(buf, "abcdef", 6), 0);
	assert_errno(ibuf_skip(buf, 7), -1, EBADMSG);
	assert_int_equal(ibuf_skip(buf, 2), 0);
	assert_int_equal(ibuf_truncate(buf, 3), 0);
	assert_int_equal(ibuf_size(buf), 3);
	assert_memory_equal(ibuf_data(buf), "cde", 3);
	ibuf_rewind(buf);
	assert_int_equal(ibuf_size(buf), 5);
	assert_int_equal(ibuf_truncate(buf, 8), 0);
	assert_memory_equal(ibuf_data(buf), "abcde\0\0\0", 8);
	assert_errno(ibuf_truncate(buf, 9), -1, ERANGE);
	ibuf_free(buf);
}

static void
strings(void **state)
{
	struct ibuf	*buf;
	char		 field[6], *text;

	(void)state;
	buf = ibuf_open(64);
	assert_errno(ibuf_add_strbuf(buf, "abcdef", 6), -1, EOVERFLOW);
	assert_errno(ibuf_add_strbuf(buf, "", 0), -1, EOVERFLOW);
	assert_int_equal(ibuf_size(buf), 0);
	assert_int_equal(ibuf_add_strbuf(buf, "abcde", 6), 0);
	assert_int_equal(ibuf_add_strbuf(buf, "a", 6), 0);
	assert_int_equal(ibuf_add(buf, "x\0yyyy", 6), 0);
	assert_int_equal(ibuf_add(buf, "zzzzzz", 6), 0);
	assert_int_equal(ibuf_add(buf, "ab\0d", 4), 0);

	assert_errno(ibuf_get_strbuf(buf, field, 0), -1, EINVAL);
	assert_int_equal(ibuf_get_strbuf(buf, field, 6), 0);
	assert_string_equal(field, "abcde");
	memset(field, 'q', sizeof(field));
	assert_int_equal(ibuf_get_strbuf(buf, field, 6), 0);
	assert_memory_equal(field, "a\0\0\0\0\0", 6);
	assert_int_equal(ibuf_get_strbuf(buf, field, 6), 0);
	assert_memory_equal(field, "x\0\0\0\0\0", 6);
	assert_errno(ibuf_get_strbuf(buf, field, 6), -1, EOVERFLOW);
	assert_string_equal(field, "zzzzz");

	errno = 0;
	assert_null(ibuf_get_string(buf, 5));
	assert_int_equal(errno, EBADMSG);
	text = ibuf_get_string(buf, 4);
	assert_string_equal(text, "ab");
	free(text);
	text = ibuf_get_string(buf, 0);
	assert_string_equal(text, "");
	free(text);
	assert_errno(ibuf_get_strbuf(buf, field, 1), -1, EBADMSG);
	ibuf_free(buf);
}

static void
views(void **state)
{
	struct ibuf	*buf, view, part;
	char		 bytes[] = "abcdef", got[4];

	(void)state;
	ibuf_from_buffer(&view, bytes, 6);
	assert_int_equal(ibuf_size(&view), 6);
	assert_int_equal(ibuf_left(&view), 0);
	assert_errno(ibuf_add(&view, "x", 1), -1, EINVAL);
	assert_null(ibuf_reserve(&view, 0));
	assert_int_equal(ibuf_get_ibuf(&view, 2, &part), 0);
	assert_int_equal(ibuf_size(&part), 2);
	assert_int_equal(ibuf_get(&part, got, 2), 0);
	assert_memory_equal(got, "ab", 2);
	assert_errno(ibuf_get(&part, got, 1), -1, EBADMSG);
	assert_errno(ibuf_get_ibuf(&view, 5, &part), -1, EBADMSG);

	/* Within a view there is nothing to grow into. */
	assert_int_equal(ibuf_truncate(&view, 3), 0);
	assert_errno(ibuf_truncate(&view, 4), -1, ERANGE);
	assert_errno(ibuf_set_maxsize(&view, 1), -1, EINVAL);
	ibuf_from_ibuf(&part, &view);
	assert_int_equal(ibuf_size(&part), 3);
	assert_int_equal(ibuf_fd_get(&part), -1);
	assert_false(ibuf_fd_avail(&part));

	buf = ibuf_open(8);
	assert_int_equal(ibuf_add_ibuf(buf, &part), 0);
	assert_memory_equal(ibuf_data(buf), "cde", 3);
	assert_int_equal(ibuf_size(&part), 3);
	ibuf_free(buf);
}

static sigjmp_buf	 aborted;

static void
on_abort(int sig)
{
	(void)sig;
	siglongjmp(aborted, 1);
}

static void
freeing_a_view_aborts(void **state)
{
	struct ibuf	 view;
	volatile int	 reached = 0;
	char		 byte = 0;

	(void)state;
	ibuf_from_buffer(&view, &byte, 1);
	if (signal(SIGABRT, on_abort) == SIG_ERR)
		fail();
	if (sigsetjmp(aborted, 1) == 0) {
		ibuf_free(&view);
		reached = 1;
	}
	assert_true(signal(SIGABRT, SIG_DFL) != SIG_ERR);
	assert_int_equal(reached, 0);
}

static void
descriptors(void **state)
{
	struct ibuf	*buf;
	int		 fd, second;

	(void)state;
	buf = ibuf_open(1);
	assert_false(ibuf_fd_avail(buf));
	assert_int_equal(ibuf_fd_get(buf), -1);
	fd = open("/dev/null", O_RDONLY);
	second = open("/dev/null", O_RDONLY);
	ibuf_fd_set(buf, fd);
	assert_true(ibuf_fd_avail(buf));
	ibuf_fd_set(buf, second);	/* closes fd */
	assert_errno(fcntl(fd, F_GETFD), -1, EBADF);
	assert_int_equal(ibuf_fd_get(buf), second);
	assert_false(ibuf_fd_avail(buf));
	ibuf_fd_set(buf, second);
	ibuf_free(buf);			/* closes second */
	assert_errno(fcntl(second, F_GETFD), -1, EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_and_free),
		cmocka_unit_test(limits),
		cmocka_unit_test(growth_keeps_content),
		cmocka_unit_test(integer_orders),
		cmocka_unit_test(integer_ranges),
		cmocka_unit_test(set_inside_only),
		cmocka_unit_test(truncate_skip_rewind),
		cmocka_unit_test(strings),
		cmocka_unit_test(views),
		cmocka_unit_test(freeing_a_view_aborts),
		cmocka_unit_test(descriptors),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
