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


/* Links under libevent: delivery, refusal, end, back pressure. */

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

#include "ipc_event.h"
#include "msg.h"

struct end {
	struct event_base	*base;
	struct ipc_link		*link;
	struct imsgbuf		 peer;
	int			 fd;
	int			 messages;
	int			 downs;
	uint32_t		 last_id;
	int			 answer;	/* send one for each message */
	int			 free_on_message;
	int			 free_on_down;
};

static void
on_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct end	*e = arg;
	struct ibuf	*buf;

	e->messages++;
	e->last_id = imsg_get_id(imsg);
	if (e->answer) {
		assert_non_null(buf = ibuf_dynamic(64, 64));
		assert_int_equal(ibuf_add_zero(buf, 64), 0);
		assert_int_equal(ipc_link_send(link, IMSG_FRONTEND_REPLY,
		    e->last_id, -1, buf), 0);
	}
	if (e->free_on_message) {
		ipc_link_free(link);
		e->link = NULL;
	}
}

static void
on_down(struct ipc_link *link, void *arg)
{
	struct end	*e = arg;

	e->downs++;
	if (e->free_on_down) {
		ipc_link_free(link);
		e->link = NULL;
	}
}

/* We are the broker, the peer a frontend that the test plays. */
static void
end_open(struct end *e)
{
	int	 fds[2];

	memset(e, 0, sizeof(*e));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_non_null(e->base = event_base_new());
	assert_non_null(e->link = ipc_link_new(e->base, fds[0], ROLE_BROKER,
	    ROLE_FRONTEND, on_message, on_down, e));
	e->fd = fds[1];
	assert_int_equal(ipc_open(&e->peer, e->fd, ROLE_FRONTEND,
	    ROLE_BROKER), 0);
	assert_int_equal(fcntl(e->fd, F_SETFL, O_NONBLOCK), 0);
}

static void
end_close(struct end *e)
{
	ipc_link_free(e->link);
	imsgbuf_clear(&e->peer);
	if (e->fd != -1)
		close(e->fd);
	event_base_free(e->base);
}

static void
turn(struct end *e)
{
	int	 i;

	for (i = 0; i < 4; i++)
		assert_int_not_equal(event_base_loop(e->base,
		    EVLOOP_NONBLOCK), -1);
}

/* The peer cancels request `id`: the smallest allowed message. */
static void
peer_sends(struct end *e, uint32_t type, uint32_t id)
{
	assert_int_equal(imsg_compose(&e->peer, type, id, 0, -1, NULL, 0), 1);
	assert_int_equal(imsgbuf_write(&e->peer), 0);
}

static void
delivers_both_ways(void **state)
{
	struct end	 e;
	struct imsg	 imsg;

	(void)state;
	end_open(&e);
	e.answer = 1;
	peer_sends(&e, IMSG_BROKER_CANCEL, 41);
	peer_sends(&e, IMSG_BROKER_CANCEL, 42);
	turn(&e);
	assert_int_equal(e.messages, 2);
	assert_int_equal(e.last_id, 42);
	assert_int_equal(ipc_link_queued(e.link), 0);
	assert_int_equal(imsgbuf_read(&e.peer), 1);
	assert_int_equal(imsgbuf_get(&e.peer, &imsg), 1);
	assert_int_equal(imsg_get_id(&imsg), 41);
	assert_int_equal(imsg_get_type(&imsg), IMSG_FRONTEND_REPLY);
	imsg_free(&imsg);
	assert_int_equal(imsgbuf_get(&e.peer, &imsg), 1);
	imsg_free(&imsg);
	end_close(&e);
}

static void
forbidden_never_reaches_the_handler(void **state)
{
	struct end	 e;
	int		 i;

	(void)state;
	end_open(&e);
	for (i = 0; i < IPC_LINK_STRIKES; i++) {
		peer_sends(&e, IMSG_SIGNER_MINT, 1);
		turn(&e);
	}
	assert_int_equal(e.messages, 0);
	assert_int_equal(e.downs, 0);
	peer_sends(&e, IMSG_BROKER_CANCEL, 7);
	turn(&e);
	assert_int_equal(e.messages, 1);
	peer_sends(&e, IMSG__MAX + 7, 1);
	turn(&e);
	assert_int_equal(e.downs, 1);
	peer_sends(&e, IMSG_BROKER_CANCEL, 8);
	turn(&e);
	assert_int_equal(e.messages, 1);
	assert_int_equal(e.downs, 1);
	end_close(&e);
}

static void
end_of_file_is_told_once(void **state)
{
	struct end	 e;

	(void)state;
	end_open(&e);
	peer_sends(&e, IMSG_BROKER_CANCEL, 1);
	close(e.fd);
	e.fd = -1;
	turn(&e);
	assert_int_equal(e.messages, 1);
	assert_int_equal(e.downs, 1);
	assert_int_equal(ipc_link_send(e.link, IMSG_BROKER_CANCEL, 1, -1,
	    NULL), -1);
	assert_int_equal(errno, EPIPE);
	turn(&e);
	assert_int_equal(e.downs, 1);
	end_close(&e);
}

static void
may_be_freed_inside(void **state)
{
	struct end	 e;

	(void)state;
	end_open(&e);
	e.free_on_message = 1;
	e.answer = 1;
	peer_sends(&e, IMSG_BROKER_CANCEL, 1);
	peer_sends(&e, IMSG_BROKER_CANCEL, 2);
	turn(&e);
	assert_int_equal(e.messages, 1);
	end_close(&e);

	end_open(&e);
	e.free_on_down = 1;
	close(e.fd);
	e.fd = -1;
	turn(&e);
	assert_int_equal(e.downs, 1);
	assert_null(e.link);
	end_close(&e);
}

static void
garbage_takes_the_link_down(void **state)
{
	static const char	 junk[64] = "GET / HTTP/1.1\r\n\r\n";
	struct end		 e;

	(void)state;
	end_open(&e);
	assert_int_equal(write(e.fd, junk, sizeof(junk)), sizeof(junk));
	turn(&e);
	assert_int_equal(e.messages, 0);
	assert_int_equal(e.downs, 1);
	end_close(&e);
}

static void
adopts_what_was_read(void **state)
{
	struct imsgbuf	 early;
	struct end	 e;
	int		 fds[2];

	(void)state;
	memset(&e, 0, sizeof(e));
	assert_non_null(e.base = event_base_new());
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	e.fd = fds[1];
	assert_int_equal(ipc_open(&e.peer, fds[1], ROLE_PARENT, ROLE_BROKER),
	    0);
	assert_int_equal(ipc_open(&early, fds[0], ROLE_BROKER, ROLE_PARENT),
	    0);
	peer_sends(&e, IMSG_CHILD_START, 5);
	assert_int_equal(imsgbuf_read(&early), 1);
	assert_non_null(e.link = ipc_link_adopt(e.base, &early, ROLE_BROKER,
	    ROLE_PARENT, on_message, on_down, &e));
	turn(&e);
	assert_int_equal(e.messages, 1);
	assert_int_equal(e.last_id, 5);
	end_close(&e);
}

/* One that asks and asks and never reads: held back, then served. */
static void
greedy_peer_is_held_back(void **state)
{
	struct end	 e;
	struct imsg	 imsg;
	int		 i, sent = 0, before, got = 0;

	(void)state;
	end_open(&e);
	e.answer = 1;
	for (i = 0; i < 200; i++) {
		if (imsgbuf_queuelen(&e.peer) < 1000) {
			int	 j;

			for (j = 0; j < 100; j++, sent++)
				peer_sends(&e, IMSG_BROKER_CANCEL, 1);
		} else
			assert_int_equal(imsgbuf_write(&e.peer), 0);
		turn(&e);
	}
	before = e.messages;
	assert_true(before < sent);
	assert_true(ipc_link_queued(e.link) < 10000);
	for (i = 0; i < 10000 && got < sent; i++) {
		assert_int_equal(imsgbuf_write(&e.peer), 0);
		assert_int_equal(imsgbuf_read(&e.peer), 1);
		while (imsgbuf_get(&e.peer, &imsg) == 1) {
			got++;
			imsg_free(&imsg);
		}
		turn(&e);
	}
	assert_int_equal(got, sent);
	assert_int_equal(e.messages, sent);
	assert_int_equal(ipc_link_queued(e.link), 0);
	end_close(&e);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(delivers_both_ways),
		cmocka_unit_test(forbidden_never_reaches_the_handler),
		cmocka_unit_test(end_of_file_is_told_once),
		cmocka_unit_test(may_be_freed_inside),
		cmocka_unit_test(garbage_takes_the_link_down),
		cmocka_unit_test(adopts_what_was_read),
		cmocka_unit_test(greedy_peer_is_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
