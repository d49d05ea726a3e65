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
 * What the parent tells its children (and grantctl): configuration, links,
 * listeners, keys, state.  The parent alone reads grantd.conf.
 */

#ifndef MSG_CONF_H
#define MSG_CONF_H

#include "msg.h"

#define CONF_MAX_ISSUER		255
#define CONF_MAX_CONNINFO	2047
#define CONF_MAX_PATH		1023
#define CONF_MAX_PROXIES	32
#define CONF_MAX_PASSWORD	1023
#define CONF_MAX_NAME		1023	/* of a listener or a key */
#define CONF_MAX_PROXY		63	/* an address with a prefix length */
#define CONF_MAX_NAMESERVER	63	/* an address, with a port */
#define CONF_MAX_STATE		1023	/* a sentence */

/* First part of IMSG_CHILD_CONF, for every role. */
struct conf_base {
	uint8_t		 privileged;	/* 1: chroot and change user */
	uint32_t	 uid;
	uint32_t	 gid;
	char		*chroot;	/* "" if none */
	uint8_t		 verbose;
	uint32_t	 instance;	/* 0.. */
	uint32_t	 nofile;	/* open files, 0 = leave */
};

struct conf_frontend {
	char		*issuer;	/* no slash at the end */
	uint32_t	 header_max;	/* bytes */
	uint32_t	 body_max;	/* bytes */
	uint32_t	 idle_timeout;	/* s, of a connection */
	uint32_t	 request_timeout; /* ms, for the broker's answer */
	uint32_t	 connections_max;
	uint32_t	 streams_max;
};

struct conf_broker {
	char		*conninfo;	/* libpq, resolved, no password */
	char		*password;	/* "" if none */
	uint32_t	 read_connections;
	uint32_t	 write_connections;
	uint32_t	 queue_max;	/* requests waiting, then 503 */
	uint32_t	 refresh_lifetime;	/* s */
	uint32_t	 refresh_grace;		/* s */
	uint32_t	 access_lifetime;	/* s, default of a new token */
	char		*issuer;
	uint8_t		 documents;	/* 1: clients by metadata document */
	uint32_t	 call_connections;	/* for procedures */
	uint32_t	 slow_connections;	/* for those that take long */
	uint32_t	 calls_max;	/* a second, of a credential; 0: any */
};

struct conf_signer {
	char		*issuer;
	uint32_t	 lifetime_max;	/* s, hard cap of an access token */
	uint32_t	 rate_max;	/* mints a second */
};

struct conf_hasher {
	uint32_t	 cost;		/* bcrypt, log2 of the rounds */
};

struct conf_fetcher {
	uint8_t		 loopback;	/* 1: may connect there; for tests */
	uint32_t	 port;		/* 443; another for tests */
	char		*ca_file;	/* "": the system's */
	char		*nameserver;	/* "": those of resolv.conf(5) */
};

struct msg_link {		/* IMSG_CHILD_LINK */
	uint8_t		 role;		/* of the peer */
	uint32_t	 instance;
};

struct msg_listener {		/* IMSG_FRONTEND_LISTENER */
	char		*name;		/* for the log: "127.0.0.1:8080" */
	uint8_t		 is_unix;
	/* trusted, their X-Forwarded-For counts: "10.0.0.0/8", "::1" */
	uint32_t	 nproxies;
	char		*proxies[CONF_MAX_PROXIES];
};

enum key_purpose { KEY_SIGN, KEY_PUBLISH, KEY_SHARED };
struct msg_key {		/* IMSG_SIGNER_KEY */
	uint8_t		 purpose;	/* sign; only publish; shared secret */
	uint32_t	 version;	/* of a shared key; highest is in use */
	char		*name;		/* path, for the log */
};

enum broker_state { STATE_AWAY, STATE_CONNECTED, STATE_WRONG_SCHEMA };
struct msg_state {		/* IMSG_PARENT_STATE */
	uint8_t		 state;
	char		*text;		/* sentence for people */
};

struct msg_status {		/* IMSG_CTL_STATUS_REP */
	uint8_t		 role;
	uint32_t	 instance;
	uint32_t	 pid;
	uint8_t		 ready;
	uint32_t	 restarts;
	uint64_t	 since;		/* s since 1970: its start */
	char		*text;		/* e.g. the database's state */
};

#define MSG_CODEC(name)							\
int	 name##_encode(struct ibuf *, const struct name *);		\
int	 name##_decode(struct ibuf *, struct name *);			\
void	 name##_free(struct name *)
/* conf_base comes first and does not end the message; the others do. */
MSG_CODEC(conf_base);
MSG_CODEC(conf_frontend);
MSG_CODEC(conf_broker);
MSG_CODEC(conf_signer);
MSG_CODEC(conf_hasher);
MSG_CODEC(conf_fetcher);
MSG_CODEC(msg_link);
MSG_CODEC(msg_listener);
MSG_CODEC(msg_key);
MSG_CODEC(msg_state);
MSG_CODEC(msg_status);
#undef MSG_CODEC

#endif /* MSG_CONF_H */
