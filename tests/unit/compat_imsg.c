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
 * imsg as compat/imsg.c makes it, over real socketpairs.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <imsg.h>

static void
round_trip(void **state)
{
	struct imsgbuf	 a, b;
	struct imsg	 imsg;
	int		 sv[2];
	char		 text[6];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(imsgbuf_init(&a, sv[0]), 0);
	assert_int_equal(imsgbuf_init(&b, sv[1]), 0);
	assert_int_equal(imsg_compose(&a, 7, 8, 0, -1, "hello", 6), 1);
	assert_int_equal(imsgbuf_queuelen(&a), 1);
	assert_int_equal(imsgbuf_flush(&a), 0);
	assert_int_equal(imsgbuf_read(&b), 1);
	assert_int_equal(imsgbuf_get(&b, &imsg), 1);
	assert_int_equal(imsg_get_type(&imsg), 7);
	assert_int_equal(imsg_get_id(&imsg), 8);
	assert_int_equal(imsg_get_pid(&imsg), getpid());
	assert_int_equal(imsg_get_data(&imsg, text, sizeof(text)), 0);
	assert_string_equal(text, "hello");
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&b, &imsg), 0);
	imsgbuf_clear(&a);
	imsgbuf_clear(&b);
	close(sv[0]);
	close(sv[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
