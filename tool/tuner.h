/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tuners: children that set something of the kernel's, or the blocks' own state, again and
 * again while blocks go offline. Children, for such a write may wait until an offline is over: for
 * pcp_batch_high_lock, which since v5.11 zone_pcp_disable() holds from before the isolation to
 * the end, or for the locks of memory and CPU hotplug.
 */
#ifndef HS_TUNER_H
#define HS_TUNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "knob.h"
#include "memblk.h"

#define HS_TUNER_FILES	16

struct hs_tuner {
	const char *path;		/* below a root */
	const char *old_path;		/* the same before some version, NULL: none */
	const char *rest;		/* behind @path and a number, NULL: one file */
	bool of_blocks;			/* the number is that of a block, of ZONE_MOVABLE; else of a CPU */
	/* What it is set to, in any order; the first when the run begins. "*N": N times the
	 * number that was found. Ends with NULL. */
	const char *const *values;
	const char *also;		/* a file that the kernel sets along, NULL: none */
	int nap_ms;			/* between two writes, at most; 0: HS_TUNER_NAP_MS */
	bool momentary;			/* nothing of a write lasts: there is nothing to put back */
	int (*work)(int fd, const char *root, uint64_t seed);	/* instead of all that: its own */
};

#define HS_TUNER_NAP_MS	40	/* several writes for each offline */

extern const struct hs_tuner hs_tuner_pcp_fraction, hs_tuner_watermark, hs_tuner_drop_caches,
	hs_tuner_thp_toggle, hs_tuner_ksm_run, hs_tuner_hugepage_pool, hs_tuner_cpu_hotplug,
	hs_tuner_online_other, hs_tuner_oom_edge;

/* On this machine, before the first write. */
struct hs_tuner_plan {
	/* Below the root. Of CPUs the last four that are online and not isolated, at most half
	 * of these; never CPU 0. Of blocks those that may be taken, spread if they are many. */
	char path[HS_TUNER_FILES][HS_KNOB_PATH_BYTES];
	unsigned int nr;
	uint64_t found;			/* in the first of them, if that is a number */
};

/* 0; -ENOENT: there is no such file, or it cannot be written; -ENODEV: no block is in
 * ZONE_MOVABLE. @root NULL or "": the running system. @is_wanted, with @ctx: of those blocks,
 * which; NULL: any. */
int hs_tuner_plan(const struct hs_tuner *t, const char *root,
		  bool (*is_wanted)(const struct hs_memblk *b, void *ctx), void *ctx,
		  struct hs_tuner_plan *p);

/* The value @i; -ENOENT: there are no more. */
int hs_tuner_value(const struct hs_tuner *t, const struct hs_tuner_plan *p, unsigned int i,
		   char *text, size_t text_bytes);

/* May min_free_kbytes be doubled? -ERANGE: it is high as it is. May KSM be switched? -EBUSY:
 * somebody uses it. Else 0 or the errno of asking. */
int hs_tuner_ask_watermark(const char *root);
int hs_tuner_ask_ksm(const char *root);

/* What such an answer means, and that of hs_tuner_plan(), in words that fit behind "the
 * antagonist NAME: ". */
const char *hs_tuner_words(int answer);

/* One message for each write. */
struct hs_tuner_report {
	uint64_t took_ns;
	int32_t err;			/* 0 or a negative errno */
	uint32_t reserved;
};

/* The child's side: writes until @fd is closed at the other end. 0 or a negative errno. */
int hs_tuner_work(int fd, const struct hs_tuner *t, const struct hs_tuner_plan *p,
		  const char *root, uint64_t seed);

#endif
