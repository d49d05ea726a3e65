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
 * The catalogue: what is in it, what is refused, and that a bad one leaves
 * the old one where it is.
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

#include "catalogue.h"
#include "log.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define MORE	"\"kind\":\"procedure\",\"shape\":\"scalar\","
#define ONE(name, rest)							\
	"{\"name\":\"" name "\"," MORE rest "\"arguments\":"		\
	"{\"type\":\"object\"}}"
#define WHOLE(list)							\
	"{\"generation\":3,\"scopes\":[],\"procedures\":[" list "]}"

static unsigned int	changes;

static void
changed(void)
{
	changes++;
}

static char *
seed(size_t *len)
{
	static char	 text[65536];
	FILE		*f = fopen(SEED, "r");

	assert_non_null(f);
	*len = fread(text, 1, sizeof(text), f);
	fclose(f);
	return text;
}

static void
reads_one(void **state)
{
	const struct catalogue_entry	*e;
	struct catalogue		*c;
	const char			*text;
	size_t				 len;

	(void)state;
	text = seed(&len);
	assert_non_null(c = catalogue_parse(text, len, NULL));
	assert_int_equal(c->generation, 7);
	assert_string_equal(c->title, "Shop");
	assert_int_equal(c->nscopes, 2);
	assert_true(catalogue_scope(c, "segments:write")->sensitive);
	assert_null(catalogue_scope(c, "other"));
	assert_int_equal(c->n, 3);
	assert_non_null(e = catalogue_by_name(c, "shop.orders"));
	assert_ptr_equal(catalogue_by_tool(c, "orders"), e);
	assert_string_equal(e->path, "/api/shop/orders");
	assert_string_equal(e->scope, "orders:read");
	assert_int_equal(e->shape, SHAPE_LIST);
	assert_true(e->read_only && e->get && e->paged && !e->destructive);
	assert_int_equal(e->timeout_ms, 10000);
	assert_null(e->confirm);
	assert_non_null(schema_property(e->schema, "store"));
	assert_null(schema_property(e->schema, "shop"));
	e = catalogue_by_name(c, "shop.segment_delete");
	assert_string_equal(e->confirm, "Delete it?");
	assert_true(e->destructive && !e->get);
	assert_null(e->result);
	e = catalogue_by_uri(c, "shop://terms");
	assert_string_equal(e->name, "shop.terms");
	assert_null(e->scope);
	assert_null(catalogue_by_name(c, "shop"));
	assert_null(catalogue_by_tool(c, ""));
	assert_null(catalogue_by_uri(c, "shop://"));
	catalogue_unref(c);
}

static const char *const broken[] = {
	"", "[]", "{}", "{\"generation\":1}",
	"{\"generation\":-1,\"scopes\":[],\"procedures\":[]}",
	"{\"generation\":1,\"scopes\":[{}],\"procedures\":[]}",
	"{\"generation\":1,\"scopes\":{},\"procedures\":[]}",
	"{\"generation\":1,\"scopes\":[],\"procedures\":{}}",
	WHOLE("1"), WHOLE("{}"), WHOLE("{\"kind\":\"prompt\"}"),
	WHOLE(ONE("a", "") "," ONE("a", "")),
	WHOLE(ONE("a", "\"mcp\":true,\"tool\":\"t\",") ","
	    ONE("b", "\"mcp\":true,\"tool\":\"t\",")),
	/* lists that are cut into pieces which fit again */
	WHOLE(","), WHOLE(ONE("a", "") ","), WHOLE("," ONE("a", "")),
	WHOLE(ONE("a", "") ",," ONE("b", "")), WHOLE("]"), WHOLE("[]"),
	WHOLE(ONE("a", "") " " ONE("b", "")), WHOLE("\""), WHOLE("\\"),
	WHOLE(ONE("a", "") "}," ONE("b", "")), WHOLE("{") , WHOLE("}"),
	WHOLE(ONE("a", "") "],\"procedures\":[" ONE("b", "")),
	WHOLE("],\"proced\\u0075res\":["),
	"{\"generation\":1,\"scopes\":[],\"proced\\u0075res\":[1]}",
	"{\"generation\":1,\"scopes\":[],\"procedures\"::[]}",
	"{\"generation\":1,\"scopes\":[],\"procedures\"[]}",
	"{\"generation\":1,\"scopes\":[],\"procedures\":[",
	"{\"generation\":1,\"scopes\":[],\"procedures\":[\"",
	"{\"generation\":1,\"scopes\":[],\"procedures\":[\"\\",
	"{\"generation\":1,\"scopes\":[],\"procedures\":[]",
	"{\"generation\":1,\"scopes\":[\"procedures\",[]]}",
	"[\"procedures\",{\"generation\":1,\"procedures\":[]}]",
	"{\"generation\":1,\"scopes\":[],\"x\":{\"procedures\":[]}}",
};

static void
refuses(void **state)
{
	struct schema_error	 error;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(broken); i++) {
		if (catalogue_parse(broken[i], strlen(broken[i]), &error) !=
		    NULL)
			fail_msg("taken: %s", broken[i]);
		assert_string_not_equal(error.text, "");
	}
}

#define TEN(x)	x x x x x x x x x x
#define ARGUMENTS(schema)	"\"name\":\"a.b\"," MORE "\"arguments\":" schema

/* Entries that cannot be used, and words of what is said of them. */
static const struct { const char *members; const char *why; } unfit[] = {
	{ "\"name\":\"a.b\"", "missing" },
	{ "\"name\":\"a.b\",\"kind\":\"x\",\"shape\":\"list\"", "missing" },
	{ "\"name\":\"a.b\",\"kind\":\"prompt\",\"shape\":\"x\"", "missing" },
	{ ARGUMENTS("[]"), "wrong type" },
	{ ARGUMENTS("{},\"kinds\":1"), "wrong type" },
	{ ARGUMENTS("{},\"examples\":{}"), "wrong type" },
	{ ARGUMENTS("{\"type\":\"objct\"}"), "none of JSON Schema's" },
	{ ARGUMENTS("{\"enum\":[]}"), "no list" },
	{ ARGUMENTS("{\"maxLength\":-1}"), "no count" },
	{ ARGUMENTS("{},\"examples\":[{\"x\":1,\"x\":2}]"), "repeated" },
	{ ARGUMENTS("{},\"examples\":[1e400]"), "out of range" },
	{ ARGUMENTS("{},\"examples\":[" TEN("12345678") "]"), "64" },
	{ ARGUMENTS("{},\"examples\":" TEN("[[[[[[") TEN("]]]]]]")),
	    "nested" },
	{ ARGUMENTS("{},\"title\":\"\\u0001\""), "control" },
	{ ARGUMENTS("{},\"title\":\"\\ud800\""), "" },
	{ ARGUMENTS("{},\"name\":\"c\""), "repeated" },
};

/* What is broken is left out by its name; the others are there. */
static void
leaves_out(void **state)
{
	static const char	*const names[] = { "a", "z" };
	struct catalogue	*c;
	char			 text[4096];
	size_t			 i, k;

	(void)state;
	for (i = 0; i < COUNT(unfit); i++) {
		assert_in_range(snprintf(text, sizeof(text),
		    WHOLE(ONE("z", "") ", { %s}," ONE("a", "")),
		    unfit[i].members), 1, sizeof(text) - 1);
		c = catalogue_parse(text, strlen(text), NULL);
		if (c == NULL)
			fail_msg("refused: %s", text);
		assert_int_equal(c->n, 2);
		for (k = 0; k < COUNT(names); k++)
			assert_non_null(catalogue_by_name(c, names[k])->schema);
		assert_null(catalogue_by_name(c, "a.b"));
		assert_int_equal(c->nbroken, 1);
		assert_string_equal(c->broken[0].name, "a.b");
		assert_string_not_equal(c->broken[0].error.text, "");
		if (strstr(c->broken[0].error.text, unfit[i].why) == NULL)
			fail_msg("%s: %s", text, c->broken[0].error.text);
		assert_int_equal(catalogue_set(text, strlen(text)), 0);
		assert_int_equal(catalogue_now()->n, 2);
		catalogue_unref(c);
	}
	/* without a name that can be read it is no entry */
	for (i = 0; i < COUNT(unfit); i++) {
		assert_in_range(snprintf(text, sizeof(text),
		    WHOLE(ONE("z", "") ",{%s}"), unfit[i].members), 1,
		    sizeof(text) - 1);
		*strchr(strstr(text, "a.b"), '.') = '"';
		assert_null(catalogue_parse(text, strlen(text), NULL));
	}
}

/* As many entries in a step as it was told; text with space everywhere. */
static void
reads_in_steps(void **state)
{
	static const char	 text[] = " { \"x\" : \"procedures\" , "
	    "\"y\":[[\"]\",{\"procedures\":[1]}]], \"procedures\" : [ "
	    ONE("c", "") " ,\n" ONE("a", "\"title\":\"],[{\\\"\",") ","
	    ONE("b", "") "\t] , \"scopes\":[ ],\"generation\":3 } ";
	struct catalogue_reader	*r;
	struct catalogue	*c;
	struct schema_error	 error;
	char			*copy;

	(void)state;
	assert_non_null(copy = strdup(text));
	assert_non_null(r = catalogue_reader_new(copy, strlen(copy),
	    &error));
	free(copy);
	assert_int_equal(catalogue_reader_step(r, 2, &error), 1);
	assert_int_equal(catalogue_reader_step(r, 1, &error), 1);
	assert_int_equal(catalogue_reader_step(r, 1, &error), 0);
	c = catalogue_reader_take(r);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->generation, 3);
	assert_string_equal(c->entries[0].title, "],[{\"");
	assert_non_null(c->entries[2].schema);
	catalogue_unref(c);
	assert_non_null(r = catalogue_reader_new(WHOLE(ONE("a", "") ",1"),
	    strlen(WHOLE(ONE("a", "") ",1")), &error));
	assert_int_equal(catalogue_reader_step(r, 1, &error), 1);
	assert_int_equal(catalogue_reader_step(r, 1, &error), -1);
	catalogue_reader_free(r);
	assert_non_null(c = catalogue_parse(WHOLE(" \n"),
	    strlen(WHOLE(" \n")), &error));
	assert_int_equal(c->n, 0);
	catalogue_unref(c);
}

static void
changes_places(void **state)
{
	static const char	 two[] = WHOLE(ONE("b", "") "," ONE("a", ""));
	struct catalogue	*held;
	const char		*text;
	size_t			 len;

	(void)state;
	assert_int_equal(catalogue_now()->generation, 0);
	assert_null(catalogue_by_name(catalogue_now(), "a"));
	assert_null(catalogue_by_tool(catalogue_now(), "a"));
	catalogue_on_change(changed);
	text = seed(&len);
	assert_int_equal(catalogue_set(text, len), 0);
	assert_int_equal(changes, 1);
	held = catalogue_ref(catalogue_now());
	assert_int_equal(catalogue_set("{", 1), -1);
	assert_int_equal(changes, 1);
	assert_ptr_equal(catalogue_now(), held);
	assert_int_equal(catalogue_set(two, strlen(two)), 0);
	assert_int_equal(changes, 2);
	assert_string_equal(catalogue_now()->entries[0].name, "a");
	/* who holds the old one still can */
	assert_non_null(catalogue_by_name(held, "shop.orders"));
	catalogue_unref(held);
	assert_int_equal(catalogue_set(WHOLE(""), strlen(WHOLE(""))), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_one),
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads_in_steps),
		cmocka_unit_test(changes_places),
		cmocka_unit_test(leaves_out),
	};

	log_init("test", 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
