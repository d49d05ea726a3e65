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
 * Inside of mcp: one message and its answer, what the mcp_*.c share.
 */

#ifndef MCP_INT_H
#define MCP_INT_H

#include <sys/queue.h>

#include "catalogue.h"
#include "mcp_check.h"
#include "mcp_rpc.h"
#include "request.h"

#define MCP_MAX_ANSWER	(12 * 1024 * 1024)	/* text and structure */
#define MCP_VISIBLE	"mcp.visible"
#define MCP_OPERATION	"mcp:"

struct mcp;

#define ERA_BIT(era)	(1U << (era))
#define ERAS_BOTH	(ERA_BIT(ERA_MODERN) | ERA_BIT(ERA_LEGACY))

/* A method of JSON-RPC. */
struct mcp_method {
	const char	*name;
	unsigned int	 eras;
	/*
	 * Looks at the parameters: may choose m->entry, whose operation is
	 * then asked for with m->arguments.  0, or -1 and m->error, which is
	 * told once the credential was found good.  NULL: nothing to do.
	 */
	int	(*prepare)(struct mcp *);
	/*
	 * The broker said 2xx, or 4xx of m->entry: answers.  The reply is of
	 * m->entry if there is one, else of MCP_VISIBLE.
	 */
	void	(*finish)(struct mcp *, const struct msg_reply *);
};

TAILQ_HEAD(mcp_streams, mcp);

/* What a request is known by to all workers: digests. */
struct mcp_key {
	uint64_t	 whose;		/* credential */
	uint64_t	 which;		/* and id */
};

/* One message; it lives as long as its request. */
struct mcp {
	TAILQ_ENTRY(mcp)	 entries;	/* of streams */
	TAILQ_ENTRY(mcp)	 runners;	/* mcp_running.c */
	TAILQ_ENTRY(mcp)	 sharers;	/* mcp_share.c */
	struct request		*r;
	struct rpc		 rpc;
	struct mcp_meta		 meta;
	const struct mcp_method	*method;
	struct catalogue	*catalogue;	/* a reference */
	const struct catalogue_entry *entry;
	const struct catalogue_entry *asked;	/* the broker, for this */
	struct json_buf		 arguments;	/* for the broker */
	struct mcp_error	 error;
	struct json_buf		 misfit;	/* text: wrong arguments */
	char			*uri;		/* of resources/read */
	unsigned int		 failed:1;	/* error is to be told */
	unsigned int		 can_stream:1;	/* it accepts events */
	unsigned int		 streaming:1;	/* the head is out */
	unsigned int		 followed:1;	/* in the list of streams */
	unsigned int		 listening:1;
	unsigned int		 running:1;	/* in a list of runners */
	unsigned int		 sharing:1;	/* in a list of sharers */
	unsigned int		 checking:1;	/* its credential, now */
	uint64_t		 share;		/* digest of whose it is */
	struct mcp_key		 key;		/* of a runner */
	struct request		*look;		/* asks meanwhile, or NULL */
	uint64_t		 checked;	/* us: its credential */
	uint64_t		 written;	/* us */
	/* of events */
	double			 progress;	/* the last one told */
	uint64_t		 second;	/* of the count below */
	unsigned int		 told;
	/* of subscriptions/listen */
	unsigned int		 filter;	/* MCP_LIST_* bits */
	uint64_t		 seen;		/* digest of what is visible */
	int64_t			 generation;	/* of that */
	const struct json_value	*watches;	/* URIs, in rpc; or NULL */
	char			*snapshot;	/* of the last look, or NULL */
};

/* What lists there are; bits of a filter. */
enum mcp_list {
	MCP_LIST_TOOLS,
	MCP_LIST_PROMPTS,
	MCP_LIST_RESOURCES,
	MCP_LIST_TEMPLATES,
	MCP_LIST__MAX
};

/* mcp.c */
/* A result, the head of it; and what ends it and sends it. */
void	 mcp_result_open(struct mcp *, struct json_buf *, const char *type);
void	 mcp_result_send(struct mcp *, struct json_buf *);
/* ttlMs and cacheScope, in revisions that have them. */
void	 mcp_put_cache(struct mcp *, struct json_buf *, int64_t ttl_ms);
void	 mcp_refuse(struct mcp *, const struct mcp_error *);
/* mcp_refuse() of an error of the message itself, HTTP 200 but for codes
 * that have a status of their own. */
void	 mcp_say(struct mcp *, int code, const char *message);
/* Fills m->error for prepare(); always -1. */
int	 mcp_wrong(struct mcp *, int code, const char *message);
/* Whether the answer of MCP_VISIBLE names this entry. */
int	 mcp_is_visible(const struct msg_reply *, const char *name);

/* mcp_info.c */
void	 mcp_discover(struct mcp *, const struct msg_reply *);
void	 mcp_initialize(struct mcp *, const struct msg_reply *);
void	 mcp_empty(struct mcp *, const struct msg_reply *);
int	 mcp_set_level(struct mcp *);
int	 mcp_subscribe(struct mcp *);
int	 mcp_complete_prepare(struct mcp *);
void	 mcp_complete(struct mcp *, const struct msg_reply *);

/* mcp_list.c */
void	 mcp_list_tools(struct mcp *, const struct msg_reply *);
void	 mcp_list_prompts(struct mcp *, const struct msg_reply *);
void	 mcp_list_resources(struct mcp *, const struct msg_reply *);
void	 mcp_list_templates(struct mcp *, const struct msg_reply *);
/* mcp_show.c: how an entry is told in its list; 1 if it is of this one. */
int	 mcp_in_list(const struct catalogue_entry *, enum mcp_list);
void	 mcp_show(struct json_buf *, const struct catalogue_entry *,
	    enum mcp_list);
/* Arguments that stand for a page, of tools whose result has pages. */
#define MCP_PAGE_SIZE	"page_size"
#define MCP_CURSOR	"cursor"

/* mcp_call.c */
/* By the name that clients know it by; NULL if none is in that list. */
const struct catalogue_entry	*mcp_find(const struct catalogue *,
				    const char *name, enum mcp_list);
int	 mcp_tool_prepare(struct mcp *);
int	 mcp_prompt_prepare(struct mcp *);
int	 mcp_resource_prepare(struct mcp *);

/* mcp_answer.c */
/* uri names nothing: in the words of the era. */
void	 mcp_no_resource(const struct mcp *, struct mcp_error *);
void	 mcp_tool(struct mcp *, const struct msg_reply *);
/* m->misfit, instead; the reply is that of mcp.visible. */
void	 mcp_tool_misfit(struct mcp *, const struct msg_reply *);
void	 mcp_prompt(struct mcp *, const struct msg_reply *);
void	 mcp_resource(struct mcp *, const struct msg_reply *);

/* mcp_share.c */
void	 mcp_share_init(void);
/* One stream more of the credential of m: 0, or -1: it has its share. */
int	 mcp_share_take(struct mcp *);
void	 mcp_share_give(struct mcp *);		/* none taken: fine */
/* A credential's share of so many. */
unsigned int	 mcp_share_max(unsigned int streams);

/* mcp_running.c */
void	 mcp_running_init(void);
/* m was sent to the broker; forget: it was not, fine. */
void	 mcp_running_add(struct mcp *);
void	 mcp_running_forget(struct mcp *);
/* Asks whether the credential of a call is still good; ends it if not. */
void	 mcp_running_look(struct mcp *);
/* m is a notification of whom the endpoint is open to. */
void	 mcp_running_notified(const struct mcp *);

/* mcp_watch.c */
/* prepare() of resourceSubscriptions. */
int	 mcp_watch_prepare(struct mcp *, const struct json_value *wants);
/* Of MCP_VISIBLE; good until it is asked for again. */
const char	*mcp_watch_arguments(struct mcp *);
/* Of an answer of MCP_VISIBLE: what was acknowledged, what changed since the
 * one that was remembered. */
void	 mcp_watch_acknowledge(const struct mcp *, struct json_buf *,
	    const struct json_value *said);
void	 mcp_watch_tell(struct mcp *, const struct json_value *said);
void	 mcp_watch_remember(struct mcp *, const struct json_value *said);

/* mcp_stream.c */
/* FNV-1a, goes on from a digest; not against who chooses the data. */
#define MCP_DIGEST	0xcbf29ce484222325ULL
uint64_t	 mcp_digest(uint64_t, const void *, size_t);
/* An event: 0, or -1: the client is gone, and m will be. */
int	 mcp_stream_event(struct mcp *, const struct json_buf *);
/* _meta with the id of the subscription. */
void	 mcp_stream_put_subscription(const struct mcp *, struct json_buf *);
int	 mcp_stream_init(void);		/* 0/-1 */
void	 mcp_listen(struct mcp *, const struct msg_reply *);
int	 mcp_listen_prepare(struct mcp *);
void	 mcp_stream_forget(struct mcp *);
/* The only message that goes over the stream of m, or the last; frees m. */
void	 mcp_stream_end(struct mcp *, const struct json_buf *);
/* request.told */
void	 mcp_told(struct request *, uint8_t kind, const char *json);

#endif /* MCP_INT_H */
