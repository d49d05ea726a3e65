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
 * Addresses of clients.  Room: frontend.  Pure: asks no resolver.
 */

#include "config.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

static const uint8_t peer_mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

/* RFC 4291 2.5.5.2: one form for one address. */
static void
peer_unmap(struct peer_addr *a)
{
	if (a->family != 6 ||
	    memcmp(a->bytes, peer_mapped, sizeof(peer_mapped)) != 0)
		return;
	a->family = 4;
	memmove(a->bytes, a->bytes + 12, 4);
	memset(a->bytes + 4, 0, 12);
}

void
peer_from_sockaddr(struct peer_addr *a, const struct sockaddr *sa)
{
	struct sockaddr_in	sin;
	struct sockaddr_in6	sin6;

	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		a->family = 4;
		memcpy(a->bytes, &sin.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		a->family = 6;
		memcpy(a->bytes, &sin6.sin6_addr, 16);
		peer_unmap(a);
	}
}

void
peer_format(char *out, const struct peer_addr *a)
{
	out[0] = '\0';
	if (a->family != 0 && inet_ntop(a->family == 4 ? AF_INET : AF_INET6,
	    a->bytes, out, PEER_STRLEN + 1) == NULL)
		out[0] = '\0';
}

int
peer_parse(struct peer_addr *a, const char *text, size_t len)
{
	const char	*end;
	char		 s[PEER_STRLEN + 1];

	if (len > 0 && text[0] == '[') {
		if ((end = memchr(text, ']', len)) == NULL)
			return -1;
		text++;
		len = (size_t)(end - text);
	} else if ((end = memchr(text, ':', len)) != NULL &&
	    memchr(end + 1, ':', len - (size_t)(end + 1 - text)) == NULL)
		len = (size_t)(end - text);
	if (len == 0 || len >= sizeof(s))
		return -1;
	memcpy(s, text, len);
	s[len] = '\0';
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, s, a->bytes) == 1) {
		a->family = 4;
		return 0;
	}
	if (inet_pton(AF_INET6, s, a->bytes) == 1) {
		a->family = 6;
		peer_unmap(a);
		return 0;
	}
	return -1;
}

int
peer_net_parse(struct peer_net *net, const char *text)
{
	const char	*slash, *errstr;
	size_t		 len = strlen(text);
	long long	 bits;

	if ((slash = strchr(text, '/')) != NULL)
		len = (size_t)(slash - text);
	if (memchr(text, '[', len) != NULL || peer_parse(&net->addr, text,
	    len) == -1)
		return -1;
	bits = net->addr.family == 4 ? 32 : 128;
	if (slash != NULL) {
		bits = strtonum(slash + 1, 0, bits, &errstr);
		if (errstr != NULL)
			return -1;
	}
	net->bits = (uint8_t)bits;
	return 0;
}

int
peer_in_net(const struct peer_addr *a, const struct peer_net *net)
{
	size_t	bytes = net->bits / 8;
	uint8_t	mask;

	if (a->family == 0 || a->family != net->addr.family ||
	    memcmp(a->bytes, net->addr.bytes, bytes) != 0)
		return 0;
	if (net->bits % 8 == 0)
		return 1;
	mask = (uint8_t)(0xff << (8 - net->bits % 8));
	return (a->bytes[bytes] & mask) == (net->addr.bytes[bytes] & mask);
}

static int
peer_trusted(const struct peer_addr *a, const struct peer_net *trusted,
    size_t ntrusted)
{
	size_t	i;

	for (i = 0; i < ntrusted; i++)
		if (peer_in_net(a, &trusted[i]))
			return 1;
	return 0;
}

void
peer_forwarded(struct peer_addr *out, const struct peer_addr *peer,
    const char *p, size_t len, const struct peer_net *trusted,
    size_t ntrusted)
{
	struct peer_addr	 a;
	size_t			 start, end = len, stop;

	*out = *peer;
	/* who reaches a unix socket is trusted by the mode of its file */
	if (peer->family != 0 && !peer_trusted(peer, trusted, ntrusted))
		return;
	for (;;) {
		start = end;
		while (start > 0 && p[start - 1] != ',')
			start--;
		stop = end;
		while (stop > start && (p[stop - 1] == ' ' ||
		    p[stop - 1] == '\t'))
			stop--;
		end = start;
		while (start < stop && (p[start] == ' ' || p[start] == '\t'))
			start++;
		if (peer_parse(&a, p + start, stop - start) == -1)
			return;
		*out = a;
		if (!peer_trusted(&a, trusted, ntrusted) || end == 0)
			return;
		end--;
	}
}
