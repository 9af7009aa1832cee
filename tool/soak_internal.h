/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the soak share: soak.c (life, loop, end), soak_witness.c (what the
 * module is armed with), soak_step.c (the operations), soak_batch.c (which of them the
 * operator is asked for at once), soak_cpu.c (on which CPU), soak_books.c (what they do to
 * a zone's counts), soak_node.c (and to a node's memory), soak_laps.c (whether an offline
 * gets anywhere), soak_window.c (its window), soak_signals.c (which of its phases a signal
 * came in), soak_soft_offline.c (whether it and a soft offline waited for each other),
 * soak_poison.c (whether a poisoned page kept it from ending), soak_hog.c (whether it was
 * deaf for a hog), soak_bystanders.c (who waits for it), soak_sysfs.c (what is read and
 * told of it), soak_tuner.c (who sets something of the kernel's meanwhile), soak_freer.c
 * (who frees), soak_watch.c (what is seen then), soak_interference.c (what someone else
 * does) and soak_restore.c (the journal and the way back). Nobody else includes it.
 */
#ifndef HS_SOAK_INTERNAL_H
#define HS_SOAK_INTERNAL_H

#include <sched.h>

#include "accounting.h"
#include "antagonist.h"
#include "balloon.h"
#include "conductor.h"
#include "flight.h"
#include "freer.h"
#include "headroom.h"
#include "kmsg.h"
#include "operator.h"
#include "soak.h"
#include "uevent.h"
#include "witness.h"

#define HS_SECOND_NS UINT64_C(1000000000)

struct hs_bystander {
	struct hs_soak *soak;
	enum hs_probe_kind kind;
	pid_t pid;		/* 0: none */
	int fd;
	sd_event_source *io;
	bool seen, waited;	/* in the flight: came back meanwhile, after its signal alone */
	bool met, stalled;	/* of the last stuck offline, counted */
};

struct hs_soak_tuner {
	struct hs_soak *soak;
	const struct hs_antagonist_desc *desc;
	struct hs_tuner_plan plan;
	pid_t pid;		/* 0: none */
	int fd;
	sd_event_source *io;
	unsigned int deaths;
};

struct hs_stuck {
	uint64_t start_ns, half_ns, signalled_ns;	/* signalled_ns 0: none yet */
};

struct hs_soak {
	struct hs_soak_config c;
	const struct hs_scenario *scenario;	/* of c.info */
	sd_event *event;			/* a reference */
	sd_event_source *tick, *answers, *operator_child;
	sd_event_source *signals[4];
	sd_event_source *pressure;		/* owns its descriptor */

	enum hs_phase phase;
	bool stopping;		/* restore as soon as nothing is in flight */
	bool hasty;		/* asked twice: no patience */
	uint64_t tick_ns;	/* between looks at limits and events */
	uint64_t start_ns, stop_ns, next_second_ns, control_ns;

	struct hs_conductor conductor;
	struct hs_operator operator;
	bool operator_dead;	/* could not be started again */
	struct hs_flight flight;
	struct { uint64_t start_ns, laps, burst; } half;	/* of its limit, when it had that */
	struct hs_batch {		/* the request that the flight is a step of */
		struct hs_step step[HS_OPERATOR_STEPS];
		unsigned int nr, at;	/* at: the flight's own */
		uint32_t seq;		/* of the first step, and of the request */
		uint64_t signal_after_ns;	/* what the antagonist has in store for that */
	} batch;
	bool wait_tick;		/* nothing could be done: try again at the next tick */
	bool idle;		/* the last look found no step to take */
	struct hs_headroom headroom;
	bool short_of_memory;	/* said once */
	bool shrank;		/* said once: under the headroom while a block was going */
	bool hold_failed;	/* said once */
	uint64_t hog_left_ns;	/* the flight was unanswered then, and its hog made to end; 0: not */
	struct hs_step sought;	/* that the antagonist is looking for a page for */
	bool accounted;		/* books are open for this operation */
	bool drift_noted, lru_noted, resize_noted, unaimed_noted;	/* said once */
	bool refused_for_poison;	/* the online that is being answered, of hard-poison */
	cpu_set_t cpus;		/* that we were found on; empty: all run as they please */
	int cpu;		/* that they run on now */
	uint64_t looked_ns;	/* when the books were last looked at with a block away */
	uint64_t median_ns[HS_NR_OPS];	/* once a second: percentiles cost */

	struct hs_witness witness;
	bool has_witness;
	struct hs_kmsg kmsg;
	bool has_kmsg;
	bool log_control_due;
	struct hs_uevents *uevents;	/* NULL: blocks are looked at instead */
	bool uevents_lost;		/* since the last look at all blocks */
	bool uevents_lossy;		/* said once */
	struct hs_memblk_list known;	/* all blocks; of those that are not ours, the last
					 * state and zone seen */
	struct hs_accounting accounting;
	struct hs_antagonist antagonist;
	struct hotsoak_event window;	/* the last that closed */

	struct hs_freer_env freer_env;
	int *nodes;
	struct { const struct hs_freer_desc *desc; void *state; } freer[HS_MAX_FREERS];
	unsigned int nr_freers;
	/* The last that freers were aimed at; mean_ns: until its isolation begins, of late. */
	struct { uint64_t start_pfn, at_ns, mean_ns; } aimed;
	struct hs_bystander bystander[HS_NR_PROBES];
	struct hs_stuck stuck;		/* the last offline that was */
	struct hs_sysfs *sysfs;		/* of sysfs-readers, NULL: none */
	struct hs_balloon_pages balloon_was;	/* when the run began */
	struct hs_soak_tuner tuner[HS_NR_ANTAGONISTS];
	unsigned int nr_tuners;
	bool tuners_stuck;		/* one is in the kernel yet, its last write not done */

	struct hs_tally tally;
	unsigned int recorded[HS_NR_INVARIANTS];	/* violation lines written */
	struct { uint64_t ns, transitions, e1, e2, e3; } last;	/* a second ago */
	struct hs_progress progress;
};

/* soak.c */
bool hs_soak_may_take(const struct hs_memblk *b, void *soak);	/* a block of the run? */
uint64_t hs_soak_now(const struct hs_soak *s);
void hs_soak_note(struct hs_soak *s, const char *what, const char *text);
void hs_soak_broken(struct hs_soak *s, const char *text);
/* Ends in order before its time, with the reason in the record; no failure. */
void hs_soak_stop_for(struct hs_soak *s, const char *what, const char *text);
void hs_soak_finish(struct hs_soak *s);

/* soak_freer.c */
int hs_soak_freers_ask(struct hs_soak *s);	/* -errno with the reason in tally.skip */
const char *hs_soak_freer_that_sets(const struct hs_soak *s);	/* NULL: none of them */
const char *hs_soak_freer_limited(const struct hs_soak *s);	/* the same, of a cgroup */
int hs_soak_freers_knobs(struct hs_soak *s);	/* into the journal */
int hs_soak_freers_start(struct hs_soak *s);
/* The block is next; it goes now; its window has closed; it stayed. */
void hs_soak_freers_aim(struct hs_soak *s, const struct hs_conductor_block *b);
void hs_soak_freers_go(struct hs_soak *s);
void hs_soak_freers_closed(struct hs_soak *s, const struct hotsoak_event *window);
void hs_soak_freers_drop(struct hs_soak *s);
void hs_soak_freers_stop(struct hs_soak *s);

/* soak_witness.c */
int hs_soak_witness_start(struct hs_soak *s);	/* -errno with the reason in tally.skip */
void hs_soak_hooks_look(struct hs_soak *s);	/* ends a run that can see nothing any more */

/* soak_step.c */
int hs_soak_operator_start(struct hs_soak *s);
void hs_soak_advance(struct hs_soak *s);	/* starts the next operation, if it may */
void hs_soak_flight_look(struct hs_soak *s, uint64_t now_ns);
uint64_t hs_soak_block_pages(const struct hs_soak *s);

/* soak_cpu.c */
void hs_soak_cpu_start(struct hs_soak *s);	/* once the freers are there */
void hs_soak_cpu_next(struct hs_soak *s);
void hs_soak_cpu_end(struct hs_soak *s);

/* soak_batch.c */
int hs_soak_batch_request(struct hs_soak *s, const struct hs_step *step, uint64_t now_ns);
void hs_soak_batch_over(struct hs_soak *s, unsigned int from);	/* took no step from @from on */
/* Steps of a block, unanswered. */
unsigned int hs_soak_flying(const struct hs_soak *s, size_t at);

/* soak_laps.c */
void hs_soak_laps_arm(struct hs_soak *s);
void hs_soak_laps_look(struct hs_soak *s, uint64_t now_ns);	/* at each tick of a flight */
void hs_soak_laps_judge(struct hs_soak *s, uint64_t now_ns);	/* the flight is at its limit */
void hs_soak_laps_ended(struct hs_soak *s);	/* before its limit, by itself */

/* soak_window.c */
/* The window of the offline that @a ends; NULL: it had none, or nobody looked. */
const struct hotsoak_event *hs_soak_window_of(const struct hs_soak *s,
					      const struct hs_operator_answer *a);
/* Does the end of this offline tell whether it could end by itself? */
bool hs_soak_is_told(const struct hs_soak *s, const struct hs_operator_answer *a);

/* soak_signals.c */
void hs_soak_signal_answer(struct hs_soak *s, const struct hs_operator_answer *a);

/* soak_soft_offline.c */
void hs_soak_soft_offline_answer(struct hs_soak *s, const struct hs_operator_answer *a);

/* soak_hog.c */
void hs_soak_hog_unanswered(struct hs_soak *s);
void hs_soak_hog_answer(struct hs_soak *s, const struct hs_operator_answer *a);

/* soak_bystanders.c */
int hs_soak_bystanders_start(struct hs_soak *s);
void hs_soak_bystanders_answer(struct hs_soak *s, const struct hs_operator_answer *a);
void hs_soak_bystanders_stop(struct hs_soak *s);

/* soak_sysfs.c */
int hs_soak_sysfs_start(struct hs_soak *s);
void hs_soak_sysfs_listen(struct hs_soak *s);	/* at each tick */
void hs_soak_sysfs_begin(struct hs_soak *s, const struct hs_step *step);
void hs_soak_sysfs_answer(struct hs_soak *s, const struct hs_operator_answer *a);
void hs_soak_sysfs_stop(struct hs_soak *s);

/* soak_tuner.c */
int hs_soak_tuners_plan(struct hs_soak *s);	/* what they set, as it is found */
int hs_soak_tuners_knobs(struct hs_soak *s);	/* into the journal */
int hs_soak_tuners_start(struct hs_soak *s);
void hs_soak_tuners_stop(struct hs_soak *s);

/* soak_poison.c */
void hs_soak_poison_answer(struct hs_soak *s, const struct hs_operator_answer *a);

/* soak_books.c */
bool hs_soak_share_zone(const struct hs_conductor_block *a, const struct hs_conductor_block *b);
void hs_soak_books_open(struct hs_soak *s, size_t at);
/* @move: from then to now. */
void hs_soak_books_close(struct hs_soak *s, size_t at, enum hs_move move);

/* soak_node.c */
void hs_soak_node_look(struct hs_soak *s, size_t at, bool settled);	/* block @at has moved */

/* soak_balloon.c */
void hs_soak_balloon_start(struct hs_soak *s);
void hs_soak_balloon_look(struct hs_soak *s);	/* brings its tally up to date */

/* soak_zone.c */
void hs_soak_zone_look(struct hs_soak *s, size_t at);	/* likewise */

/* soak_restore.c */
int hs_soak_journal_write(struct hs_soak *s);		/* before the first touch */
int hs_soak_knobs_set(struct hs_soak *s);		/* those of the journal */
/* And a cgroup that is in it. False: one is still as we set it, or that is there. */
bool hs_soak_knobs_restore(struct hs_soak *s);
void hs_soak_journal_clear(struct hs_soak *s);		/* nothing of it is left */
void hs_soak_journal_mark(struct hs_soak *s, size_t at);
int hs_soak_restore_step(struct hs_soak *s, unsigned int tries, struct hs_step *step);
bool hs_soak_is_restored(struct hs_soak *s, bool *ours_left);

/* soak_watch.c */
void hs_soak_violation(struct hs_soak *s, enum hs_invariant inv, const struct hotsoak_event *e,
		       const char *text);
void hs_soak_events_read(struct hs_soak *s);
void hs_soak_kmsg_look(struct hs_soak *s);
void hs_soak_second(struct hs_soak *s, uint64_t now_ns);
void hs_soak_progress_fill(struct hs_soak *s);
void hs_soak_pressure_watch(struct hs_soak *s);

/* soak_interference.c */
void hs_soak_interference_start(struct hs_soak *s);
bool hs_soak_has_uevents(const struct hs_soak *s);

/* Reads what uevents there are: what was changed more often than by us is looked
 * at, named and counted. Lost some: all blocks are. */
void hs_soak_uevents_drain(struct hs_soak *s);

/* Looks at every block. @hint: someone else may have been at work. */
void hs_soak_resync(struct hs_soak *s, bool hint);

/* Looks at one block on which nothing of ours is in flight. @extra: changes of it
 * that were not ours. */
void hs_soak_block_look(struct hs_soak *s, size_t at, uint64_t extra, bool hint);

/* The operator died on a step of block @at: what it is now is our doing. */
void hs_soak_block_lost(struct hs_soak *s, size_t at);

/* Has someone else changed block @at since, or may have, our last operation not
 * yet counted? */
bool hs_soak_block_is_contested(struct hs_soak *s, size_t at);

/* Is someone else moving memory, or was since @interference was counted? Waits a
 * little for the answer: before its uevent comes, the books have moved. */
bool hs_soak_others_at_work(struct hs_soak *s, uint64_t interference);

/* Waits a little for the offline of someone else to end: while it lasts the
 * witness's windows do not add up. */
void hs_soak_others_wait(struct hs_soak *s);

#endif
