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
 * A stage for grantd-frontend: the test plays the parent, a process of its
 * own plays the broker.
 */

#ifndef FRONTEND_STAGE_H
#define FRONTEND_STAGE_H

#include <sys/types.h>
#include <stdint.h>

#include "ipc.h"
#include "msg_conf.h"

#define STAGE_PATIENCE	30000	/* ms for what is to come */

struct stage {
	pid_t		 frontend;
	pid_t		 broker;
	int		 fd;		/* the parent's end */
	struct imsgbuf	 parent;
	int		 port;
	char		 socket[108];	/* the same on a unix socket */
};

/* What the tests change of it; set by stage_defaults(). */
struct stage_conf {
	const char	*program;
	struct conf_frontend frontend;
	uint32_t	 nofile;
	const char	*proxy;		/* trusted, or NULL */
	int		 verbose;
	const char	*log;		/* file for its log; else none */
	int		 no_broker;
};

void	 stage_defaults(struct stage_conf *);
/* Starts both and waits until it is ready.  Fatal on failure. */
void	 stage_start(struct stage *, const struct stage_conf *);
/* A new broker and a new link; the former one is killed. */
void	 stage_broker(struct stage *);
void	 stage_kill_broker(struct stage *);
void	 stage_send(struct stage *, uint32_t type, int fd, struct ibuf *);
/* Exit status, or -1 and it was killed. */
int	 stage_wait(struct stage *);
/* End-of-file; as stage_wait(). */
int	 stage_stop(struct stage *);

/*
 * What the fake broker answers to.  account.get of "teapot", "never",
 * "secret", "nosecret", "empty", "odd", "huge", "garbage", "twice", "scope"
 * and "open" (200 when there is a "never", else 404) is special; everything
 * else is told as it came.
 */

/* A connection to it; -1 on failure. */
int	 stage_connect(const struct stage *);
int	 stage_connect_unix(const struct stage *);

/* One answer: head and body in one text.  Caller frees text. */
struct answer {
	int		 status;	/* 0: none came */
	char		*text;
	const char	*body;
	size_t		 body_len;
	int		 closed;	/* end-of-file came */
	int		 asked;		/* 100 Continue came before */
};
/* Writes len bytes (0: strlen) and reads one answer.  ms: how long. */
void	 talk(int fd, const char *request, size_t len, int ms,
	    struct answer *);
/* Only reads. */
void	 listen_to(int fd, int ms, struct answer *);
/* The same on a connection of its own. */
void	 ask(const struct stage *, const char *request, size_t len,
	    struct answer *);
/* Whether the peer closes within ms. */
int	 is_closed(int fd, int ms);
void	 answer_free(struct answer *);
/* The value of a header of the answer; static; NULL if absent. */
const char *header(const struct answer *, const char *name);

#endif /* FRONTEND_STAGE_H */
