// SPDX-License-Identifier: GPL-2.0-only
/* The locks: one holder, named, and none left over from the dead. */
#include "tree.h"

#include "faults.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "lock.h"
#include "operator.h"

static struct tree t;

static int setup(void **state)
{
	tree_init(&t);
	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	return 0;
}

static int teardown(void **state)
{
	fault.armed = false;
	tree_deinit(&t);
	return 0;
}

static void take(struct hs_lock *l, int expected, pid_t expected_holder)
{
	pid_t holder;

	assert_int_equal(hs_lock_take(l, t.dir, &holder), expected);
	assert_int_equal(holder, expected_holder);
}

static void one_holder_who_is_named(void **state)
{
	struct hs_lock a, b;
	struct stat st;

	take(&a, 0, 0);
	assert_int_equal(stat(tree_path(&t, "run/hotsoak"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(tree_path(&t, "run/hotsoak/lock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	take(&b, -EWOULDBLOCK, getpid());
	hs_lock_release(&b);
	take(&b, -EWOULDBLOCK, getpid());
	hs_lock_release(&a);
	take(&b, 0, 0);
	hs_lock_release(&b);
}

static void a_child_does_not_hold_it(void **state)
{
	char *const argv[] = { "sleep", "60", NULL };
	struct hs_lock l;
	pid_t child;

	take(&l, 0, 0);
	assert_int_equal(hs_child_spawn("sleep", argv, -1, 0, &child), 0);
	hs_lock_release(&l);
	take(&l, 0, 0);
	hs_lock_release(&l);
	assert_int_equal(hs_child_kill(child, 5000), 0);
}

static void the_dead_hold_nothing(void **state)
{
	struct hs_lock l;
	int ready[2];
	pid_t pid, child;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		pid_t holder;
		char *const argv[] = { "sleep", "60", NULL };

		/* The children of a run outlive it for a moment, in the kernel longer. */
		if (hs_lock_take(&l, t.dir, &holder) < 0 ||
		    hs_child_spawn("sleep", argv, -1, 0, &child) < 0)
			_exit(1);
		if (syscall(SYS_write, ready[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		pause();
	}
	assert_int_equal(syscall(SYS_read, ready[0], &child, sizeof(child)), sizeof(child));
	take(&l, -EWOULDBLOCK, pid);
	hs_lock_release(&l);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	take(&l, 0, 0);
	hs_lock_release(&l);
	kill(child, SIGKILL);
	close(ready[0]);
	close(ready[1]);
}

static bool operator_lives(int expected)
{
	for (int i = 0; i < 500; i++) {
		if (hs_lock_operator_look(t.dir) == expected)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

static void an_operator_shows_as_long_as_it_lives(void **state)
{
	struct hs_operator a, b;
	struct hs_lock l;

	/* Nobody to look at it: it works all the same. */
	assert_int_equal(hs_lock_operator_hold(t.dir), -ENOENT);
	take(&l, 0, 0);
	assert_int_equal(hs_lock_operator_look(t.dir), 0);
	assert_int_equal(hs_operator_init(&a, t.dir), 0);
	assert_true(operator_lives(-EWOULDBLOCK));
	assert_int_equal(hs_operator_init(&b, t.dir), 0);
	assert_int_equal(hs_operator_deinit(&a), 0);
	assert_true(operator_lives(-EWOULDBLOCK));
	assert_int_equal(hs_operator_deinit(&b), 0);
	assert_true(operator_lives(0));
	hs_lock_release(&l);
}

static void every_call_fails(void **state)
{
	struct hs_lock l;
	static const struct { enum fault_call call; int err; } rows[] = {
		{ FAULT_MKDIR, EROFS }, { FAULT_OPEN, EACCES }, { FAULT_FLOCK, ENOLCK },
		{ FAULT_FTRUNCATE, EIO }, { FAULT_PWRITE, ENOSPC },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pid_t holder;

		fault_arm(rows[i].call, 1, rows[i].err);
		assert_int_equal(hs_lock_take(&l, t.dir, &holder), -rows[i].err);
		assert_true(fault_disarm());
		assert_int_equal(l.fd, -1);
		hs_lock_release(&l);
	}
	/* And none of that has left it locked. */
	take(&l, 0, 0);
	hs_lock_release(&l);
}

static void a_link_is_not_followed(void **state)
{
	struct hs_lock l;
	pid_t holder;

	tree_mkdir(&t, "run/hotsoak");
	tree_write(&t, "victim", "precious");
	assert_int_equal(symlink(tree_path(&t, "victim"), tree_path(&t, "run/hotsoak/lock")), 0);
	assert_int_equal(hs_lock_take(&l, t.dir, &holder), -ELOOP);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(one_holder_who_is_named),
		TEST(a_child_does_not_hold_it),
		TEST(the_dead_hold_nothing),
		TEST(an_operator_shows_as_long_as_it_lives),
		TEST(every_call_fails),
		TEST(a_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
