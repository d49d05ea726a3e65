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
 * Answers as events (text/event-stream): what a call says meanwhile, and
 * subscriptions/listen.  Room: frontend.  An open stream is not believed for
 * long: its credential is looked at again every few seconds.
 */

#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_link.h"
#include "frontend.h"
#include "log.h"
#include "mcp_int.h"

#define STREAM_TICK	1		/* s */
#define STREAM_ALIVE	15000000	/* us without a word */
#define STREAM_CHECK	4000000		/* us between looks at a credential */
#define STREAM_WATCH	1500000		/* us, of one that watches resources */
#define STREAM_AGAIN	2000000		/* us until all workers know it */
#define STREAM_RETRY	5		/* s, for whom there was no room */
#define STREAM_EVENTS	50		/* told in a second, of a call */
#define SUBSCRIPTION	"io.modelcontextprotocol/subscriptionId"

/* What can be listened to. */
static const struct {
	const char	*member, *method;
	unsigned int	 lists;		/* bits */
} stream_kinds[] = {
	{ "toolsListChanged", "notifications/tools/list_changed",
	    1U << MCP_LIST_TOOLS },
	{ "promptsListChanged", "notifications/prompts/list_changed",
	    1U << MCP_LIST_PROMPTS },
	{ "resourcesListChanged", "notifications/resources/list_changed",
	    1U << MCP_LIST_RESOURCES | 1U << MCP_LIST_TEMPLATES },
};
#define STREAM_KINDS	(sizeof(stream_kinds) / sizeof(stream_kinds[0]))

static struct {
	struct event		*tick;
	struct mcp_streams	 open;
	uint64_t		 digests[MCP_LIST__MAX];
	unsigned int		 again;	/* lists to be told once more */
	uint64_t		 due;	/* us: when */
} streams;

/* --- events ------------------------------------------------------ */

enum stream_full { STREAM_OPEN, STREAM_FULL, STREAM_SHARE_TAKEN };

/* From now on its credential is looked at again. */
static void
stream_follow(struct mcp *m)
{
	const struct timeval	tv = { STREAM_TICK, 0 };

	if (TAILQ_EMPTY(&streams.open)) {
		streams.again = 0;
		(void)event_add(streams.tick, &tv);
	}
	TAILQ_INSERT_TAIL(&streams.open, m, entries);
	m->followed = 1;
}

static enum stream_full
stream_open(struct mcp *m)
{
	struct http_reply	head;

	if (m->streaming)
		return STREAM_OPEN;
	if (!m->can_stream)
		return STREAM_FULL;
	if (mcp_share_take(m) == -1)
		return STREAM_SHARE_TAKEN;
	memset(&head, 0, sizeof(head));
	head.status = 200;
	head.type = "text/event-stream";
	http_reply_header(&head, "Cache-Control", "no-store");
	/* a proxy before us shall not wait for more */
	http_reply_header(&head, "X-Accel-Buffering", "no");
	if (request_stream(m->r, &head) == -1) {
		mcp_share_give(m);
		return STREAM_FULL;
	}
	m->streaming = 1;
	stream_follow(m);
	return STREAM_OPEN;
}

/* 0, or -1: the client is gone, and m will be. */
int
mcp_stream_event(struct mcp *m, const struct json_buf *b)
{
	struct json_buf	e;
	size_t		i;
	int		ret;

	json_buf_init(&e, MCP_MAX_ANSWER + 64);
	json_put_bytes(&e, "data: ", 6);
	json_put_bytes(&e, b->data, b->len);
	/* JSON has line ends between values only, an event none at all */
	for (i = 0; !e.failed && i < e.len; i++)
		if (e.data[i] == '\n' || e.data[i] == '\r')
			e.data[i] = ' ';
	json_put_bytes(&e, "\n\n", 2);
	ret = e.failed ? -1 : request_stream_write(m->r, e.data, e.len);
	m->written = request_clock();
	json_buf_free(&e);
	return ret;
}

void
mcp_stream_end(struct mcp *m, const struct json_buf *b)
{
	struct mcp_error	e;
	struct json_buf		instead;
	int			ret;

	if (!b->failed)
		ret = mcp_stream_event(m, b);
	else {
		mcp_fail(&e, 500, RPC_INTERNAL_ERROR,
		    "The answer is too large");
		json_buf_init(&instead, 4096);
		rpc_error(&instead, m->rpc.id, &e);
		ret = mcp_stream_event(m, &instead);
		json_buf_free(&instead);
	}
	if (ret == 0)
		request_stream_end(m->r);
}

/* --- what a call says meanwhile ---------------------------------- */

static double
stream_number(const struct json_value *v)
{
	if (v == NULL || (v->type != JSON_INTEGER && v->type != JSON_REAL))
		return NAN;
	return strtod(v->u.text, NULL);
}

/* Only with a token, and only upwards. */
static int
told_progress(struct mcp *m, struct json_buf *b, const struct json_value *v)
{
	const struct json_value	*done = json_get(v, "progress"), *one;
	double			 n = stream_number(done);

	if (m->meta.progress == NULL || isnan(n) || n <= m->progress)
		return -1;
	m->progress = n;
	rpc_notification_open(b, "notifications/progress");
	json_name(b, "progressToken");
	json_put_value(b, m->meta.progress);
	json_name(b, "progress");
	json_put_value(b, done);
	if (!isnan(stream_number(one = json_get(v, "total")))) {
		json_name(b, "total");
		json_put_value(b, one);
	}
	if (json_get_text(v, "message") != NULL)
		json_member_text(b, "message", json_get_text(v, "message"));
	rpc_notification_close(b);
	return 0;
}

static int
told_log(struct mcp *m, struct json_buf *b, const struct json_value *v)
{
	const char		*name = json_get_text(v, "level");
	const struct json_value	*data = json_get(v, "data");
	enum mcp_level		 level;

	level = name == NULL ? LEVEL_NONE : mcp_level(name);
	if (m->meta.level == LEVEL_NONE || level == LEVEL_NONE ||
	    level < m->meta.level)
		return -1;
	rpc_notification_open(b, "notifications/message");
	json_member_text(b, "level", name);
	if (json_get_text(v, "logger") != NULL)
		json_member_text(b, "logger", json_get_text(v, "logger"));
	json_name(b, "data");
	if (data == NULL)
		json_put_null(b);
	else
		json_put_value(b, data);
	rpc_notification_close(b);
	return 0;
}

void
mcp_told(struct request *r, uint8_t kind, const char *json)
{
	struct mcp	*m = r->state;
	struct json_doc	*doc;
	struct json_buf	 b;
	uint64_t	 second = request_clock() / 1000000;
	int		 said;

	if (second != m->second) {
		m->second = second;
		m->told = 0;
	}
	if (m->told >= STREAM_EVENTS || !m->can_stream ||
	    (doc = json_parse(json, strlen(json), &rpc_limits, NULL)) == NULL)
		return;
	json_buf_init(&b, 2 * MSG_MAX_EVENT);
	said = kind == EVENT_PROGRESS ?
	    told_progress(m, &b, json_root(doc)) :
	    told_log(m, &b, json_root(doc));
	if (said == 0 && !b.failed) {
		m->told++;
		/* too many streams: then it is told without */
		if (stream_open(m) != STREAM_OPEN)
			m->can_stream = 0;
		else
			(void)mcp_stream_event(m, &b);
	}
	json_buf_free(&b);
	json_free(doc);
}

/* --- subscriptions/listen ---------------------------------------- */

uint64_t
mcp_digest(uint64_t hash, const void *data, size_t len)
{
	const unsigned char	*p = data;

	while (len-- > 0)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash;
}

static uint64_t
digest_value(uint64_t hash, const struct json_value *v)
{
	const struct json_value	*one;

	if (v == NULL)
		return mcp_digest(hash, "", 1);
	hash = mcp_digest(hash, &v->type, sizeof(v->type));
	if (v->name != NULL)
		hash = mcp_digest(hash, v->name, strlen(v->name));
	if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
		for (one = json_first(v); one != NULL; one = one->next)
			hash = digest_value(hash, one);
	} else if (v->type == JSON_BOOL)
		hash = mcp_digest(hash, &v->u.truth, sizeof(v->u.truth));
	else if (v->type != JSON_NULL)
		hash = mcp_digest(hash, v->u.text, strlen(v->u.text));
	return mcp_digest(hash, "", 1);
}

/* All that a list shows of an entry, and whom. */
static uint64_t
digest_entry(uint64_t hash, const struct catalogue_entry *e)
{
	const char *const	 texts[] = { e->name, e->tool, e->title,
	    e->description, e->uri, e->mime, e->scope };
	const int		 flags[] = { e->read_only, e->destructive,
	    e->idempotent, e->open_world, e->paged };
	size_t			 i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] != NULL)
			hash = mcp_digest(hash, texts[i], strlen(texts[i]) + 1);
	hash = mcp_digest(hash, flags, sizeof(flags));
	hash = mcp_digest(hash, &e->max_rows, sizeof(e->max_rows));
	hash = digest_value(hash, e->arguments);
	return digest_value(hash, e->result);
}

/* Which lists are not what they were: bits. */
static unsigned int
streams_changed(const struct catalogue *c)
{
	unsigned int	changed = 0, list;
	uint64_t	hash;
	size_t		i;

	for (list = 0; list < MCP_LIST__MAX; list++) {
		hash = MCP_DIGEST;
		for (i = 0; i < c->n; i++)
			if (mcp_in_list(&c->entries[i], list))
				hash = digest_entry(hash, &c->entries[i]);
		if (hash != streams.digests[list])
			changed |= 1U << list;
		streams.digests[list] = hash;
	}
	return changed;
}

void
mcp_stream_put_subscription(const struct mcp *m, struct json_buf *b)
{
	json_name(b, "_meta");
	json_object_open(b);
	json_name(b, SUBSCRIPTION);
	json_put_value(b, m->rpc.id);
	json_object_close(b);
}

/* Tells of the lists that changed and were asked for. */
static void
stream_tell(struct mcp *m, unsigned int lists)
{
	struct json_buf	b;
	size_t		i;
	int		ret = 0;

	for (i = 0; i < STREAM_KINDS && ret == 0; i++) {
		if ((m->filter & lists & stream_kinds[i].lists) == 0)
			continue;
		json_buf_init(&b, 4096);
		rpc_notification_open(&b, stream_kinds[i].method);
		mcp_stream_put_subscription(m, &b);
		rpc_notification_close(&b);
		ret = mcp_stream_event(m, &b);
		json_buf_free(&b);
	}
}

int
mcp_listen_prepare(struct mcp *m)
{
	const struct json_value	*wants, *v;
	size_t			 i;

	wants = json_get(m->rpc.params, "notifications");
	if (wants == NULL || wants->type != JSON_OBJECT)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "notifications must be an object");
	if (!m->can_stream) {
		mcp_fail(&m->error, 406, 406,
		    "Accept must have text/event-stream");
		return -1;
	}
	for (i = 0; i < STREAM_KINDS; i++) {
		v = json_get(wants, stream_kinds[i].member);
		if (v != NULL && v->type == JSON_BOOL && v->u.truth)
			m->filter |= stream_kinds[i].lists;
	}
	return mcp_watch_prepare(m, wants);
}

/* A result ends it well: the client may open it again. */
static void
listen_over(struct request *r)
{
	struct mcp	*m = r->state;
	struct json_buf	 b;

	json_buf_init(&b, 4096);
	rpc_result_open(&b, m->rpc.id);
	json_member_text(&b, "resultType", "complete");
	mcp_stream_put_subscription(m, &b);
	rpc_result_close(&b);
	mcp_stream_end(m, &b);
	json_buf_free(&b);
}

static void
listen_unchecked(struct request *r, const struct problem *p)
{
	struct mcp	*m = r->state;

	/* the broker comes back, or the next look fails, too */
	(void)p;
	m->checking = 0;
	m->checked = request_clock();
}

/*
 * What is visible now.  1 if it is not what it was though nothing else was
 * published: then it is the caller's rights that changed.
 */
static int
listen_see(struct mcp *m, const struct json_value *said)
{
	uint64_t	seen;
	int64_t		generation = 0;
	int		changed;

	(void)json_get_integer(said, "generation", &generation);
	seen = digest_value(MCP_DIGEST, json_get(said, "names"));
	seen = digest_value(seen, json_get(said, "scopes"));
	changed = generation == m->generation && seen != m->seen;
	m->seen = seen;
	m->generation = generation;
	return changed;
}

static void
listen_checked(struct request *r, const struct msg_reply *reply)
{
	struct mcp		*m = r->state;
	struct mcp_error	 e;
	struct json_doc		*doc;

	m->checking = 0;
	m->checked = request_clock();
	if (reply->status == 401 || reply->status == 403) {
		mcp_fail(&e, reply->status, reply->status, reply->message);
		mcp_refuse(m, &e);
		return;
	}
	if (reply->status >= 300 || (doc = json_parse(reply->body,
	    reply->body_len, NULL, NULL)) == NULL)
		return;
	if (listen_see(m, json_root(doc)))
		stream_tell(m, ~0U);
	mcp_watch_tell(m, json_root(doc));
	mcp_watch_remember(m, json_root(doc));
	json_free(doc);
}

static void
listen_check(struct mcp *m)
{
	const struct problem	*why;

	m->r->answered = listen_checked;
	m->r->failed = listen_unchecked;
	if (broker_link_ask(m->r, MCP_VISIBLE, NULL, mcp_watch_arguments(m),
	    &why) == 0)
		m->checking = 1;
	else
		m->checked = request_clock();
}

static void
streams_tick(evutil_socket_t fd, short what, void *arg)
{
	struct mcp	*m, *next;
	uint64_t	 now = request_clock();
	unsigned int	 again = streams.again;

	(void)fd;
	(void)what;
	(void)arg;
	if (now < streams.due)
		again = 0;
	else
		streams.again = 0;
	TAILQ_FOREACH_SAFE(m, &streams.open, entries, next) {
		if (again != 0)
			stream_tell(m, again);
		if (!m->checking && now - m->checked >
		    (m->watches != NULL ? STREAM_WATCH : STREAM_CHECK)) {
			if (m->listening)
				listen_check(m);
			else
				mcp_running_look(m);
		}
		if (now - m->written > STREAM_ALIVE) {
			m->written = now;
			(void)request_stream_write(m->r, ":\n\n", 3);
		}
	}
}

/*
 * After a catalogue was put in the place of another.  Who asks for the list
 * at once may meet a worker that does not know of it yet: hence once more.
 */
static void
streams_catalogue(void)
{
	unsigned int	 lists = streams_changed(catalogue_now());
	struct mcp	*m, *next;

	if (TAILQ_EMPTY(&streams.open))
		return;
	streams.again |= lists;
	streams.due = request_clock() + STREAM_AGAIN;
	TAILQ_FOREACH_SAFE(m, &streams.open, entries, next)
		stream_tell(m, lists);
}

static void
listen_acknowledge(struct mcp *m, const struct json_value *said)
{
	struct json_buf	b;
	size_t		i;

	json_buf_init(&b, MSG_MAX_ARGUMENTS);
	rpc_notification_open(&b, "notifications/subscriptions/acknowledged");
	mcp_stream_put_subscription(m, &b);
	json_name(&b, "notifications");
	json_object_open(&b);
	for (i = 0; i < STREAM_KINDS; i++)
		if (m->filter & stream_kinds[i].lists)
			json_member_bool(&b, stream_kinds[i].member, 1);
	mcp_watch_acknowledge(m, &b, said);
	json_object_close(&b);
	rpc_notification_close(&b);
	(void)mcp_stream_event(m, &b);
	json_buf_free(&b);
}

static void
listen_refuse(struct mcp *m, enum stream_full why)
{
	struct mcp_error	e;

	if (why == STREAM_SHARE_TAKEN) {
		mcp_fail(&e, 429, 429, "");
		/* fits */
		(void)snprintf(e.message, sizeof(e.message),
		    "This credential has its share of open streams, %u: "
		    "close one", mcp_share_max(frontend.conf.streams_max));
	} else
		mcp_fail(&e, 503, 503, "Too many streams are open");
	e.retry_after = STREAM_RETRY;
	mcp_refuse(m, &e);
}

void
mcp_listen(struct mcp *m, const struct msg_reply *reply)
{
	enum stream_full	why;
	const struct json_value	*said;
	struct json_doc		*doc;

	if ((why = stream_open(m)) != STREAM_OPEN) {
		listen_refuse(m, why);
		return;
	}
	m->listening = 1;
	m->checked = request_clock();
	m->r->draining = listen_over;
	/* one that cannot be read tells of nothing */
	doc = json_parse(reply->body, reply->body_len, NULL, NULL);
	said = doc == NULL ? NULL : json_root(doc);
	(void)listen_see(m, said);
	mcp_watch_remember(m, said);
	listen_acknowledge(m, said);
	json_free(doc);
}

void
mcp_stream_forget(struct mcp *m)
{
	mcp_share_give(m);
	if (!m->followed)
		return;
	m->followed = 0;
	TAILQ_REMOVE(&streams.open, m, entries);
	if (TAILQ_EMPTY(&streams.open))
		(void)event_del(streams.tick);
}

int
mcp_stream_init(void)
{
	TAILQ_INIT(&streams.open);
	mcp_share_init();
	streams.tick = event_new(frontend.base, -1, EV_PERSIST, streams_tick,
	    NULL);
	if (streams.tick == NULL)
		return -1;
	(void)streams_changed(catalogue_now());
	catalogue_on_change(streams_catalogue);
	return 0;
}
