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
 * Load on the real broker and signer, without a frontend: how many units a
 * second, how long they take, and the CPU of both.
 *
 *	broker_load BINDIR KEYDIR CONNINFO OPERATION CREDENTIAL ARGUMENTS
 *	    INFLIGHT SECONDS
 */

#include "config.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker_harness.h"

#define INFLIGHT_MAX	4096
#define SAMPLES_MAX	4000000

static struct harness	 h;
static double		 begun[INFLIGHT_MAX];
static float		*samples;
static size_t		 nsamples;

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* User and system time of a process, in seconds; 0 if it cannot be read. */
static double
cpu(pid_t pid, pid_t *parent)
{
	unsigned long user = 0, system = 0;
	char path[64], line[1024];
	char *p = NULL;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL)
		p = strrchr(line, ')');
	fclose(f);
	if (p == NULL || sscanf(p + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u "
	    "%*u %*u %lu %lu", parent, &user, &system) != 3)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Of all processes below the one that the environment names. */
static double
cpu_postgres(void)
{
	const char *postmaster = getenv("POSTMASTER");
	struct dirent *entry;
	double sum = 0, one;
	pid_t parent;
	DIR *dir;

	if (postmaster == NULL || (dir = opendir("/proc")) == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		parent = 0;
		one = cpu(atoi(entry->d_name), &parent);
		if (parent == atoi(postmaster))
			sum += one;
	}
	closedir(dir);
	return sum;
}

enum { BROKER, SIGNER, POSTGRES, CPUS };

static void
cpus(double out[CPUS])
{
	pid_t parent;

	out[BROKER] = cpu(h.broker.pid, &parent);
	out[SIGNER] = cpu(h.signer.pid, &parent);
	out[POSTGRES] = cpu_postgres();
}

int
main(int argc, char **argv)
{
	struct msg_reply r;
	double start, end, before[CPUS], after[CPUS];
	uint32_t id, slot, inflight, base;
	size_t bad = 0;

	if (argc != 9)
		errx(1, "usage: broker_load BINDIR KEYDIR CONNINFO OPERATION "
		    "CREDENTIAL ARGUMENTS INFLIGHT SECONDS");
	h.bindir = argv[1];
	h.keydir = argv[2];
	h.conninfo = argv[3];
	inflight = (uint32_t)atoi(argv[7]);
	if (inflight < 1 || inflight > INFLIGHT_MAX)
		errx(1, "1 to %d in flight", INFLIGHT_MAX);
	h.queue_max = inflight;
	if ((samples = calloc(SAMPLES_MAX, sizeof(*samples))) == NULL)
		err(1, "calloc");
	harness_start(&h);
	harness_state(&h, STATE_CONNECTED);
	start = now();
	end = start + atoi(argv[8]);
	cpus(before);
	base = h.next_id + 1;
	for (slot = 0; slot < inflight; slot++) {
		begun[slot] = now();
		(void)harness_send(&h, argv[4], CRED_ACCESS, argv[5], argv[6]);
	}
	/* an answer's place is taken by the next question */
	while (now() < end) {
		if (harness_receive(&h, &id, &r, HARNESS_WAIT) == -1)
			errx(1, "no answer");
		bad += r.status != 200;
		msg_reply_free(&r);
		slot = (id - base) % inflight;
		if (nsamples < SAMPLES_MAX)
			samples[nsamples++] = (float)(now() - begun[slot]);
		begun[slot] = now();
		h.next_id = id + inflight - 1;
		(void)harness_send(&h, argv[4], CRED_ACCESS, argv[5], argv[6]);
	}
	end = now() - start;
	cpus(after);
	qsort(samples, nsamples, sizeof(*samples), compare);
	printf("%s: %.0f/s, %u in flight, p50 %.2f ms, p99 %.2f ms, "
	    "us of CPU each: broker %.1f, signer %.1f, PostgreSQL %.1f, "
	    "failed %zu\n", argv[4], (double)nsamples / end, inflight,
	    samples[nsamples / 2] * 1e3, samples[nsamples * 99 / 100] * 1e3,
	    (after[BROKER] - before[BROKER]) * 1e6 / (double)nsamples,
	    (after[SIGNER] - before[SIGNER]) * 1e6 / (double)nsamples,
	    (after[POSTGRES] - before[POSTGRES]) * 1e6 / (double)nsamples,
	    bad);
	(void)harness_stop(&h);
	free(samples);
	return bad > 0;
}
