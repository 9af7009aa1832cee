/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal: what a run may change and how it was before, on disk and synced
 * before the first touch, removed when all is as it was.
 *
 * SYSROOT/var/lib/hotsoak/journal, each line with a checksum before it:
 *
 *	hotsoak-journal 1 BOOT_ID PID
 *	block INDEX STATE ZONE NODE
 *	knob PATH WAS SET [moves]	a file below the root, in the order of setting
 *	cgroup PATH			what the run makes there, see memcg.h
 *	poison PFN			a page that the run poisons; comes and goes
 *	module absent|loaded		absent: what is loaded now the run has loaded
 *	end LINES
 *
 * All of it but the poison is known before a run begins. It is written beside its place,
 * synced and renamed: one that is there is whole unless the disk spoils it. For
 * that case a line vouches for itself: its checksum begins with the boot's id, so
 * that no line of another boot can be taken for one of this.
 *
 * SYSROOT/run/hotsoak/away: which of the blocks the run has taken and not brought
 * back, a line each. Written at every operation and never synced: it outlives the
 * process, and need not outlive the boot.
 */
#ifndef HS_JOURNAL_H
#define HS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "knob.h"
#include "memblk.h"
#include "statedir.h"

#define HS_JOURNAL_FILE		HS_STATEDIR_LIB "/journal"
#define HS_JOURNAL_AWAY_FILE	HS_STATEDIR_RUN "/away"
#define HS_JOURNAL_BAD_LINES	8
#define HS_JOURNAL_LOST		16
#define HS_JOURNAL_KNOBS	24

struct hs_journal_block {
	unsigned long index;
	enum hs_memblk_state state;
	char zone[16];
	int node;
	bool away;			/* taken by the run, not brought back by it */
};

enum hs_journal_module {
	HS_JOURNAL_MODULE_UNKNOWN,	/* the run has nothing to do with it: no line */
	HS_JOURNAL_MODULE_ABSENT,
	HS_JOURNAL_MODULE_LOADED,
};

struct hs_journal {
	char sysroot[256];
	char boot_id[40];		/* of this boot */
	struct hs_journal_block *blk;	/* sorted by index */
	size_t nr;
	struct hs_knob knob[HS_JOURNAL_KNOBS];
	size_t nr_knobs;
	bool cgroup;			/* the run makes that of memcg.h */
	uint64_t poison_pfn;		/* 0: none */
	enum hs_journal_module module;
	char doing[640];		/* "syncing PATH": what a negative errno is of */

	/* Of one that is being written. */
	int away_fd;			/* -1: none */
	bool on_disk;

	/* Of one that was read. */
	bool other_boot;
	pid_t pid;			/* of the run, 0: not known */
	unsigned int nr_bad;		/* lines that cannot be used; the first of them: */
	unsigned int bad_line[HS_JOURNAL_BAD_LINES];
	bool torn;			/* its end is missing */
	bool marks_lost;		/* then every block counts as away */
	unsigned int nr_lost;		/* blocks away whose line is bad; the first: */
	unsigned long lost[HS_JOURNAL_LOST];
};

/* Reads the boot's id. */
int hs_journal_init(struct hs_journal *j, const char *sysroot);
void hs_journal_deinit(struct hs_journal *j);	/* touches no file */

/* ---- Of a run that begins ---- */

/* @b as it is now, in ascending order. */
int hs_journal_add(struct hs_journal *j, const struct hs_memblk *b);

/* That which is to be set to @value; @moves: see struct hs_knob. One that is there already
 * keeps its value, and moves if either does. -ENOSPC: HS_JOURNAL_KNOBS are there. */
int hs_journal_add_knob(struct hs_journal *j, const char *path, const char *value, bool moves);

/* Writes and syncs all that was added, j->cgroup and j->module. After a negative errno
 * there is no journal: do not touch anything. */
int hs_journal_commit(struct hs_journal *j);

/* Before block @at is taken, and after it was brought back. When the mark cannot
 * be written all marks are given up, and every block will count as away. */
int hs_journal_mark(struct hs_journal *j, size_t at, bool away);

/* Before page @pfn is poisoned; 0: it is healed. What is on disk is written anew, synced. */
int hs_journal_poison(struct hs_journal *j, uint64_t pfn);

/* Everything is as it was: removes both files. None there is fine. */
int hs_journal_clear(struct hs_journal *j);

/* ---- Of a run that is dead ---- */

/* -ENOENT: there is none. -EUCLEAN: damaged; what is whole was read. */
int hs_journal_load(struct hs_journal *j);

/* A damaged one, after what is whole in it was put back: kept for a reader as
 * journal.damaged, out of the way of the next run. */
int hs_journal_set_aside(struct hs_journal *j);

#endif
