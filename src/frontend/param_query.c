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

#include "code.h"
#include "param.h"
#include "query.h"

/* The pairs of a query or a form, decoded. */
struct param_pairs {
	const char	*location;	/* of errors: "query" or "body" */
	int		 flags;		/* QUERY_* */
	int		 form;		/* an empty value is none */
	int		 lenient;	/* unknown names are skipped */
	struct param_hidings *hidings;	/* NULL: none are expected */
	char		*room;
	size_t		 size;
	unsigned int	 n;
	struct {
		const struct param	*param;
		const char		*name;
		const char		*value;
	} pair[QUERY_MAX_PAIRS];
};

/* Where types that are no arguments go; + 1, so that 0 means nowhere. */
static const int param_hidden[PARAM__MAX] = {
	[PARAM_PASSWORD] = HIDDEN_PASSWORD + 1,
	[PARAM_NEW_PASSWORD] = HIDDEN_NEW_PASSWORD + 1,
	[PARAM_SECRET] = HIDDEN_SECRET + 1,
	[PARAM_CSRF] = HIDDEN_CSRF + 1,
	[PARAM_CLIENT_ID] = HIDDEN_CLIENT_ID + 1,
	[PARAM_CLIENT_SECRET] = HIDDEN_CLIENT_SECRET + 1,
	[PARAM_ASSERTION] = HIDDEN_ASSERTION + 1,
	[PARAM_ASSERTION_TYPE] = HIDDEN_ASSERTION_TYPE + 1,
	[PARAM_RETURN_TO] = HIDDEN_RETURN_TO + 1,
};

/* Stands for a secret that is too long to be one of ours. */
#define PARAM_STRANGE	"-"

/* Every form of a page may have these. */
static const struct param param_common[] = {
	{ "csrf", PARAM_CSRF, 0, 63 },
	{ NULL, PARAM_ANY, 0, 0 }
};

void
param_hidings_free(struct param_hidings *h)
{
	size_t	i;

	for (i = 0; i < HIDDEN__MAX; i++)
		if (h->text[i] != NULL)
			freezero(h->text[i], strlen(h->text[i]));
	memset(h, 0, sizeof(*h));
}

static const struct param *
param_row(const struct param *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (table->type == PARAM_NAMED ? strncmp(table->name, name,
		    strlen(table->name)) == 0 :
		    strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

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

	p = param_row(table, name);
	if (p == NULL && q->form)
		p = param_row(param_common, name);
	if (p == NULL && q->lenient)
		return 0;
	if (p == NULL)
		return param_fail(e, "unknown_parameter", q->location, name,
		    "There is no such parameter here");
	if (q->n == QUERY_MAX_PAIRS)
		return param_fail(e, "invalid_parameter", q->location, name,
		    "More than %d parameters", QUERY_MAX_PAIRS);
	for (i = 0; i < q->n && !param_repeatable(p->type); i++)
		if (strcmp(q->pair[i].name, name) == 0)
			return param_fail(e, "invalid_parameter", q->location,
			    name, "%s stands twice", name);
	if (q->form && value[0] == '\0' && p->type != PARAM_CHECK)
		return 0;
	q->pair[q->n].param = p;
	q->pair[q->n].name = name;
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

	while ((n = query_next(query, len, q->flags, &pos, q->room + at,
	    &name, &value)) == 1) {
		at = (size_t)(value - q->room) + strlen(value) + 1;
		if (param_pair(q, table, name, value, e) == -1)
			return -1;
	}
	if (n == -1)
		return param_fail(e, "invalid_parameter", q->location, "",
		    "The %s is not percent-encoded UTF-8", q->location);
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
	if (p->type == PARAM_MISPLACED)
		return param_fail(e, "invalid_parameter", "body", p->name,
		    "%s belongs into the Authorization header, and nowhere "
		    "else", p->name);
	if (p->type != PARAM_LIMIT && p->type != PARAM_INTEGER &&
	    p->type != PARAM_BOOL && p->type != PARAM_CHECK &&
	    strlen(value) > (size_t)p->max)
		return param_fail(e, "invalid_parameter", "query", p->name,
		    "%s has more than %lld bytes", p->name, (long long)p->max);
	switch (p->type) {
	case PARAM_LIMIT:
	case PARAM_INTEGER:
		return param_put_number(b, p, value, e);
	case PARAM_BOOL:
		return param_put_bool(b, p, value, e);
	case PARAM_CHECK:
		json_put_bool(b, 1);
		return 0;
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

/* A new password: what the hasher would refuse, and what is too short. */
static int
param_check_password(const struct param *p, const char *value,
    struct param_error *e)
{
	size_t	n = strlen(value);

	if (p->type != PARAM_NEW_PASSWORD ||
	    (n >= PASSWORD_MIN && n <= PASSWORD_MAX))
		return 0;
	return param_fail(e, "invalid_parameter", "body", p->name,
	    "A password has %d to %d bytes", PASSWORD_MIN, PASSWORD_MAX);
}

/* Values that are not to be arguments; 0 or -1. */
static int
param_hide(const struct param *p, struct param_pairs *q,
    struct param_error *e)
{
	const char	*value;
	char		**text;
	unsigned int	 i;
	int		 longer;

	if (param_hidden[p->type] == 0 || q->hidings == NULL)
		return 0;
	text = &q->hidings->text[param_hidden[p->type] - 1];
	for (i = 0; i < q->n; i++) {
		if (q->pair[i].param != p)
			continue;
		value = q->pair[i].value;
		longer = p->max > 0 && strlen(value) > (size_t)p->max;
		if (longer && (p->flags & PARAM_ANYONES))
			value = PARAM_STRANGE;
		else if (longer)
			return param_fail(e, "invalid_parameter", q->location,
			    p->name, "%s has more than %lld bytes", p->name,
			    (long long)p->max);
		if (param_check_password(p, value, e) == -1)
			return -1;
		if (*text == NULL && (*text = strdup(value)) == NULL)
			return param_fail(e, CODE_BUSY, q->location, "",
			    "Out of memory");
	}
	return 0;
}

static int
param_required(const struct param *table, const struct param_pairs *q,
    struct param_error *e)
{
	const struct param	*p;
	unsigned int		 i;

	for (p = table; p->name != NULL; p++) {
		if ((p->flags & PARAM_REQUIRED) == 0)
			continue;
		for (i = 0; i < q->n && q->pair[i].param != p; i++)
			;
		if (i == q->n)
			return param_fail(e, "missing_parameter", q->location,
			    p->name, "%s is required", p->name);
	}
	return 0;
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
		if (p->type == PARAM_NAMED || !seen++) {
			json_name(b, q->pair[i].name);
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

/* All of it; hidden ones go where they belong. */
static int
param_all(struct json_buf *b, const struct param *table,
    struct param_pairs *q, struct param_error *e)
{
	const struct param	*p;

	for (p = table; p->name != NULL; p++) {
		if (param_hide(p, q, e) == -1)
			return -1;
		if (p->type == PARAM_IGNORED || (param_hidden[p->type] != 0 &&
		    p->type != PARAM_CLIENT_ID))
			continue;
		if (param_put_all(b, p, q, e) == -1)
			return -1;
	}
	return 0;
}

static int
param_run(struct json_buf *b, const struct param *table,
    struct param_pairs *q, const char *text, size_t len, int *any,
    struct param_error *e)
{
	int	ret = -1;

	*any = 0;
	q->n = 0;
	/* decoded text is never longer; a NUL behind each name and value */
	q->size = 2 * len + 2;
	if ((q->room = malloc(q->size)) == NULL)
		return param_fail(e, CODE_BUSY, q->location, "",
		    "Out of memory");
	if (param_pairs(q, table, text, len, e) == -1 ||
	    (q->form && (param_required(table, q, e) == -1 ||
	    param_hide(&param_common[0], q, e) == -1)))
		goto done;
	if (q->n > 0 || q->form) {
		*any = 1;
		json_object_open(b);
		if (param_all(b, table, q, e) == -1)
			goto done;
		json_object_close(b);
	}
	ret = 0;
 done:
	if (ret == -1)
		e->location = q->location;
	freezero(q->room, q->size);
	return ret;
}

int
param_query(struct json_buf *b, const struct param *table, const char *query,
    size_t len, int *any, struct param_error *e)
{
	struct param_pairs	 q = { .location = "query",
	    .flags = QUERY_PLUS };

	return param_run(b, table, &q, query, len, any, e);
}

int
param_query_lenient(struct json_buf *b, const struct param *table,
    const char *query, size_t len, int *any, struct param_hidings *hidings,
    struct param_error *e)
{
	struct param_pairs	 q = { .location = "query",
	    .flags = QUERY_PLUS, .lenient = 1, .hidings = hidings };

	return param_run(b, table, &q, query, len, any, e);
}

int
param_form(struct json_buf *b, const struct param *table, int lenient,
    const char *form, size_t len, struct param_hidings *hidings,
    struct param_error *e)
{
	struct param_pairs	 q = { .location = "body",
	    .flags = QUERY_PLUS | QUERY_LINES, .form = 1, .lenient = lenient,
	    .hidings = hidings };
	int			 any;

	return param_run(b, table, &q, form, len, &any, e);
}
