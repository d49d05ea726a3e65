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
 * A stage for grantd-frontend: parent and broker are played.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frontend_stage.h"
#include "role.h"

extern void	 frontend_fake_broker(int fd) __attribute__((__noreturn__));

void
stage_defaults(struct stage_conf *c)
{
	static char	 issuer[] = "http://localhost:8080";

	memset(c, 0, sizeof(*c));
	c->program = GRANTD_FRONTEND;
	c->frontend.issuer = issuer;
	c->frontend.header_max = 16384;
	c->frontend.body_max = 1048576;
	c->frontend.idle_timeout = 60;
	c->frontend.request_timeout = 30000;
	c->frontend.connections_max = 1000;
	c->frontend.streams_max = 100;
	c->verbose = getenv("STAGE_VERBOSE") != NULL;
}

static struct ibuf *
stage_buf(void)
{
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(0, 65536)) == NULL)
		err(1, "ibuf_dynamic");
	return buf;
}

void
stage_send(struct stage *s, uint32_t type, int fd, struct ibuf *buf)
{
	if (ipc_compose(&s->parent, type, 0, fd, buf) == -1 ||
	    imsgbuf_flush(&s->parent) == -1)
		err(1, "stage_send");
}

static void
stage_conf(struct stage *s, const struct stage_conf *c)
{
	static char	 empty[] = "";
	struct conf_base base;
	struct ibuf	*buf = stage_buf();

	memset(&base, 0, sizeof(base));
	base.chroot = empty;
	base.verbose = c->verbose != 0;
	base.nofile = c->nofile;
	if (conf_base_encode(buf, &base) == -1 ||
	    conf_frontend_encode(buf, &c->frontend) == -1)
		err(1, "conf");
	stage_send(s, IMSG_CHILD_CONF, -1, buf);
}

static void
stage_listener(struct stage *s, const struct stage_conf *c, int fd, int unix_)
{
	struct msg_listener	 m;
	struct ibuf		*buf = stage_buf();

	memset(&m, 0, sizeof(m));
	m.name = strdup(unix_ ? s->socket : "127.0.0.1");
	m.is_unix = unix_ != 0;
	if (c->proxy != NULL) {
		m.nproxies = 1;
		m.proxies[0] = strdup(c->proxy);
	}
	if (msg_listener_encode(buf, &m) == -1)
		err(1, "listener");
	stage_send(s, IMSG_FRONTEND_LISTENER, fd, buf);
	msg_listener_free(&m);
}

static int
stage_bind(struct stage *s)
{
	struct sockaddr_in	 sin;
	socklen_t		 len = sizeof(sin);
	int			 fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 1024) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "listener");
	s->port = ntohs(sin.sin_port);
	return fd;
}

static void
stage_unix_address(const struct stage *s, struct sockaddr_un *sun)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlcpy(sun->sun_path, s->socket, sizeof(sun->sun_path)) >=
	    sizeof(sun->sun_path))
		errx(1, "socket path");
}

static int
stage_bind_unix(struct stage *s)
{
	struct sockaddr_un	 sun;
	const char		*dir = getenv("TMPDIR");
	int			 fd;

	if (snprintf(s->socket, sizeof(s->socket), "%s/frontend.%ld",
	    dir != NULL ? dir : "/tmp", (long)getpid()) >=
	    (int)sizeof(s->socket))
		errx(1, "socket path");
	(void)unlink(s->socket);
	stage_unix_address(s, &sun);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 64) == -1)
		err(1, "%s", s->socket);
	return fd;
}

static void
stage_exec(const struct stage_conf *c, int fd)
{
	const char	*log = c->log != NULL ? c->log : "/dev/null";
	int		 out;

	if (c->log != NULL || !c->verbose) {
		out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (out == -1 || dup2(out, 2) == -1)
			err(1, "%s", log);
	}
	if (fd == ROLE_FD) {
		if (fcntl(fd, F_SETFD, 0) == -1)
			err(1, "fcntl");
	} else if (dup2(fd, ROLE_FD) == -1)
		err(1, "dup2");
	/* it cannot look for leaks in the sandbox */
	(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
	closefrom(ROLE_FD + 1);
	execl(c->program, "grantd-frontend", "-d", (char *)NULL);
	err(1, "%s", c->program);
}

void
stage_kill_broker(struct stage *s)
{
	if (s->broker <= 0)
		return;
	(void)kill(s->broker, SIGKILL);
	(void)waitpid(s->broker, NULL, 0);
	s->broker = 0;
}

void
stage_broker(struct stage *s)
{
	struct msg_link	 m = { ROLE_BROKER, 0 };
	struct ibuf	*buf = stage_buf();
	int		 sv[2];

	stage_kill_broker(s);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		err(1, "socketpair");
	fflush(NULL);
	if ((s->broker = fork()) == -1)
		err(1, "fork");
	if (s->broker == 0) {
		close(s->fd);
		close(sv[0]);
		frontend_fake_broker(sv[1]);
	}
	close(sv[1]);
	if (msg_link_encode(buf, &m) == -1)
		err(1, "link");
	stage_send(s, IMSG_CHILD_LINK, sv[0], buf);
}

void
stage_start(struct stage *s, const struct stage_conf *c)
{
	static const char	 jwks[] = "{\"keys\":[]}";
	struct ibuf		*buf;
	struct imsg		 imsg;
	int			 sv[2], n;

	memset(s, 0, sizeof(*s));
	(void)signal(SIGPIPE, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		err(1, "socketpair");
	fflush(NULL);
	if ((s->frontend = fork()) == -1)
		err(1, "fork");
	if (s->frontend == 0)
		stage_exec(c, sv[1]);
	close(sv[1]);
	s->fd = sv[0];
	if (imsgbuf_init(&s->parent, s->fd) == -1)
		err(1, "imsgbuf_init");
	imsgbuf_allow_fdpass(&s->parent);
	stage_conf(s, c);
	stage_listener(s, c, stage_bind(s), 0);
	stage_listener(s, c, stage_bind_unix(s), 1);
	buf = stage_buf();
	if (ibuf_add(buf, jwks, sizeof(jwks) - 1) == -1)
		err(1, "ibuf_add");
	stage_send(s, IMSG_FRONTEND_JWKS, -1, buf);
	if (!c->no_broker)
		stage_broker(s);
	stage_send(s, IMSG_CHILD_START, -1, NULL);
	while ((n = imsgbuf_get(&s->parent, &imsg)) == 0)
		if (imsgbuf_read(&s->parent) != 1)
			errx(1, "the frontend did not start");
	if (n == -1 || imsg_get_type(&imsg) != IMSG_PARENT_READY)
		errx(1, "the frontend is not ready");
	imsg_free(&imsg);
}

int
stage_wait(struct stage *s)
{
	const struct timespec	step = { 0, 10000000 };
	int			status = -1, i;

	for (i = 0; i < STAGE_PATIENCE / 10; i++) {
		if (waitpid(s->frontend, &status, WNOHANG) == s->frontend)
			break;
		(void)nanosleep(&step, NULL);
	}
	if (i == STAGE_PATIENCE / 10) {
		(void)kill(s->frontend, SIGKILL);
		(void)waitpid(s->frontend, NULL, 0);
		status = -1;
	} else
		status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	s->frontend = 0;
	imsgbuf_clear(&s->parent);
	close(s->fd);
	stage_kill_broker(s);
	(void)unlink(s->socket);
	return status;
}

int
stage_stop(struct stage *s)
{
	if (shutdown(s->fd, SHUT_RDWR) == -1)
		warn("shutdown");
	return stage_wait(s);
}

int
stage_connect(const struct stage *s)
{
	struct sockaddr_in	sin;
	int			fd;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)s->port);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "connect");
	return fd;
}

int
stage_connect_unix(const struct stage *s)
{
	struct sockaddr_un	sun;
	int			fd;

	stage_unix_address(s, &sun);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(1, "connect");
	return fd;
}

/* Whether a whole answer is there; fills body. */
static int
answer_is_whole(struct answer *a, size_t len, int is_head)
{
	const char	*end, *length;
	size_t		 need = 0;

	if ((end = strstr(a->text, "\r\n\r\n")) == NULL)
		return 0;
	a->status = atoi(a->text + 9);
	a->body = end + 4;
	a->body_len = len - (size_t)(a->body - a->text);
	if ((length = header(a, "Content-Length")) != NULL && !is_head)
		need = (size_t)atol(length);
	if (a->body_len > need)
		a->body_len = need;
	return a->body_len == need;
}

static void
read_answer(int fd, int ms, int is_head, struct answer *a)
{
	struct pollfd	 pfd = { fd, POLLIN, 0 };
	size_t		 len = 0, size = 65536;
	ssize_t		 n;
	int		 left;

	memset(a, 0, sizeof(*a));
	if ((a->text = calloc(1, size)) == NULL)
		err(1, "calloc");
	for (left = ms; left > 0; ) {
		if (poll(&pfd, 1, 50) == 0) {
			left -= 50;
			continue;
		}
		/* a byte at a time would be exact; an answer must come alone */
		n = recv(fd, a->text + len, size - len - 1, 0);
		if (n <= 0) {
			a->closed = 1;
			break;
		}
		len += (size_t)n;
		a->text[len] = '\0';
		if (answer_is_whole(a, len, is_head)) {
			if (strncmp(a->text, "HTTP/1.1 100", 12) != 0)
				break;
			a->asked = 1;
			len -= (size_t)(a->body - a->text);
			memmove(a->text, a->body, len + 1);
			if (answer_is_whole(a, len, is_head))
				break;
		}
		if (size - len < 32768) {
			size *= 2;
			if ((a->text = realloc(a->text, size)) == NULL)
				err(1, "realloc");
		}
	}
	if (len == 0)
		a->status = 0;
}

void
listen_to(int fd, int ms, struct answer *a)
{
	read_answer(fd, ms, 0, a);
}

void
talk(int fd, const char *request, size_t len, int ms, struct answer *a)
{
	size_t	sent = 0;
	ssize_t	n;

	if (len == 0)
		len = strlen(request);
	while (sent < len) {
		n = send(fd, request + sent, len - sent, MSG_NOSIGNAL);
		if (n == -1)
			break;	/* it may have answered already */
		sent += (size_t)n;
	}
	read_answer(fd, ms, strncmp(request, "HEAD ", 5) == 0, a);
}

void
ask(const struct stage *s, const char *request, size_t len, struct answer *a)
{
	int	fd = stage_connect(s);

	talk(fd, request, len, STAGE_PATIENCE, a);
	close(fd);
}

int
is_closed(int fd, int ms)
{
	struct pollfd	pfd = { fd, POLLIN, 0 };
	char		c[256];
	ssize_t		n;

	while (poll(&pfd, 1, ms) == 1) {
		n = recv(fd, c, sizeof(c), 0);
		if (n == 0 || (n == -1 && errno == ECONNRESET))
			return 1;
		if (n == -1)
			return 0;
	}
	return 0;
}

void
answer_free(struct answer *a)
{
	free(a->text);
	memset(a, 0, sizeof(*a));
}

const char *
header(const struct answer *a, const char *name)
{
	static char	 value[2048];
	const char	*p, *end;
	size_t		 n = strlen(name);

	for (p = strstr(a->text, "\r\n"); p != NULL &&
	    strncmp(p, "\r\n\r\n", 4) != 0; p = strstr(p, "\r\n")) {
		p += 2;
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		end = strstr(p, "\r\n");
		p += n + 2;
		if (end == NULL || (size_t)(end - p) >= sizeof(value))
			return NULL;
		memcpy(value, p, (size_t)(end - p));
		value[end - p] = '\0';
		return value;
	}
	return NULL;
}
