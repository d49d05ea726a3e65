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
 * The broker's side of the hashers.  Room: broker.  Knows what to ask and
 * who is free, nothing of accounts or rights.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "log.h"
#include "queue.h"

struct hasher {
	TAILQ_ENTRY(hasher)	 entry;
	struct ipc_link		*link;
	unsigned		 busy;
};

struct hash_job {
	struct queue_item	 q;		/* first: casts */
	TAILQ_ENTRY(hash_job)	 entry;		/* of those that were sent */
	struct hasher		*hasher;	/* who has it */
	uint32_t		 id;
	char			 peer[HASH_MAX_PEER + 1];
	char			*password;
	char			*hash;		/* to check against */
	int			 check;		/* not: make one */
	hash_cb			 cb;		/* NULL: given up, yet sent */
	void			*arg;
};

struct hashing {
	struct queue		 queue;
	TAILQ_HEAD(, hash_job)	 sent;
	TAILQ_HEAD(, hasher)	 hashers;
	uint32_t		 next;
};

struct hashing *
hash_new(size_t max)
{
	struct hashing *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		fatal("calloc");
	queue_init(&h->queue, max);
	TAILQ_INIT(&h->sent);
	TAILQ_INIT(&h->hashers);
	return h;
}

static void
hash_wipe(char **s)
{
	if (*s != NULL)
		freezero(*s, strlen(*s));
	*s = NULL;
}

static void
hash_free(struct hash_job *job)
{
	hash_wipe(&job->password);
	hash_wipe(&job->hash);
	free(job);
}

/* Out of the queue, or out of the hands of its hasher. */
static void
hash_remove(struct hashing *h, struct hash_job *job)
{
	queue_remove(&h->queue, &job->q);
	if (job->hasher == NULL)
		return;
	TAILQ_REMOVE(&h->sent, job, entry);
	job->hasher->busy--;
	job->hasher = NULL;
}

/* The hasher works on it all the same, and is not free before it answers. */
static void
hash_forget(struct hash_job *job)
{
	job->cb = NULL;
	job->q.deadline = UINT64_MAX;
}

void
hash_cancel(struct hashing *h, struct hash_job *job)
{
	if (job->hasher != NULL) {
		hash_forget(job);
		return;
	}
	hash_remove(h, job);
	hash_free(job);
}

void
hash_delete(struct hashing *h)
{
	struct hash_job *job;
	struct hasher	*hasher;

	if (h == NULL)
		return;
	while ((job = TAILQ_FIRST(&h->sent)) != NULL) {
		hash_remove(h, job);
		hash_free(job);
	}
	while ((job = (struct hash_job *)queue_pop(&h->queue)) != NULL)
		hash_free(job);
	while ((hasher = TAILQ_FIRST(&h->hashers)) != NULL) {
		TAILQ_REMOVE(&h->hashers, hasher, entry);
		free(hasher);
	}
	free(h);
}

static void
hash_end(struct hashing *h, struct hash_job *job, enum hash_result result,
    int ok, const char *hash, int stale)
{
	hash_remove(h, job);
	if (job->cb != NULL)
		job->cb(result, ok, hash, stale, job->arg);
	hash_free(job);
}

static struct ibuf *
hash_encode(const struct hash_job *job)
{
	struct msg_check check = { job->password, job->hash };
	struct msg_hash	 hash = { job->password };
	struct ibuf	*buf;
	int		 error;

	if ((buf = ibuf_dynamic(256, IPC_MAX_SMALL)) == NULL)
		return NULL;
	if (!job->check)
		error = msg_hash_encode(buf, &hash);
	else
		error = msg_check_encode(buf, &check);
	if (error == -1) {
		ibuf_free(buf);
		return NULL;
	}
	return buf;
}

static int
hash_send(struct hashing *h, struct hasher *hasher, struct hash_job *job)
{
	struct ibuf *buf;

	if ((buf = hash_encode(job)) == NULL)
		return -1;
	job->id = ++h->next;
	if (ipc_link_send(hasher->link, job->check ? IMSG_HASHER_CHECK :
	    IMSG_HASHER_HASH, job->id, -1, buf) == -1)
		return -1;
	hash_wipe(&job->password);
	hash_wipe(&job->hash);
	job->hasher = hasher;
	hasher->busy++;
	TAILQ_INSERT_TAIL(&h->sent, job, entry);
	return 0;
}

/* Gives what waits to hashers that are free. */
static void
hash_dispatch(struct hashing *h)
{
	struct hasher	*it, *best;
	struct hash_job *job;

	while (h->queue.count > 0) {
		best = NULL;
		TAILQ_FOREACH(it, &h->hashers, entry) {
			if (it->busy < HASH_AT_ONCE && (best == NULL ||
			    it->busy < best->busy))
				best = it;
		}
		if (best == NULL)
			return;
		job = (struct hash_job *)queue_pop(&h->queue);
		if (hash_send(h, best, job) == -1) {
			/* the link's end will be told; this one waits on */
			queue_return(&h->queue, &job->q);
			return;
		}
	}
}

void
hash_link(struct hashing *h, struct ipc_link *link)
{
	struct hasher *hasher;

	if ((hasher = calloc(1, sizeof(*hasher))) == NULL)
		fatal("calloc");
	hasher->link = link;
	TAILQ_INSERT_TAIL(&h->hashers, hasher, entry);
	hash_dispatch(h);
}

void
hash_unlink(struct hashing *h, struct ipc_link *link)
{
	struct hash_job *job, *next;
	struct hasher	*hasher;

	TAILQ_FOREACH(hasher, &h->hashers, entry) {
		if (hasher->link == link)
			break;
	}
	if (hasher == NULL)
		return;
	TAILQ_REMOVE(&h->hashers, hasher, entry);
	TAILQ_FOREACH_SAFE(job, &h->sent, entry, next) {
		if (job->hasher == hasher)
			hash_end(h, job, HASH_AWAY, 0, "", 0);
	}
	free(hasher);
}

static void
hash_read_hashed(struct hashing *h, struct hash_job *job, struct ibuf *buf)
{
	struct msg_hashed m;

	memset(&m, 0, sizeof(m));
	if (msg_hashed_decode(buf, &m) == -1) {
		log_warnx("an answer of a hasher cannot be read");
		hash_end(h, job, HASH_AWAY, 0, "", 0);
	} else
		hash_end(h, job, HASH_ANSWERED, m.ok, m.hash, 0);
	msg_hashed_free(&m);
}

static void
hash_read_checked(struct hashing *h, struct hash_job *job, struct ibuf *buf)
{
	struct msg_checked m = { 0, 0 };

	if (msg_checked_decode(buf, &m) == -1) {
		log_warnx("an answer of a hasher cannot be read");
		hash_end(h, job, HASH_AWAY, 0, "", 0);
	} else
		hash_end(h, job, HASH_ANSWERED, m.ok, "", m.ok && m.stale);
}

void
hash_answer(struct hashing *h, struct imsg *imsg)
{
	struct hash_job *job;
	struct ibuf	 buf;
	int		 check = imsg_get_type(imsg) == IMSG_BROKER_CHECK_REP;

	TAILQ_FOREACH(job, &h->sent, entry) {
		if (job->id == imsg_get_id(imsg) && job->check == check)
			break;
	}
	if (job == NULL || imsg_get_ibuf(imsg, &buf) == -1)
		log_warnx("a hasher answers what nobody asked");
	else if (check)
		hash_read_checked(h, job, &buf);
	else
		hash_read_hashed(h, job, &buf);
	hash_dispatch(h);
}

void
hash_expire(struct hashing *h, uint64_t now)
{
	struct hash_job *job, *next;

	while ((job = (struct hash_job *)queue_expired(&h->queue, now)) !=
	    NULL)
		hash_end(h, job, HASH_EXPIRED, 0, "", 0);
	TAILQ_FOREACH_SAFE(job, &h->sent, entry, next) {
		if (job->q.deadline > now || job->cb == NULL)
			continue;
		job->cb(HASH_EXPIRED, 0, "", 0, job->arg);
		hash_forget(job);
	}
	hash_dispatch(h);
}

/* Questions of a peer that wait or are with a hasher. */
static unsigned
hash_count(const struct hashing *h, const char *peer)
{
	const struct queue_item	*q;
	const struct hash_job	*job;
	unsigned		 n = 0;

	TAILQ_FOREACH(q, &h->queue.items, entry)
		n += strcmp(((const struct hash_job *)q)->peer, peer) == 0;
	TAILQ_FOREACH(job, &h->sent, entry)
		n += strcmp(job->peer, peer) == 0;
	return n;
}

static struct hash_job *
hash_start(struct hashing *h, const char *peer, const char *password,
    const char *hash, uint64_t deadline, hash_cb cb, void *arg)
{
	struct hash_job *job;

	if (strlen(password) > MSG_MAX_PASSWORD ||
	    (peer[0] != '\0' && hash_count(h, peer) >= HASH_PER_PEER) ||
	    (job = calloc(1, sizeof(*job))) == NULL)
		return NULL;
	if (strlcpy(job->peer, peer, sizeof(job->peer)) >=
	    sizeof(job->peer)) {
		free(job);
		return NULL;
	}
	job->q.deadline = deadline;
	job->cb = cb;
	job->arg = arg;
	job->check = hash != NULL;
	job->password = strdup(password);
	job->hash = hash == NULL ? NULL : strdup(hash);
	if (job->password == NULL || (hash != NULL && job->hash == NULL) ||
	    queue_push(&h->queue, &job->q) == -1) {
		hash_free(job);
		return NULL;
	}
	hash_dispatch(h);
	return job;
}

struct hash_job *
hash_request(struct hashing *h, const char *peer, const char *password,
    uint64_t deadline, hash_cb cb, void *arg)
{
	return hash_start(h, peer, password, NULL, deadline, cb, arg);
}

struct hash_job *
check_request(struct hashing *h, const char *peer, const char *password,
    const char *hash, uint64_t deadline, hash_cb cb, void *arg)
{
	return hash_start(h, peer, password, hash, deadline, cb, arg);
}
