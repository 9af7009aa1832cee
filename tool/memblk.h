/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory blocks as /sys/devices/system/memory shows them, under any root. */
#ifndef HS_MEMBLK_H
#define HS_MEMBLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_NODE_MAX	1023	/* CONFIG_NODES_SHIFT is 10 at most */

enum hs_memblk_state {
	HS_MEMBLK_OFFLINE,
	HS_MEMBLK_ONLINE,
	HS_MEMBLK_GOING_OFFLINE,
	HS_MEMBLK_UNKNOWN,
};

struct hs_memblk {
	unsigned long index;		/* N of memoryN */
	enum hs_memblk_state state;
	int node;			/* -1: not known */
	unsigned long phys_index;
	char zones[64];			/* valid_zones, "" when unreadable */
};

struct hs_memblk_list {
	char sysroot[256];		/* "" for the running system */
	uint64_t block_bytes;
	bool stay;			/* the kernel takes no block offline, ever */
	struct hs_memblk *blk;		/* sorted by index */
	size_t nr;
};

/*
 * Enumerates with libudev, or by reading SYSROOT/sys when @sysroot is not NULL
 * and not "". 0, or a negative errno: -ENOTSUP when the kernel has no memory
 * blocks. The caller frees with _deinit.
 */
int hs_memblk_list_init(struct hs_memblk_list *l, const char *sysroot);
/* Reads nothing; likewise freed with _deinit. 0 or -ENOMEM. */
int hs_memblk_list_copy(struct hs_memblk_list *l, const struct hs_memblk_list *from);
void hs_memblk_list_deinit(struct hs_memblk_list *l);

struct hs_memblk *hs_memblk_list_get(struct hs_memblk_list *l, unsigned long index);

/* Reads state and valid_zones again. */
int hs_memblk_refresh(const struct hs_memblk_list *l, struct hs_memblk *b);

/* Nodes with blocks online that all @may_go: those that can lose their last. */
unsigned int hs_memblk_whole_nodes(const struct hs_memblk_list *l,
				   bool (*may_go)(const struct hs_memblk *b, void *ctx),
				   void *ctx);

/* Why this kernel has no block that could be taken offline; NULL: it may have. */
const char *hs_memblk_why_none(const struct hs_memblk_list *l);

/* Absolute path of an attribute of a block: "state", "online", "valid_zones". */
int hs_memblk_path(const struct hs_memblk_list *l, unsigned long index,
		   const char *attr, char *path, size_t path_bytes);

/* First zone of valid_zones is the one that an online block is in. */
bool hs_memblk_in_zone(const struct hs_memblk *b, const char *zone);

const char *hs_memblk_state_name(enum hs_memblk_state s);

#endif
