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
 * Class password: a plan finds what to check against, a hasher checks (and
 * hashes a new one), a commit acts on the outcome.  Room: broker.  What a
 * person typed goes to the hasher alone.
 *
 * A plan without a hash stands for somebody unknown: the hasher does the
 * same work and says no.
 */

#include "config.h"

#include <netinet/in.h>
#include <arpa/inet.h>

#include <string.h>

#include "broker.h"
#include "log.h"

/* Columns of a plan. */
enum { PLAN_HASH, PLAN_CARRY };

static void	 password_make(struct request *, const char *);

static void
password_done(struct unit *u, void *arg)
{
	struct request *r = arg;

	r->unit = NULL;
	request_unit(r, u, 1, 0, NULL);
}

static void
password_commit(struct request *r)
{
	gate_unit(r, DB_WRITE, "commit", r->op->commit, password_done);
}

/* The hasher's trouble is ours to report; 1 if there was one. */
static int
password_failed(struct request *r, enum hash_result result)
{
	r->job = NULL;
	if (result == HASH_ANSWERED)
		return 0;
	request_own(r, result == HASH_AWAY ? OWN_AWAY : OWN_TIMEOUT);
	return 1;
}

static void
password_made(enum hash_result result, int ok, const char *hash, int stale,
    void *arg)
{
	struct request *r = arg;

	(void)stale;
	if (password_failed(r, result))
		return;
	if (!ok || (r->password_hash = strdup(hash)) == NULL)
		request_own(r, OWN_INTERNAL);
	else
		password_commit(r);
}

static void
password_checked(enum hash_result result, int ok, const char *hash,
    int stale, void *arg)
{
	struct request *r = arg;

	(void)hash;
	if (password_failed(r, result))
		return;
	r->password_ok = ok && strlen(r->m.password) <= MSG_MAX_PASSWORD;
	if (r->password_ok && r->m.new_password[0] != '\0')
		password_make(r, r->m.new_password);
	else if (r->password_ok && stale)
		password_make(r, r->m.password);
	else
		password_commit(r);
}

/* Of IPv6 the /48 is whoever asks; grantctl is not counted. */
static void
password_peer(const struct request *r, char *out, size_t size)
{
	struct in6_addr	a;

	out[0] = '\0';
	if (r->m.credential_kind == CRED_CONTROL)
		return;
	if (inet_pton(AF_INET6, r->m.peer, &a) == 1) {
		memset(a.s6_addr + 6, 0, 10);
		if (inet_ntop(AF_INET6, &a, out, (socklen_t)size) != NULL)
			return;
	}
	/* A longer one is no address; cut, it still counts. */
	(void)strlcpy(out, r->m.peer, size);
}

static void
password_make(struct request *r, const char *password)
{
	char	peer[HASH_MAX_PEER + 1];

	password_peer(r, peer, sizeof(peer));
	r->job = hash_request(r->broker->hashing, peer, password, r->deadline,
	    password_made, r);
	if (r->job == NULL)
		request_own(r, OWN_FULL);
}

/* One that is too long to be anybody's costs what a wrong one costs. */
static void
password_check(struct request *r, const char *hash)
{
	const char	*password = r->m.password;
	char		 peer[HASH_MAX_PEER + 1];

	if (strlen(password) > MSG_MAX_PASSWORD) {
		password = "-";
		hash = "";
	}
	password_peer(r, peer, sizeof(peer));
	r->job = check_request(r->broker->hashing, peer, password, hash,
	    r->deadline, password_checked, r);
	if (r->job == NULL)
		request_own(r, OWN_FULL);
}

static void
password_planned(struct unit *u, void *arg)
{
	struct request	*r = arg;
	char		*hash;
	size_t		 len;

	r->unit = NULL;
	if (unit_result(u) != UNIT_DONE) {
		request_unit(r, u, 1, 0, NULL);
		return;
	}
	if (r->gone) {
		request_free(r);
		return;
	}
	if (unit_rows(u, 1) != 1 ||
	    request_carry(r, u, 1, 0, PLAN_CARRY) == -1) {
		log_warnx("%s: the plan cannot be read", r->op->name);
		request_own(r, OWN_INTERNAL);
		return;
	}
	if (unit_get_bytes(u, 1, 0, PLAN_HASH, &hash, &len) == -1)
		hash = NULL;
	if (r->m.password[0] != '\0')
		password_check(r, hash == NULL ? "" : hash);
	else if (r->m.new_password[0] != '\0')
		password_make(r, r->m.new_password);
	else
		password_commit(r);
}

void
password_start(struct request *r)
{
	gate_unit(r, DB_READ, "plan", r->op->query, password_planned);
}
