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
 * A parent and a frontend for tests: starts the real grantd-broker and
 * grantd-signer through the start protocol and asks over their links.
 * Everything that goes wrong ends the program with a message.
 */

#ifndef BROKER_HARNESS_H
#define BROKER_HARNESS_H

#include <sys/types.h>

#include "ipc.h"
#include "msg_broker.h"
#include "msg_conf.h"

#define HARNESS_WAIT	40000	/* ms for any answer that is to come */

struct child {
	pid_t		 pid;
	struct imsgbuf	 link;		/* as its parent */
};

struct harness {
	const char	*bindir;
	const char	*keydir;	/* signing.pem, shared.key, journal */
	const char	*conninfo;
	const char	*psql;		/* command that takes SQL */
	struct child	 broker;
	struct child	 signer;
	struct child	 hasher;
	struct imsgbuf	 front;		/* as its frontend */
	struct msg_state state;
	int		 have_state;
	uint32_t	 next_id;
	uint32_t	 queue_max;
	uint32_t	 timeout;	/* ms of a request */
	int		 verbose;
	uint32_t	 calls_max;	/* of a credential */
	int		 wants_events;	/* of requests from now on */
	/* what came beside replies */
	unsigned	 events;
	uint32_t	 event_id;	/* of the last */
	uint8_t		 event_kind;
	char		 event[256];
	unsigned	 catalogues;
	uint64_t	 generation;	/* of the last */
	char		 catalogue[256];
};

void	 harness_start(struct harness *);
void	 harness_start_signer(struct harness *);
void	 harness_kill(struct child *);
/* Closes the links and waits: the exit status of the broker. */
int	 harness_stop(struct harness *);
/* Until the broker says this state. */
void	 harness_state(struct harness *, enum broker_state);

/* Sends and returns the number of the request. */
uint32_t harness_send(struct harness *, const char *operation, int kind,
	    const char *credential, const char *arguments);
void	 harness_cancel(struct harness *, uint32_t id);
/* The next reply; 0, or -1 after so many ms. */
int	 harness_receive(struct harness *, uint32_t *id, struct msg_reply *,
	    int ms);
/* Reads what comes within ms, until there was another catalogue; 0 or -1. */
int	 harness_catalogue(struct harness *, int ms);
/* Both.  The caller frees the reply. */
void	 harness_call(struct harness *, const char *operation, int kind,
	    const char *credential, const char *arguments,
	    struct msg_reply *);
/* The same as grantctl, over the parent's link. */
void	 harness_control(struct harness *, const char *operation,
	    const char *arguments, struct msg_reply *);
/* Sends these bytes as one message of this type over the frontend's link. */
void	 harness_raw(struct harness *, uint32_t type, uint32_t id,
	    const void *, size_t);

double	 harness_now(void);	/* seconds, monotonic */
/* As superuser: the first line that it says; static. */
const char *harness_sql(struct harness *, const char *fmt, ...)
	    __attribute__((__format__(printf, 2, 3)));
/* Until this is what it says; 0 or -1. */
int	 harness_until(struct harness *, const char *want, const char *fmt,
	    ...) __attribute__((__format__(printf, 3, 4)));
/*
 * So many backends are in a {"sleep"}, or in an {"until": word}, which lasts
 * to harness_go(word); 0, or -1 after HARNESS_WAIT.
 */
int	 harness_asleep(struct harness *, int);
void	 harness_go(struct harness *, const char *word);

#endif /* BROKER_HARNESS_H */
