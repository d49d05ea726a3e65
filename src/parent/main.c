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
 * grantd(8): options, configuration, signals, loop.  Room: parent, the only
 * process that stays root.  It reads no byte from the network.
 */

#include "config.h"

#include <sys/types.h>

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "control.h"
#include "listener.h"
#include "log.h"
#include "notify.h"
#include "parent.h"
#include "priority.h"
#include "resource.h"

struct options {
	const char	*path;
	int		 debug;
	int		 check;
	int		 verbose;
};

struct signal_row {
	int		 number;
	void		(*handle)(struct parent *);
	struct event	*event;
};

static void
on_child(struct parent *parent)
{
	supervise_reap(parent);
}

static void
on_reload(struct parent *parent)
{
	reload_start(parent, NULL, NULL);
}

static void
on_stop(struct parent *parent)
{
	boot_stop(parent, 1, 0, NULL);
}

static struct signal_row	 signals[] = {
	{ SIGCHLD, on_child, NULL },
	{ SIGHUP, on_reload, NULL },
	{ SIGTERM, on_stop, NULL },
	{ SIGINT, on_stop, NULL },
};
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

static void
on_signal(evutil_socket_t number, short events, void *arg)
{
	size_t	 i;

	(void)events;
	for (i = 0; i < NSIGNALS; i++)
		if (signals[i].number == number)
			signals[i].handle(arg);
}

static void
signals_add(struct parent *parent)
{
	size_t	 i;

	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < NSIGNALS; i++) {
		signals[i].event = evsignal_new(parent->base,
		    signals[i].number, on_signal, parent);
		if (signals[i].event == NULL ||
		    evsignal_add(signals[i].event, NULL) == -1)
			fatal("evsignal_add");
	}
}

static void
signals_free(void)
{
	size_t	 i;

	for (i = 0; i < NSIGNALS; i++)
		event_free(signals[i].event);
}

/* While there is no daemon yet, the person at the terminal is told. */
static void
print_complaint(const char *where, int warning, const char *text, void *arg)
{
	(void)arg;
	fprintf(stderr, "%s: %s%s\n", where, warning ? "warning: " : "", text);
}

__attribute__((__noreturn__))
static void
usage(void)
{
	fprintf(stderr, "usage: grantd [-dnvV] [-f file]\n");
	exit(1);
}

static void
options_get(struct options *o, int argc, char **argv)
{
	int	 c;

	memset(o, 0, sizeof(*o));
	o->path = GRANTD_SYSCONFDIR "/grantd/grantd.conf";
	while ((c = getopt(argc, argv, "df:nvV")) != -1) {
		switch (c) {
		case 'd':
			o->debug = 1;
			break;
		case 'f':
			o->path = optarg;
			break;
		case 'n':
			o->check = 1;
			break;
		case 'v':
			o->verbose = 1;
			break;
		case 'V':
			printf("grantd %s\n", PACKAGE_VERSION);
			exit(0);
		default:
			usage();
		}
	}
	if (argc != optind)
		usage();
}

/* Where the children's programs are; each must be there. */
static const char *
libexec_find(void)
{
	static const char *const names[] = { "frontend", "broker", "signer",
	    "hasher", "fetcher" };
	const char		*dir = getenv("GRANTD_LIBEXEC");
	char			 path[CONF_MAX_PATH + 32];
	size_t			 i;

	if (dir == NULL || dir[0] == '\0')
		dir = GRANTD_LIBEXECDIR;
	if (dir[0] != '/' || strlen(dir) > CONF_MAX_PATH)
		errx(1, "GRANTD_LIBEXEC: expected an absolute path");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* Measured above: it fits. */
		(void)snprintf(path, sizeof(path), "%s/grantd-%s", dir,
		    names[i]);
		if (access(path, X_OK) == -1)
			err(1, "%s", path);
	}
	return dir;
}

/* Waits in the foreground for the word of the daemon: 1 byte, or its end. */
__attribute__((__noreturn__))
static void
daemon_wait(int fd)
{
	char	 byte;

	if (read(fd, &byte, 1) != 1)
		errx(1, "did not start; the system log, or -d, says why");
	_exit(0);
}

/* Goes into the background; the descriptor that reports readiness. */
static int
daemon_enter(void)
{
	int	 fds[2], null;

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(1, "pipe");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		break;
	default:
		close(fds[1]);
		daemon_wait(fds[0]);
	}
	close(fds[0]);
	if (setsid() == -1 || chdir("/") == -1)
		err(1, "setsid");
	if ((null = open("/dev/null", O_RDWR)) == -1)
		err(1, "/dev/null");
	if (dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) ==
	    -1 || dup2(null, STDERR_FILENO) == -1)
		err(1, "dup2");
	if (null > STDERR_FILENO)
		close(null);
	return fds[1];
}

/* Everything that can go wrong while somebody watches the terminal. */
static int
parent_open(struct parent *parent)
{
	struct conf_report	 report = { print_complaint, NULL, 0 };
	char			 err_text[1536];
	int			 fd;

	parent->libexec = libexec_find();
	if ((parent->control_path = strdup(parent->conf->control)) == NULL)
		err(1, NULL);
	resource_open(parent->conf, NULL, parent->privileged, &report,
	    parent->conf_path);
	if (report.errors > 0)
		goto fail;
	fd = control_listen(parent->conf->control, err_text, sizeof(err_text));
	if (fd == -1) {
		conf_complain(&report, parent->conf_path, 0,
		    "control socket: %s", err_text);
		goto fail;
	}
	return fd;
 fail:
	listener_unlink(parent->conf, NULL);
	exit(1);
}

static void
parent_run(struct parent *parent, int control_fd)
{
	if ((parent->base = event_base_new()) == NULL)
		fatalx("event_base_new");
	signals_add(parent);
	parent->control = control_new(parent, control_fd);
	if (parent->control == NULL)
		fatal("control socket");
	boot_start(parent);
	if (event_base_dispatch(parent->base) == -1)
		fatalx("event_base_dispatch");
}

static void
parent_end(struct parent *parent)
{
	control_free(parent->control);
	parent->control = NULL;
	if (unlink(parent->control_path) == -1)
		log_debug("%s stays behind", parent->control_path);
	free(parent->control_path);
	event_free(parent->timer);
	signals_free();
	event_base_free(parent->base);
	conf_free(parent->conf);
	free(parent->jwks);
	log_info("stopped");
}

int
main(int argc, char **argv)
{
	static char	 path[PATH_MAX];
	struct options	 o;
	struct parent	 parent;
	int		 fd;

	options_get(&o, argc, argv);
	log_init("grantd", 1, LOG_DAEMON);
	memset(&parent, 0, sizeof(parent));
	TAILQ_INIT(&parent.children);
	TAILQ_INIT(&parent.generations);
	parent.ready_fd = -1;
	parent.conf = conf_load(o.path, print_complaint, NULL);
	if (parent.conf == NULL)
		return 1;
	if (o.check) {
		if (o.verbose)
			conf_print(parent.conf, stdout);
		else
			fprintf(stderr, "configuration OK\n");
		conf_free(parent.conf);
		return 0;
	}
	if (realpath(o.path, path) == NULL)
		err(1, "%s", o.path);
	parent.conf_path = path;
	parent.privileged = geteuid() == 0;
	parent.debug = o.debug;
	parent.verbose = o.verbose || parent.conf->verbose;
	parent.started = time(NULL);
	closefrom(STDERR_FILENO + 1);
	(void)umask(077);	/* never fails */
	fd = parent_open(&parent);
	if (!o.debug)
		parent.ready_fd = daemon_enter();
	log_init("grantd", o.debug, LOG_DAEMON);
	log_setverbose(parent.verbose);
	if (!parent.privileged)
		log_warnx("NOT STARTED AS ROOT: every process runs as user %u, "
		    "without chroot; good for trying out, not for service",
		    (unsigned int)geteuid());
	notify_open();
	priority_batch();
	parent_run(&parent, fd);
	parent_end(&parent);
	return parent.status;
}
