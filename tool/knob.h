/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Knobs: files of /sys and /proc that hold one word each, or one of several in brackets,
 * which a run sets for as long as it lasts. What each held before, and what it was set to,
 * is in the journal first.
 */
#ifndef HS_KNOB_H
#define HS_KNOB_H

#include <stdbool.h>
#include <stddef.h>

#define HS_KNOB_PATH_BYTES	96
#define HS_KNOB_VALUE_BYTES	32

struct hs_knob {
	char path[HS_KNOB_PATH_BYTES];		/* below the root; no blanks */
	char was[HS_KNOB_VALUE_BYTES];
	char set[HS_KNOB_VALUE_BYTES];
	bool moves;	/* the kernel and we change it as the run goes: any other value is ours */
};

/* Where a knob stands. */
enum hs_knob_standing {
	HS_KNOB_AS_FOUND,
	HS_KNOB_SET,			/* by the run */
	HS_KNOB_FOREIGN,		/* to something else, by somebody else */
	HS_KNOB_GONE,			/* with what it controlled: the filesystem is there */
};

/* Fills @k with what is there now and @value, which is to be. -EINVAL: not one word. */
int hs_knob_init(struct hs_knob *k, const char *root, const char *path, const char *value);

/* A negative errno when it cannot be told; -ENOENT: perhaps nothing is mounted there. */
int hs_knob_stands(const struct hs_knob *k, const char *root);

int hs_knob_set(const struct hs_knob *k, const char *root);

/* Writes what it held, if it stands as the run has set it. Where it stands then. */
int hs_knob_restore(const struct hs_knob *k, const char *root);

#endif
