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
 * What a taken-over role could try after its start, and what it must go on
 * to do.  Each attempt is made in a process of its own that has entered the
 * role's sandbox, as the user who runs the test and, if that is root, as
 * nobody; first without a sandbox, so that a refusal means something.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <arpa/inet.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "denials.h"
#include "log.h"
#include "sandbox.h"

#define NOBODY		65534
#define ATTEMPT_SECONDS	20	/* then it hangs, which is wrong too */

enum outcome { DONE, REFUSED, STRANGE, ENDED };
static const char *const outcomes[] = { "done", "refused", "strange",
	"killed" };

struct world	 world;

static void
needs_unix(void)
{
	sandbox_allow_connect(AF_UNIX, 0);
}

static void
needs_tcp(void)
{
	sandbox_allow_connect(AF_INET, ntohs(world.tcp_addr.sin_port));
	sandbox_allow_path(world.file, "r");
}

static void
needs_port(void)
{
	sandbox_allow_connect(AF_INET, ntohs(world.tcp_addr.sin_port));
	sandbox_allow_connect(AF_INET6, ntohs(world.tcp_addr.sin_port));
}

static const struct variant {
	const char	*name;
	unsigned int	 bit;
	enum role	 role;
	void		(*needs)(void);
} variants[] = {
	{ "frontend", FRONTEND, ROLE_FRONTEND, NULL },
	{ "broker on a socket", BROKER_UNIX, ROLE_BROKER, needs_unix },
	{ "broker on TCP", BROKER_TCP, ROLE_BROKER, needs_tcp },
	{ "signer", SIGNER, ROLE_SIGNER, NULL },
	{ "hasher", HASHER, ROLE_HASHER, NULL },
	{ "fetcher", FETCHER, ROLE_FETCHER, needs_port },
	{ "parent", PARENT, ROLE_PARENT, NULL },
};

static int	 passed, failed, as_nobody;

static void
drop(void)
{
	gid_t	 gid = NOBODY;

	if (setgroups(1, &gid) == -1 || setresgid(NOBODY, NOBODY, NOBODY) ==
	    -1 || setresuid(NOBODY, NOBODY, NOBODY) == -1)
		fatal("nobody");
	/* What a change of user takes away; the sandbox must take it again. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}

static enum outcome
outcome_of(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? REFUSED : ENDED;
	return WEXITSTATUS(status) <= STRANGE ? WEXITSTATUS(status) : STRANGE;
}

/* In a process of its own; v NULL: without a sandbox. */
static enum outcome
run(const struct variant *v, int (*prepare)(void), int (*try)(void))
{
	pid_t	 pid;
	int	 status;

	(void)fflush(stdout);
	if ((pid = fork()) == -1)
		fatal("fork");
	if (pid == 0) {
		(void)alarm(ATTEMPT_SECONDS);
		if (as_nobody)
			drop();
		if (prepare != NULL && prepare() == -1)
			_exit(STRANGE);
		if (v != NULL && v->needs != NULL)
			v->needs();
		if (v != NULL)
			sandbox_enter(v->role);
		if (try() == 0)
			_exit(DONE);
		_exit(errno == EACCES || errno == EPERM || errno == ENOSYS ?
		    REFUSED : STRANGE);
	}
	if (waitpid(pid, &status, 0) == -1)
		fatal("waitpid");
	return outcome_of(status);
}

static void
expect(const char *who, const char *what, enum outcome got, enum outcome want)
{
	if (got == want)
		passed++;
	else
		failed++;
	printf("%s - %s%s: %s: %s\n", got == want ? "ok" : "not ok", who,
	    as_nobody ? " as nobody" : "", what, outcomes[got]);
}

static void
victim_start(void)
{
	if ((world.victim = fork()) == -1)
		fatal("fork");
	if (world.victim != 0) {
		(void)usleep(50000);
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (as_nobody)
		drop();
	for (;;)
		(void)pause();
}

static void
victim_end(void)
{
	(void)kill(world.victim, SIGKILL);
	(void)waitpid(world.victim, NULL, 0);
}

static int
listen_tcp(struct sockaddr_in *addr)
{
	socklen_t	 len = sizeof(*addr);
	int		 fd;

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)addr, len) == -1 ||
	    listen(fd, 128) == -1 ||
	    getsockname(fd, (struct sockaddr *)addr, &len) == -1)
		fatal("listener");
	return fd;
}

static void
world_make(void)
{
	int	 fd;

	(void)strlcpy(world.dir, "/tmp/grantd-denials.XXXXXXXX",
	    sizeof(world.dir));
	if (mkdtemp(world.dir) == NULL || chmod(world.dir, 0777) == -1)
		fatal("%s", world.dir);
	(void)snprintf(world.file, sizeof(world.file), "%s/file", world.dir);
	(void)snprintf(world.socket, sizeof(world.socket), "%s/socket",
	    world.dir);
	if ((fd = open(world.file, O_WRONLY | O_CREAT, 0666)) == -1 ||
	    fchmod(fd, 0666) == -1)
		fatal("%s", world.file);
	close(fd);
	if ((world.journal = open(world.file, O_WRONLY | O_APPEND)) == -1)
		fatal("%s", world.file);
	world.tcp = listen_tcp(&world.tcp_addr);
	world.other = listen_tcp(&world.other_addr);
	world.local_addr.sun_family = AF_UNIX;
	(void)strlcpy(world.local_addr.sun_path, world.socket,
	    sizeof(world.local_addr.sun_path));
	if ((world.local = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    bind(world.local, (struct sockaddr *)&world.local_addr,
	    sizeof(world.local_addr)) == -1 ||
	    chmod(world.socket, 0777) == -1 || listen(world.local, 128) == -1)
		fatal("%s", world.socket);
}

/* Everything that attempts left behind. */
static void
world_clean(void)
{
	char	 command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", world.dir);
	if (system(command) != 0)
		fatalx("%s is left", world.dir);
}

/* Connections that attempts left in the backlog. */
static void
backlog_drain(int listener)
{
	struct pollfd	 pfd = { .fd = listener, .events = POLLIN };

	while (poll(&pfd, 1, 0) == 1)
		close(accept(listener, NULL, NULL));
}

/* Without a sandbox everything works, or the test shows nothing. */
static void
run_controls(void)
{
	size_t	 i;

	for (i = 0; i < nattempts; i++)
		if (attempts[i].always) {
			victim_start();
			expect("no sandbox", attempts[i].name,
			    run(NULL, NULL, attempts[i].try), DONE);
			victim_end();
		}
}

static void
run_variant(const struct variant *v)
{
	size_t	 i;

	victim_start();
	for (i = 0; i < nattempts; i++) {
		/* The parent keeps the rights of its user. */
		if (v->bit == PARENT && attempts[i].by_user)
			continue;
		expect(v->name, attempts[i].name,
		    run(v, NULL, attempts[i].try),
		    attempts[i].may & v->bit ? DONE : REFUSED);
	}
	victim_end();
	backlog_drain(world.tcp);
	backlog_drain(world.local);
	for (i = 0; i < nabilities; i++)
		if (abilities[i].who & v->bit)
			expect(v->name, abilities[i].name,
			    run(v, abilities[i].prepare, abilities[i].can),
			    DONE);
}

static void
run_all(void)
{
	size_t	 i;

	run_controls();
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		run_variant(&variants[i]);
}

int
main(void)
{
	log_init("denials", 1, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	world_make();
	run_all();
	if (geteuid() == 0) {
		as_nobody = 1;
		run_all();
	}
	world_clean();
	printf("%d passed, %d failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
