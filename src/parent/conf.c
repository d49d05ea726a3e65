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
 * Making, sharing and freeing a struct conf.  Room: parent.  A reload makes
 * a second one beside the first; each child keeps a reference to the one
 * that it was started with.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"

#define CONF_PASSWORD_COST	12

static const char *const conf_standard_users[ROLE__MAX] = {
	[ROLE_FRONTEND] = "_grantd_frontend",
	[ROLE_BROKER] = "_grantd_broker",
	[ROLE_SIGNER] = "_grantd_signer",
	[ROLE_HASHER] = "_grantd_hasher",
	[ROLE_FETCHER] = "_grantd_fetcher"
};

struct conf *
conf_new(void)
{
	struct conf	*conf;
	int		 i;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return NULL;
	conf->refs = 1;
	conf->journal_fd = -1;
	TAILQ_INIT(&conf->listeners);
	TAILQ_INIT(&conf->keys);
	TAILQ_INIT(&conf->database.hosts);
	conf_settings_default(conf);
	conf->database.read = 2;
	conf->database.write = 2;
	conf->database.call = 4;
	conf->database.slow = 2;
	conf->cost = CONF_PASSWORD_COST;
	conf->documents = 1;
	for (i = 0; i < ROLE__MAX; i++) {
		if (conf_standard_users[i] == NULL)
			continue;
		conf->users[i].name = strdup(conf_standard_users[i]);
		if (conf->users[i].name == NULL)
			goto fail;
	}
	conf->chroot = strdup(GRANTD_CHROOT);
	conf->control = strdup(GRANTD_RUNSTATEDIR "/grantd/control.sock");
	conf->database.name = strdup("grantd");
	conf->database.user = strdup("grantd_broker");
	if (conf->chroot == NULL || conf->control == NULL ||
	    conf->database.name == NULL || conf->database.user == NULL)
		goto fail;
	return conf;
 fail:
	conf_free(conf);
	return NULL;
}

struct conf *
conf_ref(struct conf *conf)
{
	conf->refs++;
	return conf;
}

static void
conf_database_free(struct conf_database *db)
{
	struct conf_host	*ch;

	while ((ch = TAILQ_FIRST(&db->hosts)) != NULL) {
		TAILQ_REMOVE(&db->hosts, ch, entry);
		conf_host_clear(ch);
		free(ch->name);
		free(ch);
	}
	free(db->socket);
	free(db->name);
	free(db->user);
	free(db->password_file);
	free(db->ca_file);
	if (db->password != NULL)
		freezero(db->password, strlen(db->password));
}

static void
conf_key_free(struct conf_key *ck)
{
	if (ck->fd != -1)
		close(ck->fd);
	free(ck->where);
	free(ck->path);
	free(ck);
}

void
conf_free(struct conf *conf)
{
	struct conf_listener	*cl;
	struct conf_key		*ck;
	int			 i;

	if (conf == NULL || --conf->refs > 0)
		return;
	while ((cl = TAILQ_FIRST(&conf->listeners)) != NULL) {
		TAILQ_REMOVE(&conf->listeners, cl, entry);
		conf_listener_free(cl);
	}
	while ((ck = TAILQ_FIRST(&conf->keys)) != NULL) {
		TAILQ_REMOVE(&conf->keys, ck, entry);
		conf_key_free(ck);
	}
	conf_database_free(&conf->database);
	if (conf->journal_fd != -1)
		close(conf->journal_fd);
	for (i = 0; i < ROLE__MAX; i++)
		free(conf->users[i].name);
	free(conf->fetcher.ca_file);
	free(conf->fetcher.nameserver);
	free(conf->issuer);
	free(conf->journal);
	free(conf->chroot);
	free(conf->control);
	free(conf);
}

struct conf_listener *
conf_listener_new(const char *where)
{
	struct conf_listener	*cl;

	if ((cl = calloc(1, sizeof(*cl))) == NULL)
		return NULL;
	cl->fd = -1;
	if ((cl->where = strdup(where)) == NULL) {
		free(cl);
		return NULL;
	}
	return cl;
}

void
conf_listener_free(struct conf_listener *cl)
{
	uint32_t	 i;

	if (cl == NULL)
		return;
	if (cl->fd != -1)
		close(cl->fd);
	for (i = 0; i < cl->nproxies; i++)
		free(cl->proxies[i]);
	free(cl->group);
	free(cl->name);
	free(cl->where);
	free(cl);
}

struct conf_key *
conf_key_new(const char *where)
{
	struct conf_key	*ck;

	if ((ck = calloc(1, sizeof(*ck))) == NULL)
		return NULL;
	ck->fd = -1;
	if ((ck->where = strdup(where)) == NULL) {
		free(ck);
		return NULL;
	}
	return ck;
}

struct conf_host *
conf_host_new(const char *name)
{
	struct conf_host	*ch;

	if ((ch = calloc(1, sizeof(*ch))) == NULL)
		return NULL;
	if ((ch->name = strdup(name)) == NULL) {
		free(ch);
		return NULL;
	}
	return ch;
}

int
conf_host_add(struct conf_host *ch, const char *addr)
{
	char	**addrs;

	addrs = reallocarray(ch->addrs, ch->naddrs + 1, sizeof(*addrs));
	if (addrs == NULL)
		return -1;
	ch->addrs = addrs;
	if ((addrs[ch->naddrs] = strdup(addr)) == NULL)
		return -1;
	ch->naddrs++;
	return 0;
}

void
conf_host_clear(struct conf_host *ch)
{
	while (ch->naddrs > 0)
		free(ch->addrs[--ch->naddrs]);
	free(ch->addrs);
	ch->addrs = NULL;
}

const struct conf_user *
conf_user(const struct conf *conf, enum role role)
{
	return &conf->users[role];
}

void
conf_complain(struct conf_report *cr, const char *where, int warning,
    const char *fmt, ...)
{
	va_list	 ap;
	char	 text[2048];

	va_start(ap, fmt);
	/* Cut is fine: it is a message for people. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!warning)
		cr->errors++;
	if (cr->cb != NULL)
		cr->cb(where, warning, text, cr->arg);
}
