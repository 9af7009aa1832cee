/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of a restore share: restore.c (the journal, what the dead run still
 * has in the kernel, the module) and restore_blocks.c. Nobody else includes it.
 */
#ifndef HS_RESTORE_INTERNAL_H
#define HS_RESTORE_INTERNAL_H

#include "conductor.h"
#include "restore.h"

#define HS_RESTORE_SECOND_NS	UINT64_C(1000000000)
#define HS_RESTORE_PAUSE_MS	100	/* after what failed, and between looks */

struct hs_restoring {
	struct hs_restore *r;
	struct hs_journal *j;
	struct hs_memblk_list root;	/* only for its sysroot */
	struct hs_conductor conductor;
	struct hs_operator operator;
	int *err;			/* of the last operation of each block */
	enum hs_word *word;
};

/* Tells the user, and counts. */
__attribute__((format(printf, 3, 4)))
void hs_restore_say(struct hs_restore *r, enum hs_restore_news news, const char *fmt, ...);

uint64_t hs_restore_now(void);
void hs_restore_nap(void);

/* Fills conductor, err and word, which stay the caller's to free. 0: all that could be
 * put back is, and what could not is told; else nothing more can be done now. */
int hs_restore_blocks(struct hs_restoring *t);

#endif
