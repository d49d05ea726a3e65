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
 * grantctl(8): what its files share.  Room: grantctl, a program of its own
 * that links no event library, no SQL and no crypto.
 */

#ifndef CTL_H
#define CTL_H

#include <sys/types.h>
#include <stdint.h>

#include "ipc.h"
#include "msg_broker.h"
#include "msg_conf.h"

/* Exit status. */
#define CTL_OK		0
#define CTL_FAILED	1	/* the daemon or its database refused */
#define CTL_USAGE	2
#define CTL_AWAY	3	/* the daemon cannot be reached */

#define CTL_MAX_WORDS	5
#define CTL_MAX_PROCESSES 1024

struct ctl_status {
	struct msg_status	*list;
	size_t			 n;
};

struct ctl_command {
	/* A word in capitals stands for an argument. */
	const char	*words[CTL_MAX_WORDS];
	uint32_t	 type;		/* IMSG_CTL_* */
	uint8_t		 flag;		/* of IMSG_CTL_LOG */
	const char	*operation;	/* of IMSG_CTL_OPERATION */
	const char	*member;	/* of the body, for the argument */
	/* The answer for people; json is NULL when it had none. */
	void		(*print)(const char *json, size_t len);
	const char	*options;	/* letters that it takes, or NULL */
};

/* What options of a command say. */
enum ctl_option {
	OPTION_NAME,		/* -n */
	OPTION_ORGANIZATION,	/* -o */
	OPTION_ROLE,		/* -r */
	OPTION__MAX
};

struct ctl {
	const struct ctl_command *command;
	const char	*argument;	/* NULL if it has none */
	const char	*options[OPTION__MAX];	/* NULL: not given */
	char		*password;	/* -p; NULL if none, wipe it */
	const char	*socket;
	int		 json;		/* -j */
	struct imsgbuf	 imsgbuf;
	struct ctl_status status;
};

/* ctl_words.c: finds the command of these words; NULL, and says why. */
const struct ctl_command *ctl_find(int argc, char **argv,
	    const char **argument);
void	 ctl_usage_list(void);
/* Which option this letter is, or -1; the member of the body it becomes. */
int	 ctl_option_find(int letter);
const char *ctl_option_member(enum ctl_option);
/* Whether each of these letters is for the command; if not, says so. */
int	 ctl_options_fit(const struct ctl_command *, const char *letters);

/*
 * ctl_password.c: from the terminal, twice, without echo, or else one line
 * of standard input.  malloc'ed, wipe it; NULL, and says why.
 */
char	*ctl_password(void);

/* ctl_print.c */
void	 ctl_print_status(const struct ctl_status *);
void	 ctl_print_status_json(const struct ctl_status *);
void	 ctl_print_done_json(int failed, const char *text);
void	 ctl_print_json(const char *, size_t);
void	 ctl_print_organization(const char *, size_t);
void	 ctl_print_organizations(const char *, size_t);
void	 ctl_print_pair(const char *, size_t);
void	 ctl_print_member(const char *, size_t);
/* What was wrong, to standard error; with json also to standard output. */
void	 ctl_print_error(const struct msg_reply *, int json);
/* The body with its secrets; malloc'ed, wipe it.  NULL: malformed. */
char	*ctl_reply_body(const struct msg_reply *, size_t *len);

#endif /* CTL_H */
