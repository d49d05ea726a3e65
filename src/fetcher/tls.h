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
 * TLS of one connection, for fetch.c: the only file that knows libssl.
 */

#ifndef TLS_H
#define TLS_H

#include <sys/types.h>

struct tls;
struct tls_conn;

enum tls_result {
	TLS_OK,
	TLS_WANT_READ,
	TLS_WANT_WRITE,
	TLS_ENDED,		/* the peer said that this is all */
	TLS_FAILED
};

/*
 * With the certificates of this file, or, when it is "", of the system:
 * before role_confine().  Without any, every connection fails.  fatal when
 * the file that is named cannot be read.
 */
struct tls	*tls_new(const char *ca_file);
void		 tls_free(struct tls *);

/* fd stays the caller's.  NULL on failure. */
struct tls_conn	*tls_conn_new(struct tls *, int fd, const char *host);
void		 tls_conn_free(struct tls_conn *);
enum tls_result	 tls_handshake(struct tls_conn *);
/* *n: bytes that went, or came. */
enum tls_result	 tls_write(struct tls_conn *, const void *, size_t,
		    size_t *n);
enum tls_result	 tls_read(struct tls_conn *, void *, size_t, size_t *n);
/* After TLS_FAILED of the handshake: what was wrong, a static text. */
const char	*tls_why(const struct tls_conn *);

#endif /* TLS_H */
