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
 * For tests/openbsd/run: <sys/socket.h> as on OpenBSD, which has accept4(2)
 * and not what is undefined here.
 */

#ifndef STUB_SYS_SOCKET_H
#define STUB_SYS_SOCKET_H

#include_next <sys/socket.h>

int	 accept4(int, struct sockaddr *, socklen_t *, int);

#undef MSG_CONFIRM
#undef MSG_MORE
#undef SO_INCOMING_CPU
#undef SO_PASSCRED
#undef SO_PRIORITY
#define MSG_CONFIRM	not_on_openbsd
#define MSG_MORE	not_on_openbsd
#define SO_INCOMING_CPU	not_on_openbsd
#define SO_PASSCRED	not_on_openbsd
#define SO_PRIORITY	not_on_openbsd

#endif /* STUB_SYS_SOCKET_H */
