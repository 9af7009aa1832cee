// SPDX-License-Identifier: GPL-2.0-only
/* The search for a page to hold: in parts, and nothing of it stays. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "antagonist.h"

#define MIB	(UINT64_C(1) << 20)
#define PFN	4711

static struct hs_witness module;
static unsigned int holds, releases;

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;

	(void)fd;
	va_start(ap, request);
	if (request == HOTSOAK_IOC_HOLD)
		va_arg(ap, struct hotsoak_hold *)->pfn = PFN;
	va_end(ap);
	holds += request == HOTSOAK_IOC_HOLD;
	releases += request == HOTSOAK_IOC_RELEASE;
	return 0;
}

/* What the kernel says of any page of ours; 0: leave all files as they are. */
static uint64_t pagemap_says, kpageflags_say;
static int pagemap_fd = -1;

int open(const char *path, int flags, ...)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);

	if (pagemap_says && !strcmp(path, "/proc/self/pagemap"))
		pagemap_fd = fd;
	/* Root's alone. */
	if (pagemap_says && fd < 0 && !strcmp(path, "/proc/kpageflags"))
		fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);
	return fd;
}

ssize_t pread(int fd, void *buf, size_t bytes, off_t offset)
{
	if (!pagemap_says || bytes != sizeof(uint64_t))
		return syscall(SYS_pread64, fd, buf, bytes, offset);
	if (fd != pagemap_fd)
		assert_int_equal(offset, PFN * sizeof(uint64_t));
	memcpy(buf, fd == pagemap_fd ? &pagemap_says : &kpageflags_say, bytes);
	return (ssize_t)bytes;
}

/* Says yes to the @ctx-th page that it is asked about, and to the one that is held. */
static bool is_wanted(uint64_t pfn, void *ctx)
{
	unsigned long *left = ctx;

	return pfn == PFN || (*left && !--*left);
}

static unsigned long resident_mib(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %lu", &pages), 1);
	fclose(f);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE) / MIB;
}

static struct hs_antagonist make(void)
{
	holds = releases = 0;
	return (struct hs_antagonist){ .kind = HS_ANTAGONIST_HOLD_PAGE, .witness = &module };
}

static int hold(struct hs_antagonist *a, unsigned long *left, uint64_t spare_bytes, uint64_t *pfn)
{
	return hs_antagonist_hold(a, &(struct hs_antagonist_want){
		.node = -1, .is_wanted = is_wanted, .ctx = left, .spare_bytes = spare_bytes,
	}, pfn);
}

static void searches_in_parts(void **state)
{
	unsigned long left = 100 * MIB / (unsigned long)sysconf(_SC_PAGESIZE), before, parts = 0;
	struct hs_antagonist a = make();
	uint64_t pfn = 0;
	int r;

	before = resident_mib();
	while ((r = hold(&a, &left, 1024 * MIB, &pfn)) == -EAGAIN) {
		parts++;
		assert_true(hs_antagonist_is_searching(&a));
		assert_in_range(resident_mib(), before + parts * 20, before + parts * 40);
	}
	assert_int_equal(r, 1);
	assert_int_equal(parts, 3);
	assert_int_equal(pfn, PFN);
	assert_int_equal(holds, 1);
	assert_false(hs_antagonist_is_searching(&a));
	assert_in_range(resident_mib(), 0, before + 20);
	hs_antagonist_release(&a);
	assert_int_equal(releases, 1);
	/* Every second time only. */
	assert_int_equal(hold(&a, &left, 1024 * MIB, &pfn), 0);
}

static void what_is_spare_ends_it(void **state)
{
	struct hs_antagonist a = make();
	unsigned long none = 0;
	uint64_t pfn;

	assert_int_equal(hold(&a, &none, 1024 * MIB, &pfn), -EAGAIN);
	assert_int_equal(hold(&a, &none, 32 * MIB, &pfn), -ENOENT);
	assert_false(hs_antagonist_is_searching(&a));
	assert_int_equal(holds, 0);
}

static void a_search_can_be_given_up(void **state)
{
	unsigned long none = 0, before = resident_mib();
	struct hs_antagonist a = make();
	uint64_t pfn;

	assert_int_equal(hold(&a, &none, 1024 * MIB, &pfn), -EAGAIN);
	hs_antagonist_release(&a);
	assert_false(hs_antagonist_is_searching(&a));
	assert_in_range(resident_mib(), 0, before + 20);
	assert_int_equal(releases, 0);
}

static bool is_ours(uint64_t pfn, void *ctx)
{
	return pfn == PFN && !ctx;
}

static int refresh(struct hs_antagonist *a, void *ctx, uint64_t *pfn)
{
	return hs_antagonist_refresh(a, &(struct hs_antagonist_want){
		.node = -1, .is_wanted = is_ours, .ctx = ctx,
	}, pfn);
}

/* One page by CPU, in a batch as the kernel says; no other counts, and we stay where we
 * may run. */
static void pages_are_fresh(void **state)
{
	struct hs_antagonist a = { .kind = HS_ANTAGONIST_LRU_BATCH, .block_pages = 512 };
	cpu_set_t before, after;
	uint64_t pfn = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	pagemap_says = PFN | UINT64_C(1) << 63;
	kpageflags_say = UINT64_C(1) << 12;
	assert_int_equal(refresh(&a, NULL, &pfn), 1);
	assert_int_equal(pfn, PFN);
	assert_int_equal(a.nr_fresh, CPU_COUNT(&before));
	assert_true(hs_antagonist_has_fresh(&a, PFN));
	assert_false(hs_antagonist_has_fresh(&a, PFN + 1));
	kpageflags_say |= UINT64_C(1) << 5;
	assert_false(hs_antagonist_has_fresh(&a, PFN));
	kpageflags_say = UINT64_C(1) << 12;
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	hs_antagonist_release(&a);
	assert_int_equal(a.nr_fresh, 0);
	assert_false(hs_antagonist_has_fresh(&a, PFN));

	/* On its list already. */
	kpageflags_say |= UINT64_C(1) << 5;
	assert_int_equal(refresh(&a, NULL, &pfn), 0);
	/* Of a file; of no block that may go; not there. */
	kpageflags_say = UINT64_C(1) << 11;
	assert_int_equal(refresh(&a, NULL, &pfn), 0);
	kpageflags_say = UINT64_C(1) << 12;
	assert_int_equal(refresh(&a, &pfn, &pfn), 0);
	pagemap_says = PFN;
	assert_int_equal(refresh(&a, NULL, &pfn), 0);
	assert_int_equal(a.nr_fresh, 0);
	pagemap_says = 0;
}

/* One of four gets none; the rest, after the first that says how long one takes, at any
 * moment of it, from the same seed at the same. */
static void signals_come_at_any_moment(void **state)
{
	static struct hs_antagonist a, b;
	uint64_t early = 0, late = 0, door = 0, none = 0;

	a.signals = true;
	hs_antagonist_signals_init(&a, 7);
	for (int i = 0; i < 8; i++)
		assert_true(hs_antagonist_signal_after(&a) == 0);
	for (int i = 0; i < 5; i++)
		hs_antagonist_undisturbed(&a, 100 * MIB);
	b = a;
	for (int i = 0; i < 4000; i++) {
		uint64_t ns = hs_antagonist_signal_after(&a);

		assert_true(ns == hs_antagonist_signal_after(&b));
		assert_true(ns <= 130 * MIB);
		none += !ns;
		door += ns && ns <= 50000;
		early += ns > 50000 && ns < 50 * MIB;
		late += ns >= 100 * MIB;
	}
	assert_int_equal(none, 1000);
	assert_in_range(door, 600, 900);
	assert_in_range(early, 750, 1050);
	assert_in_range(late, 350, 550);
}

static void others_send_none(void **state)
{
	struct hs_antagonist a = make();

	hs_antagonist_undisturbed(&a, 100);
	for (int i = 0; i < 8; i++)
		assert_true(hs_antagonist_signal_after(&a) == 0);
	assert_true(hs_antagonist_of(HS_ANTAGONIST_SIGNALS)->is_alone);
	assert_false(hs_antagonist_of(HS_ANTAGONIST_HOLD_PAGE)->is_alone);
}

/* It goes on from one offline to the next, and one that died is not taken for one. */
static void the_compactor_lasts(void **state)
{
	static const struct hs_antagonist_want want = { .node = -1 };
	struct hs_antagonist a = { .kind = HS_ANTAGONIST_COMPACT, .sysroot = "/nowhere" };
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	assert_true(pid > 0);
	assert_int_equal(hs_antagonist_compact(&a, &want, NULL), -ENODEV);
	assert_true(hs_antagonist_release(&a));
	a.compactor.pid = pid;
	assert_true(hs_compact_runs(&a.compactor));
	assert_true(hs_antagonist_release(&a));
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	a.over = true;
	assert_true(hs_antagonist_release(&a));
	assert_int_equal(a.compactor.pid, 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	a.compactor.pid = pid;
	assert_int_equal(hs_antagonist_compact(&a, &want, NULL), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_in_parts),
		cmocka_unit_test(what_is_spare_ends_it),
		cmocka_unit_test(a_search_can_be_given_up),
		cmocka_unit_test(pages_are_fresh),
		cmocka_unit_test(signals_come_at_any_moment),
		cmocka_unit_test(others_send_none),
		cmocka_unit_test(the_compactor_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
