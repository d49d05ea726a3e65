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
 * A poll(2) loop over a few links, for the roles that link no event
 * library: signer and hasher.  A round reads what every link has, at most
 * one buffer of 64 KiB each, calls the link's handler for each message that
 * ipc_check() allowed, then the batch callback once, then writes.  So work
 * that costs a flush is done once per round.
 */

#ifndef IPC_POLL_H
#define IPC_POLL_H

#include "ipc.h"

struct ipc_poll;		/* the loop */
struct ipc_port;		/* one link in it */

#define IPC_POLL_PORTS	256	/* links in one loop */
#define IPC_POLL_STRIKES 16	/* forbidden messages, then the link goes */
/*
 * A link whose peer leaves more messages than this unread is not read from
 * until it has caught up.  A round's own answers may pass it.
 */
#define IPC_POLL_QUEUE	1024

/* For each allowed message; the imsg is freed after. */
typedef void (*ipc_port_cb)(struct ipc_port *, struct imsg *, void *arg);
/* Once, on end-of-file or error; the port is freed after, its fd closed. */
typedef void (*ipc_port_down_cb)(struct ipc_port *, void *arg);
/* Once per round in which a handler was called, or a signal came. */
typedef void (*ipc_poll_batch_cb)(struct ipc_poll *, void *arg);

/* NULL if out of memory.  batch may be NULL. */
struct ipc_poll	*ipc_poll_new(enum role self, ipc_poll_batch_cb batch,
		    void *arg);
void		 ipc_poll_free(struct ipc_poll *);	/* and all ports */

/*
 * Owns fd from now on (made non-blocking); NULL on failure, fd is then
 * closed.  An older port of the same peer and instance is replaced: freed
 * without its down callback at the end of the round.  down may be NULL.
 * arg of the port's callbacks is the loop's.  May be called in a handler.
 */
struct ipc_port	*ipc_poll_add(struct ipc_poll *, int fd, enum role peer,
		    uint32_t instance, ipc_port_cb, ipc_port_down_cb);
/*
 * The same on an imsgbuf that already read (struct role_self's parent); takes
 * content and fd: the old imsgbuf is not to be used any more.
 */
struct ipc_port	*ipc_poll_adopt(struct ipc_poll *, struct imsgbuf *,
		    enum role peer, uint32_t instance, ipc_port_cb,
		    ipc_port_down_cb);

/* As ipc_compose(); written at the end of the round.  0 or -1. */
int		 ipc_port_send(struct ipc_port *, uint32_t type, uint32_t id,
		    int fd, struct ibuf *payload);
enum role	 ipc_port_peer(const struct ipc_port *);
uint32_t	 ipc_port_instance(const struct ipc_port *);
/*
 * A number that no later port has: keep it instead of a pointer between
 * rounds, since a port may be gone.  NULL if it is.
 */
uint64_t	 ipc_port_serial(const struct ipc_port *);
struct ipc_port	*ipc_poll_port(struct ipc_poll *, uint64_t serial);
/* The first port of that peer, NULL if there is none. */
struct ipc_port	*ipc_poll_peer(struct ipc_poll *, enum role peer,
		    uint32_t instance);

/*
 * At most so many messages of each link are handed out in a round (0, the
 * default: all): for slow work, so that no link waits for another's heap.
 * Nothing more is read from a link that has some left.
 */
void		 ipc_poll_pace(struct ipc_poll *, unsigned int messages);

/*
 * One round.  1 to go on; 0 after end-of-file from the parent: what was
 * queued was offered to the peers; -1 on failure of poll(2) itself, with
 * errno.
 */
int		 ipc_poll_round(struct ipc_poll *);
/* Rounds until one does not return 1; its result. */
int		 ipc_poll_run(struct ipc_poll *);

#endif /* IPC_POLL_H */
