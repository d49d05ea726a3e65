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
 * grantd-broker: the room of rules and SQL.  Takes requests from its
 * frontend and from the parent (grantctl), sends them through the gate in
 * the database, has tokens signed by the signer.  The only process that
 * sees the database; knows no HTTP and no JSON, holds no private key.
 *
 * This file: start, links, end.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "catalogue.h"
#include "fetch.h"
#include "log.h"
#include "queue.h"
#include "rate.h"

#define BROKER_LINKS_MAX	64	/* before the start */
#define BROKER_DRAIN		2	/* s that commits may take at the end */

struct pending_link {
	int		 fd;
	struct msg_link	 peer;
};

struct pending {
	struct broker		*broker;
	struct pending_link	 links[BROKER_LINKS_MAX];
	size_t			 n;
};

static void	broker_doors(struct broker *, int, const struct msg_link *);

/* A link to a sibling came: 0, or -1 if it cannot be read. */
static int
broker_link_read(struct imsg *imsg, struct ibuf *payload,
    struct pending_link *l)
{
	if ((l->fd = imsg_get_fd(imsg)) == -1)
		return -1;
	if (msg_link_decode(payload, &l->peer) == -1) {
		close(l->fd);
		return -1;
	}
	return 0;
}

static int
broker_start_message(struct role_self *self, struct imsg *imsg,
    struct ibuf *payload, void *arg)
{
	struct pending *p = arg;

	(void)self;
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_CONF:
		return conf_broker_decode(payload, &p->broker->conf);
	case IMSG_CHILD_LINK:
		if (p->n == BROKER_LINKS_MAX)
			return -1;
		return broker_link_read(imsg, payload, &p->links[p->n]) == -1 ?
		    -1 : (p->n++, 0);
	default:
		return -1;
	}
}

static void
broker_verbose(struct imsg *imsg)
{
	struct ibuf	 buf;
	uint8_t		 verbose;

	if (imsg_get_ibuf(imsg, &buf) == 0 && msg_get_u8(&buf, &verbose) == 0)
		log_setverbose(verbose);
}

static void
broker_parent_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct broker		*b = arg;
	struct pending_link	 l;
	struct ibuf		 buf;

	(void)link;
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_LINK:
		if (imsg_get_ibuf(imsg, &buf) == -1 ||
		    broker_link_read(imsg, &buf, &l) == -1)
			log_warnx("a link came without its descriptor");
		else
			broker_doors(b, l.fd, &l.peer);
		break;
	case IMSG_CHILD_VERBOSE:
		broker_verbose(imsg);
		break;
	case IMSG_BROKER_CONTROL:
		request_new(&b->control, imsg);
		break;
	default:
		log_warnx("%s makes no sense now",
		    ipc_type_name(imsg_get_type(imsg)));
		break;
	}
}

static void
broker_stop(evutil_socket_t fd, short what, void *arg)
{
	struct broker *b = arg;

	(void)fd;
	(void)what;
	log_debug("stopped with %zu units under way", db_outstanding(b->db));
	event_base_loopbreak(b->base);
}

void
broker_idle(struct broker *b)
{
	if (b->nrequests == 0 && db_outstanding(b->db) == 0 &&
	    !issue_busy(b->issue) && !batch_busy(b->refusals))
		event_active(b->stop, EV_TIMEOUT, 0);
}

/* Stop: what waits is refused, what runs may end. */
static void
broker_parent_down(struct ipc_link *link, void *arg)
{
	static const struct timeval drain = { BROKER_DRAIN, 0 };
	struct broker *b = arg;

	b->parent = NULL;
	request_close(&b->control);
	ipc_link_free(link);
	db_close_queues(b->db);
	evtimer_add(b->stop, &drain);
	broker_idle(b);
}

static void
broker_door_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct door *d = arg;

	(void)link;
	switch (imsg_get_type(imsg)) {
	case IMSG_BROKER_REQUEST:
		request_new(d, imsg);
		break;
	case IMSG_BROKER_CANCEL:
		request_cancel(d, imsg_get_id(imsg));
		break;
	case IMSG_BROKER_MINT_REP:
		sign_answer(d->broker, imsg);
		break;
	case IMSG_BROKER_HASH_REP:
	case IMSG_BROKER_CHECK_REP:
		hash_answer(d->broker->hashing, imsg);
		break;
	case IMSG_BROKER_DOCUMENT_REP:
		fetch_answer(d->broker->fetching, imsg);
		break;
	case IMSG_BROKER_PUBKEY:
		keys_own(d->broker, imsg);
		break;
	default:
		log_warnx("%s of %s makes no sense here",
		    ipc_type_name(imsg_get_type(imsg)),
		    ipc_role_name(d->role));
		break;
	}
}

/* The door's requests end, then the door; the parent brings a new one. */
static void
broker_door_close(struct door *d)
{
	struct broker *b = d->broker;

	TAILQ_REMOVE(&b->doors, d, entry);
	if (d->role == ROLE_SIGNER && b->signer == d->link) {
		b->signer = NULL;
		sign_down(b);
	}
	if (d->role == ROLE_HASHER)
		hash_unlink(b->hashing, d->link);
	if (d->role == ROLE_FETCHER)
		fetch_link(b->fetching, NULL);
	request_close(d);
	ipc_link_free(d->link);
	free(d);
}

static void
broker_door_down(struct ipc_link *link, void *arg)
{
	struct door *d = arg;

	(void)link;
	log_debug("link to %s %u ended", ipc_role_name(d->role), d->instance);
	broker_door_close(d);
}

/* A new link to a sibling, in the place of the old one if there is one. */
static void
broker_doors(struct broker *b, int fd, const struct msg_link *peer)
{
	struct door *d;

	if (peer->role != ROLE_FRONTEND && peer->role != ROLE_SIGNER &&
	    peer->role != ROLE_HASHER && peer->role != ROLE_FETCHER) {
		log_warnx("a link to %s is not for the broker",
		    ipc_role_name(peer->role));
		close(fd);
		return;
	}
	TAILQ_FOREACH(d, &b->doors, entry) {
		if (d->role == peer->role && d->instance == peer->instance) {
			broker_door_close(d);
			break;
		}
	}
	if ((d = calloc(1, sizeof(*d))) == NULL)
		fatal("calloc");
	d->broker = b;
	d->role = peer->role;
	d->instance = peer->instance;
	d->link = ipc_link_new(b->base, fd, ROLE_BROKER, d->role,
	    broker_door_message, broker_door_down, d);
	if (d->link == NULL)
		fatal("link to %s", ipc_role_name(d->role));
	TAILQ_INSERT_TAIL(&b->doors, d, entry);
	if (d->role == ROLE_SIGNER) {
		b->signer = d->link;
		keys_unclaim(b);
		keys_refresh(b);
	} else if (d->role == ROLE_HASHER)
		hash_link(b->hashing, d->link);
	else if (d->role == ROLE_FETCHER)
		fetch_link(b->fetching, d->link);
	else
		catalogue_tell(b->catalogue, d);
}

/* Deadlines of what waits outside the database's lanes. */
static void
broker_tick(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval interval = { 0, 100 * 1000 };
	struct broker	*b = arg;
	uint64_t	 now = queue_now();

	(void)fd;
	(void)what;
	sign_expire(b, now);
	hash_expire(b->hashing, now);
	fetch_expire(b->fetching, now);
	issue_expire(b->issue, now);
	batch_expire(b->refusals, now);
	if (b->nrequests > 0)
		evtimer_add(b->tick, &interval);
}

static void
broker_state(enum broker_state state, const char *text, void *arg)
{
	struct msg_state m;
	struct broker	*b = arg;
	struct ibuf	*buf;
	union {
		const char	*in;
		char		*out;
	} u = { text };

	log_info("%s", text);
	if (b->parent == NULL)
		return;
	m.state = (uint8_t)state;
	m.text = u.out;		/* only read */
	if ((buf = ibuf_dynamic(128, IPC_MAX_SMALL)) == NULL ||
	    msg_state_encode(buf, &m) == -1) {
		log_warn("state");
		ibuf_free(buf);
		return;
	}
	(void)ipc_link_send(b->parent, IMSG_PARENT_STATE, 0, -1, buf);
	if (state == STATE_CONNECTED) {
		keys_refresh(b);
		catalogue_refresh(b->catalogue);
	}
}

static void
broker_run(struct broker *b, struct pending *p)
{
	size_t i;

	b->parent = ipc_link_adopt(b->base, &b->role.parent, ROLE_BROKER,
	    ROLE_PARENT, broker_parent_message, broker_parent_down, b);
	if (b->parent == NULL)
		fatal("link to the parent");
	b->control.broker = b;
	b->control.link = b->parent;
	b->control.role = ROLE_PARENT;
	TAILQ_INIT(&b->doors);
	RB_INIT(&b->requests);
	if ((b->tick = evtimer_new(b->base, broker_tick, b)) == NULL ||
	    (b->stop = evtimer_new(b->base, broker_stop, b)) == NULL)
		fatalx("evtimer_new");
	b->keys = keys_new();
	b->signing = sign_new(b->conf.queue_max);
	b->hashing = hash_new(b->conf.queue_max);
	b->fetching = fetch_new(b->conf.queue_max);
	b->db = db_new(b->base, &b->conf, broker_state, b);
	b->issue = issue_new(b);
	b->refusals = refusal_batch_new(b);
	b->maintain = maintain_new(b);
	b->catalogue = catalogue_new(b);
	b->paces.connections = b->conf.call_connections;
	if ((b->rate = rate_new()) == NULL)
		fatal("rate");
	for (i = 0; i < p->n; i++)
		broker_doors(b, p->links[i].fd, &p->links[i].peer);
	if (event_base_dispatch(b->base) == -1)
		fatal("event_base_dispatch");
}

/* What is still under way goes down with the connections. */
static void
broker_free(struct broker *b)
{
	struct door	*d, *next;

	db_free(b->db);
	sign_delete(b->signing);
	hash_delete(b->hashing);
	fetch_delete(b->fetching);
	issue_delete(b->issue);
	batch_delete(b->refusals);
	catalogue_delete(b->catalogue);
	rate_free(b->rate);
	keys_delete(b->keys);
	TAILQ_FOREACH_SAFE(d, &b->doors, entry, next) {
		ipc_link_free(d->link);
		free(d);
	}
	ipc_link_free(b->parent);
	event_free(b->maintain);
	event_free(b->tick);
	event_free(b->stop);
	event_base_free(b->base);
	conf_broker_free(&b->conf);
	conf_base_free(&b->role.base);
}

int
main(int argc, char **argv)
{
	struct pending	*p;
	struct broker	 b;
	const char	*bad;
	uint8_t		 hash[HASH_LEN];

	memset(&b, 0, sizeof(b));
	if ((p = calloc(1, sizeof(*p))) == NULL)
		fatal("calloc");
	p->broker = &b;
	role_start(&b.role, ROLE_BROKER, argc, argv, broker_start_message, p);
	if (b.conf.queue_max == 0 || b.conf.read_connections == 0 ||
	    b.conf.write_connections == 0 || b.conf.call_connections == 0 ||
	    b.conf.slow_connections == 0)
		fatalx("configuration without queue or connections");
	if ((bad = bind_check()) != NULL)
		fatalx("%s: its parameters do not fit their sources", bad);
	/* What these load and open, they shall not look for later. */
	if ((b.base = event_base_new()) == NULL ||
	    gate_hash(hash, "", 0) == -1)
		fatalx("libraries cannot be set up");
	db_sandbox(&b.conf);
	role_confine(&b.role);
	broker_run(&b, p);
	broker_free(&b);
	free(p);
	return 0;
}
