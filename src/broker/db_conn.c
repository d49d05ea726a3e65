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
 * One connection in pipeline mode: writes units, reads their results,
 * and knows what a death means for each.  Room: broker, db*.
 *
 * Results come in order: per statement its result and a NULL, per unit a
 * PGRES_PIPELINE_SYNC.  Nothing of a unit is handed on before that.  After
 * a connection has died PQgetResult() returns NULL for ever, so PQstatus()
 * is asked at every NULL.
 */

#include "config.h"

#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "log.h"

#define CONN_NULLS	4	/* in a row: more is a protocol surprise */

static void	conn_event(evutil_socket_t, short, void *);
static void	conn_timer(evutil_socket_t, short, void *);
static void	conn_connect(struct db_conn *);
static void	conn_results(struct db_conn *);

/*
 * libpq 17 can send a Sync without flushing; before, each unit costs a
 * system call.
 */
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
static int
conn_sync(PGconn *pg)
{
	return PQsendPipelineSync(pg);
}
#else
static int
conn_sync(PGconn *pg)
{
	return PQpipelineSync(pg);
}
#endif

static void
conn_timeout(struct db_conn *c, uint32_t ms)
{
	struct timeval tv;

	tv.tv_sec = ms / 1000;
	tv.tv_usec = (ms % 1000) * 1000;
	evtimer_add(c->timer, &tv);
}

struct db_conn *
conn_new(struct db *db, enum db_lane lane, unsigned number)
{
	struct db_conn *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("calloc");
	c->db = db;
	c->lane = lane;
	c->number = number;
	TAILQ_INIT(&c->flight);
	if ((c->timer = evtimer_new(db->base, conn_timer, c)) == NULL)
		fatalx("evtimer_new");
	if (conn_may_sleep(c))
		c->asleep = 1;
	else
		conn_timeout(c, 0);
	return c;
}

int
conn_may_sleep(const struct db_conn *c)
{
	return (c->lane == DB_CALL && c->number >= DB_CALL_AWAKE) ||
	    (c->lane == DB_SLOW && c->number > 0);
}

void
conn_sleep(struct db_conn *c)
{
	conn_drop(c, NULL);
	evtimer_del(c->timer);
	c->asleep = 1;
}

/* Closes without waiting for a peer that may be gone. */
static void
conn_shut(struct db_conn *c)
{
	if (c->ev != NULL)
		event_free(c->ev);
	if (c->ev_write != NULL)
		event_free(c->ev_write);
	c->ev = c->ev_write = NULL;
	if (c->pg != NULL) {
		/* PQfinish() would block on a full socket. */
		if (PQsocket(c->pg) != -1 && (c->nflight > 0 ||
		    PQflush(c->pg) != 0))
			(void)shutdown(PQsocket(c->pg), SHUT_RDWR);
		PQfinish(c->pg);
	}
	c->pg = NULL;
	c->doomed = c->dirty = c->alone = 0;
}

void
conn_free(struct db_conn *c)
{
	struct unit *u;

	while ((u = TAILQ_FIRST(&c->flight)) != NULL) {
		TAILQ_REMOVE(&c->flight, u, flight);
		unit_free(u);
	}
	conn_shut(c);
	event_free(c->timer);
	free(c);
}

/* (Re)makes the events: the descriptor may change while connecting. */
static void
conn_watch(struct db_conn *c, short what)
{
	if (c->ev != NULL)
		event_free(c->ev);
	if (c->ev_write != NULL)
		event_free(c->ev_write);
	c->ev = event_new(c->db->base, PQsocket(c->pg), EV_READ | EV_PERSIST,
	    conn_event, c);
	c->ev_write = event_new(c->db->base, PQsocket(c->pg), EV_WRITE,
	    conn_event, c);
	if (c->ev == NULL || c->ev_write == NULL)
		fatalx("event_new");
	if (what & EV_READ)
		event_add(c->ev, NULL);
	if (what & EV_WRITE)
		event_add(c->ev_write, NULL);
}

int
conn_backend(const struct db_conn *c)
{
	return PQbackendPID(c->pg);
}

/*
 * The connection is gone.  Reads are tried again, nobody knows what became
 * of writes.  When the server restarts, the next connection may be as dead
 * without knowing it yet: hence more than one other attempt.
 */
static void
conn_abandon(struct db_conn *c)
{
	struct flight	 lost;
	struct unit	*u;

	TAILQ_INIT(&lost);
	TAILQ_CONCAT(&lost, &c->flight, flight);
	c->nflight = 0;
	while ((u = TAILQ_LAST(&lost, flight)) != NULL) {
		TAILQ_REMOVE(&lost, u, flight);
		u->conn = NULL;
		if (!u->readonly)
			db_finish(c->db, u, UNIT_LOST);
		else if (++u->tries < DB_READ_TRIES && !u->dropped)
			db_return(c->db, u);
		else
			db_finish(c->db, u, UNIT_AWAY);
	}
}

void
conn_drop(struct db_conn *c, const char *why)
{
	static const char *const lanes[] = { "read", "write", "batch",
	    "call", "slow" };
	uint32_t	 delay = 0;
	int		 ready = c->state == CONN_READY;

	if (c->state == CONN_WAITING)
		return;
	if (why != NULL) {
		c->failures++;
		c->host++;
		delay = backoff_delay(c->failures, arc4random());
		if (c->failures <= 3 || log_getverbose())
			log_warnx("database, %s connection %u: %s",
			    lanes[c->lane], c->number, why);
	}
	c->state = CONN_WAITING;
	if (ready)
		db_conn_down(c);
	conn_shut(c);
	conn_timeout(c, delay);
	conn_abandon(c);
	if (why != NULL && c->db->lanes[c->lane].nready == 0 &&
	    c->db->state != STATE_WRONG_SCHEMA)
		db_state(c->db, STATE_AWAY, "database is away: %s", why);
}

static void
conn_lost(struct db_conn *c)
{
	char	 why[256];
	size_t	 n;

	n = strlcpy(why, log_vis(PQerrorMessage(c->pg),
	    strcspn(PQerrorMessage(c->pg), "\n")), sizeof(why));
	conn_drop(c, n == 0 ? "connection closed" : why);
}

static void
conn_connect(struct db_conn *c)
{
	if ((c->pg = start_connect(c)) == NULL)
		fatalx("no memory for a connection");
	c->state = CONN_CONNECTING;
	conn_timeout(c, DB_CONNECT_TIMEOUT);
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		conn_lost(c);
		return;
	}
	PQsetNoticeReceiver(c->pg, conn_notice, c);
	conn_watch(c, EV_WRITE);
}

static void
conn_timer(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;

	(void)fd;
	(void)what;
	if (c->state == CONN_WAITING)
		conn_connect(c);
	else if (c->state != CONN_READY)
		conn_drop(c, "connecting takes too long");
}

void
conn_hurry(struct db_conn *c)
{
	if (c->state == CONN_WAITING && !c->asleep)
		conn_timeout(c, 0);
}

static void
conn_poll(struct db_conn *c)
{
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		conn_watch(c, EV_READ);
		break;
	case PGRES_POLLING_WRITING:
		conn_watch(c, EV_WRITE);
		break;
	case PGRES_POLLING_OK:
		conn_watch(c, EV_READ);
		c->state = CONN_PREPARING;
		if (PQsetnonblocking(c->pg, 1) == -1 ||
		    PQenterPipelineMode(c->pg) == 0 ||
		    start_prepare(c) == -1)
			conn_lost(c);
		else
			conn_flush(c);
		break;
	default:
		conn_lost(c);
		break;
	}
}

/* Prepared: takes units from now on. */
void
conn_ready(struct db_conn *c)
{
	evtimer_del(c->timer);
	c->state = CONN_READY;
	c->failures = 0;
	c->done = queue_clock();
	c->retire = queue_now() + DB_RECYCLE / 2 +
	    arc4random_uniform(DB_RECYCLE / 2);
	db_conn_up(c);
}

void
conn_flush(struct db_conn *c)
{
	c->dirty = 0;
	switch (PQflush(c->pg)) {
	case 0:
		break;
	case 1:
		event_add(c->ev_write, NULL);
		break;
	default:
		conn_lost(c);
		break;
	}
}

int
conn_takes(const struct db_conn *c, const struct unit *u, unsigned depth)
{
	if (c->state != CONN_READY || c->doomed || c->nflight >= depth)
		return 0;
	if (c->nflight > 0 && (c->alone || u->alone))
		return 0;
	return u->readonly || c->cancelling == 0;
}

int
conn_send(struct db_conn *c, struct unit *u)
{
	const struct statement	*st;
	struct unit_statement	*s;
	char			 name[START_NAME];
	unsigned		 i;

	for (i = 0; i < u->nstatements; i++) {
		s = &u->statements[i];
		st = &statements[s->query];
		start_name(c, st, name);
		if ((int)s->nparams != st->nparams ||
		    PQsendQueryPrepared(c->pg, name, st->nparams,
		    u->values + s->first, u->lengths + s->first,
		    u->formats + s->first, 1) == 0)
			goto fail;
	}
	if (conn_sync(c->pg) == 0)
		goto fail;
	u->conn = c;
	TAILQ_INSERT_TAIL(&c->flight, u, flight);
	c->nflight++;
	c->dirty = 1;
	c->alone = u->alone;
	u->sent = queue_clock();
	return 0;
fail:
	/* Without its Sync nothing of it can happen. */
	if (u->tries++ == 0)
		db_return(c->db, u);
	else
		db_finish(c->db, u, UNIT_BROKEN);
	return -1;
}

/*
 * States after which this connection is of no more use: the server goes
 * away or has become a standby, or what is prepared no longer fits.  What
 * SQL of applications raises by itself says nothing about the connection.
 */
static int
conn_fatal(const struct unit *u, const PGresult *res, const char *state)
{
	const char *function;

	function = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);
	if (function == NULL)
		function = "";
	if (u->lane >= DB_CALL && strcmp(function, "exec_stmt_raise") == 0)
		return 0;
	if (strcmp(state, "0A000") == 0)
		return u->lane < DB_CALL ||
		    strcmp(function, "RevalidateCachedQuery") == 0;
	return strncmp(state, "57P0", 4) == 0 ||
	    strncmp(state, "08", 2) == 0 || strcmp(state, "26000") == 0 ||
	    (!u->readonly && strcmp(state, "25006") == 0);
}

static void
conn_error(struct db_conn *c, struct unit *u, PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (state != NULL && conn_fatal(u, res, state))
		c->doomed = 1;
	if (u->error == NULL)
		u->error = res;
	else
		PQclear(res);
}

/* Whether it was hit by a cancel that was meant for the unit before. */
static int
conn_hit(const struct db_conn *c, struct unit *u)
{
	const char	*state;
	uint64_t	 now = queue_now();

	if (!u->readonly || u->dropped || c->cancelled == 0 ||
	    now - c->cancelled > DB_CANCEL_LATE || u->item.deadline <= now ||
	    u->sent / 1000 > c->cancelled)
		return 0;
	state = PQresultErrorField(u->error, PG_DIAG_SQLSTATE);
	return state != NULL && strcmp(state, "57014") == 0 &&
	    u->tries++ == 0;
}

/* A unit's Sync has come: its results count now. */
static void
conn_finish(struct db_conn *c, struct unit *u)
{
	uint64_t now = queue_clock();

	TAILQ_REMOVE(&c->flight, u, flight);
	c->nflight--;
	c->alone = 0;
	u->conn = NULL;
	u->ran = now - (c->done > u->sent ? c->done : u->sent);
	c->done = now;
	if (u->clean)
		conn_clean(c);
	if (u->error != NULL) {
		if (conn_hit(c, u))
			db_return(c->db, u);
		else
			db_finish(c->db, u, UNIT_FAILED);
	} else if (u->not_durable)
		db_finish(c->db, u, UNIT_NOT_DURABLE);
	else if (u->broken || u->at != u->nstatements)
		db_finish(c->db, u, UNIT_BROKEN);
	else
		db_finish(c->db, u, UNIT_DONE);
}

static void
conn_rows(struct unit *u, PGresult *res)
{
	const struct statement *st;

	if (u->at >= u->nstatements) {
		u->broken = 1;
		PQclear(res);
		return;
	}
	st = &statements[u->statements[u->at].query];
	if (unit_check(st, res) == -1) {
		log_warnx("database: %s returned other columns than promised",
		    st->name);
		u->broken = 1;
	}
	u->statements[u->at++].result = res;
}

/* 0, or -1: the connection was dropped. */
static int
conn_result(struct db_conn *c, struct unit *u, PGresult *res)
{
	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		conn_rows(u, res);
		break;
	case PGRES_FATAL_ERROR:
		conn_error(c, u, res);
		break;
	case PGRES_PIPELINE_ABORTED:
		PQclear(res);
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(res);
		conn_finish(c, u);
		break;
	default:
		PQclear(res);
		conn_drop(c, "a result that nobody asked for");
		return -1;
	}
	return 0;
}

static void
conn_results(struct db_conn *c)
{
	PGresult	*res;
	struct unit	*u;
	int		 nulls = 0, done = 0;

	while (done == 0 && !PQisBusy(c->pg)) {
		u = TAILQ_FIRST(&c->flight);
		if (c->state == CONN_READY && u == NULL)
			break;
		if ((res = PQgetResult(c->pg)) == NULL) {
			if (PQstatus(c->pg) == CONNECTION_BAD) {
				conn_lost(c);
				return;
			}
			if (++nulls > CONN_NULLS) {
				conn_drop(c, "results are missing");
				return;
			}
			continue;
		}
		nulls = 0;
		if (c->state == CONN_PREPARING)
			done = start_result(c, res);
		else
			done = conn_result(c, u, res);
	}
	if (done == -1)
		return;
	if (c->state == CONN_READY)
		db_kick(c->db);
	if (c->doomed && c->nflight == 0)
		conn_drop(c, "no longer of use");
}

static void
conn_event(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;

	(void)fd;
	if (c->state == CONN_CONNECTING) {
		conn_poll(c);
		return;
	}
	/* Both ways at once, or two full buffers could wait for ever. */
	if (PQconsumeInput(c->pg) == 0) {
		/* What came before the end still counts. */
		conn_results(c);
		if (c->state == CONN_READY || c->state == CONN_PREPARING)
			conn_lost(c);
		return;
	}
	if (what & EV_WRITE)
		conn_flush(c);
	if (c->pg != NULL)
		conn_results(c);
	if (c->pg != NULL && c->state == CONN_READY && c->nflight == 0 &&
	    PQstatus(c->pg) == CONNECTION_BAD)
		conn_lost(c);
}
