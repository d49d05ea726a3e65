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
 * The process: what it was configured with and what it has open.
 */

#ifndef FRONTEND_H
#define FRONTEND_H

#include <event2/event.h>

#include "http.h"
#include "ipc_event.h"
#include "msg_conf.h"

struct frontend {
	struct event_base	*base;
	struct conf_frontend	 conf;
	struct http_server	*http;
	struct ipc_link		*parent;
	/* IMSG_FRONTEND_JWKS */
	char			*jwks;
	size_t			 jwks_len;
	char			 jwks_tag[32];	/* ETag */
};

extern struct frontend	 frontend;

#endif /* FRONTEND_H */
