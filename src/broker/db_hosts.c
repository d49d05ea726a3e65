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
 * Where the database is: the lists of hosts, addresses and ports in the
 * conninfo, with which host to begin, and what of them the sandbox has to
 * let through.  Room: broker, db*.
 */

#include "config.h"

#include <sys/socket.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "log.h"
#include "sandbox.h"

const char *const hosts_names[HOSTS_LISTS] = { "host", "hostaddr", "port" };

enum { LIST_HOST, LIST_HOSTADDR, LIST_PORT };

void
hosts_rotate(char *out, size_t size, const char *list, unsigned by)
{
	const char	*p;
	unsigned	 n = 1;
	size_t		 head, tail;

	for (p = list; *p != '\0'; p++)
		n += *p == ',';
	for (p = list, by %= n; by > 0; by--)
		p += strcspn(p, ",") + 1;
	tail = strlcpy(out, p, size);
	if (p == list || tail + 1 >= size)
		return;
	head = (size_t)(p - list) - 1;	/* without its comma */
	if (tail + 1 + head >= size)
		return;			/* cannot be: a permutation */
	out[tail] = ',';
	memcpy(out + tail + 1, list, head);
	out[tail + 1 + head] = '\0';
}

static const char *
hosts_value(const PQconninfoOption *o, const char *name)
{
	for (; o->keyword != NULL; o++) {
		if (strcmp(o->keyword, name) == 0)
			return o->val == NULL ? "" : o->val;
	}
	return "";
}

static PQconninfoOption *
hosts_parse(const char *conninfo)
{
	PQconninfoOption *o;
	char		*error = NULL;

	if ((o = PQconninfoParse(conninfo, &error)) == NULL)
		fatalx("conninfo: %s", error == NULL ? "no memory" : error);
	return o;
}

void
hosts_from(struct hosts *h, const char *conninfo, unsigned by)
{
	PQconninfoOption *options = hosts_parse(conninfo);
	const char	*value;
	int		 i;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < HOSTS_LISTS; i++) {
		value = hosts_value(options, hosts_names[i]);
		if (strchr(value, ',') != NULL)
			hosts_rotate(h->lists[i], sizeof(h->lists[i]), value,
			    by);
	}
	PQconninfoFree(options);
}

/* The n-th of a list; the last, or only, one serves for all beyond. */
static void
hosts_nth(char *out, size_t size, const char *list, unsigned n)
{
	size_t len;

	for (; n > 0 && strchr(list, ',') != NULL; n--)
		list += strcspn(list, ",") + 1;
	len = strcspn(list, ",");
	if (len >= size)
		len = size - 1;
	memcpy(out, list, len);
	out[len] = '\0';
}

static void
hosts_allow(const char *host, const char *addr, const char *port)
{
	const char	*error = NULL;
	uint16_t	 n;

	if (addr[0] == '\0' && (host[0] == '/' || host[0] == '\0')) {
		sandbox_allow_connect(AF_UNIX, 0);
		return;
	}
	n = (uint16_t)strtonum(port[0] == '\0' ? "5432" : port, 1, 65535,
	    &error);
	if (error != NULL)
		fatalx("conninfo: port %s is %s", port, error);
	if (strchr(addr, ':') != NULL)
		sandbox_allow_connect(AF_INET6, n);
	else
		sandbox_allow_connect(AF_INET, n);
}

void
db_sandbox(const struct conf_broker *conf)
{
	PQconninfoOption *options = hosts_parse(conf->conninfo);
	const char	*list[HOSTS_LISTS], *ca, *p;
	char		 item[HOSTS_LISTS][256];
	unsigned	 i, j, n = 1;

	for (j = 0; j < HOSTS_LISTS; j++)
		list[j] = hosts_value(options, hosts_names[j]);
	p = list[LIST_HOSTADDR][0] != '\0' ? list[LIST_HOSTADDR] :
	    list[LIST_HOST];
	for (; *p != '\0'; p++)
		n += *p == ',';
	if (n > SANDBOX_CONNECT_MAX)
		fatalx("conninfo: more than %d hosts", SANDBOX_CONNECT_MAX);
	for (i = 0; i < n; i++) {
		for (j = 0; j < HOSTS_LISTS; j++)
			hosts_nth(item[j], sizeof(item[j]), list[j], i);
		hosts_allow(item[LIST_HOST], item[LIST_HOSTADDR],
		    item[LIST_PORT]);
	}
	ca = hosts_value(options, "sslrootcert");
	if (ca[0] == '/')
		sandbox_allow_path(ca, "r");
	PQconninfoFree(options);
}
