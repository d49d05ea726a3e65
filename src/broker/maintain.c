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
 * What has to be done now and then: the database's own upkeep (expired
 * tokens, one worker at a time does it) and a look at the public keys of
 * other hosts.  Room: broker.
 */

#include "config.h"

#include <string.h>

#include "broker.h"
#include "log.h"
#include "queue.h"

#define MAINTAIN_INTERVAL	30		/* s */
#define MAINTAIN_DEADLINE	(10 * 1000)	/* ms */

static void
maintain_done(struct unit *u, void *arg)
{
	struct db_error e;

	(void)arg;
	if (unit_result(u) != UNIT_FAILED)
		return;
	unit_error(u, &e);
	log_warnx("maintenance: %s %s", e.sqlstate,
	    log_vis(e.message, strlen(e.message)));
}

static void
maintain_timer(evutil_socket_t fd, short what, void *arg)
{
	struct broker	*b = arg;
	struct unit	*u;

	(void)fd;
	(void)what;
	keys_refresh(b);
	if ((u = unit_new(DB_WRITE, queue_now() + MAINTAIN_DEADLINE,
	    maintain_done, b)) == NULL)
		return;
	unit_query(u, QUERY_GATE_MAINTAIN);
	(void)db_submit(b->db, u);	/* the next time will do */
}

struct event *
maintain_new(struct broker *b)
{
	static const struct timeval interval = { MAINTAIN_INTERVAL, 0 };
	struct event *ev;

	if ((ev = event_new(b->base, -1, EV_PERSIST, maintain_timer, b)) ==
	    NULL || evtimer_add(ev, &interval) == -1)
		fatalx("event_new");
	return ev;
}
