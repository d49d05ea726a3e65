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
 * Cuts the text of a catalogue into its entries.  Room: frontend.  Pure: it
 * follows strings and brackets, and trusts neither.
 */

#include "config.h"

#include <string.h>

#include "catalogue_pieces.h"

#define PIECES_NAME	"\"procedures\""
#define PIECES_LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
			"0123456789._-"

/* Behind the string that begins at i. */
static size_t
pieces_string(const char *text, size_t len, size_t i)
{
	for (i++; i < len && text[i] != '"'; i++)
		if (text[i] == '\\')
			i++;
	return i < len ? i + 1 : len;
}

/*
 * Behind the value, list or object that goes on at i, whose bracket was
 * read: where depth would be less than 0, or at a comma on depth 0.
 */
static size_t
pieces_skip(const char *text, size_t len, size_t i)
{
	size_t	depth = 0;

	while (i < len) {
		switch (text[i]) {
		case '"':
			i = pieces_string(text, len, i);
			continue;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (depth-- == 0)
				return i;
			break;
		case ',':
			if (depth == 0)
				return i;
			break;
		}
		i++;
	}
	return len;
}

static int
pieces_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the [ of this member; 0 if it is another one. */
static size_t
pieces_list(const char *text, size_t len, size_t i)
{
	static const char	name[] = PIECES_NAME;

	while (i < len && pieces_space(text[i]))
		i++;
	if (len - i < sizeof(name) ||
	    memcmp(text + i, name, sizeof(name) - 1) != 0)
		return 0;
	for (i += sizeof(name) - 1; i < len && (pieces_space(text[i]) ||
	    text[i] == ':'); i++)
		;
	return i < len && text[i] == '[' ? i + 1 : 0;
}

void
catalogue_pieces_find(struct catalogue_pieces *p, const char *text,
    size_t len)
{
	const char	*open = memchr(text, '{', len);
	size_t		 i, from = 0;

	memset(p, 0, sizeof(*p));
	p->text = text;
	if (open == NULL)
		return;
	for (i = (size_t)(open - text) + 1; i < len; i++) {
		if ((from = pieces_list(text, len, i)) != 0)
			break;
		i = pieces_skip(text, len, i);
	}
	if (from == 0)
		return;
	for (i = from; i < len; i++) {
		i = pieces_skip(text, len, i);
		p->most++;
		if (i == len || text[i] != ',')
			break;
	}
	if (i >= len)
		return;		/* without an end: no list */
	p->at = from;
	p->end = i;
}

int
catalogue_pieces_next(struct catalogue_pieces *p, const char **piece,
    size_t *len)
{
	size_t	i = p->at, end;

	if (p->most <= 1)
		while (i < p->end && pieces_space(p->text[i]))
			i++;
	if (i > p->end || (i == p->end && p->most <= 1))
		return 0;
	end = pieces_skip(p->text, p->end, i);
	*piece = p->text + i;
	*len = end - i;
	p->at = end + 1;	/* behind the comma, or behind the end */
	return 1;
}

/* Behind these spaces and this text; len if it is not there. */
static size_t
pieces_behind(const char *piece, size_t len, size_t i, const char *text)
{
	size_t	n = strlen(text);

	while (i < len && pieces_space(piece[i]))
		i++;
	if (len - i < n || memcmp(piece + i, text, n) != 0)
		return len;
	return i + n;
}

void
catalogue_pieces_name(const char *piece, size_t len, char *out, size_t size)
{
	static const char *const	before[] = { "{", "\"name\"", ":",
	    "\"" };
	size_t				 i = 0, n = 0, part;

	for (part = 0; part < sizeof(before) / sizeof(before[0]); part++)
		i = pieces_behind(piece, len, i, before[part]);
	while (i + n < len && n + 1 < size && piece[i + n] != '\0' &&
	    strchr(PIECES_LETTERS, piece[i + n]) != NULL)
		n++;
	if (i + n >= len || piece[i + n] != '"')
		n = 0;
	memcpy(out, piece + i, n);
	out[n] = '\0';
}
