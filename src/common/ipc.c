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
 * The table of all messages, and the check that each link's glue makes
 * before a handler sees one.  In every process; pure: no event loop, no
 * I/O, no knowledge of payloads but their sizes.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "ipc.h"
#include "msg.h"

#define BIT(role)	(1U << (role))
#define CHILDREN	(BIT(ROLE_FRONTEND) | BIT(ROLE_BROKER) | \
			    BIT(ROLE_SIGNER) | BIT(ROLE_HASHER) | \
			    BIT(ROLE_FETCHER))
#define PARENT		BIT(ROLE_PARENT)
#define FRONTEND	BIT(ROLE_FRONTEND)
#define BROKER		BIT(ROLE_BROKER)
#define SIGNER		BIT(ROLE_SIGNER)
#define HASHER		BIT(ROLE_HASHER)
#define FETCHER		BIT(ROLE_FETCHER)
#define CTL		BIT(ROLE_CTL)

/* Smallest payloads: every string empty. */
#define MIN_CONF	(1 + 4 + 4 + 4 + 1 + 4 + 4)
#define MIN_LINK	(1 + 4)
#define MIN_LISTENER	(4 + 1 + 4)
#define MIN_KEY		(1 + 4 + 4)
#define MIN_STATE	(1 + 4)
#define MIN_STATUS	(1 + 4 + 4 + 1 + 4 + 8 + 4)
#define MIN_REQUEST	(3 * UUID_LEN + 4 + 1 + 2 * 8 + 11 * 4 + 1)
#define MIN_REPLY	(2 + 8 * 4 + 4 + 4 + 1)
#define MIN_EVENT	(1 + 4)
#define MIN_CATALOGUE	(8 + 4)
#define MIN_MINT	(3 + 4 + 2 * UUID_LEN + 4 + 3 * 4 + 4 + 2 * 4 + \
			    1 + 8 + 4)
#define MIN_MINTED	(1 + 4 + UUID_LEN + 2 * 8 + 3 * 4 + 4 + 4)
#define MIN_PUBKEY	(3 * 4 + 32)
#define MIN_HASHED	(1 + 4)
#define MIN_CHECK	(2 * 4)
#define MIN_GET		(4 + 4 + 4)
#define MIN_DOCUMENT	(2 + 4 + 4 + 4)
#define MIN_DONE	(1 + 4)

static const struct ipc_rule {
	const char	*name;
	unsigned int	 senders;
	unsigned int	 receivers;
	size_t		 min;		/* payload, bytes */
	size_t		 max;
	int		 fd;		/* 1: comes with a descriptor */
} ipc_rules[IMSG__MAX] = {
	[IMSG_CHILD_CONF] = { "CHILD_CONF",
	    PARENT, CHILDREN, MIN_CONF, IPC_MAX_SMALL, 0 },
	[IMSG_CHILD_LINK] = { "CHILD_LINK",
	    PARENT, CHILDREN, MIN_LINK, MIN_LINK, 1 },
	[IMSG_CHILD_START] = { "CHILD_START",
	    PARENT, CHILDREN, 0, 0, 0 },
	[IMSG_CHILD_VERBOSE] = { "CHILD_VERBOSE",
	    PARENT, CHILDREN, 1, 1, 0 },

	[IMSG_PARENT_READY] = { "PARENT_READY",
	    CHILDREN, PARENT, 0, 0, 0 },
	[IMSG_PARENT_STATE] = { "PARENT_STATE",
	    BROKER, PARENT, MIN_STATE, IPC_MAX_SMALL, 0 },
	[IMSG_PARENT_JWKS] = { "PARENT_JWKS",
	    SIGNER, PARENT, 1, IPC_MAX_JWKS, 0 },
	[IMSG_PARENT_CONTROL_REP] = { "PARENT_CONTROL_REP",
	    BROKER, PARENT, MIN_REPLY, IPC_MAX_REPLY, 0 },
	[IMSG_PARENT_CANCELLED] = { "PARENT_CANCELLED",
	    FRONTEND, PARENT, IPC_CANCELLED, IPC_CANCELLED, 0 },

	[IMSG_FRONTEND_LISTENER] = { "FRONTEND_LISTENER",
	    PARENT, FRONTEND, MIN_LISTENER, IPC_MAX_SMALL, 1 },
	[IMSG_FRONTEND_JWKS] = { "FRONTEND_JWKS",
	    PARENT, FRONTEND, 1, IPC_MAX_JWKS, 0 },
	[IMSG_FRONTEND_DRAIN] = { "FRONTEND_DRAIN",
	    PARENT, FRONTEND, 0, 0, 0 },
	[IMSG_FRONTEND_CANCELLED] = { "FRONTEND_CANCELLED",
	    PARENT, FRONTEND, IPC_CANCELLED, IPC_CANCELLED, 0 },

	[IMSG_SIGNER_KEY] = { "SIGNER_KEY",
	    PARENT, SIGNER, MIN_KEY, IPC_MAX_SMALL, 1 },
	[IMSG_SIGNER_JOURNAL] = { "SIGNER_JOURNAL",
	    PARENT, SIGNER, 0, 0, 1 },

	[IMSG_BROKER_CONTROL] = { "BROKER_CONTROL",
	    PARENT, BROKER, MIN_REQUEST, IPC_MAX_REQUEST, 0 },

	[IMSG_BROKER_REQUEST] = { "BROKER_REQUEST",
	    FRONTEND, BROKER, MIN_REQUEST, IPC_MAX_REQUEST, 0 },
	[IMSG_BROKER_CANCEL] = { "BROKER_CANCEL",
	    FRONTEND, BROKER, 0, 0, 0 },
	[IMSG_FRONTEND_REPLY] = { "FRONTEND_REPLY",
	    BROKER, FRONTEND, MIN_REPLY, IPC_MAX_REPLY, 0 },
	[IMSG_FRONTEND_EVENT] = { "FRONTEND_EVENT",
	    BROKER, FRONTEND, MIN_EVENT, IPC_MAX_EVENT, 0 },
	[IMSG_FRONTEND_CATALOGUE] = { "FRONTEND_CATALOGUE",
	    BROKER, FRONTEND, MIN_CATALOGUE, IPC_MAX_CATALOGUE, 0 },

	[IMSG_SIGNER_MINT] = { "SIGNER_MINT",
	    BROKER, SIGNER, MIN_MINT, IPC_MAX_MINT, 0 },
	[IMSG_SIGNER_ABANDON] = { "SIGNER_ABANDON",
	    BROKER, SIGNER, UUID_LEN, UUID_LEN, 0 },
	[IMSG_SIGNER_PUBKEY] = { "SIGNER_PUBKEY",
	    BROKER, SIGNER, MIN_PUBKEY, IPC_MAX_SMALL, 0 },
	[IMSG_BROKER_MINT_REP] = { "BROKER_MINT_REP",
	    SIGNER, BROKER, MIN_MINTED, IPC_MAX_MINT, 0 },
	[IMSG_BROKER_PUBKEY] = { "BROKER_PUBKEY",
	    SIGNER, BROKER, MIN_PUBKEY, IPC_MAX_SMALL, 0 },

	[IMSG_HASHER_HASH] = { "HASHER_HASH",
	    BROKER, HASHER, 4, IPC_MAX_SMALL, 0 },
	[IMSG_HASHER_CHECK] = { "HASHER_CHECK",
	    BROKER, HASHER, MIN_CHECK, IPC_MAX_SMALL, 0 },
	[IMSG_BROKER_HASH_REP] = { "BROKER_HASH_REP",
	    HASHER, BROKER, MIN_HASHED, IPC_MAX_SMALL, 0 },
	[IMSG_BROKER_CHECK_REP] = { "BROKER_CHECK_REP",
	    HASHER, BROKER, 2, 2, 0 },

	[IMSG_FETCHER_GET] = { "FETCHER_GET",
	    BROKER, FETCHER, MIN_GET, IPC_MAX_SMALL, 0 },
	[IMSG_BROKER_DOCUMENT_REP] = { "BROKER_DOCUMENT_REP",
	    FETCHER, BROKER, MIN_DOCUMENT, IPC_MAX_SMALL, 0 },

	[IMSG_CTL_STATUS] = { "CTL_STATUS",
	    CTL, PARENT, 0, 0, 0 },
	[IMSG_CTL_RELOAD] = { "CTL_RELOAD",
	    CTL, PARENT, 0, 0, 0 },
	[IMSG_CTL_LOG] = { "CTL_LOG",
	    CTL, PARENT, 1, 1, 0 },
	[IMSG_CTL_OPERATION] = { "CTL_OPERATION",
	    CTL, PARENT, MIN_REQUEST, IPC_MAX_REQUEST, 0 },
	[IMSG_CTL_STATUS_REP] = { "CTL_STATUS_REP",
	    PARENT, CTL, MIN_STATUS, IPC_MAX_SMALL, 0 },
	[IMSG_CTL_OPERATION_REP] = { "CTL_OPERATION_REP",
	    PARENT, CTL, MIN_REPLY, IPC_MAX_REPLY, 0 },
	[IMSG_CTL_DONE] = { "CTL_DONE",
	    PARENT, CTL, MIN_DONE, IPC_MAX_SMALL, 0 },
};

static const char *const ipc_roles[ROLE__MAX] = {
	[ROLE_PARENT] = "parent",
	[ROLE_FRONTEND] = "frontend",
	[ROLE_BROKER] = "broker",
	[ROLE_SIGNER] = "signer",
	[ROLE_HASHER] = "hasher",
	[ROLE_FETCHER] = "fetcher",
	[ROLE_CTL] = "grantctl",
};

/* The rule of a type, NULL for an unknown one. */
static const struct ipc_rule *
ipc_rule(uint32_t type)
{
	if (type >= IMSG__MAX || ipc_rules[type].name == NULL)
		return NULL;
	return &ipc_rules[type];
}

/* Largest payload from one of senders to one of receivers, masks. */
static uint32_t
ipc_largest(unsigned int senders, unsigned int receivers)
{
	size_t	 i, max = 0;

	for (i = 0; i < IMSG__MAX; i++)
		if ((ipc_rules[i].senders & senders) &&
		    (ipc_rules[i].receivers & receivers) &&
		    ipc_rules[i].max > max)
			max = ipc_rules[i].max;
	return (uint32_t)max;
}

uint32_t
ipc_pair_max(enum role a, enum role b)
{
	uint32_t	 there = ipc_largest(BIT(a), BIT(b));
	uint32_t	 back = ipc_largest(BIT(b), BIT(a));

	return there > back ? there : back;
}

int
ipc_open(struct imsgbuf *imsgbuf, int fd, enum role self, enum role peer)
{
	if (imsgbuf_init(imsgbuf, fd) == -1)
		return -1;
	if (imsgbuf_set_maxsize(imsgbuf, ipc_pair_max(self, peer)) == -1) {
		imsgbuf_clear(imsgbuf);
		return -1;
	}
	imsgbuf_allow_fdpass(imsgbuf);
	return 0;
}

const char *
ipc_role_name(enum role role)
{
	return role < ROLE__MAX ? ipc_roles[role] : "unknown";
}

const char *
ipc_type_name(uint32_t type)
{
	const struct ipc_rule	*rule = ipc_rule(type);

	return rule == NULL ? "unknown" : rule->name;
}

int
ipc_check(struct imsg *imsg, enum role sender, enum role receiver,
    const char **why)
{
	const struct ipc_rule	*rule;
	size_t			 len = imsg_get_len(imsg);

	if ((rule = ipc_rule(imsg_get_type(imsg))) == NULL)
		*why = "unknown type";
	else if (!(rule->senders & BIT(sender)))
		*why = "not this sender's to send";
	else if (!(rule->receivers & BIT(receiver)))
		*why = "not for this receiver";
	else if (len < rule->min)
		*why = "too short";
	else if (len > rule->max)
		*why = "too long";
	else if (rule->fd && !ibuf_fd_avail(imsg->buf))
		*why = "descriptor missing";
	else if (!rule->fd && ibuf_fd_avail(imsg->buf))
		*why = "descriptor where none belongs";
	else
		return 0;
	return -1;
}

/* A payload with a descriptor is copied: only imsg_close() takes one. */
static int
ipc_compose_fd(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id, int fd,
    struct ibuf *payload)
{
	void	*data = payload == NULL ? NULL : ibuf_data(payload);
	size_t	 len = payload == NULL ? 0 : ibuf_size(payload);
	int	 result;

	result = imsg_compose(imsgbuf, type, id, 0, fd, data, len);
	if (result == -1 && fd != -1)
		close(fd);
	ibuf_free(payload);
	return result == -1 ? -1 : 0;
}

int
ipc_compose(struct imsgbuf *imsgbuf, uint32_t type, uint32_t id, int fd,
    struct ibuf *payload)
{
	const struct ipc_rule	*rule = ipc_rule(type);
	size_t			 len = payload == NULL ? 0 : ibuf_size(payload);

	if (rule == NULL || len < rule->min || len > rule->max ||
	    (fd != -1) != rule->fd) {
		ibuf_free(payload);
		if (fd != -1)
			close(fd);
		errno = EINVAL;
		return -1;
	}
	if (fd != -1 || payload == NULL)
		return ipc_compose_fd(imsgbuf, type, id, fd, payload);
	if (imsg_compose_ibuf(imsgbuf, type, id, 0, payload) == -1)
		return -1;
	return 0;
}
