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
 * Answers to people: pages from templates, 303 after every form, errors
 * where they can be mended.
 */

#ifndef PAGE_H
#define PAGE_H

#include "request.h"

/*
 * What the broker said to a row of FACE_PAGE: a page for GET, 303 for the
 * others, or back to the form with what was wrong.
 *
 * A template sees {page (the operation's JSON), csrf, notice {word: true},
 * once (what the last form left to be shown), issuer, path, return_to}.
 */
void	 page_answer(struct request *, const struct msg_reply *);

/*
 * A problem that a page mends: to sign-in, to the password, back to the
 * form.  0, or -1: it is to be shown as it is.
 */
int	 page_problem(struct request *, const struct problem *);

/* Sets the cookies that this visit needs; the texts must live on. */
struct page_cookies {
	char	session[COOKIE_HEADER];
	char	visitor[COOKIE_HEADER];
	char	once[COOKIE_HEADER];
	char	rest[COOKIE_HEADER];
};
void	 page_set_cookies(struct request *, struct http_reply *,
	    struct page_cookies *, const char *session, const char *once);

/*
 * Renders a template with what every page has; extra_csp: a source for
 * form-action beside 'self', or NULL.
 */
void	 page_render(struct request *, unsigned int status,
	    const char *template, const struct msg_reply *,
	    const char *form_action);
/* The same with another Content-Security-Policy, or NULL. */
void	 page_render_csp(struct request *, unsigned int status,
	    const char *template, const struct msg_reply *,
	    const char *csp);

#endif /* PAGE_H */
