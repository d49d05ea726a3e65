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
 * Fetches one document: name, addresses, connection, TLS, question, answer,
 * in one time.  Room: fetcher.  Connects to the very address that was
 * checked; follows nothing; reads no more than it may.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "fetch.h"
#include "log.h"
#include "tls.h"

#define FETCH_REQUEST	(MSG_MAX_URL + URL_MAX_HOST + 256)

struct fetch {
	const struct fetching	*with;
	struct url		 url;
	size_t			 max;
	fetch_cb		 cb;
	void			*arg;
	struct lookup		*lookup;
	struct dns_addresses	 addresses;
	size_t			 next;		/* address to try */
	int			 fd;
	struct tls_conn		*tls;
	struct event		*event;		/* of the descriptor */
	struct event		*timer;
	void			(*step)(struct fetch *);
	char			 request[FETCH_REQUEST];
	size_t			 request_len;
	size_t			 sent;
	char			 buf[ANSWER_MAX];
	size_t			 len;
	struct answer		 answer;
};

static void	fetch_connect(struct fetch *);

static void
fetch_close(struct fetch *f)
{
	if (f->event != NULL)
		event_free(f->event);
	f->event = NULL;
	tls_conn_free(f->tls);
	f->tls = NULL;
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

void
fetch_cancel(struct fetch *f)
{
	if (f == NULL)
		return;
	resolver_cancel(f->lookup);
	fetch_close(f);
	if (f->timer != NULL)
		event_free(f->timer);
	free(f);
}

static void
fetch_end(struct fetch *f)
{
	f->cb(&f->answer, f->arg);
	fetch_cancel(f);
}

static void
fetch_fail(struct fetch *f, const char *why)
{
	memset(&f->answer, 0, sizeof(f->answer));
	f->answer.why = why;
	fetch_end(f);
}

static void
fetch_event(evutil_socket_t fd, short events, void *arg)
{
	struct fetch	*f = arg;

	(void)fd;
	(void)events;
	f->step(f);
}

/* The step is called again when the descriptor is ready for it. */
static void
fetch_wait(struct fetch *f, short events, void (*step)(struct fetch *))
{
	f->step = step;
	if (f->event != NULL)
		event_free(f->event);
	f->event = event_new(f->with->base, f->fd, events, fetch_event, f);
	if (f->event == NULL || event_add(f->event, NULL) == -1)
		fetch_fail(f, "out of memory");
}

/* Whether libssl has to wait; if it failed, so did the fetch. */
static void
fetch_tls(struct fetch *f, enum tls_result r, void (*step)(struct fetch *))
{
	if (r == TLS_WANT_READ || r == TLS_WANT_WRITE)
		fetch_wait(f, r == TLS_WANT_READ ? EV_READ : EV_WRITE, step);
	else
		fetch_fail(f, "the connection broke");
}

/* Reads until the answer is whole, wrong, or too large. */
static void
fetch_read(struct fetch *f)
{
	enum answer_result	 done;
	enum tls_result		 r;
	size_t			 n;

	for (;;) {
		if (f->len == sizeof(f->buf)) {
			fetch_fail(f, "the answer is too large");
			return;
		}
		r = tls_read(f->tls, f->buf + f->len,
		    sizeof(f->buf) - f->len, &n);
		f->len += n;
		if (r != TLS_OK && r != TLS_ENDED) {
			fetch_tls(f, r, fetch_read);
			return;
		}
		done = answer_parse(f->buf, f->len, r == TLS_ENDED, f->max,
		    &f->answer);
		if (done == ANSWER_MORE)
			continue;
		if (done == ANSWER_BAD)
			fetch_fail(f, f->answer.why);
		else
			fetch_end(f);
		return;
	}
}

static void
fetch_write(struct fetch *f)
{
	enum tls_result	 r;
	size_t		 n;

	while (f->sent < f->request_len) {
		r = tls_write(f->tls, f->request + f->sent,
		    f->request_len - f->sent, &n);
		f->sent += n;
		if (r != TLS_OK) {
			fetch_tls(f, r, fetch_write);
			return;
		}
	}
	fetch_read(f);
}

static void
fetch_handshake(struct fetch *f)
{
	enum tls_result	 r = tls_handshake(f->tls);

	if (r == TLS_OK)
		fetch_write(f);
	else if (r == TLS_FAILED)
		fetch_fail(f, tls_why(f->tls));
	else
		fetch_tls(f, r, fetch_handshake);
}

static void
fetch_connected(struct fetch *f)
{
	socklen_t	 len = sizeof(int);
	int		 error = 0;

	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0) {
		fetch_connect(f);
		return;
	}
	f->tls = tls_conn_new(f->with->tls, f->fd, f->url.host);
	if (f->tls == NULL)
		fetch_fail(f, "TLS cannot be set up");
	else
		fetch_handshake(f);
}

/* To the next address that is left. */
static void
fetch_connect(struct fetch *f)
{
	struct sockaddr_storage	 ss;
	const struct address	*a;
	socklen_t		 len;

	fetch_close(f);
	while (f->next < f->addresses.n) {
		a = &f->addresses.list[f->next++];
		len = address_socket(a, f->url.port, &ss);
		f->fd = socket(a->family, SOCK_STREAM | SOCK_CLOEXEC |
		    SOCK_NONBLOCK, 0);
		if (f->fd != -1 && (connect(f->fd, (struct sockaddr *)&ss,
		    len) == 0 || errno == EINPROGRESS)) {
			fetch_wait(f, EV_WRITE, fetch_connected);
			return;
		}
		fetch_close(f);
	}
	fetch_fail(f, "the server cannot be reached");
}

/*
 * Every address has to be good: a name that also leads inside is a trap,
 * or a mistake.
 */
static void
fetch_resolved(const char *why, const struct dns_addresses *found, void *arg)
{
	struct fetch	*f = arg;
	const char	*refused;
	size_t		 i;

	f->lookup = NULL;
	if (why != NULL) {
		fetch_fail(f, why);
		return;
	}
	for (i = 0; i < found->n; i++) {
		refused = address_refused(&found->list[i],
		    f->with->loopback);
		if (refused != NULL) {
			log_debug("%s: an address is %s", f->url.host,
			    refused);
			fetch_fail(f, "the host's address is not one of the "
			    "internet");
			return;
		}
	}
	f->addresses = *found;
	fetch_connect(f);
}

static void
fetch_late(evutil_socket_t fd, short events, void *arg)
{
	struct fetch	*f = arg;

	(void)fd;
	(void)events;
	/* all tries of a lookup have little less time than the whole fetch */
	fetch_fail(f, f->lookup != NULL ? RESOLVER_SILENT :
	    "it takes too long");
}

/* 0, or -1: it does not fit, which the limits exclude. */
static int
fetch_request(struct fetch *f)
{
	char	 port[8] = "";
	int	 n;

	if (f->url.port != 443)
		(void)snprintf(port, sizeof(port), ":%u", f->url.port);
	n = snprintf(f->request, sizeof(f->request), "GET %s HTTP/1.1\r\n"
	    "Host: %s%s\r\nUser-Agent: grantd/%s\r\n"
	    "Accept: application/json\r\nAccept-Encoding: identity\r\n"
	    "Connection: close\r\n\r\n", f->url.target, f->url.host, port,
	    PACKAGE_VERSION);
	if (n < 0 || (size_t)n >= sizeof(f->request))
		return -1;
	f->request_len = (size_t)n;
	return 0;
}

struct fetch *
fetch_start(const struct fetching *with, const struct url *url, size_t max,
    uint32_t ms, fetch_cb cb, void *arg)
{
	struct timeval	 tv;
	struct fetch	*f;

	if (ms == 0 || ms > FETCH_TIMEOUT)
		ms = FETCH_TIMEOUT;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000) * 1000;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	f->with = with;
	f->url = *url;
	f->max = max;
	f->cb = cb;
	f->arg = arg;
	f->fd = -1;
	f->timer = evtimer_new(with->base, fetch_late, f);
	if (f->timer == NULL || evtimer_add(f->timer, &tv) == -1 ||
	    fetch_request(f) == -1 || (f->lookup = resolver_start(
	    with->resolver, f->url.host, fetch_resolved, f)) == NULL) {
		fetch_cancel(f);
		return NULL;
	}
	return f;
}
