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
 * Numbers of JSON and of its schemas: 1, 1.0 and 10e-1 are one integer, which
 * PostgreSQL reads from its plain digits alone.  Room: frontend; pure.  Texts
 * are the parser's: a number of at most JSON_MAX_NUMBER characters.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema_int.h"

#define NUMBER_MAX_EXPONENT	100000	/* more is no other answer */

/* The digits without their point: how many stand before it. */
static int
number_digits(const char *p, char digits[JSON_MAX_NUMBER + 1], size_t *n)
{
	int	point = -1, e = 0, minus;

	for (*n = 0; (*p >= '0' && *p <= '9') || *p == '.'; p++) {
		if (*p == '.')
			point = (int)*n;
		else if (*n < JSON_MAX_NUMBER)
			digits[(*n)++] = *p;
	}
	if (point == -1)
		point = (int)*n;
	if (*p == 'e' || *p == 'E') {
		minus = *++p == '-';
		p += *p == '-' || *p == '+';
		for (; *p >= '0' && *p <= '9'; p++)
			if (e < NUMBER_MAX_EXPONENT)
				e = e * 10 + (*p - '0');
		point += minus ? -e : e;
	}
	return point;
}

int
schema_whole(const char *text, char out[SCHEMA_MAX_WHOLE + 1])
{
	char	 digits[JSON_MAX_NUMBER + 1];
	size_t	 n, zeros = 0;
	int	 minus = *text == '-', point;

	point = number_digits(text + minus, digits, &n);
	while (n > 0 && digits[n - 1] == '0')
		n--;
	while (zeros < n && digits[zeros] == '0')
		zeros++;
	n -= zeros;
	point -= (int)zeros;
	if (n == 0) {
		(void)strlcpy(out, "0", SCHEMA_MAX_WHOLE + 1);	/* fits */
		return 1;
	}
	if (point < (int)n)
		return 0;
	out[0] = '\0';
	if (point + minus > SCHEMA_MAX_WHOLE)
		return 1;
	if (minus)
		*out++ = '-';
	memcpy(out, digits + zeros, n);
	memset(out + n, '0', (size_t)point - n);
	out[point] = '\0';
	return 1;
}

void
schema_plain(struct json_value *v, char room[SCHEMA_MAX_WHOLE + 1])
{
	long long	integer;

	if (v->type != JSON_REAL || !schema_whole(v->u.text, room) ||
	    room[0] == '\0')
		return;
	v->u.text = room;
	v->len = (uint32_t)strlen(room);
	errno = 0;
	integer = strtoll(room, NULL, 10);
	if (errno == ERANGE)
		return;
	v->type = JSON_INTEGER;
	v->integer = integer;
}

int
schema_same_number(const struct json_value *a, const struct json_value *b)
{
	char	x[SCHEMA_MAX_WHOLE + 1], y[SCHEMA_MAX_WHOLE + 1];
	int	whole;

	whole = schema_whole(a->u.text, x);
	if (whole != schema_whole(b->u.text, y))
		return 0;
	if (whole && (x[0] != '\0' || y[0] != '\0'))
		return strcmp(x, y) == 0;
	return strtod(a->u.text, NULL) == strtod(b->u.text, NULL);
}

int
schema_compare(const struct json_value *v, const struct schema_bound *b)
{
	double	real;

	if (v->type == JSON_INTEGER && b->is_integer)
		return v->integer < b->integer ? -1 : v->integer > b->integer;
	/* an integer beyond 64 bit is beyond all that are within */
	if (b->is_integer && strpbrk(v->u.text, ".eE") == NULL)
		return v->u.text[0] == '-' ? -1 : 1;
	real = strtod(v->u.text, NULL);
	return real < b->real ? -1 : real > b->real;
}

/* As deep as the parser's limit and the schema allow. */
void
schema_put(const struct schema *s, struct json_buf *b,
    const struct json_value *v)
{
	const struct schema_member	*m;
	const struct json_value		*one;
	struct json_value		 plain;
	char				 room[SCHEMA_MAX_WHOLE + 1];

	if (s == NULL || (s->types & (SCHEMA_INTEGER | SCHEMA_NUMBER |
	    SCHEMA_ARRAY | SCHEMA_OBJECT)) == 0) {
		json_put_value(b, v);
	} else if (v->type == JSON_ARRAY) {
		json_array_open(b);
		for (one = json_first(v); one != NULL; one = one->next)
			schema_put(s->items, b, one);
		json_array_close(b);
	} else if (v->type == JSON_OBJECT) {
		json_object_open(b);
		for (one = json_first(v); one != NULL; one = one->next) {
			m = schema_member_find(s, one->name);
			json_name(b, one->name);
			schema_put(m != NULL ? m->schema : s->rest, b, one);
		}
		json_object_close(b);
	} else {
		plain = *v;
		if ((s->types & SCHEMA_NUMBER) == 0)
			schema_plain(&plain, room);
		json_put_value(b, &plain);
	}
}
