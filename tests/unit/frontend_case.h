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
 * One stage for the tests of a program, and what they ask of it.
 */

#ifndef FRONTEND_CASE_H
#define FRONTEND_CASE_H

#include "frontend_stage.h"

#define HOST	"Host: localhost\r\n"
#define AUTH	"Authorization: Bearer a.eyJleHAiOjE4OTM0NTYwMDB9.c2ln\r\n"
#define JSON	"Content-Type: application/json\r\n"
#define GET(path)	"GET " path " HTTP/1.1\r\n" HOST AUTH "\r\n"
#define ACCOUNT(id)	GET("/v1/accounts/" id)

extern struct stage	stage;

/* Starts the stage; NULL and 0 stand for what is usual. */
void	 set_up(const char *, uint32_t, uint32_t, uint32_t);
void	 tear_down(void);
/* The same for a group of tests. */
int	 usual(void **);
int	 end(void **);
/* Until the broker has a request for "never", or answers. */
void	 until_asked(void);
void	 until_answered(void);
/* Fails the test unless the answer has the status and the text. */
void	 expect(const struct answer *, int, const char *);

#endif /* FRONTEND_CASE_H */
