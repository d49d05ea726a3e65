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
 * grantd-fetcher: fetches the metadata documents of clients.  A room of its
 * own because it talks to strangers' servers: it knows URLs and what they
 * answer, and has no secret, no file and no way to the database.
 *
 * This file: start, links, questions and who waits for which.
 */

#include "config.h"

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch.h"
#include "ipc_event.h"
#include "log.h"
#include "role.h"
#include "sandbox.h"
#include "tls.h"

#define FETCHER_LINKS	64	/* before the start */
#define FETCHER_JOBS	64	/* at a time */
#define FETCHER_HOST	4	/* of them at one host */
#define FETCHER_WAITERS	1024

struct fetcher;

struct door {			/* a link to a broker */
	TAILQ_ENTRY(door)	 entry;
	struct fetcher		*fetcher;
	struct ipc_link		*link;
	uint32_t		 instance;
};

struct waiter {
	TAILQ_ENTRY(waiter)	 entry;
	struct door		*door;
	uint32_t		 id;
};

/* A document that is being fetched, for all who want it. */
struct job {
	TAILQ_ENTRY(job)	 entry;
	struct fetcher		*fetcher;
	struct fetch		*fetch;
	struct url		 url;
	TAILQ_HEAD(, waiter)	 waiters;
};

struct fetcher {
	struct role_self	 role;
	struct conf_fetcher	 conf;
	struct fetching		 with;
	struct ipc_link		*parent;
	TAILQ_HEAD(, door)	 doors;
	TAILQ_HEAD(, job)	 jobs;
	size_t			 njobs;
	size_t			 nwaiters;
	struct {
		int		 fd;
		uint32_t	 instance;
	}			 links[FETCHER_LINKS];
	size_t			 nlinks;
};

static void
fetcher_answer(struct door *door, uint32_t id, const struct answer *a)
{
	struct msg_document	 m;
	struct ibuf		*buf;
	char			 why[MSG_MAX_WHY + 1], body[1] = "";
	union {
		const char	*in;
		char		*out;
	} u = { a->body };

	memset(&m, 0, sizeof(m));
	/* Cut is fine: it is a message for people. */
	(void)strlcpy(why, a->why == NULL ? "" : a->why, sizeof(why));
	m.status = (uint16_t)a->status;
	m.seconds = a->seconds;
	m.why = why;
	m.body = a->why == NULL ? u.out : body;	/* only read */
	if ((buf = ibuf_dynamic(64 + a->len, IPC_MAX_SMALL)) == NULL ||
	    msg_document_encode(buf, &m) == -1) {
		ibuf_free(buf);
		log_warn("answer to broker %u", door->instance);
	} else if (ipc_link_send(door->link, IMSG_BROKER_DOCUMENT_REP, id, -1,
	    buf) == -1)
		log_warn("answer to broker %u", door->instance);
}

static void
fetcher_refuse(struct door *door, uint32_t id, const char *why)
{
	struct answer	 a;

	memset(&a, 0, sizeof(a));
	a.why = why;
	fetcher_answer(door, id, &a);
}

static void
waiter_free(struct job *job, struct waiter *w)
{
	TAILQ_REMOVE(&job->waiters, w, entry);
	job->fetcher->nwaiters--;
	free(w);
}

static void
job_free(struct job *job)
{
	struct waiter	*w;

	while ((w = TAILQ_FIRST(&job->waiters)) != NULL)
		waiter_free(job, w);
	TAILQ_REMOVE(&job->fetcher->jobs, job, entry);
	job->fetcher->njobs--;
	fetch_cancel(job->fetch);
	free(job);
}

static void
job_done(const struct answer *a, void *arg)
{
	struct job	*job = arg;
	struct waiter	*w;

	job->fetch = NULL;
	if (a->why != NULL)
		log_debug("https://%s%s: %s", job->url.host, job->url.target,
		    a->why);
	TAILQ_FOREACH(w, &job->waiters, entry)
		fetcher_answer(w->door, w->id, a);
	job_free(job);
}

static int
job_wait(struct job *job, struct door *door, uint32_t id)
{
	struct waiter	*w;

	if (job->fetcher->nwaiters >= FETCHER_WAITERS ||
	    (w = calloc(1, sizeof(*w))) == NULL)
		return -1;
	w->door = door;
	w->id = id;
	TAILQ_INSERT_TAIL(&job->waiters, w, entry);
	job->fetcher->nwaiters++;
	return 0;
}

/* The one that fetches this already; NULL, and *same are at its host. */
static struct job *
job_find(struct fetcher *f, const struct url *url, unsigned int *same)
{
	struct job	*job;

	*same = 0;
	TAILQ_FOREACH(job, &f->jobs, entry) {
		if (strcmp(job->url.host, url->host) != 0)
			continue;
		if (strcmp(job->url.target, url->target) == 0)
			return job;
		(*same)++;
	}
	return NULL;
}

static struct job *
job_new(struct fetcher *f, const struct url *url, const struct msg_get *m)
{
	struct job	*job;

	if ((job = calloc(1, sizeof(*job))) == NULL)
		return NULL;
	job->fetcher = f;
	job->url = *url;
	TAILQ_INIT(&job->waiters);
	job->fetch = fetch_start(&f->with, url, m->max, m->timeout_ms,
	    job_done, job);
	if (job->fetch == NULL) {
		free(job);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&f->jobs, job, entry);
	f->njobs++;
	return job;
}

static void
fetcher_get(struct door *door, uint32_t id, const struct msg_get *m)
{
	struct fetcher	*f = door->fetcher;
	struct job	*job;
	struct url	 url;
	const char	*why;
	unsigned int	 same;

	if (url_parse(m->url, (uint16_t)f->conf.port, &url, &why) == -1) {
		fetcher_refuse(door, id, why);
		return;
	}
	job = job_find(f, &url, &same);
	if (job == NULL && (f->njobs >= FETCHER_JOBS || same >= FETCHER_HOST)) {
		fetcher_refuse(door, id, "too many are fetched already");
		return;
	}
	if (job == NULL && (job = job_new(f, &url, m)) == NULL)
		fetcher_refuse(door, id, "out of memory");
	else if (job_wait(job, door, id) == -1)
		fetcher_refuse(door, id, "too many wait already");
}

static void
fetcher_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct door	*door = arg;
	struct msg_get	 m;
	struct ibuf	 buf;

	(void)link;
	memset(&m, 0, sizeof(m));
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_get_decode(&buf, &m) == -1) {
		log_warnx("request %u of broker %u is malformed",
		    imsg_get_id(imsg), door->instance);
		fetcher_refuse(door, imsg_get_id(imsg), "malformed");
	} else
		fetcher_get(door, imsg_get_id(imsg), &m);
	msg_get_free(&m);
}

/* The broker is gone, and whoever waited behind it. */
static void
door_close(struct door *door)
{
	struct fetcher	*f = door->fetcher;
	struct waiter	*w, *wnext;
	struct job	*job, *next;

	TAILQ_FOREACH_SAFE(job, &f->jobs, entry, next) {
		TAILQ_FOREACH_SAFE(w, &job->waiters, entry, wnext)
			if (w->door == door)
				waiter_free(job, w);
		if (TAILQ_EMPTY(&job->waiters))
			job_free(job);
	}
	TAILQ_REMOVE(&f->doors, door, entry);
	ipc_link_free(door->link);
	free(door);
}

static void
door_down(struct ipc_link *link, void *arg)
{
	(void)link;
	door_close(arg);
}

/* A new link to a broker, in the place of the old one if there is one. */
static void
door_new(struct fetcher *f, int fd, uint32_t instance)
{
	struct door	*door;

	TAILQ_FOREACH(door, &f->doors, entry)
		if (door->instance == instance) {
			door_close(door);
			break;
		}
	if ((door = calloc(1, sizeof(*door))) == NULL)
		fatal("%s", __func__);
	door->fetcher = f;
	door->instance = instance;
	door->link = ipc_link_new(f->with.base, fd, ROLE_FETCHER, ROLE_BROKER,
	    fetcher_message, door_down, door);
	if (door->link == NULL)
		fatal("link to broker %u", instance);
	TAILQ_INSERT_TAIL(&f->doors, door, entry);
}

/* The descriptor of a link to a broker, or -1. */
static int
link_read(struct imsg *imsg, struct ibuf *payload, uint32_t *instance)
{
	struct msg_link	 m;

	if (msg_link_decode(payload, &m) == -1 || m.role != ROLE_BROKER)
		return -1;
	*instance = m.instance;
	return imsg_get_fd(imsg);
}

static void
fetcher_parent(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct fetcher	*f = arg;
	struct ibuf	 buf;
	uint32_t	 instance;
	uint8_t		 verbose;
	int		 fd;

	(void)link;
	if (imsg_get_ibuf(imsg, &buf) == -1)
		ibuf_from_buffer(&buf, NULL, 0);
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_LINK:
		if ((fd = link_read(imsg, &buf, &instance)) == -1)
			log_warnx("a link that is not for the fetcher");
		else
			door_new(f, fd, instance);
		break;
	case IMSG_CHILD_VERBOSE:
		if (msg_get_u8(&buf, &verbose) == 0)
			log_setverbose(verbose);
		break;
	default:
		log_warnx("message %s from the parent after the start",
		    ipc_type_name(imsg_get_type(imsg)));
	}
}

static void
fetcher_parent_down(struct ipc_link *link, void *arg)
{
	struct fetcher	*f = arg;

	(void)link;
	(void)event_base_loopbreak(f->with.base);
}

/* Messages of the start: configuration and first links. */
static int
fetcher_start(struct role_self *r, struct imsg *imsg, struct ibuf *payload,
    void *arg)
{
	struct fetcher	*f = arg;
	int		 fd;

	(void)r;
	if (imsg_get_type(imsg) == IMSG_CHILD_CONF) {
		if (conf_fetcher_decode(payload, &f->conf) == -1)
			return -1;
		return f->conf.port == 0 || f->conf.port > 65535 ? -1 : 0;
	}
	if (imsg_get_type(imsg) != IMSG_CHILD_LINK ||
	    f->nlinks == FETCHER_LINKS)
		return -1;
	fd = link_read(imsg, payload, &f->links[f->nlinks].instance);
	if (fd == -1)
		return -1;
	f->links[f->nlinks++].fd = fd;
	return 0;
}

/* What is read from files is read now; then there are none. */
static void
fetcher_prepare(struct fetcher *f)
{
	if ((f->with.base = event_base_new()) == NULL)
		fatalx("event_base_new");
	f->with.loopback = f->conf.loopback;
	f->with.tls = tls_new(f->conf.ca_file);
	f->with.resolver = resolver_new(f->with.base, f->conf.nameserver);
	sandbox_allow_connect(AF_INET, (uint16_t)f->conf.port);
	sandbox_allow_connect(AF_INET6, (uint16_t)f->conf.port);
}

static void
fetcher_free(struct fetcher *f)
{
	struct door	*door;

	while ((door = TAILQ_FIRST(&f->doors)) != NULL)
		door_close(door);
	ipc_link_free(f->parent);
	resolver_free(f->with.resolver);
	tls_free(f->with.tls);
	event_base_free(f->with.base);
	conf_fetcher_free(&f->conf);
	conf_base_free(&f->role.base);
}

int
main(int argc, char **argv)
{
	struct fetcher	*f;
	size_t		 i;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		fatal("calloc");
	TAILQ_INIT(&f->doors);
	TAILQ_INIT(&f->jobs);
	role_start(&f->role, ROLE_FETCHER, argc, argv, fetcher_start, f);
	fetcher_prepare(f);
	role_confine(&f->role);
	f->parent = ipc_link_adopt(f->with.base, &f->role.parent,
	    ROLE_FETCHER, ROLE_PARENT, fetcher_parent, fetcher_parent_down, f);
	if (f->parent == NULL)
		fatal("link to the parent");
	for (i = 0; i < f->nlinks; i++)
		door_new(f, f->links[i].fd, f->links[i].instance);
	if (event_base_dispatch(f->with.base) == -1)
		fatal("event_base_dispatch");
	fetcher_free(f);
	free(f);
	return 0;
}
