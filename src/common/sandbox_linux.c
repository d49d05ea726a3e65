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
 * The sandbox on Linux, in this order: no capability, no new privileges,
 * not dumpable (no core, no ptrace by others), Landlock, seccomp.  In every
 * role; the resource limits are role.c's.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sandbox_linux.h"

/* The newest Landlock that sandbox_landlock.c makes use of. */
#define LANDLOCK_WANTED	6

/* A child that was started by root without a user of its own keeps none. */
static void
sandbox_capabilities(void)
{
	struct __user_cap_header_struct	 head;
	struct __user_cap_data_struct	 none[2];

	memset(&head, 0, sizeof(head));
	memset(none, 0, sizeof(none));
	head.version = _LINUX_CAPABILITY_VERSION_3;
	if (syscall(SYS_capset, &head, none) == -1)
		fatal("capset");
}

void
sandbox_enter(enum role role)
{
	int	 abi;

	if (role != ROLE_PARENT)
		sandbox_capabilities();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		fatal("no new privileges");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		fatal("not dumpable");
	abi = sandbox_landlock(role);
	sandbox_seccomp(role);
	if (role == ROLE_PARENT)
		log_debug("sandbox: seccomp");
	else if (abi == 0)
		log_info("sandbox: seccomp; this kernel has no Landlock");
	else if (abi < LANDLOCK_WANTED)
		log_info("sandbox: seccomp, Landlock %d of %d", abi,
		    LANDLOCK_WANTED);
	else
		log_debug("sandbox: seccomp, Landlock %d", abi);
}
