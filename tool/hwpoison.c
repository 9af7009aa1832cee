// SPDX-License-Identifier: GPL-2.0-only
/* Memory errors on purpose: whether the kernel can be asked for them, and how. */
#include "hwpoison.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "pagemap.h"
#include "sysfile.h"

#define PAGES	"/sys/devices/system/memory/soft_offline_page"
#define RELEASE	"/proc/sys/kernel/osrelease"
#define SWITCH	"/proc/sys/vm/enable_soft_offline"	/* since v6.11 */
#define CORRUPT	"/sys/kernel/debug/hwpoison/corrupt-pfn"
#define HEAL	"/sys/kernel/debug/hwpoison/unpoison-pfn"
#define HUGE	"/sys/kernel/mm/transparent_hugepage/enabled"
#define MEMINFO	"/proc/meminfo"

/* That both rest on. */
static int memory_failure_ask(const char *root)
{
	char *end;
	long major;
	char text[PATH_MAX];
	int r = hs_sysfile_path(text, sizeof(text), root, "%s", PAGES);

	if (r < 0)
		return r;
	if (access(text, F_OK) < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	r = hs_sysfile_read_below(root, RELEASE, text, sizeof(text));
	if (r < 0)
		return r == -ENOENT ? -ENODATA : r;
	major = strtol(text, &end, 10);
	if (*end != '.')
		return -EBADMSG;
	return major < 6 || (major == 6 && strtol(end + 1, NULL, 10) < 12) ? -ENOSYS : 0;
}

static int filter_ask(const char *root)
{
	char text[64];
	int r = hs_sysfile_read_below(root, HS_HWPOISON_FILTER "enable", text, sizeof(text));

	return r < 0 ? r : strcmp(text, "0") ? -EBUSY : 0;
}

int hs_hwpoison_ask(const char *root)
{
	char text[64];
	int r = memory_failure_ask(root);

	if (r < 0)
		return r;
	r = hs_sysfile_read_below(root, SWITCH, text, sizeof(text));
	if (!r && !strcmp(text, "0"))
		return -ECANCELED;
	return filter_ask(root);
}

const char *hs_hwpoison_words(int answer)
{
	switch (answer) {
	case 0:
		return "can be tried, with a filter that spares the page";
	case -EOPNOTSUPP:
		return "the kernel was built without MEMORY_FAILURE";
	case -ENOSYS:
		return "Linux before v6.12 may poison the page whatever its filter says";
	case -ECANCELED:
		return "vm.enable_soft_offline is 0";
	case -ENOENT:
		return "no filter that spares the page (mount debugfs, modprobe hwpoison-inject)";
	case -EBUSY:
		return "the filter of hwpoison-inject is in use";
	case -EPERM:
		return "the filter of hwpoison-inject may not be read: is the kernel locked down?";
	default:
		return strerror(-answer);
	}
}

/* -EUCLEAN: a page is poisoned already, and unless by hwpoison-inject none of the machine
 * can be healed any more. */
static int poisoned_ask(const char *root)
{
	char path[PATH_MAX], line[128];
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long long kib = 0;
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", MEMINFO);

	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? -ENODATA : -errno;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "HardwareCorrupted:", 18))
			kib = strtoull(line + 18, NULL, 10);
	return kib ? -EUCLEAN : 0;
}

/* Whether a page that was poisoned can be healed. */
static int heal_ask(const char *root)
{
	char text[PATH_MAX];
	int r = hs_sysfile_path(text, sizeof(text), root, "%s", HEAL);

	if (!r && access(text, F_OK) < 0)
		r = -errno;
	if (!r)
		r = filter_ask(root);
	return r < 0 ? r : poisoned_ask(root);
}

int hs_hwpoison_huge_ask(const char *root)
{
	char text[PATH_MAX];
	int r = memory_failure_ask(root);

	if (r < 0)
		return r;
	r = hs_sysfile_read_below(root, HUGE, text, sizeof(text));
	if (r == -ENOENT || (!r && strstr(text, "[never]")))
		return -ECANCELED;
	return r < 0 ? r : heal_ask(root);
}

int hs_hwpoison_hard_ask(const char *root)
{
	int r = memory_failure_ask(root);

	return r < 0 ? r : heal_ask(root);
}

const char *hs_hwpoison_huge_words(int answer)
{
	switch (answer) {
	case 0:
		return "can be poisoned, and healed again";
	case -ENOSYS:
		return "Linux before v6.12 may not be able to heal the page";
	case -ECANCELED:
		return "transparent huge pages are off";
	case -ENOENT:
		return "nothing that heals the page (mount debugfs, modprobe hwpoison-inject)";
	case -EUCLEAN:
		return "a page is poisoned already (HardwareCorrupted in /proc/meminfo)";
	default:
		return hs_hwpoison_words(answer);
	}
}

static int pfn_write(const char *root, const char *file, uint64_t pfn)
{
	char path[PATH_MAX], text[32];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", file);

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)pfn);
	return r < 0 ? r : hs_sysfile_write(path, text);
}

int hs_hwpoison_put(const char *root, uint64_t pfn)
{
	return pfn_write(root, CORRUPT, pfn);
}

int hs_hwpoison_flags(const char *root, uint64_t pfn, uint64_t *flags)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", HS_KPAGEFLAGS_FILE);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : hs_pagemap_read(fd, pfn, flags);
}

int hs_hwpoison_heal(const char *root, uint64_t pfn)
{
	uint64_t flags;
	bool poisoned;
	int r = hs_hwpoison_flags(root, pfn, &flags);

	if (r < 0)
		return r;
	poisoned = flags & HS_KPAGEFLAGS_HWPOISON;
	/* That of an offline block may show as nothing at all; so may one of a list. */
	if (!poisoned && flags && !(flags & HS_KPAGEFLAGS_NOPAGE))
		return 0;
	r = pfn_write(root, HEAL, pfn);
	if (r == -EBUSY && !poisoned)
		return 0;
	return r < 0 ? r : 1;
}
