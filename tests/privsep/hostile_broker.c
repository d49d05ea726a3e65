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
 * Frontends, a signer, a hasher and a fetcher turned hostile, before the real
 * grantd-broker.  Its database is away: an honest request is answered with
 * 503, and nothing that these peers say is taken for the operator's word.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "log.h"
#include "msg_broker.h"
#include "msg_signer.h"
#include "stage.h"

#define PATIENCE	30000	/* ms */
#define FLOOD		20000
#define FLOOD_MEMORY	(192 * 1024)	/* KiB, with sanitizers in mind */

static struct actor	 broker;
static struct rope	 good;		/* of frontend 0 */
static uint32_t		 next_id = 1000;

static struct ibuf *
request(const char *operation, uint8_t kind, const char *credential,
    uint32_t ms)
{
	struct msg_request	 m;
	struct ibuf		*buf = stage_buf();
	char			*text[5];
	const char *const	 from[5] = { operation, credential,
	    "192.0.2.1", "GET", "/v1/organization" };
	size_t			 i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 5; i++)
		if ((text[i] = strdup(from[i])) == NULL)
			fatal("strdup");
	uuid7(m.request_id);
	m.timeout_ms = ms;
	m.operation = text[0];
	m.credential_kind = kind;
	m.credential = text[1];
	m.hint_expiry = 1790000000;
	m.peer = text[2];
	m.method = text[3];
	m.path = text[4];
	if ((m.arguments = strdup("{}")) == NULL ||
	    msg_request_encode(buf, &m) == -1)
		fatal("msg_request");
	free(m.arguments);
	for (i = 0; i < 5; i++)
		free(text[i]);
	return buf;
}

/* The status of the reply to id on a link, -1 without one. */
static int
status(struct rope *rope, uint32_t id)
{
	struct msg_reply	 reply;
	struct imsg		 imsg;
	struct ibuf		 buf;
	int			 result;

	while (rope_wait(rope, &imsg, PATIENCE) == 1) {
		if (imsg_get_id(&imsg) != id) {
			imsg_free(&imsg);
			continue;
		}
		result = -1;
		if (imsg_get_type(&imsg) == IMSG_FRONTEND_REPLY &&
		    imsg_get_ibuf(&imsg, &buf) == 0) {
			if (msg_reply_decode(&buf, &reply) == 0)
				result = reply.status;
			msg_reply_free(&reply);
		}
		imsg_free(&imsg);
		return result;
	}
	return -1;
}

static int
asked(const char *operation, uint8_t kind, const char *credential)
{
	uint32_t	 id = next_id++;

	rope_send_buf(&good, IMSG_BROKER_REQUEST, id, request(operation, kind,
	    credential, 100));
	return status(&good, id);
}

/* Served: with what a broker without a database has to give. */
static int
honest(void)
{
	int	 n = asked("organization.get", CRED_ACCESS, "no.such.token");

	return n == 503 || n == 504 ? 0 : -1;
}

static int
start(void)
{
	struct conf_broker	 conf;
	struct ibuf		*buf = stage_buf();
	char			 conninfo[600];

	memset(&conf, 0, sizeof(conf));
	(void)snprintf(conninfo, sizeof(conninfo),
	    "host='%s' port=5432 dbname=grantd user=grantd_broker",
	    stage_path("no-such-directory"));
	conf.conninfo = conninfo;
	conf.read_connections = conf.write_connections = 1;
	conf.call_connections = conf.slow_connections = 1;
	conf.queue_max = 64;
	conf.refresh_lifetime = 7776000;
	conf.refresh_grace = 600;
	conf.access_lifetime = 86400;
	conf.issuer = (char *)(uintptr_t)"https://id.example";
	base_add(buf);
	if (conf_broker_encode(buf, &conf) == -1)
		fatal("conf_broker");
	actor_start(&broker, ROLE_BROKER, buf);
	actor_link(&broker, &good, ROLE_FRONTEND, 0);
	return actor_ready(&broker);
}

/* What a frontend may not have: the operator's operations. */
static void
not_the_operator(void)
{
	int	 n;

	n = asked("organization.create", CRED_CONTROL, "");
	check(n >= 400, "the operator's credential from a frontend: %d", n);
	check(actor_logged(&broker, "refused") > 0, "which is in the log");
	n = asked("organization.token_create", CRED_NONE, "");
	check(n >= 400, "the operator's operation from a frontend: %d", n);
	n = asked("no.such.operation", CRED_ACCESS, "x");
	check(n >= 400, "an unknown operation: %d", n);
	n = asked("'; DROP TABLE token.family; --", CRED_ACCESS, "x");
	check(n >= 400, "an operation with SQL in it: %d", n);
	n = asked("api:shop.orders", CRED_CONTROL, "");
	check(n >= 400, "the operator's credential for a procedure: %d", n);
	n = asked("mcp:../../etc/passwd%s%n", CRED_ACCESS, "x");
	check(n >= 400, "a procedure that cannot be one: %d", n);
	n = asked("api:", CRED_NONE, "");
	check(n >= 400, "a procedure without a name: %d", n);
	n = asked("organization.get\n\033[2Jroot: all is well", CRED_ACCESS,
	    "x");
	check(n >= 400 && actor_logged(&broker, "\033") == 0,
	    "no foreign control character is in the log");
}

/* Two questions under one id: nobody gets the other's answer. */
static void
replayed_id(void)
{
	struct imsg	 imsg;
	uint32_t	 id = next_id++;
	int		 answers = 0;

	rope_send_buf(&good, IMSG_BROKER_REQUEST, id, request(
	    "organization.get", CRED_ACCESS, "x", 300));
	rope_send_buf(&good, IMSG_BROKER_REQUEST, id, request(
	    "account.list", CRED_ACCESS, "x", 300));
	while (rope_wait(&good, &imsg, 800) == 1) {
		answers += imsg_get_id(&imsg) == id;
		imsg_free(&imsg);
	}
	check(answers >= 1 && answers <= 2 && honest() == 0,
	    "an id that comes again: %d answers", answers);
}

/* A signer that answers what nobody asked, and lies. */
static void
lying_signer(void)
{
	struct msg_minted	 m;
	struct msg_pubkey	 key;
	struct rope		 rope;
	struct ibuf		*buf;
	char			 text[] = "not a token", none[] = "";
	uint32_t		 id;

	actor_link(&broker, &rope, ROLE_SIGNER, 0);
	memset(&m, 0, sizeof(m));
	m.reason = none;
	m.access = m.refresh = text;
	for (id = 0; id < 50; id++) {
		buf = stage_buf();
		if (msg_minted_encode(buf, &m) == -1)
			fatal("msg_minted");
		rope_send_buf(&rope, IMSG_BROKER_MINT_REP, id, buf);
	}
	memset(&key, 0, sizeof(key));
	key.kid = key.alg = key.jwk = text;
	for (id = 0; id < 50; id++) {
		buf = stage_buf();
		if (msg_pubkey_encode(buf, &key) == -1)
			fatal("msg_pubkey");
		rope_send_buf(&rope, IMSG_BROKER_PUBKEY, id, buf);
	}
	(void)usleep(50 * 1000);
	check(actor_alive(&broker) && honest() == 0,
	    "answers of a signer that nobody asked");
	rope_cut(&rope);
}

/* Cancels what is not there, and what is. */
static void
cancels(void)
{
	uint32_t	 i;

	for (i = 0; i < 1000; i++)
		rope_send(&good, IMSG_BROKER_CANCEL, i * 7919, -1, NULL, 0);
	for (i = 0; i < 100; i++) {
		rope_send_buf(&good, IMSG_BROKER_REQUEST, 500000 + i, request(
		    "organization.get", CRED_ACCESS, "x", 300));
		rope_send(&good, IMSG_BROKER_CANCEL, 500000 + i, -1, NULL, 0);
	}
	check(honest() == 0, "cancelled requests, there or not");
}

/* The largest request, and one byte more. */
static void
large(void)
{
	struct rope	 rope;
	struct imsg	 imsg;
	char		*big;
	int		 n;

	if ((big = calloc(1, IPC_MAX_REPLY + 1)) == NULL)
		fatal("calloc");
	actor_link(&broker, &rope, ROLE_FRONTEND, 2);
	rope_send(&rope, IMSG_BROKER_REQUEST, 1, -1, big, IPC_MAX_REQUEST);
	n = rope_wait(&rope, &imsg, PATIENCE);
	check(n == 1 && imsg_get_type(&imsg) == IMSG_FRONTEND_REPLY,
	    "a request of %d bytes of nothing is answered", IPC_MAX_REQUEST);
	if (n == 1)
		imsg_free(&imsg);
	n = actor_logged(&broker, "too long");
	rope_send(&rope, IMSG_BROKER_REQUEST, 2, -1, big,
	    IPC_MAX_REQUEST + 1);
	check(!rope_closed(&rope, 500) &&
	    actor_logged(&broker, "too long") == n + 1,
	    "one byte more is refused by the table");
	rope_send(&rope, IMSG_BROKER_REQUEST, 3, -1, big, IPC_MAX_REPLY + 1);
	check(rope_closed(&rope, PATIENCE), "and what no link may carry ends "
	    "the link");
	rope_cut(&rope);
	free(big);
	check(actor_alive(&broker) && honest() == 0, "large requests");
}

static void
flood(void)
{
	struct rope	 rope;
	struct ibuf	*buf;
	long		 kib;
	int		 i;

	buf = request("organization.get", CRED_ACCESS, "x", 600000);
	actor_link(&broker, &rope, ROLE_FRONTEND, 1);
	for (i = 0; i < FLOOD; i++)
		rope_send(&rope, IMSG_BROKER_REQUEST, (uint32_t)i, -1,
		    ibuf_data(buf), ibuf_size(buf));
	ibuf_free(buf);
	check(honest() == 0, "a frontend that floods does not stop another");
	kib = actor_memory(&broker);
	check(kib < FLOOD_MEMORY, "and the broker keeps small: %ld KiB", kib);
	rope_cut(&rope);
	check(honest() == 0 && actor_alive(&broker), "nor when it goes");
}

void
hostile_broker(void)
{
	static const struct {
		enum role	 peer;
		uint32_t	 instance;
	} peers[] = {
		{ ROLE_FRONTEND, 1 }, { ROLE_SIGNER, 0 }, { ROLE_HASHER, 0 },
		{ ROLE_FETCHER, 0 },
	};
	struct target	 t = { &broker, ROLE_FRONTEND, 0, honest };
	size_t		 i;

	if (!check(start() == 0 && honest() == 0, "the broker starts"))
		fatalx("see %s", broker.log);
	not_the_operator();
	replayed_id();
	cancels();
	large();
	lying_signer();
	for (i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		t.peer = peers[i].peer;
		t.instance = peers[i].instance;
		hostile_link(&t);
	}
	flood();
	check(honest() == 0, "the honest frontend was served to the end");
	check(actor_stop(&broker) == 0, "the parent's end ends the broker");
	rope_cut(&good);
}
