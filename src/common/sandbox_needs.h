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
 * What sandbox_allow_*() collected, for the file that makes the system's
 * sandbox of it.  Private to sandbox_*.c.
 */

#ifndef SANDBOX_NEEDS_H
#define SANDBOX_NEEDS_H

#include "sandbox.h"

struct sandbox_path {
	char		*path;
	char		*permissions;
};

struct sandbox_connect {
	int		 family;
	uint16_t	 port;
};

struct sandbox_needs {
	struct sandbox_path	 paths[SANDBOX_PATHS_MAX];
	size_t			 npaths;
	struct sandbox_connect	 connects[SANDBOX_CONNECT_MAX];
	size_t			 nconnects;
	int			 debug;
};

const struct sandbox_needs	*sandbox_needs(void);
/* Whether a socket of this family may be made; no call at all means yes. */
int	 sandbox_needs_family(int family);

#endif /* SANDBOX_NEEDS_H */
