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
 * Makes the connection string for libpq: addresses that the parent
 * resolved, since a broker can ask nobody; keepalives, since a broker must
 * learn that a host is gone; the primary, when there are several.
 * Room: parent.  Pure.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"

#define CONNINFO_FIXED	"client_encoding=UTF8 application_name=grantd "	\
			"target_session_attrs=primary gssencmode=disable " \
			"connect_timeout=5"
#define CONNINFO_TCP	" keepalives=1 keepalives_idle=30 "		\
			"keepalives_interval=10 keepalives_count=3 "	\
			"tcp_user_timeout=30000"

/* ' name='value'', quoted as libpq wants it. */
static void
conninfo_put(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s='", name);
	for (; *value != '\0'; value++) {
		if (*value == '\'' || *value == '\\')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('\'', out);
}

/* Each name once per address, so that both lists have the same length. */
static void
conninfo_hosts(FILE *out, const struct conf_database *db)
{
	const struct conf_host	*ch;
	size_t			 i;
	int			 first = 1;

	fprintf(out, " host='");
	TAILQ_FOREACH(ch, &db->hosts, entry)
		for (i = 0; i < ch->naddrs; i++, first = 0)
			fprintf(out, "%s%s", first ? "" : ",", ch->name);
	fprintf(out, "' hostaddr='");
	first = 1;
	TAILQ_FOREACH(ch, &db->hosts, entry)
		for (i = 0; i < ch->naddrs; i++, first = 0)
			fprintf(out, "%s%s", first ? "" : ",", ch->addrs[i]);
	fputc('\'', out);
}

static void
conninfo_tls(FILE *out, const struct conf_database *db, int confined)
{
	const char	*path = db->ca_file;

	if (path == NULL) {
		fprintf(out, " sslmode=prefer");
		return;
	}
	if (confined)	/* absolute, always: there is a slash */
		path = strrchr(path, '/');
	fprintf(out, " sslmode=verify-full");
	conninfo_put(out, "sslrootcert", path);
}

char *
conninfo_build(const struct conf_database *db, int confined)
{
	FILE	*out;
	char	*text = NULL;
	size_t	 size = 0;

	if ((out = open_memstream(&text, &size)) == NULL)
		return NULL;
	fprintf(out, CONNINFO_FIXED);
	fprintf(out, " port=%u", db->port);
	conninfo_put(out, "dbname", db->name);
	conninfo_put(out, "user", db->user);
	if (db->socket != NULL)
		conninfo_put(out, "host", confined ? "/" : db->socket);
	else {
		conninfo_hosts(out, db);
		conninfo_tls(out, db, confined);
		fprintf(out, CONNINFO_TCP);
	}
	if (fclose(out) != 0 || size > CONF_MAX_CONNINFO) {
		free(text);
		return NULL;
	}
	return text;
}

char *
conninfo_root(const struct conf_database *db, const char *empty)
{
	const char	*slash;

	if (db->socket != NULL)
		return strdup(db->socket);
	if (db->ca_file == NULL)
		return strdup(empty);
	slash = strrchr(db->ca_file, '/');
	if (slash == db->ca_file)
		return strdup("/");
	return strndup(db->ca_file, (size_t)(slash - db->ca_file));
}
