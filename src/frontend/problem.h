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
 * Errors in the form of /v1 (close to RFC 9457).  Pure.
 */

#ifndef PROBLEM_H
#define PROBLEM_H

#include "json_write.h"
#include "msg_broker.h"
#include "param.h"

/* "" for what is not there. */
struct problem {
	unsigned int	 status;
	const char	*code;
	const char	*message;
	const char	*detail;
	const char	*remediation;
	const char	*parameter;
	const char	*location;
	const char	*scope;
	const char	*allow;		/* of a 405: methods */
	unsigned int	 retry_after;	/* s; 0 = none */
};

#define PROBLEM_INIT(status, code, message, detail, remediation)	\
	{ status, code, message, detail, remediation, "", "", "", "", 0 }

/* The server failed; it has no memory for this now. */
extern const struct problem	 problem_internal;
extern const struct problem	 problem_busy;

/* Both point into what they are made from, which must live as long. */
void	 problem_from_reply(struct problem *, const struct msg_reply *);
void	 problem_from_param(struct problem *, const struct param_error *);

/*
 * Text for a quoted-string of a header (RFC 6750 3) and for an
 * error_description (RFC 6749 5.2): what these may not hold becomes ', what
 * does not fit is cut.
 */
void	 problem_quote(char *out, size_t size, const char *text);
/* The JSON object; now: s since 1970. */
void	 problem_write(struct json_buf *, const struct problem *,
	    const char *issuer, const char *request_id, int64_t now);
/* RFC 7591 3.2.2 has words of its own for what a client says of itself. */
void	 problem_of_metadata(struct problem *);
/* RFC 6750 3.1: a token of another kind is as good as none. */
void	 problem_of_bearer(struct problem *);
/* The object of RFC 6749 5.2: error and error_description. */
void	 problem_write_oauth(struct json_buf *, const struct problem *);
/*
 * WWW-Authenticate (RFC 6750 3) of a 401, or of a 403 that names a scope.  0,
 * or -1 if there is nothing to say.
 */
int	 problem_authenticate(const struct problem *, char *out, size_t size);

#endif /* PROBLEM_H */
