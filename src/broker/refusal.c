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
 * Refusals are written to the audit before anybody hears of them: in
 * batches, in units of their own, since what refused was rolled back.
 * Room: broker.  When that fails the answer is 503.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "log.h"

struct refusal {
	struct batch_item	 item;
	struct msg_reply	 reply;		/* texts are its own */
};

static int
refusal_copy(char **to, const char *from)
{
	*to = from == NULL ? NULL : strdup(from);
	return from != NULL && *to == NULL ? -1 : 0;
}

/* No body, no secrets: refusals have none. */
static int
refusal_dup(struct msg_reply *to, const struct msg_reply *from)
{
	memset(to, 0, sizeof(*to));
	to->status = from->status;
	to->retry_after = from->retry_after;
	if (refusal_copy(&to->code, from->code) == -1 ||
	    refusal_copy(&to->message, from->message) == -1 ||
	    refusal_copy(&to->detail, from->detail) == -1 ||
	    refusal_copy(&to->remediation, from->remediation) == -1 ||
	    refusal_copy(&to->parameter, from->parameter) == -1 ||
	    refusal_copy(&to->location, from->location) == -1 ||
	    refusal_copy(&to->scope, from->scope) == -1)
		return -1;
	return 0;
}

void
refusal_free(struct request *r)
{
	struct refusal *f = r->refusal;

	if (f == NULL)
		return;
	msg_reply_free(&f->reply);
	free(f);
	r->refusal = NULL;
}

void
refusal_start(struct request *r, const struct msg_reply *reply)
{
	struct refusal *f;

	if ((f = calloc(1, sizeof(*f))) == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	r->refusal = f;
	f->item.arg = r;
	f->item.q.deadline = r->deadline;
	f->item.bytes = strlen(r->m.path) + 512;
	if (refusal_dup(&f->reply, reply) == -1 ||
	    batch_add(r->broker->refusals, &f->item) == -1)
		request_own(r, OWN_FULL);
}

static void
refusal_done(struct batch_item *it, enum unit_result result, struct unit *u,
    unsigned row)
{
	struct request	*r = it->arg;
	struct refusal	*f = r->refusal;
	struct db_error	 e;

	(void)row;
	if (result == UNIT_DONE) {
		request_reply(r, &f->reply);
		return;
	}
	if (u != NULL) {
		unit_error(u, &e);
		log_warnx("audit of a refusal: %s %s", e.sqlstate,
		    log_vis(e.message, strlen(e.message)));
	} else
		log_warnx("audit of a refusal: %s", errmap_result(result));
	request_own(r, OWN_AWAY);
}

/* Arrays, in the order of gate_refusals. */
enum {
	REFUSAL_CRED_HASH, REFUSAL_CRED_KIND, REFUSAL_HINT_EXPIRY,
	REFUSAL_HINT_FAMILY, REFUSAL_OPERATION, REFUSAL_REQUEST_ID,
	REFUSAL_PEER, REFUSAL_METHOD, REFUSAL_PATH, REFUSAL_STATUS,
	REFUSAL_CODE, REFUSAL__MAX
};

static const uint32_t refusal_types[REFUSAL__MAX] = {
	[REFUSAL_CRED_HASH] = OID_BYTEA,
	[REFUSAL_CRED_KIND] = OID_INT4,
	[REFUSAL_HINT_EXPIRY] = OID_INT8,
	[REFUSAL_HINT_FAMILY] = OID_UUID,
	[REFUSAL_OPERATION] = OID_TEXT,
	[REFUSAL_REQUEST_ID] = OID_UUID,
	[REFUSAL_PEER] = OID_TEXT,
	[REFUSAL_METHOD] = OID_TEXT,
	[REFUSAL_PATH] = OID_TEXT,
	[REFUSAL_STATUS] = OID_INT4,
	[REFUSAL_CODE] = OID_TEXT,
};

static void
refusal_bytes(struct array *a, const uint8_t *data, size_t len)
{
	if (data == NULL)
		array_null(a);
	else
		array_bytes(a, data, len);
}

static void
refusal_add(struct array *a, const struct request *r)
{
	const struct msg_reply *reply = &r->refusal->reply;

	refusal_bytes(&a[REFUSAL_CRED_HASH], gate_credential(r), HASH_LEN);
	array_int4(&a[REFUSAL_CRED_KIND], r->m.credential_kind);
	array_int8(&a[REFUSAL_HINT_EXPIRY], gate_expiry(r));
	refusal_bytes(&a[REFUSAL_HINT_FAMILY], gate_family(r), UUID_LEN);
	array_text(&a[REFUSAL_OPERATION], r->op->name);
	array_bytes(&a[REFUSAL_REQUEST_ID], r->m.request_id, UUID_LEN);
	array_text(&a[REFUSAL_PEER], r->m.peer);
	array_text(&a[REFUSAL_METHOD], r->m.method);
	array_text(&a[REFUSAL_PATH], r->m.path);
	array_int4(&a[REFUSAL_STATUS], reply->status);
	array_text(&a[REFUSAL_CODE], reply->code);
}

static void
refusal_build(struct unit *u, struct batch_item **items, size_t n)
{
	struct array	 a[REFUSAL__MAX];
	size_t		 i;

	for (i = 0; i < REFUSAL__MAX; i++)
		array_init(&a[i], refusal_types[i], n * 40);
	for (i = 0; i < n; i++)
		refusal_add(a, items[i]->arg);
	unit_query(u, QUERY_GATE_REFUSALS);
	for (i = 0; i < REFUSAL__MAX; i++)
		unit_array(u, &a[i]);
}

struct batch *
refusal_batch_new(struct broker *b)
{
	return batch_new(b->base, b->db, DB_WRITE, b->conf.queue_max, 0,
	    refusal_build, refusal_done);
}
