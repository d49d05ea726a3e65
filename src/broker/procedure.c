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
 * Calls of published procedures: "api:NAME" and "mcp:NAME".  Room: broker.
 * Whether the caller may is decided by the gate, as ever; here is only where
 * the call runs, what it may say meanwhile, and how often it may come.
 */

#include "config.h"

#include <string.h>

#include "broker.h"
#include "catalogue.h"
#include "log.h"
#include "queue.h"
#include "rate.h"

#define PROCEDURE_DOOR	4	/* bytes of "api:" and "mcp:" */
#define PROCEDURE_TOLD	256	/* messages not yet written to the frontend */

int
procedure_concerns(const struct request *r)
{
	return strncmp(r->m.operation, "api:", PROCEDURE_DOOR) == 0 ||
	    strncmp(r->m.operation, "mcp:", PROCEDURE_DOOR) == 0;
}

/* Whose calls are counted: a credential's, or an address's. */
static int
procedure_rate(struct request *r)
{
	struct broker	*b = r->broker;
	uint8_t		 key[HASH_LEN];

	if (r->m.credential[0] != '\0')
		memcpy(key, r->cred_hash, sizeof(key));
	else if (gate_hash(key, r->m.peer, strlen(r->m.peer)) == -1)
		return 0;
	return rate_take(b->rate, key, b->conf.calls_max, queue_now());
}

int
procedure_find(struct request *r, enum errmap_own *why)
{
	struct broker		*b = r->broker;
	const struct procedure	*p;

	*why = OWN_AWAY;
	if (!catalogue_loaded(b->catalogue))
		return -1;
	*why = OWN_UNKNOWN_OPERATION;
	p = catalogue_find(b->catalogue, r->m.operation);
	if (p == NULL)
		return -1;
	*why = OWN_TOO_MANY;
	if (procedure_rate(r) == -1)
		return -1;
	r->procedure.is = 1;
	r->procedure.trusted = p->trusted;
	r->procedure.timeout_ms = p->timeout_ms;
	r->procedure.op.name = r->m.operation;
	r->procedure.op.class = p->writes ? OPERATION_WRITE : OPERATION_READ;
	r->procedure.op.query = p->writes ? QUERY_PROCEDURE_WRITE :
	    QUERY_PROCEDURE_READ;
	r->procedure.op.commit = QUERY__MAX;
	r->op = &r->procedure.op;
	return 0;
}

/* The catalogue may have changed since: it may be gone. */
static struct procedure *
procedure_of(const struct request *r)
{
	return catalogue_find(r->broker->catalogue, r->m.operation);
}

void
procedure_free(struct request *r)
{
	struct procedure *p;

	if (!r->procedure.counted)
		return;
	r->procedure.counted = 0;
	p = procedure_of(r);
	pace_end(&r->broker->paces, p == NULL ? NULL : &p->pace,
	    r->procedure.kind, queue_now());
}

static void
procedure_notice(const char *state, const char *text, void *arg)
{
	struct request	*r = arg;
	struct msg_event m;
	struct ibuf	*buf;
	union {
		const char	*in;
		char		*out;
	} u = { text };

	if (strcmp(state, "GP001") == 0)
		m.kind = EVENT_PROGRESS;
	else if (strcmp(state, "GL001") == 0)
		m.kind = EVENT_LOG;
	else
		return;
	/* who does not keep up misses some */
	if (r->door == NULL || r->gone || strlen(text) > MSG_MAX_EVENT ||
	    ipc_link_queued(r->door->link) > PROCEDURE_TOLD)
		return;
	m.text = u.out;		/* only read */
	buf = ibuf_dynamic(strlen(text) + 16, IPC_MAX_EVENT);
	if (buf == NULL || msg_event_encode(buf, &m) == -1) {
		ibuf_free(buf);
		return;
	}
	r->procedure.told = 1;
	(void)ipc_link_send(r->door->link, IMSG_FRONTEND_EVENT, r->id, -1,
	    buf);
}

/*
 * It only read, and lost against somebody who wrote or changed tables: that is
 * nobody's fault.  Once: what raises such a state by itself would go on.
 */
static int
procedure_lost(const struct request *r, const struct unit *u)
{
	struct db_error e;

	if (unit_result(u) != UNIT_FAILED || unit_failed_at(u) == 0 ||
	    r->op->class != OPERATION_READ || r->gone ||
	    r->procedure.again || r->procedure.told)
		return 0;
	unit_error(u, &e);
	return strcmp(e.sqlstate, "40001") == 0 ||
	    strcmp(e.sqlstate, "40P01") == 0;
}

static void
procedure_done(struct unit *u, void *arg)
{
	struct request		*r = arg;
	struct procedure	*p;
	int			 reached;

	r->unit = NULL;
	reached = unit_result(u) == UNIT_DONE ||
	    (unit_result(u) == UNIT_FAILED && unit_failed_at(u) > 0);
	/* what the gate refused says nothing about the procedure */
	if (reached && !r->gone && (p = procedure_of(r)) != NULL)
		pace_measure(&p->pace, unit_ran(u));
	if (procedure_lost(r, u) && queue_now() < r->deadline) {
		r->procedure.again = 1;
		procedure_free(r);
		procedure_start(r);
		return;
	}
	r->procedure.raised = reached;
	request_unit(r, u, 1, 0, NULL);
}

static struct unit *
procedure_unit(struct request *r, enum pace_kind kind)
{
	int		 writes = r->op->class == OPERATION_WRITE;
	struct unit	*u;

	u = unit_new(kind == PACE_SLOW ? DB_SLOW : DB_CALL, r->deadline,
	    procedure_done, r);
	if (u == NULL)
		return NULL;
	if (!writes)
		unit_readonly(u);
	if (writes || kind != PACE_QUICK)
		unit_alone(u);
	if (r->procedure.trusted)
		unit_clean(u);
	if (r->m.wants_events && r->door->role == ROLE_FRONTEND)
		unit_on_notice(u, procedure_notice);
	gate_enter(u, r, "call");
	bind_unit(u, r, r->op->query);
	return u;
}

void
procedure_start(struct request *r)
{
	struct broker		*b = r->broker;
	struct procedure	*p = procedure_of(r);
	struct unit		*u;

	if (p == NULL) {
		request_own(r, OWN_UNKNOWN_OPERATION);
		return;
	}
	r->procedure.kind = pace_begin(&b->paces, &p->pace, p->timeout_ms,
	    queue_now());
	r->procedure.counted = 1;
	if ((u = procedure_unit(r, r->procedure.kind)) == NULL ||
	    db_submit(b->db, u) == -1)
		request_own(r, OWN_FULL);
	else
		r->unit = u;
}
