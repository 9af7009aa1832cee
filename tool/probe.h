/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes: what a machine does all the time, done over and over by a child each, and timed.
 *
 * Nothing changes by them. What is written is what was there, and none of these files
 * remembers that it was written to; so the journal has nothing to put back. That rules out
 * vm.min_free_kbytes, which once written is no longer computed by the kernel as memory
 * comes and goes. Mounts are the child's own, and SIGTERM, also that of a parent that was
 * killed, ends a child between two deeds. One that is killed in the midst of one leaves an empty
 * cgroup at worst, which the next removes.
 */
#ifndef HS_PROBE_H
#define HS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum hs_probe_kind {
	HS_PROBE_PCP_WRITE,		/* vm.percpu_pagelist_high_fraction */
	HS_PROBE_PCP_READ,
	HS_PROBE_WATERMARK_WRITE,	/* vm.watermark_scale_factor */
	HS_PROBE_MEMORY_ONLINE,		/* a block that is online */
	HS_PROBE_CPU_ONLINE,		/* a CPU that is */
	HS_PROBE_STATE_READ,		/* of every block */
	HS_PROBE_CGROUP,
	HS_PROBE_MOUNT,
	HS_PROBE_FORK,
	HS_PROBE_MMAP,
	HS_NR_PROBES
};

struct hs_probe_desc {
	const char *name;
	/* Stalls while an offline is stuck, since this kernel: "" all, NULL none. */
	const char *stalls_since;
};

extern const struct hs_probe_desc hs_probes[HS_NR_PROBES];

/* -1: there is none of that name. */
int hs_probe_find(const char *name);

/* By the version alone; one that cannot be read is of a newer kernel than all. */
bool hs_probe_is_expected(enum hs_probe_kind kind, const char *release);

/* One write(2) each, smaller than PIPE_BUF. */
struct hs_probe_report {
	uint64_t start_ns, end_ns;	/* CLOCK_MONOTONIC, around one time */
	int32_t err;			/* negative: it cannot be done here, and ends */
	uint32_t reserved;
};

/*
 * The child: does it and reports it through @fd until that is closed at the other end.
 * @block is one that is online and that the run does not take.
 */
int hs_probe_work(int fd, enum hs_probe_kind kind, unsigned long block);

#endif
