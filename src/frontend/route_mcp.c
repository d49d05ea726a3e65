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
 * The endpoint of MCP.  Room: frontend.  One path; the messages say the
 * rest.
 */

#include "config.h"

#include "mcp.h"
#include "route_rows.h"

/* No sessions to end and no streams of their own: 405, but 401 before it. */
#define ROW_NONE(m)							\
	{ .method = m, .pattern = "/mcp", .kinds = ROUTE_USER,		\
	    .body_kind = BODY_NONE, .face = FACE_RPC,			\
	    .flags = ROUTE_LENIENT | ROUTE_CORS, .guard = mcp_guard,	\
	    .serve = mcp_other }

const struct route route_mcp[] = {
	{ .method = HTTP_POST, .pattern = "/mcp", .kinds = ROUTE_USER,
	    .body_kind = BODY_OBJECT, .face = FACE_RPC,
	    .flags = ROUTE_LENIENT | ROUTE_CORS | ROUTE_WATCH,
	    .guard = mcp_guard, .serve = mcp_post },
	ROW_NONE(HTTP_GET),
	ROW_NONE(HTTP_DELETE),
};
const size_t route_mcp_len = sizeof(route_mcp) / sizeof(route_mcp[0]);
