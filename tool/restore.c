// SPDX-License-Identifier: GPL-2.0-only
/* Putting back what a dead run has left. */
#include "restore.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "conductor.h"
#include "flight.h"
#include "lock.h"
#include "witness.h"

#define SECOND_NS	UINT64_C(1000000000)
#define TRIES		5		/* of one block */
#define PAUSE_MS	100		/* after one that failed, and between looks */
#define GRACE_NS	(5 * SECOND_NS)	/* to answer the signal at the limit */
#define MODULE_TRIES	20
#define DISARM_NS	(10 * SECOND_NS)	/* longer, and it is somebody else who has it */

struct restoring {
	struct hs_restore *r;
	struct hs_journal *j;
	struct hs_memblk_list root;	/* only for its sysroot */
	struct hs_conductor conductor;
	struct hs_operator operator;
	int *err;			/* of the last operation of each block */
	enum hs_word *word;
};

__attribute__((format(printf, 3, 4)))
static void say(struct hs_restore *r, enum hs_restore_news news, const char *fmt, ...)
{
	char text[768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (news == HS_RESTORE_BACK)
		r->back++;
	else if (news == HS_RESTORE_LEFT)
		r->left++;
	else if (news == HS_RESTORE_FAILED)
		r->failed++;
	if (r->say)
		r->say(news, text, r->ctx);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND_NS + (uint64_t)ts.tv_nsec;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000L }, NULL);
}

/* ---- What the dead run still has in the kernel ----------------------------------- */

/* The first block of the journal that is on its way, NULL: none. */
static const struct hs_journal_block *find_going(const struct restoring *t)
{
	for (size_t i = 0; i < t->j->nr; i++) {
		struct hs_memblk b = { .index = t->j->blk[i].index };

		if (!hs_memblk_refresh(&t->root, &b) && b.state == HS_MEMBLK_GOING_OFFLINE)
			return &t->j->blk[i];
	}
	return NULL;
}

/*
 * An operator dies with its run, but not before the kernel lets go of it; an
 * offline looks for the signal once a lap only, and an online never. Who writes
 * before that waits for device_hotplug_lock, and sees states that do not last.
 */
static int wait_for_kernel(struct restoring *t)
{
	uint64_t began = now_ns();
	bool told = false;

	for (;;) {
		const struct hs_journal_block *going = find_going(t);
		int busy = hs_lock_operator_look(t->r->sysroot);
		/* Its probes and pages go first; it says so by its one controller. */
		bool arming = !t->root.sysroot[0] && now_ns() - began < DISARM_NS &&
			hs_witness_is_busy();
		char what[160];

		if (going)
			snprintf(what, sizeof(what),
				 "memory%lu is still going offline", going->index);
		else if (busy == -EWOULDBLOCK)
			snprintf(what, sizeof(what),
				 "an operation of the dead run is still in the kernel");
		else if (arming)
			snprintf(what, sizeof(what), "the module is still disarming");
		else
			return 0;
		if (t->r->dry_run) {
			say(t->r, HS_RESTORE_WAITS, "%s: that would be waited for", what);
			return 0;
		}
		if (now_ns() - began >= t->r->timeout_ns) {
			say(t->r, HS_RESTORE_FAILED,
			    "%s: nothing was put back; run hotsoak restore again when it has ended, or reboot",
			    what);
			return -EUCLEAN;
		}
		if (!told)
			say(t->r, HS_RESTORE_WAITS, "%s: waiting", what);
		told = true;
		nap();
	}
}

/* ---- Blocks ------------------------------------------------------------------- */

static int conductor_make(struct restoring *t)
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

static int block_read(const struct restoring *t, size_t at, struct hs_memblk *b)
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

static void block_failed(struct restoring *t, size_t at, const struct hs_memblk *now)
{
	const struct hs_journal_block *e = &t->j->blk[at];
	int err = t->err[at];
	char is[96];

	block_words(now, is, sizeof(is));
	say(t->r, HS_RESTORE_FAILED,
	    "memory%lu is %s, was online in %s: writing %s gave %s: %s", e->index,
	    is, e->zone, hs_word_names[t->word[at]],
	    err ? strerrorname_np(-err) ? strerrorname_np(-err) : strerror(-err) : "success",
	    advice(err));
}

/* Before anything is written: what differs, and whose doing it is. */
static void blocks_look_first(struct restoring *t)
{
	for (size_t i = 0; i < t->j->nr; i++) {
		const struct hs_journal_block *e = &t->j->blk[i];
		struct hs_memblk now;
		char is[96];
		int r = block_read(t, i, &now);

		if (r == -ENODEV) {
			say(t->r, HS_RESTORE_LEFT,
			    "memory%lu is no longer there: somebody has removed it",
			    e->index);
			/* Nothing to write to. */
			t->conductor.blk[i].found = HS_MEMBLK_UNKNOWN;
			continue;
		}
		if (r < 0) {
			say(t->r, HS_RESTORE_FAILED, "reading the state of memory%lu: %s", e->index,
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
				say(t->r, HS_RESTORE_BACK,
				    "memory%lu is %s, was online in %s", e->index,
				    is, e->zone);
			break;
		case HS_STANDING_FOREIGN:
			say(t->r, HS_RESTORE_LEFT,
			    "memory%lu is %s, was %s in %s when the run began, and the run had not taken it: left so",
			    e->index, is, hs_memblk_state_name(e->state), e->zone);
			t->conductor.blk[i].found = HS_MEMBLK_UNKNOWN;
			break;
		}
	}
}

/* One write, to its end or until it has not answered its signal. */
static int step_carry_out(struct restoring *t, const struct hs_step *step,
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
	hs_flight_start(&f, step, seq, t->conductor.blk[step->at].now, now_ns());
	for (;;) {
		struct pollfd p = { .fd = t->operator.fd, .events = POLLIN };

		if (poll(&p, 1, PAUSE_MS) < 0 && errno != EINTR)
			return -errno;
		r = hs_operator_answer(&t->operator, a);
		*signalled = f.signalled;
		if (r != -EAGAIN)
			return r;
		switch (hs_flight_look(&f, t->r->timeout_ns, GRACE_NS, now_ns())) {
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

static int blocks_put_back(struct restoring *t)
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
			say(t->r, HS_RESTORE_FAILED, "writing %s to the state of memory%lu: %s",
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
			say(t->r, HS_RESTORE_BACK,
			    "memory%lu is online in %s again", b->index, b->zone);
		} else if (a.err) {
			nap();
		}
	}
	return 0;
}

/* What is still not right after all attempts. */
static void blocks_look_last(struct restoring *t)
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
			say(t->r, HS_RESTORE_LEFT,
			    "memory%lu was changed again meanwhile, not by us: left so",
			    b->index);
			break;
		}
	}
}

static int blocks_restore(struct restoring *t)
{
	int r = conductor_make(t);

	if (r < 0) {
		say(t->r, HS_RESTORE_FAILED, "%s", strerror(-r));
		return r;
	}
	blocks_look_first(t);
	if (t->r->dry_run)
		return 0;
	r = hs_operator_init(&t->operator, t->r->sysroot);
	if (r < 0) {
		say(t->r, HS_RESTORE_FAILED,
		    "starting the child that writes to state: %s", strerror(-r));
		return r;
	}
	r = blocks_put_back(t);
	if (!r)
		blocks_look_last(t);
	hs_operator_deinit(&t->operator);
	return r;
}

/* ---- The module --------------------------------------------------------------- */

static void module_restore(struct restoring *t)
{
	int r = -EBUSY;

	if (t->root.sysroot[0] || t->j->module != HS_JOURNAL_MODULE_ABSENT ||
	    !hs_witness_is_loaded())
		return;
	if (t->r->dry_run) {
		say(t->r, HS_RESTORE_BACK, "the module hotsoak is loaded, was not");
		return;
	}
	for (int i = 0; i < MODULE_TRIES && r; i++) {
		if (i)
			nap();
		r = hs_witness_unload();
	}
	if (!r)
		say(t->r, HS_RESTORE_BACK, "the module hotsoak is unloaded again");
	else if (hs_witness_is_busy())
		say(t->r, HS_RESTORE_LEFT,
		    "the module hotsoak stays loaded: somebody uses it by now");
	else
		say(t->r, HS_RESTORE_FAILED,
		    "unloading the module hotsoak failed (modprobe -r hotsoak): see dmesg, then run hotsoak restore again");
}

/* ---- The journal --------------------------------------------------------------- */

/* What of it is not whole. 0: all is. */
static unsigned int damage_tell(struct hs_restore *r, const struct hs_journal *j)
{
	unsigned int failed = r->failed;

	for (unsigned int i = 0; i < j->nr_bad && i < HS_JOURNAL_BAD_LINES; i++)
		say(r, HS_RESTORE_FAILED,
		    "line %u of %s%s is damaged and was not used", j->bad_line[i],
		    j->sysroot, HS_JOURNAL_FILE);
	if (j->nr_bad > HS_JOURNAL_BAD_LINES)
		say(r, HS_RESTORE_FAILED, "and %u lines more", j->nr_bad - HS_JOURNAL_BAD_LINES);
	if (j->torn)
		say(r, HS_RESTORE_FAILED, "%s%s is torn: lines are missing from it", j->sysroot,
		    HS_JOURNAL_FILE);
	for (unsigned int i = 0; i < j->nr_lost && i < HS_JOURNAL_LOST; i++)
		say(r, HS_RESTORE_FAILED,
		    "memory%lu was taken, and its line is damaged: look at it with hotsoak list and bring it back by chmem",
		    j->lost[i]);
	return r->failed - failed;
}

static int journal_finish(struct hs_restore *r, struct hs_journal *j, unsigned int damage)
{
	int e;

	if (r->dry_run)
		return damage ? -EUCLEAN : 0;
	if (r->failed > damage)
		return -EUCLEAN;	/* it is needed again */
	e = damage ? hs_journal_set_aside(j) : hs_journal_clear(j);
	if (e < 0) {
		say(r, HS_RESTORE_FAILED, "%s: %s", j->doing, strerror(-e));
		return e;
	}
	return damage ? -EUCLEAN : 0;
}

static int restore(struct hs_restore *r, struct hs_journal *j)
{
	struct restoring t = { .r = r, .j = j, .operator.fd = -1 };
	unsigned int damage;
	int e = hs_journal_load(j);

	if (e == -ENOENT)
		return 0;
	r->had_journal = true;
	if (e < 0 && e != -EUCLEAN) {
		say(r, HS_RESTORE_FAILED, "%s: %s: nothing was put back", j->doing, strerror(-e));
		return e;
	}
	if (j->other_boot) {
		r->discarded = true;
		say(r, HS_RESTORE_DISCARDED,
		    "the journal in %s%s is of an earlier boot and is discarded: the boot has made all blocks anew",
		    j->sysroot, HS_JOURNAL_FILE);
		return journal_finish(r, j, 0);
	}
	damage = damage_tell(r, j);
	memcpy(t.root.sysroot, j->sysroot, sizeof(t.root.sysroot));
	e = wait_for_kernel(&t);
	if (!e)
		e = blocks_restore(&t);
	if (!e)
		module_restore(&t);
	hs_conductor_deinit(&t.conductor);
	free(t.err);
	free(t.word);
	return e < 0 ? e : journal_finish(r, j, damage);
}

int hs_restore_run(struct hs_restore *r)
{
	struct hs_journal j;
	int e = hs_journal_init(&j, r->sysroot);

	r->had_journal = r->discarded = false;
	r->back = r->left = r->failed = 0;
	if (e < 0)
		say(r, HS_RESTORE_FAILED, "%s: %s: nothing was put back", j.doing, strerror(-e));
	else
		e = restore(r, &j);
	hs_journal_deinit(&j);
	return e;
}

int hs_restore_forget(const char *sysroot)
{
	struct hs_journal j;
	int r = hs_journal_init(&j, sysroot);

	if (!r)
		r = hs_journal_clear(&j);
	hs_journal_deinit(&j);
	return r;
}
