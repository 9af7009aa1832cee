/* SPDX-License-Identifier: GPL-2.0-only */
/* Child processes: always exec'ed, so that only the supervisor holds the witness. */
#ifndef HS_CHILD_H
#define HS_CHILD_H

#include <sys/types.h>

#define HS_CHILD_FD 3	/* where a child finds the descriptor it was given */

/*
 * Starts @file (a path, or a name to look up in PATH) with @argv. @fd becomes
 * HS_CHILD_FD, -1: none; everything else of ours is O_CLOEXEC and stays here.
 * The child dies with us (PR_SET_PDEATHSIG), has no signal blocked and gets
 * @oom_score_adj. 0, or the negative errno of fork or exec.
 */
int hs_child_spawn(const char *file, char *const argv[], int fd, int oom_score_adj, pid_t *pid);

/* The same without a descriptor, and as the leader of a process group of its own. */
int hs_child_spawn_group(const char *file, char *const argv[], int oom_score_adj, pid_t *pid);

/* As hs_child_spawn() for a hidden command of this binary; argv[0] is "hotsoak". */
int hs_child_spawn_self(char *const argv[], int fd, int oom_score_adj, pid_t *pid);

/*
 * What a child says of its start through the pipe @fd: 0 or a negative errno, an int32_t.
 * -EPIPE: it died before; -ETIMEDOUT: nothing within @wait_ms.
 */
int hs_child_told(int fd, int wait_ms);

/* Runs @file to its end: its exit status (128 + signal), or a negative errno. */
int hs_child_run(const char *file, char *const argv[]);

/* SIGTERM, and SIGKILL when it is not gone within @wait_ms; reaps it. -EBUSY: not even then. */
int hs_child_end(pid_t pid, int wait_ms);

/* SIGKILL, and reaps it if it is gone within @wait_ms: -EBUSY if not. */
int hs_child_kill(pid_t pid, int wait_ms);

#endif
