// SPDX-License-Identifier: GPL-2.0-only
/* Lockdep: the kernel's proof that locks are always taken in one order. */
#include "lockdep.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sysfile.h"

/* Who only counts locks (CONFIG_LOCK_STAT) has /proc/lockdep, but proves nothing. */
#define PROVES	"/proc/lockdep_chains"
#define STATS	"/proc/lockdep_stats"
#define SWITCH	"debug_locks:"

int hs_lockdep_ask(const char *root)
{
	char path[PATH_MAX], text[8192], *at;
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", PROVES);

	if (!r && access(path, F_OK) < 0)
		r = -errno;
	if (!r)
		r = hs_sysfile_read_below(root, STATS, text, sizeof(text));
	if (r < 0)
		return r;
	at = strstr(text, SWITCH);
	if (!at)
		return -EBADMSG;
	at += strlen(SWITCH);
	at += strspn(at, " \t");
	return *at == '1' ? 0 : *at == '0' ? -ESHUTDOWN : -EBADMSG;
}

const char *hs_lockdep_words(int answer)
{
	switch (answer) {
	case 0:
		return "watches";
	case -ENOENT:
		return "the kernel was built without it (CONFIG_PROVE_LOCKING)";
	case -ESHUTDOWN:
		return "has reported something since the boot, and watches no more";
	default:
		return strerror(-answer);
	}
}
