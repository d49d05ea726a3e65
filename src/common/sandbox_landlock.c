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
 * Landlock for the children: no files, no TCP, no signal and no abstract
 * socket beyond the role itself, as far as the kernel's ABI goes.  Called
 * by number, with constants of our own, since older kernel headers know
 * only the first of them.  Not for the parent: children would inherit it.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "sandbox_linux.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif

#define LL_CREATE_VERSION	(1U << 0)
#define LL_RULE_PATH		1
#define LL_RULE_PORT		2

/* Rights to files, in the order of linux/landlock.h. */
#define LL_FS_EXECUTE		(1ULL << 0)
#define LL_FS_WRITE_FILE	(1ULL << 1)
#define LL_FS_READ_FILE		(1ULL << 2)
#define LL_FS_READ_DIR		(1ULL << 3)
#define LL_FS_ABI1		((1ULL << 13) - 1)
#define LL_FS_REFER		(1ULL << 13)	/* ABI 2 */
#define LL_FS_TRUNCATE		(1ULL << 14)	/* ABI 3 */
#define LL_FS_IOCTL_DEV		(1ULL << 15)	/* ABI 5 */
/* Rights to TCP ports, ABI 4. */
#define LL_NET_BIND		(1ULL << 0)
#define LL_NET_CONNECT		(1ULL << 1)
/* Scopes, ABI 6. */
#define LL_SCOPE_ABSTRACT	(1ULL << 0)
#define LL_SCOPE_SIGNAL		(1ULL << 1)

struct ll_ruleset {
	uint64_t	 fs;
	uint64_t	 net;
	uint64_t	 scoped;
};

struct ll_path {
	uint64_t	 allowed;
	int32_t		 fd;
} __attribute__((__packed__));

struct ll_port {
	uint64_t	 allowed;
	uint64_t	 port;
};

/* What each ABI handles besides the one before; the attribute grows too. */
static const struct {
	int		 abi;
	size_t		 size;		/* of struct ll_ruleset */
	uint64_t	 fs;
	uint64_t	 net;
	uint64_t	 scoped;
} ll_levels[] = {
	{ 1, sizeof(uint64_t), LL_FS_ABI1, 0, 0 },
	{ 2, sizeof(uint64_t), LL_FS_REFER, 0, 0 },
	{ 3, sizeof(uint64_t), LL_FS_TRUNCATE, 0, 0 },
	{ 4, 2 * sizeof(uint64_t), 0, LL_NET_BIND | LL_NET_CONNECT, 0 },
	{ 5, 2 * sizeof(uint64_t), LL_FS_IOCTL_DEV, 0, 0 },
	{ 6, 3 * sizeof(uint64_t), 0, 0, LL_SCOPE_ABSTRACT | LL_SCOPE_SIGNAL },
};

/* The broker reads certificates below these paths, and nothing else. */
static void
landlock_paths(int ruleset)
{
	const struct sandbox_needs	*needs = sandbox_needs();
	struct ll_path			 rule;
	size_t				 i;

	for (i = 0; i < needs->npaths; i++) {
		rule.allowed = LL_FS_READ_FILE | LL_FS_READ_DIR;
		rule.fd = open(needs->paths[i].path, O_PATH | O_CLOEXEC);
		if (rule.fd == -1)
			fatal("%s", needs->paths[i].path);
		/* A file has no directory to read: then without that right. */
		if (syscall(SYS_landlock_add_rule, ruleset, LL_RULE_PATH,
		    &rule, 0) == -1) {
			rule.allowed = LL_FS_READ_FILE;
			if (syscall(SYS_landlock_add_rule, ruleset,
			    LL_RULE_PATH, &rule, 0) == -1)
				fatal("landlock: %s", needs->paths[i].path);
		}
		close(rule.fd);
	}
}

static void
landlock_ports(int ruleset)
{
	const struct sandbox_needs	*needs = sandbox_needs();
	struct ll_port			 rule;
	size_t				 i;

	for (i = 0; i < needs->nconnects; i++) {
		if (needs->connects[i].family == AF_UNIX)
			continue;
		rule.allowed = LL_NET_CONNECT;
		rule.port = needs->connects[i].port;
		if (syscall(SYS_landlock_add_rule, ruleset, LL_RULE_PORT,
		    &rule, 0) == -1)
			fatal("landlock: port %u", needs->connects[i].port);
	}
}

int
sandbox_landlock(enum role role)
{
	struct ll_ruleset	 attr;
	size_t			 i, size = 0;
	long			 abi, ruleset;

	if (role == ROLE_PARENT)
		return 0;
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_CREATE_VERSION);
	if (abi <= 0)
		return 0;
	memset(&attr, 0, sizeof(attr));
	for (i = 0; i < sizeof(ll_levels) / sizeof(ll_levels[0]); i++) {
		if (ll_levels[i].abi > abi)
			break;
		size = ll_levels[i].size;
		attr.fs |= ll_levels[i].fs;
		attr.net |= ll_levels[i].net;
		attr.scoped |= ll_levels[i].scoped;
	}
	/* A broker that was not told its ports may connect to any. */
	if (role == ROLE_BROKER && sandbox_needs()->nconnects == 0)
		attr.net &= ~LL_NET_CONNECT;

	ruleset = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset == -1)
		fatal("landlock_create_ruleset");
	if (role == ROLE_BROKER)
		landlock_paths((int)ruleset);
	if ((role == ROLE_BROKER || role == ROLE_FETCHER) &&
	    (attr.net & LL_NET_CONNECT))
		landlock_ports((int)ruleset);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		fatal("landlock_restrict_self");
	close((int)ruleset);
	return (int)abi;
}
