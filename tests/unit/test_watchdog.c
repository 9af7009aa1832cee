// SPDX-License-Identifier: GPL-2.0-only
/* What counts as progress, and what systemd is told of it. */
#include "tree.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "watchdog.h"

static struct tree tree;
static int notify_fd;

static int setup(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char pid[16];

	tree_init(&tree);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", tree.dir);
	if (notify_fd < 0 || bind(notify_fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -1;
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("NOTIFY_SOCKET", a.sun_path, 1);
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "3000000", 1);
	return 0;
}

static int teardown(void **state)
{
	close(notify_fd);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	tree_deinit(&tree);
	return 0;
}

static void expect_told(const char *text)
{
	char told[256];
	ssize_t n = recv(notify_fd, told, sizeof(told) - 1, 0);

	told[n > 0 ? n : 0] = '\0';
	assert_string_equal(told, text);
}

static void test_words(void **state)
{
	struct hs_watchdog w;

	hs_watchdog_init(&w);
	assert_true(w.unit_usec == 3000000);
	hs_watchdog_feed(&w);
	expect_told("WATCHDOG=1");
	/* One operation may take its limit and its grace. */
	hs_watchdog_begin(&w, UINT64_C(7000000000));
	expect_told("WATCHDOG_USEC=10000000\nWATCHDOG=1");
	hs_watchdog_end(&w);
	expect_told("WATCHDOG_USEC=3000000\nWATCHDOG=1");
	unsetenv("WATCHDOG_USEC");
	hs_watchdog_init(&w);
	hs_watchdog_begin(&w, 1);
	hs_watchdog_feed(&w);
	expect_told("");
}

static void test_progress(void **state)
{
	static struct hs_tally t;
	struct hs_progress p = { .phase = HS_PHASE_RUNNING, .tally = &t };
	struct hs_watchdog w;

	memset(&t, 0, sizeof(t));
	hs_watchdog_init(&w);
	hs_watchdog_begin(&w, 0);
	assert_true(hs_watchdog_progressed(&w, &p));
	/* Time alone, counters of the module, an operation that goes on: nothing. */
	for (int i = 0; i < 3; i++) {
		p.elapsed_ns += 1000000000;
		p.in_flight = p.signalled = true;
		p.flight_ns += 1000000000;
		p.e3_per_s = t.stats.e3++;
		t.inv[HS_INV_CLEAN_LOG].checks++;
		assert_false(hs_watchdog_progressed(&w, &p));
	}
	for (int op = 0; op < HS_NR_OPS; op++) {
		for (int o = 0; o < HS_NR_OUTCOMES; o++) {
			t.ops[op][o]++;
			assert_true(hs_watchdog_progressed(&w, &p));
			assert_false(hs_watchdog_progressed(&w, &p));
		}
	}
	p.waiting = true;
	assert_true(hs_watchdog_progressed(&w, &p));
	assert_true(hs_watchdog_progressed(&w, &p));
	p.waiting = false;
	assert_false(hs_watchdog_progressed(&w, &p));
	p.phase = HS_PHASE_RESTORING;
	assert_true(hs_watchdog_progressed(&w, &p));
	assert_false(hs_watchdog_progressed(&w, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
		cmocka_unit_test_setup_teardown(test_progress, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
