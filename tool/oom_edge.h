/* SPDX-License-Identifier: GPL-2.0-only */
/* Who takes memory until the headroom of a run is all that is left, lets go, and again. */
#ifndef HS_OOM_EDGE_H
#define HS_OOM_EDGE_H

#include <stdint.h>

/*
 * The child's side, see hs_tuner_work(): a report each time that the edge is reached, with
 * the time that it took, or that memory could not be had. Returns when @fd is closed at the
 * other end; what it holds goes with it. 0 or a negative errno.
 */
int hs_oom_edge_work(int fd, const char *root, uint64_t seed);

#endif
