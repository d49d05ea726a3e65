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
 * What a client shows in Authorization (RFC 6750 2.1), and what can be
 * guessed of it without asking anybody.  Pure; decides no right.
 */

#ifndef CREDENTIAL_H
#define CREDENTIAL_H

#include <sys/types.h>
#include <stdint.h>

#include "http_parse.h"
#include "msg_broker.h"

struct credential {
	uint8_t		 kind;		/* enum credential_kind */
	struct http_text text;		/* inside the field */
	uint64_t	 hint_expiry;	/* s since 1970; 0 if unknown */
	uint8_t		 hint_family[UUID_LEN];
};

enum credential_result {
	CREDENTIAL_OK,		/* may be one: the broker knows */
	CREDENTIAL_MISSING,
	CREDENTIAL_SCHEME,	/* not Bearer */
	CREDENTIAL_GARBAGE	/* cannot be one of ours at all */
};

/* Fills in what the text of a token or refresh secret tells of itself. */
void	 credential_hint(struct credential *, const char *text, size_t len);

/* authorization: the field's value, or NULL. */
enum credential_result	 credential_parse(struct credential *,
			    const struct http_text *authorization);

#endif /* CREDENTIAL_H */
