// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hostile callers of /dev/hotsoak, and the small things a shell cannot do.
 *
 *	ioctl count                          how many tests "test" prints
 *	ioctl test ONLINE OFFLINE KERNEL     bad ioctls and reads: ok, not ok lines;
 *	                                     the arguments are memory blocks: an online
 *	                                     one of ZONE_MOVABLE, one that is offline,
 *	                                     one of a kernel zone
 *	ioctl disarmed                       status 0 when the device can be opened
 *	                                     and says that it is not armed
 *	ioctl hunt PID FIRST LAST            kills PID with SIGKILL as soon as one of
 *	                                     the blocks is going offline; prints it
 *	ioctl user UID COMMAND...            runs a command without root
 *
 * Static, so that it needs nothing of the guest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uapi/hotsoak.h"

#define MEMORY "/sys/devices/system/memory"
/* Of the grown struct that a newer caller would pass. */
#define TAIL_BYTES 16

/* Counting runs every test against no device and prints nothing of it. */
static bool counting;
static unsigned int nr_tests, nr_failed;
static int fd = -1;
static size_t page_bytes;
static uint64_t online_pfn, offline_pfn, kernel_pfn, block_pages;
static unsigned long online_block;
static uint64_t pageblock = 512;

static const char *errno_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "0";

	return name ? name : "?";
}

__attribute__((format(printf, 3, 4)))
static void check(int want, int got, const char *fmt, ...)
{
	char name[160];
	va_list ap;

	nr_tests++;
	if (counting)
		return;
	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	nr_failed += want != got;
	printf("%s %s: %s\n", want == got ? "ok" : "not ok", name, errno_name(want));
	if (want != got)
		printf("# expected %s, got %s\n", errno_name(want), errno_name(got));
	/* What a crash of the kernel would swallow is what one wants to read. */
	fflush(stdout);
}

static int call_fd(int device, unsigned long cmd, void *arg)
{
	return ioctl(device, cmd, arg) < 0 ? errno : 0;
}

static int call(unsigned long cmd, void *arg)
{
	return call_fd(fd, cmd, arg);
}

static void *pages(size_t n, int prot)
{
	void *p = mmap(NULL, n * page_bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("ioctl: mmap");
		exit(2);
	}
	return p;
}

/* ---- Every command that takes a struct ---------------------------------------- */

/* Large enough for each struct and a tail. */
union argument {
	uint32_t size;
	struct hotsoak_info info;
	struct hotsoak_arm arm;
	struct hotsoak_fill fill;
	struct hotsoak_hold hold;
	struct hotsoak_heal heal;
	struct hotsoak_stats stats;
	struct hotsoak_snapshot snapshot;
	struct hotsoak_acr acr;
	char bytes[2048];
};

static char *held_page;

static void make_plain(union argument *a)
{
	memset(a, 0, sizeof(*a));
}

static void make_arm(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->arm.size = sizeof(a->arm);
	a->arm.invariants = 1 << HOTSOAK_INV_ISOLATION_LIFTED;	/* promised everywhere */
	a->arm.seed = 1;
	a->arm.widen_one_in = 1;
}

static void make_fill(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->fill.size = sizeof(a->fill);
	a->fill.start_pfn = online_pfn;
	a->fill.nr_pages = 2 * pageblock;
	a->fill.pages_per_block = 8;
	a->fill.max_order = 1;
	a->fill.early_percent = 50;
}

static void make_hold(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->hold.size = sizeof(a->hold);
	a->hold.flags = HOTSOAK_HOLD_REF;
	a->hold.addr = (uintptr_t)held_page;
}

static void make_heal(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->heal.size = sizeof(a->heal);
	a->heal.pfn = offline_pfn;
}

static void make_acr(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->acr.size = sizeof(a->acr);
	a->acr.start_pfn = online_pfn;
	a->acr.nr_pages = 2 * pageblock;
	a->acr.trials = 2;
	a->acr.pages = 8;
}

static void make_snapshot(union argument *a)
{
	memset(a, 0, sizeof(*a));
	a->snapshot.pfn = online_pfn;
}

static void arm_plain(void)
{
	union argument a;

	make_arm(&a);
	call(HOTSOAK_IOC_ARM, &a);
}

static const struct command {
	const char *name;
	unsigned long cmd;
	size_t bytes;
	bool out;		/* the kernel writes to it */
	bool needs_arm;
	void (*make)(union argument *a);	/* a struct that is accepted */
} commands[] = {
	{ "INFO", HOTSOAK_IOC_INFO, sizeof(struct hotsoak_info), true, false, make_plain },
	{ "ARM", HOTSOAK_IOC_ARM, sizeof(struct hotsoak_arm), false, false, make_arm },
	{ "BURST_FILL", HOTSOAK_IOC_BURST_FILL, sizeof(struct hotsoak_fill), true, true,
	  make_fill },
	{ "HOLD", HOTSOAK_IOC_HOLD, sizeof(struct hotsoak_hold), true, false, make_hold },
	{ "STATS", HOTSOAK_IOC_STATS, sizeof(struct hotsoak_stats), true, false, make_plain },
	{ "SNAPSHOT", HOTSOAK_IOC_SNAPSHOT, sizeof(struct hotsoak_snapshot), true, false,
	  make_snapshot },
	{ "CONTIG_RACE", HOTSOAK_IOC_CONTIG_RACE, sizeof(struct hotsoak_acr), true, true, make_acr },
};

/*
 * Undoes what a command did. Arming and disarming patches the kernel's text, which
 * takes long and which an emulator survives only so often: no more than needed.
 */
static void rest(const struct command *c, int err)
{
	if (c->cmd == HOTSOAK_IOC_ARM && !err)
		call(HOTSOAK_IOC_DISARM, NULL);
	else if (c->cmd == HOTSOAK_IOC_HOLD)
		call(HOTSOAK_IOC_RELEASE, NULL);
	else if (c->cmd == HOTSOAK_IOC_BURST_FILL)
		call(HOTSOAK_IOC_BURST_DROP, NULL);
}

/* The command on a struct at @at with @size in its first field. */
static int attempt(const struct command *c, void *at, size_t size, bool tail)
{
	union argument a;
	int err;

	c->make(&a);
	a.size = (uint32_t)size;
	if (tail)
		a.bytes[c->bytes + TAIL_BYTES - 1] = 1;
	memcpy(at, &a, c->bytes + TAIL_BYTES);
	err = call(c->cmd, at);
	rest(c, err);
	return err;
}

/* Pointers at which no struct can be put. */
static int attempt_at(const struct command *c, void *at)
{
	int err = call(c->cmd, at);

	rest(c, err);
	return err;
}

static int attempt_read_only(const struct command *c)
{
	union argument *a = pages(1, PROT_READ | PROT_WRITE);
	int err;

	c->make(a);
	a->size = (uint32_t)c->bytes;
	mprotect(a, page_bytes, PROT_READ);
	err = call(c->cmd, a);
	munmap(a, page_bytes);
	return err;
}

static void test_command(const struct command *c)
{
	char *area = pages(4, PROT_READ | PROT_WRITE);
	union argument *a = (union argument *)area;
	void *hole = pages(1, PROT_NONE);
	int err;

	if (c->needs_arm)
		arm_plain();
	check(0, attempt(c, a, c->bytes, false), "%s as documented", c->name);
	check(EINVAL, attempt(c, a, 0, false), "%s size 0", c->name);
	check(EINVAL, attempt(c, a, 3, false), "%s size less than the size field", c->name);
	check(EINVAL, attempt(c, a, c->bytes - 1, false), "%s size one too small", c->name);
	check(0, attempt(c, a, c->bytes + TAIL_BYTES, false), "%s longer, tail of zeroes",
	      c->name);
	check(E2BIG, attempt(c, a, c->bytes + TAIL_BYTES, true), "%s longer, tail not zero",
	      c->name);
	check(E2BIG, attempt(c, a, UINT32_MAX, false), "%s size 4 GiB", c->name);
	check(E2BIG, attempt(c, a, 2 * page_bytes, false), "%s size of two pages", c->name);
	check(EFAULT, attempt_at(c, NULL), "%s NULL", c->name);
	munmap(hole, page_bytes);
	check(EFAULT, attempt_at(c, hole), "%s unmapped pointer", c->name);
	check(EFAULT, attempt_at(c, (void *)(UINTPTR_MAX - 7)), "%s pointer at the end of memory",
	      c->name);
	check(EFAULT, attempt_at(c, (void *)0xffff888000000000), "%s pointer of the kernel",
	      c->name);
	check(EINVAL, attempt(c, area + 4, c->bytes, false), "%s misaligned pointer", c->name);
	check(EINVAL, attempt(c, area + 1, c->bytes, false), "%s odd pointer", c->name);

	/* The last 8 bytes that are there hold the size; the rest is missing. */
	munmap(area + page_bytes, page_bytes);
	*(uint32_t *)(void *)(area + page_bytes - 8) = (uint32_t)c->bytes;
	check(EFAULT, attempt_at(c, area + page_bytes - 8), "%s only the size is mapped", c->name);

	err = attempt_read_only(c);
	check(c->out ? EFAULT : 0, err, "%s in a page that cannot be written", c->name);
	if (c->cmd == HOTSOAK_IOC_HOLD) {
		make_hold(a);
		check(0, call(HOTSOAK_IOC_HOLD, a), "HOLD after one that failed holds nothing");
	}
	if (c->cmd == HOTSOAK_IOC_BURST_FILL) {
		make_plain(a);
		a->size = sizeof(a->stats);
		call(HOTSOAK_IOC_STATS, a);
		check(0, a->stats.burst_held ? EBUSY : 0,
		      "BURST_FILL that failed holds nothing");
	}
	call(HOTSOAK_IOC_DISARM, NULL);
	munmap(area, page_bytes);
	munmap(area + 2 * page_bytes, 2 * page_bytes);
}

/* ---- What the fields may hold --------------------------------------------------- */

#define TRY(command, change, want, what) \
	do { \
		union argument a; \
		make_##command(&a); \
		a.size = sizeof(a.command); \
		change; \
		check(want, call(cmd, &a), what); \
	} while (0)

static void test_arm(void)
{
	const unsigned long cmd = HOTSOAK_IOC_ARM;
	union argument again;

	TRY(arm, a.arm.flags = 1U << 4, EINVAL, "ARM unknown flag");
	TRY(arm, a.arm.flags = 1U << 31, EINVAL, "ARM unknown highest flag");
	TRY(arm, a.arm.reserved[0] = 1, EINVAL, "ARM reserved[0] not zero");
	TRY(arm, a.arm.reserved[1] = UINT64_MAX, EINVAL, "ARM reserved[1] not zero");
	TRY(arm, a.arm.invariants = 1ULL << HOTSOAK_NR_INVARIANTS, EINVAL,
	    "ARM invariant one too high");
	TRY(arm, a.arm.invariants = UINT64_MAX, EINVAL, "ARM all bits of invariants");
	TRY(arm, a.arm.control = HOTSOAK_NR_CONTROLS, EINVAL, "ARM control one too high");
	TRY(arm, a.arm.control = UINT32_MAX, EINVAL, "ARM control -1");
	TRY(arm, a.arm.sample_us = 1000001, EINVAL, "ARM sample_us one too high");
	TRY(arm, a.arm.sample_us = UINT32_MAX, EINVAL, "ARM sample_us of all bits");
	TRY(arm, a.arm.widen_max_ns = HOTSOAK_WIDEN_MAX_NS + 1, EINVAL,
	    "ARM widen_max_ns one too high");
	TRY(arm, (a.arm.widen_max_ns = 1000, a.arm.widen_one_in = 0), EINVAL,
	    "ARM widen without one_in");
	make_plain(&again);
	again.size = sizeof(again.info);
	call(HOTSOAK_IOC_INFO, &again);
	check(0, again.info.flags & HOTSOAK_INFO_ARMED ? EBUSY : 0,
	      "INFO not armed after refused ARMs");
	TRY(arm, (void)0, 0, "ARM good");
	TRY(arm, (void)0, EBUSY, "ARM twice");
	TRY(arm, a.arm.flags = 1U << 4, EINVAL, "ARM armed and unknown flag");
	check(0, call(HOTSOAK_IOC_DISARM, NULL), "DISARM");
	check(0, call(HOTSOAK_IOC_DISARM, NULL), "DISARM twice");
	TRY(arm, a.arm.invariants = 0, 0, "ARM without invariants");
	check(0, call(HOTSOAK_IOC_DISARM, (void *)8), "DISARM with a wild argument");
	TRY(arm, a.arm.sample_us = 1000000, 0, "ARM slowest sampler");
	call(HOTSOAK_IOC_DISARM, NULL);
}

static void test_fill(void)
{
	const unsigned long cmd = HOTSOAK_IOC_BURST_FILL;
	uint64_t end = UINT64_MAX - 4 * pageblock + 1;

	TRY(fill, (void)0, ENOTCONN, "BURST_FILL not armed");
	arm_plain();
	TRY(fill, a.fill.flags = 1, EINVAL, "BURST_FILL unknown flag");
	TRY(fill, a.fill.reserved = 1, EINVAL, "BURST_FILL reserved not zero");
	TRY(fill, a.fill.pages_per_block = 0, EINVAL, "BURST_FILL pages_per_block 0");
	TRY(fill, a.fill.pages_per_block = (uint32_t)pageblock + 1, EINVAL,
	    "BURST_FILL pages_per_block above the pageblock");
	TRY(fill, a.fill.pages_per_block = UINT32_MAX, EINVAL, "BURST_FILL pages_per_block -1");
	TRY(fill, a.fill.max_order = 4, EINVAL, "BURST_FILL max_order 4");
	TRY(fill, a.fill.max_order = UINT32_MAX, EINVAL, "BURST_FILL max_order -1");
	TRY(fill, a.fill.early_percent = 101, EINVAL, "BURST_FILL early_percent 101");
	TRY(fill, a.fill.nr_pages = 0, EINVAL, "BURST_FILL no pages");
	TRY(fill, a.fill.nr_pages = pageblock, EINVAL, "BURST_FILL one pageblock");
	TRY(fill, a.fill.nr_pages += 1, EINVAL, "BURST_FILL nr_pages not aligned");
	TRY(fill, a.fill.start_pfn += 1, EINVAL, "BURST_FILL start_pfn not aligned");
	TRY(fill, a.fill.start_pfn += pageblock, EINVAL, "BURST_FILL start_pfn half aligned");
	TRY(fill, a.fill.start_pfn = kernel_pfn, ENXIO, "BURST_FILL a kernel zone");
	TRY(fill, a.fill.start_pfn = offline_pfn, ENXIO, "BURST_FILL an offline block");
	TRY(fill, a.fill.start_pfn = 0, ENXIO, "BURST_FILL pfn 0");
	TRY(fill, a.fill.start_pfn = 1ULL << 40, ENXIO, "BURST_FILL pfn above memory");
	TRY(fill, a.fill.start_pfn = 1ULL << 52, ENXIO, "BURST_FILL pfn above physical addresses");
	TRY(fill, a.fill.start_pfn = end, ENXIO, "BURST_FILL the last pfns");
	TRY(fill, (a.fill.start_pfn = end, a.fill.nr_pages = 4 * pageblock), ENXIO,
	    "BURST_FILL range ends at 2^64");
	TRY(fill, (a.fill.start_pfn = end, a.fill.nr_pages = 8 * pageblock), ENXIO,
	    "BURST_FILL range wraps");
	TRY(fill, a.fill.nr_pages = UINT64_MAX - 2 * pageblock + 1, ENXIO,
	    "BURST_FILL range wraps from the block");
	TRY(fill, (a.fill.start_pfn = kernel_pfn,
		   a.fill.nr_pages = online_pfn - kernel_pfn + 2 * pageblock), ENXIO,
	    "BURST_FILL across zones");
	TRY(fill, (a.fill.start_pfn = online_pfn,
		   a.fill.nr_pages = offline_pfn - online_pfn + 2 * pageblock), ENXIO,
	    "BURST_FILL into an offline block");
	TRY(fill, (void)0, 0, "BURST_FILL good");
	TRY(fill, (void)0, 0, "BURST_FILL again, the first are given back");
	TRY(fill, a.fill.pages_per_block = (uint32_t)pageblock, 0, "BURST_FILL whole pageblocks");
	check(0, call(HOTSOAK_IOC_BURST_DROP, NULL), "BURST_DROP");
	check(0, call(HOTSOAK_IOC_BURST_DROP, NULL), "BURST_DROP nothing held");
	check(0, call(HOTSOAK_IOC_BURST_DROP, (void *)8), "BURST_DROP with a wild argument");
	call(HOTSOAK_IOC_DISARM, NULL);
	check(0, call(HOTSOAK_IOC_BURST_DROP, NULL), "BURST_DROP not armed");
}

static void test_contig_race(void)
{
	const unsigned long cmd = HOTSOAK_IOC_CONTIG_RACE;
	const uint32_t straddle = HOTSOAK_ACR_STRADDLE;
	const uint32_t parallel = HOTSOAK_ACR_PARALLEL, mutex = HOTSOAK_ACR_MUTEX;
	union argument held;

	TRY(acr, (void)0, ENOTCONN, "CONTIG_RACE not armed");
	arm_plain();
	TRY(acr, a.acr.flags = 1U << 5, EINVAL, "CONTIG_RACE unknown flag");
	TRY(acr, a.acr.trials = HOTSOAK_ACR_MAX_TRIALS + 1, EINVAL, "CONTIG_RACE too many trials");
	TRY(acr, a.acr.trials = UINT32_MAX, EINVAL, "CONTIG_RACE trials -1");
	TRY(acr, a.acr.pages = 0, EINVAL, "CONTIG_RACE no pages");
	TRY(acr, a.acr.pages = HOTSOAK_ACR_MAX_PAGES + 1, EINVAL, "CONTIG_RACE too many pages");
	TRY(acr, a.acr.flags = straddle, EINVAL, "CONTIG_RACE straddle with pages");
	TRY(acr, (a.acr.flags = straddle | HOTSOAK_ACR_NO_PCPLISTS, a.acr.pages = 0), EINVAL,
	    "CONTIG_RACE straddle without pcplists");
	TRY(acr, a.acr.flags = parallel, EINVAL, "CONTIG_RACE parallel with pages");
	TRY(acr, (a.acr.flags = parallel | straddle, a.acr.pages = 0), EINVAL,
	    "CONTIG_RACE parallel and straddle");
	TRY(acr, (a.acr.flags = parallel | HOTSOAK_ACR_NO_PCPLISTS, a.acr.pages = 0), EINVAL,
	    "CONTIG_RACE parallel without pcplists");
	TRY(acr, a.acr.flags = mutex, EINVAL, "CONTIG_RACE mutex alone");
	TRY(acr, a.acr.flags = HOTSOAK_ACR_HALVES, EINVAL, "CONTIG_RACE halves alone");
	TRY(acr, (a.acr.flags = straddle | mutex, a.acr.pages = 0), EINVAL,
	    "CONTIG_RACE straddle with mutex");
	TRY(acr, a.acr.nr_pages = 0, EINVAL, "CONTIG_RACE no range");
	TRY(acr, a.acr.start_pfn += pageblock, EINVAL, "CONTIG_RACE start_pfn half aligned");
	TRY(acr, a.acr.start_pfn = kernel_pfn, ENXIO, "CONTIG_RACE a kernel zone");
	TRY(acr, a.acr.start_pfn = offline_pfn, ENXIO, "CONTIG_RACE an offline block");
	TRY(acr, a.acr.nr_pages = UINT64_MAX - 2 * pageblock + 1, ENXIO,
	    "CONTIG_RACE range wraps from the block");
	TRY(acr, a.acr.trials = 0, 0, "CONTIG_RACE no trials");
	TRY(acr, (a.acr.flags = straddle, a.acr.pages = 0), 0, "CONTIG_RACE straddle");
	TRY(acr, (a.acr.flags = parallel, a.acr.pages = 0), 0, "CONTIG_RACE parallel");
	TRY(acr, (a.acr.flags = parallel | mutex, a.acr.pages = 0), 0,
	    "CONTIG_RACE parallel with mutex");
	TRY(acr, (a.acr.flags = parallel | HOTSOAK_ACR_HALVES, a.acr.pages = 0), 0,
	    "CONTIG_RACE parallel halves");
	TRY(acr, a.acr.pages = HOTSOAK_ACR_MAX_PAGES, 0, "CONTIG_RACE as many pages as may be");
	/* An offline that waits for what only another ioctl gives back would stop it for ever. */
	make_hold(&held);
	call(HOTSOAK_IOC_HOLD, &held);
	TRY(acr, (void)0, EBUSY, "CONTIG_RACE while a page is held");
	call(HOTSOAK_IOC_RELEASE, NULL);
	make_fill(&held);
	call(HOTSOAK_IOC_BURST_FILL, &held);
	TRY(acr, (void)0, EBUSY, "CONTIG_RACE while a burst is held");
	call(HOTSOAK_IOC_BURST_DROP, NULL);
	TRY(acr, (void)0, 0, "CONTIG_RACE when they are given back");
	call(HOTSOAK_IOC_DISARM, NULL);
}

static void test_snapshot(void)
{
	const unsigned long cmd = HOTSOAK_IOC_SNAPSHOT;

	TRY(snapshot, a.snapshot.flags = 1, EINVAL, "SNAPSHOT unknown flag");
	TRY(snapshot, a.snapshot.pfn = offline_pfn, ENXIO, "SNAPSHOT an offline pfn");
	TRY(snapshot, a.snapshot.pfn = 1ULL << 40, ENXIO, "SNAPSHOT pfn above memory");
	TRY(snapshot, a.snapshot.pfn = 1ULL << 52, ENXIO,
	    "SNAPSHOT pfn above physical addresses");
	TRY(snapshot, a.snapshot.pfn = UINT64_MAX, ENXIO, "SNAPSHOT pfn -1");
	TRY(snapshot, a.snapshot.pfn = 1ULL << 63, ENXIO, "SNAPSHOT pfn 2^63");
	TRY(snapshot, a.snapshot.pfn = kernel_pfn, 0, "SNAPSHOT a kernel zone");
}

static void test_hold(void)
{
	const unsigned long cmd = HOTSOAK_IOC_HOLD;
	char *read_only = pages(1, PROT_READ), *gone = pages(1, PROT_READ | PROT_WRITE);

	munmap(gone, page_bytes);
	TRY(hold, a.hold.flags = 0, EINVAL, "HOLD no flag");
	TRY(hold, a.hold.flags = HOTSOAK_HOLD_REF | HOTSOAK_HOLD_LOCK, EINVAL, "HOLD both flags");
	TRY(hold, a.hold.flags = 4, EINVAL, "HOLD unknown flag");
	TRY(hold, a.hold.flags = HOTSOAK_HOLD_REF | 1U << 31, EINVAL, "HOLD unknown flag besides");
	TRY(hold, a.hold.addr += 1, EINVAL, "HOLD address not aligned");
	TRY(hold, a.hold.addr = 0, EFAULT, "HOLD address 0");
	TRY(hold, a.hold.addr = (uintptr_t)gone, EFAULT, "HOLD unmapped address");
	TRY(hold, a.hold.addr = (uintptr_t)read_only, EFAULT, "HOLD read-only address");
	TRY(hold, a.hold.addr = 0xffff888000000000, EFAULT, "HOLD address of the kernel");
	TRY(hold, a.hold.addr = UINT64_MAX - page_bytes + 1, EFAULT, "HOLD the last page");
	TRY(hold, (void)0, 0, "HOLD good");
	TRY(hold, (void)0, EBUSY, "HOLD twice");
	TRY(hold, a.hold.flags = HOTSOAK_HOLD_LOCK, EBUSY, "HOLD the lock besides");
	check(0, call(HOTSOAK_IOC_RELEASE, NULL), "RELEASE");
	check(0, call(HOTSOAK_IOC_RELEASE, NULL), "RELEASE nothing held");
	check(0, call(HOTSOAK_IOC_RELEASE, (void *)8), "RELEASE with a wild argument");
	TRY(hold, a.hold.flags = HOTSOAK_HOLD_LOCK, 0, "HOLD the page lock");
	check(0, call(HOTSOAK_IOC_RELEASE, NULL), "RELEASE the page lock");
	munmap(read_only, page_bytes);
}

static void test_heal(void)
{
	const unsigned long cmd = HOTSOAK_IOC_HEAL;
	union argument a;
	int err;

	TRY(heal, a.heal.flags = 1, EINVAL, "HEAL unknown flag");
	TRY(heal, a.heal.pfn = online_pfn, EBUSY, "HEAL an online pfn");
	TRY(heal, a.heal.pfn = 1ULL << 40, ENXIO, "HEAL pfn above memory");
	TRY(heal, a.heal.pfn = UINT64_MAX, ENXIO, "HEAL pfn -1");
	/* Which of them, the kernel's configuration tells. */
	make_heal(&a);
	err = call(cmd, &a);
	check(err == EOPNOTSUPP ? EOPNOTSUPP : ENOENT, err, "HEAL a page that is whole");
}

/* ---- Commands, opens, reads ------------------------------------------------------ */

static void test_unknown(void)
{
	union argument a;

	make_plain(&a);
	a.size = sizeof(a.info);
	check(ENOTTY, call(_IO(HOTSOAK_IOC_MAGIC, 11), &a), "unknown command 11");
	check(ENOTTY, call(_IO(HOTSOAK_IOC_MAGIC, 255), &a), "unknown command 255");
	check(ENOTTY, call(_IO(0xb6, 0), &a), "command of another driver");
	check(ENOTTY, call(_IOWR(HOTSOAK_IOC_MAGIC, 0, struct hotsoak_info), &a),
	      "INFO with a size in the command");
	check(ENOTTY, call(0, &a), "command 0");
	check(ENOTTY, call(UINT32_MAX, &a), "command -1");
}

static int open_again(void)
{
	int second = counting ? -1 : open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC);

	if (second >= 0)
		close(second);
	return second < 0 ? errno : 0;
}

/* In a child, since the way back to root is closed on purpose. */
static int open_without_root(void)
{
	pid_t child;
	int status = 0;

	if (counting)
		return 0;
	child = fork();
	if (!child) {
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(255);
		_exit(open(HOTSOAK_DEVICE, O_RDWR) < 0 ? errno : 0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int read_errno(void *buf, size_t len)
{
	ssize_t n = read(fd, buf, len);

	return n < 0 ? errno : n ? 0 : ENODATA;
}

/* Takes the block away and brings it back, so that there is an event. */
static void cycle_block(void)
{
	static const char *const words[] = { "offline", "online_movable" };
	char path[80];
	int state;

	if (counting)
		return;
	snprintf(path, sizeof(path), MEMORY "/memory%lu/state", online_block);
	for (int i = 0; i < 2; i++) {
		state = open(path, O_WRONLY | O_CLOEXEC);
		if (state < 0 || write(state, words[i], strlen(words[i])) < 0)
			printf("# %s of memory%lu: %s\n", words[i], online_block, strerror(errno));
		if (state >= 0)
			close(state);
	}
}

static void test_read(void)
{
	struct hotsoak_event e[2];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	void *gone = pages(1, PROT_READ | PROT_WRITE), *read_only = pages(1, PROT_READ);

	munmap(gone, page_bytes);
	check(EBUSY, open_again(), "a second open");
	check(EACCES, open_without_root(), "an open without root");
	check(EINVAL, read_errno(e, 0), "read 0 bytes");
	check(EINVAL, read_errno(e, 1), "read 1 byte");
	check(EINVAL, read_errno(e, sizeof(e[0]) - 1), "read one byte less than a record");
	check(EAGAIN, read_errno(e, sizeof(e)), "read nothing there");
	check(0, poll(&p, 1, 0) > 0 && p.revents & POLLIN ? EBUSY : 0, "poll nothing there");
	check(EINVAL, counting || write(fd, e, sizeof(e)) >= 0 ? 0 : errno, "write");

	arm_plain();
	cycle_block();
	check(0, poll(&p, 1, 5000) == 1 && p.revents & POLLIN ? 0 : ENODATA, "poll a record");
	check(EFAULT, read_errno(NULL, sizeof(e)), "read to NULL");
	check(EFAULT, read_errno(gone, sizeof(e)), "read to an unmapped buffer");
	check(EFAULT, read_errno(read_only, sizeof(e)), "read to a read-only buffer");
	check(EFAULT, read_errno((void *)0xffff888000000000, sizeof(e)),
	      "read to memory of the kernel");
	check(EINVAL, read_errno(e, sizeof(e[0]) - 1), "read too short a buffer, record waiting");
	memset(e, 0, sizeof(e));
	check(0, read_errno(e, sizeof(e[0]) + 1), "read the record after all");
	check(0, e[0].type == HOTSOAK_EVENT_WINDOW && e[0].window == 1 &&
		 e[0].start_pfn == online_pfn && e[0].nr_pages == block_pages ? 0 : EPROTO,
	      "it is the window of the block");
	call(HOTSOAK_IOC_DISARM, NULL);
	munmap(read_only, page_bytes);
}

/* ---- Whatever comes ----------------------------------------------------------------- */

#define FUZZ_CALLS 3000

static uint64_t fuzz_state = 0x9e3779b97f4a7c15;

static uint64_t fuzz(void)
{
	fuzz_state ^= fuzz_state << 13;
	fuzz_state ^= fuzz_state >> 7;
	return fuzz_state ^= fuzz_state << 17;
}

/* Half of the fields are left as they should be, or nothing gets past the checks. */
static void test_fuzz(void)
{
	int unexpected = 0;

	for (int i = 0; i < FUZZ_CALLS && !counting; i++) {
		size_t nth = fuzz() % (sizeof(commands) / sizeof(*commands));
		const struct command *c = &commands[nth];
		union argument a;
		int err;

		c->make(&a);
		a.size = (uint32_t)c->bytes;
		for (size_t at = 4; at + 4 <= c->bytes; at += 4)
			if (fuzz() % 8 == 0) {
				uint32_t v = (uint32_t)fuzz() >> fuzz() % 32;

				memcpy(a.bytes + at, &v, sizeof(v));
			}
		err = call(c->cmd, &a);
		if (err == ENOTTY || err == EPERM || err == EIO || err == ENOSYS) {
			printf("# %s of random fields: %s\n", c->name, errno_name(err));
			unexpected = err;
		}
		if (fuzz() % 8 == 0)
			call(fuzz() & 1 ? HOTSOAK_IOC_RELEASE : HOTSOAK_IOC_BURST_DROP, NULL);
		if (fuzz() % 256 == 0)
			call(HOTSOAK_IOC_DISARM, NULL);
	}
	call(HOTSOAK_IOC_DISARM, NULL);
	check(0, unexpected, "random fields %d times", FUZZ_CALLS);
}

static void run_tests(void)
{
	union argument a;

	held_page = pages(1, PROT_READ | PROT_WRITE);
	*held_page = 1;
	make_plain(&a);
	a.size = sizeof(a.info);
	check(0, call(HOTSOAK_IOC_INFO, &a), "INFO");
	check(0, a.info.abi == HOTSOAK_ABI ? 0 : EPROTO, "INFO tells the ABI of the header");
	if (!counting)
		pageblock = a.info.pageblock_pages;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		test_command(&commands[i]);
	test_arm();
	test_fill();
	test_snapshot();
	test_contig_race();
	test_hold();
	test_heal();
	test_unknown();
	test_read();
	test_fuzz();
}

/* ---- The other commands -------------------------------------------------------------- */

static uint64_t read_hex(const char *path)
{
	char text[64];
	ssize_t n;
	int f = open(path, O_RDONLY | O_CLOEXEC);

	if (f < 0)
		return 0;
	n = read(f, text, sizeof(text) - 1);
	close(f);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoull(text, NULL, 16);
}

static int test(char **block)
{
	block_pages = read_hex(MEMORY "/block_size_bytes") / page_bytes;
	if (!block_pages) {
		fprintf(stderr, "ioctl: no block size\n");
		return 2;
	}
	online_block = strtoul(block[0], NULL, 10);
	online_pfn = online_block * block_pages;
	offline_pfn = strtoul(block[1], NULL, 10) * block_pages;
	kernel_pfn = strtoul(block[2], NULL, 10) * block_pages;
	fd = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		fprintf(stderr, "ioctl: %s: %s\n", HOTSOAK_DEVICE, strerror(errno));
		return 2;
	}
	run_tests();
	return nr_failed ? 1 : 0;
}

static int disarmed(void)
{
	struct hotsoak_info info = { .size = sizeof(info) };

	fd = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0 || call(HOTSOAK_IOC_INFO, &info)) {
		printf("%s: %s\n", HOTSOAK_DEVICE, strerror(errno));
		return 1;
	}
	if (info.flags & HOTSOAK_INFO_ARMED)
		printf("still armed\n");
	return info.flags & HOTSOAK_INFO_ARMED ? 1 : 0;
}

static int hunt(char **arg)
{
	pid_t pid = (pid_t)strtol(arg[0], NULL, 10);
	unsigned long first = strtoul(arg[1], NULL, 10), last = strtoul(arg[2], NULL, 10);
	char path[80], text[32];
	ssize_t n;

	/* As fast as it goes: a block is going offline for a few milliseconds. */
	while (!kill(pid, 0))
		for (unsigned long b = first; b <= last; b++) {
			int state;

			snprintf(path, sizeof(path), MEMORY "/memory%lu/state", b);
			state = open(path, O_RDONLY | O_CLOEXEC);
			n = state < 0 ? 0 : read(state, text, sizeof(text));
			if (state >= 0)
				close(state);
			if (n < 13 || strncmp(text, "going-offline", 13))
				continue;
			kill(pid, SIGKILL);
			printf("%lu\n", b);
			return 0;
		}
	fprintf(stderr, "ioctl: process %d ended by itself\n", pid);
	return 1;
}

static int user(char **arg)
{
	unsigned int id = (unsigned int)strtoul(arg[0], NULL, 10);

	if (setgroups(0, NULL) || setgid(id) || setuid(id)) {
		perror("ioctl: setuid");
		return 126;
	}
	execvp(arg[1], arg + 1);
	perror(arg[1]);
	return 127;
}

int main(int argc, char **argv)
{
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (argc == 2 && !strcmp(argv[1], "count")) {
		counting = true;
		run_tests();
		printf("%u\n", nr_tests);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "test"))
		return test(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "disarmed"))
		return disarmed();
	if (argc == 5 && !strcmp(argv[1], "hunt"))
		return hunt(argv + 2);
	if (argc > 3 && !strcmp(argv[1], "user"))
		return user(argv + 2);
	fprintf(stderr, "usage: ioctl count | test ONLINE OFFLINE KERNEL | disarmed | hunt PID FIRST LAST | user UID COMMAND...\n");
	return 2;
}
