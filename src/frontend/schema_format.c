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
 * Formats of strings.  Room: frontend; pure.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "param.h"
#include "schema_int.h"

#define FORMAT_MAX_DURATION	64

static int
format_digits(const char *p, size_t n)
{
	for (; n > 0; n--, p++)
		if (*p < '0' || *p > '9')
			return 0;
	return 1;
}

static int
format_pair(const char *p)
{
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* 8-4-4-4-12 hexadecimal digits (RFC 9562 4). */
static int
format_uuid(const char *p, size_t len)
{
	size_t	i;

	if (len != 36)
		return 0;
	for (i = 0; i < len; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (p[i] != '-')
				return 0;
		} else if (strchr("0123456789abcdefABCDEF", p[i]) == NULL)
			return 0;
	return 1;
}

/* full-date of RFC 3339 5.6. */
static int
format_date(const char *p, size_t len)
{
	static const int	days[] = { 31, 29, 31, 30, 31, 30, 31, 31,
	    30, 31, 30, 31 };
	int			year, month, day;

	if (len != 10 || p[4] != '-' || p[7] != '-' || !format_digits(p, 4) ||
	    !format_digits(p + 5, 2) || !format_digits(p + 8, 2))
		return 0;
	year = format_pair(p) * 100 + format_pair(p + 2);
	month = format_pair(p + 5);
	day = format_pair(p + 8);
	if (year == 0 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1])
		return 0;
	return month != 2 || day < 29 ||
	    (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/* partial-time of RFC 3339 5.6 with a zone or without one. */
static int
format_time(const char *p, size_t len)
{
	const char	*end = p + len;

	if (len < 8 || p[2] != ':' || p[5] != ':' || !format_digits(p, 2) ||
	    !format_digits(p + 3, 2) || !format_digits(p + 6, 2) ||
	    format_pair(p) > 23 || format_pair(p + 3) > 59 ||
	    format_pair(p + 6) > 60)
		return 0;
	p += 8;
	if (p < end && *p == '.') {
		if (++p == end || !format_digits(p, 1))
			return 0;
		while (p < end && format_digits(p, 1))
			p++;
	}
	if (p == end)
		return 1;
	if ((*p == 'Z' || *p == 'z') && p + 1 == end)
		return 1;
	return (*p == '+' || *p == '-') && end - p == 6 && p[3] == ':' &&
	    format_digits(p + 1, 2) && format_digits(p + 4, 2) &&
	    format_pair(p + 1) < 24 && format_pair(p + 4) < 60;
}

static int
format_date_time(const char *p, size_t len)
{
	return strlen(p) == len && param_is_time(p);
}

/* One number with its unit, the next of those left; NULL if it is none. */
static const char *
format_part(const char *p, const char *end, const char **units)
{
	const char	*unit;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end || !format_digits(p, 1))
		return NULL;
	while (p < end && (format_digits(p, 1) || *p == '.'))
		p++;
	if (p == end || *p == '\0' || (unit = strchr(*units, *p)) == NULL)
		return NULL;
	*units = unit + 1;
	return p + 1;
}

/*
 * A duration of RFC 3339 Appendix A; PostgreSQL's own form of it has signs
 * and fractions, too.
 */
static int
format_duration(const char *p, size_t len)
{
	const char	*end = p + len, *units = "YMWD";
	int		 time = 0;

	if (len < 3 || len > FORMAT_MAX_DURATION || *p++ != 'P')
		return 0;
	while (p != NULL && p < end) {
		if (*p == 'T' && !time) {
			units = "HMS";
			time = 1;
			p++;
		}
		p = format_part(p, end, &units);
	}
	return p != NULL;
}

/* Digits with a sign that fit 64 bit, as PostgreSQL reads them. */
static int
format_int64(const char *p, size_t len)
{
	size_t	sign = len > 0 && (p[0] == '-' || p[0] == '+');

	if (len == sign || len > JSON_MAX_NUMBER ||
	    !format_digits(p + sign, len - sign))
		return 0;
	errno = 0;
	(void)strtoll(p, NULL, 10);
	return errno == 0;
}

static int
format_byte(const char *p, size_t len)
{
	size_t	pad = 0;

	if (len % 4 != 0)
		return 0;
	while (pad < 2 && len > 0 && p[len - 1] == '=') {
		len--;
		pad++;
	}
	return strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
	    "wxyz0123456789+/") == len;
}

static int
format_hex(const char *p, size_t len)
{
	if (len >= 2 && p[0] == '\\' && p[1] == 'x') {
		p += 2;
		len -= 2;
	}
	return len % 2 == 0 &&
	    strspn(p, "0123456789abcdefABCDEF") == len;
}

static const struct {
	const char	*name;
	int		(*check)(const char *, size_t);
	const char	*what;
} formats[] = {
	[FORMAT_NONE] = { "", NULL, "" },
	[FORMAT_UUID] = { "uuid", format_uuid, "a UUID" },
	[FORMAT_DATE] = { "date", format_date, "a date, YYYY-MM-DD" },
	[FORMAT_DATE_TIME] = { "date-time", format_date_time,
	    "a time of RFC 3339 with a zone, such as 2026-01-31T12:00:00Z" },
	[FORMAT_TIME] = { "time", format_time, "a time of day, HH:MM:SS" },
	[FORMAT_DURATION] = { "duration", format_duration,
	    "a duration of ISO 8601, such as P1DT12H" },
	[FORMAT_INT64] = { "int64", format_int64, "an integer of 64 bit" },
	[FORMAT_BYTE] = { "byte", format_byte, "base64" },
	[FORMAT_HEX] = { "base16", format_hex, "hexadecimal digits" },
};

enum schema_format
schema_format_find(const char *name)
{
	size_t	i;

	if (strcmp(name, "base64") == 0)
		return FORMAT_BYTE;
	for (i = 1; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return (enum schema_format)i;
	return FORMAT_NONE;
}

const char *
schema_format_check(enum schema_format f, const char *text, size_t len)
{
	if (f == FORMAT_NONE || formats[f].check(text, len))
		return NULL;
	return formats[f].what;
}
