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
 * Secrets that are made here: client secrets, codes, cookies, links.
 * Random, with a prefix that scanners know.  And those that a caller showed
 * and gets back.  Room: broker.  The hash goes to the database, the text
 * beside the reply, and both are wiped.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "codec.h"

#define FRESH_BYTES	32	/* 256 bit: a fast hash is enough */

const struct fresh *
fresh_draw(struct request *r, const char *prefix)
{
	struct fresh	*f;
	uint8_t		 random[FRESH_BYTES];
	char		 text[B64URL_LEN(FRESH_BYTES) + 1];
	int		 error;

	if (r->nfresh == FRESH_MAX)
		return NULL;
	f = &r->fresh[r->nfresh];
	arc4random_buf(random, sizeof(random));
	b64url_encode(text, random, sizeof(random));
	explicit_bzero(random, sizeof(random));
	error = strlcpy(f->text, prefix, sizeof(f->text)) >= sizeof(f->text) ||
	    strlcat(f->text, text, sizeof(f->text)) >= sizeof(f->text) ||
	    gate_hash(f->hash, f->text, strlen(f->text)) == -1;
	explicit_bzero(text, sizeof(text));
	if (error)
		return NULL;
	r->nfresh++;
	return f;
}

const struct fresh *
fresh_shown(struct request *r)
{
	const uint8_t	*hash = gate_credential(r);
	struct fresh	*f;

	if (hash == NULL || r->nfresh == FRESH_MAX)
		return NULL;
	f = &r->fresh[r->nfresh];
	if (strlcpy(f->text, r->m.credential, sizeof(f->text)) >=
	    sizeof(f->text)) {
		explicit_bzero(f->text, sizeof(f->text));
		return NULL;
	}
	memcpy(f->hash, hash, sizeof(f->hash));
	r->nfresh++;
	return f;
}

/* Puts what was drawn beside the reply; the texts stay the request's. */
void
fresh_reply(struct request *r, struct msg_reply *reply)
{
	static char none[] = "";
	unsigned i;

	if (r->nfresh == 0)
		return;
	while (reply->nsecrets < SECRET_FRESH)
		reply->secrets[reply->nsecrets++] = none;
	for (i = 0; i < r->nfresh; i++)
		reply->secrets[reply->nsecrets++] = r->fresh[i].text;
}
