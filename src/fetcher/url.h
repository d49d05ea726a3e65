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
 * The URL of a document: https, one port, a name, a path.  Pure.
 */

#ifndef URL_H
#define URL_H

#include <sys/types.h>
#include <stdint.h>

#include "msg_fetcher.h"

#define URL_MAX_HOST	253	/* RFC 1035 2.3.4 */
#define URL_MAX_LABEL	63

struct url {
	char		 host[URL_MAX_HOST + 1];
	uint16_t	 port;
	char		 target[MSG_MAX_URL + 1];	/* path and query */
};

/*
 * 0, or -1 and *why is a static text.  Refused: any scheme but https, user
 * names, fragments, names that are no lower-case host names, addresses, any
 * port but this, dot segments, what RFC 3986 does not allow.
 */
int	 url_parse(const char *, uint16_t port, struct url *,
	    const char **why);

#endif /* URL_H */
