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
 * Addresses that are not of the internet, as rows: the registries of RFC
 * 6890, and where clouds keep their secrets.  Room: fetcher; pure.  IPv6 is
 * the other way round: refused, but for what is global.
 */

#include "config.h"

#include <string.h>

#include "address.h"

struct network {
	uint8_t		 bytes[16];
	unsigned int	 bits;
	const char	*what;
};

static const struct network networks4[] = {
	{ { 0 }, 8, "of this network" },
	{ { 10 }, 8, "private" },
	{ { 100, 64 }, 10, "shared among a provider's customers" },
	{ { 169, 254 }, 16, "link-local" },
	{ { 172, 16 }, 12, "private" },
	{ { 192, 0, 0 }, 24, "of a protocol" },
	{ { 192, 0, 2 }, 24, "for documentation" },
	{ { 192, 88, 99 }, 24, "a relay's" },
	{ { 192, 168 }, 16, "private" },
	{ { 198, 18 }, 15, "for benchmarks" },
	{ { 198, 51, 100 }, 24, "for documentation" },
	{ { 203, 0, 113 }, 24, "for documentation" },
	{ { 168, 63, 129, 16 }, 32, "a cloud's metadata service" },
	{ { 224 }, 4, "multicast" },
	{ { 240 }, 4, "reserved" },
};

/* Within 2000::/3. */
static const struct network networks6[] = {
	{ { 0x20, 0x01, 0x00 }, 23, "of a protocol" },	/* and Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "for documentation" },
	{ { 0x20, 0x02 }, 16, "an IPv4 address within" },
	{ { 0x3f, 0xff, 0x00 }, 20, "for documentation" },
};

static const struct network loopback4 = { { 127 }, 8, "of this host" };
static const struct network loopback6 = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 128,
	"of this host"
};
static const struct network mapped6 = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96,
	"an IPv4 address within"
};
static const struct network global6 = { { 0x20 }, 3, NULL };

static int
network_has(const struct network *n, const uint8_t *bytes)
{
	unsigned int	 whole = n->bits / 8, rest = n->bits % 8;

	if (memcmp(n->bytes, bytes, whole) != 0)
		return 0;
	return rest == 0 || ((n->bytes[whole] ^ bytes[whole]) >>
	    (8 - rest)) == 0;
}

static const char *
network_find(const struct network *list, size_t n, const uint8_t *bytes)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (network_has(&list[i], bytes))
			return list[i].what;
	return NULL;
}

const char *
address_refused(const struct address *a, int loopback)
{
	uint8_t	 bytes[16];

	if (a->family == AF_INET) {
		memcpy(bytes, &a->u.v4, sizeof(a->u.v4));
		if (network_has(&loopback4, bytes))
			return loopback ? NULL : loopback4.what;
		return network_find(networks4, sizeof(networks4) /
		    sizeof(networks4[0]), bytes);
	}
	if (a->family != AF_INET6)
		return "of another kind";
	memcpy(bytes, &a->u.v6, sizeof(a->u.v6));
	if (network_has(&loopback6, bytes))
		return loopback ? NULL : loopback6.what;
	if (network_has(&mapped6, bytes))
		return mapped6.what;
	if (!network_has(&global6, bytes))
		return "not global";
	return network_find(networks6, sizeof(networks6) /
	    sizeof(networks6[0]), bytes);
}

socklen_t
address_socket(const struct address *a, uint16_t port,
    struct sockaddr_storage *ss)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)a->family;
	if (a->family == AF_INET) {
		sin->sin_addr = a->u.v4;
		sin->sin_port = htons(port);
		return sizeof(*sin);
	}
	sin6->sin6_addr = a->u.v6;
	sin6->sin6_port = htons(port);
	return sizeof(*sin6);
}
