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

/* The books are looked at with the block away at least so often; between, only
 * whole pairs are compared, which lets both writes go out in one message. */
#define LOOK_NS (HS_SECOND_NS / 2)

uint64_t hs_soak_block_pages(const struct hs_soak *s)
{
	return s->c.block_bytes / (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- Accounting around an operation ---------------------------------------- */

static bool blocks_share_zone(const struct hs_conductor_block *a,
			      const struct hs_conductor_block *b)
{
	return a->node == b->node && !strcmp(a->zone, b->zone);
}

/*
 * An online page of the block's zone: its own last one (the first may hold the
 * block's memmap), else one of another block there. 0: there is none.
 */
static uint64_t zone_pfn(const struct hs_soak *s, size_t at)
{
	const struct hs_conductor *c = &s->conductor;
	uint64_t pages = hs_soak_block_pages(s);

	if (c->blk[at].now == HS_MEMBLK_ONLINE)
		return (c->blk[at].index + 1) * pages - 1;
	for (size_t i = 0; i < c->nr; i++)
		if (c->blk[i].now == HS_MEMBLK_ONLINE &&
		    blocks_share_zone(&c->blk[i], &c->blk[at]))
			return (c->blk[i].index + 1) * pages - 1;
	return 0;
}

static uint64_t zone_key(const struct hs_conductor_block *b)
{
	return (uint64_t)(unsigned int)b->node << 32 | (unsigned char)b->zone[0];
}

static void books_open(struct hs_soak *s, size_t at)
{
	uint64_t pfn;

	s->accounted = false;
	if (!s->tally.inv[HS_INV_ACCOUNTING].armed)
		return;
	pfn = zone_pfn(s, at);
	if (pfn)
		s->accounted = !hs_accounting_begin(&s->accounting,
						    zone_key(&s->conductor.blk[at]), pfn);
}

static void books_close(struct hs_soak *s, size_t at, enum hs_move move)
{
	uint64_t interference = s->tally.interference, pfn;
	char why[160], text[224];
	int r;

	if (!s->accounted)
		return;
	s->accounted = false;
	pfn = zone_pfn(s, at);
	if (!pfn) {
		/* The zone's last block is away: no page to ask by. */
		hs_accounting_forget(&s->accounting);
		return;
	}
	r = hs_accounting_end(&s->accounting, pfn, move, why, sizeof(why));
	s->tally.inv[HS_INV_ACCOUNTING].checks = s->accounting.checks;
	if (r != -EUCLEAN)
		return;
	/* Somebody else may have moved a block: ask before accusing the kernel. */
	hs_soak_uevents_drain(s);
	if (s->tally.interference != interference)
		return;
	snprintf(text, sizeof(text), "memory%lu: %s", s->conductor.blk[at].index, why);
	hs_soak_violation(s, HS_INV_ACCOUNTING, NULL, text);
}

/* ---- Before ----------------------------------------------------------------- */

static struct hs_conductor_block *block_of(struct hs_soak *s, uint64_t pfn)
{
	return hs_conductor_get(&s->conductor, pfn / hs_soak_block_pages(s));
}

static bool block_can_go(uint64_t pfn, void *ctx)
{
	const struct hs_conductor_block *b = block_of(ctx, pfn);

	return b && b->now == HS_MEMBLK_ONLINE && !b->dropped;
}

/*
 * The antagonist's page decides which block goes: the allocator hands out pages
 * of a given block last when it has just come online (FPI_TO_TAIL), so that a
 * page of a block chosen before would cost most of the zone to find.
 */
static void antagonist_act(struct hs_soak *s, struct hs_step *step)
{
	char text[128];
	uint64_t pfn;
	int r;

	if (s->antagonist.hold == HS_HOLD_NONE)
		return;
	r = hs_antagonist_hold(&s->antagonist, s->conductor.blk[step->at].node, block_can_go, s,
			       hs_headroom_spare(s->c.block_bytes), &pfn);
	if (r > 0)
		step->at = (size_t)(block_of(s, pfn) - s->conductor.blk);
	if (r >= 0 || s->hold_failed)
		return;
	s->hold_failed = true;
	snprintf(text, sizeof(text), "no page of the blocks could be held: %s", strerror(-r));
	hs_soak_note(s, "antagonist", text);
}

static void freers_aim(struct hs_soak *s, const struct hs_conductor_block *b)
{
	uint64_t pages = hs_soak_block_pages(s);

	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->aim)
			s->freer[i].desc->aim(s->freer[i].state, b->index * pages, pages);
}

static void freers_drop(struct hs_soak *s)
{
	for (unsigned int i = 0; i < s->nr_freers; i++)
		if (s->freer[i].desc->drop)
			s->freer[i].desc->drop(s->freer[i].state);
}

/* May the online follow its offline without a word in between? */
static bool pair_may_hurry(const struct hs_soak *s, const struct hs_step *step, uint64_t now_ns)
{
	return step->pair && !s->stopping && !s->c.every_cycle && s->antagonist.hold == HS_HOLD_NONE &&
		/* Not before there is a median to tell an outlier by: what goes into
		 * the record is written before the next operation starts. */
		s->median_ns[HS_OP_OFFLINE] &&
		(!s->tally.inv[HS_INV_ACCOUNTING].armed || now_ns - s->looked_ns < LOOK_NS);
}

static int step_request(struct hs_soak *s, const struct hs_step *step, uint64_t now_ns)
{
	struct hs_operator_step steps[HS_OPERATOR_STEPS];
	unsigned long index = s->conductor.blk[step->at].index;
	unsigned int nr = 1;
	uint32_t seq;
	int r;

	steps[0] = (struct hs_operator_step){ .block = index, .word = step->word };
	s->next_is_requested = pair_may_hurry(s, step, now_ns);
	if (s->next_is_requested) {
		hs_conductor_back(&s->conductor, step->at, &s->next_step);
		steps[1] = (struct hs_operator_step){ .block = index, .word = s->next_step.word };
		nr = 2;
	}
	r = hs_operator_request(&s->operator, steps, nr, 2 * s->median_ns[HS_OP_OFFLINE], &seq);
	if (r < 0) {
		s->next_is_requested = false;
		return r;
	}
	hs_flight_start(&s->flight, step, seq, s->conductor.blk[step->at].now, now_ns);
	return 0;
}

/* ---- After ------------------------------------------------------------------ */

static void outcome_count(struct hs_soak *s, const struct hs_flight *f, enum hs_outcome outcome,
			  int err, uint64_t ns)
{
	struct hs_tally *t = &s->tally;
	enum hs_op op = f->step.op;

	t->ops[op][outcome]++;
	if (outcome == HS_OUTCOME_OK) {
		t->transitions++;
		hs_latency_add(&t->latency[op], ns);
	}
	if (s->c.record)
		hs_record_op(s->c.record, op, s->conductor.blk[f->step.at].index, outcome, err, ns,
			     s->median_ns[op]);
}

static void step_undone(struct hs_soak *s)
{
	hs_antagonist_release(&s->antagonist);
	freers_drop(s);
}

/*
 * The operation is over. @err and @state as the operator saw them; for one that
 * was counted as unanswered only the state still matters.
 */
static void step_over(struct hs_soak *s, int err, enum hs_memblk_state state, uint64_t ns,
		      bool more)
{
	struct hs_flight f = s->flight;
	const struct hs_conductor_block *b = &s->conductor.blk[f.step.at];
	enum hs_memblk_state want = f.step.op == HS_OP_OFFLINE ? HS_MEMBLK_OFFLINE :
								 HS_MEMBLK_ONLINE;
	enum hs_outcome outcome = HS_OUTCOME_UNANSWERED;
	enum hs_move move = HS_MOVE_NONE;
	char text[128];

	s->flight.active = false;
	if (!f.unanswered) {
		outcome = hs_conductor_classify(f.step.op, err, f.signalled, f.before, state);
		outcome_count(s, &f, outcome, err, ns);
	} else {
		snprintf(text, sizeof(text), "%s of memory%lu came back after %.3f s: %s",
			 hs_op_names[f.step.op], b->index, (double)ns / HS_SECOND_NS,
			 err ? strerror(-err) : "done after all");
		hs_soak_note(s, "late-answer", text);
	}
	hs_conductor_done(&s->conductor, &f.step, outcome, state);
	s->tally.cycles = s->conductor.cycles;

	if (err == -EINVAL && state == want && f.before != want) {
		snprintf(text, sizeof(text), "memory%lu was %s already, not by us", b->index,
			 hs_memblk_state_name(state));
		hs_soak_interference(s, text);
	}
	if (state != want)
		step_undone(s);
	else
		hs_antagonist_release(&s->antagonist);
	/* A pair's books are closed when it is whole. */
	if (!more) {
		if (!err && state == want && !s->next_is_requested)
			move = f.step.op == HS_OP_OFFLINE ? HS_MOVE_OFF : HS_MOVE_ON;
		else if (!err && state == want && f.step.op == HS_OP_OFFLINE)
			move = HS_MOVE_OFF;	/* the second half never began */
		books_close(s, f.step.at, move);
		if (move == HS_MOVE_OFF)
			s->looked_ns = hs_soak_now(s);
	}
}

static void answer_take(struct hs_soak *s, const struct hs_operator_answer *a)
{
	uint64_t ns = a->end_ns - a->start_ns;

	if (!s->flight.active || a->seq != s->flight.seq)
		return;		/* of an operation that was given up */
	step_over(s, a->err, (enum hs_memblk_state)a->state, ns, a->more);
	if (a->more) {
		hs_flight_start(&s->flight, &s->next_step, a->seq + 1, HS_MEMBLK_OFFLINE,
				a->end_ns);
		return;
	}
	s->next_is_requested = false;
	hs_soak_events_read(s);
	/* A failed online is not tried again in the same breath. */
	s->wait_tick = a->err && s->phase == HS_PHASE_RESTORING;
	hs_soak_advance(s);
}

static int answers_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hs_soak *s = userdata;
	struct hs_operator_answer a;
	int r;

	(void)source;
	(void)fd;
	do {
		r = hs_operator_answer(&s->operator, &a);
		if (!r)
			answer_take(s, &a);
		/* Only the first of two may have another right behind it. */
	} while (!r && a.more);
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
	struct hs_operator_answer a;
	char text[96];
	int r;

	(void)source;
	snprintf(text, sizeof(text), "the operator ended with %s %d",
		 si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	hs_soak_note(s, "operator", text);
	while (!hs_operator_answer(&s->operator, &a) && a.more)
		answer_take(s, &a);
	s->answers = sd_event_source_disable_unref(s->answers);
	s->operator_child = sd_event_source_disable_unref(s->operator_child);
	r = hs_operator_respawn(&s->operator);
	if (!r)
		r = operator_watch(s);
	s->operator_dead = r < 0;
	if (r < 0)
		hs_soak_broken(s, "the operator died and cannot be started again");
	if (s->flight.active) {
		struct hs_memblk_list root = { .sysroot = "" };
		struct hs_memblk b = {
			.index = s->conductor.blk[s->flight.step.at].index,
			.state = HS_MEMBLK_UNKNOWN,
		};

		if (s->c.sysroot)
			snprintf(root.sysroot, sizeof(root.sysroot), "%s", s->c.sysroot);
		hs_memblk_refresh(&root, &b);
		s->next_is_requested = false;
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

static int next_step(struct hs_soak *s, struct hs_step *step)
{
	bool may_offline, fake = s->c.sysroot && s->c.sysroot[0];
	int r;

	may_offline = fake || hs_headroom_allows(s->c.block_bytes);
	if (!may_offline && !s->short_of_memory) {
		s->short_of_memory = true;
		hs_soak_note(s, "headroom", "too little memory is free to take a block: waiting");
	}
	r = hs_conductor_next(&s->conductor, may_offline, step);
	if (r == -ENODEV) {
		snprintf(s->tally.skip, sizeof(s->tally.skip),
			 "the kernel refuses to take any of the blocks");
		hs_soak_stop(s, false);
	}
	return r;
}

void hs_soak_advance(struct hs_soak *s)
{
	uint64_t now = hs_soak_now(s);
	struct hs_step step;
	int r;

	if (s->flight.active || s->wait_tick || s->phase == HS_PHASE_ENDED)
		return;

	if (s->phase == HS_PHASE_RUNNING && is_due_to_stop(s, now)) {
		s->phase = HS_PHASE_RESTORING;
		s->stopping = true;
		s->tally.duration_ns = now - s->start_ns;
		hs_antagonist_release(&s->antagonist);
		hs_soak_freers_stop(s);
	}
	if (s->phase == HS_PHASE_RUNNING)
		r = next_step(s, &step);
	else
		r = s->operator_dead ? -ENOENT :
			hs_conductor_restore(&s->conductor, s->hasty ? RESTORE_TRIES_HASTY :
					     RESTORE_TRIES, &step);
	s->idle = r < 0;
	if (r < 0) {
		if (s->phase == HS_PHASE_RESTORING)
			hs_soak_finish(s);
		else
			s->wait_tick = true;
		return;
	}

	if (step.op == HS_OP_OFFLINE)
		antagonist_act(s, &step);
	books_open(s, step.at);
	if (step.op == HS_OP_OFFLINE) {
		freers_aim(s, &s->conductor.blk[step.at]);
		/* Both may have taken long. */
		now = hs_soak_now(s);
	}
	r = step_request(s, &step, now);
	if (r < 0)
		s->wait_tick = true;
}

void hs_soak_flight_look(struct hs_soak *s, uint64_t now_ns)
{
	struct hs_flight *f = &s->flight;
	enum hs_flight_due due;

	if (!f->active)
		return;
	if (s->stopping && !f->signalled &&
	    (s->hasty || now_ns - s->stop_ns >= HS_SECOND_NS)) {
		/* An online is what we want now; only its limit ends it. */
		if (f->step.op == HS_OP_OFFLINE) {
			hs_flight_hasten(f, now_ns);
			hs_operator_interrupt(&s->operator, f->seq);
		}
	}
	due = hs_flight_look(f, s->scenario->limit_ns, s->scenario->grace_ns, now_ns);
	if (due == HS_FLIGHT_SIGNAL)
		hs_operator_interrupt(&s->operator, f->seq);
	if (due == HS_FLIGHT_UNANSWERED) {
		outcome_count(s, f, HS_OUTCOME_UNANSWERED, -EINTR, now_ns - f->start_ns);
		/* What made it deaf, if that was us, has done its work. */
		step_undone(s);
	}
}
