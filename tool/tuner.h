/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tuners: children that set something of the kernel's again and again while blocks go
 * offline. Children, for such a write may wait until an offline is over: for
 * pcp_batch_high_lock, which zone_pcp_disable() holds from before the isolation to the end,
 * or for the locks of memory and CPU hotplug.
 */
#ifndef HS_TUNER_H
#define HS_TUNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hs_tuner {
	const char *path;		/* below a root */
	const char *old_path;		/* the same before some version, NULL: none */
	const char *rest;		/* behind @path and the number of a CPU, NULL: one file */
	/* What it is set to, in any order; the first when the run begins. "*N": N times the
	 * number that was found. Ends with NULL. */
	const char *const *values;
	bool momentary;			/* nothing of a write lasts: there is nothing to put back */
};

/* Can it be set? 0 or the errno of asking. @root NULL or "": the running system. */
int hs_tuner_ask(const struct hs_tuner *t, const char *root);

/* What the answer means, in words that fit behind "the antagonist NAME: ". */
const char *hs_tuner_words(int answer);

/*
 * The files that it sets, by @i from 0, below the root. Of CPUs the last, at most half of them
 * and at most HS_TUNER_CPUS; never CPU 0. -ENOENT: there are no more.
 */
int hs_tuner_path(const struct hs_tuner *t, const char *root, unsigned int i, char *path,
		  size_t path_bytes);
#define HS_TUNER_CPUS	4

/* The value @i of a file; -ENOENT: there are no more. Before the first write of all. */
int hs_tuner_value(const struct hs_tuner *t, const char *root, const char *path, unsigned int i,
		   char *text, size_t text_bytes);

/* One message for each write. */
struct hs_tuner_report {
	uint64_t took_ns;
	int32_t err;			/* 0 or a negative errno */
	uint32_t reserved;
};

/* The child's side: writes until @fd is closed at the other end. 0 or a negative errno. */
int hs_tuner_work(int fd, const struct hs_tuner *t, const char *root, uint64_t seed);

#endif
