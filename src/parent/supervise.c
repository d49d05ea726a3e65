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
 * Children that end are started again: at once the first time, then with
 * growing delay, for ever when they were ready before.  Also what children
 * report.  Room: parent.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "log.h"
#include "parent.h"

#define SUPERVISE_HEALTHY	30	/* s of work that forget the delays */
#define SUPERVISE_MAX_QUEUED	1024	/* messages not yet written */

/* ms before the next start; the last row for all that follow. */
static const unsigned int delays[] = { 0, 250, 500, 1000, 2000, 4000 };
#define NDELAYS	(sizeof(delays) / sizeof(delays[0]))

static void
supervise_timer(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	supervise_start(arg);
}

static void
supervise_later(struct child *child)
{
	unsigned int	 ms = delays[child->backoff];
	struct timeval	 tv = { ms / 1000, (ms % 1000) * 1000 };

	if (child->backoff < NDELAYS - 1)
		child->backoff++;
	child_content(child);
	child->timer = evtimer_new(child->parent->base, supervise_timer,
	    child);
	if (child->timer == NULL || evtimer_add(child->timer, &tv) == -1)
		fatal("%s: no timer", child_name(child));
}

void
supervise_start(struct child *child)
{
	child_content(child);
	if (child_spawn(child) == -1)
		supervise_later(child);
	else
		child_start(child);
}

static const char *
supervise_reason(int status)
{
	static char	 text[64];

	/* A number and our own words: it fits. */
	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "by signal %d",
		    WTERMSIG(status));
	else
		(void)snprintf(text, sizeof(text), "with status %d",
		    WEXITSTATUS(status));
	return text;
}

/* It never worked: is that the end, of a reload or of the daemon? */
static int
supervise_hopeless(struct child *child)
{
	char	 text[256];

	if (child->was_ready || ++child->failures < PARENT_MAX_FAILURES)
		return 0;
	/* Our own words: it fits. */
	(void)snprintf(text, sizeof(text), "%s ended %u times before it was "
	    "ready; its own messages say why", child_name(child),
	    child->failures);
	if (reload_owns(child))
		reload_failed(child->parent, text);
	else
		boot_stop(child->parent, 0, 1, text);
	return 1;
}

static void
supervise_gone(struct child *child)
{
	struct generation	*gen = child->generation;
	struct parent		*parent = child->parent;

	if (child == parent->signer)
		parent->signer = NULL;
	child_free(child);
	if (gen != NULL)
		generation_advance(gen);
	else
		boot_gone(parent);
}

static void
supervise_ended(struct child *child, int status)
{
	time_t	 now = time(NULL);

	ipc_link_free(child->link);
	child->link = NULL;
	child->pid = 0;
	child->ready = 0;
	child->linked = 0;
	child->db_known = 0;
	child_content(child);
	if (child->role == ROLE_BROKER)
		control_broker_gone(child->parent, child);
	if (child->leaving) {
		if (status != 0)
			log_warnx("%s ended %s", child_name(child),
			    supervise_reason(status));
		else
			log_debug("%s ended", child_name(child));
		supervise_gone(child);
		return;
	}
	if (child->replace) {
		child->replace = 0;
		/* Back under a configuration that worked: for ever. */
		child->was_ready = child->conf == child->parent->conf;
		child->failures = 0;
		child->backoff = 0;
		supervise_start(child);
		return;
	}
	log_warnx("%s ended %s%s", child_name(child),
	    supervise_reason(status), child->worked ? "; started again" : "");
	if (!child->worked && supervise_hopeless(child))
		return;
	child->restarts++;
	if (child->worked && now - child->since > SUPERVISE_HEALTHY)
		child->backoff = 0;
	supervise_later(child);
}

void
supervise_reap(struct parent *parent)
{
	struct child	*child;
	pid_t		 pid;
	int		 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 ||
	    (pid == -1 && errno == EINTR)) {
		if (pid == -1 || (!WIFEXITED(status) && !WIFSIGNALED(status)))
			continue;
		TAILQ_FOREACH(child, &parent->children, entry)
			if (child->pid == pid)
				break;
		if (child != NULL)	/* else it only resolved a name */
			supervise_ended(child, status);
	}
}

void
supervise_link_down(struct ipc_link *link, void *arg)
{
	struct child	*child = arg;

	(void)link;
	if (!child->leaving && child->ready)
		log_debug("%s closed its link", child_name(child));
	/* Its end is told by SIGCHLD; until then, no more messages. */
	child_close(child);
}

static void
message_ready(struct child *child, struct ibuf *buf)
{
	(void)buf;
	if (child->leaving || child->ready)
		return;
	child_content(child);
	child->ready = 1;
	child->worked = 1;
	child->was_ready = 1;
	child->failures = 0;
	log_debug("%s is ready, process %d", child_name(child),
	    (int)child->pid);
	if (child->generation != NULL)
		generation_advance(child->generation);
	else {
		struct generation	*gen, *next;

		reload_signer_ready(child->parent);
		TAILQ_FOREACH_SAFE(gen, &child->parent->generations, entry,
		    next)
			generation_advance(gen);
	}
}

/* The first word decides whether the daemon can work with this schema. */
static void
state_wrong_schema(struct child *child)
{
	struct parent	*parent = child->parent;

	if (reload_owns(child))
		reload_failed(parent, child->db_text);
	else if (!parent->db_was_connected)
		boot_stop(parent, 0, 1, child->db_text);
	else
		log_warnx("%s: %s", child_name(child), child->db_text);
}

static void
message_state(struct child *child, struct ibuf *buf)
{
	struct msg_state	 ms;
	int			 changed;

	memset(&ms, 0, sizeof(ms));
	if (msg_state_decode(buf, &ms) == -1) {
		log_warnx("%s: malformed state", child_name(child));
		msg_state_free(&ms);
		return;
	}
	changed = !child->db_known || child->db_state != ms.state;
	child->db_known = 1;
	child->db_state = ms.state;
	free(child->db_text);
	child->db_text = ms.text;
	ms.text = NULL;
	msg_state_free(&ms);
	if (child->db_state == STATE_WRONG_SCHEMA && changed) {
		state_wrong_schema(child);
		return;
	}
	if (child->db_state == STATE_CONNECTED)
		child->parent->db_was_connected = 1;
	else if (changed)
		log_warnx("%s: %s", child_name(child),
		    child->db_text == NULL ? "" : child->db_text);
	generation_advance(child->generation);
}

static void
message_jwks(struct child *child, struct ibuf *buf)
{
	struct parent	*parent = child->parent;
	struct child	*other;
	struct ibuf	*copy;
	char		*jwks;
	size_t		 len = ibuf_size(buf);

	if ((jwks = malloc(len)) == NULL) {
		log_warn("%s", __func__);
		return;
	}
	memcpy(jwks, ibuf_data(buf), len);
	free(parent->jwks);
	parent->jwks = jwks;
	parent->jwks_len = len;
	TAILQ_FOREACH(other, &parent->children, entry) {
		if (other->role != ROLE_FRONTEND || other->link == NULL)
			continue;
		if ((copy = ibuf_dynamic(0, IPC_MAX_JWKS)) == NULL ||
		    ibuf_add(copy, jwks, len) == -1) {
			ibuf_free(copy);
			log_warn("%s", __func__);
		} else if (child_send(other, IMSG_FRONTEND_JWKS, 0, -1,
		    copy) == -1)
			log_warn("%s: keys not passed on", child_name(other));
	}
}

/*
 * Who does not keep up misses it: a call goes on that could have been ended.
 * What it says is not looked at.
 */
static void
message_cancelled(struct child *child, struct ibuf *buf)
{
	struct child	*other;
	struct ibuf	*copy;

	TAILQ_FOREACH(other, &child->parent->children, entry) {
		if (other->role != ROLE_FRONTEND || other == child ||
		    !other->ready || other->link == NULL ||
		    ipc_link_queued(other->link) > SUPERVISE_MAX_QUEUED)
			continue;
		if ((copy = ibuf_dynamic(0, IPC_CANCELLED)) == NULL ||
		    ibuf_add(copy, ibuf_data(buf), ibuf_size(buf)) == -1) {
			ibuf_free(copy);
			log_warn("%s", __func__);
		} else if (child_send(other, IMSG_FRONTEND_CANCELLED, 0, -1,
		    copy) == -1)
			log_warn("%s: %s", child_name(other), __func__);
	}
}

static const struct {
	uint32_t	 type;
	void		(*handle)(struct child *, struct ibuf *);
} messages[] = {
	{ IMSG_PARENT_READY, message_ready },
	{ IMSG_PARENT_STATE, message_state },
	{ IMSG_PARENT_JWKS, message_jwks },
	{ IMSG_PARENT_CANCELLED, message_cancelled },
};

void
supervise_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct child	*child = arg;
	struct ibuf	 buf;
	size_t		 i;

	(void)link;
	if (imsg_get_type(imsg) == IMSG_PARENT_CONTROL_REP) {
		control_reply(child, imsg);
		return;
	}
	ibuf_from_buffer(&buf, NULL, 0);
	if (imsg_get_len(imsg) > 0 && imsg_get_ibuf(imsg, &buf) == -1)
		return;
	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == imsg_get_type(imsg)) {
			messages[i].handle(child, &buf);
			return;
		}
}
