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
 * JSON-RPC 2.0 as MCP uses it: one request or notification in, one response
 * out.  Pure.
 */

#ifndef MCP_RPC_H
#define MCP_RPC_H

#include <sys/types.h>

#include "json.h"
#include "json_write.h"

#define RPC_PARSE_ERROR		(-32700)
#define RPC_INVALID_REQUEST	(-32600)
#define RPC_METHOD_NOT_FOUND	(-32601)
#define RPC_INVALID_PARAMS	(-32602)
#define RPC_INTERNAL_ERROR	(-32603)
#define RPC_HEADER_MISMATCH	(-32020)
#define RPC_MISSING_CAPABILITY	(-32021)
#define RPC_UNSUPPORTED_VERSION	(-32022)
#define RPC_CANCELLED		(-32800)	/* as of LSP: MCP has none */
#define RPC_NO_RESOURCE		(-32002)	/* of 2025-11-25 and before */
/* What has none in the specification has its HTTP status as code. */

#define RPC_MAX_ID		255	/* bytes of an id that is a string */

/* What a client can be asked for; also what it must be able to. */
#define MCP_CAN_ELICIT		0x01	/* a form */
#define MCP_CAN_ELICIT_URL	0x02
#define MCP_CAN_SAMPLE		0x04
#define MCP_CAN_ROOTS		0x08

/* Why there is no result. */
struct mcp_error {
	unsigned int	 status;	/* HTTP */
	int		 code;
	unsigned int	 needs;		/* MCP_CAN_*: of MISSING_CAPABILITY */
	unsigned int	 retry_after;	/* s; 0 = none */
	const char	*member;	/* of data, or NULL */
	char		 message[256];
	char		 value[512];	/* of that member; cut */
};

/* Of a message, and of what is made of its parts: numeric has no 64 bit. */
extern const struct json_limits	 rpc_limits;

/* A message; everything lives as long as doc. */
struct rpc {
	struct json_doc		*doc;
	const struct json_value	*id;	/* NULL: a notification */
	const char		*method;
	const struct json_value	*params;	/* an object, or NULL */
};

/* Strings and integers of 64 bit; null and the rest are no ids (MCP). */
int	 rpc_is_id(const struct json_value *);
/* Fills *e; the message is cut where it does not fit. */
void	 mcp_fail(struct mcp_error *, unsigned int status, int code,
	    const char *message);
/*
 * 0, or -1 and *e; then m->id may be there for the answer.  rpc_free() in
 * both cases.
 */
int	 rpc_parse(struct rpc *m, const char *, size_t, struct mcp_error *e);
void	 rpc_free(struct rpc *);

/* {"jsonrpc","id","result":{ ... and the end of it. */
void	 rpc_result_open(struct json_buf *, const struct json_value *id);
void	 rpc_result_close(struct json_buf *);
/* A whole response; no id where none could be read. */
void	 rpc_error(struct json_buf *, const struct json_value *id,
	    const struct mcp_error *);
/* {"jsonrpc","method","params":{ ... and the end of it. */
void	 rpc_notification_open(struct json_buf *, const char *method);
void	 rpc_notification_close(struct json_buf *);

/* Versions of the protocol that are served, the newest first; NULL ends. */
extern const char *const	 mcp_versions[];

#endif /* MCP_RPC_H */
