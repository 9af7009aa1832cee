// SPDX-License-Identifier: GPL-2.0-only
/* What there is around a soak: lock, leftovers, journal. */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int hs_session_open(struct hs_session *s, const char *sysroot, char *why, size_t why_bytes)
{
	pid_t holder;
	int r;

	memset(s, 0, sizeof(*s));
	s->sysroot = sysroot ? sysroot : "";
	s->lock.fd = -1;
	r = hs_lock_take(&s->lock, s->sysroot, &holder);
	if (r == -EWOULDBLOCK && holder)
		snprintf(why, why_bytes,
			 "another hotsoak is at work, process %d: wait for its end, or end it by kill -INT %d",
			 holder, holder);
	else if (r == -EWOULDBLOCK)
		snprintf(why, why_bytes, "another hotsoak is just starting: wait for its end");
	else if (r < 0)
		snprintf(why, why_bytes,
			 "taking the lock in %s%s: %s%s", s->sysroot, HS_STATEDIR_RUN,
			 strerror(-r), r == -EACCES || r == -EPERM ? ": run it with sudo" : "");
	return r;
}

int hs_session_restore(struct hs_session *s, struct hs_restore *r)
{
	r->sysroot = s->sysroot;
	return hs_restore_run(r);
}

int hs_session_journal(struct hs_session *s, char *why, size_t why_bytes)
{
	int r;

	if (s->has_journal)
		hs_journal_deinit(&s->journal);
	s->has_journal = false;
	r = hs_journal_init(&s->journal, s->sysroot);
	if (r < 0) {
		snprintf(why, why_bytes, "%s: %s", s->journal.doing, strerror(-r));
		hs_journal_deinit(&s->journal);
		return r;
	}
	s->has_journal = true;
	return 0;
}

void hs_session_close(struct hs_session *s)
{
	if (!s->sysroot)
		return;
	if (s->has_journal)
		hs_journal_deinit(&s->journal);
	s->has_journal = false;
	hs_lock_release(&s->lock);
	s->sysroot = NULL;
}
