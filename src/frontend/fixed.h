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
 * What the frontend answers by itself.
 */

#ifndef FIXED_H
#define FIXED_H

#include <sys/types.h>

struct request;

void	 fixed_home(struct request *);		/* GET / */
/* GET /static/{version}/ and style.css, page.js, icon.svg */
void	 fixed_style(struct request *);
void	 fixed_script(struct request *);
void	 fixed_icon(struct request *);
void	 fixed_jwks(struct request *);		/* GET /oauth/jwks */
void	 fixed_version(struct request *);	/* GET /v1/version */

/*
 * A text that may be kept as control (of Cache-Control) says; 304 if the
 * client has it.  The tag changes with the text (FNV-1a); nobody gains by
 * two alike.
 */
#define FIXED_TAG	32
void	 fixed_tag(char out[FIXED_TAG], const char *text, size_t len);
void	 fixed_cached(struct request *, const char *control, const char *type,
	    const char *text, size_t len, const char *tag);

/* IMSG_FRONTEND_JWKS: the text is copied. */
void	 fixed_set_jwks(const char *, size_t len);

#endif /* FIXED_H */
