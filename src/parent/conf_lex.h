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
 * Words, strings and punctuation of grantd.conf(5).  Pure: bytes and length
 * in, tokens out; it knows no keyword and opens no file.  Room: parent.
 */

#ifndef CONF_LEX_H
#define CONF_LEX_H

#include <stddef.h>

#define LEX_MAX_TEXT	1023	/* bytes of one word or string */

enum lex_kind {
	LEX_EOF,
	LEX_NEWLINE,
	LEX_WORD,	/* bare; may be a keyword */
	LEX_NAME,	/* bare, and an equals sign follows */
	LEX_STRING,	/* quoted, or made with a macro: never a keyword */
	LEX_PUNCT,	/* one of { } , = */
	LEX_ERROR	/* text says what was wrong; lexing may go on */
};

struct lex_token {
	enum lex_kind	 kind;
	int		 line;		/* where it begins */
	char		 punct;
	char		 text[LEX_MAX_TEXT + 1];
};

/* The value of a macro, or NULL when it has none. */
typedef const char *(*lex_macro_cb)(const char *name, void *arg);

struct lex {
	const char	*buf;
	size_t		 len;
	size_t		 pos;
	int		 line;
	lex_macro_cb	 macro;
	void		*arg;
};

void	 lex_init(struct lex *, const char *buf, size_t len, lex_macro_cb,
	    void *arg);
void	 lex_next(struct lex *, struct lex_token *);

#endif /* CONF_LEX_H */
