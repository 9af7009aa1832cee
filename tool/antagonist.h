/* SPDX-License-Identifier: GPL-2.0-only */
/* The antagonists: a page that does not leave its block, a signal, who else wants the range
 * or the page. */
#ifndef HS_ANTAGONIST_H
#define HS_ANTAGONIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency.h"
#include "random.h"
#include "scenario.h"
#include "soft_offline.h"
#include "witness.h"

struct hs_antagonist_desc {
	const char *name;	/* as in [antagonist NAME] */
	enum hs_antagonist_kind kind;
	enum hs_danger danger;
	const char *summary;
	const struct hs_antagonist_knob {	/* set while it runs; ends with path == NULL */
		const char *path, *value;
	} *knobs;			/* NULL: none */
};

extern const struct hs_antagonist_desc hs_antagonists[];	/* ends with name == NULL */

const struct hs_antagonist_desc *hs_antagonist_find(const char *name);
const struct hs_antagonist_desc *hs_antagonist_of(enum hs_antagonist_kind kind);

struct hs_antagonist {
	enum hs_antagonist_kind kind;
	struct hs_witness *witness;
	const char *sysroot;
	uint64_t block_pages;
	void *page;			/* the page that is kept, NULL: none */
	struct hs_soft_offline *soft;	/* who has the page then; may outlast the offline */
	unsigned int turn;
	char **chunk;			/* what a search has taken so far */
	size_t nr_chunks;
	char **fresh;			/* of lru-batch: a few pages by CPU, NULL: none */
	size_t nr_fresh;
	uint64_t fresh_pfn;		/* the last of them that was in a batch */
	struct hs_random random;	/* of signals */
	struct hs_latency undisturbed;	/* offlines that no signal was meant for */
};

/* Those that the tool finds a page for; the others are the module's alone. */
static inline bool hs_antagonist_is_of_pages(enum hs_antagonist_kind kind)
{
	return kind == HS_ANTAGONIST_HOLD_PAGE || kind == HS_ANTAGONIST_LOCK_PAGE ||
		kind == HS_ANTAGONIST_SOFT_OFFLINE;
}

/* The operator's or our own affair, which needs no module. */
static inline bool hs_antagonist_is_alone(enum hs_antagonist_kind kind)
{
	return kind == HS_ANTAGONIST_SIGNALS || kind == HS_ANTAGONIST_LRU_BATCH ||
		kind == HS_ANTAGONIST_SOFT_OFFLINE;
}

/*
 * lru-batch: faults in on each of our CPUs in turn until a page of one block, of
 * @block_pages, for whose first @is_wanted said yes, is in a batch there. How many CPUs
 * have one, with a page of it in @pfn; 0: no such page turned up, or it is another
 * antagonist; or a negative errno.
 */
int hs_antagonist_refresh(struct hs_antagonist *a, int node,
			  bool (*is_wanted)(uint64_t pfn, void *ctx), void *ctx,
			  uint64_t block_pages, uint64_t *pfn);

/* Is @pfn one of them, and in a batch even now? */
bool hs_antagonist_has_fresh(const struct hs_antagonist *a, uint64_t pfn);

/* Gives those pages back; hs_antagonist_release() does. */
void hs_antagonist_stale(struct hs_antagonist *a);

/*
 * Keeps a page for which @is_wanted says yes, at most every second time it is
 * asked, so that the soak can be seen to go on. Faults in memory of @node until
 * such a page turns up, at most @spare_bytes more. 1: held, its number in @pfn; 0:
 * not its turn; -EAGAIN: not found yet, ask again, with what is spare then; -ENOENT:
 * no wanted page turned up; another negative errno: why not.
 */
int hs_antagonist_hold(struct hs_antagonist *a, int node,
		       bool (*is_wanted)(uint64_t pfn, void *ctx), void *ctx,
		       uint64_t spare_bytes, uint64_t *pfn);

/* Between an -EAGAIN and the end of that search. */
bool hs_antagonist_is_searching(const struct hs_antagonist *a);

/* Lets go, of a search too. Nothing held is fine. False: a soft offline is still in the
 * kernel, and has the page until the offline that it waits for has ended. */
bool hs_antagonist_release(struct hs_antagonist *a);

/* The same when no offline is under way any more, with patience. */
bool hs_antagonist_settle(struct hs_antagonist *a);

void hs_antagonist_signals_init(struct hs_antagonist *a, uint64_t seed);

/* When the next offline's signal is due, from its start; 0: it gets none, as with
 * every other antagonist. */
uint64_t hs_antagonist_signal_after(struct hs_antagonist *a);

/* One that got none took @ns to succeed: by those the moments are chosen. */
void hs_antagonist_undisturbed(struct hs_antagonist *a, uint64_t ns);

#endif
