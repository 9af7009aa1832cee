/* SPDX-License-Identifier: GPL-2.0-only */
/* The antagonists: a page that does not leave its block, a signal, who else wants the range
 * or the page. */
#ifndef HS_ANTAGONIST_H
#define HS_ANTAGONIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compact.h"
#include "hog.h"
#include "journal.h"
#include "latency.h"
#include "random.h"
#include "scenario.h"
#include "soft_offline.h"
#include "tuner.h"
#include "witness.h"

struct hs_antagonist;

/* The page that an offline is to find; its block is then the one that goes. */
struct hs_antagonist_want {
	int node;
	bool (*is_wanted)(uint64_t pfn, void *ctx);
	void *ctx;
	uint64_t spare_bytes;	/* that may be faulted in more */
};

struct hs_antagonist_desc {
	const char *name;	/* as in [antagonist NAME] */
	enum hs_antagonist_kind kind;
	enum hs_danger danger;
	const char *summary;
	bool is_alone;		/* the operator's or our own affair, which needs no module */
	bool is_of_pages;	/* act() finds a page, and keeps it through the offline */
	bool poisons;		/* which needs a journal, as knobs do */
	uint32_t arm;		/* HOTSOAK_ARM_*: the module is to act in each window */
	const struct hs_antagonist_knob {	/* set while it runs; ends with path == NULL */
		const char *path, *value;
	} *knobs;			/* NULL: none */

	/* Optional: can this machine do it? 0 or an errno, and what that means. */
	const char *needs;	/* what is asked for, in two words; NULL: no more than any run */
	int (*ask)(const char *root);
	const char *(*ask_words)(int answer);
	const struct hs_tuner *tuner;	/* what a child sets meanwhile; NULL: nothing */

	/*
	 * Optional, of one in a scenario at most: before an offline. 1: that of the block of
	 * @pfn will meet it; 0: not its turn, nothing that it wants turned up, or any block will; -EAGAIN: not found yet, ask
	 * again, with what is spare then; another negative errno: why not.
	 */
	int (*act)(struct hs_antagonist *a, const struct hs_antagonist_want *want, uint64_t *pfn);

	/* Goes with act(): see hs_antagonist_release(). */
	bool (*release)(struct hs_antagonist *a);
};

extern const struct hs_antagonist_desc hs_antagonists[];	/* ends with name == NULL */

const struct hs_antagonist_desc *hs_antagonist_find(const char *name);
const struct hs_antagonist_desc *hs_antagonist_of(enum hs_antagonist_kind kind);

/* Those of a scenario, one after the other. */
#define hs_for_each_antagonist(a, s) \
	for ((a) = hs_antagonists; (a)->name; (a)++) \
		if (!hs_scenario_has((s), (a)->kind)) {} else

/* Adds one. -EEXIST: another has a say already in which block goes. -EDEADLK: cpu-hotplug and
 * fifo-hog do not go together. */
int hs_antagonist_add(struct hs_scenario *s, enum hs_antagonist_kind kind);

/* Can this machine do it? 0 or a negative errno, and what that means. */
int hs_antagonist_ask(const struct hs_antagonist_desc *a, const char *root);
const char *hs_antagonist_ask_words(const struct hs_antagonist_desc *a, int answer);

/* The one that has act(), or is of pages; NULL: there is none. */
const struct hs_antagonist_desc *hs_antagonist_that_acts(const struct hs_scenario *s);
const struct hs_antagonist_desc *hs_antagonist_of_pages(const struct hs_scenario *s);

struct hs_antagonist {
	enum hs_antagonist_kind kind;	/* of the one that acts, or HS_ANTAGONIST_NONE */
	struct hs_witness *witness;
	const char *sysroot;
	uint64_t block_pages;
	void *page;			/* the page that is kept, NULL: none */
	struct hs_soft_offline *soft;	/* who has the page then; may outlast the offline */
	struct hs_poisoner *poisoner;	/* who has the page that is poisoned, NULL: nobody */
	struct hs_journal *journal;	/* what is poisoned is in there first */
	bool spares;			/* poisoned-thp without the poison */
	bool unhealed;			/* a page stays poisoned: for good, or until a restore */
	bool keeps;			/* hard-poison: its block is away, the poison stays */
	bool asks_again;		/* of those that seek a page: the last answer was -EAGAIN */
	unsigned int turn;
	char **chunk;			/* what a search has taken so far */
	size_t nr_chunks;
	char **fresh;			/* of lru-batch: a few pages by CPU, NULL: none */
	size_t nr_fresh;
	uint64_t fresh_pfn;		/* the last of them that was in a batch */
	struct hs_hog hog;
	uint64_t hog_most_ms;		/* for which one may last */
	struct hs_compactor compactor;
	bool over;			/* the run is: what outlasts an offline is to end */
	bool signals;			/* that antagonist is there as well */
	unsigned int signal_turn;
	struct hs_random random;	/* of signals */
	struct hs_latency undisturbed;	/* offlines that no signal was meant for */
};

/* lru-batch: is @pfn a page of ours, and in a batch even now? */
bool hs_antagonist_has_fresh(const struct hs_antagonist *a, uint64_t pfn);

/* poisoned-thp: is its page poisoned even now, huge, and mapped by its own process alone,
 * so that no reference keeps it where it is? */
bool hs_antagonist_is_poisoned(const struct hs_antagonist *a);

/* hard-poison: is its page in @block, poisoned? And was that done as the block went? */
bool hs_antagonist_has_poison(struct hs_antagonist *a, unsigned long block);
bool hs_antagonist_was_late(const struct hs_antagonist *a);

/* Takes the poison from it, while its block is offline, and goes on as if it were there: for
 * a run that must FAIL. */
int hs_antagonist_lose(struct hs_antagonist *a);

/* Between an -EAGAIN and the end of that search. */
bool hs_antagonist_is_searching(const struct hs_antagonist *a);

/* Lets go, of a search too. Nothing held is fine. False: a soft offline is still in the
 * kernel, and has the page until the offline that it waits for has ended; or a hog is not
 * gone yet; or a page is still poisoned. */
bool hs_antagonist_release(struct hs_antagonist *a);

/* The same when no offline is under way any more, with patience. */
bool hs_antagonist_settle(struct hs_antagonist *a);

/* The rows that have a file of their own, with what they do. */
int hs_antagonist_hold(struct hs_antagonist *a, const struct hs_antagonist_want *want,
		       uint64_t *pfn);
bool hs_antagonist_let_go(struct hs_antagonist *a);
int hs_antagonist_refresh(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			  uint64_t *pfn);
bool hs_antagonist_stale(struct hs_antagonist *a);
int hs_antagonist_hog(struct hs_antagonist *a, const struct hs_antagonist_want *want,
		      uint64_t *pfn);
bool hs_antagonist_unhog(struct hs_antagonist *a);
int hs_antagonist_compact(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			  uint64_t *pfn);
bool hs_antagonist_uncompact(struct hs_antagonist *a);
int hs_antagonist_poison(struct hs_antagonist *a, const struct hs_antagonist_want *want,
			 uint64_t *pfn);
bool hs_antagonist_heal(struct hs_antagonist *a);

void hs_antagonist_signals_init(struct hs_antagonist *a, uint64_t seed);

/* When the next offline's signal is due, from its start; 0: it gets none, as with
 * every other antagonist. */
uint64_t hs_antagonist_signal_after(struct hs_antagonist *a);

/* One that got none took @ns to succeed: by those the moments are chosen. */
void hs_antagonist_undisturbed(struct hs_antagonist *a, uint64_t ns);

#endif
