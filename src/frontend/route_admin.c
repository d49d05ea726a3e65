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
 * Pages of administration.  Room: frontend.  A page is a row here, an
 * operation and a template.
 */

#include "config.h"

#include "route_rows.h"

#define S	ROUTE_SESSION

static const struct param page_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	PARAMS_END
};

const struct route route_admin[] = {
	ROW_PAGE("/admin", "admin.home", S, page_query, "admin"),
};
const size_t route_admin_len = sizeof(route_admin) / sizeof(route_admin[0]);
