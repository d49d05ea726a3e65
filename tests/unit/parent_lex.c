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
 * The lexer of grantd.conf(5): each token once, each error once, and bytes
 * that nobody would write.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "conf_lex.h"

#define HOSTILE_ROUNDS	20000
#define HOSTILE_BYTES	64

static const char *
macro(const char *name, void *arg)
{
	assert_string_equal(arg, "arg");
	if (strcmp(name, "state") == 0)
		return "/var/lib";
	if (strcmp(name, "empty") == 0)
		return "";
	if (strcmp(name, "dollar") == 0)
		return "$state";
	return NULL;
}

static char	 macro_arg[] = "arg";

struct expected {
	enum lex_kind	 kind;
	const char	*text;
	int		 line;
};

static void
tokens(const char *input, const struct expected *e)
{
	struct lex		 lx;
	struct lex_token	 t;

	lex_init(&lx, input, strlen(input), macro, macro_arg);
	for (;; e++) {
		lex_next(&lx, &t);
		assert_int_equal(t.kind, e->kind);
		if (e->text != NULL)
			assert_string_equal(t.text, e->text);
		assert_int_equal(t.line, e->line);
		if (e->kind == LEX_EOF)
			return;
	}
}

static void
test_words(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_WORD, "listen", 1 }, { LEX_WORD, "on", 1 },
		{ LEX_WORD, "::1", 1 }, { LEX_WORD, "10.0.0.0/8", 1 },
		{ LEX_NEWLINE, "", 1 }, { LEX_NEWLINE, "", 2 },
		{ LEX_PUNCT, "{", 3 }, { LEX_WORD, "a", 3 },
		{ LEX_PUNCT, ",", 3 }, { LEX_WORD, "b", 3 },
		{ LEX_PUNCT, "}", 3 }, { LEX_EOF, "", 3 }
	};

	(void)state;
	tokens("listen\ton ::1 10.0.0.0/8 # a { comment \"\n\r\n{a,b}", e);
}

static void
test_names(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_NAME, "port", 1 }, { LEX_PUNCT, "=", 1 },
		{ LEX_WORD, "80", 1 }, { LEX_NEWLINE, "", 1 },
		{ LEX_NAME, "x", 2 }, { LEX_PUNCT, "=", 2 },
		{ LEX_STRING, "y", 2 }, { LEX_EOF, "", 2 }
	};

	(void)state;
	tokens("port \t = 80\nx=\"y\"", e);
}

static void
test_strings(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_STRING, "a b", 1 }, { LEX_STRING, "", 1 },
		{ LEX_STRING, "\"\\$x", 1 }, { LEX_STRING, "#{},=", 1 },
		{ LEX_STRING, "onetwo", 1 }, { LEX_STRING, "\xc3\xa9", 2 },
		{ LEX_EOF, "", 2 }
	};

	(void)state;
	tokens("\"a b\" \"\" \"\\\"\\\\\\$x\" \"#{},=\" \"one\\\ntwo\" "
	    "\"\xc3\xa9\"", e);
}

static void
test_macros(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_STRING, "/var/lib", 1 },
		{ LEX_STRING, "/var/lib/journal", 1 },
		{ LEX_STRING, "x/var/lib.y", 1 },
		{ LEX_STRING, "a /var/lib b", 1 }, { LEX_STRING, "", 1 },
		/* A value is not looked into again. */
		{ LEX_STRING, "$state", 1 }, { LEX_EOF, "", 1 }
	};

	(void)state;
	tokens("$state $state/journal x$state.y \"a $state b\" $empty $dollar",
	    e);
}

static void
test_continued(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_WORD, "a", 1 }, { LEX_WORD, "b", 2 },
		{ LEX_WORD, "c", 3 }, { LEX_EOF, "", 3 }
	};

	(void)state;
	tokens("a \\\nb \\\r\n\tc", e);
}

static void
test_errors(void **state)
{
	static const struct {
		const char	*input;
		const char	*says;
	} rows[] = {
		{ "\"open", "closing quote" },
		{ "\"open\nnext\"", "closing quote" },
		{ "\"a\\n\"", "after a backslash" },
		{ "\\ x", "after a backslash" },
		{ "$", "macro name" },
		{ "$1", "macro name" },
		{ "\"$\"", "macro name" },
		{ "$nothing", "\"nothing\" is not defined" },
		{ "\"a\x01\"", "0x01" },
		{ "\x02", "0x02" },
		{ "\xff", "0xff" },
	};
	struct lex_token	 t;
	struct lex		 lx;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lex_init(&lx, rows[i].input, strlen(rows[i].input), macro,
		    macro_arg);
		lex_next(&lx, &t);
		assert_int_equal(t.kind, LEX_ERROR);
		assert_non_null(strstr(t.text, rows[i].says));
	}
}

/* After a bad string the rest of its line is still read as before. */
static void
test_recovery(void **state)
{
	static const struct expected	 e[] = {
		{ LEX_ERROR, NULL, 1 }, { LEX_WORD, "next", 1 },
		{ LEX_PUNCT, "}", 1 }, { LEX_EOF, "", 1 }
	};

	(void)state;
	tokens("\"a $nothing b\" next }", e);
}

static void
test_nul(void **state)
{
	static const char	 input[] = "a\0b \"c\0d\"";
	struct lex_token	 t;
	struct lex		 lx;

	(void)state;
	lex_init(&lx, input, sizeof(input) - 1, macro, macro_arg);
	lex_next(&lx, &t);
	assert_string_equal(t.text, "a");
	lex_next(&lx, &t);
	assert_int_equal(t.kind, LEX_ERROR);
	lex_next(&lx, &t);
	assert_string_equal(t.text, "b");
	lex_next(&lx, &t);
	assert_int_equal(t.kind, LEX_ERROR);
	lex_next(&lx, &t);
	assert_int_equal(t.kind, LEX_EOF);
}

static void
test_long(void **state)
{
	char			 input[LEX_MAX_TEXT + 8];
	struct lex_token	 t;
	struct lex		 lx;

	(void)state;
	memset(input, 'a', sizeof(input));
	lex_init(&lx, input, LEX_MAX_TEXT, macro, macro_arg);
	lex_next(&lx, &t);
	assert_int_equal(t.kind, LEX_WORD);
	assert_int_equal(strlen(t.text), LEX_MAX_TEXT);
	lex_init(&lx, input, LEX_MAX_TEXT + 1, macro, macro_arg);
	lex_next(&lx, &t);
	assert_int_equal(t.kind, LEX_ERROR);
}

/* Whatever comes: each call moves on, and the end is reached. */
static void
test_hostile(void **state)
{
	static const char	 likely[] = "\"\\$#{},= \t\nab1/\r";
	char			 input[HOSTILE_BYTES];
	struct lex_token	 t;
	struct lex		 lx;
	size_t			 i, calls;
	int			 round;

	(void)state;
	srand(1);
	for (round = 0; round < HOSTILE_ROUNDS; round++) {
		for (i = 0; i < sizeof(input); i++)
			input[i] = round % 2 ? (char)rand() :
			    likely[(size_t)rand() % (sizeof(likely) - 1)];
		lex_init(&lx, input, sizeof(input), macro, macro_arg);
		calls = 0;
		do {
			lex_next(&lx, &t);
			assert_true(++calls <= sizeof(input) + 1);
			assert_true(lx.pos <= sizeof(input));
			assert_true(strlen(t.text) <= LEX_MAX_TEXT);
		} while (t.kind != LEX_EOF);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_continued),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
