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
 * Operations that make tokens: a read-only plan through the gate, the
 * signer, and a second unit (or a place in a shared one) that checks again
 * and stores hashes, seed and audit; then the reply.  Room: broker.
 *
 * The broker sees new secrets in passing only: hashes go to the database,
 * the secrets themselves to the reply, and everything is wiped.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "log.h"
#include "mint.h"

/* Columns of a plan. */
enum {
	PLAN_KIND, PLAN_AUDIENCE, PLAN_REFRESH, PLAN_TTL, PLAN_ORGANIZATION,
	PLAN_FAMILY, PLAN_GENERATION, PLAN_SUBJECT, PLAN_CLIENT_ID,
	PLAN_SCOPE, PLAN_SEED_KEY, PLAN_SEED, PLAN_CARRY,
	/* of plans that may want an ID token as well */
	PLAN_ID_TOKEN, PLAN_AUTH_TIME, PLAN_NONCE
};

void
mint_free(struct request *r)
{
	struct mint *m = r->mint;

	if (m == NULL)
		return;
	if (m->sign != NULL)
		sign_cancel(r->broker, m->sign);
	if (m->made && !m->stored)
		sign_abandon(r->broker, m->minted.jti);
	msg_minted_free(&m->minted);
	freezero(m, sizeof(*m));
	r->mint = NULL;
}

int
mint_cancel(struct request *r)
{
	struct mint *m = r->mint;

	if (m == NULL)
		return 0;
	if (m->sign != NULL)
		return 1;	/* mint_free() forgets the question */
	return r->op->class == OPERATION_MINTBATCH &&
	    batch_remove(r->broker->shared[r->op - operations], &m->item);
}

/*
 * What a commit said: the tokens to hand out, NULL if there are none.  One
 * that keeps a change and refuses all the same has stored no token.
 */
const struct msg_minted *
mint_stored(struct mint *m, const struct unit *u, unsigned statement,
    unsigned row)
{
	int32_t status;

	m->stored = unit_result(u) == UNIT_DONE &&
	    unit_get_int4(u, statement, row, 0, &status) == 0 && status < 400;
	return m->made && m->stored ? &m->minted : NULL;
}

static void
mint_commit_done(struct unit *u, void *arg)
{
	struct request *r = arg;

	r->unit = NULL;
	request_unit(r, u, 1, 0, mint_stored(r->mint, u, 1, 0));
}

static void
mint_commit(struct request *r)
{
	struct unit *u;

	if ((u = unit_new(DB_WRITE, r->deadline, mint_commit_done, r)) ==
	    NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	gate_enter(u, r, "commit");
	bind_unit(u, r, r->op->commit);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}

static void
mint_store(struct request *r)
{
	if (r->op->class == OPERATION_MINTBATCH)
		issue_start(r);
	else
		mint_commit(r);
}

/* What the signer's answer means for the caller. */
static const enum errmap_own mint_errors[MINT__MAX] = {
	[MINT_OK] = OWN_INTERNAL,
	[MINT_REFUSED] = OWN_INTERNAL,
	[MINT_BAD_SECRET] = OWN_BAD_REFRESH,
	[MINT_BUSY] = OWN_FULL,
	[MINT_FAILED] = OWN_AWAY,
};

static void
mint_refused(struct request *r, const struct msg_minted *minted)
{
	struct msg_reply reply;

	log_warnx("signer, %s: %s", r->op->name,
	    log_vis(minted->reason, strlen(minted->reason)));
	errmap_own(&reply, mint_errors[minted->error]);
	if (minted->error == MINT_BAD_SECRET)
		refusal_start(r, &reply);
	else
		request_reply(r, &reply);
}

static int
mint_hashes(struct mint *m)
{
	if (gate_hash(m->access_hash, m->minted.access,
	    strlen(m->minted.access)) == -1)
		return -1;
	return gate_hash(m->refresh_hash, m->minted.refresh,
	    strlen(m->minted.refresh));
}

static void
mint_signed(enum sign_result result, struct msg_minted *minted, void *arg)
{
	struct request	*r = arg;
	struct mint	*m = r->mint;

	m->sign = NULL;
	if (result != SIGN_ANSWERED) {
		request_own(r, result == SIGN_AWAY ? OWN_AWAY : OWN_TIMEOUT);
		return;
	}
	if (minted->error != MINT_OK) {
		mint_refused(r, minted);
		return;
	}
	m->minted = *minted;
	memset(minted, 0, sizeof(*minted));
	m->made = 1;
	if (mint_hashes(m) == -1)
		request_own(r, OWN_INTERNAL);
	else
		mint_store(r);
}

static int
mint_u8(struct unit *u, unsigned column, uint8_t *out)
{
	int32_t v;

	if (unit_get_int4(u, 1, 0, column, &v) == -1 || v < 0 ||
	    v > UINT8_MAX)
		return -1;
	*out = (uint8_t)v;
	return 0;
}

/* A null counts as 0. */
static int
mint_u32(struct unit *u, unsigned column, uint32_t *out)
{
	int32_t v = 0;

	if (unit_get_int4(u, 1, 0, column, &v) == 0 && v < 0)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

static int
mint_uuid(struct unit *u, unsigned column, uint8_t out[UUID_LEN])
{
	char	*data;
	size_t	 len;

	if (unit_get_bytes(u, 1, 0, column, &data, &len) == -1 ||
	    len != UUID_LEN)
		return -1;
	memcpy(out, data, UUID_LEN);
	return 0;
}

/* What the plan says of an ID token (OpenID Connect Core 2). */
static int
mint_plan_id(const struct request *r, struct unit *u, struct msg_mint *p)
{
	size_t	 len;
	uint32_t auth_time = 0;

	if (statements[r->op->query].ncolumns <= PLAN_NONCE)
		return 0;
	if (mint_u8(u, PLAN_ID_TOKEN, &p->id_token) == -1 ||
	    mint_u32(u, PLAN_AUTH_TIME, &auth_time) == -1)
		return -1;
	p->auth_time = auth_time;
	(void)unit_get_bytes(u, 1, 0, PLAN_NONCE, &p->nonce, &len);
	return 0;
}

/* A plan without a kind wants no token: its commit says why. */
static int
mint_wanted(struct unit *u)
{
	int32_t kind;

	return unit_rows(u, 1) != 1 ||
	    unit_get_int4(u, 1, 0, PLAN_KIND, &kind) == 0;
}

/* The row of a plan; its texts stay the unit's. */
static int
mint_plan_read(struct request *r, struct unit *u, struct msg_mint *p)
{
	char	*seed;
	size_t	 len;

	memset(p, 0, sizeof(*p));
	if (unit_rows(u, 1) != 1 ||
	    mint_u8(u, PLAN_KIND, &p->kind) == -1 ||
	    mint_u8(u, PLAN_AUDIENCE, &p->audience) == -1 ||
	    mint_u8(u, PLAN_REFRESH, &p->refresh) == -1 ||
	    mint_u32(u, PLAN_TTL, &p->ttl) == -1 ||
	    mint_uuid(u, PLAN_ORGANIZATION, p->organization) == -1 ||
	    mint_uuid(u, PLAN_FAMILY, p->family) == -1 ||
	    mint_u32(u, PLAN_GENERATION, &p->generation) == -1 ||
	    mint_u32(u, PLAN_SEED_KEY, &p->seed_key) == -1)
		return -1;
	if (unit_get_bytes(u, 1, 0, PLAN_SUBJECT, &p->subject, &len) == -1)
		return -1;
	if (unit_get_bytes(u, 1, 0, PLAN_CLIENT_ID, &p->client_id, &len) == -1)
		return -1;
	(void)unit_get_bytes(u, 1, 0, PLAN_SCOPE, &p->scope, &len);
	(void)unit_get_bytes(u, 1, 0, PLAN_SEED, &seed, &p->seed_len);
	p->seed = seed;
	if (p->refresh == MINT_REFRESH_ADVANCE)
		p->presented = r->m.credential_kind == CRED_REFRESH ?
		    r->m.credential : r->m.secret;
	return mint_plan_id(r, u, p);
}

static void
mint_planned(struct unit *u, void *arg)
{
	struct request	*r = arg;
	struct msg_mint	 plan;

	r->unit = NULL;
	if (unit_result(u) != UNIT_DONE) {
		request_unit(r, u, 1, 0, NULL);
		return;
	}
	if (r->gone) {
		request_free(r);
		return;
	}
	if (request_carry(r, u, PLAN_CARRY) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	if (!mint_wanted(u)) {
		mint_store(r);
		return;
	}
	if (mint_plan_read(r, u, &plan) == -1) {
		log_warnx("%s: the plan cannot be read", r->op->name);
		request_own(r, OWN_INTERNAL);
		return;
	}
	r->mint->sign = sign_start(r->broker, &plan, r->deadline, mint_signed,
	    r);
	if (r->mint->sign == NULL)
		request_own(r, OWN_AWAY);
}

void
mint_start(struct request *r)
{
	struct unit *u = NULL;

	if ((r->mint = calloc(1, sizeof(*r->mint))) == NULL ||
	    (u = unit_new(DB_READ, r->deadline, mint_planned, r)) == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	gate_enter(u, r, "plan");
	bind_unit(u, r, r->op->query);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}
