/* SPDX-License-Identifier: GPL-2.0-only */
/* The invariant clean-log: kernel log records and taint bits that must not appear. */
#ifndef HS_KMSG_H
#define HS_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the control log-warning writes, behind "WARNING: ". */
#define HS_KMSG_CONTROL "hotsoak control log-warning"

struct hs_kmsg {
	int fd;			/* /dev/kmsg, -1: not open */
	int taint_fd;
	uint64_t taint;		/* mask when the run began, then what is known */
	bool emulated;		/* stalls are noted, not judged: vCPUs wait for a CPU */
	uint64_t looks;		/* checks made */
	uint64_t resizes;	/* new sizes that virtio-mem devices took up */
	uint64_t lost;		/* times that records were overwritten before we looked */
};

enum hs_kmsg_kind { HS_KMSG_INNOCENT, HS_KMSG_STALL, HS_KMSG_BAD };

/* What a record's text means. */
enum hs_kmsg_kind hs_kmsg_classify(const char *text);

/*
 * Opens the log at its end. @root "" or NULL: the running system; else the files
 * dev/kmsg, proc/sys/kernel/tainted and proc/cpuinfo below it.
 */
int hs_kmsg_init(struct hs_kmsg *k, const char *root);
void hs_kmsg_deinit(struct hs_kmsg *k);

/* Taint bits set by loading our own module (out of tree, unsigned) are no news. */
void hs_kmsg_forgive_module(struct hs_kmsg *k);

/*
 * Looks at all that is new. @found is called with each violation (bad = true) or
 * remark. 0, or a negative errno when the log cannot be read any more.
 */
int hs_kmsg_look(struct hs_kmsg *k, void (*found)(bool bad, const char *text, void *ctx),
		 void *ctx);

/* Writes a line to the log, for the control log-warning. */
int hs_kmsg_write(const char *root, const char *text);

#endif
