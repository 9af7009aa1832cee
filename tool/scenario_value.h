/* SPDX-License-Identifier: GPL-2.0-only */
/* Single values of a scenario; what its file and its record share. */
#ifndef HS_SCENARIO_VALUE_H
#define HS_SCENARIO_VALUE_H

#include "scenario.h"

/*
 * Parses @text into the field of @k. -EINVAL for what is no such value, -ERANGE
 * for one beyond the limits, -EEXIST for a second, different hs_hold.
 */
int hs_scenario_set(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text);

/* What should have stood there instead of @value, in words. */
void hs_scenario_expected(const struct hs_scenario_key *k, const char *value, char *text,
			  size_t text_bytes);

#endif
