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
 * Forms of rows that several route tables use.  A row names its method,
 * pattern, operation, who may come, and its parameters.
 */

#ifndef ROUTE_ROWS_H
#define ROUTE_ROWS_H

#include <stddef.h>

#include "route.h"

#define PARAMS_END	{ NULL, PARAM_ANY, 0, 0 }

/* Of the pages of lists. */
#define LIST_QUERY							\
	{ "done", PARAM_TEXT, 0, 63 },					\
	{ "search", PARAM_TEXT, 0, 200 },				\
	{ "limit", PARAM_TEXT, 0, 6 },					\
	{ "start_after", PARAM_TEXT, 0, 1024 }

/* Of the form of an own app and of an organization's client. */
#define CLIENT_FORM							\
	{ "name", PARAM_TEXT, 0, 1024 },				\
	{ "description", PARAM_TEXT, 0, 4096 },				\
	{ "uri", PARAM_TEXT, 0, 2048 },					\
	{ "redirect_uris", PARAM_TEXT, 0, 32768 },			\
	{ "logout_uris", PARAM_TEXT, 0, 32768 },			\
	{ "scope", PARAM_LIST, 0, 255 },				\
	{ "required_scope", PARAM_LIST, 0, 255 },			\
	{ "kind", PARAM_TEXT, 0, 32 },					\
	{ "service", PARAM_TEXT, 0, 8 },				\
	{ "pkce", PARAM_TEXT, 0, 8 },					\
	{ "pkce_shown", PARAM_TEXT, 0, 8 }

/* A page to look at; fl: ROUTE_* beside ROUTE_LENIENT. */
#define ROW_PAGE_AS(p, op, k, q, t, fl)					\
	{ .method = HTTP_GET, .pattern = p, .operation = op, .kinds = k, \
	    .body_kind = BODY_NONE, .query = q, .face = FACE_PAGE,	\
	    .flags = ROUTE_LENIENT | (fl),				\
	    .page = &(const struct page){ .template = t } }
#define ROW_PAGE(p, op, k, q, t)	ROW_PAGE_AS(p, op, k, q, t, 0)
/*
 * A form: next is where 303 leads when it was taken, with a word for the
 * notice there; back is the page that it stands on.
 */
#define ROW_FORM_AS(p, op, k, b, nx, no, back, fl)			\
	{ .method = HTTP_POST, .pattern = p, .operation = op, .kinds = k, \
	    .body_kind = BODY_FORM, .body = b, .face = FACE_PAGE,	\
	    .flags = ROUTE_LENIENT | (fl),				\
	    .page = &(const struct page){ .next = nx, .notice = no,	\
	    .form = back } }
#define ROW_FORM(p, op, k, b, nx, no, back)				\
	ROW_FORM_AS(p, op, k, b, nx, no, back, 0)

/* An endpoint of OAuth that takes a form from a client. */
#define ROW_CLIENT(p, op, b, v)						\
	{ .method = HTTP_POST, .pattern = p, .operation = op,		\
	    .kinds = ROUTE_CLIENT, .body_kind = BODY_FORM, .body = b,	\
	    .face = FACE_OAUTH, .flags = ROUTE_LENIENT | ROUTE_CORS,	\
	    .variant = v }

/* What the frontend answers by itself. */
#define ROW_FIXED(p, function)						\
	{ .method = HTTP_GET, .pattern = p, .body_kind = BODY_NONE,	\
	    .flags = ROUTE_LENIENT | ROUTE_CORS, .local = function }

#endif /* ROUTE_ROWS_H */
