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
 * Pages from templates.  There is no way to write a value unescaped.
 * Room: frontend.  Pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "template.h"

struct template_state {
	const struct template	*partials;
	struct json_buf		*out;
	const char		*begin;		/* of the template's text */
	const struct json_value	*stack[TEMPLATE_MAX_DEPTH];
	unsigned int		 depth;
};

/* One "{{...}}": kind is its sign, or 0 for a variable. */
struct template_tag {
	char		 kind;
	char		 name[TEMPLATE_MAX_NAME + 1];
	const char	*start;		/* where "{{" is */
	const char	*end;		/* behind "}}" */
};

static int	template_part(struct template_state *, const char *,
		    const char *, int);

const struct template *
template_find(const struct template *t, const char *name)
{
	for (; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

/* A tag that writes nothing itself and has a line of its own takes it all. */
static void
template_line(const char *begin, const char *end, struct template_tag *tag)
{
	if (tag->kind != 0 && tag->kind != '%' && tag->end < end &&
	    *tag->end == '\n' &&
	    (tag->start == begin || tag->start[-1] == '\n'))
		tag->end++;
}

/* The next tag from p on.  1, 0 if there is none, -1 if it is malformed. */
static int
template_tag(const char *begin, const char *p, const char *end,
    struct template_tag *tag)
{
	const char	*close;
	size_t		 n;

	tag->start = memmem(p, (size_t)(end - p), "{{", 2);
	if (tag->start == NULL)
		return 0;
	p = tag->start + 2;
	close = memmem(p, (size_t)(end - p), "}}", 2);
	if (close == NULL)
		return -1;
	tag->end = close + 2;
	tag->kind = 0;
	if (p < close && strchr("#^/>!%", *p) != NULL)
		tag->kind = *p++;
	template_line(begin, end, tag);
	if (tag->kind == '!')
		return 1;
	while (p < close && *p == ' ')
		p++;
	while (close > p && close[-1] == ' ')
		close--;
	n = (size_t)(close - p);
	if (n == 0 || n > TEMPLATE_MAX_NAME)
		return -1;
	memcpy(tag->name, p, n);
	tag->name[n] = '\0';
	return strpbrk(tag->name, " {}&#^/>!%") == NULL ? 1 : -1;
}

/* A value by name: from the innermost object outwards. */
static const struct json_value *
template_value(const struct template_state *s, const char *name)
{
	const struct json_value	*v = NULL;
	char			 part[TEMPLATE_MAX_NAME + 1];
	const char		*dot;
	unsigned int		 i;
	size_t			 n;

	if (strcmp(name, ".") == 0)
		return s->stack[s->depth - 1];
	n = strcspn(name, ".");
	memcpy(part, name, n);
	part[n] = '\0';
	for (i = s->depth; v == NULL && i-- > 0; )
		v = json_get(s->stack[i], part);
	for (dot = name + n; v != NULL && *dot == '.'; dot += n) {
		n = strcspn(++dot, ".");
		memcpy(part, dot, n);
		part[n] = '\0';
		v = json_get(v, part);
	}
	return v;
}

static int
template_is_true(const struct json_value *v)
{
	if (v == NULL || v->type == JSON_NULL)
		return 0;
	if (v->type == JSON_BOOL)
		return v->u.truth;
	if (v->type == JSON_STRING)
		return v->len > 0;
	if (v->type == JSON_ARRAY)
		return v->count > 0;
	return 1;
}

static void
template_escape(struct json_buf *out, const char *text, size_t len)
{
	static const struct {
		char		 c;
		const char	*text;
	} map[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
	    { '"', "&quot;" }, { '\'', "&#39;" } };
	size_t	i, j, from = 0;

	for (i = 0; i < len; i++)
		for (j = 0; j < sizeof(map) / sizeof(map[0]); j++)
			if (text[i] == map[j].c) {
				json_put_bytes(out, text + from, i - from);
				json_put_bytes(out, map[j].text,
				    strlen(map[j].text));
				from = i + 1;
			}
	json_put_bytes(out, text + from, len - from);
}

/* Percent-encoded: what is left of it needs no escape. */
static void
template_encode(struct json_buf *out, const char *text, size_t len)
{
	static const char	hex[] = "0123456789ABCDEF";
	char			code[3] = "%";
	size_t			i;

	for (i = 0; i < len; i++) {
		if ((text[i] >= 'a' && text[i] <= 'z') ||
		    (text[i] >= 'A' && text[i] <= 'Z') ||
		    (text[i] >= '0' && text[i] <= '9') ||
		    memchr("-._~", text[i], 4) != NULL) {
			json_put_bytes(out, text + i, 1);
			continue;
		}
		code[1] = hex[(unsigned char)text[i] >> 4];
		code[2] = hex[text[i] & 15];
		json_put_bytes(out, code, 3);
	}
}

static void
template_variable(struct template_state *s, const char *name, int encode)
{
	const struct json_value	*v = template_value(s, name);

	if (v == NULL)
		return;
	if (encode && (v->type == JSON_STRING || v->type == JSON_INTEGER))
		template_encode(s->out, v->u.text, v->len);
	else if (v->type == JSON_BOOL)
		json_put_bytes(s->out, v->u.truth ? "true" : "false",
		    v->u.truth ? 4 : 5);
	else if (v->type == JSON_STRING || v->type == JSON_INTEGER ||
	    v->type == JSON_REAL)
		template_escape(s->out, v->u.text, v->len);
}

/* Where the section that opened ends: its closing tag.  0/-1 */
static int
template_close(const char *begin, const char *p, const char *end,
    const char *name, struct template_tag *tag)
{
	int	depth = 1;

	for (; template_tag(begin, p, end, tag) == 1; p = tag->end) {
		if (tag->kind == '#' || tag->kind == '^')
			depth++;
		else if (tag->kind == '/' && --depth == 0)
			return strcmp(tag->name, name) == 0 ? 0 : -1;
	}
	return -1;
}

/* "a=b": whether a is, or as a list holds, the text of b. */
static int
template_is_equal(const struct template_state *s, const char *name)
{
	const struct json_value	*a, *b;
	const char		*equal = strchr(name, '='), *text;
	char			 left[TEMPLATE_MAX_NAME + 1];
	size_t			 n = (size_t)(equal - name), len;

	memcpy(left, name, n);
	left[n] = '\0';
	a = template_value(s, left);
	text = equal + 1;
	len = strlen(text);
	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
		text++;
		len -= 2;
	} else {
		if ((b = template_value(s, text)) == NULL ||
		    b->type != JSON_STRING)
			return 0;
		text = b->u.text;
		len = b->len;
	}
	if (a != NULL && a->type == JSON_ARRAY) {
		for (a = json_first(a); a != NULL; a = a->next)
			if (a->type == JSON_STRING && a->len == len &&
			    memcmp(a->u.text, text, len) == 0)
				return 1;
		return 0;
	}
	return a != NULL && (a->type == JSON_STRING ||
	    a->type == JSON_INTEGER) && a->len == len &&
	    memcmp(a->u.text, text, len) == 0;
}

static int
template_section(struct template_state *s, const struct template_tag *open,
    const struct template_tag *close, int level)
{
	const struct json_value	*v, *item;
	int			 ret = 0;

	if (strchr(open->name, '=') != NULL)
		return template_is_equal(s, open->name) ==
		    (open->kind == '#') ? template_part(s, open->end,
		    close->start, level) : 0;
	v = template_value(s, open->name);
	if (open->kind == '^')
		return template_is_true(v) ? 0 :
		    template_part(s, open->end, close->start, level);
	if (!template_is_true(v))
		return 0;
	if (s->depth == TEMPLATE_MAX_DEPTH)
		return -1;
	item = v->type == JSON_ARRAY ? json_first(v) : v;
	for (; item != NULL && ret == 0;
	    item = v->type == JSON_ARRAY ? item->next : NULL) {
		s->stack[s->depth++] = item;
		ret = template_part(s, open->end, close->start, level);
		s->depth--;
	}
	return ret;
}

/* Inside of a line the partial's last line feed would part words. */
static int
template_partial(struct template_state *s, const char *name, int inside,
    int level)
{
	const struct template	*t = template_find(s->partials, name);
	const char		*begin = s->begin;
	size_t			 len;
	int			 ret;

	if (t == NULL)
		return -1;
	len = t->len;
	if (inside && len > 0 && t->text[len - 1] == '\n')
		len--;
	s->begin = t->text;
	ret = template_part(s, t->text, t->text + len, level);
	s->begin = begin;
	return ret;
}

static int
template_part(struct template_state *s, const char *p, const char *end,
    int level)
{
	struct template_tag	 tag, close;
	int			 n;

	if (level > TEMPLATE_MAX_DEPTH)
		return -1;
	while ((n = template_tag(s->begin, p, end, &tag)) == 1) {
		json_put_bytes(s->out, p, (size_t)(tag.start - p));
		p = tag.end;
		switch (tag.kind) {
		case 0:
		case '%':
			template_variable(s, tag.name, tag.kind == '%');
			break;
		case '#':
		case '^':
			if (template_close(s->begin, p, end, tag.name,
			    &close) == -1 ||
			    template_section(s, &tag, &close, level + 1) == -1)
				return -1;
			p = close.end;
			break;
		case '>':
			if (template_partial(s, tag.name,
			    tag.end[-1] != '\n', level + 1) == -1)
				return -1;
			break;
		case '/':
			return -1;	/* closes nothing */
		}
		if (s->out->failed)
			return -1;
	}
	json_put_bytes(s->out, p, (size_t)(end - p));
	return n == -1 || s->out->failed ? -1 : 0;
}

int
template_render(const struct template *t, const struct json_value *data,
    const struct template *partials, struct json_buf *out)
{
	struct template_state	s;

	memset(&s, 0, sizeof(s));
	s.partials = partials;
	s.out = out;
	s.begin = t->text;
	s.stack[s.depth++] = data;
	return template_part(&s, t->text, t->text + t->len, 0);
}
