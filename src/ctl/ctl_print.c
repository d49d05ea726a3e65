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
 * What grantctl(8) prints, for people and as JSON.  Room: grantctl.  What
 * comes from the database is shown through vis(3): a name must not steer a
 * terminal.
 */

#include "config.h"

#define LIBBSD_OPENBSD_VIS	/* libbsd asks; stravis() is the same in all */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vis.h>

#include "ctl.h"
#include "json.h"
#include "json_write.h"

#define PRINT_MAX	(16 * 1024 * 1024)	/* bytes of one answer */
#define CTL_AGE_LEN	24

static const struct json_limits print_limits = {
	.bytes = PRINT_MAX, .depth = 32, .values = 1000000, .keys = 10000
};

static void
print_text(const char *text)
{
	char	*safe;

	if (text == NULL || stravis(&safe, text, VIS_NL | VIS_TAB) == -1)
		return;
	fputs(safe, stdout);
	free(safe);
}

/* "3h12m" */
static void
ctl_format_age(char out[CTL_AGE_LEN], uint64_t s)
{
	static const struct {
		uint64_t	 large;
		uint64_t	 small;
		char		 names[2];
	} rows[] = {
		{ 86400, 3600, { 'd', 'h' } },
		{ 3600, 60, { 'h', 'm' } },
		{ 60, 1, { 'm', 's' } },
	};
	size_t	 i;

	/* Numbers of a process' age: they fit. */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (s >= rows[i].large) {
			(void)snprintf(out, CTL_AGE_LEN, "%u%c%u%c",
			    (unsigned int)(s / rows[i].large), rows[i].names[0],
			    (unsigned int)(s % rows[i].large / rows[i].small),
			    rows[i].names[1]);
			return;
		}
	(void)snprintf(out, CTL_AGE_LEN, "%us", (unsigned int)s);
}

void
ctl_print_status(const struct ctl_status *cs)
{
	const struct msg_status	*ms;
	char			 name[32], age[CTL_AGE_LEN];
	time_t			 now = time(NULL);
	size_t			 i;

	printf("%-12s %8s  %-9s %8s %9s  %s\n", "PROCESS", "PID", "STATE",
	    "UP", "RESTARTS", "NOTE");
	for (i = 0; i < cs->n; i++) {
		ms = &cs->list[i];
		/* A role's name and a number: it fits. */
		(void)snprintf(name, sizeof(name), ms->role == ROLE_PARENT ?
		    "%s" : "%s %u", ipc_role_name(ms->role), ms->instance);
		ctl_format_age(age, (uint64_t)now > ms->since ?
		    (uint64_t)now - ms->since : 0);
		printf("%-12s %8u  %-9s %8s %9u  ", name, ms->pid,
		    ms->ready ? "ready" : ms->pid == 0 ? "down" : "starting",
		    ms->pid == 0 ? "-" : age, ms->restarts);
		print_text(ms->text);
		putchar('\n');
	}
}

static void
print_buf(struct json_buf *jb)
{
	char	*text;
	size_t	 len;

	if ((text = json_buf_take(jb, &len)) == NULL) {
		fprintf(stderr, "grantctl: out of memory\n");
		return;
	}
	puts(text);
	freezero(text, len);
}

static void
print_status_one(struct json_buf *jb, const struct msg_status *ms)
{
	char		 since[32] = "";
	time_t		 t = (time_t)ms->since;
	struct tm	 tm;

	/* The form of RFC 3339 has 20 characters. */
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ",
		    &tm);
	json_object_open(jb);
	json_member_text(jb, "role", ipc_role_name(ms->role));
	json_member_integer(jb, "instance", ms->instance);
	json_member_integer(jb, "pid", ms->pid);
	json_member_bool(jb, "ready", ms->ready);
	json_member_integer(jb, "restarts", ms->restarts);
	json_member_text(jb, "since", since);
	json_member_text(jb, "note", ms->text);
	json_object_close(jb);
}

void
ctl_print_status_json(const struct ctl_status *cs)
{
	struct json_buf	 jb;
	size_t		 i;

	json_buf_init(&jb, PRINT_MAX);
	json_object_open(&jb);
	json_name(&jb, "result");
	json_array_open(&jb);
	for (i = 0; i < cs->n; i++)
		print_status_one(&jb, &cs->list[i]);
	json_array_close(&jb);
	json_object_close(&jb);
	print_buf(&jb);
	json_buf_free(&jb);
}

void
ctl_print_done_json(int failed, const char *text)
{
	struct json_buf	 jb;

	json_buf_init(&jb, PRINT_MAX);
	json_object_open(&jb);
	json_member_text(&jb, failed ? "message" : "result", text);
	json_object_close(&jb);
	print_buf(&jb);
	json_buf_free(&jb);
}

void
ctl_print_json(const char *json, size_t len)
{
	(void)fwrite(json, 1, len, stdout);
	putchar('\n');
}

/* The member "result" of an answer; the document is the caller's. */
static const struct json_value *
print_result(const char *json, size_t len, struct json_doc **doc)
{
	struct json_error		 error;
	const struct json_value		*result;

	*doc = json_parse(json, len, &print_limits, &error);
	result = *doc == NULL ? NULL : json_get(json_root(*doc), "result");
	if (result == NULL)
		fprintf(stderr, "grantctl: the answer is not understood: %s\n",
		    *doc == NULL ? error.text : "no result in it");
	return result;
}

void
ctl_print_organization(const char *json, size_t len)
{
	struct json_doc			*doc;
	const struct json_value		*result;

	if ((result = print_result(json, len, &doc)) != NULL) {
		printf("organization ");
		print_text(json_get_text(result, "name"));
		printf(" created, id ");
		print_text(json_get_text(result, "id"));
		putchar('\n');
	}
	json_free(doc);
}

void
ctl_print_organizations(const char *json, size_t len)
{
	struct json_doc			*doc;
	const struct json_value		*result, *v;

	if ((result = print_result(json, len, &doc)) != NULL) {
		printf("%-36s  %-27s  %s\n", "ID", "CREATED", "NAME");
		for (v = json_first(result); v != NULL; v = v->next) {
			const char	*id = json_get_text(v, "id");
			const char	*at = json_get_text(v, "created_at");

			printf("%-36s  %-27s  ", id == NULL ? "-" : id,
			    at == NULL ? "-" : at);
			print_text(json_get_text(v, "name"));
			putchar('\n');
		}
	}
	json_free(doc);
}

static void
print_token(const struct json_value *result, const char *label,
    const char *pointer)
{
	const struct json_value	*token = json_find(result, pointer);
	const char		*expires = json_get_text(token, "expires");

	printf("%s\n\t", label);
	print_text(json_get_text(token, "secret"));
	if (expires != NULL) {
		printf("\n\tuntil ");
		print_text(expires);
	}
	putchar('\n');
}

void
ctl_print_pair(const char *json, size_t len)
{
	struct json_doc			*doc;
	const struct json_value		*result;

	if ((result = print_result(json, len, &doc)) != NULL) {
		print_token(result, "access token", "/primary/access");
		print_token(result, "refresh token", "/primary/refresh");
		printf("refresh token id\n\t");
		print_text(json_get_text(result, "id"));
		printf("\n\nKeep them now: they are not shown again.\n");
	}
	json_free(doc);
}

/* The one-time link, or that none was needed. */
static void
print_link(const struct json_value *result)
{
	const char	*secret = json_get_text(result, "link_secret");
	const char	*issuer = json_get_text(result, "issuer");

	if (secret == NULL)
		return;
	printf("%s, once, until ", json_get(result, "joins") == NULL ?
	    "to choose a password" : "to join, signed in with that account");
	print_text(json_get_text(result, "link_expires"));
	printf("\n\t");
	print_text(issuer == NULL ? "" : issuer);
	printf("/link/");
	print_text(secret);
	printf("\n\nPass it on now: it is not shown again.\n");
}

void
ctl_print_member(const char *json, size_t len)
{
	struct json_doc			*doc;
	const struct json_value		*result, *v;
	const char			*comma = "";
	int				 joins;

	if ((result = print_result(json, len, &doc)) != NULL) {
		print_text(json_get_text(result, "email"));
		/* whose account another organization made is asked */
		joins = json_get(result, "joins") != NULL;
		printf(joins ? " is invited to " : " is a member of ");
		print_text(json_get_text(json_get(result, "organization"),
		    "name"));
		printf(joins ? ", as " : " now, as ");
		for (v = json_first(json_get(result, "roles")); v != NULL;
		    v = v->next) {
			printf("%s", comma);
			print_text(v->type == JSON_STRING ? v->u.text : NULL);
			comma = ", ";
		}
		putchar('\n');
		print_link(result);
	}
	json_free(doc);
}

void
ctl_print_error(const struct msg_reply *mr, int json)
{
	struct json_buf	 jb;
	const char	*message = mr->message, *detail = mr->detail;

	if (message[0] == '\0')
		message = "the operation failed";
	if (strcmp(message, detail) == 0)
		detail = "";
	fprintf(stderr, "grantctl: %s%s%s\n", message, detail[0] != '\0' ?
	    ": " : "", detail);
	if (mr->remediation[0] != '\0')
		fprintf(stderr, "grantctl: %s\n", mr->remediation);
	if (!json)
		return;
	json_buf_init(&jb, PRINT_MAX);
	json_object_open(&jb);
	json_member_integer(&jb, "status", mr->status);
	json_member_text(&jb, "code", mr->code);
	json_member_text(&jb, "message", mr->message);
	json_member_text(&jb, "detail", mr->detail);
	json_member_text(&jb, "remediation", mr->remediation);
	json_object_close(&jb);
	print_buf(&jb);
	json_buf_free(&jb);
}

char *
ctl_reply_body(const struct msg_reply *mr, size_t *len)
{
	return json_put_secrets(mr->body, mr->body_len, mr->secrets,
	    mr->nsecrets, len);
}
