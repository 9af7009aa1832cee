/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of controls: deliberate faults that a run must report. */
#ifndef HS_CONTROL_H
#define HS_CONTROL_H

#include <stdint.h>

#include "uapi/hotsoak.h"

enum hs_danger {
	HS_DANGER_NONE,
	HS_DANGER_DISTURBS,	/* needs --allow NAME */
	HS_DANGER_CORRUPTS,	/* only in a guest marked hotsoak.guest=1 */
	HS_NR_DANGERS
};

extern const char *const hs_danger_names[HS_NR_DANGERS];

struct hs_control_desc {
	const char *name;	/* "late-drain" */
	uint32_t module;	/* enum hotsoak_control, HOTSOAK_CONTROL_NONE: the tool's own */
	uint64_t breaks;	/* mask of the invariants that must report it */
	enum hs_danger danger;
	const char *summary;
};

extern const struct hs_control_desc hs_controls[];	/* ends with name == NULL */

const struct hs_control_desc *hs_control_find(const char *name);

#endif
