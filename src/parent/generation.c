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
 * A generation: hashers, fetcher, brokers and frontends of one
 * configuration.
 * Brokers are started before frontends, so that the first request finds a
 * database; on the way out frontends go first, so that the last one is
 * answered.  Room: parent.  One function, generation_state(), changes the
 * state.
 */

#include "config.h"

#include <sys/types.h>

#include <stdlib.h>

#include "log.h"
#include "parent.h"

#define GENERATION_DB_WAIT	5	/* s for the database's first word */
#define GENERATION_DRAIN_SPARE	5	/* s more than a request may take */

static void
generation_timeout(evutil_socket_t fd, short events, void *arg)
{
	struct generation	*gen = arg;

	(void)fd;
	(void)events;
	gen->late = 1;
	generation_advance(gen);
}

/* Seconds that a state may take; 0: for ever. */
static uint32_t
generation_patience(const struct generation *gen)
{
	switch (gen->state) {
	case GENERATION_BACK:
		return GENERATION_DB_WAIT;
	case GENERATION_DRAINING:
		return gen->conf->limit_wait + GENERATION_DRAIN_SPARE;
	default:
		return 0;
	}
}

static void
generation_state(struct generation *gen, enum generation_state state)
{
	struct timeval	 tv = { 0, 0 };

	gen->state = state;
	gen->late = 0;
	(void)evtimer_del(gen->timer);	/* fine when it was not pending */
	tv.tv_sec = (time_t)generation_patience(gen);
	if (tv.tv_sec > 0 && evtimer_add(gen->timer, &tv) == -1)
		fatal("%s", __func__);
}

static int
generation_count(const struct generation *gen, enum role role, int unready)
{
	const struct child	*child;
	int			 n = 0;

	TAILQ_FOREACH(child, &gen->parent->children, entry)
		if (child->generation == gen && child->role == role &&
		    (!unready || !child->ready))
			n++;
	return n;
}

/* Brokers that have not said yet how the database is. */
static int
generation_silent(const struct generation *gen)
{
	const struct child	*child;
	int			 n = 0;

	TAILQ_FOREACH(child, &gen->parent->children, entry)
		if (child->generation == gen && child->role == ROLE_BROKER &&
		    (!child->db_known || child->db_state != STATE_CONNECTED))
			n++;
	return n;
}

/* Makes n children of a role; each gets its links to those before it. */
static int
generation_start(struct generation *gen, enum role role, uint32_t n)
{
	struct parent	*parent = gen->parent;
	struct child	*child;
	uint32_t	 i;

	for (i = 0; i < n; i++)
		if (child_new(parent, gen, gen->conf, role,
		    gen->number * CONF_MAX_WORKERS + i) == NULL)
			return -1;
	TAILQ_FOREACH(child, &parent->children, entry)
		if (child->generation == gen && child->role == role)
			supervise_start(child);
	return 0;
}

struct generation *
generation_new(struct parent *parent, struct conf *conf)
{
	struct generation	*gen, *other;
	unsigned int		 used = 0;

	if ((gen = calloc(1, sizeof(*gen))) == NULL)
		return NULL;
	gen->timer = evtimer_new(parent->base, generation_timeout, gen);
	if (gen->timer == NULL) {
		free(gen);
		return NULL;
	}
	TAILQ_FOREACH(other, &parent->generations, entry)
		used |= 1U << other->number;
	while (used & (1U << gen->number))
		gen->number++;
	gen->parent = parent;
	gen->conf = conf_ref(conf);
	TAILQ_INSERT_TAIL(&parent->generations, gen, entry);
	generation_state(gen, GENERATION_BACK);
	if (generation_start(gen, ROLE_HASHER, conf->hashers) == -1 ||
	    generation_start(gen, ROLE_FETCHER, conf->documents) == -1 ||
	    generation_start(gen, ROLE_BROKER, conf->workers) == -1) {
		log_warn("children cannot be started");
		generation_close(gen);
		return NULL;
	}
	return gen;
}

static void
generation_free(struct generation *gen)
{
	struct parent	*parent = gen->parent;

	TAILQ_REMOVE(&parent->generations, gen, entry);
	event_free(gen->timer);
	conf_free(gen->conf);
	free(gen);
	boot_gone(parent);
}

/* Closes the children of a role; those without a process are gone now. */
static void
generation_end(struct generation *gen, enum role role)
{
	struct child	*child, *next;

	TAILQ_FOREACH_SAFE(child, &gen->parent->children, entry, next) {
		if (child->generation != gen || child->role != role)
			continue;
		child->leaving = 1;
		if (child->pid == 0)
			child_free(child);
		else if (child->link != NULL)
			child_close(child);
	}
}

void
generation_close(struct generation *gen)
{
	if (gen->state == GENERATION_CLOSING)
		return;
	generation_state(gen, GENERATION_CLOSING);
	generation_end(gen, ROLE_FRONTEND);
	generation_end(gen, ROLE_BROKER);
	generation_end(gen, ROLE_HASHER);
	generation_end(gen, ROLE_FETCHER);
	generation_advance(gen);
}

void
generation_drain(struct generation *gen)
{
	struct child	*child, *next;

	if (gen->state == GENERATION_DRAINING ||
	    gen->state == GENERATION_CLOSING)
		return;
	generation_state(gen, GENERATION_DRAINING);
	TAILQ_FOREACH_SAFE(child, &gen->parent->children, entry, next) {
		if (child->generation != gen || child->role != ROLE_FRONTEND)
			continue;
		child->leaving = 1;
		if (child->pid == 0)
			child_free(child);
		else if (child_send(child, IMSG_FRONTEND_DRAIN, 0, -1,
		    NULL) == -1)
			log_debug("%s is gone already", child_name(child));
	}
	generation_advance(gen);
}

static void
advance_back(struct generation *gen)
{
	const struct child	*signer = gen->parent->signer;

	if (signer == NULL || !signer->ready ||
	    generation_count(gen, ROLE_HASHER, 1) > 0 ||
	    generation_count(gen, ROLE_FETCHER, 1) > 0 ||
	    generation_count(gen, ROLE_BROKER, 1) > 0)
		return;
	if (generation_silent(gen) > 0 && !gen->late)
		return;
	generation_state(gen, GENERATION_FRONT);
	if (generation_start(gen, ROLE_FRONTEND, gen->conf->workers) == -1)
		fatal("%s", __func__);
}

static void
advance_front(struct generation *gen)
{
	struct parent	*parent = gen->parent;

	if (generation_count(gen, ROLE_FRONTEND, 1) > 0)
		return;
	generation_state(gen, GENERATION_SERVING);
	if (parent->reload.fresh == gen)
		reload_generation_ready(parent);
	else
		boot_ready(parent);
}

static void
advance_draining(struct generation *gen)
{
	if (generation_count(gen, ROLE_FRONTEND, 0) > 0 && !gen->late)
		return;
	if (gen->late)
		log_warnx("requests were still open after %u s, closed",
		    gen->conf->limit_wait + GENERATION_DRAIN_SPARE);
	generation_close(gen);
}

static void
advance_closing(struct generation *gen)
{
	if (generation_count(gen, ROLE_FRONTEND, 0) == 0 &&
	    generation_count(gen, ROLE_BROKER, 0) == 0 &&
	    generation_count(gen, ROLE_HASHER, 0) == 0 &&
	    generation_count(gen, ROLE_FETCHER, 0) == 0)
		generation_free(gen);
}

void
generation_advance(struct generation *gen)
{
	static void (*const steps[])(struct generation *) = {
		[GENERATION_BACK] = advance_back,
		[GENERATION_FRONT] = advance_front,
		[GENERATION_SERVING] = NULL,
		[GENERATION_DRAINING] = advance_draining,
		[GENERATION_CLOSING] = advance_closing
	};

	if (steps[gen->state] != NULL)
		steps[gen->state](gen);
}
