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
 * The grammar of grantd.conf(5).  Room: parent.  Words come from
 * conf_lex.c; the tables below say which of them are keywords in which
 * block, and the form that a message about a wrong line shows.
 */

%{
#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_lex.h"
#include "conf_parse.h"

#define PARSE_MAX_MACROS	256
#define PARSE_MAX_WHERE		(CONF_MAX_PATH + 16)

struct source {			/* a file being read */
	SLIST_ENTRY(source) entry;
	char		*path;
	char		*buf;
	struct lex	 lex;
	int		 ended;		/* the last newline was given */
};

struct note {			/* a text that we keep, maybe with a name */
	SLIST_ENTRY(note) entry;
	char		*text;
	char		*name;
};
SLIST_HEAD(notes, note);

static struct parse {
	struct conf	*conf;
	struct conf_report *report;
	SLIST_HEAD(, source) sources;
	int		 depth;		/* of include files */
	struct notes	 pool;
	struct notes	 macros;
	int		 nmacros;
	struct notes	 seen;		/* settings, with file:line */
	struct lex_token token;
	enum conf_block	 block;
	int		 braces;
	int		 opened;	/* line of the open brace */
	const struct keyword *item;	/* the statement that we are in */
	int		 fresh;		/* a statement ended: forget item */
	int		 reported;	/* the lexer told about it already */
} *ps;

static int	 yylex(void);
static void	 yyerror(const char *);
static char	*keep(const char *);
static void	 set_macro(const struct word *, const struct word *);
static void	 set_verbose(uint32_t);
static void	 set_documents(uint32_t);
static int	 include(const struct word *);
%}

%union {
	struct word	 w;
}

%token	ALLOW BAD BROKER CA CALL CHROOT CLIENT CONNECTIONS CONTROL COST
%token	DATABASE DOCUMENTS FETCHER FILE_ FRONTEND GROUP HASHER HOST INCLUDE
%token	ISSUER JOURNAL KEY LIFETIME LIMIT LISTEN LOG LOOPBACK BRIEF VERBOSE
%token	METADATA MODE NAME NAMESERVER OFF ON PASSWORD PORT PROXY PUBLISH
%token	READ SHARED SIGNER SIGNING SLOW SOCKET TRUSTED UNIX USER WRITE
%token	<w> SETTING MACRO WORD STRING
%type	<w> value
%start	grammar

%%

grammar		: /* empty */
		| grammar '\n'
		| grammar statement '\n'
		| grammar INCLUDE value '\n'	{
			/* No token was read ahead: the file comes next. */
			if (include(&$3) == -1)
				YYABORT;
		}
		| grammar error '\n'	{ yyerrok; }
		;

value		: WORD
		| STRING
		;

statement	: MACRO '=' value	{ set_macro(&$1, &$3); }
		| SETTING value		{ conf_set_setting(&$1, &$2); }
		| ISSUER value		{ conf_set_issuer(&$2); }
		| LISTEN ON listener
		| DATABASE '{' dbitems '}'
		| SIGNING KEY value	{ conf_set_key(KEY_SIGN, 0, &$3); }
		| PUBLISH KEY value	{ conf_set_key(KEY_PUBLISH, 0, &$3); }
		| SHARED KEY value value {
			uint32_t	 version = 0;

			conf_set_number(&version, &$3, NULL, 1, UINT32_MAX);
			conf_set_key(KEY_SHARED, version, &$4);
		}
		| JOURNAL value	{
			conf_set_path(&ps->conf->journal, &$2, "journal");
		}
		| LIFETIME '{' settings '}'
		| LIMIT '{' settings '}'
		| USER '{' users '}'
		| CHROOT value	{
			conf_set_path(&ps->conf->chroot, &$2, "chroot");
		}
		| CONTROL SOCKET value {
			conf_set_path(&ps->conf->control, &$3,
			    "control socket");
		}
		| PASSWORD COST value {
			conf_set_number(&ps->conf->cost, &$3, "password cost",
			    4, 16);
		}
		| CLIENT METADATA DOCUMENTS ON	{ set_documents(1); }
		| CLIENT METADATA DOCUMENTS OFF	{ set_documents(0); }
		| FETCHER '{' fetchitems '}'
		| LOG BRIEF	{ set_verbose(0); }
		| LOG VERBOSE	{ set_verbose(1); }
		;

settings	: /* empty */
		| settings setting
		;

setting		: SETTING value		{ conf_set_setting(&$1, &$2); }
		;

listener	: value PORT value	{ conf_set_inet(&$1, &$3); } proxies
		| UNIX value		{ conf_set_unix(&$2); } unixopts
		;

proxies		: /* empty */
		| TRUSTED PROXY value	{ conf_set_proxy(&$3); }
		| TRUSTED PROXY '{' networks '}'
		;

networks	: value			{ conf_set_proxy(&$1); }
		| networks value	{ conf_set_proxy(&$2); }
		| networks ',' value	{ conf_set_proxy(&$3); }
		;

unixopts	: /* empty */
		| unixopts MODE value	{ conf_set_mode(&$3); }
		| unixopts GROUP value	{ conf_set_group(&$3); }
		;

dbitems		: /* empty */
		| dbitems dbitem
		;

dbitem		: SOCKET value	{
			conf_set_path(&ps->conf->database.socket, &$2,
			    "database socket");
		}
		| HOST value		{ conf_set_host(&$2); }
		| setting
		| NAME value	{
			conf_set_text(&ps->conf->database.name, &$2,
			    "database name");
		}
		| USER value	{
			conf_set_text(&ps->conf->database.user, &$2,
			    "database user");
		}
		| PASSWORD FILE_ value {
			conf_set_path(&ps->conf->database.password_file, &$3,
			    "database password file");
		}
		| CA FILE_ value {
			conf_set_path(&ps->conf->database.ca_file, &$3,
			    "database ca file");
		}
		| CONNECTIONS READ value WRITE value {
			conf_set_number(&ps->conf->database.read, &$3,
			    "connections read", 1, 64);
			conf_set_number(&ps->conf->database.write, &$5,
			    "connections write", 1, 64);
		}
		| CONNECTIONS CALL value SLOW value {
			conf_set_number(&ps->conf->database.call, &$3,
			    "connections call", 1, 64);
			conf_set_number(&ps->conf->database.slow, &$5,
			    "connections slow", 1, 64);
		}
		;

users		: /* empty */
		| users FRONTEND value	{ conf_set_user(ROLE_FRONTEND, &$3); }
		| users BROKER value	{ conf_set_user(ROLE_BROKER, &$3); }
		| users SIGNER value	{ conf_set_user(ROLE_SIGNER, &$3); }
		| users HASHER value	{ conf_set_user(ROLE_HASHER, &$3); }
		| users FETCHER value	{ conf_set_user(ROLE_FETCHER, &$3); }
		;

fetchitems	: /* empty */
		| fetchitems fetchitem
		;

fetchitem	: ALLOW LOOPBACK {
			conf_set_flag(&ps->conf->fetcher.loopback, 1,
			    ps->token.line, "allow loopback");
		}
		| CA FILE_ value {
			conf_set_path(&ps->conf->fetcher.ca_file, &$3,
			    "fetcher ca file");
		}
		| NAMESERVER value	{ conf_set_nameserver(&$2); }
		| setting
		;

%%

/*
 * Which words are keywords where.  A row with a form begins a statement;
 * the form is what a message about a wrong one shows.
 */
struct keyword {
	const char	*word;
	enum conf_block	 block;
	enum conf_block	 opens;		/* the block of its braces */
	int		 token;
	const char	*form;
};

#define FORM_LISTEN	"listen on ADDRESS port NUMBER [trusted proxy "	\
			"{ NETWORK, ... }] or listen on unix \"PATH\" "	\
			"[mode 0660] [group \"NAME\"]"
#define T	BLOCK_TOP
#define D	BLOCK_DATABASE
#define U	BLOCK_USER
#define F	BLOCK_FETCHER

/* Sorted by word, then block: keyword_find() searches by halves. */
static const struct keyword keywords[] = {
	{ "allow", F, T, ALLOW, "allow loopback" },
	{ "brief", T, T, BRIEF, NULL },
	{ "broker", U, T, BROKER, "broker \"USER\"" },
	{ "ca", D, T, CA, "ca file \"PATH\"" },
	{ "ca", F, T, CA, "ca file \"PATH\"" },
	{ "call", D, T, CALL, NULL },
	{ "chroot", T, T, CHROOT, "chroot \"DIRECTORY\"" },
	{ "client", T, T, CLIENT, "client metadata documents on or client "
	    "metadata documents off" },
	{ "connections", D, T, CONNECTIONS,
	    "connections read NUMBER write NUMBER or connections call NUMBER "
	    "slow NUMBER" },
	{ "control", T, T, CONTROL, "control socket \"PATH\"" },
	{ "cost", T, T, COST, NULL },
	{ "database", T, D, DATABASE, "database { socket \"DIRECTORY\" or "
	    "host \"NAME\", port, name, user, password file, ca file, "
	    "connections }" },
	{ "documents", T, T, DOCUMENTS, NULL },
	{ "fetcher", T, F, FETCHER, "fetcher { ca file \"PATH\", nameserver "
	    "\"ADDRESS\", port NUMBER, allow loopback }" },
	{ "fetcher", U, T, FETCHER, "fetcher \"USER\"" },
	{ "file", D, T, FILE_, NULL },
	{ "file", F, T, FILE_, NULL },
	{ "frontend", U, T, FRONTEND, "frontend \"USER\"" },
	{ "group", T, T, GROUP, NULL },
	{ "hasher", U, T, HASHER, "hasher \"USER\"" },
	{ "host", D, T, HOST, "host \"NAME\"" },
	{ "include", T, T, INCLUDE, "include \"PATH\"" },
	{ "issuer", T, T, ISSUER, "issuer \"https://HOST\"" },
	{ "journal", T, T, JOURNAL, "journal \"PATH\"" },
	{ "key", T, T, KEY, NULL },
	{ "lifetime", T, BLOCK_LIFETIME, LIFETIME,
	    "lifetime { access, refresh, maximum, grace: DURATION each }" },
	{ "limit", T, BLOCK_LIMIT, LIMIT,
	    "limit { header SIZE, body SIZE, connections NUMBER, queue "
	    "NUMBER, idle DURATION, wait DURATION, rate NUMBER, streams "
	    "NUMBER, calls NUMBER }" },
	{ "listen", T, T, LISTEN, FORM_LISTEN },
	{ "log", T, T, LOG, "log brief or log verbose" },
	{ "loopback", F, T, LOOPBACK, NULL },
	{ "metadata", T, T, METADATA, NULL },
	{ "mode", T, T, MODE, NULL },
	{ "name", D, T, NAME, "name \"DATABASE\"" },
	{ "nameserver", F, T, NAMESERVER, "nameserver \"ADDRESS\"" },
	{ "off", T, T, OFF, NULL },
	{ "on", T, T, ON, NULL },
	{ "password", T, T, PASSWORD, "password cost NUMBER" },
	{ "password", D, T, PASSWORD, "password file \"PATH\"" },
	{ "port", T, T, PORT, NULL },
	{ "proxy", T, T, PROXY, NULL },
	{ "publish", T, T, PUBLISH, "publish key \"PATH\"" },
	{ "read", D, T, READ, NULL },
	{ "shared", T, T, SHARED, "shared key VERSION \"PATH\"" },
	{ "signer", U, T, SIGNER, "signer \"USER\"" },
	{ "signing", T, T, SIGNING, "signing key \"PATH\"" },
	{ "slow", D, T, SLOW, NULL },
	{ "socket", T, T, SOCKET, NULL },
	{ "socket", D, T, SOCKET, "socket \"DIRECTORY\"" },
	{ "trusted", T, T, TRUSTED, NULL },
	{ "unix", T, T, UNIX, NULL },
	{ "user", T, U, USER, "user { frontend, broker, signer, hasher, "
	    "fetcher: \"USER\" each }" },
	{ "user", D, T, USER, "user \"NAME\"" },
	{ "verbose", T, T, VERBOSE, NULL },
	{ "write", D, T, WRITE, NULL },
};
#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

static const struct keyword keyword_setting = { NULL, T, T, SETTING, NULL };
static const struct keyword keyword_macro = { NULL, T, T, MACRO,
    "NAME = \"VALUE\"" };
#undef T
#undef D
#undef U
#undef F

static int
keyword_compare(const void *a, const void *b)
{
	const struct keyword	*ka = a, *kb = b;
	int			 r = strcmp(ka->word, kb->word);

	return r != 0 ? r : (int)ka->block - (int)kb->block;
}

static const struct keyword *
keyword_find(enum conf_block block, const char *word)
{
	struct keyword	 key = { .word = word, .block = block };

	return bsearch(&key, keywords, NKEYWORDS, sizeof(keywords[0]),
	    keyword_compare);
}

const char *
parse_where(int line)
{
	static char	 buf[PARSE_MAX_WHERE];
	struct source	*src = SLIST_FIRST(&ps->sources);

	/* Cut is fine: it is a message for people. */
	(void)snprintf(buf, sizeof(buf), "%s:%d",
	    src == NULL ? "?" : src->path, line);
	return buf;
}

void
parse_bad(int line, const char *fmt, ...)
{
	char	 text[1536];
	va_list	 ap;

	va_start(ap, fmt);
	/* Cut is fine: it is a message for people. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_complain(ps->report, parse_where(line), 0, "%s", text);
}

void
parse_no_memory(void)
{
	parse_bad(ps->token.line, "out of memory");
}

struct conf *
parse_conf(void)
{
	return ps->conf;
}

struct conf_report *
parse_report(void)
{
	return ps->report;
}

/* Adds a note; NULL (and told) when out of memory. */
static struct note *
note_add(struct notes *list, const char *name, const char *text)
{
	struct note	*n;

	if ((n = calloc(1, sizeof(*n))) == NULL ||
	    (n->text = strdup(text)) == NULL ||
	    (name != NULL && (n->name = strdup(name)) == NULL)) {
		if (n != NULL)
			free(n->text);
		free(n);
		parse_no_memory();
		return NULL;
	}
	SLIST_INSERT_HEAD(list, n, entry);
	return n;
}

static struct note *
note_find(struct notes *list, const char *name)
{
	struct note	*n;

	SLIST_FOREACH(n, list, entry)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static void
notes_free(struct notes *list)
{
	struct note	*n;

	while ((n = SLIST_FIRST(list)) != NULL) {
		SLIST_REMOVE_HEAD(list, entry);
		free(n->name);
		free(n->text);
		free(n);
	}
}

static char *
keep(const char *text)
{
	struct note	*n = note_add(&ps->pool, NULL, text);

	return n == NULL ? NULL : n->text;
}

/* -1, and told, when this setting was there before. */
int
parse_once(enum conf_block block, const char *name, int line)
{
	char		 key[64];
	struct note	*n;

	/* Our own names: they fit. */
	(void)snprintf(key, sizeof(key), "%d %s", (int)block, name);
	if ((n = note_find(&ps->seen, key)) != NULL) {
		parse_bad(line, "%s was set already in %s", name, n->text);
		return -1;
	}
	return note_add(&ps->seen, key, parse_where(line)) == NULL ? -1 : 0;
}

static const char *
macro_value(const char *name, void *arg)
{
	struct note	*n = note_find(arg, name);

	return n == NULL ? NULL : n->text;
}

static void
set_macro(const struct word *name, const struct word *value)
{
	struct note	*n;
	char		*text;

	if ((n = note_find(&ps->macros, name->text)) != NULL) {
		if ((text = strdup(value->text)) == NULL) {
			parse_no_memory();
			return;
		}
		free(n->text);
		n->text = text;
	} else if (++ps->nmacros > PARSE_MAX_MACROS)
		parse_bad(name->line, "expected at most %d macros",
		    PARSE_MAX_MACROS);
	else
		(void)note_add(&ps->macros, name->text, value->text);
}

static void
set_verbose(uint32_t verbose)
{
	if (parse_once(BLOCK_TOP, "log", ps->token.line) == 0)
		ps->conf->verbose = verbose;
}

static void
set_documents(uint32_t on)
{
	conf_set_flag(&ps->conf->documents, on, ps->token.line,
	    "client metadata documents");
}

static int
source_push(const char *path, const char *from)
{
	struct source	*src;
	char		 err[CONF_MAX_PATH * 3];
	size_t		 len;

	if ((src = calloc(1, sizeof(*src))) == NULL ||
	    (src->path = strdup(path)) == NULL) {
		free(src);
		return -1;
	}
	src->buf = conf_file_read(path, &len, err, sizeof(err));
	if (src->buf == NULL) {
		conf_complain(ps->report, from, 0, "%s", err);
		free(src->path);
		free(src);
		return -1;
	}
	lex_init(&src->lex, src->buf, len, macro_value, &ps->macros);
	SLIST_INSERT_HEAD(&ps->sources, src, entry);
	ps->depth++;
	return 0;
}

static void
source_pop(void)
{
	struct source	*src = SLIST_FIRST(&ps->sources);

	SLIST_REMOVE_HEAD(&ps->sources, entry);
	ps->depth--;
	free(src->buf);
	free(src->path);
	free(src);
}

static int
include(const struct word *w)
{
	if (conf_is_path(w, "include") == -1)
		return 0;
	if (ps->depth > CONF_MAX_INCLUDE) {
		parse_bad(w->line, "expected at most %d files that include "
		    "each other", CONF_MAX_INCLUDE);
		return -1;
	}
	/* A missing file is told; the rest is still worth reading. */
	(void)source_push(w->text, parse_where(w->line));
	return 0;
}

/* A word: a keyword of this block, a setting, or just a word. */
static int
lex_keyword(const char *text)
{
	const struct keyword	*kw = keyword_find(ps->block, text);

	if (kw != NULL && kw->form != NULL &&
	    (ps->item == NULL || ps->block != BLOCK_TOP))
		ps->item = kw;
	if (kw != NULL)
		return kw->token;
	if (ps->item != NULL && ps->block == BLOCK_TOP)
		return WORD;
	if (conf_setting_find(ps->block, text) == NULL)
		return WORD;
	ps->item = &keyword_setting;
	return SETTING;
}

static int
lex_punct(int c, int line)
{
	if (c == '{') {
		if (ps->braces++ == 0)
			ps->opened = line;
		if (ps->item != NULL && ps->item->opens != BLOCK_TOP)
			ps->block = ps->item->opens;
	} else if (c == '}') {
		if (ps->braces > 0)
			ps->braces--;
		ps->block = BLOCK_TOP;
	}
	return c;
}

/* The end of a file is the end of a line first. */
static int
lex_end(struct source *src)
{
	if (!src->ended) {
		src->ended = 1;
		if (ps->braces > 0) {
			parse_bad(src->lex.line, "expected \"}\" for the \"{\" "
			    "in line %d, found the end of the file",
			    ps->opened);
			ps->reported = 1;
			ps->braces = 0;
			ps->block = BLOCK_TOP;
		}
		ps->fresh = 1;
		return '\n';
	}
	source_pop();
	return 0;
}

static int
lex_one(struct source *src)
{
	struct lex_token	*t = &ps->token;

	lex_next(&src->lex, t);
	switch (t->kind) {
	case LEX_EOF:
		return lex_end(src);
	case LEX_NEWLINE:
		ps->fresh = ps->braces == 0;
		return '\n';
	case LEX_PUNCT:
		return lex_punct(t->punct, t->line);
	case LEX_ERROR:
		parse_bad(t->line, "%s", t->text);
		ps->reported = 1;
		return BAD;
	case LEX_NAME:
		return MACRO;
	case LEX_STRING:
		return STRING;
	case LEX_WORD:
		return lex_keyword(t->text);
	}
	return BAD;
}

static int
yylex(void)
{
	struct source	*src;
	int		 token, first;

	ps->reported = 0;
	if (ps->fresh)
		ps->item = NULL;
	ps->fresh = 0;
	while ((src = SLIST_FIRST(&ps->sources)) != NULL) {
		first = ps->item == NULL;
		token = lex_one(src);
		if (token == 0)		/* end of an include file */
			continue;
		if (token == '\n' && ps->braces > 0)
			continue;
		/* Only where a statement begins can a name get a value. */
		if (token == MACRO && (!first || ps->braces > 0))
			token = WORD;
		if (token == MACRO)
			ps->item = &keyword_macro;
		yylval.w.text = keep(ps->token.text);
		if (yylval.w.text == NULL)
			return BAD;
		yylval.w.line = ps->token.line;
		yylval.w.block = ps->block;
		return token;
	}
	return 0;
}

static void
expected_words(char *out, size_t size)
{
	size_t	 i;

	out[0] = '\0';
	for (i = 0; i < NKEYWORDS; i++) {
		if (keywords[i].block != ps->block || keywords[i].form == NULL)
			continue;
		if (i > 0 && strcmp(keywords[i].word, keywords[i - 1].word) ==
		    0 && keywords[i - 1].block == ps->block)
			continue;
		/* Cut is fine: it is a message for people. */
		if (out[0] != '\0')
			(void)strlcat(out, ", ", size);
		(void)strlcat(out, keywords[i].word, size);
	}
	conf_settings_words(ps->block, out, size);
}

static void
yyerror(const char *msg)
{
	char	 words[512];
	int	 line = ps->token.line;

	(void)msg;	/* "syntax error", always */
	if (ps->reported)
		return;
	if (ps->item == &keyword_setting && ps->block == BLOCK_TOP)
		(void)strlcpy(words, "a word and a number", sizeof(words));
	else if (ps->item != NULL && ps->item->form != NULL)
		(void)snprintf(words, sizeof(words), "%s", ps->item->form);
	else
		expected_words(words, sizeof(words));
	if (ps->token.kind == LEX_NEWLINE || ps->token.kind == LEX_EOF)
		parse_bad(line, "found the end of the line, expected: %s",
		    words);
	else
		parse_bad(line, "found \"%s\", expected: %s", ps->token.text,
		    words);
}

struct conf *
conf_load(const char *path, conf_report_cb cb, void *arg)
{
	struct conf_report	 report = { cb, arg, 0 };
	struct parse		 parse;

	memset(&parse, 0, sizeof(parse));
	SLIST_INIT(&parse.sources);
	SLIST_INIT(&parse.pool);
	SLIST_INIT(&parse.macros);
	SLIST_INIT(&parse.seen);
	parse.report = &report;
	ps = &parse;
	if ((parse.conf = conf_new()) == NULL)
		conf_complain(&report, path, 0, "out of memory");
	else if (source_push(path, path) == -1) {
		if (report.errors == 0)
			conf_complain(&report, path, 0, "out of memory");
	} else if (yyparse() != 0 && report.errors == 0)
		conf_complain(&report, path, 0, "cannot be parsed");
	while (!SLIST_EMPTY(&parse.sources))
		source_pop();
	if (report.errors == 0)
		conf_check(parse.conf, path, &report);
	notes_free(&parse.pool);
	notes_free(&parse.macros);
	notes_free(&parse.seen);
	ps = NULL;
	if (report.errors == 0)
		return parse.conf;
	conf_free(parse.conf);
	return NULL;
}
