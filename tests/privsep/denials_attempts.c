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

/* What a taken-over role could try; see denials.c. */

#include "config.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "denials.h"

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

const struct attempt attempts[] = {
	{ "open a file", try_open, BROKER_TCP | PARENT, 1, 0 },
	{ "open /etc/passwd", try_open_passwd, PARENT, 1, 0 },
	{ "write a file", try_write, PARENT, 1, 0 },
	{ "create a file", try_create, PARENT, 1, 0 },
	{ "list a directory", try_list, PARENT, 1, 0 },
	{ "make a directory", try_mkdir, PARENT, 1, 0 },
	{ "make a link", try_link, PARENT, 1, 0 },
	{ "connect to TCP", try_connect_tcp, BROKER_TCP | FETCHER | PARENT,
	    1, 0 },
	{ "connect to another port", try_connect_other, PARENT, 1, 0 },
	{ "connect to a unix socket", try_connect_unix,
	    BROKER_UNIX | PARENT, 1, 0 },
	{ "send a datagram", try_udp, FETCHER | PARENT, 1, 0 },
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
const size_t	nattempts = sizeof(attempts) / sizeof(attempts[0]);
