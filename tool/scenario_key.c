// SPDX-License-Identifier: GPL-2.0-only
/* The table of scenario keys, and what each value is when a file does not say. */
#include "scenario.h"

#include <stdio.h>
#include <string.h>

#include "invariant.h"

const char *const hs_policy_names[] = {
	[HS_POLICY_TOGGLE] = "toggle",
	[HS_POLICY_SWEEP] = "sweep",
	[HS_POLICY_RANDOM] = "random",
	NULL,
};

#define FIELD(f)	offsetof(struct hs_scenario, f), sizeof(((struct hs_scenario *)0)->f)
#define S		UINT64_C(1000000000)
#define DAYS		(24 * 3600 * S)

#define PAGES_KEYS(id, symbol, name, where, asked, needs, summary) \
	{ "freer " name, NULL, HS_KEY_ENABLES, FIELD(pages[HS_PAGES_##id].on), 0, 0, summary }, \
	{ "freer " name, "workers", HS_KEY_UINT, FIELD(pages[HS_PAGES_##id].workers), 1, 256, \
	  "processes" }, \
	{ "freer " name, "memory", HS_KEY_BYTES, FIELD(pages[HS_PAGES_##id].bytes), 1 << 20, \
	  UINT64_C(1) << 50, "memory of each worker" }, \
	KEYS_OF_##where(id, name)
#define KEYS_OF_MEMORY(id, name)
#define KEYS_OF_FILES(id, name) \
	{ "freer " name, "directory", HS_KEY_TEXT, FIELD(pages[HS_PAGES_##id].directory), 0, 0, \
	  "where its files are, on a disk; they have no names, and go with it" },

const struct hs_scenario_key hs_scenario_keys[] = {
	{ "scenario", "name", HS_KEY_TEXT, FIELD(name), 1, 0,
	  "what the verdict line calls it; letters, digits, '-', '_' and '.'; default: the file's name" },
	{ "scenario", "description", HS_KEY_TEXT, FIELD(description), 0, 0,
	  "one line for hotsoak scenarios" },
	{ "scenario", "danger", HS_KEY_DANGER, FIELD(danger), 0, 0,
	  "none, disturbs (needs --allow NAME) or corrupts (only in a marked guest)" },
	{ "scenario", "introduced", HS_KEY_TEXT, FIELD(introduced), 0, 0,
	  "the commit that brought what this looks for, with its version" },
	{ "scenario", "fixes", HS_KEY_TEXT, FIELD(fixes), 0, 0,
	  "the commits that mended it, with their versions" },
	{ "scenario", "emulated", HS_KEY_CONTROL, FIELD(emulated), 0, 0,
	  "the control that plants it where it has been mended" },
	{ "scenario", "expected", HS_KEY_EXPECTED, FIELD(expected), 0, 0,
	  "the verdict by kernel, such as 5.10 PASS, 6.1 FAIL; printed, and judges nothing" },

	{ "needs", "module", HS_KEY_BOOL, FIELD(needs_module), 0, 0,
	  "whether the kernel module must be there to watch" },
	{ "needs", "cpus", HS_KEY_UINT, FIELD(needs_cpus), 1, 1 << 20, "online CPUs" },
	{ "needs", "blocks", HS_KEY_UINT, FIELD(needs_blocks), 1, 1 << 30,
	  "online memory blocks in ZONE_MOVABLE" },
	{ "needs", "lockdep", HS_KEY_BOOL, FIELD(needs_lockdep), 0, 0,
	  "whether lockdep must watch (CONFIG_PROVE_LOCKING)" },
	{ "needs", "whole-nodes", HS_KEY_UINT, FIELD(needs_whole_nodes), 0, HS_NODE_MAX + 1,
	  "nodes that have all their memory in ZONE_MOVABLE, and lose their last block" },
	{ "needs", "kernel-memory", HS_KEY_BYTES, FIELD(needs_kernel_bytes), 0, UINT64_MAX,
	  "free memory in ZONE_NORMAL, so that the kernel has no need of the blocks" },
	{ "needs", "virtio-mem", HS_KEY_BOOL, FIELD(needs_virtio_mem), 0, 0,
	  "whether memory that a virtio-mem device has plugged is what is taken" },

	{ "target", "blocks", HS_KEY_BLOCKS, FIELD(blocks), 0, 0,
	  "memory blocks that may be taken: 32-47,50, or all; --blocks or --node replaces it" },
	{ "target", "node", HS_KEY_NODE, FIELD(node), 0, HS_NODE_MAX,
	  "take only blocks of this NUMA node" },

	{ "conductor", "policy", HS_KEY_POLICY, FIELD(policy), 0, 0,
	  "toggle (each block off and on), sweep (all off, then all on) or random" },
	{ "conductor", "alternate-zones", HS_KEY_BOOL, FIELD(alternate_zones), 0, 0,
	  "whether a block comes back in the kernel's zone and in ZONE_MOVABLE by turns" },
	{ "conductor", "duration", HS_KEY_DURATION_NS, FIELD(duration_ns), 0, 3650 * DAYS,
	  "wall-clock time of the run; 0 is until cycles or a signal" },
	{ "conductor", "cycles", HS_KEY_UINT, FIELD(cycles), 0, UINT64_MAX,
	  "off/on pairs; 0 is until duration or a signal" },
	{ "conductor", "limit", HS_KEY_DURATION_NS, FIELD(limit_ns), S / 1000, 3650 * DAYS,
	  "wall-clock time of one operation, then it is interrupted by a signal" },
	{ "conductor", "grace", HS_KEY_DURATION_NS, FIELD(grace_ns), S / 1000, 3650 * DAYS,
	  "time to answer that signal, then the operation counts as unanswered" },

	{ "witness", "invariants", HS_KEY_INVARIANTS, FIELD(invariants), 0, 0,
	  "all, or names separated by commas; each must be armed and checked" },
	{ "witness", "sample", HS_KEY_DURATION_US, FIELD(sample_us), 1, 1000000,
	  "mean pause between two looks at the pcplists in a window" },
	{ "witness", "widen", HS_KEY_DURATION_NS, FIELD(widen_max_ns), 0, HOTSOAK_WIDEN_MAX_NS,
	  "longest delay between migratetype read and pcp trylock; 0 is off" },
	{ "witness", "widen-one-in", HS_KEY_UINT, FIELD(widen_one_in), 1, UINT32_MAX,
	  "delay one free in this many" },

	{ "freer burst", NULL, HS_KEY_ENABLES, FIELD(burst), 0, 0,
	  "threads in the kernel give back pages of the block around its isolation" },
	{ "freer burst", "pages-per-block", HS_KEY_UINT, FIELD(burst_pages_per_block), 1, 1 << 20,
	  "pages taken from each pageblock" },
	{ "freer burst", "max-order", HS_KEY_UINT, FIELD(burst_max_order), 0, 3,
	  "given back in orders from 0 to this" },
	{ "freer burst", "early", HS_KEY_UINT, FIELD(burst_early_percent), 0, 100,
	  "percent given back before the isolation, to be E1; the rest is aimed at it" },
	{ "freer burst", "nolock", HS_KEY_BOOL, FIELD(burst_nolock), 0, 0,
	  "given back by free_pages_nolock(), as BPF does; SKIP where the kernel has none" },

	{ "freer contig-race", NULL, HS_KEY_ENABLES, FIELD(contig_race), 0, 0,
	  "alloc_contig_range() takes pageblocks before a block goes, pages of them being freed" },
	{ "freer contig-race", "trials", HS_KEY_UINT, FIELD(contig_race_trials), 1,
	  HOTSOAK_ACR_MAX_TRIALS, "pageblocks tried before each offline" },
	{ "freer contig-race", "pages", HS_KEY_UINT, FIELD(contig_race_pages), 1,
	  HOTSOAK_ACR_MAX_PAGES, "pages freed in each" },
	{ "freer contig-race", "pcplists", HS_KEY_BOOL, FIELD(contig_race_pcplists), 0, 0,
	  "left enabled, as the kernel does; no: disabled meanwhile, so that no page can hide" },
	{ "freer contig-race", "straddle", HS_KEY_BOOL, FIELD(contig_race_straddle), 0, 0,
	  "no frees: the second pageblock of a larger free page is taken" },
	{ "freer contig-race", "parallel", HS_KEY_BOOL, FIELD(contig_race_parallel), 0, 0,
	  "no frees: two neighbouring pageblocks are taken at the same time" },
	{ "freer contig-race", "mutex", HS_KEY_BOOL, FIELD(contig_race_mutex), 0, 0,
	  "with parallel: one after the other, under a mutex, as CMA does" },
	{ "freer contig-race", "halves", HS_KEY_BOOL, FIELD(contig_race_halves), 0, 0,
	  "with parallel: the halves of one pageblock, instead of two pageblocks" },

	HS_PAGES_FREERS(PAGES_KEYS)

	{ "freer hugetlb", NULL, HS_KEY_ENABLES, FIELD(hugetlb), 0, 0,
	  "processes take and give back 2 MiB pages of the hugetlb pool, which is resized meanwhile" },
	{ "freer hugetlb", "workers", HS_KEY_UINT, FIELD(hugetlb_workers), 1, 256, "processes" },
	{ "freer hugetlb", "pages", HS_KEY_UINT, FIELD(hugetlb_pages), 8, 1 << 20,
	  "pages of the pool at most, 2 MiB each" },

	{ "freer stress-ng", NULL, HS_KEY_ENABLES, FIELD(stress_ng), 0, 0,
	  "stress-ng has stressors on the target's node" },
	{ "freer stress-ng", "stressors", HS_KEY_STRESSORS, FIELD(stress_ng_options), 0, 0,
	  "options of stress-ng that name them, such as --vm 2 --vm-bytes 64M" },
	{ "freer stress-ng", "directory", HS_KEY_TEXT, FIELD(stress_ng_directory), 0, 0,
	  "where its files are, in a directory of its own that is gone afterwards" },

	{ "antagonist hold-page", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_HOLD_PAGE, 0,
	  "a page keeps an extra reference: the offline laps until it is interrupted" },
	{ "antagonist lock-page", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_LOCK_PAGE, 0,
	  "a page stays locked: the offline sleeps, deaf to signals" },
	{ "antagonist signals", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_SIGNALS, 0,
	  "offlines are interrupted by a signal at a random moment" },
	{ "antagonist contig", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_CONTIG, 0,
	  "alloc_contig_range() is called for a pageblock of each range that is isolated" },
	{ "antagonist notifier-error", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_NOTIFIER_ERROR, 0,
	  "a memory notifier refuses one offline in three with EBUSY" },
	{ "antagonist lru-batch", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_LRU_BATCH, 0,
	  "pages of the block are faulted in just before, and wait in the CPUs' LRU batches" },
	{ "antagonist soft-offline", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_SOFT_OFFLINE, 0,
	  "madvise(MADV_SOFT_OFFLINE) on a page of the block while it goes offline" },
	{ "antagonist fifo-hog", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_FIFO_HOG, 0,
	  "a real-time task that never sleeps has a CPU while a block goes offline" },

	{ "bystanders", NULL, HS_KEY_ENABLES, FIELD(bystanders), 0, 0,
	  "children do what a machine does all the time, to see who waits for an offline" },
	{ "antagonist poisoned-thp", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_POISONED_THP, 0,
	  "a huge page of the block is poisoned while it is pinned, and then pinned no more" },
	{ "antagonist poisoned-thp", "poison", HS_KEY_BOOL, FIELD(thp_poison), 0, 0,
	  "no: the same without the poison, so that the offline can be seen to end" },
	{ "antagonist sysfs-readers", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_SYSFS_READERS, 0,
	  "processes read the files of all blocks, and each transition must have one uevent" },
	{ "antagonist sysfs-readers", "workers", HS_KEY_UINT, FIELD(sysfs_workers), 1, 64, "processes" },

	{ "antagonist hard-poison", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_HARD_POISON, 0,
	  "a page of the block is poisoned before that goes or meanwhile, which then must not come online" },
	{ "antagonist hard-poison", "lose", HS_KEY_BOOL, FIELD(poison_lose), 0, 0,
	  "yes: a fault: the module takes the poison away before the online, which must FAIL" },
	{ "antagonist compact", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_COMPACT, 0,
	  "memory is compacted again and again while a block goes offline" },

	{ "antagonist pcp-fraction", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_PCP_FRACTION, 0,
	  "the limits of the pcplists are set anew again and again" },
	{ "antagonist watermark", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_WATERMARK, 0,
	  "min_free_kbytes is set to other values again and again" },
	{ "antagonist drop-caches", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_DROP_CACHES, 0,
	  "clean page cache and slab objects are dropped again and again" },
	{ "antagonist thp-toggle", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_THP_TOGGLE, 0,
	  "transparent huge pages are switched on and off again and again" },
	{ "antagonist ksm-run", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_KSM_RUN, 0,
	  "KSM is switched on and off, and unmerges, again and again" },
	{ "antagonist hugepage-pool", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_HUGEPAGE_POOL, 0,
	  "the pool of 2 MiB pages grows and shrinks again and again" },
	{ "antagonist cpu-hotplug", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_CPU_HOTPLUG, 0,
	  "CPUs go offline and come back again and again" },

	{ "antagonist online-other", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_ONLINE_OTHER, 0,
	  "another process puts blocks online behind the run's back" },
	{ "antagonist oom-edge", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_OOM_EDGE, 0,
	  "memory is taken until the run's headroom is all that is left, and given back" },
	{ "antagonist balloon", NULL, HS_KEY_ANTAGONIST, FIELD(antagonists), HS_ANTAGONIST_BALLOON, 0,
	  "a virtio-balloon is inflated and deflated meanwhile, by the hypervisor" },

	{ "expect", "windows", HS_KEY_UINT, FIELD(expect.min_windows), 0, UINT64_MAX,
	  "offline windows, at least; fewer is BROKEN, as with each of these" },
	{ "expect", "e1-per-window", HS_KEY_RATIO, FIELD(expect.min_e1_per_window), 0, 1000000000,
	  "frees between the disabling of the pcplists and the isolation, mean" },
	{ "expect", "e2-per-window", HS_KEY_RATIO, FIELD(expect.min_e2_per_window), 0, 1000000000,
	  "frees whose migratetype was read before the isolation, mean" },
	{ "expect", "samples-per-window", HS_KEY_RATIO, FIELD(expect.min_samples_per_window), 0,
	  1000000000, "looks at a CPU's pcplists, mean" },
	{ "expect", "interrupted", HS_KEY_UINT, FIELD(expect.min_interrupted), 0, UINT64_MAX,
	  "offlines that the antagonist signals interrupted, at least" },
	{ "expect", "lru-batched", HS_KEY_UINT, FIELD(expect.min_lru_batched), 0, UINT64_MAX,
	  "offlines of blocks with a page in an LRU batch, by lru-batch, at least" },
	{ NULL, NULL, 0, 0, 0, 0, 0, NULL },
};

_Static_assert(sizeof(hs_scenario_keys) / sizeof(hs_scenario_keys[0]) <= HS_SCENARIO_MAX_KEYS,
	       "whoever keeps something for each key has room for all");

void hs_scenario_init(struct hs_scenario *s)
{
	memset(s, 0, sizeof(*s));
	s->needs_module = true;
	s->needs_cpus = 1;
	s->needs_blocks = 1;
	s->node = -1;
	s->policy = HS_POLICY_TOGGLE;
	s->duration_ns = 60 * S;
	s->limit_ns = 5 * S;
	s->grace_ns = 2 * S;
	hs_invariant_parse("all", &s->invariants);
	s->sample_us = 50;
	s->widen_one_in = 1;
	s->burst_pages_per_block = 32;
	s->burst_early_percent = 50;
	s->contig_race_trials = 4;
	s->contig_race_pages = 4;
	s->contig_race_pcplists = true;
	s->thp_poison = true;
	s->sysfs_workers = 2;
	for (int i = 0; i < HS_NR_PAGES_FREERS; i++) {
		s->pages[i].workers = 2;
		s->pages[i].bytes = 64 << 20;
		snprintf(s->pages[i].directory, sizeof(s->pages[i].directory), "/var/tmp");
	}
	snprintf(s->stress_ng_directory, sizeof(s->stress_ng_directory), "/tmp");
	s->hugetlb_workers = 2;
	s->hugetlb_pages = 64;
	s->expect.min_windows = 1;
}
