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
 * Prints a configuration in its canonical form: every setting, defaults
 * too, in the order of grantd.conf(5).  It parses again to the same.
 * Room: parent.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/queue.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "conf.h"

static void
print_quoted(FILE *out, const char *before, const char *text,
    const char *after)
{
	fprintf(out, "%s\"", before);
	for (; *text != '\0'; text++) {
		if (strchr("\"\\$", *text) != NULL)
			fputc('\\', out);
		fputc(*text, out);
	}
	fprintf(out, "\"%s", after);
}

static void
print_listener(const struct conf_listener *cl, FILE *out)
{
	const struct sockaddr_in	*sin;
	const struct sockaddr_in6	*sin6;
	char				 addr[INET6_ADDRSTRLEN];
	uint32_t			 i;

	if (cl->is_unix) {
		print_quoted(out, "listen on unix ", cl->name, "");
		fprintf(out, " mode %04o", cl->mode);
		if (cl->group != NULL)
			print_quoted(out, " group ", cl->group, "");
		fputc('\n', out);
		return;
	}
	sin = (const struct sockaddr_in *)&cl->addr;
	sin6 = (const struct sockaddr_in6 *)&cl->addr;
	/* Both families fit and were made by inet_pton(3): it cannot fail. */
	(void)inet_ntop(cl->addr.ss_family,
	    cl->addr.ss_family == AF_INET ? (const void *)&sin->sin_addr :
	    (const void *)&sin6->sin6_addr, addr, sizeof(addr));
	fprintf(out, "listen on %s port %u", addr,
	    ntohs(cl->addr.ss_family == AF_INET ? sin->sin_port :
	    sin6->sin6_port));
	for (i = 0; i < cl->nproxies; i++)
		fprintf(out, "%s%s", i == 0 ? " trusted proxy { " : ", ",
		    cl->proxies[i]);
	fprintf(out, "%s\n", cl->nproxies > 0 ? " }" : "");
}

static void
print_database(const struct conf *conf, FILE *out)
{
	const struct conf_database	*db = &conf->database;
	const struct conf_host		*ch;

	fprintf(out, "database {\n");
	if (db->socket != NULL)
		print_quoted(out, "\tsocket ", db->socket, "\n");
	TAILQ_FOREACH(ch, &db->hosts, entry)
		print_quoted(out, "\thost ", ch->name, "\n");
	conf_settings_print(conf, BLOCK_DATABASE, "\t", out);
	print_quoted(out, "\tname ", db->name, "\n");
	print_quoted(out, "\tuser ", db->user, "\n");
	if (db->password_file != NULL)
		print_quoted(out, "\tpassword file ", db->password_file, "\n");
	if (db->ca_file != NULL)
		print_quoted(out, "\tca file ", db->ca_file, "\n");
	fprintf(out, "\tconnections read %u write %u\n", db->read,
	    db->write);
	fprintf(out, "\tconnections call %u slow %u\n}\n", db->call,
	    db->slow);
}

static void
print_keys(const struct conf *conf, FILE *out)
{
	static const char *const	 words[] = {
		[KEY_SIGN] = "signing key ",
		[KEY_PUBLISH] = "publish key ",
		[KEY_SHARED] = "shared key "
	};
	const struct conf_key		*ck;

	TAILQ_FOREACH(ck, &conf->keys, entry) {
		fprintf(out, "%s", words[ck->purpose]);
		if (ck->purpose == KEY_SHARED)
			fprintf(out, "%u ", ck->version);
		print_quoted(out, "", ck->path, "\n");
	}
	print_quoted(out, "journal ", conf->journal, "\n");
}

static void
print_fetcher(const struct conf *conf, FILE *out)
{
	const struct conf_fetch	*cf = &conf->fetcher;

	fprintf(out, "client metadata documents %s\n", conf->documents ?
	    "on" : "off");
	fprintf(out, "fetcher {\n");
	if (cf->loopback)
		fprintf(out, "\tallow loopback\n");
	if (cf->ca_file != NULL)
		print_quoted(out, "\tca file ", cf->ca_file, "\n");
	if (cf->nameserver != NULL)
		print_quoted(out, "\tnameserver ", cf->nameserver, "\n");
	conf_settings_print(conf, BLOCK_FETCHER, "\t", out);
	fprintf(out, "}\n");
}

void
conf_print_work(const struct conf *conf, FILE *out)
{
	static const enum role		 roles[] = { ROLE_FRONTEND,
	    ROLE_BROKER, ROLE_SIGNER, ROLE_HASHER, ROLE_FETCHER };
	const struct conf_listener	*cl;
	size_t				 i;

	print_quoted(out, "issuer ", conf->issuer, "\n");
	conf_settings_print(conf, BLOCK_TOP, "", out);
	TAILQ_FOREACH(cl, &conf->listeners, entry)
		print_listener(cl, out);
	print_database(conf, out);
	print_keys(conf, out);
	fprintf(out, "lifetime {\n");
	conf_settings_print(conf, BLOCK_LIFETIME, "\t", out);
	fprintf(out, "}\nlimit {\n");
	conf_settings_print(conf, BLOCK_LIMIT, "\t", out);
	fprintf(out, "}\nuser {\n");
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		fprintf(out, "\t%s ", ipc_role_name(roles[i]));
		print_quoted(out, "", conf->users[roles[i]].name, "\n");
	}
	fprintf(out, "}\n");
	print_quoted(out, "chroot ", conf->chroot, "\n");
	fprintf(out, "password cost %u\n", conf->cost);
	print_fetcher(conf, out);
}

void
conf_print(const struct conf *conf, FILE *out)
{
	conf_print_work(conf, out);
	print_quoted(out, "control socket ", conf->control, "\n");
	fprintf(out, "log %s\n", conf->verbose ? "verbose" : "brief");
}
