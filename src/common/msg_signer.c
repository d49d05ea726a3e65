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
 * Requests and answers between broker and signer; pure.  Whether kind,
 * audience and times fit together is the signer's to say, not ours.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "msg_signer.h"

int
msg_mint_encode(struct ibuf *buf, const struct msg_mint *m)
{
	if (msg_add_u8(buf, m->kind) == -1 ||
	    msg_add_u8(buf, m->audience) == -1 ||
	    msg_add_u8(buf, m->refresh) == -1 ||
	    msg_add_u32(buf, m->ttl) == -1 ||
	    msg_add_raw(buf, m->organization, sizeof(m->organization)) == -1 ||
	    msg_add_raw(buf, m->family, sizeof(m->family)) == -1 ||
	    msg_add_u32(buf, m->generation) == -1 ||
	    msg_put_str(buf, m->subject, MSG_MAX_SUBJECT) == -1 ||
	    msg_put_str(buf, m->client_id, MSG_MAX_CLIENT_ID) == -1 ||
	    msg_put_str(buf, m->scope, MSG_MAX_SCOPE) == -1 ||
	    msg_add_u32(buf, m->seed_key) == -1 ||
	    msg_put_bytes(buf, m->seed, m->seed_len, MSG_MAX_SEED) == -1 ||
	    msg_put_str(buf, m->presented, MSG_MAX_PRESENTED) == -1 ||
	    msg_add_u8(buf, m->id_token) == -1 ||
	    msg_add_u64(buf, m->auth_time) == -1 ||
	    msg_put_str(buf, m->nonce, MSG_MAX_NONCE) == -1)
		return -1;
	return 0;
}

int
msg_mint_decode(struct ibuf *buf, struct msg_mint *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->kind) == -1 ||
	    msg_get_u8(buf, &m->audience) == -1 ||
	    msg_get_u8(buf, &m->refresh) == -1 ||
	    msg_get_u32(buf, &m->ttl) == -1 ||
	    msg_get_raw(buf, m->organization, sizeof(m->organization)) == -1 ||
	    msg_get_raw(buf, m->family, sizeof(m->family)) == -1 ||
	    msg_get_u32(buf, &m->generation) == -1 ||
	    msg_get_str(buf, &m->subject, MSG_MAX_SUBJECT) == -1 ||
	    msg_get_str(buf, &m->client_id, MSG_MAX_CLIENT_ID) == -1 ||
	    msg_get_str(buf, &m->scope, MSG_MAX_SCOPE) == -1 ||
	    msg_get_u32(buf, &m->seed_key) == -1 ||
	    msg_get_bytes(buf, &m->seed, &m->seed_len, MSG_MAX_SEED) == -1 ||
	    msg_get_str(buf, &m->presented, MSG_MAX_PRESENTED) == -1 ||
	    msg_get_u8(buf, &m->id_token) == -1 ||
	    msg_get_u64(buf, &m->auth_time) == -1 ||
	    msg_get_str(buf, &m->nonce, MSG_MAX_NONCE) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_mint_free(struct msg_mint *m)
{
	msg_wipe_str(&m->subject);
	msg_wipe_str(&m->client_id);
	msg_wipe_str(&m->scope);
	if (m->seed != NULL)
		freezero(m->seed, m->seed_len);
	msg_wipe_str(&m->presented);
	msg_wipe_str(&m->nonce);
	explicit_bzero(m, sizeof(*m));
}

int
msg_minted_encode(struct ibuf *buf, const struct msg_minted *m)
{
	if (msg_add_u8(buf, m->error) == -1 ||
	    msg_put_str(buf, m->reason, MSG_MAX_REASON) == -1 ||
	    msg_add_raw(buf, m->jti, sizeof(m->jti)) == -1 ||
	    msg_add_u64(buf, m->iat) == -1 ||
	    msg_add_u64(buf, m->exp) == -1 ||
	    msg_put_str(buf, m->access, MSG_MAX_ACCESS) == -1 ||
	    msg_put_str(buf, m->refresh, MSG_MAX_PRESENTED) == -1 ||
	    msg_put_str(buf, m->id_token, MSG_MAX_ACCESS) == -1 ||
	    msg_add_u32(buf, m->seed_key) == -1 ||
	    msg_put_bytes(buf, m->seed, m->seed_len, MSG_MAX_SEED) == -1)
		return -1;
	return 0;
}

int
msg_minted_decode(struct ibuf *buf, struct msg_minted *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->error) == -1 ||
	    msg_get_str(buf, &m->reason, MSG_MAX_REASON) == -1 ||
	    msg_get_raw(buf, m->jti, sizeof(m->jti)) == -1 ||
	    msg_get_u64(buf, &m->iat) == -1 ||
	    msg_get_u64(buf, &m->exp) == -1 ||
	    msg_get_str(buf, &m->access, MSG_MAX_ACCESS) == -1 ||
	    msg_get_str(buf, &m->refresh, MSG_MAX_PRESENTED) == -1 ||
	    msg_get_str(buf, &m->id_token, MSG_MAX_ACCESS) == -1 ||
	    msg_get_u32(buf, &m->seed_key) == -1 ||
	    msg_get_bytes(buf, &m->seed, &m->seed_len, MSG_MAX_SEED) == -1 ||
	    msg_end(buf) == -1)
		return -1;
	if (m->error >= MINT__MAX) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

void
msg_minted_free(struct msg_minted *m)
{
	msg_wipe_str(&m->reason);
	msg_wipe_str(&m->access);
	msg_wipe_str(&m->refresh);
	msg_wipe_str(&m->id_token);
	if (m->seed != NULL)
		freezero(m->seed, m->seed_len);
	explicit_bzero(m, sizeof(*m));
}

int
msg_pubkey_encode(struct ibuf *buf, const struct msg_pubkey *m)
{
	if (msg_put_str(buf, m->kid, MSG_MAX_KID) == -1 ||
	    msg_put_str(buf, m->alg, MSG_MAX_KID) == -1 ||
	    msg_put_str(buf, m->jwk, MSG_MAX_JWK) == -1 ||
	    msg_add_raw(buf, m->mac, sizeof(m->mac)) == -1)
		return -1;
	return 0;
}

int
msg_pubkey_decode(struct ibuf *buf, struct msg_pubkey *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->kid, MSG_MAX_KID) == -1 ||
	    msg_get_str(buf, &m->alg, MSG_MAX_KID) == -1 ||
	    msg_get_str(buf, &m->jwk, MSG_MAX_JWK) == -1 ||
	    msg_get_raw(buf, m->mac, sizeof(m->mac)) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_pubkey_free(struct msg_pubkey *m)
{
	free(m->kid);
	free(m->alg);
	free(m->jwk);
	memset(m, 0, sizeof(*m));
}
