// SPDX-License-Identifier: GPL-2.0-only
/* Memory blocks as /sys/devices/system/memory shows them, under any root. */
#include "memblk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libudev.h>

#include "cleanup.h"
#include "parse.h"
#include "sysfile.h"

#define MEMORY_DIR "/sys/devices/system/memory"
#define PATH_BYTES 512

static const char *const state_names[] = {
	[HS_MEMBLK_OFFLINE] = "offline",
	[HS_MEMBLK_ONLINE] = "online",
	[HS_MEMBLK_GOING_OFFLINE] = "going-offline",
	[HS_MEMBLK_UNKNOWN] = "unknown",
};

const char *hs_memblk_state_name(enum hs_memblk_state s)
{
	return s <= HS_MEMBLK_UNKNOWN ? state_names[s] : "unknown";
}

static enum hs_memblk_state find_state(const char *name)
{
	int i;

	for (i = 0; i < HS_MEMBLK_UNKNOWN; i++)
		if (!strcmp(state_names[i], name))
			break;
	return (enum hs_memblk_state)i;
}

/* The number behind @prefix when that is all there is: "memory32", "node0". */
static int parse_numbered(const char *name, const char *prefix, uint64_t max, uint64_t *value)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) || name[len + strspn(name + len, "0123456789")])
		return -EINVAL;
	return hs_parse_u64(name + len, 0, max, value);
}

/* The kernel writes block_size_bytes and phys_index in hex without a 0x. */
static int read_hex(int dir_fd, const char *path, uint64_t *value)
{
	char text[32] = "0x";
	int r = hs_sysfile_read_line(dir_fd, path, text + 2, sizeof(text) - 2);

	return r < 0 ? r : hs_parse_u64(text, 0, UINT64_MAX, value);
}

int hs_memblk_path(const struct hs_memblk_list *l, unsigned long index,
		   const char *attr, char *path, size_t path_bytes)
{
	return hs_sysfile_path(path, path_bytes, l->sysroot, MEMORY_DIR "/memory%lu/%s",
			       index, attr);
}

static int read_state(int dir_fd, struct hs_memblk *b)
{
	char text[32];
	int r = hs_sysfile_read_line(dir_fd, "state", text, sizeof(text));

	if (r < 0)
		return r;
	b->state = find_state(text);
	if (hs_sysfile_read_line(dir_fd, "valid_zones", b->zones, sizeof(b->zones)) < 0)
		b->zones[0] = '\0';
	return 0;
}

int hs_memblk_refresh(const struct hs_memblk_list *l, struct hs_memblk *b)
{
	_cleanup_close_ int dir_fd = -1;
	char path[PATH_BYTES];
	int r = hs_memblk_path(l, b->index, "", path, sizeof(path));

	if (r < 0)
		return r;
	dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = dir_fd < 0 ? -errno : read_state(dir_fd, b);
	return r == -ENOENT ? -ENODEV : r;
}

/* The node is a link beside the attributes; without NUMA there is none. */
static int read_node(DIR *dir)
{
	struct dirent *e;
	uint64_t node;

	while ((e = readdir(dir)))
		if (!parse_numbered(e->d_name, "node", INT_MAX, &node))
			return (int)node;
	return -1;
}

/* Its files by way of its open folder: a machine may have a hundred thousand of them. */
static int read_block(const struct hs_memblk_list *l, struct hs_memblk *b)
{
	char path[PATH_BYTES];
	uint64_t v;
	DIR *dir;
	int r = hs_memblk_path(l, b->index, "", path, sizeof(path));

	if (r < 0)
		return r;
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ENODEV : -errno;
	r = read_state(dirfd(dir), b);
	if (!r)
		r = read_hex(dirfd(dir), "phys_index", &v);
	if (!r) {
		b->phys_index = (unsigned long)v;
		b->node = read_node(dir);
	}
	closedir(dir);
	return r == -ENOENT ? -ENODEV : r;
}

static int add_block(struct hs_memblk_list *l, const char *name)
{
	struct hs_memblk b = { .node = -1 }, *grown;
	uint64_t index;
	int r;

	/* The memory bus also has "memory" itself, and may get other names. */
	if (parse_numbered(name, "memory", ULONG_MAX, &index) < 0)
		return 0;
	b.index = (unsigned long)index;
	r = read_block(l, &b);
	/* Unplugged since the directory was read: not an error of ours. */
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	if (!(l->nr & (l->nr - 1))) {	/* 0, 1, 2, 4, …: full */
		grown = reallocarray(l->blk, l->nr ? 2 * l->nr : 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		l->blk = grown;
	}
	l->blk[l->nr++] = b;
	return 0;
}

static int enumerate_sysroot(struct hs_memblk_list *l)
{
	char path[PATH_BYTES];
	struct dirent *e;
	DIR *dir;
	int r;

	r = hs_sysfile_path(path, sizeof(path), l->sysroot, MEMORY_DIR);
	if (r < 0)
		return r;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!r && (e = readdir(dir)))
		r = add_block(l, e->d_name);
	closedir(dir);
	return r;
}

static int enumerate_udev(struct hs_memblk_list *l)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *all = udev ? udev_enumerate_new(udev) : NULL;
	struct udev_list_entry *e;
	int r = -ENOMEM;

	if (!all)
		goto out;
	r = udev_enumerate_add_match_subsystem(all, "memory");
	if (r >= 0)
		r = udev_enumerate_scan_devices(all);
	if (r < 0)
		goto out;
	r = 0;
	udev_list_entry_foreach(e, udev_enumerate_get_list_entry(all)) {
		const char *slash = strrchr(udev_list_entry_get_name(e), '/');

		r = slash ? add_block(l, slash + 1) : 0;
		if (r < 0)
			break;
	}
out:
	udev_enumerate_unref(all);
	udev_unref(udev);
	return r;
}

/*
 * Since Linux commit 53cdc1cb29e8 ("drivers/base/memory.c: indicate all memory blocks as
 * removable", v5.7) the attribute is of the kernel: 0 without MEMORY_HOTREMOVE.
 */
static bool blocks_stay(const struct hs_memblk_list *l)
{
	char path[PATH_BYTES], text[8];

	return l->nr &&
	       !hs_memblk_path(l, l->blk[0].index, "removable", path, sizeof(path)) &&
	       hs_sysfile_read(path, text, sizeof(text)) >= 0 && !strcmp(text, "0");
}

static int compare(const void *a, const void *b)
{
	const struct hs_memblk *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

int hs_memblk_list_init(struct hs_memblk_list *l, const char *sysroot)
{
	char path[PATH_BYTES];
	int r;

	memset(l, 0, sizeof(*l));
	if (hs_sysfile_path(l->sysroot, sizeof(l->sysroot), sysroot, "%s", "") < 0)
		return -ENAMETOOLONG;
	if (*l->sysroot && access(l->sysroot, X_OK) < 0)
		return -errno;
	r = hs_sysfile_path(path, sizeof(path), l->sysroot, MEMORY_DIR "/block_size_bytes");
	if (r < 0)
		return r;
	r = read_hex(AT_FDCWD, path, &l->block_bytes);
	if (r == -ENOENT || r == -ENOTDIR)
		return -ENOTSUP;
	if (r < 0)
		return r;
	if (!l->block_bytes)
		return -EINVAL;
	r = *l->sysroot ? enumerate_sysroot(l) : enumerate_udev(l);
	if (r < 0) {
		hs_memblk_list_deinit(l);
		return r;
	}
	if (l->nr)
		qsort(l->blk, l->nr, sizeof(*l->blk), compare);
	l->stay = blocks_stay(l);
	return 0;
}

int hs_memblk_list_copy(struct hs_memblk_list *l, const struct hs_memblk_list *from)
{
	*l = *from;
	l->blk = from->nr ? calloc(from->nr, sizeof(*l->blk)) : NULL;
	if (!l->blk) {
		l->nr = 0;
		return from->nr ? -ENOMEM : 0;
	}
	memcpy(l->blk, from->blk, from->nr * sizeof(*l->blk));
	return 0;
}

void hs_memblk_list_deinit(struct hs_memblk_list *l)
{
	free(l->blk);
	l->blk = NULL;
	l->nr = 0;
}

unsigned int hs_memblk_whole_nodes(const struct hs_memblk_list *l,
				   bool (*may_go)(const struct hs_memblk *b, void *ctx),
				   void *ctx)
{
	bool has[HS_NODE_MAX + 1] = { false }, stays[HS_NODE_MAX + 1] = { false };
	unsigned int nr = 0;

	for (size_t i = 0; i < l->nr; i++) {
		const struct hs_memblk *b = &l->blk[i];

		if (b->state != HS_MEMBLK_ONLINE || b->node < 0 || b->node > HS_NODE_MAX)
			continue;
		has[b->node] = true;
		stays[b->node] |= !may_go(b, ctx);
	}
	for (int node = 0; node <= HS_NODE_MAX; node++)
		nr += has[node] && !stays[node];
	return nr;
}

const char *hs_memblk_why_none(const struct hs_memblk_list *l)
{
	if (!l->block_bytes)
		return "there are no memory blocks: the kernel is built without MEMORY_HOTPLUG, or /sys is not mounted";
	return l->stay ? "this kernel takes no memory offline: it is built without MEMORY_HOTREMOVE" : NULL;
}

struct hs_memblk *hs_memblk_list_get(struct hs_memblk_list *l, unsigned long index)
{
	struct hs_memblk key = { .index = index };

	return l->nr ? bsearch(&key, l->blk, l->nr, sizeof(key), compare) : NULL;
}

bool hs_memblk_in_zone(const struct hs_memblk *b, const char *zone)
{
	size_t len = strlen(zone);

	return len && !strncmp(b->zones, zone, len) &&
	       (b->zones[len] == ' ' || !b->zones[len]);
}
