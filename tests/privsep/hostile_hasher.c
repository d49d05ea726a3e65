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


/* A broker turned hostile, before the real grantd-hasher. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "msg_hasher.h"
#include "stage.h"

#define COST		6	/* so that thousands take seconds */
#define PATIENCE	30000	/* ms */
#define FLOOD		2000
#define FLOOD_MEMORY	(128 * 1024)	/* KiB, with sanitizers in mind */

static struct actor	 hasher;
static struct rope	 good;
static uint32_t		 next_id = 1000;
static char		 known[MSG_MAX_HASH + 1];	/* of "correct horse" */

static struct ibuf *
check_buf(const char *password, const char *hash)
{
	struct ibuf	*buf = stage_buf();

	if (msg_add_str(buf, password) == -1 || msg_add_str(buf, hash) == -1)
		fatal("msg_check");
	return buf;
}

/* The payload of the answer to id in out; 0 or -1. */
static int
answer(uint32_t id, uint32_t type, unsigned char *out, size_t size,
    size_t *len)
{
	struct imsg	 imsg;
	int		 result;

	while (rope_wait(&good, &imsg, PATIENCE) == 1) {
		if (imsg_get_id(&imsg) != id) {
			imsg_free(&imsg);
			continue;
		}
		*len = imsg_get_len(&imsg);
		result = imsg_get_type(&imsg) == type && *len <= size ?
		    imsg_get_data(&imsg, out, *len) : -1;
		imsg_free(&imsg);
		return result;
	}
	return -1;
}

/* 1 or 0 as the hasher says, -1 without an answer. */
static int
ask(struct ibuf *buf, int *stale)
{
	unsigned char	 out[2];
	uint32_t	 id = next_id++;
	size_t		 len;

	rope_send_buf(&good, IMSG_HASHER_CHECK, id, buf);
	if (answer(id, IMSG_BROKER_CHECK_REP, out, sizeof(out), &len) == -1)
		return -1;
	if (stale != NULL)
		*stale = out[1];
	return out[0];
}

/* A new hash of the password; 0 or -1. */
static int
make(const char *password, size_t len, char *hash, size_t size)
{
	struct msg_hashed	 made;
	struct ibuf		 view, *buf = stage_buf();
	unsigned char		 out[256];
	uint32_t		 id = next_id++;
	size_t			 n;
	int			 result = -1;

	if (msg_add_bytes(buf, password, len) == -1)
		fatal("msg_hash");
	rope_send_buf(&good, IMSG_HASHER_HASH, id, buf);
	if (answer(id, IMSG_BROKER_HASH_REP, out, sizeof(out), &n) == -1)
		return -1;
	ibuf_from_buffer(&view, out, n);
	if (msg_hashed_decode(&view, &made) == 0 && made.ok &&
	    strlcpy(hash, made.hash, size) < size)
		result = 0;
	msg_hashed_free(&made);
	return result;
}

static int
honest(void)
{
	return ask(check_buf("correct horse", known), NULL) == 1 &&
	    ask(check_buf("wrong horse", known), NULL) == 0 ? 0 : -1;
}

static int
start(void)
{
	struct conf_hasher	 conf = { .cost = COST };
	struct ibuf		*buf = stage_buf();

	base_add(buf);
	if (conf_hasher_encode(buf, &conf) == -1)
		fatal("conf_hasher");
	actor_start(&hasher, ROLE_HASHER, buf);
	actor_link(&hasher, &good, ROLE_BROKER, 0);
	return actor_ready(&hasher);
}

static void
passwords(void)
{
	char	 hash[MSG_MAX_HASH + 1], longest[MSG_MAX_PASSWORD + 1];
	char	 too_long[MSG_MAX_PASSWORD + 2];
	int	 stale = -1;

	check(strncmp(known, "$2b$06$", 7) == 0 && strlen(known) == 60,
	    "a hash is bcrypt of the configured cost");
	memset(longest, 'p', MSG_MAX_PASSWORD);
	longest[MSG_MAX_PASSWORD] = '\0';
	check(make(longest, MSG_MAX_PASSWORD, hash, sizeof(hash)) == 0 &&
	    ask(check_buf(longest, hash), NULL) == 1,
	    "72 bytes are a password");
	longest[MSG_MAX_PASSWORD - 1] = 'q';
	check(ask(check_buf(longest, hash), NULL) == 0,
	    "and the last of them counts");
	memset(too_long, 'p', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	check(make(too_long, sizeof(too_long) - 1, hash, sizeof(hash)) == -1,
	    "73 bytes are refused");
	check(make("", 0, hash, sizeof(hash)) == -1,
	    "an empty password is refused");
	check(make("a\0b", 3, hash, sizeof(hash)) == -1,
	    "a NUL inside is refused");
	/* cost 4, made elsewhere, of "U*U" */
	check(ask(check_buf("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC."
	    "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), &stale) == 1 && stale == 1,
	    "a hash of lower cost is right, and stale");
	check(ask(check_buf("correct horse", known), &stale) == 1 &&
	    stale == 0, "one of our own is not");
}

static long
spent(const char *password, const char *hash)
{
	struct timespec	 a, b;

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	if (ask(check_buf(password, hash), NULL) != 0)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * 1000000 +
	    (b.tv_nsec - a.tv_nsec) / 1000;
}

static void
lesser(long *best, long us)
{
	if (us >= 0 && (*best == -1 || us < *best))
		*best = us;
}

static int
alike(long us, long wrong)
{
	return us >= 0 && us > wrong / 3 && us < wrong * 3;
}

/*
 * The least of several, in turn with a wrong password: other work on the
 * machine only adds, so that a busy one needs more of them.  An answer without
 * work takes a hundredth.
 */
static void
constant_work(void)
{
	static const char *const	 strange[] = {
		"", "x", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4"
		"YMJKvyOeW", "$1$salt$hash", "$2b$06$short",
		"$6$rounds=999999999$x$y", "*", "$2b$06$!!!!!!!!!!!!!!!!!!!!!!"
		"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
		/* of somebody who did not sign in since the cost was raised */
		"$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
	};
	long	 us, wrong;
	size_t	 i;
	int	 j;

	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		us = wrong = -1;
		for (j = 0; j < 9 || (j < 99 && !alike(us, wrong)); j++) {
			lesser(&wrong, spent("wrong horse", known));
			lesser(&us, spent("correct horse", strange[i]));
		}
		check(alike(us, wrong),
		    "hash \"%.12s\" costs as much as a wrong password: "
		    "%ld of %ld us", strange[i], us, wrong);
	}
}

/* Another broker's heap of work does not stand before ours. */
static void
flood(void)
{
	struct rope	 rope;
	struct ibuf	*buf = check_buf("flood", known);
	long		 kib, one, us;
	int		 i;

	one = spent("wrong horse", known);
	actor_link(&hasher, &rope, ROLE_BROKER, 1);
	for (i = 0; i < FLOOD; i++)
		rope_send(&rope, IMSG_HASHER_CHECK, 1, -1, ibuf_data(buf),
		    ibuf_size(buf));
	ibuf_free(buf);
	us = spent("wrong horse", known);
	check(us >= 0, "a broker that floods does not stop another");
	/* two thousand are before it */
	check(us < 2000000 + 20 * one, "who waits for its own work only: "
	    "%ld us, alone %ld", us, one);
	kib = actor_memory(&hasher);
	check(kib < FLOOD_MEMORY, "and the hasher keeps small: %ld KiB", kib);
	rope_cut(&rope);
	check(honest() == 0, "nor when it goes");
}

void
hostile_hasher(void)
{
	struct target	 t = { &hasher, ROLE_BROKER, 1, honest };
	struct rope	 rope;

	if (!check(start() == 0 && make("correct horse", 13, known,
	    sizeof(known)) == 0 && honest() == 0, "the hasher starts"))
		fatalx("see %s", hasher.log);
	passwords();
	constant_work();
	hostile_link(&t);
	flood();
	actor_link(&hasher, &rope, ROLE_FRONTEND, 0);
	check(rope_closed(&rope, PATIENCE),
	    "a link to a frontend is not taken");
	rope_cut(&rope);
	check(honest() == 0, "the honest broker was served to the end");
	check(actor_logged(&hasher, "correct horse") == 0,
	    "no password is in the log");
	check(actor_stop(&hasher) == 0, "the parent's end ends the hasher");
	rope_cut(&good);
}
