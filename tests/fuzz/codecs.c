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


/* Every message codec behind one face; linked into tests only. */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "ipc.h"
#include "msg_broker.h"
#include "msg_conf.h"
#include "msg_fetcher.h"
#include "msg_hasher.h"
#include "msg_signer.h"

#include "codecs.h"

/* The texts of a sample are constants: encoders do not write to them. */
#define TEXT(s)	((char *)(uintptr_t)(s))

/* decode, encode again, free, in the same words for all */
#define CODEC_DECODE(name)						\
static int								\
name##_again(struct ibuf *buf, struct ibuf *again)			\
{									\
	struct name	 m;						\
	int		 result = name##_decode(buf, &m);		\
									\
	if (result == 0 && again != NULL)				\
		result = name##_encode(again, &m);			\
	name##_free(&m);						\
	return result;							\
}
#define msg_checked_free(m)	memset((m), 0, sizeof(*(m)))
CODEC_DECODE(conf_base)
CODEC_DECODE(conf_frontend)
CODEC_DECODE(conf_broker)
CODEC_DECODE(conf_signer)
CODEC_DECODE(conf_hasher)
CODEC_DECODE(conf_fetcher)
CODEC_DECODE(msg_link)
CODEC_DECODE(msg_listener)
CODEC_DECODE(msg_key)
CODEC_DECODE(msg_state)
CODEC_DECODE(msg_status)
CODEC_DECODE(msg_request)
CODEC_DECODE(msg_reply)
CODEC_DECODE(msg_event)
CODEC_DECODE(msg_catalogue)
CODEC_DECODE(msg_mint)
CODEC_DECODE(msg_minted)
CODEC_DECODE(msg_pubkey)
CODEC_DECODE(msg_hash)
CODEC_DECODE(msg_hashed)
CODEC_DECODE(msg_check)
CODEC_DECODE(msg_checked)
CODEC_DECODE(msg_get)
CODEC_DECODE(msg_document)

static int
sample_base(struct ibuf *buf)
{
	static const struct conf_base	 m = { .privileged = 1, .uid = 1000,
	    .gid = 1001, .chroot = TEXT("<chroot>"), .verbose = 1,
	    .instance = 3, .nofile = 4096 };

	return conf_base_encode(buf, &m);
}

static int
sample_frontend(struct ibuf *buf)
{
	static const struct conf_frontend	 m = {
	    .issuer = TEXT("<issuer>"), .header_max = 16384,
	    .body_max = 1048576, .idle_timeout = 60,
	    .request_timeout = 30000, .connections_max = 12000,
	    .streams_max = 1000 };

	return conf_frontend_encode(buf, &m);
}

static int
sample_broker(struct ibuf *buf)
{
	static const struct conf_broker	 m = { .conninfo = TEXT("<conninfo>"),
	    .password = TEXT("<password>"), .read_connections = 2,
	    .write_connections = 2, .queue_max = 1024,
	    .refresh_lifetime = 7776000, .refresh_grace = 600,
	    .access_lifetime = 86400, .issuer = TEXT("<issuer>"),
	    .documents = 1, .call_connections = 4, .slow_connections = 2,
	    .calls_max = 200 };

	return conf_broker_encode(buf, &m);
}

static int
sample_signer(struct ibuf *buf)
{
	static const struct conf_signer	 m = { .issuer = TEXT("<issuer>"),
	    .lifetime_max = 86400, .rate_max = 20000 };

	return conf_signer_encode(buf, &m);
}

static int
sample_hasher(struct ibuf *buf)
{
	static const struct conf_hasher	 m = { .cost = 12 };

	return conf_hasher_encode(buf, &m);
}

static int
sample_fetcher(struct ibuf *buf)
{
	static const struct conf_fetcher m = { .loopback = 1, .port = 443,
	    .ca_file = TEXT("<ca_file>"),
	    .nameserver = TEXT("<nameserver>") };

	return conf_fetcher_encode(buf, &m);
}

static int
sample_link(struct ibuf *buf)
{
	static const struct msg_link	 m = { .role = ROLE_BROKER,
	    .instance = 7 };

	return msg_link_encode(buf, &m);
}

static int
sample_listener(struct ibuf *buf)
{
	static const struct msg_listener	 m = { .name = TEXT("<name>"),
	    .is_unix = 0, .nproxies = 2,
	    .proxies = { TEXT("<proxy1>"), TEXT("<proxy2>") } };

	return msg_listener_encode(buf, &m);
}

static int
sample_key(struct ibuf *buf)
{
	static const struct msg_key	 m = { .purpose = KEY_SHARED,
	    .version = 2, .name = TEXT("<name>") };

	return msg_key_encode(buf, &m);
}

static int
sample_state(struct ibuf *buf)
{
	static const struct msg_state	 m = { .state = STATE_WRONG_SCHEMA,
	    .text = TEXT("<text>") };

	return msg_state_encode(buf, &m);
}

static int
sample_status(struct ibuf *buf)
{
	static const struct msg_status	 m = { .role = ROLE_SIGNER,
	    .instance = 0, .pid = 4711, .ready = 1, .restarts = 2,
	    .since = 1790000000, .text = TEXT("<text>") };

	return msg_status_encode(buf, &m);
}

static int
sample_request(struct ibuf *buf)
{
	static const struct msg_request	 m = { .request_id = { 1, 2, 3 },
	    .timeout_ms = 30000, .operation = TEXT("<operation>"),
	    .credential_kind = CRED_ACCESS, .credential = TEXT("<credential>"),
	    .hint_expiry = 1790000000, .hint_family = { 9 },
	    .peer = TEXT("<peer>"), .method = TEXT("<method>"),
	    .path = TEXT("<path>"), .arguments = TEXT("<arguments>"),
	    .client = TEXT("<client>"), .csrf = TEXT("<csrf>"),
	    .password = TEXT("<password>"),
	    .new_password = TEXT("<new_password>"),
	    .secret = TEXT("<secret>"), .secret_expiry = 1790000000,
	    .secret_family = { 7 }, .wants_events = 1 };

	return msg_request_encode(buf, &m);
}

static int
sample_reply(struct ibuf *buf)
{
	static const struct msg_reply	 m = { .status = 201,
	    .code = TEXT("<code>"), .message = TEXT("<message>"),
	    .detail = TEXT("<detail>"), .remediation = TEXT("<remediation>"),
	    .parameter = TEXT("<parameter>"), .location = TEXT("<location>"),
	    .scope = TEXT("<scope>"), .retry_after = 5, .csrf = TEXT("<csrf>"),
	    .body = TEXT("<body>"), .body_len = 6, .nsecrets = 2,
	    .secrets = { TEXT("<secret0>"), TEXT("<secret1>") } };

	return msg_reply_encode(buf, &m);
}

static int
sample_mint(struct ibuf *buf)
{
	static const struct msg_mint	 m = { .kind = TOKEN_INTEGRATION,
	    .audience = AUD_CONNECTORS, .refresh = MINT_REFRESH_ADVANCE,
	    .ttl = 3600, .organization = { 1 }, .family = { 2 },
	    .generation = 4, .subject = TEXT("<subject>"),
	    .client_id = TEXT("<client_id>"), .scope = TEXT("<scope>"),
	    .seed_key = 1, .seed = TEXT("<seed>"), .seed_len = 6,
	    .presented = TEXT("<presented>"), .id_token = 1,
	    .auth_time = 1790000000, .nonce = TEXT("<nonce>") };

	return msg_mint_encode(buf, &m);
}

static int
sample_minted(struct ibuf *buf)
{
	static const struct msg_minted	 m = { .error = MINT_OK,
	    .reason = TEXT("<reason>"), .jti = { 5 }, .iat = 1790000000,
	    .exp = 1790003600, .access = TEXT("<access>"),
	    .refresh = TEXT("<refresh>"), .id_token = TEXT("<id_token>"),
	    .seed_key = 1,
	    .seed = TEXT("<seed>"), .seed_len = 6 };

	return msg_minted_encode(buf, &m);
}

static int
sample_pubkey(struct ibuf *buf)
{
	static const struct msg_pubkey	 m = { .kid = TEXT("<kid>"),
	    .alg = TEXT("<alg>"), .jwk = TEXT("<jwk>"), .mac = { 7 } };

	return msg_pubkey_encode(buf, &m);
}

static int
sample_hash(struct ibuf *buf)
{
	static const struct msg_hash	 m = { .password = TEXT("<password>") };

	return msg_hash_encode(buf, &m);
}

static int
sample_hashed(struct ibuf *buf)
{
	static const struct msg_hashed	 m = { .ok = 1,
	    .hash = TEXT("<hash>") };

	return msg_hashed_encode(buf, &m);
}

static int
sample_check(struct ibuf *buf)
{
	static const struct msg_check	 m = { .password = TEXT("<password>"),
	    .hash = TEXT("<hash>") };

	return msg_check_encode(buf, &m);
}

static int
sample_checked(struct ibuf *buf)
{
	static const struct msg_checked	 m = { .ok = 1, .stale = 1 };

	return msg_checked_encode(buf, &m);
}

static int
sample_get(struct ibuf *buf)
{
	static const struct msg_get	 m = { .url = TEXT("<url>"),
	    .max = MSG_MAX_DOCUMENT, .timeout_ms = 5000 };

	return msg_get_encode(buf, &m);
}

static int
sample_document(struct ibuf *buf)
{
	static const struct msg_document m = { .status = 200,
	    .seconds = 3600, .body = TEXT("<body>"), .why = TEXT("<why>") };

	return msg_document_encode(buf, &m);
}

static int
sample_event(struct ibuf *buf)
{
	static const struct msg_event	 m = { .kind = EVENT_LOG,
	    .text = TEXT("<text>") };

	return msg_event_encode(buf, &m);
}

static int
sample_catalogue(struct ibuf *buf)
{
	static const struct msg_catalogue m = { .generation = 7,
	    .body = TEXT("<body>"), .body_len = 6 };

	return msg_catalogue_encode(buf, &m);
}

const struct codec codecs[] = {
	{ "conf_base", 1, sample_base, conf_base_again,
	    { { "<chroot>", CONF_MAX_PATH, 0 } } },
	{ "conf_frontend", 0, sample_frontend, conf_frontend_again,
	    { { "<issuer>", CONF_MAX_ISSUER, 0 } } },
	{ "conf_broker", 0, sample_broker, conf_broker_again,
	    { { "<conninfo>", CONF_MAX_CONNINFO, 0 },
	      { "<password>", CONF_MAX_PASSWORD, 0 },
	      { "<issuer>", CONF_MAX_ISSUER, 0 } } },
	{ "conf_signer", 0, sample_signer, conf_signer_again,
	    { { "<issuer>", CONF_MAX_ISSUER, 0 } } },
	{ "conf_hasher", 0, sample_hasher, conf_hasher_again, { { 0 } } },
	{ "conf_fetcher", 0, sample_fetcher, conf_fetcher_again,
	    { { "<ca_file>", CONF_MAX_PATH, 0 },
	      { "<nameserver>", CONF_MAX_NAMESERVER, 0 } } },
	{ "msg_link", 0, sample_link, msg_link_again, { { 0 } } },
	{ "msg_listener", 0, sample_listener, msg_listener_again,
	    { { "<name>", CONF_MAX_NAME, 0 },
	      { "<proxy1>", CONF_MAX_PROXY, 0 },
	      { "<proxy2>", CONF_MAX_PROXY, 0 } } },
	{ "msg_key", 0, sample_key, msg_key_again,
	    { { "<name>", CONF_MAX_NAME, 0 } } },
	{ "msg_state", 0, sample_state, msg_state_again,
	    { { "<text>", CONF_MAX_STATE, 0 } } },
	{ "msg_status", 0, sample_status, msg_status_again,
	    { { "<text>", CONF_MAX_STATE, 0 } } },
	{ "msg_request", 0, sample_request, msg_request_again,
	    { { "<operation>", MSG_MAX_OPERATION, 0 },
	      { "<credential>", MSG_MAX_CREDENTIAL, 0 },
	      { "<peer>", MSG_MAX_PEER, 0 },
	      { "<method>", MSG_MAX_METHOD, 0 },
	      { "<path>", MSG_MAX_PATH, 0 },
	      { "<arguments>", MSG_MAX_ARGUMENTS, 0 },
	      { "<client>", MSG_MAX_CLIENT, 0 },
	      { "<csrf>", MSG_MAX_CSRF, 0 },
	      { "<password>", MSG_MAX_TYPED, 0 },
	      { "<new_password>", MSG_MAX_TYPED, 0 },
	      { "<secret>", MSG_MAX_CREDENTIAL, 0 } } },
	{ "msg_reply", 0, sample_reply, msg_reply_again,
	    { { "<code>", MSG_MAX_CODE, 0 },
	      { "<message>", MSG_MAX_TEXT, 0 },
	      { "<detail>", MSG_MAX_TEXT, 0 },
	      { "<remediation>", MSG_MAX_TEXT, 0 },
	      { "<parameter>", MSG_MAX_TEXT, 0 },
	      { "<location>", MSG_MAX_TEXT, 0 },
	      { "<scope>", MSG_MAX_TEXT, 0 },
	      { "<csrf>", MSG_MAX_CSRF, 0 },
	      { "<body>", MSG_MAX_BODY, 1 },
	      { "<secret0>", MSG_MAX_SECRET, 0 },
	      { "<secret1>", MSG_MAX_SECRET, 0 } } },
	{ "msg_mint", 0, sample_mint, msg_mint_again,
	    { { "<subject>", MSG_MAX_SUBJECT, 0 },
	      { "<client_id>", MSG_MAX_CLIENT_ID, 0 },
	      { "<scope>", MSG_MAX_SCOPE, 0 },
	      { "<seed>", MSG_MAX_SEED, 1 },
	      { "<presented>", MSG_MAX_PRESENTED, 0 },
	      { "<nonce>", MSG_MAX_NONCE, 0 } } },
	{ "msg_minted", 0, sample_minted, msg_minted_again,
	    { { "<reason>", MSG_MAX_REASON, 0 },
	      { "<access>", MSG_MAX_ACCESS, 0 },
	      { "<refresh>", MSG_MAX_PRESENTED, 0 },
	      { "<id_token>", MSG_MAX_ACCESS, 0 },
	      { "<seed>", MSG_MAX_SEED, 1 } } },
	{ "msg_pubkey", 0, sample_pubkey, msg_pubkey_again,
	    { { "<kid>", MSG_MAX_KID, 0 },
	      { "<alg>", MSG_MAX_KID, 0 },
	      { "<jwk>", MSG_MAX_JWK, 0 } } },
	{ "msg_hash", 0, sample_hash, msg_hash_again,
	    { { "<password>", MSG_MAX_PASSWORD, 0 } } },
	{ "msg_hashed", 0, sample_hashed, msg_hashed_again,
	    { { "<hash>", MSG_MAX_HASH, 0 } } },
	{ "msg_check", 0, sample_check, msg_check_again,
	    { { "<password>", MSG_MAX_PASSWORD, 0 },
	      { "<hash>", MSG_MAX_HASH, 0 } } },
	{ "msg_checked", 0, sample_checked, msg_checked_again, { { 0 } } },
	{ "msg_get", 0, sample_get, msg_get_again,
	    { { "<url>", MSG_MAX_URL, 0 } } },
	{ "msg_document", 0, sample_document, msg_document_again,
	    { { "<body>", MSG_MAX_DOCUMENT, 0 },
	      { "<why>", MSG_MAX_WHY, 0 } } },
	{ "msg_event", 0, sample_event, msg_event_again,
	    { { "<text>", MSG_MAX_EVENT, 0 } } },
	{ "msg_catalogue", 0, sample_catalogue, msg_catalogue_again,
	    { { "<body>", MSG_MAX_CATALOGUE, 1 } } },
};
const size_t	ncodecs = sizeof(codecs) / sizeof(codecs[0]);
