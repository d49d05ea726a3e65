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
 * Resolves the database's host names in a process of its own, since
 * getaddrinfo(3) blocks and reads what strangers send.  Room: parent.  That
 * process has no descriptor but its pipe and is not root.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_value.h"
#include "log.h"
#include "resolve.h"
#include "sandbox.h"

#define RESOLVE_PATIENCE	20	/* s */
#define RESOLVE_MAX_ANSWER	8192	/* bytes from the asking process */
#define RESOLVE_END		"."

struct resolve {
	struct conf	*conf;
	resolve_cb	 cb;
	void		*arg;
	int		 fd;
	pid_t		 pid;
	struct event	*event;
	char		 answer[RESOLVE_MAX_ANSWER + 1];
	size_t		 len;
};

/* Addresses of one name: a broker may connect to so many in all. */
static size_t
resolve_max(const struct conf *conf)
{
	size_t	 n = conf->database.nhosts;

	return n == 0 ? SANDBOX_CONNECT_MAX : SANDBOX_CONNECT_MAX / n;
}

int
resolve_numeric(struct conf *conf)
{
	struct sockaddr_storage	 ss;
	struct conf_host	*ch;
	socklen_t		 len;
	int			 all = 1;

	TAILQ_FOREACH(ch, &conf->database.hosts, entry) {
		conf_host_clear(ch);
		if (value_address(ch->name, 0, &ss, &len) == -1)
			all = 0;
		else if (conf_host_add(ch, ch->name) == -1)
			fatal("%s", __func__);
	}
	return all;
}

/* In the asking process: "number address" per line, then the end mark. */
static void
resolve_ask(FILE *out, const struct conf *conf)
{
	struct addrinfo		 hints, *res, *ai;
	struct conf_host	*ch;
	char			 addr[NI_MAXHOST];
	size_t			 count;
	int			 error, n = 0;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_ADDRCONFIG;
	TAILQ_FOREACH(ch, &conf->database.hosts, entry) {
		n++;
		if (ch->naddrs > 0)	/* it is numeric */
			continue;
		res = NULL;
		error = getaddrinfo(ch->name, NULL, &hints, &res);
		if (error != 0) {
			log_warnx("database host %s: %s", ch->name,
			    gai_strerror(error));
			continue;
		}
		count = 0;
		for (ai = res; ai != NULL && count < resolve_max(conf);
		    ai = ai->ai_next, count++)
			if (getnameinfo(ai->ai_addr, ai->ai_addrlen, addr,
			    sizeof(addr), NULL, 0, NI_NUMERICHOST) == 0)
				fprintf(out, "%d %s\n", n, addr);
		freeaddrinfo(res);
	}
	fprintf(out, RESOLVE_END "\n");
}

/* The asking process: never returns. */
__attribute__((__noreturn__))
static void
resolve_process(struct conf *conf, int fd, int privileged)
{
	const struct conf_user	*cu = conf_user(conf, ROLE_BROKER);
	FILE			*out;
	gid_t			 gid = cu->gid;
	uid_t			 uid = cu->uid;

	(void)signal(SIGINT, SIG_IGN);
	if (conf->database.password != NULL)
		explicit_bzero(conf->database.password,
		    strlen(conf->database.password));
	if (dup2(fd, STDERR_FILENO + 1) == -1)
		_exit(1);
	closefrom(STDERR_FILENO + 2);
	if (privileged && (setgroups(1, &gid) == -1 ||
	    setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)) {
		log_warn("cannot become user %s", cu->name);
		_exit(1);
	}
	if ((out = fdopen(STDERR_FILENO + 1, "w")) == NULL)
		_exit(1);
	resolve_ask(out, conf);
	_exit(fclose(out) == 0 ? 0 : 1);
}

int
resolve_line(struct conf *conf, const char *line)
{
	struct sockaddr_storage	 ss;
	struct conf_host	*ch;
	const char		*addr = strchr(line, ' ');
	char			 number[8];
	socklen_t		 len;
	uint32_t		 n, i = 0;

	if (addr == NULL || (size_t)(addr - line) >= sizeof(number))
		return -1;
	memcpy(number, line, (size_t)(addr - line));
	number[addr - line] = '\0';
	addr++;
	if (value_number(number, 1, CONF_MAX_HOSTS, &n) == -1 ||
	    value_address(addr, 0, &ss, &len) == -1)
		return -1;
	TAILQ_FOREACH(ch, &conf->database.hosts, entry)
		if (++i == n)
			break;
	if (ch == NULL || ch->naddrs >= resolve_max(conf))
		return -1;
	return conf_host_add(ch, addr);
}

/* All that came, after the end of it. */
static int
resolve_parse(struct resolve *r)
{
	char	*line, *rest = r->answer;
	int	 ended = 0;

	while ((line = strsep(&rest, "\n")) != NULL && !ended) {
		if (strcmp(line, RESOLVE_END) == 0)
			ended = 1;
		else if (resolve_line(r->conf, line) == -1)
			return -1;
	}
	return ended ? 0 : -1;
}

static int
resolve_any(const struct conf *conf)
{
	const struct conf_host	*ch;

	TAILQ_FOREACH(ch, &conf->database.hosts, entry)
		if (ch->naddrs > 0)
			return 1;
	return 0;
}

void
resolve_cancel(struct resolve *r)
{
	if (r == NULL)
		return;
	if (r->event != NULL)
		event_free(r->event);
	close(r->fd);
	conf_free(r->conf);
	free(r);
}

static void
resolve_finish(struct resolve *r, const char *trouble)
{
	resolve_cb	 cb = r->cb;
	void		*arg = r->arg;

	if (trouble == NULL && resolve_parse(r) == -1)
		trouble = "looking up the database's hosts went wrong";
	if (trouble == NULL && !resolve_any(r->conf))
		trouble = "no host of the database has an address";
	resolve_cancel(r);
	cb(trouble != NULL, trouble, arg);
}

static void
resolve_read(evutil_socket_t fd, short events, void *arg)
{
	struct resolve	*r = arg;
	ssize_t		 n;

	if (events & EV_TIMEOUT) {
		/* It may be gone already, or of another user: then let it. */
		(void)kill(r->pid, SIGKILL);
		resolve_finish(r, "looking up the database's hosts took too "
		    "long");
		return;
	}
	n = read(fd, r->answer + r->len, RESOLVE_MAX_ANSWER - r->len);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		r->len += (size_t)n;
		r->answer[r->len] = '\0';
		return;
	}
	resolve_finish(r, n == -1 ? strerror(errno) : NULL);
}

struct resolve *
resolve_start(struct event_base *base, struct conf *conf, int privileged,
    resolve_cb cb, void *arg)
{
	struct timeval	 tv = { RESOLVE_PATIENCE, 0 };
	struct resolve	*r;
	int		 fds[2];

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	if (pipe2(fds, O_CLOEXEC) == -1) {
		log_warn("%s: pipe", __func__);
		free(r);
		return NULL;
	}
	r->conf = conf_ref(conf);
	r->cb = cb;
	r->arg = arg;
	r->fd = fds[0];
	if ((r->pid = fork()) == 0)
		resolve_process(conf, fds[1], privileged);
	close(fds[1]);
	r->event = event_new(base, r->fd, EV_READ | EV_PERSIST, resolve_read,
	    r);
	if (r->pid == -1 || fcntl(r->fd, F_SETFL, O_NONBLOCK) == -1 ||
	    r->event == NULL || event_add(r->event, &tv) == -1) {
		log_warn("%s", __func__);
		resolve_cancel(r);
		return NULL;
	}
	return r;
}
