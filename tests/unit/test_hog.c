// SPDX-License-Identifier: GPL-2.0-only
/* The hog: it has its CPU, and ends in each of the ways that it can. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "hog.h"
#include "tree.h"

#define SOON 500	/* tries of 10 ms */

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static int last_cpu(void)
{
	cpu_set_t cpus;
	int last = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &cpus))
			last = i;
	return last;
}

/* Root's alone, and not in every container. */
static void start(struct hs_hog *h, uint64_t most_ms)
{
	int r;

	*h = (struct hs_hog){ .cpu = last_cpu() };
	r = hs_hog_start(h, most_ms);
	if (r == -EPERM || r == -EACCES)
		skip();
	assert_int_equal(r, 0);
}

static void has_its_cpu(void **state)
{
	struct rlimit rttime;
	struct hs_hog h;
	cpu_set_t cpus;

	start(&h, 3000);
	assert_true(hs_hog_runs(&h));
	assert_int_equal(sched_getscheduler(h.pid), SCHED_FIFO);
	assert_int_equal(sched_getaffinity(h.pid, sizeof(cpus), &cpus), 0);
	assert_true(CPU_COUNT(&cpus) == 1 && CPU_ISSET(h.cpu, &cpus));
	assert_int_equal(prlimit(h.pid, RLIMIT_RTTIME, NULL, &rttime), 0);
	assert_int_equal(rttime.rlim_cur, 4000000);
	assert_int_equal(rttime.rlim_max, 4000000);
	assert_int_equal(hs_hog_stop(&h), 0);
	assert_int_equal(h.pid, 0);
	assert_false(hs_hog_runs(&h));
	assert_int_equal(hs_hog_stop(&h), 0);
}

static void ends_by_itself(void **state)
{
	struct hs_hog h;

	start(&h, 1);
	for (int i = 0; i < SOON && hs_hog_runs(&h); i++)
		pause_briefly();
	assert_false(hs_hog_runs(&h));
	assert_true(h.pid > 0);
	assert_int_equal(hs_hog_stop(&h), 0);
}

/* What is orphaned comes to us, to be seen to its end. */
static void dies_with_its_parent(void **state)
{
	int status, pair[2];
	struct hs_hog h;
	pid_t parent;

	start(&h, 1);
	hs_hog_stop(&h);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	parent = fork();
	if (!parent) {
		if (hs_hog_start(&h, 10000) < 0 ||
		    write(pair[1], &h.pid, sizeof(h.pid)) != sizeof(h.pid))
			_exit(1);
		raise(SIGKILL);
	}
	assert_true(parent > 0);
	assert_int_equal(read(pair[0], &h.pid, sizeof(h.pid)), sizeof(h.pid));
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_true(WIFSIGNALED(status));
	for (int i = 0; i < SOON && hs_hog_runs(&h); i++)
		pause_briefly();
	assert_false(hs_hog_runs(&h));
	hs_hog_stop(&h);
	close(pair[0]);
	close(pair[1]);
}

static void tells_why_it_cannot(void **state)
{
	struct hs_hog h = { .cpu = CPU_SETSIZE - 1 };

	assert_int_equal(hs_hog_start(&h, 1000), -EINVAL);
	assert_int_equal(h.pid, 0);
	/* A command that does not take this. */
	h.cpu = CPU_SETSIZE;
	assert_int_equal(hs_hog_start(&h, 1000), -EPIPE);
	assert_int_equal(h.pid, 0);
}

static void asks(void **state)
{
	struct tree t;

	tree_init(&t);
	assert_int_equal(hs_hog_ask(t.dir), -ENOENT);
	tree_write(&t, "proc/sys/kernel/sched_rt_runtime_us", "950000\n");
	assert_int_equal(hs_hog_ask(t.dir), 0);
	assert_non_null(strstr(hs_hog_words(-ENOENT), "kernel.sched_rt_runtime_us"));
	assert_non_null(strstr(hs_hog_words(-ERANGE), "one only"));
	tree_deinit(&t);
}

static void asks_for_a_second_cpu(void **state)
{
	cpu_set_t before, one;

	if (hs_hog_ask("") == -ENOENT)
		skip();
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	CPU_SET(last_cpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(hs_hog_ask(""), -ERANGE);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(hs_hog_ask(""), CPU_COUNT(&before) < 2 ? -ERANGE : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_its_cpu),
		cmocka_unit_test(ends_by_itself),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(tells_why_it_cannot),
		cmocka_unit_test(asks),
		cmocka_unit_test(asks_for_a_second_cpu),
	};

	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
