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
 * URI templates of resources (RFC 6570, level 1), the other way round.
 * Pure.
 */

#ifndef MCP_URI_H
#define MCP_URI_H

#include "json_write.h"

#define MCP_URI_MAX_VARS	8
#define MCP_URI_MAX_VALUE	1023	/* bytes, decoded */

/* A variable of a template: its name, and what the URI has there. */
struct mcp_uri_var {
	char	name[64];
	char	value[MCP_URI_MAX_VALUE + 1];
};

/*
 * Whether the URI fits the template; vars, room for MCP_URI_MAX_VARS, and
 * *nvars get the variables.  A variable has at least one character and never
 * one of "/?#"; where a literal follows it ends at the first character of
 * that.  1, or 0.
 */
int	 mcp_uri_match(const char *template, const char *uri,
	    struct mcp_uri_var *vars, unsigned int *nvars);

#endif /* MCP_URI_H */
