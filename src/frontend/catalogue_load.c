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
 * Reads a new catalogue between other events.  Room: frontend.  A thousand
 * procedures are tens of milliseconds of work, which no request is to wait
 * for.
 */

#include "config.h"

#include <event2/event.h>

#include "catalogue.h"
#include "log.h"

#define LOAD_ENTRIES	32	/* in one turn: a millisecond or so */

static struct {
	struct event		*turn;
	struct catalogue_reader	*reader;
} load;

static void
load_next(void)
{
	static const struct timeval	at_once = { 0, 0 };

	if (evtimer_add(load.turn, &at_once) == -1)
		fatalx("evtimer_add");
}

static void
load_turn(evutil_socket_t fd, short what, void *arg)
{
	struct catalogue_reader	*reader = load.reader;
	struct schema_error	 error;

	(void)fd;
	(void)what;
	(void)arg;
	switch (catalogue_reader_step(reader, LOAD_ENTRIES, &error)) {
	case 1:
		load_next();
		return;
	case 0:
		load.reader = NULL;
		catalogue_use(catalogue_reader_take(reader));
		return;
	}
	catalogue_refuse(&error);
	catalogue_reader_free(reader);
	load.reader = NULL;
}

void
catalogue_load(struct event_base *base, const char *text, size_t len)
{
	struct schema_error	 error;

	if (load.turn == NULL &&
	    (load.turn = evtimer_new(base, load_turn, NULL)) == NULL)
		fatalx("evtimer_new");
	catalogue_reader_free(load.reader);
	if ((load.reader = catalogue_reader_new(text, len, &error)) == NULL) {
		(void)evtimer_del(load.turn);
		catalogue_refuse(&error);
	} else
		load_next();
}
