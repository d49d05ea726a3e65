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
 * Asks for a new password.  Room: grantctl.  It is never an argument:
 * arguments are seen in ps(1) and stay in a shell's history.
 */

#include "config.h"

#include <errno.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "msg_hasher.h"

#define PASSWORD_MIN	10	/* bytes */
#define PASSWORD_BUF	256	/* so that a longer one is told, not cut */

static int
password_ask(const char *prompt, char buf[PASSWORD_BUF])
{
	if (readpassphrase(prompt, buf, PASSWORD_BUF, RPP_REQUIRE_TTY) !=
	    NULL)
		return 0;
	fprintf(stderr, "grantctl: the terminal cannot be read: %s\n",
	    strerror(errno));
	return -1;
}

static int
password_terminal(char buf[PASSWORD_BUF])
{
	char	 again[PASSWORD_BUF];
	int	 r = -1;

	memset(again, 0, sizeof(again));
	if (password_ask("New password: ", buf) == -1 ||
	    password_ask("New password, again: ", again) == -1)
		goto done;
	if (strcmp(buf, again) == 0)
		r = 0;
	else
		fprintf(stderr, "grantctl: the passwords differ; try again\n");
 done:
	explicit_bzero(again, sizeof(again));
	return r;
}

/* Byte for byte: no stdio buffer keeps a copy. */
static int
password_line(char buf[PASSWORD_BUF])
{
	size_t	 n = 0;
	ssize_t	 r;
	char	 c;

	while ((r = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		if (n < PASSWORD_BUF - 1)
			buf[n++] = c;
	if (n > 0 && buf[n - 1] == '\r')
		n--;
	buf[n] = '\0';
	if (r == -1)
		fprintf(stderr, "grantctl: standard input: %s\n",
		    strerror(errno));
	else if (strlen(buf) != n)
		fprintf(stderr, "grantctl: a password has no NUL in it\n");
	else
		return 0;
	return -1;
}

char *
ctl_password(void)
{
	char	 buf[PASSWORD_BUF];
	char	*password = NULL;
	size_t	 len;

	memset(buf, 0, sizeof(buf));
	if ((isatty(STDIN_FILENO) ? password_terminal(buf) :
	    password_line(buf)) == -1)
		goto done;
	len = strlen(buf);
	if (len < PASSWORD_MIN || len > MSG_MAX_PASSWORD) {
		fprintf(stderr, "grantctl: a password has %d to %d bytes, "
		    "this one has %s\n", PASSWORD_MIN, MSG_MAX_PASSWORD,
		    len < PASSWORD_MIN ? "less" : "more");
		goto done;
	}
	if ((password = strdup(buf)) == NULL)
		fprintf(stderr, "grantctl: out of memory\n");
 done:
	explicit_bzero(buf, sizeof(buf));
	return password;
}
