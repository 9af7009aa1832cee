// SPDX-License-Identifier: GPL-2.0-only
/* The conductor's order, outcome classes and restoration; the flight's limits. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "conductor.h"
#include "flight.h"

#define NR 3

static const struct hs_memblk blocks[NR] = {
	{ .index = 32, .state = HS_MEMBLK_ONLINE, .phys_index = 32, .zones = "Movable" },
	{ .index = 33, .state = HS_MEMBLK_ONLINE, .phys_index = 33, .zones = "Normal Movable" },
	{ .index = 40, .state = HS_MEMBLK_ONLINE, .phys_index = 40, .zones = "Movable Normal" },
};
static const struct hs_memblk *const target[NR] = { &blocks[0], &blocks[1], &blocks[2] };

static void begin(struct hs_conductor *c, enum hs_policy policy, uint64_t seed)
{
	assert_int_equal(hs_conductor_init(c, policy, seed, target, NR), 0);
}

static void succeed(struct hs_conductor *c, const struct hs_step *step)
{
	hs_conductor_done(c, step, HS_OUTCOME_OK, step->op == HS_OP_OFFLINE ?
			  HS_MEMBLK_OFFLINE : HS_MEMBLK_ONLINE);
}

static void expect(struct hs_conductor *c, enum hs_word word, unsigned long index)
{
	struct hs_step step;

	assert_int_equal(hs_conductor_next(c, true, &step), 0);
	assert_int_equal(step.word, word);
	assert_int_equal(c->blk[step.at].index, index);
	succeed(c, &step);
}

static enum hs_word word_back(unsigned long index)
{
	/* Back to the zone that it was in, which is the first. */
	return index == 33 ? HS_WORD_ONLINE_KERNEL : HS_WORD_ONLINE_MOVABLE;
}

static enum hs_word next_word(struct hs_conductor *c)
{
	struct hs_step step;

	assert_int_equal(hs_conductor_next(c, true, &step), 0);
	hs_conductor_begun(c, &step);
	hs_conductor_aimed(c, &step);
	succeed(c, &step);
	return step.word;
}

/* To the other zone and back, by turns; before that is known, and at the end, to its own. */
static void zones_alternate(void **state)
{
	struct hs_conductor_block *b;
	struct hs_memblk now;
	struct hs_conductor c;
	struct hs_step step;

	assert_int_equal(hs_conductor_init(&c, HS_POLICY_TOGGLE, 1, target, 1), 0);
	b = c.blk;
	c.alternates = true;
	assert_int_equal(next_word(&c), HS_WORD_OFFLINE);
	assert_int_equal(next_word(&c), HS_WORD_ONLINE_MOVABLE);
	assert_false(b->astray || b->away);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(next_word(&c), HS_WORD_OFFLINE);
		hs_conductor_zones_seen(&c, 0, i % 2 ? "Movable Normal" : "Normal Movable");
		assert_int_equal(next_word(&c), i % 2 ? HS_WORD_ONLINE_MOVABLE : HS_WORD_ONLINE_KERNEL);
		assert_string_equal(b->zone_now, i % 2 ? "Movable" : "Normal");
		assert_int_equal(b->astray, i % 2 == 0);
		assert_int_equal(b->away, i % 2 == 0);
	}
	/* Refused in the other zone: it stays there, and is ours to bring back. */
	assert_int_equal(next_word(&c), HS_WORD_OFFLINE);
	assert_int_equal(next_word(&c), HS_WORD_ONLINE_KERNEL);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(hs_conductor_next(&c, true, &step), 0);
		hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_ONLINE);
		assert_true(b->astray && b->away);
	}
	assert_int_equal(hs_conductor_restore(&c, 2, &step), 0);
	assert_int_equal(step.word, HS_WORD_OFFLINE);
	succeed(&c, &step);
	assert_int_equal(hs_conductor_restore(&c, 2, &step), 0);
	assert_int_equal(step.word, HS_WORD_ONLINE_MOVABLE);
	hs_conductor_aimed(&c, &step);
	succeed(&c, &step);
	now = blocks[0];
	assert_int_equal(hs_conductor_standing(&c, 0, &now), HS_STANDING_AS_FOUND);
	assert_int_equal(hs_conductor_restore(&c, 2, &step), -ENOENT);
	/* Late, and there after all; or elsewhere than was asked for. */
	assert_int_equal(next_word(&c), HS_WORD_OFFLINE);
	hs_conductor_back(&c, 0, &step);
	assert_int_equal(step.word, HS_WORD_ONLINE_KERNEL);
	hs_conductor_done(&c, &step, HS_OUTCOME_UNANSWERED, HS_MEMBLK_ONLINE);
	assert_true(b->astray && b->away);
	hs_conductor_strayed(&c, 0, "Movable");
	assert_false(b->astray || b->away);
	hs_conductor_strayed(&c, 0, "DMA32");
	assert_true(b->astray && b->away);
	assert_string_equal(b->zone_now, "DMA32");
	hs_conductor_strayed(&c, 0, "Movable");
	/* Somebody else put it back: not ours any more, and its turn is still to come. */
	assert_int_equal(next_word(&c), HS_WORD_OFFLINE);
	assert_true(hs_conductor_look(&c, 0, HS_MEMBLK_ONLINE, "Movable", true));
	assert_false(b->astray || b->away || b->theirs);
	hs_conductor_deinit(&c);
}

/* What is told ahead is what comes, across rounds too. */
static void toggle_is_known_ahead(void **state)
{
	struct hs_step told[HS_OPERATOR_STEPS], step;
	struct hs_conductor c;
	size_t nr;

	begin(&c, HS_POLICY_TOGGLE, 7);
	for (nr = 0; nr < HS_OPERATOR_STEPS - 1; nr++)
		assert_true(hs_conductor_ahead(&c, nr, &told[nr]));
	assert_int_equal(hs_conductor_next(&c, true, &step), 0);
	succeed(&c, &step);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(hs_conductor_next(&c, true, &step), 0);
		assert_int_equal(step.at, told[i].at);
		assert_int_equal(step.word, told[i].word);
		assert_int_equal(step.pair, told[i].pair);
		succeed(&c, &step);
	}
	/* A block that cannot be taken ends what is known. */
	c.blk[c.order[c.cursor + 1]].dropped = true;
	assert_true(hs_conductor_ahead(&c, 0, &step));
	assert_false(hs_conductor_ahead(&c, 1, &step));
	hs_conductor_deinit(&c);
	begin(&c, HS_POLICY_SWEEP, 7);
	assert_false(hs_conductor_ahead(&c, 0, &step));
	hs_conductor_deinit(&c);
}

static void toggle_takes_each_once_a_round(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	for (int round = 0; round < 5; round++) {
		unsigned int seen = 0;

		for (int i = 0; i < NR; i++) {
			unsigned long index;

			assert_int_equal(hs_conductor_next(&c, true, &step), 0);
			assert_int_equal(step.word, HS_WORD_OFFLINE);
			assert_true(step.pair);
			assert_false(seen & 1u << step.at);
			seen |= 1u << step.at;
			index = c.blk[step.at].index;
			succeed(&c, &step);
			expect(&c, word_back(index), index);
		}
		assert_int_equal(seen, (1u << NR) - 1);
	}
	assert_int_equal(c.cycles, 5 * NR);
	hs_conductor_deinit(&c);
}

/* Another block than the one whose turn it is: it comes back before any other goes, and
 * the round is still one of all blocks. */
static void toggle_follows_a_choice(void **state)
{
	struct hs_conductor c;
	struct hs_step step;
	unsigned int went[NR] = { 0 };

	begin(&c, HS_POLICY_TOGGLE, 7);
	for (size_t i = 0; i < NR; i++) {
		assert_int_equal(hs_conductor_next(&c, true, &step), 0);
		if (!i) {
			step.at = c.order[NR - 1];
			hs_conductor_chose(&c, step.at);
		}
		went[step.at]++;
		succeed(&c, &step);
		expect(&c, word_back(c.blk[step.at].index), c.blk[step.at].index);
	}
	for (size_t i = 0; i < NR; i++)
		assert_int_equal(went[i], 1);
	hs_conductor_deinit(&c);
}

static void toggle_passes_a_refusal(void **state)
{
	struct hs_conductor c;
	struct hs_step step;
	size_t refused;

	begin(&c, HS_POLICY_TOGGLE, 1);
	assert_int_equal(hs_conductor_next(&c, true, &step), 0);
	refused = step.at;
	hs_conductor_done(&c, &step, HS_OUTCOME_INTERRUPTED, HS_MEMBLK_ONLINE);
	assert_int_equal(hs_conductor_next(&c, true, &step), 0);
	assert_int_equal(step.op, HS_OP_OFFLINE);
	assert_int_not_equal(step.at, refused);
	assert_int_equal(c.cycles, 0);
	hs_conductor_deinit(&c);
}

static void sweep_takes_all_then_brings_all(void **state)
{
	struct hs_conductor c;

	begin(&c, HS_POLICY_SWEEP, 1);
	for (int round = 0; round < 2; round++) {
		expect(&c, HS_WORD_OFFLINE, 32);
		expect(&c, HS_WORD_OFFLINE, 33);
		expect(&c, HS_WORD_OFFLINE, 40);
		expect(&c, HS_WORD_ONLINE_MOVABLE, 32);
		expect(&c, HS_WORD_ONLINE_KERNEL, 33);
		expect(&c, HS_WORD_ONLINE_MOVABLE, 40);
	}
	assert_int_equal(c.cycles, 6);
	hs_conductor_deinit(&c);
}

static void sweep_turns_when_memory_is_short(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_SWEEP, 1);
	assert_int_equal(hs_conductor_next(&c, false, &step), -EAGAIN);
	expect(&c, HS_WORD_OFFLINE, 32);
	assert_int_equal(hs_conductor_next(&c, false, &step), 0);
	assert_int_equal(step.op, HS_OP_ONLINE);
	assert_int_equal(c.blk[step.at].index, 32);
	hs_conductor_deinit(&c);
}

static void random_follows_the_seed(void **state)
{
	struct hs_conductor a, b, other;
	struct hs_step x, y, z;
	int differs = 0;

	begin(&a, HS_POLICY_RANDOM, 7);
	begin(&b, HS_POLICY_RANDOM, 7);
	begin(&other, HS_POLICY_RANDOM, 8);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(hs_conductor_next(&a, true, &x), 0);
		assert_int_equal(hs_conductor_next(&b, true, &y), 0);
		assert_int_equal(hs_conductor_next(&other, true, &z), 0);
		assert_int_equal(x.at, y.at);
		assert_int_equal(x.word, y.word);
		differs += x.at != z.at;
		succeed(&a, &x);
		succeed(&b, &y);
		succeed(&other, &z);
	}
	assert_true(differs > 0);
	hs_conductor_deinit(&a);
	hs_conductor_deinit(&b);
	hs_conductor_deinit(&other);
}

static void unsupported_blocks_are_dropped(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	for (int i = 0; i < NR; i++) {
		assert_int_equal(hs_conductor_next(&c, true, &step), 0);
		hs_conductor_done(&c, &step, HS_OUTCOME_UNSUPPORTED, HS_MEMBLK_ONLINE);
	}
	assert_int_equal(hs_conductor_next(&c, true, &step), -ENODEV);
	hs_conductor_deinit(&c);
}

static void restore_brings_all_back_and_gives_up(void **state)
{
	struct hs_conductor c;
	struct hs_step step;
	int tries = 0;

	begin(&c, HS_POLICY_SWEEP, 1);
	expect(&c, HS_WORD_OFFLINE, 32);
	expect(&c, HS_WORD_OFFLINE, 33);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), 0);
	assert_int_equal(step.word, HS_WORD_ONLINE_MOVABLE);
	succeed(&c, &step);
	while (!hs_conductor_restore(&c, 5, &step)) {
		assert_int_equal(c.blk[step.at].index, 33);
		assert_int_equal(step.word, HS_WORD_ONLINE_KERNEL);
		hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_OFFLINE);
		tries++;
	}
	assert_int_equal(tries, 5);
	hs_conductor_deinit(&c);
}

static void outcomes(void **state)
{
	enum { on = HS_MEMBLK_ONLINE, off = HS_MEMBLK_OFFLINE };
	static const struct {
		int err; bool signalled; int before, after; enum hs_outcome outcome;
	} row[] = {
		{ 0, false, on, off, HS_OUTCOME_OK },
		{ 0, true, on, off, HS_OUTCOME_OK },
		{ 0, false, on, on, HS_OUTCOME_UNEXPECTED },
		{ 0, false, on, HS_MEMBLK_UNKNOWN, HS_OUTCOME_UNEXPECTED },
		{ -EINTR, true, on, on, HS_OUTCOME_INTERRUPTED },
		{ -EINTR, false, on, on, HS_OUTCOME_UNEXPECTED },
		{ -EINTR, true, on, off, HS_OUTCOME_UNEXPECTED },
		{ -EINTR, true, on, HS_MEMBLK_GOING_OFFLINE, HS_OUTCOME_UNEXPECTED },
		{ -EINTR, true, on, HS_MEMBLK_UNKNOWN, HS_OUTCOME_INTERRUPTED },
		{ -EBUSY, false, on, on, HS_OUTCOME_REFUSED },
		{ -ENOMEM, false, on, on, HS_OUTCOME_REFUSED },
		{ -EINVAL, false, on, on, HS_OUTCOME_UNSUPPORTED },
		{ -EINVAL, false, on, off, HS_OUTCOME_REFUSED },
		{ -ENOENT, false, on, HS_MEMBLK_UNKNOWN, HS_OUTCOME_UNSUPPORTED },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(hs_conductor_classify(HS_OP_OFFLINE, row[i].err, row[i].signalled,
						       (enum hs_memblk_state)row[i].before,
						       (enum hs_memblk_state)row[i].after),
				 row[i].outcome);
}

static void other_hands_are_seen(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	/* As it was left, in the zone that it was found in. */
	assert_false(hs_conductor_look(&c, 0, HS_MEMBLK_ONLINE, "Movable", true));
	assert_false(c.blk[0].theirs);
	/* Put offline: not ours to bring back. */
	assert_true(hs_conductor_look(&c, 0, HS_MEMBLK_OFFLINE, "", false));
	assert_true(c.blk[0].theirs);
	assert_false(hs_conductor_look(&c, 0, HS_MEMBLK_OFFLINE, "", true));
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);
	/* Back as it was found: it may be taken again. */
	assert_true(hs_conductor_look(&c, 0, HS_MEMBLK_ONLINE, "Movable", false));
	assert_false(c.blk[0].theirs);
	/* In another zone. */
	assert_true(hs_conductor_look(&c, 0, HS_MEMBLK_ONLINE, "Normal", false));
	assert_true(c.blk[0].theirs);
	assert_false(hs_conductor_look(&c, 0, HS_MEMBLK_ONLINE, "Normal", true));
	hs_conductor_deinit(&c);
}

/* Where an online of ours put it may be the kernel's choice. */
static void another_zone_needs_a_hint(void **state)
{
	struct hs_conductor c;

	begin(&c, HS_POLICY_TOGGLE, 1);
	c.blk[1].moved = 2;
	assert_false(hs_conductor_look(&c, 1, HS_MEMBLK_ONLINE, "DMA32", false));
	/* It stays there: still ours, to be put right. */
	assert_false(hs_conductor_look(&c, 1, HS_MEMBLK_ONLINE, "DMA32", false));
	assert_false(c.blk[1].theirs);
	/* Ours once more, into its own zone as far as we know. */
	c.blk[1].moved = 4;
	memcpy(c.blk[1].zone_now, c.blk[1].zone, sizeof(c.blk[1].zone));
	assert_true(hs_conductor_look(&c, 1, HS_MEMBLK_ONLINE, "DMA32", true));
	assert_true(c.blk[1].theirs);
	hs_conductor_deinit(&c);
}

static void ours_brought_back_by_others(void **state)
{
	struct hs_conductor c;
	struct hs_step step;
	size_t at;

	begin(&c, HS_POLICY_SWEEP, 1);
	assert_int_equal(hs_conductor_next(&c, true, &step), 0);
	at = step.at;
	succeed(&c, &step);
	assert_true(hs_conductor_look(&c, at, HS_MEMBLK_ONLINE, "Normal", false));
	assert_true(c.blk[at].theirs);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);
	/* And away again: still theirs, though we had it away before. */
	assert_true(hs_conductor_look(&c, at, HS_MEMBLK_OFFLINE, "", false));
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);
	hs_conductor_deinit(&c);
}

static void what_is_theirs_is_not_taken(void **state)
{
	static const enum hs_policy policies[] = {
		HS_POLICY_TOGGLE, HS_POLICY_SWEEP, HS_POLICY_RANDOM,
	};
	struct hs_conductor c;
	struct hs_step step;

	for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
		begin(&c, policies[p], 7);
		hs_conductor_look(&c, 0, HS_MEMBLK_OFFLINE, "", false);
		hs_conductor_look(&c, 2, HS_MEMBLK_ONLINE, "Normal", false);
		for (int i = 0; i < 20; i++) {
			assert_int_equal(hs_conductor_next(&c, true, &step), 0);
			assert_int_equal(step.at, 1);
			succeed(&c, &step);
		}
		hs_conductor_look(&c, 1, HS_MEMBLK_UNKNOWN, "", true);
		assert_int_equal(hs_conductor_next(&c, true, &step), -EBUSY);
		hs_conductor_deinit(&c);
	}
}

static void finds_blocks_by_index(void **state)
{
	struct hs_conductor c;

	begin(&c, HS_POLICY_TOGGLE, 1);
	assert_ptr_equal(hs_conductor_get(&c, 40), &c.blk[2]);
	assert_ptr_equal(hs_conductor_get(&c, 32), &c.blk[0]);
	assert_null(hs_conductor_get(&c, 34));
	hs_conductor_deinit(&c);
}

#define MS UINT64_C(1000000)

static void flight_signals_then_gives_up(void **state)
{
	struct hs_step step = { .op = HS_OP_OFFLINE };
	struct hs_flight f;

	hs_flight_start(&f, &step, 1, HS_MEMBLK_ONLINE, 1000 * MS);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 999 * MS), HS_FLIGHT_NOTHING);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1499 * MS), HS_FLIGHT_NOTHING);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1500 * MS), HS_FLIGHT_SIGNAL);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1550 * MS), HS_FLIGHT_NOTHING);
	/* Again: the first may have met a restarted write. */
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1600 * MS), HS_FLIGHT_SIGNAL);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1800 * MS), HS_FLIGHT_UNANSWERED);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1801 * MS), HS_FLIGHT_SIGNAL);
	assert_int_equal(hs_flight_look(&f, 500 * MS, 300 * MS, 1802 * MS), HS_FLIGHT_NOTHING);
}

static void flight_without_limit_waits(void **state)
{
	struct hs_step step = { .op = HS_OP_OFFLINE };
	struct hs_flight f;

	hs_flight_start(&f, &step, 1, HS_MEMBLK_ONLINE, 0);
	assert_int_equal(hs_flight_look(&f, 0, MS, 1000000 * MS), HS_FLIGHT_NOTHING);
	hs_flight_hasten(&f, 1000000 * MS);
	assert_int_equal(hs_flight_look(&f, 0, MS, 1000001 * MS), HS_FLIGHT_UNANSWERED);
}

static enum hs_standing look(struct hs_conductor *c, size_t at, enum hs_memblk_state state,
			     const char *zones)
{
	struct hs_memblk now = { .index = c->blk[at].index, .state = state };

	memcpy(now.zones, zones, strlen(zones) + 1);
	return hs_conductor_standing(c, at, &now);
}

static void begin_step(struct hs_conductor *c, struct hs_step *step, size_t at)
{
	*step = (struct hs_step){ .at = at, .op = HS_OP_OFFLINE, .word = HS_WORD_OFFLINE };
	hs_conductor_begun(c, step);
}

/* What is ours: from the request until our own online, whatever others did between. */
static void a_block_is_ours_while_it_is_away(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	begin_step(&c, &step, 0);
	assert_true(c.blk[0].away);
	/* Refused: it never left. */
	hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_ONLINE);
	assert_false(c.blk[0].away);
	/* The operator died on it. */
	begin_step(&c, &step, 0);
	hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_GOING_OFFLINE);
	assert_true(c.blk[0].away);
	begin_step(&c, &step, 0);
	succeed(&c, &step);
	assert_true(c.blk[0].away);
	/* Somebody else was faster, perhaps into another zone. */
	hs_conductor_back(&c, 0, &step);
	hs_conductor_begun(&c, &step);
	hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_ONLINE);
	assert_true(c.blk[0].away);
	begin_step(&c, &step, 0);
	succeed(&c, &step);
	hs_conductor_back(&c, 0, &step);
	succeed(&c, &step);
	assert_false(c.blk[0].away);
	hs_conductor_deinit(&c);
}

static void a_foreign_change_is_left(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	assert_int_equal(look(&c, 0, HS_MEMBLK_ONLINE, "Movable"), HS_STANDING_AS_FOUND);
	assert_int_equal(look(&c, 0, HS_MEMBLK_OFFLINE, "Movable"), HS_STANDING_FOREIGN);
	assert_int_equal(look(&c, 1, HS_MEMBLK_ONLINE, "Movable"), HS_STANDING_FOREIGN);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);
	hs_conductor_deinit(&c);
}

static void another_zone_is_put_right(void **state)
{
	struct hs_conductor c;
	struct hs_step step;

	begin(&c, HS_POLICY_TOGGLE, 1);
	begin_step(&c, &step, 0);
	succeed(&c, &step);
	assert_int_equal(look(&c, 0, HS_MEMBLK_ONLINE, "Normal"), HS_STANDING_AWAY);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), 0);
	assert_int_equal(step.word, HS_WORD_OFFLINE);
	assert_false(step.pair);
	succeed(&c, &step);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), 0);
	assert_int_equal(step.word, HS_WORD_ONLINE_MOVABLE);
	succeed(&c, &step);
	assert_int_equal(look(&c, 0, HS_MEMBLK_ONLINE, "Movable"), HS_STANDING_AS_FOUND);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);

	/* Not for ever. */
	begin_step(&c, &step, 0);
	succeed(&c, &step);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(look(&c, 0, HS_MEMBLK_ONLINE, "Normal"), HS_STANDING_AWAY);
		assert_int_equal(hs_conductor_restore(&c, 5, &step), 0);
		assert_int_equal(step.op, HS_OP_OFFLINE);
		hs_conductor_done(&c, &step, HS_OUTCOME_REFUSED, HS_MEMBLK_ONLINE);
		assert_true(c.blk[0].away);
	}
	assert_int_equal(look(&c, 0, HS_MEMBLK_ONLINE, "Normal"), HS_STANDING_AWAY);
	assert_int_equal(hs_conductor_restore(&c, 5, &step), -ENOENT);
	hs_conductor_deinit(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(toggle_takes_each_once_a_round),
		cmocka_unit_test(zones_alternate),
		cmocka_unit_test(toggle_is_known_ahead),
		cmocka_unit_test(toggle_follows_a_choice),
		cmocka_unit_test(toggle_passes_a_refusal),
		cmocka_unit_test(sweep_takes_all_then_brings_all),
		cmocka_unit_test(sweep_turns_when_memory_is_short),
		cmocka_unit_test(random_follows_the_seed),
		cmocka_unit_test(unsupported_blocks_are_dropped),
		cmocka_unit_test(restore_brings_all_back_and_gives_up),
		cmocka_unit_test(other_hands_are_seen),
		cmocka_unit_test(another_zone_needs_a_hint),
		cmocka_unit_test(ours_brought_back_by_others),
		cmocka_unit_test(what_is_theirs_is_not_taken),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(finds_blocks_by_index),
		cmocka_unit_test(flight_signals_then_gives_up),
		cmocka_unit_test(flight_without_limit_waits),
		cmocka_unit_test(a_block_is_ours_while_it_is_away),
		cmocka_unit_test(a_foreign_change_is_left),
		cmocka_unit_test(another_zone_is_put_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
