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
 * How many of the streams that may be open one credential has.  Room:
 * frontend.  Decides nothing about a credential, and keeps a digest of it
 * only.
 */

#include "config.h"

#include <string.h>

#include "frontend.h"
#include "mcp_int.h"

#define SHARE_PARTS	16	/* of `limit streams`: one to a credential */
#define SHARE_LEAST	4	/* but so many it has */
#define SHARE_LISTS	256	/* lists to search */

static struct mcp_streams	 shares[SHARE_LISTS];

static struct mcp_streams *
share_list(uint64_t key)
{
	/* the low bits of this digest are its worst */
	return &shares[key >> 32 & (SHARE_LISTS - 1)];
}

unsigned int
mcp_share_max(unsigned int streams)
{
	unsigned int	n = streams / SHARE_PARTS;

	return n < SHARE_LEAST ? SHARE_LEAST : n;
}

int
mcp_share_take(struct mcp *m)
{
	const char		*text = m->r->credential_text;
	const struct mcp	*one;
	unsigned int		 n = 0;

	if (m->sharing)
		return 0;
	/* secrets of ours, which nobody chooses: none has another's digest */
	m->share = text == NULL ? 0 : mcp_digest(MCP_DIGEST, text,
	    strlen(text));
	TAILQ_FOREACH(one, share_list(m->share), sharers)
		n += one->share == m->share;
	if (n >= mcp_share_max(frontend.conf.streams_max))
		return -1;
	TAILQ_INSERT_TAIL(share_list(m->share), m, sharers);
	m->sharing = 1;
	return 0;
}

void
mcp_share_give(struct mcp *m)
{
	if (!m->sharing)
		return;
	m->sharing = 0;
	TAILQ_REMOVE(share_list(m->share), m, sharers);
}

void
mcp_share_init(void)
{
	size_t	i;

	for (i = 0; i < SHARE_LISTS; i++)
		TAILQ_INIT(&shares[i]);
}
