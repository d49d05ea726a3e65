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
 * A value held against a compiled schema.  Room: frontend; pure.  The work is
 * bounded by the value's size: a member's name is looked up among sorted
 * ones, and the check ends when enough is wrong.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_int.h"

#define SCHEMA_SHOWN	8	/* values of an enum that a text names */

/* A step from the root to the value that is looked at. */
struct schema_step {
	const struct schema_step	*up;
	const char			*name;	/* or NULL */
	unsigned int			 index;
};

struct schema_checker {
	struct schema_errors	*errors;
	const struct schema_step *at;
};

static void	schema_value(struct schema_checker *, const struct schema *,
		    const struct json_value *);

static void
schema_pointer(const struct schema_step *at, char *out, size_t size)
{
	const struct schema_step	*steps[SCHEMA_MAX_DEPTH + 2];
	char				 index[16];
	unsigned int			 n = 0;
	size_t				 len = 0;

	out[0] = '\0';
	for (; at != NULL && n < sizeof(steps) / sizeof(steps[0]);
	    at = at->up)
		steps[n++] = at;
	while (n-- > 0 && len < size) {
		/* 16 bytes hold every unsigned int */
		(void)snprintf(index, sizeof(index), "%u", steps[n]->index);
		len = json_pointer_add(out, size, len,
		    steps[n]->name != NULL ? steps[n]->name : index);
	}
}

static int
schema_full(const struct schema_checker *c)
{
	return c->errors->more;
}

static void	schema_wrong(struct schema_checker *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));

static void
schema_wrong(struct schema_checker *c, const char *fmt, ...)
{
	struct schema_error	*e;
	va_list			 ap;
	size_t			 bad;

	if (c->errors->n == SCHEMA_MAX_ERRORS) {
		c->errors->more = 1;
		return;
	}
	e = &c->errors->error[c->errors->n++];
	schema_pointer(c->at, e->pointer, sizeof(e->pointer));
	va_start(ap, fmt);
	/* a longer text is cut */
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (json_utf8_check(e->text, strlen(e->text), &bad) == -1)
		e->text[bad] = '\0';
}

static const struct {
	unsigned int	 type;
	const char	*name;
} schema_kinds[] = {
	{ SCHEMA_BOOL, "true or false" },
	{ SCHEMA_NUMBER, "a number" },
	{ SCHEMA_INTEGER, "an integer" },
	{ SCHEMA_STRING, "a string" },
	{ SCHEMA_ARRAY, "an array" },
	{ SCHEMA_OBJECT, "an object" },
	{ SCHEMA_NULL, "null" },
};

/* "a number, a string or null" */
static void
schema_kind_names(unsigned int types, char *out, size_t size)
{
	const char	*names[8];
	unsigned int	 n = 0, i;

	if (types & SCHEMA_NUMBER)
		types &= ~(unsigned int)SCHEMA_INTEGER;
	for (i = 0; i < sizeof(schema_kinds) / sizeof(schema_kinds[0]); i++)
		if (types & schema_kinds[i].type)
			names[n++] = schema_kinds[i].name;
	out[0] = '\0';
	for (i = 0; i < n; i++) {
		/* the room is larger than all of them together */
		(void)strlcat(out, i == 0 ? "" : i + 1 == n ? " or " : ", ",
		    size);
		(void)strlcat(out, names[i], size);
	}
}

static unsigned int
schema_type_of(const struct json_value *v)
{
	char				whole[SCHEMA_MAX_WHOLE + 1];
	static const unsigned int	types[JSON__MAX] = {
		[JSON_NULL] = SCHEMA_NULL,
		[JSON_BOOL] = SCHEMA_BOOL,
		[JSON_INTEGER] = SCHEMA_INTEGER | SCHEMA_NUMBER,
		[JSON_REAL] = SCHEMA_NUMBER,
		[JSON_STRING] = SCHEMA_STRING,
		[JSON_ARRAY] = SCHEMA_ARRAY,
		[JSON_OBJECT] = SCHEMA_OBJECT,
	};

	if (v->type == JSON_REAL && schema_whole(v->u.text, whole))
		return SCHEMA_INTEGER | SCHEMA_NUMBER;
	return types[v->type];
}

static int
schema_equal(const struct json_value *a, const struct json_value *b)
{
	const struct json_value	*x, *y;

	if ((a->type == JSON_INTEGER || a->type == JSON_REAL) &&
	    (b->type == JSON_INTEGER || b->type == JSON_REAL))
		return schema_same_number(a, b);
	if (a->type != b->type)
		return 0;
	switch (a->type) {
	case JSON_NULL:
		return 1;
	case JSON_BOOL:
		return a->u.truth == b->u.truth;
	case JSON_STRING:
		return a->len == b->len &&
		    memcmp(a->u.text, b->u.text, a->len) == 0;
	default:
		break;
	}
	if (a->count != b->count)
		return 0;
	for (x = json_first(a), y = json_first(b); x != NULL;
	    x = x->next, y = y == NULL ? NULL : y->next) {
		if (a->type == JSON_OBJECT)
			y = json_get(b, x->name);
		if (y == NULL || !schema_equal(x, y))
			return 0;
	}
	return 1;
}

/* 'a', 'b' or 'c', as far as they fit. */
static void
schema_shown(const struct json_value *list, char *out, size_t size)
{
	const struct json_value	*v;
	unsigned int		 n = 0;

	out[0] = '\0';
	for (v = json_first(list); v != NULL; v = v->next) {
		if (v->type != JSON_STRING && v->type != JSON_INTEGER)
			continue;
		if (n++ == SCHEMA_SHOWN ||
		    strlen(out) + v->len + 8 > size) {
			/* 8 bytes are kept for it */
			(void)strlcat(out, ", ...", size);
			return;
		}
		/* measured above */
		(void)strlcat(out, n == 1 ? "" : ", ", size);
		(void)strlcat(out, v->u.text, size);
	}
}

static void
schema_values(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	const struct json_value	*one;
	char			 shown[SCHEMA_MAX_TEXT - 32];

	if (s->one != NULL && !schema_equal(s->one, v))
		schema_wrong(c, "must be the one value that is allowed");
	if (s->values == NULL)
		return;
	for (one = json_first(s->values); one != NULL; one = one->next)
		if (schema_equal(one, v))
			return;
	schema_shown(s->values, shown, sizeof(shown));
	schema_wrong(c, "must be one of: %s", shown);
}

static void
schema_number(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	struct json_value	plain = *v;
	char			room[SCHEMA_MAX_WHOLE + 1];
	int			cmp;

	schema_plain(&plain, room);
	if (s->least.set) {
		cmp = schema_compare(&plain, &s->least);
		if (cmp < 0 || (cmp == 0 && s->least.exclusive))
			schema_wrong(c, "must be %s %s", s->least.exclusive ?
			    "greater than" : "at least", s->least.text);
	}
	if (s->most.set) {
		cmp = schema_compare(&plain, &s->most);
		if (cmp > 0 || (cmp == 0 && s->most.exclusive))
			schema_wrong(c, "must be %s %s", s->most.exclusive ?
			    "less than" : "at most", s->most.text);
	}
}

static int64_t
schema_characters(const struct json_value *v)
{
	int64_t	 n = 0;
	uint32_t i;

	for (i = 0; i < v->len; i++)
		n += ((unsigned char)v->u.text[i] & 0xc0) != 0x80;
	return n;
}

static void
schema_string(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	const char	*what;
	int64_t		 n;

	if (s->min_length > 0 || s->max_length != -1) {
		n = schema_characters(v);
		if (n < s->min_length)
			schema_wrong(c, "must have at least %lld characters",
			    (long long)s->min_length);
		if (s->max_length != -1 && n > s->max_length)
			schema_wrong(c, "must have at most %lld characters, "
			    "not %lld", (long long)s->max_length,
			    (long long)n);
	}
	if ((what = schema_format_check(s->format, v->u.text, v->len)) !=
	    NULL)
		schema_wrong(c, "must be %s", what);
}

static void
schema_array(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	const struct schema_step	*up = c->at;
	struct schema_step		 step = { up, NULL, 0 };
	const struct json_value		*item;

	if (s->min_items != -1 && (int64_t)v->count < s->min_items)
		schema_wrong(c, "must have at least %lld items",
		    (long long)s->min_items);
	if (s->max_items != -1 && (int64_t)v->count > s->max_items)
		schema_wrong(c, "must have at most %lld items, not %u",
		    (long long)s->max_items, v->count);
	if (s->items == NULL)
		return;
	c->at = &step;
	for (item = json_first(v); item != NULL && !schema_full(c);
	    item = item->next) {
		schema_value(c, s->items, item);
		step.index++;
	}
	c->at = up;
}

/* What is required and not there. */
static void
schema_missing(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	const struct schema_step	*up = c->at;
	struct schema_step		 step = { up, NULL, 0 };
	size_t				 i;

	c->at = &step;
	for (i = 0; i < s->nmembers && !schema_full(c); i++)
		if (s->members[i].required &&
		    json_get(v, s->members[i].name) == NULL) {
			step.name = s->members[i].name;
			schema_wrong(c, "is required");
		}
	c->at = up;
}

static void
schema_object(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	const struct schema_step	*up = c->at;
	const struct schema_member	*m;
	struct schema_step		 step = { up, NULL, 0 };
	const struct json_value		*member;
	size_t				 found = 0;

	c->at = &step;
	for (member = json_first(v); member != NULL && !schema_full(c);
	    member = member->next) {
		step.name = member->name;
		if ((m = schema_member_find(s, member->name)) != NULL) {
			found += (size_t)m->required;
			if (m->schema != NULL)
				schema_value(c, m->schema, member);
		} else if (s->closed)
			schema_wrong(c, "is not known here");
		else if (s->rest != NULL)
			schema_value(c, s->rest, member);
	}
	c->at = up;
	if (found < s->nrequired)
		schema_missing(c, s, v);
}

static void
schema_value(struct schema_checker *c, const struct schema *s,
    const struct json_value *v)
{
	unsigned int	type = schema_type_of(v);
	char		names[96];

	if (s->never) {
		schema_wrong(c, "is not allowed");
		return;
	}
	if ((s->types & type) == 0) {
		schema_kind_names(s->types, names, sizeof(names));
		schema_wrong(c, "must be %s, not %s", names,
		    json_type_name(v->type));
		return;
	}
	if (s->values != NULL || s->one != NULL)
		schema_values(c, s, v);
	if (v->type == JSON_INTEGER || v->type == JSON_REAL)
		schema_number(c, s, v);
	else if (v->type == JSON_STRING)
		schema_string(c, s, v);
	else if (v->type == JSON_ARRAY)
		schema_array(c, s, v);
	else if (v->type == JSON_OBJECT)
		schema_object(c, s, v);
}

int
schema_check(const struct schema *s, const struct json_value *v,
    struct schema_errors *errors)
{
	struct schema_checker	c = { errors, NULL };

	errors->n = 0;
	errors->more = 0;
	schema_value(&c, s, v);
	return errors->n == 0 ? 0 : -1;
}

/* Whether a text is a JSON number as a whole (RFC 8259 6). */
static int
schema_is_number(const char *p)
{
	size_t	n;

	p += *p == '-';
	n = strspn(p, "0123456789");
	if (n == 0 || (n > 1 && *p == '0'))
		return 0;
	p += n;
	if (*p == '.') {
		if ((n = strspn(++p, "0123456789")) == 0)
			return 0;
		p += n;
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		if ((n = strspn(p, "0123456789")) == 0)
			return 0;
		p += n;
	}
	return *p == '\0';
}

/* An int8, which may be a string, too, written otherwise than that allows. */
static int
schema_is_whole(const struct schema *s, const char *text)
{
	char	whole[SCHEMA_MAX_WHOLE + 1];

	return s->types & SCHEMA_INTEGER && s->format == FORMAT_INT64 &&
	    strpbrk(text, ".eE") != NULL && schema_is_number(text) &&
	    schema_whole(text, whole);
}

void
schema_put_text(const struct schema *s, struct json_buf *b, const char *text)
{
	size_t	n = strlen(text);

	/* digits go on as they are, to the parser's limits and the check */
	if (s->types == SCHEMA_ANY || n > JSON_MAX_NUMBER)
		json_put_text(b, text);
	else if (s->types & SCHEMA_BOOL && strcmp(text, "true") == 0)
		json_put_bool(b, 1);
	else if (s->types & SCHEMA_BOOL && strcmp(text, "false") == 0)
		json_put_bool(b, 0);
	else if (s->types & SCHEMA_STRING && !schema_is_whole(s, text))
		json_put_text(b, text);
	else if (s->types & (SCHEMA_INTEGER | SCHEMA_NUMBER) &&
	    schema_is_number(text))
		json_put_raw(b, text, n);
	else
		json_put_text(b, text);
}
