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
 * The catalogue of what the application published.  Room: frontend.  Parsing
 * is pure; the present catalogue is the only thing that is kept.
 */

#include "config.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "catalogue_pieces.h"
#include "log.h"

/* Of one entry, and of what stands beside all of them. */
static const struct json_limits catalogue_limits = {
	.bytes = CATALOGUE_MAX_BYTES,
	.depth = 60,
	.values = 200000,
	.keys = 4096,
	.large = 1,
};

struct catalogue_whole {
	struct catalogue		 c;	/* first: what others see */
	unsigned int			 refs;
	struct json_doc			*doc;
	struct json_doc			**docs;		/* of the entries */
	struct schema			**schemas;	/* of the entries */
	struct catalogue_text		(*made)[MADE__MAX];
	const struct catalogue_entry	**tools;	/* sorted by tool */
	size_t				 ntools;
};

struct catalogue_reader {
	struct catalogue_whole	*w;
	char			*text;
	struct catalogue_pieces	 pieces;
};

static struct {
	struct catalogue	*now;
	void			(*hooks[CATALOGUE_MAX_HOOKS])(void);
	unsigned int		 nhooks;
} catalogue;

static const char *const catalogue_kinds[] = {
	[CATALOGUE_PROCEDURE] = "procedure",
	[CATALOGUE_RESOURCE] = "resource",
	[CATALOGUE_PROMPT] = "prompt",
};

static const char *const catalogue_shapes[] = {
	[SHAPE_OBJECT] = "object",
	[SHAPE_SCALAR] = "scalar",
	[SHAPE_LIST] = "list",
	[SHAPE_CONTENT] = "content",
	[SHAPE_VOID] = "void",
	[SHAPE_MESSAGES] = "messages",
	[SHAPE_RESOURCE] = "resource",
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define TEXT(m)		{ #m, offsetof(struct catalogue_entry, m) }

/* Members of an entry that are texts. */
static const struct { const char *name; size_t at; } catalogue_texts[] = {
	TEXT(name), TEXT(group), TEXT(procedure), TEXT(tool), TEXT(path),
	TEXT(title), TEXT(description), TEXT(uri), TEXT(mime),
};

static const struct { const char *name; size_t at; } catalogue_flags[] = {
	TEXT(read_only), TEXT(destructive), TEXT(idempotent),
	TEXT(open_world), TEXT(get), TEXT(http), TEXT(mcp), TEXT(hidden),
	TEXT(deprecated), TEXT(paged), TEXT(template),
};

static const struct {
	const char	*name;
	size_t		 at;
	enum json_type	 type;		/* JSON__MAX: any */
} catalogue_values[] = {
	{ "kinds", offsetof(struct catalogue_entry, kinds), JSON_ARRAY },
	{ "arguments", offsetof(struct catalogue_entry, arguments),
	    JSON_OBJECT },
	{ "result", offsetof(struct catalogue_entry, result), JSON__MAX },
	{ "examples", offsetof(struct catalogue_entry, examples),
	    JSON_ARRAY },
	{ "complete", offsetof(struct catalogue_entry, complete),
	    JSON_OBJECT },
};

/* Always -1. */
static int
catalogue_fail(struct schema_error *error, const char *name, const char *text)
{
	if (error == NULL)
		return -1;
	/* cut where they do not fit */
	(void)strlcpy(error->pointer, name, sizeof(error->pointer));
	(void)strlcpy(error->text, text, sizeof(error->text));
	return -1;
}

static int
catalogue_word(const char *const *words, size_t n, const char *text)
{
	size_t	i;

	for (i = 0; text != NULL && i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	return -1;
}

static void *
catalogue_at(struct catalogue_entry *e, size_t at)
{
	return (char *)e + at;
}

static const char *
catalogue_text(const struct json_value *v, const char *name)
{
	const char	*text = json_get_text(v, name);

	return text == NULL ? "" : text;
}

static int
catalogue_true(const struct json_value *v, const char *name)
{
	const struct json_value	*member = json_get(v, name);

	return member != NULL && member->type == JSON_BOOL &&
	    member->u.truth;
}

static int
catalogue_entry_values(struct catalogue_entry *e, const struct json_value *v,
    struct schema_error *error)
{
	const struct json_value	*member;
	size_t			 i;

	for (i = 0; i < COUNT(catalogue_values); i++) {
		member = json_get(v, catalogue_values[i].name);
		if (member == NULL || member->type == JSON_NULL)
			continue;
		if (catalogue_values[i].type != JSON__MAX &&
		    member->type != catalogue_values[i].type)
			return catalogue_fail(error,
			    catalogue_values[i].name,
			    "a member is of the wrong type");
		*(const struct json_value **)catalogue_at(e,
		    catalogue_values[i].at) = member;
	}
	return 0;
}

static int
catalogue_entry_read(struct catalogue_entry *e, const struct json_value *v,
    struct schema_error *error)
{
	int	kind, shape;
	size_t	i;

	if (v->type != JSON_OBJECT)
		return catalogue_fail(error, "", "an entry is no object");
	for (i = 0; i < COUNT(catalogue_texts); i++)
		*(const char **)catalogue_at(e, catalogue_texts[i].at) =
		    catalogue_text(v, catalogue_texts[i].name);
	for (i = 0; i < COUNT(catalogue_flags); i++)
		*(int *)catalogue_at(e, catalogue_flags[i].at) =
		    catalogue_true(v, catalogue_flags[i].name);
	e->scope = json_get_text(v, "scope");
	e->confirm = json_get_text(v, "confirm");
	kind = catalogue_word(catalogue_kinds, COUNT(catalogue_kinds),
	    json_get_text(v, "kind"));
	shape = catalogue_word(catalogue_shapes, COUNT(catalogue_shapes),
	    json_get_text(v, "shape"));
	if (e->name[0] == '\0' || kind == -1 || shape == -1)
		return catalogue_fail(error, "",
		    "name, kind or shape is missing");
	e->kind = (enum catalogue_kind)kind;
	e->shape = (enum catalogue_shape)shape;
	if (json_get_integer(v, "timeout_ms", &e->timeout_ms) == -1)
		e->timeout_ms = 0;
	if (json_get_integer(v, "max_rows", &e->max_rows) == -1)
		e->max_rows = 0;
	return catalogue_entry_values(e, v, error);
}

static int
catalogue_entry_cmp(const void *a, const void *b)
{
	const struct catalogue_entry	*x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
catalogue_tool_cmp(const void *a, const void *b)
{
	const struct catalogue_entry *const	*x = a, *const *y = b;

	return strcmp((*x)->tool, (*y)->tool);
}

/* In order, each name and tool once. */
static int
catalogue_index(struct catalogue_whole *w, struct schema_error *error)
{
	struct catalogue_entry	*e;
	size_t			 i;

	qsort(w->c.entries, w->c.n, sizeof(*e), catalogue_entry_cmp);
	for (i = 0; i < w->c.n; i++) {
		e = &w->c.entries[i];
		if (i > 0 && strcmp(e[-1].name, e->name) == 0)
			return catalogue_fail(error, e->name,
			    "the name is there twice");
		if (e->kind == CATALOGUE_PROCEDURE && e->mcp &&
		    e->tool[0] != '\0')
			w->tools[w->ntools++] = e;
	}
	qsort(w->tools, w->ntools, sizeof(*w->tools), catalogue_tool_cmp);
	for (i = 1; i < w->ntools; i++)
		if (strcmp(w->tools[i - 1]->tool, w->tools[i]->tool) == 0)
			return catalogue_fail(error, w->tools[i]->name,
			    "another one has the same tool");
	return 0;
}

static int
catalogue_scopes(struct catalogue_whole *w, const struct json_value *list,
    struct schema_error *error)
{
	const struct json_value	*v;
	struct catalogue_scope	*s;

	if (list == NULL || list->type != JSON_ARRAY)
		return catalogue_fail(error, "", "scopes are missing");
	w->c.scopes = calloc((size_t)list->count + 1, sizeof(*s));
	if (w->c.scopes == NULL)
		return catalogue_fail(error, "", "out of memory");
	for (v = json_first(list); v != NULL; v = v->next) {
		s = &w->c.scopes[w->c.nscopes++];
		s->name = catalogue_text(v, "name");
		s->description = catalogue_text(v, "description");
		s->sensitive = catalogue_true(v, "sensitive");
		s->implies = json_get(v, "implies");
		if (s->name[0] == '\0')
			return catalogue_fail(error, "",
			    "a scope has no name");
	}
	return 0;
}

/* 0, or -1: it cannot be used, or (no name) is not even an entry. */
static int
catalogue_entry_make(struct catalogue_whole *w, struct catalogue_entry *e,
    const char *text, size_t len, struct catalogue_broken *b)
{
	struct json_error	 je;
	size_t			 i = w->c.n;

	e->made = w->made[i];
	w->docs[i] = json_parse(text, len, &catalogue_limits, &je);
	if (w->docs[i] == NULL) {
		/* what is no JSON may have been cut at a wrong place */
		if (!je.malformed)
			catalogue_pieces_name(text, len, b->name,
			    sizeof(b->name));
		return catalogue_fail(&b->error, je.pointer, je.text);
	}
	if (catalogue_entry_read(e, json_root(w->docs[i]), &b->error) == 0 &&
	    (e->arguments == NULL || (e->schema = w->schemas[i] =
	    schema_compile(e->arguments, &b->error)) != NULL))
		return 0;
	if (e->name != NULL)
		/* cut where it does not fit */
		(void)strlcpy(b->name, e->name, sizeof(b->name));
	json_free(w->docs[i]);
	w->docs[i] = NULL;
	return -1;
}

/* One more entry, from its text, with its schema; or it is left out. */
static int
catalogue_entry_add(struct catalogue_whole *w, const char *text, size_t len,
    struct schema_error *error)
{
	struct catalogue_entry	*e = &w->c.entries[w->c.n];
	struct catalogue_broken	 b, *list;

	memset(&b, 0, sizeof(b));
	if (catalogue_entry_make(w, e, text, len, &b) == 0) {
		w->c.n++;
		return 0;
	}
	memset(e, 0, sizeof(*e));
	if (b.name[0] == '\0')
		return catalogue_fail(error, b.error.pointer, b.error.text);
	list = reallocarray(w->c.broken, w->c.nbroken + 1, sizeof(*list));
	if (list == NULL)
		return catalogue_fail(error, b.name, "out of memory");
	w->c.broken = list;
	list[w->c.nbroken++] = b;
	return 0;
}

/* All but the entries, whose list is empty in this text. */
static int
catalogue_head(struct catalogue_whole *w, const char *text, size_t len,
    struct schema_error *error)
{
	const struct json_value	*root, *list;
	struct json_error	 je;
	int64_t			 generation;

	w->doc = json_parse(text, len, &catalogue_limits, &je);
	if (w->doc == NULL)
		return catalogue_fail(error, je.pointer, je.text);
	root = json_root(w->doc);
	if (json_get_integer(root, "generation", &generation) == -1 ||
	    generation < 0)
		return catalogue_fail(error, "",
		    "the generation is missing");
	w->c.generation = (uint64_t)generation;
	w->c.title = catalogue_text(root, "title");
	w->c.version = catalogue_text(root, "version");
	list = json_get(root, "procedures");
	if (list == NULL || list->type != JSON_ARRAY || list->count > 0)
		return catalogue_fail(error, "", "procedures are missing");
	return catalogue_scopes(w, json_get(root, "scopes"), error);
}

/* Room for the entries, and what stands before and behind their list. */
static int
catalogue_open(struct catalogue_reader *r, const char *text, size_t len,
    struct schema_error *error)
{
	struct catalogue_whole	*w = r->w;
	size_t			 n, from, to;
	char			*head;
	int			 ret;

	if (len > CATALOGUE_MAX_BYTES ||
	    (r->text = malloc(len + 1)) == NULL)
		return catalogue_fail(error, "", "it is too large");
	memcpy(r->text, text, len);
	catalogue_pieces_find(&r->pieces, r->text, len);
	if ((n = r->pieces.most) > CATALOGUE_MAX_ENTRIES)
		return catalogue_fail(error, "", "procedures are too many");
	w->c.entries = calloc(n + 1, sizeof(*w->c.entries));
	w->docs = calloc(n + 1, sizeof(*w->docs));
	w->schemas = calloc(n + 1, sizeof(*w->schemas));
	w->made = calloc(n + 1, sizeof(*w->made));
	w->tools = calloc(n + 1, sizeof(*w->tools));
	from = r->pieces.at;
	to = r->pieces.end;
	head = malloc(len - (to - from) + 1);
	if (w->c.entries == NULL || w->docs == NULL || w->schemas == NULL ||
	    w->made == NULL || w->tools == NULL || head == NULL) {
		free(head);
		return catalogue_fail(error, "", "out of memory");
	}
	memcpy(head, text, from);
	memcpy(head + from, text + to, len - to);
	ret = catalogue_head(w, head, len - (to - from), error);
	free(head);
	return ret;
}

struct catalogue_reader *
catalogue_reader_new(const char *text, size_t len, struct schema_error *error)
{
	struct catalogue_reader	*r;

	if (error != NULL)
		memset(error, 0, sizeof(*error));
	if ((r = calloc(1, sizeof(*r))) == NULL ||
	    (r->w = calloc(1, sizeof(*r->w))) == NULL) {
		free(r);
		(void)catalogue_fail(error, "", "out of memory");
		return NULL;
	}
	r->w->refs = 1;
	if (catalogue_open(r, text, len, error) == 0)
		return r;
	catalogue_reader_free(r);
	return NULL;
}

int
catalogue_reader_step(struct catalogue_reader *r, unsigned int n,
    struct schema_error *error)
{
	const char	*piece;
	size_t		 len;

	while (n-- > 0) {
		if (!catalogue_pieces_next(&r->pieces, &piece, &len))
			return catalogue_index(r->w, error);
		if (catalogue_entry_add(r->w, piece, len, error) == -1)
			return -1;
	}
	return 1;
}

struct catalogue *
catalogue_reader_take(struct catalogue_reader *r)
{
	struct catalogue	*c = &r->w->c;

	r->w = NULL;
	catalogue_reader_free(r);
	return c;
}

void
catalogue_reader_free(struct catalogue_reader *r)
{
	if (r == NULL)
		return;
	if (r->w != NULL)
		catalogue_unref(&r->w->c);
	free(r->text);
	free(r);
}

struct catalogue *
catalogue_parse(const char *text, size_t len, struct schema_error *error)
{
	struct catalogue_reader	*r;

	if ((r = catalogue_reader_new(text, len, error)) == NULL)
		return NULL;
	if (catalogue_reader_step(r, UINT_MAX, error) == 0)
		return catalogue_reader_take(r);
	catalogue_reader_free(r);
	return NULL;
}

/* The whole of what others see as const. */
static struct catalogue_whole *
catalogue_whole(const struct catalogue *c)
{
	return (struct catalogue_whole *)(uintptr_t)c;
}

struct catalogue *
catalogue_ref(const struct catalogue *c)
{
	catalogue_whole(c)->refs++;
	return &catalogue_whole(c)->c;
}

void
catalogue_unref(struct catalogue *c)
{
	struct catalogue_whole	*w;
	size_t			 i;

	if (c == NULL || --(w = catalogue_whole(c))->refs > 0)
		return;
	for (i = 0; w->schemas != NULL && i < c->n; i++)
		schema_free(w->schemas[i]);
	for (i = 0; w->docs != NULL && i < c->n; i++)
		json_free(w->docs[i]);
	for (i = 0; w->made != NULL && i < c->n * MADE__MAX; i++)
		free(w->made[i / MADE__MAX][i % MADE__MAX].text);
	free(w->made);
	free(w->docs);
	free(w->schemas);
	free(w->tools);
	free(c->entries);
	free(c->scopes);
	free(c->broken);
	json_free(w->doc);
	free(w);
}

const struct catalogue_entry *
catalogue_by_name(const struct catalogue *c, const char *name)
{
	const struct catalogue_entry	key = { .name = name };

	return c->n == 0 ? NULL : bsearch(&key, c->entries, c->n, sizeof(key),
	    catalogue_entry_cmp);
}

const struct catalogue_entry *
catalogue_by_tool(const struct catalogue *c, const char *tool)
{
	const struct catalogue_entry		 key = { .tool = tool };
	const struct catalogue_entry		*p = &key;
	const struct catalogue_entry *const	*found;
	const struct catalogue_whole		*w = catalogue_whole(c);

	if (w->ntools == 0)
		return NULL;
	found = bsearch(&p, w->tools, w->ntools, sizeof(p),
	    catalogue_tool_cmp);
	return found == NULL ? NULL : *found;
}

const struct catalogue *
catalogue_now(void)
{
	static struct catalogue_whole	none = { .c = { .title = "",
	    .version = "" }, .refs = 1 };

	return catalogue.now == NULL ? &none.c : catalogue.now;
}

void
catalogue_use(struct catalogue *c)
{
	struct catalogue		*old = catalogue.now;
	const struct catalogue_broken	*b;
	unsigned int			 i;

	log_debug("catalogue %llu: %zu entries",
	    (unsigned long long)c->generation, c->n);
	for (b = c->broken; b < c->broken + c->nbroken; b++)
		log_warnx("published, but left out: %s: %s%s%s", b->name,
		    b->error.pointer, b->error.pointer[0] == '\0' ? "" : ": ",
		    b->error.text);
	catalogue.now = c;
	for (i = 0; i < catalogue.nhooks; i++)
		catalogue.hooks[i]();
	catalogue_unref(old);
}

void
catalogue_refuse(const struct schema_error *error)
{
	log_warnx("the catalogue of published procedures cannot be used: "
	    "%s%s%s", error->pointer, error->pointer[0] == '\0' ? "" : ": ",
	    error->text);
}

int
catalogue_set(const char *text, size_t len)
{
	struct catalogue	*c;
	struct schema_error	 error;

	if ((c = catalogue_parse(text, len, &error)) == NULL) {
		catalogue_refuse(&error);
		return -1;
	}
	catalogue_use(c);
	return 0;
}

void
catalogue_on_change(void (*hook)(void))
{
	if (catalogue.nhooks == CATALOGUE_MAX_HOOKS)
		fatalx("too many hooks of the catalogue");
	catalogue.hooks[catalogue.nhooks++] = hook;
}
