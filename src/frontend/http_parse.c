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
 * The head of an HTTP/1 request (RFC 9112), strictly: where two readers
 * could differ, it is refused.  Room: frontend.  Pure: no I/O, no copies.
 */

#include "config.h"

#include <string.h>
#include <strings.h>

#include "code.h"
#include "http_parse.h"

#define C_TOKEN		0x01	/* RFC 9110 5.6.2 */
#define C_TARGET	0x02	/* of a request's target */
#define C_VALUE		0x04	/* of a field's value */

/* RFC 9110 5.5, RFC 3986 2; bytes from 0x80 on are not in a target. */
static unsigned char http_class[256];

static const struct http_refusal
    line_ends = { 400, "bad_request", "Malformed request",
	"lines end with CR LF" },
    bad_line = { 400, "bad_request", "Malformed request line", "" },
    bad_target = { 400, "bad_request", "Malformed request target",
	"it begins with / and has percent-encoded what is not ASCII" },
    long_target = { 414, "uri_too_long", "The request target is too long",
	"" },
    bad_version = { 505, CODE_VERSION, "HTTP/1.1 and HTTP/1.0 are spoken",
	"" },
    bad_field = { 400, "bad_request", "Malformed header field", "" },
    many_fields = { 431, "header_too_large", "Too many header fields", "" },
    two_lengths = { 400, "bad_request", "Two Content-Length fields", "" },
    bad_length = { 400, "bad_request", "Malformed Content-Length", "" },
    bad_encoding = { 400, "bad_request",
	"A Transfer-Encoding other than chunked", "" },
    both = { 400, "bad_request",
	"Content-Length and Transfer-Encoding together", "" },
    old_chunks = { 400, "bad_request",
	"Transfer-Encoding in an HTTP/1.0 request", "" },
    bad_host = { 400, "bad_request", "One Host field is needed", "" },
    two_auths = { 400, "bad_request", "Two Authorization fields", "" },
    two_types = { 400, "bad_request", "Two Content-Type fields", "" },
    no_body = { 400, "bad_request", "A body where the method has none", "" },
    bad_expect = { 417, "expectation_failed",
	"An expectation other than 100-continue", "" };

static const char *const http_methods[HTTP__MAX] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
	[HTTP_OTHER] = "",
};

static void
http_class_init(void)
{
	const char	*p;
	int		 c;

	for (c = 0x21; c <= 0x7e; c++) {
		http_class[c] = C_TARGET | C_VALUE;
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z'))
			http_class[c] |= C_TOKEN;
	}
	for (p = "!#$%&'*+-.^_`|~"; *p != '\0'; p++)
		http_class[(unsigned char)*p] |= C_TOKEN;
	/* no URI has these (RFC 3986 2), but clients send most of them bare */
	http_class['#'] &= ~C_TARGET;
	http_class[' '] = http_class['\t'] = C_VALUE;
	for (c = 0x80; c <= 0xff; c++)
		http_class[c] = C_VALUE;
}

static int
http_all(const struct http_text *t, unsigned char class)
{
	size_t	i;

	for (i = 0; i < t->len; i++)
		if ((http_class[(unsigned char)t->p[i]] & class) == 0)
			return 0;
	return 1;
}

int
http_text_is(const struct http_text *t, const char *word)
{
	return strlen(word) == t->len && strncasecmp(t->p, word, t->len) == 0;
}

const char *
http_method_name(enum http_method m)
{
	return m < HTTP__MAX ? http_methods[m] : "";
}

size_t
http_head_end(const char *p, size_t len, size_t *from)
{
	const char	*nl;
	size_t		 i = *from;

	while (i < len && (nl = memchr(p + i, '\n', len - i)) != NULL) {
		i = (size_t)(nl - p) + 1;
		if (i < len && p[i] == '\n')
			return i + 1;	/* refused as line_ends, later */
		if (i + 1 < len && p[i] == '\r' && p[i + 1] == '\n')
			return i + 2;
		if (i + 1 >= len) {
			*from = i - 1;
			return 0;
		}
	}
	*from = len;
	return 0;
}

/* One line without its CR LF, and p behind it; -1 at a bare LF or CR. */
static int
http_line(const char **p, const char *end, struct http_text *line)
{
	const char	*nl;

	if ((nl = memchr(*p, '\n', (size_t)(end - *p))) == NULL ||
	    nl == *p || nl[-1] != '\r')
		return -1;
	line->p = *p;
	line->len = (size_t)(nl - 1 - *p);
	*p = nl + 1;
	return memchr(line->p, '\r', line->len) == NULL ? 0 : -1;
}

/* absolute-form (RFC 9112 3.2.2): what stands before the path is skipped. */
static void
http_skip_origin(struct http_text *t)
{
	const char	*slash;
	size_t		 n;

	if (t->len >= 7 && strncasecmp(t->p, "http://", 7) == 0)
		n = 7;
	else if (t->len >= 8 && strncasecmp(t->p, "https://", 8) == 0)
		n = 8;
	else
		return;
	slash = memchr(t->p + n, '/', t->len - n);
	if (slash == NULL) {
		t->p = "/";
		t->len = 1;
		return;
	}
	t->len -= (size_t)(slash - t->p);
	t->p = slash;
}

static const struct http_refusal *
http_target(struct http_text t, struct http_head *h)
{
	const char	*q;
	int		 fits = t.len <= HTTP_MAX_TARGET;

	if (t.len == 0 || !http_all(&t, C_TARGET))
		return &bad_target;
	http_skip_origin(&t);
	if (t.p[0] != '/' &&
	    !(t.len == 1 && t.p[0] == '*' && h->method == HTTP_OPTIONS))
		return &bad_target;
	h->path = t;
	if ((q = memchr(t.p, '?', t.len)) != NULL) {
		h->path.len = (size_t)(q - t.p);
		if (fits) {
			h->query.p = q + 1;
			h->query.len = t.len - h->path.len - 1;
		}
	}
	if (fits)
		return NULL;
	/* whoever answers looks at the path alone, as far as there is one */
	if (h->path.len > HTTP_MAX_TARGET)
		h->path.len = 0;
	return &long_target;
}

static const struct http_refusal *
http_request_line(const struct http_text *line, struct http_head *h)
{
	struct http_text	 target, version;
	const char		*a, *b;

	a = memchr(line->p, ' ', line->len);
	b = memrchr(line->p, ' ', line->len);
	if (a == NULL || a == b)
		return &bad_line;
	h->method_text.p = line->p;
	h->method_text.len = (size_t)(a - line->p);
	target.p = a + 1;
	target.len = (size_t)(b - target.p);
	version.p = b + 1;
	version.len = (size_t)(line->p + line->len - version.p);

	if (h->method_text.len == 0 || h->method_text.len > HTTP_MAX_METHOD ||
	    !http_all(&h->method_text, C_TOKEN))
		return &bad_line;
	for (h->method = 0; h->method < HTTP_OTHER; h->method++)
		if (strlen(http_methods[h->method]) == h->method_text.len &&
		    memcmp(http_methods[h->method], h->method_text.p,
		    h->method_text.len) == 0)
			break;
	if (version.len != 8 || memcmp(version.p, "HTTP/", 5) != 0)
		return &bad_line;
	if (memcmp(version.p + 5, "1.", 2) != 0 ||
	    (version.p[7] != '0' && version.p[7] != '1'))
		return &bad_version;
	h->minor = version.p[7] - '0';
	return http_target(target, h);
}

static const struct http_refusal *
http_one_field(const struct http_text *line, struct http_head *h)
{
	struct http_field	*f;
	const char		*colon;

	if (h->nfields == HTTP_MAX_FIELDS)
		return &many_fields;
	if ((colon = memchr(line->p, ':', line->len)) == NULL)
		return &bad_field;
	f = &h->fields[h->nfields++];
	f->name.p = line->p;
	f->name.len = (size_t)(colon - line->p);
	f->value.p = colon + 1;
	f->value.len = line->len - f->name.len - 1;
	while (f->value.len > 0 &&
	    (f->value.p[0] == ' ' || f->value.p[0] == '\t')) {
		f->value.p++;
		f->value.len--;
	}
	while (f->value.len > 0 && (f->value.p[f->value.len - 1] == ' ' ||
	    f->value.p[f->value.len - 1] == '\t'))
		f->value.len--;
	/* a folded line begins with a blank, which is no token */
	if (f->name.len == 0 || !http_all(&f->name, C_TOKEN) ||
	    !http_all(&f->value, C_VALUE))
		return &bad_field;
	return NULL;
}

const struct http_text *
http_field(const struct http_head *h, const char *name)
{
	unsigned int	i;

	for (i = 0; i < h->nfields; i++)
		if (http_text_is(&h->fields[i].name, name))
			return &h->fields[i].value;
	return NULL;
}

const struct http_text *
http_field_last(const struct http_head *h, const char *name)
{
	unsigned int	i;

	for (i = h->nfields; i-- > 0; )
		if (http_text_is(&h->fields[i].name, name))
			return &h->fields[i].value;
	return NULL;
}

/* Connection is a list of words (RFC 9110 7.6.1). */
static void
http_connection(const struct http_text *value, struct http_head *h)
{
	struct http_text	 word;
	const char		*p = value->p, *end = p + value->len, *comma;

	while (p < end) {
		if ((comma = memchr(p, ',', (size_t)(end - p))) == NULL)
			comma = end;
		word.p = p;
		word.len = (size_t)(comma - p);
		while (word.len > 0 && (*word.p == ' ' || *word.p == '\t')) {
			word.p++;
			word.len--;
		}
		while (word.len > 0 && (word.p[word.len - 1] == ' ' ||
		    word.p[word.len - 1] == '\t'))
			word.len--;
		if (http_text_is(&word, "close"))
			h->keepalive = 0;
		else if (http_text_is(&word, "keep-alive") && h->minor == 0)
			h->keepalive = 1;
		p = comma + 1;
	}
}

static const struct http_refusal *
http_content_length(const struct http_text *value, struct http_head *h)
{
	size_t	i;

	if (h->length != -1)
		return &two_lengths;
	if (value->len == 0 || value->len > HTTP_MAX_LENGTH_DIGITS)
		return &bad_length;
	h->length = 0;
	for (i = 0; i < value->len; i++) {
		if (value->p[i] < '0' || value->p[i] > '9')
			return &bad_length;
		h->length = h->length * 10 + (value->p[i] - '0');
	}
	return NULL;
}

/* What the fields say about the message; called once all are there. */
static const struct http_refusal *
http_framing(struct http_head *h)
{
	const struct http_refusal	*why;
	const struct http_field		*f;
	unsigned int			 hosts = 0, auths = 0, types = 0;
	unsigned int			 codings = 0, i;

	for (i = 0; i < h->nfields; i++) {
		f = &h->fields[i];
		switch (f->name.p[0] | 0x20) {
		case 'a':
			auths += http_text_is(&f->name, "authorization");
			break;
		case 'c':
			if (http_text_is(&f->name, "connection"))
				http_connection(&f->value, h);
			else if (http_text_is(&f->name, "content-type"))
				types++;
			else if (http_text_is(&f->name, "content-length") &&
			    (why = http_content_length(&f->value, h)) != NULL)
				return why;
			break;
		case 'e':
			if (!http_text_is(&f->name, "expect"))
				break;
			if (!http_text_is(&f->value, "100-continue"))
				return &bad_expect;
			h->expect = h->minor == 1;
			break;
		case 'h':
			hosts += http_text_is(&f->name, "host");
			break;
		case 't':
			if (!http_text_is(&f->name, "transfer-encoding"))
				break;
			if (codings++ > 0 ||
			    !http_text_is(&f->value, "chunked"))
				return &bad_encoding;
			h->chunked = 1;
			break;
		}
	}
	if (h->chunked && h->length != -1)
		return &both;
	if (h->chunked && h->minor == 0)
		return &old_chunks;
	if (hosts > 1 || (hosts == 0 && h->minor == 1))
		return &bad_host;
	if (auths > 1)
		return &two_auths;
	if (types > 1)
		return &two_types;
	if ((h->chunked || h->length > 0) && h->method != HTTP_POST &&
	    h->method != HTTP_PUT && h->method != HTTP_PATCH &&
	    h->method != HTTP_OTHER)
		return &no_body;
	return NULL;
}

/* NULL, or what is wrong. */
static const struct http_refusal *
http_head_read(const char *p, size_t len, struct http_head *h)
{
	const struct http_refusal	*why;
	const char			*end = p + len;
	struct http_text		 line;

	do {
		if (http_line(&p, end, &line) == -1)
			return &line_ends;
	} while (line.len == 0 && p < end);
	if ((why = http_request_line(&line, h)) != NULL)
		return why;
	h->keepalive = h->minor == 1;
	while (p < end) {
		if (http_line(&p, end, &line) == -1)
			return &line_ends;
		if (line.len == 0)
			break;
		if ((why = http_one_field(&line, h)) != NULL)
			return why;
	}
	return http_framing(h);
}

int
http_head_parse(const char *p, size_t len, struct http_head *h,
    const struct http_refusal **why)
{
	if (http_class['a'] == 0)
		http_class_init();
	/* fields[] stays as it is: only nfields of them are looked at */
	h->method = HTTP_OTHER;
	memset(&h->method_text, 0, sizeof(h->method_text));
	memset(&h->path, 0, sizeof(h->path));
	memset(&h->query, 0, sizeof(h->query));
	h->nfields = 0;
	h->length = -1;
	h->minor = h->chunked = h->expect = 0;

	if ((*why = http_head_read(p, len, h)) == NULL)
		return 0;
	/* some are missing, and the last one of a name may count */
	h->nfields = 0;
	return -1;
}
