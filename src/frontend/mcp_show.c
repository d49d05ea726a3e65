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
 * How an entry of the catalogue looks in the lists of MCP, and which scopes
 * all of them need.  Room: frontend.
 */

#include "config.h"

#include <string.h>

#include "mcp.h"
#include "mcp_int.h"

#define SHOW_MAX_SCOPES	500	/* bytes of a challenge */

static const enum catalogue_kind	 list_kinds[MCP_LIST__MAX] = {
	[MCP_LIST_TOOLS] = CATALOGUE_PROCEDURE,
	[MCP_LIST_PROMPTS] = CATALOGUE_PROMPT,
	[MCP_LIST_RESOURCES] = CATALOGUE_RESOURCE,
	[MCP_LIST_TEMPLATES] = CATALOGUE_RESOURCE,
};

int
mcp_in_list(const struct catalogue_entry *e, enum mcp_list list)
{
	if (!e->mcp || e->kind != list_kinds[list])
		return 0;
	if (e->kind != CATALOGUE_RESOURCE)
		return 1;
	return e->template ? list == MCP_LIST_TEMPLATES :
	    list == MCP_LIST_RESOURCES;
}

/* A hidden one tells its scope no more than its name. */
static int
show_needs(const struct catalogue *c, const char *scope, int mcp)
{
	size_t	i;

	for (i = 0; i < c->n; i++)
		if ((mcp ? c->entries[i].mcp : c->entries[i].http) &&
		    !c->entries[i].hidden && c->entries[i].scope != NULL &&
		    strcmp(c->entries[i].scope, scope) == 0)
			return 1;
	return 0;
}

const char *
mcp_scopes(int mcp)
{
	static char		 texts[2][SHOW_MAX_SCOPES];
	static uint64_t		 generations[2];
	const struct catalogue	*c = catalogue_now();
	char			*out = texts[mcp != 0];
	size_t			 i;

	if (generations[mcp != 0] == c->generation)
		return out;
	generations[mcp != 0] = c->generation;
	out[0] = '\0';
	for (i = 0; i < c->nscopes; i++) {
		if (!show_needs(c, c->scopes[i].name, mcp) || strlen(out) +
		    strlen(c->scopes[i].name) + 2 > SHOW_MAX_SCOPES)
			continue;
		/* it fits, as was seen */
		if (out[0] != '\0')
			(void)strlcat(out, " ", SHOW_MAX_SCOPES);
		(void)strlcat(out, c->scopes[i].name, SHOW_MAX_SCOPES);
	}
	return out;
}

static void
show_text(struct json_buf *b, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_member_text(b, name, text);
}

static void
show_names(struct json_buf *b, const struct catalogue_entry *e)
{
	const char	*text = e->description;

	json_member_text(b, "name", e->tool);
	show_text(b, "title", e->title);
	/* clients choose by it: there is always one */
	if (text == NULL || text[0] == '\0')
		text = e->title;
	if (text == NULL || text[0] == '\0')
		text = e->name;
	json_member_text(b, "description", text);
}

/* The arguments of a page, as members of "properties". */
static void
show_page(struct json_buf *b, const struct catalogue_entry *e)
{
	json_name(b, MCP_PAGE_SIZE);
	json_object_open(b);
	json_member_text(b, "type", "integer");
	json_member_integer(b, "minimum", 1);
	json_member_integer(b, "maximum", e->max_rows);
	json_member_text(b, "description", "How many items to return at most");
	json_object_close(b);
	json_name(b, MCP_CURSOR);
	json_object_open(b);
	json_member_text(b, "type", "string");
	json_member_text(b, "description",
	    "next_cursor of the page before, for the next one");
	json_object_close(b);
}

static void
show_properties(struct json_buf *b, const struct catalogue_entry *e,
    const struct json_value *properties)
{
	const struct json_value	*v;

	json_name(b, "properties");
	json_object_open(b);
	for (v = json_first(properties); v != NULL; v = v->next) {
		json_name(b, v->name);
		json_put_value(b, v);
	}
	show_page(b, e);
	json_object_close(b);
}

static void
show_input(struct json_buf *b, const struct catalogue_entry *e)
{
	const struct json_value	*v;
	int			 seen = 0;

	json_name(b, "inputSchema");
	if (!e->paged) {
		json_put_value(b, e->arguments);
		return;
	}
	json_object_open(b);
	for (v = json_first(e->arguments); v != NULL; v = v->next) {
		if (strcmp(v->name, "properties") == 0) {
			show_properties(b, e, v);
			seen = 1;
			continue;
		}
		json_name(b, v->name);
		json_put_value(b, v);
	}
	if (!seen)
		show_properties(b, e, NULL);
	json_object_close(b);
}

static void
show_tool(struct json_buf *b, const struct catalogue_entry *e)
{
	show_input(b, e);
	if (e->result != NULL && e->shape != SHAPE_CONTENT &&
	    e->shape != SHAPE_VOID) {
		json_name(b, "outputSchema");
		json_put_value(b, e->result);
	}
	json_name(b, "annotations");
	json_object_open(b);
	show_text(b, "title", e->title);
	json_member_bool(b, "readOnlyHint", e->read_only);
	json_member_bool(b, "destructiveHint", e->destructive);
	json_member_bool(b, "idempotentHint", e->idempotent);
	json_member_bool(b, "openWorldHint", e->open_world);
	json_object_close(b);
}

static int
show_required(const struct catalogue_entry *e, const char *name)
{
	const struct json_value	*v;

	for (v = json_first(json_get(e->arguments, "required")); v != NULL;
	    v = v->next)
		if (v->type == JSON_STRING && strcmp(v->u.text, name) == 0)
			return 1;
	return 0;
}

/* What clients cannot know: to them every argument of a prompt is a text. */
static const struct { const char *type, *words; } show_forms[] = {
	{ "array", "a JSON array" },
	{ "object", "a JSON object" },
	{ "boolean", "true or false" },
};
#define SHOW_ANY	"JSON, or a text"

/* NULL: nothing is to be said. */
static const char *
show_form(const struct json_value *schema)
{
	const struct json_value	*type = json_get(schema, "type"), *v;
	size_t			 i;

	if (type == NULL)
		return json_get(schema, "enum") == NULL ? SHOW_ANY : NULL;
	v = type->type == JSON_ARRAY ? json_first(type) : type;
	for (; v != NULL; v = v->next) {
		for (i = 0; i < sizeof(show_forms) / sizeof(show_forms[0]);
		    i++)
			if (v->type == JSON_STRING &&
			    strcmp(show_forms[i].type, v->u.text) == 0)
				return show_forms[i].words;
		if (type->type != JSON_ARRAY)
			break;
	}
	return NULL;
}

static void
show_argument(struct json_buf *b, const struct json_value *schema)
{
	const char	*text = json_get_text(schema, "description");
	const char	*form = show_form(schema);
	struct json_buf	 both;

	if (text == NULL || text[0] == '\0' || form == NULL) {
		show_text(b, "description", form != NULL ? form : text);
		return;
	}
	json_buf_init(&both, strlen(text) + 64);
	json_put_bytes(&both, text, strlen(text));
	json_put_bytes(&both, " (", 2);
	json_put_bytes(&both, form, strlen(form));
	json_put_bytes(&both, ")", 2);
	json_member_text(b, "description", both.failed ? text : both.data);
	json_buf_free(&both);
}

static void
show_prompt(struct json_buf *b, const struct catalogue_entry *e)
{
	const struct json_value	*v;

	json_name(b, "arguments");
	json_array_open(b);
	for (v = json_first(json_get(e->arguments, "properties")); v != NULL;
	    v = v->next) {
		json_object_open(b);
		json_member_text(b, "name", v->name);
		show_text(b, "title", json_get_text(v, "title"));
		show_argument(b, v);
		json_member_bool(b, "required", show_required(e, v->name));
		json_object_close(b);
	}
	json_array_close(b);
}

void
mcp_show(struct json_buf *b, const struct catalogue_entry *e,
    enum mcp_list list)
{
	json_object_open(b);
	show_names(b, e);
	switch (list) {
	case MCP_LIST_TOOLS:
		show_tool(b, e);
		break;
	case MCP_LIST_PROMPTS:
		show_prompt(b, e);
		break;
	case MCP_LIST_RESOURCES:
		json_member_text(b, "uri", e->uri);
		show_text(b, "mimeType", e->mime);
		break;
	default:
		json_member_text(b, "uriTemplate", e->uri);
		show_text(b, "mimeType", e->mime);
		break;
	}
	json_object_close(b);
}
