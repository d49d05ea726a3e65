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
 * Endpoints of the OAuth 2.0 and OpenID provider.  Room: frontend.  A row
 * each; docs/ENDPOINTS.md has a paragraph for each.
 */

#include "config.h"

#include "fixed.h"
#include "oauth.h"
#include "route_rows.h"

#define URI_MAX		2048
#define STATE_MAX	4096
#define SCOPE_MAX	2047
#define ASKED_MAX	65536

/*
 * RFC 6749 4.1.1, RFC 7636 4.3, RFC 8707 2, OpenID Connect Core 3.1.2.1.  As
 * long as a header may be: what is too long is told to the app, by who knows
 * whether its address is good.
 */
#define AUTHORIZE_FIELDS						\
	{ "response_type", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "client_id", PARAM_CLIENT_ID, 0, 1023 },			\
	{ "redirect_uri", PARAM_TEXT, 0, URI_MAX },			\
	{ "scope", PARAM_TEXT, 0, ASKED_MAX },				\
	{ "state", PARAM_TEXT, 0, ASKED_MAX },				\
	{ "code_challenge", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "code_challenge_method", PARAM_TEXT, 0, ASKED_MAX },		\
	{ "resource", PARAM_LIST, 0, ASKED_MAX },			\
	{ "response_mode", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "prompt", PARAM_TEXT, 0, ASKED_MAX },				\
	{ "max_age", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "login_hint", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "id_token_hint", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "nonce", PARAM_TEXT, 0, ASKED_MAX },				\
	{ "request", PARAM_TEXT, 0, ASKED_MAX },			\
	{ "request_uri", PARAM_TEXT, 0, ASKED_MAX },			\
	/* our own, on the way back from a sign-in */			\
	{ "login_after", PARAM_TEXT, 0, 16 }

static const struct param authorize_query[] = {
	AUTHORIZE_FIELDS,
	PARAMS_END
};

/* The consent form repeats the request and adds what was decided. */
static const struct param authorize_form[] = {
	AUTHORIZE_FIELDS,
	{ "binding", PARAM_TEXT, 0, 128 },
	{ "decision", PARAM_TEXT, PARAM_REQUIRED, 16 },
	{ "organization", PARAM_TEXT, 0, 255 },
	{ "grant", PARAM_LIST, 0, 255 },
	PARAMS_END
};

static const struct param authorize_own[] = {
	{ "csrf", PARAM_TEXT, 0, 0 },
	{ "binding", PARAM_TEXT, 0, 0 },
	{ "decision", PARAM_TEXT, 0, 0 },
	PARAMS_END
};

static const struct param end_session_own[] = {
	{ "csrf", PARAM_TEXT, 0, 0 },
	PARAMS_END
};

/* RFC 6749 2.3.1, RFC 7521 4.2 */
#define CLIENT_FIELDS							\
	{ "grant_type", PARAM_TEXT, 0, 127 },				\
	{ "client_id", PARAM_CLIENT_ID, 0, 1023 },			\
	{ "client_secret", PARAM_CLIENT_SECRET, 0, 255 },		\
	{ "client_assertion", PARAM_ASSERTION, 0, 4096 },		\
	{ "client_assertion_type", PARAM_ASSERTION_TYPE, 0, 127 }

static const struct param code_form[] = {
	CLIENT_FIELDS,
	{ "code", PARAM_SECRET, PARAM_REQUIRED | PARAM_ANYONES, 255 },
	{ "redirect_uri", PARAM_TEXT, 0, URI_MAX },
	{ "code_verifier", PARAM_TEXT, 0, 255 },
	{ "resource", PARAM_LIST, 0, URI_MAX },
	PARAMS_END
};

static const struct param refresh_form[] = {
	CLIENT_FIELDS,
	{ "refresh_token", PARAM_SECRET, PARAM_REQUIRED | PARAM_ANYONES,
	    255 },
	{ "scope", PARAM_TEXT, 0, SCOPE_MAX },
	{ "resource", PARAM_LIST, 0, URI_MAX },
	PARAMS_END
};

static const struct param credentials_form[] = {
	CLIENT_FIELDS,
	{ "scope", PARAM_TEXT, 0, SCOPE_MAX },
	{ "resource", PARAM_LIST, 0, URI_MAX },
	PARAMS_END
};

/* RFC 7009 2.1, RFC 7662 2.1 */
static const struct param token_form[] = {
	CLIENT_FIELDS,
	{ "token", PARAM_SECRET, PARAM_REQUIRED | PARAM_ANYONES, 4096 },
	{ "token_type_hint", PARAM_TEXT, 0, 64 },
	PARAMS_END
};

/* RFC 6750 2.2: only to say that the header is the place. */
static const struct param userinfo_form[] = {
	{ "access_token", PARAM_MISPLACED, 0, 0 },
	PARAMS_END
};

/* RFC 7591 2 */
#define REGISTRATION_FIELDS						\
	{ "client_id", PARAM_TEXT, 0, 255 },				\
	{ "redirect_uris", PARAM_TEXTS, 0, URI_MAX },			\
	{ "post_logout_redirect_uris", PARAM_TEXTS, 0, URI_MAX },	\
	{ "client_name", PARAM_TEXT, 0, 255 },				\
	{ "token_endpoint_auth_method", PARAM_TEXT, 0, 64 },		\
	{ "grant_types", PARAM_TEXTS, 0, 64 },				\
	{ "response_types", PARAM_TEXTS, 0, 64 },			\
	{ "application_type", PARAM_TEXT, 0, 16 },			\
	{ "scope", PARAM_TEXT, 0, SCOPE_MAX },				\
	{ "jwks", PARAM_OBJECT, 0, 0 },					\
	{ "jwks_uri", PARAM_TEXT, 0, URI_MAX },				\
	{ "client_uri", PARAM_TEXT, 0, URI_MAX },			\
	{ "logo_uri", PARAM_TEXT, 0, URI_MAX },				\
	{ "policy_uri", PARAM_TEXT, 0, URI_MAX },			\
	{ "tos_uri", PARAM_TEXT, 0, URI_MAX },				\
	{ "contacts", PARAM_TEXTS, 0, 255 },				\
	{ "software_id", PARAM_TEXT, 0, 255 },				\
	{ "software_version", PARAM_TEXT, 0, 255 },			\
	{ "software_statement", PARAM_TEXT, 0, 8192 }

static const struct param registration[] = {
	REGISTRATION_FIELDS,
	{ "client_secret", PARAM_IGNORED, 0, 0 },
	PARAMS_END
};

/* RFC 7592 2.2 */
static const struct param registration_change[] = {
	REGISTRATION_FIELDS,
	{ "client_secret", PARAM_SECRET, 0, 255 },
	PARAMS_END
};

/* OpenID Connect RP-Initiated Logout 2 */
static const struct param end_session[] = {
	{ "id_token_hint", PARAM_TEXT, 0, 4096 },
	{ "client_id", PARAM_TEXT, 0, 1023 },
	{ "post_logout_redirect_uri", PARAM_TEXT, 0, URI_MAX },
	{ "state", PARAM_TEXT, 0, STATE_MAX },
	{ "logout_hint", PARAM_IGNORED, 0, 255 },
	PARAMS_END
};

#define ROW_METADATA(p)							\
	{ .method = HTTP_GET, .pattern = p, .operation = "oauth.scopes", \
	    .kinds = ROUTE_NOBODY, .face = FACE_OAUTH,			\
	    .flags = ROUTE_CORS, .finish = oauth_metadata }
#define ROW_REGISTERED(m, op, bk, b)					\
	{ .method = m, .pattern = "/oauth/register/{clientId}",		\
	    .operation = op, .kinds = ROUTE_REGISTRATION,		\
	    .body_kind = bk, .body = b, .face = FACE_OAUTH,		\
	    .flags = ROUTE_LENIENT | ROUTE_CORS }
#define ROW_USERINFO(m, bk, b, fl)					\
	{ .method = m, .pattern = "/oauth/userinfo",			\
	    .operation = "oauth.userinfo", .kinds = ROUTE_USER,		\
	    .body_kind = bk, .body = b, .face = FACE_OAUTH,		\
	    .flags = ROUTE_CORS | (fl) }

const struct route route_oauth[] = {
	ROW_FIXED("/oauth/jwks", fixed_jwks),
	/* in every form that clients look for (RFC 8414 3.1, Discovery 4) */
	ROW_METADATA("/.well-known/oauth-authorization-server"),
	ROW_METADATA("/.well-known/openid-configuration"),
	ROW_METADATA("/.well-known/oauth-authorization-server/mcp"),
	ROW_METADATA("/.well-known/openid-configuration/mcp"),
	ROW_METADATA("/.well-known/oauth-authorization-server/api"),
	ROW_METADATA("/.well-known/openid-configuration/api"),
	ROW_METADATA("/mcp/.well-known/oauth-authorization-server"),
	ROW_METADATA("/mcp/.well-known/openid-configuration"),
	ROW_FIXED("/.well-known/oauth-protected-resource", oauth_resource),
	ROW_FIXED("/.well-known/oauth-protected-resource/api",
	    oauth_resource),
	ROW_FIXED("/.well-known/oauth-protected-resource/mcp",
	    oauth_resource),
	ROW_FIXED("/mcp/.well-known/oauth-protected-resource",
	    oauth_resource),

	{ .method = HTTP_GET, .pattern = "/oauth/authorize",
	    .operation = "authorization.start",
	    .kinds = ROUTE_SESSION | ROUTE_VISITOR, .query = authorize_query,
	    .face = FACE_PAGE, .flags = ROUTE_LENIENT | ROUTE_NO_HEAD,
	    .finish = oauth_authorize },
	{ .method = HTTP_POST, .pattern = "/oauth/authorize",
	    .operation = "authorization.decide", .kinds = ROUTE_SESSION,
	    .body_kind = BODY_FORM, .body = authorize_form,
	    .face = FACE_PAGE, .flags = ROUTE_LENIENT,
	    .own = authorize_own,
	    .finish = oauth_authorize },

	ROW_CLIENT("/oauth/token", "token.redeem", code_form,
	    "authorization_code"),
	ROW_CLIENT("/oauth/token", "token.oauth_refresh", refresh_form,
	    "refresh_token"),
	ROW_CLIENT("/oauth/token", "token.client_credentials",
	    credentials_form, "client_credentials"),
	ROW_CLIENT("/oauth/revoke", "oauth.revoke", token_form, NULL),
	/* no client that has a secret runs in a browser */
	{ .method = HTTP_POST, .pattern = "/oauth/introspect",
	    .operation = "oauth.introspect", .kinds = ROUTE_CLIENT,
	    .body_kind = BODY_FORM, .body = token_form, .face = FACE_OAUTH,
	    .flags = ROUTE_LENIENT },
	ROW_USERINFO(HTTP_GET, BODY_NONE, NULL, 0),
	ROW_USERINFO(HTTP_POST, BODY_FORM, userinfo_form, ROUTE_LENIENT),

	{ .method = HTTP_POST, .pattern = "/oauth/register",
	    .operation = "registration.create",
	    .kinds = ROUTE_REGISTRATION | ROUTE_NOBODY,
	    .body_kind = BODY_OBJECT, .body = registration,
	    .face = FACE_OAUTH, .flags = ROUTE_LENIENT | ROUTE_CORS,
	    .finish = oauth_registered },
	ROW_REGISTERED(HTTP_GET, "registration.get", BODY_NONE, NULL),
	ROW_REGISTERED(HTTP_PUT, "registration.update", BODY_OBJECT,
	    registration_change),
	ROW_REGISTERED(HTTP_DELETE, "registration.delete", BODY_NONE, NULL),

	{ .method = HTTP_GET, .pattern = "/oauth/logout",
	    .operation = "oauth.end_session",
	    .kinds = ROUTE_SESSION | ROUTE_VISITOR, .query = end_session,
	    .face = FACE_PAGE, .flags = ROUTE_LENIENT,
	    .finish = oauth_end_session },
	{ .method = HTTP_POST, .pattern = "/oauth/logout",
	    .operation = "oauth.end_session_decide",
	    .kinds = ROUTE_SESSION, .body_kind = BODY_FORM,
	    .body = end_session, .face = FACE_PAGE, .flags = ROUTE_LENIENT,
	    .own = end_session_own,
	    .finish = oauth_end_session },
};
const size_t route_oauth_len = sizeof(route_oauth) / sizeof(route_oauth[0]);
