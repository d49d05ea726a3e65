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
 * The console: Swagger UI on pages of our own.  Its files come from npm and
 * are in the program when it was built with them; no other host is asked for
 * anything.  Room: frontend.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "console.h"
#include "fixed.h"
#include "frontend.h"
#include "page.h"
#include "template.h"

#define CONSOLE_CSP							\
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "	\
    "script-src 'self'; connect-src 'self' %s; base-uri 'none'; "	\
    "form-action 'self'; frame-ancestors 'none'"

#define CONSOLE_MAX	4096		/* bytes of a page's data */

static const struct problem console_none = PROBLEM_INIT(404, "not_found",
    "There is nothing here", "", "");

/* What the pages load; the tag is made when it is asked for first. */
static struct {
	const char	*file;		/* below /api/docs/ */
	const char	*name;		/* in pages/ or among the assets */
	const char	*type;
	char		 tag[FIXED_TAG];
} console_files[] = {
	{ "swagger-ui.css", "swagger-ui.css", "text/css; charset=utf-8", "" },
	{ "swagger-ui.js", "swagger-ui.js",
	    "text/javascript; charset=utf-8", "" },
	{ "console.css", "console.css", "text/css; charset=utf-8", "" },
	{ "console.js", "console.js", "text/javascript; charset=utf-8", "" },
	{ "oauth2-redirect.js", "console_redirect.js",
	    "text/javascript; charset=utf-8", "" },
};

void
console_file(struct request *r)
{
	const struct template	*t;
	const char		*file = strrchr(r->path, '/') + 1;
	size_t			 i;

	for (i = 0; i < sizeof(console_files) / sizeof(console_files[0]);
	    i++) {
		if (strcmp(console_files[i].file, file) != 0)
			continue;
		if ((t = template_find(pages, console_files[i].name)) ==
		    NULL && (t = template_find(assets,
		    console_files[i].name)) == NULL)
			break;
		if (console_files[i].tag[0] == '\0')
			fixed_tag(console_files[i].tag, t->text, t->len);
		fixed_cached(r, "public, max-age=300", console_files[i].type,
		    t->text, t->len, console_files[i].tag);
		return;
	}
	request_problem(r, &console_none);
}

void
console_page(struct request *r, const struct msg_reply *m)
{
	char	csp[CONF_MAX_ISSUER + sizeof(CONSOLE_CSP)];

	/* the room is larger than both */
	(void)snprintf(csp, sizeof(csp), CONSOLE_CSP, frontend.conf.issuer);
	page_render_csp(r, m->status, r->route->page->template, m, csp);
}

void
console_redirect(struct request *r)
{
	struct json_buf	data;

	json_buf_init(&data, CONSOLE_MAX);
	json_object_open(&data);
	json_member_text(&data, "title", "Signing in");
	json_object_close(&data);
	request_page(r, 200, "console_redirect", &data);
	json_buf_free(&data);
}
