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
 * Reads a web server's answer.  Room: fetcher; pure.  The server is a
 * stranger: what is not as it should be is refused, never mended.
 */

#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "json.h"

#define CHUNK_DIGITS	4	/* hexadecimal, of a chunk's length */

/* What of the head counts. */
struct head {
	unsigned int	 status;
	int		 json;		/* content type; -1: none was named */
	int		 coded;		/* content coding */
	int		 chunked;
	long		 length;	/* -1: not said */
	uint32_t	 seconds;
	int		 kept;		/* seconds are the server's */
};

struct span {
	const char	*p;
	size_t		 len;
};

static struct span
span_trim(const char *p, size_t len)
{
	struct span	 s = { p, len };

	while (s.len > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' ||
	    s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static int
span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* Takes what stands before a character off; all, if there is none. */
static struct span
span_cut(struct span *s, char c)
{
	const char	*at = memchr(s->p, c, s->len);
	struct span	 first = *s;

	if (at == NULL) {
		s->p += s->len;
		s->len = 0;
	} else {
		first.len = (size_t)(at - s->p);
		s->p = at + 1;
		s->len -= first.len + 1;
	}
	return span_trim(first.p, first.len);
}

/* A number of at most nine digits; larger ones are that.  -1: is none. */
static long
span_number(struct span s)
{
	long	 n = 0;
	size_t	 i;

	if (s.len == 0)
		return -1;
	for (i = 0; i < s.len; i++) {
		if (!isdigit((unsigned char)s.p[i]))
			return -1;
		if (n <= 99999999)
			n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

/* RFC 9110 8.3.1: of JSON, or of something that is JSON too */
static int
field_type(struct head *h, struct span value)
{
	struct span	 type = span_cut(&value, ';');
	const char	 prefix[] = "application/", suffix[] = "+json";
	size_t		 np = sizeof(prefix) - 1, ns = sizeof(suffix) - 1;

	if (h->json != -1)
		return -1;
	h->json = span_is(type, "application/json") ||
	    (type.len > np + ns && strncasecmp(type.p, prefix, np) == 0 &&
	    strncasecmp(type.p + type.len - ns, suffix, ns) == 0);
	return 0;
}

static int
field_length(struct head *h, struct span value)
{
	if (h->length != -1)
		return -1;
	h->length = span_number(value);
	return h->length == -1 ? -1 : 0;
}

static int
field_transfer(struct head *h, struct span value)
{
	if (h->chunked || !span_is(value, "chunked"))
		return -1;
	h->chunked = 1;
	return 0;
}

static int
field_coding(struct head *h, struct span value)
{
	if (!span_is(value, "identity"))
		h->coded = 1;
	return 0;
}

/* RFC 9111 5.2.2 */
static int
field_cache(struct head *h, struct span value)
{
	struct span	 word, name;
	long		 n;

	while (value.len > 0) {
		word = span_cut(&value, ',');
		name = span_cut(&word, '=');
		if (span_is(name, "no-store") || span_is(name, "no-cache"))
			n = 0;
		else if (!span_is(name, "max-age") ||
		    (n = span_number(word)) == -1)
			continue;
		if (!h->kept || (uint32_t)n < h->seconds)
			h->seconds = (uint32_t)n;
		h->kept = 1;
	}
	return 0;
}

static const struct {
	const char	*name;
	int		(*read)(struct head *, struct span);
} fields[] = {
	{ "content-type", field_type },
	{ "content-length", field_length },
	{ "transfer-encoding", field_transfer },
	{ "content-encoding", field_coding },
	{ "cache-control", field_cache },
};

static int
head_field(struct head *h, const char *line, size_t len)
{
	const char	*colon = memchr(line, ':', len);
	struct span	 name;
	size_t		 i;

	/* RFC 9112 5.1, 5.2: no blank before the colon, no folding */
	if (colon == NULL || colon == line || *line == ' ' ||
	    *line == '\t' || colon[-1] == ' ' || colon[-1] == '\t' ||
	    memchr(line, '\0', len) != NULL)
		return -1;
	name.p = line;
	name.len = (size_t)(colon - line);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_is(name, fields[i].name))
			return fields[i].read(h, span_trim(colon + 1,
			    len - name.len - 1));
	return 0;
}

/* "HTTP/1.1 200 ..." */
static int
head_status(struct head *h, const char *line, size_t len)
{
	if (len < 12 || strncmp(line, "HTTP/1.", 7) != 0 ||
	    (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
	    line[9] < '1' || line[9] > '5' ||
	    !isdigit((unsigned char)line[10]) ||
	    !isdigit((unsigned char)line[11]) || (len > 12 && line[12] != ' '))
		return -1;
	h->status = (unsigned int)(line[9] - '0') * 100 +
	    (unsigned int)(line[10] - '0') * 10 +
	    (unsigned int)(line[11] - '0');
	return 0;
}

/* The bytes of a head with its empty line; 0: more has to come; -1: bad. */
static long
head_read(struct head *h, const char *buf, size_t len)
{
	const char	*line = buf, *end;
	size_t		 n;
	int		 bad;

	memset(h, 0, sizeof(*h));
	h->length = h->json = -1;
	while ((end = memchr(line, '\n', len - (size_t)(line - buf))) !=
	    NULL) {
		n = (size_t)(end - line);
		if (n == 0 || line[n - 1] != '\r')
			return -1;	/* RFC 9112 2.2: we need not bear it */
		n--;
		if (n == 0 && line != buf)
			return end + 1 - buf;
		bad = line == buf ? head_status(h, line, n) :
		    head_field(h, line, n);
		if (bad == -1)
			return -1;
		line = end + 1;
	}
	return len > ANSWER_HEAD ? -1 : 0;
}

static enum answer_result
answer_bad(struct answer *a, const char *why)
{
	a->why = why;
	return ANSWER_BAD;
}

static enum answer_result
body_add(struct answer *a, size_t max, const char *p, size_t len)
{
	if (len > max - a->len)
		return answer_bad(a, "the document is too large");
	memcpy(a->body + a->len, p, len);
	a->len += len;
	a->body[a->len] = '\0';
	return ANSWER_MORE;
}

/* RFC 9112 7.1; what follows the last chunk is not waited for. */
static enum answer_result
body_chunks(struct answer *a, size_t max, const char *p, size_t len)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*end, *d;
	size_t			 n, i;

	for (;;) {
		n = 0;
		for (i = 0; i < len && p[i] != '\0' && i <= CHUNK_DIGITS &&
		    (d = strchr(digits, tolower((unsigned char)p[i]))) !=
		    NULL; i++)
			n = n * 16 + (size_t)(d - digits);
		if ((i == 0 && len > 0) || i > CHUNK_DIGITS)
			return answer_bad(a, "a chunk has no good length");
		if ((end = memchr(p, '\n', len)) == NULL)
			return ANSWER_MORE;
		if (end[-1] != '\r' || memchr("\r; \t", p[i], 4) == NULL)
			return answer_bad(a, "a chunk has no good length");
		if (n == 0)
			return ANSWER_DONE;
		len -= (size_t)(end + 1 - p);
		p = end + 1;
		if (n > max - a->len)
			return answer_bad(a, "the document is too large");
		if (len < n + 2)
			return ANSWER_MORE;
		if (p[n] != '\r' || p[n + 1] != '\n')
			return answer_bad(a, "a chunk does not end");
		(void)body_add(a, max, p, n);	/* it was measured */
		p += n + 2;
		len -= n + 2;
	}
}

static enum answer_result
body_read(struct answer *a, const struct head *h, size_t max, const char *p,
    size_t len, int ended)
{
	enum answer_result	 r;

	if (h->chunked && h->length != -1)
		return answer_bad(a, "the body has two lengths");
	if (h->chunked)
		return body_chunks(a, max, p, len);
	if (h->length > (long)max)
		return answer_bad(a, "the document is too large");
	if (h->length != -1) {
		if (len < (size_t)h->length)
			return ANSWER_MORE;
		(void)body_add(a, max, p, (size_t)h->length);
		return ANSWER_DONE;
	}
	if ((r = body_add(a, max, p, len)) != ANSWER_MORE)
		return r;
	return ended ? ANSWER_DONE : ANSWER_MORE;
}

static uint32_t
answer_seconds(const struct head *h)
{
	if (!h->kept)
		return ANSWER_KEEP;
	if (h->seconds < ANSWER_KEEP_MIN)
		return ANSWER_KEEP_MIN;
	return h->seconds > ANSWER_KEEP_MAX ? ANSWER_KEEP_MAX : h->seconds;
}

/* What the head alone decides; NULL: the body is wanted. */
static const char *
answer_head(const struct head *h)
{
	if (h->status >= 300 && h->status < 400)
		return "the server redirects, which is not followed";
	if (h->status != 200)
		return "the server has no such document";
	if (h->json != 1)
		return "the document's type is not JSON";
	if (h->coded)
		return "the document is compressed";
	return NULL;
}

enum answer_result
answer_parse(const char *buf, size_t len, int ended, size_t max,
    struct answer *a)
{
	enum answer_result	 r;
	struct head		 h;
	long			 n;

	memset(a, 0, sizeof(*a));
	if (max > MSG_MAX_DOCUMENT)
		max = MSG_MAX_DOCUMENT;
	for (;;) {
		if ((n = head_read(&h, buf, len)) == -1)
			return answer_bad(a, "the head is malformed");
		if (n == 0)
			return ended ? answer_bad(a, "the head does not end") :
			    ANSWER_MORE;
		if (h.status >= 200)
			break;
		buf += n;	/* RFC 9110 15.2: interim */
		len -= (size_t)n;
	}
	a->status = h.status;
	a->seconds = answer_seconds(&h);
	if ((a->why = answer_head(&h)) != NULL)
		return ANSWER_DONE;
	r = body_read(a, &h, max, buf + n, len - (size_t)n, ended);
	if (r == ANSWER_MORE && ended)
		return answer_bad(a, "the document does not end");
	if (r == ANSWER_DONE && (memchr(a->body, '\0', a->len) != NULL ||
	    json_utf8_check(a->body, a->len, NULL) == -1))
		return answer_bad(a, "the document is not UTF-8");
	return r;
}
