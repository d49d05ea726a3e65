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
 * Between the grammar (parse.y) and what it calls (conf_set.c).
 * Room: parent.
 */

#ifndef CONF_PARSE_H
#define CONF_PARSE_H

#include "conf.h"

struct word {
	const char	*text;		/* lives until the end of the parse */
	int		 line;
	enum conf_block	 block;
};

/* parse.y: the parse that is under way. */
struct conf	*parse_conf(void);
struct conf_report *parse_report(void);
const char	*parse_where(int line);		/* "file:line", static */
void		 parse_bad(int line, const char *, ...)
		    __attribute__((__format__(printf, 2, 3)));
void		 parse_no_memory(void);
/* -1, and told, when this setting was there before. */
int		 parse_once(enum conf_block, const char *name, int line);

/* conf_set.c */
void	 conf_set_text(char **, const struct word *, const char *name);
void	 conf_set_path(char **, const struct word *, const char *name);
/* name is NULL for what may stand there more than once. */
void	 conf_set_number(uint32_t *, const struct word *, const char *name,
	    uint32_t min, uint32_t max);
void	 conf_set_setting(const struct word *name, const struct word *value);
void	 conf_set_issuer(const struct word *);
void	 conf_set_user(enum role, const struct word *);
void	 conf_set_key(enum key_purpose, uint32_t, const struct word *);
void	 conf_set_host(const struct word *);
/* A flag of the file: 0 or 1. */
void	 conf_set_flag(uint32_t *, uint32_t, int line, const char *name);
void	 conf_set_nameserver(const struct word *);
void	 conf_set_inet(const struct word *addr, const struct word *port);
void	 conf_set_unix(const struct word *);
/* These belong to the last listener. */
void	 conf_set_mode(const struct word *);
void	 conf_set_group(const struct word *);
void	 conf_set_proxy(const struct word *);
/* 0, or -1 and told. */
int	 conf_is_path(const struct word *, const char *name);

#endif /* CONF_PARSE_H */
