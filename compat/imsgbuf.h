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
 * What compat's imsgbuf.c and imsg.c share, and nobody else may see.
 */

#ifndef COMPAT_IMSGBUF_H
#define COMPAT_IMSGBUF_H

#include <imsg.h>

/*
 * The top bit of a header's length says that a descriptor belongs to this
 * message: one recvmsg(2) may bring several messages, so "the descriptor
 * came with the first" would be wrong.
 */
#define IMSG_FD_MARK	0x80000000U

/*
 * Descriptors that were read but not claimed by a header yet: one whose
 * header came only in part, and one of the read that completes it.
 */
#define IMSG_FD_SLOTS	2

TAILQ_HEAD(ibuf_list, ibuf);

struct msgbuf {
	struct ibuf_list	 out;	/* to be written */
	struct ibuf_list	 in;	/* whole messages */
	struct ibuf		*part;	/* message that is being read */
	uint32_t		 nout;
	int			 fds[IMSG_FD_SLOTS];	/* -1: lost */
	int			 nfds;
	size_t			 rlen;	/* bytes in rbuf */
	unsigned char		 rbuf[IBUF_READ_SIZE];
};

/* Queues buf, which is the queue's from now on. */
void	 imsgbuf_append(struct imsgbuf *, struct ibuf *);

#endif /* COMPAT_IMSGBUF_H */
