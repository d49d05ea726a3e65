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
 * The query of a request's target.  Room: frontend.  Pure.
 */

#include "config.h"

#include <string.h>

#include "json.h"
#include "query.h"

static int
query_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

ssize_t
query_decode(char *out, const char *p, size_t len, int flags)
{
	const char	*end = p + len;
	char		*o = out;
	int		 high, low;

	for (; p < end; p++, o++) {
		*o = (flags & QUERY_PLUS) && *p == '+' ? ' ' : *p;
		if (*p == '%') {
			if (end - p < 3 || (high = query_hex(p[1])) == -1 ||
			    (low = query_hex(p[2])) == -1)
				return -1;
			*o = (char)(high << 4 | low);
			p += 2;
		}
		if ((unsigned char)*o >= 0x20 ? *o == 0x7f :
		    !(flags & QUERY_LINES) || *o == '\0' ||
		    strchr("\t\r\n", *o) == NULL)
			return -1;
	}
	*o = '\0';
	if (json_utf8_check(out, (size_t)(o - out), NULL) == -1)
		return -1;
	return o - out;
}

int
query_next(const char *query, size_t len, int flags, size_t *pos,
    char *room, const char **name, const char **value)
{
	const char	*p, *end, *eq;
	ssize_t		 n;

	do {
		if (*pos >= len)
			return 0;
		p = query + *pos;
		if ((end = memchr(p, '&', len - *pos)) == NULL)
			end = query + len;
		*pos = (size_t)(end - query) + 1;
	} while (p == end);
	if ((eq = memchr(p, '=', (size_t)(end - p))) == NULL)
		eq = end;
	if ((n = query_decode(room, p, (size_t)(eq - p), flags)) == -1)
		return -1;
	*name = room;
	room += n + 1;
	*value = room;
	room[0] = '\0';
	if (eq < end &&
	    query_decode(room, eq + 1, (size_t)(end - eq - 1), flags) == -1)
		return -1;
	return 1;
}

/* The name of a field up to "[" or the end; where it ends, or NULL. */
static const char *
query_field(const char *text, char field[QUERY_MAX_FIELD + 1])
{
	size_t	n;

	n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_.-");
	if (n == 0 || n > QUERY_MAX_FIELD ||
	    (text[n] != '[' && text[n] != '\0'))
		return NULL;
	memcpy(field, text, n);
	field[n] = '\0';
	return text + n;
}

/* The word of the list in "[word]"; *end is behind it; NULL if it is none. */
static const char *
query_word(const char *text, const char *const *words, const char **end)
{
	size_t	n;

	if (*text++ != '[')
		return NULL;
	for (; *words != NULL; words++) {
		n = strlen(*words);
		if (strncmp(text, *words, n) == 0 && text[n] == ']') {
			*end = text + n + 1;
			return *words;
		}
	}
	return NULL;
}

int
query_filter_parse(const char *text, struct query_filter *f)
{
	static const char *const ops[] = { "eq", "ne", "in", "like", "gt",
	    "gte", "lt", "lte", NULL };
	const char	*p;

	if ((p = query_field(text, f->field)) == NULL ||
	    (f->op = query_word(p, ops, &f->value)) == NULL)
		return -1;
	return 0;
}

int
query_order_parse(const char *text, struct query_order *o)
{
	static const char *const dirs[] = { "asc", "desc", NULL };
	const char	*p, *end;

	if ((p = query_field(text, o->field)) == NULL)
		return -1;
	if (*p == '\0') {
		o->dir = "asc";
		return 0;
	}
	if ((o->dir = query_word(p, dirs, &end)) == NULL || *end != '\0')
		return -1;
	return 0;
}
