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
 * Texts of grantd.conf(5) into values.  Pure.  Each returns 0, or -1 when
 * the text is not of that form or out of range.  Room: parent.
 */

#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stddef.h>
#include <stdint.h>

/* Each but the last: 0, or -1 when the text is none, or out of bounds. */
int	 value_number(const char *, uint32_t min, uint32_t max, uint32_t *);
/* Seconds: numbers with the units s m h d w, "90d", "1h30m". */
int	 value_duration(const char *, uint32_t min, uint32_t max, uint32_t *);
/* Bytes: a number, or one with the unit k or m (1024). */
int	 value_size(const char *, uint32_t min, uint32_t max, uint32_t *);
int	 value_mode(const char *, uint32_t *);	/* octal, at most 0777 */
int	 value_address(const char *, uint32_t port, struct sockaddr_storage *,
	    socklen_t *);
int	 value_network(const char *);	/* address, or address/prefix length */
/* An address, ADDRESS:PORT or [ADDRESS]:PORT. */
int	 value_nameserver(const char *);
int	 value_path(const char *);	/* absolute, no control bytes */
int	 value_user(const char *);
/* https://host[:port][/path]; *loopback: http to this host alone. */
int	 value_issuer(const char *, int *plain, int *loopback);

int	 value_is_loopback(const struct sockaddr_storage *);	/* 1 or 0 */

#define VALUE_MAX_FORMAT 16
void	 value_format_duration(char out[VALUE_MAX_FORMAT], uint32_t);
void	 value_format_size(char out[VALUE_MAX_FORMAT], uint32_t);

#endif /* CONF_VALUE_H */
