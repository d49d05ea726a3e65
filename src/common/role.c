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
 * The start of every child, from exec to IMSG_PARENT_READY.  Trusts the
 * parent and nobody else; until role_confine() has run, no byte from
 * outside may be read.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "role.h"
#include "sandbox.h"

static const char *const role_procnames[ROLE__MAX] = {
	[ROLE_PARENT] = "grantd",
	[ROLE_FRONTEND] = "grantd-frontend",
	[ROLE_BROKER] = "grantd-broker",
	[ROLE_SIGNER] = "grantd-signer",
	[ROLE_HASHER] = "grantd-hasher",
	[ROLE_FETCHER] = "grantd-fetcher",
	[ROLE_CTL] = "grantctl",
};

/* Only the parent's end-of-file stops a child, so that it can be drained. */
static const int role_ignored_signals[] = {
	SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2
};

/* State of role_start() while it reads. */
struct role_start {
	role_message_cb	 cb;
	void		*arg;
	int		 configured;
	int		 started;
};

static void
role_options(struct role_self *r, int argc, char **argv)
{
	int	 c;

	while ((c = getopt(argc, argv, "dv")) != -1) {
		switch (c) {
		case 'd':
			r->debug = 1;
			break;
		case 'v':
			log_setverbose(1);
			break;
		default:
			fatalx("started by grantd only: [-d] [-v]");
		}
	}
	if (argc != optind)
		fatalx("started by grantd only: [-d] [-v]");
}

static void
role_signals(void)
{
	struct sigaction	 sa;
	size_t			 i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(role_ignored_signals) / sizeof(int); i++)
		if (sigaction(role_ignored_signals[i], &sa, NULL) == -1)
			fatal("sigaction");
}

static void
role_open_link(struct role_self *r)
{
	struct stat	 st;
	int		 flags;

	if (fstat(ROLE_FD, &st) == -1 || !S_ISSOCK(st.st_mode))
		fatalx("no link on descriptor %d: start grantd instead",
		    ROLE_FD);
	if ((flags = fcntl(ROLE_FD, F_GETFL)) == -1 ||
	    fcntl(ROLE_FD, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(ROLE_FD, F_SETFD, FD_CLOEXEC) == -1)
		fatal("fcntl");
	if (ipc_open(&r->parent, ROLE_FD, r->role, ROLE_PARENT) == -1)
		fatal("ipc_open");
}

/* IMSG_CHILD_CONF: the common part is ours, the rest the role's. */
static int
role_configure(struct role_self *r, struct role_start *s, struct imsg *imsg,
    struct ibuf *payload)
{
	if (s->configured || conf_base_decode(payload, &r->base) == -1)
		return -1;
	s->configured = 1;
	if (r->base.verbose)
		log_setverbose(1);
	return s->cb(r, imsg, payload, s->arg);
}

/* One message of the start; 0 or -1. */
static int
role_message(struct role_self *r, struct role_start *s, struct imsg *imsg)
{
	struct ibuf	 payload;
	uint8_t		 verbose;

	if (imsg_get_len(imsg) == 0)
		ibuf_from_buffer(&payload, NULL, 0);
	else if (imsg_get_ibuf(imsg, &payload) == -1)
		return -1;

	if (imsg_get_type(imsg) == IMSG_CHILD_CONF)
		return role_configure(r, s, imsg, &payload);
	if (!s->configured)
		return -1;
	if (imsg_get_type(imsg) == IMSG_CHILD_START) {
		s->started = 1;
		return 0;
	}
	if (imsg_get_type(imsg) == IMSG_CHILD_VERBOSE) {
		if (msg_get_u8(&payload, &verbose) == -1)
			return -1;
		log_setverbose(verbose);
		return 0;
	}
	return s->cb(r, imsg, &payload, s->arg);
}

/* What has been read, up to IMSG_CHILD_START; the rest stays for later. */
static void
role_messages(struct role_self *r, struct role_start *s)
{
	struct imsg	 imsg;
	const char	*why = "cannot be read";
	int		 n;

	while (!s->started && (n = imsgbuf_get(&r->parent, &imsg)) != 0) {
		if (n == -1)
			fatal("imsgbuf_get");
		if (ipc_check(&imsg, ROLE_PARENT, r->role, &why) == -1 ||
		    role_message(r, s, &imsg) == -1)
			fatalx("message %s at start: %s",
			    ipc_type_name(imsg_get_type(&imsg)), why);
		imsg_free(&imsg);
	}
}

static long
role_seconds(void)
{
	struct timespec	 now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		fatal("clock_gettime");
	return (long)now.tv_sec;
}

void
role_start(struct role_self *r, enum role role, int argc, char **argv,
    role_message_cb cb, void *arg)
{
	struct role_start	 s = { .cb = cb, .arg = arg };
	struct pollfd		 pfd = { .fd = ROLE_FD, .events = POLLIN };
	long			 end, left;
	int			 n;

	memset(r, 0, sizeof(*r));
	r->role = role;
	role_options(r, argc, argv);
	/* First: the connection to syslogd is a descriptor, too. */
	closefrom(ROLE_FD + 1);
	log_init(role_procnames[role], r->debug, LOG_DAEMON);
	role_signals();
	(void)umask(077);
	role_open_link(r);

	end = role_seconds() + ROLE_START_TIMEOUT;
	while (!s.started) {
		if ((left = end - role_seconds()) <= 0)
			fatalx("no word from the parent for %d seconds",
			    ROLE_START_TIMEOUT);
		n = poll(&pfd, 1, (int)left * 1000);
		if (n == -1 && errno != EINTR)
			fatal("poll");
		if (n <= 0)
			continue;
		if ((n = imsgbuf_read(&r->parent)) == -1)
			fatal("link to the parent");
		if (n == 0)
			exit(0);
		role_messages(r, &s);
	}
}

static void
role_limit(int resource, rlim_t value, const char *name)
{
	struct rlimit	 rl = { .rlim_cur = value, .rlim_max = value };

	if (setrlimit(resource, &rl) == -1)
		fatal("setrlimit %s", name);
}

/* Open files: as many as configured, or as the hard limit gives. */
static void
role_limit_files(uint32_t nofile)
{
	struct rlimit	 rl;

	if (nofile == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		fatal("getrlimit");
	if (rl.rlim_max != RLIM_INFINITY && nofile > rl.rlim_max &&
	    geteuid() != 0) {
		log_warnx("only %llu open files instead of %u: raise the "
		    "limit of the user that starts grantd",
		    (unsigned long long)rl.rlim_max, nofile);
		nofile = (uint32_t)rl.rlim_max;
	}
	role_limit(RLIMIT_NOFILE, nofile, "open files");
}

static void
role_limits(const struct role_self *r)
{
	struct stat	 st;

	role_limit(RLIMIT_CORE, 0, "core size");
	role_limit_files(r->base.nofile);
	/*
	 * The signer's journal grows, and standard error may be a file in
	 * the foreground; nobody else writes files.
	 */
	if (r->role == ROLE_SIGNER ||
	    (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode)))
		return;
	role_limit(RLIMIT_FSIZE, 0, "file size");
}

static void
role_change_root(const char *dir)
{
	if (dir == NULL || dir[0] == '\0')
		return;
	if (chroot(dir) == -1)
		fatal("chroot %s", dir);
	if (chdir("/") == -1)
		fatal("chdir /");
}

static void
role_change_user(uid_t uid, gid_t gid)
{
	if (uid == 0 || gid == 0)
		fatalx("refused to work as root");
	if (setgroups(1, &gid) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		fatal("cannot become user %u, group %u", (unsigned int)uid,
		    (unsigned int)gid);
	if (setuid(0) != -1)
		fatalx("root could be regained");
}

void
role_confine(struct role_self *r)
{
	role_limits(r);
	if (r->base.privileged) {
		role_change_root(r->base.chroot);
		role_change_user(r->base.uid, r->base.gid);
	}
	/* Not before: the change of user counts against it. */
	role_limit(RLIMIT_NPROC, 0, "processes");
	sandbox_set_debug(r->debug);
	sandbox_enter(r->role);
	if (ipc_compose(&r->parent, IMSG_PARENT_READY, 0, -1, NULL) == -1 ||
	    imsgbuf_flush(&r->parent) == -1)
		fatal("link to the parent");
}
