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
 * A broker turned hostile, before the real grantd-signer.  Nothing may be
 * signed that the policy does not know, nothing that the journal lacks.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "log.h"
#include "msg_signer.h"
#include "stage.h"

#define LIFETIME_MAX	3600	/* s, the signer's cap in this test */
#define PATIENCE	30000	/* ms */
#define FLOOD		30000	/* requests, never read */
#define FLOOD_MEMORY	(128 * 1024)	/* KiB, with sanitizers in mind */

static struct actor	 signer;
static struct rope	 good;		/* of broker 0, which does no harm */
static uint32_t		 next_id = 1000;
static int		 tokens;	/* that we were answered */

/* What a decent broker asks: an integration's token. */
static struct ibuf *
mint(const char *subject, uint8_t kind, uint8_t audience, uint8_t refresh,
    uint32_t ttl)
{
	static const char	 connectors[] = "grantd-connectors";
	struct msg_mint		 m;
	struct ibuf		*buf = stage_buf();
	char			*text[2];

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.audience = audience;
	m.refresh = refresh;
	m.ttl = ttl;
	memset(m.organization, 1, sizeof(m.organization));
	memset(m.family, 2, sizeof(m.family));
	m.generation = 1;
	if ((text[0] = strdup(subject)) == NULL ||
	    (text[1] = strdup(connectors)) == NULL)
		fatal("strdup");
	m.subject = text[0];
	m.client_id = text[1];
	if (msg_mint_encode(buf, &m) == -1)
		fatal("msg_mint");
	free(text[0]);
	free(text[1]);
	return buf;
}

static struct ibuf *
honest_mint(void)
{
	return mint("0190163d-8694-739b-aea5-966c26f8ad91", TOKEN_INTEGRATION,
	    AUD_CONNECTORS, MINT_REFRESH_NONE, 600);
}

/* Waits for the answer to id, passing over others; error or -1. */
static int
answer(struct rope *rope, uint32_t id, struct msg_minted *made)
{
	struct imsg	 imsg;
	struct ibuf	 buf;
	int		 result;

	memset(made, 0, sizeof(*made));
	while (rope_wait(rope, &imsg, PATIENCE) == 1) {
		if (imsg_get_type(&imsg) != IMSG_BROKER_MINT_REP ||
		    imsg_get_id(&imsg) != id) {
			imsg_free(&imsg);
			continue;
		}
		result = imsg_get_ibuf(&imsg, &buf) == -1 ||
		    msg_minted_decode(&buf, made) == -1 ? -1 : made->error;
		imsg_free(&imsg);
		tokens += result == MINT_OK;
		return result;
	}
	return -1;
}

static int
honest(void)
{
	struct msg_minted	 made;
	uint32_t		 id = next_id++;
	int			 result;

	rope_send_buf(&good, IMSG_SIGNER_MINT, id, honest_mint());
	result = answer(&good, id, &made) == MINT_OK &&
	    made.access[0] != '\0' ? 0 : -1;
	msg_minted_free(&made);
	return result;
}

static int
open_file(const char *name, int flags)
{
	int	 fd;

	if ((fd = open(stage_path(name), flags | O_CLOEXEC, 0600)) == -1)
		fatal("%s", stage_path(name));
	return fd;
}

static void
send_key(uint8_t purpose, uint32_t version, const char *name)
{
	struct msg_key	 m;
	struct ibuf	*buf = stage_buf();

	memset(&m, 0, sizeof(m));
	m.purpose = purpose;
	m.version = version;
	if ((m.name = strdup(name)) == NULL || msg_key_encode(buf, &m) == -1)
		fatal("msg_key");
	free(m.name);
	actor_send(&signer, IMSG_SIGNER_KEY, 0, open_file(name, O_RDONLY),
	    buf);
}

static int
start(void)
{
	struct conf_signer	 conf;
	struct ibuf		*buf = stage_buf();

	memset(&conf, 0, sizeof(conf));
	conf.lifetime_max = LIFETIME_MAX;
	conf.rate_max = 1000000;
	base_add(buf);
	if ((conf.issuer = strdup("https://issuer.example")) == NULL ||
	    conf_signer_encode(buf, &conf) == -1)
		fatal("conf_signer");
	free(conf.issuer);
	actor_start(&signer, ROLE_SIGNER, buf);
	send_key(KEY_SIGN, 0, "signing.pem");
	send_key(KEY_SHARED, 1, "shared.key");
	actor_send(&signer, IMSG_SIGNER_JOURNAL, 0, open_file("journal",
	    O_RDWR | O_CREAT | O_APPEND), NULL);
	actor_link(&signer, &good, ROLE_BROKER, 0);
	return actor_ready(&signer);
}

/* Well-formed requests that the policy must refuse. */
static void
against_policy(void)
{
	static const char	 uuid[] =
	    "0190163d-8694-739b-aea5-966c26f8ad91";
	static const struct {
		const char	*what;
		const char	*subject;
		uint8_t		 kind, audience, refresh;
		uint32_t	 ttl;
	} bad[] = {
		{ "no kind", uuid, TOKEN_NONE, AUD_CONNECTORS, 0, 60 },
		{ "an unknown kind", uuid, 200, AUD_CONNECTORS, 0, 60 },
		{ "the management audience", uuid, TOKEN_INTEGRATION, AUD_V1,
		    0, 60 },
		{ "two doors", uuid, TOKEN_INTEGRATION,
		    AUD_V1 | AUD_CONNECTORS, 0, 60 },
		{ "no audience", uuid, TOKEN_INTEGRATION, 0, 0, 60 },
		{ "unknown audiences", uuid, TOKEN_INTEGRATION, 0xf0, 0, 60 },
		{ "another's kind", uuid, TOKEN_ORGANIZATION, AUD_V1, 0, 60 },
		{ "an unknown refresh mode", uuid, TOKEN_INTEGRATION,
		    AUD_CONNECTORS, 9, 60 },
		{ "an advance without a secret", uuid, TOKEN_INTEGRATION,
		    AUD_CONNECTORS, MINT_REFRESH_ADVANCE, 60 },
		{ "no lifetime", uuid, TOKEN_INTEGRATION, AUD_CONNECTORS, 0,
		    0 },
		{ "a subject that writes claims", "x\",\"admin\":\"true",
		    TOKEN_INTEGRATION, AUD_CONNECTORS, 0, 60 },
		{ "no subject", "", TOKEN_INTEGRATION, AUD_CONNECTORS, 0, 60 },
	};
	struct msg_minted	 made;
	size_t			 i;
	uint32_t		 id;
	int			 error;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		id = next_id++;
		rope_send_buf(&good, IMSG_SIGNER_MINT, id, mint(bad[i].subject,
		    bad[i].kind, bad[i].audience, bad[i].refresh,
		    bad[i].ttl));
		error = answer(&good, id, &made);
		check(error == MINT_REFUSED && made.access[0] == '\0' &&
		    made.refresh[0] == '\0', "%s is not signed", bad[i].what);
		msg_minted_free(&made);
	}
	id = next_id++;
	rope_send_buf(&good, IMSG_SIGNER_MINT, id, mint(uuid,
	    TOKEN_INTEGRATION, AUD_CONNECTORS, 0, UINT32_MAX));
	error = answer(&good, id, &made);
	check(error == MINT_OK && made.exp - made.iat == LIFETIME_MAX,
	    "a life of %u s is cut to the cap", UINT32_MAX);
	msg_minted_free(&made);
}

/* Random bytes where a request should be: never a token. */
static void
random_requests(void)
{
	struct msg_minted	 made;
	unsigned char		 bytes[300];
	uint32_t		 id;
	int			 i, signed_ = 0, silent = 0, n;

	for (i = 0; i < 300; i++) {
		arc4random_buf(bytes, sizeof(bytes));
		bytes[0] = (unsigned char)(i % 5);
		id = next_id++;
		rope_send(&good, IMSG_SIGNER_MINT, id, -1, bytes,
		    100 + (size_t)i % 200);
		n = answer(&good, id, &made);
		signed_ += n == MINT_OK;
		silent += n == -1;
		msg_minted_free(&made);
	}
	check(signed_ == 0 && silent == 0,
	    "300 random requests: %d signed, %d without an answer", signed_,
	    silent);
}

/* The same id again: an answer for each, and never the same token. */
static void
replayed_id(void)
{
	struct msg_minted	 a, b;
	uint32_t		 id = next_id++;
	int			 i, j;

	rope_send_buf(&good, IMSG_SIGNER_MINT, id, honest_mint());
	rope_send_buf(&good, IMSG_SIGNER_MINT, id, honest_mint());
	i = answer(&good, id, &a);
	j = answer(&good, id, &b);
	check(i == MINT_OK && j == MINT_OK &&
	    memcmp(a.jti, b.jti, UUID_LEN) != 0 &&
	    strcmp(a.access, b.access) != 0,
	    "an id that comes again is answered with a token of its own");
	msg_minted_free(&a);
	msg_minted_free(&b);
}

/* How often the text is in the journal. */
static int
journalled(const char *text)
{
	struct actor	 file = signer;

	(void)strlcpy(file.log, stage_path("journal"), sizeof(file.log));
	return actor_logged(&file, text);
}

/* A broker hands over a key and a journal of its own. */
static void
foreign_key(void)
{
	struct msg_key	 m;
	struct rope	 rope;
	struct ibuf	*buf = stage_buf();
	char		 name[] = "mine";
	int		 i, before = actor_logged(&signer, "not this sender's");

	memset(&m, 0, sizeof(m));
	m.purpose = KEY_PUBLISH;
	m.name = name;
	if (msg_key_encode(buf, &m) == -1)
		fatal("msg_key");
	actor_link(&signer, &rope, ROLE_BROKER, 1);
	rope_send(&rope, IMSG_SIGNER_KEY, 1, open_file("signing.pem",
	    O_RDONLY), ibuf_data(buf), ibuf_size(buf));
	rope_send(&rope, IMSG_SIGNER_JOURNAL, 2, open_file("other",
	    O_RDWR | O_CREAT), NULL, 0);
	ibuf_free(buf);
	for (i = 0; i < PATIENCE; i++) {
		if (actor_logged(&signer, "not this sender's") == before + 2)
			break;
		(void)usleep(1000);
	}
	check(i < PATIENCE, "a broker's key and journal are refused");
	check(journalled(" use=publish") == 0 && honest() == 0,
	    "and nothing comes of them");
	rope_cut(&rope);
}

/* One broker floods and never reads; the other is served. */
static void
flood(void)
{
	struct rope	 rope;
	struct ibuf	*buf = honest_mint();
	long		 kib;
	int		 i;

	actor_link(&signer, &rope, ROLE_BROKER, 1);
	for (i = 0; i < FLOOD; i++)
		rope_send(&rope, IMSG_SIGNER_MINT, (uint32_t)i, -1,
		    ibuf_data(buf), ibuf_size(buf));
	ibuf_free(buf);
	check(honest() == 0, "a broker that floods does not stop another");
	kib = actor_memory(&signer);
	check(kib < FLOOD_MEMORY, "and the signer keeps small: %ld KiB", kib);
	rope_cut(&rope);
	check(honest() == 0 && actor_alive(&signer), "nor when it goes");
}

/* One line in the journal for each token, and none without. */
static void
journal(void)
{
	int	 before = journalled(" mint jti=");

	check(before == tokens, "%d tokens were given out, %d are in the "
	    "journal", tokens, before);
	check(honest() == 0 && journalled(" mint jti=") == before + 1,
	    "one more line for one more token");
	against_policy();
	check(journalled(" mint jti=") == before + 2 &&
	    journalled(" refused broker=0") > 0,
	    "what was refused has a line of its own");
}

void
hostile_signer(void)
{
	struct target	 t = { &signer, ROLE_BROKER, 1, honest };
	struct rope	 rope;

	if (!check(start() == 0 && honest() == 0, "the signer starts"))
		fatalx("see %s", signer.log);
	against_policy();
	random_requests();
	replayed_id();
	foreign_key();
	hostile_link(&t);
	journal();
	flood();
	/* A frontend has no link to the signer, whoever asks. */
	actor_link(&signer, &rope, ROLE_FRONTEND, 0);
	check(rope_closed(&rope, PATIENCE),
	    "a link to a frontend is not taken");
	rope_cut(&rope);
	check(honest() == 0, "the honest broker was served to the end");
	check(actor_stop(&signer) == 0, "the parent's end ends the signer");
	rope_cut(&good);
}
