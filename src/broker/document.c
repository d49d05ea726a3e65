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
 * Clients that are known by their metadata document: the gate says whether
 * it has to be fetched first, the fetcher fetches, the gate stores what
 * came of it, then the operation starts.  Room: broker.  No JSON is read
 * here, and whatever goes wrong is the gate's to know: the operation starts
 * all the same and finds no such client.
 */

#include "config.h"

#include <string.h>

#include "broker.h"
#include "fetch.h"
#include "log.h"

#define DOCUMENT_SCHEME		"https://"
/* Besides what clients ask themselves. */
#define DOCUMENT_OPERATION	"authorization.start"

static void
document_log(const struct request *r, const char *words)
{
	char	url[MSG_MAX_URL + 1];

	/* Texts of others; log_vis() has one buffer. */
	(void)strlcpy(url, log_vis(r->m.client, strlen(r->m.client)),
	    sizeof(url));
	log_info("%s: %s", url, log_vis(words, strlen(words)));
}

static void
document_gone_or(struct request *r, void (*next)(struct request *))
{
	if (r->gone)
		request_free(r);
	else
		next(r);
}

static void
document_stored(struct unit *u, void *arg)
{
	struct request	*r = arg;
	char		*text;
	size_t		 len;

	r->unit = NULL;
	if (unit_result(u) != UNIT_DONE || unit_rows(u, 0) != 1 ||
	    unit_get_bytes(u, 0, 0, 0, &text, &len) == -1)
		log_warnx("the document of a client cannot be stored");
	else if (strcmp(text, "stored") != 0)
		document_log(r, text);
	document_gone_or(r, request_proceed);
}

static void
document_store(struct request *r)
{
	const char	*body = r->document.body == NULL ? "" :
			    r->document.body;
	struct unit	*u;

	u = unit_new(DB_WRITE, r->deadline, document_stored, r);
	if (u == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	unit_query(u, QUERY_GATE_DOCUMENT_STORE);
	unit_text(u, r->m.client);
	unit_int4(u, r->document.status);
	unit_bytes(u, body, strlen(body));
	unit_int4(u, (int32_t)r->document.seconds);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}

static void
document_fetched(const struct msg_document *m, void *arg)
{
	struct request	*r = arg;

	r->fetch = NULL;
	if (m == NULL) {
		/* Our own fault: nothing to hold against the document. */
		document_log(r, "the fetcher did not answer");
		if (r->gone)
			request_free(r);
		else
			request_own(r, OWN_AWAY);
		return;
	}
	if (m->why[0] != '\0')
		document_log(r, m->why);
	r->document.status = m->status;
	r->document.seconds = m->seconds > INT32_MAX ? INT32_MAX :
	    m->seconds;
	/* A failure with a status is one, whatever the status says. */
	if (m->why[0] != '\0' && r->document.status == 200)
		r->document.status = 0;
	if (r->document.status == 200 &&
	    (r->document.body = strdup(m->body)) == NULL)
		r->document.status = 0;
	document_store(r);
}

static void
document_wanted(struct unit *u, void *arg)
{
	struct request	*r = arg;
	char		*wanted;
	size_t		 len;

	r->unit = NULL;
	if (unit_result(u) != UNIT_DONE) {
		request_unit(r, u, 0, 0, NULL);
		return;
	}
	if (r->gone) {
		request_free(r);
		return;
	}
	if (unit_rows(u, 0) != 1 ||
	    unit_get_bytes(u, 0, 0, 0, &wanted, &len) == -1 || len != 1 ||
	    wanted[0] == 0) {
		request_proceed(r);
		return;
	}
	r->fetch = fetch_start(r->broker->fetching, r->m.client, r->deadline,
	    document_fetched, r);
	if (r->fetch == NULL)
		request_own(r, OWN_AWAY);
}

int
document_concerns(const struct request *r)
{
	return r->broker->conf.documents && strncmp(r->m.client,
	    DOCUMENT_SCHEME, strlen(DOCUMENT_SCHEME)) == 0 &&
	    (r->m.credential_kind == CRED_CLIENT ||
	    r->m.credential_kind == CRED_ASSERTION ||
	    strcmp(r->op->name, DOCUMENT_OPERATION) == 0);
}

void
document_start(struct request *r)
{
	struct unit *u;

	/* The gate counts what strangers have fetched. */
	u = unit_new(DB_WRITE, r->deadline, document_wanted, r);
	if (u == NULL) {
		request_own(r, OWN_FULL);
		return;
	}
	bind_unit(u, r, QUERY_GATE_DOCUMENT_WANTED);
	if (db_submit(r->broker->db, u) == -1) {
		request_own(r, OWN_FULL);
		return;
	}
	r->unit = u;
}
