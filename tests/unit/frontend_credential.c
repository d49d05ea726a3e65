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
 * Credentials, uploads and base64, as clients send them.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base64.h"
#include "credential.h"
#include "codec.h"
#include "multipart.h"

static struct http_text
text_of(const char *s)
{
	struct http_text t = { s, strlen(s) };

	return t;
}

static void
test_credential(void **state)
{
	/* {"exp":1893456000} and {"a":"\"exp\":1"} */
	static const struct {
		const char		*field;
		enum credential_result	 result;
		int			 kind;
		uint64_t		 expiry;
	} rows[] = {
		{ "Bearer eyJhIjoxfQ.eyJleHAiOjE4OTM0NTYwMDB9.c2ln",
		    CREDENTIAL_OK, CRED_ACCESS, 1893456000 },
		{ "bearer  eyJhIjoxfQ.eyJleHAiOjE4OTM0NTYwMDB9.c2ln",
		    CREDENTIAL_OK, CRED_ACCESS, 1893456000 },
		{ "Bearer a.eyJpc3MiOiJ4In0.b", CREDENTIAL_OK, CRED_ACCESS,
		    0 },
		{ "Bearer a.eyJleHAiOi0xfQ.b", CREDENTIAL_OK, CRED_ACCESS,
		    0 },
		{ "", CREDENTIAL_MISSING, 0, 0 },
		{ "Basic eDp5", CREDENTIAL_SCHEME, 0, 0 },
		{ "Bearer", CREDENTIAL_SCHEME, 0, 0 },
		{ "BearereyJ", CREDENTIAL_SCHEME, 0, 0 },
		{ "Bearer   ", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer x", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.b", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a..b", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer .e30.b", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30.", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30.b.c", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30=.b", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30.b c", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30.b\"", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer a.e30.\xc3\xa9", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer grt_x", CREDENTIAL_GARBAGE, 0, 0 },
		{ "Bearer grt_", CREDENTIAL_GARBAGE, 0, 0 },
	};
	struct http_text	t;
	struct credential	c;
	char			big[MSG_MAX_CREDENTIAL + 100];
	size_t			i;

	(void)state;
	assert_int_equal(credential_parse(&c, NULL), CREDENTIAL_MISSING);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = text_of(rows[i].field);
		if (credential_parse(&c, &t) != rows[i].result)
			fail_msg("%s", rows[i].field);
		if (rows[i].result != CREDENTIAL_OK)
			continue;
		assert_int_equal(c.kind, rows[i].kind);
		assert_int_equal(c.hint_expiry, rows[i].expiry);
	}
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	memcpy(big, "Bearer ", 7);
	memcpy(big + 10, ".e30.", 5);
	t = text_of(big);
	assert_int_equal(credential_parse(&c, &t), CREDENTIAL_GARBAGE);
	t.len = MSG_MAX_CREDENTIAL + 7;
	assert_int_equal(credential_parse(&c, &t), CREDENTIAL_OK);
}

static void
test_refresh(void **state)
{
	struct refresh_secret	secret;
	struct http_text	t;
	struct credential	c;
	char			text[7 + REFRESH_STRLEN + 2] = "Bearer ";

	(void)state;
	memset(&secret, 7, sizeof(secret));
	refresh_format(text + 7, &secret);
	t = text_of(text);
	assert_int_equal(credential_parse(&c, &t), CREDENTIAL_OK);
	assert_int_equal(c.kind, CRED_REFRESH);
	assert_memory_equal(c.hint_family, secret.family, UUID_LEN);
	assert_int_equal(c.text.len, REFRESH_STRLEN);
	t.len--;
	assert_int_equal(credential_parse(&c, &t), CREDENTIAL_GARBAGE);
	(void)strlcat(text, "A", sizeof(text));
	t = text_of(text);
	assert_int_equal(credential_parse(&c, &t), CREDENTIAL_GARBAGE);
}

static const struct {
	const char	*body;
	const char	*content;	/* NULL: refused */
	const char	*type;
} uploads[] = {
	{ "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n"
	    "--B--", "x", NULL },
	{ "preamble\r\n--B \r\ncontent-disposition:form-data;"
	    "filename*=UTF-8''a\r\ncontent-type:a/b\r\n\r\n\r\n--B--\r\nend",
	    "", "a/b" },
	{ "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n"
	    "text\r\n--B\r\nContent-Disposition: form-data; name=\"x\"; "
	    "filename=\"a\\\"b;c\"\r\n\r\nx--B not\r\n-\r\n--B--",
	    "x--B not\r\n-",
	    NULL },
	/* an empty part, then its boundary at once */
	{ "--B\r\nContent-Disposition: form-data; name=file\r\n\r\n--B--",
	    "", NULL },
	{ "--B\r\n\r\nx\r\n--B--", NULL, NULL },
	{ "--B--", NULL, NULL },
	{ "", NULL, NULL },
	{ "x", NULL, NULL },
	{ "--B", NULL, NULL },
	{ "--B\r\n", NULL, NULL },
	{ "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx",
	    NULL, NULL },
	{ "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx"
	    "\r\n--B", NULL, NULL },
	{ "--B\r\nContent-Disposition: form-data; name=\"file\"\r\nx\r\n"
	    "--B--", NULL, NULL },
	{ "--B\nContent-Disposition: form-data; name=\"file\"\n\nx\n--B--",
	    NULL, NULL },
	{ "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n"
	    "--B\r\nContent-Disposition: form-data; filename=\"y\"\r\n\r\ny"
	    "\r\n--B--", NULL, NULL },
	{ "--B\r\nContent-Disposition: form-data; name=\"file\r\n\r\nx\r\n"
	    "--B--", NULL, NULL },
};

static void
test_multipart(void **state)
{
	struct multipart_file	 f;
	const char		*why;
	char			 many[8192];
	size_t			 i, n;
	int			 ret;

	(void)state;
	for (i = 0; i < sizeof(uploads) / sizeof(uploads[0]); i++) {
		ret = multipart_file(uploads[i].body, strlen(uploads[i].body),
		    "B", &f, &why);
		if (uploads[i].content == NULL) {
			if (ret == 0)
				fail_msg("%s", uploads[i].body);
			continue;
		}
		if (ret == -1)
			fail_msg("%s: %s", uploads[i].body, why);
		assert_int_equal(f.content.len, strlen(uploads[i].content));
		assert_memory_equal(f.content.p, uploads[i].content,
		    f.content.len);
		if (uploads[i].type == NULL)
			assert_null(f.type.p);
		else
			assert_true(http_text_is(&f.type, uploads[i].type));
	}
	for (n = 0, i = 0; i < MULTIPART_MAX_PARTS + 1; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n,
		    "--B\r\nX: y\r\n\r\nx\r\n");
	n += (size_t)snprintf(many + n, sizeof(many) - n, "--B--");
	assert_int_equal(multipart_file(many, n, "B", &f, &why), -1);
	assert_string_equal(why, "the body has too many parts");
	n = (size_t)snprintf(many, sizeof(many), "--B\r\nX: ");
	memset(many + n, 'y', sizeof(many) - n);
	memcpy(many + sizeof(many) - 13, "\r\n\r\nx\r\n--B--", 12);
	assert_int_equal(multipart_file(many, sizeof(many) - 1, "B", &f,
	    &why), -1);
}

static void
test_boundary(void **state)
{
	static const struct {
		const char	*type;
		const char	*boundary;	/* NULL: none */
	} rows[] = {
		{ "multipart/form-data; boundary=abc", "abc" },
		{ "multipart/form-data;charset=x;Boundary=\"a b\" ; y=z",
		    "a b" },
		{ "multipart/form-data", NULL },
		{ "multipart/form-data; boundary=", NULL },
		{ "multipart/form-data; boundary=\"\"", NULL },
		{ "multipart/form-data; boundary=\"a", NULL },
		{ "multipart/form-data; boundary=\"a \"", NULL },
		{ "multipart/form-data; boundary=\"a\\b\"", NULL },
		{ "multipart/form-data; xboundary=a", NULL },
		{ "multipart/form-data; x=\"; boundary=a\"", NULL },
		{ "multipart/form-data; boundary=12345678901234567890123456789"
		    "012345678901234567890123456789012345678901", NULL },
	};
	struct http_text	t;
	char			out[MULTIPART_MAX_BOUNDARY + 1];
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = text_of(rows[i].type);
		if (multipart_boundary(&t, out) == -1) {
			if (rows[i].boundary != NULL)
				fail_msg("%s", rows[i].type);
		} else if (rows[i].boundary == NULL ||
		    strcmp(out, rows[i].boundary) != 0)
			fail_msg("%s: %s", rows[i].type, out);
	}
}

static void
test_base64(void **state)
{
	static const struct {
		const char	*in;
		const char	*out;	/* NULL: refused */
	} rows[] = {
		{ "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" },
		{ "Zm9v", "foo" }, { "Zm9v\nYg==\n", "foob" },
		{ "Zg", NULL }, { "Zg=", NULL }, { "Z", NULL },
		{ "Zh==", NULL }, { "Zm9=", NULL }, { "Zg==Zg==", NULL },
		{ "Zm-v", NULL }, { "Zm9v====", NULL }, { "====", NULL },
		{ " Zm9v", NULL },
	};
	char	out[16];
	size_t	i;
	ssize_t	n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = base64_decode(out, sizeof(out), rows[i].in,
		    strlen(rows[i].in));
		if (rows[i].out == NULL ? n != -1 :
		    n != (ssize_t)strlen(rows[i].out) ||
		    memcmp(out, rows[i].out, (size_t)n) != 0)
			fail_msg("%s", rows[i].in);
	}
	assert_int_equal(base64_decode(out, 2, "Zm9v", 4), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credential),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
