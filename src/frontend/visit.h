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
 * A visit: what a page's request has beside its arguments, until it is
 * answered.
 */

#ifndef VISIT_H
#define VISIT_H

#include "param.h"
#include "request.h"

/*
 * Takes session or visitor from the cookies, and makes a visitor where the
 * row wants one and none came.  0, or -1: answered.  Of a row whose form may be
 * an app's, who lacks the session is found out by visit_check().
 */
int	 visit_open(struct request *, struct credential *);
int	 visit_check(struct request *);		/* 0, or -1: answered */
/* Keeps what the answer needs; arguments may be NULL. */
void	 visit_keep(struct request *, const char *arguments,
	    const struct param_hidings *);
void	 visit_free(struct visit *);	/* wipes */

/* Whether a text is a path of our own: where a redirect may lead. */
int	 visit_is_own_path(const char *);

#endif /* VISIT_H */
