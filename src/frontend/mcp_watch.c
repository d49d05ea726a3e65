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
 * Resources that a stream of subscriptions/listen watches.  Room: frontend.
 * Which of them its credential may read, and what changed, says the database
 * at each look; what is remembered is the snapshot of the last.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_int.h"

#define WATCH_MAX		64	/* resources of a stream */
#define WATCH_MAX_URI		1024	/* bytes */
#define WATCH_MAX_SNAPSHOT	65536	/* bytes */

int
mcp_watch_prepare(struct mcp *m, const struct json_value *wants)
{
	const struct json_value	*list, *v;
	unsigned int		 n = 0;

	if ((list = json_get(wants, "resourceSubscriptions")) == NULL)
		return 0;
	if (list->type != JSON_ARRAY)
		return mcp_wrong(m, RPC_INVALID_PARAMS,
		    "resourceSubscriptions must be an array");
	for (v = json_first(list); v != NULL; v = v->next, n++)
		if (n == WATCH_MAX || v->type != JSON_STRING ||
		    v->len > WATCH_MAX_URI)
			return mcp_wrong(m, RPC_INVALID_PARAMS,
			    "resourceSubscriptions are at most 64 URIs of "
			    "at most 1024 bytes");
	if (n > 0)
		m->watches = list;
	return 0;
}

const char *
mcp_watch_arguments(struct mcp *m)
{
	struct json_buf	*b = &m->arguments;

	if (m->watches == NULL)
		return "{}";
	json_buf_free(b);
	json_buf_init(b, MSG_MAX_ARGUMENTS);
	json_object_open(b);
	json_name(b, "resources");
	json_put_value(b, m->watches);
	if (m->snapshot != NULL)
		json_member_text(b, "since", m->snapshot);
	json_object_close(b);
	return b->failed ? "{}" : b->data;
}

void
mcp_watch_remember(struct mcp *m, const struct json_value *said)
{
	const char	*text = json_get_text(said, "snapshot");
	char		*copy;

	/* without memory the older one stays: it is told twice */
	if (m->watches == NULL || text == NULL ||
	    strlen(text) > WATCH_MAX_SNAPSHOT || (copy = strdup(text)) == NULL)
		return;
	free(m->snapshot);
	m->snapshot = copy;
}

void
mcp_watch_acknowledge(const struct mcp *m, struct json_buf *b,
    const struct json_value *said)
{
	const struct json_value	*list = json_get(said, "resources");

	if (m->watches == NULL || list == NULL || list->type != JSON_ARRAY ||
	    json_first(list) == NULL)
		return;
	json_name(b, "resourceSubscriptions");
	json_put_value(b, list);
}

void
mcp_watch_tell(struct mcp *m, const struct json_value *said)
{
	const struct json_value	*v;
	struct json_buf		 b;
	int			 ret = 0;

	if (m->watches == NULL)
		return;
	for (v = json_first(json_get(said, "changed")); v != NULL && ret == 0;
	    v = v->next) {
		if (v->type != JSON_STRING)
			continue;
		json_buf_init(&b, 4096 + 6 * WATCH_MAX_URI);
		rpc_notification_open(&b, "notifications/resources/updated");
		mcp_stream_put_subscription(m, &b);
		json_member_text(&b, "uri", v->u.text);
		rpc_notification_close(&b);
		ret = mcp_stream_event(m, &b);
		json_buf_free(&b);
	}
}
