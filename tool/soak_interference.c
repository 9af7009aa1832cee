// SPDX-License-Identifier: GPL-2.0-only
/*
 * What someone else does to memory blocks during a soak: seen, named, counted, and
 * left alone.
 *
 * The kernel sends its uevent before the write that caused it returns. So when
 * nothing of ours is in flight on a block, all uevents of our own operations have
 * come, and what is more than those is someone else's. That only tells that there
 * was something; what it was is read from sysfs.
 */
#include "soak_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* How long another's operation may be ahead of its uevent. */
#define WAIT_NS		UINT64_C(20000000)
#define WAITS		50

/* @found: it was not counted before. */
static void interference(struct hs_soak *s, bool found, const char *text)
{
	s->tally.interference += found;
	hs_accounting_forget(&s->accounting);
	hs_soak_note(s, "interference", text);
}

bool hs_soak_has_uevents(const struct hs_soak *s)
{
	return s->uevents || s->c.changes;
}

void hs_soak_interference_start(struct hs_soak *s)
{
	/* What cannot be enumerated, as on a tree with only some files, is only not
	 * seen: the blocks of the run are known to the conductor. */
	if (!s->c.blocks || hs_memblk_list_copy(&s->known, s->c.blocks) < 0)
		hs_memblk_list_init(&s->known, s->c.sysroot);
	if (s->c.sysroot && s->c.sysroot[0])
		return;
	/* A run without them looks at the blocks once a second. */
	if (hs_uevents_new(&s->uevents) < 0) {
		s->uevents = NULL;
		hs_soak_note(s, "uevents", "there are none: blocks are looked at once a second instead");
	}
}

static void zone_of(const struct hs_memblk *b, char *zone, size_t zone_bytes)
{
	snprintf(zone, zone_bytes, "%.*s", (int)strcspn(b->zones, " "), b->zones);
}

/* State and zone of block @index now; a block that is gone is in no state. */
static void read_block(struct hs_soak *s, unsigned long index, struct hs_memblk *b)
{
	*b = (struct hs_memblk){ .index = index, .state = HS_MEMBLK_UNKNOWN };
	if (hs_memblk_refresh(&s->known, b) < 0)
		b->state = HS_MEMBLK_UNKNOWN;
}

/* ---- One block -------------------------------------------------------------- */

static void change_name(const struct hs_conductor_block *b, bool was_online, bool changed,
			uint64_t extra, char *text, size_t text_bytes)
{
	const char *left = b->theirs ? "; left so" : ", as it was found";

	if (!changed)
		snprintf(text, text_bytes, "memory%lu was changed %" PRIu64 " times by someone else and is as we left it",
			 b->index, extra);
	else if (b->now == HS_MEMBLK_UNKNOWN)
		snprintf(text, text_bytes, "memory%lu is gone: someone else removed it", b->index);
	else if (b->now != HS_MEMBLK_ONLINE)
		snprintf(text, text_bytes, "memory%lu was put %s by someone else%s", b->index,
			 hs_memblk_state_name(b->now), left);
	else if (was_online)
		snprintf(text, text_bytes, "memory%lu was moved to zone %s by someone else%s",
			 b->index, b->zone_now, left);
	else
		snprintf(text, text_bytes, "memory%lu was put online in zone %s by someone else%s",
			 b->index, b->zone_now, left);
}

void hs_soak_block_look(struct hs_soak *s, size_t at, uint64_t extra, bool hint)
{
	struct hs_conductor_block *b = &s->conductor.blk[at];
	bool was_online = b->now == HS_MEMBLK_ONLINE, told = b->told, changed;
	struct hs_memblk now;
	char zone[16], text[160];

	b->doubt = false;
	read_block(s, b->index, &now);
	/* Someone is at it: what comes of it is seen when it is done. */
	if (now.state == HS_MEMBLK_GOING_OFFLINE) {
		b->doubt = true;
		if (!extra)
			return;
		now.state = b->now;
	} else {
		b->told = false;
	}
	zone_of(&now, zone, sizeof(zone));
	changed = hs_conductor_look(&s->conductor, at, now.state, zone, hint || extra);
	if (!changed && !extra)
		return;
	hs_soak_journal_mark(s, at);
	change_name(b, was_online, changed, extra, text, sizeof(text));
	interference(s, extra || !told, text);
}

void hs_soak_block_lost(struct hs_soak *s, size_t at)
{
	struct hs_conductor_block *b = &s->conductor.blk[at];
	struct hs_memblk now;

	/* What it did last it could not tell us: the uevents are ours. */
	if (b->seen > b->moved)
		b->moved = b->seen;
	read_block(s, b->index, &now);
	b->away = true;
	if (hs_conductor_standing(&s->conductor, at, &now) == HS_STANDING_AS_FOUND)
		b->away = false;
}

/* ---- Blocks of nobody's run -------------------------------------------------- */

static void other_look(struct hs_soak *s, struct hs_memblk *known, bool told)
{
	char zone[16], was[16], text[128];
	struct hs_memblk now;

	read_block(s, known->index, &now);
	zone_of(&now, zone, sizeof(zone));
	zone_of(known, was, sizeof(was));
	if (!told && (now.state == HS_MEMBLK_GOING_OFFLINE ||
		      (now.state == known->state &&
		       (now.state != HS_MEMBLK_ONLINE || !strcmp(zone, was)))))
		return;
	known->state = now.state;
	memcpy(known->zones, now.zones, sizeof(known->zones));
	snprintf(text, sizeof(text), "memory%lu, no block of this run, was put %s%s%s",
		 known->index, hs_memblk_state_name(now.state),
		 now.state == HS_MEMBLK_ONLINE && *zone ? " in zone " : "",
		 now.state == HS_MEMBLK_ONLINE ? zone : "");
	interference(s, true, text);
}

/* ---- Uevents ---------------------------------------------------------------- */

static void uevent_seen(unsigned long index, bool online, void *ctx)
{
	struct hs_soak *s = ctx;
	struct hs_conductor_block *b = hs_conductor_get(&s->conductor, index);
	struct hs_memblk fresh = { .index = index }, *known;

	(void)online;
	if (b) {
		b->seen++;
		return;
	}
	known = hs_memblk_list_get(&s->known, index);
	/* Plugged in since the start: told of each time it is heard of. */
	other_look(s, known ? known : &fresh, true);
}

static void uevents_take(struct hs_soak *s)
{
	int r = s->c.changes ? s->c.changes(uevent_seen, s, s->c.ctx) :
			       hs_uevents_drain(s->uevents, uevent_seen, s);

	s->uevents_lost |= r < 0;
}

void hs_soak_uevents_drain(struct hs_soak *s)
{
	if (!hs_soak_has_uevents(s))
		return;
	uevents_take(s);
	if (s->uevents_lost) {
		s->uevents_lost = false;
		if (!s->uevents_lossy)
			hs_soak_note(s, "uevents", "some were lost: the state and zone of every block was read again");
		s->uevents_lossy = true;
		hs_soak_resync(s, true);
		return;
	}
	for (size_t i = 0; i < s->conductor.nr; i++) {
		struct hs_conductor_block *b = &s->conductor.blk[i];
		/* Those may be done, their answers still unread. */
		unsigned int flying = hs_soak_flying(s, i);
		uint64_t most = b->moved + flying;
		uint64_t extra = b->seen > most ? b->seen - most : 0;
		char text[96];

		/* Fewer than ours, and none to come: those were lost. */
		if (extra || !flying)
			b->seen = most;
		if (extra && flying) {
			snprintf(text, sizeof(text), "memory%lu was changed %" PRIu64 " times by someone else",
				 b->index, extra);
			interference(s, true, text);
			b->doubt = b->told = true;
		} else if (extra || (b->doubt && !flying)) {
			hs_soak_block_look(s, i, extra, true);
		}
	}
}

void hs_soak_resync(struct hs_soak *s, bool hint)
{
	for (size_t i = 0; i < s->conductor.nr; i++) {
		s->conductor.blk[i].seen = s->conductor.blk[i].moved;
		if (hs_soak_flying(s, i))
			s->conductor.blk[i].doubt = hint;
		else
			hs_soak_block_look(s, i, 0, hint);
	}
	for (size_t i = 0; i < s->known.nr; i++)
		if (!hs_conductor_get(&s->conductor, s->known.blk[i].index))
			other_look(s, &s->known.blk[i], false);
}

/* ---- Questions ---------------------------------------------------------------- */

bool hs_soak_block_is_contested(struct hs_soak *s, size_t at)
{
	const struct hs_conductor_block *b = &s->conductor.blk[at];

	if (!hs_soak_has_uevents(s))
		return false;
	uevents_take(s);
	return s->uevents_lost || b->seen > b->moved + 1;
}

static bool is_any_going(struct hs_soak *s)
{
	for (size_t i = 0; i < s->known.nr; i++) {
		struct hs_memblk now;

		read_block(s, s->known.blk[i].index, &now);
		if (now.state == HS_MEMBLK_GOING_OFFLINE)
			return true;
	}
	return false;
}

bool hs_soak_others_at_work(struct hs_soak *s, uint64_t interference)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };

	for (int i = 0; i < WAITS; i++) {
		hs_soak_uevents_drain(s);
		if (s->tally.interference != interference)
			return true;
		if (is_any_going(s)) {
			hs_accounting_forget(&s->accounting);
			return true;
		}
		nanosleep(&pause, NULL);
	}
	return false;
}

void hs_soak_others_wait(struct hs_soak *s)
{
	const struct timespec pause = { .tv_nsec = WAIT_NS };

	for (int i = 0; i < 2 * WAITS; i++) {
		const struct hotsoak_stats *st = &s->tally.stats;

		if (hs_witness_stats(&s->witness, &s->tally) < 0 ||
		    st->windows + st->offlines_early == st->offlines)
			return;
		nanosleep(&pause, NULL);
	}
}
