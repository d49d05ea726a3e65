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
 * Polls for a new generation of what is published, loads it, and hands it to
 * the frontends.  Room: broker.  Parses nothing but rows: the text for the
 * frontends passes as it is.
 *
 * Loading runs in the slow lane, so nobody waits for it, and changes the
 * table in one step when all of it is there.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "catalogue.h"
#include "log.h"
#include "queue.h"

#define CATALOGUE_POLL		1000		/* ms */
#define CATALOGUE_APART		120		/* ms: two brokers' polls */
#define CATALOGUE_POLL_TIME	(5 * 1000)	/* ms */
#define CATALOGUE_FOLLOW	10		/* polls */
#define CATALOGUE_LOAD_TIME	(30 * 1000)	/* ms */
#define CATALOGUE_MAX		20000		/* rows: two a procedure */
#define CATALOGUE_LINT_REST	2		/* s without a change */
#define CATALOGUE_LINT_MAX	100		/* lines in the log */

enum catalogue_column { COL_GENERATION, COL_BODY, COL_NAME, COL_WRITES,
    COL_TIMEOUT, COL_TRUSTED };
enum follow_column { FOLLOW_CHANGED, FOLLOW_VERSIONS };
enum lint_column { LINT_SEVERITY, LINT_OBJECT, LINT_PROBLEM, LINT_REMEDY,
    LINT__MAX };

struct catalogue {
	struct broker		*broker;
	struct event		*timer;
	struct event		*lint;
	struct unit		*unit;		/* poll or load */
	struct unit		*linting;
	struct unit		*following;
	char			 followed[128];	/* the last look's word */
	unsigned int		 polls;
	int			 loaded;
	uint64_t		 generation;
	uint64_t		 failed;	/* generation told of */
	uint64_t		 wanted;	/* generation that is there */
	struct procedure	*rows;		/* sorted by name */
	size_t			 n;
	char			*body;
	size_t			 body_len;
};

static int
procedure_compare(const void *name, const void *row)
{
	const struct procedure *p = row;

	return strcmp(name, p->name);
}

struct procedure *
catalogue_find(const struct catalogue *c, const char *name)
{
	if (c->n == 0)
		return NULL;
	return bsearch(name, c->rows, c->n, sizeof(*c->rows),
	    procedure_compare);
}

int
catalogue_loaded(const struct catalogue *c)
{
	return c->loaded;
}

static void
catalogue_rows_free(struct procedure *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(rows[i].name);
	free(rows);
}

/* One row; what it ran like is kept.  0, or -1. */
static int
catalogue_row(const struct catalogue *c, struct procedure *p,
    const struct unit *u, unsigned row)
{
	const struct procedure	*old;
	int32_t			 ms;
	size_t			 len;
	char			*text;

	if (unit_get_bytes(u, 0, row, COL_NAME, &text, &len) == -1 ||
	    strlen(text) != len || (p->name = strdup(text)) == NULL)
		return -1;
	if (unit_get_int4(u, 0, row, COL_TIMEOUT, &ms) == -1 || ms <= 0 ||
	    unit_get_bool(u, 0, row, COL_WRITES, &p->writes) == -1 ||
	    unit_get_bool(u, 0, row, COL_TRUSTED, &p->trusted) == -1)
		return -1;
	p->timeout_ms = (uint32_t)ms;
	if ((old = catalogue_find(c, p->name)) != NULL)
		p->pace = old->pace;
	return 0;
}

/* The first row has the text, the others a procedure each, by name. */
static int
catalogue_take(struct catalogue *c, const struct unit *u)
{
	struct procedure	*rows;
	unsigned		 i, n = unit_rows(u, 0);
	int64_t			 generation;
	size_t			 len;
	char			*text, *body = NULL;

	if (n == 0 || n > CATALOGUE_MAX ||
	    unit_get_int8(u, 0, 0, COL_GENERATION, &generation) == -1 ||
	    unit_get_bytes(u, 0, 0, COL_BODY, &text, &len) == -1 ||
	    len > MSG_MAX_CATALOGUE)
		return -1;
	if ((rows = calloc(n, sizeof(*rows))) == NULL ||
	    (body = malloc(len + 1)) == NULL)
		goto fail;
	memcpy(body, text, len);
	body[len] = '\0';
	for (i = 1; i < n; i++) {
		if (catalogue_row(c, &rows[i - 1], u, i) == -1 ||
		    (i > 1 && strcmp(rows[i - 2].name, rows[i - 1].name) >=
		    0))
			goto fail;
	}
	catalogue_rows_free(c->rows, c->n);
	free(c->body);
	c->rows = rows;
	c->n = n - 1;
	c->body = body;
	c->body_len = len;
	c->generation = (uint64_t)generation;
	c->loaded = 1;
	return 0;
 fail:
	if (rows != NULL)
		catalogue_rows_free(rows, n);
	free(body);
	return -1;
}

void
catalogue_tell(const struct catalogue *c, struct door *door)
{
	struct msg_catalogue	 m;
	struct ibuf		*buf;

	if (!c->loaded || door->role != ROLE_FRONTEND)
		return;
	m.generation = c->generation;
	m.body = c->body;
	m.body_len = c->body_len;
	buf = ibuf_dynamic(64 + c->body_len, IPC_MAX_CATALOGUE);
	if (buf == NULL || msg_catalogue_encode(buf, &m) == -1) {
		log_warn("catalogue");
		ibuf_free(buf);
		return;
	}
	if (ipc_link_send(door->link, IMSG_FRONTEND_CATALOGUE, 0, -1, buf) ==
	    -1)
		log_warn("catalogue to the frontend");
}

/* Says it once for each generation. */
static void
catalogue_bad(struct catalogue *c, const struct unit *u)
{
	struct db_error	 e;
	const char	*why = "it does not have the form that it should";

	if (c->failed == c->wanted)
		return;
	c->failed = c->wanted;
	if (unit_result(u) == UNIT_FAILED) {
		unit_error(u, &e);
		why = log_vis(e.message, strlen(e.message));
	}
	log_warnx("what is published (generation %llu) cannot be loaded, %s: "
	    "%s", (unsigned long long)c->wanted, c->loaded ?
	    "the one before goes on" : "nothing is served", why);
}

/* A unit is over; 1: and so is everything else. */
static int
catalogue_end(struct catalogue *c, struct unit **unit)
{
	*unit = NULL;
	if (c->broker->parent != NULL)
		return 0;
	broker_idle(c->broker);
	return 1;
}

static void
lint_line(const struct unit *u, unsigned row)
{
	const char	*text[LINT__MAX];
	char		 lines[LINT__MAX][256], *data;
	size_t		 len;
	unsigned	 i;

	for (i = 0; i < LINT__MAX; i++) {
		if (unit_get_bytes(u, 0, row, i, &data, &len) == -1)
			len = 0;
		/* cut is fine */
		(void)strlcpy(lines[i], len == 0 ? "" : log_vis(data, len),
		    sizeof(lines[i]));
		text[i] = lines[i];
	}
	log_info("lint: %s: %s: %s%s%s", text[LINT_SEVERITY],
	    text[LINT_OBJECT], text[LINT_PROBLEM],
	    text[LINT_REMEDY][0] == '\0' ? "" : "; ", text[LINT_REMEDY]);
}

/*
 * What could be better about it costs more than the catalogue: it is asked
 * for when nothing changes any more, by one broker.
 */
static void
catalogue_lint_later(struct catalogue *c)
{
	static const struct timeval	rest = { CATALOGUE_LINT_REST, 0 };

	if (c->broker->role.base.instance == 0 &&
	    evtimer_add(c->lint, &rest) == -1)
		fatalx("evtimer_add");
}

static void
lint_done(struct unit *u, void *arg)
{
	struct catalogue	*c = arg;
	struct db_error		 e;
	unsigned		 i, n;

	if (catalogue_end(c, &c->linting))
		return;
	if (unit_result(u) == UNIT_FAILED) {
		unit_error(u, &e);
		log_warnx("lint: %s", log_vis(e.message, strlen(e.message)));
	}
	if (unit_result(u) != UNIT_DONE) {
		if (unit_result(u) != UNIT_FAILED)
			catalogue_lint_later(c);
		return;
	}
	n = unit_rows(u, 0);
	for (i = 0; i < n && i < CATALOGUE_LINT_MAX; i++)
		lint_line(u, i);
	if (i < n)
		log_info("lint: and %u more", n - i);
}

/* 0, or -1: not now. */
static int
catalogue_ask(struct catalogue *c, struct unit **unit, enum db_lane lane,
    enum query query, uint32_t ms, unit_cb done)
{
	struct unit *u;

	if ((u = unit_new(lane, queue_now() + ms, done, c)) == NULL)
		return -1;
	unit_query(u, query);
	unit_readonly(u);
	if (db_submit(c->broker->db, u) == -1)
		return -1;
	*unit = u;
	return 0;
}

static void
follow_done(struct unit *u, void *arg)
{
	struct catalogue	*c = arg;
	struct db_error		 e;
	int32_t			 changed;
	size_t			 len;
	char			*versions;

	if (catalogue_end(c, &c->following))
		return;
	if (unit_result(u) == UNIT_FAILED) {
		unit_error(u, &e);
		log_warnx("what is published cannot follow its types: %s %s",
		    e.sqlstate, log_vis(e.message, strlen(e.message)));
	}
	if (unit_result(u) != UNIT_DONE ||
	    unit_get_int4(u, 0, 0, FOLLOW_CHANGED, &changed) == -1 ||
	    unit_get_bytes(u, 0, 0, FOLLOW_VERSIONS, &versions, &len) == -1 ||
	    len >= sizeof(c->followed))
		return;
	memcpy(c->followed, versions, len);
	c->followed[len] = '\0';
	if (changed > 0)
		log_info("%d of what is published followed its types",
		    (int)changed);
}

/*
 * Types and tables change without a word to who publishes: now and then one
 * broker has what is made of them compared, and made anew.
 */
static void
catalogue_follow(struct catalogue *c)
{
	struct unit *u;

	if (c->broker->role.base.instance != 0 || c->following != NULL ||
	    c->broker->parent == NULL || ++c->polls % CATALOGUE_FOLLOW != 0)
		return;
	if ((u = unit_new(DB_SLOW, queue_now() + CATALOGUE_LOAD_TIME,
	    follow_done, c)) == NULL)
		return;
	unit_query(u, QUERY_GATE_CATALOGUE_FOLLOW);
	unit_text(u, c->followed);
	unit_alone(u);
	if (db_submit(c->broker->db, u) == 0)
		c->following = u;
}

static void
catalogue_lint(evutil_socket_t fd, short what, void *arg)
{
	struct catalogue	*c = arg;

	(void)fd;
	(void)what;
	if (c->broker->parent != NULL && (c->linting != NULL ||
	    catalogue_ask(c, &c->linting, DB_SLOW, QUERY_GATE_LINT,
	    CATALOGUE_LOAD_TIME, lint_done) == -1))
		catalogue_lint_later(c);
}

static void
load_done(struct unit *u, void *arg)
{
	struct catalogue	*c = arg;
	struct door		*d;

	if (catalogue_end(c, &c->unit))
		return;
	if (unit_result(u) == UNIT_DONE && catalogue_take(c, u) == 0) {
		log_info("%zu operations are published, generation %llu",
		    c->n, (unsigned long long)c->generation);
		TAILQ_FOREACH(d, &c->broker->doors, entry)
			catalogue_tell(c, d);
		catalogue_lint_later(c);
	} else if (unit_result(u) == UNIT_DONE ||
	    unit_result(u) == UNIT_FAILED)
		catalogue_bad(c, u);
}

static void
poll_done(struct unit *u, void *arg)
{
	struct catalogue	*c = arg;
	int64_t			 generation;

	if (catalogue_end(c, &c->unit))
		return;
	if (unit_result(u) != UNIT_DONE ||
	    unit_get_int8(u, 0, 0, 0, &generation) == -1)
		return;
	c->wanted = (uint64_t)generation;
	if (!c->loaded || c->generation != c->wanted)
		(void)catalogue_ask(c, &c->unit, DB_SLOW,
		    QUERY_GATE_CATALOGUE, CATALOGUE_LOAD_TIME, load_done);
}

static void
catalogue_poll(struct catalogue *c)
{
	if (c->unit == NULL && c->broker->parent != NULL)
		(void)catalogue_ask(c, &c->unit, DB_READ,
		    QUERY_GATE_CATALOGUE_GENERATION, CATALOGUE_POLL_TIME,
		    poll_done);
}

/* All brokers of a host see one clock: each polls at a time of its own. */
static void
catalogue_sleep(struct catalogue *c)
{
	uint64_t	 own, ms;
	struct timeval	 tv;

	own = (uint64_t)c->broker->role.base.instance * CATALOGUE_APART %
	    CATALOGUE_POLL;
	ms = CATALOGUE_POLL - (queue_now() + CATALOGUE_POLL - own) %
	    CATALOGUE_POLL;
	/* A timer may end a little too early: that was this one. */
	if (ms < CATALOGUE_POLL / 2)
		ms += CATALOGUE_POLL;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	if (evtimer_add(c->timer, &tv) == -1)
		fatalx("evtimer_add");
}

static void
catalogue_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	catalogue_poll(arg);
	catalogue_follow(arg);
	catalogue_sleep(arg);
}

void
catalogue_refresh(struct catalogue *c)
{
	if (c != NULL)
		catalogue_poll(c);
}

struct catalogue *
catalogue_new(struct broker *b)
{
	struct catalogue *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("calloc");
	c->broker = b;
	c->failed = UINT64_MAX;
	if ((c->timer = evtimer_new(b->base, catalogue_timer, c)) == NULL ||
	    (c->lint = evtimer_new(b->base, catalogue_lint, c)) == NULL)
		fatalx("evtimer_new");
	catalogue_sleep(c);
	return c;
}

void
catalogue_delete(struct catalogue *c)
{
	if (c == NULL)
		return;
	event_free(c->timer);
	event_free(c->lint);
	catalogue_rows_free(c->rows, c->n);
	free(c->body);
	free(c);
}
