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
#include "code.h"
#include "frontend.h"
#include "json.h"
#include "log.h"

#define LINK_MAX_WAITING	65535	/* 16 bit of the number */
#define LINK_MAX_QUEUED		4096	/* messages not yet written */
#define LINK_FIRST_SLOTS	64
#define LINK_TICK		100000	/* us between looks at deadlines */

TAILQ_HEAD(requests, request);

void (*broker_link_catalogue)(uint64_t, const char *, size_t);

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
	struct requests		 requests;	/* by r->late */
} broker;

static const struct problem
    link_down = { 503, CODE_UNAVAILABLE,
	"The service is starting or restarting", "", "Try again shortly.",
	"", "", "", "", 1 },
    link_broken = { 503, CODE_OUTCOME_UNKNOWN,
	"The connection to the database's keeper broke",
	"It is not known whether the request took effect.",
	"Look before you repeat it.", "", "", "", "", 1 },
    link_busy = { 503, CODE_BUSY, "Too many requests are waiting", "",
	"Try again shortly.", "", "", "", "", 1 },
    link_late = { 504, CODE_TIMEOUT, "The answer took too long",
	"It is not known whether the request took effect.",
	"Look before you repeat it.", "", "", "", "", 0 };

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

/* In the order of deadlines: nearly always at the end. */
static void
link_insert(struct request *r)
{
	struct request	*before;
	uint64_t	 ms = r->timeout_ms;

	if (ms == 0)
		ms = frontend.conf.request_timeout;
	r->late = request_clock() + ms * 1000;
	before = TAILQ_LAST(&broker.requests, requests);
	while (before != NULL && before->late > r->late)
		before = TAILQ_PREV(before, requests, entry);
	if (before == NULL)
		TAILQ_INSERT_HEAD(&broker.requests, r, entry);
	else
		TAILQ_INSERT_AFTER(&broker.requests, before, r, entry);
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
	link_insert(r);
	r->waiting = 1;
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
	r->waiting = 0;
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
link_reply(struct imsg *imsg)
{
	struct msg_reply	 m;
	struct request		*r;
	struct ibuf		 payload;

	/* unknown: its client went away, or its time was over */
	if ((r = link_find(imsg_get_id(imsg))) == NULL)
		return;
	link_give(r);
	memset(&m, 0, sizeof(m));
	if (imsg_get_ibuf(imsg, &payload) == -1 ||
	    msg_reply_decode(&payload, &m) == -1) {
		log_warnx("an answer of the broker is malformed");
		request_failed(r, &problem_internal);
	} else {
		r->quiet = m.status >= 400;
		if (r->answered != NULL)
			r->answered(r, &m);
		else
			request_answer(r, &m);
	}
	msg_reply_free(&m);
}

/* The text comes out of foreign SQL: only an object is handed on. */
static int
link_is_object(const char *text)
{
	static const struct json_limits	 limits = { MSG_MAX_EVENT, 16, 4096,
	    4096, 1 };
	struct json_doc			*doc;
	int				 ret;

	doc = json_parse(text, strlen(text), &limits, NULL);
	ret = doc != NULL && json_root(doc)->type == JSON_OBJECT;
	json_free(doc);
	return ret;
}

static void
link_event(struct imsg *imsg)
{
	struct msg_event	 m;
	struct request		*r;
	struct ibuf		 payload;

	if ((r = link_find(imsg_get_id(imsg))) == NULL || r->told == NULL)
		return;
	memset(&m, 0, sizeof(m));
	if (imsg_get_ibuf(imsg, &payload) == -1 ||
	    msg_event_decode(&payload, &m) == -1)
		log_warnx("an event of the broker is malformed");
	else if (!link_is_object(m.text))
		log_debug("an event is no JSON object");
	else
		r->told(r, m.kind, m.text);
	msg_event_free(&m);
}

static void
link_catalogue(struct imsg *imsg)
{
	struct msg_catalogue	 m;
	struct ibuf		 payload;

	if (broker_link_catalogue == NULL)
		return;
	memset(&m, 0, sizeof(m));
	if (imsg_get_ibuf(imsg, &payload) == -1 ||
	    msg_catalogue_decode(&payload, &m) == -1)
		log_warnx("a catalogue of the broker is malformed");
	else
		broker_link_catalogue(m.generation, m.body, m.body_len);
	msg_catalogue_free(&m);
}

static void
link_message(struct ipc_link *link, struct imsg *imsg, void *arg)
{
	(void)link;
	(void)arg;
	switch (imsg_get_type(imsg)) {
	case IMSG_FRONTEND_REPLY:
		link_reply(imsg);
		break;
	case IMSG_FRONTEND_EVENT:
		link_event(imsg);
		break;
	case IMSG_FRONTEND_CATALOGUE:
		link_catalogue(imsg);
		break;
	}
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
		request_failed(r, &link_broken);
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
	    now > r->late) {
		link_cancel(r);
		link_give(r);
		request_failed(r, &link_late);
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

/* What every question has; the encoder reads only. */
static void
link_fill(struct msg_request *m, struct request *r, const char *operation,
    const struct credential *c, const char *arguments)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->request_id, r->id, UUID_LEN);
	memcpy(m->hint_family, c->hint_family, UUID_LEN);
	m->timeout_ms = r->timeout_ms;
	if (m->timeout_ms == 0)
		m->timeout_ms = frontend.conf.request_timeout;
	m->operation = (char *)(uintptr_t)operation;
	m->credential_kind = c->kind;
	m->hint_expiry = c->hint_expiry;
	m->peer = r->peer;
	m->method = r->method;
	m->path = r->path;
	m->arguments = (char *)(uintptr_t)arguments;
	m->wants_events = r->told != NULL;
}

/* 0, or -1: r waits for nothing. */
static int
link_ask(struct request *r, struct msg_request *m, const struct problem **why)
{
	struct ibuf	*payload;

	*why = &link_down;
	if (broker.link == NULL)
		return -1;
	*why = &link_busy;
	if (ipc_link_queued(broker.link) > LINK_MAX_QUEUED)
		return -1;
	*why = &problem_internal;
	payload = ibuf_dynamic(strlen(m->arguments) + 1024, IPC_MAX_REQUEST);
	if (payload == NULL || msg_request_encode(payload, m) == -1) {
		ibuf_free(payload);
		return -1;
	}
	*why = &link_busy;
	if (link_take(r) == -1) {
		ibuf_free(payload);
		return -1;
	}
	if (ipc_link_send(broker.link, IMSG_BROKER_REQUEST, link_number(r),
	    -1, payload) == -1) {
		link_give(r);
		*why = &problem_internal;
		return -1;
	}
	return 0;
}

int
broker_link_send(struct request *r, const struct credential *c,
    const char *arguments, const struct param_hidings *hidings,
    const struct problem **why)
{
	struct msg_request	 m;
	int			 ret;

	link_fill(&m, r, r->route->operation, c, arguments);
	link_hidings(&m, hidings);
	*why = &problem_internal;
	if ((m.credential = strndup(c->text.p == NULL ? "" : c->text.p,
	    c->text.len)) == NULL)
		return -1;
	ret = link_ask(r, &m, why);
	freezero(m.credential, strlen(m.credential));
	return ret;
}

/* The credential's own text goes when its request is over. */
static int
link_keep(struct request *r, const struct credential *c)
{
	char	*text;

	text = strndup(c->text.p == NULL ? "" : c->text.p, c->text.len);
	if (text == NULL)
		return -1;
	msg_wipe_str(&r->credential_text);
	r->credential_text = text;
	r->credential = *c;
	r->credential.text.p = text;
	return 0;
}

int
broker_link_ask(struct request *r, const char *operation,
    const struct credential *c, const char *arguments,
    const struct problem **why)
{
	struct msg_request	 m;

	*why = &problem_internal;
	if (r->waiting || (c != NULL && link_keep(r, c) == -1) ||
	    r->credential_text == NULL)
		return -1;
	link_fill(&m, r, operation, &r->credential, arguments);
	m.credential = r->credential_text;
	m.csrf = r->csrf;
	return link_ask(r, &m, why);
}

void
broker_link_cancel(struct request *r)
{
	if (!r->waiting)
		return;
	if (!r->goes_on)
		link_cancel(r);
	link_give(r);
}

void
broker_link_forget(struct request *r)
{
	broker_link_cancel(r);
	request_free(r);
}
