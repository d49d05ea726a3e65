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
 * How a child starts.  In this order, each step fatal: link on descriptor
 * 3, close the rest, log, configuration by message, then (role_confine)
 * resource limits, chroot, own user, sandbox; only then the first byte
 * from outside.
 */

#ifndef ROLE_H
#define ROLE_H

#include "ipc.h"
#include "msg_conf.h"

#define ROLE_FD	3	/* the parent's link */

struct role_self {
	enum role	 role;
	struct conf_base base;
	struct imsgbuf	 parent;	/* may hold messages already read */
	int		 debug;		/* -d: log to stderr */
};

/*
 * Called for every message before IMSG_CHILD_START; for IMSG_CHILD_CONF
 * with what is left after conf_base.  Return 0, or -1: fatal.
 */
typedef int (*role_message_cb)(struct role_self *, struct imsg *, struct ibuf *,
    void *arg);

/*
 * argv of a child: [-d] [-v].  Blocks, at most ROLE_START_TIMEOUT seconds,
 * until IMSG_CHILD_START; end-of-file exits 0.  Fills *r.
 */
#define ROLE_START_TIMEOUT	30
void	 role_start(struct role_self *r, enum role, int argc, char **argv,
	    role_message_cb, void *arg);

/*
 * rlimits, chroot, user, sandbox_enter(); then sends IMSG_PARENT_READY.
 * A broker says sandbox_allow_connect() and _path() before, a fetcher
 * sandbox_allow_connect().
 */
void	 role_confine(struct role_self *r);

#endif /* ROLE_H */
