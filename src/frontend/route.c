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

/* The segment at *p up to the next slash; *p is then behind it. */
static struct http_text
route_segment(const char **p, const char *end)
{
	struct http_text	 t;
	const char		*slash;

	t.p = *p;
	slash = memchr(*p, '/', (size_t)(end - *p));
	if (slash == NULL)
		slash = end;
	t.len = (size_t)(slash - *p);
	*p = slash < end ? slash + 1 : end + 1;
	return t;
}

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

/*
 * Whether the path fits the pattern.  *score has a bit for each static
 * segment, the first one highest.
 */
static int
route_fits(const char *pattern, const struct http_text *path,
    struct route_match *m, uint32_t *score)
{
	const char	*p = path->p + 1, *end = path->p + path->len;
	const char	*q = pattern + 1, *qend = pattern + strlen(pattern);
	struct http_text have, want;
	uint32_t	 bit = 1U << (ROUTE_MAX_SEGMENTS - 1);

	m->nvars = 0;
	*score = 0;
	for (; p <= end && q <= qend; bit >>= 1) {
		want = route_segment(&q, qend);
		if (want.len > 2 && want.p[0] == '{') {
			if (want.p[want.len - 2] == '*')
				return p < end && route_add_var(m, want.p + 1,
				    want.len - 3, p, (size_t)(end - p)) == 0;
			have = route_segment(&p, end);
			if (have.len == 0 || route_add_var(m, want.p + 1,
			    want.len - 2, have.p, have.len) == -1)
				return 0;
			continue;
		}
		have = route_segment(&p, end);
		if (have.len != want.len ||
		    memcmp(have.p, want.p, want.len) != 0)
			return 0;
		*score |= bit;
	}
	return p > end && q > qend;
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
		if (table[i].method == HTTP_GET)
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

	memset(best, 0, sizeof(*best));
	if (path->len == 0 || path->p[0] != '/')
		return;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (; lists->rows != NULL; lists++)
		route_scan(lists->rows, *lists->n, method, path, best, &top);
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
