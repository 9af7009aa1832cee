// SPDX-License-Identifier: GPL-2.0-only
/* Anonymous pages that are swapped out, and come in again when they are checked. */
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "cleanup.h"
#include "sysfile.h"

#define SWAPS	"/proc/swaps"

int hs_pages_swap_ask(const char *root, const char *dir)
{
	char path[PATH_MAX], line[256];
	_cleanup_fclose_ FILE *f = NULL;
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", SWAPS);

	(void)dir;
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	/* A line of headings, then one for each. */
	return fgets(line, sizeof(line), f) && fgets(line, sizeof(line), f) ? 0 : -ENODEV;
}

static const char *swap_words(int answer)
{
	switch (answer) {
	case 0:
		return "there is swap";
	case -ENODEV:
		return "there is no swap (swapon)";
	case -ENOENT:
		return "the kernel was built without SWAP";
	default:
		return strerror(-answer);
	}
}

static void swap_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)w;
	(void)r;
	madvise(at, bytes, MADV_PAGEOUT);
}

/* All that is not in yet comes in, and is looked at, before this. */
const struct hs_pages_kind hs_pages_swap = {
	.ask = hs_pages_swap_ask,
	.ask_words = swap_words,
	.take = hs_pages_take_anon,
	.give = swap_give,
	.keeps = true,
};
