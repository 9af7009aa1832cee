// SPDX-License-Identifier: GPL-2.0-only
/* Pages with the same contents: KSM merges them, which frees all but one, and they are
 * parted again. */
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sysfile.h"

#define KSM	"/sys/kernel/mm/ksm/"

static int ksm_ask(const char *root, const char *dir)
{
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, KSM "run");

	(void)dir;
	return r < 0 ? r : access(path, F_OK) < 0 ? -errno : 0;
}

static const char *ksm_words(int answer)
{
	switch (answer) {
	case 0:
		return "the kernel can merge pages";
	case -ENOENT:
		return "the kernel was built without KSM";
	default:
		return strerror(-answer);
	}
}

/* Often enough for regions that live for some tenths of a second. */
static int ksm_knob(unsigned int i, const char **path, const char **value)
{
	static const struct { const char *path, *value; } knob[] = {
		{ KSM "pages_to_scan", "2000" }, { KSM "sleep_millisecs", "10" },
		{ KSM "run", "1" },
	};

	if (i >= sizeof(knob) / sizeof(knob[0]))
		return -ENOENT;
	*path = knob[i].path;
	*value = knob[i].value;
	return 0;
}

static int ksm_take(struct hs_pages *w, struct hs_region *r)
{
	int err = hs_pages_take_anon(w, r);

	if (!err && madvise(r->addr, r->bytes, MADV_MERGEABLE) < 0)
		err = -errno;
	return err;
}

static void ksm_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)r;
	/* Parted: each gets a page of its own, and the shared one goes with the last. */
	if (hs_random_below(hs_pages_random(w), 2))
		madvise(at, bytes, MADV_UNMERGEABLE);
	hs_pages_unmap(at, bytes);
	madvise(at, bytes, MADV_MERGEABLE);
}

const struct hs_pages_kind hs_pages_ksm = {
	.ask = ksm_ask,
	.ask_words = ksm_words,
	.knob = ksm_knob,
	.take = ksm_take,
	.give = ksm_give,
	.alike = true,
};
