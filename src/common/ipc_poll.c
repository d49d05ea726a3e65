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
 * The poll(2) loop of signer and hasher.  Reads what is there, lets the
 * role work on it in one batch, writes the answers.  Refuses what the
 * table of messages forbids; knows no payload.
 */

#include "config.h"

#include <sys/queue.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc_poll.h"
#include "log.h"

/* What was queued when the loop stops is offered for so long, ms. */
#define IPC_POLL_LINGER	1000

struct ipc_port {
	TAILQ_ENTRY(ipc_port)	 entry;
	struct imsgbuf		 imsgbuf;
	struct ipc_poll		*loop;
	enum role		 peer;
	uint32_t		 instance;
	uint64_t		 serial;
	ipc_port_cb		 cb;
	ipc_port_down_cb	 down_cb;
	int			 strikes;
	int			 more;		/* read, but not handed out */
	int			 dead;		/* goes after the round */
};
TAILQ_HEAD(ipc_ports, ipc_port);

struct ipc_poll {
	struct ipc_ports	 ports;
	size_t			 nports;
	enum role		 self;
	ipc_poll_batch_cb	 batch;
	void			*arg;
	unsigned int		 pace;
	uint64_t		 serial;
	int			 stop;
	struct pollfd		 pfds[IPC_POLL_PORTS];
	struct ipc_port		*polled[IPC_POLL_PORTS];
};

struct ipc_poll *
ipc_poll_new(enum role self, ipc_poll_batch_cb batch, void *arg)
{
	struct ipc_poll	*loop;

	if ((loop = calloc(1, sizeof(*loop))) == NULL)
		return NULL;
	TAILQ_INIT(&loop->ports);
	loop->self = self;
	loop->batch = batch;
	loop->arg = arg;
	return loop;
}

static void
ipc_port_destroy(struct ipc_port *port)
{
	TAILQ_REMOVE(&port->loop->ports, port, entry);
	port->loop->nports--;
	imsgbuf_clear(&port->imsgbuf);
	close(port->imsgbuf.fd);
	free(port);
}

void
ipc_poll_free(struct ipc_poll *loop)
{
	struct ipc_port	*port;

	if (loop == NULL)
		return;
	while ((port = TAILQ_FIRST(&loop->ports)) != NULL)
		ipc_port_destroy(port);
	free(loop);
}

struct ipc_port *
ipc_poll_adopt(struct ipc_poll *loop, struct imsgbuf *imsgbuf, enum role peer,
    uint32_t instance, ipc_port_cb cb, ipc_port_down_cb down)
{
	struct ipc_port	*port = NULL, *old;
	int		 fd = imsgbuf->fd, flags;

	if (loop->nports == IPC_POLL_PORTS) {
		errno = EMFILE;
		goto fail;
	}
	if ((flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    (port = calloc(1, sizeof(*port))) == NULL)
		goto fail;
	if ((old = ipc_poll_peer(loop, peer, instance)) != NULL)
		old->dead = 1;
	port->imsgbuf = *imsgbuf;
	port->loop = loop;
	port->peer = peer;
	port->instance = instance;
	port->serial = ++loop->serial;
	port->cb = cb;
	port->down_cb = down;
	TAILQ_INSERT_TAIL(&loop->ports, port, entry);
	loop->nports++;
	memset(imsgbuf, 0, sizeof(*imsgbuf));
	imsgbuf->fd = -1;
	return port;
fail:
	imsgbuf_clear(imsgbuf);
	close(fd);
	return NULL;
}

struct ipc_port *
ipc_poll_add(struct ipc_poll *loop, int fd, enum role peer, uint32_t instance,
    ipc_port_cb cb, ipc_port_down_cb down)
{
	struct imsgbuf	 imsgbuf;

	if (ipc_open(&imsgbuf, fd, loop->self, peer) == -1) {
		close(fd);
		return NULL;
	}
	return ipc_poll_adopt(loop, &imsgbuf, peer, instance, cb, down);
}

int
ipc_port_send(struct ipc_port *port, uint32_t type, uint32_t id, int fd,
    struct ibuf *payload)
{
	return ipc_compose(&port->imsgbuf, type, id, fd, payload);
}

enum role
ipc_port_peer(const struct ipc_port *port)
{
	return port->peer;
}

uint32_t
ipc_port_instance(const struct ipc_port *port)
{
	return port->instance;
}

uint64_t
ipc_port_serial(const struct ipc_port *port)
{
	return port->serial;
}

struct ipc_port *
ipc_poll_port(struct ipc_poll *loop, uint64_t serial)
{
	struct ipc_port	*port;

	TAILQ_FOREACH(port, &loop->ports, entry)
		if (port->serial == serial && !port->dead)
			return port;
	return NULL;
}

struct ipc_port *
ipc_poll_peer(struct ipc_poll *loop, enum role peer, uint32_t instance)
{
	struct ipc_port	*port;

	TAILQ_FOREACH(port, &loop->ports, entry)
		if (port->peer == peer && port->instance == instance &&
		    !port->dead)
			return port;
	return NULL;
}

void
ipc_poll_pace(struct ipc_poll *loop, unsigned int messages)
{
	loop->pace = messages;
}

static void
ipc_port_down(struct ipc_port *port)
{
	if (port->dead)
		return;
	port->dead = 1;
	if (port->down_cb != NULL)
		port->down_cb(port, port->loop->arg);
	if (port->peer == ROLE_PARENT)
		port->loop->stop = 1;
}

/* One message; 0, or -1 if the link has to go. */
static int
ipc_port_dispatch(struct ipc_port *port, struct imsg *imsg)
{
	const char	*why;

	if (ipc_check(imsg, port->peer, port->loop->self, &why) == 0) {
		port->cb(port, imsg, port->loop->arg);
		return 0;
	}
	log_warnx("message %s (%u) of %zu bytes from %s refused: %s",
	    ipc_type_name(imsg_get_type(imsg)), imsg_get_type(imsg),
	    imsg_get_len(imsg), ipc_role_name(port->peer), why);
	if (++port->strikes <= IPC_POLL_STRIKES)
		return 0;
	log_warnx("too many forbidden messages from %s, link closed",
	    ipc_role_name(port->peer));
	return -1;
}

/* Hands out what was read; how many messages, -1 if the link has to go. */
static int
ipc_port_messages(struct ipc_port *port)
{
	struct imsg	 imsg;
	unsigned int	 pace = port->loop->pace;
	int		 n, handled = 0, result = 0;

	port->more = 0;
	while (!port->dead && result == 0) {
		if (pace > 0 && (unsigned int)handled == pace) {
			port->more = 1;
			break;
		}
		if ((n = imsgbuf_get(&port->imsgbuf, &imsg)) == 0)
			break;
		if (n == -1)
			return -1;
		result = ipc_port_dispatch(port, &imsg);
		imsg_free(&imsg);
		handled++;
	}
	return result == -1 ? -1 : handled;
}

/* Reads once and hands out; how many messages came. */
static int
ipc_port_read(struct ipc_port *port)
{
	int	 n, handled = 0;

	if ((n = imsgbuf_read(&port->imsgbuf)) == -1)
		log_warn("link to %s", ipc_role_name(port->peer));
	if (n == 1)
		handled = ipc_port_messages(port);
	if (n != 1 || handled == -1)
		ipc_port_down(port);
	return handled > 0 ? handled : 0;
}

/* Writes as much as the socket takes. */
static void
ipc_port_write(struct ipc_port *port)
{
	uint32_t	 before;

	while ((before = imsgbuf_queuelen(&port->imsgbuf)) > 0) {
		if (imsgbuf_write(&port->imsgbuf) == -1) {
			if (errno != EPIPE && errno != ECONNRESET)
				log_warn("link to %s",
				    ipc_role_name(port->peer));
			ipc_port_down(port);
			return;
		}
		if (imsgbuf_queuelen(&port->imsgbuf) == before)
			return;
	}
}

/* Fills the array for poll(2). */
static nfds_t
ipc_poll_prepare(struct ipc_poll *loop)
{
	struct ipc_port	*port;
	nfds_t		 n = 0;
	uint32_t	 queued;

	TAILQ_FOREACH(port, &loop->ports, entry) {
		queued = imsgbuf_queuelen(&port->imsgbuf);
		loop->polled[n] = port;
		loop->pfds[n].fd = port->imsgbuf.fd;
		loop->pfds[n].events = queued > 0 ? POLLOUT : 0;
		if (queued <= IPC_POLL_QUEUE && !port->more)
			loop->pfds[n].events |= POLLIN;
		loop->pfds[n].revents = 0;
		n++;
	}
	return n;
}

/* Messages that an adopted imsgbuf had read before wait for no byte. */
static int
ipc_poll_leftovers(struct ipc_poll *loop)
{
	struct ipc_port	*port;
	int		 n, handled = 0;

	TAILQ_FOREACH(port, &loop->ports, entry) {
		if ((n = ipc_port_messages(port)) == -1)
			ipc_port_down(port);
		else
			handled += n;
	}
	return handled;
}

static void
ipc_poll_finish(struct ipc_poll *loop)
{
	struct ipc_port	*port, *next;

	TAILQ_FOREACH(port, &loop->ports, entry)
		if (!port->dead)
			ipc_port_write(port);
	TAILQ_FOREACH_SAFE(port, &loop->ports, entry, next)
		if (port->dead)
			ipc_port_destroy(port);
}

/* The loop ends: peers get a moment to take what is queued. */
static void
ipc_poll_linger(struct ipc_poll *loop)
{
	struct ipc_port	*port;
	nfds_t		 n = 0;

	TAILQ_FOREACH(port, &loop->ports, entry)
		if (imsgbuf_queuelen(&port->imsgbuf) > 0) {
			loop->pfds[n].fd = port->imsgbuf.fd;
			loop->pfds[n++].events = POLLOUT;
		}
	if (n > 0 && poll(loop->pfds, n, IPC_POLL_LINGER) > 0)
		ipc_poll_finish(loop);
}

int
ipc_poll_round(struct ipc_poll *loop)
{
	nfds_t	 i, n;
	int	 handled, ready;

	handled = ipc_poll_leftovers(loop);
	n = ipc_poll_prepare(loop);
	ready = poll(loop->pfds, n, handled > 0 || loop->stop ? 0 : -1);
	if (ready == -1 && errno == EINTR)
		ready = 0;
	else if (ready == -1)
		return -1;
	for (i = 0; i < n && ready > 0; i++)
		if (loop->pfds[i].revents & ~POLLOUT)
			handled += ipc_port_read(loop->polled[i]);
	if (loop->batch != NULL && (handled > 0 || ready == 0))
		loop->batch(loop, loop->arg);
	ipc_poll_finish(loop);
	if (loop->stop) {
		ipc_poll_linger(loop);
		return 0;
	}
	return 1;
}

int
ipc_poll_run(struct ipc_poll *loop)
{
	int	 n;

	while ((n = ipc_poll_round(loop)) == 1)
		continue;
	return n;
}
