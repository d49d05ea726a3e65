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
 * Questions to the signer: numbered, with deadlines, bounded.
 * Room: broker.  A token that comes after its question was given up, or
 * that could not be stored, is reported to the signer's journal.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "log.h"
#include "queue.h"

struct sign {
	RB_ENTRY(sign)	 entry;
	uint32_t	 id;
	uint64_t	 deadline;
	sign_cb		 cb;
	void		*arg;
};
RB_HEAD(signs, sign);

struct signing {
	struct signs	 pending;
	size_t		 count;
	size_t		 max;
	uint32_t	 next;
};

static int
sign_compare(const struct sign *a, const struct sign *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return 0;
}

RB_PROTOTYPE(signs, sign, entry, sign_compare)
RB_GENERATE(signs, sign, entry, sign_compare)

struct signing *
sign_new(size_t max)
{
	struct signing *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		fatal("calloc");
	RB_INIT(&s->pending);
	s->max = max;
	return s;
}

static void
sign_remove(struct signing *s, struct sign *q)
{
	RB_REMOVE(signs, &s->pending, q);
	s->count--;
	free(q);
}

void
sign_delete(struct signing *s)
{
	struct sign *q;

	if (s == NULL)
		return;
	while ((q = RB_MIN(signs, &s->pending)) != NULL)
		sign_remove(s, q);
	free(s);
}

static int
sign_send(struct broker *b, uint32_t id, const struct msg_mint *m)
{
	struct ibuf *buf;

	buf = ibuf_dynamic(1024, IPC_MAX_MINT);
	if (buf == NULL || msg_mint_encode(buf, m) == -1) {
		log_warn("mint");
		ibuf_free(buf);
		return -1;
	}
	return ipc_link_send(b->signer, IMSG_SIGNER_MINT, id, -1, buf);
}

struct sign *
sign_start(struct broker *b, const struct msg_mint *m, uint64_t deadline,
    sign_cb cb, void *arg)
{
	struct signing	*s = b->signing;
	struct sign	*q;

	if (b->signer == NULL || s->count >= s->max ||
	    (q = calloc(1, sizeof(*q))) == NULL)
		return NULL;
	q->id = ++s->next;
	q->deadline = deadline;
	q->cb = cb;
	q->arg = arg;
	if (RB_INSERT(signs, &s->pending, q) != NULL) {
		free(q);	/* four billion later, still waiting */
		return NULL;
	}
	s->count++;
	if (sign_send(b, q->id, m) == -1) {
		sign_remove(s, q);
		return NULL;
	}
	return q;
}

void
sign_cancel(struct broker *b, struct sign *q)
{
	sign_remove(b->signing, q);
}

void
sign_abandon(struct broker *b, const uint8_t jti[UUID_LEN])
{
	struct ibuf *buf;

	if (b->signer == NULL)
		return;		/* its journal shows that by itself */
	if ((buf = ibuf_open(UUID_LEN)) == NULL ||
	    msg_add_raw(buf, jti, UUID_LEN) == -1) {
		log_warn("abandon");
		ibuf_free(buf);
		return;
	}
	if (ipc_link_send(b->signer, IMSG_SIGNER_ABANDON, 0, -1, buf) == -1)
		log_warn("abandon");
}

/* Ends a question; the callback may leave minted as it is. */
static void
sign_end(struct signing *s, struct sign *q, enum sign_result result,
    struct msg_minted *minted)
{
	sign_cb	 cb = q->cb;
	void	*arg = q->arg;

	sign_remove(s, q);
	cb(result, minted, arg);
}

void
sign_answer(struct broker *b, struct imsg *imsg)
{
	struct msg_minted minted;
	struct sign	 key, *q;
	struct ibuf	 buf;

	memset(&minted, 0, sizeof(minted));
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_minted_decode(&buf, &minted) == -1) {
		log_warnx("an answer of the signer cannot be read");
		goto done;
	}
	key.id = imsg_get_id(imsg);
	if ((q = RB_FIND(signs, &b->signing->pending, &key)) != NULL)
		sign_end(b->signing, q, SIGN_ANSWERED, &minted);
	else if (minted.error == MINT_OK)
		sign_abandon(b, minted.jti);
done:
	msg_minted_free(&minted);
}

void
sign_expire(struct broker *b, uint64_t now)
{
	struct signing	*s = b->signing;
	struct sign	*q, *next;

	RB_FOREACH_SAFE(q, signs, &s->pending, next) {
		if (q->deadline <= now)
			sign_end(s, q, SIGN_EXPIRED, NULL);
	}
}

void
sign_down(struct broker *b)
{
	struct signing	*s = b->signing;
	struct sign	*q;

	while ((q = RB_MIN(signs, &s->pending)) != NULL)
		sign_end(s, q, SIGN_AWAY, NULL);
}
