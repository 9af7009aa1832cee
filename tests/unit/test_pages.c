// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker of each kind of pages, on this machine's own memory, which it takes and gives back
 * like any process: what it is told, what it reports, and a flipped byte. No block goes.
 */
#include "tree.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "child.h"
#include "clock.h"
#include "pages.h"

#define SOON_NS	UINT64_C(20000000000)
#define WHILE_NS	UINT64_C(100000000)
#define BYTES	(UINT64_C(8) << 20)

struct peer {
	pid_t pid;
	int fd;
	struct hs_pages_report sum;
	bool ready, mismatch;
};

static bool can(enum hs_pages_id kind)
{
	const struct hs_pages_kind *k = hs_pages_kinds[kind];
	int r = k->ask ? k->ask(NULL, "/var/tmp") : 0;

	if (r)
		print_message("%s: %s\n", hs_pages_names[kind], k->ask_words(r));
	return !r;
}

static void start(struct peer *p, enum hs_pages_id kind, bool corrupt)
{
	char fd[8], name[32], bytes[24];
	char *argv[] = { "hotsoak", "pages", fd, name, "any", "7", bytes, corrupt ? "1" : "0",
			 "/var/tmp", NULL };
	int fds[2];

	memset(p, 0, sizeof(*p));
	snprintf(fd, sizeof(fd), "%d", HS_CHILD_FD);
	snprintf(name, sizeof(name), "%s", hs_pages_names[kind]);
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)BYTES);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	p->fd = fds[0];
	assert_int_equal(hs_child_spawn_self(argv, fds[1], 0, &p->pid), 0);
	close(fds[1]);
}

/* The next report; false when there is none in time, or the worker is gone. */
static bool hear(struct peer *p, uint64_t until_ns)
{
	struct pollfd poll_fd = { .fd = p->fd, .events = POLLIN };
	struct hs_pages_report r;
	uint64_t now_ns = hs_clock_ns();

	if (now_ns >= until_ns || poll(&poll_fd, 1, (int)((until_ns - now_ns) / 1000000)) <= 0 ||
	    recv(p->fd, &r, sizeof(r), 0) != sizeof(r))
		return false;
	p->sum.checked += r.checked;
	p->sum.freed += r.freed;
	p->sum.aimed += r.aimed;
	p->sum.in_time += r.in_time;
	p->ready |= r.type == HS_PAGES_READY && r.start_pfn == 1;
	if (r.type == HS_PAGES_MISMATCH && !p->mismatch) {
		p->mismatch = true;
		assert_int_equal(r.found ^ r.expected, 1);
	}
	return true;
}

static void tell(struct peer *p, enum hs_pages_order_type type, uint64_t in_ns)
{
	struct hs_pages_order o = {
		.type = type, .start_pfn = 1, .nr_pages = UINT64_C(1) << 40,
		.at_ns = hs_clock_ns() + in_ns, .spread_ns = 1000000,
	};

	assert_int_equal(send(p->fd, &o, sizeof(o), 0), sizeof(o));
}

static void end(struct peer *p)
{
	int status;

	close(p->fd);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_int_equal(status, 0);
}

static void aim(struct peer *p)
{
	uint64_t until_ns = hs_clock_ns() + WHILE_NS;

	/* It takes some pages before. */
	while (hear(p, until_ns))
		;
	until_ns = hs_clock_ns() + SOON_NS;
	p->ready = false;
	tell(p, HS_PAGES_AIM, 0);
	while (!p->ready && hear(p, until_ns))
		;
	assert_true(p->ready);
}

static void test_orders(void **state)
{
	for (int kind = 0; kind < HS_NR_PAGES_FREERS; kind++) {
		const struct hs_pages_kind *k = hs_pages_kinds[kind];
		struct peer p;
		uint64_t until_ns, aimed;

		if (!can((enum hs_pages_id)kind))
			continue;
		start(&p, (enum hs_pages_id)kind, false);
		until_ns = hs_clock_ns() + SOON_NS;
		while (!p.sum.checked && hear(&p, until_ns))
			;
		/* Called off, twice: before it is let go, and before its time. */
		aim(&p);
		tell(&p, HS_PAGES_DROP, 0);
		aim(&p);
		tell(&p, HS_PAGES_GO, SOON_NS);
		tell(&p, HS_PAGES_DROP, 0);
		aim(&p);
		aimed = p.sum.aimed;
		assert_int_equal(p.sum.in_time, 0);
		tell(&p, HS_PAGES_GO, 1000000);
		until_ns = hs_clock_ns() + SOON_NS;
		while (!p.sum.in_time && hear(&p, until_ns))
			;
		assert_true(p.sum.in_time <= aimed);
		if (p.mismatch || !p.sum.checked || !p.sum.freed ||
		    ((k->blind || !geteuid()) && !p.sum.in_time))
			fail_msg("%s: %llu checked, %llu freed, %llu aimed at, %llu in time%s",
				 hs_pages_names[kind], (unsigned long long)p.sum.checked,
				 (unsigned long long)p.sum.freed, (unsigned long long)p.sum.aimed,
				 (unsigned long long)p.sum.in_time,
				 p.mismatch ? ", a mismatch" : "");
		end(&p);
	}
}

static void test_corrupt(void **state)
{
	for (int kind = 0; kind < HS_NR_PAGES_FREERS; kind++) {
		struct peer p;
		uint64_t until_ns;

		if (!can((enum hs_pages_id)kind))
			continue;
		start(&p, (enum hs_pages_id)kind, true);
		until_ns = hs_clock_ns() + SOON_NS;
		while (!p.mismatch && hear(&p, until_ns))
			;
		if (!p.mismatch)
			fail_msg("%s: a flipped byte was not reported", hs_pages_names[kind]);
		end(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders), cmocka_unit_test(test_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
