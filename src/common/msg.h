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
 * Fields of messages: fixed integers in network order, strings and bytes
 * with a 32-bit length before them.  Encoders return 0 or -1 (out of
 * memory or over the ibuf's limit), decoders 0 or -1 (short, too long, a
 * NUL inside a string, or bytes left over).
 */

#ifndef MSG_H
#define MSG_H

#include <sys/types.h>
#include <stdint.h>
#include <imsg.h>

#define UUID_LEN	16

int	 msg_add_u8(struct ibuf *, uint8_t);
int	 msg_add_u16(struct ibuf *, uint16_t);
int	 msg_add_u32(struct ibuf *, uint32_t);
int	 msg_add_u64(struct ibuf *, uint64_t);
int	 msg_add_raw(struct ibuf *, const void *, size_t);	/* fixed size */
int	 msg_add_str(struct ibuf *, const char *);	/* NULL is sent as "" */
int	 msg_add_bytes(struct ibuf *, const void *, size_t);
/* The same, refused when longer than the receiver takes (EMSGSIZE). */
int	 msg_put_str(struct ibuf *, const char *, size_t max);
int	 msg_put_bytes(struct ibuf *, const void *, size_t len, size_t max);

int	 msg_get_u8(struct ibuf *, uint8_t *);
int	 msg_get_u16(struct ibuf *, uint16_t *);
int	 msg_get_u32(struct ibuf *, uint32_t *);
int	 msg_get_u64(struct ibuf *, uint64_t *);
int	 msg_get_raw(struct ibuf *, void *, size_t);
int	 msg_get_bool(struct ibuf *, uint8_t *);	/* 0 or 1 */
/* max: longest allowed, without the NUL; *out is malloc'ed, caller frees. */
int	 msg_get_str(struct ibuf *, char **out, size_t max);
/* *out is malloc'ed with a NUL after the last byte; caller frees. */
int	 msg_get_bytes(struct ibuf *, void **out, size_t *len, size_t max);
/* 0 if nothing is left. */
int	 msg_end(struct ibuf *);

/* Wipes and frees a string, sets it to NULL; NULL is fine. */
void	 msg_wipe_str(char **);

#endif /* MSG_H */
