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
 * The first start and the end of the daemon.  Room: parent.
 */

#include "config.h"

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "listener.h"
#include "log.h"
#include "notify.h"
#include "parent.h"
#include "resolve.h"
#include "sandbox.h"

#define BOOT_RETRY	5	/* s between questions for host names */

static void	boot_resolve(struct parent *);

/* Directories that a reload or a restart opens something in. */
static void
boot_allow_directory(const char *path, const char *permissions)
{
	const char	*slash = strrchr(path, '/');
	char		*dir;

	if (slash == NULL || slash == path)
		return;
	if ((dir = strndup(path, (size_t)(slash - path))) == NULL)
		fatal("%s", __func__);
	sandbox_allow_path(dir, permissions);
	free(dir);
}

static void
boot_sandbox(struct parent *parent)
{
	const struct conf		*conf = parent->conf;
	const struct conf_listener	*cl;
	const struct conf_key		*ck;

	sandbox_allow_path(parent->libexec, "rx");
	sandbox_allow_path("/etc", "r");	/* users, hosts, resolver */
	sandbox_allow_path("/dev/null", "rw");
	sandbox_allow_path(conf->chroot, "r");
	boot_allow_directory(parent->conf_path, "r");
	boot_allow_directory(conf->journal, "rwc");
	boot_allow_directory(conf->control, "rwc");
	if (conf->database.password_file != NULL)
		boot_allow_directory(conf->database.password_file, "r");
	TAILQ_FOREACH(ck, &conf->keys, entry)
		boot_allow_directory(ck->path, "r");
	TAILQ_FOREACH(cl, &conf->listeners, entry)
		if (cl->is_unix)
			boot_allow_directory(cl->name, "rwc");
	sandbox_set_debug(parent->debug);
	sandbox_enter(ROLE_PARENT);
}

static void
boot_children(struct parent *parent)
{
	parent->signer = child_new(parent, NULL, parent->conf, ROLE_SIGNER, 0);
	if (parent->signer == NULL)
		fatal("%s", __func__);
	supervise_start(parent->signer);
	if (generation_new(parent, parent->conf) == NULL) {
		boot_stop(parent, 0, 1, "children cannot be started");
		return;
	}
	boot_sandbox(parent);
}

static void
boot_again(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	boot_resolve(arg);
}

static void
boot_resolved(int failed, const char *text, void *arg)
{
	struct parent	*parent = arg;
	struct timeval	 tv = { BOOT_RETRY, 0 };

	parent->resolve = NULL;
	if (!failed) {
		boot_children(parent);
		return;
	}
	log_warnx("%s; asked again in %d s", text, BOOT_RETRY);
	if (evtimer_add(parent->timer, &tv) == -1)
		fatal("%s", __func__);
}

static void
boot_resolve(struct parent *parent)
{
	if (resolve_numeric(parent->conf)) {
		boot_children(parent);
		return;
	}
	parent->resolve = resolve_start(parent->base, parent->conf,
	    parent->privileged, boot_resolved, parent);
	if (parent->resolve == NULL)
		boot_resolved(1, "host names cannot be looked up", parent);
}

void
boot_start(struct parent *parent)
{
	parent->timer = evtimer_new(parent->base, boot_again, parent);
	if (parent->timer == NULL)
		fatal("%s", __func__);
	boot_resolve(parent);
}

void
boot_ready(struct parent *parent)
{
	const struct conf_listener	*cl;

	if (parent->announced)
		return;
	parent->announced = 1;
	TAILQ_FOREACH(cl, &parent->conf->listeners, entry)
		log_info("ready: %s on %s", parent->conf->issuer, cl->name);
	notify_send("READY=1\nSTATUS=serving");
	if (parent->ready_fd == -1)
		return;
	if (write(parent->ready_fd, "", 1) == -1)
		log_warn("nobody waited for the start");
	close(parent->ready_fd);
	parent->ready_fd = -1;
}

void
parent_set_verbose(struct parent *parent, int verbose)
{
	struct child	*child;
	struct ibuf	*buf;

	parent->verbose = verbose;
	log_setverbose(verbose);
	TAILQ_FOREACH(child, &parent->children, entry) {
		if (child->link == NULL)
			continue;
		if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
		    msg_add_u8(buf, (uint8_t)verbose) == -1) {
			ibuf_free(buf);
			log_warn("%s", __func__);
		} else if (child_send(child, IMSG_CHILD_VERBOSE, 0, -1,
		    buf) == -1)
			log_warn("%s: log level", child_name(child));
	}
}

/* Nobody shall knock at a door behind which nobody is. */
static void
boot_close_listeners(struct parent *parent)
{
	struct conf_listener	*cl;

	listener_unlink(parent->conf, NULL);
	TAILQ_FOREACH(cl, &parent->conf->listeners, entry) {
		if (cl->fd != -1)
			close(cl->fd);
		cl->fd = -1;
	}
}

void
boot_stop(struct parent *parent, int gently, int status, const char *why)
{
	struct generation	*gen, *next;

	if (why != NULL)
		log_warnx("%s", why);
	if (status != 0)
		parent->status = status;
	if (!parent->stopping) {
		parent->stopping = 1;
		log_info("stopping");
		notify_send("STOPPING=1");
		if (parent->reload.state != RELOAD_NONE)
			reload_failed(parent, "grantd is stopping");
		resolve_cancel(parent->resolve);
		parent->resolve = NULL;
		(void)evtimer_del(parent->timer);
		boot_close_listeners(parent);
	} else
		gently = 0;	/* asked twice: at once */
	TAILQ_FOREACH_SAFE(gen, &parent->generations, entry, next) {
		if (gently)
			generation_drain(gen);
		else
			generation_close(gen);
	}
	boot_gone(parent);
}

void
boot_gone(struct parent *parent)
{
	struct child	*signer = parent->signer;

	if (!parent->stopping || !TAILQ_EMPTY(&parent->generations))
		return;
	if (signer != NULL && signer->pid == 0) {
		child_free(signer);
		parent->signer = signer = NULL;
	}
	if (signer == NULL) {
		(void)event_base_loopbreak(parent->base);
		return;
	}
	signer->leaving = 1;
	if (signer->link != NULL)
		child_close(signer);
}
