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
 * The parent at work: its children, the generations that they belong to
 * (a reload makes a new one beside the old), the reload that is under way.
 * Room: parent.
 */

#ifndef PARENT_H
#define PARENT_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdint.h>
#include <time.h>

#include <event2/event.h>

#include "conf.h"
#include "ipc_event.h"

#define PARENT_GENERATIONS	4	/* alive at a time */
/* Instances of generation n begin at n * CONF_MAX_WORKERS. */
#define PARENT_MAX_FAILURES	5	/* deaths before readiness */

struct parent;

/* Brokers, their frontends, hashers and fetcher, of one configuration. */
enum generation_state {
	GENERATION_BACK,	/* hashers and brokers start */
	GENERATION_FRONT,	/* frontends start */
	GENERATION_SERVING,
	GENERATION_DRAINING,	/* frontends finish what they have */
	GENERATION_CLOSING	/* the others end */
};
struct generation {
	TAILQ_ENTRY(generation) entry;
	struct parent	*parent;
	uint32_t	 number;	/* 0..PARENT_GENERATIONS - 1 */
	struct conf	*conf;
	enum generation_state state;
	struct event	*timer;		/* bounds the state */
	int		 late;		/* that bound has passed */
};
TAILQ_HEAD(generations, generation);

struct child {
	TAILQ_ENTRY(child) entry;
	struct parent	*parent;
	struct generation *generation;	/* NULL: the signer */
	struct conf	*conf;
	enum role	 role;
	uint32_t	 instance;
	pid_t		 pid;		/* 0 while there is no process */
	struct ipc_link	*link;
	int		 linked;	/* has its links to siblings */
	int		 ready;
	int		 worked;	/* this process was ready once */
	int		 was_ready;	/* some process in this place was */
	int		 leaving;	/* ended on purpose, no restart */
	int		 replace;	/* ended on purpose, restart at once */
	unsigned int	 failures;	/* deaths in a row before readiness */
	unsigned int	 backoff;	/* row of the table of delays */
	uint32_t	 restarts;
	time_t		 since;		/* start of the process */
	struct event	*timer;		/* restart, or patience */
	/* brokers */
	int		 db_known;
	uint8_t		 db_state;	/* enum broker_state */
	char		*db_text;
};
TAILQ_HEAD(children, child);

enum reload_state {
	RELOAD_NONE,
	RELOAD_RESOLVE,		/* host names of the database */
	RELOAD_SIGNER,		/* a new signer gets ready */
	RELOAD_GENERATION	/* new brokers and frontends get ready */
};
typedef void (*reload_done_cb)(int failed, const char *text, void *arg);

struct reload {
	enum reload_state state;
	struct conf	*conf;		/* the new one */
	int		 signer;	/* the signer is to be replaced */
	int		 journal;	/* or gets another file */
	int		 generation;	/* the others are */
	struct generation *fresh;
	struct resolve	*resolve;
	int		 again;		/* asked for once more meanwhile */
	reload_done_cb	 cb;		/* grantctl, or NULL */
	void		*arg;
};

struct parent {
	struct event_base *base;
	const char	*conf_path;	/* absolute */
	char		*control_path;	/* of the socket that we made */
	const char	*libexec;	/* directory of the programs */
	int		 privileged;	/* started by root */
	int		 debug;
	int		 verbose;
	struct conf	*conf;		/* the one in force */
	struct children	 children;
	struct generations generations;
	struct child	*signer;
	char		*jwks;		/* as the signer made it */
	size_t		 jwks_len;
	time_t		 started;
	int		 announced;	/* was ready once */
	int		 db_was_connected;
	int		 stopping;
	int		 status;	/* of exit */
	struct reload	 reload;
	struct control	*control;
	struct resolve	*resolve;	/* at start */
	struct event	*timer;		/* of the start's resolution */
	int		 ready_fd;	/* tells who waits for us; or -1 */
};

/* child.c */
struct child	*child_new(struct parent *, struct generation *, struct conf *,
		    enum role, uint32_t instance);
void		 child_free(struct child *);
/* Starts the process and sends its configuration; 0 or -1 (logged). */
int		 child_spawn(struct child *);
/* Links with every linked sibling, then IMSG_CHILD_START. */
void		 child_start(struct child *);
/* It did what it should: no more impatience. */
void		 child_content(struct child *);
/* Closes the link: the child ends; patience, then SIGKILL. */
void		 child_close(struct child *);
int		 child_send(struct child *, uint32_t type, uint32_t id, int fd,
		    struct ibuf *);
void		 child_set_conf(struct child *, struct conf *);
const char	*child_name(const struct child *);	/* static buffer */

/* child_conf.c: what a child is told; NULL when out of memory. */
struct ibuf	*child_conf_encode(const struct child *);
/* Listeners, keys, journal, JWKS, as the role wants them; 0 or -1. */
int		 child_conf_send(struct child *);
/* To a signer that runs: it goes on in this file. */
int		 child_conf_send_journal(struct child *);

/* supervise.c */
void		 supervise_reap(struct parent *);
void		 supervise_message(struct ipc_link *, struct imsg *, void *);
void		 supervise_link_down(struct ipc_link *, void *);
/* Starts it, or plans a restart when that fails. */
void		 supervise_start(struct child *);

/* generation.c */
struct generation *generation_new(struct parent *, struct conf *);
/* Something changed: goes on to the next state if it may. */
void		 generation_advance(struct generation *);
void		 generation_drain(struct generation *);
void		 generation_close(struct generation *);

/* reload.c */
void		 reload_start(struct parent *, reload_done_cb, void *arg);
/* A child of what the reload started: all is ready, or it gave up. */
void		 reload_signer_ready(struct parent *);
void		 reload_generation_ready(struct parent *);
void		 reload_failed(struct parent *, const char *why);
int		 reload_owns(const struct child *);
void		 reload_forget(struct parent *, void *arg);

/* boot.c */
void		 boot_start(struct parent *);
void		 boot_ready(struct parent *);	/* a generation serves */
/* Ends the daemon: drains when gently, exit status, and why (NULL: asked). */
void		 boot_stop(struct parent *, int gently, int status,
		    const char *why);
/* Called when a generation or the signer is gone. */
void		 boot_gone(struct parent *);
void		 parent_set_verbose(struct parent *, int);

#endif /* PARENT_H */
