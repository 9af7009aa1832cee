/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the witness share.
 *
 * Direction: chardev -> main -> {burst, widen, control, sampler} -> window ->
 * invariant -> report. Hook handlers run with preemption off but for ftrace's and those
 * of tracepoints, some under zone->lock: they take no pcp lock, no zone lock and nothing
 * that sleeps. Under PREEMPT_RT every spinlock_t sleeps, that of a wait queue as well: a
 * handler takes raw ones, and wakes a task by wake_up_process().
 */
#ifndef HOTSOAK_H
#define HOTSOAK_H

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "uapi/hotsoak.h"

/* ---- window.c: from disabled pcplists, or isolation, to their end ---------- */

enum hs_window_state {
	HS_WINDOW_FREE,		/* slot unused */
	HS_WINDOW_ENTERED,	/* in offline_pages(), pcplists not disabled yet */
	HS_WINDOW_OPEN,		/* zone_pcp_disable() has returned, or by_isolation */
	HS_WINDOW_STRICT,	/* start_isolate_page_range() has succeeded */
	HS_WINDOW_ENDED,	/* undone or offlined; pcplists still disabled */
	HS_WINDOW_CLOSED,	/* zone_pcp_enable() entered, or by_isolation and ended */
};

/*
 * Only the owner's task moves a window on, so only its own fields order
 * themselves. Others look at a window between hs_window_get() and _put(), which keep
 * preemption off; the owner waits for them before the pageset may go away
 * (zone_pcp_reset() follows zone_pcp_enable() at once for a zone's last block)
 * and before the slot is used again.
 */
struct hs_window {
	int state;			/* enum hs_window_state, READ_ONCE by others */
	atomic_t lookers;
	bool poison;			/* no range: get_hwpoison_page(), see offline.c */
	bool contig;			/* of contig_race.c: no owner, no zone, never strict */
	bool by_isolation;		/* no disable: open while isolating and isolated */
	bool isolating;			/* inside start_isolate_page_range(), its own */
	bool strays_count;		/* strays are counted; late-drain sets it late */
	unsigned int heard;		/* bits of our listeners that know it goes offline */
	struct task_struct *task;	/* owner, alive while the slot is used */
	struct zone *zone;
	unsigned long start_pfn, end_pfn;
	u64 number;			/* since arming, from 1 */
	u64 open_ns, isolating_ns, isolated_ns, end_ns;
	enum hotsoak_window_end end;
	atomic_t e1, e2, e3, trylock_failed, samples;
	atomic_t strays;		/* sightings of them */
	atomic_t in_flight;		/* frees held up by widen.c right now */
	atomic_t reported[HOTSOAK_NR_INVARIANTS];	/* events sent, to cap floods */
};

#define HS_MAX_WINDOWS	16

extern struct hs_window hs_windows[HS_MAX_WINDOWS];
extern atomic_t hs_windows_live;	/* slots not FREE */

#define for_each_window(w) \
	for ((w) = hs_windows; (w) < hs_windows + HS_MAX_WINDOWS; (w)++)

/*
 * A slot for @task, which may be NULL; NULL, and a doubt, when none is left. Any context.
 * Released by its owner, and only once: from any state, waiting for those who look.
 */
struct hs_window *hs_window_claim(struct task_struct *task);
void hs_window_release(struct hs_window *w);
void hs_window_quiesce(struct hs_window *w);	/* waits for those who look */

/* True when no slot is in use: the hooks may go. */
bool hs_window_wait_idle(unsigned long timeout_jiffies);
static inline bool hs_window_any(void)
{
	return atomic_read(&hs_windows_live) > 0;
}

/*
 * The offline window that holds @pfn and is OPEN or STRICT, pinned until _put;
 * NULL otherwise. Preemption is off until _put. Any context.
 */
struct hs_window *hs_window_get(unsigned long pfn);
void hs_window_put(struct hs_window *w);

/* Pins @w itself while it is open; false when it is not. */
bool hs_window_pin(struct hs_window *w);

/* From OPEN on until its zone's pcplists may go away. */
static inline bool hs_window_is_open(const struct hs_window *w)
{
	int state = READ_ONCE(w->state);

	return state >= HS_WINDOW_OPEN && state <= HS_WINDOW_ENDED;
}

static inline bool hs_window_is_strict(const struct hs_window *w)
{
	return READ_ONCE(w->state) == HS_WINDOW_STRICT;
}

struct hs_window *hs_window_of(const struct task_struct *task);

/* Around an alloc_contig_range() of contig_race.c; NULL: no slot is left. */
struct hs_window *hs_window_contig_open(unsigned long start_pfn, unsigned long end_pfn);
void hs_window_contig_close(struct hs_window *w);

/* ---- hook.c: kprobes, kretprobes and tracepoints by table ----------------- */

void hs_hook_init(void);
int hs_hook_attach_all(void);
int hs_hook_attach_rest(void);
void hs_hook_detach_all(void);
void hs_hook_forget_missed(void);
int hs_hook_error(enum hotsoak_hook hook);	/* 0: attached */
void hs_hook_info(struct hotsoak_hook_info *info);	/* [HOTSOAK_NR_HOOKS] */
/* False once a kprobe was taken out of the code behind our back. Any context. */
bool hs_hook_are_whole(void);

/* ---- patch.c: is a kprobe in the code, or only registered? ---------------- */

bool hs_patch_is_missing(const struct kprobe *kp);	/* any context */

/* ---- trylock.c: where a free tries pcp->lock ------------------------------- */

int hs_trylock_find(const void *target);	/* of calls of @target; 0, -ENOENT, -ENOMEM */
bool hs_trylock_is_of_free(unsigned long ip);	/* returns one of them to @ip? any context */

/* ---- symbol.c ---------------------------------------------------------------- */

void *hs_symbol(const char *name);	/* address of a text symbol, or ERR_PTR() */
size_t hs_symbol_size(const void *address);	/* bytes from there to its end */

/* ---- offline.c: an offliner's calls move its window on ---------------------- */

void hs_window_reset(void);		/* numbers start again; only when idle */
int hs_window_offline_enter(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_offline_return(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_disable_enter(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_disable_return(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_enable(struct kprobe *kp, struct pt_regs *regs);
int hs_window_isolate_enter(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_isolate_return(struct kretprobe_instance *ri, struct pt_regs *regs);
int hs_window_undo(struct kprobe *kp, struct pt_regs *regs);
int hs_window_offlined(struct kprobe *kp, struct pt_regs *regs);
int hs_window_going_offline(struct notifier_block *nb, unsigned long action, void *arg);

/* ---- exposure.c, alloc_watch.c: handlers of other calls ----------------------- */

void hs_exposure_commit(struct pt_regs *regs);
void hs_exposure_page_free(void *data, struct page *page, unsigned int order);
void hs_exposure_trylock(void);

int hs_exposure_lap(struct kprobe *kp, struct pt_regs *regs);
void hs_exposure_final_test(void *data, unsigned long start_pfn, unsigned long end_pfn,
			    unsigned long fin_pfn);

void hs_alloc_watch_zone_locked(void *data, struct page *page, unsigned int order,
				int migratetype, int percpu_refill);
void hs_alloc_watch_extfrag(void *data, struct page *page, int alloc_order,
			    int fallback_order, int alloc_mt, int fallback_mt);

/* ---- compact.c: free pages that compaction takes -------------------------------- */

int hs_compact_scan(struct kprobe *kp, struct pt_regs *regs);
void hs_compact_taken(void *data, unsigned long start_pfn, unsigned long end_pfn,
		      unsigned long nr_scanned, unsigned long nr_taken);

/* ---- main.c: what is armed ----------------------------------------------- */

struct hs_arming {
	u64 invariants;
	u64 seed;
	u64 since_ns;
	u32 control;		/* enum hotsoak_control */
	u32 sample_us;
	u32 widen_max_ns;
	u32 widen_one_in;
	bool contig;
	bool refuse;
	pid_t controller;	/* who armed, thread group, init namespace */
	hs_free_fn free;	/* by which the burst gives back */
	bool on;
};

/* Written by arm and disarm only; handlers read single fields of it. */
extern struct hs_arming hs_armed;

int hs_arm(const struct hotsoak_arm *arm);
void hs_disarm(void);			/* in the release order; safe in any state */
u64 hs_invariants_promised(void);	/* what this kernel means to keep */
u64 hs_invariants_usable(void);
bool hs_is_guest(void);

static inline bool hs_checks(enum hotsoak_invariant inv)
{
	return READ_ONCE(hs_armed.invariants) & BIT_ULL(inv);
}

/* ---- invariant.c: counters and checks ------------------------------------ */

enum hs_counter {
	HS_C_OFFLINES,
	HS_C_OFFLINES_EARLY,
	HS_C_WINDOWS,
	HS_C_WINDOWS_ISOLATED,
	HS_C_WINDOWS_MISSED,
	HS_C_WINDOWS_POISON,
	HS_C_WINDOWS_E1,
	HS_C_WINDOWS_E2,
	HS_C_E1,
	HS_C_E2,
	HS_C_E3,
	HS_C_TRYLOCK_FAILED,
	HS_C_DELAYED,
	HS_C_STRAYS,
	HS_C_WINDOWS_STRAY,
	HS_C_FIRST_STRAY_NS,
	HS_C_LAPS,
	HS_C_LAPS_STRAY,
	HS_C_SAMPLES,
	HS_C_SAMPLES_CONTENDED,
	HS_C_SAMPLE_LOCK_NS,
	HS_C_WINDOW_NS,
	HS_C_BURST_FREED,
	HS_C_BURST_FILL_FAILED,
	HS_C_EVENTS_LOST,
	HS_C_CONTROL_PLANTED,
	HS_C_REALLOC_STALE,
	HS_C_CONTIG_TRIED,
	HS_C_CONTIG_TAKEN,
	HS_C_LAP_FAILED_PFN,
	HS_C_ACR_TRIED,
	HS_C_ACR_TAKEN,
	HS_C_ACR_BUSY,
	HS_C_ACR_BUSY_PCP,
	HS_C_ACR_BUSY_HELD,
	HS_C_ACR_SPURIOUS,
	HS_C_ACR_PASSED_OVER,
	HS_C_ACR_STRADDLED,
	HS_C_ACR_NS,
	HS_C_ACR_E1,
	HS_C_ACR_E2,
	HS_C_ACR_E3,
	HS_C_OFFLINES_REFUSED,
	HS_C_ACR_PAIRS,
	HS_C_ACR_OVERLAPPED,
	HS_C_ACR_BUSY_ISOLATING,
	HS_C_ACR_LEFT_ISOLATED,
	HS_C_COMPACT_SCANS,
	HS_C_COMPACT_MET,
	HS_C_COMPACT_TAKEN,
	HS_C_COMPACT_CROSSED,
	HS_C_COMPACT_ISOLATED,
	HS_NR_COUNTERS
};

extern atomic64_t hs_counters[HS_NR_COUNTERS];
extern atomic64_t hs_exposure_by_order[HOTSOAK_NR_ORDERS];

static inline void hs_count(enum hs_counter c)
{
	atomic64_inc(&hs_counters[c]);
}

static inline void hs_count_add(enum hs_counter c, u64 n)
{
	atomic64_add(n, &hs_counters[c]);
}

struct hs_sighting {
	enum hotsoak_invariant invariant;
	struct hs_window *window;	/* NULL: none */
	int seen_cpu;			/* -1: none */
	unsigned long pfn;		/* 0: none */
	u64 value, expected;
	pid_t other_pid;
	unsigned int order;
	u32 flags;			/* HOTSOAK_VIO_* */
};

/* A look at an invariant that held, or did not. No-ops when it is not armed. */
void hs_invariant_checked(enum hotsoak_invariant inv);
void hs_invariant_violated(const struct hs_sighting *s);
void hs_invariant_stats(struct hotsoak_stats *stats);
void hs_invariant_reset(void);

/* The witness contradicted itself: checks go off, the verdict becomes BROKEN. */
void hs_doubt(const char *why);
bool hs_in_doubt(void);
bool hs_hooks_look(void);	/* false, and in doubt, when hooks are gone; any context */

/* ---- pcplist.c: one view of a zone's pcplists ----------------------------- */

/* Looks at one CPU's pcplists of a window's zone. Process context. */
void hs_pcplist_look(struct hs_window *w, int cpu);
void hs_pcplist_look_all(struct hs_window *w);
/* An isolated page is about to be committed; the caller of the hook holds pcp->lock. */
void hs_pcplist_commit(struct hs_window *w, const struct per_cpu_pages *pcp,
		       unsigned long pfn);
/* Is @pfn the first page of one that lies on a pcplist of @zone? Process context; the
 * caller sees to it that the zone keeps its blocks. */
bool hs_pcplist_holds(struct zone *zone, unsigned long pfn);

/* ---- sampler.c ------------------------------------------------------------ */

int hs_sampler_start(void);
void hs_sampler_stop(void);
void hs_sampler_kick(void);		/* a window opened; any context */

/* ---- contig.c: alloc_contig_range() against an offline ----------------------- */

void hs_contig_isolated(struct hs_window *w);	/* in the GOING_OFFLINE notifier */
/* Whole pairs of pageblocks, online and in one ZONE_MOVABLE: 0, -EINVAL or -ENXIO. */
int hs_contig_check_range(u64 start_pfn, u64 nr_pages);
/* A reference to each of the pages. */
int hs_contig_take(unsigned long start_pfn, unsigned long nr_pages);
void hs_contig_give_back(unsigned long start_pfn, unsigned long nr_pages);

/* ---- contig_race.c: alloc_contig_range() by itself ---------------------------- */

int hs_contig_race(struct hotsoak_acr *acr);
void hs_contig_race_stop(void);		/* its threads; safe in any state */
/* From the tracepoint: @fin_pfn is where a final test failed, or @end_pfn. */
void hs_contig_race_tested(unsigned long end_pfn, unsigned long fin_pfn);

/* ---- contig_pair.c: two of them at the same time -------------------------------- */

/* The pair of pageblocks, or of halves of one, that holds @start_pfn. */
void hs_contig_pair(unsigned long start_pfn, u32 flags);
void hs_contig_pair_tested(void);	/* from the tracepoint, whatever it says */

/* ---- notifier.c: listeners that refuse an offline now and then ---------------- */

int hs_notifier_start(void);		/* at arming, with the hooks in place */
void hs_notifier_stop(void);		/* when no window is open; safe in any state */
void hs_notifier_reset(void);
void hs_notifier_ended(const struct hs_window *w);	/* as offline_pages() returns */
void hs_notifier_stats(struct hotsoak_stats *stats);

/* ---- lru.c: how often the LRU caches are disabled ------------------------------ */

int hs_lru_init(void);			/* finds the count; -ENOMEM */
atomic_t *hs_lru_disable_count(void);	/* NULL: not known on this kernel */
int hs_lru_undrained_start(void);	/* the control of that name; -ENOMEM, -EOPNOTSUPP */
void hs_lru_undrained_stop(void);	/* with no window open; waits as removing a hook does */

/* ---- burst.c: in-kernel freers --------------------------------------------- */

int hs_burst_start(void);
void hs_burst_stop(void);		/* gives everything back; safe in any state */
int hs_burst_fill(struct hotsoak_fill *fill);
void hs_burst_drop(void);
void hs_burst_window_open(struct hs_window *w);	/* from the disable hook */
void hs_burst_meet(const struct hs_window *w);	/* from the isolate hook's entry */
u64 hs_burst_held(void);

/* ---- widen.c --------------------------------------------------------------- */

/* Delays the current task's free of @pfn when its turn has come. */
void hs_widen(struct hs_window *w, unsigned long pfn);

/* ---- control.c -------------------------------------------------------------- */

int hs_control_prepare(u32 control);	/* finds what it needs; -EPERM, -EOPNOTSUPP */
int hs_control_start(u32 control);	/* once the hooks are attached; as _prepare */
void hs_control_disabled(struct hs_window *w);	/* as zone_pcp_disable() returns */
void hs_control_isolated(struct hs_window *w);	/* in the GOING_OFFLINE notifier */
void hs_control_undo(void);
void hs_control_settle(void);	/* waits for what other tasks do for it; after disarming */

/* ---- lock_order.c, refill.c: controls that need more than a line --------------- */

int hs_lock_order_prepare(void);	/* -EOPNOTSUPP */
void hs_lock_order_begin(void);		/* once an arming; nobody waits but _settle */
void hs_lock_order_settle(void);
void hs_lock_recurse(void);		/* in the GOING_OFFLINE notifier */
void hs_refill_begin(struct hs_window *w);	/* as zone_pcp_disable() returns */
void hs_refill_settle(void);

/* ---- hold.c, heal.c, snapshot.c ---------------------------------------------- */

int hs_hold(struct hotsoak_hold *hold);
void hs_release(void);
bool hs_holds(void);			/* under the mutex of ioctls */
int hs_heal(const struct hotsoak_heal *heal);
int hs_snapshot(struct hotsoak_snapshot *snap);

/* ---- report.c: every word that leaves the module ----------------------------- */

void hs_report_window(struct hs_window *w);
void hs_report_violation(const struct hs_sighting *s);
void hs_report_reset(void);
void hs_report_init(void);
void hs_report_exit(void);
bool hs_report_pending(void);
struct wait_queue_head *hs_report_waitqueue(void);
/* Copies whole records out; bytes copied, 0 when there is none, or -errno. */
ssize_t hs_report_read(char __user *buf, size_t len);

/* ---- chardev.c ---------------------------------------------------------------- */

int hs_chardev_register(void);
void hs_chardev_deregister(void);

/* The two halves of splitmix64: its step, and what makes a number of its state. */
#define HS_GOLDEN	0x9e3779b97f4a7c15ULL

static inline u64 hs_mix(u64 z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Random numbers of the run: splitmix64 over the seed; any context. */
u64 hs_random(void);
static inline u32 hs_random_below(u32 n)
{
	return n ? ((hs_random() >> 32) * n) >> 32 : 0;
}

/* Start of a chunk of @nr_pages of the window's range, which is a multiple of that. */
static inline unsigned long hs_window_random_chunk(const struct hs_window *w,
						   unsigned long nr_pages)
{
	return w->start_pfn + hs_random_below((w->end_pfn - w->start_pfn) / nr_pages) * nr_pages;
}

/* Has @func done by another task, as the work @work on the stack, and waits for it. */
static inline void hs_by_another_task(struct work_struct *work, work_func_t func)
{
	INIT_WORK_ONSTACK(work, func);
	queue_work(hs_unbound_wq, work);
	flush_work(work);
	destroy_work_on_stack(work);
}

#endif
