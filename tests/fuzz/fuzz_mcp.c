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
 * Fuzz driver of MCP messages: a line each of MCP-Protocol-Version,
 * Mcp-Method, Mcp-Name and Origin, then the body.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mcp_check.h"
#include "mcp_uri.h"

static void
must(int good)
{
	if (!good)
		abort();
}

/* The next line; NULL if it is empty. */
static const struct http_text *
line(const char **p, const char *end, struct http_text *t)
{
	const char	*eol;

	t->p = *p;
	eol = memchr(*p, '\n', (size_t)(end - *p));
	t->len = (size_t)((eol == NULL ? end : eol) - *p);
	*p = eol == NULL ? end : eol + 1;
	return t->len == 0 ? NULL : t;
}

static void
fuzz_answer(const struct rpc *m, const struct mcp_error *e)
{
	struct json_buf	 b;
	struct json_doc	*doc;

	must(e->status >= 400 && e->status < 500);
	json_buf_init(&b, 65536);
	rpc_error(&b, m->id, e);
	must(!b.failed);
	must((doc = json_parse(b.data, b.len, NULL, NULL)) != NULL);
	json_free(doc);
	json_buf_free(&b);
}

static void
fuzz_uri(const struct json_value *params)
{
	static struct mcp_uri_var	 vars[MCP_URI_MAX_VARS];
	const char			*uri = json_get_text(params, "uri");
	unsigned int			 i, n;

	if (uri == NULL || !mcp_uri_match("a://{x}/{y}.{z}", uri, vars, &n))
		return;
	must(n == 3);
	for (i = 0; i < n; i++)
		must(json_utf8_check(vars[i].value, strlen(vars[i].value),
		    NULL) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char		*p = (const char *)data, *end = p + size;
	struct http_text	 t[4];
	const struct http_text	*origin;
	struct mcp_fields	 f;
	struct mcp_error	 e;
	struct mcp_meta		 meta;
	struct rpc		 m;

	f.version = line(&p, end, &t[0]);
	f.method = line(&p, end, &t[1]);
	f.name = line(&p, end, &t[2]);
	if ((origin = line(&p, end, &t[3])) != NULL)
		(void)mcp_origin_allowed("http://localhost", origin);
	if (rpc_parse(&m, p, (size_t)(end - p), &e) == -1 ||
	    mcp_check(&m, &f, &meta, &e) == -1)
		fuzz_answer(&m, &e);
	else
		fuzz_uri(m.params);
	rpc_free(&m);
	return 0;
}
