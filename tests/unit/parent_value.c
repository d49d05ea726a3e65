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
 * Numbers, durations, sizes, addresses, networks, paths and issuers of
 * grantd.conf(5): what is taken, what is not, and how it is printed.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "conf.h"
#include "conf_value.h"

static void
test_number(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1",
	    "1e3", "4294967296", "99999999999999999999", "9", "101", "one" };
	uint32_t	 n;
	size_t		 i;

	(void)state;
	assert_int_equal(value_number("10", 10, 100, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(value_number("4294967295", 0, UINT32_MAX, &n), 0);
	assert_true(n == UINT32_MAX);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(value_number(bad[i], 10, 100, &n), -1);
}

static void
test_duration(void **state)
{
	static const struct {
		const char	*text;
		uint32_t	 seconds;
		const char	*printed;
	} good[] = {
		{ "0s", 0, "0s" }, { "1s", 1, "1s" }, { "60s", 60, "60s" },
		{ "1m", 60, "60s" }, { "90m", 5400, "90m" },
		{ "1h", 3600, "1h" }, { "1h30m5s", 5405, "5405s" },
		{ "24h", 86400, "24h" }, { "90d", 7776000, "90d" },
		{ "2w", 1209600, "2w" }, { "1w", 604800, "7d" },
	};
	static const char *const bad[] = { "", "1", "s", "1x", "1h30", "-1s",
	    "1.5h", "1 h", "4294967296s", "99999999999s", "4000000000w",
	    "7102w1w", "1H" };
	char		 out[VALUE_MAX_FORMAT];
	uint32_t	 n;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(value_duration(good[i].text, 0, UINT32_MAX,
		    &n), 0);
		assert_int_equal(n, good[i].seconds);
		value_format_duration(out, n);
		assert_string_equal(out, good[i].printed);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(value_duration(bad[i], 0, UINT32_MAX, &n),
		    -1);
	assert_int_equal(value_duration("9s", 10, 20, &n), -1);
	assert_int_equal(value_duration("21s", 10, 20, &n), -1);
}

static void
test_size(void **state)
{
	char		 out[VALUE_MAX_FORMAT];
	uint32_t	 n;

	(void)state;
	assert_int_equal(value_size("16k", 0, UINT32_MAX, &n), 0);
	assert_int_equal(n, 16384);
	assert_int_equal(value_size("1500", 0, UINT32_MAX, &n), 0);
	value_format_size(out, n);
	assert_string_equal(out, "1500");
	value_format_size(out, 1024 * 1024);
	assert_string_equal(out, "1m");
	assert_int_equal(value_size("1g", 0, UINT32_MAX, &n), -1);
	assert_int_equal(value_size("1k1k", 0, UINT32_MAX, &n), -1);
	assert_int_equal(value_size("4194304k", 0, UINT32_MAX, &n), -1);
	assert_int_equal(value_size("", 0, UINT32_MAX, &n), -1);
}

static void
test_mode(void **state)
{
	uint32_t	 n;

	(void)state;
	assert_int_equal(value_mode("0660", &n), 0);
	assert_int_equal(n, 0660);
	assert_int_equal(value_mode("600", &n), 0);
	assert_int_equal(n, 0600);
	assert_int_equal(value_mode("1777", &n), -1);
	assert_int_equal(value_mode("68", &n), -1);
	assert_int_equal(value_mode("0888", &n), -1);
	assert_int_equal(value_mode("", &n), -1);
}

static void
test_network(void **state)
{
	static const char *const good[] = { "10.0.0.0/8", "127.0.0.1", "::1",
	    "2001:db8::/32", "0.0.0.0/0", "::/0", "10.0.0.1/32" };
	static const char *const bad[] = { "", "10.0.0/8", "10.0.0.0/33",
	    "10.0.0.0/", "10.0.0.0/-1", "::/129", "host", "10.0.0.1 ",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222" };
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(value_network(good[i]), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(value_network(bad[i]), -1);
}

static void
test_loopback(void **state)
{
	static const struct {
		const char	*text;
		int		 loopback;
	} rows[] = {
		{ "127.0.0.1", 1 }, { "127.9.9.9", 1 }, { "::1", 1 },
		{ "0.0.0.0", 0 }, { "::", 0 }, { "128.0.0.1", 0 },
		{ "::ffff:127.0.0.1", 0 }
	};
	struct sockaddr_storage	 ss;
	socklen_t		 len;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(value_address(rows[i].text, 80, &ss, &len),
		    0);
		assert_int_equal(value_is_loopback(&ss), rows[i].loopback);
	}
}

static void
test_path(void **state)
{
	char	 path[CONF_MAX_PATH + 2];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[CONF_MAX_PATH] = '\0';
	assert_int_equal(value_path(path), 0);
	path[CONF_MAX_PATH] = 'a';
	path[CONF_MAX_PATH + 1] = '\0';
	assert_int_equal(value_path(path), -1);
	assert_int_equal(value_path("/a b"), 0);
	assert_int_equal(value_path(""), -1);
	assert_int_equal(value_path("a/b"), -1);
	assert_int_equal(value_path("/a\nb"), -1);
}

static void
test_issuer(void **state)
{
	static const struct {
		const char	*text;
		int		 plain;
		int		 loopback;
	} good[] = {
		{ "https://auth.example.com", 0, 0 },
		{ "https://auth.example.com:8443", 0, 0 },
		{ "https://[2001:db8::1]:8443", 0, 0 },
		{ "http://localhost:8080", 1, 1 },
		{ "http://127.0.0.1", 1, 1 },
		{ "http://[::1]:1", 1, 1 },
		{ "http://localhost.example.com", 1, 0 },
		{ "http://127.0.0.1.example.com", 1, 0 },
	};
	static const char *const bad[] = { "", "/", "auth.example.com",
	    "https://", "https:///x", "https://a/", "https://a?b",
	    "https://a#b", "https://u:p@a", "https://a:", "https://a:0",
	    "https://a:65536", "https://a:123456", "https://A", "ftp://a",
	    "https://[::1", "https://a b", "https://a/b c", "https://a/%2e",
	    "https://a\\b", "HTTPS://a", "https://a/tenant",
	    "https://a:8443/tenant/1" };
	int		 plain, loopback;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(value_issuer(good[i].text, &plain,
		    &loopback), 0);
		assert_int_equal(plain, good[i].plain);
		assert_int_equal(loopback, good[i].loopback);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(value_issuer(bad[i], &plain, &loopback), -1);
}

static void
test_setting(void **state)
{
	const struct conf_setting	*cs;
	struct conf			*conf;
	char				 err[256], words[256] = "";

	(void)state;
	conf = conf_new();
	assert_non_null(conf);
	assert_true(conf->workers >= 1 && conf->workers <= CONF_MAX_WORKERS);
	assert_int_equal(conf->lifetime_access, 86400);
	assert_null(conf_setting_find(BLOCK_TOP, "access"));
	cs = conf_setting_find(BLOCK_LIFETIME, "access");
	assert_non_null(cs);
	assert_int_equal(conf_setting_set(cs, conf, "1h", err, sizeof(err)),
	    0);
	assert_int_equal(conf->lifetime_access, 3600);
	assert_int_equal(conf_setting_set(cs, conf, "25h", err, sizeof(err)),
	    -1);
	assert_string_equal(err, "access: expected a duration such as 30s, "
	    "10m, 24h or 90d from 1s to 24h, found \"25h\"");
	assert_int_equal(conf->lifetime_access, 3600);
	conf_settings_words(BLOCK_LIFETIME, words, sizeof(words));
	assert_string_equal(words, "access, refresh, maximum, grace");
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
