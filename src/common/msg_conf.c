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
 * Configuration, links, listeners, keys and state between parent, children
 * and grantctl; pure.  The database's password passes here.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipc.h"
#include "msg_conf.h"

/* 0 if v is below the limit, else -1 with errno. */
static int
msg_below(uint8_t v, int limit)
{
	if (v < limit)
		return 0;
	errno = EBADMSG;
	return -1;
}

int
conf_base_encode(struct ibuf *buf, const struct conf_base *m)
{
	if (msg_add_u8(buf, m->privileged) == -1 ||
	    msg_add_u32(buf, m->uid) == -1 ||
	    msg_add_u32(buf, m->gid) == -1 ||
	    msg_put_str(buf, m->chroot, CONF_MAX_PATH) == -1 ||
	    msg_add_u8(buf, m->verbose) == -1 ||
	    msg_add_u32(buf, m->instance) == -1 ||
	    msg_add_u32(buf, m->nofile) == -1)
		return -1;
	return 0;
}

int
conf_base_decode(struct ibuf *buf, struct conf_base *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_bool(buf, &m->privileged) == -1 ||
	    msg_get_u32(buf, &m->uid) == -1 ||
	    msg_get_u32(buf, &m->gid) == -1 ||
	    msg_get_str(buf, &m->chroot, CONF_MAX_PATH) == -1 ||
	    msg_get_bool(buf, &m->verbose) == -1 ||
	    msg_get_u32(buf, &m->instance) == -1 ||
	    msg_get_u32(buf, &m->nofile) == -1)
		return -1;
	return 0;
}

void
conf_base_free(struct conf_base *m)
{
	free(m->chroot);
	memset(m, 0, sizeof(*m));
}

int
conf_frontend_encode(struct ibuf *buf, const struct conf_frontend *m)
{
	if (msg_put_str(buf, m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_add_u32(buf, m->header_max) == -1 ||
	    msg_add_u32(buf, m->body_max) == -1 ||
	    msg_add_u32(buf, m->idle_timeout) == -1 ||
	    msg_add_u32(buf, m->request_timeout) == -1 ||
	    msg_add_u32(buf, m->connections_max) == -1 ||
	    msg_add_u32(buf, m->streams_max) == -1)
		return -1;
	return 0;
}

int
conf_frontend_decode(struct ibuf *buf, struct conf_frontend *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_get_u32(buf, &m->header_max) == -1 ||
	    msg_get_u32(buf, &m->body_max) == -1 ||
	    msg_get_u32(buf, &m->idle_timeout) == -1 ||
	    msg_get_u32(buf, &m->request_timeout) == -1 ||
	    msg_get_u32(buf, &m->connections_max) == -1 ||
	    msg_get_u32(buf, &m->streams_max) == -1)
		return -1;
	return msg_end(buf);
}

void
conf_frontend_free(struct conf_frontend *m)
{
	free(m->issuer);
	memset(m, 0, sizeof(*m));
}

int
conf_broker_encode(struct ibuf *buf, const struct conf_broker *m)
{
	if (msg_put_str(buf, m->conninfo, CONF_MAX_CONNINFO) == -1 ||
	    msg_put_str(buf, m->password, CONF_MAX_PASSWORD) == -1 ||
	    msg_add_u32(buf, m->read_connections) == -1 ||
	    msg_add_u32(buf, m->write_connections) == -1 ||
	    msg_add_u32(buf, m->queue_max) == -1 ||
	    msg_add_u32(buf, m->refresh_lifetime) == -1 ||
	    msg_add_u32(buf, m->refresh_grace) == -1 ||
	    msg_add_u32(buf, m->access_lifetime) == -1 ||
	    msg_put_str(buf, m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_add_u8(buf, m->documents) == -1 ||
	    msg_add_u32(buf, m->call_connections) == -1 ||
	    msg_add_u32(buf, m->slow_connections) == -1 ||
	    msg_add_u32(buf, m->calls_max) == -1)
		return -1;
	return 0;
}

int
conf_broker_decode(struct ibuf *buf, struct conf_broker *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->conninfo, CONF_MAX_CONNINFO) == -1 ||
	    msg_get_str(buf, &m->password, CONF_MAX_PASSWORD) == -1 ||
	    msg_get_u32(buf, &m->read_connections) == -1 ||
	    msg_get_u32(buf, &m->write_connections) == -1 ||
	    msg_get_u32(buf, &m->queue_max) == -1 ||
	    msg_get_u32(buf, &m->refresh_lifetime) == -1 ||
	    msg_get_u32(buf, &m->refresh_grace) == -1 ||
	    msg_get_u32(buf, &m->access_lifetime) == -1 ||
	    msg_get_str(buf, &m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_get_bool(buf, &m->documents) == -1 ||
	    msg_get_u32(buf, &m->call_connections) == -1 ||
	    msg_get_u32(buf, &m->slow_connections) == -1 ||
	    msg_get_u32(buf, &m->calls_max) == -1)
		return -1;
	return msg_end(buf);
}

void
conf_broker_free(struct conf_broker *m)
{
	free(m->conninfo);
	free(m->issuer);
	msg_wipe_str(&m->password);
	memset(m, 0, sizeof(*m));
}

int
conf_signer_encode(struct ibuf *buf, const struct conf_signer *m)
{
	if (msg_put_str(buf, m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_add_u32(buf, m->lifetime_max) == -1 ||
	    msg_add_u32(buf, m->rate_max) == -1)
		return -1;
	return 0;
}

int
conf_signer_decode(struct ibuf *buf, struct conf_signer *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->issuer, CONF_MAX_ISSUER) == -1 ||
	    msg_get_u32(buf, &m->lifetime_max) == -1 ||
	    msg_get_u32(buf, &m->rate_max) == -1)
		return -1;
	return msg_end(buf);
}

void
conf_signer_free(struct conf_signer *m)
{
	free(m->issuer);
	memset(m, 0, sizeof(*m));
}

int
conf_hasher_encode(struct ibuf *buf, const struct conf_hasher *m)
{
	return msg_add_u32(buf, m->cost);
}

int
conf_hasher_decode(struct ibuf *buf, struct conf_hasher *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u32(buf, &m->cost) == -1)
		return -1;
	return msg_end(buf);
}

void
conf_hasher_free(struct conf_hasher *m)
{
	memset(m, 0, sizeof(*m));
}

int
conf_fetcher_encode(struct ibuf *buf, const struct conf_fetcher *m)
{
	if (msg_add_u8(buf, m->loopback) == -1 ||
	    msg_add_u32(buf, m->port) == -1 ||
	    msg_put_str(buf, m->ca_file, CONF_MAX_PATH) == -1 ||
	    msg_put_str(buf, m->nameserver, CONF_MAX_NAMESERVER) == -1)
		return -1;
	return 0;
}

int
conf_fetcher_decode(struct ibuf *buf, struct conf_fetcher *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_bool(buf, &m->loopback) == -1 ||
	    msg_get_u32(buf, &m->port) == -1 ||
	    msg_get_str(buf, &m->ca_file, CONF_MAX_PATH) == -1 ||
	    msg_get_str(buf, &m->nameserver, CONF_MAX_NAMESERVER) == -1)
		return -1;
	return msg_end(buf);
}

void
conf_fetcher_free(struct conf_fetcher *m)
{
	free(m->ca_file);
	free(m->nameserver);
	memset(m, 0, sizeof(*m));
}

int
msg_link_encode(struct ibuf *buf, const struct msg_link *m)
{
	if (msg_add_u8(buf, m->role) == -1 ||
	    msg_add_u32(buf, m->instance) == -1)
		return -1;
	return 0;
}

int
msg_link_decode(struct ibuf *buf, struct msg_link *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->role) == -1 ||
	    msg_below(m->role, ROLE__MAX) == -1 ||
	    msg_get_u32(buf, &m->instance) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_link_free(struct msg_link *m)
{
	memset(m, 0, sizeof(*m));
}

int
msg_listener_encode(struct ibuf *buf, const struct msg_listener *m)
{
	uint32_t	 i;

	if (m->nproxies > CONF_MAX_PROXIES) {
		errno = EINVAL;
		return -1;
	}
	if (msg_put_str(buf, m->name, CONF_MAX_NAME) == -1 ||
	    msg_add_u8(buf, m->is_unix) == -1 ||
	    msg_add_u32(buf, m->nproxies) == -1)
		return -1;
	for (i = 0; i < m->nproxies; i++)
		if (msg_put_str(buf, m->proxies[i], CONF_MAX_PROXY) == -1)
			return -1;
	return 0;
}

int
msg_listener_decode(struct ibuf *buf, struct msg_listener *m)
{
	uint32_t	 i, n;

	memset(m, 0, sizeof(*m));
	if (msg_get_str(buf, &m->name, CONF_MAX_NAME) == -1 ||
	    msg_get_bool(buf, &m->is_unix) == -1 ||
	    msg_get_u32(buf, &n) == -1)
		return -1;
	if (n > CONF_MAX_PROXIES) {
		errno = EBADMSG;
		return -1;
	}
	m->nproxies = n;
	for (i = 0; i < n; i++)
		if (msg_get_str(buf, &m->proxies[i], CONF_MAX_PROXY) == -1)
			return -1;
	return msg_end(buf);
}

void
msg_listener_free(struct msg_listener *m)
{
	size_t	 i;

	free(m->name);
	for (i = 0; i < CONF_MAX_PROXIES; i++)
		free(m->proxies[i]);
	memset(m, 0, sizeof(*m));
}

int
msg_key_encode(struct ibuf *buf, const struct msg_key *m)
{
	if (msg_add_u8(buf, m->purpose) == -1 ||
	    msg_add_u32(buf, m->version) == -1 ||
	    msg_put_str(buf, m->name, CONF_MAX_NAME) == -1)
		return -1;
	return 0;
}

int
msg_key_decode(struct ibuf *buf, struct msg_key *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->purpose) == -1 ||
	    msg_below(m->purpose, KEY_SHARED + 1) == -1 ||
	    msg_get_u32(buf, &m->version) == -1 ||
	    msg_get_str(buf, &m->name, CONF_MAX_NAME) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_key_free(struct msg_key *m)
{
	free(m->name);
	memset(m, 0, sizeof(*m));
}

int
msg_state_encode(struct ibuf *buf, const struct msg_state *m)
{
	if (msg_add_u8(buf, m->state) == -1 ||
	    msg_put_str(buf, m->text, CONF_MAX_STATE) == -1)
		return -1;
	return 0;
}

int
msg_state_decode(struct ibuf *buf, struct msg_state *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->state) == -1 ||
	    msg_below(m->state, STATE_WRONG_SCHEMA + 1) == -1 ||
	    msg_get_str(buf, &m->text, CONF_MAX_STATE) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_state_free(struct msg_state *m)
{
	free(m->text);
	memset(m, 0, sizeof(*m));
}

int
msg_status_encode(struct ibuf *buf, const struct msg_status *m)
{
	if (msg_add_u8(buf, m->role) == -1 ||
	    msg_add_u32(buf, m->instance) == -1 ||
	    msg_add_u32(buf, m->pid) == -1 ||
	    msg_add_u8(buf, m->ready) == -1 ||
	    msg_add_u32(buf, m->restarts) == -1 ||
	    msg_add_u64(buf, m->since) == -1 ||
	    msg_put_str(buf, m->text, CONF_MAX_STATE) == -1)
		return -1;
	return 0;
}

int
msg_status_decode(struct ibuf *buf, struct msg_status *m)
{
	memset(m, 0, sizeof(*m));
	if (msg_get_u8(buf, &m->role) == -1 ||
	    msg_below(m->role, ROLE__MAX) == -1 ||
	    msg_get_u32(buf, &m->instance) == -1 ||
	    msg_get_u32(buf, &m->pid) == -1 ||
	    msg_get_bool(buf, &m->ready) == -1 ||
	    msg_get_u32(buf, &m->restarts) == -1 ||
	    msg_get_u64(buf, &m->since) == -1 ||
	    msg_get_str(buf, &m->text, CONF_MAX_STATE) == -1)
		return -1;
	return msg_end(buf);
}

void
msg_status_free(struct msg_status *m)
{
	free(m->text);
	memset(m, 0, sizeof(*m));
}
