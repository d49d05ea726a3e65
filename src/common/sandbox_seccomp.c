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
 * Makes a seccomp filter of a role's lists and loads it.  In every role, at
 * the end of its start.  What a role may call is written in
 * sandbox_calls.c, not here.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sandbox_linux.h"

#define SOCKET_TYPES	0x0f	/* the rest of the argument are flags */

/* With -d a killing call is trapped instead, so that it can be named. */
static uint32_t
seccomp_action(uint32_t action)
{
	return action == SCMP_ACT_KILL_PROCESS && sandbox_needs()->debug ?
	    SCMP_ACT_TRAP : action;
}

static uint32_t
seccomp_verdict(enum sandbox_verdict verdict)
{
	static const uint32_t	 actions[] = {
		[SANDBOX_ALLOW] = SCMP_ACT_ALLOW,
		[SANDBOX_REFUSE] = SCMP_ACT_ERRNO(EACCES),
		[SANDBOX_KILL] = SCMP_ACT_KILL_PROCESS,
	};

	return seccomp_action(actions[verdict]);
}

/* The call's number in decimal; printf(3) is not for signal handlers. */
static void
seccomp_trapped(int sig, siginfo_t *info, void *context)
{
	static const char	 head[] = "sandbox: forbidden system call ";
	char			 digits[16];
	size_t			 i = sizeof(digits);
	unsigned int		 n = (unsigned int)info->si_syscall;

	(void)sig;
	(void)context;
	digits[--i] = '\n';
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	if (write(STDERR_FILENO, head, sizeof(head) - 1) == -1 ||
	    write(STDERR_FILENO, digits + i, sizeof(digits) - i) == -1)
		_exit(2);	/* nobody to tell */
	_exit(1);
}

static void
seccomp_trap(void)
{
	struct sigaction	 sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = seccomp_trapped;
	sa.sa_flags = SA_SIGINFO;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGSYS, &sa, NULL) == -1)
		fatal("sigaction");
}

static void
seccomp_add(scmp_filter_ctx ctx, uint32_t otherwise, enum sandbox_verdict v,
    int number, unsigned int nargs, const struct scmp_arg_cmp *args)
{
	uint32_t	 action = seccomp_verdict(v);
	int		 error;

	if (action == otherwise)
		return;		/* libseccomp refuses what says nothing */
	error = seccomp_rule_add_array(ctx, action, number, nargs, args);
	/* A call that this machine does not have needs no rule. */
	if (error != 0 && error != -EDOM && error != -EOPNOTSUPP) {
		errno = -error;
		fatal("seccomp: call %d", number);
	}
}

static void
seccomp_socket(scmp_filter_ctx ctx, uint32_t otherwise, int family, int type)
{
	struct scmp_arg_cmp	 args[2];

	args[0] = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0);
	args[1] = SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPES,
	    (scmp_datum_t)type);
	seccomp_add(ctx, otherwise, SANDBOX_ALLOW, SCMP_SYS(socket), 2, args);
}

/* Streams to the database; to the world, and datagrams to name servers. */
static void
seccomp_sockets(scmp_filter_ctx ctx, enum role role, uint32_t otherwise)
{
	static const int	 families[] = { AF_UNIX, AF_INET, AF_INET6 };
	size_t			 i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (role == ROLE_FETCHER && families[i] != AF_UNIX)
			seccomp_socket(ctx, otherwise, families[i],
			    SOCK_DGRAM);
		if (sandbox_needs_family(families[i]))
			seccomp_socket(ctx, otherwise, families[i],
			    SOCK_STREAM);
	}
}

/* Rules whose conditions are only known now. */
static void
seccomp_late(scmp_filter_ctx ctx, enum role role, uint32_t otherwise)
{
	struct scmp_arg_cmp	 arg;

	/* abort(3) and raise(3): signals to itself are fine. */
	arg = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	seccomp_add(ctx, otherwise, SANDBOX_ALLOW, SCMP_SYS(tgkill), 1, &arg);
	arg = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
	if (role == ROLE_FRONTEND)
		seccomp_add(ctx, otherwise, SANDBOX_REFUSE, SCMP_SYS(tgkill),
		    1, &arg);
	if (role == ROLE_BROKER || role == ROLE_FETCHER)
		seccomp_sockets(ctx, role, otherwise);
}

void
sandbox_seccomp(enum role role)
{
	const struct sandbox_filter	*filter = sandbox_filter(role);
	const struct sandbox_call	*call;
	scmp_filter_ctx			 ctx;
	uint32_t			 otherwise;
	size_t				 i, j;
	int				 error;

	otherwise = seccomp_action(filter->otherwise);
	if (sandbox_needs()->debug)
		seccomp_trap();
	if ((ctx = seccomp_init(otherwise)) == NULL)
		fatalx("seccomp_init");
	/* A call of another architecture's numbering is no mistake. */
	if ((error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS)) != 0)
		fatalx("seccomp_attr_set: %s", strerror(-error));
	for (i = 0; i < SANDBOX_LISTS_MAX; i++)
		for (j = 0; j < filter->lists[i].ncalls; j++) {
			call = &filter->lists[i].calls[j];
			seccomp_add(ctx, otherwise, call->verdict,
			    call->number, call->nargs, &call->arg);
		}
	seccomp_late(ctx, role, otherwise);
	if ((error = seccomp_load(ctx)) != 0)
		fatalx("seccomp_load: %s", strerror(-error));
	seccomp_release(ctx);
}
