// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of a soak: what happens before, during and after each write.
 *
 * The way from one answer to the next request is what `make bench` measures: one
 * recv, one read of events, one snapshot, one send. Everything else waits for
 * the tick.
 */
#include "soak_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Attempts to bring one block back at the end. */
#define RESTORE_TRIES		5
#define RESTORE_TRIES_HASTY	1

/* Good operations before the first median; after that it is a new one each second. */
#define FIRST_MEDIAN	8

uint64_t hs_soak_block_pages(const struct hs_soak *s)
{
	return s->c.block_bytes / (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- Before ----------------------------------------------------------------- */

static struct hs_conductor_block *block_of(struct hs_soak *s, uint64_t pfn)
{
	return hs_conductor_get(&s->conductor, pfn / hs_soak_block_pages(s));
}

static bool block_can_go(uint64_t pfn, void *ctx)
{
	const struct hs_conductor_block *b = block_of(ctx, pfn);

	return b && b->now == HS_MEMBLK_ONLINE && !b->dropped && !b->theirs;
}

/*
 * The antagonist's page decides which block goes: the allocator hands out pages
 * of a given block last when it has just come online (FPI_TO_TAIL), so that a
 * page of a block chosen before would cost most of the zone to find. Even so it may
 * take long: true while it is still being looked for.
 */
static bool antagonist_act(struct hs_soak *s, struct hs_step *step)
{
	const struct hs_antagonist_desc *desc = hs_antagonist_of(s->antagonist.kind);
	struct hs_antagonist_want want = {
		.node = s->conductor.blk[step->at].node, .is_wanted = block_can_go, .ctx = s,
	};
	char text[128];
	uint64_t pfn;
	int r;

	if (!desc || !desc->act)
		return false;
	want.spare_bytes = hs_headroom_spare(&s->headroom);
	r = desc->act(&s->antagonist, &want, &pfn);
	if (r > 0) {
		s->tally.pages_held += desc->is_of_pages;
		step->at = (size_t)(block_of(s, pfn) - s->conductor.blk);
		/* No other goes before that has come back: there is one page at a time. */
		if (desc->poisons)
			hs_conductor_chose(&s->conductor, step->at);
	}
	if (r == -EAGAIN)
		return true;
	if (r >= 0 || s->hold_failed)
		return false;
	s->hold_failed = true;
	snprintf(text, sizeof(text), "%s has not what it needs for an offline: %s", desc->name,
		 strerror(-r));
	hs_soak_note(s, "antagonist", text);
	return false;
}

/* ---- After ------------------------------------------------------------------ */

static void outcome_count(struct hs_soak *s, const struct hs_flight *f, enum hs_outcome outcome,
			  int err, uint64_t ns)
{
	struct hs_tally *t = &s->tally;
	enum hs_op op = f->step.op;

	t->ops[op][outcome]++;
	if (!f->signalled)
		hs_soak_laps_ended(s);
	if (outcome == HS_OUTCOME_OK) {
		t->transitions++;
		hs_latency_add(&t->latency[op], ns);
		if (t->ops[op][outcome] == FIRST_MEDIAN)
			s->median_ns[op] = hs_latency_percentile(&t->latency[op], 0.5);
	}
	if (s->c.record)
		hs_record_op(s->c.record, op, s->conductor.blk[f->step.at].index, outcome, err, ns,
			     s->median_ns[op]);
}

static void step_undone(struct hs_soak *s)
{
	hs_antagonist_release(&s->antagonist);
	hs_soak_freers_drop(s);
}

/*
 * The operation is over. @err and @state as the operator saw them; for one that
 * was counted as unanswered only the state still matters.
 */
static void step_over(struct hs_soak *s, int err, enum hs_memblk_state state, uint64_t ns,
		      bool more)
{
	struct hs_flight f = s->flight;
	struct hs_conductor_block *b = &s->conductor.blk[f.step.at];
	enum hs_memblk_state want = f.step.op == HS_OP_OFFLINE ? HS_MEMBLK_OFFLINE :
								 HS_MEMBLK_ONLINE;
	enum hs_outcome outcome = HS_OUTCOME_UNANSWERED;
	enum hs_move move = HS_MOVE_NONE;
	bool was_away, is_away;
	/* Someone else did it before us, or undid it before its state was read back. */
	bool outrun = err == -EINVAL && state == want && f.before != want;
	bool undone = !err && state != want &&
		(b->told || hs_soak_block_is_contested(s, f.step.at));
	/* Nor is what someone else did to a block as we were interrupted any doing of ours. */
	bool meddled = err == -EINTR && state != f.before &&
		hs_soak_block_is_contested(s, f.step.at);
	enum hs_memblk_state left = outrun ? f.before : undone ? want : state;
	char text[128];

	s->flight.active = false;
	if (!f.unanswered) {
		outcome = hs_conductor_classify(f.step.op, err, f.signalled, f.before,
						undone ? want : meddled ? f.before : state);
		outcome_count(s, &f, outcome, err, ns);
	} else {
		snprintf(text, sizeof(text), "%s of memory%lu came back after %.3f s: %s",
			 hs_op_names[f.step.op], b->index, (double)ns / HS_SECOND_NS,
			 err ? strerror(-err) : "done after all");
		hs_soak_note(s, "late-answer", text);
	}
	/* The uevent of a write that succeeded has come, whenever it is answered. */
	if (!err)
		b->moved++;
	hs_conductor_done(&s->conductor, &f.step, outcome, left);
	if (!more)
		hs_soak_batch_over(s, s->batch.at + 1);
	s->tally.cycles = s->conductor.cycles;
	if ((outrun || undone || b->doubt) && !more) {
		hs_soak_uevents_drain(s);
		hs_soak_block_look(s, f.step.at, 0, true);
	}
	if (outcome == HS_OUTCOME_OK && s->conductor.blk[f.step.at].now == want) {
		hs_soak_node_look(s, f.step.at, !more);
		hs_soak_zone_look(s, f.step.at);
	}
	if (state != want)
		step_undone(s);
	else
		hs_antagonist_release(&s->antagonist);
	/* As it has to be, once; by now its page is healed, or never will be. */
	if (s->refused_for_poison && !s->antagonist.unhealed)
		b->online_failed = 0;
	s->refused_for_poison = false;
	/* The books are closed when the operator has no more to do. */
	if (more)
		return;
	was_away = s->batch.step[0].op == HS_OP_ONLINE;
	is_away = s->conductor.blk[f.step.at].now != HS_MEMBLK_ONLINE;
	if (was_away != is_away)
		move = is_away ? HS_MOVE_OFF : HS_MOVE_ON;
	hs_soak_books_close(s, f.step.at, move);
	if (move == HS_MOVE_OFF)
		s->looked_ns = hs_soak_now(s);
}

static void answer_take(struct hs_soak *s, const struct hs_operator_answer *a)
{
	struct hs_flight *f = &s->flight;
	const struct hs_step *step;
	bool signalled;

	if (!f->active || a->seq != f->seq)
		return;		/* of an operation that was given up */
	hs_soak_signal_answer(s, a);
	hs_soak_soft_offline_answer(s, a);
	hs_soak_hog_answer(s, a);
	hs_soak_bystanders_answer(s, a);
	hs_soak_poison_answer(s, a);
	hs_soak_sysfs_answer(s, a);
	signalled = f->signalled;
	step_over(s, a->err, (enum hs_memblk_state)a->state, a->end_ns - a->start_ns, a->more);
	if (a->more) {
		step = &s->batch.step[++s->batch.at];
		hs_conductor_begun(&s->conductor, step);
		hs_flight_start(f, step, a->seq + 1, s->conductor.blk[step->at].now, a->end_ns);
		/* A signal to many at once was meant for whichever step it would find. */
		if (signalled && s->batch.nr > 2)
			hs_flight_hasten(f, a->end_ns);
		return;
	}
	hs_soak_events_read(s);
	/* A failed online is not tried again in the same breath. */
	s->wait_tick = a->err && s->phase == HS_PHASE_RESTORING;
	hs_soak_advance(s);
}

static int answers_take(struct hs_soak *s)
{
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	int n;

	do {
		n = hs_operator_answer(&s->operator, a);
		for (int i = 0; i < n; i++)
			answer_take(s, &a[i]);
		/* Only the first of a pair may have another right behind it. */
	} while (n > 0 && a[n - 1].more);
	return n;
}

static int answers_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_soak *s = userdata;
	int r = answers_take(s);

	(void)source;
	(void)fd;
	if (r == -EPIPE || (r == -EAGAIN && revents & EPOLLHUP))
		s->answers = sd_event_source_disable_unref(s->answers);
	return 0;
}

/* ---- The operator's life ----------------------------------------------------- */

static int operator_watch(struct hs_soak *s);

/* Its write ended with it: see what became of the block and go on with another. */
static int operator_died(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	struct hs_soak *s = userdata;
	char text[96];
	int r;

	(void)source;
	snprintf(text, sizeof(text), "the operator ended with %s %d",
		 si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	hs_soak_note(s, "operator", text);
	answers_take(s);
	s->answers = sd_event_source_disable_unref(s->answers);
	s->operator_child = sd_event_source_disable_unref(s->operator_child);
	r = hs_operator_respawn(&s->operator);
	if (!r)
		r = operator_watch(s);
	s->operator_dead = r < 0;
	if (r < 0)
		hs_soak_broken(s, "the operator died and cannot be started again");
	if (s->flight.active) {
		struct hs_memblk b = {
			.index = s->conductor.blk[s->flight.step.at].index,
			.state = HS_MEMBLK_UNKNOWN,
		};

		hs_memblk_refresh(&s->known, &b);
		hs_soak_uevents_drain(s);
		for (unsigned int i = s->batch.at; i < s->batch.nr; i++)
			hs_soak_block_lost(s, s->batch.step[i].at);
		step_over(s, -EPIPE, b.state, hs_soak_now(s) - s->flight.start_ns, false);
	}
	s->wait_tick = true;
	return 0;
}

static int operator_watch(struct hs_soak *s)
{
	int r = sd_event_add_io(s->event, &s->answers, s->operator.fd, EPOLLIN, answers_io, s);

	if (r >= 0)
		r = sd_event_add_child(s->event, &s->operator_child, s->operator.pid, WEXITED,
				       operator_died, s);
	return r < 0 ? r : 0;
}

int hs_soak_operator_start(struct hs_soak *s)
{
	int r = hs_operator_init(&s->operator, s->c.sysroot);

	return r < 0 ? r : operator_watch(s);
}

/* ---- Onwards ----------------------------------------------------------------- */

static bool is_due_to_stop(const struct hs_soak *s, uint64_t now_ns)
{
	const struct hs_scenario *sc = s->scenario;

	return s->stopping ||
		(sc->duration_ns && now_ns - s->start_ns >= sc->duration_ns) ||
		(sc->cycles && s->conductor.cycles >= sc->cycles);
}

static int next_step(struct hs_soak *s, struct hs_step *step, uint64_t now_ns)
{
	int r = hs_conductor_next(&s->conductor, true, step);
	char why[96], text[160];

	if (!r && step->op == HS_OP_OFFLINE) {
		const struct hs_conductor_block *b = &s->conductor.blk[step->at];

		if (hs_headroom_allows(&s->headroom, b->node, b->zone_now, now_ns, why, sizeof(why)))
			return 0;
		if (!s->short_of_memory) {
			s->short_of_memory = true;
			snprintf(text, sizeof(text), "memory%lu is not taken now, the run waits: %s",
				 b->index, why);
			hs_soak_note(s, "headroom", text);
		}
		/* What brings memory back may go on. */
		r = hs_conductor_next(&s->conductor, false, step);
	}
	/* One that virtio-mem is about to remove is refused as one is that never could go. */
	if (r == -ENODEV)
		hs_soak_kmsg_look(s);
	if (r == -ENODEV && s->tally.transitions && s->tally.virtio_mem_resizes) {
		hs_soak_stop_for(s, "interference", "a virtio-mem device was resized, and the kernel refuses every block now: the run ends here");
	} else if (r == -ENODEV) {
		snprintf(s->tally.skip, sizeof(s->tally.skip),
			 "the kernel refuses to take any of the blocks");
		hs_soak_stop(s, false);
	}
	if (r == -EBUSY)
		hs_soak_stop_for(s, "interference", "someone else has changed every block: the run ends here");
	return r;
}

/* Its headroom was granted; the search itself eats into that. Others may have come
 * before. */
static bool is_still_due(struct hs_soak *s, const struct hs_step *step)
{
	if (block_can_go(s->conductor.blk[step->at].index * hs_soak_block_pages(s), s))
		return true;
	hs_antagonist_release(&s->antagonist);
	return false;
}

void hs_soak_advance(struct hs_soak *s)
{
	uint64_t now = hs_soak_now(s);
	struct hs_step step;
	bool aimed, freers, batched;
	int r;

	if (s->flight.active || s->wait_tick || s->phase == HS_PHASE_ENDED)
		return;

	if (s->phase == HS_PHASE_RUNNING && is_due_to_stop(s, now)) {
		s->phase = HS_PHASE_RESTORING;
		s->stopping = true;
		s->tally.duration_ns = now - s->start_ns;
		s->antagonist.over = true;
		hs_antagonist_release(&s->antagonist);
		hs_soak_tuners_stop(s);
		hs_soak_freers_stop(s);
	}
	if (hs_antagonist_is_searching(&s->antagonist) && is_still_due(s, &s->sought)) {
		step = s->sought;
		r = 0;
	} else if (s->phase == HS_PHASE_RUNNING) {
		r = next_step(s, &step, now);
	} else {
		r = s->operator_dead ? -ENOENT :
			hs_soak_restore_step(s, s->hasty ? RESTORE_TRIES_HASTY : RESTORE_TRIES,
					     &step);
	}
	s->idle = r < 0;
	if (r < 0) {
		if (s->phase == HS_PHASE_RESTORING)
			hs_soak_finish(s);
		else
			s->wait_tick = true;
		return;
	}

	/* At the end a block that came back into another zone goes once more, alone. */
	aimed = step.op == HS_OP_OFFLINE && s->phase == HS_PHASE_RUNNING;
	if (aimed && antagonist_act(s, &step)) {
		s->sought = step;
		s->wait_tick = true;
		return;
	}
	hs_conductor_aimed(&s->conductor, &step);
	hs_soak_books_open(s, step.at);
	/* With a burst of its block a poisoned page was once moved, probably by
	 * alloc_contig_range(), which fills that, and its poison left in free memory. */
	freers = aimed && !s->antagonist.poisoner;
	if (freers)
		hs_soak_freers_aim(s, &s->conductor.blk[step.at]);
	/* That, and what the antagonist did, may have taken long. */
	if (aimed)
		now = hs_soak_now(s);
	s->batch.signal_after_ns = aimed ? hs_antagonist_signal_after(&s->antagonist) : 0;
	/* Its CPU may have come to a full batch since. */
	batched = aimed && s->antagonist.nr_fresh &&
		hs_antagonist_has_fresh(&s->antagonist, s->antagonist.fresh_pfn);
	hs_soak_sysfs_begin(s, &step);
	if (freers)
		hs_soak_freers_go(s);
	r = hs_soak_batch_request(s, &step, now);
	if (r < 0)
		s->wait_tick = true;
	else
		s->tally.lru_batched += batched;
}

/* Interrupted now, limit or not; an online is what brings memory back. */
static void flight_hasten(struct hs_soak *s, uint64_t now_ns)
{
	if (s->flight.step.op != HS_OP_OFFLINE || s->flight.signalled)
		return;
	hs_flight_hasten(&s->flight, now_ns);
	hs_operator_interrupt(&s->operator, s->batch.seq);
}

/* Others may eat up what was enough when the block began to go. */
static void flight_headroom_look(struct hs_soak *s, uint64_t now_ns)
{
	const struct hs_conductor_block *b = &s->conductor.blk[s->flight.step.at];
	char why[96], text[160];

	if (s->flight.step.op != HS_OP_OFFLINE || s->flight.signalled ||
	    hs_headroom_holds(&s->headroom, b->node, why, sizeof(why)))
		return;
	flight_hasten(s, now_ns);
	if (s->shrank)
		return;
	s->shrank = true;
	snprintf(text, sizeof(text), "the offline of memory%lu was interrupted: %s", b->index, why);
	hs_soak_note(s, "headroom", text);
}

void hs_soak_flight_look(struct hs_soak *s, uint64_t now_ns)
{
	struct hs_flight *f = &s->flight;
	enum hs_flight_due due;
	bool signalled;

	if (!f->active)
		return;
	/* What puts a block back has its limit. An online is what we want now, too. */
	if (s->stopping && !f->signalled &&
	    (s->hasty || (s->phase == HS_PHASE_RUNNING && now_ns - s->stop_ns >= HS_SECOND_NS)))
		flight_hasten(s, now_ns);
	flight_headroom_look(s, now_ns);
	hs_soak_laps_look(s, now_ns);
	signalled = f->signalled;
	due = hs_flight_look(f, s->scenario->limit_ns, s->scenario->grace_ns, now_ns);
	if (f->signalled && !signalled)
		hs_soak_laps_judge(s, now_ns);
	if (due == HS_FLIGHT_SIGNAL)
		hs_operator_interrupt(&s->operator, s->batch.seq);
	if (due == HS_FLIGHT_UNANSWERED) {
		outcome_count(s, f, HS_OUTCOME_UNANSWERED, -EINTR, now_ns - f->start_ns);
		/* What made it deaf, if that was us, has done its work. */
		hs_soak_hog_unanswered(s);
		step_undone(s);
	}
}
