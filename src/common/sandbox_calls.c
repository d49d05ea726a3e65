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
 * The system calls of each role, as rows.  Signer and hasher may call what
 * is here and die of anything else; broker and fetcher may call what is here
 * and what libpq or libssl need, and are refused the rest; frontend and
 * parent may call anything but what is here.
 *
 * How to read a row: MAY, NOT (refused with EACCES, since a library may try
 * it), DIE (nobody of ours tries it: somebody else is in the process).
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

#include <errno.h>

#include "sandbox_linux.h"

#define MAY(call)	{ .verdict = SANDBOX_ALLOW, .number = SCMP_SYS(call) }
#define NOT(call)	{ .verdict = SANDBOX_REFUSE, .number = SCMP_SYS(call) }
#define DIE(call)	{ .verdict = SANDBOX_KILL, .number = SCMP_SYS(call) }
#define MAY_IF(call, condition) \
	{ .verdict = SANDBOX_ALLOW, .number = SCMP_SYS(call), .nargs = 1, \
	    .arg = condition }
#define NOT_IF(call, condition) \
	{ .verdict = SANDBOX_REFUSE, .number = SCMP_SYS(call), .nargs = 1, \
	    .arg = condition }
#define IS(n, value) \
	{ .arg = (n), .op = SCMP_CMP_EQ, .datum_a = (value) }
#define MASK(n, mask, value) \
	{ .arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask), \
	    .datum_b = (value) }

/* Links, memory, time, logging: what every role does. */
static const struct sandbox_call calls_base[] = {
	MAY(read), MAY(readv), MAY(recvfrom), MAY(recvmsg),
	MAY(write), MAY(writev), MAY(sendto), MAY(sendmsg),
	MAY(poll), MAY(ppoll), MAY(close), MAY(shutdown),
	MAY(fcntl), MAY(fcntl64), MAY(fstat), MAY(fstat64),
	MAY(newfstatat), MAY(fstatat64), MAY(lseek), MAY(_llseek),
	MAY_IF(ioctl, IS(1, TCGETS)),	/* isatty(3) of standard error */

	MAY(brk), MAY(munmap), MAY(mremap), MAY(madvise), MAY(membarrier),
	MAY_IF(mmap, MASK(2, PROT_EXEC, 0)),
	MAY_IF(mmap2, MASK(2, PROT_EXEC, 0)),
	MAY_IF(mprotect, MASK(2, PROT_EXEC, 0)),
	MAY(mlock), MAY(mlock2), MAY(munlock),

	MAY(clock_gettime), MAY(clock_gettime64), MAY(clock_getres),
	MAY(clock_nanosleep), MAY(clock_nanosleep_time64), MAY(nanosleep),
	MAY(gettimeofday), MAY(time), MAY(getrandom),

	MAY(futex), MAY(futex_time64), MAY(sched_yield), MAY(sysinfo),
	MAY_IF(prlimit64, IS(2, 0)), MAY(getrlimit), MAY(ugetrlimit),
	MAY(getpid), MAY(gettid), MAY(getppid), MAY(getuid), MAY(getuid32),
	MAY(geteuid), MAY(geteuid32), MAY(getgid), MAY(getgid32),
	MAY(getegid), MAY(getegid32), MAY(getrusage), MAY(times), MAY(uname),

	MAY(rt_sigaction), MAY(rt_sigprocmask), MAY(rt_sigreturn),
	MAY(sigreturn), MAY(sigaltstack), MAY(restart_syscall),
	MAY(rseq), MAY(exit), MAY(exit_group),
};

/*
 * What a library may try in a role that has no files and no network:
 * syslog(3) after a restart of syslogd, configuration of libraries.
 */
static const struct sandbox_call calls_closed[] = {
	NOT(socket), NOT(connect),
};

static const struct sandbox_call calls_no_files[] = {
	NOT(open), NOT(openat), NOT(openat2),
	NOT(access), NOT(faccessat), NOT(faccessat2), NOT(readlink),
	NOT(readlinkat), NOT(stat), NOT(lstat), NOT(statx), NOT(stat64),
	NOT(kill), NOT(tkill),
};

/* The journal is flushed before an answer goes. */
static const struct sandbox_call calls_signer[] = {
	MAY(fdatasync), MAY(fsync), MAY(pwrite64),
};

/*
 * libevent, and connections that are made.  Connecting is limited by
 * Landlock to the database's ports, or to the fetcher's; socket(2) to
 * families and types by sandbox_seccomp.c.
 */
static const struct sandbox_call calls_connect[] = {
	MAY(epoll_create), MAY(epoll_create1), MAY(epoll_ctl),
	MAY(epoll_wait), MAY(epoll_pwait), MAY(epoll_pwait2),
	MAY(timerfd_create), MAY(timerfd_settime), MAY(timerfd_settime64),
	MAY(eventfd), MAY(eventfd2), MAY(pipe), MAY(pipe2), MAY(socketpair),
	MAY(select), MAY(_newselect), MAY(pselect6), MAY(dup), MAY(dup3),

	MAY(connect), MAY(getsockopt), MAY(setsockopt), MAY(getsockname),
	MAY(getpeername),
};

/* Certificates, for libpq's TLS; Landlock opens nothing else. */
static const struct sandbox_call calls_broker[] = {
	MAY(open), MAY(openat), MAY(access), MAY(faccessat), MAY(faccessat2),
	MAY(stat), MAY(lstat), MAY(stat64), MAY(lstat64), MAY(statx),
	MAY(readlink), MAY(readlinkat), MAY(getcwd), MAY(getdents64),
	MAY(pread64),
};

/* Nobody of ours does this after its start. */
static const struct sandbox_call calls_attack[] = {
	DIE(ptrace), DIE(process_vm_readv), DIE(process_vm_writev),
	DIE(process_madvise), DIE(kcmp), DIE(pidfd_getfd),
	DIE(bpf), DIE(perf_event_open), DIE(userfaultfd),
	DIE(io_uring_setup), DIE(io_uring_enter), DIE(io_uring_register),
	DIE(add_key), DIE(request_key), DIE(keyctl),
	DIE(mount), DIE(umount), DIE(umount2), DIE(pivot_root),
	DIE(move_mount), DIE(open_tree), DIE(fsopen), DIE(fsconfig),
	DIE(fsmount), DIE(fspick), DIE(unshare), DIE(setns),
	DIE(open_by_handle_at), DIE(name_to_handle_at), DIE(quotactl),
	DIE(kexec_load), DIE(kexec_file_load), DIE(init_module),
	DIE(finit_module), DIE(delete_module), DIE(iopl), DIE(ioperm),
	DIE(swapon), DIE(swapoff), DIE(reboot), DIE(acct), DIE(vhangup),
	DIE(settimeofday), DIE(clock_settime), DIE(clock_settime64),
	DIE(adjtimex), DIE(clock_adjtime), DIE(clock_adjtime64),
	DIE(sethostname), DIE(setdomainname), DIE(personality),
	DIE(uselib), DIE(nfsservctl), DIE(lookup_dcookie), DIE(syslog),
};

/* The same, where the parent has business. */
static const struct sandbox_call calls_child[] = {
	DIE(execve), DIE(execveat), DIE(chroot), DIE(pidfd_open),
	DIE(pidfd_send_signal), DIE(rt_sigqueueinfo), DIE(rt_tgsigqueueinfo),
};

/* What a frontend is refused besides; listeners come from the parent. */
static const struct sandbox_call calls_frontend[] = {
	NOT(open), NOT(openat), NOT(openat2), NOT(creat),
	NOT(socket), NOT(connect), NOT(bind),
	NOT(fork), NOT(vfork), NOT(clone), NOT(clone3), NOT(kill), NOT(tkill),
	NOT_IF(mmap, MASK(2, PROT_EXEC, PROT_EXEC)),
	NOT_IF(mmap2, MASK(2, PROT_EXEC, PROT_EXEC)),
	NOT_IF(mprotect, MASK(2, PROT_EXEC, PROT_EXEC)),
	NOT(pkey_mprotect), NOT(remap_file_pages), NOT(memfd_create),
	NOT(prctl),
	NOT(setuid), NOT(setgid), NOT(setreuid), NOT(setregid),
	NOT(setresuid), NOT(setresgid), NOT(setgroups), NOT(setfsuid),
	NOT(setfsgid), NOT(capset), NOT(setrlimit), NOT(setpriority),
	NOT(setpgid), NOT(setsid), NOT(sched_setscheduler),
	NOT(sched_setattr), NOT(sched_setaffinity),
	NOT(mkdir), NOT(mkdirat), NOT(rmdir), NOT(mknod), NOT(mknodat),
	NOT(unlink), NOT(unlinkat), NOT(rename), NOT(renameat),
	NOT(renameat2), NOT(link), NOT(linkat), NOT(symlink), NOT(symlinkat),
	NOT(truncate), NOT(chmod), NOT(fchmodat), NOT(chown), NOT(lchown),
	NOT(fchownat), NOT(utimensat), NOT(setxattr), NOT(lsetxattr),
	NOT(chdir), NOT(statfs), NOT(inotify_init), NOT(inotify_init1),
	NOT(fanotify_init), NOT(shmget), NOT(shmat), NOT(semget),
	NOT(msgget), NOT(mq_open),
};

#ifdef WITH_SANITIZERS
/* What the sanitizers' runtime calls; a release does not have it. */
static const struct sandbox_call calls_sanitizers[] = {
	MAY(prctl), MAY(sched_getaffinity),
};

/* The leak check forks and traces itself: not in a sandbox. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#else
static const struct sandbox_call calls_sanitizers[] = {
	MAY(getpid),	/* as calls_base: a list has a row */
};
#endif

#define LIST(calls)	{ calls, sizeof(calls) / sizeof((calls)[0]) }

static const struct sandbox_filter filters[ROLE__MAX] = {
	[ROLE_PARENT] = { SCMP_ACT_ALLOW,
	    { LIST(calls_attack) } },
	[ROLE_FRONTEND] = { SCMP_ACT_ALLOW,
	    { LIST(calls_attack), LIST(calls_child), LIST(calls_frontend) } },
	[ROLE_BROKER] = { SCMP_ACT_ERRNO(EPERM),
	    { LIST(calls_base), LIST(calls_connect), LIST(calls_broker),
	      LIST(calls_attack), LIST(calls_child),
	      LIST(calls_sanitizers) } },
	[ROLE_SIGNER] = { SCMP_ACT_KILL_PROCESS,
	    { LIST(calls_base), LIST(calls_closed), LIST(calls_no_files),
	      LIST(calls_signer), LIST(calls_sanitizers) } },
	[ROLE_HASHER] = { SCMP_ACT_KILL_PROCESS,
	    { LIST(calls_base), LIST(calls_closed), LIST(calls_no_files),
	      LIST(calls_sanitizers) } },
	[ROLE_FETCHER] = { SCMP_ACT_ERRNO(EPERM),
	    { LIST(calls_base), LIST(calls_connect), LIST(calls_no_files),
	      LIST(calls_attack), LIST(calls_child),
	      LIST(calls_sanitizers) } },
};

const struct sandbox_filter *
sandbox_filter(enum role role)
{
	return &filters[role];
}
