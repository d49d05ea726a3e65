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
 * A web server's answer (RFC 9110, 9112) as far as a document needs it:
 * status, type, body, how long it may be kept.  Pure.
 */

#ifndef ANSWER_H
#define ANSWER_H

#include <sys/types.h>
#include <stdint.h>

#include "msg_fetcher.h"

#define ANSWER_HEAD	8192	/* bytes of a head */
/* A head, a body, and the lengths of its chunks. */
#define ANSWER_MAX	(ANSWER_HEAD + 2 * MSG_MAX_DOCUMENT)
#define ANSWER_KEEP_MIN	60	/* s */
#define ANSWER_KEEP_MAX	86400
#define ANSWER_KEEP	600	/* when the server does not say */

enum answer_result {
	ANSWER_MORE,		/* it goes on */
	ANSWER_DONE,		/* status and seconds; why, or a body */
	ANSWER_BAD		/* why */
};

struct answer {
	unsigned int	 status;
	uint32_t	 seconds;
	char		 body[MSG_MAX_DOCUMENT + 1];
	size_t		 len;
	const char	*why;		/* static; NULL: here it is */
};

/*
 * All that came until now.  ended: nothing more will come, and who sent it
 * said so.  max: bytes of the body, at most MSG_MAX_DOCUMENT.
 */
enum answer_result answer_parse(const char *, size_t, int ended, size_t max,
		    struct answer *);

#endif /* ANSWER_H */
