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
 * A broker that knows no database: it tells what it was asked, and does
 * what no good broker does when it is told so.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "ipc_poll.h"
#include "json_write.h"
#include "log.h"
#include "msg_broker.h"

void	 frontend_fake_broker(int fd) __attribute__((__noreturn__));

static char	empty[] = "";
static int	never;

static void
reply_init(struct msg_reply *m, unsigned int status)
{
	memset(m, 0, sizeof(*m));
	m->status = (uint16_t)status;
	m->code = m->message = m->detail = m->remediation = empty;
	m->parameter = m->location = m->scope = m->body = empty;
}

static void
reply_send(struct ipc_port *port, uint32_t id, const struct msg_reply *m)
{
	struct ibuf	*buf;

	if ((buf = ibuf_dynamic(0, IPC_MAX_REPLY)) == NULL ||
	    msg_reply_encode(buf, m) == -1 ||
	    ipc_port_send(port, IMSG_FRONTEND_REPLY, id, -1, buf) == -1)
		errx(1, "fake broker: reply");
}

/* What it was asked, as JSON. */
static void
reply_echo(struct ipc_port *port, uint32_t id, const struct msg_request *m)
{
	struct msg_reply	 r;
	struct json_buf		 b;
	char			 hex[2 * UUID_LEN + 1];

	json_buf_init(&b, 4 * 1024 * 1024);
	json_object_open(&b);
	json_name(&b, "result");
	json_object_open(&b);
	json_member_text(&b, "operation", m->operation);
	json_member_integer(&b, "kind", m->credential_kind);
	json_member_text(&b, "credential", m->credential);
	json_member_integer(&b, "expiry", (int64_t)m->hint_expiry);
	hex_encode(hex, m->hint_family, UUID_LEN);
	json_member_text(&b, "family", hex);
	hex_encode(hex, m->request_id, UUID_LEN);
	json_member_text(&b, "request_id", hex);
	json_member_text(&b, "peer", m->peer);
	json_member_text(&b, "method", m->method);
	json_member_text(&b, "path", m->path);
	json_member_integer(&b, "timeout", m->timeout_ms);
	json_name(&b, "arguments");
	json_put_raw(&b, m->arguments, strlen(m->arguments));
	json_object_close(&b);
	json_object_close(&b);
	reply_init(&r, 200);
	r.body = b.data;
	r.body_len = b.len;
	reply_send(port, id, &r);
	json_buf_free(&b);
}

static void
reply_teapot(struct ipc_port *port, uint32_t id, unsigned int status)
{
	struct msg_reply	r;
	char			code[] = "teapot", message[] = "No \"coffee\"";
	char			detail[] = "d", remediation[] = "Use tea.";
	char			parameter[] = "accountId", location[] = "path";
	char			scope[] = "coffee:brew";

	reply_init(&r, status);
	r.code = code;
	r.message = message;
	r.detail = detail;
	r.remediation = remediation;
	r.parameter = parameter;
	r.location = location;
	r.scope = scope;
	r.retry_after = 7;
	reply_send(port, id, &r);
}

static void
reply_secret(struct ipc_port *port, uint32_t id, int with)
{
	struct msg_reply	r;
	char			body[] = "{\"a\":\"\\u00010\","
	    "\"b\":\"\\u00011\"}";
	char			access[] = "eyJ.access.x", refresh[] = "grt_r";

	reply_init(&r, 201);
	r.body = body;
	r.body_len = strlen(body);
	r.nsecrets = with ? 2 : 1;
	r.secrets[0] = access;
	r.secrets[1] = refresh;
	reply_send(port, id, &r);
}

static void
reply_huge(struct ipc_port *port, uint32_t id)
{
	struct msg_reply	 r;
	const size_t		 n = 5 * 1024 * 1024;
	char			*body;

	if ((body = malloc(n)) == NULL)
		err(1, "malloc");
	memset(body, ' ', n);
	body[0] = '[';
	body[n - 1] = ']';
	reply_init(&r, 200);
	r.body = body;
	r.body_len = n;
	reply_send(port, id, &r);
	free(body);
}

static void
reply_garbage(struct ipc_port *port, uint32_t id)
{
	struct ibuf	*buf;
	static const char bytes[64];

	if ((buf = ibuf_dynamic(0, 64)) == NULL ||
	    ibuf_add(buf, bytes, sizeof(bytes)) == -1 ||
	    ipc_port_send(port, IMSG_FRONTEND_REPLY, id, -1, buf) == -1)
		errx(1, "fake broker: garbage");
}

static void
reply_file(struct ipc_port *port, uint32_t id)
{
	struct msg_reply	r;
	char			body[] = "{\"content\":\"PGI+AA==\","
	    "\"content_type\":\"text/html\",\"name\":\"a \\u00e9\"}";

	reply_init(&r, 200);
	r.body = body;
	r.body_len = strlen(body);
	reply_send(port, id, &r);
}

static void
reply_organization(struct ipc_port *port, uint32_t id)
{
	struct msg_reply	r;
	char			body[] = "{\"result\":{\"id\":"
	    "\"01890a5d-ac96-774b-bcce-b302099a8057\",\"name\":\"demo\","
	    "\"fullname\":\"Demo\",\"organization_type\":\"root\","
	    "\"created_at\":\"2026-01-31T12:00:00Z\","
	    "\"updated_at\":\"2026-01-31T12:00:00Z\"}}";

	reply_init(&r, 200);
	r.body = body;
	r.body_len = strlen(body);
	reply_send(port, id, &r);
}

static int
is_account(const struct msg_request *m, const char *id)
{
	char	text[64];

	/* ids of the tests are short */
	(void)snprintf(text, sizeof(text), "\"accountId\":\"%s\"", id);
	return strcmp(m->operation, "account.get") == 0 &&
	    strstr(m->arguments, text) != NULL;
}

static void
reply_to(struct ipc_port *port, uint32_t id, const struct msg_request *m)
{
	struct msg_reply	r;

	reply_init(&r, 204);
	if (is_account(m, "never"))
		never++;
	else if (is_account(m, "open") && never == 0)
		reply_teapot(port, id, 404);
	else if (is_account(m, "teapot"))
		reply_teapot(port, id, 404);
	else if (is_account(m, "scope"))
		reply_teapot(port, id, 403);
	else if (is_account(m, "odd"))
		reply_teapot(port, id, 302);
	else if (is_account(m, "secret"))
		reply_secret(port, id, 1);
	else if (is_account(m, "nosecret"))
		reply_secret(port, id, 0);
	else if (is_account(m, "empty"))
		reply_send(port, id, &r);
	else if (is_account(m, "huge"))
		reply_huge(port, id);
	else if (is_account(m, "garbage"))
		reply_garbage(port, id);
	else if (strcmp(m->operation, "organization.get") == 0)
		reply_organization(port, id);
	else if (strcmp(m->operation, "storage.file_get") == 0)
		reply_file(port, id);
	else {
		reply_echo(port, id, m);
		if (is_account(m, "twice"))
			reply_echo(port, id, m);
	}
}

static void
on_message(struct ipc_port *port, struct imsg *imsg, void *arg)
{
	struct msg_request	 m;
	struct ibuf		 payload;

	(void)arg;
	if (imsg_get_type(imsg) != IMSG_BROKER_REQUEST)
		return;
	if (imsg_get_ibuf(imsg, &payload) == -1 ||
	    msg_request_decode(&payload, &m) == -1)
		errx(1, "fake broker: malformed request");
	reply_to(port, imsg_get_id(imsg), &m);
	msg_request_free(&m);
}

static void
on_down(struct ipc_port *port, void *arg)
{
	(void)port;
	(void)arg;
	_exit(0);
}

void
frontend_fake_broker(int fd)
{
	struct ipc_poll	*loop;

	log_init("fake-broker", 1, 0);
	if ((loop = ipc_poll_new(ROLE_BROKER, NULL, NULL)) == NULL ||
	    ipc_poll_add(loop, fd, ROLE_FRONTEND, 0, on_message,
	    on_down) == NULL)
		err(1, "fake broker");
	_exit(ipc_poll_run(loop) == -1);
}
