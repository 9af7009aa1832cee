// SPDX-License-Identifier: GPL-2.0-only
/* Whether the kernel is locked down, see kernel_lockdown(7): then no unsigned module. */
#include "lockdown.h"

#include <stdio.h>
#include <string.h>

#include "sysfile.h"

/* "none [integrity] confidentiality": the one in brackets is it. */
bool hs_lockdown_get(const char *sysroot, char *level, size_t level_bytes)
{
	char text[128], *open, *close;

	if (hs_sysfile_read_below(sysroot, "/sys/kernel/security/lockdown", text,
				  sizeof(text)) < 0)
		return false;
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (!close)
		return false;
	*close = '\0';
	snprintf(level, level_bytes, "%s", open + 1);
	return strcmp(level, "none") != 0;
}
