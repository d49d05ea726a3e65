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
 * What grantd's shape can reach on this machine: evhttp in front, a signer
 * behind a socketpair, pipelined libpq, all requests that wait share a
 * commit, an answer after the commit.  No credentials, no rules, no audit,
 * no journal, no walls: nothing but the way that a minted token goes.
 *
 *	skeleton [-c connections] [-f fronts] -p port conninfo
 *
 * Any POST mints, but one to /lookup: that finds the token of its body,
 * token=TEXT, by its hash, in a pipelined SELECT of its own on connections
 * for that.  Ends with its standard input.
 */

#include "config.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <libpq-fe.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "codec.h"

#define FRONTS_MAX	16
#define CONNS_MAX	16
#define BATCH_MAX	512
#define CLAIMS \
	"{\"iss\":\"http://localhost\",\"sub\":\"%s\"," \
	"\"aud\":\"http://localhost/v1/connectors\",\"exp\":%lld," \
	"\"iat\":%lld,\"jti\":\"%s\",\"client_id\":\"grantd-connectors\"," \
	"\"scope\":\"tickets:use\",\"org\":\"%s\",\"fam\":\"%s\"," \
	"\"knd\":\"integration\"}"
#define REPLY \
	"{\"result\":{\"id\":\"%s\",\"name\":\"skeleton\",\"access\":" \
	"{\"secret\":\"%s\",\"expires\":\"2026-01-01T00:00:00Z\"}},\"meta\":{}}"
#define FOUND \
	"{\"active\":true,\"scope\":\"tickets:use\",\"client_id\":" \
	"\"grantd-connectors\",\"token_type\":\"Bearer\",\"exp\":%s," \
	"\"sub\":\"%s\",\"aud\":\"http://localhost/v1/connectors\"," \
	"\"iss\":\"http://localhost\",\"jti\":\"%s\"}"
#define SELECT "SELECT jti, exp FROM skeleton.token WHERE hash = $1::bytea"
#define INSERT \
	"INSERT INTO skeleton.token " \
	"SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::int8[])"

/* To the signer and back. */
struct ask {
	uint64_t	 job;
	uint8_t		 jti[UUID_LEN];
	int64_t		 iat;
};
struct answer {
	uint64_t	 job;
	char		 token[1016];
};

struct job {
	TAILQ_ENTRY(job)	 next;
	struct evhttp_request	*req;		/* NULL: the client is gone */
	struct ask		 ask;
	char			 token[1016];
};
TAILQ_HEAD(jobs, job);

struct db {
	PGconn		*pg;
	struct event	*readable;
	struct event	*writable;
	struct jobs	 jobs;		/* in the commit that is in flight */
	int		 busy;
};

static struct event_base	*base;
static struct bufferevent	*signer;
static struct jobs		 ready = TAILQ_HEAD_INITIALIZER(ready);
static struct db		 dbs[CONNS_MAX], readers[CONNS_MAX];
static int			 ndbs = 2;

/* --- signer ---------------------------------------------------------- */

static void
sign(EVP_PKEY *key, const struct ask *ask, struct answer *answer)
{
	static const char	 header[] =
	    "{\"typ\":\"at+jwt\",\"alg\":\"ES256\","
	    "\"kid\":\"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U\"}";
	EVP_MD_CTX		*ctx = EVP_MD_CTX_new();
	char			 claims[600], jti[UUID_STRLEN + 1];
	uint8_t			 der[80], raw[64];
	size_t			 n, len = sizeof(der);
	int			 claims_len;

	uuid_format(jti, ask->jti);
	claims_len = snprintf(claims, sizeof(claims), CLAIMS, jti,
	    (long long)ask->iat + 86400, (long long)ask->iat, jti, jti, jti);
	b64url_encode(answer->token, header, sizeof(header) - 1);
	n = strlen(answer->token);
	answer->token[n++] = '.';
	b64url_encode(answer->token + n, claims, (size_t)claims_len);
	n += strlen(answer->token + n);
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, der, &len, (uint8_t *)answer->token, n) != 1)
		errx(1, "sign");
	memcpy(raw, der + 4, sizeof(raw));	/* near enough to measure */
	answer->token[n++] = '.';
	b64url_encode(answer->token + n, raw, sizeof(raw));
	answer->job = ask->job;
	EVP_MD_CTX_free(ctx);
}

static void
write_all(int fd, const void *data, size_t len)
{
	const char	*p = data;
	struct pollfd	 pfd = { .fd = fd, .events = POLLOUT };
	ssize_t		 n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(fd, p, len)) == -1) {
			(void)poll(&pfd, 1, -1);
			n = 0;
		}
}

static void
signer_main(int *fds, int n)
{
	static struct ask	 asks[256];
	static struct answer	 answers[256];
	struct pollfd		 pfd[FRONTS_MAX];
	EVP_PKEY_CTX		*ctx;
	EVP_PKEY		*key = NULL;
	ssize_t			 got;
	int			 i, k;

	if ((ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL)) == NULL ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx,
	    NID_X9_62_prime256v1) != 1 || EVP_PKEY_keygen(ctx, &key) != 1)
		errx(1, "key");
	for (i = 0; i < n; i++) {
		pfd[i].fd = fds[i];
		pfd[i].events = POLLIN;
	}
	for (;;) {
		if (poll(pfd, (nfds_t)n, -1) == -1)
			err(1, "poll");
		for (i = 0; i < n; i++) {
			if (pfd[i].revents == 0)
				continue;
			got = read(fds[i], asks, sizeof(asks));
			if (got <= 0)
				_exit(0);
			/* A front writes whole ones; the rest is near. */
			while (got % (ssize_t)sizeof(asks[0]) != 0)
				got += read(fds[i], (char *)asks + got,
				    sizeof(asks[0]) -
				    (size_t)got % sizeof(asks[0]));
			got /= (ssize_t)sizeof(asks[0]);
			for (k = 0; k < got; k++)
				sign(key, &asks[k], &answers[k]);
			write_all(fds[i], answers, (size_t)got *
			    sizeof(answers[0]));
		}
	}
}

/* --- database -------------------------------------------------------- */

static void	 db_kick(void);

static void
db_flush(struct db *db)
{
	if (PQflush(db->pg) == 1)
		(void)event_add(db->writable, NULL);
}

static void
db_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	db_flush(arg);
}

static void
db_send(struct db *db)
{
	struct evbuffer	*text[3];
	const char	*params[3];
	struct job	*job;
	uint8_t		 hash[EVP_MAX_MD_SIZE];
	char		 hex[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int	 len;
	int		 i, n;

	for (i = 0; i < 3; i++)
		if ((text[i] = evbuffer_new()) == NULL)
			errx(1, "evbuffer");
	for (n = 0; n < BATCH_MAX && (job = TAILQ_FIRST(&ready)) != NULL; n++) {
		TAILQ_REMOVE(&ready, job, next);
		TAILQ_INSERT_TAIL(&db->jobs, job, next);
		if (EVP_Digest(job->token, strlen(job->token), hash, &len,
		    EVP_sha256(), NULL) != 1)
			errx(1, "SHA-256");
		hex_encode(hex, hash, len);
		evbuffer_add_printf(text[0], "%c\"\\\\x%s\"", n ? ',' : '{',
		    hex);
		uuid_format(hex, job->ask.jti);
		evbuffer_add_printf(text[1], "%c%s", n ? ',' : '{', hex);
		evbuffer_add_printf(text[2], "%c%lld", n ? ',' : '{',
		    (long long)job->ask.iat + 86400);
	}
	for (i = 0; i < 3; i++) {
		evbuffer_add(text[i], "}", 2);
		params[i] = (char *)evbuffer_pullup(text[i], -1);
	}
	if (PQsendQueryPrepared(db->pg, "insert", 3, params, NULL, NULL, 0) != 1
	    || PQpipelineSync(db->pg) != 1)
		errx(1, "%s", PQerrorMessage(db->pg));
	for (i = 0; i < 3; i++)
		evbuffer_free(text[i]);
	db->busy = 1;
	db_flush(db);
}

static void
db_kick(void)
{
	int	 i;

	for (i = 0; i < ndbs && !TAILQ_EMPTY(&ready); i++)
		if (!dbs[i].busy)
			db_send(&dbs[i]);
}

static void
job_answer(struct job *job)
{
	struct evbuffer	*body;
	char		 id[UUID_STRLEN + 1];

	if (job->req != NULL && (body = evbuffer_new()) != NULL) {
		uuid_format(id, job->ask.jti);
		evbuffer_add_printf(body, REPLY, id, job->token);
		evhttp_add_header(evhttp_request_get_output_headers(job->req),
		    "Content-Type", "application/json");
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(job->req), NULL, NULL);
		evhttp_send_reply(job->req, 200, "OK", body);
		evbuffer_free(body);
	}
	free(job);
}

static void
db_readable(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	struct job	*job;
	PGresult	*res;
	ExecStatusType	 status;

	(void)fd, (void)what;
	if (PQconsumeInput(db->pg) != 1)
		errx(1, "%s", PQerrorMessage(db->pg));
	while (db->busy && !PQisBusy(db->pg)) {
		if ((res = PQgetResult(db->pg)) == NULL)
			continue;
		status = PQresultStatus(res);
		if (status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC)
			errx(1, "%s", PQresultErrorMessage(res));
		PQclear(res);
		if (status != PGRES_PIPELINE_SYNC)
			continue;
		db->busy = 0;
		while ((job = TAILQ_FIRST(&db->jobs)) != NULL) {
			TAILQ_REMOVE(&db->jobs, job, next);
			job_answer(job);
		}
	}
	db_kick();
}

static void
db_open(struct db *db, const char *conninfo, const char *name,
    const char *sql, event_callback_fn readable)
{
	PGresult	*res;

	db->pg = PQconnectdb(conninfo);
	res = PQprepare(db->pg, name, sql, 0, NULL);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		errx(1, "%s", PQerrorMessage(db->pg));
	PQclear(res);
	if (PQenterPipelineMode(db->pg) != 1 ||
	    PQsetnonblocking(db->pg, 1) != 0)
		errx(1, "%s", PQerrorMessage(db->pg));
	TAILQ_INIT(&db->jobs);
	db->readable = event_new(base, PQsocket(db->pg), EV_READ | EV_PERSIST,
	    readable, db);
	db->writable = event_new(base, PQsocket(db->pg), EV_WRITE, db_writable,
	    db);
	(void)event_add(db->readable, NULL);
}

/* --- lookups --------------------------------------------------------- */

static void
lookup_answer(struct job *job, PGresult *res)
{
	struct evbuffer	*body;
	struct evkeyvalq *head;
	const char	*jti;

	if (job->req != NULL && (body = evbuffer_new()) != NULL) {
		head = evhttp_request_get_output_headers(job->req);
		evhttp_add_header(head, "Content-Type", "application/json");
		jti = PQntuples(res) == 1 ? PQgetvalue(res, 0, 0) : "";
		if (*jti == '\0')
			evbuffer_add_printf(body, "{\"active\":false}");
		else
			evbuffer_add_printf(body, FOUND,
			    PQgetvalue(res, 0, 1), jti, jti);
		evhttp_connection_set_closecb(
		    evhttp_request_get_connection(job->req), NULL, NULL);
		evhttp_send_reply(job->req, 200, "OK", body);
		evbuffer_free(body);
	}
	free(job);
}

static void
lookup_readable(evutil_socket_t fd, short what, void *arg)
{
	struct db	*db = arg;
	struct job	*job;
	PGresult	*res;

	(void)fd, (void)what;
	if (PQconsumeInput(db->pg) != 1)
		errx(1, "%s", PQerrorMessage(db->pg));
	while (db->busy > 0 && !PQisBusy(db->pg)) {
		if ((res = PQgetResult(db->pg)) == NULL)
			continue;
		switch (PQresultStatus(res)) {
		case PGRES_TUPLES_OK:
			job = TAILQ_FIRST(&db->jobs);
			TAILQ_REMOVE(&db->jobs, job, next);
			lookup_answer(job, res);
			break;
		case PGRES_PIPELINE_SYNC:
			db->busy--;
			break;
		default:
			errx(1, "%s", PQresultErrorMessage(res));
		}
		PQclear(res);
	}
}

static void
lookup_send(struct job *job)
{
	struct db	*db = &readers[0];
	const char	*params[1];
	uint8_t		 hash[EVP_MAX_MD_SIZE];
	char		 hex[2 + 2 * EVP_MAX_MD_SIZE + 1] = "\\x";
	unsigned int	 len;
	int		 i;

	for (i = 1; i < ndbs; i++)
		if (readers[i].busy < db->busy)
			db = &readers[i];
	if (EVP_Digest(job->token, strlen(job->token), hash, &len,
	    EVP_sha256(), NULL) != 1)
		errx(1, "SHA-256");
	hex_encode(hex + 2, hash, len);
	params[0] = hex;
	TAILQ_INSERT_TAIL(&db->jobs, job, next);
	db->busy++;
	if (PQsendQueryPrepared(db->pg, "select", 1, params, NULL, NULL,
	    0) != 1 || PQpipelineSync(db->pg) != 1)
		errx(1, "%s", PQerrorMessage(db->pg));
	db_flush(db);
}

/* --- front ----------------------------------------------------------- */

static void
front_closed(struct evhttp_connection *conn, void *arg)
{
	struct job	*job = arg;

	(void)conn;
	job->req = NULL;
}

static void
front_lookup(struct job *job)
{
	struct evbuffer	*in = evhttp_request_get_input_buffer(job->req);
	char		 body[sizeof("token=") + sizeof(job->token)];
	ssize_t		 n = evbuffer_remove(in, body, sizeof(body) - 1);

	body[n > 0 ? n : 0] = '\0';
	if (strncmp(body, "token=", 6) == 0)
		(void)strlcpy(job->token, body + 6, sizeof(job->token));
	lookup_send(job);
}

static void
front_request(struct evhttp_request *req, void *arg)
{
	struct job	*job;

	(void)arg;
	if ((job = calloc(1, sizeof(*job))) == NULL)
		err(1, "calloc");
	job->req = req;
	job->ask.job = (uint64_t)(uintptr_t)job;
	job->ask.iat = (int64_t)time(NULL);
	uuid7(job->ask.jti);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    front_closed, job);
	if (strcmp(evhttp_request_get_uri(req), "/lookup") == 0) {
		front_lookup(job);
		return;
	}
	(void)bufferevent_write(signer, &job->ask, sizeof(job->ask));
}

static void
front_signed(struct bufferevent *bev, void *arg)
{
	struct evbuffer	*in = bufferevent_get_input(bev);
	struct answer	 answer;
	struct job	*job;

	(void)arg;
	while (evbuffer_get_length(in) >= sizeof(answer)) {
		(void)evbuffer_remove(in, &answer, sizeof(answer));
		job = (struct job *)(uintptr_t)answer.job;
		(void)strlcpy(job->token, answer.token, sizeof(job->token));
		TAILQ_INSERT_TAIL(&ready, job, next);
	}
	db_kick();
}

static void
front_main(int listener, int fd, const char *conninfo)
{
	struct evhttp	*http;
	int		 i;

	if ((base = event_base_new()) == NULL ||
	    (http = evhttp_new(base)) == NULL ||
	    evutil_make_socket_nonblocking(fd) == -1 ||
	    (signer = bufferevent_socket_new(base, fd, 0)) == NULL)
		errx(1, "event");
	bufferevent_setcb(signer, front_signed, NULL, NULL, NULL);
	(void)bufferevent_enable(signer, EV_READ | EV_WRITE);
	for (i = 0; i < ndbs; i++) {
		db_open(&dbs[i], conninfo, "insert", INSERT, db_readable);
		db_open(&readers[i], conninfo, "select", SELECT,
		    lookup_readable);
	}
	evhttp_set_gencb(http, front_request, NULL);
	if (evhttp_accept_socket(http, listener) == -1)
		errx(1, "evhttp");
	(void)event_base_dispatch(base);
	_exit(0);
}

static int
listen_on(int port)
{
	struct sockaddr_in	 sin;
	int			 fd, one = 1;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 1024) == -1 ||
	    evutil_make_socket_nonblocking(fd) == -1)
		err(1, "listen");
	return fd;
}

int
main(int argc, char **argv)
{
	pid_t	 pids[FRONTS_MAX + 1];
	int	 ours[FRONTS_MAX], theirs[FRONTS_MAX], pair[2];
	int	 c, i, listener, fronts = 2, port = 0;
	char	 byte;

	while ((c = getopt(argc, argv, "c:f:p:")) != -1)
		switch (c) {
		case 'c': ndbs = (int)strtonum(optarg, 1, CONNS_MAX, NULL);
			break;
		case 'f': fronts = (int)strtonum(optarg, 1, FRONTS_MAX, NULL);
			break;
		case 'p': port = (int)strtonum(optarg, 1, 65535, NULL);
			break;
		default: errx(2, "see the head of skeleton.c");
		}
	if (argc - optind != 1 || port == 0 || fronts == 0 || ndbs == 0)
		errx(2, "see the head of skeleton.c");
	(void)signal(SIGPIPE, SIG_IGN);
	listener = listen_on(port);
	for (i = 0; i < fronts; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
			err(1, "socketpair");
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	if ((pids[fronts] = fork()) == 0)
		signer_main(theirs, fronts);
	for (i = 0; i < fronts; i++)
		if ((pids[i] = fork()) == 0)
			front_main(listener, ours[i], argv[optind]);
	printf("ready\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	for (i = 0; i <= fronts; i++)
		(void)kill(pids[i], SIGTERM);
	return 0;
}
