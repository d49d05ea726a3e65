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
 * What the frontend answers by itself: nobody's rights are asked for these.
 * Room: frontend.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "fixed.h"
#include "frontend.h"
#include "log.h"
#include "request.h"
#include "template.h"

#define FIXED_MAX_TEXT	65536

static const struct problem no_keys = { 503, CODE_UNAVAILABLE,
    "The keys are not known yet", "", "Try again shortly.",
    "", "", "", "", 1 };

void
fixed_tag(char out[FIXED_TAG], const char *text, size_t len)
{
	uint64_t	hash = 0xcbf29ce484222325ULL;
	size_t		i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ULL;
	/* 18 digits and quotes: any tag's room is larger */
	(void)snprintf(out, FIXED_TAG, "\"%016" PRIx64 "\"", hash);
}

void
fixed_set_jwks(const char *text, size_t len)
{
	char	*copy;

	if ((copy = malloc(len + 1)) == NULL) {
		log_warn("keys");
		return;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	free(frontend.jwks);
	frontend.jwks = copy;
	frontend.jwks_len = len;
	fixed_tag(frontend.jwks_tag, text, len);
}

void
fixed_cached(struct request *r, const char *control, const char *type,
    const char *text, size_t len, const char *tag)
{
	const struct http_text	*have;
	struct http_reply	 reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = 200;
	http_reply_header(&reply, "Cache-Control", control);
	http_reply_header(&reply, "ETag", tag);
	http_reply_header(&reply, "Access-Control-Allow-Origin", "*");
	have = http_field(r->head, "if-none-match");
	if (have != NULL && (http_text_is(have, "*") ||
	    memmem(have->p, have->len, tag, strlen(tag)) != NULL))
		reply.status = 304;
	else {
		reply.type = type;
		reply.body = text;
		reply.len = len;
	}
	request_reply(r, &reply);
}

void
fixed_jwks(struct request *r)
{
	if (frontend.jwks == NULL)
		request_problem(r, &no_keys);
	else
		fixed_cached(r, "public, max-age=300",
		    "application/jwk-set+json", frontend.jwks,
		    frontend.jwks_len, frontend.jwks_tag);
}

/*
 * A file of pages/ as it is.  Its path names the present text, so that it can
 * be kept for good; by the path of another version, as while servers change,
 * it must not be kept at all.
 */
static void
fixed_file(struct request *r, const char *name, const char *type)
{
	const struct template	*t = template_find(pages, name);
	const struct template	*now = template_find(pages, "static");
	static const char	 prefix[] = "/static/";
	const char		*version;
	char			 tag[FIXED_TAG];
	int			 is_now;

	if (t == NULL || now == NULL)
		fatalx("no %s", name);
	version = r->path + sizeof(prefix) - 1;
	/* the text ends with a line feed */
	is_now = strncmp(version, now->text, now->len - 1) == 0 &&
	    version[now->len - 1] == '/';
	fixed_tag(tag, t->text, t->len);
	fixed_cached(r, is_now ? "public, max-age=31536000, immutable" :
	    "no-store", type, t->text, t->len, tag);
}

void
fixed_style(struct request *r)
{
	fixed_file(r, "style.css", "text/css; charset=utf-8");
}

void
fixed_script(struct request *r)
{
	fixed_file(r, "page.js", "text/javascript; charset=utf-8");
}

void
fixed_icon(struct request *r)
{
	fixed_file(r, "icon.svg", "image/svg+xml");
}

void
fixed_version(struct request *r)
{
	static const char	 text[] = "{\"name\":\"grantd\",\"version\":\""
	    PACKAGE_VERSION "\"}";
	struct http_reply	 reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = 200;
	reply.type = "application/json";
	reply.body = text;
	reply.len = sizeof(text) - 1;
	request_reply(r, &reply);
}

void
fixed_home(struct request *r)
{
	struct json_buf	data;
	char		cookie[COOKIE_VALUE + 1];

	json_buf_init(&data, FIXED_MAX_TEXT);
	json_object_open(&data);
	json_member_text(&data, "title", "Welcome");
	json_member_text(&data, "issuer", frontend.conf.issuer);
	json_member_text(&data, "version", PACKAGE_VERSION);
	json_member_bool(&data, "signed_in", cookie_get(r->head,
	    frontend.conf.issuer, COOKIE_SESSION, cookie) != -1);
	json_object_close(&data);
	explicit_bzero(cookie, sizeof(cookie));
	request_page(r, 200, "home", &data);
	json_buf_free(&data);
}
