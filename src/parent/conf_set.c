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
 * Puts what the grammar found into a struct conf, with a message about
 * whatever does not fit.  Room: parent.  Called by parse.y alone.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_lex.h"
#include "conf_parse.h"
#include "conf_value.h"

/* The listener whose line is being read: always the last one. */
#define LAST_LISTENER	TAILQ_LAST(&parse_conf()->listeners, conf_listeners)

static void
set_copy(char **to, const char *text)
{
	char	*copy = strdup(text);

	if (copy == NULL) {
		parse_no_memory();
		return;
	}
	free(*to);
	*to = copy;
}

void
conf_set_text(char **to, const struct word *w, const char *name)
{
	if (parse_once(BLOCK_TOP, name, w->line) == -1)
		return;
	if (w->text[0] == '\0')
		parse_bad(w->line, "%s: expected a word, found nothing", name);
	else
		set_copy(to, w->text);
}

int
conf_is_path(const struct word *w, const char *name)
{
	if (value_path(w->text) == 0)
		return 0;
	parse_bad(w->line, "%s: expected an absolute path of at most %d "
	    "bytes, found \"%s\"", name, CONF_MAX_PATH, w->text);
	return -1;
}

void
conf_set_path(char **to, const struct word *w, const char *name)
{
	if (parse_once(BLOCK_TOP, name, w->line) == 0 &&
	    conf_is_path(w, name) == 0)
		set_copy(to, w->text);
}

/* name is NULL for what may stand there more than once. */
void
conf_set_number(uint32_t *to, const struct word *w, const char *name,
    uint32_t min, uint32_t max)
{
	if (name != NULL && parse_once(BLOCK_TOP, name, w->line) == -1)
		return;
	if (value_number(w->text, min, max, to) == -1)
		parse_bad(w->line, "%s: expected a number from %u to %u, found "
		    "\"%s\"", name == NULL ? "version" : name, min, max,
		    w->text);
}

void
conf_set_setting(const struct word *name, const struct word *value)
{
	char	 err[LEX_MAX_TEXT + 128];

	if (parse_once(name->block, name->text, name->line) == -1)
		return;
	if (conf_setting_set(conf_setting_find(name->block, name->text),
	    parse_conf(), value->text, err, sizeof(err)) == -1)
		parse_bad(value->line, "%s", err);
}

void
conf_set_flag(uint32_t *to, uint32_t value, int line, const char *name)
{
	if (parse_once(BLOCK_TOP, name, line) == 0)
		*to = value;
}

void
conf_set_nameserver(const struct word *w)
{
	if (value_nameserver(w->text) == -1)
		parse_bad(w->line, "nameserver: expected an address such as "
		    "192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53, found "
		    "\"%s\"", w->text);
	else if (parse_once(BLOCK_TOP, "nameserver", w->line) == 0)
		set_copy(&parse_conf()->fetcher.nameserver, w->text);
}

void
conf_set_issuer(const struct word *w)
{
	int	 plain, loopback;

	if (value_issuer(w->text, &plain, &loopback) == -1) {
		parse_bad(w->line, "issuer: expected https://host[:port] in "
		    "lower case, without path, query, fragment or slash at the "
		    "end, found \"%s\"", w->text);
		return;
	}
	if (parse_once(BLOCK_TOP, "issuer", w->line) == -1)
		return;
	if (plain && !loopback)
		conf_complain(parse_report(), parse_where(w->line), 1,
		    "issuer \"%s\" is not https: OAuth clients refuse that, "
		    "except from localhost", w->text);
	set_copy(&parse_conf()->issuer, w->text);
}

void
conf_set_user(enum role role, const struct word *w)
{
	char	 name[32];

	/* Our own names: they fit. */
	(void)snprintf(name, sizeof(name), "user %s", ipc_role_name(role));
	if (parse_once(BLOCK_TOP, name, w->line) == -1)
		return;
	if (value_user(w->text) == -1)
		parse_bad(w->line, "%s: expected the name of a system user, "
		    "found \"%s\"", name, w->text);
	else if (strcmp(w->text, "root") == 0)
		/* whom else that is, is seen where users are looked up */
		parse_bad(w->line, "%s: expected the name of a user other "
		    "than root: each role needs one of its own without "
		    "rights", name);
	else
		set_copy(&parse_conf()->users[role].name, w->text);
}

void
conf_set_key(enum key_purpose purpose, uint32_t version, const struct word *w)
{
	struct conf_key	*ck;

	if (conf_is_path(w, "key") == -1)
		return;
	if (++parse_conf()->nkeys > CONF_MAX_KEYS) {
		parse_bad(w->line, "expected at most %d keys", CONF_MAX_KEYS);
		return;
	}
	if ((ck = conf_key_new(parse_where(w->line))) == NULL) {
		parse_no_memory();
		return;
	}
	ck->purpose = purpose;
	ck->version = version;
	TAILQ_INSERT_TAIL(&parse_conf()->keys, ck, entry);
	set_copy(&ck->path, w->text);
}

void
conf_set_host(const struct word *w)
{
	struct conf_host	*ch;
	size_t			 len = strlen(w->text);

	if (len == 0 || len > 255 || strspn(w->text, "abcdefghijklmnopqrstuvw"
	    "xyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_") != len) {
		parse_bad(w->line, "host: expected a host name or an address, "
		    "found \"%s\" (a directory is given with socket)",
		    w->text);
		return;
	}
	if (++parse_conf()->database.nhosts > CONF_MAX_HOSTS) {
		parse_bad(w->line, "expected at most %d hosts", CONF_MAX_HOSTS);
		return;
	}
	if ((ch = conf_host_new(w->text)) == NULL) {
		parse_no_memory();
		return;
	}
	TAILQ_INSERT_TAIL(&parse_conf()->database.hosts, ch, entry);
}

static struct conf_listener *
listener_new(int line)
{
	struct conf_listener	*cl;

	if (++parse_conf()->nlisteners > CONF_MAX_LISTENERS) {
		parse_bad(line, "expected at most %d listeners",
		    CONF_MAX_LISTENERS);
		/* What follows on the line goes to the last one: harmless. */
		return NULL;
	}
	if ((cl = conf_listener_new(parse_where(line))) == NULL) {
		parse_no_memory();
		return NULL;
	}
	TAILQ_INSERT_TAIL(&parse_conf()->listeners, cl, entry);
	return cl;
}

void
conf_set_inet(const struct word *addr, const struct word *portword)
{
	struct conf_listener	*cl;
	const void		*bytes;
	char			 text[INET6_ADDRSTRLEN], name[64];
	uint32_t		 port = 0;

	if ((cl = listener_new(addr->line)) == NULL)
		return;
	if (value_number(portword->text, 1, 65535, &port) == -1) {
		parse_bad(portword->line, "port: expected a number from 1 to "
		    "65535, found \"%s\"", portword->text);
		return;
	}
	if (value_address(addr->text, port, &cl->addr, &cl->addrlen) == -1) {
		parse_bad(addr->line, "listen on: expected an IPv4 or IPv6 "
		    "address or unix, found \"%s\"", addr->text);
		return;
	}
	/* One name for one address, however it was written. */
	bytes = cl->addr.ss_family == AF_INET ?
	    (const void *)&((struct sockaddr_in *)&cl->addr)->sin_addr :
	    (const void *)&((struct sockaddr_in6 *)&cl->addr)->sin6_addr;
	if (inet_ntop(cl->addr.ss_family, bytes, text, sizeof(text)) == NULL)
		(void)strlcpy(text, "?", sizeof(text));	/* cannot be */
	/* An address of at most 45 characters and a port: it fits. */
	(void)snprintf(name, sizeof(name),
	    cl->addr.ss_family == AF_INET ? "%s:%u" : "[%s]:%u", text, port);
	set_copy(&cl->name, name);
}

void
conf_set_unix(const struct word *w)
{
	struct conf_listener	*cl;

	if ((cl = listener_new(w->line)) == NULL)
		return;
	cl->is_unix = 1;
	cl->mode = 0660;
	if (conf_is_path(w, "listen on unix") == 0)
		set_copy(&cl->name, w->text);
}

void
conf_set_mode(const struct word *w)
{
	struct conf_listener	*cl = LAST_LISTENER;

	if (cl != NULL && value_mode(w->text, &cl->mode) == -1)
		parse_bad(w->line, "mode: expected octal digits such as 0660, "
		    "found \"%s\"", w->text);
}

void
conf_set_group(const struct word *w)
{
	struct conf_listener	*cl = LAST_LISTENER;

	if (cl == NULL)
		return;
	if (value_user(w->text) == -1)
		parse_bad(w->line, "group: expected the name of a system "
		    "group, found \"%s\"", w->text);
	else
		set_copy(&cl->group, w->text);
}

void
conf_set_proxy(const struct word *w)
{
	struct conf_listener	*cl = LAST_LISTENER;

	if (value_network(w->text) == -1) {
		parse_bad(w->line, "trusted proxy: expected an address or a "
		    "network such as 10.0.0.0/8, found \"%s\"", w->text);
		return;
	}
	if (cl == NULL)
		return;
	if (cl->nproxies == CONF_MAX_PROXIES) {
		parse_bad(w->line, "expected at most %d proxies of a listener",
		    CONF_MAX_PROXIES);
		return;
	}
	set_copy(&cl->proxies[cl->nproxies], w->text);
	if (cl->proxies[cl->nproxies] != NULL)
		cl->nproxies++;
}
