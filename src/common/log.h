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
 * Logging for every process: standard error with -d, syslog otherwise.
 * Text that came from outside passes through log_vis() first.
 */

#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stddef.h>

/* procname must live as long as the process; debug != 0 logs to stderr. */
void	 log_init(const char *procname, int debug, int facility);
void	 log_setverbose(int verbose);	/* 0 = brief, 1 = verbose */
int	 log_getverbose(void);

/* _warn adds the text of errno, _warnx does not; _debug only if verbose. */
void	 log_warn(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));
void	 log_warnx(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));
void	 log_info(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));
void	 log_debug(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));

/* For our own failures only, never for what a client sent.  Exit 1. */
__attribute__((__noreturn__))
void	 fatal(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));
__attribute__((__noreturn__))
void	 fatalx(const char *fmt, ...)
	    __attribute__((__format__(printf, 1, 2)));

/*
 * Makes foreign bytes printable into a static buffer that the next call
 * overwrites; long text is cut and ends in "...".
 */
const char *log_vis(const char *text, size_t len);

#endif /* LOG_H */
