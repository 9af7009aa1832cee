// SPDX-License-Identifier: GPL-2.0-only
/* The reader, both ends of the memory that it shares. */
#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "clock.h"
#include "sysfile.h"

#define STOP_MS 1000

const char *const hs_reader_file_names[HS_READER_NR_FILES] = {
	[HS_READER_STATE] = "state",
	[HS_READER_ZONES] = "valid_zones",
	[HS_READER_REMOVABLE] = "removable",
	[HS_READER_PHYS_INDEX] = "phys_index",
};

/* ---- What a file may say --------------------------------------------------- */

static bool is_state(const char *text)
{
	return !strcmp(text, hs_memblk_state_name(HS_MEMBLK_ONLINE)) ||
		!strcmp(text, hs_memblk_state_name(HS_MEMBLK_OFFLINE)) ||
		!strcmp(text, hs_memblk_state_name(HS_MEMBLK_GOING_OFFLINE));
}

static bool is_zone(const char *name, size_t len)
{
	static const char *const zones[] = {
		"DMA", "DMA32", "Normal", "HighMem", "Movable", "Device",
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (strlen(zones[i]) == len && !strncmp(zones[i], name, len))
			return true;
	return false;
}

/* "none", or names with one space between two. */
static bool is_zones(const char *text)
{
	size_t len;

	if (!strcmp(text, "none"))
		return true;
	for (;; text += len + 1) {
		len = strcspn(text, " ");
		if (!is_zone(text, len))
			return false;
		if (!text[len])
			return true;
	}
}

static bool is_hex(const char *text)
{
	size_t len = 0;

	while (isxdigit((unsigned char)text[len]))
		len++;
	return len >= 8 && len <= 16 && !text[len];
}

bool hs_reader_is_sound(enum hs_reader_file file, const char *text)
{
	switch (file) {
	case HS_READER_STATE:
		return is_state(text);
	case HS_READER_ZONES:
		return is_zones(text);
	case HS_READER_REMOVABLE:
		return !strcmp(text, "0") || !strcmp(text, "1");
	case HS_READER_PHYS_INDEX:
		return is_hex(text);
	default:
		return false;
	}
}

/* ---- The supervisor's end --------------------------------------------------- */

int hs_reader_start(struct hs_reader *r, const char *root)
{
	_cleanup_close_ int fd = memfd_create("hotsoak-reader", MFD_CLOEXEC);
	char *argv[] = { "hotsoak", "reader", "3", (char *)(root ? root : ""), NULL };
	int err;

	if (fd < 0 || ftruncate(fd, sizeof(*r->shared)) < 0)
		return -errno;
	r->shared = mmap(NULL, sizeof(*r->shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r->shared == MAP_FAILED) {
		r->shared = NULL;
		return -errno;
	}
	atomic_store(&r->shared->block, HS_READER_NO_BLOCK);
	err = hs_child_spawn_self(argv, fd, 0, &r->pid);
	if (err < 0)
		hs_reader_stop(r);
	return err;
}

void hs_reader_stop(struct hs_reader *r)
{
	if (r->pid)
		hs_child_kill(r->pid, STOP_MS);
	if (r->shared)
		munmap(r->shared, sizeof(*r->shared));
	*r = (struct hs_reader){ 0 };
}

void hs_reader_aim(struct hs_reader *r, unsigned long block)
{
	atomic_store(&r->shared->block, block);
}

uint64_t hs_reader_wrong(const struct hs_reader *r, unsigned long block, uint64_t from_ns,
			 uint64_t to_ns)
{
	const struct hs_reader_shared *sh = r->shared;
	uint64_t end = atomic_load(&sh->nr_samples), wrong = 0;
	uint64_t first = end > HS_READER_SAMPLES ? end - HS_READER_SAMPLES : 0;

	for (uint64_t i = first; i < end; i++) {
		struct hs_reader_sample s = sh->sample[i % HS_READER_SAMPLES];

		/* It may have been written over meanwhile, by one that is being written now. */
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load(&sh->nr_samples) + 1 > i + HS_READER_SAMPLES)
			continue;
		wrong += s.block == block && s.start_ns >= from_ns && s.end_ns <= to_ns;
	}
	return wrong;
}

/* ---- The child's end -------------------------------------------------------- */

static void sample_add(struct hs_reader_shared *sh, const struct hs_reader_sample *s)
{
	uint64_t nr = atomic_load(&sh->nr_samples);

	sh->sample[nr % HS_READER_SAMPLES] = *s;
	atomic_store(&sh->nr_samples, nr + 1);
}

/* The block is gone, or the machine short of something: that is not the file's fault. */
static bool is_innocent(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENOMEM || err == -EMFILE ||
		err == -ENFILE;
}

static void file_read(struct hs_reader_shared *sh, const struct hs_memblk_list *l, uint64_t block,
		      enum hs_reader_file file, bool is_aim)
{
	struct hs_reader_sample s = { .block = block };
	char path[PATH_MAX], text[64];
	int r;

	if (hs_memblk_path(l, block, hs_reader_file_names[file], path, sizeof(path)) < 0)
		return;
	s.start_ns = hs_clock_ns();
	r = hs_sysfile_read(path, text, sizeof(text));
	s.end_ns = hs_clock_ns();
	if (is_innocent(r))
		return;
	atomic_fetch_add(&sh->reads, 1);
	if (r < 0 || !hs_reader_is_sound(file, text)) {
		if (!atomic_load(&sh->unsound) && r < 0)
			snprintf(sh->text, sizeof(sh->text), "memory%llu/%s: %s",
				 (unsigned long long)block, hs_reader_file_names[file], strerror(-r));
		else if (!atomic_load(&sh->unsound))
			snprintf(sh->text, sizeof(sh->text), "memory%llu/%s says \"%s\"",
				 (unsigned long long)block, hs_reader_file_names[file], text);
		atomic_fetch_add(&sh->unsound, 1);
	}
	if (file != HS_READER_STATE || !is_aim || r < 0)
		return;
	if (!strcmp(text, hs_memblk_state_name(HS_MEMBLK_GOING_OFFLINE)))
		atomic_fetch_add(&sh->going, 1);
	else
		sample_add(sh, &s);
}

static void block_read(struct hs_reader_shared *sh, const struct hs_memblk_list *l, uint64_t block,
		       bool is_aim)
{
	for (int file = 0; file < HS_READER_NR_FILES; file++)
		file_read(sh, l, block, (enum hs_reader_file)file, is_aim);
}

int hs_reader_work(int fd, const char *root)
{
	struct hs_reader_shared *sh;
	struct hs_memblk_list l;
	int r = hs_memblk_list_init(&l, root);

	if (r < 0)
		return r;
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (sh == MAP_FAILED)
		return -errno;
	for (size_t at = 0; l.nr; at = (at + 1) % l.nr) {
		uint64_t block = atomic_load(&sh->block);

		if (block != HS_READER_NO_BLOCK)
			block_read(sh, &l, block, true);
		block_read(sh, &l, l.blk[at].index, false);
	}
	return -ENOENT;
}
