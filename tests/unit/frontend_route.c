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
 * Routes, templates, problems; the route table and docs/ENDPOINTS.md say
 * the same.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fixed.h"
#include "openapi_v1.h"
#include "problem.h"
#include "route.h"
#include "route_stubs.h"
#include "template.h"

static const struct param none[] = { { NULL, PARAM_ANY, 0, 0 } };

#define ROW(m, p)							\
	{ .method = m, .pattern = p, .operation = p, .body = none,	\
	    .query = none }
static const struct route rows[] = {
	ROW(HTTP_GET, "/"),
	ROW(HTTP_GET, "/a"),
	ROW(HTTP_POST, "/a"),
	ROW(HTTP_GET, "/a/{x}"),
	ROW(HTTP_DELETE, "/a/{x}"),
	ROW(HTTP_GET, "/a/{x}/{y}"),
	ROW(HTTP_POST, "/a/{x}/verify"),
	ROW(HTTP_GET, "/a/{x}/{y}/verify"),
	ROW(HTTP_GET, "/a/mcp"),
	ROW(HTTP_GET, "/{x}/b/c"),
	ROW(HTTP_GET, "/a/b/{z}"),
	ROW(HTTP_GET, "/f/{path*}"),
	ROW(HTTP_GET, "/f/{path*}/never"),
};
static const size_t nrows = sizeof(rows) / sizeof(rows[0]);
static const struct route_list lists[] = { { rows, &nrows }, { NULL, NULL } };

static const struct {
	enum http_method method;
	const char	*path;
	const char	*pattern;	/* NULL: none */
	const char	*allow;		/* then */
	const char	*vars;		/* "name=raw," */
} finds[] = {
	{ HTTP_GET, "/", "/", "", "" },
	{ HTTP_GET, "/a", "/a", "", "" },
	{ HTTP_HEAD, "/a", "/a", "", "" },
	{ HTTP_POST, "/a", "/a", "", "" },
	{ HTTP_PUT, "/a", NULL, "GET, HEAD, POST, OPTIONS", "" },
	{ HTTP_GET, "/a/1", "/a/{x}", "", "x=1," },
	{ HTTP_GET, "/a/mcp", "/a/mcp", "", "" },
	{ HTTP_DELETE, "/a/mcp", "/a/{x}", "", "x=mcp," },
	{ HTTP_GET, "/a/1/2", "/a/{x}/{y}", "", "x=1,y=2," },
	{ HTTP_POST, "/a/1/verify", "/a/{x}/verify", "", "x=1," },
	{ HTTP_GET, "/a/1/verify", "/a/{x}/{y}", "", "x=1,y=verify," },
	{ HTTP_GET, "/a/1/2/verify", "/a/{x}/{y}/verify", "", "x=1,y=2," },
	{ HTTP_GET, "/a/b/c", "/a/b/{z}", "", "z=c," },
	{ HTTP_GET, "/q/b/c", "/{x}/b/c", "", "x=q," },
	{ HTTP_GET, "/a/x%2Fy", "/a/{x}", "", "x=x%2Fy," },
	{ HTTP_GET, "/a/..", "/a/{x}", "", "x=..," },
	{ HTTP_GET, "/f/a/b.txt", "/f/{path*}", "", "path=a/b.txt," },
	{ HTTP_GET, "/f//a/", "/f/{path*}", "", "path=/a/," },
	{ HTTP_GET, "/f/", NULL, "", "" },
	{ HTTP_GET, "/f", NULL, "", "" },
	{ HTTP_GET, "/a/", NULL, "", "" },
	{ HTTP_GET, "//", NULL, "", "" },
	{ HTTP_GET, "/ab", NULL, "", "" },
	{ HTTP_GET, "/a/1/", NULL, "", "" },
	{ HTTP_GET, "/a/1/2/verifyx", NULL, "", "" },
	{ HTTP_GET, "/q/b/c/", NULL, "", "" },
	{ HTTP_GET, "/f/a/never", "/f/{path*}", "", "path=a/never," },
	{ HTTP_GET, "//a", NULL, "", "" },
	{ HTTP_GET, "/a//verify", NULL, "", "" },
	{ HTTP_GET, "/A", NULL, "", "" },
	{ HTTP_GET, "/%61", NULL, "", "" },
	{ HTTP_OPTIONS, "*", NULL, "", "" },
	{ HTTP_GET, "", NULL, "", "" },
	{ HTTP_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/"
	    "22/23/24/25/26/27/28/29/30/31/32/33/34/35", NULL, "", "" },
};

static void
test_find(void **state)
{
	struct route_match	 m;
	struct http_text	 path;
	char			 text[256], allow[64];
	size_t			 i;
	unsigned int		 j, n;

	(void)state;
	for (i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		path.p = finds[i].path;
		path.len = strlen(path.p);
		route_find(lists, finds[i].method, &path, &m);
		if (finds[i].pattern == NULL) {
			assert_int_equal(route_allow(m.allowed, allow,
			    sizeof(allow)), 0);
			if (m.route != NULL || strcmp(allow,
			    finds[i].allow) != 0)
				fail_msg("%s: %s", finds[i].path, allow);
			continue;
		}
		for (j = 0, n = 0, text[0] = '\0'; j < m.nvars; j++)
			n += (unsigned int)snprintf(text + n,
			    sizeof(text) - n, "%s=%.*s,", m.vars[j].name,
			    (int)m.vars[j].raw.len, m.vars[j].raw.p);
		if (m.route == NULL ||
		    strcmp(m.route->pattern, finds[i].pattern) != 0 ||
		    strcmp(text, finds[i].vars) != 0)
			fail_msg("%s: %s %s", finds[i].path,
			    m.route == NULL ? "none" : m.route->pattern,
			    text);
	}
	assert_int_equal(route_allow(~0U, allow, 8), -1);
}

#define MAX_ROWS	512
static const struct route *every[MAX_ROWS];
static size_t nevery;

/* All rows, of those that differ in grant_type the first. */
static int
flatten(void **state)
{
	const struct route_list	*l;
	const struct route	*r;
	size_t			 i;

	(void)state;
	for (l = route_lists; l->rows != NULL; l++)
		for (i = 0; i < *l->n; i++) {
			r = &l->rows[i];
			if (r->variant != NULL && i > 0 &&
			    r[-1].variant != NULL &&
			    strcmp(r[-1].pattern, r->pattern) == 0)
				continue;
			assert_true(nevery < MAX_ROWS);
			every[nevery++] = r;
		}
	return 0;
}

/* What is no form of ours goes on as a GET: there is one, and it asks. */
static void
check_own(const struct route *r)
{
	struct http_text	 path = { r->pattern, strlen(r->pattern) };
	struct route_match	 get;

	assert_int_equal(r->face, FACE_PAGE);
	assert_int_equal(r->body_kind, BODY_FORM);
	assert_string_equal(r->own->name, "csrf");
	route_find(route_lists, HTTP_GET, &path, &get);
	assert_non_null(get.route);
	assert_non_null(get.route->query);
	assert_true(get.route->flags & ROUTE_LENIENT);
}

static void
check_row(const struct route *r)
{
	if (r->own != NULL)
		check_own(r);
	assert_int_equal((r->operation != NULL) + (r->local != NULL) +
	    (r->serve != NULL), 1);
	assert_true(r->operation == NULL || strlen(r->operation) <= 63);
	assert_true(r->operation == NULL || r->kinds != 0);
	assert_true(r->body != NULL || r->body_kind != BODY_FORM);
	if (r->face != FACE_PAGE)
		return;
	if (r->page == NULL) {
		assert_non_null(r->finish);
		return;
	}
	if (r->method == HTTP_GET) {
		assert_non_null(r->page->template);
		if (template_find(pages, r->page->template) == NULL)
			fail_msg("%s: no template", r->pattern);
	} else
		assert_non_null(r->page->next);
}

/* Every row is reached by its own pattern, and is complete. */
static void
test_table(void **state)
{
	struct route_match	 m;
	struct http_text	 path;
	size_t			 i, j;

	(void)state;
	for (i = 0; i < nevery; i++) {
		for (j = 0; j < i; j++)
			if (every[j]->method == every[i]->method &&
			    strcmp(every[j]->pattern, every[i]->pattern) == 0)
				fail_msg("%s twice", every[i]->pattern);
		path.p = every[i]->pattern;
		path.len = strlen(path.p);
		route_find(route_lists, every[i]->method, &path, &m);
		assert_ptr_equal(m.route, every[i]);
		check_row(every[i]);
	}
}

static char *
read_file(const char *path)
{
	FILE	*f;
	char	*text;
	size_t	 n;

	if ((f = fopen(path, "r")) == NULL)
		fail_msg("%s", path);
	text = calloc(1, 1 << 20);
	assert_non_null(text);
	n = fread(text, 1, (1 << 20) - 1, f);
	assert_true(n > 0 && n < (1 << 20) - 1);
	(void)fclose(f);
	return text;
}

/* A heading "### METHOD pattern" for every row, and for nothing else. */
static void
test_document(void **state)
{
	char	*text, *p, *end, line[256];
	size_t	 i, headings = 0;

	(void)state;
	text = read_file(ENDPOINTS_MD);
	for (i = 0; i < nevery; i++) {
		(void)snprintf(line, sizeof(line), "\n### %s %s\n",
		    http_method_name(every[i]->method), every[i]->pattern);
		if (strstr(text, line) == NULL)
			fail_msg("docs/ENDPOINTS.md has no%s", line);
	}
	for (p = text; (p = strstr(p, "\n### ")) != NULL; p = end) {
		headings++;
		end = strchr(p + 1, '\n');
		assert_non_null(end);
		for (i = 0; i < nevery; i++) {
			(void)snprintf(line, sizeof(line), "\n### %s %s\n",
			    http_method_name(every[i]->method),
			    every[i]->pattern);
			if (strncmp(p, line, strlen(line)) == 0)
				break;
		}
		if (i == nevery)
			fail_msg("no row for%.*s", (int)(end - p), p);
	}
	assert_int_equal(headings, nevery);
	free(text);
}

static const struct template partials[] = {
	{ "greet", "Hi {{name}}!", 12 },
	{ "loop", "{{>loop}}", 9 },
	{ "line", "<{{name}}>\n", 11 },
	{ NULL, NULL, 0 }
};

static const struct {
	const char	*text;
	const char	*data;
	const char	*out;		/* NULL: refused */
} templates[] = {
	{ "plain", "{}", "plain" },
	{ "", "{}", "" },
	{ "{{a}} {{ b.c }} {{nope}}|", "{\"a\":\"<&\\\"'>\",\"b\":{\"c\":7}}",
	    "&lt;&amp;&quot;&#39;&gt; 7 |" },
	{ "{{a}}{{b}}", "{\"a\":true,\"b\":1.50}", "true1.50" },
	{ "{{#l}}<{{.}}>{{/l}}", "{\"l\":[1,\"<\",true]}", "<1><&lt;><true>" },
	{ "{{#l}}{{n}}{{out}};{{/l}}",
	    "{\"out\":\"o\",\"l\":[{\"n\":1},{\"n\":2,\"out\":\"i\"}]}",
	    "1o;2i;" },
	{ "{{#o}}{{x}}{{/o}}", "{\"o\":{\"x\":\"y\"}}", "y" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{\"t\":true}", "yes" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{\"t\":false}", "no" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{\"t\":[]}", "no" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{\"t\":\"\"}", "no" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{\"t\":null}", "no" },
	{ "{{#t}}yes{{/t}}{{^t}}no{{/t}}", "{}", "no" },
	{ "{{#t}}yes{{/t}}", "{\"t\":0}", "yes" },
	{ "{{#a}}{{#a}}x{{/a}}{{/a}}", "{\"a\":[1,2]}", "xxxx" },
	{ "{{>greet}}", "{\"name\":\"<b>\"}", "Hi &lt;b&gt;!" },
	{ "{{#l}}{{>greet}}{{/l}}", "{\"l\":[{\"name\":\"a\"}]}", "Hi a!" },
	{ "a{{! no {{ here }}b", "{}", "ab" },
	{ "{ {{a}} }", "{\"a\":1}", "{ 1 }" },
	{ "{{%a}}|{{%n}}|{{%nope}}", "{\"a\":\"https://x/?a=<b>~\",\"n\":1}",
	    "https%3A%2F%2Fx%2F%3Fa%3D%3Cb%3E~|1|" },
	{ "{{#a=b}}y{{/a=b}}{{^a=b}}n{{/a=b}}", "{\"a\":\"x\",\"b\":\"x\"}",
	    "y" },
	{ "{{#a=b}}y{{/a=b}}{{^a=b}}n{{/a=b}}", "{\"a\":\"x\",\"b\":\"xx\"}",
	    "n" },
	{ "{{#a='x'}}y{{/a='x'}}{{#a='z'}}n{{/a='z'}}",
	    "{\"a\":[\"w\",\"x\"]}", "y" },
	{ "{{#l}}{{#o.a=n}}{{n}}{{/o.a=n}}{{/l}}",
	    "{\"o\":{\"a\":\"q\"},\"l\":[{\"n\":\"p\"},{\"n\":\"q\"}]}", "q" },
	{ "{{#a=b}}y{{/a=b}}", "{}", "" },
	{ "{{^a='0'}}y{{/a='0'}}{{#a='0'}}n{{/a='0'}}", "{\"a\":0}", "n" },
	{ "{{^a='0'}}y{{/a='0'}}{{#a='0'}}n{{/a='0'}}", "{\"a\":10}", "y" },
	{ "{{#a=}}y{{/a=}}{{^=}}n{{/=}}", "{\"a\":\"\"}", "n" },
	{ "{{#l}}\n{{.}}\n{{/l}}\n{{>greet}}\n.", "{\"l\":[1,2],"
	    "\"name\":\"a\"}", "1\n2\nHi a!." },
	{ "{{>line}}\n{{>line}}.\n{{>line}}", "{\"name\":1}",
	    "<1>\n<1>.\n<1>" },
	{ "a {{#t}}\nb\n{{/t}}\n", "{\"t\":true}", "a \nb\n" },
	{ "{{a", "{}", NULL },
	{ "{{}}", "{}", NULL },
	{ "{{/a}}", "{}", NULL },
	{ "{{#a}}", "{\"a\":1}", NULL },
	{ "{{#a}}{{/b}}", "{\"a\":1}", NULL },
	{ "{{#a}}{{#b}}{{/a}}{{/b}}", "{\"a\":1}", NULL },
	{ "{{{a}}}", "{}", NULL },
	{ "{{&a}}", "{}", NULL },
	{ "{{a b}}", "{}", NULL },
	{ "{{>nosuch}}", "{}", NULL },
	{ "{{>loop}}", "{}", NULL },
	{ "{{=<% %>=}}", "{}", NULL },
	{ "{{a0123456789012345678901234567890123456789012345678901234567890"
	    "123456789}}", "{}", NULL },
};

static void
test_template(void **state)
{
	struct json_doc	*doc;
	struct json_buf	 out;
	struct template	 t = { "t", NULL, 0 };
	size_t		 i;
	int		 ret;

	(void)state;
	for (i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		doc = json_parse(templates[i].data,
		    strlen(templates[i].data), NULL, NULL);
		assert_non_null(doc);
		t.text = templates[i].text;
		t.len = strlen(t.text);
		json_buf_init(&out, 1000);
		ret = template_render(&t, json_root(doc), partials, &out);
		if (templates[i].out == NULL ? ret == 0 : ret == -1 ||
		    strcmp(out.data == NULL ? "" : out.data,
		    templates[i].out) != 0)
			fail_msg("%s: %s", t.text,
			    ret == -1 ? "refused" : out.data);
		json_buf_free(&out);
		json_free(doc);
	}
	doc = json_parse("{\"a\":\"<<<<<<\"}", 14, NULL, NULL);
	t.text = "{{a}}";
	t.len = 5;
	json_buf_init(&out, 10);
	assert_int_equal(template_render(&t, json_root(doc), partials, &out),
	    -1);
	json_buf_free(&out);
	json_free(doc);
}

static void
check_parameters(const struct json_value *list, const struct param *p)
{
	const struct json_value	*v;

	for (; p != NULL && p->name != NULL; p++) {
		for (v = json_first(list); v != NULL &&
		    strcmp(json_get_text(v, "name"), p->name) != 0;
		    v = v->next)
			;
		if (v == NULL)
			fail_msg("no parameter %s", p->name);
	}
}

static void
check_members(const struct json_value *properties, const struct param *p)
{
	for (; p != NULL && p->name != NULL; p++)
		if (json_get(properties, p->name) == NULL)
			fail_msg("no member %s", p->name);
}

/* The document of /v1 has each row with each of its parameters. */
static void
test_openapi_v1(void **state)
{
	static const char *const	 methods[] = { [HTTP_GET] = "get",
	    [HTTP_POST] = "post", [HTTP_PUT] = "put", [HTTP_PATCH] = "patch",
	    [HTTP_DELETE] = "delete" };
	const struct json_value		*paths, *operation;
	const struct route		*r;
	struct json_doc			*doc;
	struct json_buf			 b;
	char				 path[256], *star;
	size_t				 i, n = 0;

	(void)state;
	json_buf_init(&b, 1 << 20);
	openapi_v1_write(&b, "https://x");
	assert_false(b.failed);
	assert_non_null(doc = json_parse(b.data, b.len, NULL, NULL));
	paths = json_get(json_root(doc), "paths");
	for (i = 0; i < route_table_len; i++) {
		r = &route_table[i];
		if (!openapi_v1_is_row(r))
			continue;
		(void)strlcpy(path, r->pattern, sizeof(path));
		if ((star = strchr(path, '*')) != NULL)
			memmove(star, star + 1, strlen(star));
		operation = json_get(json_get(paths, path),
		    methods[r->method]);
		if (operation == NULL)
			fail_msg("no %s %s", methods[r->method], path);
		check_parameters(json_get(operation, "parameters"), r->query);
		if (r->body_kind == BODY_OBJECT && r->body->name != NULL)
			check_members(json_find(operation, "/requestBody/"
			    "content/application~1json/schema/properties"),
			    r->body);
		n++;
	}
	assert_true(n > 40);
	json_free(doc);
	json_buf_free(&b);
}

/* Each page of the build renders, with nothing and with everything. */
static void
test_pages(void **state)
{
	static const char	 all[] = "{\"title\":\"<t>\",\"detail\":\"d\","
	    "\"remediation\":\"r\",\"message\":\"m\",\"status\":404,"
	    "\"issuer\":\"i\",\"version\":\"v\",\"request_id\":\"x\"}";
	const struct template	*t;
	struct json_doc		*empty, *full;
	struct json_buf		 out;

	(void)state;
	empty = json_parse("{}", 2, NULL, NULL);
	full = json_parse(all, sizeof(all) - 1, NULL, NULL);
	assert_non_null(empty);
	assert_non_null(full);
	assert_non_null(template_find(pages, "home"));
	assert_non_null(template_find(pages, "style.css"));
	assert_null(template_find(pages, "nosuch"));
	for (t = pages; t->name != NULL; t++) {
		assert_int_equal(t->len, strlen(t->text));
		if (strchr(t->name, '.') != NULL)
			continue;
		json_buf_init(&out, 100000);
		assert_int_equal(template_render(t, json_root(empty), pages,
		    &out), 0);
		assert_int_equal(template_render(t, json_root(full), pages,
		    &out), 0);
		assert_null(strstr(out.data, "{{"));
		assert_null(strstr(out.data, "<t>"));
		json_buf_free(&out);
	}
	json_free(empty);
	json_free(full);
}

static void
test_problem(void **state)
{
	struct problem	p = PROBLEM_INIT(403, "insufficient_scope",
	    "A \"scope\"", "", "");
	struct json_buf	b;
	char		out[1024];

	(void)state;
	json_buf_init(&b, 10000);
	problem_write(&b, &p, "https://x", "u-u", 1769860800);
	assert_string_equal(b.data, "{\"message\":\"A \\\"scope\\\"\","
	    "\"status\":403,\"occurred_at\":\"2026-01-31T12:00:00Z\","
	    "\"instance\":\"urn:uuid:u-u\","
	    "\"type\":\"https://x/errors/insufficient_scope\","
	    "\"code\":\"insufficient_scope\"}");
	json_buf_free(&b);
	assert_int_equal(problem_authenticate(&p, out, sizeof(out)), -1);
	p.scope = "a:view b\\:edit";
	p.detail = "d";
	p.remediation = "r";
	p.parameter = "/x";
	p.location = "body";
	problem_write(&b, &p, "https://x", "u-u", 1769860800);
	assert_string_equal(b.data, "{\"message\":\"A \\\"scope\\\"\","
	    "\"status\":403,\"occurred_at\":\"2026-01-31T12:00:00Z\","
	    "\"instance\":\"urn:uuid:u-u\","
	    "\"type\":\"https://x/errors/insufficient_scope\","
	    "\"code\":\"insufficient_scope\",\"detail\":\"d\","
	    "\"remediation\":\"r\",\"context\":{\"parameter\":{\"id\":\"/x\","
	    "\"location\":\"body\"}}}");
	json_buf_free(&b);
	assert_int_equal(problem_authenticate(&p, out, sizeof(out)), 0);
	assert_string_equal(out, "Bearer realm=\"grantd\", "
	    "error=\"insufficient_scope\", "
	    "error_description=\"A 'scope'\", scope=\"a:view b':edit\"");
	assert_int_equal(problem_authenticate(&p, out, 20), -1);
	p.status = 401;
	p.code = "missing_token";
	assert_int_equal(problem_authenticate(&p, out, sizeof(out)), 0);
	assert_string_equal(out, "Bearer realm=\"grantd\"");
	p.code = "token_expired";
	assert_int_equal(problem_authenticate(&p, out, sizeof(out)), 0);
	assert_string_equal(out, "Bearer realm=\"grantd\", "
	    "error=\"invalid_token\", error_description=\"A 'scope'\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_openapi_v1),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_problem),
	};

	return cmocka_run_group_tests(tests, flatten, NULL);
}
