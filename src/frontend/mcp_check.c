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
 * Revision, capabilities and mirrored headers of a message.  Room:
 * frontend.  Pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "mcp_check.h"

#define META_VERSION	"io.modelcontextprotocol/protocolVersion"
#define META_CAN	"io.modelcontextprotocol/clientCapabilities"
#define META_LEVEL	"io.modelcontextprotocol/logLevel"
#define MCP_MODERN	"2026-07-28"

static const char *const level_names[] = {
	"debug", "info", "notice", "warning", "error", "critical", "alert",
	"emergency"
};

/* Methods that only the modern era has. */
static const char *const modern_methods[] = {
	"server/discover", "subscriptions/listen"
};

/* Where Mcp-Name comes from. */
static const struct { const char *method, *member; } named[] = {
	{ "tools/call", "name" },
	{ "prompts/get", "name" },
	{ "resources/read", "uri" },
};

enum mcp_level
mcp_level(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
		if (strcmp(level_names[i], name) == 0)
			return (enum mcp_level)i;
	return LEVEL_NONE;
}

static int
text_is(const struct http_text *t, const char *s)
{
	return t->len == strlen(s) && memcmp(t->p, s, t->len) == 0;
}

static int
is_modern(const struct rpc *m, const struct mcp_fields *f,
    const struct json_value *meta)
{
	size_t	i;

	if (json_get(meta, META_VERSION) != NULL ||
	    json_get(meta, META_CAN) != NULL)
		return 1;
	for (i = 0; i < sizeof(modern_methods) / sizeof(modern_methods[0]);
	    i++)
		if (strcmp(m->method, modern_methods[i]) == 0)
			return 1;
	return f->version != NULL && text_is(f->version, MCP_MODERN);
}

static int
unsupported(struct mcp_error *e, const char *version, size_t len)
{
	mcp_fail(e, 400, RPC_UNSUPPORTED_VERSION,
	    "Unsupported protocol version");
	e->member = "requested";
	/* cut: a version is short */
	(void)snprintf(e->value, sizeof(e->value), "%.*s",
	    len > 64 ? 64 : (int)len, version);
	return -1;
}

static int
mismatch(struct mcp_error *e, const char *header, const char *what)
{
	mcp_fail(e, 400, RPC_HEADER_MISMATCH, "");
	/* the longest header and words fit */
	(void)snprintf(e->message, sizeof(e->message),
	    "Header mismatch: %s %s", header, what);
	return -1;
}

/*
 * Mcp-Name as it was meant: "=?base64?...?=" decoded into out, the rest as
 * it is.  Length, or -1.
 */
static ssize_t
mcp_header_decode(const struct http_text *t, char *out, size_t size)
{
	static const char	 head[] = "=?base64?", tail[] = "?=";
	const size_t		 nhead = sizeof(head) - 1;
	const size_t		 ntail = sizeof(tail) - 1;
	size_t			 i;

	for (i = 0; i < t->len; i++)
		if ((unsigned char)t->p[i] < 0x20 ||
		    (unsigned char)t->p[i] > 0x7e)
			return -1;
	if (t->len >= nhead + ntail && memcmp(t->p, head, nhead) == 0 &&
	    memcmp(t->p + t->len - ntail, tail, ntail) == 0)
		return base64_decode(out, size, t->p + nhead,
		    t->len - nhead - ntail);
	if (t->len > size)
		return -1;
	memcpy(out, t->p, t->len);
	return (ssize_t)t->len;
}

static int
check_name(const struct rpc *m, const struct mcp_fields *f,
    struct mcp_error *e)
{
	const struct json_value	*v;
	char			 name[MCP_MAX_NAME];
	ssize_t			 n;
	size_t			 i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i].method, m->method) == 0)
			break;
	if (i == sizeof(named) / sizeof(named[0]))
		return 0;
	if (f->name == NULL)
		return mismatch(e, "Mcp-Name", "is missing");
	if ((n = mcp_header_decode(f->name, name, sizeof(name))) == -1)
		return mismatch(e, "Mcp-Name", "is malformed");
	v = json_get(m->params, named[i].member);
	if (v == NULL || v->type != JSON_STRING || v->len != (size_t)n ||
	    memcmp(v->u.text, name, (size_t)n) != 0)
		return mismatch(e, "Mcp-Name", "is not what the body names");
	return 0;
}

static int
check_headers(const struct rpc *m, const struct mcp_fields *f,
    const char *version, struct mcp_error *e)
{
	/* nothing is said of the headers of notifications */
	if (m->id == NULL)
		return 0;
	if (f->version == NULL)
		return mismatch(e, "MCP-Protocol-Version", "is missing");
	if (!text_is(f->version, version))
		return mismatch(e, "MCP-Protocol-Version",
		    "is not the version that the body names");
	if (strcmp(version, MCP_MODERN) != 0)
		return 0;
	if (f->method == NULL)
		return mismatch(e, "Mcp-Method", "is missing");
	if (!text_is(f->method, m->method))
		return mismatch(e, "Mcp-Method",
		    "is not the method of the body");
	return check_name(m, f, e);
}

static unsigned int
capabilities(const struct json_value *can)
{
	const struct json_value	*form;
	unsigned int		 bits = 0;

	if ((form = json_get(can, "elicitation")) != NULL &&
	    form->type == JSON_OBJECT) {
		/* {} means forms; so does a client that says nothing of URLs */
		if (json_get(form, "form") != NULL ||
		    json_get(form, "url") == NULL)
			bits |= MCP_CAN_ELICIT;
		if (json_get(form, "url") != NULL)
			bits |= MCP_CAN_ELICIT_URL;
	}
	if (json_get(can, "sampling") != NULL)
		bits |= MCP_CAN_SAMPLE;
	if (json_get(can, "roots") != NULL)
		bits |= MCP_CAN_ROOTS;
	return bits;
}

/* A token is a string or an integer; others are as good as none. */
static const struct json_value *
progress_token(const struct json_value *meta)
{
	const struct json_value	*t = json_get(meta, "progressToken");

	if (t == NULL || (t->type == JSON_STRING ? t->len > RPC_MAX_ID :
	    t->type != JSON_INTEGER))
		return NULL;
	return t;
}

static int
check_modern(const struct rpc *m, const struct mcp_fields *f,
    const struct json_value *given, struct mcp_meta *meta,
    struct mcp_error *e)
{
	const struct json_value	*can = json_get(given, META_CAN);
	const char		*version, *level;

	if (m->id == NULL)
		return 0;
	if ((version = json_get_text(given, META_VERSION)) == NULL) {
		mcp_fail(e, 400, RPC_INVALID_PARAMS,
		    "_meta must have " META_VERSION);
		return -1;
	}
	if (can == NULL || can->type != JSON_OBJECT) {
		mcp_fail(e, 400, RPC_INVALID_PARAMS,
		    "_meta must have " META_CAN ", an object");
		return -1;
	}
	if (check_headers(m, f, version, e) == -1)
		return -1;
	if (strcmp(version, MCP_MODERN) != 0)
		return unsupported(e, version, strlen(version));
	meta->can = capabilities(can);
	if (json_get(given, META_LEVEL) != NULL) {
		level = json_get_text(given, META_LEVEL);
		meta->level = level == NULL ? LEVEL_NONE : mcp_level(level);
		if (meta->level == LEVEL_NONE) {
			mcp_fail(e, 400, RPC_INVALID_PARAMS,
			    META_LEVEL " is no level");
			return -1;
		}
	}
	return 0;
}

int
mcp_check(const struct rpc *m, const struct mcp_fields *f,
    struct mcp_meta *meta, struct mcp_error *e)
{
	const struct json_value	*given = json_get(m->params, "_meta");
	size_t			 i;

	memset(meta, 0, sizeof(*meta));
	meta->level = LEVEL_NONE;
	meta->progress = progress_token(given);
	if (is_modern(m, f, given))
		return check_modern(m, f, given, meta, e);
	meta->era = ERA_LEGACY;
	/* the one before it had no such header; nobody may say logLevel */
	meta->level = LEVEL_INFO;
	if (f->version == NULL || strcmp(m->method, "initialize") == 0)
		return 0;
	for (i = 1; mcp_versions[i] != NULL; i++)
		if (text_is(f->version, mcp_versions[i]))
			return 0;
	return unsupported(e, f->version->p, f->version->len);
}

/* --- Origin ------------------------------------------------------ */

/* Scheme, host and port of an origin; 0, or -1 if it is none. */
static int
origin_split(const char *p, size_t len, int *secure, struct http_text *host)
{
	const char	*end = p + len, *colon;

	if (len > 8 && memcmp(p, "https://", 8) == 0) {
		*secure = 1;
		p += 8;
	} else if (len > 7 && memcmp(p, "http://", 7) == 0) {
		*secure = 0;
		p += 7;
	} else
		return -1;
	host->p = p;
	if (*p == '[') {
		if ((colon = memchr(p, ']', (size_t)(end - p))) == NULL)
			return -1;
		colon++;
	} else if ((colon = memchr(p, ':', (size_t)(end - p))) == NULL)
		colon = end;
	host->len = (size_t)(colon - p);
	if (host->len == 0 || memchr(p, '/', (size_t)(end - p)) != NULL ||
	    memchr(p, '@', (size_t)(end - p)) != NULL)
		return -1;
	if (colon == end)
		return 0;
	if (*colon != ':' || ++colon == end)
		return -1;
	for (; colon < end; colon++)
		if (*colon < '0' || *colon > '9')
			return -1;
	return 0;
}

static int
is_loopback(const struct http_text *host)
{
	return text_is(host, "localhost") || text_is(host, "127.0.0.1") ||
	    text_is(host, "[::1]");
}

int
mcp_origin_allowed(const char *issuer, const struct http_text *origin)
{
	struct http_text	 own, host;
	int			 secure;

	if (text_is(origin, issuer))
		return 1;
	if (origin_split(origin->p, origin->len, &secure, &host) == -1)
		return 0;
	if (is_loopback(&host))
		return 1;
	if (strncmp(issuer, "https://", 8) != 0)
		return 0;
	own.p = issuer + 8;
	own.len = strcspn(own.p, "/:");
	return secure && !is_loopback(&own);
}
