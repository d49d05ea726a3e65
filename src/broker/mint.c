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
 * Operations that make tokens: a plan through the gate that changes nothing,
 * the signer, and a second unit that checks again and stores hashes, seed and
 * audit; then the reply.  Each of the two is a unit of its own or a place in
 * a shared one (issue.c).  Room: broker.
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

#define MINT_TRIES	5	/* of a plan that others overtake */

static void	mint_ask(struct request *);

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
	return m->batch != NULL && batch_remove(m->batch, &m->item);
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

/* The commit found that another request had changed what the plan saw. */
static int
mint_raced(const struct unit *u)
{
	struct db_error e;

	if (unit_result(u) != UNIT_FAILED)
		return 0;
	unit_error(u, &e);
	return strcmp(e.sqlstate, "40001") == 0;
}

static void
mint_commit_done(struct unit *u, void *arg)
{
	struct request	*r = arg;
	struct mint	*m = r->mint;

	r->unit = NULL;
	if (!mint_raced(u) || ++m->tries == MINT_TRIES) {
		request_unit(r, u, 1, 0, mint_stored(m, u, 1, 0));
		return;
	}
	if (m->made)
		sign_abandon(r->broker, m->minted.jti);
	m->made = 0;
	msg_minted_free(&m->minted);
	if (r->gone)
		request_free(r);
	else
		mint_ask(r);
}

static void
mint_commit(struct request *r)
{
	gate_unit(r, DB_WRITE, "commit", r->op->commit, mint_commit_done);
}

static void
mint_store(struct request *r)
{
	if (r->op->class == OPERATION_MINTBATCH)
		issue_commit(r);
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
	struct msg_reply	reply;
	enum errmap_own		why = mint_errors[minted->error];

	log_warnx("signer, %s: %s", r->op->name,
	    log_vis(minted->reason, strlen(minted->reason)));
	/* A client showed it beside its own credential, which was good. */
	if (why == OWN_BAD_REFRESH && r->m.credential_kind != CRED_REFRESH)
		why = OWN_BAD_GRANT;
	errmap_own(&reply, why);
	if (minted->error == MINT_BAD_SECRET)
		refusal_start(r, &reply);
	else
		request_reply(r, &reply);
}

static int
mint_hashes(struct mint *m)
{
	if (gate_hash_text(m->access_hash, m->minted.access) == -1)
		return -1;
	return gate_hash_text(m->refresh_hash, m->minted.refresh);
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

void
mint_plan(struct request *r, const struct plan_row *row)
{
	struct msg_mint	 plan;
	int		 wanted;

	if (r->gone) {
		request_free(r);
		return;
	}
	if ((wanted = plan_read(row, r, &plan)) == -1) {
		log_warnx("%s: the plan cannot be read", r->op->name);
		request_own(r, OWN_INTERNAL);
		return;
	}
	if (r->carry == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	if (!wanted) {
		mint_store(r);
		return;
	}
	r->mint->sign = sign_start(r->broker, &plan, r->deadline, mint_signed,
	    r);
	if (r->mint->sign == NULL)
		request_own(r, OWN_AWAY);
}

static void
mint_planned(struct unit *u, void *arg)
{
	struct request	*r = arg;
	struct plan_row	 row = { u, 1, 0 };

	r->unit = NULL;
	if (unit_result(u) == UNIT_DONE)
		mint_plan(r, &row);
	else
		request_unit(r, u, 1, 0, NULL);
}

static void
mint_ask(struct request *r)
{
	gate_unit(r, DB_READ, "plan", r->op->query, mint_planned);
}

void
mint_start(struct request *r)
{
	if ((r->mint = calloc(1, sizeof(*r->mint))) == NULL)
		request_own(r, OWN_FULL);
	else if (r->op->shared_plan)
		issue_plan(r);
	else
		mint_ask(r);
}
