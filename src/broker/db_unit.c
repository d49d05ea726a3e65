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
 * Units: parameters in, rows out, in PostgreSQL's binary forms.
 * Room: broker, db*.  Sends nothing itself.
 */

#include "config.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "log.h"

#define JSONB_VERSION	1	/* a byte before the text of jsonb */

struct unit *
unit_new(enum db_lane lane, uint64_t deadline, unit_cb cb, void *arg)
{
	struct unit *u;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	u->lane = lane;
	u->readonly = lane == DB_READ;
	u->item.deadline = deadline;
	u->cb = cb;
	u->arg = arg;
	return u;
}

void
unit_free(struct unit *u)
{
	unsigned i;

	if (u == NULL)
		return;
	unit_reset(u);
	for (i = 0; i < u->narrays; i++)
		array_free(&u->arrays[i]);
	freezero(u, sizeof(*u));
}

/* Forgets what an attempt brought. */
void
unit_reset(struct unit *u)
{
	unsigned i;

	for (i = 0; i < u->nstatements; i++) {
		PQclear(u->statements[i].result);
		u->statements[i].result = NULL;
	}
	PQclear(u->error);
	u->error = NULL;
	u->at = 0;
	u->not_durable = 0;
	u->conn = NULL;
}

void
unit_readonly(struct unit *u)
{
	u->readonly = 1;
}

void
unit_alone(struct unit *u)
{
	u->alone = 1;
}

void
unit_clean(struct unit *u)
{
	u->clean = u->alone = 1;
}

void
unit_on_notice(struct unit *u, unit_notice_cb cb)
{
	u->notice = cb;
	u->alone = 1;
}

void
unit_query(struct unit *u, enum query query)
{
	struct unit_statement *s;

	if (u->nstatements == UNIT_STATEMENTS) {
		u->broken = 1;
		return;
	}
	s = &u->statements[u->nstatements++];
	s->query = query;
	s->first = u->nparams;
}

static void
unit_add(struct unit *u, const void *value, size_t len, int binary)
{
	if (u->nparams == UNIT_PARAMS || u->nstatements == 0 ||
	    len > INT_MAX) {
		u->broken = 1;
		return;
	}
	u->values[u->nparams] = value;
	u->lengths[u->nparams] = (int)len;
	u->formats[u->nparams] = binary;
	u->nparams++;
	u->statements[u->nstatements - 1].nparams++;
}

static void
unit_scratch(struct unit *u, const void *value, size_t len)
{
	uint8_t *p;

	if (sizeof(u->scratch) - u->scratch_used < len) {
		u->broken = 1;
		return;
	}
	p = u->scratch + u->scratch_used;
	memcpy(p, value, len);
	u->scratch_used += len;
	unit_add(u, p, len, 1);
}

void
unit_break(struct unit *u)
{
	u->broken = 1;
}

void
unit_null(struct unit *u)
{
	unit_add(u, NULL, 0, 0);
}

void
unit_text(struct unit *u, const char *s)
{
	unit_add(u, s, 0, 0);
}

void
unit_bytes(struct unit *u, const void *data, size_t len)
{
	unit_add(u, data, len, 1);
}

void
unit_int4(struct unit *u, int32_t v)
{
	uint32_t n = htonl((uint32_t)v);

	unit_scratch(u, &n, sizeof(n));
}

void
unit_int8(struct unit *u, int64_t v)
{
	uint32_t n[2];

	n[0] = htonl((uint32_t)((uint64_t)v >> 32));
	n[1] = htonl((uint32_t)((uint64_t)v & UINT32_MAX));
	unit_scratch(u, n, sizeof(n));
}

void
unit_array(struct unit *u, struct array *a)
{
	if (u->narrays == UNIT_ARRAYS || array_finish(a) == -1) {
		array_free(a);
		u->broken = 1;
		return;
	}
	u->arrays[u->narrays++] = *a;
	unit_add(u, a->data, a->len, 1);
}

int
unit_check(const struct statement *st, const PGresult *res)
{
	int i;

	if (st->ncolumns == -1)
		return 0;
	if (PQnfields(res) != st->ncolumns)
		return -1;
	for (i = 0; i < st->ncolumns; i++) {
		if (PQftype(res, i) != st->columns[i])
			return -1;
	}
	return 0;
}

enum unit_result
unit_result(const struct unit *u)
{
	return u->result;
}

static const char *
unit_field(const PGresult *res, int field)
{
	const char *s = NULL;

	if (res != NULL)
		s = PQresultErrorField(res, field);
	return s == NULL ? "" : s;
}

void
unit_error(const struct unit *u, struct db_error *e)
{
	memset(e, 0, sizeof(*e));
	(void)strlcpy(e->sqlstate, unit_field(u->error, PG_DIAG_SQLSTATE),
	    sizeof(e->sqlstate));	/* five characters, always */
	e->message = unit_field(u->error, PG_DIAG_MESSAGE_PRIMARY);
	e->detail = unit_field(u->error, PG_DIAG_MESSAGE_DETAIL);
	e->hint = unit_field(u->error, PG_DIAG_MESSAGE_HINT);
	e->constraint = unit_field(u->error, PG_DIAG_CONSTRAINT_NAME);
	e->column = unit_field(u->error, PG_DIAG_COLUMN_NAME);
	e->table = unit_field(u->error, PG_DIAG_TABLE_NAME);
	e->datatype = unit_field(u->error, PG_DIAG_DATATYPE_NAME);
	e->schema = unit_field(u->error, PG_DIAG_SCHEMA_NAME);
}

unsigned
unit_failed_at(const struct unit *u)
{
	return u->at;
}

uint64_t
unit_ran(const struct unit *u)
{
	return u->ran;
}

static const PGresult *
unit_rowset(const struct unit *u, unsigned statement)
{
	if (statement >= u->nstatements)
		return NULL;
	return u->statements[statement].result;
}

unsigned
unit_rows(const struct unit *u, unsigned statement)
{
	const PGresult *res = unit_rowset(u, statement);

	return res == NULL ? 0 : (unsigned)PQntuples(res);
}

int
unit_get_bytes(const struct unit *u, unsigned statement, unsigned row,
    unsigned column, char **data, size_t *len)
{
	const PGresult *res = unit_rowset(u, statement);

	*data = NULL;
	*len = 0;
	if (res == NULL || row >= (unsigned)PQntuples(res) ||
	    column >= (unsigned)PQnfields(res) ||
	    PQgetisnull(res, (int)row, (int)column))
		return -1;
	*data = PQgetvalue(res, (int)row, (int)column);
	*len = (size_t)PQgetlength(res, (int)row, (int)column);
	return 0;
}

int
unit_get_json(const struct unit *u, unsigned statement, unsigned row,
    unsigned column, char **data, size_t *len)
{
	if (unit_get_bytes(u, statement, row, column, data, len) == -1 ||
	    *len < 1)
		return -1;
	if ((*data)[0] == JSONB_VERSION) {	/* no JSON text begins so */
		(*data)++;
		(*len)--;
	}
	return 0;
}

int
unit_get_int4(const struct unit *u, unsigned statement, unsigned row,
    unsigned column, int32_t *v)
{
	uint32_t n;
	char	*data;
	size_t	 len;

	if (unit_get_bytes(u, statement, row, column, &data, &len) == -1 ||
	    len != sizeof(n))
		return -1;
	memcpy(&n, data, sizeof(n));
	*v = (int32_t)ntohl(n);
	return 0;
}

int
unit_get_int8(const struct unit *u, unsigned statement, unsigned row,
    unsigned column, int64_t *v)
{
	uint32_t n[2];
	char	*data;
	size_t	 len;

	if (unit_get_bytes(u, statement, row, column, &data, &len) == -1 ||
	    len != sizeof(n))
		return -1;
	memcpy(n, data, sizeof(n));
	*v = (int64_t)((uint64_t)ntohl(n[0]) << 32 | ntohl(n[1]));
	return 0;
}

int
unit_get_bool(const struct unit *u, unsigned statement, unsigned row,
    unsigned column, int *v)
{
	char	*data;
	size_t	 len;

	if (unit_get_bytes(u, statement, row, column, &data, &len) == -1 ||
	    len != 1)
		return -1;
	*v = data[0] != 0;
	return 0;
}
