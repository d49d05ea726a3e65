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
 * What a role may try after its start, and what it must be able to do; each
 * a function that says 0, or -1 with errno.  Tables are in their files.
 */

#ifndef DENIALS_H
#define DENIALS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "ipc.h"

/* What there is to attack, made before anybody enters a sandbox. */
struct world {
	char			 dir[64];
	char			 file[128];
	char			 socket[128];
	int			 tcp;		/* listener */
	int			 local;		/* listener, AF_UNIX */
	struct sockaddr_in	 tcp_addr;
	struct sockaddr_in	 other_addr;	/* a second listener's */
	int			 other;
	struct sockaddr_un	 local_addr;
	pid_t			 victim;
	int			 journal;	/* open for append */
	int			 word;		/* the victim's to read */
};
extern struct world	 world;

/* Variants of roles, a mask. */
#define FRONTEND	0x01
#define BROKER_UNIX	0x02	/* its database is on a unix socket */
#define BROKER_TCP	0x04
#define SIGNER		0x08
#define HASHER		0x10
#define FETCHER		0x40
#define PARENT		0x20	/* refused only what is in its list */
#define BROKERS		(BROKER_UNIX | BROKER_TCP)

struct attempt {
	const char	*name;
	int		(*try)(void);
	unsigned int	 may;	/* variants that need it */
	int		 always;	/* possible for all without a sandbox */
	int		 by_user;	/* the parent's user decides */
};

struct ability {
	const char	*name;
	int		(*can)(void);
	int		(*prepare)(void);	/* before the sandbox */
	unsigned int	 who;
};

extern const struct attempt	 attempts[];
extern const size_t		 nattempts;
extern const struct ability	 abilities[];
extern const size_t		 nabilities;

#endif /* DENIALS_H */
