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
 * What the parent tells a child before IMSG_CHILD_START: its part of the
 * configuration, and the descriptors that its role works with.
 * Room: parent.  No key file is read here, only passed on.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conninfo.h"
#include "log.h"
#include "parent.h"

#define FILES_SPARE	256	/* descriptors besides client connections */

static int
encode_frontend(const struct child *child, struct ibuf *buf)
{
	const struct conf	*conf = child->conf;
	struct conf_frontend	 cf = {
		.issuer = conf->issuer,
		.header_max = conf->limit_header,
		.body_max = conf->limit_body,
		.idle_timeout = conf->limit_idle,
		.request_timeout = conf->limit_wait * 1000,
		.connections_max = conf->limit_connections,
		.streams_max = conf->limit_streams
	};
	struct rlimit		 rl;

	/* Only root can raise the hard limit: take what it gives. */
	if (!child->parent->privileged &&
	    getrlimit(RLIMIT_NOFILE, &rl) == 0 &&
	    rl.rlim_max != RLIM_INFINITY && rl.rlim_max > 2 * FILES_SPARE &&
	    cf.connections_max > rl.rlim_max - FILES_SPARE)
		cf.connections_max = (uint32_t)rl.rlim_max - FILES_SPARE;
	return conf_frontend_encode(buf, &cf);
}

static int
encode_broker(const struct child *child, struct ibuf *buf)
{
	const struct conf	*conf = child->conf;
	struct conf_broker	 cb = {
		.password = conf->database.password,
		.read_connections = conf->database.read,
		.write_connections = conf->database.write,
		.queue_max = conf->limit_queue,
		.refresh_lifetime = conf->lifetime_refresh,
		.refresh_grace = conf->lifetime_grace,
		.access_lifetime = conf->lifetime_access,
		.issuer = conf->issuer,
		.documents = (uint8_t)conf->documents,
		.call_connections = conf->database.call,
		.slow_connections = conf->database.slow,
		.calls_max = conf->limit_calls
	};
	int			 r;

	cb.conninfo = conninfo_build(&conf->database,
	    child->parent->privileged);
	if (cb.conninfo == NULL)
		return -1;
	r = conf_broker_encode(buf, &cb);
	free(cb.conninfo);
	return r;
}

static int
encode_signer(const struct child *child, struct ibuf *buf)
{
	const struct conf	*conf = child->conf;
	struct conf_signer	 cs = {
		.issuer = conf->issuer,
		.lifetime_max = conf->lifetime_maximum,
		.rate_max = conf->limit_rate
	};

	return conf_signer_encode(buf, &cs);
}

static int
encode_hasher(const struct child *child, struct ibuf *buf)
{
	struct conf_hasher	 ch = { .cost = child->conf->cost };

	return conf_hasher_encode(buf, &ch);
}

static int
encode_fetcher(const struct child *child, struct ibuf *buf)
{
	const struct conf_fetch	*fetch = &child->conf->fetcher;
	struct conf_fetcher	 cf = {
		.loopback = (uint8_t)fetch->loopback,
		.port = fetch->port,
		.ca_file = fetch->ca_file,
		.nameserver = fetch->nameserver
	};

	return conf_fetcher_encode(buf, &cf);
}

static int (*const encoders[ROLE__MAX])(const struct child *, struct ibuf *) = {
	[ROLE_FRONTEND] = encode_frontend,
	[ROLE_BROKER] = encode_broker,
	[ROLE_SIGNER] = encode_signer,
	[ROLE_HASHER] = encode_hasher,
	[ROLE_FETCHER] = encode_fetcher
};

static int
encode_base(const struct child *child, struct ibuf *buf)
{
	const struct conf	*conf = child->conf;
	const struct conf_user	*cu = conf_user(conf, child->role);
	struct conf_base	 base = {
		.privileged = (uint8_t)child->parent->privileged,
		.uid = cu->uid,
		.gid = cu->gid,
		.verbose = (uint8_t)child->parent->verbose,
		.instance = child->instance,
		.nofile = FILES_SPARE
	};
	int			 r;

	if (child->role == ROLE_FRONTEND)
		base.nofile += conf->limit_connections;
	if (!base.privileged)
		base.chroot = strdup("");
	else if (child->role == ROLE_BROKER)
		base.chroot = conninfo_root(&conf->database, conf->chroot);
	else
		base.chroot = strdup(conf->chroot);
	if (base.chroot == NULL)
		return -1;
	r = conf_base_encode(buf, &base);
	free(base.chroot);
	return r;
}

struct ibuf *
child_conf_encode(const struct child *child)
{
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL)
		return NULL;
	if (encode_base(child, buf) == -1 ||
	    encoders[child->role](child, buf) == -1) {
		ibuf_free(buf);
		return NULL;
	}
	return buf;
}

/* The child gets its own descriptor; ours stays for its successor. */
static int
send_descriptor(struct child *child, uint32_t type, int fd, struct ibuf *buf)
{
	int	 copy;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		ibuf_free(buf);
		return -1;
	}
	return child_send(child, type, 0, copy, buf);
}

static int
send_listener(struct child *child, const struct conf_listener *cl)
{
	struct msg_listener	 ml;
	struct ibuf		*buf;

	memset(&ml, 0, sizeof(ml));
	ml.name = cl->name;
	ml.is_unix = (uint8_t)cl->is_unix;
	ml.nproxies = cl->nproxies;
	memcpy(ml.proxies, cl->proxies, sizeof(ml.proxies));
	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL)
		return -1;
	if (msg_listener_encode(buf, &ml) == -1) {
		ibuf_free(buf);
		return -1;
	}
	return send_descriptor(child, IMSG_FRONTEND_LISTENER, cl->fd, buf);
}

static int
send_key(struct child *child, const struct conf_key *ck)
{
	struct msg_key	 mk;
	struct ibuf	*buf;

	/* A former signer may have read it: the offset is shared. */
	if (lseek(ck->fd, 0, SEEK_SET) == -1)
		return -1;
	mk.purpose = (uint8_t)ck->purpose;
	mk.version = ck->version;
	mk.name = ck->path;
	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL)
		return -1;
	if (msg_key_encode(buf, &mk) == -1) {
		ibuf_free(buf);
		return -1;
	}
	return send_descriptor(child, IMSG_SIGNER_KEY, ck->fd, buf);
}

static int
send_jwks(struct child *child)
{
	struct parent	*parent = child->parent;
	struct ibuf	*buf;

	if (parent->jwks == NULL)
		return 0;	/* comes when the signer has made it */
	if ((buf = ibuf_dynamic(0, IPC_MAX_JWKS)) == NULL)
		return -1;
	if (ibuf_add(buf, parent->jwks, parent->jwks_len) == -1) {
		ibuf_free(buf);
		return -1;
	}
	return child_send(child, IMSG_FRONTEND_JWKS, 0, -1, buf);
}

int
child_conf_send_journal(struct child *child)
{
	return send_descriptor(child, IMSG_SIGNER_JOURNAL,
	    child->conf->journal_fd, NULL);
}

int
child_conf_send(struct child *child)
{
	struct conf_listener	*cl;
	struct conf_key		*ck;

	if (child->role == ROLE_FRONTEND) {
		TAILQ_FOREACH(cl, &child->conf->listeners, entry)
			if (send_listener(child, cl) == -1)
				return -1;
		return send_jwks(child);
	}
	if (child->role == ROLE_SIGNER) {
		TAILQ_FOREACH(ck, &child->conf->keys, entry)
			if (send_key(child, ck) == -1)
				return -1;
		return child_conf_send_journal(child);
	}
	return 0;
}
