// SPDX-License-Identifier: GPL-2.0-only
/* Memory that must stay free while blocks are away. */
#include "headroom.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "cleanup.h"
#include "parse.h"

#define LEAST_BYTES (UINT64_C(64) << 20)

uint64_t hs_headroom_bytes(uint64_t total_bytes)
{
	uint64_t share = total_bytes / 20;

	return share > LEAST_BYTES ? share : LEAST_BYTES;
}

static int available_bytes(uint64_t *bytes)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/meminfo", "re");
	char line[128];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		char *digits = line + 13, *unit;

		if (strncmp(line, "MemAvailable:", 13))
			continue;
		digits += strspn(digits, " ");
		unit = digits + strspn(digits, "0123456789");
		*unit = '\0';
		if (hs_parse_u64(digits, 0, UINT64_MAX >> 10, bytes) < 0)
			return -EPROTO;
		*bytes <<= 10;
		return 0;
	}
	return -ENODATA;
}

uint64_t hs_headroom_spare(uint64_t take_bytes)
{
	uint64_t available, keep;
	struct sysinfo si;

	if (sysinfo(&si) < 0)
		return 0;
	keep = take_bytes + hs_headroom_bytes((uint64_t)si.totalram * si.mem_unit);
	if (available_bytes(&available) < 0)
		available = (uint64_t)si.freeram * si.mem_unit;
	return available > keep ? available - keep : 0;
}

bool hs_headroom_allows(uint64_t take_bytes)
{
	struct sysinfo si;

	/* Free memory alone mostly suffices, and is one cheap call; what could be
	 * reclaimed besides takes reading /proc/meminfo. */
	if (!sysinfo(&si) && (uint64_t)si.freeram * si.mem_unit >=
	    take_bytes + hs_headroom_bytes((uint64_t)si.totalram * si.mem_unit))
		return true;
	return hs_headroom_spare(take_bytes) > 0;
}
