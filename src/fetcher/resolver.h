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
 * Host names to addresses, without blocking: /etc/hosts, then name servers.
 */

#ifndef RESOLVER_H
#define RESOLVER_H

#include <event2/event.h>

#include "dns.h"

/* What is said of servers that are silent. */
#define RESOLVER_SILENT	"the name server does not answer"

struct resolver;
struct lookup;
/*
 * Once, never inside resolver_start().  why: a static text, or NULL and the
 * addresses are there, at least one.
 */
typedef void (*resolver_cb)(const char *why, const struct dns_addresses *,
    void *arg);

/*
 * Reads /etc/hosts, and /etc/resolv.conf unless a name server is given
 * ("ADDRESS", "ADDRESS:PORT", "[ADDRESS]:PORT"): before role_confine().
 * fatal on failure.
 */
struct resolver	*resolver_new(struct event_base *, const char *nameserver);
void		 resolver_free(struct resolver *);
/* host: lower case, without a dot at the end.  NULL: no memory. */
struct lookup	*resolver_start(struct resolver *, const char *host,
		    resolver_cb, void *arg);
/* No callback any more. */
void		 resolver_cancel(struct lookup *);

#endif /* RESOLVER_H */
