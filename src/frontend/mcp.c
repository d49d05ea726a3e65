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
 * /mcp: from a POST to a method and back to an answer.  Room: frontend.
 * Every message is checked by the broker before anything of it is answered:
 * what is wrong with it is told only to whom the endpoint is open.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "broker_link.h"
#include "frontend.h"
#include "log.h"
#include "mcp.h"
#include "mcp_int.h"

static int	mcp_ask(struct mcp *, const char *, const char *);

static const struct mcp_method	 methods[] = {
	{ "tools/call", ERAS_BOTH, mcp_tool_prepare, mcp_tool },
	{ "tools/list", ERAS_BOTH, NULL, mcp_list_tools },
	{ "resources/read", ERAS_BOTH, mcp_resource_prepare, mcp_resource },
	{ "resources/list", ERAS_BOTH, NULL, mcp_list_resources },
	{ "resources/templates/list", ERAS_BOTH, NULL, mcp_list_templates },
	{ "prompts/get", ERAS_BOTH, mcp_prompt_prepare, mcp_prompt },
	{ "prompts/list", ERAS_BOTH, NULL, mcp_list_prompts },
	{ "completion/complete", ERAS_BOTH, mcp_complete_prepare,
	    mcp_complete },
	{ "server/discover", ERA_BIT(ERA_MODERN), NULL, mcp_discover },
	{ "subscriptions/listen", ERA_BIT(ERA_MODERN), mcp_listen_prepare,
	    mcp_listen },
	{ "initialize", ERA_BIT(ERA_LEGACY), NULL, mcp_initialize },
	{ "ping", ERA_BIT(ERA_LEGACY), NULL, mcp_empty },
	{ "logging/setLevel", ERA_BIT(ERA_LEGACY), mcp_set_level, mcp_empty },
	/* there is no session to tell of changes: they are seen when read */
	{ "resources/subscribe", ERA_BIT(ERA_LEGACY), mcp_subscribe,
	    mcp_empty },
	{ "resources/unsubscribe", ERA_BIT(ERA_LEGACY), mcp_subscribe,
	    mcp_empty },
};

static const struct problem no_origin = PROBLEM_INIT(403,
    "origin_not_allowed", "Pages from this origin are not served here", "",
    "");

static void
mcp_free(void *arg)
{
	struct mcp	*m = arg;

	if (m == NULL)
		return;
	mcp_stream_forget(m);
	mcp_running_forget(m);
	json_buf_free(&m->arguments);
	json_buf_free(&m->misfit);
	rpc_free(&m->rpc);
	catalogue_unref(m->catalogue);
	free(m->uri);
	free(m->snapshot);
	free(m);
}

/* --- answers ----------------------------------------------------- */

static void
mcp_send(struct mcp *m, unsigned int status, unsigned int retry_after,
    const struct json_buf *b)
{
	struct http_reply	 reply;
	char			 seconds[16];

	if (m->streaming) {
		mcp_stream_end(m, b);
		return;
	}
	memset(&reply, 0, sizeof(reply));
	reply.status = b->failed ? 500 : status;
	if (!b->failed) {
		reply.type = "application/json";
		reply.body = b->data;
		reply.len = b->len;
	}
	if (retry_after != 0) {
		/* 16 bytes hold every unsigned int */
		(void)snprintf(seconds, sizeof(seconds), "%u", retry_after);
		http_reply_header(&reply, "Retry-After", seconds);
	}
	request_reply(m->r, &reply);
}

void
mcp_refuse(struct mcp *m, const struct mcp_error *e)
{
	struct json_buf	b;
	char		code[16];

	/* 16 bytes hold every int */
	(void)snprintf(code, sizeof(code), "%d", e->code);
	request_code(m->r, code);
	json_buf_init(&b, MCP_MAX_ANSWER);
	rpc_error(&b, m->rpc.id, e);
	mcp_send(m, e->status, e->retry_after, &b);
	json_buf_free(&b);
}

void
mcp_say(struct mcp *m, int code, const char *message)
{
	struct mcp_error	e;

	mcp_fail(&e, 200, code, message);
	mcp_refuse(m, &e);
}

int
mcp_wrong(struct mcp *m, int code, const char *message)
{
	mcp_fail(&m->error, 200, code, message);
	return -1;
}

void
mcp_result_open(struct mcp *m, struct json_buf *b, const char *type)
{
	json_buf_init(b, MCP_MAX_ANSWER);
	rpc_result_open(b, m->rpc.id);
	if (m->meta.era != ERA_MODERN)
		return;
	json_member_text(b, "resultType", type);
	json_name(b, "_meta");
	json_object_open(b);
	json_name(b, "io.modelcontextprotocol/serverInfo");
	json_object_open(b);
	json_member_text(b, "name", "grantd");
	json_member_text(b, "version", PACKAGE_VERSION);
	json_object_close(b);
	json_object_close(b);
}

void
mcp_put_cache(struct mcp *m, struct json_buf *b, int64_t ttl_ms)
{
	if (m->meta.era != ERA_MODERN)
		return;
	json_member_integer(b, "ttlMs", ttl_ms);
	/* what one caller may see another may not */
	json_member_text(b, "cacheScope", "private");
}

void
mcp_result_send(struct mcp *m, struct json_buf *b)
{
	rpc_result_close(b);
	if (b->failed)
		log_warnx("an answer of %s is too large",
		    m->method->name);
	mcp_send(m, 200, 0, b);
	json_buf_free(b);
}

/* --- what the broker says ---------------------------------------- */

int
mcp_is_visible(const struct msg_reply *reply, const char *name)
{
	const struct json_value	*v;
	struct json_doc		*doc;
	int			 found = 0;

	doc = json_parse(reply->body, reply->body_len, NULL, NULL);
	if (doc == NULL)
		return 0;
	for (v = json_first(json_get(json_root(doc), "names"));
	    v != NULL && !found; v = v->next)
		found = v->type == JSON_STRING &&
		    strcmp(v->u.text, name) == 0;
	json_free(doc);
	return found;
}

/* The words for what is not there, and for what one may not know of. */
static void
mcp_unknown(const struct mcp *m, struct mcp_error *e)
{
	if (m->entry->kind == CATALOGUE_RESOURCE)
		mcp_no_resource(m, e);
	else
		mcp_fail(e, 200, RPC_INVALID_PARAMS,
		    m->entry->kind == CATALOGUE_PROMPT ? "Unknown prompt" :
		    "Unknown tool");
}

/*
 * Not for this kind of caller, or of token.  Whether it is the tool or the
 * endpoint that is not: the endpoint's own operation says.  1 if answered.
 */
static int
mcp_not_for_it(struct mcp *m, const struct msg_reply *reply)
{
	struct problem	p;

	if (m->asked == NULL) {
		if (reply->status < 400)
			return 0;
		problem_from_reply(&p, reply);
		p.status = 401;
		request_problem(m->r, &p);
		return 1;
	}
	if (strcmp(reply->code, "unknown_operation") != 0 &&
	    strcmp(reply->code, "wrong_token_kind") != 0)
		return 0;
	m->failed = 1;
	m->asked = NULL;
	mcp_unknown(m, &m->error);
	(void)mcp_ask(m, MCP_VISIBLE, "{}");
	return 1;
}

/*
 * What is not an answer of the operation but of the way to it: the
 * credential, a missing scope, a server that cannot.  1 if answered.
 */
static int
mcp_barred(struct mcp *m, const struct msg_reply *reply)
{
	struct mcp_error	e;
	struct problem		p;

	if (reply->status == 401 || (reply->status == 403 &&
	    reply->scope[0] != '\0')) {
		if (reply->status == 403 && m->entry != NULL &&
		    m->entry->hidden) {
			mcp_unknown(m, &e);
			mcp_refuse(m, &e);
			return 1;
		}
		problem_from_reply(&p, reply);
		if (m->streaming) {
			mcp_fail(&e, reply->status, reply->status,
			    reply->message);
			mcp_refuse(m, &e);
		} else
			request_problem(m->r, &p);
		return 1;
	}
	if (reply->status == 429 || reply->status == 503 ||
	    reply->status == 500 || reply->status < 200 ||
	    (reply->status >= 300 && reply->status < 400)) {
		mcp_fail(&e, reply->status == 429 || reply->status == 503 ?
		    reply->status : 500, reply->status == 429 ? 429 :
		    RPC_INTERNAL_ERROR, reply->message[0] != '\0' ?
		    reply->message : "The server failed");
		e.retry_after = reply->retry_after;
		mcp_refuse(m, &e);
		return 1;
	}
	return mcp_not_for_it(m, reply);
}

static void
mcp_answered(struct request *r, const struct msg_reply *reply)
{
	struct http_reply	 none = { .status = 202 };
	struct mcp		*m = r->state;

	if (mcp_barred(m, reply))
		return;
	if (m->misfit.len > 0)
		mcp_tool_misfit(m, reply);
	else if (m->failed)
		mcp_refuse(m, &m->error);
	else if (m->rpc.id == NULL) {
		mcp_running_notified(m);
		request_reply(r, &none);
	} else
		m->method->finish(m, reply);
}

/* Link or time. */
static void
mcp_failed(struct request *r, const struct problem *p)
{
	struct mcp		*m = r->state;
	struct mcp_error	 e;

	mcp_fail(&e, p->status, RPC_INTERNAL_ERROR, p->message);
	e.retry_after = p->retry_after;
	mcp_refuse(m, &e);
}

/* --- requests ---------------------------------------------------- */

/* Asks once more, as the same credential.  0, or -1: answered. */
static int
mcp_ask(struct mcp *m, const char *operation, const char *arguments)
{
	const struct problem	*why;

	m->r->answered = mcp_answered;
	m->r->failed = mcp_failed;
	if (broker_link_ask(m->r, operation, NULL, arguments, &why) == 0)
		return 0;
	mcp_failed(m->r, why);
	return -1;
}

static const struct mcp_method *
mcp_method(const char *name, enum mcp_era era)
{
	size_t	i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].eras & ERA_BIT(era) ? &methods[i] :
			    NULL;
	return NULL;
}

static int
mcp_has_word(const struct http_text *t, const char *word)
{
	return t != NULL && memmem(t->p, t->len, word, strlen(word)) != NULL;
}

static struct mcp *
mcp_new(struct request *r)
{
	const struct http_text	*accept = http_field(r->head, "accept");
	struct mcp		*m;

	if ((m = calloc(1, sizeof(*m))) == NULL) {
		log_warn("mcp");
		return NULL;
	}
	m->r = r;
	m->progress = -1;
	m->can_stream = accept != NULL &&
	    (mcp_has_word(accept, "text/event-stream") ||
	    mcp_has_word(accept, "*/*"));
	m->catalogue = catalogue_ref(catalogue_now());
	json_buf_init(&m->arguments, MSG_MAX_ARGUMENTS);
	json_buf_init(&m->misfit, MCP_MAX_ANSWER);
	r->state = m;
	r->state_free = mcp_free;
	return m;
}

/* What to ask the broker for; what is wrong waits for its answer. */
static void
mcp_prepare(struct mcp *m)
{
	if (m->rpc.id == NULL)
		return;
	m->method = mcp_method(m->rpc.method, m->meta.era);
	if (m->method == NULL) {
		mcp_fail(&m->error, m->meta.era == ERA_MODERN ? 404 : 200,
		    RPC_METHOD_NOT_FOUND, "Method not found");
		m->failed = 1;
	} else if (m->method->prepare != NULL && m->method->prepare(m) == -1)
		m->failed = 1;
}

static void
mcp_run(struct mcp *m, const struct credential *c)
{
	const struct problem	*why;
	char			 operation[MSG_MAX_OPERATION + 1];
	const char		*arguments = "{}";

	/* a name that does not fit is none that the broker has */
	(void)strlcpy(operation, MCP_VISIBLE, sizeof(operation));
	if (m->entry != NULL && !m->failed) {
		m->asked = m->entry;
		(void)snprintf(operation, sizeof(operation), "%s%s",
		    MCP_OPERATION, m->entry->name);
		arguments = m->arguments.data;
		if (m->entry->timeout_ms > 0)
			m->r->timeout_ms = (uint32_t)m->entry->timeout_ms +
			    1000;
		if (m->can_stream && (m->meta.progress != NULL ||
		    m->meta.level != LEVEL_NONE))
			m->r->told = mcp_told;
	} else if (!m->failed)
		arguments = mcp_watch_arguments(m);
	m->r->answered = mcp_answered;
	m->r->failed = mcp_failed;
	m->r->head = NULL;
	m->checked = m->r->start;
	if (broker_link_ask(m->r, operation, c, arguments, &why) == -1)
		mcp_failed(m->r, why);
	else
		mcp_running_add(m);
}

int
mcp_guard(struct request *r)
{
	const struct http_text	*origin = http_field(r->head, "origin");

	if (origin == NULL ||
	    mcp_origin_allowed(frontend.conf.issuer, origin))
		return 0;
	request_problem(r, &no_origin);
	return -1;
}

void
mcp_post(struct request *r, const struct route_match *match,
    const struct credential *c, const char *body, size_t len)
{
	struct arguments_error	 type;
	struct mcp_fields	 fields;
	struct mcp_error	 e;
	struct mcp		*m;

	(void)match;
	if ((m = mcp_new(r)) == NULL) {
		request_failed(r, &problem_busy);
		return;
	}
	fields.version = http_field(r->head, "mcp-protocol-version");
	fields.method = http_field(r->head, "mcp-method");
	fields.name = http_field(r->head, "mcp-name");
	if (arguments_check_type(r->route, r->head, (int64_t)len, &type) ==
	    -1) {
		mcp_fail(&m->error, 415, RPC_INVALID_REQUEST,
		    type.problem.message);
		m->failed = 1;
	} else if (rpc_parse(&m->rpc, body, len, &e) == -1 ||
	    mcp_check(&m->rpc, &fields, &m->meta, &e) == -1) {
		m->error = e;
		m->failed = 1;
	} else
		mcp_prepare(m);
	/* before it, a client that goes away does not take its call along */
	r->goes_on = m->meta.era == ERA_LEGACY;
	mcp_run(m, c);
}

static void
mcp_other_answered(struct request *r, const struct msg_reply *reply)
{
	struct problem	p = PROBLEM_INIT(405, "method_not_allowed",
	    "Messages are sent with POST",
	    "There are no sessions, and no streams but of a request.", "");

	if (reply->status >= 400)
		problem_from_reply(&p, reply);
	else {
		p.allow = "POST, OPTIONS";
		r->quiet = 1;	/* clients of former versions ask for both */
	}
	request_problem(r, &p);
}

/* Who may not even come in hears nothing of methods. */
void
mcp_other(struct request *r, const struct route_match *match,
    const struct credential *c, const char *body, size_t len)
{
	const struct problem	*why;

	(void)match;
	(void)body;
	(void)len;
	r->answered = mcp_other_answered;
	r->head = NULL;
	if (broker_link_ask(r, MCP_VISIBLE, c, "{}", &why) == -1)
		request_problem(r, why);
}

int
mcp_init(void)
{
	mcp_running_init();
	return mcp_stream_init();
}
