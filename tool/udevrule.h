/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of udev that act on memory blocks, under any root. */
#ifndef HS_UDEVRULE_H
#define HS_UDEVRULE_H

enum hs_udevrule_act {
	HS_UDEVRULE_NONE,
	HS_UDEVRULE_RUNS,	/* runs a program when a memory block changes */
	HS_UDEVRULE_WRITES,	/* sets the state of memory blocks */
};

/*
 * Calls @seen for each rules file in force that acts on memory blocks, by its name
 * without directory. Of files with the same name the one counts that udevd would
 * read: /etc before /run before /usr/local/lib before /usr/lib and /lib; one that
 * is a link to /dev/null is none.
 */
void hs_udevrule_each(const char *sysroot,
		      void (*seen)(const char *name, enum hs_udevrule_act act, void *ctx),
		      void *ctx);

#endif
