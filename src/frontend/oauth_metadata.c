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
 * Metadata of the provider and of what it protects (RFC 8414, RFC 9728,
 * OpenID Connect Discovery), and the answer to a registration.  Room:
 * frontend.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixed.h"
#include "frontend.h"
#include "json.h"
#include "json_write.h"
#include "mcp.h"
#include "oauth.h"
#include "request.h"

#define METADATA_MAX	16384

static const struct { const char *name, *path; } metadata_endpoints[] = {
	{ "authorization_endpoint", "/oauth/authorize" },
	{ "token_endpoint", "/oauth/token" },
	{ "revocation_endpoint", "/oauth/revoke" },
	{ "introspection_endpoint", "/oauth/introspect" },
	{ "userinfo_endpoint", "/oauth/userinfo" },
	{ "jwks_uri", "/oauth/jwks" },
	{ "end_session_endpoint", "/oauth/logout" },
};

/* Lists that never change; words between blanks. */
static const struct { const char *name, *words; } metadata_lists[] = {
	{ "response_types_supported", "code" },
	{ "response_modes_supported", "query" },
	{ "grant_types_supported",
	    "authorization_code refresh_token client_credentials" },
	{ "token_endpoint_auth_methods_supported", "client_secret_basic "
	    "client_secret_post private_key_jwt none" },
	{ "token_endpoint_auth_signing_alg_values_supported",
	    "ES256 RS256 EdDSA Ed25519" },
	{ "revocation_endpoint_auth_methods_supported",
	    "client_secret_basic client_secret_post private_key_jwt none" },
	{ "introspection_endpoint_auth_methods_supported",
	    "client_secret_basic client_secret_post private_key_jwt" },
	{ "revocation_endpoint_auth_signing_alg_values_supported",
	    "ES256 RS256 EdDSA Ed25519" },
	{ "introspection_endpoint_auth_signing_alg_values_supported",
	    "ES256 RS256 EdDSA Ed25519" },
	{ "code_challenge_methods_supported", "S256" },
	{ "subject_types_supported", "public" },
	{ "claims_supported",
	    "iss sub aud exp iat auth_time nonce at_hash name updated_at "
	    "email email_verified" },
	{ "prompt_values_supported", "none login consent select_account" },
};

static void
metadata_words(struct json_buf *b, const char *name, const char *words)
{
	size_t	n;

	json_name(b, name);
	json_array_open(b);
	for (; *words != '\0'; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		json_put_text_len(b, words, n);
	}
	json_array_close(b);
}

static void
metadata_url(struct json_buf *b, const char *name, const char *path)
{
	char	url[CONF_MAX_ISSUER + 64];

	/* the room is larger than both */
	(void)snprintf(url, sizeof(url), "%s%s", frontend.conf.issuer, path);
	json_member_text(b, name, url);
}

/* Of the keys that are published: no token is signed with another one. */
static void
metadata_algs(struct json_buf *b)
{
	const struct json_value	*keys = NULL, *key, *k;
	const char		*alg, *other;
	struct json_doc		*doc;

	doc = json_parse(frontend.jwks, frontend.jwks_len, NULL, NULL);
	if (doc != NULL)
		keys = json_get(json_root(doc), "keys");
	json_name(b, "id_token_signing_alg_values_supported");
	json_array_open(b);
	for (key = json_first(keys); key != NULL; key = key->next) {
		if ((alg = json_get_text(key, "alg")) == NULL)
			continue;
		for (k = json_first(keys); k != key; k = k->next)
			if ((other = json_get_text(k, "alg")) != NULL &&
			    strcmp(other, alg) == 0)
				break;
		if (k == key)
			json_put_text(b, alg);
	}
	json_array_close(b);
	json_free(doc);
}

static void
metadata_send(struct request *r, struct json_buf *b)
{
	struct http_reply	 reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = b->failed ? 500 : 200;
	reply.type = "application/json";
	reply.body = b->failed ? "{}" : b->data;
	reply.len = b->failed ? 2 : b->len;
	http_reply_header(&reply, "Cache-Control", "public, max-age=60");
	request_reply(r, &reply);
}

void
oauth_metadata(struct request *r, const struct msg_reply *m)
{
	const struct json_value	*scopes = NULL;
	const struct json_value	*known = NULL;
	const char		*open = NULL;
	struct json_doc		*doc;
	struct json_buf		 b;
	size_t			 i;

	if (frontend.jwks == NULL) {
		fixed_jwks(r);
		return;
	}
	json_buf_init(&b, METADATA_MAX);
	if ((doc = json_parse(m->body, m->body_len, NULL, NULL)) != NULL) {
		scopes = json_get(json_root(doc), "scopes_supported");
		open = json_get_text(json_root(doc), "registration");
		known = json_get(json_root(doc), "documents");
	}
	json_object_open(&b);
	json_member_text(&b, "issuer", frontend.conf.issuer);
	for (i = 0; i < sizeof(metadata_endpoints) /
	    sizeof(metadata_endpoints[0]); i++)
		metadata_url(&b, metadata_endpoints[i].name,
		    metadata_endpoints[i].path);
	if (open != NULL && strcmp(open, "off") != 0)
		metadata_url(&b, "registration_endpoint", "/oauth/register");
	if (scopes != NULL) {
		json_name(&b, "scopes_supported");
		json_put_value(&b, scopes);
	}
	for (i = 0; i < sizeof(metadata_lists) / sizeof(metadata_lists[0]);
	    i++)
		metadata_words(&b, metadata_lists[i].name,
		    metadata_lists[i].words);
	metadata_algs(&b);
	json_member_bool(&b, "authorization_response_iss_parameter_supported",
	    1);
	json_member_bool(&b, "client_id_metadata_document_supported",
	    known != NULL && known->type == JSON_BOOL && known->u.truth);
	json_member_bool(&b, "request_parameter_supported", 0);
	json_member_bool(&b, "request_uri_parameter_supported", 0);
	json_object_close(&b);
	metadata_send(r, &b);
	json_buf_free(&b);
	json_free(doc);
}

/* RFC 9728 3: the resource is what follows the well-known part. */
void
oauth_resource(struct request *r)
{
	static const char	 known[] =
	    "/.well-known/oauth-protected-resource";
	const char		*resource = "/mcp", *scopes;
	struct json_buf		 b;

	/* The appended form is that of /mcp alone. */
	if (strncmp(r->path, known, sizeof(known) - 1) == 0)
		resource = r->path + sizeof(known) - 1;
	json_buf_init(&b, METADATA_MAX);
	json_object_open(&b);
	metadata_url(&b, "resource", resource);
	json_name(&b, "authorization_servers");
	json_array_open(&b);
	json_put_text(&b, frontend.conf.issuer);
	json_array_close(&b);
	metadata_words(&b, "bearer_methods_supported", "header");
	scopes = mcp_scopes(strcmp(resource, "/mcp") == 0);
	if (scopes[0] != '\0')
		metadata_words(&b, "scopes_supported", scopes);
	json_object_close(&b);
	metadata_send(r, &b);
	json_buf_free(&b);
}

void
oauth_registered(struct request *r, const struct msg_reply *m)
{
	struct http_reply	 reply;
	char			*text;
	size_t			 len = 0;

	memset(&reply, 0, sizeof(reply));
	text = request_body(r, m, &len);
	reply.status = text == NULL ? 500 : 201;
	reply.type = "application/json";
	reply.body = text == NULL ? "{\"error\":\"server_error\"}" : text;
	reply.len = text == NULL ? strlen(reply.body) : len;
	request_reply(r, &reply);
	if (text != NULL)
		freezero(text, len);
}
