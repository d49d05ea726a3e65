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
 * What resolver.c and resolver_files.c share.
 */

#ifndef RESOLVER_INT_H
#define RESOLVER_INT_H

#include "resolver.h"
#include "url.h"

#define RESOLVER_SERVERS	3	/* as resolv.conf(5) */
#define RESOLVER_HOSTS		256	/* names of /etc/hosts */

struct resolver_host {
	char		 name[URL_MAX_HOST + 1];
	struct address	 address;
};

struct resolver {
	struct event_base	*base;
	struct sockaddr_storage	 servers[RESOLVER_SERVERS];
	socklen_t		 lens[RESOLVER_SERVERS];
	size_t			 nservers;
	struct resolver_host	*hosts;
	size_t			 nhosts;
};

/* Each line of these texts; what makes no sense is passed over. */
void	 resolver_conf_line(struct resolver *, char *line);
void	 resolver_hosts_line(struct resolver *, char *line);
/* 0 or -1. */
int	 resolver_server(struct resolver *, const char *text);
/* Lines of a file; one that is not there has none. */
void	 resolver_file(struct resolver *, const char *path,
	    void (*)(struct resolver *, char *));

#endif /* RESOLVER_INT_H */
