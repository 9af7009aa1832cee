/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes and zones: what memory each has, under any root. */
#ifndef HS_ZONE_H
#define HS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hs_zone {
	int node;
	char name[16];			/* "Movable" */
	uint64_t free_pages, present_pages, managed_pages;
	uint64_t file_pages;		/* on the file LRUs: could be reclaimed */
	uint64_t high_pages;		/* the high watermark */
	uint64_t reserve_pages;		/* kept from allocations that could go higher */
};

struct hs_zone_list {
	struct hs_zone *zone;		/* in the order of /proc/zoneinfo */
	size_t nr;
};

/* Reads SYSROOT/proc/zoneinfo; -EBADMSG when it cannot be understood. The
 * caller frees with _deinit. */
int hs_zone_list_init(struct hs_zone_list *l, const char *sysroot);
void hs_zone_list_deinit(struct hs_zone_list *l);

const struct hs_zone *hs_zone_list_get(const struct hs_zone_list *l, int node,
				       const char *name);

bool hs_zone_is_movable(const char *name);

/* Free memory of all zones of that name; 0 as well when there is none, or nothing is told. */
uint64_t hs_zone_free_bytes(const char *sysroot, const char *name);

/* Does libnuma know this node, with memory? Without NUMA: is it node 0? */
bool hs_node_is_known(int node);

/* A field of SYSROOT/proc/meminfo that is given in kB, such as "MemAvailable:";
 * -ENODATA when there is none. */
int hs_zone_meminfo_bytes(const char *sysroot, const char *field, uint64_t *bytes);

/* The machine's MemTotal: sysinfo(2), or SYSROOT/proc/meminfo. */
int hs_zone_memtotal_bytes(const char *sysroot, uint64_t *bytes);

#endif
