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
 * tools/call, prompts/get and resources/read: which entry is meant, and its
 * arguments, checked against their schema.  Room: frontend.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_int.h"
#include "mcp_uri.h"

#define CALL_MAX_ANSWERS	32	/* of one call */
#define CALL_MISFIT		"The arguments do not fit"

const struct catalogue_entry *
mcp_find(const struct catalogue *c, const char *name, enum mcp_list list)
{
	const struct catalogue_entry	*e;
	size_t				 i;

	if (name == NULL)
		return NULL;
	/* a prompt is found by looking: it may have the name of a tool */
	if (list == MCP_LIST_TOOLS) {
		e = catalogue_by_tool(c, name);
		return e != NULL && mcp_in_list(e, list) ? e : NULL;
	}
	for (i = 0; i < c->n; i++)
		if (mcp_in_list(&c->entries[i], list) &&
		    strcmp(c->entries[i].tool, name) == 0)
			return &c->entries[i];
	return NULL;
}

/* --- answers to what was asked ----------------------------------- */

/*
 * inputResponses and requestState, as they came: who sealed the state opens
 * it.  0 or -1.
 */
static int
call_put_answers(struct mcp *m)
{
	const struct json_value	*answers, *state, *v;
	const struct json_value	*params = m->rpc.params;

	if (m->meta.era != ERA_MODERN)
		return 0;
	if ((answers = json_get(params, "inputResponses")) != NULL) {
		if (answers->type != JSON_OBJECT ||
		    answers->count > CALL_MAX_ANSWERS)
			return mcp_wrong(m, RPC_INVALID_PARAMS,
			    "inputResponses must be an object of answers");
		for (v = json_first(answers); v != NULL; v = v->next)
			if (v->type != JSON_OBJECT)
				return mcp_wrong(m, RPC_INVALID_PARAMS,
				    "Each of inputResponses must be an object");
		json_name(&m->arguments, "answers");
		json_put_value(&m->arguments, answers);
	}
	if ((state = json_get(params, "requestState")) != NULL) {
		if (state->type != JSON_STRING)
			return mcp_wrong(m, RPC_INVALID_PARAMS,
			    "requestState must be a string");
		json_member_text(&m->arguments, "state", state->u.text);
	}
	return 0;
}

/* --- arguments --------------------------------------------------- */

/*
 * One thing that is wrong with what a tool is called with: for the model, which
 * can correct it; always -1.
 */
static int
call_misfit(struct mcp *m, const char *pointer, const char *text)
{
	if (m->misfit.len == 0)
		json_put_bytes(&m->misfit, CALL_MISFIT,
		    sizeof(CALL_MISFIT) - 1);
	json_put_bytes(&m->misfit, "\n", 1);
	json_put_bytes(&m->misfit, pointer, strlen(pointer));
	json_put_bytes(&m->misfit, " ", 1);
	json_put_bytes(&m->misfit, text, strlen(text));
	return -1;
}

/* Against the schema of the entry.  0 or -1. */
static int
call_check(struct mcp *m, const struct json_value *arguments)
{
	struct schema_errors	errors;
	unsigned int		i;

	memset(&errors, 0, sizeof(errors));
	if (m->entry->schema == NULL ||
	    schema_check(m->entry->schema, arguments, &errors) == 0)
		return 0;
	if (m->entry->kind == CATALOGUE_PROCEDURE)
		for (i = 0; i < errors.n; i++)
			(void)call_misfit(m, errors.error[i].pointer,
			    errors.error[i].text);
	mcp_fail(&m->error, 200, RPC_INVALID_PARAMS, CALL_MISFIT);
	if (errors.n > 0) {
		/* cut: it is for people */
		(void)strlcpy(m->error.message, errors.error[0].pointer,
		    sizeof(m->error.message));
		(void)strlcat(m->error.message, " ",
		    sizeof(m->error.message));
		(void)strlcat(m->error.message, errors.error[0].text,
		    sizeof(m->error.message));
		m->error.member = "pointer";
		/* the value is the longer one */
		(void)strlcpy(m->error.value, errors.error[0].pointer,
		    sizeof(m->error.value));
	}
	return -1;
}

/* {"size", "cursor"} of what asks for a page. */
static int
call_put_page(struct mcp *m, const struct json_value *arguments)
{
	const struct json_value	*size = json_get(arguments, MCP_PAGE_SIZE);
	const struct json_value	*cursor = json_get(arguments, MCP_CURSOR);
	const char		*why = NULL;
	char			 whole[SCHEMA_MAX_WHOLE + 1], text[64];
	long long		 n = 0;

	if (size == NULL && cursor == NULL)
		return 0;
	if (size != NULL) {
		if ((size->type != JSON_INTEGER && size->type != JSON_REAL) ||
		    !schema_whole(size->u.text, whole))
			whole[0] = '\0';
		n = strtonum(whole, 1, m->entry->max_rows, &why);
	}
	if (why != NULL) {
		/* 64 bytes hold every one */
		(void)snprintf(text, sizeof(text),
		    "must be an integer from 1 to %lld",
		    (long long)m->entry->max_rows);
		return call_misfit(m, "/" MCP_PAGE_SIZE, text);
	}
	if (cursor != NULL && cursor->type != JSON_STRING)
		return call_misfit(m, "/" MCP_CURSOR, "must be a string");
	json_name(&m->arguments, "page");
	json_object_open(&m->arguments);
	if (size != NULL)
		json_member_integer(&m->arguments, "size", n);
	if (cursor != NULL)
		json_member_text(&m->arguments, "cursor", cursor->u.text);
	json_object_close(&m->arguments);
	return 0;
}

/* Arguments of a tool whose result has pages: without those of the page. */
static int
call_put_paged(struct mcp *m, const struct json_value *arguments)
{
	const struct json_value	*v;
	struct json_doc		*doc;
	struct json_buf		 b;
	int			 ret = -1;

	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	json_object_open(&b);
	for (v = json_first(arguments); v != NULL; v = v->next) {
		if (strcmp(v->name, MCP_PAGE_SIZE) == 0 ||
		    strcmp(v->name, MCP_CURSOR) == 0)
			continue;
		json_name(&b, v->name);
		json_put_value(&b, v);
	}
	json_object_close(&b);
	doc = b.failed ? NULL : json_parse(b.data, b.len, &rpc_limits, NULL);
	if (doc == NULL)
		(void)mcp_wrong(m, RPC_INVALID_PARAMS,
		    "The arguments are too large");
	else if (call_check(m, json_root(doc)) == 0) {
		json_name(&m->arguments, "arguments");
		schema_put(m->entry->schema, &m->arguments, json_root(doc));
		ret = call_put_page(m, arguments);
	}
	json_free(doc);
	json_buf_free(&b);
	return ret;
}

/* The end of what the broker gets.  0 or -1. */
static int
call_close(struct mcp *m)
{
	if (call_put_answers(m) == -1)
		return -1;
	json_object_close(&m->arguments);
	if (m->arguments.failed)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "The arguments are too large");
	return 0;
}

int
mcp_tool_prepare(struct mcp *m)
{
	static const struct json_value	 none = { .type = JSON_OBJECT };
	const struct json_value		*arguments;
	const char			*name;

	name = json_get_text(m->rpc.params, "name");
	m->entry = mcp_find(m->catalogue, name, MCP_LIST_TOOLS);
	if (m->entry == NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS, "Unknown tool");
	arguments = json_get(m->rpc.params, "arguments");
	if (arguments == NULL)
		arguments = &none;
	if (arguments->type != JSON_OBJECT)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "arguments must be an object");
	json_object_open(&m->arguments);
	if (m->entry->paged) {
		if (call_put_paged(m, arguments) == -1)
			return -1;
		return call_close(m);
	}
	if (call_check(m, arguments) == -1)
		return -1;
	json_name(&m->arguments, "arguments");
	schema_put(m->entry->schema, &m->arguments, arguments);
	return call_close(m);
}

/* Checks and writes what texts stand for.  0 or -1. */
static int
call_put_typed(struct mcp *m, struct json_buf *b)
{
	struct json_doc	*doc;
	int		 ret = -1;

	doc = b->failed ? NULL : json_parse(b->data, b->len, &rpc_limits,
	    NULL);
	if (doc == NULL)
		(void)mcp_wrong(m, RPC_INVALID_PARAMS,
		    "The arguments are too large");
	else if (call_check(m, json_root(doc)) == 0) {
		json_object_open(&m->arguments);
		json_name(&m->arguments, "arguments");
		schema_put(m->entry->schema, &m->arguments, json_root(doc));
		ret = call_close(m);
	}
	json_free(doc);
	return ret;
}

static const struct schema *
call_property(const struct mcp *m, const char *name)
{
	return m->entry->schema == NULL ? NULL :
	    schema_property(m->entry->schema, name);
}

/*
 * What a text stands for: of an argument that is more than one word, or
 * anything, what it says as JSON.
 */
static void
call_put_text(const struct mcp *m, struct json_buf *b, const char *name,
    const char *text)
{
	const struct schema	*s = call_property(m, name);
	struct json_doc		*doc = NULL;

	json_name(b, name);
	if (s != NULL && (schema_types(s) == SCHEMA_ANY ||
	    (schema_types(s) & (SCHEMA_ARRAY | SCHEMA_OBJECT)) != 0))
		doc = json_parse(text, strlen(text), &rpc_limits, NULL);
	if (doc != NULL)
		json_put_value(b, json_root(doc));
	else if (s != NULL)
		schema_put_text(s, b, text);
	else
		json_put_text(b, text);
	json_free(doc);
}

/* A field that was left empty says nothing, unless it is one of text. */
static int
call_is_left(const struct mcp *m, const struct json_value *v)
{
	const struct json_value	*property;
	const struct schema	*s = call_property(m, v->name);

	if (v->type != JSON_STRING || v->len > 0 || s == NULL)
		return 0;
	property = json_get(json_get(m->entry->arguments, "properties"),
	    v->name);
	return (schema_types(s) & ~(unsigned int)SCHEMA_NULL) !=
	    SCHEMA_STRING || json_get(property, "format") != NULL ||
	    json_get(property, "enum") != NULL;
}

/* The arguments of prompts are texts, whatever the function takes. */
int
mcp_prompt_prepare(struct mcp *m)
{
	const struct json_value	*arguments, *v;
	struct json_buf		 b;
	int			 ret;

	m->entry = mcp_find(m->catalogue, json_get_text(m->rpc.params,
	    "name"), MCP_LIST_PROMPTS);
	if (m->entry == NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS, "Unknown prompt");
	arguments = json_get(m->rpc.params, "arguments");
	if (arguments != NULL && arguments->type != JSON_OBJECT)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "arguments must be an object");
	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	json_object_open(&b);
	for (v = json_first(arguments); v != NULL; v = v->next) {
		if (call_is_left(m, v))
			continue;
		if (v->type == JSON_STRING)
			call_put_text(m, &b, v->name, v->u.text);
		else {
			json_name(&b, v->name);
			json_put_value(&b, v);
		}
	}
	json_object_close(&b);
	ret = call_put_typed(m, &b);
	json_buf_free(&b);
	return ret;
}

/* --- resources --------------------------------------------------- */

/* The template that it fits: arguments go to b.  0 or -1. */
static int
call_match(struct mcp *m, struct json_buf *b)
{
	const struct catalogue_entry	*e;
	struct mcp_uri_var		*vars;
	unsigned int			 j, n;
	size_t				 i;

	if ((vars = calloc(MCP_URI_MAX_VARS, sizeof(*vars))) == NULL)
		return -1;
	for (i = 0; i < m->catalogue->n && m->entry == NULL; i++) {
		e = &m->catalogue->entries[i];
		if (mcp_in_list(e, MCP_LIST_TEMPLATES) &&
		    mcp_uri_match(e->uri, m->uri, vars, &n))
			m->entry = e;
	}
	if (m->entry != NULL) {
		json_object_open(b);
		for (j = 0; j < n; j++)
			call_put_text(m, b, vars[j].name, vars[j].value);
		json_object_close(b);
	}
	free(vars);
	return m->entry == NULL ? -1 : 0;
}

int
mcp_resource_prepare(struct mcp *m)
{
	const char	*uri = json_get_text(m->rpc.params, "uri");
	struct json_buf	 b;
	int		 ret = -1;

	if (uri == NULL || strlen(uri) > MCP_MAX_NAME ||
	    (m->uri = strdup(uri)) == NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS, "uri is required");
	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	m->entry = catalogue_by_uri(m->catalogue, uri);
	if (m->entry != NULL && !m->entry->mcp)
		m->entry = NULL;
	if (m->entry != NULL)
		json_put_raw(&b, "{}", 2);
	if (m->entry != NULL || call_match(m, &b) == 0)
		ret = call_put_typed(m, &b);
	else
		mcp_no_resource(m, &m->error);
	json_buf_free(&b);
	return ret;
}
