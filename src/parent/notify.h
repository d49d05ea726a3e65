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
 * Telling a service manager how we are, when it asks by NOTIFY_SOCKET.
 * Room: parent.
 */

#ifndef NOTIFY_H
#define NOTIFY_H

/* Before the sandbox; takes NOTIFY_SOCKET out of the environment. */
void	 notify_open(void);
/* "READY=1", "STOPPING=1", "STATUS=..."; nothing when nobody asked. */
void	 notify_send(const char *text);
/* "RELOADING=1" with the time that goes with it. */
void	 notify_reloading(void);

#endif /* NOTIFY_H */
