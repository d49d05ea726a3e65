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
 * A compiled schema, as its files see it: schema.c makes it, schema_check.c
 * reads it, schema_format.c knows the formats, schema_number.c the numbers.
 */

#ifndef SCHEMA_INT_H
#define SCHEMA_INT_H

#include <stdint.h>

#include "schema.h"

/* A limit of a number: as an integer if it is one, and as a real. */
struct schema_bound {
	int		 set;
	int		 exclusive;
	int		 is_integer;
	int64_t		 integer;
	double		 real;
	const char	*text;		/* as it was written */
};

struct schema_member {
	const char	*name;		/* in the document */
	struct schema	*schema;	/* NULL: any value */
	int		 required;
};

enum schema_format {
	FORMAT_NONE,
	FORMAT_UUID,
	FORMAT_DATE,
	FORMAT_DATE_TIME,
	FORMAT_TIME,
	FORMAT_DURATION,
	FORMAT_INT64,
	FORMAT_BYTE,		/* base64 */
	FORMAT_HEX		/* base16, PostgreSQL's \x before it or not */
};

struct schema {
	unsigned int		 types;
	int			 never;		/* the schema false */
	enum schema_format	 format;
	const struct json_value	*values;	/* enum: an array; or NULL */
	const struct json_value	*one;		/* const, or NULL */
	struct schema_bound	 least, most;
	int64_t			 min_items, max_items;	/* -1: none */
	int64_t			 min_length, max_length;
	struct schema		*items;
	struct schema		*rest;		/* additionalProperties */
	int			 closed;	/* and there are none of them */
	struct schema_member	*members;	/* sorted by name */
	size_t			 nmembers;
	size_t			 nrequired;
};

/* NULL if the text is of this format, else what it should be. */
const char	*schema_format_check(enum schema_format, const char *,
		    size_t len);
/* FORMAT_NONE if it is not one that is checked. */
enum schema_format	 schema_format_find(const char *name);
/*
 * A number of JSON that is an integer, however it is written, becomes one in
 * plain digits, as far as they fit; everything else stays.
 */
void		 schema_plain(struct json_value *,
		    char room[SCHEMA_MAX_WHOLE + 1]);
int		 schema_same_number(const struct json_value *,
		    const struct json_value *);
/* -1, 0 or 1 as the value is less, equal or greater than the bound. */
int		 schema_compare(const struct json_value *,
		    const struct schema_bound *);
/* The member of this name; NULL if there is none. */
const struct schema_member	*schema_member_find(const struct schema *,
				    const char *name);

#endif /* SCHEMA_INT_H */
