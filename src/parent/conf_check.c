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
 * What one line of grantd.conf(5) alone cannot tell: what is missing, what
 * does not fit together, what is unsafe.  Room: parent.  Nothing is opened
 * or looked up here.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "conf_value.h"

/* A unix socket's path and its NUL, on every system that we know. */
#define CHECK_MAX_UNIX	104

static void
check_missing(const struct conf *conf, const char *path,
    struct conf_report *cr)
{
	const struct conf_database	*db = &conf->database;

	if (conf->issuer == NULL)
		conf_complain(cr, path, 0, "issuer is missing: add, for "
		    "example, issuer \"https://auth.example.com\"");
	if (conf->nlisteners == 0)
		conf_complain(cr, path, 0, "no listener: add, for example, "
		    "listen on 127.0.0.1 port 8080");
	if (db->socket == NULL && db->nhosts == 0)
		conf_complain(cr, path, 0, "no database: add, for example, "
		    "database { socket \"/run/postgresql\" }");
	if (conf->journal == NULL)
		conf_complain(cr, path, 0, "journal is missing: add, for "
		    "example, journal \"/var/lib/grantd/journal\"");
}

static void
check_listener(const struct conf *conf, const struct conf_listener *cl,
    struct conf_report *cr)
{
	const struct conf_listener	*other;

	TAILQ_FOREACH(other, &conf->listeners, entry) {
		if (other == cl)
			break;
		if (strcmp(other->name, cl->name) == 0)
			conf_complain(cr, cl->where, 0, "listen on %s stands "
			    "already in %s", cl->name, other->where);
	}
	if (cl->is_unix) {
		if (strlen(cl->name) >= CHECK_MAX_UNIX)
			conf_complain(cr, cl->where, 0, "listen on unix: "
			    "expected a path of less than %d bytes",
			    CHECK_MAX_UNIX);
		return;
	}
	if (!value_is_loopback(&cl->addr) && cl->nproxies == 0)
		conf_complain(cr, cl->where, 0, "listen on %s: grantd speaks "
		    "plain HTTP, so an address that others can reach has to "
		    "name the TLS proxy in front of it; add: trusted proxy "
		    "{ ADDRESS }, or listen on 127.0.0.1, ::1 or unix",
		    cl->name);
}

static void
check_keys(const struct conf *conf, const char *path, struct conf_report *cr)
{
	const struct conf_key	*ck, *other;
	const struct conf_key	*sign = NULL;
	int			 shared = 0;

	TAILQ_FOREACH(ck, &conf->keys, entry) {
		if (ck->purpose == KEY_SIGN && sign != NULL)
			conf_complain(cr, ck->where, 0, "signing key was set "
			    "already in %s; keys that only shall stay "
			    "published are named by publish key",
			    sign->where);
		else if (ck->purpose == KEY_SIGN)
			sign = ck;
		if (ck->purpose != KEY_SHARED)
			continue;
		shared++;
		TAILQ_FOREACH(other, &conf->keys, entry) {
			if (other == ck)
				break;
			if (other->purpose == KEY_SHARED &&
			    other->version == ck->version)
				conf_complain(cr, ck->where, 0, "shared key "
				    "%u was set already in %s", ck->version,
				    other->where);
		}
	}
	if (sign == NULL)
		conf_complain(cr, path, 0, "signing key is missing: make one "
		    "with openssl genpkey -algorithm EC -pkeyopt "
		    "ec_paramgen_curve:P-256, and name it by signing key "
		    "\"PATH\"");
	if (shared == 0)
		conf_complain(cr, path, 0, "shared key is missing: make one "
		    "with openssl rand -hex 32, and name it by shared key 1 "
		    "\"PATH\"");
}

static void
check_lifetimes(const struct conf *conf, const char *path,
    struct conf_report *cr)
{
	char	 access[VALUE_MAX_FORMAT], maximum[VALUE_MAX_FORMAT];

	if (conf->lifetime_access <= conf->lifetime_maximum)
		return;
	value_format_duration(access, conf->lifetime_access);
	value_format_duration(maximum, conf->lifetime_maximum);
	conf_complain(cr, path, 0, "lifetime: access is %s, longer than "
	    "maximum %s; set access too", access, maximum);
}

static void
check_database(const struct conf *conf, const char *path,
    struct conf_report *cr)
{
	const struct conf_database	*db = &conf->database;
	struct sockaddr_storage		 ss;
	struct conf_host		*ch;
	socklen_t			 len;

	if (db->socket != NULL && db->nhosts > 0)
		conf_complain(cr, path, 0, "database: expected a socket or "
		    "hosts, found both");
	if (db->socket != NULL && strlen(db->socket) +
	    sizeof("/.s.PGSQL.65535") > CHECK_MAX_UNIX)
		conf_complain(cr, path, 0, "database socket: expected a "
		    "directory of less than %d bytes", CHECK_MAX_UNIX -
		    (int)sizeof("/.s.PGSQL.65535"));
	if (db->socket != NULL && db->ca_file != NULL)
		conf_complain(cr, path, 1, "database: a ca file does nothing "
		    "for a unix socket");
	if (db->ca_file != NULL)
		return;
	TAILQ_FOREACH(ch, &db->hosts, entry) {
		if (value_address(ch->name, db->port, &ss, &len) == 0 ?
		    value_is_loopback(&ss) :
		    strcmp(ch->name, "localhost") == 0)
			continue;
		conf_complain(cr, path, 1, "database: who answers as host %s "
		    "is not checked; name a ca file", ch->name);
	}
}

static void
check_users(const struct conf *conf, const char *path, struct conf_report *cr)
{
	int	 i, j;

	for (i = 0; i < ROLE__MAX; i++) {
		if (conf->users[i].name == NULL)
			continue;
		for (j = 0; j < i; j++)
			if (conf->users[j].name != NULL && strcmp(
			    conf->users[i].name, conf->users[j].name) == 0)
				conf_complain(cr, path, 0, "user: %s and %s "
				    "share \"%s\"; each needs its own, or the "
				    "wall between them is gone",
				    ipc_role_name(j), ipc_role_name(i),
				    conf->users[i].name);
	}
}

void
conf_check(struct conf *conf, const char *path, struct conf_report *cr)
{
	const struct conf_listener	*cl;

	check_missing(conf, path, cr);
	TAILQ_FOREACH(cl, &conf->listeners, entry)
		check_listener(conf, cl, cr);
	check_keys(conf, path, cr);
	check_lifetimes(conf, path, cr);
	check_database(conf, path, cr);
	check_users(conf, path, cr);
	if (strlen(conf->control) >= CHECK_MAX_UNIX)
		conf_complain(cr, path, 0, "control socket: expected a path "
		    "of less than %d bytes", CHECK_MAX_UNIX);
}
