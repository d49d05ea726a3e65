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
 * The pool: lanes of connections and their queues, handed out once
 * per turn of the event loop.  Room: broker, db*.
 *
 * A unit waits in its lane's queue until a connection has room; there it
 * can expire or be dropped without a trace.  From the moment that it was
 * given to a connection, a write's outcome is what the database says, or
 * unknown; a read is tried again elsewhere when its connection died.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "log.h"

static void	db_kicked(evutil_socket_t, short, void *);
static void	db_ticked(evutil_socket_t, short, void *);
static void	db_cancel(struct db *, struct unit *);

static const struct timeval db_tick_time = { 0, DB_TICK * 1000 };

static void
db_lane_new(struct db *db, enum db_lane which, unsigned depth, unsigned n,
    size_t max)
{
	struct lane	*lane = &db->lanes[which];
	struct db_conn	*c;
	unsigned	 i;

	queue_init(&lane->queue, max);
	TAILQ_INIT(&lane->conns);
	lane->depth = depth;
	lane->away = queue_now();
	for (i = 0; i < n; i++) {
		c = conn_new(db, which, i);
		TAILQ_INSERT_TAIL(&lane->conns, c, entry);
	}
}

struct db *
db_new(struct event_base *base, const struct conf_broker *conf,
    db_state_cb cb, void *arg)
{
	struct db *db;
	size_t max = conf->queue_max;

	if ((db = calloc(1, sizeof(*db))) == NULL)
		fatal("calloc");
	db->base = base;
	db->conf = conf;
	db->state_cb = cb;
	db->state_arg = arg;
	if ((db->kick = evtimer_new(base, db_kicked, db)) == NULL ||
	    (db->tick = evtimer_new(base, db_ticked, db)) == NULL)
		fatalx("evtimer_new");
	db_lane_new(db, DB_READ, DB_READ_DEPTH, conf->read_connections, max);
	db_lane_new(db, DB_WRITE, 1, conf->write_connections, max);
	db_lane_new(db, DB_BATCH, 1, 1, max);
	db_lane_new(db, DB_CALL, DB_CALL_DEPTH, conf->call_connections, max);
	db_lane_new(db, DB_SLOW, 1, conf->slow_connections,
	    max / DB_SLOW_QUEUE + 1);
	return db;
}

void
db_free(struct db *db)
{
	struct db_conn	*c;
	struct unit	*u;
	int		 i;

	if (db == NULL)
		return;
	for (i = 0; i < DB_LANE__MAX; i++) {
		while ((c = TAILQ_FIRST(&db->lanes[i].conns)) != NULL) {
			TAILQ_REMOVE(&db->lanes[i].conns, c, entry);
			conn_free(c);
		}
		while ((u = (struct unit *)queue_pop(&db->lanes[i].queue))
		    != NULL)
			unit_free(u);
	}
	event_free(db->kick);
	event_free(db->tick);
	free(db);
}

size_t
db_outstanding(const struct db *db)
{
	return db->outstanding;
}

void
db_close_queues(struct db *db)
{
	db->closed = 1;
	db_kick(db);
}

/* Has the queues looked at when this turn's other events are done. */
void
db_kick(struct db *db)
{
	event_active(db->kick, EV_TIMEOUT, 0);
}

int
db_submit(struct db *db, struct unit *u)
{
	if (u->broken || u->nstatements == 0 || db->closed ||
	    queue_push(&db->lanes[u->lane].queue, &u->item) == -1) {
		unit_free(u);
		return -1;
	}
	if (db->outstanding++ == 0)
		evtimer_add(db->tick, &db_tick_time);
	db_kick(db);
	return 0;
}

/* The one place where a unit ends. */
void
db_finish(struct db *db, struct unit *u, enum unit_result result)
{
	u->result = result;
	db->outstanding--;
	u->cb(u, u->arg);
	unit_free(u);
}

/* Back to the front of its queue. */
void
db_return(struct db *db, struct unit *u)
{
	unit_reset(u);
	queue_return(&db->lanes[u->lane].queue, &u->item);
	db_kick(db);
}

int
db_drop(struct db *db, struct unit *u)
{
	if (u->item.queued) {
		queue_remove(&db->lanes[u->lane].queue, &u->item);
		db->outstanding--;
		unit_free(u);
		return 1;
	}
	u->dropped = 1;
	if (u->readonly && u->conn != NULL &&
	    TAILQ_FIRST(&u->conn->flight) == u)
		db_cancel(db, u);
	return 0;
}

/* From here on it cannot hit any more, if the database has said so. */
static void
db_cancel_done(struct unit *u, void *arg)
{
	struct db_conn *c = arg;

	c->cancelling--;
	c->cancelled = queue_now();
	if (unit_result(u) == UNIT_LOST && c->state == CONN_READY)
		c->doomed = 1;
	if (unit_result(u) != UNIT_DONE)
		log_debug("a cancel could not be sent");
	db_kick(c->db);
}

/*
 * Asks through another connection.  The cancel hits whatever the backend
 * runs when it arrives: until it has been carried out that connection gets
 * nothing that writes, and a read that was hit unasked is tried again.
 */
static void
db_cancel(struct db *db, struct unit *u)
{
	struct unit *cancel;

	u->conn->cancelled = queue_now();
	cancel = unit_new(DB_WRITE, queue_now() + 1000, db_cancel_done,
	    u->conn);
	if (cancel == NULL)
		return;
	unit_query(cancel, QUERY_CANCEL_BACKEND);
	unit_int4(cancel, conn_backend(u->conn));
	/* only a courtesy */
	if (db_submit(db, cancel) == 0)
		u->conn->cancelling++;
}

static struct db_conn *
db_pick(struct lane *lane, const struct unit *u)
{
	struct db_conn *c, *best = NULL;

	TAILQ_FOREACH(c, &lane->conns, entry) {
		if (!conn_takes(c, u, lane->depth))
			continue;
		if (best == NULL || c->nflight < best->nflight)
			best = c;
	}
	return best;
}

/* More work than connections: one more, if there is one, at a time. */
static void
db_wake(struct lane *lane)
{
	struct db_conn *c, *found = NULL;

	TAILQ_FOREACH(c, &lane->conns, entry) {
		if (c->asleep && found == NULL)
			found = c;
		else if (!c->asleep && c->state != CONN_READY)
			return;
	}
	if (found == NULL)
		return;
	found->asleep = 0;
	conn_hurry(found);
}

/* Nothing can be sent, and not only since a moment ago. */
static int
db_lane_away(const struct db *db, const struct lane *lane, uint64_t now)
{
	return db->closed || (lane->nready == 0 &&
	    now - lane->away >= DB_AWAY_WAIT);
}

/* Ends what waited too long, and all if there is nothing to wait for. */
static void
db_lane_expire(struct db *db, struct lane *lane, uint64_t now)
{
	struct queue_item *it;
	enum unit_result result;

	for (;;) {
		if (db_lane_away(db, lane, now)) {
			it = queue_pop(&lane->queue);
			result = UNIT_AWAY;
		} else {
			it = queue_expired(&lane->queue, now);
			result = UNIT_EXPIRED;
		}
		if (it == NULL)
			return;
		db_finish(db, (struct unit *)it, result);
	}
}

static void
db_lane_send(struct db *db, struct lane *lane)
{
	struct db_conn	*c;
	struct unit	*u;
	uint64_t	 now = queue_now();

	/* Those behind the first are the tick's. */
	if (db_lane_away(db, lane, now))
		db_lane_expire(db, lane, now);
	while ((u = (struct unit *)TAILQ_FIRST(&lane->queue.items)) != NULL) {
		if (u->item.deadline <= now) {
			queue_remove(&lane->queue, &u->item);
			db_finish(db, u, UNIT_EXPIRED);
			continue;
		}
		if ((c = db_pick(lane, u)) == NULL) {
			db_wake(lane);
			return;
		}
		queue_remove(&lane->queue, &u->item);
		if (conn_send(c, u) == -1)
			conn_drop(c, "cannot send");
	}
}

static void
db_kicked(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	struct db_conn	*c;
	int		 i;

	(void)fd;
	(void)what;
	for (i = 0; i < DB_LANE__MAX; i++) {
		db_lane_send(db, &db->lanes[i]);
		TAILQ_FOREACH(c, &db->lanes[i].conns, entry) {
			if (c->dirty)
				conn_flush(c);
		}
	}
}

/* A connection whose unit should long have ended by the gate's timeout. */
static void
db_conn_check(struct db_conn *c, uint64_t now)
{
	struct unit *u = TAILQ_FIRST(&c->flight);

	if (c->state != CONN_READY)
		return;
	if (u != NULL && now > u->item.deadline + DB_OVERDUE)
		conn_drop(c, "no answer in time");
	else if (u == NULL && conn_may_sleep(c) &&
	    now > c->done / 1000 + DB_SLEEP)
		conn_sleep(c);
	else if (u == NULL && now > c->retire)
		conn_drop(c, NULL);
}

static void
db_ticked(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	struct db_conn	*c;
	uint64_t	 now = queue_now();
	int		 i;

	(void)fd;
	(void)what;
	for (i = 0; i < DB_LANE__MAX; i++) {
		db_lane_expire(db, &db->lanes[i], now);
		TAILQ_FOREACH(c, &db->lanes[i].conns, entry)
			db_conn_check(c, now);
	}
	if (db->outstanding > 0)
		evtimer_add(db->tick, &db_tick_time);
}

/* Tells the state once per change. */
void
db_state(struct db *db, enum broker_state state, const char *fmt, ...)
{
	char	 text[sizeof(db->text)];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);	/* cut is fine */
	va_end(ap);
	if (db->told && db->state == state && strcmp(db->text, text) == 0)
		return;
	db->told = 1;
	db->state = state;
	(void)strlcpy(db->text, text, sizeof(db->text));
	db->state_cb(state, db->text, db->state_arg);
}

void
db_conn_up(struct db_conn *c)
{
	struct db	*db = c->db;
	struct db_conn	*other;
	const char	*host = PQhost(c->pg);
	int		 version = PQserverVersion(c->pg);
	int		 i;

	db->lanes[c->lane].nready++;
	db_kick(db);
	/* It is back: the others need not wait out their delays. */
	for (i = 0; i < DB_LANE__MAX; i++) {
		TAILQ_FOREACH(other, &db->lanes[i].conns, entry)
			conn_hurry(other);
	}
	for (i = 0; i < DB_LANE__MAX; i++) {
		if (db->lanes[i].nready == 0)
			return;
	}
	db_state(db, STATE_CONNECTED, "connected to PostgreSQL %d.%d at %s, "
	    "schema %d", version / 10000, version % 10000,
	    host == NULL ? "?" : host, QUERIES_SCHEMA);
}

void
db_conn_down(struct db_conn *c)
{
	struct lane *lane = &c->db->lanes[c->lane];

	if (--lane->nready == 0)
		lane->away = queue_now();
}
