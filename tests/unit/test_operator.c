// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operator as a real child on a made tree: ordinary files take every write,
 * a full FIFO in place of `state` takes none, as a kernel that is stuck.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "operator.h"

#define FILE_BLOCK	32
#define FIFO_BLOCK	33
#define SECOND		UINT64_C(1000000000)
#define PATIENCE_MS	60000	/* with what will come, be the machine ever so busy */

static char root[64];
static struct hs_operator op;

static void path_of(unsigned int block, const char *attr, char *path, size_t path_bytes)
{
	snprintf(path, path_bytes, "%s/sys/devices/system/memory/memory%u%s", root, block, attr);
}

/* How many came, 0: none in time. */
static int wait_answers(struct hs_operator_answer *a, int timeout_ms)
{
	struct pollfd p = { .fd = op.fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0 ? hs_operator_answer(&op, a) : 0;
}

static bool wait_answer(struct hs_operator_answer *a, int timeout_ms)
{
	struct hs_operator_answer all[HS_OPERATOR_STEPS];
	int n = wait_answers(all, timeout_ms);

	*a = all[0];
	return n == 1;
}

static uint32_t request(unsigned int block, enum hs_word word)
{
	struct hs_operator_step step = { .block = block, .word = word };
	uint32_t seq;

	assert_int_equal(hs_operator_request(&op, &step, 1, 0, &seq), 0);
	return seq;
}

/* A signal before that would be its end. */
static int wait_until_it_serves(void)
{
	struct hs_operator_answer a;

	request(99, HS_WORD_OFFLINE);
	return wait_answer(&a, PATIENCE_MS) ? 0 : -1;
}

static int setup(void **state)
{
	static const char *const dirs[] = {
		"", "/sys", "/sys/devices", "/sys/devices/system", "/sys/devices/system/memory",
		"/sys/devices/system/memory/memory32", "/sys/devices/system/memory/memory33",
	};
	char path[256];
	int fd;

	/* The child is hotsoak itself, not this program. */
	if (!getenv("HOTSOAK_EXE"))
		setenv("HOTSOAK_EXE", "build/tool/hotsoak", 1);
	snprintf(root, sizeof(root), "/tmp/hotsoak-operator-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 1; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		if (mkdir(path, 0700) < 0)
			return -1;
	}
	path_of(FILE_BLOCK, "/state", path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, "online\n", 7) != 7)
		return -1;
	close(fd);
	path_of(FIFO_BLOCK, "/state", path, sizeof(path));
	if (mkfifo(path, 0600) < 0)
		return -1;
	return hs_operator_init(&op, root) < 0 ? -1 : wait_until_it_serves();
}

static int teardown(void **state)
{
	static const char *const rest[] = {
		"/sys/devices/system/memory/memory32/state", "/sys/devices/system/memory/memory32",
		"/sys/devices/system/memory/memory33/state", "/sys/devices/system/memory/memory33",
		"/sys/devices/system/memory", "/sys/devices/system", "/sys/devices", "/sys", "",
	};
	int r = hs_operator_deinit(&op);

	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s%s", root, rest[i]);
		remove(path);
	}
	return r;
}

/* Opens the FIFO and fills it, so that the next write to it sleeps. */
static int fifo_fill(void)
{
	char path[256], zero[4096] = { 0 };
	int fd;

	path_of(FIFO_BLOCK, "/state", path, sizeof(path));
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	while (write(fd, zero, sizeof(zero)) > 0)
		;
	return fd;
}

static void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static bool interrupt_until_answered(uint32_t seq, struct hs_operator_answer *a)
{
	for (int i = 0; i < PATIENCE_MS / 50; i++) {
		assert_int_equal(hs_operator_interrupt(&op, seq), 0);
		if (wait_answer(a, 50))
			return true;
	}
	return false;
}

static void writes_and_reads_back(void **state)
{
	struct hs_operator_answer a;
	uint32_t seq = request(FILE_BLOCK, HS_WORD_OFFLINE);

	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.seq, seq);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.state, HS_MEMBLK_OFFLINE);
	assert_true(a.end_ns >= a.start_ns);
	request(FILE_BLOCK, HS_WORD_ONLINE_MOVABLE);
	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.state, HS_MEMBLK_ONLINE);
	assert_false(wait_answer(&a, 0));
}

#define STEP(b, w, ns) { .block = b, .word = HS_WORD_##w, .hurry_ns = ns }

static const struct hs_operator_step two_pairs[] = {
	STEP(FILE_BLOCK, OFFLINE, 60 * SECOND), STEP(FILE_BLOCK, ONLINE, 60 * SECOND),
	STEP(FILE_BLOCK, OFFLINE, 60 * SECOND), STEP(FILE_BLOCK, ONLINE, 60 * SECOND),
};

static void pairs_are_answered_at_once(void **state)
{
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	uint32_t seq;

	assert_int_equal(hs_operator_request(&op, two_pairs, 4, 60 * SECOND, &seq), 0);
	assert_int_equal(wait_answers(a, PATIENCE_MS), 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(a[i].seq, seq + i);
		assert_int_equal(a[i].err, 0);
		assert_int_equal(a[i].more, i < 3);
		assert_int_equal(a[i].state, i % 2 ? HS_MEMBLK_ONLINE : HS_MEMBLK_OFFLINE);
		assert_true(!i || a[i].start_ns >= a[i - 1].end_ns);
	}
}

/* Without a budget each step is told when it is over. */
static void each_is_answered_when_it_is_over(void **state)
{
	static const struct hs_operator_step step[] = {
		STEP(FILE_BLOCK, OFFLINE, 60 * SECOND), STEP(FIFO_BLOCK, OFFLINE, 60 * SECOND),
	};
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	int fifo = fifo_fill();
	uint32_t seq;

	assert_int_equal(hs_operator_request(&op, step, 2, 0, &seq), 0);
	assert_int_equal(wait_answers(a, PATIENCE_MS), 1);
	assert_int_equal(a[0].seq, seq);
	assert_true(a[0].more);
	/* The second hangs; the signal has the request's number. */
	assert_int_equal(wait_answers(a, 100), 0);
	assert_true(interrupt_until_answered(seq, a));
	assert_int_equal(a[0].seq, seq + 1);
	assert_int_equal(a[0].err, -EINTR);
	assert_false(a[0].more);
	close(fifo);
}

static void a_request_ends_early(void **state)
{
	static const struct hs_operator_step slow[] = {
		STEP(FILE_BLOCK, OFFLINE, 0), STEP(FILE_BLOCK, ONLINE, 0),
	};
	static const struct hs_operator_step missing[] = {
		STEP(99, OFFLINE, 60 * SECOND), STEP(99, ONLINE, 60 * SECOND),
	};
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	uint32_t seq;

	/* Nothing is quick enough for no time at all: the second waits to be asked. */
	assert_int_equal(hs_operator_request(&op, slow, 2, 60 * SECOND, &seq), 0);
	assert_int_equal(wait_answers(a, PATIENCE_MS), 1);
	/* No time for another pair, but one that was begun is made whole. */
	assert_int_equal(hs_operator_request(&op, two_pairs, 4, 1, &seq), 0);
	assert_int_equal(wait_answers(a, PATIENCE_MS), 2);
	/* A step that failed is the last. */
	assert_int_equal(hs_operator_request(&op, missing, 2, 60 * SECOND, &seq), 0);
	assert_int_equal(wait_answers(a, PATIENCE_MS), 1);
	assert_int_equal(a[0].err, -ENOENT);
	assert_int_equal(wait_answers(a, 100), 0);
	assert_int_equal(hs_operator_request(&op, two_pairs, HS_OPERATOR_STEPS + 1, 0, &seq),
			 -EINVAL);
}

static void a_missing_block_is_an_errno(void **state)
{
	struct hs_operator_answer a;

	request(99, HS_WORD_OFFLINE);
	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.err, -ENOENT);
	assert_int_equal(a.state, HS_MEMBLK_UNKNOWN);
}

static void a_stuck_write_is_interrupted(void **state)
{
	struct hs_operator_answer a;
	int fifo = fifo_fill();
	uint32_t seq = request(FIFO_BLOCK, HS_WORD_OFFLINE);

	assert_false(wait_answer(&a, 100));
	assert_true(interrupt_until_answered(seq, &a));
	assert_int_equal(a.seq, seq);
	assert_int_equal(a.err, -EINTR);
	close(fifo);

	/* And goes on. */
	request(FILE_BLOCK, HS_WORD_OFFLINE);
	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.err, 0);
}

/* Whichever step it is at: the signal has the request's number. */
static void a_stuck_second_step_is_interrupted(void **state)
{
	const struct hs_operator_step step[] = {
		STEP(FILE_BLOCK, OFFLINE, 60 * SECOND), STEP(FIFO_BLOCK, OFFLINE, 60 * SECOND),
		STEP(FILE_BLOCK, ONLINE, 60 * SECOND),
	};
	struct hs_operator_answer a[HS_OPERATOR_STEPS];
	int fifo = fifo_fill(), n = 0;
	uint32_t seq;

	assert_int_equal(hs_operator_request(&op, step, 3, 60 * SECOND, &seq), 0);
	assert_int_equal(wait_answers(a, 100), 0);
	for (int i = 0; i < PATIENCE_MS / 50 && !n; i++) {
		assert_int_equal(hs_operator_interrupt(&op, seq), 0);
		n = wait_answers(a, 50);
	}
	assert_int_equal(n, 2);
	assert_int_equal(a[0].err, 0);
	assert_int_equal(a[1].seq, seq + 1);
	assert_int_equal(a[1].err, -EINTR);
	close(fifo);
}

static uint32_t request_signalled(unsigned int block, uint64_t after_ns)
{
	struct hs_operator_step step = {
		.block = block, .word = HS_WORD_OFFLINE, .signal_after_ns = after_ns,
	};
	uint32_t seq;

	assert_int_equal(hs_operator_request(&op, &step, 1, 0, &seq), 0);
	return seq;
}

static void its_own_signal_interrupts(void **state)
{
	uint64_t after_ns = SECOND / 20;
	struct hs_operator_answer a;
	int fifo = fifo_fill();
	uint32_t seq = request_signalled(FIFO_BLOCK, after_ns);

	/* Who got no CPU until it was due has spent it before the write: later, then. */
	while (!wait_answer(&a, 1000 + (int)(after_ns / 1000000))) {
		assert_true(interrupt_until_answered(seq, &a));
		after_ns *= 2;
		assert_true(after_ns < 60 * SECOND);
		seq = request_signalled(FIFO_BLOCK, after_ns);
	}
	assert_int_equal(a.seq, seq);
	assert_int_equal(a.err, -EINTR);
	assert_true(a.signal_ns == a.start_ns + after_ns);
	assert_true(a.end_ns >= a.signal_ns);
	close(fifo);
}

/* Of a write that no signal interrupts; true when none is told of. */
static bool signal_is_none(uint64_t after_ns)
{
	struct hs_operator_answer a;

	request_signalled(FILE_BLOCK, after_ns);
	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.err, 0);
	if (!a.signal_ns)
		return true;
	/* Told of with reason: the operator had to wait for a CPU meanwhile. */
	assert_true(a.signal_ns == a.start_ns + after_ns);
	assert_true(a.signal_ns < a.end_ns);
	return false;
}

/* One that came before the write is spent and not told; the write goes on. */
static void its_own_signal_outside_of_the_write_is_none(void **state)
{
	struct hs_operator_answer a;
	int fifo, tries = 0;
	uint32_t seq;

	while (!signal_is_none(1))
		assert_true(++tries < 20);
	/* One that was due after it is taken back, … */
	while (!signal_is_none(SECOND / 5))
		assert_true(++tries < 20);
	/* … and hits no other write. */
	fifo = fifo_fill();
	seq = request(FIFO_BLOCK, HS_WORD_OFFLINE);
	assert_false(wait_answer(&a, 500));
	assert_true(interrupt_until_answered(seq, &a));
	assert_true(a.signal_ns == 0);
	close(fifo);
}

/* The limit still ends what the timer is too late for, and is told apart from it. */
static void the_limit_comes_first(void **state)
{
	struct hs_operator_answer a;
	int fifo = fifo_fill();
	uint32_t seq = request_signalled(FIFO_BLOCK, 60 * SECOND);

	assert_false(wait_answer(&a, 100));
	assert_true(interrupt_until_answered(seq, &a));
	assert_int_equal(a.err, -EINTR);
	assert_true(a.signal_ns == 0);
	close(fifo);
}

static void a_late_signal_hits_nobody(void **state)
{
	struct hs_operator_answer a;
	uint32_t old = request(FILE_BLOCK, HS_WORD_OFFLINE), seq;
	int fifo = fifo_fill();

	assert_true(wait_answer(&a, PATIENCE_MS));
	/* While it waits for a request, … */
	assert_int_equal(hs_operator_interrupt(&op, old), 0);
	nap_ms(20);
	/* … and while another write sleeps. */
	seq = request(FIFO_BLOCK, HS_WORD_OFFLINE);
	nap_ms(50);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(hs_operator_interrupt(&op, old), 0);
		assert_false(wait_answer(&a, 50));
	}
	assert_true(interrupt_until_answered(seq, &a));
	assert_int_equal(a.err, -EINTR);
	close(fifo);
}

static void a_dead_operator_is_replaced(void **state)
{
	struct hs_operator_answer a, all[HS_OPERATOR_STEPS];
	struct pollfd p = { .fd = op.fd, .events = POLLIN };

	assert_int_equal(kill(op.pid, SIGKILL), 0);
	assert_int_equal(waitpid(op.pid, NULL, 0), op.pid);
	assert_true(poll(&p, 1, PATIENCE_MS) > 0);
	assert_int_equal(hs_operator_answer(&op, all), -EPIPE);
	assert_int_equal(hs_operator_respawn(&op), 0);
	request(FILE_BLOCK, HS_WORD_OFFLINE);
	assert_true(wait_answer(&a, PATIENCE_MS));
	assert_int_equal(a.err, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_and_reads_back, setup, teardown),
		cmocka_unit_test_setup_teardown(pairs_are_answered_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(each_is_answered_when_it_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(a_request_ends_early, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stuck_second_step_is_interrupted, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_missing_block_is_an_errno, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stuck_write_is_interrupted, setup, teardown),
		cmocka_unit_test_setup_teardown(its_own_signal_interrupts, setup, teardown),
		cmocka_unit_test_setup_teardown(its_own_signal_outside_of_the_write_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_limit_comes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_late_signal_hits_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dead_operator_is_replaced, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
