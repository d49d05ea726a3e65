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


/* The stage for hostile peers; see stage.h. */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "role.h"
#include "stage.h"

#define STAGE_PATIENCE	10000	/* ms, for what must come */
#define STAGE_MAXSIZE	(16 * 1024 * 1024)

int	 stage_passed, stage_failed;
static const char	*stage_programs, *stage_work;

int
check(int good, const char *fmt, ...)
{
	va_list	 ap;

	if (good)
		stage_passed++;
	else
		stage_failed++;
	printf(good ? "ok - " : "not ok - ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	(void)fflush(stdout);
	return good;
}

void
stage_set(const char *programs, const char *work)
{
	stage_programs = programs;
	stage_work = work;
}

const char *
stage_path(const char *name)
{
	static char	 path[512];
	int		 n;

	n = snprintf(path, sizeof(path), "%s/%s", stage_work, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		fatalx("path too long: %s", name);
	return path;
}

struct ibuf *
stage_buf(void)
{
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(64, STAGE_MAXSIZE)) == NULL)
		fatal("ibuf_dynamic");
	return buf;
}

void
base_add(struct ibuf *buf)
{
	struct conf_base	 base;

	memset(&base, 0, sizeof(base));
	base.verbose = 1;
	if (conf_base_encode(buf, &base) == -1)
		fatal("conf_base");
}

/* In the child: link on descriptor 3, log on standard error. */
static void
actor_exec(const struct actor *a, int fd)
{
	char		 path[512], debug[] = "-d";
	char		*argv[] = { path, debug, NULL };
	int		 log;

	(void)snprintf(path, sizeof(path), "%s/grantd-%s", stage_programs,
	    ipc_role_name(a->role));
	if ((log = open(a->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
	    0600)) == -1 || dup2(log, STDERR_FILENO) == -1)
		_exit(126);
	if (fd != ROLE_FD && dup2(fd, ROLE_FD) == -1)
		_exit(126);
	(void)fcntl(ROLE_FD, F_SETFD, 0);
	closefrom(ROLE_FD + 1);
	execv(path, argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

void
actor_start(struct actor *a, enum role role, struct ibuf *conf)
{
	char	 name[32];
	int	 fds[2];

	memset(a, 0, sizeof(*a));
	a->role = role;
	(void)snprintf(name, sizeof(name), "%s.log", ipc_role_name(role));
	(void)strlcpy(a->log, stage_path(name), sizeof(a->log));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		fatal("socketpair");
	if ((a->pid = fork()) == -1)
		fatal("fork");
	if (a->pid == 0)
		actor_exec(a, fds[1]);
	close(fds[1]);
	a->fd = fds[0];
	if (ipc_open(&a->parent, a->fd, ROLE_PARENT, role) == -1)
		fatal("ipc_open");
	actor_send(a, IMSG_CHILD_CONF, 0, -1, conf);
}

void
actor_send(struct actor *a, uint32_t type, uint32_t id, int fd,
    struct ibuf *payload)
{
	if (ipc_compose(&a->parent, type, id, fd, payload) == -1 ||
	    imsgbuf_flush(&a->parent) == -1)
		fatal("%s to %s", ipc_type_name(type), ipc_role_name(a->role));
}

void
actor_link(struct actor *a, struct rope *rope, enum role peer,
    uint32_t instance)
{
	struct msg_link	 m;
	struct ibuf	*buf = stage_buf();
	int		 fds[2];

	memset(&m, 0, sizeof(m));
	m.role = (uint8_t)peer;
	m.instance = instance;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1 ||
	    msg_link_encode(buf, &m) == -1)
		fatal("link");
	actor_send(a, IMSG_CHILD_LINK, 0, fds[1], buf);
	rope->fd = fds[0];
	if (imsgbuf_init(&rope->imsgbuf, rope->fd) == -1 ||
	    imsgbuf_set_maxsize(&rope->imsgbuf, STAGE_MAXSIZE) == -1)
		fatal("imsgbuf");
	imsgbuf_allow_fdpass(&rope->imsgbuf);
	if (fcntl(rope->fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("fcntl");
}

/* Waits for a message on a link; as rope_wait(). */
static int
stage_wait(struct imsgbuf *imsgbuf, struct imsg *imsg, int ms)
{
	struct pollfd	 pfd = { .fd = imsgbuf->fd, .events = POLLIN };
	struct timespec	 now;
	long		 end, left;
	int		 n;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
	for (;;) {
		if ((n = imsgbuf_get(imsgbuf, imsg)) != 0)
			return n;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left = end - (now.tv_sec * 1000 + now.tv_nsec / 1000000);
		pfd.events = POLLIN;
		if (imsgbuf_queuelen(imsgbuf) > 0)
			pfd.events |= POLLOUT;
		if (left < 0 || poll(&pfd, 1, (int)left) <= 0)
			return 0;
		if ((pfd.revents & POLLOUT) && imsgbuf_write(imsgbuf) == -1)
			return -1;
		if ((pfd.revents & ~POLLOUT) && imsgbuf_read(imsgbuf) != 1)
			return -1;
	}
}

int
actor_ready(struct actor *a)
{
	struct imsg	 imsg;
	uint32_t	 type;

	actor_send(a, IMSG_CHILD_START, 0, -1, NULL);
	while (stage_wait(&a->parent, &imsg, STAGE_PATIENCE) == 1) {
		type = imsg_get_type(&imsg);
		imsg_free(&imsg);
		if (type == IMSG_PARENT_READY)
			return 0;
	}
	return -1;
}

int
actor_alive(struct actor *a)
{
	return waitpid(a->pid, NULL, WNOHANG) == 0;
}

int
actor_stop(struct actor *a)
{
	int	 i, status;

	imsgbuf_clear(&a->parent);
	close(a->fd);
	for (i = 0; i < STAGE_PATIENCE / 10; i++) {
		if (waitpid(a->pid, &status, WNOHANG) == a->pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) :
			    128 + WTERMSIG(status);
		(void)usleep(10 * 1000);
	}
	(void)kill(a->pid, SIGKILL);
	(void)waitpid(a->pid, NULL, 0);
	return -1;
}

int
actor_logged(struct actor *a, const char *text)
{
	FILE	*fp;
	char	*line = NULL;
	size_t	 size = 0;
	int	 n = 0;

	if ((fp = fopen(a->log, "r")) == NULL)
		return 0;
	while (getline(&line, &size, fp) != -1)
		n += strstr(line, text) != NULL;
	free(line);
	(void)fclose(fp);
	return n;
}

long
actor_memory(struct actor *a)
{
	FILE	*fp;
	char	 path[64], line[256];
	long	 kib = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)a->pid);
	if ((fp = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), fp) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	(void)fclose(fp);
	return kib;
}

void
rope_send(struct rope *rope, uint32_t type, uint32_t id, int fd,
    const void *payload, size_t len)
{
	if (imsg_compose(&rope->imsgbuf, type, id, 0, fd, payload, len) == -1)
		fatal("imsg_compose");
	/* The other side may have cut it: that is what some checks want. */
	(void)imsgbuf_write(&rope->imsgbuf);
}

void
rope_send_buf(struct rope *rope, uint32_t type, uint32_t id, struct ibuf *buf)
{
	rope_send(rope, type, id, -1, ibuf_data(buf), ibuf_size(buf));
	ibuf_free(buf);
}

void
rope_raw(struct rope *rope, const void *bytes, size_t len)
{
	if (write(rope->fd, bytes, len) != (ssize_t)len)
		log_warn("a link to write on");
}

int
rope_wait(struct rope *rope, struct imsg *imsg, int ms)
{
	return stage_wait(&rope->imsgbuf, imsg, ms);
}

int
rope_closed(struct rope *rope, int ms)
{
	struct imsg	 imsg;
	int		 n;

	while ((n = rope_wait(rope, &imsg, ms)) == 1)
		imsg_free(&imsg);
	return n == -1;
}

void
rope_cut(struct rope *rope)
{
	imsgbuf_clear(&rope->imsgbuf);
	close(rope->fd);
}
