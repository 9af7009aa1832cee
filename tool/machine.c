// SPDX-License-Identifier: GPL-2.0-only
/* What this machine has of what a scenario needs; only looks, touches nothing. */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "blockset.h"
#include "bystander.h"
#include "cleanup.h"
#include "compact.h"
#include "hog.h"
#include "hook.h"
#include "hugetlb.h"
#include "hwpoison.h"
#include "invariant.h"
#include "lockdep.h"
#include "lockdown.h"
#include "parse.h"
#include "pressure.h"
#include "sysfile.h"
#include "virtio_mem.h"

const char *const hs_item_status_names[HS_NR_ITEM_STATUSES] = {
	[HS_ITEM_OK] = "ok",
	[HS_ITEM_WARN] = "warn",
	[HS_ITEM_NO] = "no",
};

/* ---- looking ------------------------------------------------------------ */

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

static bool in_path(const struct hs_machine *m, const char *program)
{
	static const char standard[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const char *env = getenv("PATH");
	_cleanup_free_ char *dirs = strdup(env && !*m->sysroot ? env : standard);
	char *rest = dirs, *dir, path[PATH_MAX];

	while (rest && (dir = strsep(&rest, ":"))) {
		if (!*dir || hs_sysfile_path(path, sizeof(path), m->sysroot, "%s/%s", dir, program))
			continue;
		if (!access(path, X_OK))
			return true;
	}
	return false;
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
	m->hugetlb = hs_hugetlb_ask(m->sysroot);
	m->virtio_mem = hs_virtio_mem_ask(m->sysroot);
	m->huge_hwpoison = hs_hwpoison_huge_ask(m->sysroot);
	m->hard_hwpoison = hs_hwpoison_hard_ask(m->sysroot);
	look_at_probing(m);
	m->stress_ng = in_path(m, "stress-ng");
	hs_bystander_list(m->sysroot, m->others, sizeof(m->others));
	return 0;
}

void hs_machine_deinit(struct hs_machine *m)
{
	hs_memblk_list_deinit(&m->blocks);
	hs_zone_list_deinit(&m->zones);
}

/* ---- judging ------------------------------------------------------------ */

#define LOOK(name) \
	static enum hs_item_status look_##name(const struct hs_machine *m, \
					       const struct hs_scenario *s, \
					       char *words, size_t bytes)

LOOK(root)
{
	snprintf(words, bytes, m->root ? "running as root" :
		 "not root: blocks and /dev/hotsoak are root's; use sudo");
	return m->root ? HS_ITEM_OK : HS_ITEM_NO;
}

LOOK(hotplug)
{
	char size[32] = "";

	hs_bytes_format(m->blocks.block_bytes, size, sizeof(size));
	if (m->hotplug && !m->blocks.stay)
		snprintf(words, bytes, "%zu blocks of %s", m->blocks.nr, size);
	else
		snprintf(words, bytes, "%s", hs_memblk_why_none(&m->blocks));
	return m->hotplug && !m->blocks.stay ? HS_ITEM_OK : HS_ITEM_NO;
}

LOOK(movable)
{
	snprintf(words, bytes, "%u online in ZONE_MOVABLE, %s needs %u%s", m->movable_blocks,
		 s->name, s->needs_blocks, m->movable_blocks < s->needs_blocks ?
		 "; boot with movablecore=, or online hot-added blocks as online_movable" : "");
	return m->movable_blocks < s->needs_blocks ? HS_ITEM_NO : HS_ITEM_OK;
}

LOOK(auto_online)
{
	bool picks_zone = !strcmp(m->auto_online, "online") ||
			  !strcmp(m->auto_online, "online_kernel");

	snprintf(words, bytes, "%s%s", *m->auto_online ? m->auto_online : "no policy",
		 picks_zone ? ": hot-added blocks may land outside of ZONE_MOVABLE" : "");
	return picks_zone ? HS_ITEM_WARN : HS_ITEM_OK;
}

LOOK(others)
{
	snprintf(words, bytes, *m->others ? "%s may change blocks during a run" :
		 "nobody else is known to act on memory blocks%s", m->others);
	return *m->others ? HS_ITEM_WARN : HS_ITEM_OK;
}

LOOK(module)
{
	enum hs_item_status lacking = s->needs_module ? HS_ITEM_NO : HS_ITEM_WARN;

	if (m->device_error == -EBUSY) {
		snprintf(words, bytes, HOTSOAK_DEVICE " is in use by another run");
		return lacking;
	}
	if (m->device_error == -EACCES || m->device_error == -EPERM) {
		snprintf(words, bytes, "loaded, but " HOTSOAK_DEVICE " is root's");
		return lacking;
	}
	if (m->device_error && m->device_error != -ENOENT) {
		snprintf(words, bytes, HOTSOAK_DEVICE " does not answer: %s",
			 strerror(-m->device_error));
		return lacking;
	}
	if (!m->device_error && m->abi && m->abi != HOTSOAK_ABI) {
		snprintf(words, bytes, "loaded, but speaks ABI %u and this tool %u; install both from one build",
			 m->abi, HOTSOAK_ABI);
		return lacking;
	}
	if (!m->device_error) {
		snprintf(words, bytes, "loaded%s", m->abi ? ", of this tool's ABI" : "");
		return HS_ITEM_OK;
	}
	if (m->module_loaded) {
		snprintf(words, bytes, "loaded, but there is no " HOTSOAK_DEVICE "; is devtmpfs mounted on /dev?");
		return lacking;
	}
	if (m->module_loadable && *m->lockdown) {
		snprintf(words, bytes, "not loaded, and the kernel is locked down (%s): it takes no unsigned module; " HS_LOCKDOWN_CURE,
			 m->lockdown);
		return lacking;
	}
	if (m->module_loadable) {
		snprintf(words, bytes, "not loaded, modprobe hotsoak will find it");
		return HS_ITEM_OK;
	}
	snprintf(words, bytes, "neither loaded nor installed for kernel %s; make install puts it there",
		 *m->release ? m->release : "(unknown)");
	return lacking;
}

LOOK(invariants)
{
	uint64_t wanted = hs_invariant_module_mask(s->invariants);
	char unpromised[96], unusable[96];

	if (m->abi != HOTSOAK_ABI) {
		snprintf(words, bytes, "what this kernel promises is known once the module is loaded");
		return HS_ITEM_OK;
	}
	hs_invariant_names(wanted & ~m->promised, unpromised, sizeof(unpromised));
	hs_invariant_names(wanted & m->promised & ~m->usable, unusable, sizeof(unusable));
	if (*unusable)
		snprintf(words, bytes, "%s cannot be armed: a hook that they need was refused",
			 unusable);
	else if (*unpromised)
		snprintf(words, bytes, "this kernel does not disable pcplists: %s cannot be claimed, the others can",
			 unpromised);
	else
		snprintf(words, bytes, "all that %s requires can be claimed", s->name);
	return *unusable && s->needs_module ? HS_ITEM_NO :
	       *unusable || *unpromised ? HS_ITEM_WARN : HS_ITEM_OK;
}

/* Those that the last arming did without; before it, what forbids any. */
LOOK(hooks)
{
	unsigned int needed = hs_hook_needs(s, &m->seen), nr = 0, wanted = 0;
	size_t len;

	if (*m->probing) {
		snprintf(words, bytes, "%s", m->probing);
		return s->needs_module ? HS_ITEM_NO : HS_ITEM_WARN;
	}
	snprintf(words, bytes, "nothing speaks against them");
	len = 0;
	for (unsigned int i = 0; i < m->seen.nr_hooks; i++) {
		const struct hs_hook_tally *h = &m->seen.hooks[i];
		struct hs_hook_loss loss;

		if (!hs_hook_is_missing(&m->seen, h))
			continue;
		hs_hook_loss(&m->seen, h, &loss);
		wanted += loss.needs & needed || loss.invariants & s->invariants;
		if (len < bytes)
			len += (size_t)snprintf(words + len, bytes - len, "%s%s (%s)",
						nr ? ", " : "missing: ", h->name,
						hs_hook_error_words(h->error));
		nr++;
	}
	return wanted && s->needs_module ? HS_ITEM_NO : nr ? HS_ITEM_WARN : HS_ITEM_OK;
}

LOOK(guest)
{
	enum hs_item_status lacking = s->danger == HS_DANGER_CORRUPTS ? HS_ITEM_NO : HS_ITEM_OK;

	snprintf(words, bytes, m->guest ? "marked hotsoak.guest=1: controls may corrupt memory" :
		 "not marked hotsoak.guest=1: nothing that corrupts memory will run here");
	return m->guest ? HS_ITEM_OK : lacking;
}

LOOK(taint)
{
	/* Out-of-tree and unsigned are what loading our own module sets. */
	uint64_t other = m->taint & ~(UINT64_C(1) << 12 | UINT64_C(1) << 13);

	if (other)
		snprintf(words, bytes, "tainted %" PRIu64 ": only new bits will count", m->taint);
	else
		snprintf(words, bytes, "no taint of the kernel's own making");
	return other ? HS_ITEM_WARN : HS_ITEM_OK;
}

/* What was asked once, and is missing only where the scenario needs it. */
#define LOOK_ASKED(name, answer, words_of, is_needed) \
	LOOK(name) \
	{ \
		snprintf(words, bytes, "%s", words_of(m->answer)); \
		return m->answer && (is_needed) ? HS_ITEM_NO : HS_ITEM_OK; \
	}

LOOK_ASKED(lockdep, lockdep, hs_lockdep_words, s->needs_lockdep)
LOOK_ASKED(soft_offline, hwpoison, hs_hwpoison_words,
	   s->antagonist == HS_ANTAGONIST_SOFT_OFFLINE)
LOOK_ASKED(poisoned_huge, huge_hwpoison, hs_hwpoison_huge_words,
	   s->antagonist == HS_ANTAGONIST_POISONED_THP)
LOOK_ASKED(poisoned, hard_hwpoison, hs_hwpoison_huge_words,
	   s->antagonist == HS_ANTAGONIST_HARD_POISON)
LOOK_ASKED(real_time, hog, hs_hog_words, s->antagonist == HS_ANTAGONIST_FIFO_HOG)
LOOK_ASKED(compaction, compaction, hs_compact_words, s->antagonist == HS_ANTAGONIST_COMPACT)
LOOK_ASKED(hugetlb, hugetlb, hs_hugetlb_words, s->hugetlb)
LOOK_ASKED(virtio_mem, virtio_mem, hs_virtio_mem_words, s->needs_virtio_mem)

LOOK(cpus)
{
	snprintf(words, bytes, "%u online, %s needs %u", m->cpus, s->name, s->needs_cpus);
	return m->cpus < s->needs_cpus ? HS_ITEM_NO : HS_ITEM_OK;
}

LOOK(memory)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), free_elsewhere = 0;
	char size[32];
	size_t len = 0;

	*words = '\0';
	for (size_t i = 0; i < m->zones.nr; i++) {
		const struct hs_zone *z = &m->zones.zone[i];

		if (!z->present_pages)
			continue;
		if (strcmp(z->name, "Movable"))
			free_elsewhere += z->free_pages * page;
		hs_bytes_format(z->free_pages * page, size, sizeof(size));
		if (len < bytes)
			len += (size_t)snprintf(words + len, bytes - len,
						"%snode %d %s %s free", len ? ", " : "",
						z->node, z->name, size);
	}
	if (!len) {
		snprintf(words, bytes, "/proc/zoneinfo cannot be read");
		return HS_ITEM_WARN;
	}
	/* What leaves a block has to go somewhere. */
	return m->hotplug && free_elsewhere < m->blocks.block_bytes ? HS_ITEM_WARN : HS_ITEM_OK;
}

LOOK(pressure)
{
	char now[128];
	int r = hs_pressure_read(m->sysroot, now, sizeof(now));

	if (r < 0)
		snprintf(words, bytes, HS_PRESSURE_FILE ": %s; a run will not end when others need its memory (boot with psi=1)",
			 strerror(-r));
	else
		snprintf(words, bytes, "%s", now);
	return r < 0 ? HS_ITEM_WARN : HS_ITEM_OK;
}

LOOK(stress_ng)
{
	snprintf(words, bytes, m->stress_ng ? "found" :
		 "not found: scenarios that use it for load cannot");
	return m->stress_ng ? HS_ITEM_OK : HS_ITEM_WARN;
}

const struct hs_machine_item hs_machine_items[] = {
	{ "root", look_root },
	{ "memory hotplug", look_hotplug },
	{ "movable blocks", look_movable },
	{ "auto_online_blocks", look_auto_online },
	{ "others", look_others },
	{ "module", look_module },
	{ "hooks", look_hooks },
	{ "invariants", look_invariants },
	{ "guest", look_guest },
	{ "taint", look_taint },
	{ "lockdep", look_lockdep },
	{ "soft offline", look_soft_offline },
	{ "real time", look_real_time },
	{ "compaction", look_compaction },
	{ "huge pages", look_hugetlb },
	{ "virtio-mem", look_virtio_mem },
	{ "poisoned huge pages", look_poisoned_huge },
	{ "poisoned pages", look_poisoned },
	{ "cpus", look_cpus },
	{ "free memory", look_memory },
	{ "memory pressure", look_pressure },
	{ "stress-ng", look_stress_ng },
	{ NULL, NULL },
};

unsigned int hs_machine_lacks(const struct hs_machine *m, const struct hs_scenario *s,
			      char *names, size_t names_bytes)
{
	unsigned int nr = 0;
	char words[512];

	names[0] = '\0';
	for (const struct hs_machine_item *i = hs_machine_items; i->name; i++) {
		size_t len = strlen(names);

		if (i->look(m, s, words, sizeof(words)) != HS_ITEM_NO)
			continue;
		snprintf(names + len, names_bytes - len, "%s%s", nr ? ", " : "", i->name);
		nr++;
	}
	return nr;
}
