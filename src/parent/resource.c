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
 * Opens what a configuration names: key files, journal, password of the
 * database, listeners; looks up the users.  Room: parent.  Key files are
 * opened and judged by owner and mode, never read.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"
#include "resource.h"
#include "secure_file.h"

#define RESOURCE_ERROR	(3 * CONF_MAX_PATH)	/* bytes of a sentence */

static void
open_users(struct conf *conf, struct conf_report *cr, const char *path)
{
	struct passwd	*pw;
	int		 i, j;

	for (i = 0; i < ROLE__MAX; i++) {
		struct conf_user	*cu = &conf->users[i];

		if (cu->name == NULL ||
		    (i == ROLE_FETCHER && !conf->documents))
			continue;
		if ((pw = getpwnam(cu->name)) == NULL) {
			conf_complain(cr, path, 0, "user %s does not exist; "
			    "run: useradd -r -d %s -s /usr/sbin/nologin %s",
			    cu->name, conf->chroot, cu->name);
			continue;
		}
		cu->uid = pw->pw_uid;
		cu->gid = pw->pw_gid;
		if (cu->uid == 0 || cu->gid == 0)
			conf_complain(cr, path, 0, "user %s is root or in "
			    "root's group; each role needs a user of its own",
			    cu->name);
		for (j = 0; j < i; j++)
			if (conf->users[j].name != NULL &&
			    conf->users[j].uid == cu->uid)
				conf_complain(cr, path, 0, "users %s and %s "
				    "have the same number; each role needs "
				    "its own", conf->users[j].name, cu->name);
	}
}

/* Whether there is nothing in a directory; -1: nobody can say. */
static int
directory_empty(const char *path)
{
	const struct dirent	*de;
	DIR			*dir;
	int			 empty = 1;

	if ((dir = opendir(path)) == NULL)
		return -1;
	while (empty && (de = readdir(dir)) != NULL)
		empty = strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

/*
 * The directory for roles without files has to be safe, and is easy made.
 * unveil(2) lets a reload look at it, not make it.
 */
static void
open_chroot(const struct conf *conf, struct conf_report *cr, const char *path)
{
	const char	*dir = conf->chroot;
	struct stat	 st;

	/* chmod too, whatever the umask is. */
	if (stat(dir, &st) == -1 && (errno != ENOENT ||
	    mkdir(dir, 0755) == -1 || chmod(dir, 0755) == -1 ||
	    stat(dir, &st) == -1)) {
		conf_complain(cr, path, 0, "chroot %s: %s; run: mkdir -p -m "
		    "0755 %s", dir, strerror(errno), dir);
		return;
	}
	if (!S_ISDIR(st.st_mode))
		conf_complain(cr, path, 0, "chroot %s is not a directory",
		    dir);
	else if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		conf_complain(cr, path, 0, "chroot %s can be written by "
		    "others; run: chown root %s && chmod 0755 %s", dir, dir,
		    dir);
	else if (directory_empty(dir) != 1)
		conf_complain(cr, path, 0, "chroot %s is not empty; name a "
		    "directory of its own", dir);
}

static void
open_keys(struct conf *conf, struct conf_report *cr)
{
	struct conf_key	*ck;
	struct stat	 st;
	char		 err[RESOURCE_ERROR];

	TAILQ_FOREACH(ck, &conf->keys, entry) {
		ck->fd = secure_file_open(ck->path, SECURE_SECRET, &st, err,
		    sizeof(err));
		if (ck->fd == -1)
			conf_complain(cr, ck->where, 0, "%s", err);
		else
			ck->changed = st.st_mtim;
	}
}

static void
open_journal(struct conf *conf, struct conf_report *cr, const char *path)
{
	struct stat	 st;
	char		 err[RESOURCE_ERROR];

	conf->journal_fd = secure_file_open(conf->journal, SECURE_JOURNAL,
	    &st, err, sizeof(err));
	if (conf->journal_fd == -1)
		conf_complain(cr, path, 0, "journal: %s", err);
}

/* The first line of the file, without its end. */
static int
read_password(int fd, char **out)
{
	char	 buf[CONF_MAX_PASSWORD + 2];
	ssize_t	 n;
	size_t	 got = 0;

	*out = NULL;
	while (got < sizeof(buf) - 1) {
		n = read(fd, buf + got, sizeof(buf) - 1 - got);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	buf[got] = '\0';
	buf[strcspn(buf, "\r\n")] = '\0';
	if (buf[0] != '\0' && strlen(buf) <= CONF_MAX_PASSWORD)
		*out = strdup(buf);
	explicit_bzero(buf, sizeof(buf));
	return *out == NULL ? -1 : 0;
}

static void
open_password(struct conf *conf, struct conf_report *cr, const char *path)
{
	struct stat	 st;
	char		 err[RESOURCE_ERROR];
	int		 fd;

	if (conf->database.password_file == NULL)
		return;
	fd = secure_file_open(conf->database.password_file, SECURE_SECRET,
	    &st, err, sizeof(err));
	if (fd == -1) {
		conf_complain(cr, path, 0, "database password: %s", err);
		return;
	}
	if (read_password(fd, &conf->database.password) == -1)
		conf_complain(cr, path, 0, "database password: %s: expected "
		    "one line of 1 to %d bytes", conf->database.password_file,
		    CONF_MAX_PASSWORD);
	close(fd);
}

void
resource_open(struct conf *conf, const struct conf *former, int privileged,
    struct conf_report *cr, const char *path)
{
	if (privileged) {
		open_users(conf, cr, path);
		open_chroot(conf, cr, path);
	}
	open_keys(conf, cr);
	open_journal(conf, cr, path);
	open_password(conf, cr, path);
	/* Last: the sockets are what others see. */
	if (cr->errors == 0)
		listener_open_all(conf, former, cr);
}

static void
describe_file(FILE *out, const char *path, int fd)
{
	struct stat	 st;

	memset(&st, 0, sizeof(st));
	if (fd != -1 && fstat(fd, &st) == -1)
		memset(&st, 0, sizeof(st));
	fprintf(out, "%s %llu %llu\n", path, (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
}

static void
describe_signer(const struct conf *conf, FILE *out)
{
	const struct conf_user	*cu = conf_user(conf, ROLE_SIGNER);
	const struct conf_key	*ck;

	fprintf(out, "%s %u %u %u %u %s\n", conf->issuer,
	    conf->lifetime_maximum, conf->limit_rate, cu->uid, cu->gid,
	    conf->chroot);
	TAILQ_FOREACH(ck, &conf->keys, entry) {
		fprintf(out, "%d %u ", (int)ck->purpose, ck->version);
		describe_file(out, ck->path, ck->fd);
		/* A key that was written over is a new key. */
		fprintf(out, "%lld %ld\n", (long long)ck->changed.tv_sec,
		    (long)ck->changed.tv_nsec);
	}
}

static void
describe_journal(const struct conf *conf, FILE *out)
{
	describe_file(out, conf->journal, conf->journal_fd);
}

static void
describe_others(const struct conf *conf, FILE *out)
{
	const struct conf_host	*ch;
	size_t			 i;

	conf_print_work(conf, out);
	for (i = 0; i < ROLE__MAX; i++)
		fprintf(out, "%u %u\n", conf->users[i].uid,
		    conf->users[i].gid);
	TAILQ_FOREACH(ch, &conf->database.hosts, entry)
		for (i = 0; i < ch->naddrs; i++)
			fprintf(out, "%s\n", ch->addrs[i]);
	if (conf->database.password != NULL)
		fprintf(out, "%s\n", conf->database.password);
}

static char *
describe(const struct conf *conf,
    void (*how)(const struct conf *, FILE *))
{
	FILE	*out;
	char	*text = NULL;
	size_t	 size;

	if ((out = open_memstream(&text, &size)) == NULL)
		return NULL;
	how(conf, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int
resource_differ(const struct conf *a, const struct conf *b,
    void (*how)(const struct conf *, FILE *))
{
	char	*ta = describe(a, how), *tb = describe(b, how);
	int	 r = -1;

	if (ta != NULL && tb != NULL)
		r = strcmp(ta, tb) != 0;
	if (ta != NULL)
		freezero(ta, strlen(ta));
	if (tb != NULL)
		freezero(tb, strlen(tb));
	return r;
}

int
resource_differ_signer(const struct conf *a, const struct conf *b)
{
	return resource_differ(a, b, describe_signer);
}

int
resource_differ_journal(const struct conf *a, const struct conf *b)
{
	return resource_differ(a, b, describe_journal);
}

int
resource_differ_others(const struct conf *a, const struct conf *b)
{
	return resource_differ(a, b, describe_others);
}
