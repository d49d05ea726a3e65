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
 * One uploaded file out of multipart/form-data.  Room: frontend.  Pure:
 * points into the body, copies nothing.
 */

#include "config.h"

#include <string.h>
#include <strings.h>

#include "multipart.h"

/* A parameter "; name=value" of a header's value; 0 or -1. */
static int
multipart_param(const struct http_text *value, const char *name,
    struct http_text *out)
{
	const char	*p = value->p, *end = p + value->len;
	size_t		 n = strlen(name);
	int		 found;

	while (p < end && *p != ';')
		p++;
	while (p < end) {
		while (p < end && (*p == ';' || *p == ' ' || *p == '\t'))
			p++;
		found = (size_t)(end - p) > n && p[n] == '=' &&
		    strncasecmp(p, name, n) == 0;
		while (p < end && *p != '=' && *p != ';')
			p++;
		if (p == end || *p == ';')
			continue;
		out->p = ++p;
		if (p < end && *p == '"') {
			out->p = ++p;
			while (p < end && *p != '"') {
				if (*p == '\\' && p + 1 < end)
					p++;
				p++;
			}
			if (p >= end)
				return -1;
			out->len = (size_t)(p - out->p);
			p++;
		} else {
			while (p < end && *p != ';' && *p != ' ')
				p++;
			out->len = (size_t)(p - out->p);
		}
		if (found)
			return 0;
	}
	return -1;
}

int
multipart_boundary(const struct http_text *type, char *out)
{
	static const char	 allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=? ";
	struct http_text	 b;

	if (multipart_param(type, "boundary", &b) == -1 || b.len == 0 ||
	    b.len > MULTIPART_MAX_BOUNDARY || b.p[b.len - 1] == ' ')
		return -1;
	memcpy(out, b.p, b.len);
	out[b.len] = '\0';
	return strspn(out, allowed) == b.len ? 0 : -1;
}

/* What follows "CR LF -- boundary": 1 another part, 0 the end, -1 neither. */
static int
multipart_after(const char **p, const char *end)
{
	const char	*q = *p;
	int		 last;

	last = end - q >= 2 && q[0] == '-' && q[1] == '-';
	if (last) {
		*p = q + 2;
		return 0;
	}
	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (end - q < 2 || q[0] != '\r' || q[1] != '\n')
		return -1;
	*p = q + 2;
	return 1;
}

struct multipart_part {
	struct multipart_file	 file;
	int			 is_file;
};

static void
multipart_field(const char *line, size_t len, struct multipart_part *part)
{
	static const char	 disposition[] = "content-disposition:";
	static const char	 type[] = "content-type:";
	struct http_text	 value, name;
	size_t			 skip;

	if (len >= sizeof(type) - 1 &&
	    strncasecmp(line, type, sizeof(type) - 1) == 0)
		skip = sizeof(type) - 1;
	else if (len >= sizeof(disposition) - 1 &&
	    strncasecmp(line, disposition, sizeof(disposition) - 1) == 0)
		skip = sizeof(disposition) - 1;
	else
		return;
	value.p = line + skip;
	value.len = len - skip;
	while (value.len > 0 && (*value.p == ' ' || *value.p == '\t')) {
		value.p++;
		value.len--;
	}
	if (skip == sizeof(type) - 1)
		part->file.type = value;
	else if (multipart_param(&value, "filename", &name) == 0 ||
	    multipart_param(&value, "filename*", &name) == 0 ||
	    (multipart_param(&value, "name", &name) == 0 &&
	    http_text_is(&name, "file")))
		part->is_file = 1;
}

/* The header of a part, up to its empty line; *p is then behind it.  0/-1 */
static int
multipart_header(const char **p, const char *end, struct multipart_part *part)
{
	const char	*start = *p, *nl;

	memset(part, 0, sizeof(*part));
	if (end - start > MULTIPART_MAX_HEADER)
		end = start + MULTIPART_MAX_HEADER;
	while ((nl = memchr(*p, '\n', (size_t)(end - *p))) != NULL) {
		if (nl == *p || nl[-1] != '\r')
			return -1;
		if (nl - 1 == *p) {
			*p = nl + 1;
			return 0;
		}
		multipart_field(*p, (size_t)(nl - 1 - *p), part);
		*p = nl + 1;
	}
	return -1;
}

int
multipart_file(const char *body, size_t len, const char *boundary,
    struct multipart_file *out, const char **why)
{
	char			 mark[MULTIPART_MAX_BOUNDARY + 5];
	const char		*p = body, *end = body + len, *next;
	struct multipart_part	 part;
	size_t			 n;
	int			 parts = 0, files = 0, more;

	*why = "the body is not multipart/form-data as RFC 7578 has it";
	n = strlcpy(mark, "\r\n--", sizeof(mark));
	if (strlcat(mark, boundary, sizeof(mark)) >= sizeof(mark))
		return -1;
	n += strlen(boundary);
	/* the first one may stand at the very start, without CR LF */
	if (len >= n - 2 && memcmp(p, mark + 2, n - 2) == 0)
		p += n - 2;
	else if ((p = memmem(body, len, mark, n)) != NULL)
		p += n;
	else
		return -1;
	while ((more = multipart_after(&p, end)) == 1) {
		if (++parts > MULTIPART_MAX_PARTS) {
			*why = "the body has too many parts";
			return -1;
		}
		if (multipart_header(&p, end, &part) == -1)
			return -1;
		/* an empty part ends with the CR LF that ended its header */
		next = memmem(p - 2, (size_t)(end - p + 2), mark, n);
		if (next == NULL)
			return -1;
		if (part.is_file && files++ == 0) {
			*out = part.file;
			out->content.p = p;
			out->content.len = next > p ? (size_t)(next - p) : 0;
		}
		p = next + n;
	}
	if (more == -1)
		return -1;
	*why = files == 0 ? "the body has no file part" :
	    "the body has more than one file part";
	return files == 1 ? 0 : -1;
}
