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
 * What travels from a form to the next page in a cookie or two: secrets that
 * are shown once, what was wrong, what was typed.  Room: frontend.  Each part
 * says on which path it may be seen, nowhere else it is.
 *
 *	{"at", "error", "typed"}	a form that was refused
 *	{"for", "values"}		a form that waits, for a password say
 *	"lost": true			instead of values that are too long
 *	{"for", "reply"}		secrets to show once
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "page_int.h"

#define PAGE_MAX_ONCE	((2 * COOKIE_VALUE * 3) / 4)	/* two cookies */

/* The text of a location before its query. */
static void
page_once_path(struct json_buf *b, const char *name, const char *location)
{
	json_name(b, name);
	json_put_text_len(b, location, strcspn(location, "?"));
}

/* The buffer as a cookie's value; the buffer is freed. */
static char *
page_once_value(struct json_buf *b)
{
	char	*out = NULL;

	if (!b->failed && b->len <= PAGE_MAX_ONCE &&
	    (out = calloc(1, B64URL_LEN(b->len) + 1)) != NULL)
		b64url_encode(out, b->data, b->len);
	json_buf_free(b);
	return out;
}

char *
page_once_reply(const struct json_value *reply, const char *location)
{
	struct json_buf	b;

	json_buf_init(&b, PAGE_MAX_ONCE);
	json_object_open(&b);
	page_once_path(&b, "for", location);
	json_name(&b, "reply");
	json_put_value(&b, reply);
	json_object_close(&b);
	return page_once_value(&b);
}

/* What was typed under this name, or that it is lost. */
static void
page_once_typed(struct json_buf *b, const char *name,
    const struct json_value *typed)
{
	if (typed == NULL)
		json_member_bool(b, "lost", 1);
	else {
		json_name(b, name);
		json_put_value(b, typed);
	}
}

static char *
page_once_form(const char *location, const struct json_value *typed)
{
	struct json_buf	b;

	json_buf_init(&b, PAGE_MAX_ONCE);
	json_object_open(&b);
	page_once_path(&b, "for", location);
	page_once_typed(&b, "values", typed);
	json_object_close(&b);
	return page_once_value(&b);
}

char *
page_once_wait(const struct json_value *typed, const char *location)
{
	char	*once;

	if (json_first(typed) == NULL)
		return NULL;
	once = page_once_form(location, typed);
	return once != NULL ? once : page_once_form(location, NULL);
}

static void
page_once_problem(struct json_buf *b, const struct problem *p)
{
	json_object_open(b);
	json_member_text(b, "code", p->code);
	json_member_text(b, "message", p->message);
	json_member_text(b, "detail", p->detail);
	json_member_text(b, "remediation", p->remediation);
	json_member_text(b, "parameter", p->parameter);
	json_object_close(b);
}

/* The cookie that came, if a form waits in it: its members. */
static struct json_doc *
page_once_waiting(const struct request *r, const struct json_value **root)
{
	const char	*once = r->visit->once, *location;
	struct json_doc	*doc;

	if (once == NULL ||
	    (doc = json_parse(once, strlen(once), NULL, NULL)) == NULL)
		return NULL;
	*root = json_root(doc);
	location = json_get_text(*root, "for");
	if (location != NULL && (json_get(*root, "values") != NULL ||
	    json_get(*root, "lost") != NULL) && !page_is_here(r, location))
		return doc;
	json_free(doc);
	return NULL;
}

static char *
page_once_make(const struct request *r, const struct json_value *error,
    const struct problem *p, const struct json_value *typed, int lost,
    const char *location)
{
	const struct json_value	*waiting;
	struct json_doc		*doc = NULL;
	struct json_buf		 b;

	json_buf_init(&b, PAGE_MAX_ONCE);
	json_object_open(&b);
	page_once_path(&b, "at", location);
	json_name(&b, "error");
	if (error != NULL)
		json_put_value(&b, error);
	else if (p != NULL)
		page_once_problem(&b, p);
	else
		json_put_null(&b);
	if (typed != NULL || lost)
		page_once_typed(&b, "typed", lost ? NULL : typed);
	if (r->route->flags & ROUTE_KEEP)
		doc = page_once_waiting(r, &waiting);
	if (doc != NULL) {
		json_member_text(&b, "for", json_get_text(waiting, "for"));
		page_once_typed(&b, "values", json_get(waiting, "values"));
	}
	json_object_close(&b);
	json_free(doc);
	return page_once_value(&b);
}

char *
page_once_error(const struct request *r, const struct json_value *error,
    const struct problem *p, const struct json_value *typed,
    const char *location)
{
	char	*once;

	/* a field that is beyond its limit leaves none of them */
	once = page_once_make(r, error, p, typed,
	    r->visit->arguments == NULL, location);
	/* too long with what was typed: the error matters more */
	return once != NULL ? once :
	    page_once_make(r, error, p, typed, 1, location);
}

char *
page_once_rest(const struct request *r)
{
	const struct json_value	*waiting;
	struct json_doc		*doc;
	char			*once;

	if (r->route == NULL || (r->route->flags & ROUTE_KEEP) == 0 ||
	    (doc = page_once_waiting(r, &waiting)) == NULL)
		return NULL;
	once = page_once_form(json_get_text(waiting, "for"),
	    json_get(waiting, "values"));
	json_free(doc);
	return once;
}

/* "wrong": {"name": true}, "wrong_field": "name" of the field "/name". */
static void
page_once_wrong(struct json_buf *b, const struct json_value *error)
{
	const char	*parameter = json_get_text(error, "parameter");

	if (parameter == NULL || *parameter == '\0')
		return;
	parameter += *parameter == '/';
	json_name(b, "wrong");
	json_object_open(b);
	json_member_bool(b, parameter, 1);
	json_object_close(b);
	json_member_text(b, "wrong_field", parameter);
}

/* "fields": values whose names templates learn from the page's data. */
static void
page_once_fields(struct json_buf *b, const struct json_value *values)
{
	const struct json_value	*v;
	int			 any = 0;

	for (v = json_first(values); v != NULL; v = v->next) {
		if (v->type != JSON_STRING || strchr(v->name, '.') == NULL)
			continue;
		if (!any++) {
			json_name(b, "fields");
			json_array_open(b);
		}
		json_object_open(b);
		json_member_text(b, "of", v->name);
		json_member_text(b, "text", v->u.text);
		json_object_close(b);
	}
	if (any)
		json_array_close(b);
}

/* What is for this page of a cookie's text. */
static void
page_once_parts(struct json_buf *b, const struct request *r,
    const struct json_value *v)
{
	const struct json_value	*error, *item, *values = NULL;
	const char		*path;
	int			 here;

	here = r->route != NULL && (r->route->flags & ROUTE_KEEP) != 0;
	if ((path = json_get_text(v, "for")) != NULL &&
	    page_is_here(r, path)) {
		here = 1;
		values = json_get(v, "values");
		for (item = json_first(json_get(v, "reply")); item != NULL;
		    item = item->next) {
			json_name(b, item->name);
			json_put_value(b, item);
		}
	}
	if ((path = json_get_text(v, "at")) != NULL &&
	    page_is_here(r, path)) {
		here = 1;
		error = json_get(v, "error");
		if (error != NULL && error->type == JSON_OBJECT) {
			json_name(b, "error");
			json_put_value(b, error);
			page_once_wrong(b, error);
		}
		if (json_get(v, "typed") != NULL)
			values = json_get(v, "typed");
	}
	if (values != NULL && values->type == JSON_OBJECT) {
		json_name(b, "values");
		json_put_value(b, values);
		page_once_fields(b, values);
	}
	/* also where something waits for it */
	if (here && json_get(v, "lost") != NULL)
		json_member_bool(b, "lost", 1);
}

void
page_once_show(struct json_buf *b, const struct request *r)
{
	const char	*once = r->visit->once;
	struct json_doc	*doc;

	if (once == NULL ||
	    (doc = json_parse(once, strlen(once), NULL, NULL)) == NULL)
		return;
	json_name(b, "once");
	json_object_open(b);
	page_once_parts(b, r, json_root(doc));
	json_object_close(b);
	json_free(doc);
}
