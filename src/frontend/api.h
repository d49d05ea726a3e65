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
 * /api: what the application published, over HTTP, and documents about it.
 */

#ifndef API_H
#define API_H

#include "catalogue.h"
#include "http_parse.h"
#include "request.h"
#include "schema.h"

/* What RFC 9457 problems say beside struct problem; NULL: nothing. */
struct api_problem {
	const struct schema_errors *errors;
	const char	*where;		/* "body" or "query": of the errors */
	const char	*data;		/* the application's: unchecked text */
	size_t		 data_len;
};
/* Answers; extra may be NULL.  r is freed. */
void	 api_problem(struct request *, const struct problem *,
	    const struct api_problem *extra);
/*
 * The JSON object of it; pure.  request_id: text of a UUID.  A data that is
 * no JSON is left out.
 */
void	 api_problem_write(struct json_buf *, const struct problem *,
	    const struct api_problem *, const char *issuer,
	    const char *request_id);
/*
 * WWW-Authenticate (RFC 6750 3, RFC 9728 5.1) of a 401 or 403 at that path;
 * scope: what is needed, or "".  0, or -1 if there is nothing to say.  Pure.
 */
int	 api_problem_challenge(const struct problem *, const char *issuer,
	    const char *path, const char *scope, char *out, size_t size);

/* How a request names its arguments. */
enum api_form {
	API_QUERY,
	API_FORM,
	API_JSON
};
struct api_input {
	/* {"arguments", "page", "answers", "state"}, still open at the end */
	struct json_buf		 call;
	struct schema_errors	 errors;
	const char		*where;		/* of the errors */
	char			 csrf[MSG_MAX_CSRF + 1];	/* of a form */
};
/*
 * Arguments of a call from a query and a body, checked against the schema;
 * pure.  0 and in->call, or -1 and *p: its texts are static, errors are in
 * in->errors.  The caller frees with api_input_free().
 */
int	 api_input_read(struct api_input *, const struct catalogue_entry *,
	    enum api_form, const struct http_text *query, const char *body,
	    size_t len, struct problem *p);
void	 api_input_free(struct api_input *);	/* wipes */

/* Whether Prefer (RFC 7240) asks for return=minimal. */
int	 api_prefers_minimal(const struct http_text *prefer);
/*
 * The text of an Idempotency-Key, quotes off; 0, or -1 if it cannot be one.
 */
#define API_MAX_KEY	255
int	 api_idempotency_key(const struct http_text *,
	    char out[API_MAX_KEY + 1]);
/* next_cursor of a list's body; 0, or -1 if there is none.  Pure. */
#define API_MAX_CURSOR	2048
int	 api_next_cursor(const char *body, size_t len,
	    char out[API_MAX_CURSOR + 1]);

/* Rows of route_api.c. */
void	 api_call(struct request *, const struct route_match *,
	    const struct credential *, const char *body, size_t len);
void	 api_manifest(struct request *, const struct route_match *,
	    const struct credential *, const char *body, size_t len);
void	 api_openapi(struct request *, const struct route_match *,
	    const struct credential *, const char *body, size_t len);

/* route.local of GET /v1/openapi.json. */
void	 api_openapi_v1(struct request *);

/*
 * Asks what the caller may call and gives the entries of it, in order, to
 * write(); how the answer is sent is the same for all documents.
 */
struct api_seen {
	const struct catalogue		*catalogue;
	const struct catalogue_entry	**entries;
	size_t				 n;
	int				 anonymous;
	const struct json_value		*scopes;	/* the caller's */
};

/* Pure; the issuer is that of the frontend. */
void	 api_manifest_write(struct json_buf *, const struct api_seen *,
	    const char *issuer);
void	 openapi_write(struct json_buf *, const struct api_seen *,
	    const char *issuer);

#endif /* API_H */
