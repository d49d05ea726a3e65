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
 * Which addresses a document may come from: those of the internet.  Pure.
 */

#ifndef ADDRESS_H
#define ADDRESS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

struct address {
	int		 family;	/* AF_INET or AF_INET6 */
	union {
		struct in_addr	 v4;
		struct in6_addr	 v6;
	} u;
};

/*
 * NULL if it may be connected to, else what it is, a static text.
 * loopback: that one may, too (for tests).
 */
const char	*address_refused(const struct address *, int loopback);
/* With this port; the length. */
socklen_t	 address_socket(const struct address *, uint16_t port,
		    struct sockaddr_storage *);

#endif /* ADDRESS_H */
