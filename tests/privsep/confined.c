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
 * Real processes, started by root as the parent does it, seen from outside:
 * user, groups, capabilities, root directory, limits, sandbox.  And a start
 * that goes wrong ends with a line in the log, not with a process.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "stage.h"

#define NOBODY	65534

/* What /proc says of a process that has given up everything. */
static const struct {
	const char	*file;
	const char	*begin;		/* of the line */
	const char	*words;		/* what follows, blanks made one */
	int		 root_only;	/* when root started it */
} lines[] = {
	{ "status", "Uid:", "65534 65534 65534 65534", 1 },
	{ "status", "Gid:", "65534 65534 65534 65534", 1 },
	{ "status", "Groups:", "65534", 1 },
	{ "status", "CapInh:", "0000000000000000", 0 },
	{ "status", "CapPrm:", "0000000000000000", 0 },
	{ "status", "CapEff:", "0000000000000000", 0 },
	{ "status", "CapAmb:", "0000000000000000", 0 },
	{ "status", "NoNewPrivs:", "1", 0 },
	{ "status", "Seccomp:", "2", 0 },
	{ "status", "Threads:", "1", 0 },
	{ "limits", "Max core file size", "0 0 bytes", 0 },
	{ "limits", "Max processes", "0 0 processes", 0 },
	{ "limits", "Max open files", "512 512 files", 0 },
};

/* Tabs and runs of blanks become one blank; none at either end. */
static void
squeeze(char *text)
{
	char	*from = text, *to = text;

	for (; *from != '\0'; from++) {
		if (*from != ' ' && *from != '\t' && *from != '\n')
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

static void
proc_line(const struct actor *a, size_t i)
{
	FILE	*fp;
	char	 path[64], line[512], found[512] = "nothing";
	size_t	 n = strlen(lines[i].begin);

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)a->pid,
	    lines[i].file);
	if ((fp = fopen(path, "r")) == NULL)
		fatal("%s", path);
	while (fgets(line, sizeof(line), fp) != NULL)
		if (strncmp(line, lines[i].begin, n) == 0) {
			(void)strlcpy(found, line + n, sizeof(found));
			squeeze(found);
			break;
		}
	(void)fclose(fp);
	check(strcmp(found, lines[i].words) == 0, "%s: %s %s",
	    ipc_role_name(a->role), lines[i].begin, found);
}

/* conf_base with a root directory and nobody's user, if root runs this. */
static void
base_privileged(struct ibuf *buf)
{
	struct conf_base	 base;
	char			 dir[512];

	memset(&base, 0, sizeof(base));
	(void)strlcpy(dir, stage_path("empty"), sizeof(dir));
	base.privileged = geteuid() == 0;
	base.uid = base.gid = NOBODY;
	base.chroot = dir;
	base.nofile = 512;
	if (conf_base_encode(buf, &base) == -1)
		fatal("conf_base");
}

static void
hasher_conf(struct ibuf *buf, uint32_t cost)
{
	struct conf_hasher	 conf = { .cost = cost };

	if (conf_hasher_encode(buf, &conf) == -1)
		fatal("conf_hasher");
}

static void
frontend_conf(struct ibuf *buf)
{
	struct conf_frontend	 conf;
	char			 issuer[] = "http://localhost:8080";

	memset(&conf, 0, sizeof(conf));
	conf.issuer = issuer;
	conf.header_max = 16384;
	conf.body_max = 1048576;
	conf.idle_timeout = 60;
	conf.request_timeout = 30000;
	conf.connections_max = 100;
	conf.streams_max = 10;
	if (conf_frontend_encode(buf, &conf) == -1)
		fatal("conf_frontend");
}

static void
broker_conf(struct ibuf *buf)
{
	struct conf_broker	 conf;
	char			 conninfo[] = "host=/ port=5432 dbname=none";

	memset(&conf, 0, sizeof(conf));
	conf.conninfo = conninfo;
	conf.read_connections = conf.write_connections = 1;
	conf.call_connections = conf.slow_connections = 1;
	conf.queue_max = 64;
	if (conf_broker_encode(buf, &conf) == -1)
		fatal("conf_broker");
}

static void
fetcher_conf(struct ibuf *buf)
{
	struct conf_fetcher	 conf;
	char			 none[] = "", server[] = "192.0.2.53";

	memset(&conf, 0, sizeof(conf));
	conf.port = 443;
	conf.ca_file = none;
	conf.nameserver = server;
	if (conf_fetcher_encode(buf, &conf) == -1)
		fatal("conf_fetcher");
}

/* Started, looked at from all sides, ended. */
static void
confined(enum role role, struct ibuf *conf)
{
	struct actor	 a;
	char		 path[64], root[512];
	ssize_t		 n;
	size_t		 i;

	actor_start(&a, role, conf);
	if (!check(actor_ready(&a) == 0, "%s is ready", ipc_role_name(role)))
		return;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!lines[i].root_only || geteuid() == 0)
			proc_line(&a, i);
	if (geteuid() == 0) {
		(void)snprintf(path, sizeof(path), "/proc/%d/root",
		    (int)a.pid);
		n = readlink(path, root, sizeof(root) - 1);
		root[n > 0 ? n : 0] = '\0';
		check(strcmp(root, stage_path("empty")) == 0,
		    "%s: its root directory is an empty one",
		    ipc_role_name(role));
	}
	/* Only the parent's end-of-file stops it. */
	(void)kill(a.pid, SIGTERM);
	(void)kill(a.pid, SIGINT);
	(void)kill(a.pid, SIGHUP);
	(void)usleep(50 * 1000);
	check(actor_alive(&a), "%s: a signal does not end it",
	    ipc_role_name(role));
	check(actor_stop(&a) == 0, "%s: the parent's end does",
	    ipc_role_name(role));
}

/* The process must end by itself, with this in its log. */
static void
ends(struct actor *a, const char *what, const char *text, int want)
{
	int	 i, status = -1;

	for (i = 0; i < 500; i++) {
		if (waitpid(a->pid, &status, WNOHANG) == a->pid)
			break;
		(void)usleep(10 * 1000);
	}
	check(WIFEXITED(status) && WEXITSTATUS(status) == want &&
	    (text == NULL || actor_logged(a, text) > 0), "%s", what);
	if (i == 500) {
		(void)kill(a->pid, SIGKILL);
		(void)waitpid(a->pid, NULL, 0);
	}
	imsgbuf_clear(&a->parent);
	close(a->fd);
}

static void
bad_starts(void)
{
	struct actor	 a;
	struct ibuf	*buf;

	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 31);
	actor_start(&a, ROLE_HASHER, buf);
	ends(&a, "a configuration that cannot be ends the start",
	    "password cost 31", 1);

	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	if (msg_add_u8(buf, 0) == -1)
		fatal("msg_add");
	actor_start(&a, ROLE_HASHER, buf);
	ends(&a, "a byte too much ends the start", "CHILD_CONF", 1);

	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	actor_start(&a, ROLE_HASHER, buf);
	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	actor_send(&a, IMSG_CHILD_CONF, 0, -1, buf);
	ends(&a, "a second configuration ends the start", "CHILD_CONF", 1);

	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	actor_start(&a, ROLE_HASHER, buf);
	if (imsg_compose(&a.parent, IMSG_CTL_STATUS, 0, 0, -1, NULL, 0) != 1 ||
	    imsgbuf_flush(&a.parent) == -1)
		fatal("imsg_compose");
	ends(&a, "a message that is nobody's ends the start", "CTL_STATUS",
	    1);

	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	actor_start(&a, ROLE_HASHER, buf);
	(void)usleep(50 * 1000);
	check(actor_stop(&a) == 0, "a parent that goes ends the start");
}

/* Root without a user to change to is refused, not obeyed. */
static void
no_root(void)
{
	struct conf_base	 base;
	struct actor		 a;
	struct ibuf		*buf = stage_buf();

	memset(&base, 0, sizeof(base));
	base.privileged = 1;
	if (conf_base_encode(buf, &base) == -1)
		fatal("conf_base");
	hasher_conf(buf, 5);
	actor_start(&a, ROLE_HASHER, buf);
	actor_send(&a, IMSG_CHILD_START, 0, -1, NULL);
	ends(&a, "root is no user to work as", "refused to work as root", 1);
}

void
confined_all(void)
{
	struct ibuf	*buf;

	if (mkdir(stage_path("empty"), 0755) == -1)
		fatal("%s", stage_path("empty"));
	buf = stage_buf();
	base_privileged(buf);
	hasher_conf(buf, 5);
	confined(ROLE_HASHER, buf);
	buf = stage_buf();
	base_privileged(buf);
	broker_conf(buf);
	confined(ROLE_BROKER, buf);
	buf = stage_buf();
	base_privileged(buf);
	frontend_conf(buf);
	confined(ROLE_FRONTEND, buf);
	buf = stage_buf();
	base_privileged(buf);
	fetcher_conf(buf);
	confined(ROLE_FETCHER, buf);
	bad_starts();
	if (geteuid() == 0)
		no_root();
}
