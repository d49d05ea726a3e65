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
 * Opening the sockets that are listened on.  Room: parent.
 */

#ifndef LISTENER_H
#define LISTENER_H

#include "conf.h"

/*
 * Opens every listener of conf that is not open yet; one that former has
 * under the same name is shared.  Told of trouble by the report.  former
 * may be NULL.
 */
void	 listener_open_all(struct conf *conf, const struct conf *former,
	    struct conf_report *);
/* Removes the unix sockets of conf that kept (NULL: nobody) does not have. */
void	 listener_unlink(const struct conf *conf, const struct conf *kept);
/*
 * A listening unix socket, non-blocking and close-on-exec.  A dead one of
 * that name is removed, one that answers is not.  group may be NULL.  -1
 * and a sentence.
 */
int	 listener_open_unix(const char *path, uint32_t mode, const char *group,
	    char *err, size_t errsize);

#endif /* LISTENER_H */
