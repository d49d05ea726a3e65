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
 * What a body gives for the declared parameters.  Room: frontend.  Pure.
 */

#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "duration.h"
#include "param.h"

static void __attribute__((__format__(printf, 4, 0)))
param_vfail(struct param_error *e, const char *code, const char *location,
    const char *fmt, va_list ap)
{
	e->code = code;
	e->location = location;
	e->remediation = "";
	/* a longer one may be cut: our own words come first */
	(void)vsnprintf(e->message, sizeof(e->message), fmt, ap);
}

int
param_fail(struct param_error *e, const char *code, const char *location,
    const char *name, const char *fmt, ...)
{
	va_list	ap;
	size_t	n;

	va_start(ap, fmt);
	param_vfail(e, code, location, fmt, ap);
	va_end(ap);
	n = strlcpy(e->name, name, sizeof(e->name));
	if (n >= sizeof(e->name)) {
		/* what is cut inside a character would be no UTF-8 */
		for (n = sizeof(e->name) - 1; n > 0 &&
		    json_utf8_check(e->name, n, NULL) == -1; n--)
			;
		e->name[n] = '\0';
	}
	return -1;
}

/* The same of a member of the body: its name as a pointer (RFC 6901 3). */
static int __attribute__((__format__(printf, 4, 5)))
param_fail_body(struct param_error *e, const char *code, const char *name,
    const char *fmt, ...)
{
	va_list	ap;
	size_t	n = 0;

	va_start(ap, fmt);
	param_vfail(e, code, "body", fmt, ap);
	va_end(ap);
	e->name[n++] = '/';
	for (; *name != '\0' && n + 3 < sizeof(e->name); name++) {
		if (*name == '~' || *name == '/') {
			e->name[n++] = '~';
			e->name[n++] = *name == '~' ? '0' : '1';
		} else
			e->name[n++] = *name;
	}
	while (json_utf8_check(e->name, n, NULL) == -1)
		n--;
	e->name[n] = '\0';
	return -1;
}

/* n digits at *p; their number, or -1.  Moves *p behind them. */
static int
param_digits(const char **p, int n)
{
	int	value = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static int
param_is_zone(const char *p)
{
	int	hour, minute;

	if (*p == 'Z' || *p == 'z')
		return p[1] == '\0';
	if (*p != '+' && *p != '-')
		return 0;
	p++;
	hour = param_digits(&p, 2);
	if (*p++ != ':')
		return 0;
	minute = param_digits(&p, 2);
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 &&
	    *p == '\0';
}

int
param_is_time(const char *p)
{
	static const struct {
		int	digits;
		int	min;
		int	max;
		char	end;
	} parts[] = { { 4, 0, 9999, '-' }, { 2, 1, 12, '-' },
	    { 2, 1, 31, 'T' }, { 2, 0, 23, ':' }, { 2, 0, 59, ':' },
	    { 2, 0, 60, '\0' } };
	size_t	digits, i;
	int	n;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		n = param_digits(&p, parts[i].digits);
		if (n < parts[i].min || n > parts[i].max)
			return 0;
		if (parts[i].end == '\0')
			break;
		if (*p != parts[i].end && !(parts[i].end == 'T' &&
		    (*p == 't' || *p == ' ')))
			return 0;
		p++;
	}
	if (*p == '.') {
		digits = strspn(p + 1, "0123456789");
		if (digits == 0)
			return 0;
		p += digits + 1;
	}
	return param_is_zone(p);
}

static int
param_texts(const struct param *p, const struct json_value *v,
    struct param_error *e)
{
	const struct json_value	*item;

	if (v->count > PARAM_MAX_ITEMS)
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s has more than %d items", p->name, PARAM_MAX_ITEMS);
	for (item = json_first(v); item != NULL; item = item->next) {
		if (item->type != JSON_STRING)
			return param_fail_body(e, "invalid_parameter",
			    p->name, "%s must be an array of strings",
			    p->name);
		if (item->len > p->max)
			return param_fail_body(e, "invalid_parameter",
			    p->name, "an item of %s has more than %lld bytes",
			    p->name, (long long)p->max);
	}
	return 0;
}

/* What lies behind the type. */
static int
param_value(const struct param *p, const struct json_value *v,
    struct param_error *e)
{
	int64_t	n;

	switch (p->type) {
	case PARAM_TEXT:
	case PARAM_SECRET:
		if (v->len <= p->max)
			return 0;
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s has more than %lld bytes", p->name,
		    (long long)p->max);
	case PARAM_INTEGER:
		if (v->integer >= 0 && v->integer <= p->max)
			return 0;
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s must be from 0 to %lld", p->name, (long long)p->max);
	case PARAM_DURATION:
		if (duration_parse(v->u.text, v->len, &n) == -1)
			return param_fail_body(e, "invalid_parameter",
			    p->name, "%s must be a duration such as "
			    "\"1h30m\"", p->name);
		if (n >= 1 && n <= p->max)
			return 0;
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s must be from 1s to %lldh", p->name,
		    (long long)p->max / 3600);
	case PARAM_TIME:
		if (param_is_time(v->u.text))
			return 0;
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s must be a time with a zone, such as "
		    "\"2026-01-31T12:00:00Z\"", p->name);
	case PARAM_TEXTS:
		return param_texts(p, v, e);
	default:
		return 0;
	}
}

static const enum json_type param_json[PARAM__MAX] = {
	[PARAM_TEXT] = JSON_STRING,
	[PARAM_INTEGER] = JSON_INTEGER,
	[PARAM_BOOL] = JSON_BOOL,
	[PARAM_DURATION] = JSON_STRING,
	[PARAM_TIME] = JSON_STRING,
	[PARAM_TEXTS] = JSON_ARRAY,
	[PARAM_ARRAY] = JSON_ARRAY,
	[PARAM_OBJECT] = JSON_OBJECT,
	[PARAM_SECRET] = JSON_STRING,
};

static const struct param *
param_find(const struct param *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int
param_member(const struct param *table, const struct json_value *v,
    struct param_error *e)
{
	const struct param	*p;

	if ((p = param_find(table, v->name)) == NULL) {
		(void)param_fail_body(e, "unknown_parameter", v->name,
		    "There is no such field: %.100s", v->name);
		if (json_utf8_check(e->message, strlen(e->message),
		    NULL) == -1)
			(void)strlcpy(e->message, "There is no such field",
			    sizeof(e->message));	/* fits */
		return -1;
	}
	if (v->type == JSON_NULL || p->type == PARAM_ANY)
		return 0;
	if (v->type != param_json[p->type])
		return param_fail_body(e, "invalid_parameter", p->name,
		    "%s must be %s, not %s", p->name,
		    json_type_name(param_json[p->type]),
		    json_type_name(v->type));
	return param_value(p, v, e);
}

/* Of a lenient row: what is not known, and what is not to be passed on. */
static int
param_is_skipped(const struct param *table, const char *name)
{
	const struct param	*p = param_find(table, name);

	return p == NULL || p->type == PARAM_IGNORED;
}

/* A secret goes beside the arguments; 1 if this is one, -1 without memory. */
static int
param_body_hide(const struct param *table, const struct json_value *v,
    struct param_hidings *hidings, struct param_error *e)
{
	const struct param	*p = param_find(table, v->name);
	char			**text = &hidings->text[HIDDEN_SECRET];

	if (p == NULL || p->type != PARAM_SECRET)
		return 0;
	if (*text == NULL && v->len > 0 &&
	    (*text = strdup(v->u.text)) == NULL)
		return param_fail_body(e, CODE_BUSY, "", "Out of memory");
	return 1;
}

int
param_body(struct json_buf *b, const struct param *table, int lenient,
    const struct json_value *object, struct param_hidings *hidings,
    struct param_error *e)
{
	const struct json_value	*v;
	const struct param	*p;
	int			 n;

	for (v = json_first(object); v != NULL; v = v->next)
		if (!(lenient && param_is_skipped(table, v->name)) &&
		    param_member(table, v, e) == -1)
			return -1;
	for (p = table; p->name != NULL; p++) {
		if ((p->flags & PARAM_REQUIRED) == 0)
			continue;
		v = json_get(object, p->name);
		if (v == NULL || v->type == JSON_NULL)
			return param_fail_body(e, "missing_parameter",
			    p->name, "%s is required", p->name);
	}
	json_object_open(b);
	for (v = json_first(object); v != NULL; v = v->next) {
		if (v->type == JSON_NULL ||
		    (lenient && param_is_skipped(table, v->name)))
			continue;
		if ((n = param_body_hide(table, v, hidings, e)) == -1)
			return -1;
		if (n == 1)
			continue;
		json_name(b, v->name);
		json_put_value(b, v);
	}
	json_object_close(b);
	return 0;
}
