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
 * How a connection begins: where to connect, with which settings, the
 * schema's version, and every statement prepared under the role that will
 * run it.  Room: broker, db*.
 */

#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db_int.h"
#include "log.h"

#define START_PARAMS	20

struct start_params {
	const char	*names[START_PARAMS + 1];
	const char	*values[START_PARAMS + 1];
	unsigned	 n;
};

/*
 * Fixed for every connection.  The password file is never looked for: the
 * sandbox would refuse it, and what we need came from the parent.
 */
static const struct {
	const char	*name;
	const char	*value;
} start_fixed[] = {
	{ "target_session_attrs",	"read-write" },
	{ "gssencmode",			"disable" },
	{ "client_encoding",		"UTF8" },
	{ "application_name",		"grantd-broker" },
	{ "fallback_application_name",	"grantd-broker" },
	{ "passfile",			"/nonexistent" },
	{ "keepalives_idle",		"15" },
	{ "keepalives_interval",	"5" },
	{ "keepalives_count",		"3" },
	{ "tcp_user_timeout",		"10000" },
};

static void
start_set(struct start_params *p, const char *name, const char *value)
{
	if (p->n == START_PARAMS)
		fatalx("too many connection parameters");
	p->names[p->n] = name;
	p->values[p->n++] = value;
}

static void
start_options(char *out, size_t size, const struct conf_broker *conf)
{
	int n;

	n = snprintf(out, size,
	    "-c search_path=pg_catalog,pg_temp -c TimeZone=UTC "
	    "-c DateStyle=ISO -c IntervalStyle=iso_8601 -c jit=off "
	    "-c plan_cache_mode=force_generic_plan "
	    "-c client_min_messages=notice "
	    "-c statement_timeout=30s -c lock_timeout=10s "
	    "-c idle_in_transaction_session_timeout=30s "
	    "-c grantd.refresh_lifetime=%u -c grantd.refresh_grace=%u "
	    "-c grantd.access_lifetime=%u -c grantd.documents=%s "
	    "-c grantd.issuer=%s",
	    conf->refresh_lifetime, conf->refresh_grace,
	    conf->access_lifetime, conf->documents ? "on" : "off",
	    conf->issuer);
	if (strpbrk(conf->issuer, " \t\\'") != NULL)
		fatalx("the issuer cannot be an option of a connection");
	if (n < 0 || (size_t)n >= size)
		fatalx("connection options are too long");
}

PGconn *
start_connect(struct db_conn *c)
{
	const struct conf_broker *conf = c->db->conf;
	struct start_params p;
	struct hosts	 hosts;
	char		 options[1024];
	size_t		 i;

	memset(&p, 0, sizeof(p));
	start_options(options, sizeof(options), conf);
	hosts_from(&hosts, conf->conninfo, c->host);
	start_set(&p, "dbname", conf->conninfo);	/* is expanded */
	for (i = 0; i < HOSTS_LISTS; i++) {
		if (hosts.lists[i][0] != '\0')
			start_set(&p, hosts_names[i], hosts.lists[i]);
	}
	start_set(&p, "options", options);
	for (i = 0; i < sizeof(start_fixed) / sizeof(start_fixed[0]); i++)
		start_set(&p, start_fixed[i].name, start_fixed[i].value);
	if (conf->password[0] != '\0')
		start_set(&p, "password", conf->password);
	return PQconnectStartParams(p.names, p.values, 1);
}

/* Connections for procedures run little else. */
static int
start_wants(const struct db_conn *c, int query)
{
	static const enum query calls[] = { QUERY_GATE_ENTER,
	    QUERY_PROCEDURE_READ, QUERY_PROCEDURE_WRITE, QUERY_GATE_CATALOGUE,
	    QUERY_GATE_CATALOGUE_FOLLOW, QUERY_GATE_LINT,
	    QUERY_GATE_SESSION_CLEAN };
	size_t i;

	if (c->lane != DB_CALL && c->lane != DB_SLOW)
		return 1;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if ((int)calls[i] == query)
			return 1;
	}
	return 0;
}

void
start_name(const struct db_conn *c, const struct statement *st,
    char out[START_NAME])
{
	int n;

	n = snprintf(out, START_NAME, "s%016llx_%s",
	    (unsigned long long)c->salt, st->name);
	if (n < 0 || n >= START_NAME)
		fatalx("the name of statement %s is too long", st->name);
}

static int
start_prepare_role(struct db_conn *c, enum statement_role role)
{
	const struct statement *st;
	char name[START_NAME];
	int i;

	for (i = 0; i < QUERY__MAX; i++) {
		st = &statements[i];
		if (st->role != role || !start_wants(c, i))
			continue;
		start_name(c, st, name);
		if (PQsendPrepare(c->pg, name, st->sql, st->nparams,
		    st->params) == 0)
			return -1;
	}
	return 0;
}

/*
 * Two units: the version and the login's own statements; then, after the
 * switch, which lasts to the Sync, those of the API's role.
 */
int
start_prepare(struct db_conn *c)
{
	const struct statement *version = &statements[QUERY_GATE_VERSION];
	const struct statement *role = &statements[QUERY_BECOME_API];

	c->step = 0;
	arc4random_buf(&c->salt, sizeof(c->salt));
	if (PQsendQueryParams(c->pg, version->sql, 0, NULL, NULL, NULL, NULL,
	    1) == 0 ||
	    start_prepare_role(c, STATEMENT_LOGIN) == -1 ||
	    PQpipelineSync(c->pg) == 0)
		return -1;
	if (PQsendQueryParams(c->pg, role->sql, 0, NULL, NULL, NULL, NULL,
	    1) == 0 ||
	    start_prepare_role(c, STATEMENT_API) == -1 ||
	    PQpipelineSync(c->pg) == 0)
		return -1;
	return 0;
}

static int
start_wrong(struct db_conn *c, const char *what)
{
	db_state(c->db, STATE_WRONG_SCHEMA, "the database's schema does not "
	    "fit this program (%s): run sql/migrate of this version", what);
	conn_drop(c, "wrong schema");
	return -1;
}

static int
start_version(struct db_conn *c, const PGresult *res)
{
	uint32_t n = 0;
	char	 what[96];

	if (PQntuples(res) == 1 && PQgetlength(res, 0, 0) == sizeof(n))
		memcpy(&n, PQgetvalue(res, 0, 0), sizeof(n));
	n = ntohl(n);
	/* One newer is fine: hosts are upgraded after the database. */
	if (n == QUERIES_SCHEMA || n == QUERIES_SCHEMA + 1)
		return 0;
	(void)snprintf(what, sizeof(what), "it is at migration %u, wanted "
	    "is %u", n, QUERIES_SCHEMA);
	return start_wrong(c, what);
}

/* A statement that cannot be prepared is a schema that does not fit. */
static int
start_failed(struct db_conn *c, const PGresult *res)
{
	const char	*state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char	*text;
	char		 what[256];

	text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	if (text == NULL)
		text = PQresultErrorMessage(res);
	(void)strlcpy(what, log_vis(text, strlen(text)), sizeof(what));
	if (state != NULL && (strncmp(state, "42", 2) == 0 ||
	    strncmp(state, "3F", 2) == 0))
		return start_wrong(c, what);
	conn_drop(c, what);
	return -1;
}

int
start_result(struct db_conn *c, PGresult *res)
{
	int rc = 0;

	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
		if (c->step == 0)
			rc = start_version(c, res);
		break;
	case PGRES_COMMAND_OK:
		break;
	case PGRES_PIPELINE_SYNC:
		if (++c->step == 2) {
			conn_ready(c);
			rc = 1;
		}
		break;
	default:
		rc = start_failed(c, res);
		break;
	}
	PQclear(res);
	return rc;
}
