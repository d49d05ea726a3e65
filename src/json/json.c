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
 * JSON texts into a tree.  The only file that includes yajl, and of yajl
 * only the callback parser.  Room: frontend, grantctl.  Pure: no I/O, no
 * state between calls; every limit is checked before memory grows.
 */

#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "json.h"
#include "json_utf8.h"

#define JSON_MAX_DEPTH	64
#define JSON_CHUNK_MIN	2048
#define JSON_CHUNK_MAX	65536
#define JSON_SORT_MIN	9	/* from so many names on, sort to compare */

const struct json_limits json_limits_default = {
	.bytes = 8 * 1024 * 1024,
	.depth = 32,
	.values = 131072,
	.keys = 1024,
};

/* Memory of a document: chunks, given back together. */
struct json_chunk {
	struct json_chunk	*next;
	size_t			 used;
	size_t			 size;
	max_align_t		 data[];
};

struct json_doc {
	struct json_chunk	*chunks;
	struct json_value	*root;
};

/* An array or object that is still open. */
struct json_frame {
	struct json_value	*value;
	struct json_value	*last;	/* its last member so far */
	const char		*name;	/* of the member that comes */
};

struct json_parser {
	struct json_doc			*doc;
	const struct json_limits	*limits;
	struct json_error		*error;
	yajl_handle			 yajl;
	unsigned int			 values;
	unsigned int			 depth;
	struct json_frame		 frames[JSON_MAX_DEPTH];
};

static void	*json_alloc(struct json_doc *, size_t);
static void	 json_pointer(const struct json_parser *, char *, size_t);
static int	 json_fail(struct json_parser *, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));

static void *
json_alloc(struct json_doc *doc, size_t n)
{
	struct json_chunk	*c = doc->chunks;
	size_t			 size;
	void			*p;

	n = (n + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (c == NULL || c->size - c->used < n) {
		size = c == NULL ? JSON_CHUNK_MIN : c->size * 2;
		if (size > JSON_CHUNK_MAX)
			size = JSON_CHUNK_MAX;
		if (size < n)
			size = n;
		if ((c = malloc(sizeof(*c) + size)) == NULL)
			return NULL;
		c->next = doc->chunks;
		c->used = 0;
		c->size = size;
		doc->chunks = c;
	}
	p = (char *)c->data + c->used;
	c->used += n;
	return p;
}

size_t
json_pointer_add(char *out, size_t size, size_t at, const char *name)
{
	const char	*add;
	char		 one[5];
	size_t		 n;

	for (add = "/"; *add != '\0'; ) {
		if (strlcpy(one, add, sizeof(one)) >= sizeof(one))
			return size;
		n = strlen(one);
		if (at + n + sizeof("...") > size) {
			/* at + 3 + NUL fits: the line above kept the room */
			(void)strlcpy(out + at, "...", size - at);
			return size;
		}
		memcpy(out + at, one, n + 1);
		at += n;
		if (*name == '\0')
			break;
		if (*name == '~' || *name == '/') {
			add = *name++ == '~' ? "~0" : "~1";
			continue;
		}
		n = json_utf8_len(name, strlen(name));
		if (n == 0)
			n = 1;
		memcpy(one, name, n);
		one[n] = '\0';
		name += n;
		add = one;
	}
	return at;
}

static void
json_pointer(const struct json_parser *p, char *out, size_t size)
{
	const struct json_frame	*f;
	char			 index[16];
	const char		*name;
	size_t			 at = 0;
	unsigned int		 i;

	out[0] = '\0';
	for (i = 0; i < p->depth && at < size; i++) {
		f = &p->frames[i];
		name = f->name;
		if (f->value->type == JSON_ARRAY) {
			/* 16 bytes hold every uint32_t */
			(void)snprintf(index, sizeof(index), "%u",
			    i + 1 < p->depth ? f->value->count - 1 :
			    f->value->count);
			name = index;
		}
		if (name == NULL)
			return;
		at = json_pointer_add(out, size, at, name);
	}
}

/* Always 0, which stops yajl. */
static int
json_fail(struct json_parser *p, const char *fmt, ...)
{
	va_list	ap;

	if (p->error == NULL || p->error->text[0] != '\0')
		return 0;
	va_start(ap, fmt);
	/* a longer text may be cut */
	(void)vsnprintf(p->error->text, sizeof(p->error->text), fmt, ap);
	va_end(ap);
	json_pointer(p, p->error->pointer, sizeof(p->error->pointer));
	return 0;
}

/* A new value in its place; NULL after json_fail(). */
static struct json_value *
json_append(struct json_parser *p, enum json_type type)
{
	struct json_frame	*f;
	struct json_value	*v;

	if (++p->values > p->limits->values) {
		(void)json_fail(p, "more than %u values", p->limits->values);
		return NULL;
	}
	if ((v = json_alloc(p->doc, sizeof(*v))) == NULL) {
		(void)json_fail(p, "out of memory");
		return NULL;
	}
	memset(v, 0, sizeof(*v));
	v->type = type;
	if (p->depth == 0) {
		p->doc->root = v;
		return v;
	}
	f = &p->frames[p->depth - 1];
	v->name = f->name;
	if (f->last == NULL)
		f->value->u.first = v;
	else
		f->last->next = v;
	f->last = v;
	f->value->count++;
	return v;
}

/* After a value that is no open array or object. */
static void
json_placed(struct json_parser *p)
{
	if (p->depth != 0)
		p->frames[p->depth - 1].name = NULL;
}

static char *
json_copy(struct json_parser *p, const void *text, size_t len)
{
	char	*s;

	if ((s = json_alloc(p->doc, len + 1)) == NULL) {
		(void)json_fail(p, "out of memory");
		return NULL;
	}
	memcpy(s, text, len);
	s[len] = '\0';
	return s;
}

static int
json_on_null(void *arg)
{
	struct json_parser	*p = arg;

	if (json_append(p, JSON_NULL) == NULL)
		return 0;
	json_placed(p);
	return 1;
}

static int
json_on_bool(void *arg, int truth)
{
	struct json_parser	*p = arg;
	struct json_value	*v;

	if ((v = json_append(p, JSON_BOOL)) == NULL)
		return 0;
	v->u.truth = truth != 0;
	json_placed(p);
	return 1;
}

static int
json_is_zero(const char *text)
{
	for (; *text != '\0' && *text != 'e' && *text != 'E'; text++)
		if (*text >= '1' && *text <= '9')
			return 0;
	return 1;
}

static int
json_on_number(void *arg, const char *text, size_t len)
{
	struct json_parser	*p = arg;
	struct json_value	*v;
	enum json_type		 type;
	char			 copy[JSON_MAX_NUMBER + 1];
	long long		 integer = 0;
	double			 real;

	if (len > JSON_MAX_NUMBER)
		return json_fail(p, "a number has more than %d characters",
		    JSON_MAX_NUMBER);
	memcpy(copy, text, len);
	copy[len] = '\0';
	errno = 0;
	if (strpbrk(copy, ".eE") == NULL) {
		type = JSON_INTEGER;
		integer = strtoll(copy, NULL, 10);
		if (errno == ERANGE && !p->limits->large)
			return json_fail(p, "the integer %s is beyond 64 bit",
			    copy);
		if (errno == ERANGE)
			type = JSON_REAL;
	} else {
		type = JSON_REAL;
		real = strtod(copy, NULL);
		if (!isfinite(real) || (real == 0 && !json_is_zero(copy)))
			return json_fail(p, "the number %s is out of range",
			    copy);
	}
	if ((v = json_append(p, type)) == NULL)
		return 0;
	v->integer = integer;
	v->len = (uint32_t)len;
	if ((v->u.text = json_copy(p, copy, len)) == NULL)
		return 0;
	json_placed(p);
	return 1;
}

static int
json_on_string(void *arg, const unsigned char *text, size_t len)
{
	struct json_parser	*p = arg;
	struct json_value	*v;

	if ((v = json_append(p, JSON_STRING)) == NULL)
		return 0;
	v->len = (uint32_t)len;
	if ((v->u.text = json_copy(p, text, len)) == NULL)
		return 0;
	json_placed(p);
	return 1;
}

static int
json_on_name(void *arg, const unsigned char *text, size_t len)
{
	struct json_parser	*p = arg;
	struct json_frame	*f = &p->frames[p->depth - 1];

	if (f->value->count >= p->limits->keys)
		return json_fail(p, "an object with more than %u members",
		    p->limits->keys);
	return (f->name = json_copy(p, text, len)) != NULL;
}

static int
json_open(struct json_parser *p, enum json_type type)
{
	struct json_value	*v;

	if (p->depth >= p->limits->depth || p->depth >= JSON_MAX_DEPTH)
		return json_fail(p, "nested deeper than %u levels",
		    p->limits->depth);
	if ((v = json_append(p, type)) == NULL)
		return 0;
	memset(&p->frames[p->depth], 0, sizeof(p->frames[0]));
	p->frames[p->depth++].value = v;
	return 1;
}

static int
json_on_object(void *arg)
{
	return json_open(arg, JSON_OBJECT);
}

static int
json_on_array(void *arg)
{
	return json_open(arg, JSON_ARRAY);
}

static int
json_on_close(void *arg)
{
	struct json_parser	*p = arg;

	p->depth--;
	json_placed(p);
	return 1;
}

static int
json_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A name that two members bear; NULL if there is none. */
static const char *
json_repeated(struct json_parser *p, const struct json_value *object)
{
	const struct json_value	*v, *w;
	const char		**names;
	uint32_t		 i = 0;

	if (object->count < JSON_SORT_MIN) {
		for (v = object->u.first; v != NULL; v = v->next)
			for (w = v->next; w != NULL; w = w->next)
				if (strcmp(v->name, w->name) == 0)
					return v->name;
		return NULL;
	}
	names = json_alloc(p->doc, object->count * sizeof(*names));
	if (names == NULL)
		return object->u.first->name;	/* refused, then */
	for (v = object->u.first; v != NULL; v = v->next)
		names[i++] = v->name;
	qsort(names, object->count, sizeof(*names), json_compare);
	for (i = 1; i < object->count; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return names[i];
	return NULL;
}

static int
json_on_object_close(void *arg)
{
	struct json_parser	*p = arg;
	struct json_frame	*f = &p->frames[p->depth - 1];

	if ((f->name = json_repeated(p, f->value)) != NULL)
		return json_fail(p, "the name is repeated in one object");
	return json_on_close(p);
}

static const yajl_callbacks json_callbacks = {
	.yajl_null = json_on_null,
	.yajl_boolean = json_on_bool,
	.yajl_number = json_on_number,
	.yajl_string = json_on_string,
	.yajl_start_map = json_on_object,
	.yajl_map_key = json_on_name,
	.yajl_end_map = json_on_object_close,
	.yajl_start_array = json_on_array,
	.yajl_end_array = json_on_close,
};

/* yajl's words, in ours where its own are unclear. */
static const struct {
	const char	*yajl;
	const char	*text;
} json_texts[] = {
	{ "premature EOF", "the text ends before it is complete" },
	{ "trailing garbage", "something follows behind the value" },
	{ "unallowed token", "this is not allowed here" },
	{ "invalid char in json", "this is not allowed here" },
	{ "invalid string in json", "this is not allowed here" },
	{ "inside a string, '\\'", "an escape in a string is none of JSON's" },
	{ "invalid character inside", "a control character in a string" },
	{ "(non-hex)", "\\u is not followed by four hexadecimal digits" },
	{ "invalid object key", "a name of an object is not a string" },
	{ "separated by a colon", "a colon is missing behind a name" },
	{ "I expect ',' or '}'", "a comma or } is missing" },
	{ "I expect ',' or ']'", "a comma or ] is missing" },
	{ "malformed number", "a number is malformed" },
	{ "comment", "comments are not allowed" },
};

static void
json_fail_yajl(struct json_parser *p)
{
	unsigned char	*text;
	const char	*why = "not a JSON text";
	size_t		 i;

	if (p->error != NULL && p->error->text[0] == '\0')
		p->error->malformed = 1;
	text = yajl_get_error(p->yajl, 0, NULL, 0);
	for (i = 0; text != NULL &&
	    i < sizeof(json_texts) / sizeof(json_texts[0]); i++)
		if (strstr((char *)text, json_texts[i].yajl) != NULL) {
			why = json_texts[i].text;
			break;
		}
	(void)json_fail(p, "%s", why);
	if (text != NULL)
		yajl_free_error(p->yajl, text);
}

static int
json_run(struct json_parser *p, const char *text, size_t len)
{
	const char	*why = NULL;
	size_t		 start = len;
	int		 bad;

	if (len > p->limits->bytes || len > UINT32_MAX)
		return json_fail(p, "the text has more than %zu bytes",
		    p->limits->bytes) - 1;
	bad = json_scan(text, len, &start, &why) == -1;
	/* up to what is wrong, so that the pointer leads there */
	if (yajl_parse(p->yajl, (const unsigned char *)text,
	    bad ? start : len) != yajl_status_ok ||
	    (!bad && yajl_complete_parse(p->yajl) != yajl_status_ok)) {
		if (p->error != NULL)
			p->error->offset = yajl_get_bytes_consumed(p->yajl);
		/* the end is found by a blank behind it */
		if (p->error != NULL && p->error->offset > len)
			p->error->offset = len;
		json_fail_yajl(p);
		return -1;
	}
	if (bad) {
		if (p->error != NULL)
			p->error->offset = start;
		return json_fail(p, "%s", why) - 1;
	}
	return 0;
}

struct json_doc *
json_parse(const char *text, size_t len, const struct json_limits *limits,
    struct json_error *error)
{
	struct json_parser	 p;
	int			 ret = -1;

	memset(&p, 0, sizeof(p));
	p.limits = limits != NULL ? limits : &json_limits_default;
	p.error = error;
	if (error != NULL)
		memset(error, 0, sizeof(*error));
	if ((p.doc = calloc(1, sizeof(*p.doc))) == NULL ||
	    (p.yajl = yajl_alloc(&json_callbacks, NULL, &p)) == NULL) {
		(void)json_fail(&p, "out of memory");
		goto done;
	}
	ret = json_run(&p, text, len);
 done:
	if (p.yajl != NULL)
		yajl_free(p.yajl);
	if (ret == -1) {
		json_free(p.doc);
		return NULL;
	}
	return p.doc;
}

void
json_free(struct json_doc *doc)
{
	struct json_chunk	*c, *next;

	if (doc == NULL)
		return;
	for (c = doc->chunks; c != NULL; c = next) {
		next = c->next;
		freezero(c, sizeof(*c) + c->size);
	}
	free(doc);
}

const struct json_value *
json_root(const struct json_doc *doc)
{
	return doc->root;
}
