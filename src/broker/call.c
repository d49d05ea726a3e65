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
 * Operations of one unit: gate, call, Sync, reply; or of a place in a shared
 * one (issue.c).  Room: broker.
 */

#include "config.h"

#include "broker.h"

static void
call_done(struct unit *u, void *arg)
{
	struct request *r = arg;

	r->unit = NULL;
	request_unit(r, u, 1, 0, NULL);
}

void
call_start(struct request *r)
{
	struct unit *u;

	if (r->op->shared_plan) {
		mint_start(r);
		return;
	}
	u = unit_new(r->op->class == OPERATION_READ ? DB_READ : DB_WRITE,
	    r->deadline, call_done, r);
	if (u == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	gate_enter(u, r, "call");
	bind_unit(u, r, r->op->query);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}
