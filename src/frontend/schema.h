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
 * Compiled JSON Schema (2020-12), the part of it that the database's
 * generator writes for arguments: enough to refuse a body, with a pointer to
 * each thing that is wrong, before the database sees it.  Pure: no I/O,
 * nothing global, bounded work.
 *
 * Checked: type, enum, const, properties, required, additionalProperties,
 * items, minItems, maxItems, minLength, maxLength (characters), minimum,
 * maximum, exclusiveMinimum, exclusiveMaximum, format (uuid, date, date-time,
 * time, duration, int64, byte), contentEncoding (base64, base16).  Annotations
 * and pattern are left to whom they concern.  There are no references.
 */

#ifndef SCHEMA_H
#define SCHEMA_H

#include "json.h"
#include "json_write.h"

struct schema;

#define SCHEMA_MAX_DEPTH	32	/* of nested schemas */
#define SCHEMA_MAX_NODES	16384	/* schemas in one */
#define SCHEMA_MAX_ERRORS	16	/* told at once */
#define SCHEMA_MAX_TEXT		191
#define SCHEMA_MAX_WHOLE	JSON_MAX_NUMBER	/* characters */

struct schema_error {
	/* RFC 6901; a longer one is cut and ends in "..." */
	char		 pointer[JSON_MAX_POINTER + 1];
	char		 text[SCHEMA_MAX_TEXT + 1];
};

struct schema_errors {
	unsigned int		 n;
	int			 more;	/* there were more than that */
	struct schema_error	 error[SCHEMA_MAX_ERRORS];
};

/* Types that a value may have: a set. */
#define SCHEMA_NULL	0x01
#define SCHEMA_BOOL	0x02
#define SCHEMA_INTEGER	0x04
#define SCHEMA_NUMBER	0x08	/* integers, too */
#define SCHEMA_STRING	0x10
#define SCHEMA_ARRAY	0x20
#define SCHEMA_OBJECT	0x40
#define SCHEMA_ANY	0x7f

/*
 * The schema points into the document of v, which must outlive it; the
 * caller frees it.  NULL with *error filled (may be NULL): a keyword has a
 * value of a wrong kind, it is too large, or there is no memory.
 */
struct schema	*schema_compile(const struct json_value *v,
		    struct schema_error *error);
void		 schema_free(struct schema *);	/* NULL is fine */

/* 0, or -1 and what is wrong, the first things of it. */
int		 schema_check(const struct schema *, const struct json_value *,
		    struct schema_errors *);

/* What is said of a member of an object; NULL: there is no such one. */
const struct schema	*schema_property(const struct schema *,
			    const char *name);
/* What is said of the items of an array; NULL: nothing. */
const struct schema	*schema_items(const struct schema *);
unsigned int		 schema_types(const struct schema *);	/* a set */

/*
 * Writes the value that a text of a query stands for: a number or truth
 * value where the schema wants one and this is one, else the text; the check
 * says later whether it fits.
 */
void		 schema_put_text(const struct schema *, struct json_buf *,
		    const char *text);

/*
 * Writes a value that fits the schema: an integer as PostgreSQL reads it, in
 * plain digits, and everything else as it was written.  NULL: no schema.
 */
void		 schema_put(const struct schema *, struct json_buf *,
		    const struct json_value *);

/*
 * Whether the text of a number is that of an integer (1, 1.0, 10e-1), which
 * goes to out in plain digits; with more than SCHEMA_MAX_WHOLE characters
 * nothing goes there.
 */
int		 schema_whole(const char *text, char out[SCHEMA_MAX_WHOLE + 1]);

#endif /* SCHEMA_H */
