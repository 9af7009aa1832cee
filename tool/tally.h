/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run saw, in numbers: filled by the soak, judged, summarised, printed. */
#ifndef HS_TALLY_H
#define HS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "invariant.h"
#include "latency.h"
#include "pages.h"
#include "probe.h"
#include "scenario.h"
#include "stress_ng.h"

enum hs_op { HS_OP_OFFLINE, HS_OP_ONLINE, HS_NR_OPS };

struct json_object;

/* How one write to `state` ended. */
enum hs_outcome {
	HS_OUTCOME_OK,
	HS_OUTCOME_REFUSED,	/* the kernel gave an errno of its own */
	HS_OUTCOME_INTERRUPTED,	/* EINTR, after our signal */
	HS_OUTCOME_UNANSWERED,	/* deaf to our signal within the grace period */
	HS_OUTCOME_UNSUPPORTED,	/* the block cannot be taken at all: EINVAL, ENODEV, … */
	HS_OUTCOME_UNEXPECTED,	/* "ok" but the state says otherwise, EINTR unasked, … */
	HS_NR_OUTCOMES
};

extern const char *const hs_op_names[HS_NR_OPS];
extern const char *const hs_outcome_names[HS_NR_OUTCOMES];
extern const char *const hs_listener_names[HOTSOAK_NR_LISTENERS];

struct hs_inv_tally {
	bool armed;
	bool unpromised;	/* the kernel at hand does not mean to keep it */
	uint64_t checks, violations;
};

/* How far an offline was. */
enum hs_signal_phase {
	HS_SIGNAL_EARLY,	/* pcplists not yet disabled (5.10: isolation not begun) */
	HS_SIGNAL_OPEN,		/* not yet isolated */
	HS_SIGNAL_ISOLATED,
	HS_SIGNAL_ENDED,	/* isolation undone, or the pages taken */
	HS_SIGNAL_UNSEEN,	/* no witness */
	HS_NR_SIGNAL_PHASES
};

extern const char *const hs_signal_phase_names[HS_NR_SIGNAL_PHASES];

/* Signals of the antagonist; those that came after the end are in sent alone. */
struct hs_signal_tally {
	uint64_t sent;
	/* By where the offline was when it came … */
	uint64_t interrupted[HS_NR_SIGNAL_PHASES];
	uint64_t outran[HS_NR_SIGNAL_PHASES];	/* ended as if there had been none */
	/* … and where it then gave up: interrupted, once more. */
	uint64_t gave_up[HS_NR_SIGNAL_PHASES];
};

/* A probe of the bystanders. */
struct hs_probe_tally {
	bool expected;		/* to stall, on this kernel */
	uint64_t calls;
	uint64_t met, stalled;	/* offlines that were stuck */
	uint64_t calm_ns, stuck_ns;	/* the longest with none stuck, and with one */
};

struct hs_hook_tally {
	char name[HOTSOAK_NAME_LEN];
	int error;
	bool aim;		/* HOTSOAK_HOOK_AIM: a miss costs aim, no claim */
	uint64_t nmissed;
};

struct hs_tally {
	uint64_t duration_ns;
	uint64_t cycles;		/* off/on pairs completed */
	uint64_t ops[HS_NR_OPS][HS_NR_OUTCOMES];
	struct hs_latency latency[HS_NR_OPS];	/* of those that ended ok */
	uint64_t transitions;		/* ok operations of both kinds */

	bool witness;			/* the module was there and armed */
	bool witness_doubt;		/* it contradicted itself and switched itself off */
	struct hotsoak_stats stats;	/* the module's own counters */
	unsigned int nr_hooks;
	struct hs_hook_tally hooks[HOTSOAK_NR_HOOKS];

	struct hs_inv_tally inv[HS_NR_INVARIANTS];
	struct hs_signal_tally signals;
	uint64_t virtio_mem_resizes;	/* new sizes that virtio-mem devices took up */
	uint64_t lru_batched;		/* offlines begun with a page in an LRU batch */
	uint64_t pages_held;		/* by the antagonists that look for one */
	/* Calls of the antagonist soft-offline; offlines that met one whose page was in the
	 * block; of those, the ones that waited for it as it did for them. */
	uint64_t soft_offlines, soft_offlines_met, soft_offlines_deadlocked;
	/* Offlines that met a hog; of those, the ones that were deaf for it. */
	uint64_t hogs_met, hogs_deaf;
	uint64_t bystanders_stuck;	/* offlines that were stuck with them about */
	struct hs_probe_tally probe[HS_NR_PROBES];
	/* By kind of pages: what the workers have reported, see struct hs_pages_report. */
	struct hs_pages_tally {
		uint64_t workers;	/* 0: not of this run */
		uint64_t deaths, checked, freed, aimed, in_time, sigbus, fixed_buffers;
	} pages[HS_NR_PAGES];
	/* Of the freer hugetlb: pages of the pool that lay, free or in use, in blocks that were
	 * about to go; how often the pool was resized; whether the pool's books were looked at in
	 * the end, with nobody using it. */
	uint64_t hugetlb_free_met, hugetlb_used_met, hugetlb_resizes, hugetlb_audits;
	char hugetlb_wrong[200];	/* "" or what was wrong with them */
	struct hs_stress_ng_tally stress_ng;
	/* Offlines that the antagonists poisoned-thp and hard-poison met; those that did not end. */
	uint64_t poisoned_met, poisoned_endless;
	/* Of the antagonist sysfs-readers: reads of files of blocks; those of the block that
	 * goes that found it going; offlines with one; reads within an offline that did not;
	 * those that failed or gave what no such file says. */
	uint64_t sysfs_reads, sysfs_going, sysfs_met, sysfs_wrong, sysfs_unsound;
	/* Uevents of transitions; transitions of ours without one; second ones of one
	 * transition; those of none; 1: some were lost, and nothing is counted since. */
	uint64_t uevents_heard, uevents_missing, uevents_doubled, uevents_unasked, uevents_lost;
	uint64_t balloon_inflated, balloon_deflated, balloon_migrated;	/* pages */
	/* Of blocks that alternate: put online in the other zone, in their own, and elsewhere
	 * than was asked for. */
	uint64_t zones_other, zones_own, zones_wrong;
	/* Times a node lost its last block, or got its first back; those of each that were
	 * looked at; those that the kernel had wrong. */
	uint64_t nodes_emptied, nodes_filled, nodes_gone_seen, nodes_back_seen, nodes_wrong;
	/* Of the antagonists that are tuners, by kind: writes that the kernel took, that it
	 * refused, and the longest of either. */
	struct hs_tuner_tally {
		uint64_t writes, failed, longest_ns;
	} tuner[HS_NR_ANTAGONISTS];
	uint64_t poisoned_late;		/* of hard-poison, that met it as it was being poisoned */
	/* Onlines of a block with the page of hard-poison that the kernel refused for it; those
	 * that it took all the same. */
	uint64_t poison_refused, poison_lost;
	char control[32];		/* "" or the control of this run */
	bool restored;			/* every block is as it was found */
	uint64_t interference;		/* changes by someone else that were seen */
	char broken[160];		/* "" or why the harness cannot vouch */
	char skip[200];			/* "" or why it could not run here */
	char stopped[160];		/* "" or why it ended in order before its time */
	bool ended;			/* the run came to its own end */
};

/* Of all invariants together. */
uint64_t hs_tally_violations(const struct hs_tally *t);

/* What the module tells of its hooks, and what the kernel promises. */
void hs_tally_hooks_from_info(struct hs_tally *t, const struct hotsoak_info *info);

/* One of the arrays of struct hs_signal_tally, summed up. */
uint64_t hs_tally_signals(const uint64_t phase[HS_NR_SIGNAL_PHASES]);

/* @whole adds the hooks and the latency histograms, so that nothing but
 * `ended` is lost on the way to hs_tally_from_json(). The caller owns it. */
struct json_object *hs_tally_to_json(const struct hs_tally *t, bool whole);

/* -EBADMSG; @t may then be half filled. `ended` is left alone. */
int hs_tally_from_json(struct hs_tally *t, struct json_object *o);

/* Parts of it, for the summary; the caller owns them. */
struct json_object *hs_tally_listeners_to_json(const struct hs_tally *t);
struct json_object *hs_tally_operations_to_json(const struct hs_tally *t);
struct json_object *hs_tally_invariants_to_json(const struct hs_tally *t);
struct json_object *hs_tally_signals_to_json(const struct hs_tally *t);
struct json_object *hs_tally_probes_to_json(const struct hs_tally *t);
struct json_object *hs_tally_freers_to_json(const struct hs_tally *t);
struct json_object *hs_tally_tuners_to_json(const struct hs_tally *t);

#endif
