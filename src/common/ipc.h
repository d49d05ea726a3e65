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
 * The messages between grantd's processes: who may send what to whom, how
 * large it may be and whether a descriptor comes with it.  The table in
 * ipc.c is the whole of it; a message that it does not allow is refused
 * before any handler sees it.  Pure: no event loop, no I/O.
 */

#ifndef IPC_H
#define IPC_H

#include <sys/types.h>
#include <stdint.h>
#include <imsg.h>

enum role {
	ROLE_PARENT,
	ROLE_FRONTEND,
	ROLE_BROKER,
	ROLE_SIGNER,
	ROLE_HASHER,
	ROLE_FETCHER,
	ROLE_CTL,
	ROLE__MAX
};

/*
 * IMSG_<RECEIVER>_<VERB>, answers end in _REP.  IMSG_CHILD_* goes to any
 * child.  The imsg id is the request's number on its link: the answer
 * carries the same.
 */
enum imsg_type {
	IMSG_NONE,

	/* parent -> child, while it starts (role.h) and later */
	IMSG_CHILD_CONF,	/* conf_base and the role's own part */
	IMSG_CHILD_LINK,	/* fd: a link to a sibling; msg_link */
	IMSG_CHILD_START,	/* confine yourself and work */
	IMSG_CHILD_VERBOSE,	/* u8 */

	/* child -> parent */
	IMSG_PARENT_READY,	/* sandboxed and serving */
	IMSG_PARENT_STATE,	/* broker: msg_state, health of the database */
	IMSG_PARENT_JWKS,	/* signer: JWK Set, JSON text */
	IMSG_PARENT_CONTROL_REP,/* broker: msg_reply */
	IMSG_PARENT_CANCELLED,	/* frontend: for the others */

	/* parent -> frontend */
	IMSG_FRONTEND_LISTENER,	/* fd: msg_listener */
	IMSG_FRONTEND_JWKS,	/* JSON text as the signer made it */
	IMSG_FRONTEND_DRAIN,	/* accept no more, finish, then exit */
	IMSG_FRONTEND_CANCELLED,/* of another: two u64, whose and which */

	/* parent -> signer */
	IMSG_SIGNER_KEY,	/* fd: msg_key */
	IMSG_SIGNER_JOURNAL,	/* fd: the journal, opened for append */

	/* parent -> broker */
	IMSG_BROKER_CONTROL,	/* msg_request of grantctl */

	/* frontend <-> broker */
	IMSG_BROKER_REQUEST,	/* msg_request */
	IMSG_BROKER_CANCEL,	/* the client of this id went away */
	IMSG_FRONTEND_REPLY,	/* msg_reply */
	IMSG_FRONTEND_EVENT,	/* msg_event: before the reply */
	IMSG_FRONTEND_CATALOGUE,/* msg_catalogue: at once, and on change */

	/* broker <-> signer */
	IMSG_SIGNER_MINT,	/* msg_mint */
	IMSG_SIGNER_ABANDON,	/* jti[16]: signed, but never stored */
	IMSG_SIGNER_PUBKEY,	/* msg_pubkey: another host's, from the table */
	IMSG_BROKER_MINT_REP,	/* msg_minted */
	IMSG_BROKER_PUBKEY,	/* msg_pubkey: this host's, for the table */

	/* broker <-> hasher */
	IMSG_HASHER_HASH,	/* msg_hash */
	IMSG_HASHER_CHECK,	/* msg_check */
	IMSG_BROKER_HASH_REP,	/* msg_hashed */
	IMSG_BROKER_CHECK_REP,	/* msg_checked */

	/* broker <-> fetcher */
	IMSG_FETCHER_GET,	/* msg_get */
	IMSG_BROKER_DOCUMENT_REP, /* msg_document */

	/* grantctl <-> parent, control socket */
	IMSG_CTL_STATUS,
	IMSG_CTL_RELOAD,
	IMSG_CTL_LOG,		/* u8: 1 verbose, 0 brief */
	IMSG_CTL_OPERATION,	/* msg_request */
	IMSG_CTL_STATUS_REP,	/* msg_status, one per process, then DONE */
	IMSG_CTL_OPERATION_REP,	/* msg_reply */
	IMSG_CTL_DONE,		/* u8: 0 ok, 1 failed; string: text */

	IMSG__MAX
};

/* Largest payloads, bytes. */
#define IPC_MAX_SMALL	8192
#define IPC_CANCELLED	16	/* always */
#define IPC_MAX_MINT	16000
#define IPC_MAX_JWKS	65536
#define IPC_MAX_REQUEST	(2 * 1024 * 1024 + 16384)
#define IPC_MAX_EVENT	(1 + 4 + 65536)
#define IPC_MAX_CATALOGUE (8 * 1024 * 1024 + 8 + 4)
#define IPC_MAX_REPLY	(8 * 1024 * 1024 + 65536)
/* Largest payload that may pass between these two, either way. */
uint32_t	 ipc_pair_max(enum role, enum role);

/* imsgbuf_init() with that size and with descriptors.  0 or -1; fd stays. */
int	 ipc_open(struct imsgbuf *, int fd, enum role self, enum role peer);

const char	*ipc_role_name(enum role);
const char	*ipc_type_name(uint32_t type);	/* "unknown" if it is */

/*
 * Whether `sender` may send this message to `receiver`, of this payload
 * size, with or without a descriptor.  0, or -1 and *why is a static text.
 */
int	 ipc_check(struct imsg *, enum role sender, enum role receiver,
	    const char **why);

/*
 * Composes and queues one message; consumes payload (may be NULL) and, on
 * success, fd (-1 for none).  The caller writes the queue out.  0 or -1;
 * on -1 the payload is freed and fd closed as well.  EINVAL: the table
 * knows no such message of this size, with or without a descriptor.
 */
int	 ipc_compose(struct imsgbuf *, uint32_t type, uint32_t id, int fd,
	    struct ibuf *payload);

#endif /* IPC_H */
