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
 * From what PostgreSQL says to what the caller is told.  Pure.
 */

#ifndef ERRMAP_H
#define ERRMAP_H

#include "db.h"
#include "msg_broker.h"

#define ERRMAP_RETRY_AFTER	1	/* s */

/*
 * Fills the reply's status and texts; they point into e or are static, and
 * are not to be freed.  Returns 1 if the text of e must go to the log since
 * the caller does not get it.
 */
int	 errmap_sql(struct msg_reply *, const struct db_error *e);
/*
 * The same of a procedure of an application, which speaks to the caller by
 * itself: what it raised, not what the gate before it did.  The body may
 * point into e, too.
 */
int	 errmap_procedure(struct msg_reply *, const struct db_error *e);
/* The same for a unit that brought no SQL error. */
void	 errmap_unit(struct msg_reply *, enum unit_result);

/* A word for the log. */
const char *errmap_result(enum unit_result);

enum errmap_own {
	OWN_FULL,		/* a queue is full */
	OWN_TOO_MANY,		/* calls of this credential */
	OWN_AWAY,		/* database or signer is away */
	OWN_TIMEOUT,
	OWN_UNKNOWN_OPERATION,
	OWN_WRONG_DOOR,		/* credential of the control socket elsewhere */
	OWN_BAD_REFRESH,	/* the signer does not know the secret */
	OWN_BAD_GRANT,		/* the same, of a client */
	OWN_BAD_CLIENT,		/* no key of the client made the assertion */
	OWN_TOO_LARGE,		/* answer */
	OWN_INTERNAL,
	OWN__MAX
};
void	 errmap_own(struct msg_reply *, enum errmap_own);

#endif /* ERRMAP_H */
