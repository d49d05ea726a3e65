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
 * What a role gives up before it sees a byte from outside.  One file per
 * system: sandbox_linux.c (no-new-privs, not dumpable, Landlock, seccomp),
 * sandbox_openbsd.c (pledge, unveil), sandbox_none.c (only with
 * --without-sandbox, and it says so).
 */

#ifndef SANDBOX_H
#define SANDBOX_H

#include "ipc.h"

/*
 * Called in the role, after the user was changed.  Fatal on failure, except
 * that an older kernel gives what it can and logs the level once.
 * The parent calls it after it started its first children and keeps fork,
 * exec and open.
 */
void	 sandbox_enter(enum role);

#endif /* SANDBOX_H */
