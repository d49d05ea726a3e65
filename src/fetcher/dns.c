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
 * Messages of the domain name system: one question, and the addresses out
 * of its answer.  Room: fetcher; pure.  An answer may lie: whatever address
 * it gives is checked by address.c, and who answers there by TLS.
 */

#include "config.h"

#include <ctype.h>
#include <string.h>

#include "dns.h"

#define DNS_HEAD	12
#define DNS_LABEL	63
#define DNS_NAME	255
#define DNS_OPT		41
#define DNS_IN		1
/* The second and third byte pair: flags and counts. */
#define DNS_QR		0x80
#define DNS_OPCODE	0x78
#define DNS_RCODE	0x0f
#define DNS_RD		0x01
#define RCODE_NXDOMAIN	3

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned int
get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* In labels; its length, or 0. */
static size_t
name_encode(uint8_t out[DNS_NAME], const char *host)
{
	size_t	 n = 0, len;

	for (;;) {
		len = strcspn(host, ".");
		if (len == 0 || len > DNS_LABEL || n + len + 2 > DNS_NAME)
			return 0;
		out[n++] = (uint8_t)len;
		memcpy(out + n, host, len);
		n += len;
		if (host[len] == '\0')
			break;
		host += len + 1;
	}
	out[n++] = 0;
	return n;
}

/* The question: a name, a type, the class; its length, or 0. */
static size_t
question_encode(uint8_t out[DNS_NAME + 4], const char *host, uint16_t type)
{
	size_t	 n;

	if ((n = name_encode(out, host)) == 0)
		return 0;
	put16(out + n, type);
	put16(out + n + 2, DNS_IN);
	return n + 4;
}

size_t
dns_query(uint8_t out[DNS_MAX], uint16_t id, const char *host, uint16_t type)
{
	size_t	 n;

	memset(out, 0, DNS_MAX);
	put16(out, id);
	out[2] = DNS_RD;
	put16(out + 4, 1);
	put16(out + 10, 1);
	if ((n = question_encode(out + DNS_HEAD, host, type)) == 0)
		return 0;
	n += DNS_HEAD;
	/* RFC 6891 6.1.2: root, OPT, our size, zeroes */
	put16(out + n + 1, DNS_OPT);
	put16(out + n + 3, DNS_MAX);
	return n + 11;
}

static int
question_matches(const uint8_t *msg, size_t len, const char *host,
    uint16_t type, size_t *end)
{
	uint8_t	 want[DNS_NAME + 4];
	size_t	 i, n;

	if ((n = question_encode(want, host, type)) == 0 ||
	    len < DNS_HEAD + n)
		return 0;
	for (i = 0; i < n; i++)
		if (tolower(msg[DNS_HEAD + i]) != tolower(want[i]))
			return 0;
	*end = DNS_HEAD + n;
	return 1;
}

/* Behind a name, without following where it points; 0: there is no end. */
static size_t
name_skip(const uint8_t *msg, size_t len, size_t at)
{
	while (at < len) {
		if (msg[at] == 0)
			return at + 1;
		if ((msg[at] & 0xc0) == 0xc0)
			return at + 2;
		if ((msg[at] & 0xc0) != 0)
			return 0;
		at += 1U + msg[at];
	}
	return 0;
}

static void
address_add(struct dns_addresses *out, uint16_t type, const uint8_t *data)
{
	struct address	*a;

	if (out->n == DNS_ADDRESSES)
		return;
	a = &out->list[out->n++];
	memset(a, 0, sizeof(*a));
	a->family = type == DNS_A ? AF_INET : AF_INET6;
	if (type == DNS_A)
		memcpy(&a->u.v4, data, sizeof(a->u.v4));
	else
		memcpy(&a->u.v6, data, sizeof(a->u.v6));
}

/* A record at *at; 0, or -1 if it does not end. */
static int
record_read(const uint8_t *msg, size_t len, size_t *at, uint16_t type,
    struct dns_addresses *out)
{
	size_t	 n, size = type == DNS_A ? 4 : 16;

	*at = name_skip(msg, len, *at);
	if (*at == 0 || *at > len || len - *at < 10)
		return -1;
	n = get16(msg + *at + 8);
	if (len - *at - 10 < n)
		return -1;
	if (get16(msg + *at) == type && get16(msg + *at + 2) == DNS_IN &&
	    n == size)
		address_add(out, type, msg + *at + 10);
	*at += 10 + n;
	return 0;
}

enum dns_result
dns_answer(const uint8_t *msg, size_t len, uint16_t id, const char *host,
    uint16_t type, struct dns_addresses *out)
{
	unsigned int	 i, n;
	size_t		 at;

	if (len < DNS_HEAD || get16(msg) != id || (msg[2] & DNS_QR) == 0 ||
	    (msg[2] & DNS_OPCODE) != 0 || get16(msg + 4) != 1 ||
	    !question_matches(msg, len, host, type, &at))
		return DNS_FOREIGN;
	if ((msg[3] & DNS_RCODE) == RCODE_NXDOMAIN)
		return DNS_UNKNOWN;
	if ((msg[3] & DNS_RCODE) != 0)
		return DNS_FAILED;
	n = get16(msg + 6);
	for (i = 0; i < n; i++)
		if (record_read(msg, len, &at, type, out) == -1)
			break;	/* cut short: what was read counts */
	return DNS_ANSWERED;
}
