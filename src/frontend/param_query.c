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
 * What a query gives for the declared parameters.  Room: frontend.  Pure.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "param.h"
#include "query.h"

/* The pairs of a query, decoded. */
struct param_pairs {
	char		*room;
	size_t		 size;
	unsigned int	 n;
	struct {
		const struct param	*param;
		const char		*value;
	} pair[QUERY_MAX_PAIRS];
};

static int
param_repeatable(enum param_type type)
{
	return type == PARAM_LIST || type == PARAM_ORDER ||
	    type == PARAM_FILTER || type == PARAM_IGNORED;
}

static int
param_pair(struct param_pairs *q, const struct param *table, const char *name,
    const char *value, struct param_error *e)
{
	const struct param	*p;
	unsigned int		 i;

	for (p = table; p->name != NULL && strcmp(p->name, name) != 0; p++)
		;
	if (p->name == NULL)
		return param_fail(e, "unknown_parameter", "query", name,
		    "There is no such parameter here");
	if (q->n == QUERY_MAX_PAIRS)
		return param_fail(e, "invalid_parameter", "query", name,
		    "More than %d parameters", QUERY_MAX_PAIRS);
	for (i = 0; i < q->n && !param_repeatable(p->type); i++)
		if (q->pair[i].param == p)
			return param_fail(e, "invalid_parameter", "query",
			    name, "%s stands twice", p->name);
	q->pair[q->n].param = p;
	q->pair[q->n++].value = value;
	return 0;
}

static int
param_pairs(struct param_pairs *q, const struct param *table,
    const char *query, size_t len, struct param_error *e)
{
	const char	*name, *value;
	size_t		 pos = 0, at = 0;
	int		 n;

	while ((n = query_next(query, len, &pos, q->room + at, &name,
	    &value)) == 1) {
		at = (size_t)(value - q->room) + strlen(value) + 1;
		if (param_pair(q, table, name, value, e) == -1)
			return -1;
	}
	if (n == -1)
		return param_fail(e, "invalid_parameter", "query", "",
		    "The query is not percent-encoded UTF-8");
	return 0;
}

static int
param_put_number(struct json_buf *b, const struct param *p, const char *value,
    struct param_error *e)
{
	const char	*errstr;
	long long	 n, min = p->type == PARAM_LIMIT;

	n = strtonum(value, min, p->max, &errstr);
	if (errstr != NULL || strspn(value, "0123456789") != strlen(value))
		return param_fail(e, "invalid_parameter", "query", p->name,
		    "%s must be a number from %lld to %lld", p->name, min,
		    (long long)p->max);
	json_put_integer(b, n);
	return 0;
}

static int
param_put_bool(struct json_buf *b, const struct param *p, const char *value,
    struct param_error *e)
{
	if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return param_fail(e, "invalid_parameter", "query", p->name,
		    "%s must be true or false", p->name);
	json_put_bool(b, value[0] == 't');
	return 0;
}

static int
param_put_filter(struct json_buf *b, const struct param *p, const char *value,
    struct param_error *e)
{
	struct query_filter	f;

	if (query_filter_parse(value, &f) == -1) {
		(void)param_fail(e, "invalid_parameter", "query", p->name,
		    "%s must be field[operator]value", p->name);
		e->remediation = "The operators are eq, ne, in, like, gt, gte, "
		    "lt and lte.";
		return -1;
	}
	json_object_open(b);
	json_member_text(b, "field", f.field);
	json_member_text(b, "op", f.op);
	json_member_text(b, "value", f.value);
	json_object_close(b);
	return 0;
}

static int
param_put_order(struct json_buf *b, const struct param *p, const char *value,
    struct param_error *e)
{
	struct query_order	o;

	if (query_order_parse(value, &o) == -1)
		return param_fail(e, "invalid_parameter", "query", p->name,
		    "%s must be field, field[asc] or field[desc]", p->name);
	json_object_open(b);
	json_member_text(b, "field", o.field);
	json_member_text(b, "dir", o.dir);
	json_object_close(b);
	return 0;
}

static int
param_put(struct json_buf *b, const struct param *p, const char *value,
    struct param_error *e)
{
	if (p->type != PARAM_LIMIT && p->type != PARAM_INTEGER &&
	    p->type != PARAM_BOOL && strlen(value) > (size_t)p->max)
		return param_fail(e, "invalid_parameter", "query", p->name,
		    "%s has more than %lld bytes", p->name, (long long)p->max);
	switch (p->type) {
	case PARAM_LIMIT:
	case PARAM_INTEGER:
		return param_put_number(b, p, value, e);
	case PARAM_BOOL:
		return param_put_bool(b, p, value, e);
	case PARAM_FILTER:
		return param_put_filter(b, p, value, e);
	case PARAM_ORDER:
		return param_put_order(b, p, value, e);
	case PARAM_TIME:
		if (!param_is_time(value))
			return param_fail(e, "invalid_parameter", "query",
			    p->name, "%s must be a time with a zone", p->name);
		/* FALLTHROUGH */
	default:
		json_put_text(b, value);
		return 0;
	}
}

/* All values of one parameter. */
static int
param_put_all(struct json_buf *b, const struct param *p,
    const struct param_pairs *q, struct param_error *e)
{
	unsigned int	i;
	int		many = param_repeatable(p->type), seen = 0;

	for (i = 0; i < q->n; i++) {
		if (q->pair[i].param != p)
			continue;
		if (!seen++) {
			json_name(b, p->name);
			if (many)
				json_array_open(b);
		}
		if (param_put(b, p, q->pair[i].value, e) == -1)
			return -1;
	}
	if (seen && many)
		json_array_close(b);
	return 0;
}

int
param_query(struct json_buf *b, const struct param *table, const char *query,
    size_t len, int *any, struct param_error *e)
{
	struct param_pairs	 q;
	const struct param	*p;
	int			 ret = -1;

	*any = 0;
	q.n = 0;
	/* decoded text is never longer; a NUL behind each name and value */
	q.size = 2 * len + 2;
	if ((q.room = malloc(q.size)) == NULL)
		return param_fail(e, "out_of_memory", "query", "",
		    "Out of memory");
	if (param_pairs(&q, table, query, len, e) == -1)
		goto done;
	if (q.n > 0) {
		*any = 1;
		json_object_open(b);
		for (p = table; p->name != NULL; p++)
			if (p->type != PARAM_IGNORED &&
			    param_put_all(b, p, &q, e) == -1)
				goto done;
		json_object_close(b);
	}
	ret = 0;
 done:
	free(q.room);
	return ret;
}
