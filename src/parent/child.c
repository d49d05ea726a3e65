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
 * One child process: fork, exec, its link, its links to siblings, its end.
 * Room: parent.  When it is started again is decided in supervise.c.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "parent.h"
#include "role.h"

#define CHILD_PATIENCE	5	/* s between closed link and SIGKILL */
#define CHILD_START	60	/* s between start and readiness */
#define CHILD_MAX_ENV	32

/* Who talks to whom besides the parent: the whole of it. */
static const struct edge {
	enum role	 a;
	enum role	 b;
	int		 paired;	/* only with the same instance */
	int		 shared;	/* across generations */
} edges[] = {
	{ ROLE_FRONTEND, ROLE_BROKER, 1, 0 },
	{ ROLE_BROKER, ROLE_SIGNER, 0, 1 },
	{ ROLE_BROKER, ROLE_HASHER, 0, 0 },
	{ ROLE_BROKER, ROLE_FETCHER, 0, 0 },
};

/* What of our environment a child may see: nothing that steers libpq. */
static const char *const environment[] = {
	"ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "MALLOC_OPTIONS=",
	"PATH=", "TZ=", "GCOV_PREFIX=", "LLVM_PROFILE_FILE="
};

extern char	**environ;

struct child *
child_new(struct parent *parent, struct generation *gen, struct conf *conf,
    enum role role, uint32_t instance)
{
	struct child	*child;

	if ((child = calloc(1, sizeof(*child))) == NULL)
		return NULL;
	child->parent = parent;
	child->generation = gen;
	child->conf = conf_ref(conf);
	child->role = role;
	child->instance = instance;
	TAILQ_INSERT_TAIL(&parent->children, child, entry);
	return child;
}

void
child_free(struct child *child)
{
	TAILQ_REMOVE(&child->parent->children, child, entry);
	ipc_link_free(child->link);
	child_content(child);
	conf_free(child->conf);
	free(child->db_text);
	free(child);
}

const char *
child_name(const struct child *child)
{
	static char	 name[32];

	/* A role's name and a number: it fits. */
	(void)snprintf(name, sizeof(name), "%s %u",
	    ipc_role_name(child->role), child->instance);
	return name;
}

void
child_set_conf(struct child *child, struct conf *conf)
{
	conf_ref(conf);
	conf_free(child->conf);
	child->conf = conf;
}

int
child_send(struct child *child, uint32_t type, uint32_t id, int fd,
    struct ibuf *buf)
{
	if (child->link != NULL)
		return ipc_link_send(child->link, type, id, fd, buf);
	ibuf_free(buf);
	if (fd != -1)
		close(fd);
	errno = EPIPE;
	return -1;
}

static char **
child_environment(char *envp[CHILD_MAX_ENV])
{
	size_t	 i, j, n = 0;

	for (i = 0; environ[i] != NULL && n < CHILD_MAX_ENV - 1; i++)
		for (j = 0; j < sizeof(environment) / sizeof(environment[0]);
		    j++)
			if (strncmp(environ[i], environment[j],
			    strlen(environment[j])) == 0)
				envp[n++] = environ[i];
	envp[n] = NULL;
	return envp;
}

/* In the child, after fork(2): never returns. */
__attribute__((__noreturn__))
static void
child_exec(const struct child *child, int fd)
{
	char	 path[CONF_MAX_PATH + 32], name[32];
	char	*envp[CHILD_MAX_ENV];
	char	 optd[] = "-d", optv[] = "-v";
	char	*argv[4];
	int	 n = 0;

	/* Our own names: it fits.  The path was measured at start. */
	(void)snprintf(name, sizeof(name), "grantd-%s",
	    ipc_role_name(child->role));
	(void)snprintf(path, sizeof(path), "%s/%s", child->parent->libexec,
	    name);
	argv[n++] = name;
	if (child->parent->debug)
		argv[n++] = optd;
	if (child->parent->verbose)
		argv[n++] = optv;
	argv[n] = NULL;
	/* A terminal's ctrl-C is for the parent alone. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (fd == ROLE_FD ? fcntl(fd, F_SETFD, 0) == -1 :
	    dup2(fd, ROLE_FD) == -1)
		_exit(126);
	closefrom(ROLE_FD + 1);
	execve(path, argv, child_environment(envp));
	log_warn("%s", path);
	_exit(127);
}

static void
child_impatient(evutil_socket_t fd, short events, void *arg)
{
	struct child	*child = arg;

	(void)fd;
	(void)events;
	if (child->pid == 0)
		return;
	log_warnx("%s does not %s, killed", child_name(child),
	    child->link == NULL ? "end" : "get ready");
	if (kill(child->pid, SIGKILL) == -1)
		log_warn("kill %d", (int)child->pid);
}

/* One timer: it is killed when nothing happens for so long. */
static void
child_patience(struct child *child, time_t seconds)
{
	struct timeval	 tv = { seconds, 0 };

	child_content(child);
	child->timer = evtimer_new(child->parent->base, child_impatient,
	    child);
	if (child->timer == NULL || evtimer_add(child->timer, &tv) == -1)
		log_warnx("%s: no timer", child_name(child));
}

void
child_content(struct child *child)
{
	if (child->timer != NULL)
		event_free(child->timer);
	child->timer = NULL;
}

int
child_spawn(struct child *child)
{
	struct ibuf	*buf;
	int		 pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    pair) == -1) {
		log_warn("%s: socketpair", child_name(child));
		return -1;
	}
	if ((child->pid = fork()) == -1) {
		log_warn("%s: fork", child_name(child));
		child->pid = 0;
		close(pair[0]);
		close(pair[1]);
		return -1;
	}
	if (child->pid == 0)
		child_exec(child, pair[1]);
	close(pair[1]);
	child->since = time(NULL);
	child->ready = 0;
	child->worked = 0;
	child->linked = 0;
	child->link = ipc_link_new(child->parent->base, pair[0], ROLE_PARENT,
	    child->role, supervise_message, supervise_link_down, child);
	if (child->link == NULL ||
	    (buf = child_conf_encode(child)) == NULL ||
	    child_send(child, IMSG_CHILD_CONF, 0, -1, buf) == -1 ||
	    child_conf_send(child) == -1) {
		log_warn("%s: its configuration cannot be sent",
		    child_name(child));
		child_close(child);
	}
	return 0;
}

static int
edge_fits(const struct edge *e, const struct child *a, const struct child *b)
{
	if (a->role != e->a || b->role != e->b)
		return 0;
	if (!e->shared && a->generation != b->generation)
		return 0;
	return !e->paired || a->instance == b->instance;
}

static int
child_is_sibling(const struct child *a, const struct child *b)
{
	size_t	 i;

	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		if (edge_fits(&edges[i], a, b) || edge_fits(&edges[i], b, a))
			return 1;
	return 0;
}

static int
child_send_link(struct child *to, const struct child *peer, int fd)
{
	struct msg_link	 ml = { .role = (uint8_t)peer->role,
			    .instance = peer->instance };
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
	    msg_link_encode(buf, &ml) == -1) {
		ibuf_free(buf);
		close(fd);
		return -1;
	}
	return child_send(to, IMSG_CHILD_LINK, 0, fd, buf);
}

static void
child_link(struct child *a, struct child *b)
{
	int	 pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    pair) == -1) {
		log_warn("%s: socketpair", child_name(a));
		return;
	}
	/* One end arriving alone is an end-of-file there: it is noticed. */
	if (child_send_link(a, b, pair[0]) == -1 ||
	    child_send_link(b, a, pair[1]) == -1)
		log_warn("%s: a link cannot be passed", child_name(a));
}

void
child_start(struct child *child)
{
	struct child	*other;

	if (child->link == NULL)
		return;
	TAILQ_FOREACH(other, &child->parent->children, entry)
		if (other->linked && other->link != NULL &&
		    child_is_sibling(child, other))
			child_link(child, other);
	child->linked = 1;
	if (child_send(child, IMSG_CHILD_START, 0, -1, NULL) == -1)
		log_warn("%s: cannot be started", child_name(child));
	child_patience(child, CHILD_START);
}

void
child_close(struct child *child)
{
	ipc_link_free(child->link);
	child->link = NULL;
	child->linked = 0;
	child->ready = 0;
	if (child->pid != 0)
		child_patience(child, CHILD_PATIENCE);
}
