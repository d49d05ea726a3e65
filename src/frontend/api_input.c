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
 * Arguments of a call out of a query, a form or a JSON object, held against
 * the procedure's schema before anybody else sees them.  Room: frontend;
 * pure.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "query.h"

#define INPUT_MAX	MSG_MAX_ARGUMENTS

static const struct json_limits input_limits = {
	.bytes = INPUT_MAX,
	.depth = 32,
	.values = 131072,
	.keys = 1024,
	.large = 1,
};

static const struct problem
    input_query = PROBLEM_INIT(400, "invalid_request",
	"The query is malformed",
	"It is not percent-encoded UTF-8, or has control characters or too "
	"many parameters.", ""),
    input_form = PROBLEM_INIT(400, "invalid_request", "The form is malformed",
	"It is not percent-encoded UTF-8, or has control characters or too "
	"many fields.", ""),
    input_json = PROBLEM_INIT(400, "invalid_json",
	"The body is not acceptable JSON", "", ""),
    input_object = PROBLEM_INIT(400, "invalid_json",
	"The body must be a JSON object", "Its members are the arguments.",
	""),
    input_large = PROBLEM_INIT(413, "body_too_large",
	"The arguments are too large", "", ""),
    input_wrong = PROBLEM_INIT(422, "invalid_arguments",
	"The arguments do not fit the procedure",
	"\"errors\" says which and why.", "The procedure's schema is in the "
	"manifest and in the OpenAPI document.");

struct input_pair {
	const char	*name;
	const char	*value;
	int		 taken;
};

struct input_pairs {
	struct input_pair	 pair[QUERY_MAX_PAIRS];
	size_t			 n;
	char			*room;
	size_t			 size;
};

/* Names of a query that are about the call and not of it. */
enum input_own { OWN_SIZE, OWN_CURSOR, OWN_STATE, OWN_ANSWERS, OWN__MAX };
static const char *const input_names[OWN__MAX] = {
	[OWN_SIZE] = "page_size",
	[OWN_CURSOR] = "cursor",
	[OWN_STATE] = "request_state",
	[OWN_ANSWERS] = "answers",
};

static void
input_wrong_add(struct api_input *in, const char *name, const char *text)
{
	struct schema_error	*e;

	if (in->errors.n == SCHEMA_MAX_ERRORS) {
		in->errors.more = 1;
		return;
	}
	e = &in->errors.error[in->errors.n++];
	e->pointer[0] = '\0';
	(void)json_pointer_add(e->pointer, sizeof(e->pointer), 0, name);
	/* texts are shorter */
	(void)strlcpy(e->text, text, sizeof(e->text));
}

/* The same of what is always in the query. */
static void
input_wrong_own(struct api_input *in, const char *name, const char *text)
{
	in->where = "query";
	input_wrong_add(in, name, text);
}

/* Texts without escapes, decoded; 0 or -1. */
static int
input_pairs(struct input_pairs *ps, const char *text, size_t len, int flags)
{
	const char	*name, *value;
	size_t		 pos = 0;
	char		*room;
	int		 n;

	memset(ps, 0, sizeof(*ps));
	ps->size = 2 * len + 2;
	if (len == 0)
		return 0;
	if ((ps->room = room = malloc(ps->size)) == NULL)
		return -1;
	while ((n = query_next(text, len, flags, &pos, room, &name,
	    &value)) == 1) {
		if (ps->n == QUERY_MAX_PAIRS)
			return -1;
		ps->pair[ps->n].name = name;
		ps->pair[ps->n++].value = value;
		/* one lies behind the other */
		room = (char *)(uintptr_t)value + strlen(value) + 1;
	}
	return n;
}

static void
input_pairs_free(struct input_pairs *ps)
{
	if (ps->room != NULL)
		freezero(ps->room, ps->size);
	ps->room = NULL;
}

/* The value of this name; NULL if there is none. */
static const char *
input_take(struct input_pairs *ps, const char *name)
{
	size_t	i;

	for (i = 0; i < ps->n; i++)
		if (!ps->pair[i].taken &&
		    strcmp(ps->pair[i].name, name) == 0) {
			ps->pair[i].taken = 1;
			return ps->pair[i].value;
		}
	return NULL;
}

/* All values of the name of pair i, as the schema wants them. */
static void
input_value(struct json_buf *b, struct api_input *in, struct input_pairs *ps,
    size_t i, const struct schema *s)
{
	const char	*name = ps->pair[i].name;
	int		 list, many = 0;

	list = s != NULL && schema_types(s) != SCHEMA_ANY &&
	    schema_types(s) & SCHEMA_ARRAY;
	json_name(b, name);
	if (list)
		json_array_open(b);
	for (; i < ps->n; i++) {
		if (ps->pair[i].taken || strcmp(ps->pair[i].name, name) != 0)
			continue;
		ps->pair[i].taken = 1;
		if (list && schema_items(s) != NULL)
			schema_put_text(schema_items(s), b,
			    ps->pair[i].value);
		else if (list || (many == 0 && s == NULL))
			json_put_text(b, ps->pair[i].value);
		else if (many == 0)
			schema_put_text(s, b, ps->pair[i].value);
		many++;
	}
	if (list)
		json_array_close(b);
	else if (many > 1)
		input_wrong_add(in, name, "may be given once");
}

/* The arguments as one JSON object. */
static void
input_object_write(struct json_buf *b, struct api_input *in,
    struct input_pairs *ps, const struct schema *s, int form)
{
	size_t	i;

	json_object_open(b);
	for (i = 0; i < ps->n; i++) {
		if (ps->pair[i].taken)
			continue;
		/* a field that was left empty says nothing */
		if (form && ps->pair[i].value[0] == '\0')
			continue;
		input_value(b, in, ps, i, s == NULL ? NULL :
		    schema_property(s, ps->pair[i].name));
	}
	json_object_close(b);
}

static void
input_page_size(struct api_input *in, const struct catalogue_entry *e,
    const char *text)
{
	const char	*why;
	long long	 n;

	n = strtonum(text, 1, INT32_MAX, &why);
	if (why != NULL) {
		input_wrong_own(in, "page_size", "must be an integer from 1 "
		    "to 2147483647");
		return;
	}
	json_member_integer(&in->call, "size", n > e->max_rows &&
	    e->max_rows > 0 ? e->max_rows : n);
}

/* "answers" is a JSON object (of a POST that goes on). */
static void
input_answers(struct api_input *in, const char *text)
{
	struct json_doc	*doc;

	doc = json_parse(text, strlen(text), &input_limits, NULL);
	if (doc == NULL || json_root(doc)->type != JSON_OBJECT)
		input_wrong_own(in, "answers", "must be a JSON object");
	else {
		json_name(&in->call, "answers");
		json_put_value(&in->call, json_root(doc));
	}
	json_free(doc);
}

/*
 * What a query says about the call; names that are arguments, too, are left
 * to them when the query is where arguments are.
 */
static void
input_own(struct api_input *in, const struct catalogue_entry *e,
    enum api_form form, struct input_pairs *ps)
{
	const char	*given[OWN__MAX];
	size_t		 i;

	for (i = 0; i < OWN__MAX; i++) {
		given[i] = NULL;
		if ((i <= OWN_CURSOR ? e->paged : form != API_QUERY) &&
		    (form != API_QUERY || e->schema == NULL ||
		    schema_property(e->schema, input_names[i]) == NULL))
			given[i] = input_take(ps, input_names[i]);
		if (given[i] != NULL && input_take(ps, input_names[i]) !=
		    NULL)
			input_wrong_own(in, input_names[i],
			    "may be given once");
	}
	if (given[OWN_SIZE] != NULL || given[OWN_CURSOR] != NULL) {
		json_name(&in->call, "page");
		json_object_open(&in->call);
		if (given[OWN_SIZE] != NULL)
			input_page_size(in, e, given[OWN_SIZE]);
		if (given[OWN_CURSOR] != NULL)
			json_member_text(&in->call, "cursor",
			    given[OWN_CURSOR]);
		json_object_close(&in->call);
	}
	if (given[OWN_STATE] != NULL)
		json_member_text(&in->call, "state", given[OWN_STATE]);
	if (given[OWN_ANSWERS] != NULL)
		input_answers(in, given[OWN_ANSWERS]);
}

/* What is left of a query that holds no arguments. */
static void
input_rest(struct api_input *in, const struct input_pairs *ps)
{
	size_t	i;

	for (i = 0; i < ps->n; i++)
		if (!ps->pair[i].taken)
			input_wrong_own(in, ps->pair[i].name,
			    "is no parameter of a query here");
}

/*
 * The arguments are there: 0, or -1 with everything that is wrong.  bad: what
 * it means that the text is none.
 */
static int
input_check(struct api_input *in, const struct catalogue_entry *e,
    const char *text, size_t len, const struct problem *bad, struct problem *p)
{
	struct schema_errors	 found;
	struct json_error	 je;
	struct json_doc		*doc;
	unsigned int		 i;

	if ((doc = json_parse(text, len, &input_limits, &je)) == NULL) {
		*p = *bad;
		in->errors.n = 0;
		input_wrong_add(in, "", je.text);
		(void)strlcpy(in->errors.error[0].pointer, je.pointer,
		    sizeof(in->errors.error[0].pointer));
		return -1;
	}
	if (json_root(doc)->type != JSON_OBJECT) {
		json_free(doc);
		*p = input_object;
		return -1;
	}
	found.n = 0;
	if (e->schema != NULL)
		(void)schema_check(e->schema, json_root(doc), &found);
	for (i = 0; i < found.n && in->errors.n < SCHEMA_MAX_ERRORS; i++)
		in->errors.error[in->errors.n++] = found.error[i];
	if (in->errors.n == 0) {
		json_name(&in->call, "arguments");
		schema_put(e->schema, &in->call, json_root(doc));
	}
	json_free(doc);
	if (in->errors.n > 0) {
		*p = input_wrong;
		return -1;
	}
	if (in->call.failed) {
		*p = input_large;
		return -1;
	}
	return 0;
}

/* Arguments out of pairs. */
static int
input_from_pairs(struct api_input *in, const struct catalogue_entry *e,
    struct input_pairs *ps, int form, struct problem *p)
{
	struct json_buf	 b;
	const char	*csrf;
	int		 ret;

	if (form && (csrf = input_take(ps, "csrf")) != NULL)
		/* a longer one is none of ours: cut, it fits none */
		(void)strlcpy(in->csrf, csrf, sizeof(in->csrf));
	json_buf_init(&b, INPUT_MAX);
	input_object_write(&b, in, ps, e->schema, form);
	if (b.failed) {
		*p = input_large;
		ret = -1;
	} else
		/* the text is ours, but for the numbers in it */
		ret = input_check(in, e, b.data, b.len, &input_wrong, p);
	json_buf_free(&b);
	return ret;
}

int
api_input_read(struct api_input *in, const struct catalogue_entry *e,
    enum api_form form, const struct http_text *query, const char *body,
    size_t len, struct problem *p)
{
	struct input_pairs	ps, fields;
	int			ret = -1;

	memset(in, 0, sizeof(*in));
	memset(&fields, 0, sizeof(fields));
	json_buf_init(&in->call, INPUT_MAX);
	json_object_open(&in->call);
	in->where = form == API_QUERY ? "query" : "body";
	if (input_pairs(&ps, query->p, query->p == NULL ? 0 : query->len,
	    QUERY_PLUS | QUERY_LINES) == -1) {
		*p = input_query;
		goto done;
	}
	input_own(in, e, form, &ps);
	if (form == API_QUERY) {
		ret = input_from_pairs(in, e, &ps, 0, p);
		goto done;
	}
	input_rest(in, &ps);
	if (form == API_JSON) {
		ret = len == 0 ? input_check(in, e, "{}", 2, &input_json, p) :
		    input_check(in, e, body, len, &input_json, p);
		goto done;
	}
	if (input_pairs(&fields, body, len, QUERY_PLUS | QUERY_LINES) == -1)
		*p = input_form;
	else
		ret = input_from_pairs(in, e, &fields, 1, p);
 done:
	input_pairs_free(&ps);
	input_pairs_free(&fields);
	return ret;
}

void
api_input_free(struct api_input *in)
{
	json_buf_free(&in->call);
	explicit_bzero(in->csrf, sizeof(in->csrf));
}

/* The next member of a list between commas; 0 at its end. */
static int
input_member(const char **p, const char *end, const char **member,
    size_t *len)
{
	if (*p >= end)
		return 0;
	*member = *p;
	while (*p < end && **p != ',')
		(*p)++;
	*len = (size_t)(*p - *member);
	(*p)++;
	while (*len > 0 && (**member == ' ' || **member == '\t')) {
		(*member)++;
		(*len)--;
	}
	while (*len > 0 && ((*member)[*len - 1] == ' ' ||
	    (*member)[*len - 1] == '\t'))
		(*len)--;
	return 1;
}

int
api_prefers_minimal(const struct http_text *prefer)
{
	const char	*p, *member;
	size_t		 len;

	if (prefer == NULL)
		return 0;
	for (p = prefer->p; input_member(&p, prefer->p + prefer->len, &member,
	    &len); )
		if (len == 14 && strncasecmp(member, "return=minimal",
		    len) == 0)
			return 1;
	return 0;
}

int
api_idempotency_key(const struct http_text *field, char out[API_MAX_KEY + 1])
{
	const char	*p = field->p;
	size_t		 len = field->len, i;

	if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
		p++;
		len -= 2;
	}
	if (len == 0 || len > API_MAX_KEY)
		return -1;
	for (i = 0; i < len; i++)
		if (p[i] < 0x21 || p[i] > 0x7e || p[i] == '"')
			return -1;
	memcpy(out, p, len);
	out[len] = '\0';
	return 0;
}

/*
 * The member is the last one, or is followed by "truncated" alone, and its
 * text needs no escapes: so the tail tells without a parse.
 */
int
api_next_cursor(const char *body, size_t len, char out[API_MAX_CURSOR + 1])
{
	static const char	 name[] = "\"next_cursor\"";
	const char		*tail, *p, *found = NULL, *end = body + len;
	size_t			 n;

	tail = len > API_MAX_CURSOR + 64 ? end - API_MAX_CURSOR - 64 : body;
	for (p = tail; (p = memmem(p, (size_t)(end - p), name,
	    sizeof(name) - 1)) != NULL; p++)
		found = p;
	if (found == NULL)
		return -1;
	for (p = found + sizeof(name) - 1; p < end && (*p == ' ' ||
	    *p == ':'); p++)
		;
	if (p == end || *p++ != '"')
		return -1;
	for (n = 0; p + n < end && p[n] != '"'; n++)
		if (n == API_MAX_CURSOR || strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789-_=", p[n]) == NULL)
			return -1;
	if (n == 0 || end - (p + n) < 2 || end[-1] != '}' ||
	    memchr(p + n, ']', (size_t)(end - p) - n) != NULL)
		return -1;
	memcpy(out, p, n);
	out[n] = '\0';
	return 0;
}
