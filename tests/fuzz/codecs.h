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
 * Every message codec behind one face, for tests that treat them alike: a
 * full sample to encode, and decoding with encoding again.
 */

#ifndef CODECS_H
#define CODECS_H

#include "msg.h"

#define CODEC_FIELDS	12

/* A field of variable length: its text in the sample, its limit. */
struct codec_field {
	const char	*sample;
	size_t		 max;
	int		 binary;	/* may hold a NUL */
};

struct codec {
	const char	*name;
	int		 open_end;	/* more may follow: conf_base */
	/* 0 or -1 */
	int		(*sample)(struct ibuf *);
	/* Decodes; on success encodes into again, if not NULL.  Frees. */
	int		(*decode)(struct ibuf *, struct ibuf *again);
	struct codec_field	 fields[CODEC_FIELDS];
};

extern const struct codec	codecs[];
extern const size_t		ncodecs;

#endif /* CODECS_H */
