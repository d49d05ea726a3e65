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
 * Plays hostile peers to the real processes: grantd-signer, grantd-hasher,
 * grantd-fetcher, grantd-broker and grantd-frontend, each started as the
 * parent starts it.
 * After every attack the process must be alive, must have said what it
 * refused, and must serve an honest peer.
 *
 *	hostile PROGRAMS WORK
 *
 * PROGRAMS: directory with the executables; WORK: one with signing.pem and
 * shared.key, for journal and logs.
 */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "stage.h"

#define HOSTILE_SOON	20000	/* ms, for a link that has to go */
#define HOSTILE_REFUSED	16	/* forbidden messages that a link survives */

/* Sizes around the limits of every message. */
static const size_t hostile_sizes[] = { 0, 1, 3, 5, 17, 64, 200, 8191, 8193,
	15999, 16001 };

static void
survived(const struct target *t, const char *what)
{
	int	 alive = actor_alive(t->actor);

	check(alive && t->honest() == 0, "%s from %s: the %s goes on", what,
	    ipc_role_name(t->peer), ipc_role_name(t->actor->role));
	if (!alive)
		fatalx("%s died, see %s", ipc_role_name(t->actor->role),
		    t->actor->log);
}

static void
rope_new(const struct target *t, struct rope *rope)
{
	actor_link(t->actor, rope, t->peer, t->instance);
}

/* Until the text is in the log so often; a new link would drop the rest. */
static int
logged_wait(const struct target *t, const char *text, int times)
{
	int	 i;

	for (i = 0; i < HOSTILE_SOON; i++) {
		if (actor_logged(t->actor, text) >= times)
			return 0;
		(void)usleep(1000);
	}
	return -1;
}

/* Whether the table lets our peer send this at all. */
static int
peer_may(const struct target *t, uint32_t type)
{
	static const struct {
		enum role	 sender, receiver;
		uint32_t	 type;
	} allowed[] = {
		{ ROLE_BROKER, ROLE_SIGNER, IMSG_SIGNER_MINT },
		{ ROLE_BROKER, ROLE_SIGNER, IMSG_SIGNER_ABANDON },
		{ ROLE_BROKER, ROLE_SIGNER, IMSG_SIGNER_PUBKEY },
		{ ROLE_BROKER, ROLE_HASHER, IMSG_HASHER_HASH },
		{ ROLE_BROKER, ROLE_HASHER, IMSG_HASHER_CHECK },
		{ ROLE_FRONTEND, ROLE_BROKER, IMSG_BROKER_REQUEST },
		{ ROLE_FRONTEND, ROLE_BROKER, IMSG_BROKER_CANCEL },
		{ ROLE_SIGNER, ROLE_BROKER, IMSG_BROKER_MINT_REP },
		{ ROLE_SIGNER, ROLE_BROKER, IMSG_BROKER_PUBKEY },
		{ ROLE_HASHER, ROLE_BROKER, IMSG_BROKER_HASH_REP },
		{ ROLE_HASHER, ROLE_BROKER, IMSG_BROKER_CHECK_REP },
		{ ROLE_BROKER, ROLE_FETCHER, IMSG_FETCHER_GET },
		{ ROLE_FETCHER, ROLE_BROKER, IMSG_BROKER_DOCUMENT_REP },
		{ ROLE_BROKER, ROLE_FRONTEND, IMSG_FRONTEND_REPLY },
		{ ROLE_BROKER, ROLE_FRONTEND, IMSG_FRONTEND_EVENT },
		{ ROLE_BROKER, ROLE_FRONTEND, IMSG_FRONTEND_CATALOGUE },
	};
	size_t	 i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i].sender == t->peer &&
		    allowed[i].receiver == t->actor->role &&
		    allowed[i].type == type)
			return 1;
	return 0;
}

/* Every type that is not this peer's, known or not, in several sizes. */
static void
wrong_sender(const struct target *t)
{
	static char	 zero[256];
	struct rope	 rope;
	uint32_t	 type;
	int		 before = actor_logged(t->actor, "refused:"), sent = 0;
	int		 lost = 0;

	for (type = 0; type < IMSG__MAX + 3; type++) {
		if (peer_may(t, type))
			continue;
		rope_new(t, &rope);
		rope_send(&rope, type, 1, -1, zero, 0);
		rope_send(&rope, type, 2, -1, zero, 200);
		sent += 2;
		lost += logged_wait(t, "refused:", before + sent) == -1;
		rope_cut(&rope);
	}
	survived(t, "messages of another sender, unknown types");
	check(lost == 0, "all %d of them are in the log", sent);
}

static void
unknown_types(const struct target *t)
{
	static const uint32_t	 types[] = { 0x7fffffff, 0x80000000,
	    0xffffffff, 0x10000, 256 };
	struct rope		 rope;
	size_t			 i;
	int			 before;

	before = actor_logged(t->actor, "unknown type");
	rope_new(t, &rope);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		rope_send(&rope, types[i], 1, -1, "x", 1);
	check(logged_wait(t, "unknown type", before +
	    (int)(sizeof(types) / sizeof(types[0]))) == 0,
	    "each wild type is in the log");
	survived(t, "wild types");
	rope_cut(&rope);
}

static void
wrong_sizes(const struct target *t)
{
	static char	 zero[IPC_MAX_MINT + 64];
	struct rope	 rope;
	uint32_t	 type;
	size_t		 i;

	for (type = 1; type < IMSG__MAX; type++) {
		if (!peer_may(t, type))
			continue;
		for (i = 0; i < sizeof(hostile_sizes) / sizeof(size_t); i++) {
			rope_new(t, &rope);
			rope_send(&rope, type, 77, -1, zero,
			    hostile_sizes[i]);
			(void)usleep(1000);
			rope_cut(&rope);
		}
	}
	survived(t, "messages of wrong sizes");
}

/* Random content in the allowed types; what a parser makes of it. */
static void
random_content(const struct target *t)
{
	unsigned char	 bytes[300];
	struct rope	 rope;
	uint32_t	 type;
	int		 i;

	for (type = 1; type < IMSG__MAX; type++) {
		if (!peer_may(t, type))
			continue;
		rope_new(t, &rope);
		for (i = 0; i < 100; i++) {
			arc4random_buf(bytes, sizeof(bytes));
			/* plausible lengths, or nothing gets far */
			if (i % 2)
				memset(bytes, 0, 120);
			rope_send(&rope, type, (uint32_t)i, -1, bytes,
			    1 + arc4random_uniform(sizeof(bytes)));
		}
		(void)usleep(20 * 1000);
		rope_cut(&rope);
	}
	survived(t, "random content");
}

/* Below the framing: lengths that cannot be, and frames that end early. */
static void
broken_frames(const struct target *t)
{
	static const uint32_t	 lengths[] = { 0, 1, 15, 0x7fffffff,
	    0x40000000, 0x01000000 };
	struct imsg_hdr		 hdr;
	struct rope		 rope;
	size_t			 i, n;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(&hdr, 0, sizeof(hdr));
		hdr.type = IMSG_SIGNER_MINT;
		hdr.len = lengths[i];
		rope_new(t, &rope);
		rope_raw(&rope, &hdr, sizeof(hdr));
		check(rope_closed(&rope, HOSTILE_SOON),
		    "a frame of %u bytes ends the link", lengths[i]);
		rope_cut(&rope);
	}
	survived(t, "impossible lengths");

	for (n = 1; n < sizeof(hdr) + 8; n++) {
		char	 frame[sizeof(hdr) + 8] = { 0 };

		memset(&hdr, 0, sizeof(hdr));
		hdr.type = IMSG_HASHER_HASH;
		hdr.len = sizeof(frame);
		memcpy(frame, &hdr, sizeof(hdr));
		rope_new(t, &rope);
		rope_raw(&rope, frame, n);
		rope_cut(&rope);
	}
	survived(t, "frames cut at every byte");
}

/* Descriptors where none belong are refused, and closed. */
static void
descriptors(const struct target *t)
{
	static char	 zero[200];
	struct rope	 rope;
	uint32_t	 type;
	int		 before, sent = 0;

	before = actor_logged(t->actor, "where none belongs");
	for (type = 1; type < IMSG__MAX; type++) {
		if (!peer_may(t, type) || type == IMSG_BROKER_CHECK_REP ||
		    type == IMSG_SIGNER_ABANDON || type == IMSG_BROKER_CANCEL)
			continue;
		rope_new(t, &rope);
		rope_send(&rope, type, 1, open("/dev/null", O_RDONLY), zero,
		    sizeof(zero));
		sent++;
		(void)logged_wait(t, "where none belongs", before + sent);
		rope_cut(&rope);
	}
	survived(t, "descriptors");
	check(actor_logged(t->actor, "where none belongs") - before == sent,
	    "a descriptor where none belongs is refused");
}

/* Who sends too much of it loses the link, and only that one. */
static void
strikes(const struct target *t)
{
	struct rope	 rope;
	int		 i;

	rope_new(t, &rope);
	for (i = 0; i < HOSTILE_REFUSED; i++)
		rope_send(&rope, IMSG_CTL_STATUS, 1, -1, NULL, 0);
	check(!rope_closed(&rope, 100), "%d forbidden messages are borne",
	    HOSTILE_REFUSED);
	rope_send(&rope, IMSG_CTL_STATUS, 1, -1, NULL, 0);
	check(rope_closed(&rope, HOSTILE_SOON), "one more ends the link");
	rope_cut(&rope);
	survived(t, "too many forbidden messages");
}

/* A new link for the same peer replaces the old, many times. */
static void
relinks(const struct target *t)
{
	struct rope	 old, rope;
	int		 i;

	rope_new(t, &old);
	for (i = 0; i < 300; i++) {
		rope_new(t, &rope);
		rope_cut(&old);
		old = rope;
	}
	rope_cut(&old);
	survived(t, "300 new links");
}

void
hostile_link(const struct target *t)
{
	wrong_sender(t);
	unknown_types(t);
	wrong_sizes(t);
	random_content(t);
	broken_frames(t);
	descriptors(t);
	strikes(t);
	relinks(t);
}

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: hostile PROGRAMS WORK\n");
		return 2;
	}
	log_init("hostile", 1, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	stage_set(argv[1], argv[2]);
	confined_all();
	hostile_signer();
	hostile_hasher();
	hostile_fetcher();
	hostile_broker();
	hostile_frontend();
	printf("%d passed, %d failed\n", stage_passed, stage_failed);
	return stage_failed == 0 ? 0 : 1;
}
