/* SPDX-License-Identifier: GPL-2.0-only */
/* Soft offlining without poison: whether the kernel can be asked for it and refuse. */
#ifndef HS_HWPOISON_H
#define HS_HWPOISON_H

#define HS_HWPOISON_FILTER	"/sys/kernel/debug/hwpoison/corrupt-filter-"

/*
 * 0: a soft offline takes its page, waits for an offline that is under way, and is then
 * refused by the filter of hwpoison-inject. -EOPNOTSUPP: the kernel was built without
 * MEMORY_FAILURE. -ENOSYS: before v5.19 the filter is not asked (9113eaf331bf). -EPERM:
 * vm.enable_soft_offline is 0. -ENOENT: there is no filter. -EBUSY: somebody has set it.
 * Else the errno of asking. @root NULL or "": the running system.
 */
int hs_hwpoison_ask(const char *root);

/* What the answer means, in words that fit behind "soft-offline: ". */
const char *hs_hwpoison_words(int answer);

#endif
