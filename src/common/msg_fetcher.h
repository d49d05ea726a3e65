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
 * What the broker asks the fetcher: one small JSON document of a stranger's
 * web server.
 */

#ifndef MSG_FETCHER_H
#define MSG_FETCHER_H

#include "msg.h"

#define MSG_MAX_URL		1023	/* as MSG_MAX_CLIENT */
#define MSG_MAX_DOCUMENT	5120	/* bytes */
#define MSG_MAX_WHY		255

struct msg_get {
	char		*url;
	uint32_t	 max;		/* bytes, at most MSG_MAX_DOCUMENT */
	uint32_t	 timeout_ms;
};
struct msg_document {
	uint16_t	 status;	/* of HTTP; 0: there was no answer */
	uint32_t	 seconds;	/* that it may be kept */
	char		*body;		/* UTF-8; "" unless status is 200 */
	char		*why;		/* it failed, for the log; or "" */
};

int	 msg_get_encode(struct ibuf *, const struct msg_get *);
int	 msg_get_decode(struct ibuf *, struct msg_get *);
void	 msg_get_free(struct msg_get *);
int	 msg_document_encode(struct ibuf *, const struct msg_document *);
int	 msg_document_decode(struct ibuf *, struct msg_document *);
void	 msg_document_free(struct msg_document *);

#endif /* MSG_FETCHER_H */
