// SPDX-License-Identifier: GPL-2.0-only
/* Tuners: what they set, and what a child of ours makes of a made tree. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tuner.h"

#define VALUES(...)	((const char *const[]){ __VA_ARGS__, NULL })

TREE_FIXTURE(t)

static void one_file_or_the_one_of_before(void **state)
{
	const struct hs_tuner one = {
		.path = "/proc/new", .old_path = "/proc/old", .values = VALUES("1"),
	};
	struct hs_tuner_plan p;

	assert_int_equal(hs_tuner_plan(&one, t.dir, NULL, NULL, &p), -ENOENT);
	tree_write(&t, "proc/old", "7\n");
	assert_int_equal(hs_tuner_plan(&one, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(p.nr, 1);
	assert_true(p.found == 7);
	assert_string_equal(p.path[0], "/proc/old");
	tree_write(&t, "proc/new", "a [b]\n");
	assert_int_equal(hs_tuner_plan(&one, t.dir, NULL, NULL, &p), 0);
	assert_string_equal(p.path[0], "/proc/new");
	assert_true(p.found == 0);
}

/* Never the first, never more than half, none that is away or isolated. */
static void the_last_cpus(void **state)
{
	static const struct { unsigned int cpus, files; const char *first, *last; } rows[] = {
		{ 1, 0, NULL, NULL }, { 2, 1, "/cpu1/on", "/cpu1/on" },
		{ 5, 2, "/cpu4/on", "/cpu3/on" }, { 32, 4, "/cpu31/on", "/cpu28/on" },
	};
	const struct hs_tuner cpus = { .path = "/cpu", .rest = "/on", .values = VALUES("1", "0") };
	struct hs_tuner_plan p;
	unsigned int nr = 0;
	char name[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (; nr < rows[i].cpus; nr++) {
			snprintf(name, sizeof(name), "cpu%u/%s", nr, nr ? "on" : "other");
			tree_write(&t, name, "1\n");
		}
		assert_int_equal(hs_tuner_plan(&cpus, t.dir, NULL, NULL, &p), rows[i].files ? 0 : -ENOENT);
		assert_int_equal(p.nr, rows[i].files);
		if (!p.nr)
			continue;
		assert_string_equal(p.path[0], rows[i].first);
		assert_string_equal(p.path[p.nr - 1], rows[i].last);
	}
	tree_write(&t, "cpu31/on", "0\n");
	tree_write(&t, "sys/devices/system/cpu/isolated", "29-30\n");
	tree_write(&t, "sys/devices/system/cpu/nohz_full", "27\n");
	assert_int_equal(hs_tuner_plan(&cpus, t.dir, NULL, NULL, &p), 0);
	assert_string_equal(p.path[0], "/cpu28/on");
	assert_string_equal(p.path[1], "/cpu26/on");
	assert_int_equal(p.nr, 4);
}

static bool is_odd(const struct hs_memblk *b, void *ctx)
{
	(void)ctx;
	return b->index % 2;
}

/* Online in ZONE_MOVABLE; all of them, or as many as there is room for, from first to last. */
static void blocks_of_zone_movable(void **state)
{
	const struct hs_tuner blocks = {
		.path = "/m/memory", .rest = "/state", .of_blocks = true, .values = VALUES("1"),
	};
	struct hs_tuner_plan p;

	assert_int_equal(hs_tuner_plan(&blocks, t.dir, NULL, NULL, &p), -ENOTSUP);
	tree_guest(&t);
	assert_int_equal(hs_tuner_plan(&blocks, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(p.nr, 15);
	assert_string_equal(p.path[0], "/m/memory32/state");
	assert_string_equal(p.path[7], "/m/memory39/state");
	assert_string_equal(p.path[8], "/m/memory41/state");
	assert_int_equal(hs_tuner_plan(&blocks, t.dir, is_odd, NULL, &p), 0);
	assert_int_equal(p.nr, 8);
	assert_string_equal(p.path[7], "/m/memory47/state");
	for (unsigned long i = 100; i < 149; i++)
		tree_block(&t, i, "online", "Movable", 0);
	assert_int_equal(hs_tuner_plan(&blocks, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(p.nr, HS_TUNER_FILES);
	assert_string_equal(p.path[15], "/m/memory145/state");
	for (unsigned long i = 32; i < 149; i++)
		if (i < 48 || i >= 100)
			tree_block(&t, i, i % 2 ? "online" : "offline", "Normal Movable", 0);
	assert_int_equal(hs_tuner_plan(&blocks, t.dir, NULL, NULL, &p), -ENODEV);
}

static void values_by_themselves_and_of_what_was_found(void **state)
{
	const struct hs_tuner some = { .path = "/n", .values = VALUES("3", "*1", "*4") };
	struct hs_tuner_plan p;
	char text[32];

	tree_write(&t, "n", "1024\n");
	assert_int_equal(hs_tuner_plan(&some, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(hs_tuner_value(&some, &p, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "3");
	assert_int_equal(hs_tuner_value(&some, &p, 1, text, sizeof(text)), 0);
	assert_string_equal(text, "1024");
	assert_int_equal(hs_tuner_value(&some, &p, 2, text, sizeof(text)), 0);
	assert_string_equal(text, "4096");
	assert_int_equal(hs_tuner_value(&some, &p, 3, text, sizeof(text)), -ENOENT);
	tree_write(&t, "n", "none\n");
	assert_int_equal(hs_tuner_plan(&some, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(hs_tuner_value(&some, &p, 1, text, sizeof(text)), -EINVAL);
}

static void what_is_somebody_elses(void **state)
{
	tree_write(&t, "proc/meminfo", "MemTotal:       1000000 kB\n");
	tree_write(&t, "proc/sys/vm/min_free_kbytes", "20000\n");
	assert_int_equal(hs_tuner_ask_watermark(t.dir), 0);
	tree_write(&t, "proc/sys/vm/min_free_kbytes", "20001\n");
	assert_int_equal(hs_tuner_ask_watermark(t.dir), -ERANGE);
	assert_int_equal(hs_tuner_ask_ksm(t.dir), -ENOENT);
	tree_write(&t, "sys/kernel/mm/ksm/run", "0\n");
	tree_write(&t, "sys/kernel/mm/ksm/pages_shared", "0\n");
	assert_int_equal(hs_tuner_ask_ksm(t.dir), 0);
	tree_write(&t, "sys/kernel/mm/ksm/pages_shared", "1\n");
	assert_int_equal(hs_tuner_ask_ksm(t.dir), -EBUSY);
	tree_write(&t, "sys/kernel/mm/ksm/pages_shared", "0\n");
	tree_write(&t, "sys/kernel/mm/ksm/run", "1\n");
	assert_int_equal(hs_tuner_ask_ksm(t.dir), -EBUSY);
}

/* A child of this process alone: it is not exec'ed here. */
static pid_t child_start(const struct hs_tuner *tuner, int *fd)
{
	struct hs_tuner_plan p;
	int fds[2];
	pid_t pid;

	assert_int_equal(hs_tuner_plan(tuner, t.dir, NULL, NULL, &p), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[0]);
		_exit(-hs_tuner_work(fds[1], tuner, &p, t.dir, 1) & 0xff);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

static int child_end(pid_t pid, int fd)
{
	int status;

	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void each_write_differs_and_is_reported(void **state)
{
	const struct hs_tuner three = { .path = "/n", .values = VALUES("5", "*2", "7") };
	char *text;
	bool seen[3] = { false };
	struct hs_tuner_report r;
	pid_t pid;
	int fd;

	tree_write(&t, "n", "3");
	pid = child_start(&three, &fd);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(recv(fd, &r, sizeof(r), 0), sizeof(r));
		assert_int_equal(r.err, 0);
		text = tree_read(&t, "n");
		/* One write may have come since. */
		seen[0] |= text[0] == '5';
		seen[1] |= text[0] == '6';
		seen[2] |= text[0] == '7';
		free(text);
	}
	assert_true(seen[0] && seen[1] && seen[2]);
	assert_int_equal(child_end(pid, fd), 0);
}

static void what_is_refused_is_told(void **state)
{
	const struct hs_tuner gone = { .path = "/n", .values = VALUES("5", "6") };
	struct hs_tuner_report r = { .err = 0 };
	pid_t pid;
	int fd;

	tree_write(&t, "n", "3");
	pid = child_start(&gone, &fd);
	assert_int_equal(recv(fd, &r, sizeof(r), 0), sizeof(r));
	assert_int_equal(unlink(tree_path(&t, "n")), 0);
	for (int i = 0; i < 100 && !r.err; i++)
		assert_int_equal(recv(fd, &r, sizeof(r), 0), sizeof(r));
	assert_int_equal(r.err, -ENOENT);
	assert_int_equal(child_end(pid, fd), 0);
}

/* Who takes memory takes none where 8 MiB could be spared, and says so each time. */
static void the_edge_is_told(void **state)
{
	struct hs_tuner_report r;
	pid_t pid;
	int fd;

	tree_guest(&t);
	tree_write(&t, "proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 204800 kB\n");
	pid = child_start(&hs_tuner_oom_edge, &fd);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(recv(fd, &r, sizeof(r), 0), sizeof(r));
		assert_int_equal(r.err, 0);
	}
	assert_int_equal(child_end(pid, fd), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_file_or_the_one_of_before), TEST(the_last_cpus),
		TEST(blocks_of_zone_movable),
		TEST(values_by_themselves_and_of_what_was_found), TEST(what_is_somebody_elses),
		TEST(each_write_differs_and_is_reported), TEST(what_is_refused_is_told),
		TEST(the_edge_is_told),
	};

	return cmocka_run_group_tests_name("tuner", tests, NULL, NULL);
}
