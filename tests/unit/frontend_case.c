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
 * One stage for the tests of a program.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "frontend_case.h"

struct stage	stage;

void
set_up(const char *proxy, uint32_t idle, uint32_t wait, uint32_t connections)
{
	struct stage_conf	c;

	stage_defaults(&c);
	c.proxy = proxy;
	if (idle != 0)
		c.frontend.idle_timeout = idle;
	if (wait != 0)
		c.frontend.request_timeout = wait;
	if (connections != 0)
		c.frontend.connections_max = connections;
	stage_start(&stage, &c);
}

void
tear_down(void)
{
	assert_int_equal(stage_stop(&stage), 0);
}

int
usual(void **state)
{
	(void)state;
	set_up(NULL, 0, 0, 0);
	return 0;
}

int
end(void **state)
{
	(void)state;
	return stage_stop(&stage);
}

void
expect(const struct answer *a, int status, const char *text)
{
	if (a->status != status ||
	    (text != NULL && strstr(a->text, text) == NULL))
		fail_msg("wanted %d and %s, got: %.2000s", status,
		    text != NULL ? text : "anything", a->text);
}

static void
until_200(const char *request)
{
	const struct timespec	step = { 0, 10000000 };
	struct answer		a;
	int			i, status = 0;

	for (i = 0; i < STAGE_PATIENCE / 10 && status != 200; i++) {
		if (i > 0)
			(void)nanosleep(&step, NULL);
		ask(&stage, request, 0, &a);
		status = a.status;
		answer_free(&a);
	}
	assert_int_equal(status, 200);
}

void
until_asked(void)
{
	until_200(ACCOUNT("open"));
}

void
until_answered(void)
{
	until_200(ACCOUNT("x"));
}
