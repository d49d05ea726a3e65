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

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "log.h"
#include "msg_hasher.h"
#include "sandbox.h"

#define NOBODY		65534
#define ATTEMPT_SECONDS	20	/* then it hangs, which is wrong too */

enum outcome { DONE, REFUSED, STRANGE, ENDED };
static const char *const outcomes[] = { "done", "refused", "strange",
	"killed" };

/* What there is to attack, made before anybody enters a sandbox. */
static struct {
	char			 dir[64];
	char			 file[128];
	char			 socket[128];
	int			 tcp;		/* listener */
	int			 local;		/* listener, AF_UNIX */
	struct sockaddr_in	 tcp_addr;
	struct sockaddr_in	 other_addr;	/* a second listener's */
	int			 other;
	struct sockaddr_un	 local_addr;
	pid_t			 victim;
	int			 journal;	/* open for append */
	int			 word;		/* the victim's to read */
} world;

/* --- attempts: 0, or -1 with errno ------------------------------------ */

static int
try_open(void)
{
	return open(world.file, O_RDONLY) == -1 ? -1 : 0;
}

static int
try_open_passwd(void)
{
	return open("/etc/passwd", O_RDONLY) == -1 ? -1 : 0;
}

static int
try_write(void)
{
	return open(world.file, O_WRONLY) == -1 ? -1 : 0;
}

static int
try_create(void)
{
	char	 path[160];

	(void)snprintf(path, sizeof(path), "%s/new.%d", world.dir,
	    (int)getpid());
	return open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) == -1 ? -1 : 0;
}

static int
try_list(void)
{
	return open("/", O_RDONLY | O_DIRECTORY) == -1 ? -1 : 0;
}

static int
try_mkdir(void)
{
	char	 path[160];

	(void)snprintf(path, sizeof(path), "%s/dir.%d", world.dir,
	    (int)getpid());
	return mkdir(path, 0700);
}

static int
try_link(void)
{
	char	 path[160];

	(void)snprintf(path, sizeof(path), "%s/link.%d", world.dir,
	    (int)getpid());
	return symlink(world.file, path);
}

static int
try_connect(int family, const void *addr, socklen_t len)
{
	int	 fd;

	if ((fd = socket(family, SOCK_STREAM, 0)) == -1)
		return -1;
	return connect(fd, addr, len);
}

static int
try_connect_tcp(void)
{
	return try_connect(AF_INET, &world.tcp_addr, sizeof(world.tcp_addr));
}

static int
try_connect_other(void)
{
	return try_connect(AF_INET, &world.other_addr,
	    sizeof(world.other_addr));
}

static int
try_connect_unix(void)
{
	return try_connect(AF_UNIX, &world.local_addr,
	    sizeof(world.local_addr));
}

static int
try_udp(void)
{
	int	 fd;

	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) == -1)
		return -1;
	return sendto(fd, "x", 1, 0, (struct sockaddr *)&world.tcp_addr,
	    sizeof(world.tcp_addr)) == -1 ? -1 : 0;
}

static int
try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) == -1 ? -1 : 0;
}

static int
try_bind(void)
{
	struct sockaddr_in	 any = { .sin_family = AF_INET };
	int			 fd;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		return -1;
	return bind(fd, (struct sockaddr *)&any, sizeof(any));
}

static int
try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return -1;
}

static int
try_fork(void)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0)
		_exit(0);
	(void)waitpid(pid, &status, 0);
	return 0;
}

static int
try_ptrace(void)
{
	return ptrace(PTRACE_ATTACH, world.victim, NULL, NULL) == -1 ? -1 : 0;
}

static int
try_read_memory(void)
{
	struct iovec	 here, there;
	int		 copy;

	here.iov_base = &copy;
	there.iov_base = &world.word;
	here.iov_len = there.iov_len = sizeof(copy);
	return process_vm_readv(world.victim, &here, 1, &there, 1, 0) == -1 ?
	    -1 : 0;
}

static int
try_kill(void)
{
	return kill(world.victim, SIGURG);
}

static int
try_tgkill(void)
{
	return (int)syscall(SYS_tgkill, world.victim, world.victim, SIGURG);
}

static int
try_sigqueue(void)
{
	union sigval	 v = { .sival_int = 0 };

	return sigqueue(world.victim, SIGURG, v);
}

/* Code from data: a page that can be written and then run. */
static int
try_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int
try_make_code(void)
{
	void	*page;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int
try_dumpable(void)
{
	if (prctl(PR_GET_DUMPABLE) == 1)
		return 0;
	errno = EPERM;
	return -1;
}

static int
try_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static int
try_chroot(void)
{
	return chroot(world.dir);
}

static int
try_root(void)
{
	return setuid(0);
}

static int
try_io_uring(void)
{
	char	 params[120] = { 0 };

	return syscall(SYS_io_uring_setup, 1, params) == -1 ? -1 : 0;
}

static int
try_keyctl(void)
{
	return syscall(SYS_keyctl, 0, -3, 0) == -1 ? -1 : 0;
}

static int
try_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 1) == -1 ? -1 : 0;
}

/* --- abilities -------------------------------------------------------- */

static int
accept_one(int listener)
{
	struct pollfd	 pfd = { .fd = listener, .events = POLLIN };
	char		 c;
	int		 fd;

	if (poll(&pfd, 1, 5000) != 1)
		return -1;
	if ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) == -1)
		return -1;
	if (setsockopt(fd, IPPROTO_TCP, 1, &(int){ 1 }, sizeof(int)) == -1 &&
	    errno != EOPNOTSUPP && errno != ENOPROTOOPT)
		return -1;
	if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000) != 1)
		return -1;
	return read(fd, &c, 1) == 1 && write(fd, &c, 1) == 1 ? 0 : -1;
}

/* A client outside the sandbox; accepted by whoever listens. */
static int	 client_fd = -1;

static int
client_open(int family, const void *addr, socklen_t len)
{
	if ((client_fd = socket(family, SOCK_STREAM, 0)) == -1 ||
	    connect(client_fd, addr, len) == -1 ||
	    write(client_fd, "x", 1) != 1)
		return -1;
	return 0;
}

static int
prepare_tcp_client(void)
{
	return client_open(AF_INET, &world.tcp_addr, sizeof(world.tcp_addr));
}

static int
can_accept(void)
{
	return accept_one(world.tcp);
}

/* A descriptor that arrives after the start, over a link. */
static int	 late_link = -1;

static int
prepare_late_listener(void)
{
	struct ibuf	*buf;
	struct imsgbuf	 ib;
	int		 fds[2];

	if (client_open(AF_UNIX, &world.local_addr,
	    sizeof(world.local_addr)) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    ipc_open(&ib, fds[0], ROLE_PARENT, ROLE_FRONTEND) == -1 ||
	    (buf = ibuf_dynamic(32, 32)) == NULL ||
	    ibuf_add_zero(buf, 9) == -1 ||
	    ipc_compose(&ib, IMSG_FRONTEND_LISTENER, 0, dup(world.local),
	    buf) == -1 || imsgbuf_flush(&ib) == -1)
		return -1;
	imsgbuf_clear(&ib);
	late_link = fds[1];
	return 0;
}

static int
can_accept_late(void)
{
	struct imsgbuf	 ib;
	struct imsg	 imsg;
	const char	*why;
	int		 fd;

	if (ipc_open(&ib, late_link, ROLE_FRONTEND, ROLE_PARENT) == -1 ||
	    imsgbuf_read(&ib) != 1 || imsgbuf_get(&ib, &imsg) != 1 ||
	    ipc_check(&imsg, ROLE_PARENT, ROLE_FRONTEND, &why) == -1 ||
	    (fd = imsg_get_fd(&imsg)) == -1)
		return -1;
	imsg_free(&imsg);
	return accept_one(fd);
}

static void
on_event(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	(*(int *)arg)++;
}

static int
can_run_events(void)
{
	static const struct timeval	 soon = { 0, 1000 };
	struct event_base		*base;
	struct event			*readable, *timer;
	int				 fds[2], seen = 0;

	if ((base = event_base_new()) == NULL ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    write(fds[1], "x", 1) != 1)
		return -1;
	readable = event_new(base, fds[0], EV_READ, on_event, &seen);
	timer = evtimer_new(base, on_event, &seen);
	if (readable == NULL || timer == NULL ||
	    event_add(readable, NULL) == -1 || event_add(timer, &soon) == -1 ||
	    event_base_dispatch(base) == -1)
		return -1;
	event_free(readable);
	event_free(timer);
	event_base_free(base);
	return seen == 2 ? 0 : -1;
}

/* Memory in all sizes, time, random bytes, a line in the log. */
static int
can_work(void)
{
	struct timespec	 now, nap = { 0, 1000 };
	size_t		 size;
	void		*p, *q;

	for (size = 1; size <= 64 * 1024 * 1024; size *= 2) {
		if ((p = malloc(size)) == NULL)
			return -1;
		memset(p, 1, size);
		if ((q = realloc(p, size * 3)) == NULL)
			return -1;
		freezero(q, size * 3);
	}
	if (arc4random_uniform(1) != 0 || clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    nanosleep(&nap, NULL) == -1)
		return -1;
	log_info("a line from within, as it should be");
	return 0;
}

static int
can_keep_journal(void)
{
	return write(world.journal, "line\n", 5) == 5 &&
	    fdatasync(world.journal) == 0 ? 0 : -1;
}

static int
can_hash(void)
{
	char	 hash[MSG_MAX_HASH + 1];

	return crypt_newhash("secret", "bcrypt,4", hash, sizeof(hash)) == 0 &&
	    crypt_checkpass("secret", hash) == 0 &&
	    crypt_checkpass("wrong", hash) == -1 ? 0 : -1;
}

/* The parent respawns: a child of it gets a sandbox of its own. */
static int
can_start_children(void)
{
	pid_t	 pid;
	int	 status;

	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0 ||
	    (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		sandbox_enter(ROLE_SIGNER);
		_exit(open("/etc/passwd", O_RDONLY) == -1 ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == -1 || status != 0 ? -1 : 0;
}

/* A library that looks for a file or a server goes on without it. */
static int
can_be_refused(void)
{
	if (open("/etc/localtime", O_RDONLY) != -1 || errno != EACCES)
		return -1;
	if (socket(AF_UNIX, SOCK_DGRAM, 0) != -1 || errno != EACCES)
		return -1;
	return 0;
}

/* --- tables ----------------------------------------------------------- */

#define FRONTEND	0x01
#define BROKER_UNIX	0x02	/* its database is on a unix socket */
#define BROKER_TCP	0x04
#define SIGNER		0x08
#define HASHER		0x10
#define PARENT		0x20	/* refused only what is in its list */
#define BROKERS		(BROKER_UNIX | BROKER_TCP)

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
	{ "parent", PARENT, ROLE_PARENT, NULL },
};

static const struct attempt {
	const char	*name;
	int		(*try)(void);
	unsigned int	 may;	/* variants that need it */
	int		 always;	/* possible for all without a sandbox */
	int		 by_user;	/* the parent's user decides */
} attempts[] = {
	{ "open a file", try_open, BROKER_TCP | PARENT, 1, 0 },
	{ "open /etc/passwd", try_open_passwd, PARENT, 1, 0 },
	{ "write a file", try_write, PARENT, 1, 0 },
	{ "create a file", try_create, PARENT, 1, 0 },
	{ "list a directory", try_list, PARENT, 1, 0 },
	{ "make a directory", try_mkdir, PARENT, 1, 0 },
	{ "make a link", try_link, PARENT, 1, 0 },
	{ "connect to TCP", try_connect_tcp, BROKER_TCP | PARENT, 1, 0 },
	{ "connect to another port", try_connect_other, PARENT, 1, 0 },
	{ "connect to a unix socket", try_connect_unix,
	    BROKER_UNIX | PARENT, 1, 0 },
	{ "send a datagram", try_udp, PARENT, 1, 0 },
	{ "open a netlink socket", try_netlink, PARENT, 1, 0 },
	{ "bind a port", try_bind, PARENT, 1, 0 },
	{ "exec", try_exec, PARENT, 1, 0 },
	{ "fork", try_fork, PARENT, 1, 0 },
	{ "ptrace another process", try_ptrace, 0, 1, 0 },
	{ "read another's memory", try_read_memory, 0, 1, 0 },
	{ "kill another process", try_kill, PARENT, 1, 0 },
	{ "tgkill another process", try_tgkill, PARENT, 1, 0 },
	{ "queue a signal", try_sigqueue, PARENT, 1, 0 },
	{ "map a page to run", try_map_code, PARENT, 1, 0 },
	{ "turn data into code", try_make_code, PARENT, 1, 0 },
	{ "be dumped", try_dumpable, 0, 0, 0 },
	{ "make a user namespace", try_unshare, 0, 0, 0 },
	{ "chroot", try_chroot, 0, 0, 1 },
	{ "become root", try_root, 0, 0, 1 },
	{ "set up io_uring", try_io_uring, 0, 0, 0 },
	{ "use keyctl", try_keyctl, 0, 0, 0 },
	{ "use userfaultfd", try_userfaultfd, 0, 0, 0 },
};

static const struct ability {
	const char	*name;
	int		(*can)(void);
	int		(*prepare)(void);	/* before the sandbox */
	unsigned int	 who;
} abilities[] = {
	{ "memory, time, random, log", can_work, NULL,
	    FRONTEND | BROKERS | SIGNER | HASHER | PARENT },
	{ "children", can_start_children, NULL, PARENT },
	{ "accept on a listener", can_accept, prepare_tcp_client, FRONTEND },
	{ "accept on a listener that came late", can_accept_late,
	    prepare_late_listener, FRONTEND },
	{ "an event loop", can_run_events, NULL, FRONTEND | BROKERS },
	{ "the journal", can_keep_journal, NULL, SIGNER },
	{ "password hashes", can_hash, NULL, HASHER },
	{ "a refusal that does not kill", can_be_refused, NULL,
	    SIGNER | HASHER },
};

/* --- running ---------------------------------------------------------- */

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

	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
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
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
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
	for (i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++)
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
