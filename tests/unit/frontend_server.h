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
 * The server of the frontend in the test's own process, and a client of it.
 */

#ifndef FRONTEND_SERVER_H
#define FRONTEND_SERVER_H

#include "http_int.h"

#define GET	"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
#define OLD	"GET /a HTTP/1.0\r\nHost: a\r\n\r\n"
#define HEAD	"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"

extern struct http_server	*server;	/* 3 streams, 2 s */
extern struct http_conn		*open_conn;	/* of the last request */
/* How often it was told what. */
extern unsigned int		 requests, gone, draining, drained;
extern int			 watched;	/* requests from now on */
extern int			 inside;	/* nothing may be told now */
extern char			*got;		/* what the client read */
extern size_t			 got_len;

int	 set_up(void **);
int	 set_up_patient(void **);	/* a minute instead of 2 s */
int	 tear_down(void **);
/* The loop for so many ms. */
void	 pump(int ms);
/* The loop for a moment, and until it is so: a busy machine takes its time. */
#define UNTIL(c) do {							\
	int	 n_;							\
									\
	pump(20);							\
	for (n_ = 0; n_ < 1500 && !(c); n_++)				\
		pump(20);						\
	assert_true(c);							\
} while (0)
/* A client that sent this, seen by the server; it reads in small bites. */
int	 client(const char *request);
/* The same with room for so many bytes; 0: as usual. */
int	 client_of(const char *request, int room);
/* Reads until nothing came for ms; 1: end-of-file came. */
int	 take(int fd, int ms);
const char *body(void);
/* Of the last request. */
int	 begin(void);
int	 put(const void *, size_t);
void	 finish(void);
void	 reply(unsigned int status);
/* Nothing may be left of streams. */
void	 nothing_left(void);

#endif /* FRONTEND_SERVER_H */
