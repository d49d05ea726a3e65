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
 * Declared parameters of an operation, and what a request gives for them.
 * Only the form is checked here; what a value means is the database's
 * matter.  Pure.
 */

#ifndef PARAM_H
#define PARAM_H

#include <sys/types.h>
#include <stdint.h>

#include "json.h"
#include "json_write.h"

enum param_type {
	PARAM_TEXT,		/* max: bytes */
	PARAM_INTEGER,		/* max: greatest; from 0 on */
	PARAM_BOOL,
	PARAM_DURATION,		/* max: seconds; at least 1 s */
	PARAM_TIME,		/* RFC 3339 with a zone */
	PARAM_TEXTS,		/* array of strings; max: bytes of each */
	PARAM_ARRAY,
	PARAM_OBJECT,
	PARAM_ANY,
	/* of the query only */
	PARAM_LIMIT,		/* 1..max */
	PARAM_LIST,		/* repeatable text, an array; max: bytes */
	PARAM_ORDER,		/* repeatable field[dir] */
	PARAM_FILTER,		/* repeatable field[op]value; max: bytes */
	PARAM_IGNORED,		/* repeatable, accepted, not passed on */
	/* of forms only */
	PARAM_CHECK,		/* a box: true if it is there */
	PARAM_NAMED,		/* any whose name begins with this one's */
	/* to the message's own fields, never among the arguments */
	PARAM_PASSWORD,
	PARAM_NEW_PASSWORD,
	PARAM_SECRET,
	PARAM_CSRF,
	PARAM_CLIENT_ID,	/* this one also stays an argument */
	PARAM_CLIENT_SECRET,
	PARAM_ASSERTION,
	PARAM_ASSERTION_TYPE,
	PARAM_RETURN_TO,	/* own path to go on to */
	PARAM_MISPLACED,	/* a secret that belongs into the header */
	PARAM__MAX
};

#define PARAM_REQUIRED	0x01
#define PARAM_READONLY	0x02	/* of a full object: may be sent back */
#define PARAM_ANYONES	0x04	/* a secret; a longer one is not ours */

struct param {
	const char	*name;		/* NULL ends a table */
	enum param_type	 type;
	unsigned int	 flags;
	int64_t		 max;
};

#define PARAM_MAX_ITEMS	1000	/* of PARAM_TEXTS, PARAM_LIST ... */
#define PARAM_MAX_NAME	255

/* What a form gives beside its arguments; NULL if it did not.  Owned. */
enum param_hidden {
	HIDDEN_PASSWORD, HIDDEN_NEW_PASSWORD, HIDDEN_SECRET, HIDDEN_CSRF,
	HIDDEN_CLIENT_ID, HIDDEN_CLIENT_SECRET, HIDDEN_ASSERTION,
	HIDDEN_ASSERTION_TYPE, HIDDEN_RETURN_TO, HIDDEN__MAX
};
struct param_hidings {
	char		*text[HIDDEN__MAX];
};
void	 param_hidings_free(struct param_hidings *);	/* wipes */

#define PASSWORD_MIN	10	/* bytes of a new one */
#define PASSWORD_MAX	72	/* bcrypt reads no more */

/* What was wrong; texts of 400 answers. */
struct param_error {
	const char	*code;
	const char	*location;	/* "body", "query", "path" */
	char		 name[PARAM_MAX_NAME + 1];	/* or JSON pointer */
	char		 message[256];
	const char	*remediation;	/* "" if none */
};

/*
 * Writes the value of "query" from a raw query; 0 or -1.  An empty table
 * takes no parameter.  *any: whether something was written.
 */
int	 param_query(struct json_buf *, const struct param *, const char *,
	    size_t len, int *any, struct param_error *);
/*
 * The same of a form (application/x-www-form-urlencoded): the value of
 * "body".  An empty text counts as absent.  lenient: what is not in the
 * table is ignored (RFC 6749 3.1), otherwise an error.
 */
int	 param_form(struct json_buf *, const struct param *, int lenient,
	    const char *, size_t len, struct param_hidings *,
	    struct param_error *);
/* The query, lenient as above. */
int	 param_query_lenient(struct json_buf *, const struct param *,
	    const char *, size_t len, int *any, struct param_hidings *,
	    struct param_error *);
/*
 * Writes the value of "body" from a parsed object; members that are null
 * count as absent, and so do unknown and ignored ones when lenient.  Of the
 * hidden ones it knows PARAM_SECRET.
 */
int	 param_body(struct json_buf *, const struct param *, int lenient,
	    const struct json_value *, struct param_hidings *,
	    struct param_error *);
/* Whether this is a time of RFC 3339 5.6 with a zone. */
int	 param_is_time(const char *);

/* Fills *e; fmt makes the message.  Always -1. */
int	 param_fail(struct param_error *e, const char *code,
	    const char *location, const char *name, const char *fmt, ...)
	    __attribute__((__format__(printf, 5, 6)));

#endif /* PARAM_H */
