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
 * grantd-frontend: HTTP for everybody.  The process that meets the bytes of
 * strangers: it opens no file and no connection after its start, has no key,
 * no database, and decides nothing about rights; its broker does.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker_link.h"
#include "catalogue.h"
#include "fixed.h"
#include "frontend.h"
#include "log.h"
#include "mcp.h"
#include "request.h"
#include "role.h"

#define FRONTEND_DRAIN_SPARE	2	/* s more than a request may take */

struct frontend	 frontend;

/* What came before the loop runs. */
struct frontend_start {
	int			 link;		/* -1 if none */
	size_t			 nlisteners;
	struct {
		int			 fd;
		struct msg_listener	 m;
	} *listeners;
};

static int	frontend_listen(int, const struct msg_listener *);

static int
frontend_start_listener(struct frontend_start *s, struct imsg *imsg,
    struct ibuf *payload)
{
	void	*p;

	p = reallocarray(s->listeners, s->nlisteners + 1,
	    sizeof(*s->listeners));
	if (p == NULL)
		return -1;
	s->listeners = p;
	memset(&s->listeners[s->nlisteners], 0, sizeof(*s->listeners));
	if (msg_listener_decode(payload,
	    &s->listeners[s->nlisteners].m) == -1 ||
	    (s->listeners[s->nlisteners].fd = imsg_get_fd(imsg)) == -1)
		return -1;
	s->nlisteners++;
	return 0;
}

/* Which broker is at the other end: ours, the parent sees to that. */
static int
frontend_link(struct imsg *imsg, struct ibuf *payload)
{
	struct msg_link	m;
	int		fd = -1;

	memset(&m, 0, sizeof(m));
	if (msg_link_decode(payload, &m) == 0 && m.role == ROLE_BROKER)
		fd = imsg_get_fd(imsg);
	msg_link_free(&m);
	return fd;
}

static int
frontend_on_start(struct role_self *role, struct imsg *imsg,
    struct ibuf *payload, void *arg)
{
	struct frontend_start	*s = arg;

	(void)role;
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_CONF:
		return conf_frontend_decode(payload, &frontend.conf);
	case IMSG_CHILD_LINK:
		if (s->link != -1)
			close(s->link);
		return (s->link = frontend_link(imsg, payload)) == -1 ? -1 : 0;
	case IMSG_FRONTEND_LISTENER:
		return frontend_start_listener(s, imsg, payload);
	case IMSG_FRONTEND_JWKS:
		fixed_set_jwks(ibuf_data(payload), ibuf_size(payload));
		return 0;
	default:
		return -1;
	}
}

static void
frontend_parent_listener(struct imsg *imsg, struct ibuf *payload)
{
	struct msg_listener	 m;
	int			 fd = -1;

	memset(&m, 0, sizeof(m));
	if (msg_listener_decode(payload, &m) == -1 ||
	    (fd = imsg_get_fd(imsg)) == -1 || frontend_listen(fd, &m) == -1)
		log_warnx("a listener cannot be used");
	msg_listener_free(&m);
}

static void
frontend_drain_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_warnx("%u connections did not end in time",
	    http_server_connections(frontend.http));
	exit(0);
}

static void
frontend_drain(void)
{
	struct timeval	tv = { 0, 0 };

	log_debug("draining %u connections",
	    http_server_connections(frontend.http));
	tv.tv_sec = frontend.conf.request_timeout / 1000 +
	    FRONTEND_DRAIN_SPARE;
	if (event_base_once(frontend.base, -1, EV_TIMEOUT,
	    frontend_drain_late, NULL, &tv) == -1)
		fatal("event_base_once");
	http_server_drain(frontend.http);
}

static void
frontend_drained(void *arg)
{
	(void)arg;
	log_debug("drained");
	exit(0);
}

static void
frontend_parent_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct ibuf	payload;
	uint8_t		verbose;
	int		fd;

	(void)link;
	(void)arg;
	if (imsg_get_len(imsg) == 0)
		ibuf_from_buffer(&payload, NULL, 0);
	else if (imsg_get_ibuf(imsg, &payload) == -1)
		fatalx("a message of the parent cannot be read");
	switch (imsg_get_type(imsg)) {
	case IMSG_CHILD_LINK:
		if ((fd = frontend_link(imsg, &payload)) != -1)
			broker_link_set(fd);
		break;
	case IMSG_CHILD_VERBOSE:
		if (msg_get_u8(&payload, &verbose) == 0)
			log_setverbose(verbose);
		break;
	case IMSG_FRONTEND_JWKS:
		fixed_set_jwks(ibuf_data(&payload), ibuf_size(&payload));
		break;
	case IMSG_FRONTEND_LISTENER:
		frontend_parent_listener(imsg, &payload);
		break;
	case IMSG_FRONTEND_DRAIN:
		frontend_drain();
		break;
	case IMSG_FRONTEND_CANCELLED:
		mcp_cancelled(&payload);
		break;
	default:
		log_warnx("message %s after the start",
		    ipc_type_name(imsg_get_type(imsg)));
	}
}

static void
frontend_parent_down(struct ipc_link *link, void *arg)
{
	(void)link;
	(void)arg;
	exit(0);
}

/* fd is used up in any case. */
static int
frontend_listen(int fd, const struct msg_listener *m)
{
	struct peer_net	 proxies[CONF_MAX_PROXIES];
	uint32_t	 i;

	for (i = 0; i < m->nproxies; i++)
		if (peer_net_parse(&proxies[i], m->proxies[i]) == -1) {
			log_warnx("%s: trusted proxy %s is no network",
			    m->name, m->proxies[i]);
			close(fd);
			return -1;
		}
	return http_server_listen(frontend.http, fd, m->name, proxies,
	    m->nproxies);
}

/* One that cannot be used is in the log, and the old one serves on. */
static void
frontend_catalogue(uint64_t generation, const char *body, size_t len)
{
	(void)generation;	/* the text has it */
	catalogue_load(frontend.base, body, len);
}

static void
frontend_serve(struct frontend_start *s)
{
	const struct http_callbacks	 cb = {
		.head = request_head,
		.request = request_whole,
		.refused = request_refused,
		.gone = request_gone,
		.draining = request_draining,
		.drained = frontend_drained,
	};
	struct http_limits		 limits;
	size_t				 i;

	limits.header_max = frontend.conf.header_max;
	limits.body_max = frontend.conf.body_max;
	limits.idle = frontend.conf.idle_timeout;
	limits.connections = frontend.conf.connections_max;
	limits.streams = frontend.conf.streams_max;
	frontend.http = http_server_new(frontend.base, &limits, &cb);
	if (frontend.http == NULL || broker_link_init() == -1 ||
	    mcp_init() == -1)
		fatal("server");
	broker_link_catalogue = frontend_catalogue;
	if (s->link != -1)
		broker_link_set(s->link);
	for (i = 0; i < s->nlisteners; i++) {
		if (frontend_listen(s->listeners[i].fd,
		    &s->listeners[i].m) == -1)
			fatalx("%s: cannot be served", s->listeners[i].m.name);
		msg_listener_free(&s->listeners[i].m);
	}
	free(s->listeners);
}

int
main(int argc, char **argv)
{
	struct frontend_start	 start = { -1, 0, NULL };
	struct role_self	 role;

	role_start(&role, ROLE_FRONTEND, argc, argv, frontend_on_start,
	    &start);
	if ((frontend.base = event_base_new()) == NULL)
		fatalx("event_base_new");
	frontend_serve(&start);
	role_confine(&role);
	frontend.parent = ipc_link_adopt(frontend.base, &role.parent,
	    ROLE_FRONTEND, ROLE_PARENT, frontend_parent_message,
	    frontend_parent_down, NULL);
	if (frontend.parent == NULL)
		fatal("link to the parent");
	event_base_dispatch(frontend.base);
	fatalx("the event loop ended");
}
