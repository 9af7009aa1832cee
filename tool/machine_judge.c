// SPDX-License-Identifier: GPL-2.0-only
/* How what was found of a machine stands for a scenario. */
#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "antagonist.h"
#include "balloon.h"
#include "compact.h"
#include "freer.h"
#include "hog.h"
#include "hook.h"
#include "hwpoison.h"
#include "invariant.h"
#include "lockdep.h"
#include "lockdown.h"
#include "parse.h"
#include "pressure.h"
#include "virtio_mem.h"
#include "zone.h"

const char *const hs_item_status_names[HS_NR_ITEM_STATUSES] = {
	[HS_ITEM_OK] = "ok",
	[HS_ITEM_WARN] = "warn",
	[HS_ITEM_NO] = "no",
};

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
	   hs_scenario_has(s, HS_ANTAGONIST_SOFT_OFFLINE))
LOOK_ASKED(poisoned_huge, huge_hwpoison, hs_hwpoison_huge_words,
	   hs_scenario_has(s, HS_ANTAGONIST_POISONED_THP))
LOOK_ASKED(poisoned, hard_hwpoison, hs_hwpoison_huge_words,
	   hs_scenario_has(s, HS_ANTAGONIST_HARD_POISON))
LOOK_ASKED(real_time, hog, hs_hog_words, hs_scenario_has(s, HS_ANTAGONIST_FIFO_HOG))
LOOK_ASKED(compaction, compaction, hs_compact_words, hs_scenario_has(s, HS_ANTAGONIST_COMPACT))
LOOK_ASKED(balloon, balloon, hs_balloon_words, hs_scenario_has(s, HS_ANTAGONIST_BALLOON))
LOOK_ASKED(virtio_mem, virtio_mem, hs_virtio_mem_words, s->needs_virtio_mem)

/* The first of its tuners that cannot be, NULL: none. */
static const struct hs_antagonist_desc *tuner_lacking(const struct hs_machine *m,
						      const struct hs_scenario *s, int *answer)
{
	const struct hs_antagonist_desc *a;

	hs_for_each_antagonist(a, s)
		if (a->tuner && (*answer = hs_antagonist_ask(a, m->sysroot)))
			return a;
	return NULL;
}

LOOK(tuners)
{
	int answer;
	const struct hs_antagonist_desc *a = tuner_lacking(m, s, &answer);

	if (a) {
		snprintf(words, bytes, "%s: %s", a->name, hs_antagonist_ask_words(a, answer));
		return HS_ITEM_NO;
	}
	snprintf(words, bytes, "what the antagonists of %s set can be set", s->name);
	return HS_ITEM_OK;
}

/* The first of its freers that lacks something, NULL: none. */
static const struct hs_freer_desc *freer_lacking(const struct hs_machine *m,
						 const struct hs_scenario *s, int *answer)
{
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++)
		if ((*f)->ask && (*f)->is_wanted(s) && (*answer = (*f)->ask(s, m->sysroot)))
			return *f;
	return NULL;
}

LOOK(freers)
{
	int answer;
	const struct hs_freer_desc *f = freer_lacking(m, s, &answer);

	if (f) {
		snprintf(words, bytes, "%s: %s", f->name, f->ask_words(answer));
		return HS_ITEM_NO;
	}
	if (hs_freers_want_too_much(s, m->sysroot, words, bytes))
		return HS_ITEM_NO;
	snprintf(words, bytes, "those of %s have what they need", s->name);
	return HS_ITEM_OK;
}

static bool is_movable(const struct hs_memblk *b, void *ctx)
{
	(void)ctx;
	return hs_memblk_in_zone(b, "Movable");
}

LOOK(whole_nodes)
{
	unsigned int nr = hs_memblk_whole_nodes(&m->blocks, is_movable, NULL);

	snprintf(words, bytes, "%u nodes have all their memory in ZONE_MOVABLE, %s needs %u", nr,
		 s->name, s->needs_whole_nodes);
	return nr < s->needs_whole_nodes ? HS_ITEM_NO : HS_ITEM_OK;
}

LOOK(kernel_memory)
{
	uint64_t free = hs_zone_free_bytes(m->sysroot, "Normal");

	snprintf(words, bytes, "%" PRIu64 " MiB of ZONE_NORMAL are free, %s needs %" PRIu64,
		 free >> 20, s->name, s->needs_kernel_bytes >> 20);
	return free < s->needs_kernel_bytes ? HS_ITEM_NO : HS_ITEM_OK;
}

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
	{ "balloon", look_balloon },
	{ "freers", look_freers },
	{ "tuners", look_tuners },
	{ "virtio-mem", look_virtio_mem },
	{ "poisoned huge pages", look_poisoned_huge },
	{ "poisoned pages", look_poisoned },
	{ "cpus", look_cpus },
	{ "whole nodes", look_whole_nodes },
	{ "kernel memory", look_kernel_memory },
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
		const char *what = i->name;
		int answer;

		if (i->look(m, s, words, sizeof(words)) != HS_ITEM_NO)
			continue;
		if (i->look == look_freers && freer_lacking(m, s, &answer))
			what = freer_lacking(m, s, &answer)->needs;
		if (i->look == look_tuners)
			what = tuner_lacking(m, s, &answer)->needs;
		/* Movable blocks, which are an item of their own. */
		if (!what)
			continue;
		snprintf(names + len, names_bytes - len, "%s%s", nr ? ", " : "", what);
		nr++;
	}
	return nr;
}
