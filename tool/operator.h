/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operator: the child that writes to `state`, so that a kernel that does not
 * answer never stops the supervisor.
 */
#ifndef HS_OPERATOR_H
#define HS_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "memblk.h"
#include "tally.h"

enum hs_word {
	HS_WORD_OFFLINE,
	HS_WORD_ONLINE,
	HS_WORD_ONLINE_MOVABLE,
	HS_WORD_ONLINE_KERNEL,
	HS_NR_WORDS
};

extern const char *const hs_word_names[HS_NR_WORDS];

struct hs_operator_step {
	uint64_t block;			/* index of the memory block */
	uint32_t word;			/* enum hs_word */
	uint32_t reserved;
	/* The next step follows when this one ended well, within this time; else the
	 * supervisor has something to write down first. */
	uint64_t hurry_ns;
	/* The operator's own signal, so long after the write has begun; 0: none. */
	uint64_t signal_after_ns;
};

#define HS_OPERATOR_STEPS 32

/* One message from supervisor to operator. */
struct hs_operator_request {
	uint32_t seq;			/* of the first step; the next has seq + 1, … */
	uint32_t nr;			/* steps, 1 to HS_OPERATOR_STEPS */
	/* 0: each step is answered when it is over, so that it is known which one hangs.
	 * Else all are answered at once, which spares wake-ups, and no offline begins
	 * later than this, from the first step on. */
	uint64_t budget_ns;
	struct hs_operator_step step[HS_OPERATOR_STEPS];
};

/* A message back is an array of these, one for each step that ran. */
struct hs_operator_answer {
	uint32_t seq;
	int32_t err;			/* 0 or negative errno of open(2) or write(2) */
	uint32_t state;			/* enum hs_memblk_state, read back after the write */
	uint32_t more;			/* the next step has begun */
	uint64_t start_ns, end_ns;	/* CLOCK_MONOTONIC, around write(2) */
	uint64_t signal_ns;		/* when that signal was due; 0: it came too late, or
					 * before the kernel was entered, or was not asked for */
};

struct hs_operator {
	char sysroot[256];
	int fd;				/* our end of the socket; readable: an answer, or EOF */
	pid_t pid;			/* 0: none */
	uint32_t seq;			/* next unused */
};

/* Starts the child. @sysroot "" or NULL is the running system. */
int hs_operator_init(struct hs_operator *o, const char *sysroot);

/* Closes the socket and ends the child; -EBUSY when it is stuck in the kernel
 * (then it dies when the kernel lets it go). Accepts one that never started. */
int hs_operator_deinit(struct hs_operator *o);

/* Another child in place of one that died and was reaped. */
int hs_operator_respawn(struct hs_operator *o);

/* Sends @nr steps; @seq gets the number of the first. */
int hs_operator_request(struct hs_operator *o, const struct hs_operator_step *step,
			unsigned int nr, uint64_t budget_ns, uint32_t *seq);

/* Answers that came together, HS_OPERATOR_STEPS at most: how many, at least one.
 * -EAGAIN: none yet; -EPIPE: the operator is gone. Never blocks. */
int hs_operator_answer(struct hs_operator *o, struct hs_operator_answer *a);

/* Asks the kernel to give up the step of the request that began with @seq which it
 * is at. May be repeated, and has to be: a write
 * that was waiting for device_hotplug_lock is restarted, the signal forgotten
 * (lock_device_hotplug_sysfs() in drivers/base/core.c). Harmless when late. */
int hs_operator_interrupt(struct hs_operator *o, uint32_t seq);

/* The child's side: serves @fd until its other end is closed. */
int hs_operator_serve(int fd, const char *sysroot);

#endif
