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
 * The layers of the Linux sandbox, for sandbox_linux.c.  Private to
 * sandbox_*.c.
 */

#ifndef SANDBOX_LINUX_H
#define SANDBOX_LINUX_H

#include <seccomp.h>

#include "sandbox_needs.h"

/* sandbox_landlock.c: the kernel's ABI, 0 if it has no Landlock. */
int	 sandbox_landlock(enum role);

/* sandbox_calls.c: what a role may call. */
enum sandbox_verdict {
	SANDBOX_ALLOW,
	SANDBOX_REFUSE,		/* EACCES: a library may try it */
	SANDBOX_KILL		/* nobody of ours ever tries it */
};

struct sandbox_call {
	enum sandbox_verdict	 verdict;
	int			 number;
	unsigned int		 nargs;		/* conditions, 0 or 1 */
	struct scmp_arg_cmp	 arg;
};

struct sandbox_calls {
	const struct sandbox_call	*calls;
	size_t				 ncalls;
};

#define SANDBOX_LISTS_MAX	6
struct sandbox_filter {
	uint32_t		 otherwise;	/* SCMP_ACT_* */
	struct sandbox_calls	 lists[SANDBOX_LISTS_MAX];
};

/* Of the table, for every role: never NULL. */
const struct sandbox_filter	*sandbox_filter(enum role);

/* sandbox_seccomp.c */
void	 sandbox_seccomp(enum role);

#endif /* SANDBOX_LINUX_H */
