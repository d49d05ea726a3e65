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
 * The shared commit of token.issue: one array call stores what was signed
 * while the call before was on its way.  Room: broker.  Every element
 * passes the gate again, inside the call; refusals come back as data.
 */

#include "config.h"

#include <string.h>

#include "mint.h"

/* Arrays of the shared commit, in the order of token_issue_batch. */
enum {
	ISSUE_CRED_HASH, ISSUE_CRED_KIND, ISSUE_HINT_EXPIRY,
	ISSUE_REQUEST_ID, ISSUE_PEER, ISSUE_ARGS, ISSUE_CARRY, ISSUE_JTI,
	ISSUE_ACCESS_HASH, ISSUE_IAT, ISSUE_EXP, ISSUE__MAX
};

static const struct {
	uint32_t	oid;
	size_t		size;	/* bytes of an element, about */
} issue_types[ISSUE__MAX] = {
	[ISSUE_CRED_HASH] = { OID_BYTEA, 36 },
	[ISSUE_CRED_KIND] = { OID_INT4, 8 },
	[ISSUE_HINT_EXPIRY] = { OID_INT8, 12 },
	[ISSUE_REQUEST_ID] = { OID_UUID, 20 },
	[ISSUE_PEER] = { OID_TEXT, 24 },
	[ISSUE_ARGS] = { OID_JSONB, 160 },
	[ISSUE_CARRY] = { OID_JSONB, 256 },
	[ISSUE_JTI] = { OID_UUID, 20 },
	[ISSUE_ACCESS_HASH] = { OID_BYTEA, 36 },
	[ISSUE_IAT] = { OID_INT8, 12 },
	[ISSUE_EXP] = { OID_INT8, 12 },
};

static void
issue_add(struct array *a, const struct request *r)
{
	const struct mint *m = r->mint;
	const uint8_t	*hash = gate_credential(r);

	if (hash == NULL)
		array_null(&a[ISSUE_CRED_HASH]);
	else
		array_bytes(&a[ISSUE_CRED_HASH], hash, HASH_LEN);
	array_int4(&a[ISSUE_CRED_KIND], r->m.credential_kind);
	array_int8(&a[ISSUE_HINT_EXPIRY], gate_expiry(r));
	array_bytes(&a[ISSUE_REQUEST_ID], r->m.request_id, UUID_LEN);
	array_text(&a[ISSUE_PEER], r->m.peer);
	array_jsonb(&a[ISSUE_ARGS], r->m.arguments);
	array_jsonb(&a[ISSUE_CARRY], m->carry);
	array_bytes(&a[ISSUE_JTI], m->minted.jti, UUID_LEN);
	array_bytes(&a[ISSUE_ACCESS_HASH], m->access_hash, HASH_LEN);
	array_int8(&a[ISSUE_IAT], (int64_t)m->minted.iat);
	array_int8(&a[ISSUE_EXP], (int64_t)m->minted.exp);
}

static void
issue_build(struct unit *u, struct batch_item **items, size_t n)
{
	struct array	 a[ISSUE__MAX];
	size_t		 i;

	for (i = 0; i < ISSUE__MAX; i++)
		array_init(&a[i], issue_types[i].oid,
		    n * issue_types[i].size);
	for (i = 0; i < n; i++)
		issue_add(a, items[i]->arg);
	unit_query(u, QUERY_TOKEN_ISSUE_BATCH);
	for (i = 0; i < ISSUE__MAX; i++)
		unit_array(u, &a[i]);
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
	else {
		r->mint->stored = result == UNIT_DONE;
		request_unit(r, u, 0, row, &r->mint->minted);
	}
}

void
issue_start(struct request *r)
{
	struct mint *m = r->mint;

	m->item.arg = r;
	m->item.q.deadline = r->deadline;
	m->item.bytes = strlen(r->m.arguments) + strlen(m->carry) + 512;
	if (batch_add(r->broker->issues, &m->item) == -1)
		request_own(r, OWN_FULL);
}

struct batch *
issue_batch_new(struct broker *b)
{
	return batch_new(b->base, b->db, DB_BATCH, b->conf.queue_max, 1,
	    issue_build, issue_done);
}
