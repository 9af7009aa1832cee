// SPDX-License-Identifier: GPL-2.0-only
/* The probes: which are expected to stall where, what a child reports, and what the soak
 * makes of that. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "probe.h"
#include "soak_internal.h"

#define MS		UINT64_C(1000000)
#define START		(1000 * MS)
#define LIMIT		(400 * MS)
#define BLOCK		5
#define BLOCK_PAGES	512

static bool expected(const char *name, const char *release)
{
	int kind = hs_probe_find(name);

	assert_in_range(kind, 0, HS_NR_PROBES - 1);
	return hs_probe_is_expected((enum hs_probe_kind)kind, release);
}

static void stalls_by_version(void **state)
{
	assert_false(expected("pcp-write", "5.10.0-39-cloud-amd64"));
	assert_true(expected("pcp-write", "5.11.0"));
	assert_true(expected("pcp-write", "6.1.0-56-cloud-amd64"));
	assert_false(expected("watermark-write", "5.13.19"));
	assert_true(expected("watermark-write", "5.14-rc1"));
	assert_true(expected("watermark-write", "garbage"));
	for (int i = 0; i < 2; i++) {
		const char *release = i ? "7.2.13" : "5.10.223";

		assert_true(expected("memory-online", release));
		assert_true(expected("cpu-online", release));
		assert_false(expected("pcp-read", release));
		assert_false(expected("fork", release));
	}
	assert_int_equal(hs_probe_find("pcp"), -1);
	assert_int_equal(hs_probe_find(""), -1);
	for (int i = 0; i < HS_NR_PROBES; i++)
		assert_int_equal(hs_probe_find(hs_probes[i].name), i);
}

static pid_t child(enum hs_probe_kind kind, unsigned long block, int *fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		_exit(hs_probe_work(fds[1], kind, block) < 0);
	}
	assert_true(pid > 0);
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

static void does_it_over_and_over(void **state)
{
	static const enum hs_probe_kind harmless[] = { HS_PROBE_FORK, HS_PROBE_MMAP };

	for (int i = 0; i < 2; i++) {
		struct hs_probe_report r;
		uint64_t last_ns = 0;
		int fd, status;
		pid_t pid = child(harmless[i], 0, &fd);

		for (int n = 0; n < 3; n++) {
			assert_int_equal(read(fd, &r, sizeof(r)), sizeof(r));
			assert_int_equal(r.err, 0);
			assert_true(r.start_ns > last_ns && r.end_ns > r.start_ns);
			last_ns = r.end_ns;
		}
		/* It ends with its reader. */
		close(fd);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	}
}

static void says_what_it_lacks(void **state)
{
	struct hs_probe_report r;
	int fd, status;
	pid_t pid = child(HS_PROBE_MEMORY_ONLINE, ULONG_MAX, &fd);

	assert_int_equal(read(fd, &r, sizeof(r)), sizeof(r));
	assert_int_equal(r.err, -ENOENT);
	assert_int_equal(read(fd, &r, sizeof(r)), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	close(fd);
}

/* SIGTERM comes in the middle of a deed, when a child of its own has just begun. */
static void ends_between_two_deeds(void **state)
{
	struct hs_probe_report r;
	unsigned long begun = 0;
	int fd, status;
	pid_t pid = child(HS_PROBE_FORK, 0, &fd);

	assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEFORK), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8);
	assert_int_equal(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &begun), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, &r, sizeof(r)) == sizeof(r))
		;
	fcntl(fd, F_SETFL, 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid((pid_t)begun, &status, __WALL), (pid_t)begun);
	assert_int_equal(ptrace(PTRACE_DETACH, begun, NULL, NULL), 0);
	assert_int_equal(ptrace(PTRACE_DETACH, pid, NULL, NULL), 0);

	assert_int_equal(read(fd, &r, sizeof(r)), sizeof(r));
	assert_int_equal(r.err, 0);
	alarm(10);
	assert_int_equal(read(fd, &r, sizeof(r)), 0);
	alarm(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	close(fd);
}

/* Its parent is killed, and its reader is still there. */
static void goes_with_its_parent(void **state)
{
	struct hs_probe_report r;
	int fds[2], status;
	pid_t parent;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	parent = fork();
	if (!parent) {
		if (!fork())
			_exit(hs_probe_work(fds[1], HS_PROBE_MMAP, 0) < 0);
		pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &r, sizeof(r)), sizeof(r));
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	alarm(10);
	while ((n = read(fds[0], &r, sizeof(r))) == sizeof(r))
		;
	alarm(0);
	assert_int_equal(n, 0);
	close(fds[0]);
}

/* ---- What the soak makes of the reports ---------------------------------- */

static struct hs_scenario scenario;
static struct hs_conductor_block block;
static struct hs_soak soak;
static int report_fd;
static const struct hs_probe_tally *fork_tally = &soak.tally.probe[HS_PROBE_FORK];

/* An offline that a held page keeps until its limit, with a probe about. */
static int setup(void **state)
{
	int fds[2];

	if (pipe2(fds, O_NONBLOCK) < 0)
		return -1;
	report_fd = fds[1];
	memset(&soak, 0, sizeof(soak));
	scenario = (struct hs_scenario){ .bystanders = true, .limit_ns = LIMIT };
	block = (struct hs_conductor_block){ .index = BLOCK };
	soak.scenario = &scenario;
	soak.conductor.blk = &block;
	soak.conductor.nr = 1;
	soak.c.block_bytes = BLOCK_PAGES * (uint64_t)sysconf(_SC_PAGESIZE);
	soak.antagonist.page = &soak;
	soak.flight = (struct hs_flight){
		.active = true, .step.op = HS_OP_OFFLINE, .start_ns = START,
		.signalled = true, .signalled_ns = START + LIMIT,
	};
	soak.window.nr_pages = BLOCK_PAGES;
	soak.window.start_pfn = BLOCK * BLOCK_PAGES;
	soak.window.win.open_ns = START + MS;
	soak.window.win.isolated_ns = START + 10 * MS;
	for (int i = 0; i < HS_NR_PROBES; i++)
		soak.bystander[i] = (struct hs_bystander){
			.soak = &soak, .kind = (enum hs_probe_kind)i, .fd = -1,
		};
	soak.bystander[HS_PROBE_FORK].fd = fds[0];
	return 0;
}

static int teardown(void **state)
{
	close(soak.bystander[HS_PROBE_FORK].fd);
	close(report_fd);
	return 0;
}

/* A call from so many ms after the start of the offline to so many. */
static void report(int64_t from_ms, int64_t to_ms)
{
	const struct hs_probe_report r = {
		.start_ns = START + (uint64_t)from_ms * MS, .end_ns = START + (uint64_t)to_ms * MS,
	};

	assert_int_equal(write(report_fd, &r, sizeof(r)), sizeof(r));
}

static void answer(int err)
{
	hs_soak_bystanders_answer(&soak, &(struct hs_operator_answer){
		.err = err, .start_ns = START, .end_ns = START + LIMIT + MS,
	});
}

static void expect_counts(uint64_t met, uint64_t stalled, uint64_t stuck)
{
	assert_int_equal(fork_tally->met, met);
	assert_int_equal(fork_tally->stalled, stalled);
	assert_int_equal(soak.tally.bystanders_stuck, stuck);
}

static void comes_back_meanwhile(void **state)
{
	report(150, 160);
	answer(-EINTR);
	expect_counts(1, 0, 1);
	assert_int_equal(fork_tally->stuck_ns, 10 * MS);
}

/* Perhaps before the offline had anything locked. */
static void early_is_not_met(void **state)
{
	report(-20, 5);
	report(20, 99);
	answer(-EINTR);
	expect_counts(0, 0, 1);
}

static void stalls_to_the_end(void **state)
{
	report(150, 160);
	answer(-EINTR);
	report(190, 401);
	/* Its report comes after the answer; counted once. */
	report(195, 402);
	soak.antagonist.page = NULL;
	answer(0);
	expect_counts(1, 1, 1);
	assert_int_equal(fork_tally->stuck_ns, 211 * MS);
	assert_int_equal(fork_tally->calls, 3);
}

static void stalls_and_tells_first(void **state)
{
	report(190, 401);
	answer(-EINTR);
	report(440, 450);
	report(190, 402);
	soak.antagonist.page = NULL;
	answer(0);
	expect_counts(1, 1, 1);
	assert_int_equal(fork_tally->stuck_ns, 212 * MS);
	assert_int_equal(fork_tally->calm_ns, 10 * MS);
}

/* Of the one before. */
static void tells_of_another(void **state)
{
	answer(-EINTR);
	report(20, 401);
	soak.flight.start_ns += 1000 * MS;
	soak.flight.signalled_ns += 1000 * MS;
	soak.window.win.isolated_ns += 1000 * MS;
	report(1190, 1401);
	answer(-EINTR);
	expect_counts(2, 2, 2);
}

static void stalls_from_before(void **state)
{
	answer(-EINTR);
	report(-5, 405);
	soak.antagonist.page = NULL;
	answer(0);
	expect_counts(1, 1, 1);
}

/* Half a limit is too little to tell by. */
static void late_is_no_stall(void **state)
{
	answer(-EINTR);
	report(201, 405);
	report(10, 399);
	soak.antagonist.page = NULL;
	answer(0);
	expect_counts(0, 0, 1);
}

static void not_stuck(void **state)
{
	report(150, 160);
	answer(0);
	expect_counts(0, 0, 0);
	soak.flight.signalled_ns = START + LIMIT - 1;
	answer(-EINTR);
	soak.flight.signalled_ns = START + LIMIT;
	soak.window.win.isolated_ns = START + LIMIT / 4;
	answer(-EINTR);
	soak.window.win.isolated_ns = START + 10 * MS;
	soak.antagonist.page = NULL;
	answer(-EINTR);
	soak.antagonist.page = &soak;
	soak.window.nr_pages = 0;
	answer(-EINTR);
	expect_counts(0, 0, 0);
	assert_int_equal(fork_tally->calls, 1);
}

#define SOAK_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stalls_by_version),
		cmocka_unit_test(does_it_over_and_over),
		cmocka_unit_test(says_what_it_lacks),
		cmocka_unit_test(ends_between_two_deeds),
		cmocka_unit_test(goes_with_its_parent),
		SOAK_TEST(comes_back_meanwhile), SOAK_TEST(early_is_not_met),
		SOAK_TEST(stalls_to_the_end), SOAK_TEST(stalls_and_tells_first),
		SOAK_TEST(tells_of_another), SOAK_TEST(stalls_from_before),
		SOAK_TEST(late_is_no_stall), SOAK_TEST(not_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
