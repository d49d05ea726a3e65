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
 * libpq alone: the database unit of GET /v1/organization (gate_enter and
 * the operation behind it, one Sync) as grantd's broker sends it, with many
 * units in flight on each connection, and nothing around it.
 *
 *	pipeline [-c connections] [-n in flight] [-d seconds] [-w warm-up]
 *	    [-o operation -a arguments] conninfo token expiry
 *
 * With -o the unit is that of a published procedure that reads.
 */

#include "config.h"

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <openssl/evp.h>

#include "codec.h"
#include "statement.h"

#define CONNS_MAX	16
#define ENTER_PARAMS	32

struct conn {
	PGconn		*pg;
	int		 flying;
	int		 rows;		/* of the unit that is being read */
};

static struct conn	 conns[CONNS_MAX];
static int		 nconns = 2, inflight = 32;
static double		 seconds = 5, warm = 1;
static const char	*enter[ENTER_PARAMS];	/* the rest: null */
static enum query	 query = QUERY_ORGANIZATION_GET;
static const char	*operation = "organization.get";
static const char	*arguments = "{}";
static unsigned long	 units;

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
must(PGconn *pg, PGresult *res, ExecStatusType want)
{
	if (PQresultStatus(res) != want)
		errx(1, "%s", PQerrorMessage(pg));
	PQclear(res);
}

static void
prepare(PGconn *pg, enum query which)
{
	const struct statement	*st = &statements[which];

	must(pg, PQprepare(pg, st->name, st->sql, st->nparams, st->params),
	    PGRES_COMMAND_OK);
}

/* As src/broker/db_start.c does: each statement under the role it runs as. */
static void
open_conn(struct conn *c, const char *conninfo)
{
	const char	*names[] = { "dbname", "options", NULL };
	const char	*values[] = { conninfo, "-c search_path=pg_catalog,"
			    "pg_temp -c TimeZone=UTC -c jit=off "
			    "-c plan_cache_mode=force_generic_plan", NULL };

	c->pg = PQconnectdbParams(names, values, 1);
	if (PQstatus(c->pg) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(c->pg));
	prepare(c->pg, QUERY_GATE_ENTER);
	must(c->pg, PQexec(c->pg, "SET ROLE grantd_api"), PGRES_COMMAND_OK);
	prepare(c->pg, query);
	must(c->pg, PQexec(c->pg, "RESET ROLE"), PGRES_COMMAND_OK);
	if (PQenterPipelineMode(c->pg) != 1 || PQsetnonblocking(c->pg, 1) != 0)
		errx(1, "%s", PQerrorMessage(c->pg));
}

static void
send_unit(struct conn *c)
{
	if (PQsendQueryPrepared(c->pg, statements[QUERY_GATE_ENTER].name,
	    statements[QUERY_GATE_ENTER].nparams, enter, NULL, NULL, 1) != 1 ||
	    PQsendQueryPrepared(c->pg, statements[query].name,
	    1, &arguments, NULL, NULL, 1) != 1 || PQpipelineSync(c->pg) != 1)
		errx(1, "%s", PQerrorMessage(c->pg));
	c->flying++;
}

/* Everything that has come; counts units whose operation gave its row. */
static void
read_units(struct conn *c)
{
	PGresult	*res;

	if (PQconsumeInput(c->pg) != 1)
		errx(1, "%s", PQerrorMessage(c->pg));
	while (c->flying > 0 && !PQisBusy(c->pg)) {
		if ((res = PQgetResult(c->pg)) == NULL)
			continue;
		switch (PQresultStatus(res)) {
		case PGRES_TUPLES_OK:
			c->rows += PQntuples(res);
			break;
		case PGRES_PIPELINE_SYNC:
			if (c->rows != 2)
				errx(1, "a unit gave %d rows", c->rows);
			c->rows = 0;
			c->flying--;
			units++;
			break;
		default:
			errx(1, "%s", PQresultErrorMessage(res));
		}
		PQclear(res);
	}
}

static void
turn(void)
{
	struct pollfd	 pfd[CONNS_MAX];
	int		 i;

	for (i = 0; i < nconns; i++) {
		while (conns[i].flying < inflight)
			send_unit(&conns[i]);
		pfd[i].fd = PQsocket(conns[i].pg);
		pfd[i].events = POLLIN;
		if (PQflush(conns[i].pg) == 1)
			pfd[i].events |= POLLOUT;
	}
	if (poll(pfd, (nfds_t)nconns, 1000) == -1)
		err(1, "poll");
	for (i = 0; i < nconns; i++)
		if (pfd[i].revents != 0)
			read_units(&conns[i]);
}

static void
parameters(const char *token, const char *expiry)
{
	static char	 hash[2 + 2 * EVP_MAX_MD_SIZE + 1] = "\\x";
	uint8_t		 md[EVP_MAX_MD_SIZE];
	unsigned int	 n;

	if (EVP_Digest(token, strlen(token), md, &n, EVP_sha256(), NULL) != 1)
		errx(1, "SHA-256");
	hex_encode(hash + 2, md, n);
	if (statements[QUERY_GATE_ENTER].nparams > ENTER_PARAMS)
		errx(1, "gate_enter has more parameters than this knows");
	enter[0] = hash;
	enter[1] = "1";		/* CRED_ACCESS */
	enter[2] = expiry;
	enter[4] = operation;
	enter[5] = "call";
	enter[6] = "0198c0de-0000-7000-8000-000000000001";
	enter[7] = "30000";
	enter[8] = "127.0.0.1";
	enter[9] = "GET";
	enter[10] = "/v1/organization";
}

int
main(int argc, char **argv)
{
	double	 begin;
	int	 c, i;

	while ((c = getopt(argc, argv, "a:c:d:n:o:w:")) != -1)
		switch (c) {
		case 'a': arguments = optarg; break;
		case 'c': nconns = (int)strtonum(optarg, 1, CONNS_MAX, NULL);
			break;
		case 'd': seconds = strtod(optarg, NULL); break;
		case 'n': inflight = (int)strtonum(optarg, 1, 1024, NULL);
			break;
		case 'o': operation = optarg; query = QUERY_PROCEDURE_READ;
			break;
		case 'w': warm = strtod(optarg, NULL); break;
		default: errx(2, "see the head of pipeline.c");
		}
	if (argc - optind != 3 || nconns == 0 || inflight == 0)
		errx(2, "see the head of pipeline.c");
	parameters(argv[optind + 1], argv[optind + 2]);
	for (i = 0; i < nconns; i++)
		open_conn(&conns[i], argv[optind]);
	for (begin = now(); now() - begin < warm;)
		turn();
	units = 0;
	for (begin = now(); now() - begin < seconds;)
		turn();
	printf("{\"rate\":%.1f}\n", (double)units / (now() - begin));
	return 0;
}
