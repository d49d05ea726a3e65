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
 * JSON-RPC 2.0 as MCP uses it.  Room: frontend.  Pure.
 */

#include "config.h"

#include <string.h>

#include "mcp_rpc.h"

const char *const	 mcp_versions[] = {
	"2026-07-28", "2025-11-25", "2025-06-18", NULL
};

/* One message has no need for the depth of a document. */
const struct json_limits	 rpc_limits = {
	.bytes = 2 * 1024 * 1024,
	.depth = 48,
	.values = 131072,
	.keys = 1024,
	.large = 1,
};

static const struct { unsigned int bit; const char *name, *inner; }
    rpc_needs[] = {
	{ MCP_CAN_ELICIT, "elicitation", NULL },
	{ MCP_CAN_ELICIT_URL, "elicitation", "url" },
	{ MCP_CAN_SAMPLE, "sampling", NULL },
	{ MCP_CAN_ROOTS, "roots", NULL },
};

void
mcp_fail(struct mcp_error *e, unsigned int status, int code,
    const char *message)
{
	memset(e, 0, sizeof(*e));
	e->status = status;
	e->code = code;
	/* cut: it is for people */
	(void)strlcpy(e->message, message, sizeof(e->message));
}

int
rpc_is_id(const struct json_value *id)
{
	if (id->type == JSON_STRING)
		return id->len <= RPC_MAX_ID;
	return id->type == JSON_INTEGER;
}

int
rpc_parse(struct rpc *m, const char *text, size_t len, struct mcp_error *e)
{
	const struct json_value	*root, *id, *params;
	struct json_error	 why;

	memset(m, 0, sizeof(*m));
	if ((m->doc = json_parse(text, len, &rpc_limits, &why)) == NULL) {
		mcp_fail(e, 400, RPC_PARSE_ERROR, why.text);
		return -1;
	}
	root = json_root(m->doc);
	mcp_fail(e, 400, RPC_INVALID_REQUEST,
	    "The body is one JSON-RPC request or notification");
	if (root->type != JSON_OBJECT)
		return -1;
	if ((id = json_get(root, "id")) != NULL) {
		if (!rpc_is_id(id)) {
			mcp_fail(e, 400, RPC_INVALID_REQUEST,
			    "id must be an integer of 64 bit or a string of "
			    "at most 255 bytes");
			return -1;
		}
		m->id = id;
	}
	if (json_get_text(root, "jsonrpc") == NULL ||
	    strcmp(json_get_text(root, "jsonrpc"), "2.0") != 0)
		return -1;
	/* answers of a client: nobody asked it */
	if ((m->method = json_get_text(root, "method")) == NULL ||
	    json_get(root, "result") != NULL || json_get(root, "error") != NULL)
		return -1;
	if ((params = json_get(root, "params")) != NULL) {
		if (params->type != JSON_OBJECT) {
			mcp_fail(e, 400, RPC_INVALID_PARAMS,
			    "params must be an object");
			return -1;
		}
		m->params = params;
	}
	return 0;
}

void
rpc_free(struct rpc *m)
{
	json_free(m->doc);
	memset(m, 0, sizeof(*m));
}

static void
rpc_open(struct json_buf *b, const struct json_value *id)
{
	json_object_open(b);
	json_member_text(b, "jsonrpc", "2.0");
	if (id == NULL)
		return;
	json_name(b, "id");
	json_put_value(b, id);
}

void
rpc_result_open(struct json_buf *b, const struct json_value *id)
{
	rpc_open(b, id);
	json_name(b, "result");
	json_object_open(b);
}

void
rpc_result_close(struct json_buf *b)
{
	json_object_close(b);
	json_object_close(b);
}

/* {"elicitation":{"url":{}}, ...} */
static void
rpc_put_needs(struct json_buf *b, unsigned int needs)
{
	const char	*open = "";
	size_t		 i;

	json_name(b, "requiredCapabilities");
	json_object_open(b);
	for (i = 0; i < sizeof(rpc_needs) / sizeof(rpc_needs[0]); i++) {
		if ((needs & rpc_needs[i].bit) == 0)
			continue;
		if (strcmp(open, rpc_needs[i].name) != 0) {
			if (open[0] != '\0')
				json_object_close(b);
			json_name(b, rpc_needs[i].name);
			json_object_open(b);
			open = rpc_needs[i].name;
		}
		if (rpc_needs[i].inner != NULL) {
			json_name(b, rpc_needs[i].inner);
			json_object_open(b);
			json_object_close(b);
		}
	}
	if (open[0] != '\0')
		json_object_close(b);
	json_object_close(b);
}

static void
rpc_put_data(struct json_buf *b, const struct mcp_error *e)
{
	size_t	i;

	json_name(b, "data");
	json_object_open(b);
	if (e->needs != 0)
		rpc_put_needs(b, e->needs);
	if (e->code == RPC_UNSUPPORTED_VERSION) {
		json_name(b, "supported");
		json_array_open(b);
		for (i = 0; mcp_versions[i] != NULL; i++)
			json_put_text(b, mcp_versions[i]);
		json_array_close(b);
	}
	if (e->member != NULL)
		json_member_text(b, e->member, e->value);
	json_object_close(b);
}

void
rpc_error(struct json_buf *b, const struct json_value *id,
    const struct mcp_error *e)
{
	rpc_open(b, id);
	json_name(b, "error");
	json_object_open(b);
	json_member_integer(b, "code", e->code);
	json_member_text(b, "message", e->message);
	if (e->member != NULL || e->needs != 0)
		rpc_put_data(b, e);
	json_object_close(b);
	json_object_close(b);
}

void
rpc_notification_open(struct json_buf *b, const char *method)
{
	rpc_open(b, NULL);
	json_member_text(b, "method", method);
	json_name(b, "params");
	json_object_open(b);
}

void
rpc_notification_close(struct json_buf *b)
{
	json_object_close(b);
	json_object_close(b);
}
