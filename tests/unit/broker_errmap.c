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
 * The table of errors: from SQLSTATE to what the caller is told.
 */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "errmap.h"
#include "ipc.h"

static void
error(struct db_error *e, const char *state)
{
	memset(e, 0, sizeof(*e));
	(void)strlcpy(e->sqlstate, state, sizeof(e->sqlstate));
	e->message = "the message";
	e->detail = "the detail";
	e->hint = "the hint";
	e->constraint = "the_code";
	e->column = "the parameter";
	e->table = "body";
	e->datatype = "orders:read";
	e->schema = "{\"left\":0}";
}

static void
test_states(void **state)
{
	static const struct {
		const char	*state;
		int		 status;
		int		 retry;
	} rows[] = {
		{ "22P02", 400, 0 }, { "22001", 400, 0 }, { "22023", 400, 0 },
		{ "23502", 400, 0 }, { "23514", 400, 0 },
		{ "23503", 409, 0 }, { "23505", 409, 0 }, { "23P01", 409, 0 },
		{ "40001", 503, 1 }, { "40P01", 503, 1 }, { "55P03", 503, 1 },
		{ "08006", 503, 1 }, { "53300", 503, 1 }, { "53100", 503, 1 },
		{ "57P01", 503, 1 }, { "57P03", 503, 1 }, { "25006", 503, 1 },
		{ "57014", 504, 0 },
		{ "42501", 500, 0 }, { "42883", 500, 0 }, { "P0001", 500, 0 },
		{ "XX000", 500, 0 }, { "", 500, 0 }, { "2", 500, 0 },
		/* neither of ours nor anybody's */
		{ "OA200", 500, 0 }, { "OA4x1", 500, 0 }, { "HT600", 500, 0 },
		{ "HT40", 500, 0 }, { "OA", 500, 0 },
	};
	struct msg_reply r;
	struct db_error e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		error(&e, rows[i].state);
		(void)errmap_sql(&r, &e);
		assert_int_equal(r.status, rows[i].status);
		assert_int_equal(r.retry_after != 0, rows[i].retry);
		/* PostgreSQL's own words never go out */
		assert_string_not_equal(r.message, "the message");
		assert_string_equal(r.detail, "");
		assert_string_not_equal(r.code, "the_code");
		assert_string_not_equal(r.code, "");
	}
}

static void
test_ours(void **state)
{
	static const struct {
		const char	*state;
		int		 status;
	} rows[] = {
		{ "OA401", 401 }, { "OA403", 403 }, { "OA404", 404 },
		{ "HT400", 400 }, { "HT409", 409 }, { "HT503", 503 },
		{ "OA429", 429 },
	};
	struct msg_reply r;
	struct db_error e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		error(&e, rows[i].state);
		assert_int_equal(errmap_sql(&r, &e), 0);
		assert_int_equal(r.status, rows[i].status);
		assert_string_equal(r.message, "the message");
		assert_string_equal(r.detail, "the detail");
		assert_string_equal(r.remediation, "the hint");
		assert_string_equal(r.code, "the_code");
		assert_string_equal(r.parameter, "the parameter");
		assert_string_equal(r.location, "body");
		assert_string_equal(r.scope, "orders:read");
		assert_int_equal(r.retry_after != 0,
		    rows[i].status == 429 || rows[i].status == 503);
	}
}

/* What procedures of applications raise. */
static void
test_procedures(void **state)
{
	static const struct {
		const char	*state;
		int		 status;
		int		 retry;
		int		 own;	/* the message is the procedure's */
		const char	*code;
	} rows[] = {
		{ "22P02", 422, 0, 0, "invalid_value" },
		{ "22023", 422, 0, 0, "invalid_value" },
		{ "23502", 422, 0, 0, "invalid_value" },
		{ "23514", 422, 0, 0, "invalid_value" },
		{ "23503", 409, 0, 0, "conflict" },
		{ "23505", 409, 0, 0, "conflict" },
		{ "23P01", 409, 0, 0, "conflict" },
		{ "42501", 403, 0, 0, "row_denied" },
		{ "P0001", 400, 0, 1, "raised" },
		{ "P0002", 404, 0, 1, "not_found" },
		{ "40001", 503, 1, 0, "busy" }, { "40P01", 503, 1, 0, "busy" },
		{ "55P03", 503, 1, 0, "busy" },
		{ "57014", 504, 0, 0, "timeout" },
		{ "08006", 503, 1, 0, "unavailable" },
		{ "53300", 503, 1, 0, "unavailable" },
		{ "57P01", 503, 1, 0, "unavailable" },
		{ "25006", 500, 0, 0, "internal" },
		{ "42883", 500, 0, 0, "internal" },
		{ "0A000", 500, 0, 0, "internal" },
		{ "P0003", 500, 0, 0, "internal" },
		{ "", 500, 0, 0, "internal" },
		{ "HT403", 403, 0, 1, "the_code" },
		{ "HT429", 429, 1, 1, "the_code" },
		{ "HT600", 500, 0, 0, "internal" },
		/* the gate's own */
		{ "OA401", 500, 0, 0, "internal" },
		{ "OA403", 500, 0, 0, "internal" },
	};
	struct msg_reply r;
	struct db_error e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		error(&e, rows[i].state);
		(void)errmap_procedure(&r, &e);
		assert_int_equal(r.status, rows[i].status);
		assert_int_equal(r.retry_after != 0, rows[i].retry);
		assert_string_equal(r.code, rows[i].code);
		assert_int_equal(strcmp(r.message, "the message") == 0,
		    rows[i].own);
		assert_int_equal(strcmp(r.detail, "the detail") == 0,
		    rows[i].own);
		assert_int_equal(r.body_len > 0, strncmp(rows[i].state, "HT4",
		    3) == 0);
	}
	error(&e, "HT409");
	(void)errmap_procedure(&r, &e);
	assert_string_equal(r.body, "{\"left\":0}");
	error(&e, "GA001");
	e.detail = "{\"requestState\":\"x\"}";
	assert_int_equal(errmap_procedure(&r, &e), 0);
	assert_int_equal(r.status, 428);
	assert_string_equal(r.code, "input_required");
	assert_string_equal(r.body, e.detail);
	assert_int_equal(r.body_len, strlen(e.detail));
	assert_string_equal(r.detail, "");
}

/* A question that is too long for its message. */
static void
test_procedure_long(void **state)
{
	struct msg_reply r;
	struct db_error e;
	char *s = malloc(MSG_MAX_BODY + 2);

	(void)state;
	assert_non_null(s);
	memset(s, 'x', MSG_MAX_BODY + 1);
	s[MSG_MAX_BODY + 1] = '\0';
	error(&e, "GA001");
	e.detail = s;
	assert_int_equal(errmap_procedure(&r, &e), 1);
	assert_int_equal(r.status, 500);
	assert_int_equal(r.body_len, 0);
	s[MSG_MAX_BODY] = '\0';
	assert_int_equal(errmap_procedure(&r, &e), 0);
	assert_int_equal(r.status, 428);
	error(&e, "P0001");
	e.message = s;
	(void)errmap_procedure(&r, &e);
	assert_int_equal(strlen(r.message), MSG_MAX_TEXT);
	free(s);
}

/* Every reply has to fit into its message, and stay UTF-8. */
static void
test_long(void **state)
{
	static char	 text[3 * MSG_MAX_TEXT];
	struct msg_reply r;
	struct db_error	 e;
	struct ibuf	*buf;
	size_t		 i, n;

	(void)state;
	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	error(&e, "HT400");
	e.message = e.detail = e.hint = e.column = text;
	e.table = e.datatype = e.constraint = text;
	(void)errmap_sql(&r, &e);
	n = strlen(r.message);
	assert_in_range(n, MSG_MAX_TEXT - 3, MSG_MAX_TEXT);
	assert_int_equal(n % 2, 0);
	assert_string_equal(r.code, "");
	buf = ibuf_dynamic(64, IPC_MAX_REPLY);
	assert_non_null(buf);
	assert_int_equal(msg_reply_encode(buf, &r), 0);
	ibuf_free(buf);
}

static void
test_own(void **state)
{
	struct msg_reply r;
	int i;

	(void)state;
	for (i = 0; i < OWN__MAX; i++) {
		errmap_own(&r, i);
		assert_in_range(r.status, 400, 599);
		assert_string_not_equal(r.code, "");
		assert_string_not_equal(r.message, "");
	}
	for (i = 0; i < UNIT__MAX; i++) {
		errmap_unit(&r, i);
		assert_in_range(r.status, 500, 599);
		assert_string_not_equal(r.message, "");
		assert_non_null(errmap_result(i));
	}
	errmap_unit(&r, UNIT_LOST);
	assert_int_equal(r.status, 503);
	errmap_unit(&r, UNIT_NOT_DURABLE);
	assert_int_equal(r.status, 503);
	errmap_unit(&r, UNIT_EXPIRED);
	assert_int_equal(r.status, 504);
	errmap_own(&r, OWN_UNKNOWN_OPERATION);
	assert_int_equal(r.status, 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_procedures),
		cmocka_unit_test(test_procedure_long),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
