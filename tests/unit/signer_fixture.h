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
 * Keys for the tests of the signer.  None is a secret: those of the RFCs
 * are printed there, the others were made for this file.  signer_fixture.h
 * also gives each test program a loaded ring of keys.
 */

#ifndef SIGNER_FIXTURE_H
#define SIGNER_FIXTURE_H

#include <sys/wait.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec.h"
#include "token.h"

/* RFC 7515 A.3.1 */
#define PEM_P256 \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n" \
	"AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b\n" \
	"focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n" \
	"-----END EC PRIVATE KEY-----\n"
/* RFC 8037 A.1 */
#define PEM_ED25519 \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
	"-----END PRIVATE KEY-----\n"
/* RFC 7638 3.1, public */
#define PEM_RSA_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vx7agoebGcQSuuPiLJX\n" \
	"ZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\n" \
	"oc/BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt\n" \
	"7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0\n" \
	"zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0f\n" \
	"M4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDK\n" \
	"gwIDAQAB\n" \
	"-----END PUBLIC KEY-----\n"
#define PEM_RSA \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDRC49spZqHT4jl\n" \
	"61wANFn/CmDodkd566Z0xIVTczVrhe3ViXNfuYFvOnC1pHXaqytDeWRMLh3f73S7\n" \
	"9kQVC9OjJBsTvC2oL01WkGEeg3YzoGlHb5uxibIjzmQijV7sZ9ZD9kQrMSA9i7jB\n" \
	"1OJOQxutw0I2y5NzMZ8FJHyPteOnQgeefWoKq+vaVywTXPveoHhtIpEuYOLqEs6I\n" \
	"wMXADy+VS9gI5nwFouoRJcD8qJR4hvs35yQ7Ih+cMm50z/AAOVrbwJVH3sVub+GK\n" \
	"N+HfXFYrGRo45naa3sq92lltVYLIoy+zsRZphIlGGSWbEJGQnpUa6ubco9Z7yozK\n" \
	"1tMZEKXzAgMBAAECggEAGZp5CGgSEKTo/KwXz73vEIyEs67E8LBa6gNQhxjdv/Ee\n" \
	"i6BdnVRQVOoLTZwP2Tv3Z7i8VD5JEhk3KsxYqLE9ocYgJjR5Qmz6DnJO4C4Jcfz2\n" \
	"2AqElGPr3x8ovDikxH9aoBFPZnDfui9c7in08Saerb4euS0JlBAi92jGyX06yEyB\n" \
	"N8rlhAlUHFuQV259z3grR/bsWVi1f6KSUoSuaNUaP9VCjVhTOxSo6krkrPx13UZu\n" \
	"69phyXauzQD6jDYZnAyatfk2gVQ1dQMq2aaZ8cuQ67/XklnklUhzwgKqwqMd51Rr\n" \
	"9IWARmiVr3pTEPjO2e72h6GjS64XBogJwpSCzHhB+QKBgQDn47J5ebeXHS9tM5l2\n" \
	"b1pJqnIl4Fuuk0YWcsAvu7f7rXM4lRjGbjBuhHZRT5hXhFZps/zWLNcWnG4wqK8R\n" \
	"a2wQGOfF5GHdmslaGf7LDoUXq/AevuuHqyLnoeSmAsHc/uV9RrWRXsJ1LOmuEOv6\n" \
	"Xz4jH+doXpmH+5MLMjO3Eql0iQKBgQDmx86HShvpLzGe6ttzAHJQiqWF477f6EGX\n" \
	"qfAe8aPrN9rX1J/CfBTGlbDINagrrSC85uVucrhKz0kbKSqQucJVdBQyEy9hZVrq\n" \
	"QmenvFVPdCjDyPxVWvUIZ2vKxgiu3l7oOcpPV6VjQpvb+4mLAIXFmdy1jl+GCIqh\n" \
	"pRv7iuafmwKBgDjtfE44JGsTviXn6f/aXGcDUhycVMWp4CX4q9fMFOHTdhro93kX\n" \
	"agpnuIhDqxmpInG2vxZxUah6ZM7LSpdTMOdOxe+eHqyBqHbXNObyvJfQHRXfNwFK\n" \
	"cTo+U1yyBpfTd9Fmf4Kdqc2MZh3Wh6gio6WJ2oyT1Ms+Zp30CCAkk7dJAoGALeMW\n" \
	"vrHOoOwAWs/p+JDjKf6XcOra3hyJRkXE9/ImHLQLcJTXe00+uEm1T+nTWXPgKY9j\n" \
	"mTV4TW+v4pWp4AL/kAw3o8lKx3vmuuOfRqvc7qJzJJLHEZW3WQdvWG9N9K9EgbpT\n" \
	"7rjHqtfos7HtJFVjQ+oXB4aamcUDA6cXzElPF/cCgYBiAQYtI3Xij7EFC1dtnwcp\n" \
	"NxILBdO53CFtslcag7QdmK0aBN4/e71dKx+zQY5Xrkqn9zLCjwjJmprx6TJgBagV\n" \
	"eT8qT6NoeecocdRuS/hph2/AU1gPoCVQcUXZXWV4OGhovwsmsnbzuh+ZNQOwK+s7\n" \
	"9chAKRYKhw+mvrnFDzKX7g==\n" \
	"-----END PRIVATE KEY-----\n"
/* Private half of RFC 7515 A.3.1, public half of another. */
#define PEM_MIXED \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n" \
	"AwEHoUQDQgAEVbPlXkL5NxoQqHyFo8kqeM/3BGUF3FJZjlV+cfwBr1gZ/VTOawQL\n" \
	"UU19dajaf9yXp7mAXgTQclmv5nSMYvJ0Qg==\n" \
	"-----END EC PRIVATE KEY-----\n"
#define PEM_P384 \
	"-----BEGIN EC PRIVATE KEY-----\n" \
	"MIGkAgEBBDAJqyNtjmkJi4FDMIHar5ej42Nuh1/KsflEIIc2CCqYn0ag8bgrCzIZ\n" \
	"VwPsjRLpL1CgBwYFK4EEACKhZANiAAR5GF8nfwIm6T8a2QA1DRWdYbmyVNnGKLJt\n" \
	"0YvZyPls8U1KPUPjL9ADbiuR3Pbh0c8sGSUECs+te28I+g180q+IFzHhCdyPCl2e\n" \
	"1p+eE7QzBp65VpUsai1dWsb6B/k2jZM=\n" \
	"-----END EC PRIVATE KEY-----\n"
#define PEM_RSA1024 \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALFZY4a3/69zKFWf\n" \
	"1SDAAQcW+yrlhbDMnbV4mjdYYViDLMEIkGTWcnqbYul083E6rOTQqVPhb4P7taks\n" \
	"Ht6uHExxAQza6Wmsr0jGHd/vSTEWFlYYXNMAHU1PsHnmvoBHmm3EeENwlVNE9/z5\n" \
	"iIzj7fwJ5Qp2/Km1uJfhNELHL+y5AgMBAAECgYBfieEUzQB/mtDKt6zP1L94+0dZ\n" \
	"R4YqxT/cZ9jkIcdnMFsmrh9jQycup5C0ZV1TzSEgrsvZNSOm/S1SskL7AN6a5WAK\n" \
	"qsc/VNxj+sBeb4te7hpBmFIbq9xqKQERw+I/kaAk6Dc2N9HO9vpQo/BO3Z2yN8WB\n" \
	"ZVeKm8peoLf6AIf7hQJBAOOJ/rgXYWAGhaMlz/KgExjEA8yxeRI5+vVjNHpNofU9\n" \
	"LhJLFyV2eXqkcMxKEnHtsrrMN7v9jQrfLZZykXp1A9sCQQDHiETeXQrbubO0ihzZ\n" \
	"3S8P/Ar4N/bx2ow2pYLvW/8a2Dzx+l5iQFZ/Cx5+qsDLx7bpxaqW6ISWc7y+XR1Y\n" \
	"Ov/7AkBh0VstrO9xppwgzQqelW5gQTQY9VrFGSPoBiPzSBiOIyUBPELRGiOTM8pC\n" \
	"KL3ROIyTfWOgb5oIyHUCrnIYIOHtAkBbybAEqsCH+5FTiAVlo3422DcjoHsVHvhJ\n" \
	"WzI0chmUe8ztc8NfZ0FjB/ZrRpmSJLlcKPYknaoAnBVDbQpGwD1pAkEAoeEs4FvS\n" \
	"mAw+UtxF+ZnUpWQta6Z7PwojotsAb7rgmcoJL1NNU0Jqy4nyT84y/ZDonsqZybxD\n" \
	"+xSCa6fnkJi5gg==\n" \
	"-----END PRIVATE KEY-----\n"
#define PEM_ENCRYPTED \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" \
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjFx9dVTMlvqgICCAAw\n" \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEEhAkMt9vsHHL0R2kQv+fA8EgZCA\n" \
	"v8r8GS8WcsBCW/5em7jS8NFkG3oeDabeD2zU5JXe3Q4bTgTOEeG8WLnAhudZLZ5F\n" \
	"gI65HH4xSt7zIIP465VcOGR2VHFPiFUJulSvEjVYczbPVGyITqLj7Up623Zf4Rz1\n" \
	"kMaVeZfQantW6AWJTprhJMcp5HUBSp01hfRYfPkBFHhRY0eLlxSqiZffDTPXhRI=\n" \
	"-----END ENCRYPTED PRIVATE KEY-----\n"

#define SHARED_ONE \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SHARED_TWO \
	"ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

/* grantd-journal-check on one file or two, quietly; its exit status. */
static inline int
fixture_check(const char *first, const char *second)
{
	const char	*argv[] = { "sh", JOURNAL_CHECK, first, second, NULL };
	pid_t		 pid;
	int		 status, null;

	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)execv("/bin/sh", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* As the parent does: a key file's text through a descriptor. */
static inline int
fixture_load(struct keys *keys, enum key_purpose purpose, uint32_t version,
    const char *text, const char **why)
{
	struct msg_key	 m = { .purpose = purpose, .version = version };
	int		 fd[2];

	m.name = NULL;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
	(void)close(fd[1]);
	return keys_load(keys, &m, fd[0], why);
}

static inline struct keys *
fixture_keys(const char *pem)
{
	struct keys	*keys;
	const char	*why;
	int		 locked;

	assert_non_null(keys = keys_new(&locked));
	assert_int_equal(fixture_load(keys, KEY_SIGN, 0, pem, &why), 0);
	assert_int_equal(fixture_load(keys, KEY_SHARED, 1, SHARED_ONE "\n",
	    &why), 0);
	assert_true(keys_ready(keys));
	return keys;
}

/* A request that the policy allows; texts are static. */
static inline struct msg_mint
fixture_mint(enum token_kind kind)
{
	static const struct {
		uint8_t		 audience;
		const char	*subject;
		const char	*client_id;
	} by_kind[TOKEN__MAX] = {
		[TOKEN_ORGANIZATION] = { AUD_V1,
		    "0198c0de-0000-7000-8000-000000000001",
		    "grantd-management" },
		[TOKEN_INTEGRATION] = { AUD_CONNECTORS,
		    "0198c0de-0000-7000-8000-000000000003",
		    "grantd-connectors" },
		[TOKEN_USER] = { AUD_API | AUD_MCP,
		    "0198c0de-0000-7000-8000-000000000004",
		    "https://client.example/metadata.json" },
		[TOKEN_CLIENT] = { AUD_API, "s6BhdRkqt3", "s6BhdRkqt3" },
	};
	struct msg_mint	 m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.audience = by_kind[kind].audience;
	m.refresh = MINT_REFRESH_NONE;
	m.ttl = 3600;
	assert_int_equal(uuid_parse(m.organization,
	    "0198c0de-0000-7000-8000-000000000001"), 0);
	assert_int_equal(uuid_parse(m.family,
	    "0198c0de-0000-7000-8000-000000000002"), 0);
	m.generation = 1;
	m.subject = (char *)(uintptr_t)by_kind[kind].subject;
	m.client_id = (char *)(uintptr_t)by_kind[kind].client_id;
	m.scope = (char *)(uintptr_t)"accounts:view accounts:edit";
	m.presented = (char *)(uintptr_t)"";
	m.nonce = (char *)(uintptr_t)"";
	return m;
}

#endif /* SIGNER_FIXTURE_H */
