// SPDX-License-Identifier: GPL-2.0-only
/* What this machine has of what a scenario needs; only looks, touches nothing. */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "balloon.h"
#include "blockset.h"
#include "bystander.h"
#include "cleanup.h"
#include "compact.h"
#include "hog.h"
#include "hwpoison.h"
#include "lockdep.h"
#include "lockdown.h"
#include "parse.h"
#include "stress_ng.h"
#include "sysfile.h"
#include "virtio_mem.h"

static bool exists(const struct hs_machine *m, const char *what)
{
	char path[PATH_MAX];

	return !hs_sysfile_path(path, sizeof(path), m->sysroot, "%s", what) &&
	       !access(path, F_OK);
}

static int read_file(const struct hs_machine *m, const char *what, char *text,
		     size_t text_bytes)
{
	return hs_sysfile_read_below(m->sysroot, what, text, text_bytes);
}

static void look_at_cpus(struct hs_machine *m)
{
	struct hs_blockset set = { 0 };
	char text[4096], err[128];

	/* "0-3,8": written like a set of memory blocks. */
	if (read_file(m, "/sys/devices/system/cpu/online", text, sizeof(text)) < 0 ||
	    hs_blockset_parse(&set, text, err, sizeof(err)) < 0)
		return;
	for (size_t i = 0; i < set.nr; i++)
		m->cpus += (unsigned int)(set.range[i].last - set.range[i].first + 1);
	hs_blockset_deinit(&set);
}

static int look_at_kernel(struct hs_machine *m)
{
	char text[8192];

	if (read_file(m, "/proc/sys/kernel/osrelease", m->release, sizeof(m->release)) < 0)
		m->release[0] = '\0';
	if (read_file(m, "/sys/devices/system/memory/auto_online_blocks", m->auto_online,
		      sizeof(m->auto_online)) < 0)
		m->auto_online[0] = '\0';
	if (read_file(m, "/proc/sys/kernel/tainted", text, sizeof(text)) < 0 ||
	    hs_parse_u64(text, 0, UINT64_MAX, &m->taint) < 0)
		m->taint = 0;
	if (!read_file(m, "/proc/cmdline", text, sizeof(text))) {
		char *rest = NULL;

		for (char *w = strtok_r(text, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest))
			m->guest |= !strcmp(w, "hotsoak.guest=1");
	}
	return 0;
}

/* modules.dep is what modprobe looks into: a .ko that depmod never saw is no use. */
static bool is_loadable(const struct hs_machine *m)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char path[PATH_MAX];
	size_t line_bytes = 0;

	if (hs_sysfile_path(path, sizeof(path), m->sysroot, "/lib/modules/%s/modules.dep",
			    m->release) < 0)
		return false;
	f = fopen(path, "re");
	while (f && getline(&line, &line_bytes, f) >= 0) {
		const char *base;

		line[strcspn(line, ":\n")] = '\0';
		base = strrchr(line, '/');
		base = base ? base + 1 : line;
		/* hotsoak.ko, hotsoak.ko.xz, hotsoak.ko.zst */
		if (!strncmp(base, "hotsoak.ko", 10) && (!base[10] || base[10] == '.'))
			return true;
	}
	return false;
}

static void look_at_module(struct hs_machine *m)
{
	_cleanup_close_ int fd = -1;
	struct hotsoak_info info = { .size = sizeof(info) };

	m->module_loaded = exists(m, "/sys/module/hotsoak");
	m->module_loadable = is_loadable(m);
	m->device_error = exists(m, HOTSOAK_DEVICE) ? 0 : -ENOENT;
	/* A device node of a captured tree would be answered by this kernel. */
	if (m->device_error || *m->sysroot)
		return;
	fd = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		m->device_error = -errno;
	else if (ioctl(fd, HOTSOAK_IOC_INFO, &info) < 0)
		m->device_error = -errno;
	else
		m->abi = info.abi;
	m->promised = info.invariants_promised;
	m->usable = info.invariants_usable;
	if (m->abi == HOTSOAK_ABI)
		hs_tally_hooks_from_info(&m->seen, &info);
}

/* What would let hooks be attached that never fire, or none; where it can be read. */
static void look_at_probing(struct hs_machine *m)
{
	char text[16];

	if (!read_file(m, "/sys/kernel/debug/kprobes/enabled", text, sizeof(text)) &&
	    !strcmp(text, "0"))
		snprintf(m->probing, sizeof(m->probing),
			 "kprobes are switched off: echo 1 >/sys/kernel/debug/kprobes/enabled");
	else if (!read_file(m, "/proc/sys/kernel/ftrace_enabled", text, sizeof(text)) &&
		 !strcmp(text, "0"))
		snprintf(m->probing, sizeof(m->probing),
			 "ftrace is switched off: sysctl kernel.ftrace_enabled=1");
	/* What was off at the last arming, and is not now, is missing no more. */
	for (unsigned int i = 0; i < m->seen.nr_hooks && !*m->probing; i++)
		if (m->seen.hooks[i].error == -ESHUTDOWN || m->seen.hooks[i].error == -EBUSY) {
			m->seen.hooks[i].error = 1;
			m->usable = m->promised;
		}
	if (!hs_lockdown_get(m->sysroot, m->lockdown, sizeof(m->lockdown)))
		m->lockdown[0] = '\0';
}

int hs_machine_init(struct hs_machine *m, const char *sysroot)
{
	int r;

	memset(m, 0, sizeof(*m));
	r = hs_memblk_list_init(&m->blocks, sysroot);
	/* A kernel without memory blocks is an answer, not an error. */
	if (r < 0 && r != -ENOTSUP)
		return r;
	m->hotplug = !r;
	memcpy(m->sysroot, m->blocks.sysroot, sizeof(m->sysroot));
	for (size_t i = 0; i < m->blocks.nr; i++)
		m->movable_blocks += m->blocks.blk[i].state == HS_MEMBLK_ONLINE &&
				     hs_memblk_in_zone(&m->blocks.blk[i], "Movable");
	m->root = *m->sysroot || !geteuid();
	if (hs_zone_list_init(&m->zones, sysroot) < 0)
		m->zones.nr = 0;
	look_at_cpus(m);
	look_at_kernel(m);
	look_at_module(m);
	m->lockdep = hs_lockdep_ask(m->sysroot);
	m->hwpoison = hs_hwpoison_ask(m->sysroot);
	m->hog = hs_hog_ask(m->sysroot);
	m->compaction = hs_compact_ask(m->sysroot);
	m->balloon = hs_balloon_ask(m->sysroot);
	m->virtio_mem = hs_virtio_mem_ask(m->sysroot);
	m->huge_hwpoison = hs_hwpoison_huge_ask(m->sysroot);
	m->hard_hwpoison = hs_hwpoison_hard_ask(m->sysroot);
	look_at_probing(m);
	m->stress_ng = !hs_stress_ng_ask(m->sysroot);
	hs_bystander_list(m->sysroot, m->others, sizeof(m->others));
	return 0;
}

void hs_machine_deinit(struct hs_machine *m)
{
	hs_memblk_list_deinit(&m->blocks);
	hs_zone_list_deinit(&m->zones);
}
