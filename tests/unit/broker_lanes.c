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
 * The real broker and signer against broker_stub.sql: errors, deadlines,
 * bounds, cancels, lost connections, shared commits, the end.
 *
 *	broker_lanes BINDIR KEYDIR CONNINFO PSQL
 *
 * PSQL is a command that reads SQL from its last argument as superuser.
 * broker_run starts it.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker_harness.h"
#include "codec.h"
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
	printf("broker_lanes: line %d: not so: %s\n", line, what);
}

static int
status_of(const char *operation, int kind, const char *credential,
    const char *arguments)
{
	struct msg_reply r;
	int status;

	harness_call(&h, operation, kind, credential, arguments, &r);
	status = r.status;
	msg_reply_free(&r);
	return status;
}

static int
ask(const char *operation, const char *arguments)
{
	return status_of(operation, CRED_ACCESS, "good", arguments);
}

static void
test_replies(void)
{
	struct msg_reply r;

	harness_call(&h, "account.list", CRED_ACCESS, "good",
	    "{\"a\": 1}", &r);
	CHECK(r.status == 200);
	CHECK(strcmp(r.body, "{\"a\": 1}") == 0);
	CHECK(r.nsecrets == 0 && r.code[0] == '\0');
	msg_reply_free(&r);
	harness_call(&h, "account.create", CRED_ACCESS, "good",
	    "{\"raise\": \"HT409\"}", &r);
	CHECK(r.status == 409);
	CHECK(strcmp(r.code, "the_code") == 0);
	CHECK(strcmp(r.message, "as asked") == 0);
	msg_reply_free(&r);
	CHECK(ask("account.list", "{\"raise\": \"22P02\"}") == 400);
	CHECK(ask("account.list", "{\"raise\": \"23505\"}") == 409);
	CHECK(ask("account.list", "{\"raise\": \"40001\"}") == 503);
	CHECK(ask("account.list", "{\"raise\": \"42501\"}") == 500);
	CHECK(ask("account.list", "{\"size\": 8388608}") == 200);
	CHECK(ask("account.list", "{\"size\": 8388609}") == 500);
	CHECK(ask("account.list", "{\"status\": 99}") == 500);
	CHECK(ask("account.list", "not json") == 400);
	CHECK(ask("no.such", "{}") == 404);
	CHECK(ask("account.create", "{\"mark\": \"roles\"}") == 200);
	CHECK(strcmp(sql("SELECT login || role FROM stub.mark "
	    "WHERE text = 'roles'"), "grantd_brokergrantd_api") == 0);
}

/* Refused, and written down before anybody hears of it. */
static void
test_refusals(void)
{
	sql("DELETE FROM stub.refusal");
	CHECK(status_of("account.list", CRED_ACCESS, "bad", "{}") == 401);
	CHECK(status_of("account.list", CRED_NONE, "", "{}") == 401);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.refusal "
	    "WHERE code = 'invalid_token'"), "2") == 0);
	/* what only reads is not worth a row, what writes is */
	CHECK(ask("account.list", "{\"raise\": \"HT404\"}") == 404);
	CHECK(ask("account.create", "{\"raise\": \"HT404\"}") == 404);
	CHECK(ask("account.create", "{\"raise\": \"HT500\"}") == 500);
	CHECK(strcmp(sql("SELECT string_agg(operation, ' ') FROM stub.refusal "
	    "WHERE status = 404"), "account.create") == 0);
	/* no audit, no answer */
	CHECK(status_of("storage.file_delete", CRED_ACCESS, "bad", "{}") ==
	    503);
	/* the operator's credential, over a frontend's link */
	CHECK(status_of("account.list", CRED_CONTROL, "", "{}") == 401);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.refusal"), "4") == 0);
}

static void
test_control(void)
{
	struct msg_reply r;

	harness_control(&h, "organization.list", "{}", &r);
	CHECK(r.status == 200);
	msg_reply_free(&r);
}

/* Reads go on beside slow ones, in any order; each has its deadline. */
static void
test_deadlines(void)
{
	struct msg_reply r;
	uint32_t id[6], got;
	double begin = harness_now();	/* who stands still is given up */
	int i, slow = 0;

	h.timeout = 300;
	CHECK(ask("account.list", "{\"sleep\": 60}") == 504);
	/* two write connections, depth 1: the others never start */
	for (i = 0; i < 6; i++)
		id[i] = harness_send(&h, "account.create", CRED_ACCESS,
		    "good", "{\"sleep\": 60, \"mark\": \"never\"}");
	for (i = 0; i < 6; i++) {
		CHECK(harness_receive(&h, &got, &r, HARNESS_WAIT) == 0);
		CHECK(got >= id[0] && got <= id[5]);
		slow += r.status == 504 || (harness_now() - begin > 2 &&
		    strcmp(r.code, "outcome_unknown") == 0);
		msg_reply_free(&r);
	}
	CHECK(slow == 6);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark "
	    "WHERE text = 'never'"), "0") == 0);
	h.timeout = 0;
}

/* As large as a message may be, there and back. */
static void
test_large(void)
{
	static char args[MSG_MAX_ARGUMENTS + 1];
	struct msg_reply r;
	size_t n = sizeof(args) - 1;
	int i;

	memset(args, 'x', n);
	memcpy(args, "{\"a\": \"", 7);
	memcpy(args + n - 2, "\"}", 2);
	args[n] = '\0';
	for (i = 0; i < 3; i++) {
		harness_call(&h, i == 1 ? "account.create" : "account.list",
		    CRED_ACCESS, "good", args, &r);
		CHECK(r.status == 200 && r.body_len == n);
		msg_reply_free(&r);
	}
	harness_call(&h, "token.issue", CRED_ACCESS, "good", args, &r);
	CHECK(r.status == 200);
	msg_reply_free(&r);
}

/* What a shell's kill does to the backends of writes. */
static void
signal_writers(const char *pids, int sig)
{
	char	*end;
	long	 pid;

	for (; (pid = strtol(pids, &end, 10)) > 1; pids = end)
		CHECK(kill((pid_t)pid, sig) == 0);
}

/* A backend that says nothing any more is given up. */
static void
test_hung(void)
{
	struct msg_reply r;
	uint32_t id, got;
	char pids[512];

	(void)strlcpy(pids, sql("SELECT string_agg(pid::text, ' ') FROM "
	    "pg_stat_activity WHERE usename = 'grantd_broker' AND query LIKE "
	    "'%%account_create%%'"), sizeof(pids));
	CHECK(atoi(pids) > 1);
	signal_writers(pids, SIGSTOP);
	h.timeout = 5000;	/* time enough for it to be sent */
	id = harness_send(&h, "account.create", CRED_ACCESS, "good", "{}");
	CHECK(harness_receive(&h, &got, &r, HARNESS_WAIT) == 0);
	CHECK(got == id && r.status == 503);
	CHECK(strcmp(r.code, "outcome_unknown") == 0);
	msg_reply_free(&r);
	signal_writers(pids, SIGCONT);
	h.timeout = 0;
	CHECK(ask("account.create", "{}") == 200);
}

/* Committed, but the standby never said so: not acknowledged. */
static void
test_not_durable(void)
{
	struct msg_reply r;
	uint32_t id;
	int i, waits = 0;

	sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
	sql("SELECT pg_reload_conf()");
	/* the checkpointer makes it so, in its own time */
	for (i = 0; i < 1000 && !waits; i++) {
		(void)harness_send(&h, "account.create", CRED_ACCESS, "good",
		    "{\"mark\": \"not safe\"}");
		while (!waits && harness_receive(&h, &id, &r, 300) == -1)
			waits = atoi(sql("SELECT count(*) FROM "
			    "pg_stat_activity WHERE wait_event = 'SyncRep'"));
		if (!waits)
			msg_reply_free(&r);
	}
	CHECK(waits);
	sql("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
	    "WHERE wait_event = 'SyncRep'");
	CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
	CHECK(r.status == 503);
	CHECK(strcmp(r.code, "outcome_unknown") == 0);
	msg_reply_free(&r);
	CHECK(atoi(sql("SELECT count(*) FROM stub.mark "
	    "WHERE text = 'not safe'")) == i);
	sql("ALTER SYSTEM RESET synchronous_standby_names");
	sql("SELECT pg_reload_conf()");
	CHECK(ask("account.create", "{}") == 200);
}

/* More than a queue holds: 503 at once, with a word on when to come back. */
static void
test_bound(void)
{
	struct msg_reply r;
	uint32_t id;
	int i, full = 0, done = 0;

	for (i = 0; i < 60; i++)
		(void)harness_send(&h, "account.create", CRED_ACCESS, "good",
		    "{\"until\": \"full\"}");
	for (i = 0; i < 60; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		done += r.status == 200;
		full += r.status == 503 && r.retry_after > 0;
		msg_reply_free(&r);
		if (i == 0)
			harness_go(&h, "full");
	}
	CHECK(done + full == 60);
	CHECK(full > 0);
	CHECK(done >= (int)h.queue_max);
}

static void
test_cancel(void)
{
	struct msg_reply r;
	uint32_t id, got, first, second;
	double begin = harness_now();

	/* a running read is cancelled, what waits behind it goes on */
	id = harness_send(&h, "account.list", CRED_ACCESS, "good",
	    "{\"until\": \"never\"}");
	CHECK(harness_asleep(&h, 1) == 0);
	harness_cancel(&h, id);
	first = harness_send(&h, "account.list", CRED_ACCESS, "good", "{}");
	CHECK(harness_receive(&h, &got, &r, HARNESS_WAIT) == 0 &&
	    got == first);
	CHECK(r.status == 200);
	msg_reply_free(&r);
	/* before the time of the request is over */
	CHECK(harness_asleep(&h, 0) == 0);
	CHECK(harness_now() - begin < 25);
	/* a running write is not, a waiting one is dropped */
	id = harness_send(&h, "account.create", CRED_ACCESS, "good",
	    "{\"until\": \"kept\", \"mark\": \"kept\"}");
	first = harness_send(&h, "account.create", CRED_ACCESS, "good",
	    "{\"until\": \"kept\", \"mark\": \"kept\"}");
	second = harness_send(&h, "account.create", CRED_ACCESS, "good",
	    "{\"mark\": \"dropped\"}");
	CHECK(harness_asleep(&h, 2) == 0);
	harness_cancel(&h, id);
	harness_cancel(&h, second);
	CHECK(ask("account.list", "{}") == 200);
	usleep(100000);
	harness_go(&h, "kept");
	CHECK(harness_receive(&h, &got, &r, HARNESS_WAIT) == 0 &&
	    got == first);
	msg_reply_free(&r);
	CHECK(harness_receive(&h, &got, &r, 300) == -1);
	CHECK(harness_until(&h, "kept kept", "SELECT string_agg(text, ' ') "
	    "FROM stub.mark WHERE text IN ('kept', 'dropped')") == 0);
	harness_cancel(&h, 4711);	/* nobody's */
}

/*
 * How many tokens the signer was told to count as never given out.  It is
 * told beside the answer: waits until it were so many.
 */
static int
abandoned(int want)
{
	char	 path[1024], line[4096];
	FILE	*f;
	int	 n, i;

	(void)snprintf(path, sizeof(path), "%s/journal", h.keydir);
	for (i = 0, n = -1; i < HARNESS_WAIT / 10 && n < want; i++) {
		(void)usleep(i > 0 ? 10000 : 0);
		if ((f = fopen(path, "r")) == NULL)
			err(1, "%s", path);
		for (n = 0; fgets(line, sizeof(line), f) != NULL; )
			n += strstr(line, "Z abandon ") != NULL;
		fclose(f);
	}
	return n;
}

static void
test_mint(void)
{
	struct msg_reply r;
	uint32_t id;
	int before;

	harness_call(&h, "integration.create", CRED_ACCESS, "good",
	    "{\"refresh\": 1}", &r);
	CHECK(r.status == 201);
	CHECK(r.nsecrets == 2);
	CHECK(r.nsecrets == 2 && strncmp(r.secrets[0], "eyJ", 3) == 0);
	CHECK(r.nsecrets == 2 && strncmp(r.secrets[1], "grt_", 4) == 0);
	CHECK(strstr(r.body, "\"carry\" : {\"refresh\": 1}") != NULL);
	CHECK(strstr(r.body, "\"seed_key\" : 1") != NULL);
	msg_reply_free(&r);
	harness_call(&h, "token.issue", CRED_ACCESS, "good", "{}", &r);
	CHECK(r.status == 200 && r.nsecrets == 1);
	msg_reply_free(&r);
	CHECK(ask("token.issue", "{\"plan\": {\"raise\": \"HT400\"}}") == 400);
	/* a kind with an audience that is not its own: not signed */
	CHECK(ask("token.issue", "{\"kind\": 1}") == 500);
	before = abandoned(0);
	CHECK(ask("integration.create", "{\"raise\": \"HT409\"}") == 409);
	CHECK(abandoned(before + 1) == before + 1);
	CHECK(ask("token.issue", "{\"refuse\": true}") == 404);
	CHECK(abandoned(before + 2) == before + 2);
	/* as if its time were over after it was signed */
	(void)harness_send(&h, "integration.create", CRED_ACCESS, "good",
	    "{\"sleep\": 60}");
	CHECK(harness_asleep(&h, 1) == 0);
	sql("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
	    "WHERE wait_event = 'PgSleep'");
	CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
	CHECK(r.status == 504);
	msg_reply_free(&r);
	CHECK(abandoned(before + 3) == before + 3);
	/* refused as data: the change is kept, the token is nobody's */
	harness_call(&h, "integration.create", CRED_ACCESS, "good",
	    "{\"status\": 400}", &r);
	CHECK(r.status == 400 && r.nsecrets == 0);
	msg_reply_free(&r);
	CHECK(abandoned(before + 4) == before + 4);
	harness_call(&h, "token.issue", CRED_ACCESS, "good",
	    "{\"status\": 400}", &r);
	CHECK(r.status == 400 && r.nsecrets == 0);
	msg_reply_free(&r);
	CHECK(abandoned(before + 5) == before + 5);
}

/* While a commit is on its way the next is collected. */
static void
test_batch(void)
{
	struct msg_reply r;
	uint32_t id;
	int i, done = 0, refused = 0, failed = 0, shared = 0;

	for (i = 0; i < 30; i++)
		(void)harness_send(&h, "token.issue", CRED_ACCESS, "good",
		    i == 7 ? "{\"raise\": \"22P02\"}" :
		    i == 9 ? "{\"refuse\": true}" :
		    "{\"mark\": \"batch\"}");
	for (i = 0; i < 30; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		done += r.status == 200 && r.nsecrets == 1;
		refused += r.status == 404 &&
		    strcmp(r.code, "not_found") == 0;
		failed += r.status == 400;
		shared += r.status == 200 &&
		    strstr(r.body, "\"n\" : 1,") == NULL;
		msg_reply_free(&r);
	}
	CHECK(done == 28 && refused == 1 && failed == 1);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark "
	    "WHERE text = 'batch'"), "28") == 0);
	/* a plan that is refused leaves those it shares a call with alone */
	for (i = 0, done = refused = shared = 0; i < 30; i++)
		(void)harness_send(&h, "token.issue", CRED_ACCESS,
		    i == 12 ? "bad" : "good", i == 11 ?
		    "{\"refuse_plan\": true}" : "{}");
	for (i = 0; i < 30; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		done += r.status == 200;
		refused += r.status == 403 || r.status == 401;
		shared += r.status == 200 &&
		    strstr(r.body, "\"plans\": 1}") == NULL;
		msg_reply_free(&r);
	}
	CHECK(done == 28 && refused == 2 && shared > 0);
	/* the same without an element that spoils it: few commits */
	sql("DELETE FROM stub.mark");
	for (i = 0; i < 30; i++)
		(void)harness_send(&h, "token.issue", CRED_ACCESS, "good",
		    "{\"mark\": \"batch\"}");
	for (i = 0; i < 30; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		CHECK(r.status == 200);
		msg_reply_free(&r);
	}
	CHECK(atoi(sql("SELECT count(DISTINCT txid) FROM stub.mark")) < 30);
}

/* Connections die: reads are tried again, writes are not known. */
static void
test_lost(void)
{
	struct msg_reply r;
	uint32_t write, id;
	int i, status[2] = { 0, 0 };

	(void)harness_send(&h, "account.list", CRED_ACCESS, "good",
	    "{\"until\": \"lost\"}");
	write = harness_send(&h, "account.create", CRED_ACCESS, "good",
	    "{\"until\": \"lost\", \"mark\": \"lost\"}");
	CHECK(harness_asleep(&h, 2) == 0);
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
	    "WHERE usename = 'grantd_broker'");
	harness_go(&h, "lost");
	for (i = 0; i < 2; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		status[id == write] = r.status;
		if (id == write)
			CHECK(strcmp(r.code, "outcome_unknown") == 0);
		msg_reply_free(&r);
	}
	CHECK(status[0] == 200);
	CHECK(status[1] == 503);
	CHECK(ask("account.create", "{}") == 200);
	CHECK(ask("account.list", "{}") == 200);
	CHECK(ask("token.issue", "{}") == 200);
}

static void
test_signer_away(void)
{
	struct child old;

	harness_kill(&h.signer);
	usleep(100000);
	CHECK(ask("token.issue", "{}") == 503);
	CHECK(ask("account.list", "{}") == 200);
	harness_start_signer(&h);
	CHECK(ask("token.issue", "{}") == 200);
	/* replaced without a word: the parent's new link counts */
	old = h.signer;
	harness_start_signer(&h);
	CHECK(ask("token.issue", "{}") == 200);
	harness_kill(&old);
	CHECK(ask("token.issue", "{}") == 200);
}

/* What a frontend that was taken over might send. */
static void
test_hostile(void)
{
	uint8_t junk[64];
	struct msg_reply r;
	uint32_t id, last;

	memset(junk, 0xff, sizeof(junk));
	harness_raw(&h, IMSG_BROKER_REQUEST, 9001, junk, sizeof(junk));
	harness_raw(&h, IMSG_SIGNER_MINT, 9002, junk, sizeof(junk));
	harness_raw(&h, IMSG_BROKER_MINT_REP, 9003, junk, sizeof(junk));
	harness_raw(&h, IMSG_BROKER_CONTROL, 9004, junk, sizeof(junk));
	harness_raw(&h, 4711, 9005, junk, sizeof(junk));
	last = harness_send(&h, "account.list", CRED_ACCESS, "good", "{}");
	while (harness_receive(&h, &id, &r, HARNESS_WAIT) == 0 && id != last) {
		CHECK(id == 9001 && r.status == 500);
		msg_reply_free(&r);
	}
	CHECK(id == last && r.status == 200);
	msg_reply_free(&r);
}

static void
test_wrong_schema(void)
{
	sql("UPDATE stub.version SET version = version - 1");
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
	    "WHERE usename = 'grantd_broker'");
	harness_state(&h, STATE_WRONG_SCHEMA);
	CHECK(strstr(h.state.text, "sql/migrate") != NULL);
	h.timeout = 1000;
	CHECK(ask("account.list", "{}") >= 503);
	h.timeout = 0;
	sql("UPDATE stub.version SET version = version + 1");
	harness_state(&h, STATE_CONNECTED);
	CHECK(ask("account.list", "{}") == 200);
}

/* End of the parent: what runs is answered, then the process ends. */
static void
test_drain(void)
{
	struct msg_reply r;
	uint32_t id;
	int status;

	(void)harness_send(&h, "account.create", CRED_ACCESS, "good",
	    "{\"until\": \"drained\", \"mark\": \"drained\"}");
	CHECK(harness_asleep(&h, 1) == 0);
	(void)shutdown(h.broker.link.fd, SHUT_WR);
	usleep(200000);
	harness_go(&h, "drained");
	CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
	CHECK(r.status == 200);
	msg_reply_free(&r);
	status = harness_stop(&h);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(strcmp(sql("SELECT count(*) FROM stub.mark "
	    "WHERE text = 'drained'"), "1") == 0);
}

int
main(int argc, char **argv)
{
	if (argc != 5)
		errx(1, "usage: broker_lanes BINDIR KEYDIR CONNINFO PSQL");
	memset(&h, 0, sizeof(h));
	h.bindir = argv[1];
	h.keydir = argv[2];
	h.conninfo = argv[3];
	h.psql = argv[4];
	h.queue_max = 32;
	h.verbose = getenv("VERBOSE") != NULL;
	sql("DELETE FROM stub.version; INSERT INTO stub.version VALUES (%d)",
	    QUERIES_SCHEMA);
	harness_start(&h);
	harness_state(&h, STATE_CONNECTED);
	test_replies();
	test_refusals();
	test_control();
	test_mint();
	test_batch();
	test_large();
	test_deadlines();
	test_hung();
	test_not_durable();
	test_bound();
	test_cancel();
	test_lost();
	test_signer_away();
	test_hostile();
	test_wrong_schema();
	test_drain();
	if (failures > 0)
		errx(1, "%d checks failed", failures);
	printf("broker_lanes: all is well\n");
	return 0;
}
