/* SPDX-License-Identifier: GPL-2.0-only */
/* A scenario: conductor, witness, freers, antagonists and what is expected. */
#ifndef HS_SCENARIO_H
#define HS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "control.h"
#include "memblk.h"
#include "pages.h"
#include "stress_ng.h"

struct json_object;

#define HS_BLOCKS_ALL	"all"

enum hs_policy {
	HS_POLICY_TOGGLE,	/* one block off and on again, then the next */
	HS_POLICY_SWEEP,	/* all blocks off in order, then all on again */
	HS_POLICY_RANDOM,	/* a random block changes its state */
};

enum hs_antagonist_kind {
	HS_ANTAGONIST_NONE,
	HS_ANTAGONIST_HOLD_PAGE,	/* an extra reference */
	HS_ANTAGONIST_LOCK_PAGE,	/* the page lock */
	HS_ANTAGONIST_SIGNALS,		/* the operator is sent a signal at any moment */
	HS_ANTAGONIST_CONTIG,		/* alloc_contig_range() on the range, by the module */
	HS_ANTAGONIST_NOTIFIER_ERROR,	/* a memory notifier refuses, by the module */
	HS_ANTAGONIST_LRU_BATCH,	/* pages just faulted in */
	HS_ANTAGONIST_SOFT_OFFLINE,	/* madvise(MADV_SOFT_OFFLINE) on a page of the block */
	HS_ANTAGONIST_FIFO_HOG,		/* a real-time task that never sleeps */
	HS_ANTAGONIST_POISONED_THP,	/* a huge page that could not be split when poisoned */
	HS_ANTAGONIST_SYSFS_READERS,	/* who reads the files of all blocks meanwhile */
	HS_ANTAGONIST_HARD_POISON,	/* a page that goes offline with its block, poisoned */
	HS_ANTAGONIST_COMPACT,		/* compaction, all the time */
	/* The tuners: something of the kernel's is set again and again. */
	HS_ANTAGONIST_PCP_FRACTION,	/* the limits of pcplists */
	HS_ANTAGONIST_WATERMARK,	/* min_free_kbytes */
	HS_ANTAGONIST_DROP_CACHES,
	HS_ANTAGONIST_THP_TOGGLE,	/* transparent huge pages: always, madvise, never */
	HS_ANTAGONIST_KSM_RUN,		/* KSM: off, on, unmerge */
	HS_ANTAGONIST_HUGEPAGE_POOL,	/* the size of the hugetlb pool */
	HS_ANTAGONIST_CPU_HOTPLUG,	/* CPUs go offline and come back */
	HS_ANTAGONIST_ONLINE_OTHER,	/* blocks of the run are put online behind its back */
	HS_ANTAGONIST_OOM_EDGE,		/* memory is taken until the headroom is all that is left */
	HS_ANTAGONIST_BALLOON,		/* the hypervisor takes memory, and gives it back */
	HS_NR_ANTAGONISTS
};

/* What a run must have seen before it may be PASS. */
struct hs_expect {
	uint64_t min_windows;
	double min_e1_per_window;
	double min_e2_per_window;
	double min_samples_per_window;
	uint64_t min_interrupted;	/* by the antagonist signals */
	uint64_t min_lru_batched;	/* offlines, by the antagonist lru-batch */
};

struct hs_scenario {
	char name[64];
	char description[160];
	enum hs_danger danger;
	char introduced[64];		/* commits, with the version that has them */
	char fixes[160];
	char emulated[32];		/* the control that plants what has been mended */
	char expected[128];		/* see hs_expectation_get() */

	/* [needs] */
	bool needs_module;
	unsigned int needs_cpus;
	unsigned int needs_blocks;	/* removable blocks in ZONE_MOVABLE */
	bool needs_lockdep;
	bool needs_virtio_mem;		/* and takes only its blocks */
	unsigned int needs_whole_nodes;	/* see hs_memblk_whole_nodes() */
	uint64_t needs_kernel_bytes;	/* free memory of ZONE_NORMAL */

	/* [target] */
	char blocks[1024];		/* a set of blocks or "all", "": not named */
	int node;			/* -1: not named */

	/* [conductor] */
	enum hs_policy policy;
	bool alternate_zones;		/* back to another zone every second time */
	uint64_t duration_ns;		/* 0: until cycles or a signal */
	uint64_t cycles;		/* 0: until duration; one is an off/on pair */
	uint64_t limit_ns;		/* wall clock of one operation, then a signal */
	uint64_t grace_ns;		/* after the signal, then "unanswered" */

	/* [witness] */
	uint64_t invariants;		/* mask of enum hs_invariant */
	uint32_t sample_us;
	uint32_t widen_max_ns;
	uint32_t widen_one_in;

	/* [freer burst] */
	bool burst;
	uint32_t burst_pages_per_block;
	uint32_t burst_max_order;
	uint32_t burst_early_percent;
	bool burst_nolock;

	/* [freer contig-race] */
	bool contig_race;
	uint32_t contig_race_trials;	/* before each offline */
	uint32_t contig_race_pages;	/* freed in each */
	bool contig_race_pcplists;	/* left enabled, as the kernel has it */
	bool contig_race_straddle;	/* no frees: split larger free pages */
	bool contig_race_parallel;	/* no frees: two pageblocks at the same time */
	bool contig_race_mutex;		/* these one after the other, as CMA has them */
	bool contig_race_halves;	/* of one pageblock, instead of two of them */

	/* [freer NAME], of workers that have pages of one kind */
	struct hs_pages_want {
		bool on;
		uint32_t workers;
		uint64_t bytes;		/* of each of them */
		char directory[256];	/* of files, where the kind has them */
	} pages[HS_NR_PAGES_FREERS];

	/* [freer hugetlb] */
	bool hugetlb;
	uint32_t hugetlb_workers;
	uint32_t hugetlb_pages;		/* of the pool, 2 MiB each */

	/* [freer stress-ng] */
	bool stress_ng;
	char stress_ng_options[HS_STRESS_NG_OPTIONS_BYTES];
	char stress_ng_directory[256];	/* in which it has one of its own */

	/* [antagonist NAME], a bit each: 1 << enum hs_antagonist_kind; see hs_scenario_has() */
	uint32_t antagonists;
	bool thp_poison;		/* of poisoned-thp; no: its page stays whole */
	uint32_t sysfs_workers;		/* of sysfs-readers */
	bool poison_lose;		/* of hard-poison: the fault that it must report */

	bool bystanders;		/* [bystanders] */

	struct hs_expect expect;	/* [expect] */
};

/* What a value is made of, and the field that it fills. */
enum hs_key_type {
	HS_KEY_TEXT,		/* char[size] */
	HS_KEY_BOOL,		/* bool */
	HS_KEY_UINT,		/* uint32_t or uint64_t, min..max */
	HS_KEY_RATIO,		/* double, 0..max */
	HS_KEY_DURATION_NS,	/* uint32_t or uint64_t, min..max in ns */
	HS_KEY_DURATION_US,	/* uint32_t, min..max in us; finer is refused */
	HS_KEY_BYTES,		/* uint64_t, min..max */
	HS_KEY_BLOCKS,		/* char[size]: a set of memory blocks, or all */
	HS_KEY_NODE,		/* int, min..max, -1 when not given */
	HS_KEY_POLICY,
	HS_KEY_DANGER,
	HS_KEY_INVARIANTS,	/* uint64_t mask */
	HS_KEY_CONTROL,		/* char[size]: the name of a control */
	HS_KEY_EXPECTED,	/* char[size]: see hs_expectation_get() */
	HS_KEY_STRESSORS,	/* char[size]: see hs_stress_ng_options_check() */
	HS_KEY_ENABLES,		/* no key: the section itself sets a bool */
	HS_KEY_ANTAGONIST,	/* no key: the section adds the antagonist min */
};

/* One key of the file; the parser, the record and the man page all read these.
 * Ends with section == NULL; the rows of a section stand together. */
struct hs_scenario_key {
	const char *section;
	const char *key;	/* NULL: the row is about the section */
	enum hs_key_type type;
	size_t offset, size;	/* in struct hs_scenario */
	uint64_t min, max;
	const char *help;	/* one line */
};

#define HS_SCENARIO_MAX_KEYS 192
extern const struct hs_scenario_key hs_scenario_keys[];
extern const char *const hs_policy_names[];	/* by enum hs_policy; ends with NULL */

static inline bool hs_scenario_has(const struct hs_scenario *s, enum hs_antagonist_kind kind)
{
	return s->antagonists >> kind & 1;
}

/* Reasonable values for everything; the file then overrides them. */
void hs_scenario_init(struct hs_scenario *s);

/*
 * Reads a scenario file. On bad input returns -EINVAL (or the errno of the
 * read) and puts one line "FILE:LINE: what was found, what was expected" into
 * @err. An unknown section or key is bad input and names the nearest known one.
 */
int hs_scenario_load(struct hs_scenario *s, const char *path, char *err, size_t err_bytes);

/*
 * Finds a scenario by name in $HOTSOAK_SCENARIOS, the source tree beside the
 * binary and PKGDATADIR/scenarios, or takes @name as a path when it has a '/'.
 * -ENOENT when there is none.
 */
int hs_scenario_find(const char *name, char *path, size_t path_bytes);

/*
 * Calls @visit for each scenario of those directories, by name; of two with the
 * same name the one that hs_scenario_find() would take. Stops at a negative
 * return value and returns it.
 */
int hs_scenario_each(int (*visit)(const char *name, const char *path, void *ctx), void *ctx);

/* All of it, expectations too, for the record; the caller owns it. */
struct json_object *hs_scenario_to_json(const struct hs_scenario *s);

/* The reverse, for judging a record. Members that are missing keep the values
 * of hs_scenario_init(), but name and expectations must be there, those of signals
 * and lru-batch only with that antagonist; -EBADMSG, also for a value that the file format would
 * refuse. */
int hs_scenario_from_json(struct hs_scenario *s, struct json_object *json);

#endif
