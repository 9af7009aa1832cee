// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the operator is asked in one request: the next step, and as many after it as
 * it may take by itself, without a word in between.
 */
#include "soak_internal.h"

/* The books are looked at with the block away at least so often; between, only
 * whole pairs are compared, which lets many writes go out in one message. */
#define LOOK_NS (HS_SECOND_NS / 2)

/* How long the operator may go on by itself: a stop waits so long. */
#define BATCH_NS (HS_SECOND_NS / 20)

/* May the online follow its offline without a word in between? */
static bool pair_may_hurry(const struct hs_soak *s, const struct hs_step *step, uint64_t now_ns)
{
	return step->pair && !s->stopping && !s->c.every_cycle &&
		!s->scenario->antagonists && !s->scenario->alternate_zones &&
		/* Not before there is a median to tell an outlier by: what goes into
		 * the record is written before the next operation starts. */
		s->median_ns[HS_OP_OFFLINE] &&
		(!s->tally.inv[HS_INV_ACCOUNTING].armed || now_ns - s->looked_ns < LOOK_NS);
}

/* How many more steps the operator may take by itself after @step. */
static unsigned int steps_ahead(const struct hs_soak *s, const struct hs_step *step,
				uint64_t now_ns)
{
	uint64_t cycles = s->scenario->cycles, most = HS_OPERATOR_STEPS - 1;

	if (!pair_may_hurry(s, step, now_ns))
		return 0;
	/* Freers take aim before each offline. */
	if (s->nr_freers)
		return 1;
	if (cycles && 2 * (cycles - s->conductor.cycles) - 1 < most)
		most = 2 * (cycles - s->conductor.cycles) - 1;
	return (unsigned int)most;
}

/* Every block that the operator may take counts as away before it is told to. */
static void batch_begun(struct hs_soak *s)
{
	for (unsigned int i = 0; i < s->batch.nr; i++) {
		hs_conductor_begun(&s->conductor, &s->batch.step[i]);
		hs_soak_journal_mark(s, s->batch.step[i].at);
	}
}

void hs_soak_batch_over(struct hs_soak *s, unsigned int from)
{
	const struct hs_batch *b = &s->batch;

	for (unsigned int i = from; i < b->nr; i++)
		if (b->step[i].op == HS_OP_OFFLINE)
			hs_conductor_recall(&s->conductor, b->step[i].at);
	for (unsigned int i = 0; i < b->nr; i++)
		hs_soak_journal_mark(s, b->step[i].at);
}

int hs_soak_batch_request(struct hs_soak *s, const struct hs_step *step, uint64_t now_ns)
{
	struct hs_operator_step steps[HS_OPERATOR_STEPS];
	struct hs_batch *b = &s->batch;
	unsigned int most = steps_ahead(s, step, now_ns);
	uint64_t budget_ns;
	uint32_t seq;
	int r;

	b->step[0] = *step;
	b->at = 0;
	/* One zone, for the books are those of one. */
	for (b->nr = 1; b->nr <= most; b->nr++)
		if (!hs_conductor_ahead(&s->conductor, b->nr - 1, &b->step[b->nr]) ||
		    !hs_soak_share_zone(&s->conductor.blk[step->at],
				       &s->conductor.blk[b->step[b->nr].at]))
			break;
	for (unsigned int i = 0; i < b->nr; i++)
		steps[i] = (struct hs_operator_step){
			.block = s->conductor.blk[b->step[i].at].index, .word = b->step[i].word,
			.hurry_ns = HS_RECORD_OUTLIER * s->median_ns[b->step[i].op],
		};
	steps[0].signal_after_ns = b->signal_after_ns;
	batch_begun(s);
	budget_ns = b->nr > 2 ? BATCH_NS : 0;
	r = hs_operator_request(&s->operator, steps, b->nr, budget_ns, &seq);
	if (r < 0) {
		hs_soak_batch_over(s, 0);
		return r;
	}
	s->batch.seq = seq;
	/* Which step it is at is not known until all are answered: a limit comes late
	 * rather than early. */
	hs_flight_start(&s->flight, step, seq, s->conductor.blk[step->at].now,
			now_ns + budget_ns);
	return 0;
}

unsigned int hs_soak_flying(const struct hs_soak *s, size_t at)
{
	unsigned int nr = 0;

	for (unsigned int i = s->batch.at; s->flight.active && i < s->batch.nr; i++)
		nr += s->batch.step[i].at == at;
	return nr;
}
