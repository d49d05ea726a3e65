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
 * JSON texts (RFC 8259) into a tree that can be walked, and what a reply of
 * the broker needs before it is shown.  Used by the frontend and grantctl.
 * Pure: bytes and length in, tree out; no I/O, nothing global.
 */

#ifndef JSON_H
#define JSON_H

#include <sys/types.h>
#include <stdint.h>

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INTEGER,		/* fits int64_t */
	JSON_REAL,		/* has a fraction or an exponent; finite; or
				 * is large */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON__MAX
};

struct json_value {
	enum json_type	 type;
	uint32_t	 count;	/* members of an array or object */
	uint32_t	 len;	/* bytes of text */
	const char	*name;	/* member of an object: its name; else NULL */
	union {
		const char	*text;	/* string: decoded, NUL at the end;
					 * number: as it was written */
		struct json_value *first;	/* of an array or object */
		int		 truth;
	} u;
	int64_t		 integer;	/* JSON_INTEGER */
	struct json_value *next;	/* in the same array or object */
};

struct json_limits {
	size_t		 bytes;		/* of the text */
	unsigned int	 depth;		/* nested arrays and objects */
	unsigned int	 values;	/* in all */
	unsigned int	 keys;		/* of one object */
	int		 large;		/* integers beyond 64 bit: reals */
};
extern const struct json_limits json_limits_default;

#define JSON_MAX_NUMBER		64	/* characters of one number */
#define JSON_MAX_POINTER	255
#define JSON_MAX_ERROR		127
struct json_error {
	size_t		 offset;	/* bytes from the start of the text */
	/* RFC 6901; a longer one is cut and ends in "..." */
	char		 pointer[JSON_MAX_POINTER + 1];
	char		 text[JSON_MAX_ERROR + 1];
	int		 malformed;	/* the grammar's word, no limit's */
};

struct json_doc;

/*
 * Parses one whole text.  Refused, with *error filled (may be NULL): what
 * RFC 8259 does not allow, names repeated in one object, UTF-8 that is
 * none, lone surrogates, control characters in strings other than tab,
 * line feed and carriage return (also when escaped), integers beyond 64
 * bit (unless the limits allow them), reals that overflow or vanish, and
 * whatever passes the limits (NULL:
 * the default ones).  The caller frees the document; NULL on error.
 */
struct json_doc	*json_parse(const char *, size_t, const struct json_limits *,
		    struct json_error *error);
void		 json_free(struct json_doc *);	/* wipes; NULL is fine */

/* Everything below lives as long as the document. */
const struct json_value *json_root(const struct json_doc *);
/* Member of an object; NULL if there is none, or v is no object or NULL. */
const struct json_value *json_get(const struct json_value *v, const char *name);
/* By JSON pointer (RFC 6901), e.g. "/result/token/access"; NULL if none. */
const struct json_value *json_find(const struct json_value *v,
		    const char *pointer);
/* First member of an array or object; NULL if empty or neither. */
const struct json_value *json_first(const struct json_value *v);
/* Text of a string member; NULL if absent or no string. */
const char	*json_get_text(const struct json_value *v, const char *name);
/* 0 and *out, or -1 if absent or no integer. */
int		 json_get_integer(const struct json_value *v, const char *name,
		    int64_t *out);
/*
 * One step of a JSON pointer (RFC 6901 3) onto out, whose length is at; one
 * that does not fit is cut and ends in "...".  The new length, or size when
 * it is full.
 */
size_t		 json_pointer_add(char *out, size_t size, size_t at,
		    const char *name);
/* "a string", "an array", ...: for messages. */
const char	*json_type_name(enum json_type);

/*
 * Puts secrets in place of the strings "\u00010" (secrets[0]), "\u00011" ...
 * of a JSON text; only where such a string is a whole one.  The result is
 * malloc'ed with a NUL behind *outlen bytes, the caller wipes and frees it;
 * NULL when a number has no secret, or out of memory.
 */
char		*json_put_secrets(const char *body, size_t len,
		    char *const *secrets, unsigned int nsecrets,
		    size_t *outlen);

/*
 * 0 if these bytes are UTF-8 (RFC 3629: shortest forms, no surrogates),
 * else -1 and *bad, if not NULL, is where it stops.
 */
int		 json_utf8_check(const char *, size_t, size_t *bad);

#endif /* JSON_H */
