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
 * The row of a plan, which says what the signer is to make.  Room: broker.
 */

#include "config.h"

#include <string.h>

#include "broker.h"
#include "mint.h"

/* Its columns; those of a shared plan's failures come last. */
enum {
	PLAN_KIND, PLAN_AUDIENCE, PLAN_REFRESH, PLAN_TTL, PLAN_ORGANIZATION,
	PLAN_FAMILY, PLAN_GENERATION, PLAN_SUBJECT, PLAN_CLIENT_ID,
	PLAN_SCOPE, PLAN_SEED_KEY, PLAN_SEED, PLAN_CARRY,
	/* of plans that may want an ID token as well */
	PLAN_ID_TOKEN, PLAN_AUTH_TIME, PLAN_NONCE, PLAN__MAX
};

static int
plan_bytes(const struct plan_row *row, unsigned column, char **data,
    size_t *len)
{
	return unit_get_bytes(row->unit, row->statement, row->row, column,
	    data, len);
}

static int
plan_u8(const struct plan_row *row, unsigned column, uint8_t *out)
{
	int32_t v;

	if (unit_get_int4(row->unit, row->statement, row->row, column,
	    &v) == -1 || v < 0 || v > UINT8_MAX)
		return -1;
	*out = (uint8_t)v;
	return 0;
}

/* A null counts as 0. */
static int
plan_u32(const struct plan_row *row, unsigned column, uint32_t *out)
{
	int32_t v = 0;

	if (unit_get_int4(row->unit, row->statement, row->row, column,
	    &v) == 0 && v < 0)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

static int
plan_uuid(const struct plan_row *row, unsigned column, uint8_t out[UUID_LEN])
{
	char	*data;
	size_t	 len;

	if (plan_bytes(row, column, &data, &len) == -1 || len != UUID_LEN)
		return -1;
	memcpy(out, data, UUID_LEN);
	return 0;
}

/* What the plan says of an ID token (OpenID Connect Core 2). */
static int
plan_id_token(const struct plan_row *row, const struct operation *op,
    struct msg_mint *p)
{
	int	 columns = statements[op->query].ncolumns;
	int64_t	 auth_time = 0;
	size_t	 len;

	if (op->shared_plan)
		columns -= ISSUE_ERROR;
	if (columns < PLAN__MAX)
		return 0;
	if (plan_u8(row, PLAN_ID_TOKEN, &p->id_token) == -1)
		return -1;
	/* a null counts as 0 */
	if (unit_get_int8(row->unit, row->statement, row->row,
	    PLAN_AUTH_TIME, &auth_time) == 0 && auth_time < 0)
		return -1;
	p->auth_time = (uint64_t)auth_time;
	(void)plan_bytes(row, PLAN_NONCE, &p->nonce, &len);
	return 0;
}

int
plan_read(const struct plan_row *row, struct request *r, struct msg_mint *p)
{
	int32_t	 kind;
	size_t	 len;
	char	*seed;

	memset(p, 0, sizeof(*p));
	if (row->row >= unit_rows(row->unit, row->statement))
		return -1;
	(void)request_carry(r, row->unit, row->statement, row->row, PLAN_CARRY);
	if (unit_get_int4(row->unit, row->statement, row->row, PLAN_KIND,
	    &kind) == -1)
		return 0;
	if (plan_u8(row, PLAN_KIND, &p->kind) == -1 ||
	    plan_u8(row, PLAN_AUDIENCE, &p->audience) == -1 ||
	    plan_u8(row, PLAN_REFRESH, &p->refresh) == -1 ||
	    plan_u32(row, PLAN_TTL, &p->ttl) == -1 ||
	    plan_uuid(row, PLAN_ORGANIZATION, p->organization) == -1 ||
	    plan_uuid(row, PLAN_FAMILY, p->family) == -1 ||
	    plan_u32(row, PLAN_GENERATION, &p->generation) == -1 ||
	    plan_u32(row, PLAN_SEED_KEY, &p->seed_key) == -1 ||
	    plan_bytes(row, PLAN_SUBJECT, &p->subject, &len) == -1 ||
	    plan_bytes(row, PLAN_CLIENT_ID, &p->client_id, &len) == -1)
		return -1;
	(void)plan_bytes(row, PLAN_SCOPE, &p->scope, &len);
	(void)plan_bytes(row, PLAN_SEED, &seed, &p->seed_len);
	p->seed = seed;
	if (p->refresh == MINT_REFRESH_ADVANCE)
		p->presented = r->m.credential_kind == CRED_REFRESH ?
		    r->m.credential : r->m.secret;
	return plan_id_token(row, r->op, p) == -1 ? -1 : 1;
}
