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
	if (r->op->shared_plan)
		mint_start(r);
	else
		gate_unit(r, r->op->class == OPERATION_READ ? DB_READ :
		    DB_WRITE, "call", r->op->query, call_done);
}
