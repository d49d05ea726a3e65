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


/* The table of messages: who, to whom, how long, with a descriptor or not. */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "ipc.h"

struct pair {
	struct imsgbuf	 a;
	struct imsgbuf	 b;
	int		 fds[2];
};

static void
pair_open(struct pair *p)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->fds), 0);
	assert_int_equal(imsgbuf_init(&p->a, p->fds[0]), 0);
	assert_int_equal(imsgbuf_init(&p->b, p->fds[1]), 0);
	imsgbuf_allow_fdpass(&p->a);
	imsgbuf_allow_fdpass(&p->b);
	assert_int_equal(imsgbuf_set_maxsize(&p->a, 100000), 0);
	assert_int_equal(imsgbuf_set_maxsize(&p->b, 100000), 0);
}

static void
pair_close(struct pair *p)
{
	imsgbuf_clear(&p->a);
	imsgbuf_clear(&p->b);
	close(p->fds[0]);
	close(p->fds[1]);
}

/* Sends without the table and checks at the other end. */
static int
check(struct pair *p, uint32_t type, size_t len, int with_fd,
    enum role sender, enum role receiver, const char **why)
{
	struct imsg	 imsg;
	char		*payload;
	int		 fd = -1, n, result;

	assert_non_null(payload = calloc(1, len + 1));
	if (with_fd)
		assert_return_code(fd = open("/dev/null", O_RDONLY), errno);
	assert_int_equal(imsg_compose(&p->a, type, 0, 0, fd, payload, len), 1);
	free(payload);
	do {
		assert_int_equal(imsgbuf_write(&p->a), 0);
		assert_int_equal(imsgbuf_read(&p->b), 1);
		assert_int_not_equal(n = imsgbuf_get(&p->b, &imsg), -1);
	} while (n == 0);
	*why = NULL;
	result = ipc_check(&imsg, sender, receiver, why);
	imsg_free(&imsg);
	return result;
}

static void
known_ways_only(void **state)
{
	static const struct {
		uint32_t	 type;
		enum role	 sender;
		enum role	 receiver;
		size_t		 len;
		int		 fd;
	} ways[] = {
		{ IMSG_CHILD_START, ROLE_PARENT, ROLE_SIGNER, 0, 0 },
		{ IMSG_CHILD_LINK, ROLE_PARENT, ROLE_HASHER, 5, 1 },
		{ IMSG_SIGNER_MINT, ROLE_BROKER, ROLE_SIGNER, 200, 0 },
		{ IMSG_BROKER_MINT_REP, ROLE_SIGNER, ROLE_BROKER, 200, 0 },
		{ IMSG_BROKER_REQUEST, ROLE_FRONTEND, ROLE_BROKER, 200, 0 },
		{ IMSG_FRONTEND_REPLY, ROLE_BROKER, ROLE_FRONTEND, 200, 0 },
		{ IMSG_SIGNER_JOURNAL, ROLE_PARENT, ROLE_SIGNER, 0, 1 },
		{ IMSG_PARENT_CANCELLED, ROLE_FRONTEND, ROLE_PARENT, 16, 0 },
		{ IMSG_FRONTEND_CANCELLED, ROLE_PARENT, ROLE_FRONTEND, 16, 0 },
		{ IMSG_HASHER_HASH, ROLE_BROKER, ROLE_HASHER, 10, 0 },
		{ IMSG_CTL_STATUS, ROLE_CTL, ROLE_PARENT, 0, 0 },
	};
	struct pair	 p;
	const char	*why;
	size_t		 i;
	int		 s, r;

	(void)state;
	pair_open(&p);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		for (s = 0; s < ROLE__MAX; s++)
			for (r = 0; r < ROLE__MAX; r++) {
				int	 children =
				    ways[i].type <= IMSG_CHILD_VERBOSE;
				int	 fits = s == (int)ways[i].sender &&
				    (r == (int)ways[i].receiver || (children &&
				    r >= ROLE_FRONTEND && r <= ROLE_FETCHER));

				assert_int_equal(check(&p, ways[i].type,
				    ways[i].len, ways[i].fd, s, r, &why),
				    fits ? 0 : -1);
			}
	pair_close(&p);
}

static void
no_frontend_reaches_the_signer(void **state)
{
	struct pair	 p;
	const char	*why;
	uint32_t	 type;

	(void)state;
	pair_open(&p);
	for (type = 0; type < IMSG__MAX + 2; type++) {
		assert_int_equal(check(&p, type, 200, 0, ROLE_FRONTEND,
		    ROLE_SIGNER, &why), -1);
		assert_int_equal(check(&p, type, 0, 1, ROLE_FRONTEND,
		    ROLE_SIGNER, &why), -1);
	}
	pair_close(&p);
}

static void
reasons(void **state)
{
	struct pair	 p;
	const char	*why;

	(void)state;
	pair_open(&p);
	check(&p, IMSG__MAX, 0, 0, ROLE_PARENT, ROLE_SIGNER, &why);
	assert_string_equal(why, "unknown type");
	check(&p, IMSG_NONE, 0, 0, ROLE_PARENT, ROLE_SIGNER, &why);
	assert_string_equal(why, "unknown type");
	check(&p, 0x7fffffff, 0, 0, ROLE_PARENT, ROLE_SIGNER, &why);
	assert_string_equal(why, "unknown type");
	check(&p, IMSG_SIGNER_MINT, 200, 0, ROLE_FRONTEND, ROLE_SIGNER, &why);
	assert_string_equal(why, "not this sender's to send");
	check(&p, IMSG_SIGNER_MINT, 200, 0, ROLE_BROKER, ROLE_HASHER, &why);
	assert_string_equal(why, "not for this receiver");
	check(&p, IMSG_SIGNER_MINT, 10, 0, ROLE_BROKER, ROLE_SIGNER, &why);
	assert_string_equal(why, "too short");
	check(&p, IMSG_SIGNER_MINT, IPC_MAX_MINT + 1, 0, ROLE_BROKER,
	    ROLE_SIGNER, &why);
	assert_string_equal(why, "too long");
	check(&p, IMSG_SIGNER_MINT, 200, 1, ROLE_BROKER, ROLE_SIGNER, &why);
	assert_string_equal(why, "descriptor where none belongs");
	check(&p, IMSG_CHILD_LINK, 5, 0, ROLE_PARENT, ROLE_SIGNER, &why);
	assert_string_equal(why, "descriptor missing");
	pair_close(&p);
}

static void
names(void **state)
{
	uint32_t	 type;

	(void)state;
	assert_string_equal(ipc_type_name(0), "unknown");
	assert_string_equal(ipc_type_name(IMSG__MAX), "unknown");
	for (type = 1; type < IMSG__MAX; type++)
		assert_string_not_equal(ipc_type_name(type), "unknown");
	assert_string_equal(ipc_role_name(ROLE_SIGNER), "signer");
	assert_string_equal(ipc_role_name(ROLE__MAX), "unknown");
}

static void
sizes(void **state)
{
	(void)state;
	assert_int_equal(ipc_pair_max(ROLE_BROKER, ROLE_SIGNER), IPC_MAX_MINT);
	assert_int_equal(ipc_pair_max(ROLE_SIGNER, ROLE_BROKER), IPC_MAX_MINT);
	assert_int_equal(ipc_pair_max(ROLE_FRONTEND, ROLE_BROKER),
	    IPC_MAX_REPLY);
	assert_int_equal(ipc_pair_max(ROLE_FRONTEND, ROLE_SIGNER), 0);
	assert_int_equal(ipc_pair_max(ROLE_FRONTEND, ROLE_HASHER), 0);
	assert_int_equal(ipc_pair_max(ROLE_SIGNER, ROLE_HASHER), 0);
}

/* fd was closed, whatever became of the message. */
static void
assert_closed(int fd)
{
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

static void
compose_obeys_the_table(void **state)
{
	struct pair	 p;
	struct ibuf	*buf;
	int		 fd;

	(void)state;
	pair_open(&p);
	/* an unknown type, an fd too much, an fd too few, too short */
	assert_int_equal(ipc_compose(&p.a, IMSG__MAX, 0, -1, NULL), -1);
	assert_return_code(fd = open("/dev/null", O_RDONLY), errno);
	assert_int_equal(ipc_compose(&p.a, IMSG_CHILD_START, 0, fd, NULL), -1);
	assert_closed(fd);
	assert_int_equal(ipc_compose(&p.a, IMSG_SIGNER_JOURNAL, 0, -1, NULL),
	    -1);
	assert_non_null(buf = ibuf_dynamic(4, 10));
	assert_int_equal(ipc_compose(&p.a, IMSG_CHILD_START, 0, -1, buf), 0);
	assert_int_equal(ipc_compose(&p.a, IMSG_CHILD_VERBOSE, 0, -1, NULL),
	    -1);
	assert_non_null(buf = ibuf_dynamic(4, 10));
	assert_int_equal(ibuf_add_n16(buf, 1), 0);
	assert_int_equal(ipc_compose(&p.a, IMSG_CHILD_VERBOSE, 0, -1, buf),
	    -1);
	assert_int_equal(errno, EINVAL);
	/* over the link's limit */
	assert_non_null(buf = ibuf_dynamic(100001, 100001));
	assert_int_equal(ibuf_add_zero(buf, 100001), 0);
	assert_int_equal(ipc_compose(&p.a, IMSG_FRONTEND_REPLY, 0, -1, buf),
	    -1);
	pair_close(&p);
}

static void
compose_carries_a_descriptor(void **state)
{
	struct pair	 p;
	struct imsg	 imsg;
	struct ibuf	*buf;
	const char	*why;
	int		 fd;

	(void)state;
	pair_open(&p);
	assert_return_code(fd = open("/dev/null", O_RDONLY), errno);
	assert_non_null(buf = ibuf_dynamic(8, 8));
	assert_int_equal(ibuf_add_n8(buf, ROLE_BROKER), 0);
	assert_int_equal(ibuf_add_n32(buf, 3), 0);
	assert_int_equal(ipc_compose(&p.a, IMSG_CHILD_LINK, 9, fd, buf), 0);
	assert_int_equal(imsgbuf_flush(&p.a), 0);
	assert_closed(fd);
	assert_int_equal(imsgbuf_read(&p.b), 1);
	assert_int_equal(imsgbuf_get(&p.b, &imsg), 1);
	assert_int_equal(ipc_check(&imsg, ROLE_PARENT, ROLE_SIGNER, &why), 0);
	assert_int_equal(imsg_get_id(&imsg), 9);
	assert_return_code(fd = imsg_get_fd(&imsg), errno);
	close(fd);
	imsg_free(&imsg);
	pair_close(&p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(known_ways_only),
		cmocka_unit_test(no_frontend_reaches_the_signer),
		cmocka_unit_test(reasons),
		cmocka_unit_test(names),
		cmocka_unit_test(sizes),
		cmocka_unit_test(compose_obeys_the_table),
		cmocka_unit_test(compose_carries_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
