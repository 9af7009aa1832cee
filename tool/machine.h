/* SPDX-License-Identifier: GPL-2.0-only */
/* What this machine has of what a scenario needs; only looks, touches nothing. */
#ifndef HS_MACHINE_H
#define HS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memblk.h"
#include "scenario.h"
#include "tally.h"
#include "zone.h"

enum hs_item_status {
	HS_ITEM_OK,
	HS_ITEM_WARN,			/* runs, but somebody should know */
	HS_ITEM_NO,			/* the scenario needs it */
	HS_NR_ITEM_STATUSES
};

extern const char *const hs_item_status_names[HS_NR_ITEM_STATUSES];

struct hs_machine {
	char sysroot[256];		/* "": the running system */
	bool root;			/* a captured tree counts as seen by root */
	bool hotplug;			/* there are memory blocks */
	struct hs_memblk_list blocks;
	struct hs_zone_list zones;
	unsigned int movable_blocks;	/* online, in ZONE_MOVABLE */
	unsigned int cpus;		/* online; 0: not known */
	char release[65];		/* of the kernel */
	char auto_online[32];		/* policy, "" when there is none */
	uint64_t taint;
	bool guest;			/* hotsoak.guest=1 */

	bool module_loaded;		/* /sys/module/hotsoak */
	bool module_loadable;		/* modprobe would find it */
	int device_error;		/* of opening /dev/hotsoak; -ENOENT: not there */
	uint32_t abi;			/* 0: not asked; then the next two are unknown too */
	uint64_t promised, usable;	/* bits of the module's invariants */
	int lockdep;			/* hs_lockdep_ask() */
	int hwpoison;			/* hs_hwpoison_ask() */
	int hog;			/* hs_hog_ask() */
	int compaction;			/* hs_compact_ask() */
	int balloon;			/* hs_balloon_ask() */
	int virtio_mem;			/* hs_virtio_mem_ask() */
	int huge_hwpoison;		/* hs_hwpoison_huge_ask() */
	int hard_hwpoison;		/* hs_hwpoison_hard_ask() */
	struct hs_tally seen;		/* the hooks of the module's last arming, and what
					 * the kernel promises */
	char probing[96];		/* what of the kernel's probing is off, "" nothing known */
	char lockdown[32];		/* "" not locked down */
	bool stress_ng;
	char others[320];		/* who else acts on memory blocks, "" nobody */
};

/* 0, or a negative errno when the sysroot itself cannot be looked at. */
int hs_machine_init(struct hs_machine *m, const char *sysroot);
void hs_machine_deinit(struct hs_machine *m);

/* One thing to look at: fills @words and says how it stands for @s. */
struct hs_machine_item {
	const char *name;
	enum hs_item_status (*look)(const struct hs_machine *m, const struct hs_scenario *s,
				    char *words, size_t words_bytes);
};

extern const struct hs_machine_item hs_machine_items[];	/* ends with name == NULL */

/* Number of things that @s needs and @m lacks; their names in @names. */
unsigned int hs_machine_lacks(const struct hs_machine *m, const struct hs_scenario *s,
			      char *names, size_t names_bytes);

#endif
