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
 * libpq alone: the shared commit of refreshes (one statement for many), as
 * grantd's broker sends it, a batch in flight on each connection, and
 * nothing around it: no plan, no signature.
 *
 *	rotate [-c connections] [-n batch] [-d seconds] [-w warm-up]
 *	    conninfo client secret families
 *
 * families is a file of that many families' ids as connections times batch,
 * a line each; they are the client's, and in their first generation.
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
#include <openssl/rand.h>

#include "codec.h"
#include "statement.h"

#define CONNS_MAX	16
#define BATCH_MAX	256
#define HASH_LEN	32

/* The parameters of the statement, each an array's text. */
enum { CLIENT, SECRET, KIND, ASSERTION, REQUEST, PEER, CARRY, JTI, ACCESS,
    EXP, REFRESH, PARAMS };

struct conn {
	PGconn		*pg;
	char		 families[BATCH_MAX][UUID_STRLEN + 1];
	int		 generation;
	int		 busy;
};

static struct conn	 conns[CONNS_MAX];
static int		 nconns = 2, batch = 32;
static const char	*client;
static char		 secret[2 * EVP_MAX_MD_SIZE + 1];
static unsigned long	 done;

static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
put_hash(FILE *f)
{
	uint8_t	 hash[HASH_LEN];
	char	 hex[2 * HASH_LEN + 1];

	if (RAND_bytes(hash, sizeof(hash)) != 1)
		errx(1, "RAND_bytes");
	hex_encode(hex, hash, sizeof(hash));
	fprintf(f, "\"\\\\x%s\"", hex);
}

static void
put_uuid(FILE *f)
{
	uint8_t	 id[UUID_LEN];
	char	 text[UUID_STRLEN + 1];

	uuid7(id);
	uuid_format(text, id);
	fputs(text, f);
}

static void
put(FILE *f, const struct conn *c, int param, int i)
{
	switch (param) {
	case CLIENT: fputs(client, f); break;
	case SECRET: fprintf(f, "\"\\\\x%s\"", secret); break;
	case KIND: fputs("6", f); break;
	case ASSERTION: fputs("NULL", f); break;
	case PEER: fputs("127.0.0.1", f); break;
	case CARRY:
		fprintf(f, "\"{\\\"family\\\":\\\"%s\\\",\\\"from\\\":%d,"
		    "\\\"epoch\\\":1,\\\"ttl\\\":3600,"
		    "\\\"scope\\\":\\\"orders:read\\\"}\"", c->families[i],
		    c->generation);
		break;
	case EXP: fprintf(f, "%lld", (long long)time(NULL) + 3600); break;
	case ACCESS:
	case REFRESH: put_hash(f); break;
	default: put_uuid(f); break;
	}
}

static void
send_batch(struct conn *c)
{
	const struct statement	*st;
	char			*text[PARAMS];
	size_t			 len;
	FILE			*f;
	int			 i, p;

	st = &statements[QUERY_TOKEN_OAUTH_REFRESH_BATCH];
	for (p = 0; p < PARAMS; p++) {
		if ((f = open_memstream(&text[p], &len)) == NULL)
			err(1, "open_memstream");
		for (i = 0; i < batch; i++) {
			fputc(i == 0 ? '{' : ',', f);
			put(f, c, p, i);
		}
		fputc('}', f);
		if (fclose(f) == EOF)
			err(1, "parameters");
	}
	if (PQsendQueryPrepared(c->pg, st->name, PARAMS,
	    (const char *const *)text, NULL, NULL, 0) != 1 ||
	    PQpipelineSync(c->pg) != 1)
		errx(1, "%s", PQerrorMessage(c->pg));
	for (p = 0; p < PARAMS; p++)
		free(text[p]);
	c->busy = 1;
	c->generation++;
}

static void
read_batch(struct conn *c)
{
	PGresult	*res;
	int		 i;

	if (PQconsumeInput(c->pg) != 1)
		errx(1, "%s", PQerrorMessage(c->pg));
	while (c->busy && !PQisBusy(c->pg)) {
		if ((res = PQgetResult(c->pg)) == NULL)
			continue;
		switch (PQresultStatus(res)) {
		case PGRES_TUPLES_OK:
			for (i = 0; i < PQntuples(res); i++)
				if (strcmp(PQgetvalue(res, i, 0), "200") != 0)
					errx(1, "refused: %s",
					    PQgetvalue(res, i, 3));
			done += (unsigned long)PQntuples(res);
			break;
		case PGRES_PIPELINE_SYNC:
			c->busy = 0;
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
		if (!conns[i].busy)
			send_batch(&conns[i]);
		pfd[i].fd = PQsocket(conns[i].pg);
		pfd[i].events = POLLIN;
		if (PQflush(conns[i].pg) == 1)
			pfd[i].events |= POLLOUT;
	}
	if (poll(pfd, (nfds_t)nconns, 1000) == -1)
		err(1, "poll");
	for (i = 0; i < nconns; i++)
		if (pfd[i].revents != 0)
			read_batch(&conns[i]);
}

static void
open_conn(struct conn *c, const char *conninfo, FILE *families)
{
	const struct statement	*st;
	const char		*names[] = { "dbname", "options", NULL };
	const char		*values[] = { conninfo, "-c search_path="
				    "pg_catalog,pg_temp -c TimeZone=UTC "
				    "-c jit=off", NULL };
	PGresult		*res;
	int			 i;

	st = &statements[QUERY_TOKEN_OAUTH_REFRESH_BATCH];
	c->pg = PQconnectdbParams(names, values, 1);
	if (PQstatus(c->pg) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(c->pg));
	if (st->nparams != PARAMS)
		errx(1, "%s has other parameters", st->name);
	res = PQprepare(c->pg, st->name, st->sql, st->nparams, st->params);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		errx(1, "%s", PQerrorMessage(c->pg));
	PQclear(res);
	if (PQenterPipelineMode(c->pg) != 1 || PQsetnonblocking(c->pg, 1) != 0)
		errx(1, "%s", PQerrorMessage(c->pg));
	c->generation = 1;
	for (i = 0; i < batch; i++)
		if (fscanf(families, "%36s", c->families[i]) != 1)
			errx(1, "too few families");
}

int
main(int argc, char **argv)
{
	FILE		*f;
	uint8_t		 md[EVP_MAX_MD_SIZE];
	unsigned int	 n;
	double		 begin, seconds = 5, warm = 1;
	int		 c, i;

	while ((c = getopt(argc, argv, "c:d:n:w:")) != -1)
		switch (c) {
		case 'c': nconns = (int)strtonum(optarg, 1, CONNS_MAX, NULL);
			break;
		case 'd': seconds = strtod(optarg, NULL); break;
		case 'n': batch = (int)strtonum(optarg, 1, BATCH_MAX, NULL);
			break;
		case 'w': warm = strtod(optarg, NULL); break;
		default: errx(2, "see the head of rotate.c");
		}
	if (argc - optind != 4 || nconns == 0 || batch == 0)
		errx(2, "see the head of rotate.c");
	client = argv[optind + 1];
	if (EVP_Digest(argv[optind + 2], strlen(argv[optind + 2]), md, &n,
	    EVP_sha256(), NULL) != 1)
		errx(1, "SHA-256");
	hex_encode(secret, md, n);
	if ((f = fopen(argv[optind + 3], "r")) == NULL)
		err(1, "%s", argv[optind + 3]);
	for (i = 0; i < nconns; i++)
		open_conn(&conns[i], argv[optind], f);
	(void)fclose(f);
	for (begin = now(); now() - begin < warm;)
		turn();
	done = 0;
	for (begin = now(); now() - begin < seconds;)
		turn();
	printf("{\"rate\":%.1f}\n", (double)done / (now() - begin));
	return 0;
}
