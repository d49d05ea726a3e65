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
 * The route tables refer to these; no test that links only parsers and
 * tables calls them.
 */

#ifndef ROUTE_STUBS_H
#define ROUTE_STUBS_H

#include "api.h"
#include "console.h"
#include "fixed.h"
#include "mcp.h"
#include "oauth.h"
#include "route.h"

#define STUB_LOCAL(name)						\
void									\
name(struct request *r)							\
{									\
	(void)r;							\
}
#define STUB_FINISH(name)						\
void									\
name(struct request *r, const struct msg_reply *m)			\
{									\
	(void)r;							\
	(void)m;							\
}

#define STUB_GUARD(name)						\
int									\
name(struct request *r)							\
{									\
	(void)r;							\
	return 0;							\
}

#define STUB_SERVE(name)						\
void									\
name(struct request *r, const struct route_match *match,		\
    const struct credential *c, const char *body, size_t len)		\
{									\
	(void)r;							\
	(void)match;							\
	(void)c;							\
	(void)body;							\
	(void)len;							\
}

STUB_LOCAL(fixed_home)
STUB_LOCAL(fixed_style)
STUB_LOCAL(fixed_script)
STUB_LOCAL(fixed_icon)
STUB_LOCAL(fixed_jwks)
STUB_LOCAL(fixed_version)
STUB_LOCAL(oauth_resource)
STUB_LOCAL(api_openapi_v1)
STUB_LOCAL(console_file)
STUB_LOCAL(console_redirect)
STUB_FINISH(console_page)
STUB_FINISH(oauth_metadata)
STUB_FINISH(oauth_authorize)
STUB_FINISH(oauth_end_session)
STUB_FINISH(oauth_registered)
STUB_SERVE(api_call)
STUB_SERVE(api_manifest)
STUB_SERVE(api_openapi)
STUB_SERVE(mcp_post)
STUB_SERVE(mcp_other)
STUB_GUARD(mcp_guard)

#endif /* ROUTE_STUBS_H */
