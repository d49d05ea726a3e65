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
 * The commands of grantctl(8): a row each.  A word may be cut as long as it
 * is clear which is meant.  Room: grantctl.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static const struct ctl_command commands[] = {
	{ { "log", "brief", NULL }, IMSG_CTL_LOG, 0, NULL, NULL, NULL, NULL },
	{ { "log", "verbose", NULL }, IMSG_CTL_LOG, 1, NULL, NULL, NULL, NULL },
	{ { "member", "create", "EMAIL", NULL }, IMSG_CTL_OPERATION, 0,
	    "member.create", "email", ctl_print_member, "nopr" },
	{ { "organization", "create", "NAME", NULL }, IMSG_CTL_OPERATION, 0,
	    "organization.create", "name", ctl_print_organization, NULL },
	{ { "organization", "list", NULL }, IMSG_CTL_OPERATION, 0,
	    "organization.list", NULL, ctl_print_organizations, NULL },
	{ { "reload", NULL }, IMSG_CTL_RELOAD, 0, NULL, NULL, NULL, NULL },
	{ { "status", NULL }, IMSG_CTL_STATUS, 0, NULL, NULL, NULL, NULL },
	{ { "token", "create", "organization", "NAME", NULL },
	    IMSG_CTL_OPERATION, 0, "organization.token_create",
	    "organization", ctl_print_pair, NULL },
};
#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const struct {
	int		 letter;
	const char	*member;	/* of the body */
	const char	*usage;
} options[OPTION__MAX] = {
	[OPTION_NAME] = { 'n', "fullname", "name" },
	[OPTION_ORGANIZATION] = { 'o', "organization", "organization" },
	[OPTION_ROLE] = { 'r', "role", "role" },
};

int
ctl_option_find(int letter)
{
	int	 i;

	for (i = 0; i < OPTION__MAX; i++)
		if (options[i].letter == letter)
			return i;
	return -1;
}

const char *
ctl_option_member(enum ctl_option option)
{
	return options[option].member;
}

int
ctl_options_fit(const struct ctl_command *c, const char *letters)
{
	for (; *letters != '\0'; letters++)
		if (c->options == NULL || strchr(c->options, *letters) ==
		    NULL) {
			fprintf(stderr, "grantctl: -%c says nothing to this "
			    "command\n", *letters);
			return 0;
		}
	return 1;
}

static int
word_is_argument(const char *word)
{
	return isupper((unsigned char)word[0]);
}

static int
word_fits(const char *word, const char *given)
{
	return word_is_argument(word) ||
	    (given[0] != '\0' && strncmp(word, given, strlen(given)) == 0);
}

/* How many of the given words fit from the first. */
static int
words_fit(const struct ctl_command *c, int argc, char **argv)
{
	int	 n;

	for (n = 0; n < argc && n < CTL_MAX_WORDS && c->words[n] != NULL; n++)
		if (!word_fits(c->words[n], argv[n]))
			break;
	return n;
}

static void
words_print(FILE *out, const struct ctl_command *c)
{
	const char	*o;
	int		 i;

	for (i = 0; i < CTL_MAX_WORDS && c->words[i] != NULL; i++)
		fprintf(out, "%s%s", i == 0 ? "\t" : " ", c->words[i]);
	for (o = c->options == NULL ? "" : c->options; *o != '\0'; o++) {
		i = ctl_option_find(*o);
		fprintf(out, " [-%c%s%s]", *o, i == -1 ? "" : " ",
		    i == -1 ? "" : options[i].usage);
	}
	fputc('\n', out);
}

void
ctl_usage_list(void)
{
	size_t	 i;

	fprintf(stderr, "commands:\n");
	for (i = 0; i < NCOMMANDS; i++)
		words_print(stderr, &commands[i]);
}

/* Says which commands begin like the best of what was given. */
static void
words_complain(int argc, char **argv, int best)
{
	size_t	 i;

	if (best < argc)
		fprintf(stderr, "grantctl: \"%s\" is not understood; "
		    "expected:\n", argv[best]);
	else
		fprintf(stderr, "grantctl: more words are needed:\n");
	for (i = 0; i < NCOMMANDS; i++)
		if (words_fit(&commands[i], argc, argv) == best)
			words_print(stderr, &commands[i]);
}

const struct ctl_command *
ctl_find(int argc, char **argv, const char **argument)
{
	const struct ctl_command	*found = NULL;
	size_t				 i;
	int				 n, best = 0, several = 0;

	for (i = 0; i < NCOMMANDS; i++) {
		n = words_fit(&commands[i], argc, argv);
		if (n > best)
			best = n;
		if (n != argc || commands[i].words[n] != NULL)
			continue;
		several = found != NULL;
		found = &commands[i];
	}
	if (found == NULL || several) {
		words_complain(argc, argv, best);
		return NULL;
	}
	*argument = NULL;
	for (n = 0; n < argc; n++)
		if (word_is_argument(found->words[n]))
			*argument = argv[n];
	return found;
}
