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
 * Messages of MCP: what is one, which revision it is in, whether headers and
 * body agree, origins, URI templates.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mcp_check.h"
#include "mcp_rpc.h"
#include "mcp_uri.h"

/* --- messages --------------------------------------------------------- */

static const struct { const char *text; int code; } refused[] = {
	{ "", RPC_PARSE_ERROR },
	{ "{", RPC_PARSE_ERROR },
	{ "{\"id\":1,\"id\":2}", RPC_PARSE_ERROR },
	{ "{\"a\":\"\\u0000\"}", RPC_PARSE_ERROR },
	{ "{\"a\":1e999}", RPC_PARSE_ERROR },
	{ "{\"a\":\"\xff\"}", RPC_PARSE_ERROR },
	{ "[]", RPC_INVALID_REQUEST },
	{ "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]",
	    RPC_INVALID_REQUEST },
	{ "null", RPC_INVALID_REQUEST },
	{ "\"ping\"", RPC_INVALID_REQUEST },
	{ "{}", RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":9223372036854775808,"
	    "\"method\":\"ping\"}", RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"ping\"}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1}", RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"error\":{}}",
	    RPC_INVALID_REQUEST },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":[]}",
	    RPC_INVALID_PARAMS },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":null}",
	    RPC_INVALID_PARAMS },
};

static void
test_refused(void **state)
{
	struct mcp_error	 e;
	struct rpc		 m;
	char			 deep[512];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(rpc_parse(&m, refused[i].text,
		    strlen(refused[i].text), &e), -1);
		assert_int_equal(e.code, refused[i].code);
		assert_int_equal(e.status, 400);
		rpc_free(&m);
	}
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	assert_int_equal(rpc_parse(&m, deep, 200, &e), -1);
	assert_int_equal(e.code, RPC_PARSE_ERROR);
	rpc_free(&m);
}

static void
test_taken(void **state)
{
	static const char	 text[] = "{\"jsonrpc\":\"2.0\",\"id\":\"a\","
	    "\"method\":\"ping\",\"params\":{\"x\":1}}";
	static const char	 note[] =
	    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
	struct mcp_error	 e;
	struct rpc		 m;

	(void)state;
	assert_int_equal(rpc_parse(&m, text, strlen(text), &e), 0);
	assert_string_equal(m.method, "ping");
	assert_string_equal(m.id->u.text, "a");
	assert_non_null(json_get(m.params, "x"));
	rpc_free(&m);
	assert_int_equal(rpc_parse(&m, note, strlen(note), &e), 0);
	assert_null(m.id);
	rpc_free(&m);
}

static void
test_error_text(void **state)
{
	static const char	 text[] = "{\"jsonrpc\":\"2.0\",\"id\":7,"
	    "\"method\":\"x\"}";
	struct mcp_error	 e;
	struct json_buf		 b;
	struct rpc		 m;

	(void)state;
	assert_int_equal(rpc_parse(&m, text, strlen(text), &e), 0);
	mcp_fail(&e, 400, RPC_MISSING_CAPABILITY, "no");
	e.needs = MCP_CAN_ELICIT | MCP_CAN_ELICIT_URL | MCP_CAN_SAMPLE;
	json_buf_init(&b, 4096);
	rpc_error(&b, m.id, &e);
	assert_int_equal(b.failed, 0);
	assert_string_equal(b.data, "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":"
	    "{\"code\":-32021,\"message\":\"no\",\"data\":"
	    "{\"requiredCapabilities\":{\"elicitation\":{\"url\":{}},"
	    "\"sampling\":{}}}}}");
	json_buf_free(&b);
	rpc_free(&m);
}

/* --- revision and headers --------------------------------------------- */

#define MODERN	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":" \
    "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{"	\
    "\"sampling\":{},\"elicitation\":{}}}"
#define V	"2026-07-28"

static const struct {
	const char	*method, *params;
	const char	*version, *hmethod, *hname;
	int		 code;		/* 0: taken */
	enum mcp_era	 era;
} checks[] = {
	/* era */
	{ "server/discover", MODERN, V, "server/discover", NULL, 0, 0 },
	{ "initialize", "", NULL, NULL, NULL, 0, ERA_LEGACY },
	{ "initialize", "", "1999-01-01", NULL, NULL, 0, ERA_LEGACY },
	{ "initialize", MODERN, V, "initialize", NULL, 0, ERA_MODERN },
	{ "initialize", "", "2025-11-25", "initialize", NULL, 0, ERA_LEGACY },
	{ "tools/list", "", NULL, NULL, NULL, 0, ERA_LEGACY },
	{ "tools/list", "", "2025-11-25", NULL, NULL, 0, ERA_LEGACY },
	{ "tools/list", "", "2025-06-18", NULL, NULL, 0, ERA_LEGACY },
	{ "tools/list", "", "2025-06-19", NULL, NULL,
	    RPC_UNSUPPORTED_VERSION, 0 },
	{ "tools/list", "", "", NULL, NULL, RPC_UNSUPPORTED_VERSION, 0 },
	/* what the modern era must have */
	{ "tools/list", "", V, "tools/list", NULL, RPC_INVALID_PARAMS, 0 },
	{ "server/discover", "", NULL, NULL, NULL, RPC_INVALID_PARAMS, 0 },
	{ "tools/list", "\"_meta\":{}", V, "tools/list", NULL,
	    RPC_INVALID_PARAMS, 0 },
	{ "tools/list", "\"_meta\":{\"io.modelcontextprotocol/"
	    "protocolVersion\":\"2026-07-28\"}", V, "tools/list", NULL,
	    RPC_INVALID_PARAMS, 0 },
	{ "tools/list", "\"_meta\":{\"io.modelcontextprotocol/"
	    "clientCapabilities\":{}}", V, "tools/list", NULL,
	    RPC_INVALID_PARAMS, 0 },
	{ "tools/list", "\"_meta\":{\"io.modelcontextprotocol/"
	    "protocolVersion\":\"1\",\"io.modelcontextprotocol/"
	    "clientCapabilities\":{}}", "1", "tools/list", NULL,
	    RPC_UNSUPPORTED_VERSION, 0 },
	{ "tools/list", "\"_meta\":{\"io.modelcontextprotocol/"
	    "protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/"
	    "clientCapabilities\":{},\"io.modelcontextprotocol/logLevel\":"
	    "\"loud\"}", V, "tools/list", NULL, RPC_INVALID_PARAMS, 0 },
	/* headers */
	{ "tools/list", MODERN, NULL, "tools/list", NULL,
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/list", MODERN, "2025-11-25", "tools/list", NULL,
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/list", MODERN, V, NULL, NULL, RPC_HEADER_MISMATCH, 0 },
	{ "tools/list", MODERN, V, "tools/call", NULL,
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/list", MODERN, V, "Tools/List", NULL,
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call", NULL,
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call", "b",
	    RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call", "a",
	    0, ERA_MODERN },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call",
	    "=?base64?YQ==?=", 0, ERA_MODERN },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call",
	    "=?base64?Y!==?=", RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"a\"," MODERN, V, "tools/call",
	    "=?BASE64?YQ==?=", RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"\xc3\xa9\"," MODERN, V, "tools/call",
	    "\xc3\xa9", RPC_HEADER_MISMATCH, 0 },
	{ "tools/call", "\"name\":\"\xc3\xa9\"," MODERN, V, "tools/call",
	    "=?base64?w6k=?=", 0, ERA_MODERN },
	{ "tools/call", "\"name\":1," MODERN, V, "tools/call", "1",
	    RPC_HEADER_MISMATCH, 0 },
	{ "resources/read", "\"uri\":\"a://b\"," MODERN, V,
	    "resources/read", "a://b", 0, ERA_MODERN },
};

static const struct http_text *
field(struct http_text *t, const char *text)
{
	if (text == NULL)
		return NULL;
	t->p = text;
	t->len = strlen(text);
	return t;
}

static void
test_check(void **state)
{
	struct http_text	 t[3];
	struct mcp_fields	 f;
	struct mcp_error	 e;
	struct mcp_meta		 meta;
	struct rpc		 m;
	char			 text[1024];
	size_t			 i;
	int			 n, got;

	(void)state;
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		n = snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\","
		    "\"id\":1,\"method\":\"%s\",\"params\":{%s}}",
		    checks[i].method, checks[i].params);
		assert_int_equal(rpc_parse(&m, text, (size_t)n, &e), 0);
		f.version = field(&t[0], checks[i].version);
		f.method = field(&t[1], checks[i].hmethod);
		f.name = field(&t[2], checks[i].hname);
		memset(&e, 0, sizeof(e));
		got = mcp_check(&m, &f, &meta, &e);
		if (checks[i].code == 0) {
			assert_int_equal(got, 0);
			assert_int_equal(meta.era, checks[i].era);
			if (meta.era == ERA_MODERN)
				assert_int_equal(meta.can, MCP_CAN_ELICIT |
				    MCP_CAN_SAMPLE);
		} else {
			assert_int_equal(got, -1);
			assert_int_equal(e.code, checks[i].code);
			assert_int_equal(e.status, 400);
		}
		rpc_free(&m);
	}
}

static void
test_progress(void **state)
{
	static const struct { const char *token; int good; } tokens[] = {
		{ "\"a\"", 1 }, { "7", 1 }, { "1.5", 0 }, { "null", 0 },
		{ "{}", 0 }, { "true", 0 },
	};
	const struct mcp_fields	 none = { NULL, NULL, NULL };
	struct mcp_error	 e;
	struct mcp_meta		 meta;
	struct rpc		 m;
	char			 text[256];
	size_t			 i;
	int			 n;

	(void)state;
	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		n = snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\","
		    "\"id\":1,\"method\":\"tools/call\",\"params\":{\"_meta\":"
		    "{\"progressToken\":%s}}}", tokens[i].token);
		assert_int_equal(rpc_parse(&m, text, (size_t)n, &e), 0);
		assert_int_equal(mcp_check(&m, &none, &meta, &e), 0);
		assert_int_equal(meta.progress != NULL, tokens[i].good);
		rpc_free(&m);
	}
}

/* --- origins ----------------------------------------------------------- */

static const struct { const char *issuer, *origin; int good; } origins[] = {
	{ "http://localhost:8080", "http://localhost:8080", 1 },
	{ "http://localhost:8080", "http://127.0.0.1:6274", 1 },
	{ "http://localhost:8080", "http://[::1]:1", 1 },
	{ "http://localhost:8080", "https://localhost", 1 },
	{ "http://localhost:8080", "http://evil.example.com", 0 },
	{ "http://localhost:8080", "https://evil.example.com", 0 },
	{ "http://localhost:8080", "http://localhost.evil.com", 0 },
	{ "http://localhost:8080", "http://127.0.0.1.evil.com", 0 },
	{ "http://localhost:8080", "http://localhost@evil.com", 0 },
	{ "http://localhost:8080", "http://localhost:80:80", 0 },
	{ "http://localhost:8080", "http://localhost:x", 0 },
	{ "http://localhost:8080", "http://localhost:", 0 },
	{ "http://localhost:8080", "http://localhost/", 0 },
	{ "http://localhost:8080", "http://", 0 },
	{ "http://localhost:8080", "null", 0 },
	{ "http://localhost:8080", "", 0 },
	{ "http://localhost:8080", "file://", 0 },
	{ "https://auth.example.com", "https://auth.example.com", 1 },
	{ "https://auth.example.com", "https://app.example.net", 1 },
	{ "https://auth.example.com", "http://localhost:6274", 1 },
	{ "https://auth.example.com", "http://app.example.net", 0 },
	{ "https://auth.example.com", "http://auth.example.com", 0 },
	{ "https://auth.example.com", "null", 0 },
	{ "https://localhost", "https://evil.example.com", 0 },
};

static void
test_origins(void **state)
{
	struct http_text	 t;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		(void)field(&t, origins[i].origin);
		assert_int_equal(mcp_origin_allowed(origins[i].issuer, &t),
		    origins[i].good);
	}
}

/* --- URI templates ------------------------------------------------------ */

static const struct { const char *t, *uri; int fits; const char *first; }
    uris[] = {
	{ "a://b", "a://b", 1, NULL },
	{ "a://b", "a://bc", 0, NULL },
	{ "a://bc", "a://b", 0, NULL },
	{ "a://{id}", "a://b", 1, "b" },
	{ "a://{id}", "a://", 0, NULL },
	{ "a://{id}", "a://b/c", 0, NULL },
	{ "a://{id}", "a://b?c", 0, NULL },
	{ "a://{id}/x", "a://b/x", 1, "b" },
	{ "a://{id}/x", "a://b/y", 0, NULL },
	{ "a://{id}.json", "a://b.json", 1, "b" },
	{ "a://{id}", "a://%C3%A9", 1, "\xc3\xa9" },
	{ "a://{id}", "a://%2F", 1, "/" },
	{ "a://{id}", "a://%00", 0, NULL },
	{ "a://{id}", "a://%zz", 0, NULL },
	{ "a://{id}", "a://%4", 0, NULL },
	{ "a://{id}", "a://%ff", 0, NULL },
	{ "a://{}", "a://b", 0, NULL },
	{ "a://{id", "a://b", 0, NULL },
	{ "a://{x}/{y}", "a://1/2", 1, "1" },
};

static void
test_uris(void **state)
{
	struct mcp_uri_var	*vars;
	unsigned int		 n;
	size_t			 i;

	(void)state;
	vars = calloc(MCP_URI_MAX_VARS, sizeof(*vars));
	assert_non_null(vars);
	for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		assert_int_equal(mcp_uri_match(uris[i].t, uris[i].uri, vars,
		    &n), uris[i].fits);
		if (uris[i].first != NULL)
			assert_string_equal(vars[0].value, uris[i].first);
	}
	free(vars);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_error_text),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
