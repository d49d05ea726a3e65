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
 * Client authentication.  Room: frontend.  Which way a client registered,
 * the database knows; two ways at once are nobody's.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "client.h"
#include "codec.h"
#include "json.h"
#include "query.h"

#define CLIENT_MAX_SECRET	255
#define CLIENT_MAX_QUERY	4096
#define ASSERTION_TYPE							\
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static const struct problem
    two_ways = PROBLEM_INIT(400, "invalid_request",
	"The client authenticates in more than one way", "", ""),
    no_client = PROBLEM_INIT(401, "invalid_client",
	"The client does not say who it is",
	"client_id, or the header Authorization: Basic, is missing", ""),
    bad_basic = PROBLEM_INIT(401, "invalid_client",
	"The Authorization header is malformed", "", ""),
    bad_type = PROBLEM_INIT(400, "invalid_request",
	"This client_assertion_type is not served", "", ""),
    other_client = PROBLEM_INIT(400, "invalid_request",
	"client_id is another one than in the header", "", ""),
    in_query = PROBLEM_INIT(400, "invalid_request",
	"Parameters belong into the body, not into the URL",
	"URLs are kept in logs and histories", "");

/* One half of a Basic header: percent-encoded (RFC 6749 2.3.1). */
static char *
client_half(const char *p, size_t len, ssize_t max)
{
	char	*out;
	ssize_t	 n;

	if ((out = malloc(len + 1)) == NULL)
		return NULL;
	n = query_decode(out, p, len, QUERY_PLUS);
	if (n == -1 || n > max) {
		freezero(out, len + 1);
		return NULL;
	}
	return out;
}

static const struct problem *
client_basic(const struct http_text *field, struct param_hidings *h)
{
	const struct problem	*why = &bad_basic;
	char			*text, *colon, *id = NULL;
	size_t			 size = field->len + 1;
	ssize_t			 n;

	if ((text = malloc(size)) == NULL)
		return why;
	n = base64_decode(text, size, field->p + 6, field->len - 6);
	if (n == -1 || (colon = memchr(text, ':', (size_t)n)) == NULL ||
	    (id = client_half(text, (size_t)(colon - text),
	    MSG_MAX_CLIENT)) == NULL)
		goto done;
	why = &other_client;
	if (h->text[HIDDEN_CLIENT_ID] != NULL &&
	    strcmp(h->text[HIDDEN_CLIENT_ID], id) != 0)
		goto done;
	free(h->text[HIDDEN_CLIENT_ID]);
	h->text[HIDDEN_CLIENT_ID] = id;
	id = NULL;
	why = &bad_basic;
	h->text[HIDDEN_CLIENT_SECRET] = client_half(colon + 1,
	    (size_t)(text + n - colon - 1), CLIENT_MAX_SECRET);
	if (h->text[HIDDEN_CLIENT_SECRET] == NULL)
		goto done;
	why = NULL;
 done:
	freezero(text, size);
	free(id);
	return why;
}

/*
 * The client that an assertion claims to be of (RFC 7521 4.2: client_id may
 * be left out); the gate reads it again once the signature is checked.
 */
static char *
client_subject(const char *jwt)
{
	const char	*a, *b, *sub;
	struct json_doc	*doc = NULL;
	char		 text[MSG_MAX_CREDENTIAL], *id = NULL;
	ssize_t		 n;

	if ((a = strchr(jwt, '.')) == NULL ||
	    (b = strchr(a + 1, '.')) == NULL)
		return NULL;
	n = b64url_decode(text, sizeof(text), a + 1, (size_t)(b - a - 1));
	if (n != -1 && (doc = json_parse(text, (size_t)n, NULL, NULL)) !=
	    NULL && (sub = json_get_text(json_root(doc), "sub")) != NULL &&
	    strlen(sub) <= MSG_MAX_CLIENT)
		id = strdup(sub);
	json_free(doc);
	return id;
}

static const struct problem *
client_assertion(struct param_hidings *h, struct credential *c)
{
	const char	*type = h->text[HIDDEN_ASSERTION_TYPE];

	if (type == NULL || strcmp(type, ASSERTION_TYPE) != 0)
		return &bad_type;
	if (h->text[HIDDEN_CLIENT_ID] == NULL && (h->text[HIDDEN_CLIENT_ID] =
	    client_subject(h->text[HIDDEN_ASSERTION])) == NULL)
		return &no_client;
	c->kind = CRED_ASSERTION;
	c->text.p = h->text[HIDDEN_ASSERTION];
	c->text.len = strlen(c->text.p);
	return NULL;
}

int
client_in_query(const struct http_text *query, const struct param *form)
{
	const struct param	*p;
	const char		*name, *value;
	char			*room;
	size_t			 pos = 0;
	int			 n, found = 0;

	if (query->p == NULL || query->len == 0)
		return 0;
	if (query->len > CLIENT_MAX_QUERY ||
	    (room = malloc(2 * query->len + 2)) == NULL)
		return 1;
	while (!found && (n = query_next(query->p, query->len, QUERY_PLUS,
	    &pos, room, &name, &value)) != 0) {
		if (n == -1) {
			found = 1;
			break;
		}
		for (p = form; p->name != NULL; p++)
			found |= strcmp(p->name, name) == 0;
	}
	freezero(room, 2 * query->len + 2);
	return found;
}

const struct problem *
client_credential(const struct http_head *head, const struct param *form,
    struct param_hidings *h, struct credential *c)
{
	const struct http_text	*field = http_field(head, "authorization");
	const struct problem	*why;
	int			 basic;

	if (client_in_query(&head->query, form))
		return &in_query;
	basic = field != NULL && field->len > 6 &&
	    strncasecmp(field->p, "basic ", 6) == 0;
	if (field != NULL && !basic)
		return &bad_basic;
	if (basic + (h->text[HIDDEN_CLIENT_SECRET] != NULL) +
	    (h->text[HIDDEN_ASSERTION] != NULL) > 1)
		return &two_ways;
	if (h->text[HIDDEN_ASSERTION] != NULL)
		return client_assertion(h, c);
	if (basic && (why = client_basic(field, h)) != NULL)
		return why;
	if (h->text[HIDDEN_CLIENT_ID] == NULL)
		return &no_client;
	c->kind = CRED_CLIENT;
	c->text.p = h->text[HIDDEN_CLIENT_SECRET];
	c->text.len = c->text.p == NULL ? 0 : strlen(c->text.p);
	return NULL;
}

static const struct { const char *code, *error; unsigned int status; }
client_words[] = {
	{ "missing_token", "invalid_client", 401 },
	{ "invalid_token", "invalid_client", 401 },
	{ "wrong_token_kind", "unauthorized_client", 400 },
	{ "unauthorized_client", "unauthorized_client", 400 },
	{ "organization_disabled", "invalid_client", 401 },
};

void
client_refusal(struct problem *p)
{
	size_t	i;

	for (i = 0; i < sizeof(client_words) / sizeof(client_words[0]); i++)
		if (strcmp(client_words[i].code, p->code) == 0) {
			p->code = client_words[i].error;
			p->status = client_words[i].status;
			return;
		}
}
