/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The contract between hotsoak.ko and its users: /dev/hotsoak.
 *
 * The device has one controller at a time (a second open(2) gives EBUSY) and
 * needs CAP_SYS_ADMIN.  Closing the descriptor, by close(2), exit(2) or a
 * SIGKILL, disarms the witness and gives back every page that it holds.
 *
 * Every ioctl takes a pointer to a struct whose first field is its own size in
 * bytes, as compiled into the caller.  A caller older than the module gets the
 * missing tail as zeroes; a caller newer than the module gets E2BIG when the
 * tail that the module does not know is not all zero.  A size smaller than the
 * first version of the struct is EINVAL, a bad pointer EFAULT, an unknown flag
 * or a non-zero reserved field EINVAL.  Structs are owned by the caller; the
 * module keeps no pointer to them.
 *
 * Page frame numbers count pages of the kernel's page size; times are
 * nanoseconds of CLOCK_MONOTONIC; ranges are [start_pfn, start_pfn + nr_pages).
 */
#ifndef _UAPI_HOTSOAK_H
#define _UAPI_HOTSOAK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define HOTSOAK_DEVICE		"/dev/hotsoak"

/* Raised when a program built against an older header would misread us. */
#define HOTSOAK_ABI		1

/* ---- Invariants: bit numbers in masks, indices in arrays ---------------- */

enum hotsoak_invariant {
	/* Limits say "disabled" on every possible CPU, disable to enable. */
	HOTSOAK_INV_PCP_LIMITS,
	/* The zone's pcplists are empty whenever seen under the pcp lock. */
	HOTSOAK_INV_PCP_EMPTY,
	/* No page of an isolated range is on any pcplist. */
	HOTSOAK_INV_NO_STRAY,
	/* A page of an isolated range does not leave the free lists. */
	HOTSOAK_INV_NO_REALLOC,
	/* Nobody but the window's owner undoes its isolation. */
	HOTSOAK_INV_ISOLATION_LIFTED,
	/* Each disable has its enable; nobody re-enables inside. */
	HOTSOAK_INV_PAIRING,
	HOTSOAK_NR_INVARIANTS
};

/* ---- Hooks: what the witness listens to --------------------------------- */

enum hotsoak_hook {
	HOTSOAK_HOOK_OFFLINE_PAGES,		/* kretprobe offline_pages */
	HOTSOAK_HOOK_PCP_DISABLE,		/* kretprobe zone_pcp_disable */
	HOTSOAK_HOOK_PCP_ENABLE,		/* kprobe zone_pcp_enable */
	HOTSOAK_HOOK_START_ISOLATE,		/* kretprobe start_isolate_page_range */
	HOTSOAK_HOOK_UNDO_ISOLATE,		/* kprobe undo_isolate_page_range */
	HOTSOAK_HOOK_OFFLINE_ISOLATED,		/* kprobe __offline_isolated_pages */
	HOTSOAK_HOOK_TEST_ISOLATED,		/* tracepoint test_pages_isolated */
	HOTSOAK_HOOK_FREE_COMMIT,		/* ftrace free_unref_page_commit or later name */
	HOTSOAK_HOOK_TRYLOCK,			/* ftrace _raw_spin_trylock, when a free calls it */
	HOTSOAK_HOOK_PAGE_FREE,			/* tracepoint mm_page_free */
	HOTSOAK_HOOK_ALLOC_ZONE_LOCKED,		/* tracepoint mm_page_alloc_zone_locked */
	HOTSOAK_HOOK_ALLOC_EXTFRAG,		/* tracepoint mm_page_alloc_extfrag */
	HOTSOAK_HOOK_MEMORY_NOTIFIER,		/* memory notifier */
	HOTSOAK_HOOK_FINAL_TEST,		/* kprobe test_pages_isolated */
	HOTSOAK_HOOK_COMPACT_TAKEN,		/* tracepoint mm_compaction_isolate_freepages */
	HOTSOAK_HOOK_COMPACT_SCAN,		/* kprobe isolate_freepages_block */
	HOTSOAK_NR_HOOKS
};

/* ---- Controls: deliberate faults ---------------------------------------- */

enum hotsoak_control {
	HOTSOAK_CONTROL_NONE,
	/* Limits put back as zone_pcp_disable() returns: pcp-limits. */
	HOTSOAK_CONTROL_REENABLE,
	/* Batch disabled but high left: freed pages linger: pcp-empty. */
	HOTSOAK_CONTROL_HIGH_LEFT,
	/*
	 * The order before v5.11: lists left enabled, forced drain of all CPUs
	 * after the isolation. Only an E2 free can hit it: no-stray.
	 */
	HOTSOAK_CONTROL_LATE_DRAIN,
	/* Isolation of one chunk lifted, a page of it allocated: no-realloc. */
	HOTSOAK_CONTROL_REALLOC,
	/* Another task undoes the isolation of one chunk: isolation-lifted. */
	HOTSOAK_CONTROL_LIFT,
	/* A disable without its enable in the event stream: pairing. */
	HOTSOAK_CONTROL_UNPAIRED,
	/* zone->nr_isolate_pageblock raised by one: accounting (the tool's). */
	HOTSOAK_CONTROL_LEAK_ISOLATE,
	/* NR_FREE_PAGES of the zone raised by one: accounting, at rest (the tool's). */
	HOTSOAK_CONTROL_DRIFT,
	/*
	 * A free page of the isolated range moved to the list of movable pages and
	 * allocated from there, as can happen before Linux v6.10: no-realloc.
	 */
	HOTSOAK_CONTROL_STALE_LIST,
	/*
	 * The isolation of one chunk lifted for good, so that the offline fails its final
	 * test until it is interrupted: progress (the tool's).
	 */
	HOTSOAK_CONTROL_UNISOLATE,
	/*
	 * lru_disable_count raised by one, as an offline that failed left it before Linux
	 * commit 946746d1ad92 (v5.14): accounting (the tool's).
	 */
	HOTSOAK_CONTROL_LEAK_LRU,
	/*
	 * Another task takes pcp_batch_high_lock and below it cpu_hotplug_lock, the reverse
	 * of every offline: what lockdep says of it is clean-log's (the tool's).
	 */
	HOTSOAK_CONTROL_LOCK_ORDER,
	/*
	 * A CPU refills its pcplist as the drain of zone_pcp_disable() passes it by, as if
	 * that had read its count too early: pcp-empty, no-stray, progress (the tool's).
	 */
	HOTSOAK_CONTROL_UNLOCKED_COUNT,
	/*
	 * lru_cache_disable() of an offline raises its count and drains nothing: what the
	 * CPUs have in their LRU batches keeps its reference: progress (the tool's).
	 */
	HOTSOAK_CONTROL_LRU_UNDRAINED,
	/*
	 * The offliner takes cpu_hotplug_lock, which it has, once more: what lockdep says of
	 * it is clean-log's (the tool's).
	 */
	HOTSOAK_CONTROL_RECURSIVE_LOCK,
	HOTSOAK_NR_CONTROLS
};

/* ---- HOTSOAK_IOC_INFO --------------------------------------------------- */

#define HOTSOAK_NAME_LEN	32

struct hotsoak_hook_info {
	char name[HOTSOAK_NAME_LEN];	/* symbol, tracepoint or what it is, with NUL */
	__s32 error;			/* 0 attached, -errno why not, 1 not armed yet */
	__u32 flags;			/* HOTSOAK_HOOK_* */
	__u64 nmissed;			/* hits that the kernel could not deliver */
};

/*
 * No window and no check rests on this hook: without it there is no delay of widen
 * and no count of lost trylocks, or what compaction took is told less finely.
 */
#define HOTSOAK_HOOK_AIM	(1U << 0)

struct hotsoak_info {
	__u32 size;			/* in: sizeof(struct hotsoak_info) */
	__u32 abi;			/* out: HOTSOAK_ABI of the module */
	__u32 flags;			/* out: HOTSOAK_INFO_* */
	__u32 nr_hooks;			/* out: entries used in hooks[] */
	__u64 invariants_usable;	/* out: bits that ARM accepts on this kernel;
					 * before the first ARM what may be hoped for,
					 * after it what its hooks support */
	__u64 invariants_armed;		/* out: bits armed now */
	__u64 invariants_promised;	/* out: bits of what this kernel means to keep;
					 * the others are not usable */
	__u32 page_size;		/* out: bytes */
	__u32 pageblock_pages;	/* out: pages */
	struct hotsoak_hook_info hooks[HOTSOAK_NR_HOOKS];	/* out */
};

#define HOTSOAK_INFO_GUEST	(1U << 0)  /* hotsoak.guest=1 on the command line */
#define HOTSOAK_INFO_ARMED	(1U << 1)
#define HOTSOAK_INFO_WIDEN	(1U << 2)  /* the widening point was found */
#define HOTSOAK_INFO_DOUBT	(1U << 3)  /* the witness contradicted itself and is off */

/* ---- HOTSOAK_IOC_ARM / HOTSOAK_IOC_DISARM ------------------------------- */

#define HOTSOAK_WIDEN_MAX_NS	100000000	/* interrupts are off during a delay */

/*
 * In each window, once it is strict, another task calls alloc_contig_range() for one
 * pageblock of its range, at random.  The offliner waits for the answer.  That must
 * fail, and does; what it does to the isolation is the question (Linux commit
 * b2c9e2fbba32, v5.19).  EPERM outside a guest marked with hotsoak.guest=1.
 */
#define HOTSOAK_ARM_CONTIG	(1U << 0)

/*
 * The burst gives its pages back by free_pages_nolock() (Linux commit 8c57b687e833,
 * v6.15), as BPF and slab do where no lock may be waited for.  ENXIO on a kernel that
 * has no such function.
 */
#define HOTSOAK_ARM_NOLOCK	(1U << 1)

/*
 * Three memory notifiers of ours listen, and one of them answers MEM_GOING_OFFLINE with
 * EBUSY: in one window of each HOTSOAK_REFUSE_ONE_IN in a row, chosen by the seed, where
 * the offline is the caller's or that of a child process of its.  Nobody else's is.
 */
#define HOTSOAK_ARM_REFUSE	(1U << 3)

#define HOTSOAK_REFUSE_ONE_IN	3

struct hotsoak_arm {
	__u32 size;
	__u32 flags;			/* HOTSOAK_ARM_* */
	__u64 invariants;		/* bits to check; EOPNOTSUPP when a hook that
					 * one of them needs could not be attached */
	__u64 seed;			/* of every random choice in the module */
	__u32 control;			/* enum hotsoak_control; EPERM outside a guest
					 * marked with hotsoak.guest=1 */
	__u32 sample_us;		/* mean pause between samples in a window, longer
					 * where they would take a tenth of the time,
					 * 1..1000000; 0 means the default, 50 */
	__u32 widen_max_ns;		/* longest delay between migratetype read and
					 * pcp trylock (5.10: commit), up to
					 * HOTSOAK_WIDEN_MAX_NS; 0 is off */
	__u32 widen_one_in;		/* delay one free in this many; 1 = each */
	__u64 reserved[2];
};

/* Arming while armed is EBUSY. DISARM takes no argument and never fails. */

/* ---- HOTSOAK_IOC_BURST_FILL / HOTSOAK_IOC_BURST_DROP -------------------- */

/*
 * Takes pages of the range with alloc_contig_range() and hands them to threads
 * bound to the online CPUs, which give them back around the next offline window
 * of that range.  Refused with EBUSY while any window is open or an offline is
 * under way: an alloc_contig_range() that fails lifts the isolation of others
 * (Linux commit b2c9e2fbba32, v5.19, and later).  Pages held from an earlier
 * fill are given back first.
 */
struct hotsoak_fill {
	__u32 size;
	__u32 flags;			/* 0 */
	__u64 start_pfn;		/* aligned to two pageblocks, else EINVAL */
	__u64 nr_pages;			/* a multiple of two pageblocks; the range must be
					 * online and in one ZONE_MOVABLE, else ENXIO */
	__u32 pages_per_block;		/* taken from each pageblock, 1..pageblock_pages */
	__u32 max_order;		/* give back in orders 0..max_order, 0..3 */
	__u32 early_percent;		/* share given back before the isolation, 0..100;
					 * the rest is aimed at it */
	__u32 reserved;
	__u64 filled;			/* out: pages taken; fewer than asked is no error,
					 * busy pageblocks are passed over */
};

/* BURST_DROP takes no argument: gives everything held back at once. */

/* ---- HOTSOAK_IOC_HOLD / HOTSOAK_IOC_RELEASE ----------------------------- */

/*
 * Keeps the page behind a user address from being migrated, until RELEASE or
 * the close of the device.  For tests of how a soak meets a stuck offline.
 */
struct hotsoak_hold {
	__u32 size;
	__u32 flags;			/* exactly one of HOTSOAK_HOLD_* */
	__u64 addr;			/* page-aligned, mapped by the caller, writable */
	__u64 pfn;			/* out: the page */
};

#define HOTSOAK_HOLD_REF	(1U << 0)  /* an extra reference: migration fails */
#define HOTSOAK_HOLD_LOCK	(1U << 1)  /* the page lock: migration sleeps on it,
					    * deaf to signals */

/* ---- HOTSOAK_IOC_HEAL ---------------------------------------------------- */

/* Takes the poison from a page whose block is offline, so that it can come online again. */
struct hotsoak_heal {
	__u32 size;
	__u32 flags;			/* none is known yet */
	__u64 pfn;
};

/* ---- HOTSOAK_IOC_CONTIG_RACE --------------------------------------------- */

#define HOTSOAK_ACR_MAX_PAGES	64
#define HOTSOAK_ACR_MAX_TRIALS	256

/* The pcplists of the zone are disabled around the call: nothing can hide there. */
#define HOTSOAK_ACR_NO_PCPLISTS	(1U << 0)

/* No frees: the second pageblock of a pair is asked for, which may be one free page. */
#define HOTSOAK_ACR_STRADDLE	(1U << 1)

/* No frees: both pageblocks of a pair are asked for at the same time, by a thread each. */
#define HOTSOAK_ACR_PARALLEL	(1U << 2)

/* With PARALLEL: under a mutex, and so one after the other. */
#define HOTSOAK_ACR_MUTEX	(1U << 3)

/* With PARALLEL: the two halves of a pageblock, and not two pageblocks. */
#define HOTSOAK_ACR_HALVES	(1U << 4)

/*
 * Calls alloc_contig_range() for single pageblocks of the range, at random, while threads
 * bound to the other CPUs free pages of that pageblock, and gives all back before it
 * returns.  The counts are in the stats, acr_*.  What breaks no promise is no violation.
 * While it lasts no memory goes offline or comes online.  EPERM outside a guest marked
 * with hotsoak.guest=1; EOPNOTSUPP where a function that it needs cannot be found;
 * EBUSY while any window is open.
 */
struct hotsoak_acr {
	__u32 size;
	__u32 flags;			/* HOTSOAK_ACR_* */
	__u64 start_pfn;		/* the range, as for BURST_FILL */
	__u64 nr_pages;
	__u32 trials;			/* 0..HOTSOAK_ACR_MAX_TRIALS; 0: only see whether it can */
	__u32 pages;			/* freed in each, 1..HOTSOAK_ACR_MAX_PAGES; 0 with
					 * STRADDLE or PARALLEL */
	__u64 tried;			/* out: trials made, fewer when a signal came */
};

/* ---- HOTSOAK_IOC_STATS -------------------------------------------------- */

#define HOTSOAK_NR_ORDERS	11

struct hotsoak_invariant_stats {
	__u64 checks;			/* looks that could have seen a violation */
	__u64 violations;
};

/* Our listeners to the memory notifiers, by the order in which they hear. */
enum hotsoak_listener {
	HOTSOAK_LISTENER_FIRST,		/* before all others */
	HOTSOAK_LISTENER_MIDDLE,	/* among them, behind the witness's own */
	HOTSOAK_LISTENER_LAST,		/* behind all others */
	HOTSOAK_NR_LISTENERS
};

/*
 * What one has heard of offlines that began since ARM.  When none is under way,
 * going + cancel_unasked == cancel + offline + unended.
 */
struct hotsoak_listener_stats {
	__u64 going;			/* MEM_GOING_OFFLINE */
	__u64 cancel;			/* MEM_CANCEL_OFFLINE */
	__u64 cancel_unasked;		/* … of an offline whose beginning it was not told */
	__u64 offline;			/* MEM_OFFLINE */
	__u64 unended;			/* offlines over whose beginning it was told, and no end */
};

/* Since ARM. Monotonic until the next ARM. */
struct hotsoak_stats {
	__u32 size;
	__u32 reserved;
	__u64 offlines;			/* offline_pages() entered */
	__u64 offlines_early;		/* … that failed before disabling pcplists */
	__u64 windows;			/* offline windows closed */
	__u64 windows_isolated;		/* … that reached isolation */
	__u64 windows_missed;		/* offlines past the early checks with no window */
	__u64 windows_poison;		/* disables with no range: hwpoison, and our own */
	__u64 windows_e1;		/* windows with at least one E1 */
	__u64 windows_e2;		/* windows with at least one E2 */
	__u64 e1;			/* frees of pages of the range, by class; see */
	__u64 e2;			/* hotsoak(8), EXPOSURE */
	__u64 e3;
	__u64 trylock_failed;		/* lost the pcp trylock, went to the buddy */
	__u64 delayed;			/* frees that widen delayed */
	__u64 strays;			/* frees that put a page of an isolated range on a
					 * live pcplist; no violation but where no-stray
					 * is promised */
	__u64 windows_stray;		/* windows with a stray, as it came or on a list */
	__u64 first_stray_ns;		/* from ARM to the first of them; 0: none */
	__u64 laps;			/* final tests of a range by its offliner: calls of
					 * test_pages_isolated() */
	__u64 laps_stray;		/* … that failed for a page that nobody holds and
					 * that is not free: a stray, or about to be one */
	__u64 exposure_by_order[HOTSOAK_NR_ORDERS];	/* e1 + e2, by order */
	__u64 samples;			/* looks at one CPU's pcplists */
	__u64 samples_contended;	/* … whose trylock failed: limits only */
	__u64 sample_lock_ns;		/* time that the sampler held pcp locks */
	__u64 window_ns;		/* sum of window lengths */
	__u64 burst_held;		/* pages held by the burst now */
	__u64 burst_freed;		/* pages given back by the burst */
	__u64 burst_fill_failed;	/* pageblocks passed over by fills */
	__u64 events_lost;		/* records that read(2) never saw */
	__u64 control_planted;		/* times the control acted */
	struct hotsoak_invariant_stats inv[HOTSOAK_NR_INVARIANTS];
	__u64 realloc_stale;		/* of no-realloc's: HOTSOAK_VIO_STALE_LIST */
	__u64 contig_tried;		/* calls that HOTSOAK_ARM_CONTIG made */
	__u64 contig_taken;		/* … that were given the pageblock */
	__u64 lap_failed_pfn;		/* where the last of laps that failed, and told
					 * where, did so; 0: none */
	__u64 acr_tried;		/* calls under test that CONTIG_RACE made */
	__u64 acr_taken;		/* … that were given the pageblock */
	__u64 acr_busy;			/* … that were refused with EBUSY */
	__u64 acr_busy_pcp;		/* … for a page that was on a pcplist */
	__u64 acr_busy_held;		/* … for a page that somebody held */
	__u64 acr_spurious;		/* refused, and given when asked for at once again */
	__u64 acr_passed_over;		/* trials whose pageblock was not to be had at all */
	__u64 acr_straddled;		/* HOTSOAK_ACR_STRADDLE: a free page lay across the
					 * edge of the pageblock as it was asked for */
	__u64 acr_ns;			/* time in these calls */
	__u64 acr_e1;			/* frees of their pageblocks meanwhile, by class */
	__u64 acr_e2;
	__u64 acr_e3;
	__u64 offlines_refused;		/* by a listener of HOTSOAK_ARM_REFUSE */
	struct hotsoak_listener_stats listener[HOTSOAK_NR_LISTENERS];
	__u64 acr_pairs;		/* HOTSOAK_ACR_PARALLEL: two calls each */
	__u64 acr_overlapped;		/* … whose calls were under way at the same time */
	__u64 acr_busy_isolating;	/* calls of them refused with EBUSY before their final
					 * test, and so at their isolation */
	__u64 acr_left_isolated;	/* HOTSOAK_ACR_MUTEX: calls whose pageblock was isolated
					 * as they began */
	/*
	 * Of compaction, and of alloc_contig_range(), which looks for free pages in the same
	 * way: scans of a pageblock for them that ended while a window was open …
	 */
	__u64 compact_scans;
	__u64 compact_met;		/* … of one in the range of a window */
	__u64 compact_taken;		/* free pages that these took */
	__u64 compact_crossed;		/* … whose pageblock was isolated as the scan ended, and
					 * perhaps not yet as they were taken */
	__u64 compact_isolated;		/* … whose pageblock was isolated as the scan began */
};

/* ---- HOTSOAK_IOC_SNAPSHOT ----------------------------------------------- */

/* The books of the zone that holds a page; take it while nothing is moving. */
struct hotsoak_snapshot {
	__u32 size;
	__u32 flags;			/* 0 */
	__u64 pfn;			/* in: any online page of the zone, else ENXIO */
	__u32 nid;			/* out */
	__u32 zone;			/* out: zone index in the node */
	__u64 present_pages;		/* out: zone->present_pages */
	__u64 managed_pages;		/* out: zone_managed_pages() */
	__u64 nr_isolate_pageblock;	/* out: zone->nr_isolate_pageblock */
	__u64 nr_free_pages;		/* out: NR_FREE_PAGES, folded */
	__u64 buddy_free_pages;		/* out: free-list sum, MIGRATE_ISOLATE left out */
	__u64 buddy_isolate_pages;	/* out: free-list sum of MIGRATE_ISOLATE */
	__u32 known;			/* out: HOTSOAK_SNAPSHOT_*, of the fields below */
	__u32 lru_disable_count;	/* out: how often LRU caches are disabled, all zones */
};

#define HOTSOAK_SNAPSHOT_LRU	(1U << 0)  /* lru_disable_count was found */

/* ---- read(2) ------------------------------------------------------------ */

enum hotsoak_event_type {
	HOTSOAK_EVENT_WINDOW,		/* an offline window closed */
	HOTSOAK_EVENT_VIOLATION,
};

enum hotsoak_window_end {
	HOTSOAK_END_NOT_ISOLATED,	/* start_isolate_page_range() failed */
	HOTSOAK_END_UNDONE,		/* the offline gave up */
	HOTSOAK_END_OFFLINED,
};

/*
 * read(2) gives whole records only, as many as fit, and blocks for the first
 * one unless O_NONBLOCK (EAGAIN).  A buffer smaller than one record is EINVAL.
 * poll(2) says POLLIN.  When the ring is full new records are dropped and
 * counted; violations have room of their own, so that a flood of windows
 * cannot displace the first violations.
 */
struct hotsoak_event {
	__u32 type;			/* enum hotsoak_event_type */
	__u32 seq;			/* +1 a record; a gap is a loss */
	__u64 time_ns;
	__u64 window;			/* number of the window since ARM, from 1 */
	__u64 start_pfn;		/* of the window */
	__u64 nr_pages;
	__s32 pid;			/* owner of the window, init namespace */
	__u32 cpu;			/* where the event was seen */
	union {
		struct {
			__u64 open_ns;		/* pcplists disabled */
			__u64 isolating_ns;	/* isolation began; 0: never */
			__u64 isolated_ns;	/* isolation succeeded; 0: never */
			__u64 end_ns;		/* undone or offlined */
			__u32 end;		/* enum hotsoak_window_end */
			__u32 e1, e2, e3;
			__u32 trylock_failed;
			__u32 samples;
		} win;
		struct {
			__u32 invariant;	/* enum hotsoak_invariant */
			__s32 seen_cpu;		/* whose pcplist, -1: none */
			__u64 pfn;		/* 0: none */
			__u64 value;		/* what was seen, see hotsoak(4) */
			__u64 expected;
			__s32 other_pid;	/* who did it, 0: unknown */
			__u32 order;
			__u32 flags;		/* HOTSOAK_VIO_* */
			__u32 reserved;
		} vio;
		__u64 pad[7];
	};
};

/*
 * no-realloc: the pageblock was isolated as the page left its free list, so that this
 * was a list of another type.  Seen under zone->lock, hence for certain.  Without the
 * flag the isolation had been lifted.
 */
#define HOTSOAK_VIO_STALE_LIST	(1U << 0)

#define HOTSOAK_IOC_MAGIC	0xb7

/* No size in the command: the structs grow, the commands stay. */
#define HOTSOAK_IOC_INFO	_IO(HOTSOAK_IOC_MAGIC, 0)  /* struct hotsoak_info */
#define HOTSOAK_IOC_ARM		_IO(HOTSOAK_IOC_MAGIC, 1)  /* struct hotsoak_arm */
#define HOTSOAK_IOC_DISARM	_IO(HOTSOAK_IOC_MAGIC, 2)
#define HOTSOAK_IOC_BURST_FILL	_IO(HOTSOAK_IOC_MAGIC, 3)  /* struct hotsoak_fill */
#define HOTSOAK_IOC_BURST_DROP	_IO(HOTSOAK_IOC_MAGIC, 4)
#define HOTSOAK_IOC_HOLD	_IO(HOTSOAK_IOC_MAGIC, 5)  /* struct hotsoak_hold */
#define HOTSOAK_IOC_RELEASE	_IO(HOTSOAK_IOC_MAGIC, 6)
#define HOTSOAK_IOC_STATS	_IO(HOTSOAK_IOC_MAGIC, 7)  /* struct hotsoak_stats */
#define HOTSOAK_IOC_SNAPSHOT	_IO(HOTSOAK_IOC_MAGIC, 8)  /* struct hotsoak_snapshot */
#define HOTSOAK_IOC_CONTIG_RACE	_IO(HOTSOAK_IOC_MAGIC, 9)  /* struct hotsoak_acr */
#define HOTSOAK_IOC_HEAL	_IO(HOTSOAK_IOC_MAGIC, 10)  /* struct hotsoak_heal */

#endif /* _UAPI_HOTSOAK_H */
