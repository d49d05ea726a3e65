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
 * Logging, in every process.  Standard error with -d, syslog(3) otherwise;
 * the connection to syslogd is made at once, since a child is in its chroot
 * later.  Never given a secret; foreign text comes through log_vis().
 */

#include "config.h"

#define LIBBSD_OPENBSD_VIS	/* libbsd asks; vis() is the same in all */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <vis.h>

#include "log.h"

#define LOG_LINE	2048	/* longest line, with the NUL */
#define LOG_VIS		1024	/* longest foreign text, with the NUL */

static const char	*log_procname = "grantd";
static int		 log_debugging = 1;
static int		 log_verbosity;

static void	log_line(int, int, const char *, va_list)
		    __attribute__((__format__(printf, 3, 0)));

void
log_init(const char *procname, int debug, int facility)
{
	log_procname = procname;
	log_debugging = debug;
	tzset();
	if (debug)
		return;
	openlog(procname, LOG_PID | LOG_NDELAY, facility);
}

void
log_setverbose(int verbose)
{
	log_verbosity = verbose;
}

int
log_getverbose(void)
{
	return log_verbosity;
}

/* One line, at once; error is an errno whose text is added, 0 for none. */
static void
log_line(int priority, int error, const char *fmt, va_list ap)
{
	char	 line[LOG_LINE];
	int	 n;

	/* A line that is too long is cut: better short than lost. */
	n = vsnprintf(line, sizeof(line), fmt, ap);
	if (n < 0)
		(void)strlcpy(line, fmt, sizeof(line));

	if (!log_debugging && error != 0)
		syslog(priority, "%s: %s", line, strerror(error));
	else if (!log_debugging)
		syslog(priority, "%s", line);
	else if (error != 0)
		fprintf(stderr, "%s: %s: %s\n", log_procname, line,
		    strerror(error));
	else
		fprintf(stderr, "%s: %s\n", log_procname, line);
}

void
log_warn(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;

	va_start(ap, fmt);
	log_line(LOG_ERR, saved, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_warnx(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;

	va_start(ap, fmt);
	log_line(LOG_ERR, 0, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_info(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;

	va_start(ap, fmt);
	log_line(LOG_INFO, 0, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
log_debug(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;

	if (!log_verbosity)
		return;
	va_start(ap, fmt);
	log_line(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
	errno = saved;
}

void
fatal(const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;

	va_start(ap, fmt);
	log_line(LOG_CRIT, saved, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_line(LOG_CRIT, 0, fmt, ap);
	va_end(ap);
	exit(1);
}

const char *
log_vis(const char *text, size_t len)
{
	static char	 out[LOG_VIS];
	char		 one[8], *end;
	size_t		 i, used = 0, n;

	for (i = 0; i < len; i++) {
		end = vis(one, (unsigned char)text[i],
		    VIS_CSTYLE | VIS_NL | VIS_TAB,
		    i + 1 < len ? (unsigned char)text[i + 1] : 0);
		n = (size_t)(end - one);
		if (used + n + sizeof("...") > sizeof(out)) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		memcpy(out + used, one, n);
		used += n;
	}
	out[used] = '\0';
	return out;
}
