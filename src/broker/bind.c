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
 * Sources of parameters, a row each.  Room: broker.  Hands on hashes, never
 * the secrets that they are of.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "codec.h"
#include "mint.h"
#include "queue.h"

enum value_type {
	VALUE_NULL, VALUE_BYTES, VALUE_TEXT, VALUE_INT4, VALUE_INT8,
	VALUE_BOOL, VALUE_BROKEN
};

struct value {
	enum value_type	 type;
	const void	*data;
	size_t		 len;
	int64_t		 n;
};

static void
value_text(struct value *v, const char *s)
{
	v->type = s == NULL ? VALUE_NULL : VALUE_TEXT;
	v->data = s;
}

static void
value_bytes(struct value *v, const void *data, size_t len)
{
	v->type = data == NULL ? VALUE_NULL : VALUE_BYTES;
	v->data = data;
	v->len = len;
}

static void
value_int(struct value *v, enum value_type type, int64_t n)
{
	v->type = type;
	v->n = n;
}

/* Zero stands for none. */
static void
value_uuid(struct value *v, const uint8_t id[UUID_LEN])
{
	static const uint8_t zero[UUID_LEN];

	value_bytes(v, memcmp(id, zero, UUID_LEN) == 0 ? NULL : id, UUID_LEN);
}

static int64_t
value_seconds(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* What the signer made, NULL if nothing. */
static const struct mint *
bind_made(const struct request *r)
{
	return r->mint != NULL && r->mint->made ? r->mint : NULL;
}

#define GETTER(name)							\
static void								\
get_##name(struct request *r, const char *text, struct value *v)

#define UNUSED_TEXT	(void)text

GETTER(args) { UNUSED_TEXT; value_text(v, r->m.arguments); }
GETTER(carry) { UNUSED_TEXT; value_text(v, r->carry); }
GETTER(operation) { UNUSED_TEXT; value_text(v, r->op->name); }
GETTER(phase) { UNUSED_TEXT; value_text(v, r->phase); }
GETTER(peer) { UNUSED_TEXT; value_text(v, r->m.peer); }
GETTER(method) { UNUSED_TEXT; value_text(v, r->m.method); }
GETTER(path) { UNUSED_TEXT; value_text(v, r->m.path); }
GETTER(client) { UNUSED_TEXT; value_text(v, r->m.client); }
GETTER(assertion) { UNUSED_TEXT; value_text(v, r->assertion); }
GETTER(header) { UNUSED_TEXT; value_text(v, r->header); }
GETTER(request_id) { UNUSED_TEXT; value_bytes(v, r->m.request_id, UUID_LEN); }
GETTER(hint_family) { UNUSED_TEXT; value_uuid(v, r->m.hint_family); }
GETTER(secret_family) { UNUSED_TEXT; value_uuid(v, r->m.secret_family); }

GETTER(timeout)
{
	UNUSED_TEXT;
	value_int(v, VALUE_INT4, queue_left(r->deadline, queue_now()));
}

GETTER(credential)
{
	UNUSED_TEXT;
	value_bytes(v, gate_credential(r), HASH_LEN);
}

GETTER(credential_kind)
{
	UNUSED_TEXT;
	value_int(v, VALUE_INT4, r->m.credential_kind);
}

GETTER(hint_expiry)
{
	UNUSED_TEXT;
	value_int(v, VALUE_INT8, value_seconds(r->m.hint_expiry));
}

GETTER(secret_expiry)
{
	UNUSED_TEXT;
	value_int(v, VALUE_INT8, value_seconds(r->m.secret_expiry));
}

/* What a refresh secret says of itself; 0 if it is none. */
GETTER(secret_generation)
{
	struct refresh_secret secret;

	UNUSED_TEXT;
	if (refresh_parse(&secret, r->m.secret) == -1 ||
	    secret.generation > INT32_MAX)
		memset(&secret, 0, sizeof(secret));
	value_int(v, VALUE_INT4, (int32_t)secret.generation);
	explicit_bzero(&secret, sizeof(secret));
}

GETTER(csrf_want)
{
	UNUSED_TEXT;
	value_bytes(v, r->csrf[0] == '\0' ? NULL : r->csrf_want, HASH_LEN);
}

GETTER(csrf_given)
{
	UNUSED_TEXT;
	value_bytes(v, r->m.csrf[0] == '\0' ? NULL : r->csrf_given, HASH_LEN);
}

GETTER(secret)
{
	UNUSED_TEXT;
	value_bytes(v, r->m.secret[0] == '\0' ? NULL : r->secret_hash,
	    HASH_LEN);
}

GETTER(fresh)
{
	const struct fresh *f;

	if ((f = fresh_draw(r, text)) == NULL)
		v->type = VALUE_BROKEN;
	else
		value_bytes(v, f->hash, HASH_LEN);
}

/* One that is too long is none: the gate does not know it either. */
GETTER(shown)
{
	const struct fresh *f = fresh_shown(r);

	UNUSED_TEXT;
	value_bytes(v, f == NULL ? NULL : f->hash, HASH_LEN);
}

GETTER(fresh_id)
{
	UNUSED_TEXT;
	uuid7(r->fresh_id);
	value_bytes(v, r->fresh_id, UUID_LEN);
}

GETTER(password_ok)
{
	UNUSED_TEXT;
	if (r->password_ok >= 0)
		value_int(v, VALUE_BOOL, r->password_ok);
}

GETTER(password_hash) { UNUSED_TEXT; value_text(v, r->password_hash); }

GETTER(jti)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	value_bytes(v, m == NULL ? NULL : m->minted.jti, UUID_LEN);
}

GETTER(access_hash)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	value_bytes(v, m == NULL ? NULL : m->access_hash, HASH_LEN);
}

GETTER(iat)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	if (m != NULL)
		value_int(v, VALUE_INT8, value_seconds(m->minted.iat));
}

GETTER(exp)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	if (m != NULL)
		value_int(v, VALUE_INT8, value_seconds(m->minted.exp));
}

GETTER(refresh_hash)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	value_bytes(v, m == NULL || m->minted.refresh[0] == '\0' ? NULL :
	    m->refresh_hash, HASH_LEN);
}

GETTER(seed)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	if (m != NULL && m->minted.seed_len > 0)
		value_bytes(v, m->minted.seed, m->minted.seed_len);
}

GETTER(seed_key)
{
	const struct mint *m = bind_made(r);

	UNUSED_TEXT;
	if (m != NULL && m->minted.seed_len > 0)
		value_int(v, VALUE_INT4, (int32_t)m->minted.seed_key);
}

GETTER(status)
{
	UNUSED_TEXT;
	value_int(v, VALUE_INT4, refusal_reply(r)->status);
}

GETTER(code) { UNUSED_TEXT; value_text(v, refusal_reply(r)->code); }

static const struct source {
	unsigned	 oid;
	size_t		 size;	/* bytes of an element of an array, about */
	void		(*get)(struct request *, const char *, struct value *);
} sources[BIND__MAX] = {
	[BIND_ARGS] = { OID_JSONB, 160, get_args },
	[BIND_CARRY] = { OID_JSONB, 256, get_carry },
	[BIND_OPERATION] = { OID_TEXT, 24, get_operation },
	[BIND_PHASE] = { OID_TEXT, 12, get_phase },
	[BIND_REQUEST_ID] = { OID_UUID, 20, get_request_id },
	[BIND_TIMEOUT] = { OID_INT4, 8, get_timeout },
	[BIND_PEER] = { OID_TEXT, 24, get_peer },
	[BIND_METHOD] = { OID_TEXT, 12, get_method },
	[BIND_PATH] = { OID_TEXT, 64, get_path },
	[BIND_CREDENTIAL] = { OID_BYTEA, 36, get_credential },
	[BIND_CREDENTIAL_KIND] = { OID_INT4, 8, get_credential_kind },
	[BIND_HINT_EXPIRY] = { OID_INT8, 12, get_hint_expiry },
	[BIND_HINT_FAMILY] = { OID_UUID, 20, get_hint_family },
	[BIND_CLIENT] = { OID_TEXT, 40, get_client },
	[BIND_ASSERTION] = { OID_TEXT, 256, get_assertion },
	[BIND_HEADER] = { OID_TEXT, 64, get_header },
	[BIND_CSRF_WANT] = { OID_BYTEA, 36, get_csrf_want },
	[BIND_CSRF_GIVEN] = { OID_BYTEA, 36, get_csrf_given },
	[BIND_SECRET] = { OID_BYTEA, 36, get_secret },
	[BIND_SECRET_EXPIRY] = { OID_INT8, 12, get_secret_expiry },
	[BIND_SECRET_FAMILY] = { OID_UUID, 20, get_secret_family },
	[BIND_SECRET_GENERATION] = { OID_INT4, 8, get_secret_generation },
	[BIND_FRESH] = { OID_BYTEA, 36, get_fresh },
	[BIND_FRESH_ID] = { OID_UUID, 20, get_fresh_id },
	[BIND_SHOWN] = { OID_BYTEA, 36, get_shown },
	[BIND_PASSWORD_OK] = { OID_BOOL, 8, get_password_ok },
	[BIND_PASSWORD_HASH] = { OID_TEXT, 64, get_password_hash },
	[BIND_JTI] = { OID_UUID, 20, get_jti },
	[BIND_ACCESS_HASH] = { OID_BYTEA, 36, get_access_hash },
	[BIND_IAT] = { OID_INT8, 12, get_iat },
	[BIND_EXP] = { OID_INT8, 12, get_exp },
	[BIND_REFRESH_HASH] = { OID_BYTEA, 36, get_refresh_hash },
	[BIND_SEED] = { OID_BYTEA, 68, get_seed },
	[BIND_SEED_KEY] = { OID_INT4, 8, get_seed_key },
	[BIND_STATUS] = { OID_INT4, 8, get_status },
	[BIND_CODE] = { OID_TEXT, 24, get_code },
};

/* Types and the types of their arrays, as in pg_type. */
static const struct { unsigned one, many; } bind_types[] = {
	{ OID_BOOL, 1000 }, { OID_BYTEA, 1001 }, { OID_INT4, 1007 },
	{ OID_TEXT, 1009 }, { OID_INT8, 1016 }, { OID_UUID, 2951 },
	{ OID_JSONB, 3807 }
};

static int
bind_fits(unsigned source, unsigned param)
{
	size_t i;

	for (i = 0; i < sizeof(bind_types) / sizeof(bind_types[0]); i++) {
		if (bind_types[i].one == source)
			return param == source || param == bind_types[i].many;
	}
	return 0;
}

const char *
bind_check(void)
{
	const struct statement	*s;
	size_t			 q;
	int			 i;

	for (q = 0; q < QUERY__MAX; q++) {
		s = &statements[q];
		for (i = 0; s->binds != NULL && i < s->nparams; i++) {
			if (!bind_fits(sources[s->binds[i].bind].oid,
			    s->params[i]))
				return s->name;
		}
	}
	for (q = 0; q < noperations; q++) {
		if (statements[operations[q].query].binds == NULL)
			return operations[q].name;
		if (operations[q].commit != QUERY__MAX &&
		    statements[operations[q].commit].binds == NULL)
			return operations[q].name;
	}
	return NULL;
}

static void
bind_value(struct unit *u, const struct value *v)
{
	switch (v->type) {
	case VALUE_BYTES:
		unit_bytes(u, v->data, v->len);
		break;
	case VALUE_TEXT:
		unit_text(u, v->data);
		break;
	case VALUE_INT4:
		unit_int4(u, (int32_t)v->n);
		break;
	case VALUE_INT8:
		unit_int8(u, v->n);
		break;
	case VALUE_BOOL:
		unit_text(u, v->n ? "t" : "f");
		break;
	case VALUE_BROKEN:
		unit_break(u);
		break;
	default:
		unit_null(u);
		break;
	}
}

static void
bind_element(struct array *a, unsigned oid, const struct value *v)
{
	switch (v->type) {
	case VALUE_BYTES:
		array_bytes(a, v->data, v->len);
		break;
	case VALUE_TEXT:
		if (oid == OID_JSONB)
			array_jsonb(a, v->data);
		else
			array_text(a, v->data);
		break;
	case VALUE_INT4:
		array_int4(a, (int32_t)v->n);
		break;
	case VALUE_INT8:
		array_int8(a, v->n);
		break;
	case VALUE_BOOL:
		array_bool(a, v->n != 0);
		break;
	case VALUE_BROKEN:
		a->failed = 1;
		break;
	default:
		array_null(a);
		break;
	}
}

void
bind_unit(struct unit *u, struct request *r, int query)
{
	const struct statement	*s = &statements[query];
	struct value		 v;
	int			 i;

	unit_query(u, (enum query)query);
	for (i = 0; i < s->nparams; i++) {
		memset(&v, 0, sizeof(v));
		sources[s->binds[i].bind].get(r, s->binds[i].text, &v);
		bind_value(u, &v);
	}
}

void
bind_batch(struct unit *u, struct batch_item **items, size_t n, int query)
{
	const struct statement	*s = &statements[query];
	const struct source	*source;
	struct array		 a;
	struct value		 v;
	size_t			 k;
	int			 i;

	unit_query(u, (enum query)query);
	for (i = 0; i < s->nparams; i++) {
		source = &sources[s->binds[i].bind];
		array_init(&a, source->oid, n * source->size);
		for (k = 0; k < n; k++) {
			memset(&v, 0, sizeof(v));
			source->get(items[k]->arg, s->binds[i].text, &v);
			bind_element(&a, source->oid, &v);
		}
		unit_array(u, &a);
	}
}
