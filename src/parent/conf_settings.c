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
 * The settings of grantd.conf(5) that are one number: a row each, with
 * block, word, form, range and default.  Room: parent.  A new limit is a
 * row here, a member of struct conf and a line in the manual.
 */

#include "config.h"

#include <sys/types.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "conf_value.h"

enum setting_form {
	FORM_NUMBER,
	FORM_DURATION,
	FORM_SIZE
};

struct conf_setting {
	enum conf_block	 block;
	const char	*word;
	enum setting_form form;
	uint32_t	 min;
	uint32_t	 max;
	uint32_t	 standard;	/* the default; 0 = by processors */
	size_t		 offset;	/* of a uint32_t in struct conf */
};

#define DAY	86400
#define AT(member)	offsetof(struct conf, member)

static const struct conf_setting settings[] = {
	{ BLOCK_TOP, "workers", FORM_NUMBER, 1, CONF_MAX_WORKERS, 0,
	    AT(workers) },
	{ BLOCK_TOP, "hashers", FORM_NUMBER, 1, CONF_MAX_HASHERS, 1,
	    AT(hashers) },
	{ BLOCK_DATABASE, "port", FORM_NUMBER, 1, 65535, 5432,
	    AT(database.port) },
	{ BLOCK_LIFETIME, "access", FORM_DURATION, 1, CONF_MAX_LIFETIME,
	    CONF_MAX_LIFETIME, AT(lifetime_access) },
	{ BLOCK_LIFETIME, "refresh", FORM_DURATION, 1, 3650U * DAY, 90 * DAY,
	    AT(lifetime_refresh) },
	{ BLOCK_LIFETIME, "maximum", FORM_DURATION, 1, CONF_MAX_LIFETIME,
	    CONF_MAX_LIFETIME, AT(lifetime_maximum) },
	{ BLOCK_LIFETIME, "grace", FORM_DURATION, 0, CONF_MAX_GRACE,
	    CONF_MAX_GRACE, AT(lifetime_grace) },
	{ BLOCK_LIMIT, "header", FORM_SIZE, 1024, 64 * 1024, 16 * 1024,
	    AT(limit_header) },
	{ BLOCK_LIMIT, "body", FORM_SIZE, 1024, 1024 * 1024, 1024 * 1024,
	    AT(limit_body) },
	{ BLOCK_LIMIT, "connections", FORM_NUMBER, 16, 1000000, 12000,
	    AT(limit_connections) },
	{ BLOCK_LIMIT, "queue", FORM_NUMBER, 1, 1000000, 1024,
	    AT(limit_queue) },
	{ BLOCK_LIMIT, "idle", FORM_DURATION, 1, DAY, 60, AT(limit_idle) },
	{ BLOCK_LIMIT, "wait", FORM_DURATION, 1, 600, 30, AT(limit_wait) },
	{ BLOCK_LIMIT, "rate", FORM_NUMBER, 1, 1000000, 20000,
	    AT(limit_rate) },
	{ BLOCK_LIMIT, "streams", FORM_NUMBER, 1, 1000000, 1000,
	    AT(limit_streams) },
	{ BLOCK_LIMIT, "calls", FORM_NUMBER, 0, 1000000, 200,
	    AT(limit_calls) },
	{ BLOCK_FETCHER, "port", FORM_NUMBER, 1, 65535, 443,
	    AT(fetcher.port) },
};
#define NSETTINGS	(sizeof(settings) / sizeof(settings[0]))

static uint32_t *
setting_at(struct conf *conf, const struct conf_setting *cs)
{
	return (uint32_t *)(void *)((char *)conf + cs->offset);
}

static uint32_t
setting_get(const struct conf *conf, const struct conf_setting *cs)
{
	uint32_t	 value;

	memcpy(&value, (const char *)conf + cs->offset, sizeof(value));
	return value;
}

static void
setting_format(const struct conf_setting *cs, uint32_t value,
    char out[VALUE_MAX_FORMAT])
{
	if (cs->form == FORM_DURATION)
		value_format_duration(out, value);
	else if (cs->form == FORM_SIZE)
		value_format_size(out, value);
	else	/* ten digits fit */
		(void)snprintf(out, VALUE_MAX_FORMAT, "%u", value);
}

static int
setting_parse(const struct conf_setting *cs, const char *value, uint32_t *out)
{
	if (cs->form == FORM_DURATION)
		return value_duration(value, cs->min, cs->max, out);
	if (cs->form == FORM_SIZE)
		return value_size(value, cs->min, cs->max, out);
	return value_number(value, cs->min, cs->max, out);
}

const struct conf_setting *
conf_setting_find(enum conf_block block, const char *word)
{
	size_t	 i;

	for (i = 0; i < NSETTINGS; i++)
		if (settings[i].block == block &&
		    strcmp(settings[i].word, word) == 0)
			return &settings[i];
	return NULL;
}

void
conf_settings_words(enum conf_block block, char *out, size_t size)
{
	size_t	 i;

	for (i = 0; i < NSETTINGS; i++) {
		if (settings[i].block != block)
			continue;
		/* Cut is fine: it is a message for people. */
		if (out[0] != '\0')
			(void)strlcat(out, ", ", size);
		(void)strlcat(out, settings[i].word, size);
	}
}

int
conf_setting_set(const struct conf_setting *cs, struct conf *conf,
    const char *value, char *err, size_t errsize)
{
	static const char *const what[] = {
		[FORM_NUMBER] = "a number",
		[FORM_DURATION] = "a duration such as 30s, 10m, 24h or 90d",
		[FORM_SIZE] = "a size such as 16k or 1m"
	};
	char	 min[VALUE_MAX_FORMAT], max[VALUE_MAX_FORMAT];

	if (setting_parse(cs, value, setting_at(conf, cs)) == 0)
		return 0;
	setting_format(cs, cs->min, min);
	setting_format(cs, cs->max, max);
	/* Cut is fine: it is a message for people. */
	(void)snprintf(err, errsize, "%s: expected %s from %s to %s, found "
	    "\"%s\"", cs->word, what[cs->form], min, max, value);
	return -1;
}

/*
 * A pair for each two processors: of what a request costs, frontend and
 * broker have a third at most, and fewer brokers make larger batches.
 */
static uint32_t
usual_workers(void)
{
	long pairs = sysconf(_SC_NPROCESSORS_ONLN) / 2;

	return pairs < 1 ? 1 : pairs > CONF_MAX_WORKERS ? CONF_MAX_WORKERS :
	    (uint32_t)pairs;
}

void
conf_settings_default(struct conf *conf)
{
	size_t i;

	for (i = 0; i < NSETTINGS; i++)
		*setting_at(conf, &settings[i]) = settings[i].standard != 0 ?
		    settings[i].standard : usual_workers();
}

void
conf_settings_print(const struct conf *conf, enum conf_block block,
    const char *indent, FILE *out)
{
	char	 text[VALUE_MAX_FORMAT];
	size_t	 i;

	for (i = 0; i < NSETTINGS; i++) {
		if (settings[i].block != block)
			continue;
		setting_format(&settings[i], setting_get(conf, &settings[i]),
		    text);
		fprintf(out, "%s%s %s\n", indent, settings[i].word, text);
	}
}
