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
 * A broker and a name server turned hostile, before the real
 * grantd-fetcher.  The test is both; whatever the names lead to, no
 * connection may come where one listens.
 */

#include "config.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "msg_fetcher.h"
#include "stage.h"

#define PATIENCE	30000	/* ms */
#define FLOOD		3000
#define FLOOD_MEMORY	(128 * 1024)	/* KiB, with sanitizers in mind */
#define HEAD		12
#define INSIDE		"the host's address is not one of the internet"

static struct actor	 fetcher;
static struct rope	 good;
static uint32_t		 next_id = 1000;
static int		 dns = -1;	/* the name server's socket */
static int		 target = -1;	/* a listener that nobody may reach */
static uint16_t		 dns_port, port;

/* What the name server says: addresses, an rcode, or nothing at all. */
static const struct zone {
	const char	*name;
	const char	*v4[3];
	const char	*v6[3];
	int		 rcode;		/* -1: no answer */
	const char	*want;		/* the fetcher's */
} zones[] = {
	{ "loop.example", { "127.0.0.1" }, { NULL }, 0, INSIDE },
	{ "private.example", { "10.1.2.3" }, { NULL }, 0, INSIDE },
	{ "metadata.example", { "169.254.169.254" }, { NULL }, 0, INSIDE },
	{ "zero.example", { "0.0.0.0" }, { NULL }, 0, INSIDE },
	{ "shared.example", { "100.64.0.1" }, { NULL }, 0, INSIDE },
	{ "multicast.example", { "224.0.0.1" }, { NULL }, 0, INSIDE },
	{ "six.example", { NULL }, { "::1" }, 0, INSIDE },
	{ "mapped.example", { NULL }, { "::ffff:127.0.0.1" }, 0, INSIDE },
	{ "nat64.example", { NULL }, { "64:ff9b::7f00:1" }, 0, INSIDE },
	{ "unique.example", { NULL }, { "fd00:ec2::254" }, 0, INSIDE },
	{ "link.example", { NULL }, { "fe80::1" }, 0, INSIDE },
	/* one that is good does not help one that is not */
	{ "mixed.example", { "1.1.1.1", "127.0.0.1" }, { NULL }, 0, INSIDE },
	{ "mixed6.example", { "1.1.1.1" }, { "::1" }, 0, INSIDE },
	{ "empty.example", { NULL }, { NULL }, 0, "the host has no address" },
	{ "unknown.example", { NULL }, { NULL }, 3, "there is no such host" },
	{ "failing.example", { NULL }, { NULL }, 2,
	    "the name server cannot tell" },
	{ "silent.example", { NULL }, { NULL }, -1,
	    "the name server does not answer" },
};

static const struct {
	const char	*url;
	const char	*want;
} urls[] = {
	{ "", "the URL is not https" },
	{ "http://a.example/x", "the URL is not https" },
	{ "file:///etc/passwd", "the URL is not https" },
	{ "https://127.0.0.1:%u/x", "the host is an address" },
	{ "https://2130706433:%u/x", "the host is an address" },
	{ "https://[::1]:%u/x", NULL },
	{ "https://a.example:22/x", "the port is not one that documents are "
	    "fetched from" },
	{ "https://a.example/x", "the port is not one that documents are "
	    "fetched from" },
	{ "https://u:p@a.example:%u/x", NULL },
	{ "https://a.example:%u/x\r\nHost: b", NULL },
	{ "https://a.example:%u/../x", "the path has dot segments" },
	{ "https://localhost:%u/x", INSIDE },
};

/* The zone that a question is about, and the length of the question. */
static const struct zone *
dns_zone(const uint8_t *msg, size_t len, size_t *end)
{
	char	 name[256];
	size_t	 at = HEAD, n = 0, i;

	while (at < len && msg[at] != 0 && n + msg[at] + 1 < sizeof(name) &&
	    at + msg[at] < len) {
		memcpy(name + n, msg + at + 1, msg[at]);
		n += msg[at];
		name[n++] = '.';
		at += 1U + msg[at];
	}
	name[n > 0 ? n - 1 : 0] = '\0';
	*end = at + 5;
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (strcmp(zones[i].name, name) == 0)
			return &zones[i];
	return NULL;
}

static size_t
dns_records(uint8_t *out, const struct zone *z, int six)
{
	const char *const	*list = six ? z->v6 : z->v4;
	size_t			 size = six ? 16 : 4, n = 0, i;

	for (i = 0; i < 3 && list[i] != NULL; i++) {
		memcpy(out + n, "\xc0\x0c\0\1\0\1\0\0\0\1\0", 11);
		out[n + 3] = six ? 28 : 1;
		out[n + 11] = (uint8_t)size;
		if (inet_pton(six ? AF_INET6 : AF_INET, list[i], out + n +
		    12) != 1)
			fatalx("%s", list[i]);
		n += 12 + size;
	}
	return n;
}

/* Answers one question; before it, what nobody should take for it. */
static void
dns_serve(void)
{
	const struct zone	*z;
	struct sockaddr_in	 from;
	socklen_t		 fromlen = sizeof(from);
	uint8_t			 msg[1500], lie[HEAD];
	size_t			 end, n;
	ssize_t			 len;
	int			 six;

	len = recvfrom(dns, msg, sizeof(msg), 0, (struct sockaddr *)&from,
	    &fromlen);
	if (len < HEAD + 5 ||
	    (z = dns_zone(msg, (size_t)len, &end)) == NULL || z->rcode == -1)
		return;
	six = msg[end - 3] == 28;
	memcpy(lie, msg, HEAD);
	lie[0] ^= 0xff;
	(void)sendto(dns, lie, HEAD, 0, (struct sockaddr *)&from, fromlen);
	(void)sendto(dns, "x", 1, 0, (struct sockaddr *)&from, fromlen);
	msg[2] |= 0x80;
	msg[3] = (uint8_t)z->rcode;
	memset(msg + 6, 0, 6);
	n = dns_records(msg + end, z, six);
	msg[7] = (uint8_t)(n / (six ? 28 : 16));
	(void)sendto(dns, msg, end + n, 0, (struct sockaddr *)&from, fromlen);
}

/* The answer to id, while names are served; 0 or -1. */
static int
answer(struct rope *rope, uint32_t id, struct msg_document *m)
{
	struct pollfd	 pfd[2];
	struct imsg	 imsg;
	struct ibuf	 buf;
	int		 i, r;

	pfd[0].fd = dns;
	pfd[1].fd = rope->fd;
	pfd[0].events = pfd[1].events = POLLIN;
	for (i = 0; i < PATIENCE / 10; i++) {
		if (poll(pfd, 2, 10) == -1)
			return -1;
		if (pfd[0].revents)
			dns_serve();
		while (rope_wait(rope, &imsg, 0) == 1) {
			if (imsg_get_id(&imsg) != id) {
				imsg_free(&imsg);
				continue;
			}
			r = imsg_get_ibuf(&imsg, &buf) == -1 ||
			    msg_document_decode(&buf, m) == -1 ? -1 : 0;
			imsg_free(&imsg);
			return r;
		}
	}
	return -1;
}

static struct ibuf *
get_buf(const char *url)
{
	struct ibuf	*buf = stage_buf();

	if (msg_add_str(buf, url) == -1 ||
	    msg_add_u32(buf, MSG_MAX_DOCUMENT) == -1 ||
	    msg_add_u32(buf, 5000) == -1)
		fatal("msg_get");
	return buf;
}

/* Whether fetching fails, for this reason unless it is NULL. */
static int
fails(const char *url, const char *why)
{
	struct msg_document	 m;
	uint32_t		 id = next_id++;
	int			 good_answer;

	memset(&m, 0, sizeof(m));
	rope_send_buf(&good, IMSG_FETCHER_GET, id, get_buf(url));
	good_answer = answer(&good, id, &m) == 0 && m.status == 0 &&
	    m.body[0] == '\0' && m.why[0] != '\0' &&
	    (why == NULL || strcmp(m.why, why) == 0);
	if (!good_answer)
		log_warnx("%s: status %u, \"%s\"", url, m.status,
		    m.why == NULL ? "" : m.why);
	msg_document_free(&m);
	return good_answer;
}

static int
honest(void)
{
	char	 url[64];

	(void)snprintf(url, sizeof(url), "https://unknown.example:%u/%u",
	    port, next_id);
	return fails(url, "there is no such host") ? 0 : -1;
}

/* Nobody waits at the door that was not to be reached. */
static int
reached(void)
{
	struct pollfd	 pfd = { .fd = target, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

static int
listener(int type, uint16_t *number)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(sin);
	int			 fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, type, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 16) == -1) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		fatal("listener");
	*number = ntohs(sin.sin_port);
	return fd;
}

static int
start(void)
{
	struct conf_fetcher	 conf;
	struct ibuf		*buf = stage_buf();
	char			 server[32], none[] = "";

	dns = listener(SOCK_DGRAM, &dns_port);
	target = listener(SOCK_STREAM, &port);
	(void)snprintf(server, sizeof(server), "127.0.0.1:%u", dns_port);
	memset(&conf, 0, sizeof(conf));
	conf.port = port;
	conf.ca_file = none;
	conf.nameserver = server;
	base_add(buf);
	if (conf_fetcher_encode(buf, &conf) == -1)
		fatal("conf_fetcher");
	actor_start(&fetcher, ROLE_FETCHER, buf);
	actor_link(&fetcher, &good, ROLE_BROKER, 0);
	return actor_ready(&fetcher);
}

static void
bad_urls(void)
{
	char	 url[MSG_MAX_URL + 1];
	size_t	 i, n;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		n = strcspn(urls[i].url, "%");
		(void)snprintf(url, sizeof(url), "%.*s", (int)n, urls[i].url);
		if (urls[i].url[n] != '\0')
			(void)snprintf(url + n, sizeof(url) - n, "%u%s", port,
			    urls[i].url + n + 2);
		check(fails(url, urls[i].want), "not fetched: %.40s",
		    urls[i].url);
	}
	check(!reached(), "and nobody was connected to");
}

static void
bad_names(void)
{
	char	 url[128];
	size_t	 i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		(void)snprintf(url, sizeof(url), "https://%s:%u/x",
		    zones[i].name, port);
		check(fails(url, zones[i].want), "%s is not fetched from: %s",
		    zones[i].name, zones[i].want);
	}
	check(!reached(), "and nobody was connected to");
}

/* One broker's heap of slow hosts is bounded, and another is served. */
static void
flood(void)
{
	struct rope	 rope;
	struct timespec	 a, b;
	char		 url[128];
	long		 kib;
	int		 i;

	actor_link(&fetcher, &rope, ROLE_BROKER, 1);
	for (i = 0; i < FLOOD; i++) {
		(void)snprintf(url, sizeof(url), "https://silent.example:%u/%d",
		    port, i);
		rope_send_buf(&rope, IMSG_FETCHER_GET, (uint32_t)i,
		    get_buf(url));
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	check(honest() == 0, "a broker that floods does not stop another");
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	/* a silent one takes five, and there are thousands */
	check(b.tv_sec - a.tv_sec < 5, "who waits for its own host only");
	kib = actor_memory(&fetcher);
	check(kib < FLOOD_MEMORY, "and the fetcher keeps small: %ld KiB", kib);
	rope_cut(&rope);
	check(honest() == 0, "nor when it goes");
}

void
hostile_fetcher(void)
{
	struct target	 t = { &fetcher, ROLE_BROKER, 1, honest };
	struct rope	 rope;

	if (!check(start() == 0 && honest() == 0, "the fetcher starts"))
		fatalx("see %s", fetcher.log);
	bad_urls();
	bad_names();
	hostile_link(&t);
	flood();
	actor_link(&fetcher, &rope, ROLE_FRONTEND, 0);
	check(rope_closed(&rope, PATIENCE),
	    "a link to a frontend is not taken");
	rope_cut(&rope);
	check(honest() == 0, "the honest broker was served to the end");
	check(!reached(), "nobody was ever connected to");
	check(actor_stop(&fetcher) == 0, "the parent's end ends the fetcher");
	rope_cut(&good);
	close(dns);
	close(target);
}
