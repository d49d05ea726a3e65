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
 * What every template sees.  Room: frontend.
 */

#include "config.h"

#include <string.h>

#include "frontend.h"
#include "page_int.h"
#include "template.h"

/* Title of a page, and the section of the navigation that it is of. */
static const struct {
	const char	*template, *title, *section;
} page_titles[] = {
	{ "login", "Sign in", "" },
	{ "continue", "You are signed in", "continue" },
	{ "confirm", "Confirm your password", "" },
	{ "link", "One-time link", "" },
	{ "consent", "Allow access", "" },
	{ "authorize_error", "This cannot go on", "" },
	{ "leave", "Back to the application", "" },
	{ "end_session", "Sign out", "" },
	{ "settings", "Overview", "overview" },
	{ "apps", "Your apps", "oauth_apps" },
	{ "app_new", "Register an app", "oauth_apps" },
	{ "app", "App", "oauth_apps" },
	{ "connections", "Connections", "connections" },
	{ "security", "Security", "security" },
	{ "admin", "Administration", "admin" },
	{ "organizations", "Organizations", "organizations" },
	{ "organization_new", "New organization", "organizations" },
	{ "organization", "Organization", "organizations" },
	{ "members", "Members", "members" },
	{ "member_new", "Add a member", "members" },
	{ "member", "Member", "members" },
	{ "roles", "Roles", "roles" },
	{ "role_new", "New role", "roles" },
	{ "role", "Role", "roles" },
	{ "scopes", "Scopes", "roles" },
	{ "accounts", "Accounts", "accounts" },
	{ "account_new", "New account", "accounts" },
	{ "account", "Account", "accounts" },
	{ "integrations", "Integrations", "integrations" },
	{ "integration_new", "New integration", "integrations" },
	{ "integration", "Integration", "integrations" },
	{ "tokens", "Organization tokens", "tokens" },
	{ "token_new", "New token", "tokens" },
	{ "console", "API", "console" },
	{ "console_v1", "Management API", "console_v1" },
	{ "keys", "Signing keys", "keys" },
	{ "audit", "Audit trail", "audit" },
	{ "clients", "OAuth clients", "oauth_clients" },
	{ "client_new", "New client", "oauth_clients" },
	{ "client", "OAuth client", "oauth_clients" },
	{ "registration", "Registration", "oauth_clients" },
};

static void
page_data_title(struct json_buf *b, const char *template)
{
	const char	*title = "grantd", *section = "";
	size_t		 i;

	for (i = 0; i < sizeof(page_titles) / sizeof(page_titles[0]); i++)
		if (strcmp(page_titles[i].template, template) == 0) {
			title = page_titles[i].title;
			section = page_titles[i].section;
		}
	json_member_text(b, "title", title);
	json_member_text(b, "section", section);
}

static void
page_data_query(struct json_buf *b, const struct json_value *arguments)
{
	const struct json_value	*query = json_get(arguments, "query");
	const char		*word = json_get_text(query, "done");

	if (word != NULL) {
		json_name(b, "notice");
		json_object_open(b);
		json_member_bool(b, word, 1);
		json_object_close(b);
	}
	if (query != NULL) {
		json_name(b, "query");
		json_put_value(b, query);
	}
}

/* Whether only the password leads on, for who is signed in as well. */
static int
page_data_again(const char *back)
{
	static const char	authorize[] = "/oauth/authorize?";

	return back != NULL &&
	    strncmp(back, authorize, sizeof(authorize) - 1) == 0 &&
	    strstr(back, "&login_after=") != NULL;
}

void
page_data(struct json_buf *b, const struct request *r, const char *template,
    const struct msg_reply *m, const struct json_value *arguments)
{
	const char	*back = r->visit->return_to;

	json_object_open(b);
	json_name(b, "page");
	if (m->body_len > 0)
		json_put_raw(b, m->body, m->body_len);
	else
		json_put_null(b);
	page_data_title(b, template);
	json_member_text(b, "csrf", m->csrf == NULL ? "" : m->csrf);
	json_member_text(b, "issuer", frontend.conf.issuer);
	json_member_bool(b, "swagger_ui", assets[0].name != NULL);
	json_member_text(b, "path", r->path);
	json_member_text(b, "target", r->visit->target);
	json_name(b, "here");
	json_put_text_len(b, r->visit->target,
	    strcspn(r->visit->target, "?"));
	json_member_text(b, "return_to", back == NULL ? "" : back);
	json_member_bool(b, "again", page_data_again(back));
	page_data_query(b, arguments);
	page_once_show(b, r);
	json_object_close(b);
}
