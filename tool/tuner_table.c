// SPDX-License-Identifier: GPL-2.0-only
/* What the tuners set, and whether it is theirs to set. */
#include "tuner.h"

#include <errno.h>
#include <string.h>

#include "oom_edge.h"
#include "parse.h"
#include "sysfile.h"
#include "zone.h"

#define VALUES(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define MIN_FREE	"/proc/sys/vm/min_free_kbytes"
#define KSM		"/sys/kernel/mm/ksm/"

/* More of all memory than this is not doubled. */
#define MIN_FREE_ONE_IN	50

/* See percpu_pagelist_high_fraction_sysctl_handler() (mm/page_alloc.c): a value below 8 is
 * refused but for 0, which leaves it to the kernel. */
const struct hs_tuner hs_tuner_pcp_fraction = {
	.path = "/proc/sys/vm/percpu_pagelist_high_fraction",
	.old_path = "/proc/sys/vm/percpu_pagelist_fraction",	/* before v5.14 */
	.values = VALUES("0", "8", "64", "1000"),
};

const struct hs_tuner hs_tuner_watermark = {
	.path = MIN_FREE, .values = VALUES("*1", "*2"),
};

/* A line in the kernel's log each: not so many that others are lost. */
const struct hs_tuner hs_tuner_drop_caches = {
	.path = "/proc/sys/vm/drop_caches", .values = VALUES("1", "2", "3"), .momentary = true,
	.nap_ms = 1000,
};

/* khugepaged has a minimum of free memory of its own: set_recommended_min_free_kbytes()
 * (mm/khugepaged.c). */
const struct hs_tuner hs_tuner_thp_toggle = {
	.path = "/sys/kernel/mm/transparent_hugepage/enabled",
	.values = VALUES("madvise", "always", "never"), .also = MIN_FREE,
};

/* 2 parts all that was merged, and stops. */
const struct hs_tuner hs_tuner_ksm_run = {
	.path = KSM "run", .values = VALUES("1", "0", "2"),
};

const struct hs_tuner hs_tuner_hugepage_pool = {
	.path = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
	.values = VALUES("0", "4", "16"),
};

const struct hs_tuner hs_tuner_cpu_hotplug = {
	.path = "/sys/devices/system/cpu/cpu", .rest = "/online", .values = VALUES("1", "0"),
};

/* In the zone that they were in, so that there is nothing of it to put back. Most writes find
 * the block online, or going: those wait, and bring it back at once. */
const struct hs_tuner hs_tuner_online_other = {
	.path = "/sys/devices/system/memory/memory", .rest = "/state", .of_blocks = true,
	.values = VALUES("online_movable"), .momentary = true, .nap_ms = 10,
};

/* Memory goes back with who has it. */
const struct hs_tuner hs_tuner_oom_edge = { .work = hs_oom_edge_work, .momentary = true };

static int number_read(const char *root, const char *file, uint64_t *number)
{
	char text[HS_KNOB_VALUE_BYTES];
	int r = hs_sysfile_read_below(root, file, text, sizeof(text));

	return r < 0 ? r : hs_parse_u64(text, 0, UINT64_MAX, number);
}

int hs_tuner_ask_watermark(const char *root)
{
	uint64_t kib, bytes;
	int r = number_read(root, MIN_FREE, &kib);

	if (!r)
		r = hs_zone_memtotal_bytes(root, &bytes);
	return r < 0 ? r : kib > bytes / 1024 / MIN_FREE_ONE_IN ? -ERANGE : 0;
}

/* What was merged would need memory of its own again. */
int hs_tuner_ask_ksm(const char *root)
{
	uint64_t run, shared;
	int r = number_read(root, KSM "run", &run);

	if (!r)
		r = number_read(root, KSM "pages_shared", &shared);
	return r < 0 ? r : run == 1 || shared ? -EBUSY : 0;
}

const char *hs_tuner_words(int answer)
{
	switch (answer) {
	case 0:
		return "it can be set";
	case -ENOENT:
		return "this kernel has nothing of the kind, or not for us to set";
	case -ENODEV:
		return "no block that may be taken is in ZONE_MOVABLE";
	case -ERANGE:
		return "vm.min_free_kbytes is more than 2 % of memory: it is not doubled";
	case -EBUSY:
		return "somebody uses KSM: its pages would be parted";
	default:
		return strerror(-answer);
	}
}
