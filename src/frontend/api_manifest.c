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
 * The manifest of /api: what the caller may call, and how to get in.  Room:
 * frontend; pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "msg_conf.h"

/* Where a program learns how to get in. */
static const struct { const char *name, *path; } manifest_oauth[] = {
	{ "issuer", "" },
	{ "resource", "/api" },
	{ "authorization_endpoint", "/oauth/authorize" },
	{ "token_endpoint", "/oauth/token" },
	{ "metadata", "/.well-known/oauth-authorization-server" },
	{ "resource_metadata", "/.well-known/oauth-protected-resource/api" },
};

static void
manifest_url(struct json_buf *b, const char *name, const char *issuer,
    const char *path)
{
	char	url[CONF_MAX_ISSUER + 160];

	/* the room is larger than an issuer and a path of ours */
	(void)snprintf(url, sizeof(url), "%s%s", issuer, path);
	json_member_text(b, name, url);
}

static void
manifest_value(struct json_buf *b, const char *name,
    const struct json_value *v)
{
	json_name(b, name);
	if (v == NULL)
		json_put_null(b);
	else
		json_put_value(b, v);
}

static void
manifest_entry(struct json_buf *b, const struct catalogue_entry *e)
{
	json_object_open(b);
	json_member_text(b, "name", e->name);
	json_member_text(b, "path", e->path);
	json_name(b, "methods");
	json_array_open(b);
	if (e->get)
		json_put_text(b, "GET");
	json_put_text(b, "POST");
	json_array_close(b);
	json_member_text(b, "title", e->title);
	json_member_text(b, "description", e->description);
	json_name(b, "scopes");
	json_array_open(b);
	if (e->scope != NULL)
		json_put_text(b, e->scope);
	json_array_close(b);
	manifest_value(b, "kinds", e->kinds);
	json_member_bool(b, "read_only", e->read_only);
	json_member_bool(b, "destructive", e->destructive);
	json_member_bool(b, "idempotent", e->idempotent);
	if (e->confirm != NULL)
		json_member_text(b, "confirm", e->confirm);
	json_member_bool(b, "deprecated", e->deprecated);
	json_member_bool(b, "paged", e->paged);
	if (e->shape == SHAPE_LIST)
		json_member_integer(b, "max_rows", e->max_rows);
	manifest_value(b, "input_schema", e->arguments);
	manifest_value(b, "output_schema", e->result);
	manifest_value(b, "examples", e->examples);
	json_object_close(b);
}

static void
manifest_scopes(struct json_buf *b, const struct catalogue *c)
{
	const struct catalogue_scope	*s;
	size_t				 i;

	json_name(b, "scopes");
	json_array_open(b);
	for (i = 0; i < c->nscopes; i++) {
		s = &c->scopes[i];
		json_object_open(b);
		json_member_text(b, "name", s->name);
		json_member_text(b, "description", s->description);
		json_member_bool(b, "sensitive", s->sensitive);
		manifest_value(b, "implies", s->implies);
		json_object_close(b);
	}
	json_array_close(b);
}

void
api_manifest_write(struct json_buf *b, const struct api_seen *seen,
    const char *issuer)
{
	size_t	i;

	json_object_open(b);
	json_member_text(b, "title", seen->catalogue->title);
	json_member_text(b, "version", seen->catalogue->version);
	json_member_integer(b, "generation",
	    (int64_t)seen->catalogue->generation);
	json_member_bool(b, "anonymous", seen->anonymous);
	if (seen->scopes != NULL && !seen->anonymous)
		manifest_value(b, "granted", seen->scopes);
	manifest_url(b, "openapi", issuer, "/api/openapi.json");
	manifest_url(b, "documentation", issuer, "/api/docs");
	manifest_url(b, "mcp", issuer, "/mcp");
	json_name(b, "oauth");
	json_object_open(b);
	for (i = 0; i < sizeof(manifest_oauth) / sizeof(manifest_oauth[0]);
	    i++)
		manifest_url(b, manifest_oauth[i].name, issuer,
		    manifest_oauth[i].path);
	json_object_close(b);
	manifest_scopes(b, seen->catalogue);
	json_name(b, "procedures");
	json_array_open(b);
	for (i = 0; i < seen->n; i++)
		catalogue_put(b, seen->entries[i], MADE_MANIFEST,
		    manifest_entry);
	json_array_close(b);
	json_object_close(b);
}
