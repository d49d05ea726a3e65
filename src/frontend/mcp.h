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
 * /mcp: procedures of the catalogue as tools, resources and prompts (Model
 * Context Protocol, Streamable HTTP), in revisions 2026-07-28, 2025-11-25
 * and 2025-06-18.  No message depends on one before it.
 */

#ifndef MCP_H
#define MCP_H

#include <sys/types.h>

struct credential;
struct ibuf;
struct request;
struct route_match;

/* route.guard: pages from elsewhere go no further. */
int	 mcp_guard(struct request *);
/* route.serve of POST, and of the methods that are none of this endpoint */
void	 mcp_post(struct request *, const struct route_match *,
	    const struct credential *, const char *body, size_t len);
void	 mcp_other(struct request *, const struct route_match *,
	    const struct credential *, const char *body, size_t len);
/* IMSG_FRONTEND_CANCELLED: a client cancelled a call at another worker. */
void	 mcp_cancelled(struct ibuf *);
/* Once, when the process starts.  0/-1. */
int	 mcp_init(void);

/*
 * All scopes that a door needs for what is shown there, with blanks between;
 * "" if none.  mcp: of /mcp, else of /api.  Cut at what a challenge holds.
 */
const char	*mcp_scopes(int mcp);

#endif /* MCP_H */
