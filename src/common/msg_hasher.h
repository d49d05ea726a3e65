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
 * What the broker asks the hasher.  Passwords only: secrets that machines
 * made are hashed by the broker itself.
 */

#ifndef MSG_HASHER_H
#define MSG_HASHER_H

#include "msg.h"

#define MSG_MAX_PASSWORD	72	/* bytes; bcrypt reads no more */
#define MSG_MAX_HASH		127

struct msg_hash {
	char		*password;
};
struct msg_hashed {
	uint8_t		 ok;
	char		*hash;		/* "$2b$...", "" if not ok */
};
struct msg_check {
	char		*password;
	char		*hash;		/* "" for an unknown name: same work */
};
struct msg_checked {
	uint8_t		 ok;		/* 1: it is the password */
	uint8_t		 stale;		/* 1: of a lower cost than is set */
};

int	 msg_hash_encode(struct ibuf *, const struct msg_hash *);
int	 msg_hash_decode(struct ibuf *, struct msg_hash *);
void	 msg_hash_free(struct msg_hash *);		/* wipes */
int	 msg_hashed_encode(struct ibuf *, const struct msg_hashed *);
int	 msg_hashed_decode(struct ibuf *, struct msg_hashed *);
void	 msg_hashed_free(struct msg_hashed *);
int	 msg_check_encode(struct ibuf *, const struct msg_check *);
int	 msg_check_decode(struct ibuf *, struct msg_check *);
void	 msg_check_free(struct msg_check *);		/* wipes */
int	 msg_checked_encode(struct ibuf *, const struct msg_checked *);
int	 msg_checked_decode(struct ibuf *, struct msg_checked *);

#endif /* MSG_HASHER_H */
