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
 * What the server says beside results.  Room: broker, db*.
 */

#include "config.h"

#include <string.h>

#include "db_int.h"
#include "log.h"

void
conn_notice(void *arg, const PGresult *res)
{
	struct db_conn	*c = arg;
	struct unit	*u = TAILQ_FIRST(&c->flight);
	const char	*text, *function, *state;

	/*
	 * A commit whose wait for the standby was broken off ends with
	 * success and a warning of this function; its text is translated,
	 * its SQLSTATE may be anybody's.
	 */
	function = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);
	if (function != NULL && strcmp(function, "SyncRepWaitForLSN") == 0) {
		log_warnx("database: a commit is not on the standby");
		if (u != NULL)
			u->not_durable = 1;
		return;
	}
	text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	/* behind others' Sync it could be the next one's: then it is alone */
	if (u != NULL && u->notice != NULL && c->nflight == 1 &&
	    text != NULL && state != NULL)
		u->notice(state, text, u->arg);
	else if (text != NULL)
		log_debug("database says: %s", log_vis(text, strlen(text)));
}
