/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conductor: which block is taken or brought back next, how each operation
 * is classed, and what must be as it was at the end. Pure order: it writes to
 * nothing and knows no clock; the soak carries its steps out.
 */
#ifndef HS_CONDUCTOR_H
#define HS_CONDUCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memblk.h"
#include "operator.h"
#include "random.h"
#include "scenario.h"
#include "tally.h"

struct hs_conductor_block {
	unsigned long index;
	unsigned long phys_index;	/* first pfn / pages per block */
	int node;
	char zone[16];			/* as found, what it goes back to */
	enum hs_memblk_state found;	/* as found */
	enum hs_memblk_state now;	/* as last verified */
	char zone_now[16];		/* as last known of it while online; of one that is about to
					 * be put online, where it goes */
	char other[16];			/* where else it may be put, "": not known yet, or nowhere */
	bool ours;			/* offline because we took it */
	bool theirs;			/* someone else left it otherwise than found: not touched */
	bool away;			/* taken by us and not brought back by us: what became
					 * of it meanwhile is ours to put right */
	bool astray;			/* online, but in another zone, by us */
	unsigned int astray_tried;	/* attempts to put that right */
	bool dropped;			/* cannot be taken: not tried again */
	unsigned int online_failed;	/* in a row */
	uint64_t moved;			/* our transitions, for telling uevents apart */
	uint64_t seen;			/* uevents of it */
	uint64_t looked;			/* @moved when sysfs was last looked at */
	bool doubt;			/* look again when its operation is over */
	bool told;			/* and what is found then has been counted */
};

struct hs_step {
	size_t at;			/* into blk[] */
	enum hs_op op;
	enum hs_word word;
	bool pair;			/* an online of the same block follows for certain */
};

struct hs_conductor {
	enum hs_policy policy;
	struct hs_random random;
	struct hs_conductor_block *blk;
	size_t nr;
	size_t *order;			/* toggle: rounds, each a permutation; now's first */
	size_t nr_rounds;
	size_t cursor;			/* toggle: into the first; sweep: into blk[] */
	bool sweeping_on;		/* sweep: the second half */
	uint64_t cycles;		/* off/on pairs completed */
	bool alternates;		/* blocks come back in another zone every second time */
};

/* @blocks as enumerated now; their state and zone is what will be put back. */
int hs_conductor_init(struct hs_conductor *c, enum hs_policy policy, uint64_t seed,
		      const struct hs_memblk *const *blocks, size_t nr);
void hs_conductor_deinit(struct hs_conductor *c);

/*
 * The next step. @may_offline is false while memory is short: then only steps
 * that bring memory back. -EAGAIN: nothing to do now; -ENODEV: every block was
 * dropped; -EBUSY: someone else has changed every block that is left.
 */
int hs_conductor_next(struct hs_conductor *c, bool may_offline, struct hs_step *step);

/*
 * The @nth step after the next one, while all goes well: after an offline that begins
 * a pair, and in policy toggle only. False: it cannot be told yet.
 */
bool hs_conductor_ahead(const struct hs_conductor *c, size_t nth, struct hs_step *step);

/* Block @at goes in place of the one whose turn it is: with toggle it is then the next to
 * come back. */
void hs_conductor_chose(struct hs_conductor *c, size_t at);

/* What the kernel says of block @at while it is offline: the zones that it may be put in, as
 * in valid_zones. Before that it goes back to its own. */
void hs_conductor_zones_seen(struct hs_conductor *c, size_t at, const char *valid_zones);

/* @step will be next: what is asked of the zone of its block meanwhile is where it goes. */
void hs_conductor_aimed(struct hs_conductor *c, const struct hs_step *step);

/* Block @at is online by us, but in @zone: it goes back as one that was put there. */
void hs_conductor_strayed(struct hs_conductor *c, size_t at, const char *zone);

/* @step goes out. */
void hs_conductor_begun(struct hs_conductor *c, const struct hs_step *step);

/* An offline of block @at that went out was never tried. */
void hs_conductor_recall(struct hs_conductor *c, size_t at);

enum hs_standing {
	HS_STANDING_AS_FOUND,
	HS_STANDING_AWAY,		/* and ours to bring back */
	HS_STANDING_FOREIGN,		/* changed by somebody else, while we had not taken it */
};

/* What block @at was read to be now. A foreign change is left alone. */
enum hs_standing hs_conductor_standing(struct hs_conductor *c, size_t at,
				       const struct hs_memblk *now);

/* The next block that is not as it was found, and not by someone else's doing;
 * -ENOENT when there is none. One that is in another zone is taken offline once more.
 * A block that keeps failing is tried @tries times. */
int hs_conductor_restore(struct hs_conductor *c, unsigned int tries, struct hs_step *step);

/* The second step of a pair. */
void hs_conductor_back(const struct hs_conductor *c, size_t at, struct hs_step *step);

/* How @step ended, and the state that was read after it. */
void hs_conductor_done(struct hs_conductor *c, const struct hs_step *step,
		       enum hs_outcome outcome, enum hs_memblk_state state);

/*
 * What sysfs says of a block on which nothing of ours is in flight. @zone counts
 * while it is online. True when that is not how we left it: then someone else
 * changed it, and until it is as it was found again it is neither taken nor put
 * back. Where an online of ours puts a block is up to the kernel, so that another
 * zone counts only with a @hint of someone else, or when we did not move it.
 */
bool hs_conductor_look(struct hs_conductor *c, size_t at, enum hs_memblk_state state,
		       const char *zone, bool hint);

/* @err is what write(2) gave, @state what was read after it. */
enum hs_outcome hs_conductor_classify(enum hs_op op, int err, bool signalled,
				      enum hs_memblk_state before, enum hs_memblk_state state);

struct hs_conductor_block *hs_conductor_get(struct hs_conductor *c, unsigned long index);

#endif
