// SPDX-License-Identifier: GPL-2.0-only
/* The books of uevents: what each fault adds to them, and what is innocent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "eventbook.h"

#define OFF	HS_BLOCKEVENT_OFFLINE
#define ON	HS_BLOCKEVENT_ONLINE

static struct hs_eventbook b;

static int setup(void **state)
{
	b = (struct hs_eventbook){ 0 };
	return 0;
}

static int teardown(void **state)
{
	hs_eventbook_deinit(&b);
	return 0;
}

static void hear(unsigned long block, enum hs_blockevent_kind kind, enum hs_memblk_state now)
{
	const struct hs_blockevent e = { .block = block, .kind = kind };

	assert_int_equal(hs_eventbook_heard(&b, &e, now), 0);
}

static enum hs_memblk_state after(enum hs_blockevent_kind kind)
{
	return kind == ON ? HS_MEMBLK_ONLINE : HS_MEMBLK_OFFLINE;
}

/* One of ours that succeeds, with so many uevents. */
static void ours(unsigned long block, enum hs_blockevent_kind kind, unsigned int nr)
{
	hs_eventbook_begin(&b, block);
	while (nr--)
		hear(block, kind, after(kind));
	hs_eventbook_done(&b, block, kind);
}

static void expect(uint64_t missing, uint64_t doubled, uint64_t unasked)
{
	assert_int_equal(b.missing, missing);
	assert_int_equal(b.doubled, doubled);
	assert_int_equal(b.unasked, unasked);
}

static void one_each(void **state)
{
	for (int i = 0; i < 3; i++) {
		ours(32, OFF, 1);
		ours(33, OFF, 1);
		ours(32, ON, 1);
		ours(33, ON, 1);
	}
	expect(0, 0, 0);
	assert_int_equal(b.heard, 12);
}

static void missing(void **state)
{
	ours(32, OFF, 0);
	expect(1, 0, 0);
	assert_int_equal(b.at, 32);
	ours(32, ON, 1);
	ours(33, OFF, 1);
	ours(33, ON, 0);
	expect(2, 0, 0);
	assert_int_equal(b.at, 33);
	/* Nor is the next one out of turn for it. */
	ours(33, OFF, 1);
	ours(33, ON, 1);
	expect(2, 0, 0);
	/* That of the transition before is none of this one, nor is the other kind's. */
	ours(33, OFF, 1);
	hs_eventbook_begin(&b, 33);
	hs_eventbook_done(&b, 33, OFF);
	expect(3, 0, 0);
}

static void doubled(void **state)
{
	ours(32, OFF, 2);
	expect(0, 1, 0);
	assert_int_equal(b.at, 32);
	ours(32, ON, 3);
	expect(0, 3, 0);
	ours(32, OFF, 1);
	expect(0, 3, 0);
}

/* An offline that was refused tells of it, and the block is online all the same. */
static void unasked(void **state)
{
	hs_eventbook_begin(&b, 32);
	hear(32, OFF, HS_MEMBLK_ONLINE);
	expect(0, 0, 0);
	ours(33, OFF, 1);
	expect(0, 0, 0);
	ours(33, ON, 1);
	expect(0, 0, 1);
	assert_int_equal(b.at, 32);
	ours(32, OFF, 1);
	ours(32, ON, 1);
	expect(0, 0, 1);
	/* Found sooner, when the same is told again. */
	hear(32, OFF, HS_MEMBLK_ONLINE);
	ours(32, OFF, 1);
	expect(0, 0, 2);
	ours(32, ON, 1);
	ours(32, OFF, 1);
	expect(0, 0, 2);
	hear(32, ON, HS_MEMBLK_OFFLINE);
	ours(33, OFF, 1);
	ours(33, ON, 1);
	expect(0, 0, 3);
}

/* As it goes, the state is not yet what a uevent before its end tells. */
static void unasked_as_it_goes(void **state)
{
	hs_eventbook_begin(&b, 32);
	hear(32, OFF, HS_MEMBLK_GOING_OFFLINE);
	hear(32, OFF, HS_MEMBLK_OFFLINE);
	hs_eventbook_done(&b, 32, OFF);
	expect(0, 0, 1);
}

/* Whoever causes them they alternate, and a state is older or newer than its uevent. */
static void others_are_innocent(void **state)
{
	ours(32, OFF, 1);
	ours(32, ON, 1);
	hear(32, OFF, HS_MEMBLK_OFFLINE);
	hear(32, ON, HS_MEMBLK_ONLINE);
	/* Brought back before its first was read, … */
	hear(40, OFF, HS_MEMBLK_ONLINE);
	hear(40, ON, HS_MEMBLK_ONLINE);
	/* … and with the second yet to come. */
	hear(41, OFF, HS_MEMBLK_ONLINE);
	ours(32, OFF, 1);
	hear(41, ON, HS_MEMBLK_ONLINE);
	ours(32, ON, 1);
	/* On the way again, and one that cannot be read any more. */
	hear(41, OFF, HS_MEMBLK_OFFLINE);
	hear(41, ON, HS_MEMBLK_GOING_OFFLINE);
	hear(42, OFF, HS_MEMBLK_UNKNOWN);
	for (int i = 0; i < 3; i++) {
		ours(33, OFF, 1);
		ours(33, ON, 1);
	}
	/* In the midst of one of ours that then succeeds. */
	hs_eventbook_begin(&b, 32);
	hear(32, OFF, HS_MEMBLK_OFFLINE);
	hear(32, ON, HS_MEMBLK_OFFLINE);
	hear(32, OFF, HS_MEMBLK_OFFLINE);
	hs_eventbook_done(&b, 32, OFF);
	expect(0, 0, 0);
	assert_int_equal(b.heard, 22);
}

/* What is plugged in begins anew. */
static void plugged(void **state)
{
	ours(32, OFF, 1);
	hear(32, HS_BLOCKEVENT_PLUG, HS_MEMBLK_UNKNOWN);
	hear(32, HS_BLOCKEVENT_PLUG, HS_MEMBLK_OFFLINE);
	hear(32, OFF, HS_MEMBLK_OFFLINE);
	expect(0, 0, 0);
	assert_int_equal(b.heard, 2);
}

static void lost(void **state)
{
	ours(32, OFF, 2);
	b.lost = true;
	ours(32, ON, 0);
	ours(32, ON, 2);
	hear(33, OFF, HS_MEMBLK_ONLINE);
	ours(32, OFF, 1);
	ours(32, ON, 1);
	expect(0, 1, 0);
	assert_int_equal(b.heard, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_each, setup, teardown),
		cmocka_unit_test_setup_teardown(missing, setup, teardown),
		cmocka_unit_test_setup_teardown(doubled, setup, teardown),
		cmocka_unit_test_setup_teardown(unasked, setup, teardown),
		cmocka_unit_test_setup_teardown(unasked_as_it_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(others_are_innocent, setup, teardown),
		cmocka_unit_test_setup_teardown(plugged, setup, teardown),
		cmocka_unit_test_setup_teardown(lost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
