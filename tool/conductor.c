// SPDX-License-Identifier: GPL-2.0-only
/* The conductor: order, outcome classes and restoration, as pure decisions. */
#include "conductor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zone.h"

/* A block that cannot be brought back is passed over after so many attempts in a
 * row, so that a sweep does not stick to it; the end tries it again. */
#define ONLINE_TRIES 3

/* Steps that are known ahead: as many as one request to the operator has room for. */
#define AHEAD_PAIRS (HS_OPERATOR_STEPS / 2)

/*
 * A round of toggles takes every block once, in an order of its own. In ascending
 * order each offline would move its pages, this process's too, into the block that
 * is next: online_pages() queues a block's pages last, so the one that has been
 * online the longest is allocated from first.
 */
static void shuffle(struct hs_conductor *c, size_t *order)
{
	for (size_t i = c->nr; i > 1; i--) {
		size_t j = hs_random_below(&c->random, i), at = order[i - 1];

		order[i - 1] = order[j];
		order[j] = at;
	}
}

static void round_add(struct hs_conductor *c, size_t round)
{
	size_t *order = c->order + round * c->nr;

	if (round)
		memcpy(order, order - c->nr, c->nr * sizeof(*order));
	shuffle(c, order);
}

int hs_conductor_init(struct hs_conductor *c, enum hs_policy policy, uint64_t seed,
		      const struct hs_memblk *const *blocks, size_t nr)
{
	memset(c, 0, sizeof(*c));
	c->nr_rounds = 1 + (nr ? (AHEAD_PAIRS + nr - 1) / nr : 0);
	c->blk = calloc(nr ? nr : 1, sizeof(*c->blk));
	c->order = calloc(nr ? c->nr_rounds * nr : 1, sizeof(*c->order));
	if (!c->blk || !c->order) {
		hs_conductor_deinit(c);
		return -ENOMEM;
	}
	c->policy = policy;
	c->nr = nr;
	/* Its choices do not depend on how many other actors draw. */
	hs_random_init(&c->random, hs_random_derive(seed, 1));
	for (size_t i = 0; i < nr; i++) {
		struct hs_conductor_block *b = &c->blk[i];
		size_t len = strcspn(blocks[i]->zones, " ");

		if (len >= sizeof(b->zone)) {
			hs_conductor_deinit(c);
			return -ENAMETOOLONG;
		}
		memcpy(b->zone, blocks[i]->zones, len);
		memcpy(b->zone_now, b->zone, sizeof(b->zone));
		b->index = blocks[i]->index;
		b->phys_index = blocks[i]->phys_index;
		b->node = blocks[i]->node;
		b->found = b->now = blocks[i]->state;
		c->order[i] = i;
	}
	for (size_t round = 0; policy == HS_POLICY_TOGGLE && round < c->nr_rounds; round++)
		round_add(c, round);
	return 0;
}

void hs_conductor_deinit(struct hs_conductor *c)
{
	free(c->blk);
	free(c->order);
	c->blk = NULL;
	c->order = NULL;
	c->nr = 0;
}

struct hs_conductor_block *hs_conductor_get(struct hs_conductor *c, unsigned long index)
{
	size_t lo = 0, hi = c->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->blk[mid].index == index)
			return &c->blk[mid];
		if (c->blk[mid].index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* ---- Steps ---------------------------------------------------------------- */

static void step_offline(struct hs_step *step, size_t at, bool pair)
{
	*step = (struct hs_step){
		.at = at, .op = HS_OP_OFFLINE, .word = HS_WORD_OFFLINE, .pair = pair,
	};
}

/* Plain "online" lets the kernel's policy choose, and it may choose another zone. */
static void step_online(struct hs_step *step, size_t at, const char *zone)
{
	*step = (struct hs_step){
		.at = at, .op = HS_OP_ONLINE,
		.word = hs_zone_is_movable(zone) ? HS_WORD_ONLINE_MOVABLE : HS_WORD_ONLINE_KERNEL,
	};
}

void hs_conductor_back(const struct hs_conductor *c, size_t at, struct hs_step *step)
{
	const struct hs_conductor_block *b = &c->blk[at];

	/* From its own zone to the other, and from there to its own. */
	bool other = c->alternates && *b->other && !strcmp(b->zone_now, b->zone);

	step_online(step, at, other ? b->other : b->zone);
}

void hs_conductor_zones_seen(struct hs_conductor *c, size_t at, const char *valid_zones)
{
	struct hs_conductor_block *b = &c->blk[at];
	size_t len;

	for (const char *z = valid_zones; *z; z += len + (z[len] == ' ')) {
		char zone[sizeof(b->other)];

		len = strcspn(z, " ");
		snprintf(zone, sizeof(zone), "%.*s", (int)len, z);
		if (hs_zone_is_movable(zone) != hs_zone_is_movable(b->zone))
			memcpy(b->other, zone, sizeof(zone));
	}
}

static const char *zone_asked(const struct hs_conductor_block *b, const struct hs_step *step)
{
	bool movable = step->word == HS_WORD_ONLINE_MOVABLE;

	return movable == hs_zone_is_movable(b->zone) ? b->zone : b->other;
}

void hs_conductor_aimed(struct hs_conductor *c, const struct hs_step *step)
{
	struct hs_conductor_block *b = &c->blk[step->at];

	if (step->op == HS_OP_ONLINE)
		snprintf(b->zone_now, sizeof(b->zone_now), "%s", zone_asked(b, step));
}

void hs_conductor_strayed(struct hs_conductor *c, size_t at, const char *zone)
{
	struct hs_conductor_block *b = &c->blk[at];

	snprintf(b->zone_now, sizeof(b->zone_now), "%s", zone);
	b->astray = b->away = strcmp(b->zone_now, b->zone);
}

static bool block_is_online(const struct hs_conductor_block *b)
{
	return b->now == HS_MEMBLK_ONLINE;
}

static bool block_can_come_back(const struct hs_conductor_block *b)
{
	return !block_is_online(b) && !b->theirs && b->online_failed < ONLINE_TRIES;
}

static bool block_can_go(const struct hs_conductor_block *b)
{
	return block_is_online(b) && !b->theirs && !b->dropped;
}

static void toggle_advance(struct hs_conductor *c)
{
	if (++c->cursor < c->nr)
		return;
	c->cursor = 0;
	memmove(c->order, c->order + c->nr, (c->nr_rounds - 1) * c->nr * sizeof(*c->order));
	round_add(c, c->nr_rounds - 1);
}

static int next_toggle(struct hs_conductor *c, bool may_offline, struct hs_step *step)
{
	/* Twice: what is left of this round may have nothing to do. */
	for (size_t tried = 0; tried < 2 * c->nr; tried++) {
		size_t at = c->order[c->cursor];
		struct hs_conductor_block *b = &c->blk[at];

		if (block_can_come_back(b)) {
			hs_conductor_back(c, at, step);
			return 0;
		}
		if (block_can_go(b) && may_offline) {
			step_offline(step, at, true);
			return 0;
		}
		toggle_advance(c);
	}
	return -EAGAIN;
}

static int next_sweep(struct hs_conductor *c, bool may_offline, struct hs_step *step)
{
	/* Both halves, and the first again when the second had nothing to do. */
	for (int half = 0; half < 3; half++) {
		/* Memory ran short on the way: this sweep ends here. */
		if (!c->sweeping_on && !may_offline) {
			c->sweeping_on = true;
			c->cursor = 0;
		}
		for (; c->cursor < c->nr; c->cursor++) {
			struct hs_conductor_block *b = &c->blk[c->cursor];

			if (c->sweeping_on && block_can_come_back(b)) {
				hs_conductor_back(c, c->cursor, step);
				return 0;
			}
			if (!c->sweeping_on && block_can_go(b)) {
				step_offline(step, c->cursor, false);
				return 0;
			}
		}
		c->sweeping_on = !c->sweeping_on;
		c->cursor = 0;
		if (!c->sweeping_on)
			for (size_t i = 0; i < c->nr; i++)
				c->blk[i].online_failed = 0;
	}
	return -EAGAIN;
}

static int next_random(struct hs_conductor *c, bool may_offline, struct hs_step *step)
{
	size_t at = hs_random_below(&c->random, c->nr);

	/* One draw a step, so that the sequence of draws depends on the seed alone;
	 * the next block that can move stands in for one that cannot. */
	for (size_t tried = 0; tried < c->nr; tried++, at = (at + 1) % c->nr) {
		struct hs_conductor_block *b = &c->blk[at];

		if (block_can_come_back(b)) {
			hs_conductor_back(c, at, step);
			return 0;
		}
		if (block_can_go(b) && may_offline) {
			step_offline(step, at, false);
			return 0;
		}
	}
	for (size_t i = 0; i < c->nr; i++)
		c->blk[i].online_failed = 0;
	return -EAGAIN;
}

int hs_conductor_next(struct hs_conductor *c, bool may_offline, struct hs_step *step)
{
	bool left = false, theirs = false;

	for (size_t i = 0; i < c->nr && !left; i++) {
		left = !c->blk[i].dropped && !c->blk[i].theirs;
		theirs |= c->blk[i].theirs;
	}
	if (!left)
		return theirs ? -EBUSY : -ENODEV;

	switch (c->policy) {
	case HS_POLICY_TOGGLE:
		return next_toggle(c, may_offline, step);
	case HS_POLICY_SWEEP:
		return next_sweep(c, may_offline, step);
	case HS_POLICY_RANDOM:
		return next_random(c, may_offline, step);
	}
	return -EINVAL;
}

bool hs_conductor_ahead(const struct hs_conductor *c, size_t nth, struct hs_step *step)
{
	size_t at = c->cursor + (nth + 1) / 2;

	if (c->policy != HS_POLICY_TOGGLE || at >= c->nr_rounds * c->nr)
		return false;
	at = c->order[at];
	if (!block_can_go(&c->blk[at]))
		return false;
	if (nth % 2)
		step_offline(step, at, true);
	else
		hs_conductor_back(c, at, step);
	return true;
}

void hs_conductor_begun(struct hs_conductor *c, const struct hs_step *step)
{
	if (step->op == HS_OP_OFFLINE)
		c->blk[step->at].away = true;
}

void hs_conductor_chose(struct hs_conductor *c, size_t at)
{
	for (size_t i = 0; c->policy == HS_POLICY_TOGGLE && i < c->nr; i++) {
		if (c->order[i] != at)
			continue;
		c->order[i] = c->order[c->cursor];
		c->order[c->cursor] = at;
		return;
	}
}

void hs_conductor_recall(struct hs_conductor *c, size_t at)
{
	if (block_is_online(&c->blk[at]))
		c->blk[at].away = false;
}

enum hs_standing hs_conductor_standing(struct hs_conductor *c, size_t at,
				       const struct hs_memblk *now)
{
	struct hs_conductor_block *b = &c->blk[at];
	bool in_zone = hs_memblk_in_zone(now, b->zone);

	if (now->state == b->found && (b->found != HS_MEMBLK_ONLINE || in_zone)) {
		b->now = now->state;
		b->astray = false;
		return HS_STANDING_AS_FOUND;
	}
	if (!b->away || b->theirs)
		return HS_STANDING_FOREIGN;
	if (now->state != HS_MEMBLK_UNKNOWN)
		b->now = now->state;
	b->astray = now->state == HS_MEMBLK_ONLINE && !in_zone;
	return HS_STANDING_AWAY;
}

int hs_conductor_restore(struct hs_conductor *c, unsigned int tries, struct hs_step *step)
{
	for (size_t i = 0; i < c->nr; i++) {
		struct hs_conductor_block *b = &c->blk[i];

		/* None that was offline is ever taken, so none can be online by us. */
		if (b->found != HS_MEMBLK_ONLINE || b->theirs)
			continue;
		if (block_is_online(b) && b->astray && b->astray_tried < tries) {
			b->astray_tried++;
			step_offline(step, i, false);
			return 0;
		}
		if (block_is_online(b) || b->online_failed >= tries)
			continue;
		step_online(step, i, b->zone);
		return 0;
	}
	return -ENOENT;
}

/* ---- Results --------------------------------------------------------------- */

void hs_conductor_done(struct hs_conductor *c, const struct hs_step *step,
		       enum hs_outcome outcome, enum hs_memblk_state state)
{
	struct hs_conductor_block *b = &c->blk[step->at];

	if (state != HS_MEMBLK_UNKNOWN)
		b->now = state;
	/* An unanswered one may have come to its end after all. */
	if (step->op == HS_OP_ONLINE && block_is_online(b))
		hs_conductor_aimed(c, step);

	if (step->op == HS_OP_OFFLINE) {
		if (outcome == HS_OUTCOME_OK)
			b->ours = true;
		if (!b->astray && block_is_online(b))
			b->away = false;	/* it never left */
		if (!block_is_online(b))
			b->astray = false;
		if (outcome == HS_OUTCOME_UNSUPPORTED)
			b->dropped = true;
		if (c->policy == HS_POLICY_SWEEP)
			c->cursor++;
		else if (c->policy == HS_POLICY_TOGGLE && block_is_online(b))
			toggle_advance(c);
	} else {
		if (block_is_online(b)) {
			if (b->ours && outcome == HS_OUTCOME_OK)
				c->cycles++;
			b->ours = false;
			/* By us it went where it was to go; by somebody else perhaps not. */
			if (outcome == HS_OUTCOME_OK || outcome == HS_OUTCOME_UNANSWERED)
				b->astray = strcmp(b->zone_now, b->zone);
			if (outcome == HS_OUTCOME_OK)
				b->away = b->astray;
			b->online_failed = 0;
			if (c->policy == HS_POLICY_SWEEP)
				c->cursor++;
			else if (c->policy == HS_POLICY_TOGGLE)
				toggle_advance(c);
		} else {
			b->online_failed++;
		}
	}
}

bool hs_conductor_look(struct hs_conductor *c, size_t at, enum hs_memblk_state state,
		       const char *zone, bool hint)
{
	struct hs_conductor_block *b = &c->blk[at];
	bool online = state == HS_MEMBLK_ONLINE;
	bool elsewhere = online && strcmp(zone, b->zone_now);

	hint |= b->looked == b->moved;
	b->looked = b->moved;
	if (online)
		snprintf(b->zone_now, sizeof(b->zone_now), "%s", zone);
	if (state == b->now && !(elsewhere && hint))
		return false;
	b->now = state;
	b->ours = b->away = b->astray = false;
	b->online_failed = 0;
	b->theirs = state != b->found || (online && strcmp(zone, b->zone));
	return true;
}

enum hs_outcome hs_conductor_classify(enum hs_op op, int err, bool signalled,
				      enum hs_memblk_state before, enum hs_memblk_state state)
{
	enum hs_memblk_state want = op == HS_OP_OFFLINE ? HS_MEMBLK_OFFLINE : HS_MEMBLK_ONLINE;

	switch (-err) {
	case 0:
		return state == want ? HS_OUTCOME_OK : HS_OUTCOME_UNEXPECTED;
	case EINTR:
		/* Interrupted means undone. */
		return signalled && (state == before || state == HS_MEMBLK_UNKNOWN) ?
			HS_OUTCOME_INTERRUPTED : HS_OUTCOME_UNEXPECTED;
	case EINVAL:
		/* Also the answer to "offline" of a block that is offline: somebody
		 * was faster. */
		if (state == want && before != want)
			return HS_OUTCOME_REFUSED;
		return HS_OUTCOME_UNSUPPORTED;
	case ENODEV:
	case ENXIO:
	case ENOENT:
	case EPERM:
	case EACCES:
	case EROFS:
	case EOPNOTSUPP:
		return HS_OUTCOME_UNSUPPORTED;
	default:
		return HS_OUTCOME_REFUSED;
	}
}
