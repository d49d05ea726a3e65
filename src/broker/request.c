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
 * Requests: from a message to a running operation, and from what the
 * database said to a reply.  Room: broker.  Decides no right: that a
 * credential of the control socket comes only from there is all.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "codec.h"
#include "fetch.h"
#include "log.h"
#include "queue.h"

static int
request_compare(const struct request *a, const struct request *b)
{
	uintptr_t x = (uintptr_t)a->door, y = (uintptr_t)b->door;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return 0;
}

RB_GENERATE(requests, request, entry, request_compare)

static const struct timeval request_tick = { 0, 100 * 1000 };

/* For the log. */
static const char *
request_name(const struct request *r)
{
	static char name[UUID_STRLEN + 1];

	uuid_format(name, r->m.request_id);
	return name;
}

static int
request_insert(struct request *r)
{
	struct broker *b = r->broker;

	if (RB_INSERT(requests, &b->requests, r) != NULL) {
		log_warnx("request %u of %s is running already, not repeated",
		    r->id, ipc_role_name(r->door->role));
		return -1;
	}
	if (b->nrequests++ == 0)
		evtimer_add(b->tick, &request_tick);
	return 0;
}

static void
request_wipe(char **text)
{
	if (*text != NULL)
		freezero(*text, strlen(*text));
	*text = NULL;
}

void
request_free(struct request *r)
{
	struct broker *b = r->broker;

	if (r->door != NULL) {
		RB_REMOVE(requests, &b->requests, r);
		b->nrequests--;
	}
	if (r->job != NULL)
		hash_cancel(b->hashing, r->job);
	if (r->fetch != NULL)
		fetch_cancel(b->fetching, r->fetch);
	procedure_free(r);
	mint_free(r);
	refusal_free(r);
	request_wipe(&r->header);
	request_wipe(&r->assertion);
	request_wipe(&r->carry);
	request_wipe(&r->password_hash);
	request_wipe(&r->document.body);
	msg_request_free(&r->m);
	freezero(r, sizeof(*r));
	if (b->parent == NULL)
		broker_idle(b);
}

static void
request_send(struct door *door, uint32_t id, const struct msg_reply *reply)
{
	struct ibuf *buf;

	buf = ibuf_dynamic(512 + reply->body_len, IPC_MAX_REPLY);
	if (buf == NULL || msg_reply_encode(buf, reply) == -1) {
		log_warn("reply");
		ibuf_free(buf);
		return;
	}
	if (ipc_link_send(door->link, door->role == ROLE_PARENT ?
	    IMSG_PARENT_CONTROL_REP : IMSG_FRONTEND_REPLY, id, -1, buf) == -1)
		log_warn("reply to %s", ipc_role_name(door->role));
}

void
request_reply(struct request *r, const struct msg_reply *reply)
{
	if (r->door != NULL && !r->gone)
		request_send(r->door, r->id, reply);
	request_free(r);
}

void
request_own(struct request *r, enum errmap_own which)
{
	struct msg_reply reply;

	errmap_own(&reply, which);
	request_reply(r, &reply);
}

/* Gate and operations refuse so; what only reads is not worth a row. */
static int
request_refused(const struct request *r, const struct db_error *e)
{
	return e->sqlstate[2] == '4' &&
	    ((strncmp(e->sqlstate, "OA", 2) == 0 && !r->procedure.raised) ||
	    (strncmp(e->sqlstate, "HT", 2) == 0 &&
	    r->op->class != OPERATION_READ));
}

void
request_error(struct request *r, const struct db_error *e)
{
	struct msg_reply reply;

	if (r->procedure.raised ? errmap_procedure(&reply, e) :
	    errmap_sql(&reply, e))
		log_warnx("request %s: %s: %s %s", request_name(r),
		    r->op->name, e->sqlstate,
		    log_vis(e->message, strlen(e->message)));
	if (request_refused(r, e))
		refusal_start(r, &reply);
	else
		request_reply(r, &reply);
}

static void
request_row(struct request *r, struct unit *u, unsigned statement,
    unsigned row, const struct msg_minted *minted)
{
	struct msg_reply reply;
	int32_t		 status;
	char		*body;
	size_t		 len;

	if (unit_get_int4(u, statement, row, 0, &status) == -1 ||
	    status < 200 || status > 599) {
		log_warnx("request %s: %s gave no status", request_name(r),
		    r->op->name);
		request_own(r, OWN_INTERNAL);
		return;
	}
	if (unit_get_bytes(u, statement, row, 1, &body, &len) == -1)
		len = 0;
	if (len > MSG_MAX_BODY) {
		log_warnx("request %s: %s gave %zu bytes", request_name(r),
		    r->op->name, len);
		request_own(r, OWN_TOO_LARGE);
		return;
	}
	memset(&reply, 0, sizeof(reply));
	reply.status = (uint16_t)status;
	reply.body = body;
	reply.body_len = len;
	if (minted != NULL) {
		reply.secrets[SECRET_ACCESS] = minted->access;
		reply.secrets[SECRET_REFRESH] = minted->refresh;
		reply.secrets[SECRET_ID] = minted->id_token;
		reply.nsecrets = SECRET_FRESH;
	}
	fresh_reply(r, &reply);
	while (reply.nsecrets > 0 &&
	    reply.secrets[reply.nsecrets - 1][0] == '\0')
		reply.nsecrets--;
	reply.csrf = r->csrf;
	request_reply(r, &reply);
}

void
request_unit(struct request *r, struct unit *u, unsigned statement,
    unsigned row, const struct msg_minted *minted)
{
	struct msg_reply reply;
	struct db_error	 e;

	enum unit_result result = unit_result(u);

	switch (result) {
	case UNIT_DONE:
		request_row(r, u, statement, row, minted);
		break;
	case UNIT_FAILED:
		unit_error(u, &e);
		request_error(r, &e);
		break;
	default:
		/* of the others the state and the queues speak */
		if (result != UNIT_EXPIRED && result != UNIT_AWAY)
			log_warnx("request %s: %s: %s", request_name(r),
			    r->op->name, errmap_result(result));
		errmap_unit(&reply, result);
		request_reply(r, &reply);
		break;
	}
}

static void (*const request_classes[OPERATION__MAX])(struct request *) = {
	[OPERATION_READ] = call_start,
	[OPERATION_WRITE] = call_start,
	[OPERATION_MINT] = mint_start,
	[OPERATION_MINTBATCH] = mint_start,
	[OPERATION_PASSWORD] = password_start,
};

void
request_run(struct request *r)
{
	if (r->procedure.is)
		procedure_start(r);
	else
		request_classes[r->op->class](r);
}

void
request_proceed(struct request *r)
{
	if (r->m.credential_kind == CRED_ASSERTION)
		assertion_start(r);
	else
		request_run(r);
}

int
request_carry(struct request *r, const struct unit *u, unsigned statement,
    unsigned row, unsigned column)
{
	char	*carry;
	size_t	 len;

	if (unit_get_json(u, statement, row, column, &carry, &len) == -1)
		carry = NULL;
	request_wipe(&r->carry);	/* of a plan that was overtaken */
	r->carry = strdup(carry == NULL ? "{}" : carry);
	return r->carry == NULL ? -1 : 0;
}

/* What comes over a frontend's link cannot speak for the operator. */
static int
request_door(struct request *r)
{
	return (r->m.credential_kind == CRED_CONTROL) ==
	    (r->door->role == ROLE_PARENT);
}

/* 0, or -1: answered. */
static int
request_operation(struct request *r)
{
	enum errmap_own why = OWN_UNKNOWN_OPERATION;

	if (procedure_concerns(r)) {
		if (procedure_find(r, &why) == 0)
			return 0;
	} else if ((r->op = operation_find(r->m.operation)) != NULL)
		return 0;
	else
		log_warnx("request %s: operation %s is not known",
		    request_name(r),
		    log_vis(r->m.operation, strlen(r->m.operation)));
	request_own(r, why);
	return -1;
}

static void
request_start(struct request *r)
{
	struct msg_reply reply;

	if (request_operation(r) == -1)
		return;
	if (!request_door(r)) {
		log_warnx("request %s: %s with a credential of kind %u from "
		    "%s refused", request_name(r), r->op->name,
		    r->m.credential_kind, ipc_role_name(r->door->role));
		/* Not even the audit shall take it for the operator's. */
		r->m.credential_kind = CRED_NONE;
		errmap_own(&reply, OWN_WRONG_DOOR);
		refusal_start(r, &reply);
		return;
	}
	if (document_concerns(r))
		document_start(r);
	else
		request_proceed(r);
}

static void
request_times(struct request *r)
{
	uint32_t ms = r->m.timeout_ms;

	if (ms == 0)
		ms = REQUEST_TIMEOUT;
	else if (ms > REQUEST_TIMEOUT_MAX)
		ms = REQUEST_TIMEOUT_MAX;
	r->deadline = queue_now() + ms;
}

void
request_new(struct door *door, struct imsg *imsg)
{
	struct broker	*b = door->broker;
	struct msg_reply reply;
	struct request	*r;
	struct ibuf	 buf;
	uint32_t	 id = imsg_get_id(imsg);

	errmap_own(&reply, OWN_FULL);
	if (b->parent == NULL || b->nrequests >=
	    (size_t)b->conf.queue_max * REQUESTS_PER_QUEUE ||
	    (r = calloc(1, sizeof(*r))) == NULL) {
		request_send(door, id, &reply);
		return;
	}
	r->broker = b;
	r->door = door;
	r->id = id;
	r->password_ok = -1;
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_request_decode(&buf, &r->m) == -1 || gate_prepare(r) == -1) {
		log_warnx("a request of %s cannot be read",
		    ipc_role_name(door->role));
		errmap_own(&reply, OWN_INTERNAL);
		request_send(door, id, &reply);
	} else if (request_insert(r) == 0) {
		request_times(r);
		request_start(r);
		return;
	}
	r->door = NULL;		/* it was never in the tree */
	request_free(r);
}

/* Drops what was not begun; what is running ends without an audience. */
static void
request_drop(struct request *r)
{
	r->gone = 1;
	if (r->unit != NULL) {
		if (db_drop(r->broker->db, r->unit) == 0)
			return;
		r->unit = NULL;
		request_free(r);
	} else if (r->job != NULL || r->fetch != NULL || mint_cancel(r))
		request_free(r);
}

void
request_cancel(struct door *door, uint32_t id)
{
	struct request key, *r;

	memset(&key, 0, sizeof(key));
	key.door = door;
	key.id = id;
	if ((r = RB_FIND(requests, &door->broker->requests, &key)) != NULL &&
	    !r->gone)
		request_drop(r);
}

void
request_close(struct door *door)
{
	struct broker	*b = door->broker;
	struct request	*r, *next;

	RB_FOREACH_SAFE(r, requests, &b->requests, next) {
		if (r->door != door)
			continue;
		RB_REMOVE(requests, &b->requests, r);
		b->nrequests--;
		r->door = NULL;
		if (!r->gone)
			request_drop(r);
	}
}
