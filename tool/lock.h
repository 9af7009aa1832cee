/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The locks in /run/hotsoak. One is the machine's: who holds it moves its memory
 * blocks, nobody else does. The other tells whether an operator or a tuner still lives,
 * also one whose run is dead. The kernel releases both when a process is gone, however
 * it went, and not before it has left the kernel.
 */
#ifndef HS_LOCK_H
#define HS_LOCK_H

#include <stddef.h>
#include <sys/types.h>

struct hs_lock {
	int fd;				/* O_CLOEXEC: no child has it; -1: not taken */
};

/* -EWOULDBLOCK: @holder has it, 0 when it has not said so yet. */
int hs_lock_take(struct hs_lock *l, const char *sysroot, pid_t *holder);

/* Accepts one that was never taken. The file stays: removing it would let a third
 * one lock a new file while a second waits for the old. */
void hs_lock_release(struct hs_lock *l);

/* The operator's own, and that of others whose writes may outlast the run: held until it is
 * gone, without a descriptor to show for it.
 * -ENOENT when nobody took the machine's lock before: nobody will ask, either. */
int hs_lock_operator_hold(const char *sysroot);

/* 0: no operator lives; -EWOULDBLOCK: one does. */
int hs_lock_operator_look(const char *sysroot);

#endif
