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
 * What may be signed at all: a row per kind of token.  Room: signer.  Pure.
 * The database's rules decide who gets a token; these here hold even for
 * a broker that lies.
 */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "codec.h"
#include "token.h"

#define MODE(m)		(1U << (m))
#define MODES_PAIR	(MODE(MINT_REFRESH_NONE) | MODE(MINT_REFRESH_FRESH) | \
			    MODE(MINT_REFRESH_ADVANCE))

/* Client ids that are not clients (RFC 9068 2.2 wants one in any token). */
#define CLIENT_MANAGEMENT	"grantd-management"
#define CLIENT_CONNECTORS	"grantd-connectors"
#define CLIENT_RESERVED		"grantd-"

enum subject {
	SUBJECT_ANY, SUBJECT_UUID, SUBJECT_ORGANIZATION, SUBJECT_CLIENT
};

static const struct policy_rule {
	const char	*name;
	uint8_t		 audiences;	/* one or more of them */
	unsigned int	 modes;
	const char	*client_id;	/* NULL: any that is not reserved */
	enum subject	 subject;
	int		 organization;	/* must be there */
	int		 family;
} rules[TOKEN__MAX] = {
	[TOKEN_ORGANIZATION] = { "organization", AUD_V1, MODES_PAIR,
	    CLIENT_MANAGEMENT, SUBJECT_ORGANIZATION, 1, 1 },
	[TOKEN_INTEGRATION] = { "integration", AUD_CONNECTORS, MODES_PAIR,
	    CLIENT_CONNECTORS, SUBJECT_UUID, 1, 1 },
	[TOKEN_USER] = { "user", AUD_API | AUD_MCP, MODES_PAIR,
	    NULL, SUBJECT_ANY, 0, 1 },
	[TOKEN_CLIENT] = { "client", AUD_API | AUD_MCP, MODE(MINT_REFRESH_NONE),
	    NULL, SUBJECT_CLIENT, 0, 0 },
};

const char *
policy_kind_name(uint8_t kind)
{
	return kind < TOKEN__MAX && rules[kind].name != NULL ?
	    rules[kind].name : "none";
}

static int
policy_zero(const uint8_t id[UUID_LEN])
{
	static const uint8_t	 zero[UUID_LEN];

	return memcmp(id, zero, UUID_LEN) == 0;
}

/* RFC 6749 3.3: words of NQCHAR; with one blank between them, if allowed. */
static int
policy_words(const char *s, int blanks)
{
	const char	*p;

	for (p = s; *p != '\0'; p++)
		if (*p == ' ' ? !blanks || p == s || p[1] == ' ' ||
		    p[1] == '\0' : *p < '!' || *p > '~' || *p == '"' ||
		    *p == '\\')
			return 0;
	return 1;
}

/* OpenID Connect Core 3.1.2.1: the scope that asks for an ID token. */
static int
policy_openid(const char *scope)
{
	const char	*p = scope;
	size_t		 n;

	for (; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		if (n == 6 && strncmp(p, "openid", 6) == 0)
			return (1);
	}
	return (0);
}

static int
policy_subject(const struct policy_rule *rule, const struct msg_mint *m)
{
	char	 text[UUID_STRLEN + 1];
	uint8_t	 id[UUID_LEN];

	uuid_format(text, m->organization);
	return rule->subject == SUBJECT_ORGANIZATION ?
	    strcmp(m->subject, text) == 0 : rule->subject == SUBJECT_UUID ?
	    uuid_parse(id, m->subject) == 0 : rule->subject == SUBJECT_CLIENT ?
	    strcmp(m->subject, m->client_id) == 0 : m->subject[0] != '\0';
}

const char *
policy_check(const struct msg_mint *m)
{
	const struct policy_rule	*rule;
	int				 advance;

	if (m->kind >= TOKEN__MAX || rules[m->kind].name == NULL)
		return "unknown kind";
	rule = &rules[m->kind];
	if (m->audience == 0 || (m->audience & ~rule->audiences) != 0)
		return "audience is not of this kind";
	if (m->refresh >= MINT_REFRESH__MAX ||
	    (rule->modes & MODE(m->refresh)) == 0)
		return "refresh mode is not of this kind";
	if (rule->client_id != NULL ?
	    strcmp(m->client_id, rule->client_id) != 0 :
	    m->client_id[0] == '\0' || strncmp(m->client_id, CLIENT_RESERVED,
	    strlen(CLIENT_RESERVED)) == 0)
		return "client id is not of this kind";
	if (!policy_subject(rule, m))
		return "subject is not of this kind";
	if (rule->organization && policy_zero(m->organization))
		return "no organization";
	if (policy_zero(m->family) &&
	    (rule->family || m->refresh != MINT_REFRESH_NONE))
		return "no family";
	if (!policy_words(m->subject, 0) || !policy_words(m->client_id, 0))
		return "subject or client id is malformed";
	if (!policy_words(m->scope, 1))
		return "scope is malformed";
	if (m->id_token > 1 || (m->id_token ? m->kind != TOKEN_USER ||
	    !policy_openid(m->scope) : m->nonce[0] != '\0' ||
	    m->auth_time != 0))
		return ("no ID token for this kind and scope");
	if (m->ttl == 0)
		return "no lifetime";
	advance = m->refresh == MINT_REFRESH_ADVANCE;
	if (advance != (m->seed_len > 0) || advance != (m->seed_key > 0) ||
	    advance != (m->presented[0] != '\0') ||
	    (advance && m->generation == 0))
		return "seed and secret do not fit the refresh mode";
	return NULL;
}

uint32_t
policy_ttl(const struct policy *policy, uint32_t asked)
{
	if (asked > policy->lifetime_max)
		asked = policy->lifetime_max;
	return asked > POLICY_LIFETIME_MAX ? POLICY_LIFETIME_MAX : asked;
}

int
policy_rate(struct policy *policy, uint64_t now)
{
	if (policy->second != now) {
		policy->second = now;
		policy->count = 0;
	}
	if (policy->count >= policy->rate_max)
		return -1;
	policy->count++;
	return 0;
}
