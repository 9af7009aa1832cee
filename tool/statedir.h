/* SPDX-License-Identifier: GPL-2.0-only */
/* The directories that hotsoak keeps its own files in, under any root. */
#ifndef HS_STATEDIR_H
#define HS_STATEDIR_H

#define HS_STATEDIR_RUN	"/run/hotsoak"		/* gone with the boot: lock, marks */
#define HS_STATEDIR_LIB	"/var/lib/hotsoak"	/* stays: the journal */

/* Makes SYSROOT@dir, 0700, and what is missing above it, and syncs what it made
 * into the directory above. One that is there stays as it is. */
int hs_statedir_make(const char *sysroot, const char *dir);

/* fsync(2) of a directory: what was made, renamed or removed in it stays so. */
int hs_statedir_sync(const char *path);

#endif
