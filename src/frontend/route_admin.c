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
 * Pages of administration.  Room: frontend.  A page is a row here, an
 * operation and a template.
 */

#include "config.h"

#include "route_rows.h"

#define S	ROUTE_SESSION

static const struct param page_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	PARAMS_END
};

/* Each list takes those of its own; the others' are ignored. */
static const struct param list_query[] = {
	LIST_QUERY,
	{ "status", PARAM_TEXT, 0, 32 },
	{ "role", PARAM_TEXT, 0, 128 },
	{ "environment", PARAM_TEXT, 0, 32 },
	{ "category", PARAM_TEXT, 0, 64 },
	{ "kind", PARAM_TEXT, 0, 32 },
	{ "origin", PARAM_TEXT, 0, 32 },
	PARAMS_END
};

static const struct param audit_query[] = {
	LIST_QUERY,
	{ "outcome", PARAM_TEXT, 0, 32 },
	{ "operation", PARAM_TEXT, 0, 64 },
	{ "person", PARAM_TEXT, 0, 254 },
	{ "client", PARAM_TEXT, 0, 1023 },
	{ "target", PARAM_TEXT, 0, 255 },
	{ "since", PARAM_TEXT, 0, 64 },
	{ "until", PARAM_TEXT, 0, 64 },
	PARAMS_END
};

static const struct param provider_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	{ "provider", PARAM_TEXT, 0, 64 },
	PARAMS_END
};

static const struct param no_fields[] = { PARAMS_END };

static const struct param names_form[] = {
	{ "name", PARAM_TEXT, 0, 512 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	PARAMS_END
};

static const struct param member_form[] = {
	{ "email", PARAM_TEXT, 0, 254 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	{ "role", PARAM_LIST, 0, 128 },
	PARAMS_END
};

static const struct param role_form[] = {
	{ "name", PARAM_TEXT, 0, 512 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	{ "description", PARAM_TEXT, 0, 4096 },
	{ "scope", PARAM_LIST, 0, 255 },
	PARAMS_END
};

static const struct param account_form[] = {
	{ "name", PARAM_TEXT, 0, 512 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	{ "environment", PARAM_TEXT, 0, 32 },
	{ "labels", PARAM_TEXT, 0, 4096 },
	PARAMS_END
};

static const struct param integration_form[] = {
	{ "provider", PARAM_TEXT, 0, 64 },
	{ "name", PARAM_TEXT, 0, 512 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	{ "config.", PARAM_NAMED, 0, 8192 },
	PARAMS_END
};

static const struct param token_form[] = {
	{ "name", PARAM_TEXT, 0, 512 },
	{ "fullname", PARAM_TEXT, 0, 1024 },
	{ "permission_set", PARAM_TEXT, 0, 64 },
	PARAMS_END
};

static const struct param client_form[] = {
	CLIENT_FORM,
	{ "auth_method", PARAM_TEXT, 0, 64 },
	{ "jwks", PARAM_TEXT, 0, 32768 },
	{ "first_party", PARAM_TEXT, 0, 8 },
	PARAMS_END
};

static const struct param secret_form[] = {
	{ "overlap", PARAM_TEXT, 0, 16 },
	PARAMS_END
};

static const struct param initial_form[] = {
	{ "name", PARAM_TEXT, 0, 1024 },
	{ "uses", PARAM_TEXT, 0, 8 },
	{ "days", PARAM_TEXT, 0, 8 },
	PARAMS_END
};

#define ORGS	"/admin/organizations"
#define ORG	ORGS "/{organizationId}"
#define MEMBERS	ORG "/members"
#define MEMBER	MEMBERS "/{personId}"
#define ROLES	ORG "/roles"
#define ROLE	ROLES "/{roleId}"
#define ACCS	ORG "/accounts"
#define ACC	ACCS "/{accountId}"
#define INT	ACC "/integrations/{integrationId}"
#define TOKENS	ORG "/tokens"
#define CLIENTS	"/admin/oauth-clients"
#define CLIENT	CLIENTS "/{clientId}"
#define INITIAL	CLIENTS "/registration"

const struct route route_admin[] = {
	ROW_PAGE("/admin", "admin.home", S, page_query, "admin"),

	ROW_PAGE(ORGS, "admin.organization_list", S, list_query,
	    "organizations"),
	ROW_PAGE(ORGS "/new", "page.frame", S, page_query,
	    "organization_new"),
	ROW_FORM(ORGS, "admin.organization_create", S, names_form,
	    ORGS "/{id}", "organization_created", ORGS "/new"),
	ROW_PAGE(ORG, "admin.organization_show", S, page_query,
	    "organization"),
	ROW_FORM(ORG, "admin.organization_update", S, names_form, ORG,
	    "saved", ORG),
	ROW_FORM(ORG "/disable", "admin.organization_disable", S, no_fields,
	    ORG, "organization_disabled", ORG),
	ROW_FORM(ORG "/enable", "admin.organization_enable", S, no_fields,
	    ORG, "organization_enabled", ORG),

	ROW_PAGE(MEMBERS, "admin.member_list", S, list_query, "members"),
	ROW_PAGE(MEMBERS "/new", "admin.member_new", S, page_query,
	    "member_new"),
	ROW_FORM(MEMBERS, "admin.member_add", S, member_form,
	    MEMBERS "/{id}", "member_added", MEMBERS "/new"),
	ROW_PAGE(MEMBER, "admin.member_show", S, page_query, "member"),
	ROW_FORM(MEMBER "/roles", "admin.member_roles", S, member_form,
	    MEMBER, "saved", MEMBER),
	ROW_FORM(MEMBER "/remove", "admin.member_remove", S, no_fields,
	    MEMBERS, "member_removed", MEMBER),
	ROW_FORM(MEMBER "/disable", "admin.member_disable", S, no_fields,
	    MEMBER, "member_disabled", MEMBER),
	ROW_FORM(MEMBER "/enable", "admin.member_enable", S, no_fields,
	    MEMBER, "member_enabled", MEMBER),
	ROW_FORM(MEMBER "/link", "admin.member_link", S, no_fields, MEMBER,
	    "link_made", MEMBER),

	ROW_PAGE(ROLES, "admin.role_list", S, page_query, "roles"),
	ROW_PAGE(ROLES "/new", "admin.role_new", S, page_query, "role_new"),
	ROW_FORM(ROLES, "admin.role_create", S, role_form, ROLES "/{id}",
	    "role_created", ROLES "/new"),
	ROW_PAGE(ROLE, "admin.role_show", S, page_query, "role"),
	ROW_FORM(ROLE, "admin.role_update", S, role_form, ROLE, "saved",
	    ROLE),
	ROW_FORM(ROLE "/delete", "admin.role_delete", S, no_fields, ROLES,
	    "role_deleted", ROLE),
	ROW_PAGE(ORG "/scopes", "admin.scope_list", S, page_query,
	    "scopes"),

	ROW_PAGE(ACCS, "admin.account_list", S, list_query, "accounts"),
	ROW_PAGE(ACCS "/new", "admin.account_list", S, page_query,
	    "account_new"),
	ROW_FORM(ACCS, "admin.account_create", S, account_form, ACCS "/{id}",
	    "account_created", ACCS "/new"),
	ROW_PAGE(ACC, "admin.account_show", S, list_query, "account"),
	ROW_FORM(ACC, "admin.account_update", S, account_form, ACC, "saved",
	    ACC),
	ROW_FORM(ACC "/delete", "admin.account_delete", S, no_fields, ACCS,
	    "account_deleted", ACC),

	ROW_PAGE(ORG "/integrations", "admin.integration_list", S,
	    list_query, "integrations"),
	ROW_PAGE(ACC "/integrations/new", "admin.integration_new", S,
	    provider_query, "integration_new"),
	ROW_FORM(ACC "/integrations", "admin.integration_create", S,
	    integration_form, ACC "/integrations/{id}",
	    "integration_created",
	    ACC "/integrations/new?provider={provider}"),
	ROW_PAGE(INT, "admin.integration_show", S, page_query,
	    "integration"),
	ROW_FORM(INT "/reset", "admin.integration_reset", S, no_fields, INT,
	    "integration_reset", INT),
	ROW_FORM(INT "/delete", "admin.integration_delete", S, no_fields,
	    ACC, "integration_deleted", INT),

	ROW_PAGE(TOKENS, "admin.token_list", S, list_query, "tokens"),
	ROW_PAGE(TOKENS "/new", "admin.token_list", S, page_query,
	    "token_new"),
	ROW_FORM(TOKENS, "admin.token_create", S, token_form, TOKENS,
	    "token_created", TOKENS "/new"),
	ROW_FORM(TOKENS "/{refreshTokenId}/revoke", "admin.token_revoke", S,
	    no_fields, TOKENS, "token_revoked", TOKENS),
	ROW_PAGE(ORG "/keys", "admin.key_list", S, page_query, "keys"),
	ROW_PAGE(ORG "/audit", "admin.audit_list", S, audit_query, "audit"),

	ROW_PAGE(CLIENTS, "client_admin.list", S, list_query, "clients"),
	ROW_PAGE(CLIENTS "/new", "client_admin.new", S, page_query,
	    "client_new"),
	ROW_FORM(CLIENTS, "client_admin.create", S, client_form,
	    CLIENTS "/{id}", "client_created", CLIENTS "/new"),
	ROW_PAGE(INITIAL, "client_admin.initial_list", S, page_query,
	    "registration"),
	ROW_FORM(INITIAL, "client_admin.initial_create", S, initial_form,
	    INITIAL, "initial_created", INITIAL),
	ROW_FORM(INITIAL "/{tokenId}/end", "client_admin.initial_end", S,
	    no_fields, INITIAL, "initial_ended", INITIAL),
	ROW_PAGE(CLIENT, "client_admin.show", S, page_query, "client"),
	ROW_FORM(CLIENT, "client_admin.update", S, client_form, CLIENT,
	    "saved", CLIENT),
	ROW_FORM(CLIENT "/secret", "client_admin.secret_new", S, secret_form,
	    CLIENT, "secret_made", CLIENT),
	ROW_FORM(CLIENT "/secret/{secretId}/end", "client_admin.secret_end",
	    S, no_fields, CLIENT, "secret_ended", CLIENT),
	ROW_FORM(CLIENT "/suspend", "client_admin.suspend", S, no_fields,
	    CLIENT, "client_suspended", CLIENT),
	ROW_FORM(CLIENT "/resume", "client_admin.resume", S, no_fields,
	    CLIENT, "client_resumed", CLIENT),
	ROW_FORM(CLIENT "/revoke", "client_admin.revoke", S, no_fields,
	    CLIENT, "tokens_revoked", CLIENT),
	ROW_FORM(CLIENT "/delete", "client_admin.delete", S, no_fields,
	    CLIENTS, "client_deleted", CLIENT),
};
const size_t route_admin_len = sizeof(route_admin) / sizeof(route_admin[0]);
