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
 * What the broker asks the signer.  There is no message that carries bytes
 * to sign: header and claims are the signer's own work.
 */

#ifndef MSG_SIGNER_H
#define MSG_SIGNER_H

#include "msg.h"

enum token_kind {
	TOKEN_NONE,
	TOKEN_ORGANIZATION,	/* audience v1 */
	TOKEN_INTEGRATION,	/* audience v1/connectors */
	TOKEN_USER,		/* audience api, mcp */
	TOKEN_CLIENT,		/* audience api, mcp */
	TOKEN__MAX
};

/* Audiences, a mask; the signer knows which kind may have which. */
#define AUD_V1		0x01	/* <issuer>/v1 */
#define AUD_CONNECTORS	0x02	/* <issuer>/v1/connectors */
#define AUD_API		0x04	/* <issuer>/api */
#define AUD_MCP		0x08	/* <issuer>/mcp */

enum mint_refresh {
	MINT_REFRESH_NONE,	/* a single access token */
	MINT_REFRESH_FRESH,	/* birth, rotate, reset: draws a new seed */
	MINT_REFRESH_ADVANCE,	/* verifies presented, derives the next */
	MINT_REFRESH__MAX
};

#define MSG_MAX_SUBJECT		255
#define MSG_MAX_CLIENT_ID	255
#define MSG_MAX_SCOPE		2047
#define MSG_MAX_SEED		128
#define MSG_MAX_PRESENTED	127
#define MSG_MAX_ACCESS		4095
#define MSG_MAX_REASON		255
#define MSG_MAX_NONCE		255
#define MSG_MAX_KID		63
#define MSG_MAX_JWK		4095
#define MSG_MAC_LEN		32

struct msg_mint {
	uint8_t		 kind;		/* enum token_kind */
	uint8_t		 audience;	/* AUD_* mask */
	uint8_t		 refresh;	/* enum mint_refresh */
	uint32_t	 ttl;		/* s; the signer caps it */
	uint8_t		 organization[UUID_LEN];
	uint8_t		 family[UUID_LEN];
	uint32_t	 generation;	/* of the pair to be made */
	char		*subject;
	char		*client_id;
	char		*scope;		/* space separated, "" for none */
	/* MINT_REFRESH_ADVANCE only */
	uint32_t	 seed_key;	/* version, sealed seed */
	void		*seed;		/* sealed, from the family's row */
	size_t		 seed_len;
	char		*presented;	/* refresh secret of generation - 1 */
	/* OpenID Connect Core 2: only kind TOKEN_USER */
	uint8_t		 id_token;	/* 1: make one, for client_id */
	uint64_t	 auth_time;	/* s since 1970, 0 = absent */
	char		*nonce;		/* "" = absent */
};

enum mint_error {
	MINT_OK,
	MINT_REFUSED,		/* kind, audience, ttl or fields do not fit */
	MINT_BAD_SECRET,	/* presented secret is not the family's */
	MINT_BUSY,		/* rate ceiling */
	MINT_FAILED,		/* key or journal trouble */
	MINT__MAX
};

struct msg_minted {
	uint8_t		 error;		/* enum mint_error */
	char		*reason;	/* for the log, "" if OK */
	uint8_t		 jti[UUID_LEN];
	uint64_t	 iat;		/* s since 1970 */
	uint64_t	 exp;
	char		*access;	/* the JWT */
	char		*refresh;	/* refresh secret, "" if none */
	char		*id_token;	/* JWT, "" if none */
	uint32_t	 seed_key;	/* FRESH: a new sealed seed */
	void		*seed;
	size_t		 seed_len;
};

/* A public key as it lies in the table of signing keys. */
struct msg_pubkey {
	char		*kid;		/* RFC 7638 thumbprint */
	char		*alg;
	char		*jwk;		/* JSON text */
	uint8_t		 mac[MSG_MAC_LEN];	/* HMAC under the shared key */
};

int	 msg_mint_encode(struct ibuf *, const struct msg_mint *);
int	 msg_mint_decode(struct ibuf *, struct msg_mint *);
void	 msg_mint_free(struct msg_mint *);		/* wipes */
int	 msg_minted_encode(struct ibuf *, const struct msg_minted *);
int	 msg_minted_decode(struct ibuf *, struct msg_minted *);
void	 msg_minted_free(struct msg_minted *);		/* wipes */
int	 msg_pubkey_encode(struct ibuf *, const struct msg_pubkey *);
int	 msg_pubkey_decode(struct ibuf *, struct msg_pubkey *);
void	 msg_pubkey_free(struct msg_pubkey *);

#endif /* MSG_SIGNER_H */
