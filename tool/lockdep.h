/* SPDX-License-Identifier: GPL-2.0-only */
/* Lockdep: the kernel's proof that locks are always taken in one order. */
#ifndef HS_LOCKDEP_H
#define HS_LOCKDEP_H

/*
 * 0: it watches, and what it finds goes to the log. -ENOENT: the kernel was built
 * without (CONFIG_PROVE_LOCKING). -ESHUTDOWN: it has reported something already, and
 * reports once a boot. Else the errno of asking: its files are root's.
 * @root NULL or "": the running system.
 */
int hs_lockdep_ask(const char *root);

/* What the answer means, in words that fit behind "lockdep: ". */
const char *hs_lockdep_words(int answer);

#endif
