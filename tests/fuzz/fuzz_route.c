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
 * Fuzz driver of whole requests: head, route, credential, arguments.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "arguments.h"
#include "credential.h"
#include "fixed.h"
#include "route.h"
#include "route_stubs.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static void
fuzz_arguments(const struct route_match *m, const struct http_head *h,
    const char *body, size_t len)
{
	struct arguments_error	 e;
	struct json_doc		*doc;
	struct param_hidings	 hidings = { { NULL } };
	struct json_buf		 b;

	json_buf_init(&b, 2 * 1024 * 1024);
	if (arguments_write(&b, m, h, body, len, &hidings, &e) == -1) {
		must(e.problem.status >= 400 && e.problem.status < 500);
		must(json_utf8_check(e.problem.message,
		    strlen(e.problem.message), NULL) == 0);
		must(json_utf8_check(e.problem.parameter,
		    strlen(e.problem.parameter), NULL) == 0);
	} else {
		must((doc = json_parse(b.data, b.len, NULL, NULL)) != NULL);
		json_free(doc);
	}
	json_buf_free(&b);
	param_hidings_free(&hidings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head		 h;
	const char			*text = (const char *)data;
	const struct http_refusal	*why;
	struct route_match		 m;
	struct credential		 c;
	size_t				 from = 0, n;

	if ((n = http_head_end(text, size, &from)) == 0 ||
	    http_head_parse(text, n, &h, &why) == -1)
		return 0;
	if (credential_parse(&c, http_field(&h, "authorization")) ==
	    CREDENTIAL_OK)
		must(c.text.len > 0 && c.text.len <= MSG_MAX_CREDENTIAL);
	route_find(route_lists, h.method, &h.path, &m);
	if (m.route != NULL)
		fuzz_arguments(&m, &h, text + n, size - n);
	return 0;
}
