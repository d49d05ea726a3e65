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
 * Calls that run: whether the credential of an open stream is still good,
 * and notifications/cancelled of the revisions that have it.  Room:
 * frontend.  What only reads is cancelled, what writes is not: of that the
 * answer is withheld.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker_link.h"
#include "frontend.h"
#include "log.h"
#include "mcp.h"
#include "mcp_int.h"
#include "msg.h"

#define RUNNING_LISTS	256	/* lists to search */
#define RUNNING_QUEUED	1024	/* messages not yet written to the parent */
#define CANCELLED	"notifications/cancelled"

static struct mcp_streams	 running[RUNNING_LISTS];

static struct mcp_streams *
running_list(uint64_t which)
{
	return &running[which >> 32 & (RUNNING_LISTS - 1)];
}

/* The call is over for its client.  Frees m. */
static void
running_end(struct mcp *m, const struct mcp_error *e)
{
	m->r->goes_on = 0;
	broker_link_cancel(m->r);
	mcp_refuse(m, e);
}

/* --- whether it is still believed --------------------------------- */

static void
look_answered(struct request *look, const struct msg_reply *reply)
{
	struct mcp		*m = look->state;
	struct mcp_error	 e;

	m->checking = 0;
	m->checked = request_clock();
	if (reply->status == 401 || reply->status == 403)
		mcp_fail(&e, reply->status, reply->status, reply->message);
	else if (reply->status < 300 && !mcp_is_visible(reply, m->entry->name))
		mcp_fail(&e, 403, 403, "It is not open to this token any more");
	else
		return;
	running_end(m, &e);
}

/* The broker comes back, or the next look fails, too. */
static void
look_failed(struct request *look, const struct problem *p)
{
	struct mcp	*m = look->state;

	(void)p;
	m->checking = 0;
	m->checked = request_clock();
}

/* A request of nobody's: that of m waits for its own answer. */
static struct request *
look_new(struct mcp *m)
{
	size_t		 len = strlen(m->r->path);
	struct request	*look;

	if ((look = calloc(1, sizeof(*look) + len + 1)) == NULL)
		return NULL;
	memcpy(look->path, m->r->path, len);
	memcpy(look->id, m->r->id, sizeof(look->id));
	memcpy(look->peer, m->r->peer, sizeof(look->peer));
	memcpy(look->method, m->r->method, sizeof(look->method));
	look->state = m;
	look->answered = look_answered;
	look->failed = look_failed;
	return look;
}

void
mcp_running_look(struct mcp *m)
{
	const struct problem	*why;

	m->checked = request_clock();
	if (m->look == NULL && (m->look = look_new(m)) == NULL)
		log_warn("mcp");
	else if (broker_link_ask(m->look, MCP_VISIBLE, &m->r->credential,
	    "{}", &why) == 0)
		m->checking = 1;
}

/* --- notifications/cancelled -------------------------------------- */

/* Whose it is and its id.  What is told of both to others is no secret. */
static void
running_key(struct mcp_key *key, const struct request *r,
    const struct json_value *id)
{
	const char	*text = r->credential_text;

	key->whose = text == NULL ? 0 : mcp_digest(MCP_DIGEST, text,
	    strlen(text));
	key->which = mcp_digest(key->whose, id->type == JSON_STRING ? "s" :
	    "i", 1);
	key->which = mcp_digest(key->which, id->u.text, id->len);
}

void
mcp_running_add(struct mcp *m)
{
	/* in the other era the end of the stream says it */
	if (m->meta.era != ERA_LEGACY || m->rpc.id == NULL ||
	    m->entry == NULL || m->failed || !m->entry->read_only)
		return;
	running_key(&m->key, m->r, m->rpc.id);
	TAILQ_INSERT_TAIL(running_list(m->key.which), m, runners);
	m->running = 1;
}

void
mcp_running_forget(struct mcp *m)
{
	if (m->running)
		TAILQ_REMOVE(running_list(m->key.which), m, runners);
	m->running = 0;
	if (m->look != NULL)
		request_free(m->look);
	m->look = NULL;
}

/*
 * Calls with this key, and the last of them: more than one when a client runs
 * several times with one token, and each counts its ids from the beginning.
 */
static unsigned int
running_find(const struct mcp_key *key, struct mcp **found)
{
	struct mcp	*m;
	unsigned int	 n = 0;

	TAILQ_FOREACH(m, running_list(key->which), runners)
		if (m->key.whose == key->whose &&
		    m->key.which == key->which) {
			*found = m;
			n++;
		}
	return n;
}

/* How many there are; if it is one, it is ended. */
static unsigned int
running_cancel(const struct mcp_key *key)
{
	struct mcp_error	 e;
	struct mcp		*m;
	unsigned int		 n;

	if ((n = running_find(key, &m)) == 1) {
		mcp_fail(&e, 200, RPC_CANCELLED, "The client cancelled it");
		running_end(m, &e);
	}
	return n;
}

/* To the other workers, by the parent; lost if there is no room for it. */
static void
running_pass_on(const struct mcp_key *key)
{
	struct ibuf	*buf;

	if (ipc_link_queued(frontend.parent) > RUNNING_QUEUED)
		return;
	buf = ibuf_dynamic(0, IPC_CANCELLED);
	if (buf == NULL || msg_add_u64(buf, key->whose) == -1 ||
	    msg_add_u64(buf, key->which) == -1) {
		ibuf_free(buf);
		log_warn("mcp");
	} else if (ipc_link_send(frontend.parent, IMSG_PARENT_CANCELLED, 0,
	    -1, buf) == -1)
		log_warn("%s cannot be passed on", CANCELLED);
}

void
mcp_running_notified(const struct mcp *m)
{
	const struct json_value	*id = json_get(m->rpc.params, "requestId");
	struct mcp_key		 key;

	if (m->meta.era != ERA_LEGACY || id == NULL || !rpc_is_id(id) ||
	    strcmp(m->rpc.method, CANCELLED) != 0)
		return;
	running_key(&key, m->r, id);
	if (running_cancel(&key) == 0)
		running_pass_on(&key);
}

void
mcp_cancelled(struct ibuf *buf)
{
	struct mcp_key	key;

	if (msg_get_u64(buf, &key.whose) == -1 ||
	    msg_get_u64(buf, &key.which) == -1 || msg_end(buf) == -1)
		log_warnx("a message of the parent is malformed");
	else
		(void)running_cancel(&key);
}

void
mcp_running_init(void)
{
	size_t	i;

	for (i = 0; i < RUNNING_LISTS; i++)
		TAILQ_INIT(&running[i]);
}
