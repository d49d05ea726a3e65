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
 * What the parent makes of a configuration without starting anything:
 * connection strings, answers of the resolving process, judgement of files,
 * unix sockets that are in the way.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "conninfo.h"
#include "listener.h"
#include "resolve.h"
#include "secure_file.h"

static struct conf *
conf_with_hosts(const char *a, const char *b)
{
	struct conf		*conf = conf_new();
	struct conf_host	*ch;

	assert_non_null(conf);
	ch = conf_host_new(a);
	assert_non_null(ch);
	TAILQ_INSERT_TAIL(&conf->database.hosts, ch, entry);
	conf->database.nhosts = 1;
	if (b == NULL)
		return conf;
	ch = conf_host_new(b);
	assert_non_null(ch);
	TAILQ_INSERT_TAIL(&conf->database.hosts, ch, entry);
	conf->database.nhosts = 2;
	return conf;
}

static void
replace(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	assert_non_null(*to);
}

static void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void
test_conninfo_socket(void **state)
{
	struct conf	*conf = conf_new();
	char		*text;

	(void)state;
	assert_non_null(conf);
	replace(&conf->database.socket, "/run/it's");
	replace(&conf->database.name, "a'b\\c");
	text = conninfo_build(&conf->database, 0);
	assert_non_null(text);
	has(text, " host='/run/it\\'s'");
	has(text, " dbname='a\\'b\\\\c'");
	has(text, "gssencmode=disable");
	has(text, "target_session_attrs=primary");
	has(text, "application_name=grantd");
	has(text, "connect_timeout=");
	assert_null(strstr(text, "sslmode"));
	free(text);
	text = conninfo_build(&conf->database, 1);
	assert_non_null(text);
	has(text, " host='/'");
	free(text);
	text = conninfo_root(&conf->database, "/var/empty");
	assert_string_equal(text, "/run/it's");
	free(text);
	conf_free(conf);
}

static void
test_conninfo_hosts(void **state)
{
	struct conf	*conf = conf_with_hosts("db1", "192.0.2.9");
	char		*text;

	(void)state;
	assert_int_equal(resolve_numeric(conf), 0);
	assert_int_equal(resolve_line(conf, "1 192.0.2.1"), 0);
	assert_int_equal(resolve_line(conf, "1 2001:db8::1"), 0);
	text = conninfo_build(&conf->database, 1);
	assert_non_null(text);
	has(text, " host='db1,db1,192.0.2.9' "
	    "hostaddr='192.0.2.1,2001:db8::1,192.0.2.9'");
	has(text, "keepalives=1");
	has(text, "sslmode=prefer");
	free(text);
	text = conninfo_root(&conf->database, "/var/empty");
	assert_string_equal(text, "/var/empty");
	free(text);
	conf_free(conf);
}

static void
test_conninfo_ca(void **state)
{
	struct conf	*conf = conf_with_hosts("192.0.2.9", NULL);
	char		*text;

	(void)state;
	assert_int_equal(resolve_numeric(conf), 1);
	replace(&conf->database.ca_file, "/etc/grantd/ca/root.pem");
	text = conninfo_build(&conf->database, 1);
	assert_non_null(text);
	has(text, "sslmode=verify-full sslrootcert='/root.pem'");
	free(text);
	text = conninfo_build(&conf->database, 0);
	assert_non_null(text);
	has(text, "sslrootcert='/etc/grantd/ca/root.pem'");
	free(text);
	text = conninfo_root(&conf->database, "/var/empty");
	assert_string_equal(text, "/etc/grantd/ca");
	free(text);
	conf_free(conf);
}

static void
test_resolve_lines(void **state)
{
	static const char *const bad[] = { "", "1", "1 ", " 192.0.2.1",
	    "0 192.0.2.1", "3 192.0.2.1", "99 192.0.2.1", "x 192.0.2.1",
	    "1 192.0.2.1' host=evil", "1 db1", "123456789 192.0.2.1",
	    "-1 192.0.2.1" };
	struct conf	*conf = conf_with_hosts("db1", "db2");
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(resolve_line(conf, bad[i]), -1);
	for (i = 0; i < 8; i++)
		assert_int_equal(resolve_line(conf, "2 192.0.2.1"), 0);
	assert_int_equal(resolve_line(conf, "2 192.0.2.1"), -1);
	conf_free(conf);
}

static void
test_secure_check(void **state)
{
	static const struct {
		mode_t		 mode;
		uid_t		 owner;
		uid_t		 self;
		enum secure_want want;
		const char	*says;	/* NULL: it is fine */
	} rows[] = {
		{ S_IFREG | 0600, 0, 0, SECURE_SECRET, NULL },
		{ S_IFREG | 0400, 0, 0, SECURE_SECRET, NULL },
		{ S_IFREG | 0400, 0, 1000, SECURE_SECRET, NULL },
		{ S_IFREG | 0600, 1000, 1000, SECURE_SECRET, NULL },
		{ S_IFREG | 0600, 1000, 0, SECURE_SECRET, "chown root /k" },
		{ S_IFREG | 0600, 1001, 1000, SECURE_SECRET, "chown 1000 /k" },
		{ S_IFREG | 0640, 0, 0, SECURE_SECRET, "chmod 0600 /k" },
		{ S_IFREG | 0604, 0, 0, SECURE_SECRET, "chmod 0600 /k" },
		{ S_IFREG | 0700, 0, 0, SECURE_SECRET, "chmod 0600 /k" },
		{ S_IFREG | 0644, 0, 0, SECURE_JOURNAL, "chmod 0600 /k" },
		{ S_IFREG | 0644, 0, 0, SECURE_OWN_WRITE, NULL },
		{ S_IFREG | 0664, 0, 0, SECURE_OWN_WRITE, "chmod go-w /k" },
		{ S_IFREG | 0646, 0, 0, SECURE_OWN_WRITE, "chmod go-w /k" },
		{ S_IFDIR | 0700, 0, 0, SECURE_SECRET, "regular file" },
		{ S_IFIFO | 0600, 0, 0, SECURE_SECRET, "regular file" },
	};
	struct stat	 st;
	char		 err[256];
	size_t		 i;
	int		 r;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&st, 0, sizeof(st));
		st.st_mode = rows[i].mode;
		st.st_uid = rows[i].owner;
		r = secure_file_check("/k", rows[i].want, &st, rows[i].self,
		    err, sizeof(err));
		assert_int_equal(r, rows[i].says == NULL ? 0 : -1);
		if (r == -1)
			has(err, rows[i].says);
	}
}

static char	 dir[] = "/tmp/grantd-unit.XXXXXX";

static void
test_secure_open(void **state)
{
	struct stat	 st;
	char		 path[64], err[256];
	int		 fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/journal", dir);
	fd = secure_file_open(path, SECURE_SECRET, &st, err, sizeof(err));
	assert_int_equal(fd, -1);
	has(err, "No such file");
	fd = secure_file_open(path, SECURE_JOURNAL, &st, err, sizeof(err));
	assert_true(fd >= 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(secure_file_open(path, SECURE_JOURNAL, &st, err,
	    sizeof(err)), -1);
	has(err, "run: chmod 0600");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);	/* does not hang */
	assert_int_equal(secure_file_open(path, SECURE_SECRET, &st, err,
	    sizeof(err)), -1);
	assert_int_equal(unlink(path), 0);
}

static void
test_unix_listener(void **state)
{
	struct stat	 st;
	char		 path[64], err[256];
	int		 fd, other;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/run/sock", dir);
	fd = listener_open_unix(path, 0640, NULL, err, sizeof(err));
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	/* Somebody answers there. */
	other = listener_open_unix(path, 0640, NULL, err, sizeof(err));
	assert_int_equal(other, -1);
	has(err, "another program listens there");
	/* Nobody does. */
	close(fd);
	fd = listener_open_unix(path, 0640, NULL, err, sizeof(err));
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(path), 0);
	/* Something that is no socket stays. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(listener_open_unix(path, 0640, NULL, err,
	    sizeof(err)), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(listener_open_unix(path, 0640, "no such group", err,
	    sizeof(err)), -1);
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof(path), "%s/run", dir);
	assert_int_equal(rmdir(path), 0);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conninfo_socket),
		cmocka_unit_test(test_conninfo_hosts),
		cmocka_unit_test(test_conninfo_ca),
		cmocka_unit_test(test_resolve_lines),
		cmocka_unit_test(test_secure_check),
		cmocka_unit_test(test_secure_open),
		cmocka_unit_test(test_unix_listener),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
