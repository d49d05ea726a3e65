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
 * The tables made of sql/queries.sql, the lookup of operations, and the
 * binary form of arrays.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "array.h"
#include "statement.h"

static int
highest_parameter(const char *sql)
{
	int n, max = 0;

	for (; (sql = strchr(sql, '$')) != NULL; sql++) {
		n = atoi(sql + 1);
		max = n > max ? n : max;
	}
	return max;
}

static void
test_statements(void **state)
{
	const struct statement *s;
	int i, j;

	(void)state;
	for (i = 0; i < QUERY__MAX; i++) {
		s = &statements[i];
		assert_non_null(s->name);
		assert_non_null(s->sql);
		assert_int_equal(strncmp(s->sql, "SELECT ", 7), 0);
		assert_null(strchr(s->sql, ';'));
		assert_int_equal(highest_parameter(s->sql), s->nparams);
		for (j = 0; j < s->nparams; j++)
			assert_int_not_equal(s->params[j], 0);
		for (j = 0; j < i; j++)
			assert_string_not_equal(s->name, statements[j].name);
	}
	assert_true(QUERIES_SCHEMA > 0);
}

static int
returns_reply(enum query q)
{
	const struct statement *s = &statements[q];

	return s->ncolumns >= 2 && s->columns[0] == OID_INT4 &&
	    s->columns[1] == OID_TEXT;
}

static void
test_operations(void **state)
{
	const struct operation *op;
	size_t i;
	int columns;

	(void)state;
	assert_true(noperations > 30);
	for (i = 0; i < noperations; i++) {
		op = &operations[i];
		assert_true(i == 0 ||
		    strcmp(operations[i - 1].name, op->name) < 0);
		assert_ptr_equal(operation_find(op->name), op);
		if (op->class == OPERATION_READ ||
		    op->class == OPERATION_WRITE) {
			assert_true(returns_reply(op->query));
			assert_int_equal(op->commit, QUERY__MAX);
			continue;
		}
		columns = statements[op->query].ncolumns;
		if (op->shared_plan) {
			assert_int_equal(statements[op->query].role,
			    STATEMENT_LOGIN);
			columns -= 8;	/* of an element's failure */
		}
		if (op->class == OPERATION_PASSWORD)
			assert_int_equal(columns, 2);
		else
			assert_true(columns == 13 || columns == 16);
		assert_true(returns_reply(op->commit));
	}
	op = operation_find("token.issue");
	assert_non_null(op);
	assert_int_equal(op->class, OPERATION_MINTBATCH);
	assert_int_equal(op->commit, QUERY_TOKEN_ISSUE_BATCH);
	assert_true(op->shared_plan);
	assert_int_equal(op->query, QUERY_TOKEN_ISSUE_PLAN);
	assert_int_equal(statements[op->query].nparams, 5);
	assert_int_equal(statements[op->commit].nparams, 9);
	assert_int_equal(statements[op->commit].ncolumns, 10);
	assert_int_equal(statements[QUERY_GATE_ENTER].nparams, 18);
	assert_int_equal(statements[QUERY_GATE_REFUSALS].nparams, 14);
}

static void
test_unknown(void **state)
{
	(void)state;
	assert_null(operation_find(""));
	assert_null(operation_find("token.issue "));
	assert_null(operation_find("token.issu"));
	assert_null(operation_find("Token.issue"));
	assert_null(operation_find("gate.enter"));
	assert_null(operation_find("zzz"));
}

static void
test_array(void **state)
{
	static const uint8_t want[] = {
		0, 0, 0, 1,  0, 0, 0, 1,  0, 0, 0, 25,  0, 0, 0, 3,
		0, 0, 0, 1,
		0, 0, 0, 2, 'a', 'b',  255, 255, 255, 255,  0, 0, 0, 0,
	};
	static const uint8_t numbers[] = {
		0, 0, 0, 1,  0, 0, 0, 0,  0, 0, 0, 20,  0, 0, 0, 1,
		0, 0, 0, 1,
		0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254,
	};
	struct array a;

	(void)state;
	array_init(&a, OID_TEXT, 0);
	array_text(&a, "ab");
	array_text(&a, NULL);
	array_text(&a, "");
	assert_int_equal(array_finish(&a), 0);
	assert_int_equal(a.len, sizeof(want));
	assert_memory_equal(a.data, want, sizeof(want));
	array_free(&a);
	assert_null(a.data);

	array_init(&a, OID_INT8, 100);
	array_int8(&a, -2);
	assert_int_equal(array_finish(&a), 0);
	assert_int_equal(a.len, sizeof(numbers));
	assert_memory_equal(a.data, numbers, sizeof(numbers));
	array_free(&a);
}

static void
test_array_more(void **state)
{
	struct array a;
	int i;

	(void)state;
	array_init(&a, OID_INT4, 0);
	assert_int_equal(array_finish(&a), 0);
	assert_int_equal(a.len, 12);	/* empty: no dimension */
	array_free(&a);

	array_init(&a, OID_JSONB, 0);
	array_jsonb(&a, "{}");
	assert_int_equal(a.data[20 + 3], 3);
	assert_int_equal(a.data[20 + 4], 1);
	assert_memory_equal(a.data + 25, "{}", 2);
	array_free(&a);

	array_init(&a, OID_INT4, 0);
	for (i = 0; i < 10000; i++)
		array_int4(&a, i);
	assert_int_equal(array_finish(&a), 0);
	assert_int_equal(a.len, 20 + 10000 * 8);
	assert_int_equal(a.data[a.len - 1], 9999 & 0xff);
	array_free(&a);

	/* too much is refused as a whole */
	array_init(&a, OID_BYTEA, 0);
	array_bytes(&a, "", SIZE_MAX);
	array_int4(&a, 1);
	assert_int_equal(array_finish(&a), -1);
	array_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_array),
		cmocka_unit_test(test_array_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
