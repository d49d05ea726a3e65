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
 * From the answer of an operation to the result of a tool, a prompt or a
 * resource, and what its author asks the caller.  Room: frontend.
 */

#include "config.h"

#include <string.h>

#include "mcp_int.h"

#define RESOURCE_TTL	0	/* ms: what it says can change at once */

/* What may be asked for, and what the client must be able to for it. */
static const struct { const char *method; unsigned int bit; } asks[] = {
	{ "elicitation/create", MCP_CAN_ELICIT },
	{ "sampling/createMessage", MCP_CAN_SAMPLE },
	{ "roots/list", MCP_CAN_ROOTS },
};

/* What procedures made: as large as it may be, numeric in it as well. */
static const struct json_limits answer_limits = {
	.bytes = 8 * 1024 * 1024,
	.depth = 32,
	.values = 131072,
	.keys = 1024,
	.large = 1,
};

static struct json_doc *
answer_parse(const struct msg_reply *reply)
{
	return json_parse(reply->body, reply->body_len, &answer_limits, NULL);
}

void
mcp_no_resource(const struct mcp *m, struct mcp_error *e)
{
	mcp_fail(e, 200, m->meta.era == ERA_MODERN ? RPC_INVALID_PARAMS :
	    RPC_NO_RESOURCE, "Resource not found");
	e->member = "uri";
	/* cut: the client knows it */
	(void)strlcpy(e->value, m->uri, sizeof(e->value));
}

/* --- questions --------------------------------------------------- */

/* What the client must be able to, to answer this; 0: nothing of MCP. */
static unsigned int
ask_needs(const struct json_value *request)
{
	const char	*method = json_get_text(request, "method");
	const char	*mode;
	size_t		 i;

	for (i = 0; method != NULL && i < sizeof(asks) / sizeof(asks[0]); i++)
		if (strcmp(asks[i].method, method) == 0)
			break;
	if (method == NULL || i == sizeof(asks) / sizeof(asks[0]))
		return 0;
	mode = json_get_text(json_get(request, "params"), "mode");
	if (asks[i].bit == MCP_CAN_ELICIT && mode != NULL &&
	    strcmp(mode, "url") == 0)
		return MCP_CAN_ELICIT_URL;
	return asks[i].bit;
}

/* Only what this client said that it can; *needs: what it would need. */
static unsigned int
ask_put(const struct mcp *m, struct json_buf *b,
    const struct json_value *requests, unsigned int *needs)
{
	const struct json_value	*v;
	unsigned int		 n = 0, bit;

	json_name(b, "inputRequests");
	json_object_open(b);
	for (v = json_first(requests); v != NULL; v = v->next) {
		if ((bit = ask_needs(v)) == 0)
			continue;
		*needs |= bit;
		if ((m->meta.can & bit) == 0)
			continue;
		json_name(b, v->name);
		json_put_value(b, v);
		n++;
	}
	json_object_close(b);
	return n;
}

/* Before 2026-07-28 a question would need a session. */
static void
ask_legacy(struct mcp *m)
{
	struct json_buf	b;

	mcp_result_open(m, &b, "complete");
	json_name(&b, "content");
	json_array_open(&b);
	json_object_open(&b);
	json_member_text(&b, "type", "text");
	json_member_text(&b, "text", "This tool asks the person something "
	    "before it goes on. Clients that speak MCP 2026-07-28 can pass "
	    "the question on; this one cannot.");
	json_object_close(&b);
	json_array_close(&b);
	json_member_bool(&b, "isError", 1);
	mcp_result_send(m, &b);
}

/* 428 input_required: {"inputRequests", "requestState"}. */
static void
mcp_input_required(struct mcp *m, const struct msg_reply *reply)
{
	struct mcp_error	 e;
	struct json_doc		*doc;
	struct json_buf		 b;
	const char		*state;
	unsigned int		 needs = 0, n;

	if (m->meta.era != ERA_MODERN) {
		if (m->method->finish == mcp_tool)
			ask_legacy(m);
		else
			mcp_say(m, RPC_INVALID_REQUEST,
			    "This needs a client of MCP 2026-07-28");
		return;
	}
	doc = answer_parse(reply);
	mcp_result_open(m, &b, "input_required");
	n = ask_put(m, &b, doc == NULL ? NULL :
	    json_get(json_root(doc), "inputRequests"), &needs);
	state = doc == NULL ? NULL : json_get_text(json_root(doc),
	    "requestState");
	if (state != NULL)
		json_member_text(&b, "requestState", state);
	if (n > 0)
		mcp_result_send(m, &b);
	else {
		json_buf_free(&b);
		mcp_fail(&e, needs == 0 ? 500 : 400, needs == 0 ?
		    RPC_INTERNAL_ERROR : RPC_MISSING_CAPABILITY, needs == 0 ?
		    "The procedure asked for nothing that can be answered" :
		    "This needs a capability that the client did not declare");
		e.needs = needs;
		mcp_refuse(m, &e);
	}
	json_free(doc);
}

/* Words of the database for a state or answers that are none. */
static const char *const refusals[] = {
	"invalid_state", "state_expired", "state_used", "invalid_answers"
};

/* What the operation refused by a rule of the protocol; 1 if answered. */
static int
mcp_refused(struct mcp *m, const struct msg_reply *reply)
{
	size_t	i;

	if (reply->status == 428) {
		mcp_input_required(m, reply);
		return 1;
	}
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(reply->code, refusals[i]) == 0) {
			mcp_say(m, RPC_INVALID_PARAMS, reply->message);
			return 1;
		}
	return 0;
}

/* --- tools ------------------------------------------------------- */

static void
put_text_block(struct json_buf *b, const char *text, size_t len)
{
	json_object_open(b);
	json_member_text(b, "type", "text");
	json_name(b, "text");
	json_put_text_len(b, text, len);
	json_object_close(b);
}

/*
 * What does not fit the schema is a result that failed, not an error of the
 * protocol: the model reads it and calls again.  A hidden tool is told of to
 * nobody who may not call it.
 */
void
mcp_tool_misfit(struct mcp *m, const struct msg_reply *reply)
{
	struct json_buf	b;

	if (m->entry->hidden && !mcp_is_visible(reply, m->entry->name)) {
		mcp_say(m, RPC_INVALID_PARAMS, "Unknown tool");
		return;
	}
	mcp_result_open(m, &b, "complete");
	json_name(&b, "content");
	json_array_open(&b);
	put_text_block(&b, m->misfit.data, m->misfit.len);
	json_array_close(&b);
	json_member_bool(&b, "isError", 1);
	mcp_result_send(m, &b);
}

/* The words of an error, as one text and as an object. */
static void
tool_failed(struct mcp *m, const struct msg_reply *reply)
{
	struct json_buf	b, text;

	json_buf_init(&text, 3 * MSG_MAX_TEXT + MSG_MAX_CODE + 64);
	json_put_bytes(&text, reply->message, strlen(reply->message));
	if (reply->detail[0] != '\0') {
		json_put_bytes(&text, "\n", 1);
		/* a JSON pointer: which argument it is */
		if (reply->parameter[0] == '/') {
			json_put_bytes(&text, reply->parameter,
			    strlen(reply->parameter));
			json_put_bytes(&text, ": ", 2);
		}
		json_put_bytes(&text, reply->detail, strlen(reply->detail));
	}
	if (reply->code[0] != '\0') {
		json_put_bytes(&text, " (", 2);
		json_put_bytes(&text, reply->code, strlen(reply->code));
		json_put_bytes(&text, ")", 1);
	}
	mcp_result_open(m, &b, "complete");
	json_name(&b, "content");
	json_array_open(&b);
	put_text_block(&b, text.data, text.len);
	/* what the author added for programs */
	if (reply->body_len > 0)
		put_text_block(&b, reply->body, reply->body_len);
	json_array_close(&b);
	json_member_bool(&b, "isError", 1);
	mcp_result_send(m, &b);
	json_buf_free(&text);
}

/* The blocks that a function made are passed on as they are. */
static int
tool_put_content(struct json_buf *b, const struct msg_reply *reply)
{
	const struct json_value	*content;
	struct json_doc		*doc;

	doc = answer_parse(reply);
	content = doc == NULL ? NULL : json_get(json_root(doc), "content");
	if (content != NULL && content->type == JSON_ARRAY) {
		json_name(b, "content");
		json_put_value(b, content);
	} else
		content = NULL;
	json_free(doc);
	return content == NULL ? -1 : 0;
}

void
mcp_tool(struct mcp *m, const struct msg_reply *reply)
{
	struct json_buf	b;

	if (mcp_refused(m, reply))
		return;
	if (reply->status >= 400) {
		tool_failed(m, reply);
		return;
	}
	mcp_result_open(m, &b, "complete");
	if (m->entry->shape == SHAPE_CONTENT) {
		if (tool_put_content(&b, reply) == -1) {
			json_buf_free(&b);
			mcp_say(m, RPC_INTERNAL_ERROR,
			    "The procedure made no content");
			return;
		}
		mcp_result_send(m, &b);
		return;
	}
	json_name(&b, "content");
	json_array_open(&b);
	if (reply->body_len == 0)
		put_text_block(&b, "Done.", 5);
	else
		put_text_block(&b, reply->body, reply->body_len);
	json_array_close(&b);
	if (reply->body_len > 0) {
		json_name(&b, "structuredContent");
		json_put_raw(&b, reply->body, reply->body_len);
	}
	mcp_result_send(m, &b);
}

/* --- prompts, resources ------------------------------------------ */

static void
mcp_said_no(struct mcp *m, const struct msg_reply *reply)
{
	struct mcp_error	e;

	if (m->entry->kind == CATALOGUE_RESOURCE && reply->status == 404)
		mcp_no_resource(m, &e);
	else
		mcp_fail(&e, 200, reply->status == 400 ||
		    reply->status == 422 ? RPC_INVALID_PARAMS : reply->status,
		    reply->message);
	mcp_refuse(m, &e);
}

void
mcp_prompt(struct mcp *m, const struct msg_reply *reply)
{
	const struct json_value	*messages;
	struct json_doc		*doc;
	struct json_buf		 b;

	if (mcp_refused(m, reply))
		return;
	if (reply->status >= 400) {
		mcp_said_no(m, reply);
		return;
	}
	doc = answer_parse(reply);
	messages = doc == NULL ? NULL : json_get(json_root(doc), "messages");
	if (messages == NULL || messages->type != JSON_ARRAY)
		mcp_say(m, RPC_INTERNAL_ERROR,
		    "The procedure made no messages");
	else {
		mcp_result_open(m, &b, "complete");
		if (m->entry->description[0] != '\0')
			json_member_text(&b, "description",
			    m->entry->description);
		json_name(&b, "messages");
		json_put_value(&b, messages);
		mcp_result_send(m, &b);
	}
	json_free(doc);
}

/* The contents of a resource do not know by which URI they were read. */
static void
resource_put(const struct mcp *m, struct json_buf *b,
    const struct json_value *contents)
{
	const struct json_value	*one, *v;

	json_name(b, "contents");
	json_array_open(b);
	for (one = json_first(contents); one != NULL; one = one->next) {
		json_object_open(b);
		if (json_get(one, "uri") == NULL)
			json_member_text(b, "uri", m->uri);
		for (v = json_first(one); v != NULL; v = v->next) {
			if (v->type == JSON_NULL)
				continue;
			json_name(b, v->name);
			json_put_value(b, v);
		}
		json_object_close(b);
	}
	json_array_close(b);
}

void
mcp_resource(struct mcp *m, const struct msg_reply *reply)
{
	const struct json_value	*contents;
	struct mcp_error	 e;
	struct json_doc		*doc;
	struct json_buf		 b;

	if (mcp_refused(m, reply))
		return;
	if (reply->status >= 400) {
		mcp_said_no(m, reply);
		return;
	}
	doc = answer_parse(reply);
	contents = doc == NULL ? NULL : json_get(json_root(doc), "contents");
	if (contents == NULL || contents->type != JSON_ARRAY ||
	    contents->count == 0) {
		mcp_no_resource(m, &e);
		mcp_refuse(m, &e);
	} else {
		mcp_result_open(m, &b, "complete");
		resource_put(m, &b, contents);
		mcp_put_cache(m, &b, RESOURCE_TTL);
		mcp_result_send(m, &b);
	}
	json_free(doc);
}
