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
 * Where the parameters of a statement come from: sql/queries.sql names a
 * source for each ("binds"), and here is how a source is read out of a
 * request.  So that a new operation is rows, not code.
 */

#ifndef BIND_H
#define BIND_H

#include <stddef.h>

struct batch_item;
struct request;
struct unit;

enum bind {
	BIND_ARGS,		/* jsonb: arguments of the request */
	BIND_CARRY,		/* jsonb: of the plan */
	BIND_OPERATION,		/* text: its name */
	BIND_PHASE,		/* text: call, plan, commit */
	BIND_REQUEST_ID,	/* uuid */
	BIND_TIMEOUT,		/* int4: ms that are left */
	BIND_PEER,		/* text */
	BIND_METHOD,		/* text */
	BIND_PATH,		/* text */
	BIND_CREDENTIAL,	/* bytea: SHA-256, null if there is none */
	BIND_CREDENTIAL_KIND,	/* int4: enum credential_kind */
	BIND_HINT_EXPIRY,	/* int8 */
	BIND_HINT_FAMILY,	/* uuid or null */
	BIND_CLIENT,		/* text: client id that is claimed */
	BIND_ASSERTION,		/* text: payload of a verified assertion */
	BIND_HEADER,		/* text: header of an assertion, not verified */
	BIND_CSRF_WANT,		/* bytea: SHA-256, null without a cookie */
	BIND_CSRF_GIVEN,	/* bytea: SHA-256, null if none came */
	BIND_SECRET,		/* bytea: SHA-256, null if none came */
	BIND_SECRET_EXPIRY,	/* int8 */
	BIND_SECRET_FAMILY,	/* uuid or null */
	BIND_SECRET_GENERATION,	/* int4: of a refresh secret, or 0 */
	BIND_FRESH,		/* bytea: SHA-256 of one drawn here */
	BIND_FRESH_ID,		/* uuid: drawn here */
	BIND_SHOWN,		/* as the credential, given back, too */
	BIND_PASSWORD_OK,	/* bool, null if none was to be checked */
	BIND_PASSWORD_HASH,	/* text: to be stored, or null */
	BIND_JTI,		/* uuid, null if nothing was minted */
	BIND_ACCESS_HASH,	/* bytea */
	BIND_IAT,		/* int8 */
	BIND_EXP,		/* int8 */
	BIND_REFRESH_HASH,	/* bytea or null */
	BIND_SEED,		/* bytea or null */
	BIND_SEED_KEY,		/* int4 or null */
	BIND_STATUS,		/* int4: of a refusal */
	BIND_CODE,		/* text: of a refusal */
	BIND__MAX
};

/* One parameter; text is the prefix of BIND_FRESH. */
struct bound {
	enum bind	 bind;
	const char	*text;
};

/* Adds the statement and its parameters.  They point into the request. */
void	 bind_unit(struct unit *, struct request *, int query);
/* The same for many requests (the items' arg): an array a parameter. */
void	 bind_batch(struct unit *, struct batch_item **, size_t n, int query);

/* NULL, or the statement whose parameters are not of their sources' types. */
const char *bind_check(void);

#endif /* BIND_H */
