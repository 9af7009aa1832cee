// SPDX-License-Identifier: GPL-2.0-only
/* /dev/hotsoak: opening, loading and the ioctls. */
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "lockdown.h"

static int witness_ioctl(struct hs_witness *w, unsigned long request, void *arg)
{
	if (w->fd < 0)
		return -ENODEV;
	return ioctl(w->fd, request, arg) < 0 ? -errno : 0;
}

static int info_get(struct hs_witness *w)
{
	memset(&w->info, 0, sizeof(w->info));
	w->info.size = sizeof(w->info);
	return witness_ioctl(w, HOTSOAK_IOC_INFO, &w->info);
}

static int device_open(void)
{
	int fd = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static int module_load(struct hs_witness *w)
{
	char *const argv[] = { "modprobe", "-q", "hotsoak", NULL };
	int r = hs_child_run("modprobe", argv);

	if (r)
		return r < 0 ? r : -ENOENT;
	w->loaded = true;
	/* devtmpfs has the node when modprobe returns; udev may still be at it. */
	return device_open();
}

int hs_witness_unload(void)
{
	char *const argv[] = { "modprobe", "-q", "-r", "hotsoak", NULL };
	int r = hs_child_run("modprobe", argv);

	return r > 0 ? -EBUSY : r;
}

bool hs_witness_is_loaded(void)
{
	return !access("/sys/module/hotsoak", F_OK);
}

bool hs_witness_is_busy(void)
{
	_cleanup_close_ int fd = device_open();

	return fd == -EBUSY;
}

static void module_unload(struct hs_witness *w)
{
	/* Somebody may have opened it meanwhile; then it is theirs. */
	if (w->loaded)
		hs_witness_unload();
	w->loaded = false;
}

/* modprobe tells no more than that it failed. */
static void why_not_loaded(char *why, size_t why_bytes, int err)
{
	char level[32];

	if (hs_lockdown_get(NULL, level, sizeof(level)))
		snprintf(why, why_bytes, "the kernel is locked down (%s) and takes no unsigned module hotsoak: " HS_LOCKDOWN_CURE,
			 level);
	else
		snprintf(why, why_bytes, "the module hotsoak is not there and cannot be loaded (modprobe hotsoak; %s): install it for this kernel",
			 strerror(-err));
}

int hs_witness_open(struct hs_witness *w, char *why, size_t why_bytes)
{
	int r;

	memset(w, 0, sizeof(*w));
	w->fd = -1;
	r = device_open();
	if (r == -ENOENT || r == -ENODEV || r == -ENXIO)
		r = module_load(w);
	if (r < 0) {
		if (r == -EBUSY)
			snprintf(why, why_bytes, "opening %s: another controller has it: end that run first",
				 HOTSOAK_DEVICE);
		else if (r == -EPERM || r == -EACCES)
			snprintf(why, why_bytes, "opening %s: %s: CAP_SYS_ADMIN is needed",
				 HOTSOAK_DEVICE, strerror(-r));
		else
			why_not_loaded(why, why_bytes, r);
		module_unload(w);
		return r;
	}
	w->fd = r;
	r = info_get(w);
	if (r < 0 || w->info.abi != HOTSOAK_ABI) {
		if (r < 0)
			snprintf(why, why_bytes, "asking %s for its ABI: %s: the module is not of this hotsoak",
				 HOTSOAK_DEVICE, strerror(-r));
		else
			snprintf(why, why_bytes, "the module speaks ABI %u, this hotsoak %u: install both from one version",
				 w->info.abi, HOTSOAK_ABI);
		hs_witness_close(w);
		return -EPROTO;
	}
	return 0;
}

void hs_witness_close(struct hs_witness *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->armed = false;
	module_unload(w);
}

int hs_witness_arm(struct hs_witness *w, struct hotsoak_arm *a, uint64_t mask, uint64_t *armed)
{
	int r;

	mask = hs_invariant_module_mask(mask);
	a->size = sizeof(*a);
	/* What an earlier arming could not have may be had by now. */
	a->invariants = mask & w->info.invariants_promised;
	r = witness_ioctl(w, HOTSOAK_IOC_ARM, a);
	if (r == -EOPNOTSUPP) {
		/* Which hooks this kernel has is known only after the attempt. */
		r = info_get(w);
		if (r < 0)
			return r;
		a->invariants = mask & w->info.invariants_usable;
		r = witness_ioctl(w, HOTSOAK_IOC_ARM, a);
	}
	if (r < 0)
		return r;
	w->armed = true;
	*armed = a->invariants;
	return info_get(w);
}

void hs_witness_claims(const struct hs_witness *w, uint64_t armed, struct hs_tally *t)
{
	t->witness = true;
	for (int i = 0; i < HOTSOAK_NR_INVARIANTS; i++) {
		t->inv[i].armed = armed >> i & 1;
		t->inv[i].unpromised = !(w->info.invariants_promised >> i & 1);
	}
}

int hs_witness_disarm(struct hs_witness *w)
{
	w->armed = false;
	return witness_ioctl(w, HOTSOAK_IOC_DISARM, NULL);
}

int hs_witness_fill(struct hs_witness *w, struct hotsoak_fill *f)
{
	f->size = sizeof(*f);
	return witness_ioctl(w, HOTSOAK_IOC_BURST_FILL, f);
}

int hs_witness_drop(struct hs_witness *w)
{
	return witness_ioctl(w, HOTSOAK_IOC_BURST_DROP, NULL);
}

int hs_witness_contig_race(struct hs_witness *w, struct hotsoak_acr *acr)
{
	acr->size = sizeof(*acr);
	return witness_ioctl(w, HOTSOAK_IOC_CONTIG_RACE, acr);
}

int hs_witness_hold(struct hs_witness *w, void *addr, uint32_t flags, uint64_t *pfn)
{
	struct hotsoak_hold h = {
		.size = sizeof(h), .flags = flags, .addr = (uintptr_t)addr,
	};
	int r = witness_ioctl(w, HOTSOAK_IOC_HOLD, &h);

	if (!r)
		*pfn = h.pfn;
	return r;
}

int hs_witness_release(struct hs_witness *w)
{
	return witness_ioctl(w, HOTSOAK_IOC_RELEASE, NULL);
}

int hs_witness_heal(struct hs_witness *w, uint64_t pfn)
{
	struct hotsoak_heal h = { .size = sizeof(h), .pfn = pfn };
	int r = witness_ioctl(w, HOTSOAK_IOC_HEAL, &h);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int hs_witness_snapshot(struct hs_witness *w, uint64_t pfn, struct hotsoak_snapshot *s)
{
	memset(s, 0, sizeof(*s));
	s->size = sizeof(*s);
	s->pfn = pfn;
	return witness_ioctl(w, HOTSOAK_IOC_SNAPSHOT, s);
}

int hs_witness_stats(struct hs_witness *w, struct hs_tally *t)
{
	struct hotsoak_stats stats = { .size = sizeof(stats) };
	int r;

	r = witness_ioctl(w, HOTSOAK_IOC_STATS, &stats);
	if (!r)
		r = info_get(w);
	if (r < 0)
		return r;

	t->stats = stats;
	t->witness_doubt = w->info.flags & HOTSOAK_INFO_DOUBT;
	hs_tally_hooks_from_info(t, &w->info);
	for (int i = 0; i < HOTSOAK_NR_INVARIANTS; i++) {
		t->inv[i].checks = stats.inv[i].checks;
		t->inv[i].violations = stats.inv[i].violations;
	}
	return 0;
}

int hs_witness_read(struct hs_witness *w, struct hotsoak_event *e, size_t max)
{
	ssize_t n = read(w->fd, e, max * sizeof(*e));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return (int)(n / (ssize_t)sizeof(*e));
}
