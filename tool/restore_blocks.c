// SPDX-License-Identifier: GPL-2.0-only
/* The blocks that a dead run has left: whose doing each is, and the way back. */
#include "restore_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "flight.h"

#define TRIES		5	/* of one block */
#define GRACE_NS	(5 * HS_RESTORE_SECOND_NS)	/* to answer the signal at the limit */

static int conductor_make(struct hs_restoring *t)
{
	size_t nr = t->j->nr;
	_cleanup_free_ struct hs_memblk *blk = calloc(nr + 1, sizeof(*blk));
	_cleanup_free_ const struct hs_memblk **ptr = calloc(nr + 1, sizeof(*ptr));
	int r;

	t->err = calloc(nr + 1, sizeof(*t->err));
	t->word = calloc(nr + 1, sizeof(*t->word));
	if (!blk || !ptr || !t->err || !t->word)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		const struct hs_journal_block *e = &t->j->blk[i];

		blk[i] = (struct hs_memblk){
			.index = e->index, .state = e->state, .node = e->node,
		};
		memcpy(blk[i].zones, e->zone, sizeof(e->zone));
		ptr[i] = &blk[i];
	}
	r = hs_conductor_init(&t->conductor, HS_POLICY_TOGGLE, 0, ptr, nr);
	for (size_t i = 0; !r && i < nr; i++)
		t->conductor.blk[i].away = t->j->blk[i].away;
	return r;
}

static void block_words(const struct hs_memblk *b, char *text, size_t text_bytes)
{
	if (b->state == HS_MEMBLK_ONLINE)
		snprintf(text, text_bytes, "online in %.*s", (int)strcspn(b->zones, " "),
			 b->zones[0] ? b->zones : "no zone");
	else
		snprintf(text, text_bytes, "%s", hs_memblk_state_name(b->state));
}

static int block_read(const struct hs_restoring *t, size_t at, struct hs_memblk *b)
{
	*b = (struct hs_memblk){
		.index = t->j->blk[at].index, .state = HS_MEMBLK_UNKNOWN,
	};
	return hs_memblk_refresh(&t->root, b);
}

static const char *advice(int err)
{
	static const struct { int err; const char *words; } rows[] = {
		{ 0, "somebody changes it meanwhile: hotsoak check names who may" },
		{ EBUSY, "pages of it are in use: run hotsoak restore again later" },
		{ EAGAIN, "run hotsoak restore again later" },
		{ EINTR, "it took too long: run hotsoak restore again with a longer --timeout" },
		{ ENOMEM, "free some memory and run hotsoak restore again" },
		{ EINVAL, "the kernel does not allow it: hotsoak list shows its valid zones" },
		{ EPERM, "run hotsoak restore as root, where /sys may be written to" },
		{ EACCES, "run hotsoak restore as root, where /sys may be written to" },
		{ EROFS, "run hotsoak restore where /sys may be written to" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == -err)
			return rows[i].words;
	return "dmesg may say why; then run hotsoak restore again";
}

static void block_failed(struct hs_restoring *t, size_t at, const struct hs_memblk *now)
{
	const struct hs_journal_block *e = &t->j->blk[at];
	int err = t->err[at];
	char is[96];

	block_words(now, is, sizeof(is));
	hs_restore_say(t->r, HS_RESTORE_FAILED,
	    "memory%lu is %s, was online in %s: writing %s gave %s: %s", e->index,
	    is, e->zone, hs_word_names[t->word[at]],
	    err ? strerrorname_np(-err) ? strerrorname_np(-err) : strerror(-err) : "success",
	    advice(err));
}

/* Before anything is written: what differs, and whose doing it is. */
static void blocks_look_first(struct hs_restoring *t)
{
	for (size_t i = 0; i < t->j->nr; i++) {
		const struct hs_journal_block *e = &t->j->blk[i];
		struct hs_memblk now;
		char is[96];
		int r = block_read(t, i, &now);

		if (r == -ENODEV) {
			hs_restore_say(t->r, HS_RESTORE_LEFT,
			    "memory%lu is no longer there: somebody has removed it",
			    e->index);
			/* Nothing to write to. */
			t->conductor.blk[i].found = HS_MEMBLK_UNKNOWN;
			continue;
		}
		if (r < 0) {
			hs_restore_say(t->r, HS_RESTORE_FAILED, "reading the state of memory%lu: %s", e->index,
			    strerror(-r));
			t->conductor.blk[i].found = HS_MEMBLK_UNKNOWN;
			continue;
		}
		block_words(&now, is, sizeof(is));
		switch (hs_conductor_standing(&t->conductor, i, &now)) {
		case HS_STANDING_AS_FOUND:
			break;
		case HS_STANDING_AWAY:
			if (t->r->dry_run)
				hs_restore_say(t->r, HS_RESTORE_BACK,
				    "memory%lu is %s, was online in %s", e->index,
				    is, e->zone);
			break;
		case HS_STANDING_FOREIGN:
			hs_restore_say(t->r, HS_RESTORE_LEFT,
			    "memory%lu is %s, was %s in %s when the run began, and the run had not taken it: left so",
			    e->index, is, hs_memblk_state_name(e->state), e->zone);
			t->conductor.blk[i].found = HS_MEMBLK_UNKNOWN;
			break;
		}
	}
}

/* One write, to its end or until it has not answered its signal. */
static int step_carry_out(struct hs_restoring *t, const struct hs_step *step,
			  struct hs_operator_answer *a, bool *signalled)
{
	const struct hs_operator_step os = {
		.block = t->conductor.blk[step->at].index, .word = step->word,
	};
	struct hs_flight f;
	uint32_t seq;
	int r = hs_operator_request(&t->operator, &os, 1, 0, &seq);

	if (r < 0)
		return r;
	hs_flight_start(&f, step, seq, t->conductor.blk[step->at].now, hs_restore_now());
	for (;;) {
		struct pollfd p = { .fd = t->operator.fd, .events = POLLIN };

		if (poll(&p, 1, HS_RESTORE_PAUSE_MS) < 0 && errno != EINTR)
			return -errno;
		r = hs_operator_answer(&t->operator, a);
		*signalled = f.signalled;
		if (r != -EAGAIN)
			return r;
		switch (hs_flight_look(&f, t->r->timeout_ns, GRACE_NS, hs_restore_now())) {
		case HS_FLIGHT_NOTHING:
			break;
		case HS_FLIGHT_SIGNAL:
			hs_operator_interrupt(&t->operator, seq);
			break;
		case HS_FLIGHT_UNANSWERED:
			return -ETIMEDOUT;
		}
	}
}

static const char *no_answer(int err)
{
	if (err == -ETIMEDOUT)
		return "the kernel does not answer, nor heed a signal: run hotsoak restore again, or reboot";
	if (err == -EPIPE)
		return "the child that writes was killed: run hotsoak restore again";
	return strerror(-err);
}

static int blocks_put_back(struct hs_restoring *t)
{
	struct hs_step step;

	while (!hs_conductor_restore(&t->conductor, TRIES, &step)) {
		struct hs_conductor_block *b = &t->conductor.blk[step.at];
		struct hs_operator_answer a = { .state = HS_MEMBLK_UNKNOWN };
		bool signalled = false;
		enum hs_outcome outcome;
		struct hs_memblk now;
		int r;

		hs_conductor_begun(&t->conductor, &step);
		r = step_carry_out(t, &step, &a, &signalled);
		t->word[step.at] = step.word;
		t->err[step.at] = r < 0 ? r : a.err;
		if (r < 0) {
			hs_restore_say(t->r, HS_RESTORE_FAILED, "writing %s to the state of memory%lu: %s",
			    hs_word_names[step.word], b->index, no_answer(r));
			return -EUCLEAN;
		}
		outcome = hs_conductor_classify(step.op, a.err, signalled, b->now,
						(enum hs_memblk_state)a.state);
		hs_conductor_done(&t->conductor, &step, outcome, (enum hs_memblk_state)a.state);
		/* Its zone as well, which the answer does not tell. */
		b->away = true;
		if (!block_read(t, step.at, &now) &&
		    hs_conductor_standing(&t->conductor, step.at, &now) == HS_STANDING_AS_FOUND) {
			b->away = false;
			hs_restore_say(t->r, HS_RESTORE_BACK,
			    "memory%lu is online in %s again", b->index, b->zone);
		} else if (a.err) {
			hs_restore_nap();
		}
	}
	return 0;
}

/* What is still not right after all attempts. */
static void blocks_look_last(struct hs_restoring *t)
{
	for (size_t i = 0; i < t->j->nr; i++) {
		struct hs_conductor_block *b = &t->conductor.blk[i];
		struct hs_memblk now;

		if (b->found == HS_MEMBLK_UNKNOWN)
			continue;
		block_read(t, i, &now);
		switch (hs_conductor_standing(&t->conductor, i, &now)) {
		case HS_STANDING_AS_FOUND:
			break;
		case HS_STANDING_AWAY:
			block_failed(t, i, &now);
			break;
		case HS_STANDING_FOREIGN:
			hs_restore_say(t->r, HS_RESTORE_LEFT,
			    "memory%lu was changed again meanwhile, not by us: left so",
			    b->index);
			break;
		}
	}
}

int hs_restore_blocks(struct hs_restoring *t)
{
	int r = conductor_make(t);

	if (r < 0) {
		hs_restore_say(t->r, HS_RESTORE_FAILED, "%s", strerror(-r));
		return r;
	}
	blocks_look_first(t);
	if (t->r->dry_run)
		return 0;
	r = hs_operator_init(&t->operator, t->r->sysroot);
	if (r < 0) {
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    "starting the child that writes to state: %s", strerror(-r));
		return r;
	}
	r = blocks_put_back(t);
	if (!r)
		blocks_look_last(t);
	hs_operator_deinit(&t->operator);
	return r;
}
