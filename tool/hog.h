/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hog: a child that has one CPU for itself, SCHED_FIFO, and never sleeps. What the
 * kernel queues on that CPU for its worker there waits until the hog ends, unless
 * something still gives the worker its share (see hs_antagonists).
 */
#ifndef HS_HOG_H
#define HS_HOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HS_HOG_LIMIT	"/proc/sys/kernel/sched_rt_runtime_us"

struct hs_hog {
	pid_t pid;		/* 0: none */
	int cpu;
};

/* 0: there can be one. -ENOENT: the limit of real-time tasks cannot be lifted. -ERANGE:
 * we may run on one CPU alone. Else the errno of asking. @root NULL or "": the running
 * system. */
int hs_hog_ask(const char *root);

/* What the answer means, in words that fit behind "fifo-hog: ". */
const char *hs_hog_words(int answer);

/*
 * Starts one on h->cpu, and returns when it spins and has left a page in that CPU's LRU
 * batch. It ends by itself after @most_ms, by the kernel's hand a second later
 * (RLIMIT_RTTIME), and when we do: it looks, for the signal of our death may come too
 * late. -EPERM: no real-time task can be had.
 */
int hs_hog_start(struct hs_hog *h, uint64_t most_ms);

bool hs_hog_runs(const struct hs_hog *h);

/* None is fine. -EBUSY: it is not gone yet. */
int hs_hog_stop(struct hs_hog *h);

/* The child's side: tells its errno, or 0, through @fd. */
int hs_hog_work(int fd, int cpu, uint64_t most_ms);

#endif
