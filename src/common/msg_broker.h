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
 * What frontends and grantctl ask the broker, and its answer.
 */

#ifndef MSG_BROKER_H
#define MSG_BROKER_H

#include "msg.h"

enum credential_kind {
	CRED_NONE,
	CRED_ACCESS,	/* an access token (JWT), hint_expiry from its exp */
	CRED_REFRESH,	/* a refresh secret, hint_family from its text */
	CRED_CONTROL,	/* grantctl: only over the parent's link */
	CRED_SESSION,	/* the cookie of a person who signed in */
	CRED_VISITOR,	/* the cookie of one who did not; carries csrf */
	CRED_CLIENT,	/* a client's secret, "" of a public client */
	CRED_ASSERTION,	/* a client's JWT (RFC 7523) */
	CRED_REGISTRATION, /* initial or registration token (RFC 7591, 7592) */
	CRED__MAX
};

#define MSG_MAX_OPERATION	135	/* "mcp:", two identifiers, a dot */
#define MSG_MAX_CREDENTIAL	4096
#define MSG_MAX_PEER		63
#define MSG_MAX_METHOD		15
#define MSG_MAX_PATH		1023
#define MSG_MAX_ARGUMENTS	(2 * 1024 * 1024)
#define MSG_MAX_CLIENT		1023	/* a URL, it may be (CIMD) */
#define MSG_MAX_CSRF		63
#define MSG_MAX_TYPED		255	/* the hasher refuses over 72 */

struct msg_request {
	uint8_t		 request_id[UUID_LEN];	/* UUIDv7, also in log, audit */
	uint32_t	 timeout_ms;	/* from now; then nobody waits */
	char		*operation;
	uint8_t		 credential_kind;
	char		*credential;	/* raw text; "" if none */
	uint64_t	 hint_expiry;	/* s since 1970, unchecked; 0 if none */
	uint8_t		 hint_family[UUID_LEN];	/* unchecked; zero if none */
	char		*peer;		/* address of the client, text, or "" */
	char		*method;	/* for the audit */
	char		*path;		/* for the audit, cut, without query */
	char		*arguments;	/* JSON object, checked by the sender */
	char		*client;	/* client id that is claimed, or "" */
	char		*csrf;		/* token out of the form, or "" */
	char		*password;	/* for the hasher alone, or "" */
	char		*new_password;
	/*
	 * A machine's secret that the request is about: a code, a refresh
	 * secret, a token to revoke, a one-time link.  "" if none.  Hints as
	 * above.
	 */
	char		*secret;
	uint64_t	 secret_expiry;
	uint8_t		 secret_family[UUID_LEN];
	uint8_t		 wants_events;	/* 1: tell what it says meanwhile */
};

#define MSG_MAX_CODE		63
#define MSG_MAX_TEXT		4095
#define MSG_MAX_BODY		(8 * 1024 * 1024)
#define MSG_MAX_SECRETS		8
enum reply_secret {
	SECRET_ACCESS,		/* access token */
	SECRET_REFRESH,		/* refresh secret */
	SECRET_ID,		/* ID token */
	SECRET_FRESH		/* and on: drawn by the broker */
};
#define MSG_MAX_SECRET		4096

struct msg_reply {
	uint16_t	 status;	/* HTTP: 200, 201, 204, 4xx, 5xx */
	/* of an error; "" otherwise */
	char		*code;		/* for machines: "insufficient_scope" */
	char		*message;	/* short, for people */
	char		*detail;
	char		*remediation;
	char		*parameter;	/* wrong: a name or JSON pointer */
	char		*location;	/* "body", "path", "query", "header" */
	char		*scope;		/* scopes that would have been needed */
	uint32_t	 retry_after;	/* s; 0 = none */
	char		*csrf;		/* for forms, of a cookie; "" if none */
	/* of a success */
	char		*body;		/* JSON, "" if none */
	size_t		 body_len;
	/*
	 * secret n replaces the JSON string "\u0001n" in body (PostgreSQL
	 * writes that control character so; nobody else may send it).  "" is
	 * one that was not made.
	 */
	uint8_t		 nsecrets;
	char		*secrets[MSG_MAX_SECRETS];
};

/*
 * What runs says something before it is done: IMSG_FRONTEND_EVENT, with the
 * id of the request.  text is meant to be JSON, but foreign SQL wrote it.
 */
enum event_kind {
	EVENT_PROGRESS,
	EVENT_LOG,
	EVENT__MAX
};
#define MSG_MAX_EVENT		65536
struct msg_event {
	uint8_t		 kind;
	char		*text;
};

/* What is published: IMSG_FRONTEND_CATALOGUE. */
#define MSG_MAX_CATALOGUE	(8 * 1024 * 1024)
struct msg_catalogue {
	uint64_t	 generation;
	char		*body;		/* JSON, made by PostgreSQL */
	size_t		 body_len;
};

int	 msg_request_encode(struct ibuf *, const struct msg_request *);
/* Everything in *m is the caller's: msg_request_free(), also after -1. */
int	 msg_request_decode(struct ibuf *, struct msg_request *);
void	 msg_request_free(struct msg_request *);	/* wipes */

int	 msg_reply_encode(struct ibuf *, const struct msg_reply *);
int	 msg_reply_decode(struct ibuf *, struct msg_reply *);
void	 msg_reply_free(struct msg_reply *);		/* wipes */

int	 msg_event_encode(struct ibuf *, const struct msg_event *);
int	 msg_event_decode(struct ibuf *, struct msg_event *);
void	 msg_event_free(struct msg_event *);		/* wipes */

int	 msg_catalogue_encode(struct ibuf *, const struct msg_catalogue *);
int	 msg_catalogue_decode(struct ibuf *, struct msg_catalogue *);
void	 msg_catalogue_free(struct msg_catalogue *);

#endif /* MSG_BROKER_H */
