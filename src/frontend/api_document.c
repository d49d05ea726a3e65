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
 * Documents about procedures: the gate says which ones the caller may call,
 * the catalogue what they are.  Room: frontend.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "broker_link.h"
#include "fixed.h"
#include "frontend.h"
#include "log.h"
#include "openapi_v1.h"

#define DOCUMENT_MAX	(24 * 1024 * 1024)

static const struct json_limits document_limits = {
	.bytes = 4 * 1024 * 1024, .depth = 8, .values = 65536, .keys = 64,
};

struct document_state {
	struct catalogue	*catalogue;
	void			(*write)(struct json_buf *,
				    const struct api_seen *);
};

static void
document_state_free(void *arg)
{
	struct document_state	*s = arg;

	catalogue_unref(s->catalogue);
	free(s);
}

static int
document_cmp(const void *a, const void *b)
{
	const struct catalogue_entry *const	*x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/*
 * The procedures that were named, once each and in order.  Names that are
 * newer than this catalogue are left out.  0/-1.
 */
static int
document_entries(struct api_seen *seen, const struct json_value *names)
{
	const struct catalogue_entry	**list, *e;
	const struct json_value		*v;
	size_t				 i, n = 0;

	if (names == NULL || names->type != JSON_ARRAY ||
	    (list = calloc((size_t)names->count + 1, sizeof(*list))) == NULL)
		return -1;
	for (v = json_first(names); v != NULL; v = v->next) {
		if (v->type != JSON_STRING)
			continue;
		e = catalogue_by_name(seen->catalogue, v->u.text);
		if (e != NULL && e->http && !e->hidden &&
		    e->kind == CATALOGUE_PROCEDURE)
			list[n++] = e;
	}
	qsort(list, n, sizeof(*list), document_cmp);
	for (i = 0; i < n; i++)
		if (seen->n == 0 || list[seen->n - 1] != list[i])
			list[seen->n++] = list[i];
	seen->entries = list;
	return 0;
}

static void
document_send(struct request *r, const struct document_state *s,
    const struct json_value *v)
{
	const struct json_value	*anonymous = json_get(v, "anonymous");
	struct http_reply	 reply;
	struct api_seen		 seen;
	struct json_buf		 b;

	memset(&seen, 0, sizeof(seen));
	seen.catalogue = s->catalogue;
	seen.anonymous = anonymous != NULL && anonymous->type == JSON_BOOL &&
	    anonymous->u.truth;
	seen.scopes = json_get(v, "scopes");
	json_buf_init(&b, DOCUMENT_MAX);
	if (document_entries(&seen, json_get(v, "names")) == 0)
		s->write(&b, &seen);
	if (seen.entries == NULL || b.failed)
		api_problem(r, &problem_internal, NULL);
	else {
		memset(&reply, 0, sizeof(reply));
		reply.status = 200;
		reply.type = "application/json";
		reply.body = b.data;
		reply.len = b.len;
		request_reply(r, &reply);
	}
	free(seen.entries);
	json_buf_free(&b);
}

static void
document_answered(struct request *r, const struct msg_reply *m)
{
	struct json_doc	*doc;
	struct problem	 p;

	if (m->status != 200) {
		problem_from_reply(&p, m);
		api_problem(r, m->status >= 400 && m->status <= 599 ? &p :
		    &problem_internal, NULL);
		return;
	}
	doc = json_parse(m->body, m->body_len, &document_limits, NULL);
	if (doc == NULL)
		api_problem(r, &problem_internal, NULL);
	else
		document_send(r, r->state, json_root(doc));
	json_free(doc);
}

static void
api_document(struct request *r, const struct credential *c,
    void (*write)(struct json_buf *, const struct api_seen *))
{
	const struct problem	*why;
	struct document_state	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL) {
		api_problem(r, &problem_internal, NULL);
		return;
	}
	s->catalogue = catalogue_ref(catalogue_now());
	s->write = write;
	r->state = s;
	r->state_free = document_state_free;
	r->answered = document_answered;
	r->head = NULL;
	if (broker_link_ask(r, "api.visible", c, "{}", &why) == -1)
		api_problem(r, why, NULL);
}

static void
manifest_of_us(struct json_buf *b, const struct api_seen *seen)
{
	api_manifest_write(b, seen, frontend.conf.issuer);
}

void
api_manifest(struct request *r, const struct route_match *m,
    const struct credential *c, const char *body, size_t len)
{
	(void)m;
	(void)body;
	(void)len;
	api_document(r, c, manifest_of_us);
}

static void
openapi_of_us(struct json_buf *b, const struct api_seen *seen)
{
	openapi_write(b, seen, frontend.conf.issuer);
}

void
api_openapi(struct request *r, const struct route_match *m,
    const struct credential *c, const char *body, size_t len)
{
	(void)m;
	(void)body;
	(void)len;
	api_document(r, c, openapi_of_us);
}

/* Always the same: made once. */
void
api_openapi_v1(struct request *r)
{
	static struct json_buf	b;
	static char		tag[FIXED_TAG];

	if (b.data == NULL) {
		json_buf_init(&b, DOCUMENT_MAX);
		openapi_v1_write(&b, frontend.conf.issuer);
		if (b.failed)
			fatalx("the document of /v1 cannot be made");
		fixed_tag(tag, b.data, b.len);
	}
	fixed_cached(r, "public, max-age=300", "application/json", b.data,
	    b.len, tag);
}
