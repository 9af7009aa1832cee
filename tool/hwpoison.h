/* SPDX-License-Identifier: GPL-2.0-only */
/* Soft offlining without poison: whether the kernel can be asked for it and refuse. */
#ifndef HS_HWPOISON_H
#define HS_HWPOISON_H

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

#endif
