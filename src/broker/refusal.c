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

/* No secrets: refusals have none. */
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
	    refusal_copy(&to->scope, from->scope) == -1 ||
	    (from->body_len > 0 &&
	    refusal_copy(&to->body, from->body) == -1))
		return -1;
	to->body_len = from->body_len;
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

static void
refusal_build(struct unit *u, struct batch_item **items, size_t n)
{
	bind_batch(u, items, n, QUERY_GATE_REFUSALS);
}

const struct msg_reply *
refusal_reply(const struct request *r)
{
	return &r->refusal->reply;
}

struct batch *
refusal_batch_new(struct broker *b)
{
	return batch_new(b->base, b->db, DB_WRITE, b->conf.queue_max,
	    BATCH_REST, 0, refusal_build, refusal_done);
}
