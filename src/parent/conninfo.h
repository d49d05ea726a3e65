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
 * The connection string that a broker gives to libpq.  Pure.  Room: parent.
 */

#ifndef CONNINFO_H
#define CONNINFO_H

#include "conf.h"

/*
 * confined: the broker will be in the chroot that conninfo_root() names, so
 * that paths are those inside.  malloc'ed, NULL when out of memory or too
 * long.  Without a password: that goes beside it.
 */
char		*conninfo_build(const struct conf_database *, int confined);
/* The broker's chroot; empty is the directory for roles without files. */
char		*conninfo_root(const struct conf_database *, const char *empty);

#endif /* CONNINFO_H */
