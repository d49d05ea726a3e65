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
 * Requests and replies between frontend (or grantctl) and broker; pure.
 * Credentials and new secrets pass here: everything is wiped when freed.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "msg_broker.h"

int
msg_request_encode(struct ibuf *buf, const struct msg_request *m)
{
	if (msg_add_raw(buf, m->request_id, sizeof(m->request_id)) == -1 ||
	    msg_add_u32(buf, m->timeout_ms) == -1 ||
	    msg_put_str(buf, m->operation, MSG_MAX_OPERATION) == -1 ||
	    msg_add_u8(buf, m->credential_kind) == -1 ||
	    msg_put_str(buf, m->credential, MSG_MAX_CREDENTIAL) == -1 ||
	    msg_add_u64(buf, m->hint_expiry) == -1 ||
	    msg_add_raw(buf, m->hint_family, sizeof(m->hint_family)) == -1 ||
	    msg_put_str(buf, m->peer, MSG_MAX_PEER) == -1 ||
	    msg_put_str(buf, m->method, MSG_MAX_METHOD) == -1 ||
	    msg_put_str(buf, m->path, MSG_MAX_PATH) == -1 ||
	    msg_put_str(buf, m->arguments, MSG_MAX_ARGUMENTS) == -1 ||
	    msg_put_str(buf, m->client, MSG_MAX_CLIENT) == -1 ||
	    msg_put_str(buf, m->csrf, MSG_MAX_CSRF) == -1 ||
	    msg_put_str(buf, m->password, MSG_MAX_TYPED) == -1 ||
	    msg_put_str(buf, m->new_password, MSG_MAX_TYPED) == -1 ||
	    msg_put_str(buf, m->secret, MSG_MAX_CREDENTIAL) == -1 ||
	    msg_add_u64(buf, m->secret_expiry) == -1 ||
	    msg_add_raw(buf, m->secret_family, sizeof(m->secret_family)) ==
	    -1 || msg_add_u8(buf, m->wants_events) == -1)
		return -1;
	return 0;
}

int
msg_request_decode(struct ibuf *buf, struct msg_request *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_raw(buf, m->request_id, sizeof(m->request_id)) == -1 ||
	    msg_get_u32(buf, &m->timeout_ms) == -1 ||
	    msg_get_str(buf, &m->operation, MSG_MAX_OPERATION) == -1 ||
	    msg_get_u8(buf, &m->credential_kind) == -1 ||
	    msg_get_str(buf, &m->credential, MSG_MAX_CREDENTIAL) == -1 ||
	    msg_get_u64(buf, &m->hint_expiry) == -1 ||
	    msg_get_raw(buf, m->hint_family, sizeof(m->hint_family)) == -1 ||
	    msg_get_str(buf, &m->peer, MSG_MAX_PEER) == -1 ||
	    msg_get_str(buf, &m->method, MSG_MAX_METHOD) == -1 ||
	    msg_get_str(buf, &m->path, MSG_MAX_PATH) == -1 ||
	    msg_get_str(buf, &m->arguments, MSG_MAX_ARGUMENTS) == -1 ||
	    msg_get_str(buf, &m->client, MSG_MAX_CLIENT) == -1 ||
	    msg_get_str(buf, &m->csrf, MSG_MAX_CSRF) == -1 ||
	    msg_get_str(buf, &m->password, MSG_MAX_TYPED) == -1 ||
	    msg_get_str(buf, &m->new_password, MSG_MAX_TYPED) == -1 ||
	    msg_get_str(buf, &m->secret, MSG_MAX_CREDENTIAL) == -1 ||
	    msg_get_u64(buf, &m->secret_expiry) == -1 ||
	    msg_get_raw(buf, m->secret_family, sizeof(m->secret_family)) ==
	    -1 || msg_get_bool(buf, &m->wants_events) == -1 ||
	    msg_end(buf) == -1)
		return -1;
	if (m->credential_kind >= CRED__MAX) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

void
msg_request_free(struct msg_request *m)
{
	msg_wipe_str(&m->operation);
	msg_wipe_str(&m->credential);
	msg_wipe_str(&m->peer);
	msg_wipe_str(&m->method);
	msg_wipe_str(&m->path);
	msg_wipe_str(&m->arguments);
	msg_wipe_str(&m->client);
	msg_wipe_str(&m->csrf);
	msg_wipe_str(&m->password);
	msg_wipe_str(&m->new_password);
	msg_wipe_str(&m->secret);
	explicit_bzero(m, sizeof(*m));
}

int
msg_reply_encode(struct ibuf *buf, const struct msg_reply *m)
{
	uint8_t	 i;

	if (m->nsecrets > MSG_MAX_SECRETS) {
		errno = EINVAL;
		return -1;
	}
	if (msg_add_u16(buf, m->status) == -1 ||
	    msg_put_str(buf, m->code, MSG_MAX_CODE) == -1 ||
	    msg_put_str(buf, m->message, MSG_MAX_TEXT) == -1 ||
	    msg_put_str(buf, m->detail, MSG_MAX_TEXT) == -1 ||
	    msg_put_str(buf, m->remediation, MSG_MAX_TEXT) == -1 ||
	    msg_put_str(buf, m->parameter, MSG_MAX_TEXT) == -1 ||
	    msg_put_str(buf, m->location, MSG_MAX_TEXT) == -1 ||
	    msg_put_str(buf, m->scope, MSG_MAX_TEXT) == -1 ||
	    msg_add_u32(buf, m->retry_after) == -1 ||
	    msg_put_str(buf, m->csrf, MSG_MAX_CSRF) == -1 ||
	    msg_put_bytes(buf, m->body, m->body_len, MSG_MAX_BODY) == -1 ||
	    msg_add_u8(buf, m->nsecrets) == -1)
		return -1;
	for (i = 0; i < m->nsecrets; i++)
		if (msg_put_str(buf, m->secrets[i], MSG_MAX_SECRET) == -1)
			return -1;
	return 0;
}

static int
msg_reply_secrets(struct ibuf *buf, struct msg_reply *m)
{
	uint8_t	 i, n;

	if (msg_get_u8(buf, &n) == -1)
		return -1;
	if (n > MSG_MAX_SECRETS) {
		errno = EBADMSG;
		return -1;
	}
	m->nsecrets = n;
	for (i = 0; i < n; i++)
		if (msg_get_str(buf, &m->secrets[i], MSG_MAX_SECRET) == -1)
			return -1;
	return 0;
}

int
msg_reply_decode(struct ibuf *buf, struct msg_reply *m)
{
	void	*body;

	memset(m, 0, sizeof(*m));
	if (msg_get_u16(buf, &m->status) == -1 ||
	    msg_get_str(buf, &m->code, MSG_MAX_CODE) == -1 ||
	    msg_get_str(buf, &m->message, MSG_MAX_TEXT) == -1 ||
	    msg_get_str(buf, &m->detail, MSG_MAX_TEXT) == -1 ||
	    msg_get_str(buf, &m->remediation, MSG_MAX_TEXT) == -1 ||
	    msg_get_str(buf, &m->parameter, MSG_MAX_TEXT) == -1 ||
	    msg_get_str(buf, &m->location, MSG_MAX_TEXT) == -1 ||
	    msg_get_str(buf, &m->scope, MSG_MAX_TEXT) == -1 ||
	    msg_get_u32(buf, &m->retry_after) == -1 ||
	    msg_get_str(buf, &m->csrf, MSG_MAX_CSRF) == -1 ||
	    msg_get_bytes(buf, &body, &m->body_len, MSG_MAX_BODY) == -1)
		return -1;
	m->body = body;
	if (msg_reply_secrets(buf, m) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_reply_free(struct msg_reply *m)
{
	size_t	 i;

	msg_wipe_str(&m->code);
	msg_wipe_str(&m->message);
	msg_wipe_str(&m->detail);
	msg_wipe_str(&m->remediation);
	msg_wipe_str(&m->parameter);
	msg_wipe_str(&m->location);
	msg_wipe_str(&m->scope);
	msg_wipe_str(&m->csrf);
	if (m->body != NULL)
		freezero(m->body, m->body_len);
	for (i = 0; i < MSG_MAX_SECRETS; i++)
		msg_wipe_str(&m->secrets[i]);
	explicit_bzero(m, sizeof(*m));
}

int
msg_event_encode(struct ibuf *buf, const struct msg_event *m)
{
	if (msg_add_u8(buf, m->kind) == -1 ||
	    msg_put_str(buf, m->text, MSG_MAX_EVENT) == -1)
		return -1;
	return 0;
}

int
msg_event_decode(struct ibuf *buf, struct msg_event *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->kind) == -1 ||
	    msg_get_str(buf, &m->text, MSG_MAX_EVENT) == -1 ||
	    msg_end(buf) == -1)
		return -1;
	if (m->kind >= EVENT__MAX) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

void
msg_event_free(struct msg_event *m)
{
	msg_wipe_str(&m->text);
	explicit_bzero(m, sizeof(*m));
}

int
msg_catalogue_encode(struct ibuf *buf, const struct msg_catalogue *m)
{
	if (msg_add_u64(buf, m->generation) == -1 ||
	    msg_put_bytes(buf, m->body, m->body_len, MSG_MAX_CATALOGUE) == -1)
		return -1;
	return 0;
}

int
msg_catalogue_decode(struct ibuf *buf, struct msg_catalogue *m)
{
	void	*body;

	memset(m, 0, sizeof(*m));
	if (msg_get_u64(buf, &m->generation) == -1 ||
	    msg_get_bytes(buf, &body, &m->body_len, MSG_MAX_CATALOGUE) == -1)
		return -1;
	m->body = body;
	return msg_end(buf);
}

void
msg_catalogue_free(struct msg_catalogue *m)
{
	free(m->body);
	memset(m, 0, sizeof(*m));
}
