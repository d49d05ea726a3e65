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
 * Listening sockets: accepts a few at a time, rests when descriptors or
 * connections are used up.  Room: frontend.  Opens nothing: the parent
 * did.
 */

#include "config.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_int.h"
#include "log.h"

#define LISTEN_BATCH	8	/* connections of one wake-up */

void
http_listener_unref(struct http_listener *l)
{
	if (--l->refs > 0)
		return;
	free(l->name);
	free(l->proxies);
	free(l);
}

static void
http_listener_close(struct http_listener *l)
{
	TAILQ_REMOVE(&l->server->listeners, l, entry);
	event_free(l->event);
	close(l->fd);
	l->event = NULL;
	l->fd = -1;
	http_listener_unref(l);
}

/*
 * At the limit the connection that has been idle for longest makes room for
 * a new one, if it was so for a second.
 */
static int
http_listen_room(struct http_server *s)
{
	struct http_conn	*c;

	if (s->count < s->limits.connections)
		return 0;
	c = TAILQ_FIRST(&s->conns[CONN_IDLE]);
	if (c == NULL || c->inside || s->now - c->since < 2)
		return -1;
	http_conn_free(c);
	return 0;
}

static void
http_accept(evutil_socket_t fd, short what, void *arg)
{
	struct http_listener	*l = arg;
	struct sockaddr_storage	 ss;
	struct peer_addr	 peer;
	socklen_t		 len;
	int			 i, client, on = 1;

	(void)what;
	for (i = 0; i < LISTEN_BATCH; i++) {
		if (http_listen_room(l->server) == -1) {
			log_debug("%u connections: no more for now",
			    l->server->count);
			http_listen_pause(l->server);
			return;
		}
		len = sizeof(ss);
		client = accept4(fd, (struct sockaddr *)&ss, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client == -1) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOBUFS || errno == ENOMEM) {
				log_warn("%s: accept", l->name);
				http_listen_pause(l->server);
			} else if (errno != EAGAIN && errno != EINTR &&
			    errno != ECONNABORTED)
				log_warn("%s: accept", l->name);
			return;
		}
		peer_from_sockaddr(&peer, (struct sockaddr *)&ss);
		/* else answers wait for acknowledgements; -1 is no loss */
		if (peer.family != 0)
			(void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof(on));
		http_conn_new(l, client, &peer);
	}
}

int
http_server_listen(struct http_server *s, int fd, const char *name,
    const struct peer_net *proxies, size_t nproxies)
{
	struct http_listener	*l, *old;

	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (l->name = strdup(name)) == NULL ||
	    (l->proxies = calloc(nproxies + 1, sizeof(*proxies))) == NULL ||
	    evutil_make_socket_nonblocking(fd) == -1 ||
	    (l->event = event_new(s->base, fd, EV_READ | EV_PERSIST,
	    http_accept, l)) == NULL ||
	    (!s->paused && event_add(l->event, NULL) == -1))
		goto fail;
	if (nproxies > 0)
		memcpy(l->proxies, proxies, nproxies * sizeof(*proxies));
	l->nproxies = nproxies;
	l->server = s;
	l->fd = fd;
	l->refs = 1;
	TAILQ_FOREACH(old, &s->listeners, entry)
		if (strcmp(old->name, name) == 0)
			break;
	if (old != NULL)
		http_listener_close(old);
	TAILQ_INSERT_TAIL(&s->listeners, l, entry);
	return 0;
 fail:
	log_warn("%s: listen", name);
	if (l != NULL) {
		if (l->event != NULL)
			event_free(l->event);
		free(l->name);
		free(l->proxies);
		free(l);
	}
	close(fd);
	return -1;
}

void
http_listen_pause(struct http_server *s)
{
	struct http_listener	*l;

	s->paused = 1;
	TAILQ_FOREACH(l, &s->listeners, entry)
		(void)event_del(l->event);
}

void
http_listen_resume(struct http_server *s)
{
	struct http_listener	*l;

	s->paused = 0;
	TAILQ_FOREACH(l, &s->listeners, entry)
		if (event_add(l->event, NULL) == -1) {
			log_warn("event_add");
			s->paused = 1;	/* http_tick() tries again */
		}
}

void
http_listen_close(struct http_server *s)
{
	struct http_listener	*l, *next;

	for (l = TAILQ_FIRST(&s->listeners); l != NULL; l = next) {
		next = TAILQ_NEXT(l, entry);
		http_listener_close(l);
	}
}
