// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of files on a disk: page-cache has them written out before, and dirty on their way
 * when they are to go. The file has no name: it goes with who has it open.
 */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "cleanup.h"

/* -ENODEV: files there are pages that never leave. */
int hs_pages_file_ask(const char *root, const char *dir)
{
	_cleanup_close_ int fd = -1;
	struct statfs fs;

	(void)root;
	if (statfs(dir, &fs) < 0)
		return -errno;
	switch ((unsigned long)fs.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return -ENODEV;
	}
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : 0;
}

static const char *file_words(int answer)
{
	switch (answer) {
	case 0:
		return "the directory is on a disk";
	case -ENODEV:
		return "the directory is not on a disk (tmpfs, or an overlay): name another by its key directory";
	case -EOPNOTSUPP:
		return "the directory is on a file system without O_TMPFILE: name another by its key directory";
	case -ENOENT:
		return "the directory is not there: name another by its key directory";
	default:
		return strerror(-answer);
	}
}

int hs_pages_take_file(struct hs_pages *w, struct hs_region *r)
{
	int err;

	r->fd = open(hs_pages_directory(w), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return -errno;
	/* Room for all of it now: later it would be SIGBUS. */
	err = fallocate(r->fd, 0, 0, (off_t)r->bytes) < 0 ? -errno : 0;
	if (err == -EOPNOTSUPP)
		err = ftruncate(r->fd, (off_t)r->bytes) < 0 ? -errno : 0;
	return err < 0 ? err : hs_pages_map_file(r);
}

static int cache_filled(struct hs_pages *w, struct hs_region *r)
{
	(void)w;
	return fdatasync(r->fd) < 0 ? -errno : 0;
}

/* By now they have been written: each is changed, to what it is, and on its way again. */
static void dirty_aimed(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += hs_pages_page(w)) {
		volatile char *byte = at + i;

		*byte = *byte;
	}
	sync_file_range(r->fd, at - r->addr, (off_t)bytes, SYNC_FILE_RANGE_WRITE);
}

/* Whoever maps a page keeps it in the cache. */
static void leave_cache(struct hs_region *r, char *at, size_t bytes)
{
	madvise(at, bytes, MADV_DONTNEED);
	posix_fadvise(r->fd, at - r->addr, (off_t)bytes, POSIX_FADV_DONTNEED);
}

static void punch(struct hs_region *r, char *at, size_t bytes)
{
	fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at - r->addr, (off_t)bytes);
}

static void cache_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	switch (hs_random_below(hs_pages_random(w), 3)) {
	case 0:
		leave_cache(r, at, bytes);
		break;
	case 1:
		punch(r, at, bytes);
		break;
	default:
		/* By reclaim, as when memory is short. */
		madvise(at, bytes, MADV_PAGEOUT);
	}
}

/* Dirty pages do not leave before they are written, and a hole waits for that. */
static void dirty_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	if (hs_random_below(hs_pages_random(w), 2))
		punch(r, at, bytes);
	else
		leave_cache(r, at, bytes);
}

const struct hs_pages_kind hs_pages_page_cache = {
	.ask = hs_pages_file_ask,
	.ask_words = file_words,
	.take = hs_pages_take_file,
	.filled = cache_filled,
	.give = cache_give,
	.drop = hs_pages_drop_file,
};

const struct hs_pages_kind hs_pages_dirty = {
	.ask = hs_pages_file_ask,
	.ask_words = file_words,
	.take = hs_pages_take_file,
	.aimed = dirty_aimed,
	.give = dirty_give,
	.drop = hs_pages_drop_file,
};
