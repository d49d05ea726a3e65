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
 * A session after somebody who was allowed to change it: settings, locks and
 * the rest go before anybody else gets the connection, or the connection
 * goes.  Room: broker, db*.
 */

#include "config.h"

#include "db_int.h"

#define CLEAN_TIME	5000	/* ms */

static void
clean_done(struct unit *u, void *arg)
{
	struct db_conn *c = arg;

	if (unit_result(u) == UNIT_FAILED || unit_result(u) == UNIT_BROKEN)
		c->doomed = 1;
}

void
conn_clean(struct db_conn *c)
{
	struct unit *u;

	u = unit_new(c->lane, queue_now() + CLEAN_TIME, clean_done, c);
	if (u == NULL) {
		c->doomed = 1;
		return;
	}
	unit_query(u, QUERY_GATE_SESSION_CLEAN);
	unit_alone(u);
	u->tries = 1;		/* never to another connection */
	c->db->outstanding++;
	if (conn_send(c, u) == -1)
		c->doomed = 1;
}
