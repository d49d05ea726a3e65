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
 * Writes JSON text.  Room: frontend, grantctl.  Pure: memory only.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_utf8.h"
#include "json_write.h"

#define JSON_BUF_MIN	256

void
json_buf_init(struct json_buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
json_buf_free(struct json_buf *b)
{
	freezero(b->data, b->size);
	json_buf_init(b, b->max);
}

char *
json_buf_take(struct json_buf *b, size_t *len)
{
	char	*data;

	if (b->data == NULL)
		json_put_bytes(b, "", 0);
	if (b->failed) {
		json_buf_free(b);
		return NULL;
	}
	data = b->data;
	if (len != NULL)
		*len = b->len;
	json_buf_init(b, b->max);
	return data;
}

static int
json_grow(struct json_buf *b, size_t n)
{
	size_t	 size = b->size == 0 ? JSON_BUF_MIN : b->size;
	char	*data;

	if (b->failed || n > b->max || b->len > b->max - n) {
		b->failed = 1;
		return -1;
	}
	if (b->data != NULL && b->size - b->len > n)
		return 0;
	while (size - b->len <= n)
		size *= 2;
	/* wipes what it leaves behind: secrets pass through here */
	data = recallocarray(b->data, b->size, size, 1);
	if (data == NULL) {
		b->failed = 1;
		return -1;
	}
	b->data = data;
	b->size = size;
	return 0;
}

void
json_buf_reserve(struct json_buf *b, size_t n)
{
	(void)json_grow(b, n);	/* who writes finds b->failed */
}

void
json_put_bytes(struct json_buf *b, const char *text, size_t len)
{
	if (json_grow(b, len) == -1)
		return;
	memcpy(b->data + b->len, text, len);
	b->len += len;
	b->data[b->len] = '\0';
}

/* What separates the value that comes from the one before. */
static void
json_separate(struct json_buf *b)
{
	if (b->comma)
		json_put_bytes(b, ",", 1);
	b->comma = 1;
}

static void
json_open_with(struct json_buf *b, const char *bracket)
{
	json_separate(b);
	json_put_bytes(b, bracket, 1);
	b->comma = 0;
}

static void
json_close_with(struct json_buf *b, const char *bracket)
{
	json_put_bytes(b, bracket, 1);
	b->comma = 1;
}

void
json_object_open(struct json_buf *b)
{
	json_open_with(b, "{");
}

void
json_object_close(struct json_buf *b)
{
	json_close_with(b, "}");
}

void
json_array_open(struct json_buf *b)
{
	json_open_with(b, "[");
}

void
json_array_close(struct json_buf *b)
{
	json_close_with(b, "]");
}

void
json_name(struct json_buf *b, const char *name)
{
	json_put_text(b, name);
	json_put_bytes(b, ":", 1);
	b->comma = 0;
}

void
json_put_null(struct json_buf *b)
{
	json_put_raw(b, "null", 4);
}

void
json_put_bool(struct json_buf *b, int truth)
{
	json_put_raw(b, truth ? "true" : "false", truth ? 4 : 5);
}

void
json_put_integer(struct json_buf *b, int64_t n)
{
	char	text[24];

	/* 24 bytes hold every int64_t */
	(void)snprintf(text, sizeof(text), "%" PRId64, n);
	json_put_raw(b, text, strlen(text));
}

void
json_put_text(struct json_buf *b, const char *text)
{
	json_put_text_len(b, text, strlen(text));
}

/* The escape of one byte (RFC 8259 7); NULL if it needs none. */
static const char *
json_escape(unsigned char c, char out[7])
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	}
	if (c >= 0x20 && c != 0x7f)
		return NULL;
	/* 7 bytes hold it */
	(void)snprintf(out, 7, "\\u%04x", c);
	return out;
}

/* Most of what is written: a byte that stands for itself. */
static int
json_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void
json_put_text_len(struct json_buf *b, const char *text, size_t len)
{
	const char	*escape;
	char		 room[7];
	size_t		 i = 0, from = 0, n;

	json_separate(b);
	json_put_bytes(b, "\"", 1);
	while (i < len) {
		if (json_is_plain((unsigned char)text[i])) {
			i++;
			continue;
		}
		n = json_utf8_len(text + i, len - i);
		if (n == 0)
			escape = "\xef\xbf\xbd";	/* U+FFFD */
		else
			escape = json_escape((unsigned char)text[i], room);
		if (escape != NULL) {
			json_put_bytes(b, text + from, i - from);
			json_put_bytes(b, escape, strlen(escape));
			from = i + 1;
		}
		i += n > 0 ? n : 1;
	}
	json_put_bytes(b, text + from, i - from);
	json_put_bytes(b, "\"", 1);
}

void
json_put_raw(struct json_buf *b, const char *text, size_t len)
{
	json_separate(b);
	json_put_bytes(b, text, len);
}

static void
json_put_scalar(struct json_buf *b, const struct json_value *v)
{
	switch (v->type) {
	case JSON_BOOL:
		json_put_bool(b, v->u.truth);
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		json_put_raw(b, v->u.text, v->len);
		break;
	case JSON_STRING:
		json_put_text_len(b, v->u.text, v->len);
		break;
	default:
		json_put_null(b);
		break;
	}
}

/* As deep as the parser's limit allows. */
void
json_put_value(struct json_buf *b, const struct json_value *v)
{
	const struct json_value	*m;

	if (v->type != JSON_ARRAY && v->type != JSON_OBJECT) {
		json_put_scalar(b, v);
		return;
	}
	json_open_with(b, v->type == JSON_ARRAY ? "[" : "{");
	for (m = v->u.first; m != NULL; m = m->next) {
		if (v->type == JSON_OBJECT)
			json_name(b, m->name);
		json_put_value(b, m);
	}
	json_close_with(b, v->type == JSON_ARRAY ? "]" : "}");
}

void
json_put_base64(struct json_buf *b, const void *bytes, size_t len)
{
	static const char	 set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char	*p = bytes;
	uint32_t		 n;
	size_t			 i;
	char			*out;

	json_separate(b);
	json_put_bytes(b, "\"", 1);
	if (json_grow(b, (len + 2) / 3 * 4) == -1)
		return;
	out = b->data + b->len;
	for (i = 0; i < len; i += 3) {
		n = (uint32_t)p[i] << 16;
		if (i + 1 < len)
			n |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			n |= p[i + 2];
		*out++ = set[n >> 18];
		*out++ = set[n >> 12 & 63];
		*out++ = i + 1 < len ? set[n >> 6 & 63] : '=';
		*out++ = i + 2 < len ? set[n & 63] : '=';
	}
	b->len = (size_t)(out - b->data);
	json_put_bytes(b, "\"", 1);
}

void
json_member_text(struct json_buf *b, const char *name, const char *text)
{
	json_name(b, name);
	json_put_text(b, text);
}

void
json_member_integer(struct json_buf *b, const char *name, int64_t n)
{
	json_name(b, name);
	json_put_integer(b, n);
}

void
json_member_bool(struct json_buf *b, const char *name, int truth)
{
	json_name(b, name);
	json_put_bool(b, truth);
}
