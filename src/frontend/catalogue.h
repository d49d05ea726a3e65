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
 * The compiled catalogue: what the application published, with schemas.  It
 * comes from the broker as JSON (IMSG_FRONTEND_CATALOGUE), is compiled whole
 * and put in the place of the one before; one that does not parse changes
 * nothing.  Of one that does, an entry that cannot be used is left out: each
 * is somebody's, and the others are not to suffer for it.  A catalogue never
 * changes: who needs it beyond one event takes a reference.
 */

#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stdint.h>

#include "json.h"
#include "schema.h"

#define CATALOGUE_MAX_BYTES	(8 * 1024 * 1024)
#define CATALOGUE_MAX_ENTRIES	10000
#define CATALOGUE_MAX_NAME	127	/* of an entry that is left out */

enum catalogue_kind {
	CATALOGUE_PROCEDURE,
	CATALOGUE_RESOURCE,
	CATALOGUE_PROMPT
};

/* What comes out. */
enum catalogue_shape {
	SHAPE_OBJECT,		/* the object */
	SHAPE_SCALAR,		/* {"result": v} */
	SHAPE_LIST,		/* {"items": [], "next_cursor": } */
	SHAPE_CONTENT,		/* {"content": [blocks of MCP]} */
	SHAPE_VOID,		/* 204 */
	SHAPE_MESSAGES,		/* {"messages": []} */
	SHAPE_RESOURCE
};

/* Texts that are made of an entry once, when they are first asked for. */
enum catalogue_made {
	MADE_OPENAPI,
	MADE_MANIFEST,
	MADE__MAX
};
struct catalogue_text {
	char		*text;		/* freed with the catalogue */
	size_t		 len;
};

/* Texts are "" when absent, values NULL; all live with the catalogue. */
struct catalogue_entry {
	const char		*name;		/* "shop.orders" */
	enum catalogue_kind	 kind;
	enum catalogue_shape	 shape;
	const char		*group;
	const char		*procedure;
	const char		*tool;		/* of MCP */
	const char		*path;		/* "/api/shop/orders" */
	const char		*title;
	const char		*description;
	const char		*scope;		/* NULL: public */
	const char		*uri;		/* of a resource */
	const char		*mime;
	const char		*confirm;	/* a question, or NULL */
	int			 read_only;
	int			 destructive;
	int			 idempotent;
	int			 open_world;
	int			 get;		/* GET is possible */
	int			 http;
	int			 mcp;
	int			 hidden;
	int			 deprecated;
	int			 paged;
	int			 template;	/* uri has variables */
	int64_t			 timeout_ms;
	int64_t			 max_rows;
	const struct json_value	*kinds;		/* array of texts */
	const struct json_value	*arguments;	/* schema */
	const struct json_value	*result;	/* schema, or NULL */
	const struct json_value	*examples;	/* array, or NULL */
	const struct json_value	*complete;	/* object, or NULL */
	const struct schema	*schema;	/* of arguments, compiled */
	struct catalogue_text	*made;		/* MADE__MAX of them */
};

struct catalogue_scope {
	const char		*name;
	const char		*description;
	int			 sensitive;
	const struct json_value	*implies;	/* array of texts, or NULL */
};

/* An entry that is left out, and why. */
struct catalogue_broken {
	char			 name[CATALOGUE_MAX_NAME + 1];
	struct schema_error	 error;
};

struct catalogue {
	uint64_t		 generation;
	const char		*title;
	const char		*version;
	struct catalogue_entry	*entries;	/* sorted by name */
	size_t			 n;
	struct catalogue_scope	*scopes;
	size_t			 nscopes;
	struct catalogue_broken	*broken;
	size_t			 nbroken;
};

/*
 * Pure: 1 reference for the caller; NULL with *error filled when it is no
 * catalogue.
 */
struct catalogue	*catalogue_parse(const char *, size_t,
			    struct schema_error *error);
/*
 * The same in steps of n entries: 1 while there are more, 0 when it can be
 * taken, -1: *error says why not.  Taking frees the reader.
 */
struct catalogue_reader;
struct catalogue_reader	*catalogue_reader_new(const char *, size_t,
			    struct schema_error *error);
int			 catalogue_reader_step(struct catalogue_reader *,
			    unsigned int n, struct schema_error *error);
struct catalogue	*catalogue_reader_take(struct catalogue_reader *);
void			 catalogue_reader_free(struct catalogue_reader *);

/* One more, or one less, who keeps it; the last one frees it. */
struct catalogue	*catalogue_ref(const struct catalogue *);
void			 catalogue_unref(struct catalogue *);	/* NULL: fine */

/* NULL: there is none of this. */
const struct catalogue_entry	*catalogue_by_name(const struct catalogue *,
				    const char *);
const struct catalogue_entry	*catalogue_by_tool(const struct catalogue *,
				    const char *);
/* A resource whose uri, no template, is this one. */
const struct catalogue_entry	*catalogue_by_uri(const struct catalogue *,
				    const char *);
const struct catalogue_scope	*catalogue_scope(const struct catalogue *,
				    const char *);

/*
 * The present one; never NULL: it is empty, generation 0, before the first
 * came.
 */
const struct catalogue	*catalogue_now(void);
/* Appends what write makes of the entry, which is made once and kept. */
void			 catalogue_put(struct json_buf *,
			    const struct catalogue_entry *,
			    enum catalogue_made, void (*write)(
			    struct json_buf *,
			    const struct catalogue_entry *));

/*
 * Takes the place of the present one, with the caller's reference, and says
 * what was left out of it; and what is said of one that cannot.
 */
void			 catalogue_use(struct catalogue *);
void			 catalogue_refuse(const struct schema_error *);
/* Both at once: 0, or -1: the old stays. */
int			 catalogue_set(const char *, size_t);
/*
 * IMSG_FRONTEND_CATALOGUE: reads a copy of the text, a few entries in each
 * turn of the event loop, and then uses it, or says why not.  One that is
 * still being read is forgotten.
 */
struct event_base;
void			 catalogue_load(struct event_base *, const char *,
			    size_t);
/* Called after each change. */
#define CATALOGUE_MAX_HOOKS	4
void			 catalogue_on_change(void (*)(void));

#endif /* CATALOGUE_H */
