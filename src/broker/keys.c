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
 * Public keys: this host's go from the signer into the table, the other
 * hosts' from the table to the signer, which checks their MACs; so go this
 * host's former ones, until no token of theirs lives.  Room: broker, which can
 * neither make nor check one and only carries them.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "log.h"
#include "queue.h"

#define KEYS_MAX	16		/* of this host */
#define KEYS_DEADLINE	(10 * 1000)	/* ms */

struct keys_own {
	struct broker		*broker;
	struct msg_pubkey	 key;
	int			 claimed;	/* by the present signer */
	int			 published;
	int			 busy;
};

struct keys {
	struct keys_own	 own[KEYS_MAX];
	size_t		 nown;
	int		 reading;
};

static void	keys_publish(struct keys_own *);
static void	keys_read(struct broker *);

struct keys *
keys_new(void)
{
	struct keys *k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		fatal("calloc");
	return k;
}

void
keys_delete(struct keys *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < k->nown; i++)
		msg_pubkey_free(&k->own[i].key);
	free(k);
}

void
keys_refresh(struct broker *b)
{
	struct keys *k = b->keys;
	size_t i;

	for (i = 0; i < k->nown; i++)
		keys_publish(&k->own[i]);
	keys_read(b);
}

static void
keys_published(struct unit *u, void *arg)
{
	struct keys_own	*own = arg;
	struct db_error	 e;

	own->busy = 0;
	if (unit_result(u) == UNIT_DONE) {
		own->published = 1;
		return;
	}
	unit_error(u, &e);
	log_warnx("signing key %s is not published yet: %s %s",
	    own->key.kid, errmap_result(unit_result(u)),
	    log_vis(e.message, strlen(e.message)));
}

static void
keys_publish(struct keys_own *own)
{
	struct unit *u;

	if (!own->claimed || own->published || own->busy ||
	    (u = unit_new(DB_WRITE, queue_now() + KEYS_DEADLINE,
	    keys_published, own)) == NULL)
		return;
	unit_query(u, QUERY_GATE_PUBLISH_KEY);
	unit_text(u, own->key.kid);
	unit_text(u, own->key.alg);
	unit_text(u, own->key.jwk);
	unit_bytes(u, own->key.mac, MSG_MAC_LEN);
	own->busy = db_submit(own->broker->db, u) == 0;
}

static struct keys_own *
keys_find(struct keys *k, const char *kid)
{
	size_t i;

	for (i = 0; i < k->nown; i++) {
		if (strcmp(k->own[i].key.kid, kid) == 0)
			return &k->own[i];
	}
	return NULL;
}

/* Another signer says itself which keys are its own. */
void
keys_unclaim(struct broker *b)
{
	size_t i;

	for (i = 0; i < b->keys->nown; i++)
		b->keys->own[i].claimed = 0;
}

/* Room for one more: a new place, or that of a key that is no longer used. */
static struct keys_own *
keys_place(struct keys *k)
{
	size_t i;

	if (k->nown < KEYS_MAX)
		return &k->own[k->nown++];
	for (i = 0; i < k->nown; i++) {
		if (k->own[i].claimed || k->own[i].busy)
			continue;
		msg_pubkey_free(&k->own[i].key);
		return &k->own[i];
	}
	return NULL;
}

void
keys_own(struct broker *b, struct imsg *imsg)
{
	struct keys		*k = b->keys;
	struct keys_own		*own;
	struct msg_pubkey	 key;
	struct ibuf		 buf;

	memset(&key, 0, sizeof(key));
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_pubkey_decode(&buf, &key) == -1) {
		log_warnx("a public key of the signer cannot be read");
		goto done;
	}
	if ((own = keys_find(k, key.kid)) != NULL && own->busy) {
		own->claimed = 1;
		goto done;	/* a restarted signer says it again */
	}
	if (own != NULL)
		msg_pubkey_free(&own->key);
	else if ((own = keys_place(k)) == NULL) {
		log_warnx("more than %d signing keys", KEYS_MAX);
		goto done;
	}
	own->broker = b;
	own->key = key;
	own->claimed = 1;
	own->published = 0;
	keys_publish(own);
	return;
done:
	msg_pubkey_free(&key);
}

static void
keys_send(struct broker *b, const struct msg_pubkey *key)
{
	struct ibuf *buf;

	if ((buf = ibuf_dynamic(512, IPC_MAX_SMALL)) == NULL ||
	    msg_pubkey_encode(buf, key) == -1) {
		log_warn("public key");
		ibuf_free(buf);
		return;
	}
	if (ipc_link_send(b->signer, IMSG_SIGNER_PUBKEY, 0, -1, buf) == -1)
		log_warn("public key");
}

/* Rows are kid, alg, jwk, mac, stale; texts stay the unit's. */
static void
keys_row(struct broker *b, struct unit *u, unsigned row)
{
	struct msg_pubkey key;
	struct keys_own	*own;
	char	*mac;
	size_t	 len;
	int	 stale;

	memset(&key, 0, sizeof(key));
	if (unit_get_bytes(u, 0, row, 0, &key.kid, &len) == -1 ||
	    unit_get_bytes(u, 0, row, 1, &key.alg, &len) == -1 ||
	    unit_get_bytes(u, 0, row, 2, &key.jwk, &len) == -1 ||
	    unit_get_bytes(u, 0, row, 3, &mac, &len) == -1 ||
	    len != MSG_MAC_LEN || unit_get_bool(u, 0, row, 4, &stale) == -1) {
		log_warnx("a row of the signing keys cannot be read");
		return;
	}
	memcpy(key.mac, mac, MSG_MAC_LEN);
	own = keys_find(b->keys, key.kid);
	if (own == NULL || !own->claimed)
		keys_send(b, &key);
	else
		own->published = !stale;
}

static void
keys_rows(struct unit *u, void *arg)
{
	struct broker	*b = arg;
	unsigned	 i;

	b->keys->reading = 0;
	if (unit_result(u) != UNIT_DONE || b->signer == NULL)
		return;		/* the next look is near */
	/* What is not among them, or was said long ago, is said again. */
	for (i = 0; i < b->keys->nown; i++)
		b->keys->own[i].published = 0;
	for (i = 0; i < unit_rows(u, 0); i++)
		keys_row(b, u, i);
	for (i = 0; i < b->keys->nown; i++)
		keys_publish(&b->keys->own[i]);
}

static void
keys_read(struct broker *b)
{
	struct unit *u;

	if (b->keys->reading || b->signer == NULL ||
	    (u = unit_new(DB_READ, queue_now() + KEYS_DEADLINE, keys_rows,
	    b)) == NULL)
		return;
	unit_query(u, QUERY_GATE_SIGNING_KEYS);
	b->keys->reading = db_submit(b->db, u) == 0;
}
