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
 * The broker's side of the fetcher.  Room: broker.  Knows what to ask and
 * how long to wait, nothing of clients.
 */

#include "config.h"

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "log.h"
#include "queue.h"

struct fetch {
	TAILQ_ENTRY(fetch)	 entry;
	uint32_t		 id;
	int			 asked;		/* not: waits for another's */
	uint64_t		 deadline;
	char			*url;
	fetch_cb		 cb;
	void			*arg;
};

struct fetching {
	TAILQ_HEAD(, fetch)	 pending;
	size_t			 count;
	size_t			 max;
	uint32_t		 next;
	struct ipc_link		*link;
};

struct fetching *
fetch_new(size_t max)
{
	struct fetching *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		fatal("calloc");
	TAILQ_INIT(&s->pending);
	s->max = max;
	return s;
}

void
fetch_cancel(struct fetching *s, struct fetch *f)
{
	TAILQ_REMOVE(&s->pending, f, entry);
	s->count--;
	free(f->url);
	free(f);
}

void
fetch_delete(struct fetching *s)
{
	struct fetch *f;

	if (s == NULL)
		return;
	while ((f = TAILQ_FIRST(&s->pending)) != NULL)
		fetch_cancel(s, f);
	free(s);
}

static void
fetch_end(struct fetching *s, struct fetch *f, const struct msg_document *m)
{
	fetch_cb cb = f->cb;
	void	*arg = f->arg;

	fetch_cancel(s, f);
	cb(m, arg);
}

void
fetch_link(struct fetching *s, struct ipc_link *link)
{
	struct fetch *f;

	s->link = link;
	if (link != NULL)
		return;
	while ((f = TAILQ_FIRST(&s->pending)) != NULL)
		fetch_end(s, f, NULL);
}

static int
fetch_send(struct fetching *s, uint32_t id, const char *url)
{
	struct msg_get	 m;
	struct ibuf	*buf;
	char		 copy[MSG_MAX_URL + 1];

	if (strlcpy(copy, url, sizeof(copy)) >= sizeof(copy))
		return -1;
	m.url = copy;
	m.max = MSG_MAX_DOCUMENT;
	m.timeout_ms = FETCH_TIMEOUT;
	if ((buf = ibuf_dynamic(64, IPC_MAX_SMALL)) == NULL ||
	    msg_get_encode(buf, &m) == -1) {
		ibuf_free(buf);
		return -1;
	}
	return ipc_link_send(s->link, IMSG_FETCHER_GET, id, -1, buf);
}

/* Who asks for the same URL while it is fetched shares the answer. */
static const struct fetch *
fetch_same(const struct fetching *s, const char *url)
{
	const struct fetch *f;

	TAILQ_FOREACH(f, &s->pending, entry) {
		if (f->asked && strcmp(f->url, url) == 0)
			break;
	}
	return f;
}

struct fetch *
fetch_start(struct fetching *s, const char *url, uint64_t deadline,
    fetch_cb cb, void *arg)
{
	uint64_t	 late = queue_now() + FETCH_TIMEOUT + FETCH_SPARE;
	const struct fetch *same = fetch_same(s, url);
	struct fetch	*f;

	if (s->link == NULL || s->count >= s->max ||
	    (f = calloc(1, sizeof(*f))) == NULL)
		return NULL;
	if ((f->url = strdup(url)) == NULL) {
		free(f);
		return NULL;
	}
	f->asked = same == NULL;
	f->id = same != NULL ? same->id : ++s->next;
	f->deadline = deadline < late ? deadline : late;
	f->cb = cb;
	f->arg = arg;
	TAILQ_INSERT_TAIL(&s->pending, f, entry);
	s->count++;
	if (f->asked && fetch_send(s, f->id, url) == -1) {
		fetch_cancel(s, f);
		return NULL;
	}
	return f;
}

static struct fetch *
fetch_find(const struct fetching *s, uint32_t id)
{
	struct fetch *f;

	TAILQ_FOREACH(f, &s->pending, entry) {
		if (f->id == id)
			break;
	}
	return f;
}

void
fetch_answer(struct fetching *s, struct imsg *imsg)
{
	struct msg_document m;
	struct fetch	*f;
	struct ibuf	 buf;

	memset(&m, 0, sizeof(m));
	/* One that was given up, or that nobody asked for, is dropped. */
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_document_decode(&buf, &m) == -1)
		log_warnx("an answer of the fetcher cannot be read");
	else {
		while ((f = fetch_find(s, imsg_get_id(imsg))) != NULL)
			fetch_end(s, f, &m);
	}
	msg_document_free(&m);
}

void
fetch_expire(struct fetching *s, uint64_t now)
{
	struct fetch *f, *next;

	TAILQ_FOREACH_SAFE(f, &s->pending, entry, next) {
		if (f->deadline <= now)
			fetch_end(s, f, NULL);
	}
}
