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
 * What a role gives up before it sees a byte from outside.  One set of
 * files per system: sandbox_linux.c with sandbox_landlock.c,
 * sandbox_seccomp.c and sandbox_calls.c (no-new-privs, not dumpable,
 * Landlock, seccomp), sandbox_openbsd.c (pledge, unveil), sandbox_none.c
 * (only with --without-sandbox, and it says so).
 */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>
#include <stdint.h>

#include "ipc.h"

/*
 * What a role's configuration needs besides what the role always has; to
 * be called before sandbox_enter(), after chroot the paths are those inside.
 * Fatal when there are more than the limits.
 *
 * path: as in unveil(2), permissions of "r", "w", "c", "x".  Counts for the
 * broker (certificates) and, on OpenBSD, the parent; others never open.
 * connect: the broker's database, AF_UNIX (port 0) or AF_INET, AF_INET6;
 * the fetcher's one port.  Without any call, the broker may connect to all
 * of them, the fetcher by UDP alone.
 */
#define SANDBOX_PATHS_MAX	64
#define SANDBOX_CONNECT_MAX	16
void	 sandbox_allow_path(const char *path, const char *permissions);
void	 sandbox_allow_connect(int family, uint16_t port);
/* With -d: a forbidden call is named in the log before the role ends. */
void	 sandbox_set_debug(int);

/*
 * Called in the role, after the user was changed.  Fatal on failure, except
 * that an older kernel gives what it can and logs the level once.
 * The parent calls it after it started its first children and keeps fork,
 * exec and open.
 */
void	 sandbox_enter(enum role);

#endif /* SANDBOX_H */
