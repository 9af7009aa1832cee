/* SPDX-License-Identifier: GPL-2.0-only */
/* Freers: actors that give pages back while a block goes away. */
#ifndef HS_FREER_H
#define HS_FREER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "knob.h"
#include "scenario.h"
#include "tally.h"
#include "witness.h"

/* What a freer is given; owned by the soak and alive until stop. */
struct hs_freer_env {
	sd_event *event;
	const struct hs_scenario *scenario;
	const char *sysroot;		/* NULL or "": this system */
	uint64_t block_bytes;
	struct hs_witness *witness;	/* NULL: there is none, and before start() */
	uint64_t seed;
	const int *nodes;		/* of the target's blocks, -1: not known */
	size_t nr_nodes;
	bool corrupt;			/* control corrupt-page */
	struct hs_tally *tally;		/* for figures of its own */

	void *ctx;			/* of the callbacks */
	void (*note)(const char *what, const char *text, void *ctx);
	void (*violation)(enum hs_invariant inv, const char *text, void *ctx);
	void (*checked)(enum hs_invariant inv, uint64_t checks, void *ctx);
};

/* A setting of the kernel for as long as the run lasts. */
struct hs_freer_knob {
	char path[HS_KNOB_PATH_BYTES], value[HS_KNOB_VALUE_BYTES];
	bool moves;			/* see struct hs_knob */
};

/* An isolation that is to come. */
struct hs_freer_go {
	uint64_t due_ns;		/* CLOCK_MONOTONIC: when it is expected to begin */
	uint64_t spread_ns;		/* what is worth to be aimed at before that */
};

struct hs_freer_desc {
	const char *name;
	const char *summary;
	bool (*is_wanted)(const struct hs_scenario *s);
	bool of_movable;		/* it can aim at ranges of ZONE_MOVABLE alone */

	/* Optional: can this machine do it? As with antagonists. */
	const char *needs;
	int (*ask)(const struct hs_scenario *s, const char *root);
	const char *(*ask_words)(int answer);
	/* Optional: memory that it takes, and that nobody could reclaim. */
	uint64_t (*bytes)(const struct hs_scenario *s);
	/* Optional: what is set, once all freers have started, in that order, and put back in
	 * the reverse; -ENOENT: there is no knob @i. */
	int (*knob)(const struct hs_freer_env *env, unsigned int i, struct hs_freer_knob *k);

	/* Starts it; @state is its own until stop. When it fails it may say why itself, in
	 * `broken` or `skip` of the tally. */
	int (*start)(const struct hs_freer_env *env, void **state);
	/* Optional: a range is about to be taken, `offline` not yet written. */
	int (*aim)(void *state, uint64_t start_pfn, uint64_t nr_pages);
	/* Optional: to wait, until @until_ns at most, for who was aimed. */
	void (*ready)(void *state, uint64_t until_ns);
	/* Optional: `offline` is written now. */
	void (*go)(void *state, const struct hs_freer_go *go);
	/* Optional: the range stayed; give back at once what is held of it. */
	void (*drop)(void *state);
	void (*stop)(void *state);
};

extern const struct hs_freer_desc *const hs_freers[];	/* ends with NULL */
#define HS_MAX_FREERS 24

/* Notes, once in a run, that @what at @start_pfn failed with @err; not of 0. */
void hs_freer_complain(const struct hs_freer_env *env, bool *complained, const char *what,
		       uint64_t start_pfn, int err);

extern const struct hs_freer_desc hs_freer_burst, hs_freer_contig_race, hs_freer_hugetlb,
	hs_freer_stress_ng;
#define HS_FREER_DECLARE(id, symbol, ...) extern const struct hs_freer_desc hs_freer_##symbol;
HS_PAGES_FREERS(HS_FREER_DECLARE)
#undef HS_FREER_DECLARE

/* More memory than there is, for the workers of all freers together: @words says so. What they
 * have of it the kernel can get back, from some of them by killing them. */
bool hs_freers_want_too_much(const struct hs_scenario *s, const char *root, char *words,
			     size_t words_bytes);

/* The freer whose workers are in the cgroup of memcg.h; NULL: there is none. */
const char *hs_freers_limited(const struct hs_scenario *s);

/* Any freer whose workers check what they had written. */
bool hs_freers_check_contents(const struct hs_scenario *s);

#endif
