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
 * The sockets that frontends and the control socket listen on: made here,
 * shared by all frontends, kept for their successors.  Room: parent.  It
 * never accepts.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"

#define LISTENER_BACKLOG	1024
#define LISTENER_DIR_MODE	0755

#define LISTENER_TYPE	(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)

/* Cut is fine in all sentences here: messages for people. */

static const char *
listener_hint(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "; another program listens there";
	case EADDRNOTAVAIL:
		return "; this host has no such address";
	case EACCES:
		return "; ports below 1024 are for root";
	default:
		return "";
	}
}

static int
listener_open_inet(const struct conf_listener *cl, char *err, size_t errsize)
{
	int	 fd, on = 1;

	fd = socket(cl->addr.ss_family, LISTENER_TYPE, 0);
	if (fd == -1)
		goto fail;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		goto fail;
	if (cl->addr.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) == -1)
		goto fail;
	if (bind(fd, (const struct sockaddr *)&cl->addr, cl->addrlen) == -1 ||
	    listen(fd, LISTENER_BACKLOG) == -1)
		goto fail;
	return fd;
 fail:
	(void)snprintf(err, errsize, "listen on %s: %s%s", cl->name,
	    strerror(errno), listener_hint(errno));
	if (fd != -1)
		close(fd);
	return -1;
}

/* /run is empty after a boot: makes the last directory of a path. */
static int
listener_directory(const char *path)
{
	char	 dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char	*slash;

	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return 0;
	*slash = '\0';
	if (mkdir(dir, LISTENER_DIR_MODE) == -1)
		return errno == EEXIST ? 0 : -1;
	return chmod(dir, LISTENER_DIR_MODE);	/* whatever the umask is */
}

/* A socket that a dead process left is in the way; others stay. */
static int
listener_clear(const struct sockaddr_un *sun)
{
	struct stat	 st;
	int		 fd, alive;

	if (lstat(sun->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	if ((fd = socket(AF_UNIX, LISTENER_TYPE, 0)) == -1)
		return -1;
	alive = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
	    errno != ECONNREFUSED;
	close(fd);
	if (alive) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(sun->sun_path);
}

static int
listener_owner(const char *path, uint32_t mode, const char *group)
{
	struct group	*gr;

	if (group != NULL) {
		if ((gr = getgrnam(group)) == NULL) {
			errno = ENOENT;
			return -1;
		}
		if (chown(path, (uid_t)-1, gr->gr_gid) == -1)
			return -1;
	}
	return chmod(path, (mode_t)mode);
}

int
listener_open_unix(const char *path, uint32_t mode, const char *group,
    char *err, size_t errsize)
{
	struct sockaddr_un	 sun;
	mode_t			 old;
	int			 fd = -1, r;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		goto fail;
	}
	if (listener_directory(path) == -1 || listener_clear(&sun) == -1 ||
	    (fd = socket(AF_UNIX, LISTENER_TYPE, 0)) == -1)
		goto fail;
	old = umask(0177);	/* nobody gets in before the mode is set */
	r = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(old);	/* never fails */
	if (r == -1)
		goto fail;
	if (listener_owner(path, mode, group) == -1) {
		(void)snprintf(err, errsize, "%s: group %s or mode %04o "
		    "cannot be set: %s", path, group == NULL ? "-" : group,
		    mode, strerror(errno));
		goto undo;
	}
	if (listen(fd, LISTENER_BACKLOG) == -1)
		goto undo;
	return fd;
 fail:
	(void)snprintf(err, errsize, "%s: %s%s", path, strerror(errno),
	    errno == EADDRINUSE ? "; another program listens there" : "");
	if (fd != -1)
		close(fd);
	return -1;
 undo:
	close(fd);
	(void)unlink(path);	/* best effort: we just made it */
	return -1;
}

static const struct conf_listener *
listener_find(const struct conf *conf, const char *name)
{
	const struct conf_listener	*cl;

	if (conf == NULL)
		return NULL;
	TAILQ_FOREACH(cl, &conf->listeners, entry)
		if (strcmp(cl->name, name) == 0)
			return cl;
	return NULL;
}

/* The same socket for a new configuration; its mode may have changed. */
static int
listener_share(const struct conf_listener *cl,
    const struct conf_listener *former, char *err, size_t errsize)
{
	int	 fd;

	if ((cl->is_unix &&
	    listener_owner(cl->name, cl->mode, cl->group) == -1) ||
	    (fd = fcntl(former->fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		(void)snprintf(err, errsize, "listen on %s: %s", cl->name,
		    strerror(errno));
		return -1;
	}
	return fd;
}

void
listener_open_all(struct conf *conf, const struct conf *former,
    struct conf_report *cr)
{
	struct conf_listener		*cl;
	const struct conf_listener	*same;
	char				 err[1536];

	TAILQ_FOREACH(cl, &conf->listeners, entry) {
		if (cl->fd != -1)
			continue;
		same = listener_find(former, cl->name);
		if (same != NULL && same->fd != -1)
			cl->fd = listener_share(cl, same, err, sizeof(err));
		else if (cl->is_unix)
			cl->fd = listener_open_unix(cl->name, cl->mode,
			    cl->group, err, sizeof(err));
		else
			cl->fd = listener_open_inet(cl, err, sizeof(err));
		if (cl->fd == -1)
			conf_complain(cr, cl->where, 0, "%s", err);
	}
}

void
listener_unlink(const struct conf *conf, const struct conf *kept)
{
	const struct conf_listener	*cl;

	TAILQ_FOREACH(cl, &conf->listeners, entry) {
		if (!cl->is_unix || cl->fd == -1 ||
		    listener_find(kept, cl->name) != NULL)
			continue;
		if (unlink(cl->name) == -1 && errno != ENOENT)
			log_warn("%s", cl->name);
	}
}
