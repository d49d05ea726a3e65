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
 * Asks name servers for the addresses of a host, both kinds at once.
 * Room: fetcher.  Each try is a socket of its own, so that a port and a
 * number have to be guessed by whoever wants to answer instead.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "resolver_int.h"

#define RESOLVER_TRIES	3
#define RESOLVER_NONE	"127.0.0.1"	/* resolv.conf(5), without servers */

static const struct timeval resolver_patience = { 1, 500 * 1000 };
static const uint16_t resolver_types[2] = { DNS_A, DNS_AAAA };

struct lookup {
	struct resolver		*resolver;
	resolver_cb		 cb;
	void			*arg;
	char			 host[URL_MAX_HOST + 1];
	struct dns_addresses	 found;
	const char		*why;		/* as far as is known */
	int			 fd;
	unsigned int		 tries;
	uint16_t		 ids[2];	/* of the two questions */
	int			 got[2];
	int			 failed;	/* a server could not */
	struct event		*readable;
	struct event		*timer;
};

static void	lookup_try(struct lookup *);

static void
lookup_close(struct lookup *l)
{
	if (l->readable != NULL)
		event_free(l->readable);
	l->readable = NULL;
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}

void
resolver_cancel(struct lookup *l)
{
	if (l == NULL)
		return;
	lookup_close(l);
	if (l->timer != NULL)
		event_free(l->timer);
	free(l);
}

static void
lookup_end(struct lookup *l)
{
	const char	*why = NULL;

	if (l->found.n == 0)
		why = l->why == NULL ? "the host has no address" : l->why;
	l->cb(why, &l->found, l->arg);
	resolver_cancel(l);
}

/* No answer, or none that helps: another try, or what there is. */
static void
lookup_next(struct lookup *l)
{
	if (l->found.n > 0 || l->tries >= RESOLVER_TRIES)
		lookup_end(l);
	else
		lookup_try(l);
}

static void
lookup_answer(struct lookup *l, const uint8_t *msg, size_t len)
{
	int	 i;

	for (i = 0; i < 2; i++) {
		if (l->got[i])
			continue;
		switch (dns_answer(msg, len, l->ids[i], l->host,
		    resolver_types[i], &l->found)) {
		case DNS_ANSWERED:
			l->got[i] = 1;
			break;
		case DNS_UNKNOWN:
			l->got[i] = 1;
			l->why = "there is no such host";
			break;
		case DNS_FAILED:
			l->got[i] = 1;
			l->failed = 1;
			l->why = "the name server cannot tell";
			break;
		case DNS_FOREIGN:
			break;
		}
	}
}

static void
lookup_readable(evutil_socket_t fd, short events, void *arg)
{
	struct lookup	*l = arg;
	uint8_t		 msg[DNS_MAX];
	ssize_t		 n;

	(void)events;
	n = recv(fd, msg, sizeof(msg), 0);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR) {
			l->why = "the name server is away";
			lookup_next(l);
		}
		return;
	}
	lookup_answer(l, msg, (size_t)n);
	if (!l->got[0] || !l->got[1])
		return;
	if (l->failed)
		lookup_next(l);
	else
		lookup_end(l);
}

/* Too late; also the first call, so that it is outside resolver_start(). */
static void
lookup_timer(evutil_socket_t fd, short events, void *arg)
{
	struct lookup	*l = arg;

	(void)fd;
	(void)events;
	if (l->tries > 0 && l->why == NULL)
		l->why = RESOLVER_SILENT;
	lookup_next(l);
}

static int
lookup_ask(struct lookup *l)
{
	uint8_t	 msg[DNS_MAX];
	size_t	 n;
	int	 i;

	for (i = 0; i < 2; i++) {
		l->ids[i] = (uint16_t)arc4random();
		l->got[i] = 0;
		n = dns_query(msg, l->ids[i], l->host, resolver_types[i]);
		if (n == 0 || send(l->fd, msg, n, 0) != (ssize_t)n)
			return -1;
	}
	return 0;
}

/* A socket to the next server, with both questions; 0 or -1. */
static int
lookup_open(struct lookup *l)
{
	struct resolver	*r = l->resolver;
	size_t		 i = l->tries % r->nservers;

	l->fd = socket(r->servers[i].ss_family, SOCK_DGRAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (l->fd == -1 || connect(l->fd, (struct sockaddr *)&r->servers[i],
	    r->lens[i]) == -1)
		return -1;
	l->readable = event_new(r->base, l->fd, EV_READ | EV_PERSIST,
	    lookup_readable, l);
	if (l->readable == NULL || event_add(l->readable, NULL) == -1)
		return -1;
	return lookup_ask(l);
}

static void
lookup_try(struct lookup *l)
{
	lookup_close(l);
	l->failed = 0;
	if (lookup_open(l) == -1) {
		l->why = "the name server is away";
		lookup_close(l);
	}
	l->tries++;
	if (evtimer_add(l->timer, &resolver_patience) == -1)
		fatal("%s", __func__);
	/* At once to the next one, when this is away. */
	if (l->fd == -1)
		event_active(l->timer, EV_TIMEOUT, 0);
}

/* /etc/hosts goes before name servers. */
static void
lookup_hosts(struct lookup *l)
{
	struct resolver	*r = l->resolver;
	size_t		 i;

	for (i = 0; i < r->nhosts && l->found.n < DNS_ADDRESSES; i++)
		if (strcmp(r->hosts[i].name, l->host) == 0)
			l->found.list[l->found.n++] = r->hosts[i].address;
}

struct lookup *
resolver_start(struct resolver *r, const char *host, resolver_cb cb,
    void *arg)
{
	struct lookup	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	l->resolver = r;
	l->cb = cb;
	l->arg = arg;
	l->fd = -1;
	l->timer = evtimer_new(r->base, lookup_timer, l);
	if (l->timer == NULL || strlcpy(l->host, host, sizeof(l->host)) >=
	    sizeof(l->host)) {
		resolver_cancel(l);
		return NULL;
	}
	lookup_hosts(l);
	event_active(l->timer, EV_TIMEOUT, 0);
	return l;
}

struct resolver *
resolver_new(struct event_base *base, const char *nameserver)
{
	struct resolver	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		fatal("%s", __func__);
	r->base = base;
	resolver_file(r, "/etc/hosts", resolver_hosts_line);
	if (nameserver[0] == '\0')
		resolver_file(r, "/etc/resolv.conf", resolver_conf_line);
	else if (resolver_server(r, nameserver) == -1)
		fatalx("name server %s is no address", nameserver);
	if (r->nservers == 0 && resolver_server(r, RESOLVER_NONE) == -1)
		fatalx("no name server");
	return r;
}

void
resolver_free(struct resolver *r)
{
	free(r->hosts);
	free(r);
}
