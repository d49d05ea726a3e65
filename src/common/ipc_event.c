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
 * One end of a link under libevent: in parent, frontend and broker.  Reads
 * when there is something, writes once per turn of the loop, refuses what
 * the table forbids.  Never blocks, knows no payload.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc_event.h"
#include "log.h"

/*
 * A peer that asks and never reads its answers is not read from while so
 * much waits for it.
 */
#define IPC_LINK_QUEUE	1024			/* messages */
#define IPC_LINK_BYTES	(32 * 1024 * 1024)	/* since it last was empty */

struct ipc_link {
	struct imsgbuf		 imsgbuf;
	struct event		*readable;
	struct event		*writable;	/* while the socket is full */
	struct event		*flush;		/* end of this turn */
	enum role		 self;
	enum role		 peer;
	ipc_link_cb		 cb;
	ipc_link_down_cb	 down_cb;
	void			*arg;
	int			 strikes;
	int			 paused;	/* not reading */
	int			 busy;		/* in a callback */
	int			 down;		/* the owner knows */
	int			 dead;		/* freed in a callback */
	size_t			 bytes;
};

static void	ipc_link_readable(evutil_socket_t, short, void *);
static void	ipc_link_write(evutil_socket_t, short, void *);

/* Really frees; nobody of ours may be on the stack. */
static void
ipc_link_destroy(struct ipc_link *link)
{
	if (link->readable != NULL)
		event_free(link->readable);
	if (link->writable != NULL)
		event_free(link->writable);
	if (link->flush != NULL)
		event_free(link->flush);
	imsgbuf_clear(&link->imsgbuf);
	if (link->imsgbuf.fd != -1)
		close(link->imsgbuf.fd);
	free(link);
}

void
ipc_link_free(struct ipc_link *link)
{
	if (link == NULL)
		return;
	link->dead = 1;
	if (!link->busy)
		ipc_link_destroy(link);
}

/* Tells the owner, who may free the link; no event comes after. */
static void
ipc_link_down(struct ipc_link *link)
{
	if (link->dead || link->down)
		return;
	link->down = 1;
	(void)event_del(link->readable);
	(void)event_del(link->writable);
	(void)event_del(link->flush);
	link->down_cb(link, link->arg);
}

/* End of a callback: what was freed inside goes now. */
static void
ipc_link_leave(struct ipc_link *link)
{
	link->busy = 0;
	if (link->dead)
		ipc_link_destroy(link);
}

/*
 * Only the side that serves holds back, else two that wait for each other
 * would wait for ever.  Roles are numbered from asking to serving.
 */
static void
ipc_link_pause(struct ipc_link *link)
{
	if (link->paused || (link->self < link->peer && link->peer != ROLE_CTL))
		return;
	if (ipc_link_queued(link) <= IPC_LINK_QUEUE &&
	    link->bytes <= IPC_LINK_BYTES)
		return;
	log_debug("%s does not read its answers, held back",
	    ipc_role_name(link->peer));
	link->paused = 1;
	(void)event_del(link->readable);
}

/* One message; 0, or -1 if the link has to go down. */
static int
ipc_link_dispatch(struct ipc_link *link, struct imsg *imsg)
{
	const char	*why;

	if (ipc_check(imsg, link->peer, link->self, &why) == 0) {
		link->cb(link, imsg, link->arg);
		return 0;
	}
	log_warnx("message %s (%u) of %zu bytes from %s refused: %s",
	    ipc_type_name(imsg_get_type(imsg)), imsg_get_type(imsg),
	    imsg_get_len(imsg), ipc_role_name(link->peer), why);
	if (++link->strikes <= IPC_LINK_STRIKES)
		return 0;
	log_warnx("too many forbidden messages from %s, link closed",
	    ipc_role_name(link->peer));
	return -1;
}

/* Hands out what was read; 0, or -1 if the link has to go down. */
static int
ipc_link_messages(struct ipc_link *link)
{
	struct imsg	 imsg;
	int		 n, result = 0;

	while (!link->dead && result == 0) {
		if ((n = imsgbuf_get(&link->imsgbuf, &imsg)) == 0)
			break;
		if (n == -1)
			return -1;
		result = ipc_link_dispatch(link, &imsg);
		imsg_free(&imsg);
	}
	return result;
}

static void
ipc_link_readable(evutil_socket_t fd, short events, void *arg)
{
	struct ipc_link	*link = arg;
	int		 n;

	(void)fd;
	link->busy = 1;
	/* A new link may already hold messages: see ipc_link_adopt(). */
	n = events & EV_READ ? imsgbuf_read(&link->imsgbuf) : 1;
	if (n == -1)
		log_warn("link to %s", ipc_role_name(link->peer));
	if (n != 1 || ipc_link_messages(link) == -1)
		ipc_link_down(link);
	ipc_link_leave(link);
}

/* Writes as much as the socket takes; 0, or -1 if the peer is gone. */
static int
ipc_link_drain(struct ipc_link *link)
{
	uint32_t	 before;

	while ((before = imsgbuf_queuelen(&link->imsgbuf)) > 0) {
		if (imsgbuf_write(&link->imsgbuf) == -1)
			return -1;
		if (imsgbuf_queuelen(&link->imsgbuf) == before)
			return 0;
	}
	link->bytes = 0;
	return 0;
}

static void
ipc_link_write(evutil_socket_t fd, short events, void *arg)
{
	struct ipc_link	*link = arg;

	(void)fd;
	(void)events;
	link->busy = 1;
	if (ipc_link_drain(link) == -1) {
		if (errno != EPIPE && errno != ECONNRESET)
			log_warn("link to %s", ipc_role_name(link->peer));
		ipc_link_down(link);
	} else if (ipc_link_queued(link) > 0) {
		if (event_add(link->writable, NULL) == -1)
			ipc_link_down(link);
	} else if (link->paused) {
		link->paused = 0;
		if (event_add(link->readable, NULL) == -1)
			ipc_link_down(link);
		else
			event_active(link->readable, 0, 1);
	}
	ipc_link_leave(link);
}

struct ipc_link *
ipc_link_adopt(struct event_base *base, struct imsgbuf *imsgbuf,
    enum role self, enum role peer, ipc_link_cb cb, ipc_link_down_cb down,
    void *arg)
{
	struct ipc_link	*link;
	int		 fd = imsgbuf->fd, flags;

	if ((link = calloc(1, sizeof(*link))) == NULL) {
		imsgbuf_clear(imsgbuf);
		close(fd);
		return NULL;
	}
	link->imsgbuf = *imsgbuf;
	memset(imsgbuf, 0, sizeof(*imsgbuf));
	imsgbuf->fd = -1;
	link->self = self;
	link->peer = peer;
	link->cb = cb;
	link->down_cb = down;
	link->arg = arg;
	if ((flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		goto fail;
	link->readable = event_new(base, fd, EV_READ | EV_PERSIST,
	    ipc_link_readable, link);
	link->writable = event_new(base, fd, EV_WRITE, ipc_link_write, link);
	link->flush = event_new(base, -1, 0, ipc_link_write, link);
	if (link->readable == NULL || link->writable == NULL ||
	    link->flush == NULL || event_add(link->readable, NULL) == -1)
		goto fail;
	/* What came before us waits for no further byte. */
	event_active(link->readable, 0, 1);
	if (ipc_link_queued(link) > 0)
		event_active(link->flush, 0, 1);
	return link;
fail:
	ipc_link_destroy(link);
	return NULL;
}

struct ipc_link *
ipc_link_new(struct event_base *base, int fd, enum role self, enum role peer,
    ipc_link_cb cb, ipc_link_down_cb down, void *arg)
{
	struct imsgbuf	 imsgbuf;

	if (ipc_open(&imsgbuf, fd, self, peer) == -1) {
		close(fd);
		return NULL;
	}
	return ipc_link_adopt(base, &imsgbuf, self, peer, cb, down, arg);
}

int
ipc_link_send(struct ipc_link *link, uint32_t type, uint32_t id, int fd,
    struct ibuf *payload)
{
	size_t	 bytes = payload == NULL ? 0 : ibuf_size(payload);

	if (link->down || link->dead) {
		ibuf_free(payload);
		if (fd != -1)
			close(fd);
		errno = EPIPE;
		return -1;
	}
	if (ipc_compose(&link->imsgbuf, type, id, fd, payload) == -1)
		return -1;
	link->bytes += bytes;
	ipc_link_pause(link);
	/* While the socket is full, its own event will write. */
	if (!event_pending(link->writable, EV_WRITE, NULL))
		event_active(link->flush, 0, 1);
	return 0;
}

size_t
ipc_link_queued(const struct ipc_link *link)
{
	struct imsgbuf	 view = link->imsgbuf;

	return imsgbuf_queuelen(&view);
}
