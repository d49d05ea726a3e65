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
 * The configuration as the parent holds it: what grantd.conf says, with the
 * defaults filled in, and the descriptors that belong to it.  Room: parent.
 * Nothing here is sent as it is; children get their part by message.
 */

#ifndef CONF_H
#define CONF_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "ipc.h"
#include "msg_conf.h"

#define CONF_MAX_WORKERS	32
#define CONF_MAX_HASHERS	16
#define CONF_MAX_LISTENERS	16
#define CONF_MAX_KEYS		16
#define CONF_MAX_HOSTS		8
#define CONF_MAX_INCLUDE	8		/* nested include files */
#define CONF_MAX_FILE		(1024 * 1024)	/* bytes of one file */
#define CONF_MAX_LIFETIME	(24 * 3600)	/* s, of an access token */
#define CONF_MAX_GRACE		600		/* s */

struct conf_listener {
	TAILQ_ENTRY(conf_listener) entry;
	char		*where;		/* "file:line", for messages */
	char		*name;		/* "127.0.0.1:8080", or the path */
	int		 is_unix;
	struct sockaddr_storage addr;
	socklen_t	 addrlen;
	uint32_t	 mode;		/* unix only */
	char		*group;		/* unix only, NULL = leave */
	uint32_t	 nproxies;
	char		*proxies[CONF_MAX_PROXIES];
	int		 fd;		/* -1 while not open */
};
TAILQ_HEAD(conf_listeners, conf_listener);

struct conf_key {
	TAILQ_ENTRY(conf_key) entry;
	char		*where;
	char		*path;
	enum key_purpose purpose;
	uint32_t	 version;	/* KEY_SHARED only */
	int		 fd;		/* -1 while not open */
	struct timespec	 changed;	/* the file, when it was opened */
};
TAILQ_HEAD(conf_keys, conf_key);

struct conf_host {
	TAILQ_ENTRY(conf_host) entry;
	char		*name;
	char		**addrs;	/* numeric, resolved by the parent */
	size_t		 naddrs;
};
TAILQ_HEAD(conf_hosts, conf_host);

struct conf_database {
	char		*socket;	/* directory; NULL with hosts */
	struct conf_hosts hosts;
	size_t		 nhosts;
	uint32_t	 port;
	char		*name;
	char		*user;
	char		*password_file;	/* NULL if none */
	char		*ca_file;	/* NULL if none */
	char		*password;	/* content of the file, or NULL */
	uint32_t	 read;		/* connections of each broker */
	uint32_t	 write;
	uint32_t	 call;		/* the same, for procedures */
	uint32_t	 slow;
};

/* Of the process that fetches documents; loopback and port for tests. */
struct conf_fetch {
	uint32_t	 loopback;
	uint32_t	 port;
	char		*ca_file;	/* NULL: the system's */
	char		*nameserver;	/* NULL: those of resolv.conf(5) */
};

struct conf_user {
	char		*name;
	uint32_t	 uid;		/* set when users were looked up */
	uint32_t	 gid;
};

struct conf {
	unsigned int	 refs;
	char		*issuer;
	uint32_t	 workers;
	uint32_t	 hashers;
	struct conf_listeners listeners;
	size_t		 nlisteners;
	struct conf_database database;
	struct conf_keys keys;
	size_t		 nkeys;
	char		*journal;
	int		 journal_fd;	/* -1 while not open */
	uint32_t	 lifetime_access;	/* s */
	uint32_t	 lifetime_refresh;
	uint32_t	 lifetime_maximum;
	uint32_t	 lifetime_grace;
	uint32_t	 limit_header;		/* bytes */
	uint32_t	 limit_body;
	uint32_t	 limit_connections;	/* of each frontend */
	uint32_t	 limit_queue;		/* requests */
	uint32_t	 limit_idle;		/* s */
	uint32_t	 limit_wait;		/* s */
	uint32_t	 limit_rate;		/* mints a second */
	uint32_t	 limit_streams;		/* of each frontend */
	uint32_t	 limit_calls;		/* a second, of a credential */
	struct conf_user users[ROLE__MAX];
	char		*chroot;
	char		*control;
	uint32_t	 cost;
	uint32_t	 documents;	/* clients by metadata document */
	struct conf_fetch fetcher;
	uint32_t	 verbose;
};

/*
 * Told of every problem.  where is "file:line" or a file name; warning is
 * set for what does not spoil the configuration.
 */
typedef void (*conf_report_cb)(const char *where, int warning,
    const char *text, void *arg);
struct conf_report {
	conf_report_cb	 cb;
	void		*arg;
	int		 errors;	/* counted by conf_complain() */
};
void	 conf_complain(struct conf_report *, const char *where, int warning,
	    const char *fmt, ...) __attribute__((__format__(printf, 4, 5)));

/* conf.c: with the defaults; NULL when out of memory.  One reference. */
struct conf	*conf_new(void);
struct conf	*conf_ref(struct conf *);
/* Drops a reference; the last closes descriptors, wipes and frees. */
void		 conf_free(struct conf *);
struct conf_listener *conf_listener_new(const char *where);
void		 conf_listener_free(struct conf_listener *);
struct conf_key	*conf_key_new(const char *where);
struct conf_host *conf_host_new(const char *name);
int		 conf_host_add(struct conf_host *, const char *addr);
void		 conf_host_clear(struct conf_host *);
/* The user that a role runs as when the daemon was started by root. */
const struct conf_user *conf_user(const struct conf *, enum role);

/* conf_settings.c: the settings that are one number. */
enum conf_block {
	BLOCK_TOP,
	BLOCK_DATABASE,
	BLOCK_LIFETIME,
	BLOCK_LIMIT,
	BLOCK_USER,
	BLOCK_FETCHER
};
const struct conf_setting *conf_setting_find(enum conf_block, const char *);
/* The words of a block, ", " between them, appended to out. */
void		 conf_settings_words(enum conf_block, char *out, size_t size);
/* 0; -1 and a sentence in err about what was expected. */
int		 conf_setting_set(const struct conf_setting *, struct conf *,
		    const char *value, char *err, size_t errsize);
void		 conf_settings_default(struct conf *);
void		 conf_settings_print(const struct conf *, enum conf_block,
		    const char *indent, FILE *);

/* conf_file.c: a whole file that no stranger may write; NULL and err. */
char		*conf_file_read(const char *path, size_t *len, char *err,
		    size_t errsize);

/* parse.y: NULL when there was an error; all of them were reported. */
struct conf	*conf_load(const char *path, conf_report_cb, void *arg);
/* conf_check.c: what one line alone cannot tell. */
void		 conf_check(struct conf *, const char *path,
		    struct conf_report *);
/* conf_print.c: in a form that parses again to the same. */
void		 conf_print(const struct conf *, FILE *);
/* The same without what concerns the parent alone. */
void		 conf_print_work(const struct conf *, FILE *);

#endif /* CONF_H */
