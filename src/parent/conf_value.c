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
 * Texts of grantd.conf(5) into values, and back.  Room: parent.  Pure: no
 * name is looked up and no file is opened here.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_value.h"
#include "msg_conf.h"

#define VALUE_MAX_USER		31
#define VALUE_MAX_DIGITS	10

struct unit {
	char		 name;
	uint32_t	 factor;
	uint32_t	 least;		/* fewer are printed in a smaller one */
};
/* Largest first: the printer takes the first that divides.  24h, 60s. */
static const struct unit durations[] = {
	{ 'w', 7 * 86400, 2 }, { 'd', 86400, 2 }, { 'h', 3600, 1 },
	{ 'm', 60, 2 }, { 's', 1, 0 }, { '\0', 0, 0 }
};
static const struct unit sizes[] = {
	{ 'm', 1024 * 1024, 1 }, { 'k', 1024, 1 }, { '\0', 0, 0 }
};

static uint32_t
unit_factor(const struct unit *u, char name)
{
	for (; u->name != '\0'; u++)
		if (u->name == name)
			return u->factor;
	return 0;
}

/* Digits only: strtonum(3) alone would take blanks and signs. */
int
value_number(const char *s, uint32_t min, uint32_t max, uint32_t *out)
{
	const char	*errstr;
	long long	 n;
	size_t		 len = strlen(s);

	if (len == 0 || len > VALUE_MAX_DIGITS ||
	    strspn(s, "0123456789") != len)
		return -1;
	n = strtonum(s, min, max, &errstr);
	if (errstr != NULL)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

/* One number with its unit at *s; moves *s behind it. */
static int
value_unit(const char **s, const struct unit *units, int bare, uint64_t *out)
{
	char		 digits[VALUE_MAX_DIGITS + 1];
	size_t		 n = strspn(*s, "0123456789");
	uint32_t	 number, factor = 1;

	if (n == 0 || n > VALUE_MAX_DIGITS)
		return -1;
	memcpy(digits, *s, n);
	digits[n] = '\0';
	if (value_number(digits, 0, UINT32_MAX, &number) == -1)
		return -1;
	*s += n;
	if (**s != '\0') {
		if ((factor = unit_factor(units, **s)) == 0)
			return -1;
		(*s)++;
	} else if (!bare)
		return -1;
	*out = (uint64_t)number * factor;
	return 0;
}

int
value_duration(const char *s, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t	 sum = 0, part;

	do {
		if (value_unit(&s, durations, 0, &part) == -1)
			return -1;
		sum += part;
		if (sum > max)
			return -1;
	} while (*s != '\0');
	if (sum < min)
		return -1;
	*out = (uint32_t)sum;
	return 0;
}

int
value_size(const char *s, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t	 size;

	if (value_unit(&s, sizes, 1, &size) == -1 || *s != '\0' ||
	    size < min || size > max)
		return -1;
	*out = (uint32_t)size;
	return 0;
}

int
value_mode(const char *s, uint32_t *out)
{
	size_t		 len = strlen(s);
	uint32_t	 mode = 0;

	if (len < 3 || len > 4 || strspn(s, "01234567") != len ||
	    (len == 4 && s[0] != '0'))
		return -1;
	for (; *s != '\0'; s++)
		mode = mode * 8 + (uint32_t)(*s - '0');
	*out = mode;
	return 0;
}

int
value_address(const char *s, uint32_t port, struct sockaddr_storage *ss,
    socklen_t *len)
{
	struct sockaddr_in	*sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, s, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons((uint16_t)port);
		*len = sizeof(*sin);
		return 0;
	}
	if (inet_pton(AF_INET6, s, &sin6->sin6_addr) == 1) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons((uint16_t)port);
		*len = sizeof(*sin6);
		return 0;
	}
	return -1;
}

int
value_is_loopback(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in	*sin;
	const struct sockaddr_in6	*sin6;

	if (ss->ss_family == AF_INET) {
		sin = (const struct sockaddr_in *)ss;
		return ntohl(sin->sin_addr.s_addr) >> 24 == 127;
	}
	if (ss->ss_family == AF_INET6) {
		sin6 = (const struct sockaddr_in6 *)ss;
		return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
	}
	return 0;
}

int
value_network(const char *s)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	char			 addr[INET6_ADDRSTRLEN];
	const char		*slash = strchr(s, '/');
	size_t			 n;
	uint32_t		 bits;

	n = slash == NULL ? strlen(s) : (size_t)(slash - s);
	if (n >= sizeof(addr))
		return -1;
	memcpy(addr, s, n);
	addr[n] = '\0';
	if (value_address(addr, 0, &ss, &len) == -1)
		return -1;
	if (slash == NULL)
		return 0;
	return value_number(slash + 1, 0, ss.ss_family == AF_INET ? 32 : 128,
	    &bits);
}

int
value_nameserver(const char *s)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	char			 addr[CONF_MAX_NAMESERVER + 1];
	char			*end, *host = addr;
	uint32_t		 port;

	if (strlcpy(addr, s, sizeof(addr)) >= sizeof(addr))
		return -1;
	if (value_address(addr, 0, &ss, &len) == 0)
		return 0;
	if (addr[0] == '[') {
		host++;
		if ((end = strchr(host, ']')) == NULL || end[1] != ':')
			return -1;
		*end++ = '\0';
	} else if ((end = strchr(host, ':')) == NULL)
		return -1;
	*end++ = '\0';
	if (value_number(end, 1, 65535, &port) == -1)
		return -1;
	return value_address(host, port, &ss, &len);
}

int
value_path(const char *s)
{
	size_t	 len = strlen(s);

	if (s[0] != '/' || len > CONF_MAX_PATH)
		return -1;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return -1;
	return 0;
}

int
value_user(const char *s)
{
	static const char	 set[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t			 len = strlen(s);

	if (len == 0 || len > VALUE_MAX_USER || s[0] == '-')
		return -1;
	return strspn(s, set) == len ? 0 : -1;
}

/* Whether a URL's host part means this machine. */
static int
value_host_loopback(const char *s, size_t n)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
	    "[::1]" };
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && strncmp(s, names[i], n) == 0)
			return 1;
	return 0;
}

/*
 * RFC 8414 2: https, no query, no fragment; plain http is the caller's.  No
 * path either: pages and endpoints are at the root of their host.
 */
int
value_issuer(const char *s, int *plain, int *loopback)
{
	static const char	 host[] = "abcdefghijklmnopqrstuvwxyz"
				    "0123456789.-";
	size_t			 n;
	uint32_t		 port;
	char			 digits[6];

	if (strlen(s) > CONF_MAX_ISSUER)
		return -1;
	*plain = strncmp(s, "http://", 7) == 0;
	if (!*plain && strncmp(s, "https://", 8) != 0)
		return -1;
	s += *plain ? 7 : 8;
	if (*s == '[')
		n = strspn(s + 1, "0123456789abcdef:") + 2;
	else
		n = strspn(s, host);
	if (n == 0 || (*s == '[' && s[n - 1] != ']'))
		return -1;
	*loopback = value_host_loopback(s, n);
	s += n;
	if (*s == ':') {
		n = strspn(++s, "0123456789");
		if (n == 0 || n >= sizeof(digits))
			return -1;
		memcpy(digits, s, n);
		digits[n] = '\0';
		if (value_number(digits, 1, 65535, &port) == -1)
			return -1;
		s += n;
	}
	return *s == '\0' ? 0 : -1;
}

static void
value_format(char out[VALUE_MAX_FORMAT], uint32_t n, const struct unit *u)
{
	for (; u->name != '\0'; u++)
		if (n % u->factor == 0 && n / u->factor >= u->least) {
			(void)snprintf(out, VALUE_MAX_FORMAT, "%u%c",
			    n / u->factor, u->name);
			return;
		}
	/* At most ten digits: it fits. */
	(void)snprintf(out, VALUE_MAX_FORMAT, "%u", n);
}

void
value_format_duration(char out[VALUE_MAX_FORMAT], uint32_t n)
{
	value_format(out, n, durations);
}

void
value_format_size(char out[VALUE_MAX_FORMAT], uint32_t n)
{
	value_format(out, n, sizes);
}
