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
 * Fuzz driver of the fetcher's parsers: the first byte says which, the rest
 * is what a stranger sends.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "answer.h"
#include "dns.h"
#include "fuzz.h"
#include "json.h"
#include "url.h"

static void
must(int good)
{
	if (!good)
		abort();
}

static void
fuzz_url(const uint8_t *data, size_t size)
{
	char		*text = malloc(size + 1);
	const char	*why;
	struct url	 url;

	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if (url_parse(text, 443, &url, &why) == 0) {
		must(url.target[0] == '/' && url.host[0] != '\0');
		must(strpbrk(url.host, "/@:%[ ") == NULL);
		must(strpbrk(url.target, " \r\n#\\") == NULL);
	} else
		must(why != NULL);
	free(text);
}

static void
fuzz_dns(const uint8_t *data, size_t size)
{
	struct dns_addresses	 found;
	size_t			 i;

	memset(&found, 0, sizeof(found));
	if (size >= 2)
		(void)dns_answer(data, size, (uint16_t)(data[0] << 8 | data[1]),
		    "a.example", DNS_A, &found);
	must(found.n <= DNS_ADDRESSES);
	for (i = 0; i < found.n; i++)
		(void)address_refused(&found.list[i], 0);
}

/* As it comes, in two parts: what was good does not turn bad. */
static void
fuzz_answer(const uint8_t *data, size_t size)
{
	const char		*text = (const char *)data;
	enum answer_result	 half, whole;
	struct answer		 a;

	half = answer_parse(text, size / 2, 0, MSG_MAX_DOCUMENT, &a);
	whole = answer_parse(text, size, 1, MSG_MAX_DOCUMENT, &a);
	must(half == ANSWER_MORE || half == whole);
	must(whole != ANSWER_MORE && a.len <= MSG_MAX_DOCUMENT);
	must(whole == ANSWER_DONE || a.why != NULL);
	if (whole == ANSWER_DONE && a.why == NULL)
		must(a.status == 200 && strlen(a.body) == a.len &&
		    json_utf8_check(a.body, a.len, NULL) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(const uint8_t *, size_t) = {
		fuzz_url, fuzz_dns, fuzz_answer
	};

	if (size > 0)
		what[data[0] % 3](data + 1, size - 1);
	return 0;
}
