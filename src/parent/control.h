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
 * The socket that grantctl(8) talks to.  Room: parent.
 */

#ifndef CONTROL_H
#define CONTROL_H

#include "parent.h"

/* Makes the socket; a descriptor, or -1 and a sentence. */
int	 control_listen(const char *path, char *err, size_t errsize);
/* Serves it from now on; owns fd.  NULL when out of memory. */
struct control *control_new(struct parent *, int fd);
void	 control_free(struct control *);
/* A broker's answer to what grantctl asked. */
void	 control_reply(struct child *, struct imsg *);
/* Nothing more will come from this broker process. */
void	 control_broker_gone(struct parent *, const struct child *);

#endif /* CONTROL_H */
