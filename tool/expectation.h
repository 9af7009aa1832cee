/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a scenario is expected to find on a kernel: "5.10 PASS, 6.1 FAIL". Knowledge
 * beside the verdict, never in its place: a FAIL that was expected is a FAIL.
 * "6.12-debug PASS" is of those alone that have the word in their release.
 */
#ifndef HS_EXPECTATION_H
#define HS_EXPECTATION_H

#include "verdict.h"

/*
 * Of the kernel @release, as in uname -r, whose first two numbers count, and then a word
 * between hyphens. -ENOENT when
 * nothing is said of it, -EINVAL for a text that is none. @release NULL: only the text
 * is checked.
 */
int hs_expectation_get(const char *text, const char *release, enum hs_verdict *verdict);

#endif
