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
 * Shared commits of class mintbatch: one array call stores what was signed
 * while the call before was on its way, one batch an operation.  Room: broker.  Every element
 * passes the gate again, inside the call; refusals come back as data.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mint.h"

static void
issue_build(struct unit *u, struct batch_item **items, size_t n)
{
	const struct request *r = items[0]->arg;

	bind_batch(u, items, n, r->op->commit);
}

/* An element's error out of its row; 0 if it has none. */
static int
issue_error(struct unit *u, unsigned row, struct db_error *e)
{
	const char	*text[8];
	char		*data;
	size_t		 len;
	unsigned	 i;

	if (unit_get_bytes(u, 0, row, 2, &data, &len) == -1)
		return 0;
	memset(e, 0, sizeof(*e));
	(void)strlcpy(e->sqlstate, data, sizeof(e->sqlstate)); /* 5, always */
	for (i = 0; i < 7; i++) {
		(void)unit_get_bytes(u, 0, row, 3 + i, &data, &len);
		text[i] = data == NULL ? "" : data;
	}
	e->message = text[0];
	e->detail = text[1];
	e->hint = text[2];
	e->constraint = text[3];
	e->column = text[4];
	e->table = text[5];
	e->datatype = text[6];
	return 1;
}

static void
issue_done(struct batch_item *it, enum unit_result result,
    struct unit *u, unsigned row)
{
	struct request	*r = it->arg;
	struct msg_reply reply;
	struct db_error	 e;

	if (u == NULL) {
		errmap_unit(&reply, result);
		request_reply(r, &reply);
	} else if (result == UNIT_DONE && issue_error(u, row, &e))
		request_error(r, &e);
	else
		request_unit(r, u, 0, row, mint_stored(r->mint, u, 0, row));
}

void
issue_start(struct request *r)
{
	struct batch	*batch = r->broker->shared[r->op - operations];
	struct mint	*m = r->mint;

	r->phase = "commit";
	m->item.arg = r;
	m->item.q.deadline = r->deadline;
	m->item.bytes = strlen(r->m.arguments) + strlen(r->carry) + 512;
	if (batch_add(batch, &m->item) == -1)
		request_own(r, OWN_FULL);
}

struct batch **
issue_batches_new(struct broker *b)
{
	struct batch	**shared;
	size_t		 i;

	if ((shared = calloc(noperations, sizeof(*shared))) == NULL)
		fatal("calloc");
	for (i = 0; i < noperations; i++) {
		if (operations[i].class == OPERATION_MINTBATCH)
			shared[i] = batch_new(b->base, b->db, DB_BATCH,
			    b->conf.queue_max, 1, issue_build, issue_done);
	}
	return shared;
}

void
issue_batches_expire(struct broker *b, uint64_t now)
{
	size_t i;

	for (i = 0; i < noperations; i++) {
		if (b->shared[i] != NULL)
			batch_expire(b->shared[i], now);
	}
}

int
issue_batches_busy(const struct broker *b)
{
	size_t i;

	for (i = 0; i < noperations; i++) {
		if (b->shared[i] != NULL && batch_busy(b->shared[i]))
			return 1;
	}
	return 0;
}

void
issue_batches_delete(struct broker *b)
{
	size_t i;

	for (i = 0; b->shared != NULL && i < noperations; i++)
		batch_delete(b->shared[i]);
	free(b->shared);
	b->shared = NULL;
}
