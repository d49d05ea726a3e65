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
 * What the application published, over HTTP.  Room: frontend.  One row serves
 * all procedures: the catalogue knows their names, methods and arguments.
 */

#include "config.h"

#include "api.h"
#include "console.h"
#include "fixed.h"
#include "route_rows.h"

#define ANYBODY	(ROUTE_USER | ROUTE_SESSION | ROUTE_NOBODY)

#define ROW_CALL(m, p, bk, function, fl)				\
	{ .method = m, .pattern = p, .kinds = ANYBODY, .body_kind = bk,	\
	    .face = FACE_RPC, .flags = ROUTE_CORS | (fl), .serve = function }

/* A page of documentation: with the navigation of whoever signed in. */
#define ROW_DOCS(p, t)							\
	{ .method = HTTP_GET, .pattern = p, .operation = "page.docs",	\
	    .kinds = ROUTE_SESSION | ROUTE_NOBODY, .query = no_params,	\
	    .face = FACE_PAGE, .flags = ROUTE_LENIENT,			\
	    .page = &(const struct page){ .template = t },		\
	    .finish = console_page }

static const struct param no_params[] = { PARAMS_END };

const struct route route_api[] = {
	ROW_CALL(HTTP_GET, "/api", BODY_NONE, api_manifest, 0),
	ROW_CALL(HTTP_GET, "/api/openapi.json", BODY_NONE, api_openapi, 0),
	ROW_DOCS("/api/docs", "console"),
	ROW_DOCS("/v1/docs", "console_v1"),
	ROW_FIXED("/api/docs/oauth2-redirect", console_redirect),
	ROW_FIXED("/api/docs/{file}", console_file),
	ROW_CALL(HTTP_GET, "/api/{group}/{procedure}", BODY_NONE, api_call,
	    ROUTE_WATCH),
	ROW_CALL(HTTP_POST, "/api/{group}/{procedure}", BODY_OBJECT,
	    api_call, ROUTE_WATCH),
};
const size_t route_api_len = sizeof(route_api) / sizeof(route_api[0]);
