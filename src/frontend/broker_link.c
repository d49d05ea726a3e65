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
 * The link to this frontend's broker.  Each request has a number on the link,
 * a place in a table and a deadline; what breaks is answered, never
 * forgotten.  Room: frontend.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker_link.h"
#include "frontend.h"
#include "log.h"

#define LINK_MAX_WAITING	65535	/* 16 bit of the number */
#define LINK_MAX_QUEUED		4096	/* messages not yet written */
#define LINK_FIRST_SLOTS	64
#define LINK_TICK		100000	/* us between looks at deadlines */

TAILQ_HEAD(requests, request);

/* A place in the table; the number on the link is times << 16 | place. */
struct link_slot {
	struct request	*request;	/* NULL: free */
	uint16_t	 times;
	uint16_t	 next;		/* of the free ones */
};

static struct {
	struct ipc_link		*link;
	struct event		*tick;
	struct link_slot	*slots;
	unsigned int		 nslots;
	unsigned int		 free;	/* first free place, or nslots */
	unsigned int		 waiting;
	struct requests		 requests;	/* oldest first */
} broker;

static const struct problem
    link_down = { 503, "service_unavailable",
	"The service is starting or restarting", "", "Try again shortly.",
	"", "", "", "", 1 },
    link_broken = { 503, "service_unavailable",
	"The connection to the database's keeper broke",
	"It is not known whether the request took effect.",
	"Look before you repeat it.", "", "", "", "", 1 },
    link_busy = { 503, "overloaded", "Too many requests are waiting", "",
	"Try again shortly.", "", "", "", "", 1 },
    link_late = { 504, "timeout", "The answer took too long",
	"It is not known whether the request took effect.",
	"Look before you repeat it.", "", "", "", "", 0 },
    link_failed = { 500, "internal_error", "The server failed", "",
	"Tell the operator of this server the request id.",
	"", "", "", "", 0 };

unsigned int
broker_link_waiting(void)
{
	return broker.waiting;
}

static int
link_grow(void)
{
	struct link_slot	*slots;
	unsigned int		 i, n;

	n = broker.nslots == 0 ? LINK_FIRST_SLOTS : broker.nslots * 2;
	if (n > LINK_MAX_WAITING)
		n = LINK_MAX_WAITING;
	if (n == broker.nslots)
		return -1;
	slots = recallocarray(broker.slots, broker.nslots, n, sizeof(*slots));
	if (slots == NULL)
		return -1;
	for (i = broker.nslots; i < n; i++)
		slots[i].next = (uint16_t)(i + 1);
	broker.slots = slots;
	broker.free = broker.nslots;
	broker.nslots = n;
	return 0;
}

static uint32_t
link_number(const struct request *r)
{
	return (uint32_t)broker.slots[r->slot].times << 16 | r->slot;
}

static int
link_take(struct request *r)
{
	struct link_slot	*s;

	if (broker.free == broker.nslots && link_grow() == -1)
		return -1;
	r->slot = broker.free;
	s = &broker.slots[r->slot];
	broker.free = s->next;
	s->request = r;
	TAILQ_INSERT_TAIL(&broker.requests, r, entry);
	broker.waiting++;
	return 0;
}

/* r waits no longer; its number will mean nobody. */
static void
link_give(struct request *r)
{
	struct link_slot	*s = &broker.slots[r->slot];

	s->request = NULL;
	s->times++;
	s->next = (uint16_t)broker.free;
	broker.free = r->slot;
	TAILQ_REMOVE(&broker.requests, r, entry);
	broker.waiting--;
}

static void
link_cancel(const struct request *r)
{
	/* if it cannot be told, it finds out by itself: the answer is unread */
	if (broker.link != NULL)
		(void)ipc_link_send(broker.link, IMSG_BROKER_CANCEL,
		    link_number(r), -1, NULL);
}

static struct request *
link_find(uint32_t number)
{
	uint32_t	slot = number & 0xffff;

	if (slot >= broker.nslots ||
	    broker.slots[slot].times != number >> 16)
		return NULL;
	return broker.slots[slot].request;
}

static void
link_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	struct msg_reply	 m;
	struct request		*r;
	struct ibuf		 payload;

	(void)link;
	(void)arg;
	/* unknown: its client went away, or its time was over */
	if ((r = link_find(imsg_get_id(imsg))) == NULL)
		return;
	link_give(r);
	memset(&m, 0, sizeof(m));
	if (imsg_get_ibuf(imsg, &payload) == -1 ||
	    msg_reply_decode(&payload, &m) == -1) {
		log_warnx("an answer of the broker is malformed");
		request_problem(r, &link_failed);
	} else
		request_answer(r, &m);
	msg_reply_free(&m);
}

static void
link_down_cb(struct ipc_link *link, void *arg)
{
	struct request	*r;

	(void)arg;
	log_warnx("the link to the broker is down, %u requests waited",
	    broker.waiting);
	ipc_link_free(link);
	broker.link = NULL;
	while ((r = TAILQ_FIRST(&broker.requests)) != NULL) {
		link_give(r);
		request_problem(r, &link_broken);
	}
}

void
broker_link_set(int fd)
{
	if (broker.link != NULL)
		link_down_cb(broker.link, NULL);
	broker.link = ipc_link_new(frontend.base, fd, ROLE_FRONTEND,
	    ROLE_BROKER, link_message, link_down_cb, NULL);
	if (broker.link == NULL)
		log_warn("link to the broker");
}

static void
link_tick(evutil_socket_t fd, short what, void *arg)
{
	struct request	*r;
	uint64_t	 now = request_clock();

	(void)fd;
	(void)what;
	(void)arg;
	while ((r = TAILQ_FIRST(&broker.requests)) != NULL &&
	    now - r->start > (uint64_t)frontend.conf.request_timeout * 1000) {
		link_cancel(r);
		link_give(r);
		request_problem(r, &link_late);
	}
}

int
broker_link_init(void)
{
	const struct timeval	tv = { 0, LINK_TICK };

	TAILQ_INIT(&broker.requests);
	broker.tick = event_new(frontend.base, -1, EV_PERSIST, link_tick,
	    NULL);
	return broker.tick == NULL ? -1 : event_add(broker.tick, &tv);
}

static void
link_hidings(struct msg_request *m, const struct param_hidings *hidings)
{
	struct credential	 hint;

	m->client = hidings->text[HIDDEN_CLIENT_ID];
	m->csrf = hidings->text[HIDDEN_CSRF];
	m->password = hidings->text[HIDDEN_PASSWORD];
	m->new_password = hidings->text[HIDDEN_NEW_PASSWORD];
	m->secret = hidings->text[HIDDEN_SECRET];
	if (m->secret == NULL)
		return;
	credential_hint(&hint, m->secret, strlen(m->secret));
	m->secret_expiry = hint.hint_expiry;
	memcpy(m->secret_family, hint.hint_family, UUID_LEN);
}

int
broker_link_send(struct request *r, const struct credential *c,
    const char *arguments, const struct param_hidings *hidings,
    const struct problem **why)
{
	struct msg_request	 m;
	struct ibuf		*payload = NULL;
	char			*text = NULL;
	int			 ret = -1;

	*why = &link_down;
	if (broker.link == NULL)
		return -1;
	*why = &link_busy;
	if (ipc_link_queued(broker.link) > LINK_MAX_QUEUED)
		return -1;
	*why = &link_failed;
	memset(&m, 0, sizeof(m));
	memcpy(m.request_id, r->id, UUID_LEN);
	memcpy(m.hint_family, c->hint_family, UUID_LEN);
	m.timeout_ms = frontend.conf.request_timeout;
	/* the encoder reads only */
	m.operation = (char *)(uintptr_t)r->route->operation;
	m.credential_kind = c->kind;
	m.hint_expiry = c->hint_expiry;
	m.peer = r->peer;
	m.method = r->method;
	m.path = r->path;
	m.arguments = (char *)(uintptr_t)arguments;
	link_hidings(&m, hidings);
	if ((text = strndup(c->text.p == NULL ? "" : c->text.p,
	    c->text.len)) == NULL)
		goto done;
	m.credential = text;
	payload = ibuf_dynamic(strlen(arguments) + c->text.len + 512,
	    IPC_MAX_REQUEST);
	if (payload == NULL || msg_request_encode(payload, &m) == -1) {
		ibuf_free(payload);
		goto done;
	}
	*why = &link_busy;
	if (link_take(r) == -1) {
		ibuf_free(payload);
		goto done;
	}
	if (ipc_link_send(broker.link, IMSG_BROKER_REQUEST, link_number(r),
	    -1, payload) == -1) {
		link_give(r);
		*why = &link_failed;
		goto done;
	}
	ret = 0;
 done:
	if (text != NULL)
		freezero(text, c->text.len);
	return ret;
}

void
broker_link_forget(struct request *r)
{
	link_cancel(r);
	link_give(r);
	request_free(r);
}
