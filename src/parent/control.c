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
 * Serves grantctl(8): status, reload, log, and operations, which go to a
 * broker.  Room: parent.  Only root and the user that runs grantd are
 * heard; what they send is checked by table and decoded all the same.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "control.h"
#include "listener.h"
#include "log.h"
#include "msg_broker.h"
#include "msg_conf.h"
#include "parent.h"

#define CONTROL_MAX_CLIENTS	16
#define CONTROL_PAUSE		1	/* s without descriptors */
#define CONTROL_MAX_TIMEOUT	60000	/* ms of an operation */
#define CONTROL_SPARE		2	/* s more than the broker may take */
#define CONTROL_PEER		"grantctl"

struct client {
	TAILQ_ENTRY(client) entry;
	struct control	*control;
	struct ipc_link	*link;
};

struct pending {		/* an operation at a broker */
	TAILQ_ENTRY(pending) entry;
	struct control	*control;
	struct client	*client;
	const struct child *broker;
	uint32_t	 id;
	struct event	*timer;
};

struct control {
	struct parent	*parent;
	int		 fd;
	struct event	*event;
	struct event	*pause;
	TAILQ_HEAD(, client) clients;
	unsigned int	 nclients;
	TAILQ_HEAD(, pending) pending;
	uint32_t	 last_id;
};

static void
client_done(struct client *client, int failed, const char *text)
{
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
	    msg_add_u8(buf, (uint8_t)failed) == -1 ||
	    msg_add_str(buf, text) == -1) {
		ibuf_free(buf);
		log_warn("%s", __func__);
	} else if (ipc_link_send(client->link, IMSG_CTL_DONE, 0, -1, buf) ==
	    -1)
		log_debug("grantctl went away");
}

static void
pending_free(struct pending *p)
{
	TAILQ_REMOVE(&p->control->pending, p, entry);
	if (p->timer != NULL)
		event_free(p->timer);
	free(p);
}

static void
client_free(struct client *client)
{
	struct control	*control = client->control;
	struct pending	*p, *next;

	TAILQ_FOREACH_SAFE(p, &control->pending, entry, next)
		if (p->client == client)
			pending_free(p);
	reload_forget(control->parent, client);
	TAILQ_REMOVE(&control->clients, client, entry);
	control->nclients--;
	ipc_link_free(client->link);
	free(client);
}

static void
client_down(struct ipc_link *link, void *arg)
{
	(void)link;
	client_free(arg);
}

static int
client_send_status(struct client *client, const struct child *child,
    const char *text)
{
	struct msg_status	 ms;
	struct ibuf		*buf;
	char			 empty[] = "";
	char			*copy = NULL;

	memset(&ms, 0, sizeof(ms));
	if (text != NULL && (copy = strdup(text)) == NULL)
		return -1;
	ms.role = (uint8_t)child->role;
	ms.instance = child->instance;
	ms.pid = (uint32_t)child->pid;
	ms.ready = (uint8_t)child->ready;
	ms.restarts = child->restarts;
	ms.since = (uint64_t)child->since;
	ms.text = copy != NULL ? copy : empty;
	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
	    msg_status_encode(buf, &ms) == -1) {
		ibuf_free(buf);
		free(copy);
		return -1;
	}
	free(copy);
	return ipc_link_send(client->link, IMSG_CTL_STATUS_REP, 0, -1, buf);
}

static const char *
child_text(const struct child *child)
{
	if (child->leaving)
		return "finishing what it has";
	if (child->pid == 0)
		return "waits to be started again";
	if (!child->ready)
		return "starting";
	return child->db_known ? child->db_text : NULL;
}

static void
handle_status(struct client *client, struct ibuf *buf)
{
	struct parent	*parent = client->control->parent;
	struct child	*child, self;

	(void)buf;
	memset(&self, 0, sizeof(self));
	self.role = ROLE_PARENT;
	self.pid = getpid();
	self.ready = parent->announced;
	self.since = parent->started;
	if (client_send_status(client, &self, parent->privileged ? NULL :
	    "not started as root: no chroot, no users of its own") == -1)
		goto fail;
	TAILQ_FOREACH(child, &parent->children, entry)
		if (client_send_status(client, child, child_text(child)) == -1)
			goto fail;
	client_done(client, 0, "");
	return;
 fail:
	client_done(client, 1, "the status cannot be put together");
}

static void
reload_told(int failed, const char *text, void *arg)
{
	client_done(arg, failed, text);
}

static void
handle_reload(struct client *client, struct ibuf *buf)
{
	(void)buf;
	reload_start(client->control->parent, reload_told, client);
}

static void
handle_log(struct client *client, struct ibuf *buf)
{
	uint8_t	 verbose;

	if (msg_get_bool(buf, &verbose) == -1 || msg_end(buf) == -1) {
		client_done(client, 1, "malformed message");
		return;
	}
	parent_set_verbose(client->control->parent, verbose);
	client_done(client, 0, verbose ? "log verbose" : "log brief");
}

/* A broker for an operation: one that has its database, if there is one. */
static struct child *
control_broker(struct parent *parent, const char **trouble)
{
	struct child	*child, *away = NULL;

	TAILQ_FOREACH(child, &parent->children, entry) {
		if (child->role != ROLE_BROKER || !child->ready)
			continue;
		if (child->db_known && child->db_state == STATE_CONNECTED)
			return child;
		away = child;
	}
	*trouble = away == NULL ? "no broker is running yet" :
	    away->db_text != NULL ? away->db_text : "the database is away";
	return NULL;
}

static void
pending_late(evutil_socket_t fd, short events, void *arg)
{
	struct pending	*p = arg;
	struct client	*client = p->client;

	(void)fd;
	(void)events;
	pending_free(p);
	client_done(client, 1, "no answer in time; look whether it was done");
}

static struct pending *
pending_new(struct client *client, const struct child *broker,
    uint32_t timeout_ms)
{
	struct control	*control = client->control;
	struct timeval	 tv = { timeout_ms / 1000 + CONTROL_SPARE, 0 };
	struct pending	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	p->control = control;
	p->client = client;
	p->broker = broker;
	p->id = ++control->last_id;
	TAILQ_INSERT_TAIL(&control->pending, p, entry);
	p->timer = evtimer_new(control->parent->base, pending_late, p);
	if (p->timer == NULL || evtimer_add(p->timer, &tv) == -1) {
		pending_free(p);
		return NULL;
	}
	return p;
}

/* What grantctl cannot choose: who asks, with what, and the number of it. */
static int
operation_stamp(struct msg_request *mr)
{
	msg_wipe_str(&mr->credential);
	free(mr->peer);
	free(mr->method);
	mr->credential = strdup("");
	mr->peer = strdup(CONTROL_PEER);
	mr->method = strdup("CONTROL");
	if (mr->credential == NULL || mr->peer == NULL || mr->method == NULL)
		return -1;
	mr->credential_kind = CRED_CONTROL;
	mr->hint_expiry = 0;
	memset(mr->hint_family, 0, sizeof(mr->hint_family));
	uuid7(mr->request_id);
	if (mr->timeout_ms == 0 || mr->timeout_ms > CONTROL_MAX_TIMEOUT)
		mr->timeout_ms = CONTROL_MAX_TIMEOUT;
	return 0;
}

static void
handle_operation(struct client *client, struct ibuf *in)
{
	struct msg_request	 mr;
	struct child		*broker;
	struct pending		*p = NULL;
	struct ibuf		*buf = NULL;
	const char		*trouble = "malformed message";

	memset(&mr, 0, sizeof(mr));
	if (msg_request_decode(in, &mr) == -1)
		goto done;
	broker = control_broker(client->control->parent, &trouble);
	if (broker == NULL)
		goto done;
	trouble = "out of memory";
	if (operation_stamp(&mr) == -1 ||
	    (buf = ibuf_dynamic(0, IPC_MAX_REQUEST)) == NULL ||
	    msg_request_encode(buf, &mr) == -1 ||
	    (p = pending_new(client, broker, mr.timeout_ms)) == NULL)
		goto done;
	log_info("grantctl: %s", log_vis(mr.operation, strlen(mr.operation)));
	trouble = child_send(broker, IMSG_BROKER_CONTROL, p->id, -1, buf) ==
	    -1 ? "the broker is gone; try again" : NULL;
	buf = NULL;
	if (trouble != NULL)
		pending_free(p);
 done:
	ibuf_free(buf);
	msg_request_free(&mr);
	if (trouble != NULL)
		client_done(client, 1, trouble);
}

static const struct {
	uint32_t	 type;
	void		(*handle)(struct client *, struct ibuf *);
} words[] = {
	{ IMSG_CTL_STATUS, handle_status },
	{ IMSG_CTL_RELOAD, handle_reload },
	{ IMSG_CTL_LOG, handle_log },
	{ IMSG_CTL_OPERATION, handle_operation },
};

static void
client_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct ibuf	 buf;
	size_t		 i;

	(void)link;
	ibuf_from_buffer(&buf, NULL, 0);
	if (imsg_get_len(imsg) > 0 && imsg_get_ibuf(imsg, &buf) == -1)
		return;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].type == imsg_get_type(imsg)) {
			words[i].handle(arg, &buf);
			return;
		}
}

/* The bytes go on as they are; they were checked for their size. */
static void
client_reply(struct client *client, struct imsg *imsg)
{
	struct ibuf	 in, *buf = NULL;

	if (imsg_get_ibuf(imsg, &in) == -1 ||
	    (buf = ibuf_dynamic(0, IPC_MAX_REPLY)) == NULL ||
	    ibuf_add(buf, ibuf_data(&in), ibuf_size(&in)) == -1) {
		ibuf_free(buf);
		client_done(client, 1, "the answer cannot be passed on");
		return;
	}
	if (ipc_link_send(client->link, IMSG_CTL_OPERATION_REP, 0, -1, buf) ==
	    -1)
		log_debug("grantctl went away");
}

void
control_reply(struct child *broker, struct imsg *imsg)
{
	struct control	*control = broker->parent->control;
	struct pending	*p;
	struct client	*client;

	if (control == NULL)
		return;
	TAILQ_FOREACH(p, &control->pending, entry)
		if (p->broker == broker && p->id == imsg_get_id(imsg))
			break;
	if (p == NULL) {
		log_debug("an answer for grantctl that nobody waits for");
		return;
	}
	client = p->client;
	pending_free(p);
	client_reply(client, imsg);
}

void
control_broker_gone(struct parent *parent, const struct child *broker)
{
	struct pending	*p, *next;
	struct client	*client;

	if (parent->control == NULL)
		return;
	TAILQ_FOREACH_SAFE(p, &parent->control->pending, entry, next) {
		if (p->broker != broker)
			continue;
		client = p->client;
		pending_free(p);
		client_done(client, 1, "the broker ended before it answered; "
		    "look whether it was done");
	}
}

/* Takes a connection from somebody who may; closes it otherwise. */
static void
client_new(struct control *control, int fd)
{
	struct client	*client;
	uid_t		 uid;
	gid_t		 gid;

	if (getpeereid(fd, &uid, &gid) == -1) {
		log_warn("control socket: getpeereid");
		goto fail;
	}
	if (uid != 0 && uid != geteuid()) {
		log_warnx("control socket: user %u refused",
		    (unsigned int)uid);
		goto fail;
	}
	if (control->nclients == CONTROL_MAX_CLIENTS) {
		log_warnx("control socket: more than %d connections",
		    CONTROL_MAX_CLIENTS);
		goto fail;
	}
	if ((client = calloc(1, sizeof(*client))) == NULL)
		goto fail;
	client->control = control;
	client->link = ipc_link_new(control->parent->base, fd, ROLE_PARENT,
	    ROLE_CTL, client_message, client_down, client);
	if (client->link == NULL) {	/* fd is closed */
		free(client);
		return;
	}
	TAILQ_INSERT_TAIL(&control->clients, client, entry);
	control->nclients++;
	return;
 fail:
	close(fd);
}

static void
control_resume(evutil_socket_t fd, short events, void *arg)
{
	struct control	*control = arg;

	(void)fd;
	(void)events;
	(void)event_add(control->event, NULL);
}

static void
control_accept(evutil_socket_t fd, short events, void *arg)
{
	struct control	*control = arg;
	struct timeval	 tv = { CONTROL_PAUSE, 0 };
	int		 s;

	(void)events;
	s = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (s != -1) {
		client_new(control, s);
		return;
	}
	if (errno != EMFILE && errno != ENFILE)
		return;
	log_warn("control socket");
	(void)event_del(control->event);
	(void)evtimer_add(control->pause, &tv);
}

int
control_listen(const char *path, char *err, size_t errsize)
{
	return listener_open_unix(path, 0600, NULL, err, errsize);
}

struct control *
control_new(struct parent *parent, int fd)
{
	struct control	*control;

	if ((control = calloc(1, sizeof(*control))) == NULL) {
		close(fd);
		return NULL;
	}
	control->parent = parent;
	control->fd = fd;
	TAILQ_INIT(&control->clients);
	TAILQ_INIT(&control->pending);
	control->event = event_new(parent->base, fd, EV_READ | EV_PERSIST,
	    control_accept, control);
	control->pause = evtimer_new(parent->base, control_resume, control);
	if (control->event == NULL || control->pause == NULL ||
	    event_add(control->event, NULL) == -1) {
		control_free(control);
		return NULL;
	}
	return control;
}

void
control_free(struct control *control)
{
	struct client	*client;

	if (control == NULL)
		return;
	while ((client = TAILQ_FIRST(&control->clients)) != NULL)
		client_free(client);
	if (control->event != NULL)
		event_free(control->event);
	if (control->pause != NULL)
		event_free(control->pause);
	close(control->fd);
	free(control);
}
