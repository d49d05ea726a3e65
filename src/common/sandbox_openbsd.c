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
 * The sandbox on OpenBSD: unveil(2) and pledge(2).  In every role; the
 * resource limits are role.c's.
 */

#include "config.h"

#include <unistd.h>

#include "log.h"
#include "sandbox_needs.h"

static const struct {
	const char	*promises;
	int		 paths;		/* may open what was allowed */
} roles[ROLE__MAX] = {
	/* opens configuration, keys, listeners; restarts children */
	[ROLE_PARENT] = { "stdio rpath wpath cpath fattr chown unix inet dns "
	    "getpw proc exec sendfd recvfd", 1 },
	/* accepts; listeners and links come later too */
	[ROLE_FRONTEND] = { "stdio inet unix recvfd", 0 },
	/* connects to the database; links come later too */
	[ROLE_BROKER] = { "stdio rpath inet unix recvfd", 1 },
	/* links of restarted brokers come later */
	[ROLE_SIGNER] = { "stdio recvfd", 0 },
	[ROLE_HASHER] = { "stdio recvfd", 0 },
	/* asks name servers, connects; links come later too */
	[ROLE_FETCHER] = { "stdio inet dns recvfd", 0 },
};

static void
sandbox_unveil(void)
{
	const struct sandbox_needs	*needs = sandbox_needs();
	size_t				 i;

	for (i = 0; i < needs->npaths; i++)
		if (unveil(needs->paths[i].path,
		    needs->paths[i].permissions) == -1)
			fatal("unveil %s", needs->paths[i].path);
	if (unveil(NULL, NULL) == -1)
		fatal("unveil");
}

void
sandbox_enter(enum role role)
{
	/* A role without rpath is cut off by pledge; the rest by unveil. */
	if (roles[role].paths && sandbox_needs()->npaths > 0)
		sandbox_unveil();
	if (pledge(roles[role].promises, NULL) == -1)
		fatal("pledge");
}
