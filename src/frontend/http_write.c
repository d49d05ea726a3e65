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
 * Answers: the head is made here, and what the socket does not take at once
 * waits for it.  Room: frontend.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http_int.h"
#include "log.h"

/*
 * What slow readers may have waiting, all together.  Small answers do not
 * count: nobody's secret is lost because others read a catalogue slowly.
 */
#define WRITE_UNSENT	(128 * 1024 * 1024)
#define WRITE_SMALL	65536

static const struct {
	unsigned int	 status;
	const char	*text;
} http_texts[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *
http_status_text(unsigned int status)
{
	size_t	i;

	for (i = 0; i < sizeof(http_texts) / sizeof(http_texts[0]); i++)
		if (http_texts[i].status == status)
			return http_texts[i].text;
	return status < 500 ? "Refused" : "Failed";
}

/* IMF-fixdate (RFC 9110 5.6.7), made once a second. */
static const char *
http_date(void)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
	    "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static char	 text[40];
	static time_t	 made;
	struct tm	 tm;
	time_t		 now = time(NULL);

	if (now == made)
		return text;
	if (gmtime_r(&now, &tm) == NULL)
		return "Thu, 01 Jan 1970 00:00:00 GMT";
	/* not strftime(): the words must not follow a locale; 40 suffice */
	(void)snprintf(text, sizeof(text),
	    "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	made = now;
	return text;
}

static int
http_append(char *out, size_t *len, const char *text)
{
	size_t	n = strlen(text);

	if (n >= HTTP_MAX_REPLY_HEAD - *len)
		return -1;
	memcpy(out + *len, text, n);
	*len += n;
	return 0;
}

/* A field; a value with a line end inside would be two: refused. */
static int
http_append_field(char *out, size_t *len, const char *name, const char *value)
{
	if (strpbrk(value, "\r\n") != NULL)
		return -1;
	return http_append(out, len, name) == -1 ||
	    http_append(out, len, ": ") == -1 ||
	    http_append(out, len, value) == -1 ||
	    http_append(out, len, "\r\n") == -1 ? -1 : 0;
}

int
http_make_head(const struct http_conn *c, const struct http_reply *r,
    const char *length, const char *value, char out[HTTP_MAX_REPLY_HEAD],
    size_t *len)
{
	char		number[48];
	unsigned int	i;

	*len = 0;
	/* 48 bytes hold it: the longest of the texts has 31 */
	(void)snprintf(number, sizeof(number), "HTTP/1.1 %u %s\r\n",
	    r->status, http_status_text(r->status));
	if (http_append(out, len, number) == -1 ||
	    http_append_field(out, len, "Date", http_date()) == -1)
		return -1;
	if (r->type != NULL &&
	    http_append_field(out, len, "Content-Type", r->type) == -1)
		return -1;
	if (length != NULL && http_append_field(out, len, length, value) == -1)
		return -1;
	for (i = 0; i < r->nheaders; i++)
		if (http_append_field(out, len, r->headers[i].name,
		    r->headers[i].value) == -1)
			return -1;
	if ((c->close || c->is_old) && http_append_field(out, len,
	    "Connection", c->close ? "close" : "keep-alive") == -1)
		return -1;
	return http_append(out, len, "\r\n");
}

void
http_out_free(struct http_conn *c)
{
	if (c->out == NULL)
		return;
	if (c->out->event != NULL)
		event_free(c->out->event);
	c->server->unsent -= c->out->counted;
	freezero(c->out->data, c->out->size);
	free(c->out);
	c->out = NULL;
}

static void
http_writable(evutil_socket_t fd, short what, void *arg)
{
	struct http_conn	*c = arg;
	struct http_out		*o = c->out;
	ssize_t			 n;

	(void)what;
	n = send(fd, o->data + o->sent, o->size - o->sent, MSG_NOSIGNAL);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			http_conn_free(c);
		return;
	}
	o->sent += (size_t)n;
	if (o->sent < o->size) {
		http_conn_state(c, CONN_WRITE);	/* it moves: more time */
		return;
	}
	http_out_free(c);
	http_conn_answered(c);
}

/* What the socket did not take, from byte `sent` on; 0 or -1. */
static int
http_write_later(struct http_conn *c, const struct iovec iov[2], size_t sent)
{
	struct http_out	*o;
	size_t		 from;
	int		 i;

	if ((o = calloc(1, sizeof(*o))) == NULL)
		return -1;
	c->out = o;
	o->size = iov[0].iov_len + iov[1].iov_len - sent;
	if (o->size > WRITE_SMALL) {
		if (c->server->unsent + o->size > WRITE_UNSENT) {
			errno = ENOBUFS;
			return -1;
		}
		o->counted = o->size;
		c->server->unsent += o->counted;
	}
	if ((o->data = malloc(o->size)) == NULL)
		return -1;
	for (i = 0, o->sent = 0; i < 2; i++) {
		from = sent < iov[i].iov_len ? sent : iov[i].iov_len;
		sent -= from;
		memcpy(o->data + o->sent, (char *)iov[i].iov_base + from,
		    iov[i].iov_len - from);
		o->sent += iov[i].iov_len - from;
	}
	o->sent = 0;
	o->event = event_new(c->server->base, c->fd, EV_WRITE | EV_PERSIST,
	    http_writable, c);
	if (o->event == NULL || event_add(o->event, NULL) == -1)
		return -1;
	http_conn_state(c, CONN_WRITE);
	return 0;
}

void
http_reply(struct http_conn *c, const struct http_reply *r)
{
	char		 head[HTTP_MAX_REPLY_HEAD], number[32];
	const char	*length = "Content-Length";
	struct iovec	 iov[2];
	struct msghdr	 msg;
	size_t		 len;
	ssize_t		 n;

	c->arg = NULL;
	if (r->close || c->server->draining)
		c->close = 1;
	/* RFC 9110 8.6: none with 204 and 304; 32 bytes hold every number */
	if (r->status == 204 || r->status == 304)
		length = NULL;
	(void)snprintf(number, sizeof(number), "%zu", r->len);
	if (http_make_head(c, r, length, number, head, &len) == -1) {
		log_warnx("an answer's head does not fit");
		http_conn_free(c);
		return;
	}
	memset(&msg, 0, sizeof(msg));
	iov[0].iov_base = head;
	iov[0].iov_len = len;
	/* iovec has no const; sendmsg does not write there */
	iov[1].iov_base = (void *)(uintptr_t)r->body;
	iov[1].iov_len = c->is_head ? 0 : r->len;
	msg.msg_iov = iov;
	msg.msg_iovlen = iov[1].iov_len > 0 ? 2 : 1;
	n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		http_conn_free(c);
		return;
	}
	if (n == -1)
		n = 0;
	if ((size_t)n == iov[0].iov_len + iov[1].iov_len)
		http_conn_answered(c);
	else if (http_write_later(c, iov, (size_t)n) == -1) {
		log_warn("answer");
		http_conn_free(c);
	}
	explicit_bzero(head, len);
}
