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
 * grantctl(8): asks the running grantd over its control socket.  Room:
 * grantctl.  One question, one answer, then it ends; blocking is fine here.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "json_write.h"

#define CTL_TIMEOUT	70000	/* ms; the daemon answers before */
#define CTL_OPERATION	30000	/* ms that an operation may take */
#define CTL_MAX_ARGS	65536

__attribute__((__noreturn__))
static void
usage(void)
{
	fprintf(stderr, "usage: grantctl [-j] [-s socket] command "
	    "[argument] [option ...]\n"
	    "       grantctl -V\n");
	ctl_usage_list();
	exit(CTL_USAGE);
}

static const char *
connect_hint(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return "grantd is not running, or its control socket is "
		    "elsewhere (-s)";
	case EACCES:
	case EPERM:
		return "only root and the user that runs grantd may ask";
	default:
		return "grantd cannot be reached";
	}
}

static int
ctl_connect(struct ctl *ctl)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	if (strlcpy(sun.sun_path, ctl->socket, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		fprintf(stderr, "grantctl: %s: the path is too long\n",
		    ctl->socket);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ==
	    -1) {
		fprintf(stderr, "grantctl: %s: %s: %s\n", ctl->socket,
		    strerror(errno), connect_hint(errno));
		goto fail;
	}
	if (ipc_open(&ctl->imsgbuf, fd, ROLE_CTL, ROLE_PARENT) == 0)
		return 0;
	fprintf(stderr, "grantctl: %s\n", strerror(errno));
 fail:
	if (fd != -1)
		close(fd);
	return -1;
}

static void
ctl_closed(void)
{
	fprintf(stderr, "grantctl: grantd closed the connection: only root and "
	    "the user that runs it may ask; its log says more\n");
}

/* {"body":{member:argument,...}}; malloc'ed. */
static char *
ctl_arguments(const struct ctl *ctl)
{
	struct json_buf	 jb;
	char		*text;
	size_t		 len;
	int		 i;

	json_buf_init(&jb, CTL_MAX_ARGS);
	json_object_open(&jb);
	if (ctl->command->member != NULL) {
		json_name(&jb, "body");
		json_object_open(&jb);
		json_member_text(&jb, ctl->command->member, ctl->argument);
		for (i = 0; i < OPTION__MAX; i++)
			if (ctl->options[i] != NULL)
				json_member_text(&jb, ctl_option_member(i),
				    ctl->options[i]);
		json_object_close(&jb);
	}
	json_object_close(&jb);
	text = json_buf_take(&jb, &len);
	json_buf_free(&jb);
	return text;
}

static int
ctl_request(const struct ctl *ctl, struct ibuf *buf)
{
	struct msg_request	 mr;
	int			 r = -1;

	memset(&mr, 0, sizeof(mr));
	mr.timeout_ms = CTL_OPERATION;
	mr.operation = strdup(ctl->command->operation);
	mr.credential_kind = CRED_CONTROL;
	mr.credential = strdup("");
	mr.peer = strdup("");
	mr.method = strdup("");
	mr.path = strdup("");
	mr.arguments = ctl_arguments(ctl);
	mr.new_password = ctl->password;
	if (mr.operation != NULL && mr.credential != NULL && mr.peer != NULL &&
	    mr.method != NULL && mr.path != NULL && mr.arguments != NULL)
		r = msg_request_encode(buf, &mr);
	mr.new_password = NULL;		/* ctl's */
	msg_request_free(&mr);
	return r;
}

static int
ctl_ask(struct ctl *ctl)
{
	struct ibuf	*buf = NULL;
	int		 r = 0;

	if (ctl->command->type == IMSG_CTL_LOG ||
	    ctl->command->type == IMSG_CTL_OPERATION) {
		if ((buf = ibuf_dynamic(0, IPC_MAX_REQUEST)) == NULL)
			goto fail;
		r = ctl->command->type == IMSG_CTL_LOG ?
		    msg_add_u8(buf, ctl->command->flag) :
		    ctl_request(ctl, buf);
	}
	if (r == -1) {
		ibuf_free(buf);
		goto fail;
	}
	if (ipc_compose(&ctl->imsgbuf, ctl->command->type, 0, -1, buf) == 0 &&
	    imsgbuf_flush(&ctl->imsgbuf) == 0)
		return 0;
 fail:
	if (errno == EPIPE || errno == ECONNRESET)
		ctl_closed();
	else
		fprintf(stderr, "grantctl: the question cannot be sent: %s\n",
		    strerror(errno));
	return -1;
}

static int
answer_status(struct ctl *ctl, struct ibuf *buf)
{
	struct ctl_status	*cs = &ctl->status;
	struct msg_status	*list;

	if (cs->n == CTL_MAX_PROCESSES)
		return CTL_FAILED;
	list = reallocarray(cs->list, cs->n + 1, sizeof(*list));
	if (list == NULL)
		return CTL_FAILED;
	cs->list = list;
	memset(&list[cs->n], 0, sizeof(*list));
	if (msg_status_decode(buf, &list[cs->n]) == -1) {
		msg_status_free(&list[cs->n]);
		return CTL_FAILED;
	}
	cs->n++;
	return -1;	/* more comes */
}

static int
answer_done(struct ctl *ctl, struct ibuf *buf)
{
	uint8_t	 failed;
	char	*text = NULL;

	if (msg_get_bool(buf, &failed) == -1 ||
	    msg_get_str(buf, &text, IPC_MAX_SMALL) == -1 ||
	    msg_end(buf) == -1) {
		free(text);
		fprintf(stderr, "grantctl: the answer is malformed\n");
		return CTL_FAILED;
	}
	if (failed)
		fprintf(stderr, "grantctl: %s\n", text);
	if (ctl->json && (failed || ctl->command->type != IMSG_CTL_STATUS))
		ctl_print_done_json(failed, text);
	else if (!failed && ctl->command->type != IMSG_CTL_STATUS)
		printf("%s\n", text);
	if (!failed && ctl->command->type == IMSG_CTL_STATUS) {
		if (ctl->json)
			ctl_print_status_json(&ctl->status);
		else
			ctl_print_status(&ctl->status);
	}
	free(text);
	return failed ? CTL_FAILED : CTL_OK;
}

static int
answer_operation(struct ctl *ctl, struct ibuf *buf)
{
	struct msg_reply	 mr;
	char			*body = NULL;
	size_t			 len = 0;
	int			 r = CTL_FAILED;

	memset(&mr, 0, sizeof(mr));
	if (msg_reply_decode(buf, &mr) == -1) {
		fprintf(stderr, "grantctl: the answer is malformed\n");
		goto done;
	}
	if (mr.status >= 300) {
		ctl_print_error(&mr, ctl->json);
		goto done;
	}
	if ((body = ctl_reply_body(&mr, &len)) == NULL) {
		fprintf(stderr, "grantctl: the answer is malformed\n");
		goto done;
	}
	if (ctl->json)
		ctl_print_json(body, len);
	else if (ctl->command->print != NULL)
		ctl->command->print(body, len);
	r = CTL_OK;
 done:
	freezero(body, len);
	msg_reply_free(&mr);
	return r;
}

static const struct {
	uint32_t	 type;
	int		(*handle)(struct ctl *, struct ibuf *);
} answers[] = {
	{ IMSG_CTL_STATUS_REP, answer_status },
	{ IMSG_CTL_DONE, answer_done },
	{ IMSG_CTL_OPERATION_REP, answer_operation },
};

/* One message; the exit status, or -1 when more has to come. */
static int
ctl_answer(struct ctl *ctl, struct imsg *imsg)
{
	const char	*why = "unknown";
	struct ibuf	 buf;
	size_t		 i;

	if (ipc_check(imsg, ROLE_PARENT, ROLE_CTL, &why) == 0 &&
	    imsg_get_ibuf(imsg, &buf) == 0)
		for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
			if (answers[i].type == imsg_get_type(imsg))
				return answers[i].handle(ctl, &buf);
	fprintf(stderr, "grantctl: the answer is malformed: %s\n", why);
	return CTL_FAILED;
}

/* Waits for the answer; the exit status. */
static int
ctl_wait(struct ctl *ctl)
{
	struct pollfd	 pfd = { .fd = ctl->imsgbuf.fd, .events = POLLIN };
	struct imsg	 imsg;
	int		 n, r = -1;

	while (r == -1) {
		n = poll(&pfd, 1, CTL_TIMEOUT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			fprintf(stderr, "grantctl: grantd does not answer\n");
			return CTL_AWAY;
		}
		n = imsgbuf_read(&ctl->imsgbuf);
		if (n == 0 || (n == -1 && errno == ECONNRESET)) {
			ctl_closed();
			return CTL_AWAY;
		}
		if (n == -1) {
			fprintf(stderr, "grantctl: %s\n", strerror(errno));
			return CTL_AWAY;
		}
		while (r == -1 && imsgbuf_get(&ctl->imsgbuf, &imsg) == 1) {
			r = ctl_answer(ctl, &imsg);
			imsg_free(&imsg);
		}
	}
	return r;
}

static void
ctl_end(struct ctl *ctl)
{
	size_t	 i;

	for (i = 0; i < ctl->status.n; i++)
		msg_status_free(&ctl->status.list[i]);
	free(ctl->status.list);
	msg_wipe_str(&ctl->password);
	close(ctl->imsgbuf.fd);
	imsgbuf_clear(&ctl->imsgbuf);
}

/* An option; its letter is kept when it is a command's. */
static void
ctl_option(struct ctl *ctl, int c, char letters[OPTION__MAX + 2])
{
	int	 option = ctl_option_find(c);

	switch (c) {
	case 'j':
		ctl->json = 1;
		return;
	case 's':
		ctl->socket = optarg;
		return;
	case 'V':
		printf("grantctl %s\n", PACKAGE_VERSION);
		exit(CTL_OK);
	case 'p':
		break;
	default:
		if (option == -1)
			usage();
		ctl->options[option] = optarg;
	}
	if (strchr(letters, c) == NULL) {
		/* Each letter once, and room for all. */
		letters[strlen(letters) + 1] = '\0';
		letters[strlen(letters)] = (char)c;
	}
}

/* Options may stand before and behind the words. */
static void
ctl_command_line(struct ctl *ctl, int argc, char **argv)
{
	char	*words[CTL_MAX_WORDS];
	char	 letters[OPTION__MAX + 2] = "";
	int	 c, plain = 0, n = 0;

	while (optind < argc) {
		if (!plain && (c = getopt(argc, argv, "+jn:o:pr:s:V")) != -1) {
			ctl_option(ctl, c, letters);
			continue;
		}
		if (strcmp(argv[optind - 1], "--") == 0)
			plain = 1;
		if (optind == argc)
			break;
		if (n == CTL_MAX_WORDS)
			usage();
		words[n++] = argv[optind++];
	}
	if (n == 0)
		usage();
	ctl->command = ctl_find(n, words, &ctl->argument);
	if (ctl->command == NULL || !ctl_options_fit(ctl->command, letters))
		exit(CTL_USAGE);
	if (strchr(letters, 'p') != NULL &&
	    (ctl->password = ctl_password()) == NULL)
		exit(CTL_USAGE);
}

int
main(int argc, char **argv)
{
	struct ctl	 ctl;
	int		 r;

	memset(&ctl, 0, sizeof(ctl));
	ctl.socket = GRANTD_RUNSTATEDIR "/grantd/control.sock";
	ctl_command_line(&ctl, argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	if (ctl_connect(&ctl) == -1) {
		msg_wipe_str(&ctl.password);
		return CTL_AWAY;
	}
	r = ctl_ask(&ctl) == -1 ? CTL_AWAY : ctl_wait(&ctl);
	ctl_end(&ctl);
	if (fflush(stdout) != 0 && r == CTL_OK) {
		fprintf(stderr, "grantctl: the answer cannot be written: %s\n",
		    strerror(errno));
		r = CTL_FAILED;
	}
	return r;
}
