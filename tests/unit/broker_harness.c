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
 * See broker_harness.h.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker_harness.h"
#include "codec.h"
#include "msg_signer.h"
#include "role.h"

static struct ibuf *
payload(void)
{
	struct ibuf *buf;

	if ((buf = ibuf_dynamic(512, IPC_MAX_REQUEST)) == NULL)
		err(1, "ibuf_dynamic");
	return buf;
}

static void
post(struct imsgbuf *link, uint32_t type, uint32_t id, int fd,
    struct ibuf *buf)
{
	if (ipc_compose(link, type, id, fd, buf) == -1)
		err(1, "ipc_compose %s", ipc_type_name(type));
	if (imsgbuf_flush(link) == -1)
		err(1, "send %s", ipc_type_name(type));
}

/* One message, or 0 after so many ms, -1 on end-of-file. */
static int
fetch(struct imsgbuf *link, struct imsg *imsg, int ms)
{
	struct pollfd pfd;
	int n;

	for (;;) {
		if ((n = imsgbuf_get(link, imsg)) == -1)
			err(1, "imsgbuf_get");
		if (n > 0)
			return 1;
		pfd.fd = link->fd;
		pfd.events = POLLIN;
		if ((n = poll(&pfd, 1, ms)) == -1)
			err(1, "poll");
		if (n == 0)
			return 0;
		if ((n = imsgbuf_read(link)) == -1)
			return -1;
		if (n == 0)
			return -1;
	}
}

static void
pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		err(1, "socketpair");
}

static void
spawn(struct harness *h, struct child *c, const char *program, enum role role)
{
	char	 path[1024];
	char	*argv[4];
	int	 fds[2], n = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", h->bindir, program);
	argv[n++] = path;
	argv[n++] = "-d";
	if (h->verbose)
		argv[n++] = "-v";
	argv[n] = NULL;
	pair(fds);
	if ((c->pid = fork()) == -1)
		err(1, "fork");
	if (c->pid == 0) {
		if (dup2(fds[1], ROLE_FD) == -1)
			err(1, "dup2");
		/* dup2() onto itself leaves the flag */
		(void)fcntl(ROLE_FD, F_SETFD, 0);
		closefrom(ROLE_FD + 1);
		execv(path, argv);
		err(1, "%s", path);
	}
	close(fds[1]);
	if (ipc_open(&c->link, fds[0], ROLE_PARENT, role) == -1)
		err(1, "ipc_open");
}

static struct ibuf *
base_conf(void)
{
	struct conf_base base;
	struct ibuf	*buf = payload();

	memset(&base, 0, sizeof(base));
	base.chroot = "";
	if (conf_base_encode(buf, &base) == -1)
		err(1, "conf_base_encode");
	return buf;
}

static void
send_link(struct child *c, enum role role, int fd)
{
	struct msg_link	 m;
	struct ibuf	*buf = payload();

	memset(&m, 0, sizeof(m));
	m.role = role;
	if (msg_link_encode(buf, &m) == -1)
		err(1, "msg_link_encode");
	post(&c->link, IMSG_CHILD_LINK, 0, fd, buf);
}

static int
open_file(const struct harness *h, const char *name, int flags)
{
	char path[1024];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", h->keydir, name);
	if ((fd = open(path, flags, 0600)) == -1)
		err(1, "%s", path);
	return fd;
}

static void
send_key(struct harness *h, int purpose, const char *name)
{
	struct msg_key	 m;
	struct ibuf	*buf = payload();
	char		 text[64];

	(void)snprintf(text, sizeof(text), "%s", name);
	memset(&m, 0, sizeof(m));
	m.purpose = purpose;
	m.version = purpose == KEY_SHARED;
	m.name = text;
	if (msg_key_encode(buf, &m) == -1)
		err(1, "msg_key_encode");
	post(&h->signer.link, IMSG_SIGNER_KEY, 0, open_file(h, name,
	    O_RDONLY), buf);
}

static void
wait_ready(struct child *c)
{
	struct imsg imsg;
	uint32_t type;

	do {
		if (fetch(&c->link, &imsg, HARNESS_WAIT) != 1)
			errx(1, "a child is not ready");
		type = imsg_get_type(&imsg);
		imsg_free(&imsg);
	} while (type != IMSG_PARENT_READY);
}

void
harness_start_signer(struct harness *h)
{
	struct conf_signer conf;
	struct ibuf	*buf;
	int		 fds[2];

	spawn(h, &h->signer, "grantd-signer", ROLE_SIGNER);
	memset(&conf, 0, sizeof(conf));
	conf.issuer = "https://auth.example.com";
	conf.lifetime_max = 86400;
	conf.rate_max = 1000000;
	buf = base_conf();
	if (conf_signer_encode(buf, &conf) == -1)
		err(1, "conf_signer_encode");
	post(&h->signer.link, IMSG_CHILD_CONF, 0, -1, buf);
	send_key(h, KEY_SIGN, "signing.pem");
	send_key(h, KEY_SHARED, "shared.key");
	post(&h->signer.link, IMSG_SIGNER_JOURNAL, 0, open_file(h, "journal",
	    O_RDWR | O_APPEND | O_CREAT), NULL);
	pair(fds);
	send_link(&h->signer, ROLE_BROKER, fds[0]);
	send_link(&h->broker, ROLE_SIGNER, fds[1]);
	post(&h->signer.link, IMSG_CHILD_START, 0, -1, NULL);
	wait_ready(&h->signer);
}

void
harness_start(struct harness *h)
{
	struct conf_broker conf;
	char		 conninfo[CONF_MAX_CONNINFO + 1];
	struct ibuf	*buf;
	int		 fds[2];

	(void)signal(SIGPIPE, SIG_IGN);
	spawn(h, &h->broker, "grantd-broker", ROLE_BROKER);
	(void)snprintf(conninfo, sizeof(conninfo), "%s", h->conninfo);
	memset(&conf, 0, sizeof(conf));
	conf.conninfo = conninfo;
	conf.password = "";
	conf.read_connections = 2;
	conf.write_connections = 2;
	conf.call_connections = 2;
	conf.slow_connections = 1;
	conf.calls_max = h->calls_max;
	conf.queue_max = h->queue_max == 0 ? 1024 : h->queue_max;
	conf.refresh_lifetime = 90 * 86400;
	conf.refresh_grace = 600;
	conf.access_lifetime = 86400;
	conf.issuer = (char *)(uintptr_t)"https://id.example";
	buf = base_conf();
	if (conf_broker_encode(buf, &conf) == -1)
		err(1, "conf_broker_encode");
	post(&h->broker.link, IMSG_CHILD_CONF, 0, -1, buf);
	pair(fds);
	send_link(&h->broker, ROLE_FRONTEND, fds[0]);
	if (ipc_open(&h->front, fds[1], ROLE_FRONTEND, ROLE_BROKER) == -1)
		err(1, "ipc_open");
	if (h->keydir != NULL)
		harness_start_signer(h);
	post(&h->broker.link, IMSG_CHILD_START, 0, -1, NULL);
	wait_ready(&h->broker);
}

void
harness_kill(struct child *c)
{
	if (c->pid == 0)
		return;
	(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	imsgbuf_clear(&c->link);
	close(c->link.fd);
	c->pid = 0;
}

int
harness_stop(struct harness *h)
{
	int status = -1;

	close(h->broker.link.fd);
	if (waitpid(h->broker.pid, &status, 0) == -1)
		err(1, "waitpid");
	imsgbuf_clear(&h->broker.link);
	imsgbuf_clear(&h->front);
	close(h->front.fd);
	if (h->signer.pid != 0) {
		close(h->signer.link.fd);
		(void)waitpid(h->signer.pid, NULL, 0);
		imsgbuf_clear(&h->signer.link);
	}
	msg_state_free(&h->state);
	return status;
}

static void
note_state(struct harness *h, struct imsg *imsg)
{
	struct ibuf buf;

	if (h->have_state)
		msg_state_free(&h->state);
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_state_decode(&buf, &h->state) == -1)
		errx(1, "bad state");
	h->have_state = 1;
}

void
harness_state(struct harness *h, enum broker_state state)
{
	struct imsg imsg;

	while (!h->have_state || h->state.state != state) {
		if (fetch(&h->broker.link, &imsg, HARNESS_WAIT) != 1)
			errx(1, "the broker never said state %d: %s", state,
			    h->have_state ? h->state.text : "nothing");
		if (imsg_get_type(&imsg) == IMSG_PARENT_STATE)
			note_state(h, &imsg);
		imsg_free(&imsg);
	}
}

/* Reads what a frontend would read out of a credential without a key. */
static void
hints(struct msg_request *m)
{
	struct refresh_secret secret;
	char	 claims[4096];
	char	*part, *end, *exp;
	ssize_t	 n;

	if (m->credential_kind == CRED_REFRESH &&
	    refresh_parse(&secret, m->credential) == 0)
		memcpy(m->hint_family, secret.family, UUID_LEN);
	if (m->credential_kind != CRED_ACCESS ||
	    (part = strchr(m->credential, '.')) == NULL ||
	    (end = strchr(part + 1, '.')) == NULL)
		return;
	part++;
	if ((n = b64url_decode(claims, sizeof(claims) - 1, part,
	    (size_t)(end - part))) == -1)
		return;
	claims[n] = '\0';
	if ((exp = strstr(claims, "\"exp\":")) != NULL)
		m->hint_expiry = strtoull(exp + 6, NULL, 10);
}

static struct ibuf *
request(struct harness *h, const char *operation, int kind,
    const char *credential, const char *arguments)
{
	struct msg_request m;
	struct ibuf	*buf = payload();
	char		*copy[3];

	memset(&m, 0, sizeof(m));
	if ((copy[0] = strdup(operation)) == NULL ||
	    (copy[1] = strdup(credential)) == NULL ||
	    (copy[2] = strdup(arguments)) == NULL)
		err(1, "strdup");
	uuid7(m.request_id);
	m.timeout_ms = h->timeout == 0 ? 30000 : h->timeout;
	m.operation = copy[0];
	m.credential_kind = (uint8_t)kind;
	m.credential = copy[1];
	m.peer = "192.0.2.1";
	m.method = "GET";
	m.path = "/test";
	m.arguments = copy[2];
	m.wants_events = h->wants_events != 0;
	hints(&m);
	if (msg_request_encode(buf, &m) == -1)
		err(1, "msg_request_encode");
	free(copy[0]);
	free(copy[1]);
	free(copy[2]);
	return buf;
}

uint32_t
harness_send(struct harness *h, const char *operation, int kind,
    const char *credential, const char *arguments)
{
	uint32_t id = ++h->next_id;

	post(&h->front, IMSG_BROKER_REQUEST, id, -1, request(h, operation,
	    kind, credential, arguments));
	return id;
}

void
harness_cancel(struct harness *h, uint32_t id)
{
	post(&h->front, IMSG_BROKER_CANCEL, id, -1, NULL);
}

void
harness_raw(struct harness *h, uint32_t type, uint32_t id, const void *data,
    size_t len)
{
	/* ipc_compose() would not let it through */
	if (imsg_compose(&h->front, type, id, 0, -1, data, len) == -1 ||
	    imsgbuf_flush(&h->front) == -1)
		err(1, "imsg_compose");
}

static void
reply_decode(struct imsg *imsg, struct msg_reply *reply)
{
	struct ibuf buf;

	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_reply_decode(&buf, reply) == -1)
		errx(1, "bad reply");
}

/* What is no reply; 0 if it was one. */
static int
beside(struct harness *h, struct imsg *imsg)
{
	struct msg_catalogue c;
	struct msg_event e;
	struct ibuf buf;

	if (imsg_get_type(imsg) == IMSG_FRONTEND_EVENT) {
		if (imsg_get_ibuf(imsg, &buf) == -1 ||
		    msg_event_decode(&buf, &e) == -1)
			errx(1, "bad event");
		h->events++;
		h->event_id = imsg_get_id(imsg);
		h->event_kind = e.kind;
		(void)strlcpy(h->event, e.text, sizeof(h->event));
		msg_event_free(&e);
		return 1;
	}
	if (imsg_get_type(imsg) != IMSG_FRONTEND_CATALOGUE)
		return 0;
	if (imsg_get_ibuf(imsg, &buf) == -1 ||
	    msg_catalogue_decode(&buf, &c) == -1)
		errx(1, "bad catalogue");
	h->catalogues++;
	h->generation = c.generation;
	(void)strlcpy(h->catalogue, c.body, sizeof(h->catalogue));
	msg_catalogue_free(&c);
	return 1;
}

int
harness_catalogue(struct harness *h, int ms)
{
	unsigned before = h->catalogues;
	struct imsg imsg;

	while (h->catalogues == before) {
		if (fetch(&h->front, &imsg, ms) != 1)
			return -1;
		if (!beside(h, &imsg))
			errx(1, "unexpected %s",
			    ipc_type_name(imsg_get_type(&imsg)));
		imsg_free(&imsg);
	}
	return 0;
}

int
harness_receive(struct harness *h, uint32_t *id, struct msg_reply *reply,
    int ms)
{
	struct imsg imsg;
	int n;

	while ((n = fetch(&h->front, &imsg, ms)) == 1 && beside(h, &imsg))
		imsg_free(&imsg);
	if (n == -1)
		errx(1, "the broker is gone");
	if (n == 0)
		return -1;
	if (imsg_get_type(&imsg) != IMSG_FRONTEND_REPLY)
		errx(1, "unexpected %s", ipc_type_name(imsg_get_type(&imsg)));
	*id = imsg_get_id(&imsg);
	reply_decode(&imsg, reply);
	imsg_free(&imsg);
	return 0;
}

void
harness_call(struct harness *h, const char *operation, int kind,
    const char *credential, const char *arguments, struct msg_reply *reply)
{
	uint32_t id, got;

	id = harness_send(h, operation, kind, credential, arguments);
	if (harness_receive(h, &got, reply, HARNESS_WAIT) == -1)
		errx(1, "%s: no reply", operation);
	if (got != id)
		errx(1, "%s: reply to %u instead of %u", operation, got, id);
}

void
harness_control(struct harness *h, const char *operation,
    const char *arguments, struct msg_reply *reply)
{
	struct imsg imsg;
	uint32_t type;

	post(&h->broker.link, IMSG_BROKER_CONTROL, ++h->next_id, -1,
	    request(h, operation, CRED_CONTROL, "", arguments));
	do {
		if (fetch(&h->broker.link, &imsg, HARNESS_WAIT) != 1)
			errx(1, "%s: no reply", operation);
		type = imsg_get_type(&imsg);
		if (type == IMSG_PARENT_STATE)
			note_state(h, &imsg);
		else if (type == IMSG_PARENT_CONTROL_REP)
			reply_decode(&imsg, reply);
		imsg_free(&imsg);
	} while (type != IMSG_PARENT_CONTROL_REP);
}

double
harness_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static const char *
vsql(struct harness *h, const char *fmt, va_list ap)
{
	static char	 line[512];
	char		 text[4096], command[8192];
	FILE		*f;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	(void)snprintf(command, sizeof(command), "%s \"%s\"", h->psql, text);
	if ((f = popen(command, "r")) == NULL)
		err(1, "popen");
	line[0] = '\0';
	if (fgets(line, sizeof(line), f) != NULL)
		line[strcspn(line, "\n")] = '\0';
	if (pclose(f) != 0)
		errx(1, "failed: %s", command);
	return line;
}

const char *
harness_sql(struct harness *h, const char *fmt, ...)
{
	const char	*line;
	va_list		 ap;

	va_start(ap, fmt);
	line = vsql(h, fmt, ap);
	va_end(ap);
	return line;
}

int
harness_until(struct harness *h, const char *want, const char *fmt, ...)
{
	va_list	 ap;
	int	 i, r = -1;

	for (i = 0; i < HARNESS_WAIT / 100 && r == -1; i++) {
		if (i > 0)
			(void)usleep(20000);
		va_start(ap, fmt);
		r = strcmp(vsql(h, fmt, ap), want) == 0 ? 0 : -1;
		va_end(ap);
	}
	return r;
}

int
harness_asleep(struct harness *h, int n)
{
	char	 want[16];

	(void)snprintf(want, sizeof(want), "%d", n);
	return harness_until(h, want, "SELECT count(*) FROM pg_stat_activity "
	    "WHERE wait_event = 'PgSleep' AND usename = 'grantd_broker'");
}

void
harness_go(struct harness *h, const char *word)
{
	(void)harness_sql(h, "INSERT INTO stub.go VALUES ('%s')", word);
}
