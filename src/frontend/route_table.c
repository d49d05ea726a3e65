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
 * Every endpoint is a row here; docs/ENDPOINTS.md has a paragraph for each.
 * Room: frontend.  Rights are not decided here: kinds only make answers
 * clear.
 */

#include "config.h"

#include <stddef.h>

#include "api.h"
#include "fixed.h"
#include "route.h"

/* Bytes; the database counts characters, and less of them. */
#define NAME_MAX_BYTES	1024
#define TEXT_MAX_BYTES	65536
#define ID_MAX_BYTES	1024
#define DAY		86400

#define READONLY(name)	{ name, PARAM_ANY, PARAM_READONLY, 0 }
#define NAMES								\
	{ "name", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "fullname", PARAM_TEXT, 0, NAME_MAX_BYTES }
#define END		{ NULL, PARAM_ANY, 0, 0 }

static const struct param no_params[] = { END };

static const struct param list_query[] = {
	{ "limit", PARAM_LIMIT, 0, 1000 },
	{ "start_after", PARAM_TEXT, 0, ID_MAX_BYTES },
	{ "order", PARAM_ORDER, 0, 255 },
	{ "filter", PARAM_FILTER, 0, 4096 },
	{ "expand", PARAM_LIST, 0, 64 },
	{ "total", PARAM_BOOL, 0, 0 },
	END
};

/* Lists of connectors page with a cursor. */
static const struct param connector_query[] = {
	{ "limit", PARAM_LIMIT, 0, 1000 },
	{ "cursor", PARAM_TEXT, 0, 4096 },
	{ "order", PARAM_ORDER, 0, 255 },
	{ "filter", PARAM_FILTER, 0, 4096 },
	{ "meta", PARAM_IGNORED, 0, 4096 },
	{ "passthrough-param", PARAM_IGNORED, 0, 4096 },
	{ "include_raw_data", PARAM_IGNORED, 0, 16 },
	END
};

/* Calls of connectors take these and need none. */
static const struct param call_query[] = {
	{ "meta", PARAM_IGNORED, 0, 4096 },
	{ "passthrough-param", PARAM_IGNORED, 0, 4096 },
	END
};

static const struct param account_create[] = {
	NAMES,
	{ "environment", PARAM_TEXT, 0, 32 },
	{ "labels", PARAM_TEXTS, 0, 255 },
	END
};

static const struct param account_object[] = {
	READONLY("id"),
	READONLY("organization_id"),
	READONLY("created_at"),
	READONLY("updated_at"),
	NAMES,
	{ "environment", PARAM_TEXT, 0, 32 },
	{ "labels", PARAM_TEXTS, 0, 255 },
	END
};

#define INTEGRATION_FIELDS						\
	NAMES,								\
	{ "integration_point_id", PARAM_TEXT, 0, ID_MAX_BYTES },	\
	{ "bridge_selector", PARAM_ANY, 0, 0 },				\
	{ "webhook_config", PARAM_OBJECT, 0, 0 },			\
	{ "mappings", PARAM_ANY, 0, 0 },				\
	{ "additional_mappings", PARAM_ANY, 0, 0 },			\
	{ "scheduled_operations", PARAM_ANY, 0, 0 }

static const struct param integration_create[] = {
	{ "provider_config", PARAM_OBJECT, PARAM_REQUIRED, 0 },
	INTEGRATION_FIELDS,
	END
};

static const struct param integration_object[] = {
	READONLY("id"),
	READONLY("refresh_token_id"),
	READONLY("account_id"),
	READONLY("category"),
	READONLY("provider_fullname"),
	READONLY("provider_type"),
	READONLY("created_at"),
	READONLY("updated_at"),
	READONLY("account"),
	READONLY("integration_point"),
	{ "provider_config", PARAM_OBJECT, 0, 0 },
	INTEGRATION_FIELDS,
	END
};

static const struct param integration_verify[] = {
	{ "integration", PARAM_OBJECT, PARAM_REQUIRED, 0 },
	END
};

static const struct param token_create[] = {
	{ "resources", PARAM_OBJECT, PARAM_REQUIRED, 0 },
	{ "permission_set", PARAM_TEXT, PARAM_REQUIRED, NAME_MAX_BYTES },
	NAMES,
	{ "token_ttl", PARAM_DURATION, 0, DAY },
	END
};

static const struct param token_issue[] = {
	NAMES,
	{ "token_ttl", PARAM_DURATION, 0, DAY },
	END
};

/* What tickets and notifications share. */
#define TICKET_FIELDS							\
	{ "description", PARAM_TEXT, 0, 4 * TEXT_MAX_BYTES },		\
	{ "project", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "priority", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "status", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "issue_type", PARAM_TEXT, 0, NAME_MAX_BYTES },		\
	{ "assignee", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "creator", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "contact", PARAM_TEXT, 0, NAME_MAX_BYTES },			\
	{ "due_date", PARAM_TIME, 0, 0 },				\
	{ "tags", PARAM_TEXTS, 0, 4 * NAME_MAX_BYTES },			\
	{ "attachments", PARAM_ARRAY, 0, 0 }

static const struct param ticket_create[] = {
	{ "name", PARAM_TEXT, PARAM_REQUIRED, NAME_MAX_BYTES },
	{ "summary", PARAM_TEXT, 0, TEXT_MAX_BYTES },
	TICKET_FIELDS,
	{ "completion_date", PARAM_TIME, 0, 0 },
	{ "custom_fields", PARAM_OBJECT, 0, 0 },
	END
};

static const struct param notification_create[] = {
	{ "name", PARAM_TEXT, 0, NAME_MAX_BYTES },
	{ "summary", PARAM_TEXT, PARAM_REQUIRED, TEXT_MAX_BYTES },
	TICKET_FIELDS,
	END
};

#define O	ROUTE_ORGANIZATION
#define I	ROUTE_INTEGRATION
#define R	ROUTE_REFRESH
#define ACCOUNT		"/v1/accounts/{accountId}"
#define INTEGRATION	"/v1/integrations/{accountId}/{integrationId}"
#define TOKEN		"/v1/tokens/{refreshTokenId}"
#define OWNED_TOKEN	"/v1/tokens/{ownerId}/{refreshTokenId}"

/* A row without body, with and without a query. */
#define PLAIN(m, p, op, k)						\
	{ .method = m, .pattern = p, .operation = op, .kinds = k,	\
	    .body = no_params, .query = no_params }
#define LIST(p, op, k, q)						\
	{ .method = HTTP_GET, .pattern = p, .operation = op, .kinds = k, \
	    .body = no_params, .query = q }
/* A row with a body. */
#define OBJECT(m, p, op, k, params)					\
	{ .method = m, .pattern = p, .operation = op, .kinds = k,	\
	    .body_kind = BODY_OBJECT, .body = params, .query = no_params }
#define ARRAY(m, p, op, k, q)						\
	{ .method = m, .pattern = p, .operation = op, .kinds = k,	\
	    .body_kind = BODY_ARRAY, .body = no_params, .query = q }
/* A row of a connector's call. */
#define CALL(m, p, op, bk, params, rep)					\
	{ .method = m, .pattern = p, .operation = op, .kinds = I,	\
	    .body_kind = bk, .body = params, .query = call_query,	\
	    .reply = rep }
/* What the frontend answers by itself. */
#define FIXED(p, function)						\
	{ .method = HTTP_GET, .pattern = p, .body = no_params,		\
	    .local = function }

const struct route route_table[] = {
	FIXED("/", fixed_home),
	FIXED("/static/{version}/style.css", fixed_style),
	FIXED("/static/{version}/page.js", fixed_script),
	FIXED("/v1/version", fixed_version),
	FIXED("/v1/openapi.json", api_openapi_v1),

	PLAIN(HTTP_GET, "/v1/organization", "organization.get", O),

	LIST("/v1/accounts", "account.list", O, list_query),
	OBJECT(HTTP_POST, "/v1/accounts", "account.create", O,
	    account_create),
	PLAIN(HTTP_GET, ACCOUNT, "account.get", O),
	OBJECT(HTTP_PUT, ACCOUNT, "account.update", O, account_object),
	ARRAY(HTTP_PATCH, ACCOUNT, "account.patch", O, no_params),
	PLAIN(HTTP_DELETE, ACCOUNT, "account.delete", O),

	LIST("/v1/integrations", "integration.list", O, list_query),
	LIST("/v1/integrations/{accountId}", "integration.list", O,
	    list_query),
	OBJECT(HTTP_POST, "/v1/integrations/{accountId}",
	    "integration.create", O, integration_create),
	OBJECT(HTTP_POST, "/v1/integrations/{accountId}/verify",
	    "integration.verify_new", O, integration_verify),
	OBJECT(HTTP_POST, INTEGRATION "/verify", "integration.verify", O,
	    integration_object),
	PLAIN(HTTP_GET, INTEGRATION, "integration.get", O),
	OBJECT(HTTP_PUT, INTEGRATION, "integration.update", O,
	    integration_object),
	ARRAY(HTTP_PATCH, INTEGRATION, "integration.patch", O, no_params),
	PLAIN(HTTP_DELETE, INTEGRATION, "integration.delete", O),

	LIST("/v1/tokens", "token.list", O, list_query),
	PLAIN(HTTP_GET, TOKEN "/info", "token.info", O),
	OBJECT(HTTP_POST, "/v1/tokens", "token.create", O, token_create),
	OBJECT(HTTP_POST, "/v1/tokens/{accountId}/{integrationId}",
	    "token.issue", O, token_issue),
	PLAIN(HTTP_PUT, TOKEN "/refresh", "token.refresh", R),
	PLAIN(HTTP_DELETE, TOKEN "/secondary", "token.remove_secondary",
	    R | O),
	PLAIN(HTTP_PUT, OWNED_TOKEN "/rotate", "token.rotate", O),
	PLAIN(HTTP_PUT, OWNED_TOKEN "/reset", "token.reset", O | R),
	PLAIN(HTTP_DELETE, TOKEN, "token.delete", O),

	LIST("/v1/ticketing/projects", "ticketing.project_list", I,
	    connector_query),
	LIST("/v1/ticketing/tickets", "ticketing.ticket_list", I,
	    connector_query),
	CALL(HTTP_POST, "/v1/ticketing/tickets", "ticketing.ticket_create",
	    BODY_OBJECT, ticket_create, REPLY_JSON),
	CALL(HTTP_GET, "/v1/ticketing/tickets/{ticketId}",
	    "ticketing.ticket_get", BODY_NONE, no_params, REPLY_JSON),
	CALL(HTTP_PATCH, "/v1/ticketing/tickets/{ticketId}",
	    "ticketing.ticket_patch", BODY_ARRAY, no_params, REPLY_JSON),

	CALL(HTTP_POST, "/v1/notifications/create", "notifications.create",
	    BODY_OBJECT, notification_create, REPLY_JSON),
	CALL(HTTP_GET, "/v1/notifications/get/{id}", "notifications.get",
	    BODY_NONE, no_params, REPLY_JSON),
	CALL(HTTP_POST, "/v1/notifications/clear/{id}",
	    "notifications.clear", BODY_NONE, no_params, REPLY_JSON),

	LIST("/v1/siem/events", "siem.event_list", I, connector_query),
	CALL(HTTP_POST, "/v1/siem/events", "siem.event_create", BODY_ARRAY,
	    no_params, REPLY_JSON),
	CALL(HTTP_POST, "/v1/sink/events", "sink.event_create", BODY_ARRAY,
	    no_params, REPLY_JSON),

	LIST("/v1/storage/folders", "storage.file_list", I, connector_query),
	LIST("/v1/storage/folders/{path*}", "storage.file_list", I,
	    connector_query),
	CALL(HTTP_GET, "/v1/storage/files/{path*}", "storage.file_get",
	    BODY_NONE, no_params, REPLY_FILE),
	CALL(HTTP_POST, "/v1/storage/files/{path*}", "storage.file_put",
	    BODY_FILE, no_params, REPLY_JSON),
	CALL(HTTP_DELETE, "/v1/storage/files/{path*}",
	    "storage.file_delete", BODY_NONE, no_params, REPLY_JSON),
};
const size_t route_table_len = sizeof(route_table) / sizeof(route_table[0]);
