// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak restore on made trees, with a made kernel that refuses in every way. */
#include "capture.h"
#include "fake_kernel.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

#include "command.h"
#include "journal.h"
#include "lock.h"

#define JOURNAL	"var/lib/hotsoak/journal"
#define FIRST	32
#define NR	3

static struct tree t;
static struct capture c;

static void block_is(unsigned long index, const char *state, const char *zones)
{
	tree_block(&t, index, state, zones, 0);
}

static bool with_knobs;

/* What a run over three blocks had written, and had taken by the time it died. */
static void run_died(unsigned int taken)
{
	struct hs_journal j;

	assert_int_equal(hs_journal_init(&j, t.dir), 0);
	if (with_knobs) {
		assert_int_equal(hs_journal_add_knob(&j, "/sys/mask", "7", false), 0);
		assert_int_equal(hs_journal_add_knob(&j, "/sys/enable", "1", false), 0);
	}
	for (unsigned long i = 0; i < NR; i++) {
		struct hs_memblk b = {
			.index = FIRST + i, .state = HS_MEMBLK_ONLINE, .zones = "Movable",
		};

		assert_int_equal(hs_journal_add(&j, &b), 0);
	}
	assert_int_equal(hs_journal_commit(&j), 0);
	for (unsigned int i = 0; i < NR; i++)
		assert_int_equal(hs_journal_mark(&j, i, taken & 1u << i), 0);
	hs_journal_deinit(&j);
}

static void run_with_knobs_died(void)
{
	with_knobs = true;
	tree_write(&t, "sys/mask", "0\n");
	tree_write(&t, "sys/enable", "0\n");
	run_died(0);
}

static int setup(void **state)
{
	tree_init(&t);
	tree_write(&t, "proc/sys/kernel/random/boot_id", "this-boot\n");
	tree_write(&t, TREE_MEMORY "/block_size_bytes", "8000000\n");
	for (unsigned long i = 0; i < NR; i++)
		block_is(FIRST + i, "online", "Movable");
	fake_kernel_rules(NULL, NULL);
	with_knobs = false;
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&t);
	return 0;
}

static void restore(const char *option)
{
	capture(&c, hs_cmd_restore.main, "restore", "--sysroot", t.dir, option, NULL);
}

static void check_block(unsigned long index, const char *state, const char *zones)
{
	char name[128], *text;

	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/state", index);
	text = tree_read(&t, name);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, state);
	free(text);
	snprintf(name, sizeof(name), TREE_MEMORY "/memory%lu/valid_zones", index);
	text = tree_read(&t, name);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, zones);
	free(text);
}

static bool has_journal(void)
{
	return !access(tree_path(&t, JOURNAL), F_OK);
}

static void ended(int status, bool journal, const char *out, const char *err)
{
	if (c.status != status || !strstr(c.out, out) || (err ? !strstr(c.err, err) : !!*c.err))
		fail_msg("status %d, expected %d, \"%s\" and \"%s\"\nstdout: %s\nstderr: %s",
			 c.status, status, out, err ? err : "", c.out, c.err);
	assert_int_equal(has_journal(), journal);
}

static void nothing_to_do(void **state)
{
	restore(NULL);
	ended(0, false, "nothing to restore\n", NULL);
	run_died(0);
	restore(NULL);
	ended(0, false, "everything is as it was\n", NULL);
	run_died(7);
	restore("--quiet");
	assert_string_equal(c.out, "");
	ended(0, false, "", NULL);
}

static void knob_is(const char *name, const char *text)
{
	char *seen = tree_read(&t, name);

	seen[strcspn(seen, "\n")] = '\0';
	assert_string_equal(seen, text);
	free(seen);
}

static void what_was_set_is_put_back(void **state)
{
	run_with_knobs_died();
	/* It had only come to the first. */
	tree_write(&t, "sys/mask", "7\n");
	restore("--dry-run");
	ended(0, true, "/sys/mask is 7, was 0\n", NULL);
	knob_is("sys/mask", "7");
	restore(NULL);
	ended(0, false, "/sys/mask is no longer 7, but 0 again\n", NULL);
	assert_null(strstr(c.out, "enable"));
	knob_is("sys/mask", "0");
}

static void what_others_set_or_took_away_is_left(void **state)
{
	run_with_knobs_died();
	tree_write(&t, "sys/mask", "12345678901234567890123456789012345\n");
	assert_int_equal(unlink(tree_path(&t, "sys/enable")), 0);
	restore(NULL);
	ended(0, false, "/sys/mask was changed again meanwhile, not by us: left so\n", NULL);
	assert_non_null(strstr(c.out, "/sys/enable is gone, with what was set there\n"));
}

/* Nothing is mounted where it was: that is not gone. */
static void what_cannot_be_seen_is_not_given_up(void **state)
{
	struct hs_journal j;

	tree_write(&t, "sys/debug/dir/enable", "0\n");
	assert_int_equal(hs_journal_init(&j, t.dir), 0);
	assert_int_equal(hs_journal_add_knob(&j, "/sys/debug/dir/enable", "1", false), 0);
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
	assert_int_equal(unlink(tree_path(&t, "sys/debug/dir/enable")), 0);
	assert_int_equal(rmdir(tree_path(&t, "sys/debug/dir")), 0);
	restore(NULL);
	ended(2, true, "", "No such file or directory: it held 0; mount what it is of and run hotsoak restore again");
	tree_write(&t, "sys/debug/dir/enable", "1\n");
	restore(NULL);
	ended(0, false, "/sys/debug/dir/enable is no longer 1, but 0 again\n", NULL);
}

/* The kernel and the run have changed it, nobody knows to what. */
static void moving_knob_died(const char *now)
{
	struct hs_journal j;

	tree_write(&t, "sys/pool", "0\n");
	assert_int_equal(hs_journal_init(&j, t.dir), 0);
	assert_int_equal(hs_journal_add_knob(&j, "/sys/pool", "96", true), 0);
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
	tree_write(&t, "sys/pool", now);
}

static void a_knob_that_moves_is_put_back(void **state)
{
	moving_knob_died("57\n");
	restore("--dry-run");
	ended(0, true, "/sys/pool is what the run made it, was 0\n", NULL);
	restore(NULL);
	ended(0, false, "/sys/pool is no longer what the run made it, but 0 again\n", NULL);
	moving_knob_died("0\n");
	restore(NULL);
	ended(0, false, "", NULL);
}

/* The write was taken, and is not what is read. */
static void a_knob_that_does_not_follow_is_named(void **state)
{
	moving_knob_died("57\n");
	assert_int_equal(unlink(tree_path(&t, "sys/pool")), 0);
	assert_int_equal(symlink("/dev/null", tree_path(&t, "sys/pool")), 0);
	restore(NULL);
	ended(2, true, "", "/sys/pool: Device or resource busy: it held 0, write that and run hotsoak restore again");
}

static void a_knob_that_cannot_be_told_is_named(void **state)
{
	run_with_knobs_died();
	assert_int_equal(unlink(tree_path(&t, "sys/enable")), 0);
	tree_mkdir(&t, "sys/enable");
	restore(NULL);
	ended(2, true, "", "/sys/enable: Is a directory: it held 0, write that and run hotsoak restore again");
}

#define CGROUP "sys/fs/cgroup/hotsoak"

static void run_with_cgroup_died(void)
{
	struct hs_journal j;

	tree_write(&t, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
	tree_write(&t, "sys/fs/cgroup/cgroup.subtree_control", "memory\n");
	assert_int_equal(hs_journal_init(&j, t.dir), 0);
	j.cgroup = true;
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
}

static void the_cgroup_is_removed(void **state)
{
	run_with_cgroup_died();
	tree_mkdir(&t, CGROUP);
	restore("--dry-run");
	ended(0, true, "/sys/fs/cgroup/hotsoak is there, was not\n", NULL);
	assert_int_equal(access(tree_path(&t, CGROUP), F_OK), 0);
	restore(NULL);
	ended(0, false, "/sys/fs/cgroup/hotsoak is gone again\n", NULL);
	assert_int_equal(access(tree_path(&t, CGROUP), F_OK), -1);
}

/* It had not come to that, or was removed, and the journal was not. */
static void a_cgroup_that_is_gone_is_no_news(void **state)
{
	run_with_cgroup_died();
	restore("--dry-run");
	assert_null(strstr(c.out, "cgroup"));
	restore(NULL);
	ended(0, false, "everything is as it was\n", NULL);
}

static void a_cgroup_that_stays_is_named(void **state)
{
	run_with_cgroup_died();
	tree_write(&t, CGROUP "/of-others/cgroup.procs", "\n");
	restore(NULL);
	ended(2, true, "", "/sys/fs/cgroup/hotsoak: Directory not empty: remove it (rmdir) and run hotsoak restore again");
}

#define HEAL "sys/kernel/debug/hwpoison/unpoison-pfn"

/* Page 2 of the machine has @flags, one byte of them @at. */
static void run_with_poison_died(unsigned int at, char flags)
{
	char entries[3 * 8] = "";
	struct hs_journal j;
	int fd;

	run_died(0);
	assert_int_equal(hs_journal_init(&j, t.dir), 0);
	assert_int_equal(hs_journal_load(&j), 0);
	assert_int_equal(hs_journal_poison(&j, 2), 0);
	hs_journal_deinit(&j);
	entries[2 * 8 + at] = flags;
	tree_write(&t, "proc/kpageflags", "");
	fd = open(tree_path(&t, "proc/kpageflags"), O_WRONLY);
	assert_int_equal(write(fd, entries, sizeof(entries)), sizeof(entries));
	close(fd);
}

static void what_was_poisoned_is_healed(void **state)
{
	run_with_poison_died(2, 1 << 3);
	restore("--dry-run");
	ended(0, true, "page 0x2 was to be poisoned\n", NULL);
	restore(NULL);
	ended(2, true, "", "page 0x2 is poisoned: No such file or directory: mount debugfs, modprobe hwpoison-inject and run hotsoak restore again");
	tree_write(&t, HEAL, "");
	restore(NULL);
	ended(0, false, "page 0x2 is no longer poisoned\n", NULL);
	knob_is(HEAL, "0x2");
}

/* It has an owner and no poison: it had not come to that, or its child has healed it. */
static void what_is_whole_is_left(void **state)
{
	run_with_poison_died(0, 1 << 5);
	tree_write(&t, HEAL, "");
	restore(NULL);
	ended(0, false, "", NULL);
	knob_is(HEAL, "");
}

static void what_was_taken_comes_back(void **state)
{
	run_died(5);
	block_is(32, "offline", "Normal Movable");
	block_is(34, "offline", "Movable");
	restore("--dry-run");
	ended(0, true, "memory32 is offline, was online in Movable\n", NULL);
	assert_non_null(strstr(c.out, "to put back: 2, left alone: 0\n"));
	check_block(32, "offline", "Normal Movable");
	restore(NULL);
	ended(0, false, "memory32 is online in Movable again\n", NULL);
	assert_non_null(strstr(c.out, "put back: 2, left alone: 0, failed: 0\n"));
	for (unsigned long i = 0; i < NR; i++)
		check_block(FIRST + i, "online", "Movable");
	restore(NULL);
	ended(0, false, "nothing to restore\n", NULL);
}

/* Offline, and yet not by the run: somebody wants it so. */
static void what_others_took_is_left(void **state)
{
	run_died(1);
	block_is(32, "offline", "Movable");
	block_is(33, "offline", "Movable");
	block_is(34, "online", "Normal");
	restore(NULL);
	ended(0, false, "memory33 is offline, was online in Movable when the run began, and the run had not taken it: left so\n",
	      NULL);
	assert_non_null(strstr(c.out, "memory34 is online in Normal"));
	assert_non_null(strstr(c.out, "put back: 1, left alone: 2, failed: 0\n"));
	check_block(32, "online", "Movable");
	check_block(33, "offline", "Movable");
	check_block(34, "online", "Normal");
}

/* Nobody knows any more whose doing it is: no memory stays missing. */
static void without_marks_all_comes_back(void **state)
{
	run_died(0);
	block_is(33, "offline", "Movable");
	remove(tree_path(&t, "run/hotsoak/away"));
	restore(NULL);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
}

static void another_zone_is_put_right(void **state)
{
	run_died(2);
	block_is(33, "online", "Normal");
	restore(NULL);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
	check_block(33, "online", "Movable");

	/* At the second attempt. */
	run_died(2);
	block_is(33, "online", "Normal");
	fake_kernel_rules("33:offline:16:2 33:online:12:1", "33:Normal:1");
	restore(NULL);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
	check_block(33, "online", "Movable");
}

static void another_zone_that_stays_is_named(void **state)
{
	run_died(7);
	block_is(32, "offline", "Movable");
	block_is(33, "online", "Normal");
	fake_kernel_rules("33:offline:16:99", NULL);
	restore(NULL);
	ended(2, true, "put back: 1, left alone: 0, failed: 1\n",
	      "hotsoak restore: memory33 is online in Normal, was online in Movable: writing offline gave EBUSY: pages of it are in use");
	check_block(32, "online", "Movable");
	/* A kernel that says yes and puts it elsewhere every time. */
	fake_kernel_rules(NULL, "33:Normal:99");
	restore(NULL);
	ended(2, true, "", "memory33 is online in Normal, was online in Movable: writing online_movable gave success: somebody changes it");
	check_block(33, "online", "Normal");
	restore("--forget");
	ended(0, false, "the rest is given up", "memory33 is online in Normal");
}

static void each_errno_has_its_words(void **state)
{
	static const struct { int err; const char *name, *advice; } rows[] = {
		{ EBUSY, "EBUSY", "pages of it are in use" },
		{ ENOMEM, "ENOMEM", "free some memory" },
		{ EAGAIN, "EAGAIN", "later" },
		{ ENODEV, "ENODEV", "dmesg" },
		{ EINVAL, "EINVAL", "hotsoak list" },
		{ EINTR, "EINTR", "--timeout" },
		{ EIO, "EIO", "dmesg" },
		{ EPERM, "EPERM", "as root" },
	};

	run_died(7);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char faults[64], words[128];

		block_is(32, "offline", "Movable");
		block_is(33, "offline", "Movable");
		snprintf(faults, sizeof(faults), "33:online:%d:99", rows[i].err);
		snprintf(words, sizeof(words),
			 "memory33 is offline, was online in Movable: writing online_movable gave %s: ",
			 rows[i].name);
		fake_kernel_rules(faults, NULL);
		restore(NULL);
		ended(2, true, "memory32 is online in Movable again\n", words);
		assert_non_null(strstr(c.err, rows[i].advice));
		check_block(33, "offline", "Movable");
		/* It passes when the kernel changes its mind in time. */
		snprintf(faults, sizeof(faults), "33:online:%d:2", rows[i].err);
		fake_kernel_rules(faults, NULL);
		restore(NULL);
		ended(0, false, "memory33 is online in Movable again\n", NULL);
		run_died(7);
	}
}

static void a_block_that_is_gone_is_named(void **state)
{
	run_died(7);
	tree_remove_one(tree_path(&t, TREE_MEMORY "/memory33/state"), NULL, 0, NULL);
	restore(NULL);
	ended(0, false, "memory33 is no longer there", NULL);
}

static void another_boot_is_discarded(void **state)
{
	run_died(7);
	block_is(33, "offline", "Movable");
	tree_write(&t, "proc/sys/kernel/random/boot_id", "the-next-boot\n");
	restore("--dry-run");
	ended(0, true, "is of an earlier boot", NULL);
	restore(NULL);
	ended(0, false, "is of an earlier boot and is discarded", NULL);
	check_block(33, "offline", "Movable");
}

static pid_t state_after(unsigned long index, const char *text, long ms)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
		/* At once, as sysfs does. */
		tree_write(&t, "state.new", text);
		_exit(rename(tree_path(&t, "state.new"),
			     tree_path(&t, TREE_MEMORY "/memory%lu/state", index)) < 0);
	}
	return pid;
}

static void a_block_on_its_way_is_waited_for(void **state)
{
	pid_t pid;

	run_died(2);
	block_is(33, "going-offline", "Movable");
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "-t", "300ms", NULL);
	ended(2, true, "memory33 is still going offline: waiting\n",
	      "hotsoak restore: memory33 is still going offline: nothing was put back; run hotsoak restore again");
	check_block(33, "going-offline", "Movable");
	pid = state_after(33, "offline\n", 300);
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "-t", "20s", NULL);
	waitpid(pid, NULL, 0);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
	check_block(33, "online", "Movable");
}

static void an_operator_that_lives_is_waited_for(void **state)
{
	struct hs_operator o;
	struct hs_lock lock;
	pid_t holder;

	assert_int_equal(hs_lock_take(&lock, t.dir, &holder), 0);
	assert_int_equal(hs_operator_init(&o, t.dir), 0);
	for (int i = 0; i < 100 && !hs_lock_operator_look(t.dir); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	assert_int_equal(hs_lock_operator_look(t.dir), -EWOULDBLOCK);
	hs_lock_release(&lock);
	run_died(2);
	block_is(33, "offline", "Movable");
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "-t", "300ms", NULL);
	ended(2, true, "", "an operation of the dead run is still in the kernel: nothing was put back");
	check_block(33, "offline", "Movable");
	assert_int_equal(hs_operator_deinit(&o), 0);
	restore(NULL);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
}

static void a_damaged_journal_is_used_as_far_as_it_goes(void **state)
{
	char *text, *at;

	run_died(7);
	for (unsigned long i = 0; i < NR; i++)
		block_is(FIRST + i, "offline", "Movable");
	text = tree_read(&t, JOURNAL);
	at = strstr(text, "block 33");
	assert_non_null(at);
	at[1] = 'x';
	tree_write(&t, JOURNAL, text);
	free(text);
	restore(NULL);
	ended(2, false, "put back: 2, left alone: 0, failed: 2\n", "line 3 of ");
	assert_non_null(strstr(c.err, "memory33 was taken, and its line is damaged"));
	check_block(32, "online", "Movable");
	check_block(33, "offline", "Movable");
	check_block(34, "online", "Movable");
	assert_int_equal(access(tree_path(&t, JOURNAL ".damaged"), F_OK), 0);
	restore(NULL);
	ended(0, false, "nothing to restore\n", NULL);

	run_died(1);
	text = tree_read(&t, JOURNAL);
	*strstr(text, "end ") = '\0';
	tree_write(&t, JOURNAL, text);
	free(text);
	block_is(33, "online", "Movable");
	block_is(32, "offline", "Movable");
	restore(NULL);
	ended(2, false, "memory32 is online in Movable again\n", "is torn: lines are missing from it");
}

static void one_at_a_time(void **state)
{
	struct hs_lock lock;
	char words[64];
	pid_t holder;

	run_died(2);
	block_is(33, "offline", "Movable");
	assert_int_equal(hs_lock_take(&lock, t.dir, &holder), 0);
	restore(NULL);
	snprintf(words, sizeof(words), "another hotsoak is at work, process %d: ", getpid());
	assert_refused(&c, 2, words);
	check_block(33, "offline", "Movable");
	capture(&c, hs_cmd_run.main, "run", "--sysroot", t.dir, "--no-witness", "--blocks", "32",
		NULL);
	assert_refused(&c, 2, words);
	check_block(33, "offline", "Movable");
	hs_lock_release(&lock);
	restore(NULL);
	ended(0, false, "memory33 is online in Movable again\n", NULL);
}

static void bad_usage_touches_nothing(void **state)
{
	run_died(2);
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "33", NULL);
	assert_refused(&c, 2, "unexpected argument \"33\"");
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "--timeout", "soon", NULL);
	assert_refused(&c, 2, "--timeout soon: expected a time");
	capture(&c, hs_cmd_restore.main, "restore", "-s", t.dir, "--timeout", "0", NULL);
	assert_refused(&c, 2, "--timeout 0: expected a time");
	tree_write(&t, "run/hotsoak/lock", "");
	capture(&c, hs_cmd_restore.main, "restore", "-s", tree_path(&t, JOURNAL), NULL);
	assert_refused(&c, 2, "taking the lock in ");
	assert_true(has_journal());
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_do),
		TEST(what_was_set_is_put_back),
		TEST(what_others_set_or_took_away_is_left),
		TEST(what_cannot_be_seen_is_not_given_up),
		TEST(a_knob_that_cannot_be_told_is_named), TEST(a_knob_that_moves_is_put_back),
		TEST(a_knob_that_does_not_follow_is_named),
		TEST(the_cgroup_is_removed),
		TEST(a_cgroup_that_is_gone_is_no_news), TEST(a_cgroup_that_stays_is_named),
		TEST(what_was_poisoned_is_healed), TEST(what_is_whole_is_left),
		TEST(what_was_taken_comes_back),
		TEST(what_others_took_is_left),
		TEST(without_marks_all_comes_back),
		TEST(another_zone_is_put_right),
		TEST(another_zone_that_stays_is_named),
		TEST(each_errno_has_its_words),
		TEST(a_block_that_is_gone_is_named),
		TEST(another_boot_is_discarded),
		TEST(a_block_on_its_way_is_waited_for),
		TEST(an_operator_that_lives_is_waited_for),
		TEST(a_damaged_journal_is_used_as_far_as_it_goes),
		TEST(one_at_a_time),
		TEST(bad_usage_touches_nothing),
	};

	fake_kernel_operator(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
