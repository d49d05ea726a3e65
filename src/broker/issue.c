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
 * Shared plans, commits and reads: one array call works for all that came
 * while the call before was on its way; for each operation that has such calls
 * there is one batch of plans and one of commits.  Room: broker.  Every
 * element passes the gate inside the call, both times; refusals are data.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mint.h"

/* One an operation, NULL where it has none. */
struct issue {
	struct batch	**plans;
	struct batch	**commits;
};

/* An element's error: the last columns of its row; 0 if it has none. */
static int
issue_error(struct unit *u, int query, unsigned row, struct db_error *e)
{
	const char	*text[ISSUE_ERROR];
	char		*data;
	size_t		 len;
	unsigned	 i, first;

	first = (unsigned)statements[query].ncolumns - ISSUE_ERROR;
	if (unit_get_bytes(u, 0, row, first, &data, &len) == -1)
		return 0;
	for (i = 0; i < ISSUE_ERROR; i++) {
		(void)unit_get_bytes(u, 0, row, first + i, &data, &len);
		text[i] = data == NULL ? "" : data;
	}
	memset(e, 0, sizeof(*e));
	/* 5, always */
	(void)strlcpy(e->sqlstate, text[0], sizeof(e->sqlstate));
	e->message = text[1];
	e->detail = text[2];
	e->hint = text[3];
	e->constraint = text[4];
	e->column = text[5];
	e->table = text[6];
	e->datatype = text[7];
	return 1;
}

/* What both have in common; 1 if the row is good. */
static int
issue_ended(struct request *r, int query, enum unit_result result,
    struct unit *u, unsigned row)
{
	struct msg_reply reply;
	struct db_error	 e;

	r->mint->batch = NULL;
	if (u == NULL) {
		errmap_unit(&reply, result);
		request_reply(r, &reply);
	} else if (result != UNIT_DONE)
		request_unit(r, u, 0, row, NULL);
	else if (issue_error(u, query, row, &e))
		request_error(r, &e);
	else
		return 1;
	return 0;
}

static void
issue_plan_build(struct unit *u, struct batch_item **items, size_t n)
{
	const struct request *r = items[0]->arg;

	bind_batch(u, items, n, r->op->query);
}

static void
issue_planned(struct batch_item *it, enum unit_result result,
    struct unit *u, unsigned row)
{
	struct request	*r = it->arg;
	struct plan_row	 plan = { u, 0, row };

	if (!issue_ended(r, r->op->query, result, u, row))
		return;
	if (r->op->class == OPERATION_READ)
		request_unit(r, u, 0, row, NULL);
	else
		mint_plan(r, &plan);
}

static void
issue_commit_build(struct unit *u, struct batch_item **items, size_t n)
{
	const struct request *r = items[0]->arg;

	bind_batch(u, items, n, r->op->commit);
}

static void
issue_committed(struct batch_item *it, enum unit_result result,
    struct unit *u, unsigned row)
{
	struct request	*r = it->arg;

	if (issue_ended(r, r->op->commit, result, u, row))
		request_unit(r, u, 0, row, mint_stored(r->mint, u, 0, row));
}

static void
issue_add(struct request *r, struct batch *batch, const char *phase)
{
	struct mint	*m = r->mint;

	r->phase = phase;
	memset(&m->item, 0, sizeof(m->item));
	m->item.arg = r;
	m->item.q.deadline = r->deadline;
	m->item.bytes = strlen(r->m.arguments) + 512;
	if (r->carry != NULL)
		m->item.bytes += strlen(r->carry);
	m->batch = batch;
	if (batch_add(batch, &m->item) == -1) {
		m->batch = NULL;
		request_own(r, OWN_FULL);
	}
}

void
issue_plan(struct request *r)
{
	issue_add(r, r->broker->issue->plans[r->op - operations], "plan");
}

void
issue_commit(struct request *r)
{
	issue_add(r, r->broker->issue->commits[r->op - operations], "commit");
}

struct issue *
issue_new(struct broker *b)
{
	struct issue	*is;
	size_t		 i;

	if ((is = calloc(1, sizeof(*is))) == NULL || (is->plans =
	    calloc(noperations, sizeof(*is->plans))) == NULL || (is->commits =
	    calloc(noperations, sizeof(*is->commits))) == NULL)
		fatal("calloc");
	for (i = 0; i < noperations; i++) {
		if (operations[i].shared_plan)
			is->plans[i] = batch_new(b->base, b->db, DB_READ,
			    b->conf.queue_max,
			    operations[i].class == OPERATION_READ ? 0 :
			    BATCH_REST, 1, issue_plan_build, issue_planned);
		if (operations[i].class == OPERATION_MINTBATCH)
			is->commits[i] = batch_new(b->base, b->db, DB_BATCH,
			    b->conf.queue_max, BATCH_REST, 1,
			    issue_commit_build, issue_committed);
	}
	return is;
}

void
issue_expire(struct issue *is, uint64_t now)
{
	size_t i;

	for (i = 0; i < noperations; i++) {
		if (is->plans[i] != NULL)
			batch_expire(is->plans[i], now);
		if (is->commits[i] != NULL)
			batch_expire(is->commits[i], now);
	}
}

int
issue_busy(const struct issue *is)
{
	size_t i;

	for (i = 0; i < noperations; i++) {
		if ((is->plans[i] != NULL && batch_busy(is->plans[i])) ||
		    (is->commits[i] != NULL && batch_busy(is->commits[i])))
			return 1;
	}
	return 0;
}

void
issue_delete(struct issue *is)
{
	size_t i;

	if (is == NULL)
		return;
	for (i = 0; i < noperations; i++) {
		batch_delete(is->plans[i]);
		batch_delete(is->commits[i]);
	}
	free(is->plans);
	free(is->commits);
	free(is);
}
