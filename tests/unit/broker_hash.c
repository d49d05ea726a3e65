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
 * The broker's questions to the real grantd-hasher: hashes and checks,
 * bounds, deadlines, one that goes away.  GRANTD_BUILDDIR names where the
 * programs are; without it the present directory does.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "hash.h"
#include "msg_conf.h"
#include "queue.h"
#include "role.h"

static struct event_base *base;
static struct hashing	*hashing;
static struct ipc_link	*hasher_link;
static struct imsgbuf	 parent;
static pid_t		 pid;

struct answer {
	int			 n;
	enum hash_result	 result;
	int			 ok;
	int			 stale;
	char			 hash[MSG_MAX_HASH + 1];
};

static void
answered(enum hash_result result, int ok, const char *hash, int stale,
    void *arg)
{
	struct answer *a = arg;

	a->n++;
	a->result = result;
	a->ok = ok;
	a->stale = stale;
	(void)strlcpy(a->hash, hash, sizeof(a->hash));
}

static void
message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	(void)link;
	(void)arg;
	hash_answer(hashing, imsg);
}

static void
down(struct ipc_link *link, void *arg)
{
	(void)arg;
	hash_unlink(hashing, link);
	ipc_link_free(link);
	hasher_link = NULL;
}

static void
post(uint32_t type, int fd, struct ibuf *buf)
{
	assert_int_equal(ipc_compose(&parent, type, 0, fd, buf), 0);
	assert_int_equal(imsgbuf_flush(&parent), 0);
}

static void
spawn(int fd)
{
	const char *dir = getenv("GRANTD_BUILDDIR");
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/grantd-hasher",
	    dir == NULL ? "." : dir);
	if (dup2(fd, ROLE_FD) == -1)
		err(1, "dup2");
	(void)fcntl(ROLE_FD, F_SETFD, 0);
	closefrom(ROLE_FD + 1);
	(void)execl(path, path, "-d", (char *)NULL);
	err(1, "%s", path);
}

static void
configure(void)
{
	struct conf_base	 common;
	struct conf_hasher	 conf = { 4 };
	struct ibuf		*buf = ibuf_dynamic(64, IPC_MAX_SMALL);

	memset(&common, 0, sizeof(common));
	common.chroot = "";
	assert_int_equal(conf_base_encode(buf, &common), 0);
	assert_int_equal(conf_hasher_encode(buf, &conf), 0);
	post(IMSG_CHILD_CONF, -1, buf);
}

static void
wait_ready(void)
{
	struct imsg imsg;
	int n;

	do {
		while ((n = imsgbuf_get(&parent, &imsg)) == 0)
			assert_int_equal(imsgbuf_read(&parent), 1);
		assert_int_equal(n, 1);
		n = (int)imsg_get_type(&imsg);
		imsg_free(&imsg);
	} while (n != IMSG_PARENT_READY);
}

static void
start(void)
{
	struct msg_link	 peer;
	struct ibuf	*buf = ibuf_dynamic(64, IPC_MAX_SMALL);
	int		 up[2], side[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    up), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    side), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0)
		spawn(up[1]);
	close(up[1]);
	assert_int_equal(ipc_open(&parent, up[0], ROLE_PARENT, ROLE_HASHER),
	    0);
	configure();
	memset(&peer, 0, sizeof(peer));
	peer.role = ROLE_BROKER;
	assert_int_equal(msg_link_encode(buf, &peer), 0);
	post(IMSG_CHILD_LINK, side[0], buf);
	post(IMSG_CHILD_START, -1, NULL);
	wait_ready();
	hasher_link = ipc_link_new(base, side[1], ROLE_BROKER, ROLE_HASHER,
	    message, down, NULL);
	assert_non_null(hasher_link);
	hash_link(hashing, hasher_link);
}

static void
stop(void)
{
	close(parent.fd);
	imsgbuf_clear(&parent);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	while (hasher_link != NULL)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
until(const struct answer *a)
{
	uint64_t end = queue_now() + 10000;

	while (a->n == 0 && queue_now() < end)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(a->n, 1);
}

static int
setup(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	hashing = hash_new(3);
	return base == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	hash_delete(hashing);
	event_base_free(base);
	return 0;
}

static void
test_hash(void **state)
{
	struct answer a = { 0 }, b = { 0 }, c = { 0 };
	uint64_t end = queue_now() + 10000;

	(void)state;
	start();
	assert_non_null(hash_request(hashing, "", "correct horse",
	    end, answered, &a));
	until(&a);
	assert_int_equal(a.result, HASH_ANSWERED);
	assert_int_equal(a.ok, 1);
	assert_memory_equal(a.hash, "$2b$04$", 7);
	assert_non_null(check_request(hashing, "", "correct horse", a.hash, end,
	    answered, &b));
	until(&b);
	assert_int_equal(b.result, HASH_ANSWERED);
	assert_int_equal(b.ok, 1);
	assert_int_equal(b.stale, 0);
	assert_non_null(check_request(hashing, "", "wrong horse", a.hash, end,
	    answered, &c));
	until(&c);
	assert_int_equal(c.result, HASH_ANSWERED);
	assert_int_equal(c.ok, 0);
	stop();
}

static void
test_unknown(void **state)
{
	struct answer a = { 0 };
	char long_one[MSG_MAX_PASSWORD + 2];

	(void)state;
	start();
	assert_non_null(check_request(hashing, "", "x", "", queue_now() + 10000,
	    answered, &a));
	until(&a);
	assert_int_equal(a.result, HASH_ANSWERED);
	assert_int_equal(a.ok, 0);
	memset(long_one, 'x', sizeof(long_one));
	long_one[sizeof(long_one) - 1] = '\0';
	assert_null(hash_request(hashing, "", long_one, queue_now() + 1000,
	    answered, &a));
	stop();
}

/* Nobody is there: the queue fills, deadlines pass, a late hasher helps. */
static void
test_waiting(void **state)
{
	struct answer a = { 0 }, b = { 0 }, c = { 0 };
	struct hash_job *job;
	uint64_t now = queue_now();

	(void)state;
	assert_non_null(hash_request(hashing, "", "1", now + 20000, answered,
	    &a));
	assert_non_null(hash_request(hashing, "", "2", now, answered, &b));
	job = hash_request(hashing, "", "3", now + 20000, answered, &c);
	assert_non_null(job);
	assert_null(hash_request(hashing, "", "4", now + 20000, answered, &c));
	hash_expire(hashing, now + 1);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.result, HASH_EXPIRED);
	hash_cancel(hashing, job);
	start();
	until(&a);
	assert_int_equal(a.ok, 1);
	assert_int_equal(c.n, 0);
	stop();
}

static void
test_peer(void **state)
{
	struct hashing	*many = hash_new(HASH_PER_PEER + 2);
	struct answer	 a = { 0 };
	struct hash_job	*job = NULL;
	uint64_t	 end = queue_now() + 20000;
	unsigned	 i;

	(void)state;
	for (i = 0; i < HASH_PER_PEER; i++) {
		job = check_request(many, "192.0.2.1", "x", "", end, answered,
		    &a);
		assert_non_null(job);
	}
	assert_null(check_request(many, "192.0.2.1", "x", "", end, answered,
	    &a));
	assert_null(hash_request(many, "192.0.2.1", "x", end, answered, &a));
	assert_non_null(hash_request(many, "192.0.2.2", "x", end, answered,
	    &a));
	hash_cancel(many, job);
	assert_non_null(hash_request(many, "192.0.2.1", "x", end, answered,
	    &a));
	hash_delete(many);
}

static void
test_away(void **state)
{
	struct answer a = { 0 }, b = { 0 };
	struct hash_job *job;

	(void)state;
	start();
	(void)kill(pid, SIGSTOP);
	assert_non_null(hash_request(hashing, "", "1", queue_now() + 20000,
	    answered, &a));
	job = hash_request(hashing, "", "2", queue_now() + 20000, answered, &b);
	assert_non_null(job);
	event_base_loop(base, EVLOOP_NONBLOCK);
	hash_cancel(hashing, job);
	(void)kill(pid, SIGKILL);
	stop();
	assert_int_equal(a.n, 1);
	assert_int_equal(a.result, HASH_AWAY);
	assert_int_equal(b.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_away),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
