// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uevents of memory blocks, from libudev's monitor of the kernel itself.
 *
 * Not udevd's: that one is silent in a guest without udevd, and where udevd runs
 * it speaks late, after its rules, so that the events of the run before would
 * look like somebody else's. Nothing of what udevd adds is used here.
 *
 * The socket is not watched but drained ten times a second: two uevents a
 * transition would be two wakeups a transition.
 *
 * Its buffer is small on purpose. What overflows it is a storm, and looking at all
 * blocks is then done sooner than reading all that the storm has to say.
 */
#include "uevent.h"

#include <errno.h>
#include <libudev.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

#define RECEIVE_BYTES (1 << 20)	/* some thousand events */
/* A storm may fill it as fast as it is emptied. */
#define MAX_AT_ONCE 2048

struct hs_uevents {
	struct udev *udev;
	struct udev_monitor *monitor;
};

static int monitor_open(struct hs_uevents *u)
{
	int r;

	u->monitor = udev_monitor_new_from_netlink(u->udev, "kernel");
	if (!u->monitor)
		return -ENOMEM;
	r = udev_monitor_filter_add_match_subsystem_devtype(u->monitor, "memory", NULL);
	if (r < 0)
		return r;
	/* More than net.core.rmem_max needs CAP_NET_ADMIN; the default then does. */
	(void)udev_monitor_set_receive_buffer_size(u->monitor, RECEIVE_BYTES);
	r = udev_monitor_enable_receiving(u->monitor);
	return r < 0 ? r : 0;
}

int hs_uevents_new(struct hs_uevents **u)
{
	struct hs_uevents *n = calloc(1, sizeof(*n));
	int r = -ENOMEM;

	if (!n)
		return -ENOMEM;
	n->udev = udev_new();
	if (n->udev)
		r = monitor_open(n);
	if (r < 0) {
		hs_uevents_free(n);
		return r;
	}
	*u = n;
	return 0;
}

void hs_uevents_free(struct hs_uevents *u)
{
	if (!u)
		return;
	udev_monitor_unref(u->monitor);
	udev_unref(u->udev);
	free(u);
}

int hs_uevents_drain(struct hs_uevents *u,
		     void (*seen)(unsigned long block, bool online, void *ctx), void *ctx)
{
	int lost = 0;

	/* Without one all blocks are looked at each time. */
	if (!u->monitor)
		return -ENOBUFS;
	for (unsigned int nr = 0; nr < MAX_AT_ONCE; nr++) {
		struct udev_device *d;
		const char *name, *action;
		uint64_t block;

		errno = 0;
		d = udev_monitor_receive_device(u->monitor);
		if (!d) {
			if (errno != ENOBUFS)
				return lost;
			lost = -ENOBUFS;
			continue;
		}
		name = udev_device_get_sysname(d);
		action = udev_device_get_action(d);
		/* Exactly memory<N>: nodes and others share the subsystem's prefix. A synthetic
		 * one is somebody's write to a file `uevent', and no change. */
		if (name && action && !udev_device_get_property_value(d, "SYNTH_UUID") &&
		    !strncmp(name, "memory", 6) &&
		    name[6] >= '0' && name[6] <= '9' &&
		    !hs_parse_u64(name + 6, 0, UINT32_MAX, &block) &&
		    (!strcmp(action, "online") || !strcmp(action, "offline")))
			seen(block, action[1] == 'n', ctx);
		udev_device_unref(d);
	}
	/* What is left would be counted after the resync that it came before. */
	udev_monitor_unref(u->monitor);
	if (monitor_open(u) < 0)
		u->monitor = udev_monitor_unref(u->monitor);
	return -ENOBUFS;
}
