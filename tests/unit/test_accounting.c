// SPDX-License-Identifier: GPL-2.0-only
/* The books: what must follow from one snapshot to the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "accounting.h"

#define BLOCK 32768

static const struct hs_books base = {
	.present = 10 * BLOCK, .managed = 10 * BLOCK - 100, .isolate_blocks = 2,
	.free = 1000, .buddy = 1000, .total = 500000,
};

static struct hs_books moved(int64_t present, int64_t managed, int64_t total)
{
	struct hs_books b = base;

	b.present += (uint64_t)present;
	b.managed += (uint64_t)managed;
	b.total += (uint64_t)total;
	return b;
}

static int follows(struct hs_books after, enum hs_move move, char *why)
{
	return hs_books_follow(&base, &after, move, BLOCK, why, 160);
}

static void what_holds(void **state)
{
	char why[160];

	assert_true(follows(moved(0, 0, 0), HS_MOVE_NONE, why));
	assert_true(follows(moved(-BLOCK, -BLOCK, -BLOCK), HS_MOVE_OFF, why));
	assert_true(follows(moved(BLOCK, BLOCK, BLOCK), HS_MOVE_ON, why));
	/* Its own memmap, pages that are PageOffline. */
	assert_true(follows(moved(-BLOCK + 512, -BLOCK + 512, -BLOCK + 512), HS_MOVE_OFF, why));
	assert_true(follows(moved(-BLOCK, -BLOCK + 7, -BLOCK + 7), HS_MOVE_OFF, why));
}

static void what_does_not(void **state)
{
	struct hs_books leaked = base;
	char why[160];

	leaked.isolate_blocks++;
	assert_false(follows(leaked, HS_MOVE_NONE, why));
	assert_string_equal(why, "nr_isolate_pageblock is 3, expected 2");
	assert_false(follows(moved(-1, 0, 0), HS_MOVE_NONE, why));
	assert_non_null(strstr(why, "present_pages"));
	assert_false(follows(moved(0, -1, 0), HS_MOVE_NONE, why));
	assert_non_null(strstr(why, "managed_pages"));
	assert_false(follows(moved(0, 0, -1), HS_MOVE_NONE, why));
	assert_non_null(strstr(why, "MemTotal"));
	assert_false(follows(moved(0, 0, 0), HS_MOVE_OFF, why));
	assert_false(follows(moved(-2 * BLOCK, -2 * BLOCK, -2 * BLOCK), HS_MOVE_OFF, why));
	assert_false(follows(moved(-BLOCK, -BLOCK - 1, -BLOCK - 1), HS_MOVE_OFF, why));
	assert_false(follows(moved(-BLOCK, -BLOCK, -BLOCK + 1), HS_MOVE_OFF, why));
	assert_false(follows(moved(-BLOCK, -BLOCK, -BLOCK), HS_MOVE_ON, why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds),
		cmocka_unit_test(what_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
