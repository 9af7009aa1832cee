// SPDX-License-Identifier: GPL-2.0-only
/* Who sets something of the kernel's again and again. */
#include "tuner.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "blockset.h"
#include "clock.h"
#include "parse.h"
#include "random.h"
#include "sysfile.h"

static bool is_there(const char *root, const char *file)
{
	char path[PATH_MAX];

	return !hs_sysfile_path(path, sizeof(path), root, "%s", file) && !access(path, W_OK);
}

/* ---- What is set -------------------------------------------------------------------- */

/* A list of CPUs, written like a set of memory blocks; none there is an empty one. */
static bool is_listed(const char *root, const char *file, unsigned int cpu)
{
	struct hs_blockset set = { 0 };
	char text[512], err[128];
	bool listed;

	if (hs_sysfile_read_below(root, file, text, sizeof(text)) < 0 ||
	    hs_blockset_parse(&set, text, err, sizeof(err)) < 0)
		return false;
	listed = hs_blockset_has(&set, cpu);
	hs_blockset_deinit(&set);
	return listed;
}

/* Of CPUs no more are taken. */
#define CPUS_MOST 4

/* Those of others, who pinned what they run there, are left alone. */
static bool is_isolated(const char *root, unsigned int cpu)
{
	return is_listed(root, "/sys/devices/system/cpu/isolated", cpu) ||
		is_listed(root, "/sys/devices/system/cpu/nohz_full", cpu);
}

static void cpus_plan(const struct hs_tuner *t, const char *root, struct hs_tuner_plan *p)
{
	char path[HS_KNOB_PATH_BYTES], text[HS_KNOB_VALUE_BYTES];
	unsigned int online[CPU_SETSIZE], nr = 0, all = 1;

	/* CPU 0 often has no such file. */
	for (unsigned int cpu = 1; cpu < CPU_SETSIZE; cpu++) {
		snprintf(path, sizeof(path), "%s%u%s", t->path, cpu, t->rest);
		if (!is_there(root, path) ||
		    hs_sysfile_read_below(root, path, text, sizeof(text)) < 0 ||
		    strcmp(text, "1"))
			continue;
		all++;
		if (!is_isolated(root, cpu))
			online[nr++] = cpu;
	}
	while (nr && p->nr < CPUS_MOST && p->nr < all / 2)
		snprintf(p->path[p->nr++], sizeof(p->path[0]), "%s%u%s", t->path, online[--nr],
			 t->rest);
}

static int blocks_plan(const struct hs_tuner *t, const char *root,
		       bool (*is_wanted)(const struct hs_memblk *b, void *ctx), void *ctx,
		       struct hs_tuner_plan *p)
{
	struct hs_memblk_list list;
	size_t nr = 0, at = 0;
	int r = hs_memblk_list_init(&list, root);

	if (r < 0)
		return r;
	/* To the front those that are wanted. */
	for (size_t i = 0; i < list.nr; i++)
		if (list.blk[i].state == HS_MEMBLK_ONLINE &&
		    hs_memblk_in_zone(&list.blk[i], "Movable") &&
		    (!is_wanted || is_wanted(&list.blk[i], ctx)))
			list.blk[nr++] = list.blk[i];
	p->nr = nr < HS_TUNER_FILES ? (unsigned int)nr : HS_TUNER_FILES;
	for (unsigned int i = 0; i < p->nr; i++, at = i * nr / p->nr)
		snprintf(p->path[i], sizeof(p->path[i]), "%s%lu%s", t->path, list.blk[at].index,
			 t->rest);
	hs_memblk_list_deinit(&list);
	return p->nr ? 0 : -ENODEV;
}

int hs_tuner_plan(const struct hs_tuner *t, const char *root,
		  bool (*is_wanted)(const struct hs_memblk *b, void *ctx), void *ctx,
		  struct hs_tuner_plan *p)
{
	const char *file = t->path;
	char text[HS_KNOB_VALUE_BYTES];

	memset(p, 0, sizeof(*p));
	if (t->work)
		return 0;
	if (t->of_blocks)
		return blocks_plan(t, root, is_wanted, ctx, p);
	if (t->rest) {
		cpus_plan(t, root, p);
	} else {
		if (!is_there(root, file) && t->old_path)
			file = t->old_path;
		if (is_there(root, file))
			snprintf(p->path[p->nr++], sizeof(p->path[0]), "%s", file);
	}
	if (!p->nr)
		return -ENOENT;
	if (hs_sysfile_read_below(root, p->path[0], text, sizeof(text)) < 0 ||
	    hs_parse_u64(text, 0, UINT64_MAX, &p->found) < 0)
		p->found = 0;
	return 0;
}

int hs_tuner_value(const struct hs_tuner *t, const struct hs_tuner_plan *p, unsigned int i,
		   char *text, size_t text_bytes)
{
	uint64_t times;

	for (unsigned int v = 0; v <= i; v++)
		if (!t->values[v])
			return -ENOENT;
	if (t->values[i][0] != '*')
		snprintf(text, text_bytes, "%s", t->values[i]);
	else if (hs_parse_u64(t->values[i] + 1, 1, UINT64_MAX, &times) < 0 || !p->found)
		return -EINVAL;
	else
		snprintf(text, text_bytes, "%" PRIu64, p->found * times);
	return 0;
}

/* ---- The child ------------------------------------------------------------------------- */

/* Another value than the last, if there is one. */
static struct hs_tuner_report tune(const char *path, const struct hs_tuner *t,
				   const struct hs_tuner_plan *p, unsigned int *at,
				   struct hs_random *random)
{
	struct hs_tuner_report report = { 0 };
	char value[HS_KNOB_VALUE_BYTES];
	unsigned int nr = 0;
	uint64_t since_ns;

	while (t->values[nr])
		nr++;
	*at += 1 + (nr > 2 ? (unsigned int)hs_random_below(random, nr - 1) : 0);
	*at %= nr;
	report.err = hs_tuner_value(t, p, *at, value, sizeof(value));
	since_ns = hs_clock_ns();
	if (!report.err)
		report.err = hs_sysfile_write(path, value);
	report.took_ns = hs_clock_ns() - since_ns;
	return report;
}

int hs_tuner_work(int fd, const struct hs_tuner *t, const struct hs_tuner_plan *p,
		  const char *root, uint64_t seed)
{
	static const int deaf_to[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	uint64_t nap_ms = (uint64_t)(t->nap_ms ? t->nap_ms : HS_TUNER_NAP_MS);
	static char path[HS_TUNER_FILES][PATH_MAX];
	unsigned int at[HS_TUNER_FILES] = { 0 };
	struct hs_random random;

	/* The supervisor says when to stop, not the terminal. */
	for (size_t i = 0; i < sizeof(deaf_to) / sizeof(deaf_to[0]); i++)
		signal(deaf_to[i], SIG_IGN);
	if (t->work)
		return t->work(fd, root, seed);
	hs_random_init(&random, seed);
	for (unsigned int i = 0; i < p->nr; i++) {
		int r = hs_sysfile_path(path[i], sizeof(path[i]), root, "%s", p->path[i]);

		if (r < 0)
			return r;
	}
	for (;;) {
		unsigned int i = (unsigned int)hs_random_below(&random, p->nr);
		struct pollfd gone = { .fd = fd };
		struct hs_tuner_report report;

		if (poll(&gone, 1, (int)hs_random_below(&random, nap_ms) + 1) > 0)
			return 0;
		report = tune(path[i], t, p, &at[i], &random);
		if (send(fd, &report, sizeof(report), MSG_NOSIGNAL) != sizeof(report))
			return 0;
	}
}
