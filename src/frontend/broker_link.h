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
 * The link to this frontend's broker: requests that wait for its answer.
 */

#ifndef BROKER_LINK_H
#define BROKER_LINK_H

#include "request.h"

/* A new link, which replaces the one before; owns fd. */
void	 broker_link_set(int fd);
int	 broker_link_init(void);	/* 0/-1 */
/*
 * Sends a request whose answer is request_answer(), or a problem when the
 * link breaks or the time is over.  0, or -1 when it cannot be sent: r is
 * still the caller's, *why says why.
 */
int	 broker_link_send(struct request *, const struct credential *,
	    const char *arguments, const struct param_hidings *,
	    const struct problem **why);
/*
 * Asks for another operation than the row's; r->answered(), r->told(),
 * r->timeout_ms and r->csrf count.  One question at a time, and another one
 * when its answer came.  A credential is copied and kept until r ends; NULL
 * stands for the one of the former question.  0, or -1 as above.
 */
int	 broker_link_ask(struct request *, const char *operation,
	    const struct credential *, const char *arguments,
	    const struct problem **why);
/* Nobody wants the answer any more; r is still there. */
void	 broker_link_cancel(struct request *);
/* The client went away: r is freed, the broker told if r waited. */
void	 broker_link_forget(struct request *);
/*
 * What is published, whenever a broker tells it: when a link is new and on
 * change.  body is JSON and lives only as long as the call.  NULL: nobody
 * wants it.
 */
extern void (*broker_link_catalogue)(uint64_t generation, const char *body,
	    size_t len);

#endif /* BROKER_LINK_H */
