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
 * Pages of everybody: signing in, and what a person sets for itself.  Room:
 * frontend.  A page is a row here, an operation and a template.
 */

#include "config.h"

#include "fixed.h"
#include "route_rows.h"

#define S	ROUTE_SESSION
#define V	ROUTE_VISITOR

static const struct param page_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	{ "return_to", PARAM_RETURN_TO, 0, 8192 },
	PARAMS_END
};

static const struct param login_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	{ "email", PARAM_TEXT, 0, 254 },
	{ "return_to", PARAM_RETURN_TO, 0, 8192 },
	PARAMS_END
};

static const struct param list_query[] = { LIST_QUERY, PARAMS_END };

static const struct param no_fields[] = { PARAMS_END };

static const struct param login_form[] = {
	{ "email", PARAM_TEXT, PARAM_REQUIRED, 254 },
	{ "password", PARAM_PASSWORD, PARAM_REQUIRED, 255 },
	{ "return_to", PARAM_RETURN_TO, 0, 8192 },
	PARAMS_END
};

static const struct param confirm_form[] = {
	{ "password", PARAM_PASSWORD, PARAM_REQUIRED, 255 },
	{ "return_to", PARAM_RETURN_TO, 0, 8192 },
	PARAMS_END
};

static const struct param link_form[] = {
	{ "new_password", PARAM_NEW_PASSWORD, PARAM_REQUIRED, 255 },
	PARAMS_END
};

static const struct param change_form[] = {
	{ "password", PARAM_PASSWORD, PARAM_REQUIRED, 255 },
	{ "new_password", PARAM_NEW_PASSWORD, PARAM_REQUIRED, 255 },
	PARAMS_END
};

static const struct param name_form[] = {
	{ "fullname", PARAM_TEXT, 0, 1024 },
	PARAMS_END
};

static const struct param switch_form[] = {
	{ "organization", PARAM_TEXT, PARAM_REQUIRED, 255 },
	PARAMS_END
};

static const struct param app_form[] = { CLIENT_FORM, PARAMS_END };

static const struct param secret_form[] = {
	{ "overlap", PARAM_TEXT, 0, 16 },
	PARAMS_END
};

#define APPS		"/settings/oauth-apps"
#define APP		APPS "/{clientId}"
#define SECURITY	"/settings/security"
#define LINK		ROUTE_SECRET "{secret}"
#define CONNECTIONS	"/settings/connections"

const struct route route_pages[] = {
	ROW_FIXED("/static/{version}/icon.svg", fixed_icon),

	ROW_PAGE_AS("/login", "session.new", S | V, login_query, "login",
	    ROUTE_KEEP),
	ROW_FORM_AS("/login", "session.create", S | V, login_form,
	    "/settings", NULL, "/login", ROUTE_RETURN | ROUTE_KEEP),
	ROW_PAGE("/login/continue", "page.frame", S, page_query, "continue"),
	ROW_FORM_AS("/logout", "session.end", S, no_fields, "/login",
	    "signed_out", "/login", ROUTE_SIGNS_OUT),
	ROW_PAGE(LINK, "link.show", S | V, page_query, "link"),
	ROW_FORM(LINK, "link.use", S | V, link_form, "/settings",
	    "password_set", LINK),
	ROW_FORM(LINK "/join", "link.join", S, no_fields,
	    "/settings", "joined", LINK),
	ROW_FORM(LINK "/decline", "link.decline", S, no_fields,
	    "/settings", "declined", LINK),

	ROW_PAGE("/settings", "page.frame", S, page_query, "settings"),
	ROW_FORM("/settings/organization", "organization.switch", S,
	    switch_form, "/settings", "switched", "/settings"),
	ROW_PAGE_AS("/settings/confirm", "page.frame", S, page_query,
	    "confirm", ROUTE_KEEP),
	ROW_FORM_AS("/settings/confirm", "session.confirm", S, confirm_form,
	    "/settings", "confirmed", "/settings/confirm",
	    ROUTE_RETURN | ROUTE_KEEP),

	ROW_PAGE(SECURITY, "session.list", S, page_query, "security"),
	ROW_FORM(SECURITY "/password", "person.password_change", S,
	    change_form, SECURITY, "password_changed", SECURITY),
	ROW_FORM(SECURITY "/name", "person.update", S, name_form, SECURITY,
	    "saved", SECURITY),
	ROW_FORM(SECURITY "/sessions/end", "session.end_others", S,
	    no_fields, SECURITY, "sessions_ended", SECURITY),
	ROW_FORM(SECURITY "/sessions/{sessionId}/end", "session.end_one", S,
	    no_fields, SECURITY, "session_ended", SECURITY),

	ROW_PAGE(CONNECTIONS, "connection.list", S, list_query,
	    "connections"),
	ROW_FORM(CONNECTIONS "/{connectionId}/revoke", "connection.revoke",
	    S, no_fields, CONNECTIONS, "connection_revoked", CONNECTIONS),

	ROW_PAGE(APPS, "app.list", S, list_query, "apps"),
	ROW_PAGE(APPS "/new", "app.new", S, page_query, "app_new"),
	ROW_FORM(APPS, "app.create", S, app_form, APPS "/{id}",
	    "app_created", APPS "/new"),
	ROW_PAGE(APP, "app.show", S, page_query, "app"),
	ROW_FORM(APP, "app.update", S, app_form, APP, "saved", APP),
	ROW_FORM(APP "/secret", "app.secret_new", S, secret_form, APP,
	    "secret_made", APP),
	ROW_FORM(APP "/secret/{secretId}/end", "app.secret_end", S,
	    no_fields, APP, "secret_ended", APP),
	ROW_FORM(APP "/revoke", "app.revoke_tokens", S, no_fields, APP,
	    "tokens_revoked", APP),
	ROW_FORM(APP "/delete", "app.delete", S, no_fields, APPS,
	    "app_deleted", APP),
};
const size_t route_pages_len = sizeof(route_pages) / sizeof(route_pages[0]);
