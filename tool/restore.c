// SPDX-License-Identifier: GPL-2.0-only
/* Putting back what a dead run has left. */
#include "restore_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "hwpoison.h"
#include "lock.h"
#include "memcg.h"
#include "witness.h"

#define MODULE_TRIES	20
#define POISON_TRIES	50
/* Longer, and it is somebody else who has it. */
#define DISARM_NS	(10 * HS_RESTORE_SECOND_NS)

void hs_restore_say(struct hs_restore *r, enum hs_restore_news news, const char *fmt, ...)
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

uint64_t hs_restore_now(void)
{
	return hs_clock_ns();
}

void hs_restore_nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = HS_RESTORE_PAUSE_MS * 1000000L }, NULL);
}

/* ---- What the dead run still has in the kernel ----------------------------------- */

/* The first block of the journal that is on its way, NULL: none. */
static const struct hs_journal_block *find_going(const struct hs_restoring *t)
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
static int wait_for_kernel(struct hs_restoring *t)
{
	uint64_t began = hs_restore_now();
	bool told = false;

	for (;;) {
		const struct hs_journal_block *going = find_going(t);
		int busy = hs_lock_operator_look(t->r->sysroot);
		/* Its probes and pages go first; it says so by its one controller. */
		bool arming = !t->root.sysroot[0] && hs_restore_now() - began < DISARM_NS &&
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
			hs_restore_say(t->r, HS_RESTORE_WAITS, "%s: that would be waited for", what);
			return 0;
		}
		if (hs_restore_now() - began >= t->r->timeout_ns) {
			hs_restore_say(t->r, HS_RESTORE_FAILED,
			    "%s: nothing was put back; run hotsoak restore again when it has ended, or reboot",
			    what);
			return -EUCLEAN;
		}
		if (!told)
			hs_restore_say(t->r, HS_RESTORE_WAITS, "%s: waiting", what);
		told = true;
		hs_restore_nap();
	}
}

/* ---- Knobs ----------------------------------------------------------------------- */

static void knob_restore(struct hs_restoring *t, const struct hs_knob *k)
{
	const char *root = t->root.sysroot, *is = k->moves ? "what the run made it" : k->set;
	int stood = hs_knob_stands(k, root), r = stood;

	if (stood == HS_KNOB_SET && !t->r->dry_run)
		r = hs_knob_restore(k, root);
	if (r < 0)
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    r == -ENOENT ? "%s%s: %s: it held %s; mount what it is of and run hotsoak restore again" :
		    "%s%s: %s: it held %s, write that and run hotsoak restore again", root,
		    k->path, strerror(-r), k->was);
	else if (stood == HS_KNOB_GONE)
		hs_restore_say(t->r, HS_RESTORE_LEFT, "%s%s is gone, with what was set there", root,
			       k->path);
	else if (r == HS_KNOB_FOREIGN)
		hs_restore_say(t->r, HS_RESTORE_LEFT,
		    "%s%s was changed again meanwhile, not by us: left so", root, k->path);
	else if (stood == HS_KNOB_SET)
		hs_restore_say(t->r, HS_RESTORE_BACK, t->r->dry_run ? "%s%s is %s, was %s" :
		    "%s%s is no longer %s, but %s again", root, k->path, is, k->was);
}

/* ---- The cgroup ------------------------------------------------------------------ */

static void cgroup_restore(struct hs_restoring *t)
{
	const char *root = t->root.sysroot;
	int r;

	if (t->r->dry_run) {
		if (hs_memcg_ask(root) == -EEXIST)
			hs_restore_say(t->r, HS_RESTORE_BACK, "%s" HS_MEMCG_DIR " is there, was not",
				       root);
		return;
	}
	r = hs_memcg_remove(root);
	if (r < 0)
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    r == -EBUSY ? "%s" HS_MEMCG_DIR ": %s: some process is in it (cgroup.procs): run hotsoak restore again when that is gone" :
		    "%s" HS_MEMCG_DIR ": %s: remove it (rmdir) and run hotsoak restore again",
		    root, strerror(-r));
	else if (r)
		hs_restore_say(t->r, HS_RESTORE_BACK, "%s" HS_MEMCG_DIR " is gone again", root);
}

/* ---- Poison ---------------------------------------------------------------------- */

/* One that went offline with its block the module heals, if it can be had. */
static int heal_offline(const char *root, uint64_t pfn)
{
	struct hs_witness w;
	char why[256];
	int r;

	if (*root || hs_witness_open(&w, why, sizeof(why)) < 0)
		return -EIO;
	r = hs_witness_heal(&w, pfn);
	hs_witness_close(&w);
	return r < 0 ? -EIO : r;
}

/*
 * While its page is in use it cannot be healed: the child that had it poisoned gives it back
 * as soon as it sees that the run is dead, and heals it itself when nobody stops it. A block
 * in which it stays comes online no more: so it is healed before any other goes anywhere.
 */
static void poison_restore(struct hs_restoring *t)
{
	unsigned long long pfn = t->j->poison_pfn;
	const char *root = t->root.sysroot;
	int r;

	if (t->r->dry_run) {
		hs_restore_say(t->r, HS_RESTORE_BACK, "page 0x%llx was to be poisoned", pfn);
		return;
	}
	r = hs_hwpoison_heal(root, pfn);
	for (int i = 0; r == -EBUSY && i < POISON_TRIES; i++) {
		hs_restore_nap();
		r = hs_hwpoison_heal(root, pfn);
	}
	if (r == -EIO)
		r = heal_offline(root, pfn);
	if (r == -EIO)
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    "page 0x%llx was poisoned and its block is offline: only the module of a guest heals it there, and without that it does not come back before a reboot", pfn);
	else if (r < 0)
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    r == -ENOENT ? "page 0x%llx is poisoned: %s: mount debugfs, modprobe hwpoison-inject and run hotsoak restore again" :
		    "page 0x%llx is poisoned: %s: run hotsoak restore again, or reboot", pfn,
		    strerror(-r));
	else if (r)
		hs_restore_say(t->r, HS_RESTORE_BACK, "page 0x%llx is no longer poisoned", pfn);
}

/* ---- The module --------------------------------------------------------------- */

static void module_restore(struct hs_restoring *t)
{
	int r = -EBUSY;

	if (t->root.sysroot[0] || t->j->module != HS_JOURNAL_MODULE_ABSENT ||
	    !hs_witness_is_loaded())
		return;
	if (t->r->dry_run) {
		hs_restore_say(t->r, HS_RESTORE_BACK, "the module hotsoak is loaded, was not");
		return;
	}
	for (int i = 0; i < MODULE_TRIES && r; i++) {
		if (i)
			hs_restore_nap();
		r = hs_witness_unload();
	}
	if (!r)
		hs_restore_say(t->r, HS_RESTORE_BACK, "the module hotsoak is unloaded again");
	else if (hs_witness_is_busy())
		hs_restore_say(t->r, HS_RESTORE_LEFT,
		    "the module hotsoak stays loaded: somebody uses it by now");
	else
		hs_restore_say(t->r, HS_RESTORE_FAILED,
		    "unloading the module hotsoak failed (modprobe -r hotsoak): see dmesg, then run hotsoak restore again");
}

/* ---- The journal --------------------------------------------------------------- */

/* What of it is not whole. 0: all is. */
static unsigned int damage_tell(struct hs_restore *r, const struct hs_journal *j)
{
	unsigned int failed = r->failed;

	for (unsigned int i = 0; i < j->nr_bad && i < HS_JOURNAL_BAD_LINES; i++)
		hs_restore_say(r, HS_RESTORE_FAILED,
		    "line %u of %s%s is damaged and was not used", j->bad_line[i],
		    j->sysroot, HS_JOURNAL_FILE);
	if (j->nr_bad > HS_JOURNAL_BAD_LINES)
		hs_restore_say(r, HS_RESTORE_FAILED, "and %u lines more", j->nr_bad - HS_JOURNAL_BAD_LINES);
	if (j->torn)
		hs_restore_say(r, HS_RESTORE_FAILED, "%s%s is torn: lines are missing from it", j->sysroot,
		    HS_JOURNAL_FILE);
	for (unsigned int i = 0; i < j->nr_lost && i < HS_JOURNAL_LOST; i++)
		hs_restore_say(r, HS_RESTORE_FAILED,
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
		hs_restore_say(r, HS_RESTORE_FAILED, "%s: %s", j->doing, strerror(-e));
		return e;
	}
	return damage ? -EUCLEAN : 0;
}

static int restore(struct hs_restore *r, struct hs_journal *j)
{
	struct hs_restoring t = { .r = r, .j = j, .operator.fd = -1 };
	unsigned int damage;
	int e = hs_journal_load(j);

	if (e == -ENOENT)
		return 0;
	r->had_journal = true;
	if (e < 0 && e != -EUCLEAN) {
		hs_restore_say(r, HS_RESTORE_FAILED, "%s: %s: nothing was put back", j->doing, strerror(-e));
		return e;
	}
	if (j->other_boot) {
		r->discarded = true;
		hs_restore_say(r, HS_RESTORE_DISCARDED,
		    "the journal in %s%s is of an earlier boot and is discarded: the boot has made all blocks and settings anew",
		    j->sysroot, HS_JOURNAL_FILE);
		return journal_finish(r, j, 0);
	}
	damage = damage_tell(r, j);
	memcpy(t.root.sysroot, j->sysroot, sizeof(t.root.sysroot));
	e = wait_for_kernel(&t);
	if (!e && j->poison_pfn)
		poison_restore(&t);
	if (!e)
		e = hs_restore_blocks(&t);
	for (size_t i = j->nr_knobs; !e && i; i--)
		knob_restore(&t, &j->knob[i - 1]);
	if (!e && j->cgroup)
		cgroup_restore(&t);
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
		hs_restore_say(r, HS_RESTORE_FAILED, "%s: %s: nothing was put back", j.doing, strerror(-e));
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
