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
 * What the broker's files share: the process, its doors (links over which
 * requests come) and requests.  Room: broker.
 */

#ifndef BROKER_H
#define BROKER_H

#include <sys/queue.h>
#include <sys/tree.h>
#include <stdint.h>

#include <event2/event.h>

#include "batch.h"
#include "bind.h"
#include "db.h"
#include "errmap.h"
#include "hash.h"
#include "ipc_event.h"
#include "msg_broker.h"
#include "msg_signer.h"
#include "pace.h"
#include "role.h"
#include "statement.h"

#define HASH_LEN		32	/* SHA-256 */
#define REQUEST_TIMEOUT_MAX	(3600 * 1000)	/* ms */
#define REQUEST_TIMEOUT		(30 * 1000)	/* ms, when none is given */
#define FRESH_MAX		4	/* secrets that one request can make */
#define FRESH_TEXT		63
#define REQUESTS_PER_QUEUE	4	/* requests at all, in queue_max's */

struct broker;
struct catalogue;
struct fetch;
struct fetching;
struct issue;
struct keys;
struct mint;
struct rate;
struct refusal;
struct sign;
struct signing;

/* A secret that was drawn for a request, or that its caller gets back. */
struct fresh {
	char		 text[FRESH_TEXT + 1];
	uint8_t		 hash[HASH_LEN];
};

struct door {
	TAILQ_ENTRY(door)	 entry;
	struct broker		*broker;
	struct ipc_link		*link;
	enum role		 role;
	uint32_t		 instance;
};

/* One request, from its arrival to its reply. */
struct request {
	RB_ENTRY(request)	 entry;
	struct broker		*broker;
	struct door		*door;		/* NULL: it is gone */
	uint32_t		 id;		/* on its door */
	struct msg_request	 m;
	const struct operation	*op;
	const char		*phase;		/* call, plan, commit */
	uint8_t			 cred_hash[HASH_LEN];
	uint8_t			 secret_hash[HASH_LEN];
	char			 csrf[MSG_MAX_CSRF + 1]; /* of the cookie */
	uint8_t			 csrf_want[HASH_LEN];
	uint8_t			 csrf_given[HASH_LEN];
	char			*header;	/* of an assertion, or NULL */
	char			*assertion;	/* verified payload, or NULL */
	char			*carry;		/* of the plan, JSON */
	struct fresh		 fresh[FRESH_MAX];
	unsigned		 nfresh;
	uint8_t			 fresh_id[UUID_LEN];
	struct hash_job		*job;		/* at a hasher */
	struct fetch		*fetch;		/* at the fetcher */
	struct {
		int32_t		 status;	/* of HTTP, 0: failed */
		uint32_t	 seconds;
		char		*body;
	}			 document;	/* of the client */
	struct {
		int		 is;		/* one, of an application */
		struct operation op;
		int		 trusted;
		uint32_t	 timeout_ms;
		enum pace_kind	 kind;
		int		 counted;	/* pace_end() is due */
		int		 raised;	/* the error is its own */
		int		 told;		/* something, meanwhile */
		int		 again;		/* it was tried before */
	}			 procedure;
	int			 password_ok;	/* -1: was not asked */
	char			*password_hash;	/* to be stored, or NULL */
	uint64_t		 deadline;	/* ms, queue_now() */
	int			 gone;		/* nobody waits any more */
	struct unit		*unit;		/* waiting or running for it */
	struct mint		*mint;		/* mint.c */
	struct refusal		*refusal;	/* refusal.c */
};
RB_HEAD(requests, request);

struct broker {
	struct event_base	*base;
	struct role_self	 role;
	struct conf_broker	 conf;
	struct db		*db;
	struct ipc_link		*parent;	/* NULL: stopping */
	struct door		 control;	/* the parent as a door */
	TAILQ_HEAD(, door)	 doors;
	struct ipc_link		*signer;
	struct requests		 requests;
	size_t			 nrequests;
	struct signing		*signing;
	struct keys		*keys;
	struct hashing		*hashing;
	struct fetching		*fetching;
	struct catalogue	*catalogue;
	struct paces		 paces;
	struct rate		*rate;		/* of calls */
	struct issue		*issue;		/* shared plans and commits */
	struct batch		*refusals;
	struct event		*tick;		/* while there are requests */
	struct event		*maintain;
	struct event		*stop;		/* last moment of a drain */
};

/* broker.c */
/* Looks whether a drain is over. */
void	 broker_idle(struct broker *);

/* request.c */
/* A request came in over this door; it will be answered, whatever it is. */
void	 request_new(struct door *, struct imsg *);
/* The client of this id went away. */
void	 request_cancel(struct door *, uint32_t id);
/* The door is gone, and with it everybody who waits behind it. */
void	 request_close(struct door *);
/* Sends the reply, if anybody waits for it, and frees the request. */
void	 request_reply(struct request *, const struct msg_reply *);
void	 request_own(struct request *, enum errmap_own);
/*
 * Answers with what a unit brought: its error, mapped and audited when it
 * is a refusal, or the row of this statement, with these secrets.
 */
void	 request_unit(struct request *, struct unit *, unsigned statement,
	    unsigned row, const struct msg_minted *);
/* An error of an SQLSTATE, from a unit or out of a batch's row. */
void	 request_error(struct request *, const struct db_error *);
void	 request_free(struct request *);
RB_PROTOTYPE(requests, request, entry, request_compare)

/* call.c: classes read and write */
void	 call_start(struct request *);

/* procedure.c: what is published, "api:NAME" and "mcp:NAME" */
int	 procedure_concerns(const struct request *);
/* Makes the operation; 0, or -1 and why not. */
int	 procedure_find(struct request *, enum errmap_own *why);
void	 procedure_start(struct request *);
/* The request ends. */
void	 procedure_free(struct request *);

/* password.c: class password, by way of the hashers */
void	 password_start(struct request *);

/* assertion.c: a client's JWT is verified, then the operation starts */
void	 assertion_start(struct request *);
/* Keeps the JSON that a plan hands to its commit; 0 or -1. */
int	 request_carry(struct request *, const struct unit *,
	    unsigned statement, unsigned row, unsigned column);
/* Starts the operation by its class. */
void	 request_run(struct request *);
/* What comes before that, once the client is known. */
void	 request_proceed(struct request *);

/* document.c: the client's metadata document comes first, if it has one */
int	 document_concerns(const struct request *);
void	 document_start(struct request *);

/* fresh.c: NULL when the request has too many, or no memory */
const struct fresh *fresh_draw(struct request *, const char *prefix);
/* The credential; NULL too when there is none, or none of this length. */
const struct fresh *fresh_shown(struct request *);
void	 fresh_reply(struct request *, struct msg_reply *);

/* gate.c */
/* First statement of a unit: the gate lets it through, or the unit fails. */
void	 gate_enter(struct unit *, struct request *, const char *phase);
/*
 * A unit of the gate and this statement, on its way as r->unit; answered with
 * OWN_FULL when there is no room for it.
 */
void	 gate_unit(struct request *, enum db_lane, const char *phase,
	    enum query, unit_cb);
int	 gate_hash(uint8_t [HASH_LEN], const void *, size_t);
/* Leaves out as it was for an empty text, which nobody asks for. */
int	 gate_hash_text(uint8_t out[HASH_LEN], const char *);
/* Hashes of all that a request brings; 0 or -1. */
int	 gate_prepare(struct request *);
/* What of the credential goes to the database: NULL if there is none. */
const uint8_t *gate_credential(const struct request *);

/* mint.c: classes mint and mintbatch */
void	 mint_start(struct request *);
/* Takes the request out of signing or of the batch that still collects; 1
 * if it was there, and nothing more will come of it. */
int	 mint_cancel(struct request *);
/* Wipes; a token that was signed but not stored is reported as such. */
void	 mint_free(struct request *);

/* issue.c: shared plans and commits, of the operations that have them */
struct issue *issue_new(struct broker *);
void	 issue_delete(struct issue *);
void	 issue_expire(struct issue *, uint64_t now);
int	 issue_busy(const struct issue *);

/* refusal.c */
struct batch *refusal_batch_new(struct broker *);
/* Audits first, replies then; copies the reply. */
void	 refusal_start(struct request *, const struct msg_reply *);
void	 refusal_free(struct request *);
const struct msg_reply *refusal_reply(const struct request *);

/* sign.c */
enum sign_result { SIGN_ANSWERED, SIGN_AWAY, SIGN_EXPIRED };
/* Once, not inside sign_start(); minted is NULL unless SIGN_ANSWERED, and
 * what the callback leaves in it is freed. */
typedef void (*sign_cb)(enum sign_result, struct msg_minted *, void *arg);
struct signing *sign_new(size_t max);
void	 sign_delete(struct signing *);
/* NULL: the signer is away, or too many wait for it. */
struct sign *sign_start(struct broker *, const struct msg_mint *,
	    uint64_t deadline, sign_cb, void *arg);
void	 sign_cancel(struct broker *, struct sign *);
void	 sign_abandon(struct broker *, const uint8_t jti[UUID_LEN]);
void	 sign_answer(struct broker *, struct imsg *);
void	 sign_expire(struct broker *, uint64_t now);
void	 sign_down(struct broker *);

/* maintain.c */
/* From now on, every MAINTAIN_INTERVAL seconds. */
struct event *maintain_new(struct broker *);

/* keys.c */
struct keys *keys_new(void);
void	 keys_delete(struct keys *);
/* From the signer: this host's. */
void	 keys_own(struct broker *, struct imsg *);
/* Another signer is there: what the former one had is not this host's. */
void	 keys_unclaim(struct broker *);
/* The signer or the database is there (again). */
void	 keys_refresh(struct broker *);

#endif /* BROKER_H */
