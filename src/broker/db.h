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
 * The database as the rest of the broker sees it: units of statements in,
 * results out.  Only db*.c know libpq.
 *
 * A unit is a list of statements and a Sync, without BEGIN: all of it
 * happens or nothing.  Its callback runs once, never inside db_submit(),
 * and only after the Sync: what it reports as done is durable.
 */

#ifndef DB_H
#define DB_H

#include <sys/types.h>
#include <stdint.h>

#include <event2/event.h>

#include "array.h"
#include "msg_conf.h"
#include "statement.h"

enum db_lane {
	DB_READ,	/* read-only units, deep pipelines */
	DB_WRITE,	/* a commit each, one at a time per connection */
	DB_BATCH,	/* array calls, one connection */
	DB_CALL,	/* procedures of applications, quick ones */
	DB_SLOW,	/* and those that take long: one at a time */
	DB_LANE__MAX
};

enum unit_result {
	UNIT_DONE,	/* committed, rows are there */
	UNIT_FAILED,	/* an SQL error, rolled back: unit_error() */
	UNIT_EXPIRED,	/* never sent: its deadline passed in the queue */
	UNIT_AWAY,	/* never sent: the database is away */
	UNIT_LOST,	/* a write whose outcome nobody knows */
	UNIT_NOT_DURABLE, /* committed here, not on the standby */
	UNIT_BROKEN,	/* our own trouble: memory, unexpected columns */
	UNIT__MAX
};

struct db_error {
	char		 sqlstate[6];
	const char	*message;	/* none is NULL: "" if absent */
	const char	*detail;
	const char	*hint;
	const char	*constraint;
	const char	*column;
	const char	*table;
	const char	*datatype;
	const char	*schema;
};

struct db;
struct unit;
/* The unit is freed after the callback; rows and texts with it. */
typedef void (*unit_cb)(struct unit *, void *arg);
/* While it runs: what its SQL says by RAISE NOTICE, with this SQLSTATE. */
typedef void (*unit_notice_cb)(const char *sqlstate, const char *text,
    void *arg);
typedef void (*db_state_cb)(enum broker_state, const char *text, void *arg);

/* Tells the sandbox where this database is.  Before role_confine(). */
void		 db_sandbox(const struct conf_broker *);
/* fatal on failure; conf must outlive it.  Connects at once. */
struct db	*db_new(struct event_base *, const struct conf_broker *,
		    db_state_cb, void *arg);
void		 db_free(struct db *);
/* Units that are waiting or running. */
size_t		 db_outstanding(const struct db *);
/* No unit that is still waiting will be sent: they end as UNIT_AWAY. */
void		 db_close_queues(struct db *);

#define UNIT_STATEMENTS	2
#define UNIT_PARAMS	40
/*
 * NULL when memory is short.  deadline as of queue_now().  Pointers that
 * are added must stay valid until the callback, arrays become the unit's.
 */
struct unit	*unit_new(enum db_lane, uint64_t deadline, unit_cb, void *);
void		 unit_free(struct unit *);	/* one never submitted */
void		 unit_query(struct unit *, enum query);
void		 unit_null(struct unit *);
void		 unit_text(struct unit *, const char *);	/* also jsonb */
void		 unit_bytes(struct unit *, const void *, size_t);
void		 unit_int4(struct unit *, int32_t);
void		 unit_int8(struct unit *, int64_t);
/* The unit will fail as UNIT_BROKEN. */
void		 unit_break(struct unit *);
void		 unit_array(struct unit *, struct array *);

/*
 * It changes nothing: it may be cancelled, and tried again when its
 * connection dies.  Units of DB_READ are so by themselves.
 */
void		 unit_readonly(struct unit *);
/* Nothing else is sent to its connection until it is done. */
void		 unit_alone(struct unit *);
/* It may leave something behind in its session, which is taken away. */
void		 unit_clean(struct unit *);
/* Of a unit that runs alone: others' words could be mixed up with its. */
void		 unit_on_notice(struct unit *, unit_notice_cb);

/* 0, or -1: not taken (queue full, memory), freed, no callback. */
int		 db_submit(struct db *, struct unit *);
/*
 * Nobody wants the answer any more.  One not sent is dropped, and freed
 * without callback: returns 1.  A running read is cancelled, a running
 * write goes on to its end: returns 0, and the callback will come.
 */
int		 db_drop(struct db *, struct unit *);

/* In the callback.  statement counts from 0. */
enum unit_result unit_result(const struct unit *);
void		 unit_error(const struct unit *, struct db_error *);
/* The statement that failed, when one did. */
unsigned	 unit_failed_at(const struct unit *);
/* How long it ran, in us, without what ran before it. */
uint64_t	 unit_ran(const struct unit *);
unsigned	 unit_rows(const struct unit *, unsigned statement);
/* All return -1 on a null or (numbers) a wrong width. */
int		 unit_get_int4(const struct unit *, unsigned statement,
		    unsigned row, unsigned column, int32_t *);
int		 unit_get_bool(const struct unit *, unsigned statement,
		    unsigned row, unsigned column, int *);
int		 unit_get_int8(const struct unit *, unsigned statement,
		    unsigned row, unsigned column, int64_t *);
/* Borrowed until the callback returns, a NUL follows the bytes. */
int		 unit_get_bytes(const struct unit *, unsigned statement,
		    unsigned row, unsigned column, char **, size_t *);
/* The same of JSON, as jsonb or as text. */
int		 unit_get_json(const struct unit *, unsigned statement,
		    unsigned row, unsigned column, char **, size_t *);

#endif /* DB_H */
