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
 * The stage for hostile peers: starts a real process of grantd as the
 * parent would, hands it links whose other ends the test holds, reads its
 * log, counts checks.
 */

#ifndef STAGE_H
#define STAGE_H

#include <sys/types.h>

#include "ipc.h"
#include "msg_conf.h"

struct actor {
	enum role	 role;
	pid_t		 pid;
	struct imsgbuf	 parent;	/* our end of descriptor 3 */
	int		 fd;
	char		 log[256];	/* file with its standard error */
};

/* One end of a link to the actor, held by the test as `peer`. */
struct rope {
	struct imsgbuf	 imsgbuf;
	int		 fd;
};

/* check(): counts, prints "ok" or "not ok".  The texts say what is good. */
extern int	 stage_passed, stage_failed;
int	 check(int good, const char *fmt, ...)
	    __attribute__((__format__(printf, 2, 3)));

/* Where the programs are, and a directory for keys, journal, logs. */
void	 stage_set(const char *programs, const char *work);
/* A path in the work directory; static, overwritten by the next call. */
const char *stage_path(const char *name);

/* fork, exec, base configuration and the role's own (consumed). */
void	 actor_start(struct actor *, enum role, struct ibuf *conf);
void	 actor_send(struct actor *, uint32_t type, uint32_t id, int fd,
	    struct ibuf *payload);
/* IMSG_CHILD_LINK; the rope's other end is the actor's. */
void	 actor_link(struct actor *, struct rope *, enum role peer,
	    uint32_t instance);
/* IMSG_CHILD_START; waits for IMSG_PARENT_READY.  0 or -1. */
int	 actor_ready(struct actor *);
int	 actor_alive(struct actor *);
/* End-of-file from the parent; its exit status, -1 if it had to be killed. */
int	 actor_stop(struct actor *);
/* How often the text is in its log. */
int	 actor_logged(struct actor *, const char *text);
/* KiB; 0 if it cannot be known. */
long	 actor_memory(struct actor *);
void	 base_add(struct ibuf *);	/* conf_base of an actor */

/* Sends what the table would refuse, too; payload may be NULL. */
void	 rope_send(struct rope *, uint32_t type, uint32_t id, int fd,
	    const void *payload, size_t len);
void	 rope_send_buf(struct rope *, uint32_t type, uint32_t id,
	    struct ibuf *);
/* Bytes as they are, below the framing. */
void	 rope_raw(struct rope *, const void *, size_t);
/* The next message within ms: 1; 0 none came; -1 the link is down. */
int	 rope_wait(struct rope *, struct imsg *, int ms);
/* Whether the other side closed it within ms. */
int	 rope_closed(struct rope *, int ms);
void	 rope_cut(struct rope *);

struct ibuf	*stage_buf(void);	/* never NULL */

/* Each plays the peers of one process; work is done in the stage's dir. */
void	 hostile_signer(void);
void	 hostile_hasher(void);
void	 hostile_fetcher(void);
void	 hostile_broker(void);
void	 hostile_frontend(void);
/* confined.c: real processes, seen from outside. */
void	 confined_all(void);

/* hostile.c: what any peer may try over a link, see there. */
struct target {
	struct actor	*actor;
	enum role	 peer;		/* whom the test plays */
	uint32_t	 instance;	/* of a link that may be lost */
	/* Asks something allowed over a link that did no harm; 0 if served. */
	int		(*honest)(void);
};
void	 hostile_link(const struct target *);

#endif /* STAGE_H */
