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
 * Questions to the hashers about passwords: bounded, with deadlines, spread
 * over as many hashers as there are.
 */

#ifndef HASH_H
#define HASH_H

#include <stdint.h>

#include "ipc_event.h"
#include "msg_hasher.h"

#define HASH_AT_ONCE	2	/* questions that one hasher has at a time */
#define HASH_PER_PEER	8	/* that one address may have here */
#define HASH_MAX_PEER	63

enum hash_result {
	HASH_ANSWERED,
	HASH_AWAY,		/* the hasher went away under it */
	HASH_EXPIRED
};

struct hashing;
struct hash_job;
/*
 * Once, not inside hash_request() or check_request().  ok: it was hashed,
 * or it is the password.  hash: of hash_request(), until the callback
 * returns, otherwise "".  stale: the password is right, but its hash is
 * cheaper than what is made today.
 */
typedef void (*hash_cb)(enum hash_result, int ok, const char *hash,
    int stale, void *arg);

/* max: questions that may wait.  fatal on failure. */
struct hashing	*hash_new(size_t max);
void		 hash_delete(struct hashing *);
/* A hasher came or went; the link stays the caller's. */
void		 hash_link(struct hashing *, struct ipc_link *);
void		 hash_unlink(struct hashing *, struct ipc_link *);
/* An IMSG_BROKER_HASH_REP or IMSG_BROKER_CHECK_REP. */
void		 hash_answer(struct hashing *, struct imsg *);
void		 hash_expire(struct hashing *, uint64_t now);

/*
 * NULL: too many wait, also of this peer, no memory, or a password that no
 * hash is made of.  peer: whose they are, "" of nobody that counts.  One that
 * was given up counts until its hasher is through with it.
 * The texts are copied, and wiped when they were sent.  deadline as of
 * queue_now().
 */
struct hash_job	*hash_request(struct hashing *, const char *peer,
		    const char *password, uint64_t deadline, hash_cb,
		    void *arg);
/* hash "" for an unknown name: costs the same and says no. */
struct hash_job	*check_request(struct hashing *, const char *peer,
		    const char *password, const char *hash,
		    uint64_t deadline, hash_cb, void *arg);
/* No callback any more. */
void		 hash_cancel(struct hashing *, struct hash_job *);

#endif /* HASH_H */
