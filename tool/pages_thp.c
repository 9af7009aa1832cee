// SPDX-License-Identifier: GPL-2.0-only
/* Transparent huge pages, whole and in parts, which splits them. */
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "sysfile.h"

#define ENABLED		"/sys/kernel/mm/transparent_hugepage/enabled"
#define THP_BYTES	(UINT64_C(2) << 20)

static int thp_ask(const char *root, const char *dir)
{
	char path[PATH_MAX], text[64];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", ENABLED);

	(void)dir;
	if (!r)
		r = hs_sysfile_read(path, text, sizeof(text));
	return r < 0 ? r : strstr(text, "[never]") ? -EPERM : 0;
}

static const char *thp_words(int answer)
{
	switch (answer) {
	case 0:
		return "the kernel gives transparent huge pages to who asks";
	case -EPERM:
		return "transparent huge pages are off (" ENABLED ")";
	case -ENOENT:
		return "the kernel was built without TRANSPARENT_HUGEPAGE";
	default:
		return strerror(-answer);
	}
}

/* The mapping begins where a huge page can: the kernel gives none to a part of one. */
static int thp_take(struct hs_pages *w, struct hs_region *r)
{
	char *all, *end;
	int err;

	r->bytes += THP_BYTES;
	err = hs_pages_take_anon(w, r);
	r->bytes -= THP_BYTES;
	if (err < 0)
		return err;
	all = r->addr;
	r->addr = (char *)(((uintptr_t)all + THP_BYTES - 1) & ~(THP_BYTES - 1));
	end = all + r->bytes + THP_BYTES;
	if (r->addr > all)
		munmap(all, (size_t)(r->addr - all));
	if (r->addr + r->bytes < end)
		munmap(r->addr + r->bytes, (size_t)(end - r->addr) - r->bytes);
	madvise(r->addr, r->bytes, MADV_HUGEPAGE);
	return 0;
}

/* A part of a huge page that goes leaves the rest to be split, which the kernel puts off. */
static void thp_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	size_t half = THP_BYTES / 2;

	(void)r;
	switch (hs_random_below(hs_pages_random(w), 3)) {
	case 0:
		hs_pages_unmap(at, bytes);
		madvise(at, bytes, MADV_HUGEPAGE);
		break;
	case 1:
		madvise(at, bytes, MADV_DONTNEED);
		break;
	default:
		for (size_t i = 0; i < bytes; i += half)
			madvise(at + i, bytes - i < half ? bytes - i : half, MADV_DONTNEED);
	}
}

const struct hs_pages_kind hs_pages_thp = {
	.unit = THP_BYTES,
	.ask = thp_ask,
	.ask_words = thp_words,
	.take = thp_take,
	.give = thp_give,
	.exits = true,
};
