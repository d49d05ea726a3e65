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
 * The life of tokens through the real broker, signer and schema, without a
 * frontend: an organization and its tokens from the control socket, an
 * account, an integration with its pair, refresh, reset, revocation, and
 * what is refused.
 *
 *	broker_life BINDIR KEYDIR CONNINFO [env]
 *
 * With "env" it prints shell variables of what it made, for broker_load.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_harness.h"
#include "codec.h"

static struct harness	h;
static int		failures;

#define CHECK(e)	check((e), #e, __LINE__)

struct pair {
	char	 access[MSG_MAX_SECRET + 1];
	char	 refresh[MSG_MAX_SECRET + 1];
};

static void
check(int ok, const char *what, int line)
{
	if (ok)
		return;
	failures++;
	printf("broker_life: line %d: not so: %s\n", line, what);
}

/* The first "name":"text" of the body. */
static void
member(char *out, size_t size, const struct msg_reply *r, const char *name)
{
	char	 key[64];
	char	*p;

	(void)snprintf(key, sizeof(key), "\"%s\"", name);
	out[0] = '\0';
	if ((p = strstr(r->body, key)) == NULL ||
	    (p = strchr(p + strlen(key), '"')) == NULL)
		errx(1, "no %s in %s", name, r->body);
	(void)strlcpy(out, p + 1, size);
	out[strcspn(out, "\"")] = '\0';
}

static void
keep(struct pair *p, const struct msg_reply *r)
{
	if (r->nsecrets > 0)
		(void)strlcpy(p->access, r->secrets[0], sizeof(p->access));
	if (r->nsecrets > 1)
		(void)strlcpy(p->refresh, r->secrets[1], sizeof(p->refresh));
}

static void
expect(struct msg_reply *r, int status, const char *code, int line)
{
	if (r->status == status && (code == NULL ||
	    strcmp(r->code, code) == 0))
		return;
	failures++;
	printf("broker_life: line %d: %u %s %s %s %s instead of %d %s\n", line,
	    r->status, r->code, r->message, r->detail, r->body, status,
	    code == NULL ? "" : code);
}

static void
call(int line, const char *op, int kind, const char *credential,
    const char *args, int status, const char *code)
{
	struct msg_reply r;

	harness_call(&h, op, kind, credential, args, &r);
	expect(&r, status, code, line);
	msg_reply_free(&r);
}

#define CALL(...)	call(__LINE__, __VA_ARGS__)

struct world {
	char		 organization[64];
	char		 account[64];
	char		 integration[64];
	char		 family[64];	/* of the integration's pair */
	struct pair	 manager;	/* organization's */
	struct pair	 connector;	/* integration's */
};

static void
test_birth(struct world *w, const char *name)
{
	struct msg_reply r;
	char args[512];

	(void)snprintf(args, sizeof(args), "{\"body\":{\"name\":\"%s\"}}",
	    name);
	harness_control(&h, "organization.create", args, &r);
	expect(&r, 200, NULL, __LINE__);
	member(w->organization, sizeof(w->organization), &r, "id");
	msg_reply_free(&r);
	harness_control(&h, "organization.create", args, &r);
	expect(&r, 409, "name_taken", __LINE__);
	msg_reply_free(&r);
	(void)snprintf(args, sizeof(args),
	    "{\"body\":{\"organization\":\"%s\"}}", name);
	harness_control(&h, "organization.token_create", args, &r);
	expect(&r, 200, NULL, __LINE__);
	CHECK(r.nsecrets == 2);
	CHECK(strstr(r.body, "\\u00010") != NULL);
	CHECK(strstr(r.body, "\\u00011") != NULL);
	keep(&w->manager, &r);
	msg_reply_free(&r);

	harness_call(&h, "account.create", CRED_ACCESS, w->manager.access,
	    "{\"body\":{\"name\":\"acme\"}}", &r);
	expect(&r, 200, NULL, __LINE__);
	member(w->account, sizeof(w->account), &r, "id");
	msg_reply_free(&r);
}

static void
test_integration(struct world *w)
{
	struct msg_reply r;
	char args[512], *p;

	(void)snprintf(args, sizeof(args), "{\"path\":{\"accountId\":\"%s\"},"
	    "\"body\":{\"name\":\"desk\",\"provider_config\":"
	    "{\"type\":\"sink_mock_sink\"}}}", w->account);
	harness_call(&h, "integration.create", CRED_ACCESS, w->manager.access,
	    args, &r);
	expect(&r, 200, NULL, __LINE__);
	CHECK(r.nsecrets == 2);
	keep(&w->connector, &r);
	if ((p = strstr(r.body, "\"integration\"")) == NULL)
		errx(1, "no integration in %s", r.body);
	p = strstr(p, "\"id\"");
	p = p == NULL ? NULL : strchr(p + 4, '"');
	if (p == NULL)
		errx(1, "no id in %s", r.body);
	(void)strlcpy(w->integration, p + 1, sizeof(w->integration));
	w->integration[strcspn(w->integration, "\"")] = '\0';
	member(w->family, sizeof(w->family), &r, "refresh_token_id");
	msg_reply_free(&r);
}

/* Each kind opens its own door only. */
static void
test_doors(struct world *w)
{
	char cut[MSG_MAX_SECRET + 1];

	CALL("organization.get", CRED_ACCESS, w->manager.access, "{}", 200,
	    NULL);
	CALL("organization.get", CRED_ACCESS, w->connector.access, "{}", 403,
	    "wrong_token_kind");
	CALL("organization.get", CRED_NONE, "", "{}", 401, "missing_token");
	CALL("organization.get", CRED_REFRESH, w->manager.refresh, "{}", 403,
	    "wrong_token_kind");
	CALL("organization.get", CRED_ACCESS, w->manager.refresh, "{}", 401,
	    "invalid_token");
	CALL("sink.event_create", CRED_ACCESS, w->connector.access,
	    "{\"body\":[{\"a\":1}]}", 200, NULL);
	CALL("sink.event_create", CRED_ACCESS, w->manager.access,
	    "{\"body\":[{\"a\":1}]}", 403, "wrong_token_kind");
	CALL("siem.event_create", CRED_ACCESS, w->connector.access,
	    "{\"body\":[{\"a\":1}]}", 403, NULL);
	(void)strlcpy(cut, w->manager.access, sizeof(cut));
	cut[strlen(cut) - 1] = '\0';
	CALL("organization.get", CRED_ACCESS, cut, "{}", 401,
	    "invalid_token");
	CALL("organization.list", CRED_ACCESS, w->manager.access, "{}", 403,
	    "wrong_token_kind");
	CALL("organization.list", CRED_CONTROL, "", "{}", 401, NULL);
}

static void
test_issue(struct world *w)
{
	struct msg_reply r;
	struct pair	 single;
	char		 args[512];
	uint32_t	 id;
	int		 i;

	(void)snprintf(args, sizeof(args), "{\"path\":{\"accountId\":\"%s\","
	    "\"integrationId\":\"%s\"}}", w->account, w->integration);
	harness_call(&h, "token.issue", CRED_ACCESS, w->manager.access, args,
	    &r);
	expect(&r, 200, NULL, __LINE__);
	CHECK(r.nsecrets == 1);
	keep(&single, &r);
	msg_reply_free(&r);
	CALL("sink.event_create", CRED_ACCESS, single.access,
	    "{\"body\":[{\"a\":1}]}", 200, NULL);
	CALL("token.issue", CRED_ACCESS, w->connector.access, args, 403,
	    "wrong_token_kind");
	for (i = 0; i < 40; i++)
		(void)harness_send(&h, "token.issue", CRED_ACCESS,
		    w->manager.access, args);
	for (i = 0; i < 40; i++) {
		CHECK(harness_receive(&h, &id, &r, HARNESS_WAIT) == 0);
		expect(&r, 200, NULL, __LINE__);
		msg_reply_free(&r);
	}
	(void)snprintf(args, sizeof(args), "{\"path\":{\"accountId\":\"%s\","
	    "\"integrationId\":\"nothing\"}}", w->account);
	CALL("token.issue", CRED_ACCESS, w->manager.access, args, 404, NULL);
}

static void
refresh(struct world *w, struct pair *to, int status, int line)
{
	struct msg_reply r;
	char args[256];

	(void)snprintf(args, sizeof(args),
	    "{\"path\":{\"refreshTokenId\":\"%s\"}}", w->family);
	harness_call(&h, "token.refresh", CRED_REFRESH, w->connector.refresh,
	    args, &r);
	expect(&r, status, NULL, line);
	if (status == 200)
		CHECK(r.nsecrets == 2);
	keep(to, &r);
	msg_reply_free(&r);
}

#define USE(pair, status)						\
	CALL("sink.event_create", CRED_ACCESS, (pair).access,		\
	    "{\"body\":[{\"a\":1}]}", (status), NULL)

/* Refresh, the same again, use, reset: what dies when. */
static void
test_refresh(struct world *w)
{
	struct pair next = { "", "" }, again = { "", "" };
	struct pair first = w->connector;
	struct msg_reply r;
	char args[256];
	size_t n;

	refresh(w, &next, 200, __LINE__);
	refresh(w, &again, 200, __LINE__);
	CHECK(strcmp(next.refresh, again.refresh) == 0);
	CHECK(strcmp(next.access, again.access) != 0);
	USE(first, 200);	/* the secondary lives on */
	USE(next, 200);
	USE(again, 200);
	/* the successor was used: the former secret gets it no more */
	refresh(w, &again, 403, __LINE__);
	/* nobody's secret, but of the right form */
	n = strlen(w->connector.refresh);
	w->connector.refresh[n - 3] ^= 1;
	refresh(w, &again, 401, __LINE__);

	w->connector = next;
	(void)snprintf(args, sizeof(args), "{\"path\":{\"ownerId\":\"%s\","
	    "\"refreshTokenId\":\"%s\"}}", w->integration, w->family);
	harness_call(&h, "token.reset", CRED_ACCESS, w->manager.access, args,
	    &r);
	expect(&r, 200, NULL, __LINE__);
	CHECK(r.nsecrets == 2);
	keep(&w->connector, &r);
	msg_reply_free(&r);
	USE(first, 401);
	USE(next, 401);
	USE(w->connector, 200);
}

static void
test_end(struct world *w)
{
	char args[256];

	(void)snprintf(args, sizeof(args), "{\"path\":{\"accountId\":\"%s\"}}",
	    w->account);
	CALL("account.delete", CRED_ACCESS, w->manager.access, args, 204,
	    NULL);
	USE(w->connector, 401);
	CALL("account.get", CRED_ACCESS, w->manager.access, args, 404, NULL);
}

int
main(int argc, char **argv)
{
	static struct world w;
	int status;

	if (argc < 4)
		errx(1, "usage: broker_life BINDIR KEYDIR CONNINFO [env]");
	h.bindir = argv[1];
	h.keydir = argv[2];
	h.conninfo = argv[3];
	h.verbose = getenv("VERBOSE") != NULL;
	harness_start(&h);
	harness_state(&h, STATE_CONNECTED);
	if (argc > 4) {
		test_birth(&w, "load");
		test_integration(&w);
		printf("organization=%s\naccount=%s\nintegration=%s\n"
		    "manager=%s\nconnector=%s\n", w.organization, w.account,
		    w.integration, w.manager.access, w.connector.access);
	} else {
		test_birth(&w, "life");
		test_integration(&w);
		test_doors(&w);
		test_issue(&w);
		test_refresh(&w);
		test_end(&w);
	}
	status = harness_stop(&h);
	CHECK(status == 0);
	if (failures > 0)
		errx(1, "%d checks failed", failures);
	if (argc == 4)
		printf("broker_life: all is well\n");
	return 0;
}
