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
 * What the server says of itself, and what is answered without a procedure:
 * discovery, initialize, ping, completion.  Room: frontend.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mcp_int.h"

#define INFO_TTL	60000	/* ms; nothing of it changes but by an update */
#define COMPLETE_MAX	100	/* values, by the schema of MCP */

static const char info_instructions[] =
    "Each tool is a procedure of the application's database and works with "
    "the rights of the person who let this client in. A tool that answers "
    "403 needs a scope that was not granted: ask for it and try again. Lists "
    "come in pages: pass next_cursor as cursor.";

static void
info_capability(struct json_buf *b, const char *name, int list_changed,
    int subscribe)
{
	json_name(b, name);
	json_object_open(b);
	if (list_changed)
		json_member_bool(b, "listChanged", 1);
	if (subscribe)
		json_member_bool(b, "subscribe", 1);
	json_object_close(b);
}

/* Only an open stream hears of changes, and before it there was none. */
static void
info_capabilities(struct json_buf *b, enum mcp_era era)
{
	const int	changes = era == ERA_MODERN;

	json_name(b, "capabilities");
	json_object_open(b);
	info_capability(b, "tools", changes, 0);
	info_capability(b, "resources", changes, changes);
	info_capability(b, "prompts", changes, 0);
	info_capability(b, "completions", 0, 0);
	info_capability(b, "logging", 0, 0);
	json_object_close(b);
}

void
mcp_discover(struct mcp *m, const struct msg_reply *reply)
{
	struct json_buf	b;
	size_t		i;

	(void)reply;
	mcp_result_open(m, &b, "complete");
	json_name(&b, "supportedVersions");
	json_array_open(&b);
	for (i = 0; mcp_versions[i] != NULL; i++)
		json_put_text(&b, mcp_versions[i]);
	json_array_close(&b);
	info_capabilities(&b, ERA_MODERN);
	json_member_text(&b, "instructions", info_instructions);
	mcp_put_cache(m, &b, INFO_TTL);
	mcp_result_send(m, &b);
}

/* The version that the client asked for, if it has one of ours. */
static const char *
info_version(const struct rpc *rpc)
{
	const char	*asked = json_get_text(rpc->params, "protocolVersion");
	size_t		 i;

	/* the first is of the era that needs no initialize */
	for (i = 1; asked != NULL && mcp_versions[i] != NULL; i++)
		if (strcmp(mcp_versions[i], asked) == 0)
			return mcp_versions[i];
	return mcp_versions[1];
}

void
mcp_initialize(struct mcp *m, const struct msg_reply *reply)
{
	const struct catalogue	*c = m->catalogue;
	struct json_buf		 b;

	(void)reply;
	mcp_result_open(m, &b, "complete");
	json_member_text(&b, "protocolVersion", info_version(&m->rpc));
	info_capabilities(&b, ERA_LEGACY);
	json_name(&b, "serverInfo");
	json_object_open(&b);
	json_member_text(&b, "name", "grantd");
	if (c->title != NULL && c->title[0] != '\0')
		json_member_text(&b, "title", c->title);
	json_member_text(&b, "version", PACKAGE_VERSION);
	json_object_close(&b);
	json_member_text(&b, "instructions", info_instructions);
	mcp_result_send(m, &b);
}

void
mcp_empty(struct mcp *m, const struct msg_reply *reply)
{
	struct json_buf	b;

	(void)reply;
	mcp_result_open(m, &b, "complete");
	mcp_result_send(m, &b);
}

/* There is no session that could remember it: each tool tells from info on. */
int
mcp_set_level(struct mcp *m)
{
	const char	*level = json_get_text(m->rpc.params, "level");

	if (level == NULL || mcp_level(level) == LEVEL_NONE)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "There is no such level");
	return 0;
}

int
mcp_subscribe(struct mcp *m)
{
	if (json_get_text(m->rpc.params, "uri") == NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS, "uri is required");
	return 0;
}

/* --- completion -------------------------------------------------- */

/* The entry that ref names; NULL if there is none of this. */
static const struct catalogue_entry *
complete_entry(const struct catalogue *c, const struct json_value *ref)
{
	const struct catalogue_entry	*e;
	const char			*type, *uri;
	size_t				 i;

	if ((type = json_get_text(ref, "type")) == NULL)
		return NULL;
	if (strcmp(type, "ref/prompt") == 0)
		return mcp_find(c, json_get_text(ref, "name"),
		    MCP_LIST_PROMPTS);
	if (strcmp(type, "ref/resource") != 0 ||
	    (uri = json_get_text(ref, "uri")) == NULL)
		return NULL;
	for (i = 0; i < c->n; i++) {
		e = &c->entries[i];
		if (e->kind == CATALOGUE_RESOURCE && e->mcp &&
		    strcmp(e->uri, uri) == 0)
			return e;
	}
	return NULL;
}

int
mcp_complete_prepare(struct mcp *m)
{
	const struct json_value	*argument;

	argument = json_get(m->rpc.params, "argument");
	if (json_get_text(argument, "name") == NULL ||
	    json_get_text(argument, "value") == NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "argument must have name and value");
	if (complete_entry(m->catalogue, json_get(m->rpc.params, "ref")) ==
	    NULL)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "ref names nothing that is here");
	return 0;
}

/* What an argument may be: as its author said, or the values of its type. */
static const struct json_value *
complete_values(const struct catalogue_entry *e, const char *name)
{
	const struct json_value	*v, *property;

	if ((v = json_get(e->complete, name)) != NULL)
		return v;
	property = json_get(json_get(e->arguments, "properties"), name);
	return json_get(property, "enum");
}

void
mcp_complete(struct mcp *m, const struct msg_reply *reply)
{
	const struct json_value		*argument, *v;
	const struct catalogue_entry	*e;
	const char			*prefix;
	struct json_buf			 b;
	int64_t				 n = 0;

	argument = json_get(m->rpc.params, "argument");
	prefix = json_get_text(argument, "value");
	e = complete_entry(m->catalogue, json_get(m->rpc.params, "ref"));
	if (!mcp_is_visible(reply, e->name)) {
		mcp_say(m, RPC_INVALID_PARAMS,
		    "ref names nothing that is here");
		return;
	}
	mcp_result_open(m, &b, "complete");
	json_name(&b, "completion");
	json_object_open(&b);
	json_name(&b, "values");
	json_array_open(&b);
	for (v = json_first(complete_values(e, json_get_text(argument,
	    "name"))); v != NULL; v = v->next) {
		if (v->type != JSON_STRING || strncasecmp(v->u.text, prefix,
		    strlen(prefix)) != 0)
			continue;
		if (n++ < COMPLETE_MAX)
			json_put_text(&b, v->u.text);
	}
	json_array_close(&b);
	json_member_integer(&b, "total", n);
	json_member_bool(&b, "hasMore", n > COMPLETE_MAX);
	json_object_close(&b);
	mcp_result_send(m, &b);
}
