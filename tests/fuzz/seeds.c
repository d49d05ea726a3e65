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
 * main() of a fuzz driver without libFuzzer: runs it on every file of the
 * directories given, on each cut and on each changed byte of the small
 * ones.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SEED_MAX	(1024 * 1024)
#define SEED_SMALL	2048	/* bytes; with all its cuts and changes */

static size_t	 seeds, inputs;

/* An input on the heap of exactly its size, so that ASan sees any excess. */
static void
seed_input(const uint8_t *data, size_t len)
{
	uint8_t	*copy;

	if ((copy = malloc(len == 0 ? 1 : len)) == NULL)
		err(1, "malloc");
	memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	inputs++;
}

static void
seed_variants(uint8_t *data, size_t len)
{
	static const uint8_t	 values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t			 i, j;
	uint8_t			 saved;

	for (i = 0; i < len; i++) {
		seed_input(data, i);
		saved = data[i];
		for (j = 0; j < sizeof(values); j++) {
			data[i] = values[j];
			seed_input(data, len);
		}
		data[i] = saved;
	}
}

static void
seed_file(const char *path)
{
	FILE	*fp;
	uint8_t	*data;
	size_t	 len;

	if ((data = malloc(SEED_MAX)) == NULL)
		err(1, "malloc");
	if ((fp = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	len = fread(data, 1, SEED_MAX, fp);
	if (ferror(fp))
		errx(1, "%s cannot be read", path);
	(void)fclose(fp);
	seeds++;
	seed_input(data, len);
	if (len <= SEED_SMALL)
		seed_variants(data, len);
	free(data);
}

static void
seed_directory(const char *path)
{
	struct dirent	*entry;
	struct stat	 st;
	DIR		*dir;
	char		 file[1024];
	int		 n;

	if ((dir = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		n = snprintf(file, sizeof(file), "%s/%s", path,
		    entry->d_name);
		if (n < 0 || (size_t)n >= sizeof(file))
			errx(1, "path too long in %s", path);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			seed_file(file);
	}
	(void)closedir(dir);
}

int
main(int argc, char **argv)
{
	int	 i;

	if (argc < 2)
		errx(2, "usage: %s directory ...", argv[0]);
	for (i = 1; i < argc; i++)
		seed_directory(argv[i]);
	if (seeds == 0)
		errx(1, "no seeds in %s", argv[1]);
	printf("%zu seeds, %zu inputs\n", seeds, inputs);
	return 0;
}
