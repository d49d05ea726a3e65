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
 * imsg as compat/imsg.c makes it, over real sockets: messages, their lengths
 * and limits.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

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

#include "compat_pair.h"

static void
round_trip(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	char		 text[6];

	assert_int_equal(imsg_compose(&p->a, 7, 8, 0, -1, "hello", 6), 1);
	assert_int_equal(imsg_compose(&p->a, 9, 1, 4711, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_queuelen(&p->a), 2);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	assert_int_equal(imsgbuf_queuelen(&p->a), 0);
	assert_int_equal(imsgbuf_read(&p->b), 1);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_type(&imsg), 7);
	assert_int_equal(imsg_get_id(&imsg), 8);
	assert_int_equal(imsg_get_pid(&imsg), getpid());
	assert_int_equal(imsg_get_len(&imsg), 6);
	assert_int_equal(imsg.hdr.len, IMSG_HEADER_SIZE + 6);
	assert_memory_equal(imsg.data, "hello", 6);
	assert_int_equal(imsg_get_data(&imsg, text, sizeof(text)), 0);
	assert_string_equal(text, "hello");
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_pid(&imsg), 4711);
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

static void
no_payload(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 byte;

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	receive(&p->b, &imsg);
	assert_int_equal(imsg_get_len(&imsg), 0);
	assert_null(imsg.data);
	assert_errno(imsg_get_ibuf(&imsg, &view), -1, EBADMSG);
	assert_errno(imsg_get_data(&imsg, &byte, 0), -1, EINVAL);
	assert_errno(imsg_get_data(&imsg, &byte, 1), -1, EBADMSG);
	assert_errno(imsg_get_buf(&imsg, &byte, 1), -1, EBADMSG);
	imsg_free(&imsg);
}

static void
payload_must_fit_exactly(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct ibuf	 view;
	char		 bytes[16];

	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abcd\0xyz", 8), 1);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "abcdefgh", 8), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	receive(&p->b, &imsg);
	assert_errno(imsg_get_data(&imsg, bytes, 7), -1, EBADMSG);
	assert_errno(imsg_get_data(&imsg, bytes, 9), -1, EBADMSG);
	assert_int_equal(imsg_get_buf(&imsg, bytes, 2), 0);
	assert_memory_equal(bytes, "ab", 2);
	/* What was read is gone: the whole no longer is 8. */
	assert_errno(imsg_get_data(&imsg, bytes, 8), -1, EBADMSG);
	memset(bytes, 'q', sizeof(bytes));
	assert_int_equal(imsg_get_strbuf(&imsg, bytes, 6), 0);
	assert_memory_equal(bytes, "cd\0\0\0\0", 6);
	imsg_free(&imsg);

	receive(&p->b, &imsg);
	assert_errno(imsg_get_strbuf(&imsg, bytes, 4), -1, EOVERFLOW);
	assert_string_equal(bytes, "abc");
	assert_int_equal(imsg_get_ibuf(&imsg, &view), 0);
	assert_int_equal(ibuf_size(&view), 4);
	assert_memory_equal(ibuf_data(&view), "efgh", 4);
	imsg_free(&imsg);
}

static void
limits_when_sending(void **state)
{
	struct pair	*p = *state;
	struct iovec	 iov[2];
	struct ibuf	*msg;
	char		*big;
	size_t		 max = MAX_IMSGSIZE - IMSG_HEADER_SIZE;
	int		 fd;

	big = calloc(1, MAX_IMSGSIZE);
	assert_non_null(big);
	fd = fd_open();
	assert_errno(imsg_compose(&p->a, 1, 0, 0, fd, big, max + 1), -1,
	    ERANGE);
	assert_errno(imsg_compose(&p->a, 1, 0, 0, fd, big, SIZE_MAX), -1,
	    ERANGE);
	iov[0].iov_base = iov[1].iov_base = big;
	iov[0].iov_len = max;
	iov[1].iov_len = 1;
	assert_errno(imsg_composev(&p->a, 1, 0, 0, fd, iov, 2), -1, ERANGE);
	iov[1].iov_len = SIZE_MAX;
	assert_errno(imsg_composev(&p->a, 1, 0, 0, fd, iov, 2), -1, ERANGE);
	/* On failure the descriptor is still ours. */
	assert_int_equal(close(fd), 0);
	assert_null(imsg_create(&p->a, 1, 0, 0, max + 1));

	/* imsg_add() frees the message when it fails: nothing left to free. */
	msg = imsg_create(&p->a, 1, 0, 0, 0);
	assert_non_null(msg);
	assert_int_equal(imsg_add(msg, big, max), max);
	assert_errno(imsg_add(msg, big, 1), -1, ERANGE);

	/* So does imsg_compose_ibuf(), always. */
	msg = ibuf_open(max + 1);
	assert_int_equal(ibuf_add(msg, big, max + 1), 0);
	assert_errno(imsg_compose_ibuf(&p->a, 1, 0, 0, msg), -1, ERANGE);
	assert_int_equal(imsgbuf_queuelen(&p->a), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, big, max), 1);
	free(big);
}

static void
limit_can_be_set(void **state)
{
	struct pair	*p = *state;

	assert_errno(imsgbuf_set_maxsize(&p->a, UINT32_MAX), -1, ERANGE);
	assert_errno(imsgbuf_set_maxsize(&p->a, 0x80000000U), -1, EINVAL);
	assert_errno(imsgbuf_set_maxsize(&p->a,
	    0x80000000U - IMSG_HEADER_SIZE), -1, EINVAL);
	assert_int_equal(imsgbuf_set_maxsize(&p->a,
	    0x7fffffffU - IMSG_HEADER_SIZE), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->a, 2), 0);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "ab", 2), 1);
	assert_errno(imsg_compose(&p->a, 1, 0, 0, -1, "abc", 3), -1, ERANGE);
}

/* A header of this length, at the other end's limit of 16384. */
static void
refuse_length(uint32_t len, int good)
{
	struct pair	*p;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	void		*state = NULL;

	assert_int_equal(setup(&state), 0);
	p = state;
	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 1;
	/* A good one before it still arrives. */
	assert_int_equal(imsg_compose(&p->a, 5, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	hdr.len = len;
	assert_int_equal(write(p->sv[0], &hdr, sizeof(hdr)), sizeof(hdr));
	errno = 0;
	assert_int_equal(imsgbuf_read(&p->b), good ? 1 : -1);
	if (!good)
		assert_int_equal(errno, ERANGE);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 1);
	assert_int_equal(imsg_get_type(&imsg), 5);
	imsg_free(&imsg);
	assert_int_equal(teardown(&state), 0);
}

static void
lengths_when_receiving(void **state)
{
	(void)state;
	refuse_length(0, 0);
	refuse_length(IMSG_HEADER_SIZE - 1, 0);
	refuse_length(IMSG_HEADER_SIZE, 1);
	refuse_length(MAX_IMSGSIZE, 1);
	refuse_length(MAX_IMSGSIZE + 1, 0);
	refuse_length(0x7fffffffU, 0);
	refuse_length(UINT32_MAX, 0);
}

/* After a bad length the link stays bad: nothing is made of what follows. */
static void
bad_length_is_final(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;

	memset(&hdr, 0, sizeof(hdr));
	assert_int_equal(write(p->sv[0], &hdr, sizeof(hdr)), sizeof(hdr));
	assert_errno(imsgbuf_read(&p->b), -1, ERANGE);
	assert_int_equal(imsg_compose(&p->a, 5, 0, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_flush(&p->a), 0);
	assert_errno(imsgbuf_read(&p->b), -1, ERANGE);
	assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
}

/* Messages larger than one read, between small ones. */
static void
large_messages(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	unsigned char	*big;
	size_t		 i, len = 3 * IBUF_READ_SIZE + 17;

	big = malloc(len);
	assert_non_null(big);
	for (i = 0; i < len; i++)
		big[i] = i * 31 >> 3;
	assert_int_equal(imsgbuf_set_maxsize(&p->a, len), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->b, len), 0);
	nonblocking(p->sv[0]);
	nonblocking(p->sv[1]);
	assert_int_equal(imsg_compose(&p->a, 1, 0, 0, -1, "a", 1), 1);
	assert_int_equal(imsg_compose(&p->a, 2, 0, 0, fd_open(), big, len), 1);
	assert_int_equal(imsg_compose(&p->a, 3, 0, 0, -1, "b", 1), 1);
	for (i = 1; i <= 3;) {
		assert_int_equal(imsgbuf_write(&p->a), 0);
		assert_int_equal(imsgbuf_read(&p->b), 1);
		if (imsgbuf_get(&p->b, &imsg) == 0)
			continue;
		assert_int_equal(imsg_get_type(&imsg), i);
		if (i == 2) {
			assert_int_equal(imsg_get_len(&imsg), len);
			assert_memory_equal(imsg.data, big, len);
		}
		imsg_free(&imsg);	/* closes the unclaimed descriptor */
		i++;
	}
	free(big);
}

/* What arrives in two parts, split at every byte, arrives. */
static void
split_at_every_byte(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	char		 wire[2 * sizeof(hdr) + 5];
	size_t		 at;
	int		 fd;

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 1;
	hdr.len = sizeof(hdr);
	memcpy(wire, &hdr, sizeof(hdr));
	hdr.type = 2;
	hdr.len = (sizeof(hdr) + 5) | 0x80000000U;
	memcpy(wire + sizeof(hdr), &hdr, sizeof(hdr));
	memcpy(wire + 2 * sizeof(hdr), "abcd", 5);

	for (at = 1; at < sizeof(wire); at++) {
		/* The descriptor comes with the part in which 2 begins. */
		fd = fd_open();
		send_raw(p->sv[0], wire, at, &fd, at > sizeof(hdr));
		assert_int_equal(imsgbuf_read(&p->b), 1);
		send_raw(p->sv[0], wire + at, sizeof(wire) - at, &fd,
		    at <= sizeof(hdr));
		close(fd);
		/* Where 2 begins in the first part, it is one header later. */
		if (at < sizeof(hdr)) {
			assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
		}
		expect(&p->b, 1, 0);
		receive(&p->b, &imsg);
		assert_int_equal(imsg_get_type(&imsg), 2);
		assert_int_equal(imsg_get_len(&imsg), 5);
		assert_memory_equal(imsg.data, "abcd", 5);
		fd = imsg_get_fd(&imsg);
		assert_int_not_equal(fd, -1);
		close(fd);
		imsg_free(&imsg);
		assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
	}
}

static void
byte_by_byte(void **state)
{
	struct pair	*p = *state;
	struct imsg	 imsg;
	struct imsg_hdr	 hdr;
	char		 wire[sizeof(hdr) + 3];
	size_t		 i;

	memset(&hdr, 0, sizeof(hdr));
	hdr.type = 3;
	hdr.len = sizeof(wire);
	memcpy(wire, &hdr, sizeof(hdr));
	memcpy(wire + sizeof(hdr), "xyz", 3);
	for (i = 0; i < sizeof(wire); i++) {
		assert_int_equal(imsgbuf_get(&p->b, &imsg), 0);
		assert_int_equal(write(p->sv[0], wire + i, 1), 1);
		assert_int_equal(imsgbuf_read(&p->b), 1);
	}
	receive(&p->b, &imsg);
	assert_memory_equal(imsg.data, "xyz", 3);
	imsg_free(&imsg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip),
		TEST(no_payload),
		TEST(payload_must_fit_exactly),
		TEST(limits_when_sending),
		TEST(limit_can_be_set),
		TEST(lengths_when_receiving),
		TEST(bad_length_is_final),
		TEST(large_messages),
		TEST(split_at_every_byte),
		TEST(byte_by_byte),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
