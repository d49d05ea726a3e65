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
 * grantd-hasher: password hashes, bcrypt $2b$.  A room of its own because
 * the work is slow: nobody else's loop may wait for it.  Knows passwords
 * and hashes only while it works on them, and no names; has no files, no
 * network and nothing to ask anybody.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "ipc_poll.h"
#include "log.h"
#include "msg_hasher.h"
#include "role.h"

#define HASHER_COST_MIN	4	/* bcrypt's own */
#define HASHER_COST_MAX	16	/* some seconds: more is a mistake or a trap */
#define HASHER_TEXT_LEN	60	/* "$2b$", cost, "$", salt and hash */
#define HASHER_HEAD_LEN	7

struct hasher {
	struct role_self	 role;
	struct ipc_poll		*loop;
	unsigned int		 cost;
	char			 preference[16];	/* "bcrypt,<cost>" */
	char			 nobody[MSG_MAX_HASH + 1]; /* of no password */
};

static void	hasher_message(struct ipc_port *, struct imsg *, void *);

/*
 * The cost of a hash that we may work on, 0 of any other text: an unknown
 * form, or one that would keep us busy for hours.
 */
static unsigned int
hasher_cost(const char *hash)
{
	static const char	 alphabet[] = "./0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned int		 cost;

	if (strlen(hash) != HASHER_TEXT_LEN || strncmp(hash, "$2b$", 4) != 0 ||
	    hash[4] < '0' || hash[4] > '9' || hash[5] < '0' || hash[5] > '9' ||
	    hash[6] != '$' || strspn(hash + HASHER_HEAD_LEN, alphabet) !=
	    HASHER_TEXT_LEN - HASHER_HEAD_LEN)
		return 0;
	cost = (unsigned int)(hash[4] - '0') * 10 +
	    (unsigned int)(hash[5] - '0');
	return cost >= HASHER_COST_MIN && cost <= HASHER_COST_MAX ? cost : 0;
}

static void
hasher_send(struct ipc_port *port, uint32_t type, uint32_t id,
    struct ibuf *payload)
{
	if (ipc_port_send(port, type, id, -1, payload) == -1)
		log_warn("answer to broker %u", ipc_port_instance(port));
}

/* What cannot be read costs as much: no cheap way to fill our log. */
static void
hasher_malformed(struct hasher *h, struct ipc_port *port, uint32_t id)
{
	log_warnx("request %u of broker %u is malformed", id,
	    ipc_port_instance(port));
	(void)crypt_checkpass("", h->nobody);
}

static void
hasher_hash(struct hasher *h, struct ipc_port *port, uint32_t id,
    struct ibuf *in)
{
	struct msg_hash		 ask;
	struct msg_hashed	 answer;
	struct ibuf		*out;
	char			 hash[MSG_MAX_HASH + 1] = "";

	memset(&answer, 0, sizeof(answer));
	if (msg_hash_decode(in, &ask) == -1 || ask.password[0] == '\0')
		hasher_malformed(h, port, id);
	else if (crypt_newhash(ask.password, h->preference, hash,
	    sizeof(hash)) == -1)
		log_warn("crypt_newhash");
	else
		answer.ok = 1;
	msg_hash_free(&ask);

	answer.hash = hash;
	if ((out = ibuf_dynamic(64, IPC_MAX_SMALL)) == NULL ||
	    msg_hashed_encode(out, &answer) == -1) {
		log_warn("answer to broker %u", ipc_port_instance(port));
		ibuf_free(out);
	} else
		hasher_send(port, IMSG_BROKER_HASH_REP, id, out);
	explicit_bzero(hash, sizeof(hash));
}

/*
 * What a wrong password of a lower cost is short of one of the present cost,
 * since each cost is all lower ones and once more the lowest: else an answer
 * tells that somebody has the name and was not here since the cost grew.
 */
static void
hasher_fill(const struct hasher *h, unsigned int cost)
{
	char	 preference[16], hash[MSG_MAX_HASH + 1];
	int	 n;

	for (; cost < h->cost; cost++) {
		n = snprintf(preference, sizeof(preference), "bcrypt,%u",
		    cost);
		if (n < 0 || (size_t)n >= sizeof(preference) ||
		    crypt_newhash("-", preference, hash, sizeof(hash)) == -1)
			log_warn("crypt_newhash");
	}
}

/* Every answer costs a hash, also "no such name" and a hash of no form. */
static void
hasher_check(struct hasher *h, struct ipc_port *port, uint32_t id,
    struct ibuf *in)
{
	struct msg_check	 ask;
	struct msg_checked	 answer;
	struct ibuf		*out;
	unsigned int		 cost = 0;

	memset(&answer, 0, sizeof(answer));
	if (msg_check_decode(in, &ask) == -1)
		hasher_malformed(h, port, id);
	else if ((cost = hasher_cost(ask.hash)) == 0) {
		if (ask.hash[0] != '\0')
			log_warnx("request %u of broker %u: hash of a foreign "
			    "form or cost", id, ipc_port_instance(port));
		(void)crypt_checkpass(ask.password, h->nobody);
	} else if (crypt_checkpass(ask.password, ask.hash) == 0) {
		answer.ok = 1;
		answer.stale = cost < h->cost;
	} else
		hasher_fill(h, cost);
	msg_check_free(&ask);

	if ((out = ibuf_dynamic(2, IPC_MAX_SMALL)) == NULL ||
	    msg_checked_encode(out, &answer) == -1) {
		log_warn("answer to broker %u", ipc_port_instance(port));
		ibuf_free(out);
	} else
		hasher_send(port, IMSG_BROKER_CHECK_REP, id, out);
}

/* A link to a broker, the first or that of a restarted one. */
static int
hasher_link(struct hasher *h, struct imsg *imsg, struct ibuf *payload)
{
	struct msg_link	 m;
	int		 fd;

	if (msg_link_decode(payload, &m) == -1 || m.role != ROLE_BROKER)
		return -1;
	if ((fd = imsg_get_fd(imsg)) == -1)
		return -1;
	if (ipc_poll_add(h->loop, fd, ROLE_BROKER, m.instance, hasher_message,
	    NULL) == NULL)
		return -1;
	return 0;
}

/* From the parent, after the start. */
static void
hasher_parent(struct hasher *h, struct imsg *imsg, struct ibuf *payload)
{
	uint8_t	 verbose;

	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_LINK:
		if (hasher_link(h, imsg, payload) == -1)
			log_warn("link to a broker");
		break;
	case IMSG_CHILD_VERBOSE:
		if (msg_get_u8(payload, &verbose) == 0)
			log_setverbose(verbose);
		break;
	default:
		log_warnx("message %s from the parent after the start",
		    ipc_type_name(imsg_get_type(imsg)));
	}
}

static void
hasher_message(struct ipc_port *port, struct imsg *imsg, void *arg)
{
	struct hasher	*h = arg;
	struct ibuf	 payload;

	if (imsg_get_ibuf(imsg, &payload) == -1)
		ibuf_from_buffer(&payload, NULL, 0);
	if (ipc_port_peer(port) == ROLE_PARENT)
		hasher_parent(h, imsg, &payload);
	else if (imsg_get_type(imsg) == IMSG_HASHER_HASH)
		hasher_hash(h, port, imsg_get_id(imsg), &payload);
	else
		hasher_check(h, port, imsg_get_id(imsg), &payload);
}

/* Messages of the start: configuration and first links. */
static int
hasher_start(struct role_self *r, struct imsg *imsg, struct ibuf *payload,
    void *arg)
{
	struct hasher		*h = arg;
	struct conf_hasher	 conf;

	(void)r;
	if (imsg_get_type(imsg) == IMSG_CHILD_LINK)
		return hasher_link(h, imsg, payload);
	if (imsg_get_type(imsg) != IMSG_CHILD_CONF ||
	    conf_hasher_decode(payload, &conf) == -1)
		return -1;
	if (conf.cost < HASHER_COST_MIN || conf.cost > HASHER_COST_MAX) {
		log_warnx("password cost %u is not in %d to %d", conf.cost,
		    HASHER_COST_MIN, HASHER_COST_MAX);
		return -1;
	}
	h->cost = conf.cost;
	return 0;
}

/* The hash that unknown names are compared with: nobody knows its password. */
static void
hasher_prepare(struct hasher *h)
{
	char	 password[33];
	uint8_t	 random[16];
	int	 n;

	n = snprintf(h->preference, sizeof(h->preference), "bcrypt,%u",
	    h->cost);
	if (n < 0 || (size_t)n >= sizeof(h->preference))
		fatalx("password cost %u", h->cost);
	arc4random_buf(random, sizeof(random));
	hex_encode(password, random, sizeof(random));
	if (crypt_newhash(password, h->preference, h->nobody,
	    sizeof(h->nobody)) == -1)
		fatal("crypt_newhash");
	explicit_bzero(password, sizeof(password));
	explicit_bzero(random, sizeof(random));
}

int
main(int argc, char **argv)
{
	struct hasher	 h;

	memset(&h, 0, sizeof(h));
	if ((h.loop = ipc_poll_new(ROLE_HASHER, NULL, &h)) == NULL)
		fatal("ipc_poll_new");
	ipc_poll_pace(h.loop, 1);
	role_start(&h.role, ROLE_HASHER, argc, argv, hasher_start, &h);
	hasher_prepare(&h);
	role_confine(&h.role);
	if (ipc_poll_adopt(h.loop, &h.role.parent, ROLE_PARENT, 0,
	    hasher_message, NULL) == NULL)
		fatal("link to the parent");
	if (ipc_poll_run(h.loop) == -1)
		fatal("poll");
	ipc_poll_free(h.loop);
	conf_base_free(&h.role.base);
	return 0;
}
