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
 * hosts(5) and resolv.conf(5), as far as the fetcher needs them.  Room:
 * fetcher, before it is confined.
 */

#include "config.h"

#include <arpa/inet.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "msg_conf.h"
#include "resolver_int.h"

#define DNS_PORT	53
#define BLANKS		" \t\r\n"

static int
address_parse(const char *text, struct address *a)
{
	memset(a, 0, sizeof(*a));
	a->family = AF_INET;
	if (inet_pton(AF_INET, text, &a->u.v4) == 1)
		return 0;
	a->family = AF_INET6;
	return inet_pton(AF_INET6, text, &a->u.v6) == 1 ? 0 : -1;
}

/* "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT" to its parts; 0 or -1. */
static int
server_parse(const char *text, struct address *a, uint16_t *port)
{
	char		 copy[CONF_MAX_NAMESERVER + 1];
	const char	*error = NULL, *number = NULL;
	char		*host = copy, *end;

	*port = DNS_PORT;
	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return -1;
	if (address_parse(copy, a) == 0)
		return 0;
	if (copy[0] == '[') {
		host++;
		if ((end = strchr(host, ']')) == NULL || end[1] != ':')
			return -1;
		*end = '\0';
		number = end + 2;
	} else if ((end = strchr(host, ':')) != NULL) {
		*end = '\0';
		number = end + 1;
	} else
		return -1;
	*port = (uint16_t)strtonum(number, 1, 65535, &error);
	return error == NULL ? address_parse(host, a) : -1;
}

int
resolver_server(struct resolver *r, const char *text)
{
	struct address	 a;
	uint16_t	 port;

	if (r->nservers == RESOLVER_SERVERS ||
	    server_parse(text, &a, &port) == -1)
		return -1;
	r->lens[r->nservers] = address_socket(&a, port,
	    &r->servers[r->nservers]);
	r->nservers++;
	return 0;
}

void
resolver_conf_line(struct resolver *r, char *line)
{
	char	*word = strsep(&line, BLANKS);

	if (line == NULL || strcmp(word, "nameserver") != 0)
		return;
	line += strspn(line, BLANKS);
	line[strcspn(line, BLANKS)] = '\0';
	if (resolver_server(r, line) == -1)
		log_debug("name server not used");
}

static void
host_add(struct resolver *r, const char *name, const struct address *a)
{
	struct resolver_host	*list;
	size_t			 i;

	if (r->nhosts == RESOLVER_HOSTS)
		return;
	list = reallocarray(r->hosts, r->nhosts + 1, sizeof(*list));
	if (list == NULL)
		fatal("%s", __func__);
	r->hosts = list;
	list += r->nhosts;
	if (strlcpy(list->name, name, sizeof(list->name)) >=
	    sizeof(list->name))
		return;
	for (i = 0; list->name[i] != '\0'; i++)
		list->name[i] = (char)tolower((unsigned char)list->name[i]);
	list->address = *a;
	r->nhosts++;
}

void
resolver_hosts_line(struct resolver *r, char *line)
{
	struct address	 a;
	char		*word;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, BLANKS);
	word = strsep(&line, BLANKS);
	if (line == NULL || address_parse(word, &a) == -1)
		return;
	while ((word = strsep(&line, BLANKS)) != NULL)
		if (*word != '\0')
			host_add(r, word, &a);
}

void
resolver_file(struct resolver *r, const char *path,
    void (*line)(struct resolver *, char *))
{
	FILE	*fp;
	char	*text = NULL;
	size_t	 size = 0;

	if ((fp = fopen(path, "re")) == NULL) {
		log_debug("%s cannot be read", path);
		return;
	}
	while (getline(&text, &size, fp) != -1)
		line(r, text);
	free(text);
	(void)fclose(fp);	/* it was only read */
}
