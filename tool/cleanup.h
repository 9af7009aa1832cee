/* SPDX-License-Identifier: GPL-2.0-only */
/* Scope-bound release of memory and descriptors. */
#ifndef HS_CLEANUP_H
#define HS_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void hs_cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void hs_cleanup_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void hs_cleanup_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_free_		__attribute__((cleanup(hs_cleanup_freep)))
#define _cleanup_close_		__attribute__((cleanup(hs_cleanup_closep)))
#define _cleanup_fclose_	__attribute__((cleanup(hs_cleanup_fclosep)))

#endif
