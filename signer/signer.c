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
 * grantd-signer: takes typed requests from the brokers, writes and signs
 * access tokens, derives refresh secrets, keeps the journal.  Room: signer:
 * libcrypto and its links, no event library, no SQL, no JSON, no files, no
 * network.  No message carries bytes to sign.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"
#include "ipc_poll.h"
#include "journal.h"
#include "log.h"
#include "role.h"
#include "token.h"

#define PENDING_MAX	512	/* answers that wait for one flush */
#define REFUSALS_MAX	20	/* log lines about them a second */

struct pending {
	uint64_t		 port;	/* serial */
	uint32_t		 id;
	struct msg_minted	 made;
};

struct signer {
	struct role_self role;
	struct mint	 mint;
	struct ipc_poll	*poll;
	struct policy	 refusals;	/* their rate, for the log */
	struct policy	 abandons;	/* theirs, for the journal */
	struct pending	 pending[PENDING_MAX];
	size_t		 npending;
	int		 journal_fd;	/* until it is taken */
};

static int
signer_send(struct ipc_port *port, uint32_t type, uint32_t id, struct ibuf *buf,
    int encoded)
{
	if (port != NULL && encoded == 0)
		return ipc_port_send(port, type, id, -1, buf);
	ibuf_free(buf);
	return -1;
}

/* Journal first, answers after: what nobody can prove is not given out. */
static void
signer_flush(struct ipc_poll *poll, void *arg)
{
	struct signer	*s = arg;
	struct pending	*p;
	struct ibuf	*buf;
	int		 kept = journal_commit(&s->mint.journal) == 0;

	for (p = s->pending; p < s->pending + s->npending; p++) {
		if (!kept && p->made.error == MINT_OK)
			mint_fail(&p->made, MINT_FAILED, "journal");
		if ((buf = ibuf_dynamic(0, IPC_MAX_MINT)) == NULL ||
		    signer_send(ipc_poll_port(poll, p->port),
		    IMSG_BROKER_MINT_REP, p->id, buf,
		    msg_minted_encode(buf, &p->made)) == -1)
			log_debug("an answer found no broker");
		msg_minted_free(&p->made);
	}
	s->npending = 0;
}

static void
signer_mint(struct signer *s, struct ipc_port *port, uint32_t id,
    struct ibuf *buf)
{
	struct msg_mint	 m;
	struct pending	*p;
	const char	*why;
	uint64_t	 now = (uint64_t)time(NULL);

	if (s->npending == PENDING_MAX ||
	    s->mint.journal.wait_len > JOURNAL_BATCH)
		signer_flush(s->poll, s);
	p = &s->pending[s->npending++];
	memset(p, 0, sizeof(*p));
	p->port = ipc_port_serial(port);
	p->id = id;
	memset(&m, 0, sizeof(m));
	if (policy_rate(&s->mint.policy, now) == -1)
		mint_fail(&p->made, MINT_BUSY, "rate ceiling");
	else if (msg_mint_decode(buf, &m) == -1)
		mint_fail(&p->made, MINT_REFUSED, "malformed request");
	else
		mint_make(&s->mint, &m, now, &p->made);
	why = p->made.reason == NULL ? "" : p->made.reason;
	if (p->made.error != MINT_OK && policy_rate(&s->refusals, now) == 0)
		log_warnx("broker %u: refused: %s", ipc_port_instance(port),
		    why);
	if (p->made.error != MINT_OK && p->made.error != MINT_BUSY)
		(void)journal_add(&s->mint.journal, "refused broker=%u "
		    "error=%u kind=%s reason=\"%s\"", ipc_port_instance(port),
		    p->made.error, policy_kind_name(m.kind), why);
	msg_mint_free(&m);
}

static void
signer_abandon(struct signer *s, struct ipc_port *port, struct ibuf *buf)
{
	char	 text[UUID_STRLEN + 1];
	uint8_t	 jti[UUID_LEN];

	if (msg_get_raw(buf, jti, sizeof(jti)) == -1)
		return;		/* the table has checked the size */
	uuid_format(text, jti);
	if (s->mint.journal.wait_len > JOURNAL_BATCH)
		signer_flush(s->poll, s);
	if (policy_rate(&s->abandons, (uint64_t)time(NULL)) == -1 ||
	    journal_add(&s->mint.journal, "abandon broker=%u jti=%s",
	    ipc_port_instance(port), text) == -1)
		log_warnx("abandoned token %s could not be journalled", text);
}

static struct ibuf *
signer_jwks(struct signer *s)
{
	struct ibuf	*buf = ibuf_dynamic(0, IPC_MAX_JWKS);
	char		*jwks = keys_jwks(s->mint.keys);

	if (buf == NULL || jwks == NULL ||
	    msg_add_raw(buf, jwks, strlen(jwks)) == -1) {
		log_warnx("the key set could not be sent");
		ibuf_free(buf);
		buf = NULL;
	}
	free(jwks);
	return buf;
}

static void
signer_pubkey(struct signer *s, struct ipc_port *port, struct ibuf *buf)
{
	struct msg_pubkey	 p;
	const char		*why = "malformed";
	int			 r = -1;

	memset(&p, 0, sizeof(p));
	if (msg_pubkey_decode(buf, &p) == 0)
		r = keys_foreign(s->mint.keys, &p, &why);
	if (r == -1 && policy_rate(&s->refusals, (uint64_t)time(NULL)) == 0)
		log_warnx("broker %u: foreign key refused: %s",
		    ipc_port_instance(port), why);
	if (r == 1) {
		(void)journal_add(&s->mint.journal, "key use=foreign kid=%s "
		    "broker=%u", p.kid, ipc_port_instance(port));
		if ((buf = signer_jwks(s)) != NULL)
			(void)signer_send(ipc_poll_peer(s->poll, ROLE_PARENT,
			    0), IMSG_PARENT_JWKS, 0, buf, 0);
	}
	msg_pubkey_free(&p);
}

static void
signer_broker(struct ipc_port *port, struct imsg *imsg, void *arg)
{
	struct ibuf	 buf;

	if (imsg_get_ibuf(imsg, &buf) == -1)
		return;
	switch (imsg_get_type(imsg)) {
	case IMSG_SIGNER_MINT:
		signer_mint(arg, port, imsg_get_id(imsg), &buf);
		break;
	case IMSG_SIGNER_ABANDON:
		signer_abandon(arg, port, &buf);
		break;
	case IMSG_SIGNER_PUBKEY:
		signer_pubkey(arg, port, &buf);
		break;
	}
}

/* A broker's link: tell it which keys belong into the table. */
static int
signer_link(struct signer *s, int fd, struct ibuf *buf)
{
	struct msg_link		 link;
	struct msg_pubkey	 p;
	struct ipc_port		*port;
	struct ibuf		*out;
	size_t			 i;

	if (fd == -1)
		return -1;
	if (msg_link_decode(buf, &link) == -1 || link.role != ROLE_BROKER) {
		(void)close(fd);
		return -1;
	}
	if ((port = ipc_poll_add(s->poll, fd, ROLE_BROKER, link.instance,
	    signer_broker, NULL)) == NULL)
		return -1;
	for (i = 0; keys_pubkey(s->mint.keys, i, &p) == 0; i++) {
		if ((out = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
		    signer_send(port, IMSG_BROKER_PUBKEY, 0, out,
		    msg_pubkey_encode(out, &p)) == -1)
			return -1;
	}
	return 0;
}

static int
signer_key(struct signer *s, int fd, struct ibuf *buf)
{
	struct msg_key	 m;
	const char	*why = "came without descriptor";
	int		 ret = -1;

	if (msg_key_decode(buf, &m) == 0 && fd != -1)
		ret = keys_load(s->mint.keys, &m, fd, &why);
	if (ret == -1)
		log_warnx("key file %s %s", m.name == NULL ? "" : m.name, why);
	msg_key_free(&m);
	return ret;
}

static int
signer_conf(struct signer *s, struct ibuf *buf)
{
	struct conf_signer	 c;

	if (conf_signer_decode(buf, &c) == -1)
		return -1;
	s->mint.policy.issuer = c.issuer;	/* until the end */
	s->mint.policy.lifetime_max = c.lifetime_max;
	s->mint.policy.rate_max = s->abandons.rate_max = c.rate_max;
	return c.lifetime_max == 0 || c.rate_max == 0 ? -1 : 0;
}

/* Before IMSG_CHILD_START.  0, or -1: fatal. */
static int
signer_start(struct role_self *role, struct imsg *imsg, struct ibuf *buf,
    void *arg)
{
	struct signer	*s = arg;

	(void)role;
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_CONF:
		return signer_conf(s, buf);
	case IMSG_SIGNER_KEY:
		return signer_key(s, imsg_get_fd(imsg), buf);
	case IMSG_SIGNER_JOURNAL:
		if (s->journal_fd != -1)
			return -1;
		return (s->journal_fd = imsg_get_fd(imsg)) == -1 ? -1 : 0;
	case IMSG_CHILD_LINK:
		return signer_link(s, imsg_get_fd(imsg), buf);
	}
	return -1;
}

/* The parent, later. */
static void
signer_parent(struct ipc_port *port, struct imsg *imsg, void *arg)
{
	struct signer	*s = arg;
	struct ibuf	 buf;
	const char	*why = "came without descriptor";
	uint8_t		 verbose;
	int		 fd;

	(void)port;
	if (imsg_get_ibuf(imsg, &buf) == -1)
		ibuf_from_buffer(&buf, NULL, 0);
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_LINK:
		if (signer_link(s, imsg_get_fd(imsg), &buf) == -1)
			log_warnx("a broker's link could not be made");
		break;
	case IMSG_CHILD_VERBOSE:
		if (msg_get_u8(&buf, &verbose) == 0)
			log_setverbose(verbose);
		break;
	case IMSG_SIGNER_JOURNAL:
		signer_flush(s->poll, s);
		if ((fd = imsg_get_fd(imsg)) == -1 ||
		    journal_open(&s->mint.journal, fd, &why) == -1)
			log_warnx("new journal %s; the old one stays", why);
		break;
	default:
		log_warnx("message %s is for the start only",
		    ipc_type_name(imsg_get_type(imsg)));
	}
}

/* First lines of this process in the journal: with what it works. */
static int
signer_record(struct journal *j, const struct policy *p, const struct keys *k)
{
	size_t	 i;
	int	 r;

	r = journal_add(j, "start issuer=%s lifetime=%u rate=%u", p->issuer,
	    policy_ttl(p, UINT32_MAX), p->rate_max);
	for (i = 0; i < k->nshared; i++)
		r |= journal_add(j, "key use=shared version=%u",
		    k->shared[i].version);
	for (i = 0; i < k->nkeys; i++)
		r |= journal_add(j, "key use=%s kid=%s alg=%s", i == 0 ?
		    "sign" : "publish", k->key[i].kid,
		    jwk_alg_name(k->key[i].alg));
	return r == 0 ? journal_commit(j) : -1;
}

int
main(int argc, char **argv)
{
	static struct signer	 s;
	struct ibuf		*jwks;
	const char		*why;
	int			 heap, pages;

	s.journal_fd = -1;
	s.refusals.rate_max = REFUSALS_MAX;
	journal_init(&s.mint.journal);
	heap = crypto_start();
	if ((s.mint.keys = keys_new(&pages)) == NULL ||
	    (s.poll = ipc_poll_new(ROLE_SIGNER, signer_flush, &s)) == NULL)
		fatal("start");
	role_start(&s.role, ROLE_SIGNER, argc, argv, signer_start, &s);
	if (!heap || !pages)
		log_warnx("keys may be swapped: raise the limit of locked "
		    "memory, or encrypt the swap");
	if (s.mint.policy.issuer == NULL || s.journal_fd == -1 ||
	    !keys_ready(s.mint.keys))
		fatalx("no configuration, journal, signing or shared key");
	if (journal_open(&s.mint.journal, s.journal_fd, &why) == -1 ||
	    signer_record(&s.mint.journal, &s.mint.policy, s.mint.keys) == -1)
		fatalx("journal %s", why);
	if ((jwks = signer_jwks(&s)) == NULL || ipc_compose(&s.role.parent,
	    IMSG_PARENT_JWKS, 0, -1, jwks) == -1)
		fatal("link to the parent");
	role_confine(&s.role);
	if (ipc_poll_adopt(s.poll, &s.role.parent, ROLE_PARENT, 0,
	    signer_parent, NULL) == NULL)
		fatal("link to the parent");
	if (ipc_poll_run(s.poll) == -1)
		fatal("poll");
	ipc_poll_free(s.poll);
	keys_free(s.mint.keys);
	return 0;
}
