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


/* The poll loop of signer and hasher: batches, pace, refusal, end. */

#include "config.h"

#include <sys/socket.h>

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

#include "ipc_poll.h"

/* A hasher's loop with a parent and two brokers that the test plays. */
struct room {
	struct ipc_poll	*loop;
	struct imsgbuf	 parent;
	struct imsgbuf	 broker[2];
	int		 messages[2];
	int		 batches;
	int		 downs;
	int		 answer;
};

static void
on_message(struct ipc_port *port, struct imsg *imsg, void *arg)
{
	struct room	*r = arg;
	struct ibuf	*buf;

	if (ipc_port_peer(port) != ROLE_BROKER)
		return;
	r->messages[ipc_port_instance(port)]++;
	assert_ptr_equal(ipc_poll_port(r->loop, ipc_port_serial(port)), port);
	if (!r->answer)
		return;
	assert_non_null(buf = ibuf_dynamic(2, 2));
	assert_int_equal(ibuf_add_n16(buf, 0), 0);
	assert_int_equal(ipc_port_send(port, IMSG_BROKER_CHECK_REP,
	    imsg_get_id(imsg), -1, buf), 0);
}

static void
on_down(struct ipc_port *port, void *arg)
{
	struct room	*r = arg;

	(void)port;
	r->downs++;
}

static void
on_batch(struct ipc_poll *loop, void *arg)
{
	struct room	*r = arg;

	assert_ptr_equal(loop, r->loop);
	r->batches++;
}

static void
join(struct room *r, struct imsgbuf *peer, enum role role, uint32_t instance)
{
	int	 fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(ipc_open(peer, fds[1], role, ROLE_HASHER), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	assert_non_null(ipc_poll_add(r->loop, fds[0], role, instance,
	    on_message, on_down));
}

static void
leave(struct imsgbuf *peer)
{
	int	 fd = peer->fd;

	if (fd == -1)
		return;
	imsgbuf_clear(peer);
	close(fd);
	peer->fd = -1;
}

static void
room_open(struct room *r)
{
	memset(r, 0, sizeof(*r));
	assert_non_null(r->loop = ipc_poll_new(ROLE_HASHER, on_batch, r));
	join(r, &r->parent, ROLE_PARENT, 0);
	join(r, &r->broker[0], ROLE_BROKER, 0);
	join(r, &r->broker[1], ROLE_BROKER, 1);
}

static void
room_close(struct room *r)
{
	ipc_poll_free(r->loop);
	leave(&r->parent);
	leave(&r->broker[0]);
	leave(&r->broker[1]);
}

static void
ask(struct imsgbuf *peer, int times)
{
	while (times-- > 0)
		assert_int_equal(imsg_compose(peer, IMSG_HASHER_CHECK, 1, 0,
		    -1, "\0\0\0\0\0\0\0", 8), 1);
	assert_int_equal(imsgbuf_flush(peer), 0);
}

static int
answers(struct imsgbuf *peer)
{
	struct imsg	 imsg;
	int		 n = 0;

	assert_int_equal(imsgbuf_read(peer), 1);
	while (imsgbuf_get(peer, &imsg) == 1) {
		n++;
		imsg_free(&imsg);
	}
	return n;
}

/* A round that ends in any case: the parent says something. */
static int
turn(struct room *r)
{
	assert_int_equal(imsg_compose(&r->parent, IMSG_CHILD_VERBOSE, 0, 0,
	    -1, "", 1), 1);
	assert_int_equal(imsgbuf_flush(&r->parent), 0);
	return ipc_poll_round(r->loop);
}

static void
one_batch_for_all_that_is_there(void **state)
{
	struct room	 r;

	(void)state;
	room_open(&r);
	r.answer = 1;
	ask(&r.broker[0], 10);
	ask(&r.broker[1], 5);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 10);
	assert_int_equal(r.messages[1], 5);
	assert_int_equal(r.batches, 1);
	assert_int_equal(answers(&r.broker[0]), 10);
	assert_int_equal(answers(&r.broker[1]), 5);
	room_close(&r);
}

static void
pace_is_fair(void **state)
{
	struct room	 r;
	int		 i;

	(void)state;
	room_open(&r);
	r.answer = 1;
	ipc_poll_pace(r.loop, 1);
	ask(&r.broker[0], 20);
	ask(&r.broker[1], 2);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 1);
	assert_int_equal(r.messages[1], 1);
	assert_int_equal(answers(&r.broker[1]), 1);
	for (i = 0; i < 19; i++)
		assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 20);
	assert_int_equal(r.messages[1], 2);
	room_close(&r);
}

static void
parent_ends_the_loop(void **state)
{
	struct room	 r;

	(void)state;
	room_open(&r);
	r.answer = 1;
	ask(&r.broker[0], 3);
	leave(&r.parent);
	assert_int_equal(ipc_poll_run(r.loop), 0);
	assert_int_equal(answers(&r.broker[0]), 3);
	assert_int_equal(r.downs, 1);
	room_close(&r);
}

static void
sibling_does_not_end_it(void **state)
{
	struct room	 r;

	(void)state;
	room_open(&r);
	leave(&r.broker[0]);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.downs, 1);
	assert_null(ipc_poll_peer(r.loop, ROLE_BROKER, 0));
	assert_non_null(ipc_poll_peer(r.loop, ROLE_BROKER, 1));
	join(&r, &r.broker[0], ROLE_BROKER, 0);
	ask(&r.broker[0], 1);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 1);
	room_close(&r);
}

static void
new_link_replaces_the_old(void **state)
{
	struct room	 r;
	struct imsgbuf	 old;
	char		 c;

	(void)state;
	room_open(&r);
	old = r.broker[0];
	join(&r, &r.broker[0], ROLE_BROKER, 0);
	ask(&old, 3);
	ask(&r.broker[0], 1);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 1);
	assert_int_equal(r.downs, 0);
	/* closed with words unread: ECONNRESET, or end-of-file */
	assert_in_range(read(old.fd, &c, 1) + 1, 0, 1);
	leave(&old);
	room_close(&r);
}

static void
forbidden_is_counted(void **state)
{
	struct room	 r;
	int		 i;

	(void)state;
	room_open(&r);
	for (i = 0; i <= IPC_POLL_STRIKES; i++)
		assert_int_equal(imsg_compose(&r.broker[0], IMSG_SIGNER_MINT,
		    1, 0, -1, "x", 1), 1);
	assert_int_equal(imsgbuf_flush(&r.broker[0]), 0);
	ask(&r.broker[1], 1);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 0);
	assert_int_equal(r.messages[1], 1);
	assert_int_equal(r.downs, 1);
	room_close(&r);
}

static void
leftovers_are_served(void **state)
{
	struct imsgbuf	 early;
	struct room	 r;
	int		 fds[2];

	(void)state;
	room_open(&r);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	leave(&r.broker[0]);
	assert_int_equal(ipc_open(&r.broker[0], fds[1], ROLE_BROKER,
	    ROLE_HASHER), 0);
	assert_int_equal(ipc_open(&early, fds[0], ROLE_HASHER, ROLE_BROKER),
	    0);
	ask(&r.broker[0], 2);
	assert_int_equal(imsgbuf_read(&early), 1);
	assert_non_null(ipc_poll_adopt(r.loop, &early, ROLE_BROKER, 0,
	    on_message, on_down));
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[0], 2);
	room_close(&r);
}

static void
who_never_reads_is_held_back(void **state)
{
	struct room	 r;
	int		 i, sent = 0;

	(void)state;
	room_open(&r);
	r.answer = 1;
	for (i = 0; i < 300; i++) {
		if (imsgbuf_queuelen(&r.broker[0]) < 100) {
			int	 j;

			for (j = 0; j < 100; j++, sent++)
				assert_int_equal(imsg_compose(&r.broker[0],
				    IMSG_HASHER_CHECK, 1, 0, -1,
				    "\0\0\0\0\0\0\0", 8), 1);
		}
		assert_int_equal(imsgbuf_write(&r.broker[0]), 0);
		assert_int_equal(turn(&r), 1);
	}
	assert_true(r.messages[0] < sent);
	ask(&r.broker[1], 1);
	assert_int_equal(turn(&r), 1);
	assert_int_equal(r.messages[1], 1);
	room_close(&r);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(one_batch_for_all_that_is_there),
		cmocka_unit_test(pace_is_fair),
		cmocka_unit_test(parent_ends_the_loop),
		cmocka_unit_test(sibling_does_not_end_it),
		cmocka_unit_test(new_link_replaces_the_old),
		cmocka_unit_test(forbidden_is_counted),
		cmocka_unit_test(leftovers_are_served),
		cmocka_unit_test(who_never_reads_is_held_back),
	};

	/* As role_start() does. */
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
