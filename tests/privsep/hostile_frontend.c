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
 * A broker turned hostile, before the real grantd-frontend: answers and words
 * for nobody, catalogues of every kind.  What the frontend answers by itself
 * has to go on.
 */

#include "config.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "msg_broker.h"
#include "stage.h"

#define FLOOD		20000
#define FLOOD_MEMORY	(192 * 1024)	/* KiB, with sanitizers in mind */

static struct actor	 frontend;
static struct sockaddr_in where;

/* A page that needs no broker. */
static int
honest(void)
{
	static const char ask[] = "GET /v1/version HTTP/1.0\r\n\r\n";
	struct timeval	 tv = { 5, 0 };
	char		 text[32];
	ssize_t		 n = -1;
	int		 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		fatal("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0 &&
	    connect(fd, (struct sockaddr *)&where, sizeof(where)) == 0 &&
	    send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) > 0)
		n = recv(fd, text, 12, MSG_WAITALL);
	close(fd);
	return n == 12 && memcmp(text, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

static void
listener(void)
{
	struct msg_listener	 m;
	struct ibuf		*buf = stage_buf();
	socklen_t		 len = sizeof(where);
	int			 fd;

	where.sin_family = AF_INET;
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&where, sizeof(where)) == -1 ||
	    listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&where, &len) == -1)
		fatal("listener");
	memset(&m, 0, sizeof(m));
	m.name = (char *)(uintptr_t)"127.0.0.1:0";
	if (msg_listener_encode(buf, &m) == -1)
		fatal("msg_listener");
	actor_send(&frontend, IMSG_FRONTEND_LISTENER, 0, fd, buf);
}

static int
start(void)
{
	struct conf_frontend	 conf;
	struct ibuf		*buf = stage_buf();

	memset(&conf, 0, sizeof(conf));
	conf.issuer = (char *)(uintptr_t)"https://id.example";
	conf.header_max = 16384;
	conf.body_max = 1048576;
	conf.idle_timeout = 60;
	conf.request_timeout = 5000;
	conf.connections_max = 100;
	conf.streams_max = 10;
	base_add(buf);
	if (conf_frontend_encode(buf, &conf) == -1)
		fatal("conf_frontend");
	actor_start(&frontend, ROLE_FRONTEND, buf);
	listener();
	return actor_ready(&frontend);
}

static void
event(struct rope *rope, uint32_t id, uint8_t kind, const char *text)
{
	struct msg_event	 m;
	struct ibuf		*buf = stage_buf();

	m.kind = kind;
	m.text = (char *)(uintptr_t)text;
	if (msg_event_encode(buf, &m) == -1)
		fatal("msg_event");
	rope_send_buf(rope, IMSG_FRONTEND_EVENT, id, buf);
}

/* Words for requests that nobody made, without end and without sense. */
static void
events(void)
{
	struct rope	 rope;
	long		 kib;
	int		 i;

	actor_link(&frontend, &rope, ROLE_BROKER, 0);
	event(&rope, 1, EVENT_PROGRESS, "{\"progress\":1}");
	event(&rope, 0xffffffff, EVENT_LOG, "[[[[[[[[[[[[[[");
	event(&rope, 0, 255, "");
	for (i = 0; i < FLOOD; i++)
		event(&rope, (uint32_t)i, (uint8_t)i, "{\"progress\":1}");
	check(honest() == 0 && actor_alive(&frontend),
	    "words for nobody");
	kib = actor_memory(&frontend);
	check(kib < FLOOD_MEMORY, "and the frontend keeps small: %ld KiB",
	    kib);
	rope_cut(&rope);
}

static void
catalogue(struct rope *rope, uint64_t generation, const char *body,
    size_t len)
{
	struct msg_catalogue	 m;
	struct ibuf		*buf;

	m.generation = generation;
	m.body = (char *)(uintptr_t)body;
	m.body_len = len;
	if ((buf = ibuf_dynamic(64, IPC_MAX_CATALOGUE)) == NULL ||
	    msg_catalogue_encode(buf, &m) == -1)
		fatal("msg_catalogue");
	rope_send_buf(rope, IMSG_FRONTEND_CATALOGUE, 0, buf);
}

static void
catalogues(void)
{
	static const char *const bodies[] = { "", "{", "null", "[]", "{}",
	    "{\"generation\":-1,\"procedures\":{}}",
	    "{\"generation\":1,\"procedures\":[null,1,{},[]]}",
	    "{\"generation\":1,\"procedures\":[{\"name\":\"a.b\","
	    "\"arguments\":{\"type\":[],\"properties\":7}}]}",
	    "{\"generation\":1e999}", "\"\\ud800\"", "\xff\xfe" };
	struct rope	 rope;
	size_t		 i;
	char		*big;

	actor_link(&frontend, &rope, ROLE_BROKER, 0);
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		catalogue(&rope, i, bodies[i], strlen(bodies[i]));
	if ((big = malloc(MSG_MAX_CATALOGUE)) == NULL)
		fatal("malloc");
	memset(big, '[', MSG_MAX_CATALOGUE);
	catalogue(&rope, 100, big, MSG_MAX_CATALOGUE);
	memset(big, 0, MSG_MAX_CATALOGUE);
	catalogue(&rope, 101, big, MSG_MAX_CATALOGUE);
	arc4random_buf(big, MSG_MAX_CATALOGUE);
	catalogue(&rope, UINT64_MAX, big, MSG_MAX_CATALOGUE);
	free(big);
	check(honest() == 0 && actor_alive(&frontend),
	    "catalogues that are none");
	rope_cut(&rope);
}

void
hostile_frontend(void)
{
	struct target	 t = { &frontend, ROLE_BROKER, 0, honest };

	if (!check(start() == 0 && honest() == 0, "the frontend starts"))
		fatalx("see %s", frontend.log);
	events();
	catalogues();
	hostile_link(&t);
	check(honest() == 0, "it served to the end");
	check(actor_stop(&frontend) == 0, "the parent's end ends the "
	    "frontend");
}
