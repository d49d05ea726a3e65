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
 * A child for the parent's own test: speaks the start protocol of every
 * role, by the name that it was started under, and does what files in the
 * working directory say.  It is not confined and serves nobody.
 *
 *	stub.die.ROLE	ends before it is ready
 *	stub.hang	does not end at the end of its link
 *	stub.schema	the broker finds the wrong schema
 */

#include "config.h"

#include <sys/types.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "msg_broker.h"
#include "role.h"

#define STUB_HANG	60	/* s */

struct stub {
	int	 fds;		/* that came before the start */
	int	 links;
};

static int
told(const char *what)
{
	char	 name[64];

	/* Our own names: it fits. */
	(void)snprintf(name, sizeof(name), "stub.%s", what);
	return access(name, F_OK) == 0;
}

static int
stub_message(struct role_self *r, struct imsg *imsg, struct ibuf *payload,
    void *arg)
{
	struct stub	*stub = arg;
	int		 fd = imsg_get_fd(imsg);

	(void)r;
	(void)payload;
	if (imsg_get_type(imsg) == IMSG_CHILD_LINK)
		stub->links++;
	else if (fd != -1)
		stub->fds++;
	return 0;	/* links stay open: their end would be seen */
}

static void
stub_send(struct role_self *r, uint32_t type, uint32_t id, struct ibuf *buf)
{
	if (ipc_compose(&r->parent, type, id, -1, buf) == -1 ||
	    imsgbuf_flush(&r->parent) == -1)
		exit(0);	/* the parent is gone */
}

static void
stub_state(struct role_self *r)
{
	struct msg_state	 ms;
	struct ibuf		*buf;
	char			 good[] = "connected";
	char			 bad[] = "schema 3 found; run migrate";

	ms.state = told("schema") ? STATE_WRONG_SCHEMA : STATE_CONNECTED;
	ms.text = told("schema") ? bad : good;
	if ((buf = ibuf_dynamic(0, IPC_MAX_SMALL)) == NULL ||
	    msg_state_encode(buf, &ms) == -1)
		fatal("%s", __func__);
	stub_send(r, IMSG_PARENT_STATE, 0, buf);
}

static void
stub_jwks(struct role_self *r)
{
	static const char	 jwks[] = "{\"keys\":[]}";
	struct ibuf		*buf;

	if ((buf = ibuf_dynamic(0, IPC_MAX_JWKS)) == NULL ||
	    ibuf_add(buf, jwks, sizeof(jwks) - 1) == -1)
		fatal("%s", __func__);
	stub_send(r, IMSG_PARENT_JWKS, 0, buf);
}

/* An organization, a token pair with its secrets, or a refusal. */
static void
stub_control(struct role_self *r, struct imsg *imsg)
{
	static char		 body[] = "{\"result\":{\"id\":\"i\",\"name\":"
				    "\"n\",\"primary\":{\"access\":{\"secret\":"
				    "\"\\u00010\"},\"refresh\":{\"secret\":"
				    "\"\\u00011\"}}}}";
	static char		 access_token[] = "ACCESS", refresh[] = "grt_R";
	static char		 code[] = "name_taken", text[] = "taken";
	struct msg_request	 mr;
	struct msg_reply	 reply;
	struct ibuf		 in, *buf;

	memset(&mr, 0, sizeof(mr));
	memset(&reply, 0, sizeof(reply));
	if (imsg_get_ibuf(imsg, &in) == -1 ||
	    msg_request_decode(&in, &mr) == -1 ||
	    mr.credential_kind != CRED_CONTROL)
		fatalx("a question of grantctl is malformed");
	if (strcmp(mr.operation, "organization.create") == 0) {
		reply.status = 409;
		reply.code = code;
		reply.message = text;
	} else {
		reply.status = 200;
		reply.body = body;
		reply.body_len = sizeof(body) - 1;
		reply.nsecrets = 2;
		reply.secrets[0] = access_token;
		reply.secrets[1] = refresh;
	}
	msg_request_free(&mr);
	if ((buf = ibuf_dynamic(0, IPC_MAX_REPLY)) == NULL ||
	    msg_reply_encode(buf, &reply) == -1)
		fatal("%s", __func__);
	stub_send(r, IMSG_PARENT_CONTROL_REP, imsg_get_id(imsg), buf);
}

static void
stub_work(struct role_self *r)
{
	struct pollfd	 pfd = { .fd = ROLE_FD, .events = POLLIN };
	struct imsg	 imsg;

	for (;;) {
		if (poll(&pfd, 1, -1) == -1)
			continue;
		if (imsgbuf_read(&r->parent) != 1)
			break;
		while (imsgbuf_get(&r->parent, &imsg) == 1) {
			if (imsg_get_type(&imsg) == IMSG_FRONTEND_DRAIN)
				exit(0);
			if (imsg_get_type(&imsg) == IMSG_BROKER_CONTROL)
				stub_control(r, &imsg);
			if (imsg_get_type(&imsg) == IMSG_SIGNER_JOURNAL)
				dprintf(imsg_get_fd(&imsg), "goes on\n");
			imsg_free(&imsg);
		}
	}
	if (told("hang"))
		sleep(STUB_HANG);
}

/* What a role has to have been given before it starts. */
static int
stub_complete(const struct stub *stub, enum role role)
{
	switch (role) {
	case ROLE_FRONTEND:	/* a listener, its broker */
		return stub->fds >= 1 && stub->links == 1;
	case ROLE_BROKER:	/* signer, hasher, fetcher */
		return stub->fds == 0 && stub->links >= 3;
	case ROLE_SIGNER:	/* two keys and the journal */
		return stub->fds == 3;
	default:
		return stub->fds == 0;
	}
}

int
main(int argc, char **argv)
{
	struct stub		 stub = { 0, 0 };
	struct role_self	 r;
	enum role		 role;
	const char		*name = strrchr(argv[0], '-');
	char			 die[32];

	for (role = 0; role < ROLE__MAX; role++)
		if (name != NULL && strcmp(ipc_role_name(role), name + 1) == 0)
			break;
	if (role == ROLE__MAX)
		fatalx("%s: of which role?", argv[0]);
	role_start(&r, role, argc, argv, stub_message, &stub);
	/* A role's name: it fits. */
	(void)snprintf(die, sizeof(die), "die.%s", ipc_role_name(role));
	if (told(die))
		return 3;
	if (!stub_complete(&stub, role))
		fatalx("started with %d descriptors and %d links", stub.fds,
		    stub.links);
	if (role == ROLE_SIGNER)
		stub_jwks(&r);
	stub_send(&r, IMSG_PARENT_READY, 0, NULL);
	if (role == ROLE_BROKER)
		stub_state(&r);
	stub_work(&r);
	return 0;
}
