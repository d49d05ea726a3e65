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
 * The table of errors.  Room: broker.  Pure: no I/O, nothing kept.
 *
 * OAnnn (the gate) and HTnnn (operations) say their status themselves and
 * speak to the caller.  The texts of all other states are PostgreSQL's own
 * and stay in the log.
 */

#include "config.h"

#include <string.h>

#include "code.h"
#include "errmap.h"

struct errmap_row {
	const char	*prefix;	/* of the SQLSTATE; longest first */
	uint16_t	 status;
	uint32_t	 retry_after;
	int		 log;
	const char	*code;
	const char	*message;
};

#define MSG_BUSY	"The service is busy, please try again"
#define MSG_INTERNAL	"Something went wrong on our side"
#define MSG_CONFLICT	"The request conflicts with what is there"
#define MSG_VALUE	"A value in the request is malformed or out of range"
#define MSG_TIMEOUT	"The request took too long and was stopped"
#define MSG_DENIED	"You may not do this with what the request names"

static const struct errmap_row errmap_rows[] = {
	{ "22P02", 400, 0, 0, "invalid_value", MSG_VALUE },
	{ "22",	   400, 0, 0, "invalid_value", MSG_VALUE },
	{ "23502", 400, 0, 1, "invalid_value", MSG_VALUE },
	{ "23514", 400, 0, 1, "invalid_value", MSG_VALUE },
	{ "23503", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "23505", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "23P01", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "40001", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "40P01", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "55P03", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "57014", 504, 0, 0, CODE_TIMEOUT, MSG_TIMEOUT },
	{ "08",	   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "53",	   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "57P",   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "25006", 503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "",	   500, 0, 1, CODE_INTERNAL, MSG_INTERNAL },
};

/*
 * Procedures of applications; without a message the procedure's own counts.
 * OAnnn is the gate's alone, a procedure that raises it is mistaken.
 */
static const struct errmap_row errmap_call_rows[] = {
	{ "22",	   422, 0, 0, "invalid_value", MSG_VALUE },
	{ "23502", 422, 0, 1, "invalid_value", MSG_VALUE },
	{ "23514", 422, 0, 1, "invalid_value", MSG_VALUE },
	{ "23503", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "23505", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "23P01", 409, 0, 1, "conflict", MSG_CONFLICT },
	{ "42501", 403, 0, 1, "row_denied", MSG_DENIED },
	{ "P0001", 400, 0, 0, "raised", NULL },
	{ "P0002", 404, 0, 0, "not_found", NULL },
	{ "40001", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "40P01", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "55P03", 503, ERRMAP_RETRY_AFTER, 1, CODE_BUSY, MSG_BUSY },
	{ "57014", 504, 0, 0, CODE_TIMEOUT, MSG_TIMEOUT },
	{ "08",	   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "53",	   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "57P",   503, ERRMAP_RETRY_AFTER, 1, CODE_UNAVAILABLE, MSG_BUSY },
	{ "GA001", 428, 0, 0, "input_required",
	    "The procedure has a question" },
	{ "",	   500, 0, 1, CODE_INTERNAL, MSG_INTERNAL },
};

static const struct errmap_row errmap_unit_rows[UNIT__MAX] = {
	[UNIT_DONE] = { "", 500, 0, 0, CODE_INTERNAL, MSG_INTERNAL },
	[UNIT_FAILED] = { "", 500, 0, 0, CODE_INTERNAL, MSG_INTERNAL },
	[UNIT_EXPIRED] = { "", 504, ERRMAP_RETRY_AFTER, 0, CODE_TIMEOUT,
	    "The request waited too long and was not begun" },
	[UNIT_AWAY] = { "", 503, ERRMAP_RETRY_AFTER, 0, CODE_UNAVAILABLE,
	    "The service cannot reach its database, please try again" },
	[UNIT_LOST] = { "", 503, ERRMAP_RETRY_AFTER, 0, CODE_OUTCOME_UNKNOWN,
	    "The connection to the database was lost: "
	    "whether the request was carried out is not known" },
	[UNIT_NOT_DURABLE] = { "", 503, ERRMAP_RETRY_AFTER, 0,
	    CODE_OUTCOME_UNKNOWN,
	    "The change could not be made safe on the standby" },
	[UNIT_BROKEN] = { "", 500, 0, 0, CODE_INTERNAL, MSG_INTERNAL },
};

static const struct errmap_row errmap_own_rows[OWN__MAX] = {
	[OWN_FULL] = { "", 503, ERRMAP_RETRY_AFTER, 0, CODE_BUSY, MSG_BUSY },
	[OWN_TOO_MANY] = { "", 429, ERRMAP_RETRY_AFTER, 0,
	    "too_many_requests", "Too many calls in a short time" },
	[OWN_AWAY] = { "", 503, ERRMAP_RETRY_AFTER, 0, CODE_UNAVAILABLE,
	    MSG_BUSY },
	[OWN_TIMEOUT] = { "", 504, ERRMAP_RETRY_AFTER, 0, CODE_TIMEOUT,
	    MSG_TIMEOUT },
	[OWN_UNKNOWN_OPERATION] = { "", 404, 0, 0, "unknown_operation",
	    "There is no such operation" },
	[OWN_WRONG_DOOR] = { "", 401, 0, 0, "invalid_token",
	    "This credential is not accepted here" },
	[OWN_BAD_REFRESH] = { "", 401, 0, 0, "invalid_token",
	    "The refresh token is not valid" },
	[OWN_BAD_GRANT] = { "", 400, 0, 0, "invalid_grant",
	    "The refresh token is not valid" },
	[OWN_BAD_CLIENT] = { "", 401, 0, 0, "invalid_client",
	    "The client's assertion is not signed by a key of the client" },
	[OWN_TOO_LARGE] = { "", 500, 0, 0, CODE_TOO_LARGE,
	    "The answer is too large, please ask for less at a time" },
	[OWN_INTERNAL] = { "", 500, 0, 0, CODE_INTERNAL, MSG_INTERNAL },
};

/* A reply's members are char * since a decoded one owns them. */
static char *
errmap_text(const char *s)
{
	union {
		const char	*in;
		char		*out;
	} u;

	u.in = s;
	return u.out;
}

/*
 * Long texts are cut, between characters, into one of a few buffers that
 * the next long text of the same field overwrites.
 */
static char *
errmap_cut(const char *s, size_t max, unsigned field)
{
	static char	 buffers[6][MSG_MAX_TEXT + 1];
	size_t		 n;

	if (strlen(s) <= max)
		return errmap_text(s);
	for (n = max; n > 0 && (s[n] & 0xc0) == 0x80; n--)
		continue;
	memcpy(buffers[field], s, n);
	buffers[field][n] = '\0';
	return buffers[field];
}

static void
errmap_fill(struct msg_reply *r, const struct errmap_row *row)
{
	char *empty = errmap_text("");

	memset(r, 0, sizeof(*r));
	r->status = row->status;
	r->retry_after = row->retry_after;
	r->code = errmap_text(row->code);
	r->message = errmap_text(row->message);
	r->detail = r->remediation = r->parameter = r->location = empty;
	r->scope = r->body = empty;
}

/* Status of OAnnn and HTnnn, 0 of all others. */
static uint16_t
errmap_status(const char *state)
{
	if (strncmp(state, "OA", 2) != 0 && strncmp(state, "HT", 2) != 0)
		return 0;
	if (strspn(state + 2, "0123456789") != 3 || state[5] != '\0' ||
	    state[2] < '4' || state[2] > '5')
		return 0;
	return (uint16_t)((state[2] - '0') * 100 + (state[3] - '0') * 10 +
	    (state[4] - '0'));
}

static const struct errmap_row *
errmap_find(const struct errmap_row *row, const char *state)
{
	while (strncmp(state, row->prefix, strlen(row->prefix)) != 0)
		row++;		/* the last fits all */
	return row;
}

/* What says its status itself, and speaks to the caller. */
static void
errmap_said(struct msg_reply *r, const struct db_error *e, uint16_t status)
{
	r->status = status;
	r->retry_after = status == 429 || status == 503 ?
	    ERRMAP_RETRY_AFTER : 0;
	/* A code is an identifier of PostgreSQL: at most 63 bytes. */
	r->code = errmap_text(strlen(e->constraint) > MSG_MAX_CODE ? "" :
	    e->constraint);
	r->message = errmap_cut(e->message, MSG_MAX_TEXT, 0);
	r->detail = errmap_cut(e->detail, MSG_MAX_TEXT, 1);
	r->remediation = errmap_cut(e->hint, MSG_MAX_TEXT, 2);
	r->parameter = errmap_cut(e->column, MSG_MAX_TEXT, 3);
	r->location = errmap_cut(e->table, MSG_MAX_TEXT, 4);
	r->scope = errmap_cut(e->datatype, MSG_MAX_TEXT, 5);
}

int
errmap_sql(struct msg_reply *r, const struct db_error *e)
{
	const struct errmap_row *row = errmap_find(errmap_rows, e->sqlstate);
	uint16_t status;

	errmap_fill(r, row);
	if ((status = errmap_status(e->sqlstate)) == 0)
		return row->log;
	errmap_said(r, e, status);
	return 0;
}

/* Data that goes with an error; what is too long is ours to be sorry for. */
static int
errmap_body(struct msg_reply *r, const char *json)
{
	size_t len = strlen(json);

	if (len > MSG_MAX_BODY) {
		errmap_own(r, OWN_TOO_LARGE);
		return 1;
	}
	r->body = errmap_text(json);
	r->body_len = len;
	return 0;
}

int
errmap_procedure(struct msg_reply *r, const struct db_error *e)
{
	const struct errmap_row *row = errmap_find(errmap_call_rows,
	    e->sqlstate);
	uint16_t status = 0;

	errmap_fill(r, row);
	if (strncmp(e->sqlstate, "HT", 2) == 0)
		status = errmap_status(e->sqlstate);
	if (status != 0) {
		errmap_said(r, e, status);
		return errmap_body(r, e->schema);
	}
	if (strcmp(e->sqlstate, "GA001") == 0)
		return errmap_body(r, e->detail);
	if (row->message == NULL) {
		r->message = errmap_cut(e->message, MSG_MAX_TEXT, 0);
		r->detail = errmap_cut(e->detail, MSG_MAX_TEXT, 1);
		r->remediation = errmap_cut(e->hint, MSG_MAX_TEXT, 2);
	}
	return row->log;
}

void
errmap_unit(struct msg_reply *r, enum unit_result result)
{
	errmap_fill(r, &errmap_unit_rows[result < UNIT__MAX ? result :
	    UNIT_BROKEN]);
}

const char *
errmap_result(enum unit_result result)
{
	static const char *const names[UNIT__MAX] = {
		[UNIT_DONE] = "done",
		[UNIT_FAILED] = "failed",
		[UNIT_EXPIRED] = "waited too long",
		[UNIT_AWAY] = "database is away",
		[UNIT_LOST] = "connection lost, outcome unknown",
		[UNIT_NOT_DURABLE] = "not durable on the standby",
		[UNIT_BROKEN] = "could not be run",
	};

	return result < UNIT__MAX ? names[result] : "?";
}

void
errmap_own(struct msg_reply *r, enum errmap_own which)
{
	errmap_fill(r, &errmap_own_rows[which < OWN__MAX ? which :
	    OWN_INTERNAL]);
}
