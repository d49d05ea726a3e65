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
 * What a message says of itself, in its headers and in its _meta: the
 * revision that it is written in, and what its client can do.  Pure.
 */

#ifndef MCP_CHECK_H
#define MCP_CHECK_H

#include "http_parse.h"
#include "mcp_rpc.h"

enum mcp_era {
	ERA_MODERN,		/* 2026-07-28: all is in the message */
	ERA_LEGACY		/* 2025-11-25, 2025-06-18: initialize */
};

enum mcp_level {
	LEVEL_NONE = -1,	/* no log messages are wanted */
	LEVEL_DEBUG,
	LEVEL_INFO,
	LEVEL_NOTICE,
	LEVEL_WARNING,
	LEVEL_ERROR,
	LEVEL_CRITICAL,
	LEVEL_ALERT,
	LEVEL_EMERGENCY
};

/* Header fields of the request; NULL for what is not there. */
struct mcp_fields {
	const struct http_text	*version;	/* MCP-Protocol-Version */
	const struct http_text	*method;	/* Mcp-Method */
	const struct http_text	*name;		/* Mcp-Name */
};

struct mcp_meta {
	enum mcp_era		 era;
	const struct json_value	*progress;	/* token, or NULL */
	enum mcp_level		 level;		/* the least that is wanted */
	unsigned int		 can;		/* MCP_CAN_* */
};

/*
 * Which revision this is in, decided from this message alone, and whether
 * headers and body say the same (2026-07-28, Request Metadata).  0 or -1.
 */
int	 mcp_check(const struct rpc *, const struct mcp_fields *,
	    struct mcp_meta *, struct mcp_error *);
/* LEVEL_NONE if it is no level (RFC 5424 names). */
enum mcp_level	 mcp_level(const char *);
/*
 * Whether a page from there may speak with a server of this issuer.  A
 * server on loopback believes pages from loopback only (a name of somebody
 * else's may lead here); one on the internet believes https, where a name
 * cannot be lent, and programs on the user's own machine.
 */
int	 mcp_origin_allowed(const char *issuer, const struct http_text *origin);
#define MCP_MAX_NAME	2048	/* of an Mcp-Name, decoded */

#endif /* MCP_CHECK_H */
