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
 * The arguments of an operation, one JSON object, made of path, query and
 * body of a request.  Pure.
 */

#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "http_parse.h"
#include "json_write.h"
#include "param.h"
#include "problem.h"
#include "route.h"

#define ARGUMENTS_MAX_FILE	(512 * 1024)	/* bytes of an upload */

/* What was wrong; problem points into param. */
struct arguments_error {
	struct problem		 problem;
	struct param_error	 param;
};

/*
 * {"path":{...},"query":{...},"body":...}, members that the route has none
 * of absent; pages also get "header":{"user_agent"}.  What may not be an
 * argument goes to the hidings, a path's {secret} too.  0 or -1.
 */
int	 arguments_write(struct json_buf *, const struct route_match *,
	    const struct http_head *, const char *body, size_t len,
	    struct param_hidings *, struct arguments_error *);
/*
 * Which grant_type (RFC 6749) a form has: copied, its length; 0 if there is
 * none, -1 if it stands twice, is too long, or the form is malformed.
 */
#define ARGUMENTS_MAX_VARIANT	127
ssize_t	 arguments_variant(const char *form, size_t len,
	    char out[ARGUMENTS_MAX_VARIANT + 1]);
/*
 * What can be said before the body is read: its type, for a body of this
 * length (-1: not known).  0 or -1.
 */
int	 arguments_check_type(const struct route *, const struct http_head *,
	    int64_t len, struct arguments_error *);

#endif /* ARGUMENTS_H */
