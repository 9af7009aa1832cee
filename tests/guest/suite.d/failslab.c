// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations that fail, one after the other: at load and in each call of /dev/hotsoak.
 *
 *	failslab can		status 0 when this kernel can; what is missing otherwise
 *	failslab count		how many tests "test" prints
 *	failslab test BLOCK KO [STEP...]
 *				ok, not ok lines; BLOCK is an online memory block of
 *				ZONE_MOVABLE, KO the module, which must not be loaded
 *				and is not afterwards; all steps, or these, as "ARM", or
 *				"ARM:200" from the 200th allocation on
 *
 * The kernel fails the n-th allocation of a task that asks for it by its fail-nth
 * (Documentation/fault-injection): each call is made with n = 1, 2, 3 and so on, until
 * one comes to its end before its turn. A call either fails with ENOMEM and has changed
 * nothing, or has done without and is whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uapi/hotsoak.h"

#define MEMORY		"/sys/devices/system/memory"
#define FAIL_NTH	"/proc/thread-self/fail-nth"
/* More allocations than any call makes: an end that never comes is a failure, too. */
#define NTH_MAX		5000

/* Each switch, and what it says when all allocations may fail and none is printed. */
static const struct knob {
	const char *path, *value;
} knobs[] = {
	{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/failslab/verbose", "0" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
	{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
};

static int device = -1, nth_file = -1, module_file = -1;
static uint64_t start_pfn;
static char state_file[64];		/* of the block */
static char *user_page;
static struct hotsoak_snapshot books;	/* as they were */
static bool failed;			/* a test */

static int write_text(const char *path, const char *text)
{
	int f = open(path, O_WRONLY | O_CLOEXEC);
	int err = f < 0 || write(f, text, strlen(text)) < 0 ? errno : 0;

	if (f >= 0)
		close(f);
	return err;
}

/* ---- the n-th allocation ------------------------------------------------------ */

static void nth_set(unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_file, text, (size_t)length, 0) != length) {
		fprintf(stderr, "failslab: %s: %s\n", FAIL_NTH, strerror(errno));
		exit(2);
	}
}

/* Calls it off; true when its turn had come. */
static bool nth_was_met(void)
{
	char text[16] = "";
	bool met = pread(nth_file, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	nth_set(0);
	return met;
}

/* ---- what the module is asked for ---------------------------------------------- */

static int call(unsigned long cmd, void *arg)
{
	return ioctl(device, cmd, arg) < 0 ? errno : 0;
}

static void unload(void)
{
	if (device >= 0)
		close(device);
	device = -1;
	if (syscall(SYS_delete_module, "hotsoak", 0) && errno != ENOENT)
		printf("# unload: %s\n", strerror(errno));
}

static int load(void)
{
	return syscall(SYS_finit_module, module_file, "", 0) ? errno : 0;
}

static int device_open(void)
{
	device = open(HOTSOAK_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return device < 0 ? errno : 0;
}

static bool info(struct hotsoak_info *i)
{
	memset(i, 0, sizeof(*i));
	i->size = sizeof(*i);
	return !call(HOTSOAK_IOC_INFO, i);
}

static int arm(void)
{
	struct hotsoak_arm a = {
		.size = sizeof(a), .seed = 1, .widen_one_in = 1,
		.invariants = (1ULL << HOTSOAK_NR_INVARIANTS) - 1,
		.control = HOTSOAK_CONTROL_LIFT,	/* looks for functions of its own */
	};

	return call(HOTSOAK_IOC_ARM, &a);
}

static int disarm(void)
{
	return call(HOTSOAK_IOC_DISARM, NULL);
}

static int fill(void)
{
	struct hotsoak_info i;
	struct hotsoak_fill f = { .size = sizeof(f), .start_pfn = start_pfn, .max_order = 3 };

	if (!info(&i))
		return errno;
	/* Few, so that no array is so long that it would be tried with vmalloc() as well. */
	f.nr_pages = 8 * i.pageblock_pages;
	f.pages_per_block = 8;
	return call(HOTSOAK_IOC_BURST_FILL, &f);
}

static int drop(void)
{
	return call(HOTSOAK_IOC_BURST_DROP, NULL);
}

static int acr(uint32_t flags, uint32_t pages)
{
	struct hotsoak_info i;
	struct hotsoak_acr a = {
		.size = sizeof(a), .flags = flags, .start_pfn = start_pfn, .trials = 1,
		.pages = pages,
	};

	if (!info(&i))
		return errno;
	a.nr_pages = 2 * i.pageblock_pages;
	return call(HOTSOAK_IOC_CONTIG_RACE, &a);
}

static int contig_race(void)
{
	return acr(0, 4);
}

static int contig_pair(void)
{
	return acr(HOTSOAK_ACR_PARALLEL, 0);
}

static int hold(void)
{
	struct hotsoak_hold h = {
		.size = sizeof(h), .flags = HOTSOAK_HOLD_REF, .addr = (uintptr_t)user_page,
	};

	return call(HOTSOAK_IOC_HOLD, &h);
}

static int release(void)
{
	return call(HOTSOAK_IOC_RELEASE, NULL);
}

/* Of a page that needs none, which DEBUG_VM does not let it tell. */
static int heal(void)
{
	struct hotsoak_heal h = { .size = sizeof(h), .pfn = start_pfn };
	int err = call(HOTSOAK_IOC_HEAL, &h);

	return err == ENOENT || err == ENODATA ? 0 : err;
}

static int read_info(void)
{
	struct hotsoak_info i;

	return info(&i) ? 0 : errno;
}

static int stats(void)
{
	struct hotsoak_stats s = { .size = sizeof(s) };

	return call(HOTSOAK_IOC_STATS, &s);
}

static int snapshot(struct hotsoak_snapshot *s)
{
	*s = (struct hotsoak_snapshot) { .size = sizeof(*s), .pfn = start_pfn };
	return call(HOTSOAK_IOC_SNAPSHOT, s);
}

static int read_snapshot(void)
{
	struct hotsoak_snapshot s;

	return snapshot(&s);
}

/* Nothing is there to be read, and that is what it says. */
static int read_event(void)
{
	struct hotsoak_event e;

	return read(device, &e, sizeof(e)) < 0 && errno != EAGAIN ? errno : 0;
}

static int poll_event(void)
{
	struct pollfd p = { .fd = device, .events = POLLIN };

	return poll(&p, 1, 0) < 0 ? errno : 0;
}

static int device_close(void)
{
	int err = close(device) ? errno : 0;

	device = -1;
	return err;
}

/* ---- what must be so before a call, and after it --------------------------------- */

static bool is_loaded(void)
{
	return !access("/sys/module/hotsoak", F_OK);
}

/* Each of these is true when it is so, and says what is not. */
static bool says(bool so, const char *what)
{
	if (!so)
		printf("# %s\n", what);
	return so;
}

static bool loaded_whole(void)
{
	struct hotsoak_info i;

	return says(!device_open(), "the device cannot be opened") &&
	       says(info(&i) && i.flags & HOTSOAK_INFO_GUEST, "the mark of a guest was not read");
}

static bool not_loaded(void)
{
	return says(!is_loaded(), "the module is there all the same");
}

static bool armed_whole(void)
{
	struct hotsoak_info i;

	if (!says(info(&i) && i.flags & HOTSOAK_INFO_ARMED, "not armed"))
		return false;
	for (unsigned int h = 0; h < i.nr_hooks; h++)
		if (!says(!i.hooks[h].error, i.hooks[h].name))
			return false;
	return true;
}

static bool not_armed(void)
{
	struct hotsoak_info i;

	return says(info(&i) && !(i.flags & HOTSOAK_INFO_ARMED), "armed all the same");
}

static uint64_t held(void)
{
	struct hotsoak_stats s = { .size = sizeof(s) };

	return call(HOTSOAK_IOC_STATS, &s) ? UINT64_MAX : s.burst_held;
}

static bool holds_some(void) { return says(held() != 0, "no page is held"); }
static bool holds_none(void) { return says(held() == 0, "pages are held"); }
static bool is_open(void) { return says(device >= 0, "not open"); }
static bool is_closed(void) { return says(device < 0, "open all the same"); }
static bool held_page(void) { return says(hold() == EBUSY, "no page of ours is held"); }
static bool no_page(void) { return says(hold() == 0, "a page of ours is held"); }

/* Back to a module that has no hook in place: those of an arming stay for a while. */
static void fresh(void)
{
	unload();
	if (load() || device_open())
		printf("# the module does not come back: %s\n", strerror(errno));
}

static void fresh_armed(void)
{
	fresh();
	if (arm())
		printf("# cannot be armed: %s\n", strerror(errno));
}

static void make_open(void)
{
	if (device < 0 && (!is_loaded() || device_open()))
		fresh();
}

static void make_closed(void)
{
	make_open();
	device_close();
}

static void make_armed(void)
{
	struct hotsoak_info i;

	make_open();
	if (!info(&i) || !(i.flags & HOTSOAK_INFO_ARMED))
		fresh_armed();
	release();
	drop();
}

/* Armed anew, with no room left from an earlier fill; hooks stay where they are. */
static void make_armed_anew(void)
{
	make_armed();
	if (disarm() || arm())
		printf("# cannot be armed again: %s\n", strerror(errno));
}

/* Without a hook in place, since an arming would take over those that are. */
static void make_unhooked(void)
{
	struct hotsoak_info i;

	make_open();
	if (!info(&i) || !i.hooks[0].error || i.flags & HOTSOAK_INFO_ARMED)
		fresh();
}

static void make_filled(void)
{
	make_armed();
	fill();
}

static void make_held(void)
{
	make_armed();
	hold();
}

/* The kernel itself heals what is online. */
static void make_offline(void)
{
	int err;

	make_open();
	err = write_text(state_file, "offline");
	if (err)
		printf("# the block does not go offline: %s\n", strerror(err));
}

static bool comes_back(void)
{
	return says(!write_text(state_file, "online_movable"), "the block does not come back");
}

static bool always(void)
{
	return true;
}

/* What each call needs, and what is so when it has succeeded or failed. */
static const struct step {
	const char *name;
	bool allocates;		/* so that one can fail; or never does */
	void (*before)(void);
	int (*call)(void);
	bool (*done)(void), (*undone)(void);
} steps[] = {
	{ "load", true, unload, load, loaded_whole, not_loaded },
	{ "open", true, make_closed, device_open, is_open, is_closed },
	{ "ARM", true, make_unhooked, arm, armed_whole, not_armed },
	{ "BURST_FILL", true, make_armed_anew, fill, holds_some, holds_none },
	{ "BURST_DROP", false, make_filled, drop, holds_none, holds_some },
	/* What it cannot allocate on the way is a pageblock that it passes over. */
	{ "CONTIG_RACE", true, make_armed_anew, contig_race, holds_none, holds_none },
	{ "CONTIG_RACE parallel", true, make_armed_anew, contig_pair, holds_none, holds_none },
	{ "HOLD", false, make_armed, hold, held_page, no_page },
	{ "RELEASE", false, make_held, release, no_page, held_page },
	{ "HEAL", false, make_offline, heal, comes_back, comes_back },
	{ "INFO", false, make_armed, read_info, always, always },
	{ "STATS", false, make_armed, stats, always, always },
	{ "SNAPSHOT", false, make_armed, read_snapshot, always, always },
	{ "read", false, make_armed, read_event, always, always },
	{ "poll", false, make_armed, poll_event, always, always },
	{ "DISARM", false, make_filled, disarm, not_armed, armed_whole },
	{ "close", false, make_armed, device_close, always, always },
};

/* Tests of a step, and of all together. */
#define STEP_TESTS	2
#define LAST_TESTS	1

__attribute__((format(printf, 2, 3)))
static void check(bool so, const char *fmt, ...)
{
	va_list ap;

	failed |= !so;
	printf("%s ", so ? "ok" : "not ok");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	/* What a crash of the kernel would swallow is what one wants to read. */
	fflush(stdout);
}

static void test_step(const struct step *s, unsigned int first)
{
	unsigned int n, refused = 0, without = 0;
	bool met = true, well = true;

	for (n = first; met && well && n <= NTH_MAX; n++) {
		int err;

		s->before();
		nth_set(n);
		err = s->call();
		met = nth_was_met();
		if (!err)
			well = s->done();
		else
			well = says(met && err == ENOMEM, strerror(err)) && s->undone();
		/* Each of them takes its time: what was reached, should this be cut short. */
		if (n % 50 == 0) {
			printf("# %s: allocation %u\n", s->name, n);
			fflush(stdout);
		}
		refused += met && err;
		without += met && !err;
		if (!well)
			printf("# allocation %u of %s%s\n", n, s->name,
			       met ? "" : ", which was none that failed");
	}
	printf("# %s: %u allocations failed, %u times the call with them\n", s->name,
	       refused + without, refused);
	check(well && !met, "%s: fails with ENOMEM and undone, or is whole", s->name);
	check(s->allocates ? refused > 0 : !refused, "%s: %s", s->name,
	      s->allocates ? "fails for some of them" : "never fails");
}

/* What is not restored: pageblocks still isolated, pages lost, limits of pcplists. */
static void test_books(void)
{
	struct hotsoak_snapshot s;

	fresh();
	snapshot(&s);
	printf("# nr_isolate_pageblock %llu, was %llu; managed %llu, was %llu\n",
	       (unsigned long long)s.nr_isolate_pageblock,
	       (unsigned long long)books.nr_isolate_pageblock,
	       (unsigned long long)s.managed_pages, (unsigned long long)books.managed_pages);
	check(s.nr_isolate_pageblock == books.nr_isolate_pageblock &&
	      s.managed_pages == books.managed_pages && s.present_pages == books.present_pages &&
	      s.buddy_isolate_pages == books.buddy_isolate_pages,
	      "the books of the zone are as they were");
}

/* ---- the commands ------------------------------------------------------------------- */

static int can(void)
{
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++)
		if (access(knobs[i].path, W_OK)) {
			printf("no %s: not built with fault injection\n", knobs[i].path);
			return 1;
		}
	if (access(FAIL_NTH, W_OK)) {
		printf("no %s\n", FAIL_NTH);
		return 1;
	}
	return 0;
}

static uint64_t block_bytes(void)
{
	char text[32] = "";
	int f = open(MEMORY "/block_size_bytes", O_RDONLY | O_CLOEXEC);

	if (f < 0 || read(f, text, sizeof(text) - 1) <= 0)
		return 0;
	close(f);
	return strtoull(text, NULL, 16);
}

/* From which allocation on a step is tested; 0: not at all. */
static unsigned int chosen(const struct step *s, char **names)
{
	size_t length = strlen(s->name);

	for (char **name = names; *name; name++) {
		if (strncmp(*name, s->name, length))
			continue;
		if (!(*name)[length])
			return 1;
		if ((*name)[length] == ':')
			return (unsigned int)atoi(*name + length + 1);
	}
	return !*names;
}

static int test(const char *block, const char *module, char **names)
{
	long page_bytes = sysconf(_SC_PAGESIZE);
	int err;

	start_pfn = strtoull(block, NULL, 10) * (block_bytes() / (uint64_t)page_bytes);
	snprintf(state_file, sizeof(state_file), MEMORY "/memory%s/state", block);
	user_page = mmap(NULL, (size_t)page_bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		err = write_text(knobs[i].path, knobs[i].value);
		if (err) {
			fprintf(stderr, "failslab: %s: %s\n", knobs[i].path, strerror(err));
			return 2;
		}
	}
	nth_file = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	module_file = open(module, O_RDONLY | O_CLOEXEC);
	if (!start_pfn || user_page == MAP_FAILED || nth_file < 0 || module_file < 0) {
		fprintf(stderr, "failslab: %s, block %s: %s\n", module, block, strerror(errno));
		return 2;
	}
	fresh();
	snapshot(&books);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (chosen(&steps[i], names))
			test_step(&steps[i], chosen(&steps[i], names));
	test_books();
	unload();
	return failed;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "can"))
		return can();
	if (argc == 2 && !strcmp(argv[1], "count")) {
		printf("%zu\n", STEP_TESTS * sizeof(steps) / sizeof(steps[0]) + LAST_TESTS);
		return 0;
	}
	if (argc >= 4 && !strcmp(argv[1], "test"))
		return test(argv[2], argv[3], argv + 4);
	fprintf(stderr, "usage: failslab can | count | test BLOCK KO [STEP...]\n");
	return 2;
}
