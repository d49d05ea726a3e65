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
 * One end of a link, driven by libevent.  The only file of src/common that
 * knows libevent.  Used by parent, frontend and broker.
 */

#ifndef IPC_EVENT_H
#define IPC_EVENT_H

#include <event2/event.h>

#include "ipc.h"

struct ipc_link;

/* For each message that ipc_check() allowed.  The imsg is freed after. */
typedef void (*ipc_link_cb)(struct ipc_link *, struct imsg *, void *arg);
/* Called once, on end-of-file or error; the link may be freed inside. */
typedef void (*ipc_link_down_cb)(struct ipc_link *, void *arg);

/*
 * Owns fd from now on; NULL on failure (fd is then closed).
 * A message that the table forbids is logged and dropped; more than
 * IPC_LINK_STRIKES of them take the link down.
 */
#define IPC_LINK_STRIKES	16
struct ipc_link	*ipc_link_new(struct event_base *, int fd, enum role self,
		    enum role peer, ipc_link_cb, ipc_link_down_cb, void *arg);
/* The same on an imsgbuf that already read (role_start()); takes all of it. */
struct ipc_link	*ipc_link_adopt(struct event_base *, struct imsgbuf *,
		    enum role self, enum role peer, ipc_link_cb,
		    ipc_link_down_cb, void *arg);
/* Closes the descriptor and drops what is queued.  NULL is fine. */
void	 ipc_link_free(struct ipc_link *);

/* As ipc_compose(), and sees that it is written.  0 or -1. */
int	 ipc_link_send(struct ipc_link *, uint32_t type, uint32_t id, int fd,
	    struct ibuf *payload);
/* Messages not written yet: back pressure. */
size_t	 ipc_link_queued(const struct ipc_link *);

#endif /* IPC_EVENT_H */
