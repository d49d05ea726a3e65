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
 * Pages of everybody: signing in, and what a person sets for itself.  Room:
 * frontend.  A page is a row here, an operation and a template.
 */

#include "config.h"

#include "route_rows.h"

#define S	ROUTE_SESSION
#define V	ROUTE_VISITOR

static const struct param page_query[] = {
	{ "done", PARAM_TEXT, 0, 63 },
	{ "return_to", PARAM_RETURN_TO, 0, 4096 },
	PARAMS_END
};

static const struct param no_fields[] = { PARAMS_END };

static const struct param login_form[] = {
	{ "email", PARAM_TEXT, PARAM_REQUIRED, 254 },
	{ "password", PARAM_PASSWORD, PARAM_REQUIRED, 255 },
	{ "return_to", PARAM_RETURN_TO, 0, 4096 },
	PARAMS_END
};

static const struct param password_form[] = {
	{ "password", PARAM_PASSWORD, PARAM_REQUIRED, 255 },
	{ "return_to", PARAM_RETURN_TO, 0, 4096 },
	PARAMS_END
};

const struct route route_pages[] = {
	ROW_PAGE("/login", "session.new", S | V, page_query, "login"),
	ROW_FORM("/login", "session.create", S | V, login_form, "/", NULL,
	    "/login"),
	ROW_FORM("/logout", "session.end", S, no_fields, "/login",
	    "signed_out", "/"),
	ROW_PAGE("/settings/confirm", "page.frame", S, page_query,
	    "confirm"),
	ROW_FORM("/settings/confirm", "session.confirm", S, password_form,
	    "/", NULL, "/settings/confirm"),
	ROW_PAGE("/settings/security", "session.list", S, page_query,
	    "security"),
};
const size_t route_pages_len = sizeof(route_pages) / sizeof(route_pages[0]);
