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
 * Cookies of pages (RFC 6265): who signed in, who visits, and what is shown
 * once after a redirect.  Names say __Host- where the issuer is https.
 * Pure, but for the random value of a visitor.
 */

#ifndef COOKIE_H
#define COOKIE_H

#include <sys/types.h>

#include "http_parse.h"

enum cookie_kind {
	COOKIE_SESSION,
	COOKIE_VISITOR,
	COOKIE_ONCE,
	COOKIE_WAITING,		/* the same, of a form that waits */
	COOKIE_REST,		/* of either, when the first one is full */
	COOKIE__MAX
};

#define COOKIE_VALUE	3800	/* characters */
#define COOKIE_HEADER	(COOKIE_VALUE + 160)

/*
 * The value of this cookie, copied; its length, or -1: absent, twice, too
 * long, or not of base64url's and "_" characters.
 */
ssize_t	 cookie_get(const struct http_head *, const char *issuer,
	    enum cookie_kind, char out[COOKIE_VALUE + 1]);
/* The value of Set-Cookie; "" as value removes it.  0, or -1: too long. */
int	 cookie_set(char out[COOKIE_HEADER], const char *issuer,
	    enum cookie_kind, const char *value);
/* A new visitor's value. */
#define COOKIE_DRAWN	43	/* characters */
void	 cookie_draw(char out[COOKIE_DRAWN + 1]);

#endif /* COOKIE_H */
