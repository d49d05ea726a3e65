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
 * From a method and a path to a row of the route table.  Room: frontend.
 * Pure: the table is an argument.
 */

#include "config.h"

#include <string.h>

#include "route.h"

static int
route_add_var(struct route_match *m, const char *name, size_t len,
    const char *raw, size_t rawlen)
{
	struct route_var	*v;

	if (m->nvars == ROUTE_MAX_VARS || len > ROUTE_MAX_NAME)
		return -1;
	v = &m->vars[m->nvars++];
	memcpy(v->name, name, len);
	v->name[len] = '\0';
	v->raw.p = raw;
	v->raw.len = rawlen;
	return 0;
}

/* The variable {name} at *q, or the rest that {name*} stands for, at *p. */
static int
route_take_var(struct route_match *m, const char **q, const char **p,
    const char *end)
{
	const char	*name = *q + 1, *from = *p, *close, *slash;

	close = name + strcspn(name, "*}");
	slash = *close == '*' || from == end ? NULL :
	    memchr(from, '/', (size_t)(end - from));
	*p = slash == NULL ? end : slash;
	*q = *close == '*' ? close + 2 : close + 1;
	return *p > from && route_add_var(m, name, (size_t)(close - name),
	    from, (size_t)(*p - from)) == 0;
}

/*
 * Whether the path fits the pattern.  *score has a bit for each static
 * segment, the first one highest.  Most do not fit, which shows at the first
 * characters.
 */
static int
route_fits(const char *q, const struct http_text *path,
    struct route_match *m, uint32_t *score)
{
	const char	*p = path->p, *end = path->p + path->len;
	uint32_t	 bit = 1U << (ROUTE_MAX_SEGMENTS - 1);

	m->nvars = 0;
	*score = 0;
	for (; *q == '/' && p < end && *p == '/'; bit >>= 1) {
		p++;
		if (*++q == '{') {
			if (!route_take_var(m, &q, &p, end))
				return 0;
			continue;
		}
		for (; *q != '/' && *q != '\0'; q++, p++)
			if (p == end || *p != *q)
				return 0;
		*score |= bit;
	}
	return p == end && *q == '\0';
}

/* Looks through one table; *top is the best score so far. */
static void
route_scan(const struct route *table, size_t n, enum http_method method,
    const struct http_text *path, struct route_match *best, uint32_t *top)
{
	struct route_match	 m;
	uint32_t		 score;
	size_t			 i;

	for (i = 0; i < n; i++) {
		if (!route_fits(table[i].pattern, path, &m, &score))
			continue;
		best->allowed |= 1U << table[i].method | 1U << HTTP_OPTIONS;
		if (table[i].method == HTTP_GET &&
		    (table[i].flags & ROUTE_NO_HEAD) == 0)
			best->allowed |= 1U << HTTP_HEAD;
		if (table[i].flags & ROUTE_CORS)
			best->cors = 1;
		if (table[i].method != method ||
		    (best->route != NULL && score <= *top))
			continue;
		*top = score;
		best->route = &table[i];
		best->nvars = m.nvars;
		memcpy(best->vars, m.vars, sizeof(m.vars));
	}
}

void
route_find(const struct route_list *lists, enum http_method method,
    const struct http_text *path, struct route_match *best)
{
	uint32_t	top = 0;
	int		head = method == HTTP_HEAD;

	memset(best, 0, sizeof(*best));
	if (path->len == 0 || path->p[0] != '/')
		return;
	if (head)
		method = HTTP_GET;
	for (; lists->rows != NULL; lists++)
		route_scan(lists->rows, *lists->n, method, path, best, &top);
	if (head && best->route != NULL &&
	    best->route->flags & ROUTE_NO_HEAD)
		best->route = NULL;
}

const struct route *
route_variant(const struct route *first, const char *variant)
{
	const struct route	*r;

	for (r = first; r->variant != NULL && r->method == first->method &&
	    strcmp(r->pattern, first->pattern) == 0; r++)
		if (strcmp(r->variant, variant) == 0)
			return r;
	return NULL;
}

int
route_allow(unsigned int allowed, char *out, size_t size)
{
	enum http_method	m;

	out[0] = '\0';
	for (m = 0; m < HTTP_OTHER; m++) {
		if ((allowed & 1U << m) == 0)
			continue;
		if ((out[0] != '\0' && strlcat(out, ", ", size) >= size) ||
		    strlcat(out, http_method_name(m), size) >= size)
			return -1;
	}
	return 0;
}
