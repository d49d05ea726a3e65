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
 * A mint between its arrival and its reply: mint.c, plan.c and issue.c.
 */

#ifndef MINT_H
#define MINT_H

#include "broker.h"

struct mint {
	struct batch_item	 item;		/* issue.c, as is the next */
	struct batch		*batch;		/* that it is in, or NULL */
	struct sign		*sign;		/* being signed */
	struct msg_minted	 minted;
	int			 made;		/* minted is filled */
	int			 stored;
	unsigned		 tries;		/* that others overtook */
	uint8_t			 access_hash[HASH_LEN];
	uint8_t			 refresh_hash[HASH_LEN];
};

/* The tokens to hand out, m's own; NULL if the commit stored none. */
const struct msg_minted *mint_stored(struct mint *, const struct unit *,
	    unsigned statement, unsigned row);

/* A row of a unit's statement. */
struct plan_row {
	struct unit	*unit;
	unsigned	 statement;
	unsigned	 row;
};

/* Columns at the end of what a shared call returns: why an element failed. */
#define ISSUE_ERROR	8

/* mint.c: planned: on to the signer, or to the commit if no token is wanted */
void	 mint_plan(struct request *, const struct plan_row *);

/*
 * plan.c: what the signer is to make; its texts stay the unit's.  1; 0: no
 * token, the commit says why; or -1: unreadable.  Keeps the carry; the
 * request's stays NULL when memory is short.
 */
int	 plan_read(const struct plan_row *, struct request *,
	    struct msg_mint *);

/* issue.c: waits for the next shared plan, or signed for the next commit. */
void	 issue_plan(struct request *);
void	 issue_commit(struct request *);

#endif /* MINT_H */
