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
 * Credentials as clients show them.  Room: frontend.  Pure: nothing is
 * checked here, hints only spare the database a search.
 */

#include "config.h"

#include <string.h>
#include <strings.h>

#include "codec.h"
#include "credential.h"

#define CREDENTIAL_MAX_PAYLOAD	3072	/* bytes of a JWT's claims */
#define CREDENTIAL_MAX_DIGITS	12	/* of exp */

/* b64token (RFC 6750 2.1) */
static int
credential_is_b64token(const struct http_text *t)
{
	static const char	 more[] = { '.', '~', '+', '/' };
	size_t			 i, n = t->len;

	while (n > 0 && t->p[n - 1] == '=')
		n--;
	for (i = b64url_span(t->p, n); i < n;
	    i += 1 + b64url_span(t->p + i + 1, n - i - 1))
		if (memchr(more, t->p[i], sizeof(more)) == NULL)
			return 0;
	return n > 0;
}

/* The number behind "exp": in the claims; 0 if there is none. */
static uint64_t
credential_exp(const char *claims, size_t len)
{
	static const char	 mark[] = "\"exp\":";
	const char		*p, *end = claims + len;
	uint64_t		 n = 0;
	int			 digits = 0;

	if ((p = memmem(claims, len, mark, sizeof(mark) - 1)) == NULL)
		return 0;
	for (p += sizeof(mark) - 1; p < end && *p == ' '; p++)
		;
	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		if (++digits > CREDENTIAL_MAX_DIGITS)
			return 0;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	return n;
}

/* Three parts with something in each; the middle one gives the hint. */
static int
credential_jwt(struct credential *c)
{
	const char	*a, *b, *end = c->text.p + c->text.len;
	char		 claims[CREDENTIAL_MAX_PAYLOAD];
	ssize_t		 n;

	if ((a = memchr(c->text.p, '.', c->text.len)) == NULL ||
	    (b = memchr(a + 1, '.', (size_t)(end - a - 1))) == NULL ||
	    a == c->text.p || b == a + 1 || b + 1 == end ||
	    memchr(b + 1, '.', (size_t)(end - b - 1)) != NULL)
		return -1;
	n = b64url_decode(claims, sizeof(claims), a + 1, (size_t)(b - a - 1));
	if (n == -1)
		return -1;
	c->hint_expiry = credential_exp(claims, (size_t)n);
	return 0;
}

static int
credential_refresh(struct credential *c)
{
	struct refresh_secret	 secret;
	char			 text[REFRESH_STRLEN + 1];
	int			 ret = -1;

	if (c->text.len != REFRESH_STRLEN)
		return -1;
	memcpy(text, c->text.p, REFRESH_STRLEN);
	text[REFRESH_STRLEN] = '\0';
	if (refresh_parse(&secret, text) == 0) {
		memcpy(c->hint_family, secret.family, UUID_LEN);
		ret = 0;
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&secret, sizeof(secret));
	return ret;
}

static int
credential_is_refresh(const struct http_text *t)
{
	return t->len > sizeof(REFRESH_PREFIX) - 1 &&
	    memcmp(t->p, REFRESH_PREFIX, sizeof(REFRESH_PREFIX) - 1) == 0;
}

void
credential_hint(struct credential *c, const char *text, size_t len)
{
	memset(c, 0, sizeof(*c));
	c->text.p = text;
	c->text.len = len;
	/* without a hint nothing will be found, which is an answer as well */
	if (credential_is_refresh(&c->text))
		(void)credential_refresh(c);
	else
		(void)credential_jwt(c);
}

enum credential_result
credential_parse(struct credential *c, const struct http_text *field)
{
	memset(c, 0, sizeof(*c));
	if (field == NULL || field->len == 0)
		return CREDENTIAL_MISSING;
	if (field->len < 7 || strncasecmp(field->p, "bearer ", 7) != 0)
		return CREDENTIAL_SCHEME;
	c->text.p = field->p + 7;
	c->text.len = field->len - 7;
	while (c->text.len > 0 && *c->text.p == ' ') {
		c->text.p++;
		c->text.len--;
	}
	if (c->text.len > MSG_MAX_CREDENTIAL ||
	    !credential_is_b64token(&c->text))
		return CREDENTIAL_GARBAGE;
	if (credential_is_refresh(&c->text))
		c->kind = CRED_REFRESH;
	else
		c->kind = CRED_ACCESS;
	if ((c->kind == CRED_REFRESH ? credential_refresh(c) :
	    credential_jwt(c)) == -1)
		return CREDENTIAL_GARBAGE;
	return CREDENTIAL_OK;
}
