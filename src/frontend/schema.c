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
 * JSON Schema to a tree that schema_check.c walks.  Room: frontend; pure.
 * What it reads comes from the database, which is why a mistake is an error
 * of the whole entry and not passed over.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_int.h"

struct schema_compiler {
	struct schema_error	*error;
	unsigned int		 nodes;
	unsigned int		 depth;
};

static struct schema	*schema_node(struct schema_compiler *,
			    const struct json_value *);

/* Always -1. */
__attribute__((__format__(printf, 2, 3)))
static int
schema_fail(struct schema_compiler *c, const char *fmt, ...)
{
	va_list	ap;

	if (c->error == NULL || c->error->text[0] != '\0')
		return -1;
	va_start(ap, fmt);
	/* a longer text may be cut */
	(void)vsnprintf(c->error->text, sizeof(c->error->text), fmt, ap);
	va_end(ap);
	return -1;
}

static const struct { const char *name; unsigned int type; } schema_names[] = {
	{ "null", SCHEMA_NULL },
	{ "boolean", SCHEMA_BOOL },
	{ "integer", SCHEMA_INTEGER },
	{ "number", SCHEMA_NUMBER },
	{ "string", SCHEMA_STRING },
	{ "array", SCHEMA_ARRAY },
	{ "object", SCHEMA_OBJECT },
};

static int
schema_type(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	size_t	i;

	if (v->type == JSON_STRING)
		for (i = 0; i < sizeof(schema_names) / sizeof(schema_names[0]);
		    i++)
			if (strcmp(schema_names[i].name, v->u.text) == 0) {
				s->types |= schema_names[i].type;
				return 0;
			}
	return schema_fail(c, "type is none of JSON Schema's");
}

static int
schema_on_type(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	s->types = 0;
	if (v->type != JSON_ARRAY)
		return schema_type(c, s, v);
	for (v = json_first(v); v != NULL; v = v->next)
		if (schema_type(c, s, v) == -1)
			return -1;
	return s->types == 0 ? schema_fail(c, "type is empty") : 0;
}

static int
schema_on_enum(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	if (v->type != JSON_ARRAY || v->count == 0)
		return schema_fail(c, "enum is no list of values");
	s->values = v;
	return 0;
}

static int
schema_on_const(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	(void)c;
	s->one = v;
	return 0;
}

static struct schema_member *
schema_member_add(struct schema_compiler *c, struct schema *s,
    const char *name)
{
	struct schema_member	*m;
	size_t			 i;

	for (i = 0; i < s->nmembers; i++)
		if (strcmp(s->members[i].name, name) == 0)
			return &s->members[i];
	m = reallocarray(s->members, s->nmembers + 1, sizeof(*m));
	if (m == NULL) {
		(void)schema_fail(c, "out of memory");
		return NULL;
	}
	s->members = m;
	m += s->nmembers++;
	memset(m, 0, sizeof(*m));
	m->name = name;
	return m;
}

static int
schema_on_properties(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	struct schema_member	*m;

	if (v->type != JSON_OBJECT)
		return schema_fail(c, "properties is no object");
	for (v = json_first(v); v != NULL; v = v->next) {
		if ((m = schema_member_add(c, s, v->name)) == NULL ||
		    (m->schema = schema_node(c, v)) == NULL)
			return -1;
	}
	return 0;
}

static int
schema_on_required(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	struct schema_member	*m;

	if (v->type != JSON_ARRAY)
		return schema_fail(c, "required is no list");
	for (v = json_first(v); v != NULL; v = v->next) {
		if (v->type != JSON_STRING)
			return schema_fail(c, "required names no members");
		if ((m = schema_member_add(c, s, v->u.text)) == NULL)
			return -1;
		s->nrequired += !m->required;
		m->required = 1;
	}
	return 0;
}

static int
schema_on_rest(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	if (v->type == JSON_BOOL) {
		s->closed = !v->u.truth;
		return 0;
	}
	return (s->rest = schema_node(c, v)) == NULL ? -1 : 0;
}

static int
schema_on_items(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return (s->items = schema_node(c, v)) == NULL ? -1 : 0;
}

static int
schema_count(struct schema_compiler *c, int64_t *out,
    const struct json_value *v)
{
	if (v->type != JSON_INTEGER || v->integer < 0)
		return schema_fail(c, "%s is no count", v->name);
	*out = v->integer;
	return 0;
}

static int
schema_on_min_items(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_count(c, &s->min_items, v);
}

static int
schema_on_max_items(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_count(c, &s->max_items, v);
}

static int
schema_on_min_length(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_count(c, &s->min_length, v);
}

static int
schema_on_max_length(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_count(c, &s->max_length, v);
}

/* Of two bounds on one side the narrower one stays. */
static int
schema_bound(struct schema_compiler *c, struct schema_bound *b,
    const struct json_value *v, int exclusive, int side)
{
	int	cmp;

	if (v->type != JSON_INTEGER && v->type != JSON_REAL)
		return schema_fail(c, "%s is no number", v->name);
	if (b->set) {
		cmp = schema_compare(v, b) * side;
		if (cmp < 0 || (cmp == 0 && !exclusive))
			return 0;
	}
	b->set = 1;
	b->exclusive = exclusive;
	b->is_integer = v->type == JSON_INTEGER;
	b->integer = v->integer;
	b->real = strtod(v->u.text, NULL);
	b->text = v->u.text;
	return 0;
}

static int
schema_on_minimum(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_bound(c, &s->least, v, 0, 1);
}

static int
schema_on_maximum(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_bound(c, &s->most, v, 0, -1);
}

static int
schema_on_above(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_bound(c, &s->least, v, 1, 1);
}

static int
schema_on_below(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	return schema_bound(c, &s->most, v, 1, -1);
}

static int
schema_on_format(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	enum schema_format	f;

	if (v->type != JSON_STRING)
		return schema_fail(c, "%s is no text", v->name);
	if ((f = schema_format_find(v->u.text)) != FORMAT_NONE)
		s->format = f;
	return 0;
}

static const struct schema_keyword {
	const char	*name;
	int		(*take)(struct schema_compiler *, struct schema *,
			    const struct json_value *);
} schema_keywords[] = {
	{ "type", schema_on_type },
	{ "enum", schema_on_enum },
	{ "const", schema_on_const },
	{ "properties", schema_on_properties },
	{ "required", schema_on_required },
	{ "additionalProperties", schema_on_rest },
	{ "items", schema_on_items },
	{ "minItems", schema_on_min_items },
	{ "maxItems", schema_on_max_items },
	{ "minLength", schema_on_min_length },
	{ "maxLength", schema_on_max_length },
	{ "minimum", schema_on_minimum },
	{ "maximum", schema_on_maximum },
	{ "exclusiveMinimum", schema_on_above },
	{ "exclusiveMaximum", schema_on_below },
	{ "format", schema_on_format },
	{ "contentEncoding", schema_on_format },
};

static int
schema_member_cmp(const void *a, const void *b)
{
	const struct schema_member	*x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
schema_object(struct schema_compiler *c, struct schema *s,
    const struct json_value *v)
{
	size_t	i;

	for (v = json_first(v); v != NULL; v = v->next)
		for (i = 0; i < sizeof(schema_keywords) /
		    sizeof(schema_keywords[0]); i++)
			if (strcmp(schema_keywords[i].name, v->name) == 0 &&
			    schema_keywords[i].take(c, s, v) == -1)
				return -1;
	if (s->nmembers > 1)
		qsort(s->members, s->nmembers, sizeof(*s->members),
		    schema_member_cmp);
	return 0;
}

static struct schema *
schema_node(struct schema_compiler *c, const struct json_value *v)
{
	struct schema	*s;
	int		 ret = 0;

	if (c->depth == SCHEMA_MAX_DEPTH || c->nodes == SCHEMA_MAX_NODES) {
		(void)schema_fail(c, "the schema is too large");
		return NULL;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)schema_fail(c, "out of memory");
		return NULL;
	}
	c->nodes++;
	c->depth++;
	s->types = SCHEMA_ANY;
	s->min_items = s->max_items = s->min_length = s->max_length = -1;
	if (v->type == JSON_BOOL)
		s->never = !v->u.truth;
	else if (v->type == JSON_OBJECT)
		ret = schema_object(c, s, v);
	else
		ret = schema_fail(c, "a schema is %s", json_type_name(v->type));
	c->depth--;
	if (ret == 0)
		return s;
	schema_free(s);
	return NULL;
}

struct schema *
schema_compile(const struct json_value *v, struct schema_error *error)
{
	struct schema_compiler	c;

	memset(&c, 0, sizeof(c));
	if (error != NULL)
		memset(error, 0, sizeof(*error));
	c.error = error;
	return schema_node(&c, v);
}

void
schema_free(struct schema *s)
{
	size_t	i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nmembers; i++)
		schema_free(s->members[i].schema);
	free(s->members);
	schema_free(s->items);
	schema_free(s->rest);
	free(s);
}

const struct schema_member *
schema_member_find(const struct schema *s, const char *name)
{
	const struct schema_member	key = { name, NULL, 0 };

	if (s->nmembers == 0)
		return NULL;
	return bsearch(&key, s->members, s->nmembers, sizeof(key),
	    schema_member_cmp);
}

const struct schema *
schema_property(const struct schema *s, const char *name)
{
	static const struct schema		 any = { .types = SCHEMA_ANY,
	    .min_items = -1, .max_items = -1, .min_length = -1,
	    .max_length = -1 };
	const struct schema_member	*m = schema_member_find(s, name);

	if (m != NULL)
		return m->schema == NULL ? &any : m->schema;
	return s->closed ? NULL : s->rest != NULL ? s->rest : &any;
}

const struct schema *
schema_items(const struct schema *s)
{
	return s->items;
}

unsigned int
schema_types(const struct schema *s)
{
	return s->types;
}
