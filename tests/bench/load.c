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
 * A load generator for loopback: keep-alive connections, one request at a
 * time on each, as fast as answers come or at a given rate.  At a rate,
 * latency counts from the time that the request was due, not from when a
 * connection was free for it, so that a stall is not left out.
 *
 *	load [-c connections] [-r rate] [-d seconds] [-w warm-up seconds]
 *	    [-m method] [-H header]... [-b body | -B file [-R]] -p port path
 *	load -i count -p port [-H header]... path
 *
 * The bodies of a file are its lines, used one after the other, and from the
 * first again.  With -R each connection begins with a line of its own that
 * ends in refresh_token=SECRET, and goes on with the secret of the answer.
 * The second form makes idle connections, one request on each, says
 * "open N", and keeps them until its standard input ends.
 * Prints one line of JSON; the rate is that of answers with 2xx.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX	1024
#define HEADERS_MAX	16
#define REPLY_MAX	65536
#define STATUS_MAX	600
#define LATENCY_MAX	2000000		/* us; what is slower counts as this */

struct text {
	char		*data;
	size_t		 len;
};

struct conn {
	struct text	 own;		/* its request, with -R */
	int		 fd;
	int		 busy;
	uint64_t	 due;		/* us */
	char		 in[REPLY_MAX];
	size_t		 len;
};

static struct {
	int		 port;
	int		 conns;
	double		 rate;
	double		 seconds;
	double		 warm;
	int		 idle;
	const char	*method;
	const char	*body;
	const char	*bodies;
	int		 refresh;
	const char	*path;
	const char	*headers[HEADERS_MAX];
	int		 nheaders;
} opt = { 0, 32, 0, 5, 1, 0, "GET", NULL, NULL, 0, NULL, { NULL }, 0 };

static struct text	*requests;	/* used in turn */
static size_t		 nrequests, turn;
static uint32_t		 latency[LATENCY_MAX + 1];
static uint64_t		 statuses[STATUS_MAX], answers, good, errors;
static uint64_t		 begin, measure, end;	/* us */

static uint64_t
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* A request with len bytes of body; NULL: it has none. */
static struct text
make_request(const char *body, size_t len)
{
	struct text	 t = { NULL, 0 };
	FILE		*f = open_memstream(&t.data, &t.len);
	int		 i;

	if (f == NULL)
		err(1, "open_memstream");
	fprintf(f, "%s %s HTTP/1.1\r\nHost: localhost:%d\r\n", opt.method,
	    opt.path, opt.port);
	for (i = 0; i < opt.nheaders; i++)
		fprintf(f, "%s\r\n", opt.headers[i]);
	if (body != NULL || strcmp(opt.method, "GET") != 0)
		fprintf(f, "Content-Length: %zu\r\n", len);
	fprintf(f, "\r\n%.*s", (int)len, body == NULL ? "" : body);
	if (fclose(f) == EOF)
		err(1, "request");
	return t;
}

static void
add_request(const char *body, size_t len)
{
	if ((nrequests & (nrequests + 1)) == 0 && (requests =
	    reallocarray(requests, 2 * nrequests + 2,
	    sizeof(*requests))) == NULL)
		err(1, "reallocarray");
	requests[nrequests++] = make_request(body, len);
}

static void
make_requests(void)
{
	FILE	*f;
	char	*line = NULL;
	size_t	 size = 0;
	ssize_t	 len;

	if (opt.bodies == NULL) {
		add_request(opt.body, opt.body == NULL ? 0 : strlen(opt.body));
		return;
	}
	if ((f = fopen(opt.bodies, "r")) == NULL)
		err(1, "%s", opt.bodies);
	while ((len = getline(&line, &size, f)) > 0)
		add_request(line, (size_t)len - (line[len - 1] == '\n'));
	free(line);
	(void)fclose(f);
	if (nrequests == 0 || (opt.refresh && nrequests < (size_t)opt.conns))
		errx(1, "%s: too few lines", opt.bodies);
}

/* The next refresh token stands in this answer. */
static void
renew(struct conn *c)
{
	static const char	 field[] = "refresh_token=";
	const char		*body, *from, *last;
	FILE			*f;
	struct text		 t = { NULL, 0 };

	if ((from = strstr(c->in, "\"refresh_token\"")) == NULL ||
	    (from = strchr(from + 15, '"')) == NULL ||
	    (last = strchr(++from, '"')) == NULL ||
	    (body = strstr(c->own.data, "\r\n\r\n")) == NULL ||
	    strstr(body, field) == NULL)
		return;
	body += 4;
	if ((f = open_memstream(&t.data, &t.len)) == NULL)
		err(1, "open_memstream");
	fprintf(f, "%.*s%.*s", (int)(strstr(body, field) + strlen(field) -
	    body), body, (int)(last - from), from);
	if (fclose(f) == EOF)
		err(1, "request");
	free(c->own.data);
	c->own = make_request(t.data, t.len);
	free(t.data);
}

static int
dial(void)
{
	struct sockaddr_in	 sin;
	int			 fd, one = 1;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)opt.port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
redial(struct conn *c)
{
	(void)close(c->fd);
	c->fd = dial();
	c->len = 0;
	c->busy = 0;
	errors++;
}

static void
send_request(struct conn *c, uint64_t due)
{
	const struct text	*t = &c->own;

	if (!opt.refresh)
		t = &requests[turn++ % nrequests];
	c->due = due;
	c->busy = 1;
	c->len = 0;
	/* A request is small: the socket's buffer takes it whole. */
	if (send(c->fd, t->data, t->len, MSG_NOSIGNAL) != (ssize_t)t->len)
		redial(c);
}

/* The length of a whole answer in c->in, 0 if there is more to come. */
static size_t
answer_length(struct conn *c, int *status)
{
	char	*head, *p;
	size_t	 body = 0;

	c->in[c->len] = '\0';
	if ((head = strstr(c->in, "\r\n\r\n")) == NULL)
		return 0;
	*status = (int)strtol(c->in + 9, NULL, 10);
	for (p = c->in; p < head; p = strstr(p, "\r\n") + 2)
		if (strncasecmp(p, "Content-Length:", 15) == 0)
			body = strtoul(p + 15, NULL, 10);
		else if (strncasecmp(p, "Transfer-Encoding:", 18) == 0)
			errx(1, "chunked answers are not measured");
	body += (size_t)(head + 4 - c->in);
	if (body >= REPLY_MAX)
		errx(1, "answer too long");
	return c->len >= body ? body : 0;
}

/* 1 when an answer is complete. */
static int
receive(struct conn *c)
{
	ssize_t		 n;
	uint64_t	 t;
	int		 status = 0;

	n = recv(c->fd, c->in + c->len, REPLY_MAX - 1 - c->len, 0);
	if (n <= 0) {
		redial(c);
		return 1;
	}
	c->len += (size_t)n;
	if (answer_length(c, &status) == 0)
		return 0;
	c->busy = 0;
	if (opt.refresh)
		renew(c);
	if ((t = now()) < measure || t >= end)
		return 1;
	answers++;
	if (status < 0 || status >= STATUS_MAX)
		status = 0;
	if (status >= 200 && status <= 299)
		good++;
	else if (statuses[status] == 0)
		warnx("first answer with %d:\n%s", status, c->in);
	statuses[status]++;
	t -= c->due;
	latency[t > LATENCY_MAX ? LATENCY_MAX : t]++;
	return 1;
}

static double
percentile(double share)
{
	uint64_t	 want = (uint64_t)((double)answers * share), sum = 0;
	size_t		 i;

	for (i = 0; i <= LATENCY_MAX; i++)
		if ((sum += latency[i]) > want)
			return (double)i / 1000;
	return LATENCY_MAX / 1000.0;
}

static void
report(void)
{
	size_t		 i, worst = 0;
	const char	*comma = "";

	for (i = 0; i <= LATENCY_MAX; i++)
		if (latency[i] > 0)
			worst = i;
	printf("{\"rate\":%.1f,\"answers\":%llu,\"errors\":%llu,"
	    "\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f,"
	    "\"status\":{", (double)good / opt.seconds,
	    (unsigned long long)answers, (unsigned long long)errors,
	    percentile(0.5), percentile(0.9), percentile(0.99),
	    (double)worst / 1000);
	for (i = 0; i < STATUS_MAX; i++)
		if (statuses[i] > 0) {
			printf("%s\"%zu\":%llu", comma, i,
			    (unsigned long long)statuses[i]);
			comma = ",";
		}
	printf("}}\n");
}

/*
 * Sends what is due on connections that are free; us until the next, -1: all
 * are busy, an answer comes first.
 */
static int64_t
pace(struct conn *conns, uint64_t *sent)
{
	static int	 at;
	uint64_t	 due, t = now();
	int		 tried;

	for (tried = 0; tried < opt.conns; tried++) {
		due = begin + (uint64_t)((double)*sent * 1e6 / opt.rate);
		if (due > t)
			return (int64_t)(due - t);
		if (!conns[at].busy) {
			send_request(&conns[at], due);
			(*sent)++;
			tried = -1;
		}
		at = (at + 1) % opt.conns;
	}
	return -1;
}

/*
 * Sleeps until an answer or the next request, to the microsecond: a loop that
 * polls without sleeping takes a whole core from the server.
 */
static int
wait_for(struct pollfd *pfd, nfds_t n, int64_t us)
{
	struct timespec	 ts;

	if (us < 0 || us > 100000)
		us = 100000;
	ts.tv_sec = 0;
	ts.tv_nsec = (long)us * 1000;
	return ppoll(pfd, n, &ts, NULL);
}

static void
run(void)
{
	struct conn	*conns, **at;
	struct pollfd	*pfd;
	uint64_t	 sent = 0;
	int64_t		 wait = -1;
	int		 i, n;

	if ((conns = calloc((size_t)opt.conns, sizeof(*conns))) == NULL ||
	    (at = calloc((size_t)opt.conns, sizeof(*at))) == NULL ||
	    (pfd = calloc((size_t)opt.conns, sizeof(*pfd))) == NULL)
		err(1, "calloc");
	for (i = 0; i < opt.conns; i++) {
		conns[i].fd = dial();
		if (opt.refresh)
			conns[i].own = requests[i];
	}
	begin = now();
	measure = begin + (uint64_t)(opt.warm * 1e6);
	end = measure + (uint64_t)(opt.seconds * 1e6);
	for (i = 0; opt.rate == 0 && i < opt.conns; i++)
		send_request(&conns[i], now());
	while (now() < end) {
		if (opt.rate > 0)
			wait = pace(conns, &sent);
		for (i = n = 0; i < opt.conns; i++) {
			if (!conns[i].busy)
				continue;
			pfd[n].fd = conns[i].fd;
			pfd[n].events = POLLIN;
			pfd[n].revents = 0;
			at[n++] = &conns[i];
		}
		if (wait_for(pfd, (nfds_t)n, wait) <= 0)
			continue;
		for (i = 0; i < n; i++)
			if (pfd[i].revents != 0 && receive(at[i]) &&
			    opt.rate == 0)
				send_request(at[i], now());
	}
	report();
}

static void
idle(void)
{
	struct rlimit	 rl;
	struct conn	*c;
	char		 byte;
	int		 i, *fds;

	rl.rlim_cur = rl.rlim_max = (rlim_t)opt.idle + 64;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "limit of open files");
	if ((fds = calloc((size_t)opt.idle, sizeof(int))) == NULL ||
	    (c = calloc(1, sizeof(*c))) == NULL)
		err(1, "calloc");
	end = UINT64_MAX;
	for (i = 0; i < opt.idle; i++) {
		c->fd = fds[i] = dial();
		send_request(c, now());
		while (!receive(c))
			;
		if (c->fd != fds[i])
			errx(1, "connection %d was closed", i);
	}
	printf("open %d\n", opt.idle);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static double
number(const char *text, double least)
{
	char	*rest;
	double	 d = strtod(text, &rest);

	if (*rest != '\0' || d < least)
		errx(2, "%s: no number of this size", text);
	return d;
}

int
main(int argc, char **argv)
{
	int	 c;

	while ((c = getopt(argc, argv, "B:b:c:d:H:i:m:p:Rr:w:")) != -1)
		switch (c) {
		case 'B': opt.bodies = optarg; break;
		case 'b': opt.body = optarg; break;
		case 'c': opt.conns = (int)number(optarg, 1); break;
		case 'd': opt.seconds = number(optarg, 0.1); break;
		case 'H':
			if (opt.nheaders == HEADERS_MAX)
				errx(2, "too many headers");
			opt.headers[opt.nheaders++] = optarg;
			break;
		case 'i': opt.idle = (int)number(optarg, 1); break;
		case 'm': opt.method = optarg; break;
		case 'p': opt.port = (int)number(optarg, 1); break;
		case 'R': opt.refresh = 1; break;
		case 'r': opt.rate = number(optarg, 1); break;
		case 'w': opt.warm = number(optarg, 0); break;
		default: errx(2, "see the head of load.c");
		}
	if (argc - optind != 1 || opt.port == 0 || opt.conns > CONNS_MAX ||
	    (opt.refresh && opt.bodies == NULL))
		errx(2, "see the head of load.c");
	opt.path = argv[optind];
	make_requests();
	if (opt.idle > 0)
		idle();
	else
		run();
	return 0;
}
