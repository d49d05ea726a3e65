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
 * Reads members out of a parsed document, and puts a reply's secrets into
 * its text.  Room: frontend, grantctl.  Pure.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_write.h"

#define JSON_SECRET_MARK	"\"\\u0001"	/* then the number, then " */

const struct json_value *
json_first(const struct json_value *v)
{
	if (v == NULL || (v->type != JSON_ARRAY && v->type != JSON_OBJECT))
		return NULL;
	return v->u.first;
}

const struct json_value *
json_get(const struct json_value *v, const char *name)
{
	if (v == NULL || v->type != JSON_OBJECT)
		return NULL;
	for (v = v->u.first; v != NULL; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

/* Whether the step of a pointer (up to end) names this member. */
static int
json_step_is(const char *step, const char *end, const char *name)
{
	for (; step < end; step++, name++) {
		if (*step == '~' && step + 1 < end) {
			if (*name != (*++step == '0' ? '~' : '/'))
				return 0;
		} else if (*name != *step)
			return 0;
	}
	return *name == '\0';
}

const struct json_value *
json_find(const struct json_value *v, const char *pointer)
{
	const char	*end, *errstr;
	char		 number[12];
	long long	 index;

	while (v != NULL && *pointer == '/') {
		end = strchr(++pointer, '/');
		if (end == NULL)
			end = pointer + strlen(pointer);
		if (v->type == JSON_ARRAY) {
			if ((size_t)(end - pointer) >= sizeof(number))
				return NULL;
			memcpy(number, pointer, (size_t)(end - pointer));
			number[end - pointer] = '\0';
			index = strtonum(number, 0, UINT32_MAX, &errstr);
			if (errstr != NULL)
				return NULL;
			for (v = v->u.first; v != NULL && index > 0; index--)
				v = v->next;
		} else {
			for (v = json_first(v); v != NULL; v = v->next)
				if (json_step_is(pointer, end, v->name))
					break;
		}
		pointer = end;
	}
	return *pointer == '\0' ? v : NULL;
}

const char *
json_get_text(const struct json_value *v, const char *name)
{
	v = json_get(v, name);
	return v != NULL && v->type == JSON_STRING ? v->u.text : NULL;
}

int
json_get_integer(const struct json_value *v, const char *name, int64_t *out)
{
	v = json_get(v, name);
	if (v == NULL || v->type != JSON_INTEGER)
		return -1;
	*out = v->integer;
	return 0;
}

const char *
json_type_name(enum json_type type)
{
	static const char *const names[JSON__MAX] = {
		[JSON_NULL] = "null",
		[JSON_BOOL] = "true or false",
		[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number",
		[JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return type < JSON__MAX ? names[type] : "nothing";
}

/* The byte behind the string that opens at p, or end. */
static const char *
json_string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

char *
json_put_secrets(const char *body, size_t len, char *const *secrets,
    unsigned int nsecrets, size_t *outlen)
{
	const size_t	 mark = sizeof(JSON_SECRET_MARK) - 1;
	const char	*p = body, *end = body + len, *from = body, *close;
	struct json_buf	 b;
	size_t		 most = len;
	unsigned int	 n;

	for (n = 0; n < nsecrets; n++)
		most += secrets[n] == NULL ? 0 : strlen(secrets[n]);
	json_buf_init(&b, SIZE_MAX / 2);
	json_buf_reserve(&b, most);
	while (p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		close = json_string_end(p, end);
		if ((size_t)(close - p) == mark + 2 &&
		    memcmp(p, JSON_SECRET_MARK, mark) == 0) {
			n = (unsigned char)p[mark] - '0';
			if (n > 9 || n >= nsecrets || secrets[n] == NULL) {
				b.failed = 1;
				break;
			}
			json_put_bytes(&b, from, (size_t)(p - from));
			b.comma = 0;
			json_put_text(&b, secrets[n]);
			from = close;
		}
		p = close;
	}
	json_put_bytes(&b, from, (size_t)(end - from));
	if (b.failed)
		errno = EINVAL;
	return json_buf_take(&b, outlen);
}
