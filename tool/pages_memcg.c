// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of workers that have less memory than they use: the limit of their cgroup takes some
 * at any moment, and those of a block that goes are taken when they are to be given back.
 * They come again as they are checked: clean pages of files on a disk, or anonymous ones
 * where there is swap, in every second region then.
 */
#include "pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "memcg.h"

/* -ENODATA: neither a disk nor swap. */
static int memcg_ask(const char *root, const char *dir)
{
	int r = hs_memcg_ask(root);

	if (r < 0)
		return r;
	return hs_pages_file_ask(root, dir) < 0 && hs_pages_swap_ask(root, dir) < 0 ? -ENODATA : 0;
}

static const char *memcg_words(int answer)
{
	switch (answer) {
	case 0:
		return "the kernel limits the memory of cgroups";
	case -ENXIO:
		return "no cgroup2 is mounted at /sys/fs/cgroup";
	case -ENOSYS:
		return "the cgroup2 at /sys/fs/cgroup has no memory controller (cgroup_disable=memory, or cgroup v1 has it)";
	case -EPERM:
		return "the memory controller is off for cgroups (echo +memory >/sys/fs/cgroup/cgroup.subtree_control)";
	case -EEXIST:
		return HS_MEMCG_DIR " is there already, and not of this run (rmdir it)";
	case -EROFS:
		return "/sys/fs/cgroup is read-only here, as in the sandbox of hotsoak.service";
	case -ENODATA:
		return "there is no swap, and the directory is not on a disk: name another by its key directory";
	default:
		return strerror(-answer);
	}
}

/* Room for what is asked for now, and for the other regions of the worker. */
static bool has_swap(const struct hs_region *r)
{
	struct sysinfo si;

	return !sysinfo(&si) && (uint64_t)si.freeswap * si.mem_unit / 4 > r->bytes;
}

static int memcg_take(struct hs_pages *w, struct hs_region *r)
{
	bool disk = !hs_pages_file_ask(NULL, hs_pages_directory(w)), swap = has_swap(r);

	if (!disk && !swap)
		return -ENOMEM;
	return swap && (!disk || hs_random_below(hs_pages_random(w), 2)) ?
		hs_pages_take_anon(w, r) : hs_pages_take_file(w, r);
}

/* Clean ones alone can go at once. */
static int memcg_filled(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	return r->fd >= 0 && fdatasync(r->fd) < 0 ? -errno : 0;
}

/* The kernel passes by what was used of late, and these have just been checked. */
static void memcg_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	(void)w;
	(void)r;
	madvise(at, bytes, MADV_COLD);
	hs_memcg_reclaim(bytes);
}

const struct hs_pages_kind hs_pages_memcg = {
	.ask = memcg_ask,
	.ask_words = memcg_words,
	.take = memcg_take,
	.filled = memcg_filled,
	.give = memcg_give,
	.drop = hs_pages_drop_file,
	.keeps = true,
	.limited = true,
};
