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

/* What a role must be able to do in its sandbox; see denials.c. */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "denials.h"
#include "log.h"
#include "msg_hasher.h"
#include "sandbox.h"

static int
accept_one(int listener)
{
	struct pollfd	 pfd = { .fd = listener, .events = POLLIN };
	char		 c;
	int		 fd;

	if (poll(&pfd, 1, 5000) != 1)
		return -1;
	if ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) == -1)
		return -1;
	if (setsockopt(fd, IPPROTO_TCP, 1, &(int){ 1 }, sizeof(int)) == -1 &&
	    errno != EOPNOTSUPP && errno != ENOPROTOOPT)
		return -1;
	if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000) != 1)
		return -1;
	return read(fd, &c, 1) == 1 && write(fd, &c, 1) == 1 ? 0 : -1;
}

/* A client outside the sandbox; accepted by whoever listens. */
static int	 client_fd = -1;

static int
client_open(int family, const void *addr, socklen_t len)
{
	if ((client_fd = socket(family, SOCK_STREAM, 0)) == -1 ||
	    connect(client_fd, addr, len) == -1 ||
	    write(client_fd, "x", 1) != 1)
		return -1;
	return 0;
}

static int
prepare_tcp_client(void)
{
	return client_open(AF_INET, &world.tcp_addr, sizeof(world.tcp_addr));
}

static int
can_accept(void)
{
	return accept_one(world.tcp);
}

/* A descriptor that arrives after the start, over a link. */
static int	 late_link = -1;

static int
prepare_late_listener(void)
{
	struct ibuf	*buf;
	struct imsgbuf	 ib;
	int		 fds[2];

	if (client_open(AF_UNIX, &world.local_addr,
	    sizeof(world.local_addr)) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    ipc_open(&ib, fds[0], ROLE_PARENT, ROLE_FRONTEND) == -1 ||
	    (buf = ibuf_dynamic(32, 32)) == NULL ||
	    ibuf_add_zero(buf, 9) == -1 ||
	    ipc_compose(&ib, IMSG_FRONTEND_LISTENER, 0, dup(world.local),
	    buf) == -1 || imsgbuf_flush(&ib) == -1)
		return -1;
	imsgbuf_clear(&ib);
	late_link = fds[1];
	return 0;
}

static int
can_accept_late(void)
{
	struct imsgbuf	 ib;
	struct imsg	 imsg;
	const char	*why;
	int		 fd;

	if (ipc_open(&ib, late_link, ROLE_FRONTEND, ROLE_PARENT) == -1 ||
	    imsgbuf_read(&ib) != 1 || imsgbuf_get(&ib, &imsg) != 1 ||
	    ipc_check(&imsg, ROLE_PARENT, ROLE_FRONTEND, &why) == -1 ||
	    (fd = imsg_get_fd(&imsg)) == -1)
		return -1;
	imsg_free(&imsg);
	return accept_one(fd);
}

static void
on_event(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	(*(int *)arg)++;
}

static int
can_run_events(void)
{
	static const struct timeval	 soon = { 0, 1000 };
	struct event_base		*base;
	struct event			*readable, *timer;
	int				 fds[2], seen = 0;

	if ((base = event_base_new()) == NULL ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    write(fds[1], "x", 1) != 1)
		return -1;
	readable = event_new(base, fds[0], EV_READ, on_event, &seen);
	timer = evtimer_new(base, on_event, &seen);
	if (readable == NULL || timer == NULL ||
	    event_add(readable, NULL) == -1 || event_add(timer, &soon) == -1 ||
	    event_base_dispatch(base) == -1)
		return -1;
	event_free(readable);
	event_free(timer);
	event_base_free(base);
	return seen == 2 ? 0 : -1;
}

/* Memory in all sizes, time, random bytes, a line in the log. */
static int
can_work(void)
{
	struct timespec	 now, nap = { 0, 1000 };
	size_t		 size;
	void		*p, *q;

	for (size = 1; size <= 64 * 1024 * 1024; size *= 2) {
		if ((p = malloc(size)) == NULL)
			return -1;
		memset(p, 1, size);
		if ((q = realloc(p, size * 3)) == NULL)
			return -1;
		freezero(q, size * 3);
	}
	if (arc4random_uniform(1) != 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    nanosleep(&nap, NULL) == -1)
		return -1;
	log_info("a line from within, as it should be");
	return 0;
}

static int
can_keep_journal(void)
{
	return write(world.journal, "line\n", 5) == 5 &&
	    fdatasync(world.journal) == 0 ? 0 : -1;
}

static int
can_hash(void)
{
	char	 hash[MSG_MAX_HASH + 1];

	return crypt_newhash("secret", "bcrypt,4", hash, sizeof(hash)) == 0 &&
	    crypt_checkpass("secret", hash) == 0 &&
	    crypt_checkpass("wrong", hash) == -1 ? 0 : -1;
}

/* The parent respawns: a child of it gets a sandbox of its own. */
static int
can_start_children(void)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0 ||
	    (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		sandbox_enter(ROLE_SIGNER);
		_exit(open("/etc/passwd", O_RDONLY) == -1 ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == -1 || status != 0 ? -1 : 0;
}

/* A library that looks for a file or a server goes on without it. */
static int
can_be_refused(void)
{
	if (open("/etc/localtime", O_RDONLY) != -1 || errno != EACCES)
		return -1;
	if (socket(AF_UNIX, SOCK_DGRAM, 0) != -1 || errno != EACCES)
		return -1;
	return 0;
}

const struct ability abilities[] = {
	{ "memory, time, random, log", can_work, NULL,
	    FRONTEND | BROKERS | SIGNER | HASHER | FETCHER | PARENT },
	{ "children", can_start_children, NULL, PARENT },
	{ "accept on a listener", can_accept, prepare_tcp_client, FRONTEND },
	{ "accept on a listener that came late", can_accept_late,
	    prepare_late_listener, FRONTEND },
	{ "an event loop", can_run_events, NULL,
	    FRONTEND | BROKERS | FETCHER },
	{ "the journal", can_keep_journal, NULL, SIGNER },
	{ "password hashes", can_hash, NULL, HASHER },
	{ "a refusal that does not kill", can_be_refused, NULL,
	    SIGNER | HASHER },
};
const size_t	nabilities = sizeof(abilities) / sizeof(abilities[0]);
