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
 * A mint between its plan and its reply: mint.c and issue.c.
 */

#ifndef MINT_H
#define MINT_H

#include "broker.h"

struct mint {
	struct batch_item	 item;		/* issue.c */
	struct sign		*sign;		/* being signed */
	struct msg_minted	 minted;
	int			 made;		/* minted is filled */
	int			 stored;
	uint8_t			 access_hash[HASH_LEN];
	uint8_t			 refresh_hash[HASH_LEN];
};

const struct msg_minted *mint_stored(struct mint *, const struct unit *,
	    unsigned statement, unsigned row);

/* Signed: waits for the next shared commit. */
void	 issue_start(struct request *);

#endif /* MINT_H */
