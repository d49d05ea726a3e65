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
 * Where the entries of a catalogue's text are, before any of it is parsed:
 * so each can be parsed by itself.  Pure.  Nothing is checked here: what is
 * no JSON fails where its pieces are parsed.
 */

#ifndef CATALOGUE_PIECES_H
#define CATALOGUE_PIECES_H

#include <stddef.h>

struct catalogue_pieces {
	const char	*text;
	size_t		 at;		/* behind the list's [, or the next */
	size_t		 end;		/* of the list: its ] */
	size_t		 most;		/* pieces that there can be */
};

/*
 * Finds the array that is the member "procedures" of the object; without
 * one at and end are 0.  The text is the caller's and must live on.
 */
void	 catalogue_pieces_find(struct catalogue_pieces *, const char *text,
	    size_t len);
/*
 * The name of an entry that cannot be parsed: its first member, if that is
 * "name" and a plain one; else "".
 */
void	 catalogue_pieces_name(const char *piece, size_t len, char *out,
	    size_t size);
/* 1 and the next piece between two commas; 0 when there is none. */
int	 catalogue_pieces_next(struct catalogue_pieces *, const char **piece,
	    size_t *len);

#endif /* CATALOGUE_PIECES_H */
