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
 * What a configuration names and the parent opens or looks up.
 * Room: parent.
 */

#ifndef RESOURCE_H
#define RESOURCE_H

#include "conf.h"

/*
 * Users (when privileged), empty directory, keys, journal, password,
 * listeners.  Everything wrong is reported, not only the first.  former: a
 * configuration whose listeners are open already, or NULL.
 */
void	 resource_open(struct conf *conf, const struct conf *former,
	    int privileged, struct conf_report *, const char *path);
/*
 * Whether two configurations, both open, differ for the signer, in the file
 * of its journal, or for the others.  -1 when out of memory.
 */
int	 resource_differ_signer(const struct conf *, const struct conf *);
int	 resource_differ_journal(const struct conf *, const struct conf *);
int	 resource_differ_others(const struct conf *, const struct conf *);

#endif /* RESOURCE_H */
