/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What there is around a soak, whoever drives it: the machine's lock, what a dead
 * run has left, the journal of the run that begins.
 */
#ifndef HS_SESSION_H
#define HS_SESSION_H

#include "journal.h"
#include "lock.h"
#include "restore.h"

struct hs_session {
	const char *sysroot;		/* must outlive the session */
	struct hs_lock lock;
	struct hs_journal journal;	/* for the soak to fill */
	bool has_journal;
};

/* Takes the lock. On a negative errno one sentence goes to @why; -EWOULDBLOCK:
 * another run, restore or daemon has it. */
int hs_session_open(struct hs_session *s, const char *sysroot, char *why, size_t why_bytes);

/* What a dead run has left is put back; see hs_restore_run(). @r->sysroot is set. */
int hs_session_restore(struct hs_session *s, struct hs_restore *r);

/* An empty journal in s->journal, for one soak; once more for another one. */
int hs_session_journal(struct hs_session *s, char *why, size_t why_bytes);

/* Lets others. Accepts one that was never opened, all zero. */
void hs_session_close(struct hs_session *s);

#endif
