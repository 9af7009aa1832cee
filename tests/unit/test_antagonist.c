// SPDX-License-Identifier: GPL-2.0-only
/* The search for a page to hold: in parts, and nothing of it stays. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
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

static void searches_in_parts(void **state)
{
	unsigned long left = 100 * MIB / (unsigned long)sysconf(_SC_PAGESIZE), before, parts = 0;
	struct hs_antagonist a = make();
	uint64_t pfn = 0;
	int r;

	before = resident_mib();
	while ((r = hs_antagonist_hold(&a, -1, is_wanted, &left, 1024 * MIB, &pfn)) == -EAGAIN) {
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
	assert_int_equal(hs_antagonist_hold(&a, -1, is_wanted, &left, 1024 * MIB, &pfn), 0);
}

static void what_is_spare_ends_it(void **state)
{
	struct hs_antagonist a = make();
	unsigned long none = 0;
	uint64_t pfn;

	assert_int_equal(hs_antagonist_hold(&a, -1, is_wanted, &none, 1024 * MIB, &pfn), -EAGAIN);
	assert_int_equal(hs_antagonist_hold(&a, -1, is_wanted, &none, 32 * MIB, &pfn), -ENOENT);
	assert_false(hs_antagonist_is_searching(&a));
	assert_int_equal(holds, 0);
}

static void a_search_can_be_given_up(void **state)
{
	unsigned long none = 0, before = resident_mib();
	struct hs_antagonist a = make();
	uint64_t pfn;

	assert_int_equal(hs_antagonist_hold(&a, -1, is_wanted, &none, 1024 * MIB, &pfn), -EAGAIN);
	hs_antagonist_release(&a);
	assert_false(hs_antagonist_is_searching(&a));
	assert_in_range(resident_mib(), 0, before + 20);
	assert_int_equal(releases, 0);
}

/* One of four gets none; the rest, after the first that says how long one takes, at any
 * moment of it, from the same seed at the same. */
static void signals_come_at_any_moment(void **state)
{
	static struct hs_antagonist a, b;
	uint64_t early = 0, late = 0, door = 0, none = 0;

	a.kind = HS_ANTAGONIST_SIGNALS;
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
	assert_true(hs_antagonist_is_alone(HS_ANTAGONIST_SIGNALS));
	assert_false(hs_antagonist_is_alone(HS_ANTAGONIST_HOLD_PAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_in_parts),
		cmocka_unit_test(what_is_spare_ends_it),
		cmocka_unit_test(a_search_can_be_given_up),
		cmocka_unit_test(signals_come_at_any_moment),
		cmocka_unit_test(others_send_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
