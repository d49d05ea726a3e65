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
 * The OpenAPI 3.1 document of what the caller may call.  Room: frontend;
 * pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "msg_conf.h"
#include "template.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Answers that every procedure may give. */
static const struct { const char *status, *name; } openapi_problems[] = {
	{ "400", "BadRequest" },
	{ "401", "Unauthorized" },
	{ "403", "Forbidden" },
	{ "404", "NotFound" },
	{ "409", "Conflict" },
	{ "422", "Unprocessable" },
	/* whatever a procedure calls may ask: none of them tells before */
	{ "428", "InputRequired" },
	{ "503", "Unavailable" },
	{ "504", "Timeout" },
	{ "default", "Problem" },
};

static const char openapi_link[] = "{\"Link\":{\"description\":\"rel=next: "
    "the next page (RFC 8288).\",\"schema\":{\"type\":\"string\"}}}";

static void
openapi_ref(struct json_buf *b, const char *kind, const char *name)
{
	char	text[96];

	/* 96 bytes hold the words above */
	(void)snprintf(text, sizeof(text), "#/components/%s/%s", kind, name);
	json_object_open(b);
	json_member_text(b, "$ref", text);
	json_object_close(b);
}

static void
openapi_url(struct json_buf *b, const char *name, const char *issuer,
    const char *path)
{
	char	url[CONF_MAX_ISSUER + 64];

	/* the room is larger than an issuer and a path of ours */
	(void)snprintf(url, sizeof(url), "%s%s", issuer, path);
	json_member_text(b, name, url);
}

static void
openapi_content(struct json_buf *b, const struct json_value *schema)
{
	json_name(b, "content");
	json_object_open(b);
	json_name(b, "application/json");
	json_object_open(b);
	json_name(b, "schema");
	if (schema == NULL)
		json_put_raw(b, "{}", 2);
	else
		json_put_value(b, schema);
}

/* The member of each example, under a name of its own. */
static void
openapi_examples(struct json_buf *b, const struct catalogue_entry *e,
    const char *member)
{
	const struct json_value	*v, *value;
	char			 name[16];
	unsigned int		 n = 0;

	for (v = json_first(e->examples); v != NULL; v = v->next) {
		if ((value = json_get(v, member)) == NULL)
			continue;
		if (n++ == 0) {
			json_name(b, "examples");
			json_object_open(b);
		}
		/* 16 bytes hold the word and every unsigned int */
		(void)snprintf(name, sizeof(name), "%u", n);
		json_name(b, name);
		json_object_open(b);
		json_name(b, "value");
		json_put_value(b, value);
		json_object_close(b);
	}
	if (n > 0)
		json_object_close(b);
}

static void
openapi_success(struct json_buf *b, const struct catalogue_entry *e, int get)
{
	int	empty = e->shape == SHAPE_VOID;

	json_name(b, empty ? "204" : "200");
	json_object_open(b);
	json_member_text(b, "description", empty ? "It is done." :
	    "What it returns.");
	if (e->paged && get) {
		json_name(b, "headers");
		json_put_raw(b, openapi_link, sizeof(openapi_link) - 1);
	}
	if (!empty) {
		openapi_content(b, e->result);
		openapi_examples(b, e, "result");
		json_object_close(b);
		json_object_close(b);
	}
	json_object_close(b);
	if (!empty) {
		json_name(b, "204");
		json_object_open(b);
		json_member_text(b, "description",
		    "It is done (Prefer: return=minimal).");
		json_object_close(b);
	}
}

static void
openapi_responses(struct json_buf *b, const struct catalogue_entry *e, int get)
{
	size_t	i;

	json_name(b, "responses");
	json_object_open(b);
	openapi_success(b, e, get);
	for (i = 0; i < COUNT(openapi_problems); i++) {
		json_name(b, openapi_problems[i].status);
		openapi_ref(b, "responses", openapi_problems[i].name);
	}
	json_object_close(b);
}

/* One argument as a parameter of a query. */
static void
openapi_parameter(struct json_buf *b, const struct json_value *schema,
    int required)
{
	const char	*text = json_get_text(schema, "description");

	json_object_open(b);
	json_member_text(b, "name", schema->name);
	json_member_text(b, "in", "query");
	if (text != NULL)
		json_member_text(b, "description", text);
	json_member_bool(b, "required", required);
	json_name(b, "schema");
	json_put_value(b, schema);
	json_object_close(b);
}

static int
openapi_is_required(const struct json_value *arguments, const char *name)
{
	const struct json_value	*v;

	for (v = json_first(json_get(arguments, "required")); v != NULL;
	    v = v->next)
		if (v->type == JSON_STRING && strcmp(v->u.text, name) == 0)
			return 1;
	return 0;
}

static void
openapi_parameters(struct json_buf *b, const struct catalogue_entry *e,
    int get)
{
	const struct json_value	*properties, *v;

	properties = json_get(e->arguments, "properties");
	json_name(b, "parameters");
	json_array_open(b);
	for (v = get ? json_first(properties) : NULL; v != NULL; v = v->next)
		openapi_parameter(b, v, openapi_is_required(e->arguments,
		    v->name));
	if (e->paged) {
		if (!get || json_get(properties, "page_size") == NULL)
			openapi_ref(b, "parameters", "PageSize");
		if (!get || json_get(properties, "cursor") == NULL)
			openapi_ref(b, "parameters", "Cursor");
	}
	if (!e->read_only)
		openapi_ref(b, "parameters", "IdempotencyKey");
	openapi_ref(b, "parameters", "Prefer");
	if (!get) {
		openapi_ref(b, "parameters", "RequestState");
		openapi_ref(b, "parameters", "Answers");
	}
	json_array_close(b);
}

static void
openapi_security(struct json_buf *b, const struct catalogue_entry *e)
{
	json_name(b, "security");
	json_array_open(b);
	json_object_open(b);
	if (e->scope != NULL) {
		json_name(b, "oauth2");
		json_array_open(b);
		json_put_text(b, e->scope);
		json_array_close(b);
	}
	json_object_close(b);
	json_array_close(b);
}

static void
openapi_operation(struct json_buf *b, const struct catalogue_entry *e,
    int get)
{
	const struct json_value	*required;
	char			 id[256];

	json_name(b, get ? "get" : "post");
	json_object_open(b);
	/* names of the database are shorter; POST beside GET is another one */
	(void)snprintf(id, sizeof(id), "%s.%s%s", e->group, e->procedure,
	    !get && e->get ? ".post" : "");
	json_member_text(b, "operationId", id);
	if (e->title[0] != '\0')
		json_member_text(b, "summary", e->title);
	if (e->description[0] != '\0')
		json_member_text(b, "description", e->description);
	json_name(b, "tags");
	json_array_open(b);
	json_put_text(b, e->group);
	json_array_close(b);
	if (e->deprecated)
		json_member_bool(b, "deprecated", 1);
	if (e->confirm != NULL)
		json_member_text(b, "x-confirm", e->confirm);
	openapi_parameters(b, e, get);
	if (!get && e->arguments != NULL) {
		required = json_get(e->arguments, "required");
		json_name(b, "requestBody");
		json_object_open(b);
		json_member_bool(b, "required", required != NULL &&
		    required->count > 0);
		openapi_content(b, e->arguments);
		openapi_examples(b, e, "arguments");
		json_object_close(b);
		json_object_close(b);
		json_object_close(b);
	}
	openapi_responses(b, e, get);
	openapi_security(b, e);
	json_object_close(b);
}

/* What can be done at the entry's path. */
static void
openapi_item(struct json_buf *b, const struct catalogue_entry *e)
{
	json_object_open(b);
	if (e->get)
		openapi_operation(b, e, 1);
	openapi_operation(b, e, 0);
	json_object_close(b);
}

static void
openapi_paths(struct json_buf *b, const struct api_seen *seen)
{
	const struct catalogue_entry	*e;
	size_t				 i;

	json_name(b, "paths");
	json_object_open(b);
	for (i = 0; i < seen->n; i++) {
		e = seen->entries[i];
		json_name(b, e->path);
		catalogue_put(b, e, MADE_OPENAPI, openapi_item);
	}
	json_object_close(b);
}

static void
openapi_scopes(struct json_buf *b, const struct catalogue *c)
{
	size_t	i;

	json_name(b, "scopes");
	json_object_open(b);
	for (i = 0; i < c->nscopes; i++)
		json_member_text(b, c->scopes[i].name,
		    c->scopes[i].description);
	json_object_close(b);
}

/* OAuth as this server has it. */
static void
openapi_oauth(struct json_buf *b, const struct catalogue *c,
    const char *issuer)
{
	json_name(b, "securitySchemes");
	json_object_open(b);
	json_name(b, "oauth2");
	json_object_open(b);
	json_member_text(b, "type", "oauth2");
	openapi_url(b, "description", issuer,
	    "/.well-known/oauth-authorization-server");
	json_name(b, "flows");
	json_object_open(b);
	json_name(b, "authorizationCode");
	json_object_open(b);
	openapi_url(b, "authorizationUrl", issuer, "/oauth/authorize");
	openapi_url(b, "tokenUrl", issuer, "/oauth/token");
	openapi_url(b, "refreshUrl", issuer, "/oauth/token");
	openapi_scopes(b, c);
	json_object_close(b);
	json_name(b, "clientCredentials");
	json_object_open(b);
	openapi_url(b, "tokenUrl", issuer, "/oauth/token");
	openapi_scopes(b, c);
	json_object_close(b);
	json_object_close(b);
	json_object_close(b);
	json_object_close(b);
}

/* What is the same in each document, and the scheme of security. */
static void
openapi_components(struct json_buf *b, const struct catalogue *c,
    const char *issuer)
{
	const struct template	*t = template_find(pages,
				    "openapi_components.json");
	const struct json_value	*v;
	struct json_doc		*doc = NULL;

	json_name(b, "components");
	json_object_open(b);
	openapi_oauth(b, c, issuer);
	if (t != NULL)
		doc = json_parse(t->text, t->len, NULL, NULL);
	if (doc == NULL)
		b->failed = 1;
	else
		for (v = json_first(json_root(doc)); v != NULL; v = v->next) {
			json_name(b, v->name);
			json_put_value(b, v);
		}
	json_free(doc);
	json_object_close(b);
}

/* Groups, each once: entries are in the order of their names. */
static void
openapi_tags(struct json_buf *b, const struct api_seen *seen)
{
	const char	*last = "";
	size_t		 i;

	json_name(b, "tags");
	json_array_open(b);
	for (i = 0; i < seen->n; i++) {
		if (strcmp(last, seen->entries[i]->group) == 0)
			continue;
		last = seen->entries[i]->group;
		json_object_open(b);
		json_member_text(b, "name", last);
		json_object_close(b);
	}
	json_array_close(b);
}

void
openapi_write(struct json_buf *b, const struct api_seen *seen,
    const char *issuer)
{
	const struct catalogue	*c = seen->catalogue;

	json_object_open(b);
	json_member_text(b, "openapi", "3.1.0");
	json_member_text(b, "jsonSchemaDialect",
	    "https://json-schema.org/draft/2020-12/schema");
	json_name(b, "info");
	json_object_open(b);
	json_member_text(b, "title", c->title[0] != '\0' ? c->title : "API");
	json_member_text(b, "version", c->version[0] != '\0' ? c->version :
	    "0");
	json_member_text(b, "description", seen->anonymous ?
	    "What there is. With a token, the document lists what its owner "
	    "may call." : "What the caller of this document may call.");
	json_object_close(b);
	json_name(b, "servers");
	json_array_open(b);
	json_object_open(b);
	json_member_text(b, "url", issuer);
	json_object_close(b);
	json_array_close(b);
	openapi_tags(b, seen);
	openapi_paths(b, seen);
	openapi_components(b, c, issuer);
	json_object_close(b);
}
