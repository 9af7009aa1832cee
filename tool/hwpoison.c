// SPDX-License-Identifier: GPL-2.0-only
/* Soft offlining without poison: whether the kernel can be asked for it and refuse. */
#include "hwpoison.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfile.h"

#define PAGES	"/sys/devices/system/memory/soft_offline_page"
#define RELEASE	"/proc/sys/kernel/osrelease"
#define SWITCH	"/proc/sys/vm/enable_soft_offline"	/* since v6.11 */

int hs_hwpoison_ask(const char *root)
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
	if (major < 6 || (major == 6 && strtol(end + 1, NULL, 10) < 12))
		return -ENOSYS;
	r = hs_sysfile_read_below(root, SWITCH, text, sizeof(text));
	if (!r && !strcmp(text, "0"))
		return -ECANCELED;
	r = hs_sysfile_read_below(root, HS_HWPOISON_FILTER "enable", text, sizeof(text));
	return r < 0 ? r : strcmp(text, "0") ? -EBUSY : 0;
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
