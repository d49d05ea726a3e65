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
 * URI templates of resources.  Room: frontend.  Pure.
 */

#include "config.h"

#include <string.h>

#include "json.h"
#include "mcp_uri.h"

static int
uri_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Percent decoding; no NUL may come out of it.  0 or -1. */
static int
uri_decode(const char *p, size_t len, char *out, size_t size)
{
	size_t	i, n = 0;
	int	c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)p[i];
		if (c == '%') {
			if (len - i < 3 || uri_hex(p[i + 1]) == -1 ||
			    uri_hex(p[i + 2]) == -1)
				return -1;
			c = uri_hex(p[i + 1]) << 4 | uri_hex(p[i + 2]);
			i += 2;
		}
		if (c == 0 || n + 1 >= size)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return json_utf8_check(out, n, NULL);
}

int
mcp_uri_match(const char *t, const char *uri, struct mcp_uri_var *vars,
    unsigned int *nvars)
{
	const char	*close;
	size_t		 len;
	unsigned int	 n = 0;
	char		 stop[5] = "/?#";

	while (*t != '\0') {
		if (*t != '{') {
			if (*t++ != *uri++)
				return 0;
			continue;
		}
		if ((close = strchr(t, '}')) == NULL || n == MCP_URI_MAX_VARS)
			return 0;
		len = (size_t)(close - t) - 1;
		if (len == 0 || len >= sizeof(vars[n].name))
			return 0;
		memcpy(vars[n].name, t + 1, len);
		vars[n].name[len] = '\0';
		t = close + 1;
		stop[3] = *t;
		stop[4] = '\0';
		len = strcspn(uri, stop);
		if (len == 0 || uri_decode(uri, len, vars[n].value,
		    sizeof(vars[n].value)) == -1)
			return 0;
		uri += len;
		n++;
	}
	*nvars = n;
	return *uri == '\0';
}
