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
 * Calls of published procedures, by the real broker, against
 * broker_stub.sql: the catalogue, lanes, words meanwhile, cancels, limits.
 *
 *	broker_calls BINDIR KEYDIR CONNINFO PSQL
 *
 * PSQL is a command that reads SQL from its last argument as superuser.
 * broker_run starts it.
 */

#include "config.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker_harness.h"
#include "queries.h"

static struct harness	 h;
#define sql(...)	harness_sql(&h, __VA_ARGS__)
static int		 failures;

#define CHECK(e)	check((e), #e, __LINE__)

static void
check(int ok, const char *what, int line)
{
	if (ok)
		return;
	failures++;
	printf("broker_calls: line %d: not so: %s\n", line, what);
}

static uint32_t
start(const char *operation, const char *arguments)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "{\"arguments\": %s}", arguments);
	return harness_send(&h, operation, CRED_ACCESS, "good", text);
}

/* Statuses of calls that nobody waited for when they were answered. */
#define KEPT	1024
static int	 kept[KEPT];

static int
receive(uint32_t id, struct msg_reply *r, int ms)
{
	uint32_t got;

	for (;;) {
		if (harness_receive(&h, &got, r, ms) == -1)
			return -1;
		if (got == id)
			return 0;
		kept[got % KEPT] = r->status;
		msg_reply_free(r);
	}
}

/* The caller frees. */
static void
call(const char *operation, const char *arguments, struct msg_reply *r)
{
	uint32_t id = start(operation, arguments);

	if (receive(id, r, HARNESS_WAIT) == -1)
		errx(1, "%s: no reply", operation);
}

static int
status(const char *operation, const char *arguments)
{
	struct msg_reply r;
	int n;

	call(operation, arguments, &r);
	n = r.status;
	if (n >= 500 && h.verbose)
		printf("%s %s: %d %s\n", operation, arguments, n, r.code);
	msg_reply_free(&r);
	return n;
}

/* A call that was started: its status, 0 if none came. */
static int
wait_for(uint32_t id, int ms)
{
	struct msg_reply r;
	int n = kept[id % KEPT];

	kept[id % KEPT] = 0;
	if (n != 0)
		return n;
	if (receive(id, &r, ms) == -1)
		return 0;
	n = r.status;
	msg_reply_free(&r);
	return n;
}

/* Twenty quick ones, while these run until they are let go. */
static int
quick_past(const uint32_t *slow, unsigned n)
{
	unsigned i;

	for (i = 0; i < 20; i++)
		CHECK(status("api:r.quick", "{}") == 200);
	for (i = 0; i < n; i++) {
		if (kept[slow[i] % KEPT] != 0)
			return 0;
	}
	return 1;
}

static void
test_catalogue(void)
{
	struct msg_reply r;

	CHECK(harness_catalogue(&h, HARNESS_WAIT) == 0);
	CHECK(h.generation == 1);
	CHECK(strcmp(h.catalogue, "{\"generation\": 1}") == 0);
	call("api:r.quick", "{}", &r);
	CHECK(r.status == 200);
	CHECK(strstr(r.body, "\"readonly\" : \"on\"") != NULL);
	msg_reply_free(&r);
	call("mcp:w.write", "{}", &r);
	CHECK(r.status == 200);
	CHECK(strstr(r.body, "\"readonly\" : \"off\"") != NULL);
	msg_reply_free(&r);
	/* it became one that writes, and the broker does not know yet */
	CHECK(status("api:w.stale", "{\"mark\": \"stale\"}") == 503);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark WHERE text = "
	    "'stale'"), "0") == 0);
	/* nothing but what is published, whatever the name looks like */
	CHECK(status("api:r.none", "{}") == 404);
	CHECK(status("api:", "{}") == 404);
	CHECK(status("api:account.list", "{}") == 404);
	CHECK(status("r.quick", "{}") == 404);
	CHECK(status("procedure_read", "{}") == 404);
	CHECK(status("API:r.quick", "{}") == 404);
	/* the gate's word counts */
	harness_call(&h, "api:r.quick", CRED_ACCESS, "bad", "{}", &r);
	CHECK(r.status == 401);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.refusal WHERE operation "
	    "= 'api:r.quick'"), "1") == 0);
	msg_reply_free(&r);
}

static void
test_errors(void)
{
	struct msg_reply r;

	call("api:r.quick", "{\"raise\": \"GA001\", \"detail\": "
	    "\"{\\\"requestState\\\":\\\"x\\\"}\"}", &r);
	CHECK(r.status == 428 && strcmp(r.code, "input_required") == 0);
	CHECK(strcmp(r.body, "{\"requestState\":\"x\"}") == 0);
	msg_reply_free(&r);
	call("api:w.write", "{\"raise\": \"HT409\", \"detail\": \"sold out\", "
	    "\"data\": \"{\\\"left\\\":0}\"}", &r);
	CHECK(r.status == 409 && strcmp(r.code, "its_code") == 0);
	CHECK(strcmp(r.body, "{\"left\":0}") == 0);
	msg_reply_free(&r);
	call("api:r.quick", "{\"raise\": \"P0001\"}", &r);
	CHECK(r.status == 400 && strcmp(r.message, "as asked") == 0);
	msg_reply_free(&r);
	CHECK(status("api:r.quick", "{\"raise\": \"22023\"}") == 422);
	CHECK(status("api:r.quick", "{\"raise\": \"42501\"}") == 403);
	/* the gate's states are the gate's, and connections stay */
	call("api:r.quick", "{\"raise\": \"OA401\"}", &r);
	CHECK(r.status == 500 && strcmp(r.code, "internal") == 0);
	msg_reply_free(&r);
	CHECK(status("api:r.quick", "{\"raise\": \"57P01\"}") == 503);
	CHECK(status("api:r.quick", "{\"raise\": \"08006\"}") == 503);
	CHECK(status("api:r.quick", "{\"raise\": \"0A000\"}") == 500);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.refusal WHERE operation "
	    "= 'api:r.quick'"), "1") == 0);
	/* it tried to write, and may not */
	CHECK(status("api:r.quick", "{\"mark\": \"never\"}") == 500);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark WHERE text = "
	    "'never'"), "0") == 0);
}

static void
warm(const char *operation)
{
	int i;

	for (i = 0; i < 40; i++)
		CHECK(status(operation, "{}") == 200);
}

/* Quick ones do not wait for slow ones, whoever comes first. */
static void
test_lanes(void)
{
	uint32_t slow[6];
	unsigned i;

	warm("api:r.quick");
	/* by promise */
	for (i = 0; i < 3; i++)
		slow[i] = start("api:r.long", "{\"until\": \"promise\"}");
	CHECK(quick_past(slow, 3));
	harness_go(&h, "promise");
	for (i = 0; i < 3; i++)
		CHECK(wait_for(slow[i], HARNESS_WAIT) == 200);
	/* by surprise: never seen, and all at once */
	for (i = 0; i < 6; i++)
		slow[i] = start("api:r.fresh", "{\"until\": \"surprise\"}");
	CHECK(quick_past(slow, 6));
	harness_go(&h, "surprise");
	for (i = 0; i < 6; i++)
		CHECK(wait_for(slow[i], HARNESS_WAIT) == 200);
	/* one that was quick until now */
	warm("api:r.other");
	slow[0] = start("api:r.other", "{\"until\": \"other\"}");
	usleep(80000);
	slow[1] = start("api:r.other", "{\"until\": \"other\"}");
	slow[2] = start("api:r.other", "{\"until\": \"other\"}");
	CHECK(quick_past(slow, 3));
	harness_go(&h, "other");
	for (i = 0; i < 3; i++)
		CHECK(wait_for(slow[i], HARNESS_WAIT) == 200);
	h.timeout = 300;
	CHECK(status("api:r.quick", "{\"sleep\": 60}") == 504);
	h.timeout = 0;
	warm("api:r.quick");
}

static void
test_events(void)
{
	uint32_t id, others[4];
	int i;

	h.events = 0;
	CHECK(status("api:r.quick", "{\"notices\": 3}") == 200);
	CHECK(h.events == 0);	/* nobody asked */
	h.wants_events = 1;
	id = start("api:r.quick", "{\"notices\": 3, \"pause\": 0.05}");
	/* others' calls at the same time do not get into it */
	h.wants_events = 0;
	for (i = 0; i < 4; i++)
		others[i] = start("api:r.quick", "{\"notices\": 7, "
		    "\"say\": \"{}\"}");
	CHECK(wait_for(id, HARNESS_WAIT) == 200);
	for (i = 0; i < 4; i++)
		CHECK(wait_for(others[i], HARNESS_WAIT) == 200);
	CHECK(h.events == 3 && h.event_id == id);
	CHECK(h.event_kind == EVENT_PROGRESS);
	CHECK(strcmp(h.event, "{\"progress\" : 3}") == 0);
	h.wants_events = 1;
	CHECK(status("api:w.write", "{\"notices\": 1, \"state\": \"GL001\", "
	    "\"say\": \"{\\\"level\\\":\\\"info\\\"}\"}") == 200);
	CHECK(h.events == 4 && h.event_kind == EVENT_LOG);
	/* other notices are not for anybody */
	CHECK(status("api:r.quick", "{\"notices\": 9, \"state\": \"01000\"}")
	    == 200);
	CHECK(h.events == 4);
	/* who talks without end is heard in part, and the answer comes */
	CHECK(status("api:r.quick", "{\"notices\": 20000}") == 200);
	CHECK(h.events > 4 && h.events <= 20004);
	h.wants_events = 0;
}

static void
test_trusted(void)
{
	struct msg_reply r;
	int i;

	for (i = 0; i < 6; i++) {
		call("api:r.trusted", i < 3 ? "{\"dirty\": 1}" :
		    "{\"dirty\": 1, \"raise\": \"P0001\"}", &r);
		CHECK(r.status == (i < 3 ? 200 : 400));
		msg_reply_free(&r);
	}
	for (i = 0; i < 8; i++) {
		call("api:r.quick", "{}", &r);
		CHECK(r.status == 200);
		CHECK(strstr(r.body, "yes") == NULL);
		CHECK(strstr(r.body, "123kB") == NULL);
		CHECK(strstr(r.body, "\"locks\" : 0") != NULL);
		CHECK(strstr(r.body, "\"listens\" : 0") != NULL);
		msg_reply_free(&r);
	}
}

static void
test_cancel(void)
{
	double begin = harness_now();
	uint32_t id;
	int i;

	for (i = 0; i < 5; i++) {
		id = start("api:r.quick", "{\"until\": \"never\"}");
		CHECK(harness_asleep(&h, 1) == 0);
		harness_cancel(&h, id);
		/* those behind it are not hit, read or write */
		CHECK(status("api:w.write", "{\"mark\": \"after\"}") == 200);
		CHECK(status("api:r.quick", "{}") == 200);
	}
	CHECK(harness_asleep(&h, 0) == 0);
	CHECK(harness_now() - begin < 25);	/* not by their time-out */
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark WHERE text = "
	    "'after'"), "5") == 0);
	/* a write goes on to its end */
	id = start("api:w.write", "{\"until\": \"kept\", \"mark\": "
	    "\"kept\"}");
	CHECK(harness_asleep(&h, 1) == 0);
	harness_cancel(&h, id);
	CHECK(status("api:r.quick", "{}") == 200);
	usleep(100000);
	harness_go(&h, "kept");
	CHECK(harness_until(&h, "1", "SELECT count(*) FROM stub.mark WHERE "
	    "text = 'kept'") == 0);
	CHECK(wait_for(id, 100) == 0);
}

/* The database goes in the middle of it: reads are repeated. */
static void
test_lost(void)
{
	uint32_t read, write;
	int a, b;

	read = start("api:r.long", "{\"until\": \"lost\"}");
	write = start("api:w.write", "{\"until\": \"lost\"}");
	CHECK(harness_asleep(&h, 2) == 0);
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	    "WHERE usename = 'grantd_broker'");
	harness_go(&h, "lost");
	a = wait_for(write, HARNESS_WAIT);
	b = wait_for(read, HARNESS_WAIT);
	CHECK(a == 503);
	CHECK(b == 200);
}

static void
test_change(void)
{
	uint32_t id;

	sql("UPDATE stub.catalogue SET generation = 2, routes = routes || "
	    "jsonb_build_object('name', 'r.new', 'class', 'read', "
	    "'timeout_ms', 30000), body = '{}'");
	CHECK(harness_catalogue(&h, HARNESS_WAIT) == 0 && h.generation == 2);
	CHECK(status("api:r.new", "{}") == 200);
	/* a broken one, of each kind: the one before goes on */
	sql("UPDATE stub.catalogue SET generation = 3, body = 'broken'");
	CHECK(harness_catalogue(&h, 2500) == -1);
	CHECK(status("api:r.new", "{}") == 200);
	sql("UPDATE stub.catalogue SET generation = 4, body = '{}', routes = "
	    "routes || jsonb_build_object('name', 'r.bad', 'class', 'read')");
	CHECK(harness_catalogue(&h, 2500) == -1);
	CHECK(status("api:r.new", "{}") == 200);
	sql("UPDATE stub.catalogue SET generation = 5, body = NULL");
	CHECK(harness_catalogue(&h, 2500) == -1);
	CHECK(status("api:r.bad", "{}") == 404);
	/* a call that runs while its procedure is taken away ends well */
	id = start("api:r.new", "{\"until\": \"new\"}");
	CHECK(harness_asleep(&h, 1) == 0);
	sql("UPDATE stub.catalogue SET generation = 6, body = '{}', routes = "
	    "(SELECT jsonb_agg(r) FROM jsonb_array_elements(routes) r WHERE "
	    "r ->> 'name' NOT IN ('r.new', 'r.bad'))");
	CHECK(harness_catalogue(&h, HARNESS_WAIT) == 0 && h.generation == 6);
	harness_go(&h, "new");
	CHECK(wait_for(id, HARNESS_WAIT) == 200);
	CHECK(status("api:r.new", "{}") == 404);
}

static double
timed(void)
{
	double t = harness_now();

	CHECK(status("api:r.quick", "{}") == 200);
	return harness_now() - t;
}

/* A thousand procedures and megabytes of text: who calls does not notice. */
static int
reload(unsigned generation)
{
	unsigned before = h.catalogues, i;
	double t, longest = 0, usual = 0, begun;

	/* what a busy machine adds at its worst, without a reload */
	for (i = 0; i < 200; i++) {
		if ((t = timed()) > usual)
			usual = t;
	}
	sql("UPDATE stub.catalogue SET generation = %u, body = repeat('x', "
	    "2000000), routes = routes || (SELECT jsonb_agg("
	    "jsonb_build_object('name', 'r.p' || n, 'class', 'read', "
	    "'timeout_ms', 1000)) FROM generate_series(%u, %u) n)",
	    generation, (generation - 7) * 1000 + 1, (generation - 6) * 1000);
	begun = harness_now();
	while (h.catalogues == before && harness_now() - begun < 30) {
		if ((t = timed()) > longest)
			longest = t;
	}
	CHECK(h.catalogues == before + 1 && h.generation == generation);
	printf("broker_calls: reload of 1,000, longest call %.1f ms, %.1f "
	    "before\n", longest * 1000, usual * 1000);
	return longest < 0.5 + 5 * usual;
}

static void
test_reload(void)
{
	int good;

	/* once more, since the machine may stand still during one of them */
	good = reload(7);
	good += reload(8);
	CHECK(good > 0);
	CHECK(status("api:r.p1000", "{}") == 200);
	CHECK(status("api:r.p2000", "{}") == 200);
}

/* Sixty at once; thirty are good at any time, and thirty more in a second. */
static void
test_rate(void)
{
	struct msg_reply r;
	double begun = harness_now();
	uint32_t id;
	int i, many = 0;

	for (i = 0; i < 60; i++)
		(void)start("api:r.quick", "{}");
	for (i = 0; i < 60; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		if (r.status == 429) {
			many++;
			CHECK(r.retry_after > 0);
		} else
			CHECK(r.status == 200);
		msg_reply_free(&r);
	}
	CHECK(many <= 40 && many >= 20 - 30 * (harness_now() - begun));
	/* nobody else's, and nothing but calls */
	harness_call(&h, "api:r.quick", CRED_ACCESS, "other", "{}", &r);
	CHECK(r.status == 401);
	msg_reply_free(&r);
	harness_call(&h, "account.list", CRED_ACCESS, "good", "{}", &r);
	CHECK(r.status == 200);
	msg_reply_free(&r);
}

static void
run(void)
{
	harness_start(&h);
	harness_state(&h, STATE_CONNECTED);
}

int
main(int argc, char **argv)
{
	if (argc != 5)
		errx(1, "usage: broker_calls BINDIR KEYDIR CONNINFO PSQL");
	memset(&h, 0, sizeof(h));
	h.bindir = argv[1];
	h.keydir = argv[2];
	h.conninfo = argv[3];
	h.psql = argv[4];
	h.verbose = getenv("VERBOSE") != NULL;
	sql("DELETE FROM stub.version; INSERT INTO stub.version VALUES (%d)",
	    QUERIES_SCHEMA);
	run();
	test_catalogue();
	test_errors();
	test_lanes();
	test_events();
	test_trusted();
	test_cancel();
	test_lost();
	test_change();
	test_reload();
	CHECK(harness_stop(&h) == 0);
	h.calls_max = 30;
	run();
	CHECK(harness_catalogue(&h, HARNESS_WAIT) == 0);
	test_rate();
	CHECK(harness_stop(&h) == 0);
	if (failures > 0)
		errx(1, "%d checks failed", failures);
	printf("broker_calls: all is well\n");
	return 0;
}
