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
 * What db*.c share with each other and with nobody else.
 */

#ifndef DB_INT_H
#define DB_INT_H

#include <sys/queue.h>

#include <libpq-fe.h>

#include "db.h"
#include "queue.h"

#define DB_READ_DEPTH		64	/* units in flight per connection */
#define DB_CALL_DEPTH		8	/* of those that may share one */
#define DB_CALL_AWAKE		2	/* connections that stay */
#define DB_SLOW_QUEUE		4	/* a part of queue_max */
#define DB_READ_TRIES		3	/* when connections die under it */
#define DB_CONNECT_TIMEOUT	5000	/* ms, one attempt */
#define DB_TICK			50	/* ms, while units are outstanding */
#define DB_CANCEL_LATE		2000	/* ms: a cancel may hit the next one */
#define DB_AWAY_WAIT		5000	/* ms: a restart may take so long */
#define DB_OVERDUE		2000	/* ms after the deadline: hung up */
#define DB_SLEEP		(60 * 1000)	/* ms without work */
#define DB_RECYCLE		(30 * 60 * 1000)	/* ms */
#define UNIT_ARRAYS		16

struct unit_statement {
	enum query	 query;
	unsigned	 first;		/* of its parameters */
	unsigned	 nparams;
	PGresult	*result;
};

struct unit {
	struct queue_item	 item;		/* first: casts */
	TAILQ_ENTRY(unit)	 flight;
	enum db_lane		 lane;
	enum unit_result	 result;
	unit_cb			 cb;
	void			*arg;
	struct db_conn		*conn;		/* where it runs */
	unsigned		 tries;
	unsigned char		 broken;
	unsigned char		 dropped;
	unsigned char		 not_durable;
	unsigned char		 readonly;
	unsigned char		 alone;
	unsigned char		 clean;
	unit_notice_cb		 notice;
	uint64_t		 sent;		/* us */
	uint64_t		 ran;		/* us */
	unsigned		 nstatements;
	unsigned		 at;		/* statement that answers now */
	unsigned		 nparams;
	unsigned		 scratch_used;
	struct unit_statement	 statements[UNIT_STATEMENTS];
	PGresult		*error;
	const char		*values[UNIT_PARAMS];
	int			 lengths[UNIT_PARAMS];
	int			 formats[UNIT_PARAMS];
	struct array		 arrays[UNIT_ARRAYS];
	unsigned		 narrays;
	uint8_t			 scratch[96];
};

TAILQ_HEAD(flight, unit);

enum conn_state {
	CONN_WAITING,		/* for the back-off */
	CONN_CONNECTING,
	CONN_PREPARING,
	CONN_READY
};

struct db_conn {
	TAILQ_ENTRY(db_conn)	 entry;
	struct db		*db;
	enum db_lane		 lane;
	unsigned		 number;
	enum conn_state		 state;
	PGconn			*pg;
	struct event		*ev;		/* read, persistent */
	struct event		*ev_write;
	struct event		*timer;
	struct flight		 flight;
	unsigned		 nflight;
	unsigned		 failures;
	unsigned		 host;		/* to try first */
	unsigned char		 doomed;	/* to be closed */
	unsigned char		 dirty;		/* something to flush */
	unsigned char		 alone;		/* so is what runs */
	unsigned char		 asleep;	/* not needed at present */
	unsigned		 cancelling;	/* cancels still to come */
	uint64_t		 cancelled;	/* ms: last cancel sent here */
	uint64_t		 done;		/* us: end of the last unit */
	unsigned		 step;		/* of the preparation */
	uint64_t		 salt;		/* of its statements' names */
	uint64_t		 retire;	/* ms: to be renewed */
};

struct lane {
	struct queue		 queue;
	TAILQ_HEAD(, db_conn)	 conns;
	unsigned		 depth;
	unsigned		 nready;
	uint64_t		 away;		/* ms: since when none is */
};

struct db {
	struct event_base	*base;
	const struct conf_broker *conf;
	db_state_cb		 state_cb;
	void			*state_arg;
	enum broker_state	 state;
	char			 text[512];
	int			 told;
	int			 closed;
	struct lane		 lanes[DB_LANE__MAX];
	size_t			 outstanding;
	struct event		*kick;		/* end of the loop turn */
	struct event		*tick;
};

/* db_notice.c */
void		 conn_notice(void *, const PGresult *);

/* db_clean.c */
/* Takes away what a unit may have left in the session. */
void		 conn_clean(struct db_conn *);

/* db_conn.c */
struct db_conn	*conn_new(struct db *, enum db_lane, unsigned number);
void		 conn_free(struct db_conn *);
/* Queues the unit on the wire; 0, or -1: not sent, connection is doomed. */
int		 conn_send(struct db_conn *, struct unit *);
void		 conn_flush(struct db_conn *);
/* Gives up the connection, ends or returns its units, backs off. */
void		 conn_drop(struct db_conn *, const char *why);
void		 conn_ready(struct db_conn *);
/* If it waits to connect again, it does so now. */
void		 conn_hurry(struct db_conn *);
/*
 * Of the lanes for procedures only the first connections are always there,
 * the others when there is work for them.
 */
int		 conn_may_sleep(const struct db_conn *);
void		 conn_sleep(struct db_conn *);
int		 conn_backend(const struct db_conn *);
/* Whether it takes this unit now. */
int		 conn_takes(const struct db_conn *, const struct unit *,
		    unsigned depth);

/* db_hosts.c */
#define HOSTS_LISTS	3
struct hosts {
	char	 lists[HOSTS_LISTS][CONF_MAX_CONNINFO + 1]; /* "" if one */
};
extern const char *const hosts_names[HOSTS_LISTS];
/*
 * The lists of several hosts, turned by so many places: every attempt
 * begins at the next, so that a host which swallows connections does not
 * keep us from the others.
 */
void		 hosts_from(struct hosts *, const char *conninfo, unsigned by);
/* "a,b,c" by 1 is "b,c,a".  out has room for as much as list has. */
void		 hosts_rotate(char *out, size_t, const char *list,
		    unsigned by);

/* db_start.c */
PGconn		*start_connect(struct db_conn *);
#define START_NAME	64	/* as PostgreSQL cuts it */
/*
 * The name of a statement on this connection: foreign SQL that runs there
 * shall not be able to put another one in its place.
 */
void		 start_name(const struct db_conn *, const struct statement *,
		    char [START_NAME]);
/* Sends the preparation; 0 or -1. */
int		 start_prepare(struct db_conn *);
/* One of its results (consumed): 1 finished, 0 go on, -1 dropped. */
int		 start_result(struct db_conn *, PGresult *);

/* db.c */
void		 db_kick(struct db *);
void		 db_finish(struct db *, struct unit *, enum unit_result);
void		 db_return(struct db *, struct unit *);
void		 db_state(struct db *, enum broker_state, const char *, ...)
		    __attribute__((__format__(printf, 3, 4)));
void		 db_conn_up(struct db_conn *);
void		 db_conn_down(struct db_conn *);

/* db_unit.c */
void		 unit_reset(struct unit *);
/* Whether the row's types are those that queries.sql promises. */
int		 unit_check(const struct statement *, const PGresult *);

#endif /* DB_INT_H */
