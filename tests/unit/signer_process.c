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
 * grantd-signer as a process: this program is its parent and its brokers.
 * With a number as argument it mints that many tokens, 64 in flight, and
 * says how long it took.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "signer_fixture.h"
#include "ipc.h"

#define WAIT_MS		30000

struct peer {
	struct imsgbuf	 link;
	enum role	 self;
};

struct process {
	pid_t		 pid;
	struct peer	 parent;
	char		 journal[32];
	char		*jwks;
};

static void
peer_open(struct peer *p, int fd, enum role self)
{
	p->self = self;
	assert_int_equal(ipc_open(&p->link, fd, self, ROLE_SIGNER), 0);
}

static void
peer_send(struct peer *p, uint32_t type, uint32_t id, int fd, struct ibuf *buf)
{
	assert_int_equal(ipc_compose(&p->link, type, id, fd, buf), 0);
	assert_int_equal(imsgbuf_flush(&p->link), 0);
}

/* The next message; type 0 at end-of-file. */
static uint32_t
peer_get(struct peer *p, struct imsg *imsg)
{
	struct pollfd	 pfd = { .fd = p->link.fd, .events = POLLIN };
	const char	*why;
	int		 n;

	while ((n = imsgbuf_get(&p->link, imsg)) == 0) {
		assert_int_equal(poll(&pfd, 1, WAIT_MS), 1);
		n = imsgbuf_read(&p->link);
		if (n == 0 || (n == -1 && errno == ECONNRESET))
			return IMSG_NONE;
		assert_int_equal(n, 1);
	}
	assert_int_equal(n, 1);
	assert_int_equal(ipc_check(imsg, ROLE_SIGNER, p->self, &why), 0);
	return imsg_get_type(imsg);
}

static struct ibuf *
payload(void)
{
	struct ibuf	*buf = ibuf_dynamic(0, IPC_MAX_MINT);

	assert_non_null(buf);
	return buf;
}

static void
send_conf(struct peer *p, uint32_t lifetime, uint32_t rate)
{
	struct conf_base	 base;
	struct conf_signer	 conf;
	struct ibuf		*buf = payload();

	memset(&base, 0, sizeof(base));
	base.chroot = (char *)(uintptr_t)"";
	conf.issuer = (char *)(uintptr_t)"https://id.example";
	conf.lifetime_max = lifetime;
	conf.rate_max = rate;
	assert_int_equal(conf_base_encode(buf, &base), 0);
	assert_int_equal(conf_signer_encode(buf, &conf), 0);
	peer_send(p, IMSG_CHILD_CONF, 0, -1, buf);
}

static void
send_key(struct peer *p, enum key_purpose purpose, uint32_t version,
    const char *text)
{
	struct msg_key	 m = { .purpose = purpose, .version = version,
			    .name = (char *)(uintptr_t)"test key" };
	struct ibuf	*buf = payload();
	int		 fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
	(void)close(fd[1]);
	assert_int_equal(msg_key_encode(buf, &m), 0);
	peer_send(p, IMSG_SIGNER_KEY, 0, fd[0], buf);
}

static void
send_journal(struct process *ps)
{
	int	 fd = open(ps->journal, O_RDWR | O_APPEND | O_CREAT, 0600);

	assert_int_not_equal(fd, -1);
	peer_send(&ps->parent, IMSG_SIGNER_JOURNAL, 0, fd, NULL);
}

static void
add_broker(struct process *ps, struct peer *broker, uint32_t instance)
{
	struct msg_link	 m = { .role = ROLE_BROKER, .instance = instance };
	struct ibuf	*buf = payload();
	int		 fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(msg_link_encode(buf, &m), 0);
	peer_send(&ps->parent, IMSG_CHILD_LINK, 0, fd[0], buf);
	peer_open(broker, fd[1], ROLE_BROKER);
}

static void
spawn(struct process *ps)
{
	int	 fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	ps->pid = fork();
	assert_int_not_equal(ps->pid, -1);
	if (ps->pid == 0) {
		(void)dup2(fd[1], 3);
		(void)closefrom(4);
		execl(GRANTD_SIGNER, "grantd-signer", "-d", (char *)NULL);
		_exit(127);
	}
	(void)close(fd[1]);
	peer_open(&ps->parent, fd[0], ROLE_PARENT);
}

static void
get_jwks(struct process *ps)
{
	struct imsg	 imsg;

	assert_int_equal(peer_get(&ps->parent, &imsg), IMSG_PARENT_JWKS);
	free(ps->jwks);
	assert_non_null(ps->jwks = calloc(1, imsg_get_len(&imsg) + 1));
	assert_int_equal(imsg_get_data(&imsg, ps->jwks, imsg_get_len(&imsg)),
	    0);
	imsg_free(&imsg);
}

static void
start(struct process *ps, const char *pem, uint32_t lifetime, uint32_t rate)
{
	struct imsg	 imsg;

	spawn(ps);
	send_conf(&ps->parent, lifetime, rate);
	send_key(&ps->parent, KEY_SIGN, 0, pem);
	send_key(&ps->parent, KEY_PUBLISH, 0, PEM_RSA_PUBLIC);
	send_key(&ps->parent, KEY_SHARED, 1, SHARED_ONE "\n");
	send_journal(ps);
	peer_send(&ps->parent, IMSG_CHILD_START, 0, -1, NULL);
	get_jwks(ps);
	assert_int_equal(peer_get(&ps->parent, &imsg), IMSG_PARENT_READY);
	imsg_free(&imsg);
}

/* Waits for the end; the exit status, or -signal. */
static int
finish(struct process *ps)
{
	int	 status;

	(void)close(ps->parent.link.fd);
	imsgbuf_clear(&ps->parent.link);
	free(ps->jwks);
	ps->jwks = NULL;
	assert_int_equal(waitpid(ps->pid, &status, 0), ps->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
broker_close(struct peer *broker)
{
	(void)close(broker->link.fd);
	imsgbuf_clear(&broker->link);
}

static void
skip_pubkeys(struct peer *broker, int n)
{
	struct imsg	 imsg;

	while (n-- > 0) {
		assert_int_equal(peer_get(broker, &imsg), IMSG_BROKER_PUBKEY);
		imsg_free(&imsg);
	}
}

static void
ask(struct peer *broker, uint32_t id, const struct msg_mint *m)
{
	struct ibuf	*buf = payload();

	assert_int_equal(msg_mint_encode(buf, m), 0);
	assert_int_equal(ipc_compose(&broker->link, IMSG_SIGNER_MINT, id, -1,
	    buf), 0);
}

static uint32_t
answer(struct peer *broker, struct msg_minted *made)
{
	struct imsg	 imsg;
	struct ibuf	 buf;
	uint32_t	 id;

	assert_int_equal(peer_get(broker, &imsg), IMSG_BROKER_MINT_REP);
	assert_int_equal(imsg_get_ibuf(&imsg, &buf), 0);
	assert_int_equal(msg_minted_decode(&buf, made), 0);
	id = imsg_get_id(&imsg);
	imsg_free(&imsg);
	return id;
}

static int
journal_has(const struct process *ps, const char *text)
{
	char	*line = NULL;
	size_t	 size = 0;
	FILE	*f = fopen(ps->journal, "r");
	int	 found = 0;

	assert_non_null(f);
	while (!found && getline(&line, &size, f) != -1)
		found = strstr(line, text) != NULL;
	(void)fclose(f);
	free(line);
	return found;
}

static void
journal_name(struct process *ps)
{
	int	 fd;

	memset(ps, 0, sizeof(*ps));
	(void)strlcpy(ps->journal, "signer_process.XXXXXX",
	    sizeof(ps->journal));
	assert_int_not_equal(fd = mkstemp(ps->journal), -1);
	(void)close(fd);
}

static void
journal_check(const struct process *ps)
{
	assert_int_equal(fixture_check(ps->journal, NULL), 0);
	assert_int_equal(unlink(ps->journal), 0);
}

static void
test_life(void **state)
{
	struct process		 ps;
	struct peer		 broker;
	struct msg_mint		 m = fixture_mint(TOKEN_INTEGRATION);
	struct msg_minted	 born, next;
	struct ibuf		*buf;
	char			 jti[UUID_STRLEN + 1], text[80];

	(void)state;
	journal_name(&ps);
	start(&ps, PEM_P256, 600, 100);
	assert_non_null(strstr(ps.jwks, "oKIywvGUpTVTyxMQ3bwIIeQUudfr"));
	assert_non_null(strstr(ps.jwks, "NzbLsXh8uDCcd-6MNwXF4W_7noWX"));
	add_broker(&ps, &broker, 0);
	skip_pubkeys(&broker, 2);

	m.refresh = MINT_REFRESH_FRESH;
	ask(&broker, 7, &m);
	assert_int_equal(imsgbuf_flush(&broker.link), 0);
	assert_int_equal(answer(&broker, &born), 7);
	assert_int_equal(born.error, MINT_OK);
	assert_int_equal(born.exp - born.iat, 600);
	/* It is in the journal before it is with us. */
	uuid_format(jti, born.jti);
	(void)snprintf(text, sizeof(text), " mint jti=%s kind=inte", jti);
	assert_true(journal_has(&ps, text));

	m.refresh = MINT_REFRESH_ADVANCE;
	m.presented = born.refresh;
	m.seed = born.seed;
	m.seed_len = born.seed_len;
	m.seed_key = born.seed_key;
	m.generation = 2;
	ask(&broker, 8, &m);
	m.kind = TOKEN_ORGANIZATION;
	ask(&broker, 8, &m);
	assert_int_equal(imsgbuf_flush(&broker.link), 0);
	assert_int_equal(answer(&broker, &next), 8);
	assert_int_equal(next.error, MINT_OK);
	assert_string_not_equal(next.refresh, born.refresh);
	msg_minted_free(&next);
	assert_int_equal(answer(&broker, &next), 8);
	assert_int_equal(next.error, MINT_REFUSED);
	msg_minted_free(&next);
	assert_true(journal_has(&ps, " refused broker=0 error=1 kind=org"));

	buf = payload();
	assert_int_equal(msg_add_raw(buf, born.jti, UUID_LEN), 0);
	peer_send(&broker, IMSG_SIGNER_ABANDON, 0, -1, buf);
	m = fixture_mint(TOKEN_USER);
	ask(&broker, 9, &m);
	assert_int_equal(imsgbuf_flush(&broker.link), 0);
	assert_int_equal(answer(&broker, &next), 9);
	(void)snprintf(text, sizeof(text), " abandon broker=0 jti=%s", jti);
	assert_true(journal_has(&ps, text));
	msg_minted_free(&next);
	msg_minted_free(&born);
	broker_close(&broker);
	assert_int_equal(finish(&ps), 0);
	journal_check(&ps);
}

/* A broker that dies, one that takes its place, a new journal. */
static void
test_links(void **state)
{
	struct process		 ps;
	struct peer		 first, second, third;
	struct msg_mint		 m = fixture_mint(TOKEN_CLIENT);
	struct msg_minted	 made;
	struct imsg		 imsg;
	char			 former[sizeof(ps.journal)];
	int			 fd;

	(void)state;
	journal_name(&ps);
	start(&ps, PEM_ED25519, 3600, 1000);
	add_broker(&ps, &first, 0);
	add_broker(&ps, &second, 1);
	skip_pubkeys(&first, 2);
	skip_pubkeys(&second, 2);
	ask(&first, 1, &m);
	assert_int_equal(imsgbuf_flush(&first.link), 0);
	broker_close(&first);
	ask(&second, 2, &m);
	assert_int_equal(imsgbuf_flush(&second.link), 0);
	assert_int_equal(answer(&second, &made), 2);
	assert_int_equal(made.error, MINT_OK);
	msg_minted_free(&made);
	add_broker(&ps, &third, 1);	/* instead of the second */
	skip_pubkeys(&third, 2);
	assert_int_equal(peer_get(&second, &imsg), IMSG_NONE);
	broker_close(&second);

	(void)strlcpy(former, ps.journal, sizeof(former));
	(void)strlcpy(ps.journal, "signer_process.XXXXXX", sizeof(ps.journal));
	assert_int_not_equal(fd = mkstemp(ps.journal), -1);
	(void)close(fd);
	send_journal(&ps);
	do {	/* the two links have no order between them */
		ask(&third, 3, &m);
		assert_int_equal(imsgbuf_flush(&third.link), 0);
		assert_int_equal(answer(&third, &made), 3);
		assert_int_equal(made.error, MINT_OK);
		msg_minted_free(&made);
	} while (!journal_has(&ps, " mint "));
	assert_int_equal(fixture_check(former, ps.journal), 0);
	assert_int_equal(unlink(former), 0);
	broker_close(&third);
	assert_int_equal(finish(&ps), 0);
	assert_int_equal(unlink(ps.journal), 0);
}

static void
test_rate(void **state)
{
	struct process		 ps;
	struct peer		 broker;
	struct msg_mint		 m = fixture_mint(TOKEN_CLIENT);
	struct msg_minted	 made;
	int			 i, ok = 0, busy = 0;

	(void)state;
	journal_name(&ps);
	start(&ps, PEM_P256, 3600, 50);
	add_broker(&ps, &broker, 0);
	skip_pubkeys(&broker, 2);
	for (i = 0; i < 300; i++)
		ask(&broker, (uint32_t)i, &m);
	assert_int_equal(imsgbuf_flush(&broker.link), 0);
	for (i = 0; i < 300; i++) {
		assert_int_equal(answer(&broker, &made), i);
		ok += made.error == MINT_OK;
		busy += made.error == MINT_BUSY;
		msg_minted_free(&made);
	}
	assert_int_equal(ok + busy, 300);
	assert_in_range(ok, 50, 150);	/* one to three seconds were touched */
	broker_close(&broker);
	assert_int_equal(finish(&ps), 0);
	journal_check(&ps);
}

/* Two hosts with the same shared key learn each other's keys. */
static void
test_two_hosts(void **state)
{
	struct process		 a, b;
	struct peer		 at_a, at_b;
	struct imsg		 imsg;
	struct ibuf		 view, *buf;
	struct msg_pubkey	 p;

	(void)state;
	journal_name(&a);
	journal_name(&b);
	start(&a, PEM_P256, 600, 100);
	start(&b, PEM_ED25519, 600, 100);
	add_broker(&a, &at_a, 0);
	add_broker(&b, &at_b, 0);
	assert_int_equal(peer_get(&at_a, &imsg), IMSG_BROKER_PUBKEY);
	assert_int_equal(imsg_get_ibuf(&imsg, &view), 0);
	assert_int_equal(msg_pubkey_decode(&view, &p), 0);
	imsg_free(&imsg);
	assert_null(strstr(b.jwks, p.kid));
	p.mac[0] ^= 1;
	buf = payload();
	assert_int_equal(msg_pubkey_encode(buf, &p), 0);
	peer_send(&at_b, IMSG_SIGNER_PUBKEY, 0, -1, buf);
	p.mac[0] ^= 1;
	buf = payload();
	assert_int_equal(msg_pubkey_encode(buf, &p), 0);
	peer_send(&at_b, IMSG_SIGNER_PUBKEY, 0, -1, buf);
	get_jwks(&b);	/* one only: the forged key made none */
	assert_non_null(strstr(b.jwks, p.kid));
	msg_pubkey_free(&p);
	broker_close(&at_a);
	broker_close(&at_b);
	assert_int_equal(finish(&a), 0);
	assert_int_equal(finish(&b), 0);
	journal_check(&a);
	journal_check(&b);
}

/* What is missing or wrong at the start ends the process, with a line. */
static void
test_start_refused(void **state)
{
	struct process	 ps;
	struct imsg	 imsg;
	int		 missing;

	(void)state;
	for (missing = 0; missing < 4; missing++) {
		journal_name(&ps);
		spawn(&ps);
		send_conf(&ps.parent, 600, 100);
		if (missing != 0)
			send_key(&ps.parent, KEY_SIGN, 0,
			    missing == 3 ? PEM_MIXED : PEM_P256);
		if (missing != 1)
			send_key(&ps.parent, KEY_SHARED, 1, SHARED_ONE);
		if (missing != 2)
			send_journal(&ps);
		if (ipc_compose(&ps.parent.link, IMSG_CHILD_START, 0, -1,
		    NULL) == 0)
			(void)imsgbuf_flush(&ps.parent.link);
		assert_int_equal(peer_get(&ps.parent, &imsg), IMSG_NONE);
		assert_int_equal(finish(&ps), 1);
		assert_int_equal(unlink(ps.journal), 0);
	}
}

static void
bench(const char *pem, const char *name, int count)
{
	struct process		 ps;
	struct peer		 broker;
	struct msg_mint		 m = fixture_mint(TOKEN_INTEGRATION);
	struct msg_minted	 made;
	struct timespec		 t0, t1;
	double			 s;
	int			 sent = 0, got = 0, bad = 0;

	journal_name(&ps);
	start(&ps, pem, 600, 1000000);
	add_broker(&ps, &broker, 0);
	skip_pubkeys(&broker, 2);
	(void)clock_gettime(CLOCK_MONOTONIC, &t0);
	while (got < count) {
		for (; sent < count && sent - got < 64; sent++)
			ask(&broker, (uint32_t)sent, &m);
		assert_int_equal(imsgbuf_flush(&broker.link), 0);
		(void)answer(&broker, &made);
		bad += made.error != MINT_OK;
		msg_minted_free(&made);
		got++;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &t1);
	s = (double)(t1.tv_sec - t0.tv_sec) +
	    (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
	printf("%s: %d tokens in %.2f s, %.0f/s, %d bad\n", name, count, s,
	    count / s, bad);
	broker_close(&broker);
	assert_int_equal(finish(&ps), 0);
	journal_check(&ps);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_two_hosts),
		cmocka_unit_test(test_start_refused),
	};
	int	 fd, count;

	(void)signal(SIGPIPE, SIG_IGN);
	/* Keep our own descriptors off the child's number 3. */
	while ((fd = dup(STDERR_FILENO)) != -1 && fd < 8)
		;
	if (argc > 1) {
		count = (int)strtonum(argv[1], 10, 10000000, NULL);
		bench(PEM_P256, "ES256", count);
		bench(PEM_ED25519, "EdDSA", count);
		bench(PEM_RSA, "RS256", count / 10);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
