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
 * URLs of documents (RFC 3986, and what a client id may look like).  Room:
 * fetcher; pure.  Whatever is doubtful is refused: the id of a client is
 * compared byte for byte, so there is one right spelling.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "url.h"

#define SCHEME		"https://"
#define DEFAULT_PORT	443

/* A label that looks like a number makes the host an address. */
static int
label_is_number(const char *label, size_t len)
{
	size_t	 i;

	if (len >= 2 && label[0] == '0' && label[1] == 'x')
		return 1;
	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)label[i]))
			return 0;
	return 1;
}

static int
label_is_good(const char *label, size_t len)
{
	size_t	 i;

	if (len == 0 || len > URL_MAX_LABEL || label[0] == '-' ||
	    label[len - 1] == '-')
		return 0;
	for (i = 0; i < len; i++)
		if (!islower((unsigned char)label[i]) &&
		    !isdigit((unsigned char)label[i]) && label[i] != '-')
			return 0;
	return 1;
}

static int
host_parse(const char *text, size_t len, struct url *url, const char **why)
{
	const char	*label, *dot, *end = text + len;

	*why = "the host is no host name in lower case";
	if (len == 0 || len > URL_MAX_HOST)
		return -1;
	for (label = text;; label = dot + 1) {
		dot = memchr(label, '.', (size_t)(end - label));
		if (dot == NULL)
			break;
		if (!label_is_good(label, (size_t)(dot - label)))
			return -1;
	}
	if (!label_is_good(label, (size_t)(end - label)))
		return -1;
	if (label_is_number(label, (size_t)(end - label))) {
		*why = "the host is an address";
		return -1;
	}
	memcpy(url->host, text, len);
	url->host[len] = '\0';
	return 0;
}

static int
port_parse(const char *text, size_t len, uint16_t want, const char **why)
{
	unsigned int	 port = 0;
	size_t		 i;

	*why = "the port is not one that documents are fetched from";
	if (len == 0 || len > 5 || text[0] == '0')
		return -1;
	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -1;
		port = port * 10 + (unsigned int)(text[i] - '0');
	}
	return port == want ? 0 : -1;
}

/* "%2e" is a dot, too. */
static size_t
dot_at(const char *p)
{
	if (p[0] == '.')
		return 1;
	return p[0] == '%' && p[1] == '2' && (p[2] == 'e' || p[2] == 'E') ?
	    3 : 0;
}

static int
segment_is_dots(const char *p)
{
	size_t	 n;

	if ((n = dot_at(p)) == 0)
		return 0;
	p += n;
	p += dot_at(p);
	return *p == '\0' || *p == '/' || *p == '?';
}

static int
target_parse(const char *text, struct url *url, const char **why)
{
	const char	*p;
	int		 path = 1;

	*why = "the path has a character that none may have";
	for (p = text; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || (unsigned char)*p > '~' ||
		    strchr("\"<>\\^`{|}#", *p) != NULL)
			return -1;
		if (*p == '%' && (!isxdigit((unsigned char)p[1]) ||
		    !isxdigit((unsigned char)p[2])))
			return -1;
		if (*p == '?')
			path = 0;
		if (path && *p == '/' && segment_is_dots(p + 1)) {
			*why = "the path has dot segments";
			return -1;
		}
	}
	return strlcpy(url->target, text, sizeof(url->target)) <
	    sizeof(url->target) ? 0 : -1;
}

int
url_parse(const char *text, uint16_t port, struct url *url, const char **why)
{
	const char	*host, *path, *colon;
	size_t		 len;

	memset(url, 0, sizeof(*url));
	*why = "the URL is too long";
	if (strlen(text) > MSG_MAX_URL)
		return -1;
	*why = "the URL is not https";
	if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
		return -1;
	host = text + strlen(SCHEME);
	*why = "the URL has no path";
	path = host + strcspn(host, "/?#");
	if (*path != '/')
		return -1;
	len = (size_t)(path - host);
	if ((colon = memchr(host, ':', len)) != NULL) {
		if (port_parse(colon + 1, (size_t)(path - colon - 1), port,
		    why) == -1)
			return -1;
		len = (size_t)(colon - host);
	} else if (port != DEFAULT_PORT) {
		*why = "the port is not one that documents are fetched from";
		return -1;
	}
	url->port = port;
	if (host_parse(host, len, url, why) == -1 ||
	    target_parse(path, url, why) == -1)
		return -1;
	*why = NULL;
	return 0;
}
