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
 * Between the files of page: where a page stands, what a template sees, and
 * what travels to the next page.
 */

#ifndef PAGE_INT_H
#define PAGE_INT_H

#include "json.h"
#include "json_write.h"
#include "page.h"

#define PAGE_MAX_LOCATION	16384

/* Whether a location, up to its query, is the path of this request. */
int	 page_is_here(const struct request *, const char *location);

/*
 * Values of the once cookie, to be freezero'ed; NULL: too long, or nothing
 * to carry.  Of a reply with secrets: shown on the page of that location.
 */
char	*page_once_reply(const struct json_value *reply, const char *location);
/*
 * Of a form: what was wrong (either may be NULL) and what was typed, for the
 * page at that location.
 */
char	*page_once_error(const struct request *, const struct json_value *,
	    const struct problem *, const struct json_value *typed,
	    const char *location);
/* What was typed into a form that has to wait for another one. */
char	*page_once_wait(const struct json_value *typed, const char *location);
/* What still waits when this page was shown; NULL if nothing does. */
char	*page_once_rest(const struct request *);
/* The member "once" of a template's data. */
void	 page_once_show(struct json_buf *, const struct request *);

/* The data of a template (page_data.c). */
void	 page_data(struct json_buf *, const struct request *,
	    const char *template, const struct msg_reply *,
	    const struct json_value *arguments);

#endif /* PAGE_INT_H */
