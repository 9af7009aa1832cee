/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts back what a run that is dead has left, by its journal: the conductor says
 * what, an operator of its own writes. Whoever calls holds the machine's lock.
 */
#ifndef HS_RESTORE_H
#define HS_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "journal.h"

enum hs_restore_news {
	HS_RESTORE_WAITS,		/* for what a dead run still has in the kernel */
	HS_RESTORE_BACK,		/* one thing is as it was again; with dry_run: would be */
	HS_RESTORE_LEFT,		/* changed, but not by the run: not touched */
	HS_RESTORE_FAILED,		/* could not be put back, why, and what to do */
	HS_RESTORE_DISCARDED,		/* the journal is of another boot */
};

struct hs_restore {
	const char *sysroot;		/* NULL or "": this system */
	uint64_t timeout_ns;		/* of each operation, and of waiting */
	bool dry_run;			/* only says what would be done */
	void (*say)(enum hs_restore_news news, const char *text, void *ctx);
	void *ctx;

	/* Results. */
	bool had_journal, discarded;
	unsigned int back, left, failed;
};

/*
 * 0: nothing of a dead run is left, and its journal neither. -EUCLEAN: something
 * could not be put back, said each; the journal stays, unless its own damage is all
 * that is wrong. Another negative errno, said too: the journal cannot be used.
 */
int hs_restore_run(struct hs_restore *r);

/* Gives up what cannot be put back: the journal goes, blocks stay. */
int hs_restore_forget(const char *sysroot);

#endif
