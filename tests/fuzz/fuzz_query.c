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
 * Fuzz driver of queries: what is taken becomes JSON.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "duration.h"
#include "param.h"
#include "query.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static const struct param table[] = {
	{ "limit", PARAM_LIMIT, 0, 1000 },
	{ "start_after", PARAM_TEXT, 0, 255 },
	{ "order", PARAM_ORDER, 0, 255 },
	{ "filter", PARAM_FILTER, 0, 4096 },
	{ "expand", PARAM_LIST, 0, 64 },
	{ "total", PARAM_BOOL, 0, 0 },
	{ "since", PARAM_TIME, 0, 64 },
	{ "meta", PARAM_IGNORED, 0, 64 },
	{ NULL, PARAM_ANY, 0, 0 }
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char		*text = (const char *)data;
	struct param_error	 e;
	struct json_doc		*doc;
	struct json_buf		 b;
	int64_t			 seconds;
	int			 any;

	json_buf_init(&b, 16 * 1024 * 1024);
	if (param_query(&b, table, text, size, &any, &e) == -1) {
		must(json_utf8_check(e.name, strlen(e.name), NULL) == 0);
		must(json_utf8_check(e.message, strlen(e.message),
		    NULL) == 0);
	} else if (any) {
		must((doc = json_parse(b.data, b.len, NULL, NULL)) != NULL);
		json_free(doc);
	}
	json_buf_free(&b);
	if (duration_parse(text, size, &seconds) == 0)
		must(seconds >= 0 && seconds <= DURATION_MAX);
	return 0;
}
