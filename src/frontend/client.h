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
 * Client authentication (RFC 6749 2.3, RFC 7523 2.2): from header and form
 * to one credential.
 */

#ifndef CLIENT_H
#define CLIENT_H

#include "credential.h"
#include "http_parse.h"
#include "param.h"
#include "problem.h"

/*
 * NULL, or what is wrong: two ways at once, none at all, a malformed
 * header, a parameter of the form (a table) in the query.  The credential
 * points into the hidings; their client id is set.
 */
const struct problem *client_credential(const struct http_head *,
	    const struct param *form, struct param_hidings *,
	    struct credential *);
/* Whether a parameter of the table stands in the query. */
int	 client_in_query(const struct http_text *query, const struct param *);
/* Our words for clients that may not: as RFC 6749 5.2 has them. */
void	 client_refusal(struct problem *);

#endif /* CLIENT_H */
