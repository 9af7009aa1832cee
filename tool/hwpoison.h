/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory errors on purpose: whether the kernel can be asked for them, and how. */
#ifndef HS_HWPOISON_H
#define HS_HWPOISON_H

#include <stdint.h>

#define HS_HWPOISON_FILTER	"/sys/kernel/debug/hwpoison/corrupt-filter-"

/*
 * 0: a soft offline takes its page, waits for an offline that is under way, and is then
 * refused by the filter of hwpoison-inject. -EOPNOTSUPP: the kernel was built without
 * MEMORY_FAILURE. -ENOSYS: before v6.12. There the filter is not asked (until 9113eaf331bf,
 * v5.19), or was not tried; the first that asked may drop a reference too many.
 * -ECANCELED: vm.enable_soft_offline is 0. -ENOENT: there is no filter. -EBUSY: somebody
 * has set it. -EPERM: the kernel is locked down, perhaps.
 * Else the errno of asking. @root NULL or "": the running system.
 */
int hs_hwpoison_ask(const char *root);

/* What the answer means, in words that fit behind "soft-offline: ". */
const char *hs_hwpoison_words(int answer);

/*
 * 0: a transparent huge page can be poisoned by hwpoison-inject and healed again. As
 * above, and -ENOSYS: not tried there. -ECANCELED: no huge pages. -ENOENT: nothing to heal
 * with. -EBUSY: the filter may refuse the page. -EUCLEAN: somebody has poisoned one.
 */
int hs_hwpoison_huge_ask(const char *root);
const char *hs_hwpoison_huge_words(int answer);

/* The same of a small page; in the same words. */
int hs_hwpoison_hard_ask(const char *root);

/* Poisons page @pfn. -EHWPOISON: it is, and stays where it is, as one does that is part of a
 * huge page that could not be split; 0: it was taken out of use. */
int hs_hwpoison_put(const char *root, uint64_t pfn);

/*
 * Takes the poison from page @pfn. 1: done; 0: there was none. -EBUSY: the page is still in
 * use. -EIO: its block is offline, where the kernel neither tells nor heals it: see
 * hs_witness_heal().
 */
int hs_hwpoison_heal(const char *root, uint64_t pfn);

/* HS_KPAGEFLAGS_* of page @pfn. */
int hs_hwpoison_flags(const char *root, uint64_t pfn, uint64_t *flags);

#endif
