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
 * Addresses of clients: as text, in networks, behind proxies.  Pure.
 */

#ifndef PEER_H
#define PEER_H

#include <sys/types.h>
#include <sys/socket.h>
#include <stdint.h>

#define PEER_STRLEN	45	/* INET6_ADDRSTRLEN without the NUL */

struct peer_addr {
	uint8_t	 family;	/* 4, 6; 0: a unix socket, no address */
	uint8_t	 bytes[16];
};

struct peer_net {
	struct peer_addr addr;
	uint8_t		 bits;
};

/* IPv4 within IPv6 becomes IPv4. */
void	 peer_from_sockaddr(struct peer_addr *, const struct sockaddr *);
/* out has room for PEER_STRLEN + 1; "" for a unix socket. */
void	 peer_format(char *out, const struct peer_addr *);
/* "192.0.2.7", "2001:db8::1"; also "[...]:port" and "a.b.c.d:port".  0/-1 */
int	 peer_parse(struct peer_addr *, const char *, size_t len);
/* "10.0.0.0/8", "::1".  0/-1 */
int	 peer_net_parse(struct peer_net *, const char *);
int	 peer_in_net(const struct peer_addr *, const struct peer_net *);

/*
 * Who the client is when peer is a trusted proxy: the last address of
 * X-Forwarded-For that is not a trusted one.  What is no address ends the
 * list: the one before it (or peer itself) is taken.
 */
void	 peer_forwarded(struct peer_addr *out, const struct peer_addr *peer,
	    const char *forwarded, size_t len, const struct peer_net *trusted,
	    size_t ntrusted);

#endif /* PEER_H */
