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
 * The lexer of grantd.conf(5).  Room: parent, and its unit test.  It must
 * not know keywords, open files or keep state beyond struct lex.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf_lex.h"

#define LEX_MAX_NAME	63	/* of a macro */

static int
lex_peek(const struct lex *lx)
{
	if (lx->pos >= lx->len)
		return -1;
	return (unsigned char)lx->buf[lx->pos];
}

static int
lex_getc(struct lex *lx)
{
	int	 c = lex_peek(lx);

	if (c != -1)
		lx->pos++;
	if (c == '\n')
		lx->line++;
	return c;
}

static int
lex_is_name(int c, int first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
		return 1;
	return !first && c >= '0' && c <= '9';
}

/* What a bare word is made of: visible ASCII without our punctuation. */
static int
lex_is_word(int c)
{
	return c > ' ' && c < 0x7f && strchr("{},=\"#\\", c) == NULL;
}

__attribute__((__format__(printf, 2, 3)))
static void
lex_error(struct lex_token *t, const char *fmt, ...)
{
	va_list	 ap;

	t->kind = LEX_ERROR;
	va_start(ap, fmt);
	/* Cut is fine: it is a message for people. */
	(void)vsnprintf(t->text, sizeof(t->text), fmt, ap);
	va_end(ap);
}

static int
lex_append(struct lex_token *t, size_t *n, const char *s, size_t len)
{
	if (len > LEX_MAX_TEXT - *n) {
		lex_error(t, "expected at most %d bytes in one word",
		    LEX_MAX_TEXT);
		return -1;
	}
	memcpy(t->text + *n, s, len);
	*n += len;
	t->text[*n] = '\0';
	return 0;
}

/* After a dollar: appends the macro's value. */
static int
lex_macro(struct lex *lx, struct lex_token *t, size_t *n)
{
	char		 name[LEX_MAX_NAME + 1];
	const char	*value;
	size_t		 len = 0;

	while (lex_is_name(lex_peek(lx), len == 0)) {
		if (len == LEX_MAX_NAME) {
			lex_error(t, "expected a macro name of at most %d "
			    "characters", LEX_MAX_NAME);
			return -1;
		}
		name[len++] = (char)lex_getc(lx);
	}
	name[len] = '\0';
	if (len == 0) {
		lex_error(t, "expected a macro name after \"$\"");
		return -1;
	}
	value = lx->macro == NULL ? NULL : lx->macro(name, lx->arg);
	if (value == NULL) {
		lex_error(t, "macro \"%s\" is not defined", name);
		return -1;
	}
	return lex_append(t, n, value, strlen(value));
}

/* One character of a quoted string after a backslash. */
static int
lex_escape(struct lex *lx, struct lex_token *t, size_t *n)
{
	int	 c = lex_peek(lx);
	char	 ch;

	if (c == '\n') {	/* a long string may go on in the next line */
		(void)lex_getc(lx);
		return 0;
	}
	if (c != '"' && c != '\\' && c != '$') {
		lex_error(t, "expected \\\", \\\\ or \\$ after a backslash");
		return -1;
	}
	ch = (char)lex_getc(lx);
	return lex_append(t, n, &ch, 1);
}

/* One character of a quoted string that is no quote. */
static int
lex_string_char(struct lex *lx, struct lex_token *t, size_t *n)
{
	int	 c = lex_getc(lx);
	char	 ch = (char)c;

	if (c == '\\')
		return lex_escape(lx, t, n);
	if (c == '$')
		return lex_macro(lx, t, n);
	if ((c < ' ' && c != '\t') || c == 0x7f) {
		lex_error(t, "byte 0x%02x is not allowed in a string",
		    (unsigned int)c);
		return -1;
	}
	return lex_append(t, n, &ch, 1);
}

/* After the opening quote; after an error, the rest is passed over. */
static void
lex_string(struct lex *lx, struct lex_token *t)
{
	size_t	 n = 0;
	int	 c;

	t->kind = LEX_STRING;
	while ((c = lex_peek(lx)) != -1 && c != '\n') {
		if (c == '"') {
			(void)lex_getc(lx);
			return;
		}
		if (t->kind == LEX_ERROR)
			(void)lex_getc(lx);
		else if (lex_string_char(lx, t, &n) == -1)
			t->kind = LEX_ERROR;
	}
	if (t->kind != LEX_ERROR)
		lex_error(t, "expected a closing quote before the end of the "
		    "line");
}

static void
lex_word(struct lex *lx, struct lex_token *t)
{
	size_t	 n = 0, at;
	char	 ch;

	t->kind = LEX_WORD;
	while (lex_is_word(lex_peek(lx))) {
		ch = (char)lex_getc(lx);
		if (ch != '$') {
			if (lex_append(t, &n, &ch, 1) == -1)
				return;
			continue;
		}
		if (lex_macro(lx, t, &n) == -1)
			return;
		t->kind = LEX_STRING;
	}
	for (at = lx->pos; at < lx->len; at++)
		if (lx->buf[at] != ' ' && lx->buf[at] != '\t')
			break;
	if (t->kind == LEX_WORD && at < lx->len && lx->buf[at] == '=')
		t->kind = LEX_NAME;
}

/* Blanks, comments and continued lines; -1 and an error token. */
static int
lex_skip(struct lex *lx, struct lex_token *t)
{
	int	 c;

	for (;;) {
		c = lex_peek(lx);
		if (c == ' ' || c == '\t' || c == '\r') {
			(void)lex_getc(lx);
		} else if (c == '#') {
			while (lex_peek(lx) != -1 && lex_peek(lx) != '\n')
				(void)lex_getc(lx);
		} else if (c == '\\') {
			(void)lex_getc(lx);
			if (lex_peek(lx) == '\r')
				(void)lex_getc(lx);
			if (lex_peek(lx) != '\n') {
				lex_error(t, "expected the end of the line "
				    "after a backslash");
				return -1;
			}
			(void)lex_getc(lx);
		} else
			return 0;
	}
}

void
lex_init(struct lex *lx, const char *buf, size_t len, lex_macro_cb macro,
    void *arg)
{
	lx->buf = buf;
	lx->len = len;
	lx->pos = 0;
	lx->line = 1;
	lx->macro = macro;
	lx->arg = arg;
}

void
lex_next(struct lex *lx, struct lex_token *t)
{
	int	 c;

	t->punct = '\0';
	t->text[0] = '\0';
	t->line = lx->line;
	if (lex_skip(lx, t) == -1)
		return;
	t->line = lx->line;
	c = lex_peek(lx);
	if (c == -1) {
		t->kind = LEX_EOF;
	} else if (c == '\n') {
		t->kind = LEX_NEWLINE;
		(void)lex_getc(lx);
	} else if (c == '"') {
		(void)lex_getc(lx);
		lex_string(lx, t);
	} else if (strchr("{},=", c) != NULL && c != '\0') {
		t->kind = LEX_PUNCT;
		t->punct = (char)lex_getc(lx);
		t->text[0] = t->punct;
		t->text[1] = '\0';
	} else if (lex_is_word(c)) {
		lex_word(lx, t);
	} else {
		(void)lex_getc(lx);
		lex_error(t, "byte 0x%02x is not allowed outside a string",
		    (unsigned int)c);
	}
}
