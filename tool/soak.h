/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The soak: one object that ties a scenario to its actors on an sd-event loop.
 * Whoever drives it, a command in the foreground or a daemon, owns the loop and
 * hears of everything by callbacks.
 */
#ifndef HS_SOAK_H
#define HS_SOAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "control.h"
#include "journal.h"
#include "record.h"
#include "target.h"

struct hs_soak;

enum hs_phase { HS_PHASE_NEW, HS_PHASE_RUNNING, HS_PHASE_RESTORING, HS_PHASE_ENDED };

struct hs_progress {
	enum hs_phase phase;
	uint64_t elapsed_ns;
	uint64_t left_ns;		/* to the end of the duration; 0: not known */
	double transitions_per_s, e1_per_s, e2_per_s, e3_per_s;	/* of the last second */
	/* The operation in flight; block is meaningless when !in_flight. */
	bool in_flight, signalled;
	enum hs_op op;
	unsigned long block;
	uint64_t flight_ns;
	bool waiting;			/* for memory: no block can be taken now */
	const struct hs_tally *tally;
};

struct hs_soak_callbacks {
	void (*progress)(const struct hs_progress *p, void *ctx);	/* once a second */
	void (*state)(const struct hs_progress *p, void *ctx);		/* SIGUSR1 */
	void (*note)(const char *what, const char *text, void *ctx);
	void (*violation)(enum hs_invariant inv, const char *text, void *ctx);
	void (*ended)(void *ctx);	/* everything is back; the tally is final */
};

/* All pointers must outlive the soak. */
struct hs_soak_config {
	const struct hs_run_info *info;		/* scenario and seed */
	const char *sysroot;			/* "" or NULL: this system; else a tree: no
						 * witness, no log, no uevents */
	uint64_t block_bytes;
	const struct hs_memblk_list *blocks;	/* all there are, just read; NULL: are read again */
	const char *no_blocks;		/* why the kernel has none to take; NULL: it has */
	const struct hs_target *target;
	const struct hs_control_desc *control;	/* NULL: none */
	bool no_witness, no_freers;
	bool stop_on_violation;
	bool every_cycle;		/* each operation is recorded before the next */
	bool signals;			/* SIGINT, SIGTERM and SIGHUP stop, SIGUSR1 tells the
					 * state: must be blocked by the caller, and SIGCHLD
					 * always */
	struct hs_journal *journal;	/* NULL: none; else empty, filled before the first
					 * touch, removed when all is as it was */
	struct hs_record *record;		/* NULL: none */
	/* On a tree: who tells of changes, as hs_uevents_drain() does; NULL: nobody,
	 * the blocks are looked at once a second. */
	int (*changes)(void (*seen)(unsigned long block, bool online, void *ctx),
		       void *seen_ctx, void *ctx);
	struct hs_soak_callbacks callbacks;
	void *ctx;
};

int hs_soak_new(struct hs_soak **s, sd_event *event, const struct hs_soak_config *c);

/*
 * Opens and arms everything, in an order that touches no block before all of it
 * is there, then starts. What keeps it from running here is put into the tally
 * (skip or broken), restored is true, and a negative errno returned: judge the
 * tally then.
 */
int hs_soak_start(struct hs_soak *s);

/* Ends in order: the operation in flight gets a second, then a signal; then all
 * blocks go back. @now: it gets the signal at once, and no patience. */
void hs_soak_stop(struct hs_soak *s, bool now);

const struct hs_tally *hs_soak_tally(const struct hs_soak *s);

/* As of now, but the rates, which are of the last whole second. */
const struct hs_progress *hs_soak_progress(struct hs_soak *s);

/* Accepts NULL. Without an end before it blocks stay as they are, and the journal. */
void hs_soak_free(struct hs_soak *s);

#endif
