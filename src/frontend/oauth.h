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
 * What the endpoints of the provider do beside asking the broker:
 * redirects, metadata, consent.
 */

#ifndef OAUTH_H
#define OAUTH_H

#include <sys/types.h>

struct msg_reply;
struct request;

/* GET and POST /oauth/authorize: a redirect, a page, or sign-in. */
void	 oauth_authorize(struct request *, const struct msg_reply *);
/*
 * A form that is no page's of ours, but an app's request, goes on as the GET
 * that it stands for (OpenID Connect Core 3.1.2.1): from another site it comes
 * without the cookie of the session, and the GET has it.  1: answered.
 */
int	 oauth_forward(struct request *, const char *body, size_t len);
/* RFC 8414, OpenID Connect Discovery: with the scopes of the reply. */
void	 oauth_metadata(struct request *, const struct msg_reply *);
/* RFC 9728 */
void	 oauth_resource(struct request *);
/* RP-initiated logout: a page, or to the client. */
void	 oauth_end_session(struct request *, const struct msg_reply *);
/* RFC 7591 3.2.1: 201 with the registration. */
void	 oauth_registered(struct request *, const struct msg_reply *);

#endif /* OAUTH_H */
