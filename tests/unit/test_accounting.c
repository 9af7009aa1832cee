// SPDX-License-Identifier: GPL-2.0-only
/* The books: what must follow from one snapshot to the next. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* ---- At rest: NR_FREE_PAGES against the free lists --------------------------- */

static struct hs_witness module;

/* What the module would say: the free lists hold 1000 pages, and NR_FREE_PAGES is
 * off by the next of these at each look; the last one stays. */
static const int64_t *looks;

/* … and how often the LRU caches are disabled at each; -1: it does not know. */
static const int64_t always_0[] = { 0, INT64_MAX }, *lru_looks = always_0;
static unsigned int nr_looks;

/* The only system call of a snapshot. */
int ioctl(int fd, unsigned long request, ...)
{
	struct hotsoak_snapshot *snap;
	va_list ap;

	(void)fd;
	assert_int_equal(request, HOTSOAK_IOC_SNAPSHOT);
	va_start(ap, request);
	snap = va_arg(ap, struct hotsoak_snapshot *);
	va_end(ap);
	*snap = (struct hotsoak_snapshot){
		.present_pages = 10 * BLOCK, .managed_pages = 10 * BLOCK,
		.nr_free_pages = 1000 + (uint64_t)*looks, .buddy_free_pages = 1000,
	};
	if (*lru_looks >= 0) {
		snap->known = HOTSOAK_SNAPSHOT_LRU;
		snap->lru_disable_count = (uint32_t)*lru_looks;
	}
	if (lru_looks[1] != INT64_MAX)
		lru_looks++;
	nr_looks++;
	if (looks[1] != INT64_MAX)
		looks++;
	return 0;
}

static int online(struct hs_accounting *a, const int64_t *at_begin, const int64_t *at_end,
		  char *why)
{
	looks = at_begin;
	assert_int_equal(hs_accounting_begin(a, 1, 0), 0);
	looks = at_end;
	/* As if one block had been away. */
	a->books.present -= BLOCK;
	a->books.managed -= BLOCK;
	a->books.total -= BLOCK;
	return hs_accounting_end(a, 0, HS_MOVE_ON, why, 160);
}

#define LOOKS(...) ((const int64_t[]){ __VA_ARGS__, INT64_MAX })

static void a_drift_is_reported_once(void **state)
{
	struct hs_accounting a = {
		.witness = &module, .block_pages = BLOCK, .at_rest = true,
	};
	char why[160];

	assert_int_equal(online(&a, LOOKS(0), LOOKS(0), why), 0);
	assert_int_equal(online(&a, LOOKS(0), LOOKS(512), why), -EUCLEAN);
	assert_string_equal(why, "NR_FREE_PAGES is 1512, expected 1000");
	assert_int_equal(online(&a, LOOKS(512), LOOKS(512), why), 0);
	assert_int_equal(online(&a, LOOKS(512), LOOKS(0), why), -EUCLEAN);
	assert_string_equal(why, "NR_FREE_PAGES is 1000, expected 1512");
}

static void a_drift_from_before_is_not_accused(void **state)
{
	struct hs_accounting a = {
		.witness = &module, .block_pages = BLOCK, .at_rest = true,
	};
	char why[160];

	assert_int_equal(online(&a, LOOKS(-3), LOOKS(-3), why), 0);
	assert_int_equal(a.drift, -3);
	assert_int_equal(online(&a, LOOKS(-3), LOOKS(509), why), -EUCLEAN);
	assert_string_equal(why, "NR_FREE_PAGES is 1509, expected 997");
	/* Forgotten, it is taken anew. */
	hs_accounting_forget(&a);
	assert_int_equal(online(&a, LOOKS(509), LOOKS(509), why), 0);
	assert_int_equal(a.drift, 509);
}

static void pages_on_their_way_are_no_drift(void **state)
{
	struct hs_accounting a = {
		.witness = &module, .block_pages = BLOCK, .at_rest = true,
	};
	char why[160];

	assert_int_equal(online(&a, LOOKS(4, 4, 0), LOOKS(63, 63, 31, 7, 0), why), 0);
	assert_int_equal(a.drift, 0);
	/* A base that moves is none: -3 would be accused of what was there before. */
	hs_accounting_forget(&a);
	looks = LOOKS(5, 4, -3);
	assert_int_equal(hs_accounting_begin(&a, 1, 0), -EAGAIN);
	assert_false(a.valid);
	assert_int_equal(online(&a, LOOKS(-3), LOOKS(-3), why), 0);
	assert_int_equal(a.drift, -3);
	/* With freers nothing is made of it. */
	a = (struct hs_accounting){ .witness = &module, .block_pages = BLOCK };
	assert_int_equal(online(&a, LOOKS(0), LOOKS(512), why), 0);
}

/* ---- LRU caches left disabled -------------------------------------------------- */

static int refused(struct hs_accounting *a, const int64_t *at_begin, const int64_t *at_end,
		   char *why)
{
	int r;

	looks = LOOKS(0);
	lru_looks = at_begin;
	assert_int_equal(hs_accounting_begin(a, 1, 0), 0);
	lru_looks = at_end;
	nr_looks = 0;
	r = hs_accounting_end(a, 0, HS_MOVE_NONE, why, 160);
	lru_looks = always_0;
	return r;
}

/* With freers as without, and of an operation that failed as of one that did not. */
static void lru_caches_left_disabled_are_reported_once(void **state)
{
	struct hs_accounting a = { .witness = &module, .block_pages = BLOCK };
	char why[160];

	assert_int_equal(refused(&a, LOOKS(0), LOOKS(0), why), 0);
	assert_int_equal(nr_looks, 1);
	assert_int_equal(refused(&a, LOOKS(0), LOOKS(1), why), -EUCLEAN);
	assert_string_equal(why, "lru_disable_count is 1, expected 0: the LRU caches were left disabled");
	assert_true(nr_looks > 100);
	assert_int_equal(refused(&a, LOOKS(1), LOOKS(1), why), 0);
	assert_int_equal(refused(&a, LOOKS(1), LOOKS(2), why), -EUCLEAN);
	assert_string_equal(why, "lru_disable_count is 2, expected 1: the LRU caches were left disabled");
	/* Undone, the next leak is one again. */
	assert_int_equal(refused(&a, LOOKS(2), LOOKS(0), why), 0);
	assert_int_equal(refused(&a, LOOKS(0), LOOKS(1), why), -EUCLEAN);
}

static void who_migrates_disables_lru_caches_for_a_while(void **state)
{
	struct hs_accounting a = { .witness = &module, .block_pages = BLOCK };
	char why[160];

	assert_int_equal(refused(&a, LOOKS(2, 1, 1, 0),
				 LOOKS(1, 2, 1, 1, 1, 1, 1, 1, 1, 0), why), 0);
	assert_int_equal(a.lru_disabled, 0);
	assert_int_equal(nr_looks, 10);
}

static void lru_caches_disabled_before_are_not_accused(void **state)
{
	struct hs_accounting a = { .witness = &module, .block_pages = BLOCK };
	char why[160];

	assert_int_equal(refused(&a, LOOKS(3), LOOKS(3), why), 0);
	assert_int_equal(a.lru_disabled, 3);
	/* It is of no zone: another's books do not make it anew. */
	hs_accounting_forget(&a);
	assert_int_equal(refused(&a, LOOKS(4), LOOKS(4), why), -EUCLEAN);
}

static void unknown_lru_caches_are_no_zero(void **state)
{
	struct hs_accounting a = { .witness = &module, .block_pages = BLOCK };
	char why[160];

	assert_int_equal(refused(&a, LOOKS(-1), LOOKS(-1), why), 0);
	assert_int_equal(a.lru_disabled, 0);
	assert_int_equal(nr_looks, 1);
}

/* What a virtio-mem device that is resized may do, and what it may not. */
static void managed_pages_are_told_apart(void **state)
{
	struct hs_accounting a = {
		.witness = &module, .block_pages = BLOCK, .restless = true,
	};
	char why[160];

	looks = LOOKS(0);
	assert_int_equal(hs_accounting_begin(&a, 1, 0), 0);
	a.books.managed -= 7;
	a.books.total += 7;
	nr_looks = 0;
	assert_int_equal(hs_accounting_end(&a, 0, HS_MOVE_NONE, why, sizeof(why)), -EUCLEAN);
	assert_true(a.of_managed);
	assert_int_equal(nr_looks, 1);
	a.books.managed -= 7;
	a.books.present -= 7;
	assert_int_equal(hs_accounting_end(&a, 0, HS_MOVE_NONE, why, sizeof(why)), -EUCLEAN);
	assert_false(a.of_managed);
	a.books.present -= BLOCK;
	a.books.managed -= BLOCK + 7;
	assert_int_equal(hs_accounting_end(&a, 0, HS_MOVE_ON, why, sizeof(why)), -EUCLEAN);
	assert_true(a.of_managed);
	a.books.isolate_blocks = 1;
	a.books.managed -= 7;
	assert_int_equal(hs_accounting_end(&a, 0, HS_MOVE_NONE, why, sizeof(why)), -EUCLEAN);
	assert_false(a.of_managed);
	assert_int_equal(hs_accounting_end(&a, 0, HS_MOVE_NONE, why, sizeof(why)), 0);
	assert_false(a.of_managed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds),
		cmocka_unit_test(what_does_not),
		cmocka_unit_test(a_drift_is_reported_once),
		cmocka_unit_test(a_drift_from_before_is_not_accused),
		cmocka_unit_test(pages_on_their_way_are_no_drift),
		cmocka_unit_test(lru_caches_left_disabled_are_reported_once),
		cmocka_unit_test(who_migrates_disables_lru_caches_for_a_while),
		cmocka_unit_test(lru_caches_disabled_before_are_not_accused),
		cmocka_unit_test(unknown_lru_caches_are_no_zero),
		cmocka_unit_test(managed_pages_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
