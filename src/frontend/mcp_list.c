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
 * tools/list and its like: what the caller may use, in the order of names,
 * in pages.  Room: frontend.  The text of an entry is made once for each
 * catalogue.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mcp_int.h"

#define LIST_PAGE	250	/* entries of one answer */
#define LIST_MAX_ENTRY	1048576	/* bytes of one */
#define LIST_MAX_CURSOR	1024
#define LIST_TTL	10000	/* ms */
#define LIST_CURSOR	"1:"	/* form of a cursor, before the name */

static const char *const list_members[MCP_LIST__MAX] = {
	[MCP_LIST_TOOLS] = "tools",
	[MCP_LIST_PROMPTS] = "prompts",
	[MCP_LIST_RESOURCES] = "resources",
	[MCP_LIST_TEMPLATES] = "resourceTemplates",
};

/* Texts of the entries of one catalogue; an entry is in one list only. */
static struct {
	struct catalogue	 *catalogue;	/* a reference */
	char			**texts;	/* or NULL: not yet made */
} list_cache;

static void
list_forget(void)
{
	size_t	i;

	if (list_cache.catalogue == NULL)
		return;
	for (i = 0; i < list_cache.catalogue->n; i++)
		free(list_cache.texts[i]);
	free(list_cache.texts);
	catalogue_unref(list_cache.catalogue);
	memset(&list_cache, 0, sizeof(list_cache));
}

/* NULL: there is no memory. */
static const char *
list_text(const struct mcp *m, size_t i, enum mcp_list list)
{
	struct json_buf	b;

	if (list_cache.catalogue != m->catalogue) {
		list_forget();
		list_cache.texts = calloc(m->catalogue->n, sizeof(char *));
		if (list_cache.texts == NULL)
			return NULL;
		list_cache.catalogue = catalogue_ref(m->catalogue);
	}
	if (list_cache.texts[i] == NULL) {
		json_buf_init(&b, LIST_MAX_ENTRY);
		mcp_show(&b, &m->catalogue->entries[i], list);
		list_cache.texts[i] = json_buf_take(&b, NULL);
		json_buf_free(&b);
	}
	return list_cache.texts[i];
}

/* --- cursors: base64url of a form and the last name -------------- */

static void
list_put_cursor(struct json_buf *b, const char *name)
{
	struct json_buf	c;
	char		*p;

	json_buf_init(&c, LIST_MAX_CURSOR);
	json_put_bytes(&c, LIST_CURSOR, strlen(LIST_CURSOR));
	json_put_bytes(&c, name, strlen(name));
	if (!c.failed) {
		json_name(b, "nextCursor");
		json_put_base64(b, c.data, c.len);
		/* the text just written, so that it can stand in a URL */
		for (p = b->data + b->len - 2; *p != '"'; p--)
			*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	}
	json_buf_free(&c);
}

static int
list_digit(char c)
{
	static const char	 set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char		*p = c == '\0' ? NULL : strchr(set, c);

	return p == NULL ? -1 : (int)(p - set);
}

/* The name in a cursor; 0 or -1. */
static int
list_get_cursor(const char *text, char *name, size_t size)
{
	const size_t	 nform = strlen(LIST_CURSOR);
	char		 out[LIST_MAX_CURSOR];
	unsigned int	 bits = 0, have = 0;
	size_t		 n = 0;
	int		 d;

	for (; *text != '\0' && *text != '='; text++) {
		if ((d = list_digit(*text)) == -1 || n == sizeof(out) - 1)
			return -1;
		bits = (bits << 6 | (unsigned int)d) & 0xffff;
		if ((have += 6) < 8)
			continue;
		have -= 8;
		out[n++] = (char)(bits >> have & 0xff);
	}
	out[n] = '\0';
	if (n < nform || memcmp(out, LIST_CURSOR, nform) != 0 ||
	    strlen(out) != n || strspn(text, "=") != strlen(text))
		return -1;
	return strlcpy(name, out + nform, size) >= size ? -1 : 0;
}

/* --- what is visible --------------------------------------------- */

/* A byte for each entry: 1 if the broker named it.  NULL if it is unwell. */
static unsigned char *
list_visible(const struct catalogue *c, const struct msg_reply *reply)
{
	const struct catalogue_entry	*e;
	const struct json_value		*v;
	struct json_doc			*doc;
	unsigned char			*seen;

	doc = json_parse(reply->body, reply->body_len, NULL, NULL);
	seen = doc == NULL ? NULL : calloc(c->n + 1, 1);
	for (v = seen == NULL ? NULL : json_first(json_get(json_root(doc),
	    "names")); v != NULL; v = v->next)
		if (v->type == JSON_STRING &&
		    (e = catalogue_by_name(c, v->u.text)) != NULL)
			seen[e - c->entries] = 1;
	json_free(doc);
	return seen;
}

static void
list_entries(struct mcp *m, struct json_buf *b, const unsigned char *seen,
    const char *after, enum mcp_list list)
{
	const struct catalogue	*c = m->catalogue;
	const char		*text, *last = NULL;
	unsigned int		 n = 0;
	size_t			 i;
	int			 more = 0;

	json_name(b, list_members[list]);
	json_array_open(b);
	for (i = 0; i < c->n; i++) {
		if (!seen[i] || !mcp_in_list(&c->entries[i], list) ||
		    strcmp(c->entries[i].name, after) <= 0)
			continue;
		if (n == LIST_PAGE) {
			more = 1;
			break;
		}
		if ((text = list_text(m, i, list)) == NULL) {
			log_warnx("%s cannot be listed", c->entries[i].name);
			continue;
		}
		json_put_raw(b, text, strlen(text));
		last = c->entries[i].name;
		n++;
	}
	json_array_close(b);
	if (more && last != NULL)
		list_put_cursor(b, last);
}

static void
mcp_list(struct mcp *m, const struct msg_reply *reply, enum mcp_list list)
{
	const struct json_value	*cursor = json_get(m->rpc.params, "cursor");
	struct json_buf		 b;
	unsigned char		*seen;
	char			 after[LIST_MAX_CURSOR] = "";

	if (cursor != NULL && (cursor->type != JSON_STRING ||
	    (cursor->len > 0 && list_get_cursor(cursor->u.text, after,
	    sizeof(after)) == -1))) {
		mcp_say(m, RPC_INVALID_PARAMS, "The cursor is not one of ours");
		return;
	}
	if ((seen = list_visible(m->catalogue, reply)) == NULL) {
		mcp_say(m, RPC_INTERNAL_ERROR, "The server failed");
		return;
	}
	mcp_result_open(m, &b, "complete");
	list_entries(m, &b, seen, after, list);
	mcp_put_cache(m, &b, LIST_TTL);
	mcp_result_send(m, &b);
	free(seen);
}

void
mcp_list_tools(struct mcp *m, const struct msg_reply *reply)
{
	mcp_list(m, reply, MCP_LIST_TOOLS);
}

void
mcp_list_prompts(struct mcp *m, const struct msg_reply *reply)
{
	mcp_list(m, reply, MCP_LIST_PROMPTS);
}

void
mcp_list_resources(struct mcp *m, const struct msg_reply *reply)
{
	mcp_list(m, reply, MCP_LIST_RESOURCES);
}

void
mcp_list_templates(struct mcp *m, const struct msg_reply *reply)
{
	mcp_list(m, reply, MCP_LIST_TEMPLATES);
}
