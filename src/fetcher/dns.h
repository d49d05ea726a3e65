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
 * Questions to a name server and its answers (RFC 1035, 3596, 6891).  Pure.
 */

#ifndef DNS_H
#define DNS_H

#include <sys/types.h>
#include <stdint.h>

#include "address.h"

#define DNS_MAX		1232	/* bytes of a message */
#define DNS_ADDRESSES	16	/* of one host; what is beyond is dropped */
#define DNS_A		1
#define DNS_AAAA	28

struct dns_addresses {
	struct address	 list[DNS_ADDRESSES];
	size_t		 n;
};

enum dns_result {
	DNS_FOREIGN,		/* not the answer to this question: ignored */
	DNS_ANSWERED,		/* what it gave was added, may be nothing */
	DNS_UNKNOWN,		/* there is no such name */
	DNS_FAILED		/* the server could not */
};

/* Its length; 0: the name does not fit. */
size_t		 dns_query(uint8_t out[DNS_MAX], uint16_t id,
		    const char *host, uint16_t type);
enum dns_result	 dns_answer(const uint8_t *, size_t, uint16_t id,
		    const char *host, uint16_t type, struct dns_addresses *);

#endif /* DNS_H */
