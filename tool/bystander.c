// SPDX-License-Identifier: GPL-2.0-only
/* Bystanders: drivers, rules and services that act on memory blocks. */
#include "bystander.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysfile.h"
#include "udevrule.h"

struct list {
	char *text;
	size_t text_bytes;
	unsigned int nr;
};

static void list_add(struct list *l, const char *what, const char *name)
{
	static const char more[] = ", …";
	size_t len = strlen(l->text), bytes = l->text_bytes - len;
	int n = snprintf(l->text + len, bytes, "%s%s%s", l->nr ? ", " : "", what, name);

	l->nr++;
	if (n >= 0 && (size_t)n + sizeof(more) <= bytes)
		return;
	l->text[len] = '\0';
	if (bytes >= sizeof(more) && (len < strlen(more) ||
				      strcmp(l->text + len - strlen(more), more)))
		memcpy(l->text + len, more, sizeof(more));
}

/* ---- Drivers ------------------------------------------------------------------- */

enum look {
	LOOK_BOUND,	/* a driver's directory: is a device bound to it? */
	LOOK_THERE,	/* is the file there? */
	LOOK_ONE,	/* does the file say 1? */
};

static const struct { const char *path, *name; enum look look; } drivers[] = {
	{ "/sys/bus/virtio/drivers/virtio_mem", "virtio-mem", LOOK_BOUND },
	{ "/sys/bus/virtio/drivers/virtio_balloon", "virtio-balloon", LOOK_BOUND },
	{ "/sys/bus/dax/drivers/kmem", "dax/kmem", LOOK_BOUND },
	{ "/sys/bus/vmbus/drivers/hv_balloon", "hv_balloon", LOOK_BOUND },
	{ "/sys/devices/system/xen_memory", "xen_balloon", LOOK_THERE },
	{ "/sys/module/vmw_balloon", "vmw_balloon", LOOK_THERE },
	/* A crash kernel was told of the memory as it was; who keeps that true
	 * loads it again at each change, whether by a rule or in the kernel. */
	{ "/sys/kernel/kexec_crash_loaded", "kdump (a crash kernel is loaded)", LOOK_ONE },
};

#define NR_DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

/* Devices are links in their driver's directory, and so is its module. */
static bool is_bound(const char *path)
{
	DIR *dir = opendir(path);
	bool bound = false;
	struct dirent *e;

	while (dir && !bound && (e = readdir(dir)))
		bound = (e->d_type == DT_LNK || e->d_type == DT_DIR) && e->d_name[0] != '.' &&
			strcmp(e->d_name, "module");
	if (dir)
		closedir(dir);
	return bound;
}

static bool says_one(const char *path)
{
	char text[8];

	return !hs_sysfile_read(path, text, sizeof(text)) && !strcmp(text, "1");
}

/* ---- All ----------------------------------------------------------------------- */

static void rule_seen(const char *name, enum hs_udevrule_act act, void *ctx)
{
	list_add(ctx, act == HS_UDEVRULE_WRITES ? "udev rule " :
		 "udev rule that runs a program, ", name);
}

unsigned int hs_bystander_list(const char *sysroot, char *text, size_t text_bytes)
{
	struct list l = { .text = text, .text_bytes = text_bytes };
	char path[PATH_MAX];

	text[0] = '\0';
	for (size_t i = 0; i < NR_DRIVERS; i++) {
		if (hs_sysfile_path(path, sizeof(path), sysroot, "%s", drivers[i].path) < 0)
			continue;
		if (drivers[i].look == LOOK_BOUND ? is_bound(path) :
		    drivers[i].look == LOOK_ONE ? says_one(path) : !access(path, F_OK))
			list_add(&l, "", drivers[i].name);
	}
	hs_udevrule_each(sysroot, rule_seen, &l);
	return l.nr;
}
