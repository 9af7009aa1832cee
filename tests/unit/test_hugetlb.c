// SPDX-License-Identifier: GPL-2.0-only
/* The hugetlb pool on made trees: whose it is, its books, its pages, and a soak with it. */
#include "fake_kernel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "child.h"
#include "hugetlb.h"
#include "journal.h"
#include "restore.h"
#include "soak.h"

#define NR	3
#define FIRST	2		/* blocks of 128 MiB: 32768 pages each */
#define POOL	"sys/kernel/mm/hugepages/hugepages-2048kB"
#define NODE	"sys/devices/system/node/node%d/hugepages/hugepages-2048kB"
#define UNDERFLOWN "18446744073709551615\n"

static struct tree t;
static struct hs_memblk block[NR];
static const struct hs_memblk *chosen[NR];
static struct hs_target target;
static struct hs_run_info info;
static struct hs_journal journal;
static sd_event *event;
static struct hs_soak *soak;

static void put(int node, const char *file, const char *text)
{
	char name[256], dir[128];

	snprintf(dir, sizeof(dir), NODE, node);
	snprintf(name, sizeof(name), "%s/%s_hugepages", node < 0 ? POOL : dir, file);
	tree_write(&t, name, text);
}

static void pool(int node, const char *total, const char *free, const char *surplus)
{
	put(node, "nr", total);
	put(node, "free", free);
	put(node, "surplus", surplus);
}

/* Of the whole, and of nodes 0 and 3; node 1 has no memory. */
static void pools(const char *nr, const char *free, const char *resv, const char *surplus)
{
	pool(-1, nr, free, surplus);
	put(-1, "nr_overcommit", "0\n");
	put(-1, "resv", resv);
	pool(0, "6\n", "5\n", "0\n");
	pool(3, "2\n", "3\n", "0\n");
	tree_mkdir(&t, "sys/devices/system/node/node1");
	tree_mkdir(&t, "sys/devices/system/node/power");
}

static int setup(void **state)
{
	tree_init(&t);
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&t);
	return 0;
}

static void whose_it_is(void **state)
{
	tree_mkdir(&t, "sys");
	assert_int_equal(hs_hugetlb_ask(t.dir), -EOPNOTSUPP);
	tree_mkdir(&t, "sys/kernel/mm/hugepages/hugepages-1048576kB");
	assert_int_equal(hs_hugetlb_ask(t.dir), -ENODEV);
	tree_mkdir(&t, POOL);
	assert_int_equal(hs_hugetlb_ask(t.dir), -ENOENT);
	put(-1, "nr", "0\n");
	put(-1, "nr_overcommit", "many\n");
	assert_int_equal(hs_hugetlb_ask(t.dir), -EBADMSG);
	put(-1, "nr_overcommit", "0\n");
	assert_int_equal(hs_hugetlb_ask(t.dir), 0);
	put(-1, "nr_overcommit", "9\n");
	assert_int_equal(hs_hugetlb_ask(t.dir), -EBUSY);
	put(-1, "nr_overcommit", "0\n");
	put(-1, "nr", "1\n");
	assert_int_equal(hs_hugetlb_ask(t.dir), -EBUSY);
	assert_string_equal(hs_hugetlb_words(-EOPNOTSUPP), "the kernel was built without HUGETLBFS");
	assert_string_not_equal(hs_hugetlb_words(-EBUSY), hs_hugetlb_words(0));
	assert_string_equal(hs_hugetlb_words(-EIO), strerror(EIO));
}

static void agree(bool expected, uint64_t most, const char *words)
{
	struct hs_hugetlb_books b;
	char text[200];

	assert_int_equal(hs_hugetlb_books_read(t.dir, &b), 0);
	if (hs_hugetlb_books_agree(&b, most * HS_HUGETLB_PAGE_BYTES, text, sizeof(text)) !=
	    expected || !strstr(text, words))
		fail_msg("%s: expected to %s", text, expected ? "agree" : "be wrong");
}

static void books(void **state)
{
	struct hs_hugetlb_books b;

	assert_int_equal(hs_hugetlb_books_read(t.dir, &b), -ENOENT);
	pools("8\n", "8\n", "0\n", "0\n");
	agree(true, 8, "Total 8, Free 8, Rsvd 0, Surp 0; the nodes have 8, 8 free, 0 surplus");
	agree(false, 7, "Total 8, ");
	pools("8\n", "7\n", "0\n", "0\n");
	put(0, "free", "4\n");
	agree(false, 8, "Free 7, Rsvd 0, Surp 0; the nodes have 8, 7 free, 0 surplus");
	pools("8\n", UNDERFLOWN, "0\n", "0\n");
	put(0, "free", "18446744073709551612\n");
	agree(false, 8, "Free 18446744073709551615, Rsvd 0, Surp 0; the nodes have 8, 18446744073709551615 free");
	pools("8\n", "8\n", "1\n", "0\n");
	agree(false, 8, "Rsvd 1, ");
	pools("8\n", "8\n", "0\n", UNDERFLOWN);
	put(3, "surplus", UNDERFLOWN);
	agree(false, 8, "Surp 18446744073709551615; the nodes have 8, 8 free, 18446744073709551615 surplus");
	pools("8\n", "8\n", "0\n", "0\n");
	put(3, "nr", "1\n");
	agree(false, 8, "the nodes have 7, 8 free, 0 surplus");
	put(3, "nr", "2\n");
	put(3, "free", "1\n");
	agree(false, 8, "the nodes have 8, 6 free, 0 surplus");
	put(3, "free", "3\n");
	put(0, "surplus", "1\n");
	agree(false, 8, "the nodes have 8, 8 free, 1 surplus");
	put(0, "surplus", "x\n");
	assert_int_equal(hs_hugetlb_books_read(t.dir, &b), -EBADMSG);
	tree_deinit(&t);
	tree_init(&t);
	pool(-1, "5\n", "5\n", "0\n");
	put(-1, "resv", "0\n");
	agree(true, 5, "the nodes have 5, ");	/* built without NUMA */
}

static void flags_put(int fd, uint64_t pfn, uint64_t flags)
{
	assert_int_equal(pwrite(fd, &flags, sizeof(flags), (off_t)(pfn * sizeof(flags))),
			 sizeof(flags));
}

/* Five in the first block, of which two are in use, none in the others. */
static void kpageflags(void)
{
	uint64_t first = FIRST * 32768, huge = UINT64_C(1) << 17, mapped = UINT64_C(1) << 11;
	int fd;

	tree_write(&t, "proc/kpageflags", "");
	fd = open(tree_path(&t, "proc/kpageflags"), O_RDWR);
	assert_true(fd >= 0);
	for (int i = 0; i < 5; i++)
		flags_put(fd, first + 512 * (uint64_t)(10 + i), i < 2 ? huge | mapped : huge);
	flags_put(fd, first + 512 * 20, mapped);	/* no huge page */
	flags_put(fd, first + 512 * 21 + 1, huge);	/* inside of one */
	flags_put(fd, first + NR * 32768, huge);	/* beyond */
	close(fd);
}

static void pages_of_the_pool(void **state)
{
	uint64_t free = 0, used = 0;
	int fd;

	kpageflags();
	fd = open(tree_path(&t, "proc/kpageflags"), O_RDONLY);
	assert_int_equal(hs_hugetlb_count(fd, FIRST * 32768, 32768, &free, &used), 0);
	assert_true(free == 3 && used == 2);
	assert_int_equal(hs_hugetlb_count(fd, (FIRST + 1) * 32768, 32768, &free, &used), 0);
	assert_true(free == 3 && used == 2);
	assert_int_equal(hs_hugetlb_count(fd, (FIRST + NR) * 32768, 1024, &free, &used), -EIO);
	close(fd);
	assert_int_equal(hs_hugetlb_count(-1, 0, 1, &free, &used), -EBADF);
}

static void size_paths(void **state)
{
	char path[96];

	assert_int_equal(hs_hugetlb_size_path(path, sizeof(path), -1), 0);
	assert_string_equal(path, "/" POOL "/nr_hugepages");
	assert_int_equal(hs_hugetlb_size_path(path, sizeof(path), 1023), 0);
	assert_string_equal(path, "/sys/devices/system/node/node1023/hugepages/hugepages-2048kB/nr_hugepages");
	assert_int_equal(hs_hugetlb_size_path(path, 60, 0), -ENAMETOOLONG);
}

/* ---- A soak ------------------------------------------------------------------------ */

static void same_file(const char *file, const char *as)
{
	remove(tree_path(&t, "%s", file));
	assert_int_equal(symlink(tree_path(&t, "%s", as), tree_path(&t, "%s", file)), 0);
}

/* A pool all of whose pages are free, on one node, whatever its size. */
static int soak_setup(void **state)
{
	char nr[128];

	setup(state);
	snprintf(nr, sizeof(nr), NODE "/nr_hugepages", 0);
	tree_write(&t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	for (unsigned long i = 0; i < NR; i++) {
		tree_block(&t, FIRST + i, "online", "Movable", 0);
		block[i] = (struct hs_memblk){
			.index = FIRST + i, .phys_index = FIRST + i, .zones = "Movable",
			.state = HS_MEMBLK_ONLINE,
		};
		chosen[i] = &block[i];
	}
	pool(-1, "0\n", "0\n", "0\n");
	put(-1, "nr_overcommit", "0\n");
	put(-1, "resv", "0\n");
	pool(0, "0\n", "0\n", "0\n");
	same_file("sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", nr);
	same_file(POOL "/free_hugepages", nr);
	same_file(POOL "/nr_hugepages", nr);
	tree_write(&t, "proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable: 1000000 kB\n");
	kpageflags();
	target = (struct hs_target){ .blk = chosen, .nr = NR };
	memset(&info, 0, sizeof(info));
	hs_scenario_init(&info.scenario);
	info.scenario.needs_module = false;
	info.scenario.hugetlb = true;
	info.scenario.hugetlb_workers = 1;
	info.scenario.hugetlb_pages = 8;
	info.scenario.duration_ns = 0;
	info.scenario.cycles = 3;
	info.scenario.needs_cpus = info.scenario.needs_blocks = info.cpus = 1;
	info.seed = 1;
	fake_kernel_rules(NULL, NULL);
	assert_int_equal(hs_journal_init(&journal, t.dir), 0);
	return sd_event_new(&event) < 0 ? -1 : 0;
}

static int soak_teardown(void **state)
{
	hs_soak_free(soak);
	soak = NULL;
	event = sd_event_unref(event);
	hs_journal_deinit(&journal);
	return teardown(state);
}

/* Stands in for workers and resizer: takes nothing of this machine. */
static void worker(void)
{
	struct pollfd gone = { .fd = HS_CHILD_FD };

	poll(&gone, 1, -1);
	_exit(0);
}

static void on_ended(void *ctx)
{
	sd_event_exit(event, 0);
}

static int start(bool no_freers, bool no_journal)
{
	const struct hs_soak_config c = {
		.info = &info, .sysroot = t.dir, .block_bytes = 128 << 20, .target = &target,
		.no_witness = true, .no_freers = no_freers, .journal = no_journal ? NULL : &journal,
		.callbacks = { .ended = on_ended },
	};

	assert_int_equal(hs_soak_new(&soak, event, &c), 0);
	return hs_soak_start(soak);
}

static const struct hs_tally *run(void)
{
	assert_int_equal(start(false, false), 0);
	assert_int_equal(sd_event_loop(event), 0);
	return hs_soak_tally(soak);
}

static void size_is(const char *expected)
{
	char *text = tree_read(&t, POOL "/nr_hugepages");

	assert_memory_equal(text, expected, strlen(expected));
	free(text);
}

static void the_pool_is_set_and_put_back(void **state)
{
	const struct hs_tally *tally;

	assert_int_equal(start(false, false), 0);
	size_is("8");
	/* All blocks are of one node, and their pages may come to be others'. */
	assert_int_equal(journal.nr_knobs, 2);
	assert_string_equal(journal.knob[0].path, "/" POOL "/nr_hugepages");
	assert_string_equal(journal.knob[0].set, "0");
	assert_string_equal(journal.knob[1].path, "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages");
	assert_string_equal(journal.knob[1].set, "8");
	assert_true(journal.knob[0].moves && journal.knob[1].moves);
	assert_int_equal(sd_event_loop(event), 0);
	tally = hs_soak_tally(soak);
	assert_string_equal(tally->broken, "");
	assert_true(tally->restored && tally->hugetlb_audits == 1);
	assert_string_equal(tally->hugetlb_wrong, "");
	/* The first block went once. */
	assert_true(tally->hugetlb_free_met == 3 && tally->hugetlb_used_met == 2);
	size_is("0");
}

static void blocks_of_two_nodes_have_the_pool_of_the_machine(void **state)
{
	block[2].node = 1;
	assert_int_equal(start(false, false), 0);
	assert_int_equal(journal.nr_knobs, 1);
	assert_string_equal(journal.knob[0].path, "/" POOL "/nr_hugepages");
	assert_string_equal(journal.knob[0].set, "8");
	assert_int_equal(sd_event_loop(event), 0);
	size_is("0");
}

/* What offlines have moved to another node goes back as well. */
static void pages_of_other_nodes_go_back(void **state)
{
	assert_int_equal(remove(tree_path(&t, POOL "/nr_hugepages")), 0);
	put(-1, "nr", "0\n");
	assert_int_equal(start(false, false), 0);
	put(-1, "nr", "5\n");
	assert_int_equal(sd_event_loop(event), 0);
	assert_string_equal(hs_soak_tally(soak)->broken, "");
	size_is("0");
}

static void wrong_books_are_found(void **state)
{
	assert_int_equal(remove(tree_path(&t, POOL "/free_hugepages")), 0);
	put(-1, "free", UNDERFLOWN);
	assert_non_null(strstr(run()->hugetlb_wrong, ", Free 18446744073709551615, Rsvd 0"));
	assert_int_equal(hs_soak_tally(soak)->hugetlb_audits, 1);
	size_is("0");
}

static void books_that_cannot_be_read_are_not_right(void **state)
{
	assert_int_equal(remove(tree_path(&t, POOL "/resv_hugepages")), 0);
	assert_int_equal(run()->hugetlb_audits, 0);
}

static void somebody_elses_pool_is_left_alone(void **state)
{
	put(-1, "nr_overcommit", "1\n");
	assert_int_equal(start(false, false), -ENODEV);
	assert_non_null(strstr(hs_soak_tally(soak)->skip, "the freer hugetlb: the pool of 2 MiB pages is somebody's"));
	size_is("0");
	assert_int_equal(access(tree_path(&t, "var/lib/hotsoak/journal"), F_OK), -1);
}

static void what_cannot_be_spared_is_not_taken(void **state)
{
	/* 5 % of it all stays, and what a block holds has its place: 16 MiB are not there. */
	tree_write(&t, "proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable: 247000 kB\n");
	assert_int_equal(start(false, false), -ENODEV);
	assert_string_equal(hs_soak_tally(soak)->skip, "the freer hugetlb takes 16 MiB, 15 can be spared");
	size_is("0");
}

static void without_freers_nothing_is_set(void **state)
{
	assert_int_equal(start(true, false), 0);
	assert_int_equal(journal.nr_knobs, 0);
	assert_int_equal(sd_event_loop(event), 0);
	assert_int_equal(hs_soak_tally(soak)->hugetlb_audits, 0);
}

static void without_a_journal_nothing_is_set(void **state)
{
	assert_int_equal(start(false, true), -EINVAL);
	assert_string_equal(hs_soak_tally(soak)->broken, "the freer hugetlb changes the machine, and there is no journal");
	size_is("0");
}

/* The pool is not as the run has set it: offlines and resizes changed it since. */
static void restore_puts_it_back(void **state)
{
	struct hs_restore r = { .sysroot = t.dir };

	assert_int_equal(hs_journal_add_knob(&journal, "/" POOL "/nr_hugepages", "8", true), 0);
	assert_int_equal(hs_journal_commit(&journal), 0);
	put(0, "nr", "5\n");
	assert_int_equal(hs_restore_run(&r), 0);
	assert_true(r.back == 1 && !r.left && !r.failed);
	size_is("0");
	assert_int_equal(access(tree_path(&t, "var/lib/hotsoak/journal"), F_OK), -1);
}

static int number_of(const char *file)
{
	char *text = tree_read(&t, file);
	int number = atoi(text);

	free(text);
	return number;
}

static void resizer_keeps_off_what_is_short(void **state)
{
	char whole[2][256];
	struct hs_hugetlb_resize c = {
		.path = whole[0], .all = whole[1], .sysroot = t.dir, .seed = 1, .pages = 8,
		.block_bytes = 128 << 20,
	};
	const char *available[] = { "MemAvailable: 1000000 kB\n", "MemAvailable: 230000 kB\n" };

	for (int i = 0; i < 2; i++) {
		char text[128];
		int fds[2], status;
		pid_t pid;

		snprintf(text, sizeof(text), "MemTotal: 2000000 kB\n%s", available[i]);
		tree_write(&t, "proc/meminfo", text);
		put(0, "nr", "1\n");
		tree_write(&t, "all", "11\n");
		snprintf(whole[0], sizeof(whole[0]), "%s", tree_path(&t, POOL "/nr_hugepages"));
		snprintf(whole[1], sizeof(whole[1]), "%s", tree_path(&t, "all"));
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (!pid) {
			close(fds[0]);
			_exit(hs_hugetlb_resize_work(fds[1], &c) ? 1 : 0);
		}
		close(fds[1]);
		/* Its naps are of 200 ms at most. */
		sleep(1);
		close(fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		/* The pool of the machine is kept to that much, too. */
		assert_int_equal(number_of("all"), 8);
		assert_in_range(number_of(POOL "/nr_hugepages"), i ? 1 : 4, i ? 1 : 8);
	}
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define SOAK(name) cmocka_unit_test_setup_teardown(name, soak_setup, soak_teardown)
	const struct CMUnitTest tests[] = {
		TEST(whose_it_is), TEST(books), TEST(pages_of_the_pool), TEST(size_paths),
		SOAK(the_pool_is_set_and_put_back),
		SOAK(blocks_of_two_nodes_have_the_pool_of_the_machine),
		SOAK(pages_of_other_nodes_go_back), SOAK(wrong_books_are_found),
		SOAK(books_that_cannot_be_read_are_not_right),
		SOAK(somebody_elses_pool_is_left_alone), SOAK(what_cannot_be_spared_is_not_taken),
		SOAK(without_freers_nothing_is_set), SOAK(without_a_journal_nothing_is_set),
		SOAK(restore_puts_it_back), SOAK(resizer_keeps_off_what_is_short),
	};

	fake_kernel_operator(argc, argv);
	if (argc > 1)
		worker();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
