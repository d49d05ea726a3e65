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
 * Cookies of pages.  Room: frontend.  Nothing is decided here: what a value
 * opens is the database's matter.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "cookie.h"

#define COOKIE_RANDOM	32	/* bytes */

/* max_age: seconds, 0 lasts as long as the browser. */
static const struct {
	const char	*name;
	int		 max_age;
} cookies[COOKIE__MAX] = {
	[COOKIE_SESSION] = { "grantd_session", 0 },
	[COOKIE_VISITOR] = { "grantd_visitor", 0 },
	[COOKIE_ONCE] = { "grantd_once", 60 },
	[COOKIE_WAITING] = { "grantd_once", 600 },
	[COOKIE_REST] = { "grantd_once_rest", 600 },
};

/* RFC 6265bis 4.1.3.2: only this host, only over TLS, any path. */
static const char *
cookie_prefix(const char *issuer)
{
	return strncmp(issuer, "https:", 6) == 0 ? "__Host-" : "";
}

static int
cookie_is_value(const char *p, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') ||
		    (p[i] >= 'A' && p[i] <= 'Z') ||
		    (p[i] >= '0' && p[i] <= '9') || p[i] == '-' ||
		    p[i] == '_'))
			return 0;
	return len > 0 && len <= COOKIE_VALUE;
}

/* One field's pairs; *seen counts those of this name. */
static void
cookie_field(const struct http_text *t, const char *name, size_t namelen,
    struct http_text *value, int *seen)
{
	const char	*p = t->p, *end = t->p + t->len, *next;

	for (; p < end; p = next + 1) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if ((next = memchr(p, ';', (size_t)(end - p))) == NULL)
			next = end;
		if ((size_t)(next - p) <= namelen || p[namelen] != '=' ||
		    memcmp(p, name, namelen) != 0)
			continue;
		value->p = p + namelen + 1;
		value->len = (size_t)(next - value->p);
		(*seen)++;
	}
}

ssize_t
cookie_get(const struct http_head *h, const char *issuer,
    enum cookie_kind kind, char out[COOKIE_VALUE + 1])
{
	struct http_text	 value = { NULL, 0 };
	char			 name[64];
	unsigned int		 i;
	int			 n, seen = 0;

	/* 64 bytes hold every name */
	n = snprintf(name, sizeof(name), "%s%s", cookie_prefix(issuer),
	    cookies[kind].name);
	for (i = 0; i < h->nfields; i++)
		if (http_text_is(&h->fields[i].name, "cookie"))
			cookie_field(&h->fields[i].value, name, (size_t)n,
			    &value, &seen);
	if (seen != 1 || !cookie_is_value(value.p, value.len))
		return -1;
	memcpy(out, value.p, value.len);
	out[value.len] = '\0';
	return (ssize_t)value.len;
}

int
cookie_set(char out[COOKIE_HEADER], const char *issuer,
    enum cookie_kind kind, const char *value)
{
	char	age[32] = "";
	int	n;

	/* 32 bytes hold every number */
	if (value[0] == '\0')
		(void)strlcpy(age, "; Max-Age=0", sizeof(age));
	else if (cookies[kind].max_age > 0)
		(void)snprintf(age, sizeof(age), "; Max-Age=%d",
		    cookies[kind].max_age);
	n = snprintf(out, COOKIE_HEADER,
	    "%s%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
	    cookie_prefix(issuer), cookies[kind].name, value, age,
	    *cookie_prefix(issuer) != '\0' ? "; Secure" : "");
	return n < 0 || n >= COOKIE_HEADER ? -1 : 0;
}

void
cookie_draw(char out[COOKIE_DRAWN + 1])
{
	unsigned char	random[COOKIE_RANDOM];

	arc4random_buf(random, sizeof(random));
	b64url_encode(out, random, sizeof(random));
	explicit_bzero(random, sizeof(random));
}
