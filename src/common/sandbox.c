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
 * Collects what a role's configuration needs of the system, before
 * sandbox_enter() closes the rest.  In every process, the same on every
 * system; does nothing by itself.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sandbox_needs.h"

static struct sandbox_needs needs;

void
sandbox_allow_path(const char *path, const char *permissions)
{
	struct sandbox_path	*p;

	if (needs.npaths == SANDBOX_PATHS_MAX)
		fatalx("more than %d paths are needed", SANDBOX_PATHS_MAX);
	p = &needs.paths[needs.npaths++];
	if ((p->path = strdup(path)) == NULL ||
	    (p->permissions = strdup(permissions)) == NULL)
		fatal("%s", __func__);
}

void
sandbox_allow_connect(int family, uint16_t port)
{
	struct sandbox_connect	*c;

	if (needs.nconnects == SANDBOX_CONNECT_MAX)
		fatalx("more than %d database addresses", SANDBOX_CONNECT_MAX);
	c = &needs.connects[needs.nconnects++];
	c->family = family;
	c->port = port;
}

void
sandbox_set_debug(int debug)
{
	needs.debug = debug;
}

const struct sandbox_needs *
sandbox_needs(void)
{
	return &needs;
}

int
sandbox_needs_family(int family)
{
	size_t	 i;

	if (needs.nconnects == 0)
		return 1;
	for (i = 0; i < needs.nconnects; i++)
		if (needs.connects[i].family == family)
			return 1;
	return 0;
}
