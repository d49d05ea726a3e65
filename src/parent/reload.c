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
 * A new configuration in the place of the old, without a gap: it is parsed
 * and opened beside the old one; then the signer is replaced, if its part
 * changed (another file for its journal it is handed at the end); then a new
 * generation starts, and when it serves the old one is drained.  Whatever fails
 * on the way leaves the old one in force.
 * Room: parent.
 */

#include "config.h"

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listener.h"
#include "log.h"
#include "notify.h"
#include "parent.h"
#include "resolve.h"
#include "resource.h"

#define RELOAD_MAX_TEXT	1023

/* What is told to grantctl: the first trouble. */
struct reload_text {
	char	 text[RELOAD_MAX_TEXT + 1];
};

static void	reload_go(struct parent *);

static void
reload_complaint(const char *where, int warning, const char *text, void *arg)
{
	struct reload_text	*rt = arg;

	log_warnx("%s: %s%s", where, warning ? "warning: " : "", text);
	/* Cut is fine: it is a message for people. */
	if (!warning && rt->text[0] == '\0')
		(void)snprintf(rt->text, sizeof(rt->text), "%s: %s", where,
		    text);
}

/* The end of every reload. */
static void
reload_finish(struct parent *parent, int failed, const char *text)
{
	struct reload	*rl = &parent->reload;
	reload_done_cb	 cb = rl->cb;
	void		*arg = rl->arg;
	int		 again = rl->again;

	conf_free(rl->conf);
	memset(rl, 0, sizeof(*rl));
	if (failed)
		log_warnx("reload failed, the former configuration stays in "
		    "force: %s", text);
	else
		log_info("%s", text);
	notify_send("READY=1");
	if (cb != NULL)
		cb(failed, text, arg);
	if (again && !parent->stopping)
		reload_start(parent, NULL, NULL);
}

void
reload_forget(struct parent *parent, void *arg)
{
	if (parent->reload.arg != arg)
		return;
	parent->reload.cb = NULL;
	parent->reload.arg = NULL;
}

int
reload_owns(const struct child *child)
{
	const struct reload	*rl = &child->parent->reload;

	if (rl->state == RELOAD_SIGNER && child == child->parent->signer)
		return 1;
	return rl->fresh != NULL && child->generation == rl->fresh;
}

/* The signer under another configuration: the present one ends first. */
static void
reload_signer(struct parent *parent, struct conf *conf)
{
	struct child	*signer = parent->signer;

	child_set_conf(signer, conf);
	if (signer->pid != 0) {
		signer->replace = 1;
		child_close(signer);
		return;
	}
	signer->was_ready = conf == parent->conf;
	signer->failures = 0;
	signer->backoff = 0;
	supervise_start(signer);
}

void
reload_failed(struct parent *parent, const char *why)
{
	struct reload		*rl = &parent->reload;
	struct generation	*fresh = rl->fresh;
	char			 text[RELOAD_MAX_TEXT + 1];

	/* why may belong to what is freed below; cut is fine. */
	(void)strlcpy(text, why == NULL ? "no reason was given" : why,
	    sizeof(text));
	resolve_cancel(rl->resolve);
	rl->resolve = NULL;
	if (rl->conf != NULL)
		listener_unlink(rl->conf, parent->conf);
	if (rl->signer && rl->state >= RELOAD_SIGNER && parent->signer != NULL)
		reload_signer(parent, parent->conf);
	rl->fresh = NULL;
	if (fresh != NULL)
		generation_close(fresh);
	reload_finish(parent, 1, text);
}

/* The journal was rotated or moved: the chain of its lines goes on. */
static void
reload_journal(struct parent *parent)
{
	struct child	*signer = parent->signer;

	if (signer == NULL || signer->pid == 0 || signer->leaving)
		return;		/* its successor is given the new one */
	if (signer->linked && child_conf_send_journal(signer) == 0) {
		log_info("journal: the signer goes on in %s",
		    parent->conf->journal);
		return;
	}
	/* It has the old one already, and has not started. */
	signer->replace = 1;
	child_close(signer);
}

static void
reload_commit(struct parent *parent)
{
	struct reload		*rl = &parent->reload;
	struct generation	*gen, *next, *fresh = rl->fresh;
	struct conf		*old = parent->conf;
	const char		*text;

	text = rl->signer && rl->generation ? "configuration reloaded: "
	    "signer, brokers, hashers and frontends are new" :
	    rl->signer ? "configuration reloaded: the signer is new" :
	    rl->generation ? "configuration reloaded: brokers, hashers and "
	    "frontends are new" : rl->journal ? "configuration reloaded: the "
	    "journal is another file" :
	    "configuration reloaded: nothing to restart";
	parent->conf = conf_ref(rl->conf);
	if (strcmp(parent->conf->control, old->control) != 0)
		log_warnx("control socket: %s until the next start",
		    old->control);
	if (parent->conf->verbose != old->verbose)
		parent_set_verbose(parent, (int)parent->conf->verbose);
	if (parent->signer != NULL)
		child_set_conf(parent->signer, parent->conf);
	if (rl->journal && !rl->signer)
		reload_journal(parent);
	if (fresh != NULL) {
		listener_unlink(old, parent->conf);
		TAILQ_FOREACH_SAFE(gen, &parent->generations, entry, next)
			if (gen != fresh)
				generation_drain(gen);
	}
	conf_free(old);
	reload_finish(parent, 0, text);
}

static void
reload_generation(struct parent *parent)
{
	struct reload		*rl = &parent->reload;
	struct generation	*gen;
	int			 n = 0;

	if (!rl->generation) {
		reload_commit(parent);
		return;
	}
	rl->state = RELOAD_GENERATION;
	TAILQ_FOREACH(gen, &parent->generations, entry)
		n++;
	if (n >= PARENT_GENERATIONS) {
		reload_failed(parent, "former configurations still finish "
		    "their requests; try again in a moment");
		return;
	}
	rl->fresh = generation_new(parent, rl->conf);
	if (rl->fresh == NULL)
		reload_failed(parent, "children cannot be started");
}

void
reload_signer_ready(struct parent *parent)
{
	if (parent->reload.state == RELOAD_SIGNER)
		reload_generation(parent);
}

void
reload_generation_ready(struct parent *parent)
{
	reload_commit(parent);
}

/* Everything is open and known: which children need it? */
static void
reload_go(struct parent *parent)
{
	struct reload	*rl = &parent->reload;

	rl->signer = resource_differ_signer(parent->conf, rl->conf);
	rl->journal = resource_differ_journal(parent->conf, rl->conf);
	rl->generation = resource_differ_others(parent->conf, rl->conf);
	if (rl->signer == -1 || rl->journal == -1 || rl->generation == -1) {
		rl->signer = 0;
		reload_failed(parent, "out of memory");
		return;
	}
	if (!rl->signer || parent->signer == NULL) {
		reload_generation(parent);
		return;
	}
	rl->state = RELOAD_SIGNER;
	reload_signer(parent, rl->conf);
}

static void
reload_resolved(int failed, const char *text, void *arg)
{
	struct parent	*parent = arg;

	parent->reload.resolve = NULL;
	if (failed)
		reload_failed(parent, text);
	else
		reload_go(parent);
}

/* A reload begins; 0, or -1: cannot now. */
static int
reload_begin(struct parent *parent, reload_done_cb cb, void *arg)
{
	struct reload	*rl = &parent->reload;
	const char	*trouble = NULL;

	if (parent->stopping)
		trouble = "grantd is stopping";
	else if (!parent->announced)
		trouble = "grantd is still starting";
	else if (rl->state != RELOAD_NONE)
		trouble = "a reload is under way already";
	if (trouble == NULL) {
		rl->state = RELOAD_RESOLVE;
		rl->cb = cb;
		rl->arg = arg;
		return 0;
	}
	if (cb != NULL)
		cb(1, trouble, arg);
	else if (rl->state != RELOAD_NONE)
		rl->again = 1;
	else
		log_warnx("not reloaded: %s", trouble);
	return -1;
}

void
reload_start(struct parent *parent, reload_done_cb cb, void *arg)
{
	struct reload		*rl = &parent->reload;
	struct reload_text	 rt = { "" };
	struct conf_report	 report = { reload_complaint, &rt, 0 };

	if (reload_begin(parent, cb, arg) == -1)
		return;
	notify_reloading();
	log_info("reading %s again", parent->conf_path);
	rl->conf = conf_load(parent->conf_path, reload_complaint, &rt);
	if (rl->conf != NULL)
		resource_open(rl->conf, parent->conf, parent->privileged,
		    &report, parent->conf_path);
	if (rl->conf == NULL || report.errors > 0) {
		reload_failed(parent, rt.text);
		return;
	}
	if (resolve_numeric(rl->conf)) {
		reload_go(parent);
		return;
	}
	rl->resolve = resolve_start(parent->base, rl->conf,
	    parent->privileged, reload_resolved, parent);
	if (rl->resolve == NULL)
		reload_failed(parent, "host names cannot be looked up");
}
