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
 * The tables that queries.awk makes of sql/queries.sql: every statement of
 * the broker, and which operation runs which.  Room: broker.
 */

#ifndef STATEMENT_H
#define STATEMENT_H

#include <stddef.h>

#include "bind.h"
#include "queries.h"

enum statement_role {
	STATEMENT_LOGIN,	/* runs as the login's role */
	STATEMENT_API		/* after gate_enter or become_api */
};

struct statement {
	const char		*name;
	const char		*sql;
	enum statement_role	 role;
	int			 nparams;
	const unsigned		*params;	/* type oids */
	const struct bound	*binds;		/* nparams, or NULL */
	int			 ncolumns;	/* -1: not said */
	const unsigned		*columns;	/* type oids */
};

enum operation_class {
	OPERATION_READ,
	OPERATION_WRITE,
	OPERATION_MINT,		/* plan, signer, commit */
	OPERATION_MINTBATCH,	/* the same, with a shared commit */
	OPERATION_PASSWORD,	/* plan, hasher, commit */
	OPERATION__MAX
};

struct operation {
	const char		*name;
	enum operation_class	 class;
	enum query		 query;		/* the call, or the plan */
	enum query		 commit;	/* of the others */
	int			 shared_plan;	/* plan or call takes many */
};

extern const struct statement	 statements[QUERY__MAX];
extern const struct operation	 operations[];	/* sorted by name */
extern const size_t		 noperations;

/* NULL if there is none of this name. */
const struct operation	*operation_find(const char *);

#endif /* STATEMENT_H */
