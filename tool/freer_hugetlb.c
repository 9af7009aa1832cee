// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freer hugetlb: processes take 2 MiB pages of the hugetlb pool, use them and give them
 * back, and one resizes the pool, so that offlines meet pages that are free, reserved,
 * surplus, in use or on their way between. When all of them are gone the books must agree.
 */
#include "freer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "hugetlb.h"
#include "pagemap.h"
#include "sysfile.h"
#include "workers.h"
#include "zone.h"

#define SETTLE_TRIES	200	/* 10 ms each: a page may be freed by a work item */
#define LEAST_PAGES	4	/* of a worker: one for each of its regions */

struct hugetlb {
	const struct hs_freer_env *env;
	struct hs_workers *workers;
	int kpageflags;
	bool complained;
};

static bool hugetlb_is_wanted(const struct hs_scenario *s)
{
	return s->hugetlb;
}

static int hugetlb_ask(const struct hs_scenario *s, const char *root)
{
	(void)s;
	return hs_hugetlb_ask(root);
}

static uint64_t hugetlb_bytes(const struct hs_scenario *s)
{
	return s->hugetlb_pages * HS_HUGETLB_PAGE_BYTES;
}

/* The node that all blocks are of and that has a pool, -1: they are of several. */
static int node_of(const struct hs_freer_env *env)
{
	char size[HS_KNOB_PATH_BYTES], path[PATH_MAX];

	for (size_t i = 1; i < env->nr_nodes; i++)
		if (env->nodes[i] != env->nodes[0])
			return -1;
	if (!env->nr_nodes || hs_hugetlb_size_path(size, sizeof(size), env->nodes[0]) < 0 ||
	    hs_sysfile_path(path, sizeof(path), env->sysroot, "%s", size) < 0 ||
	    access(path, F_OK) < 0)
		return -1;
	return env->nodes[0];
}

/*
 * A page that an offline moves to another node is one of that node's pool from then on: what
 * is put back is the size of the pool of the machine, after that of the node.
 */
static int hugetlb_knob(const struct hs_freer_env *env, unsigned int i, struct hs_freer_knob *k)
{
	int node = node_of(env);

	if (i > (node >= 0))
		return -ENOENT;
	k->moves = true;
	snprintf(k->value, sizeof(k->value), "%" PRIu32,
		 i || node < 0 ? env->scenario->hugetlb_pages : 0);
	return hs_hugetlb_size_path(k->path, sizeof(k->path), i ? node : -1);
}

/* The last of them resizes. */
static int hugetlb_command(const struct hs_freer_env *env, enum hs_pages_id kind,
			   unsigned int number, unsigned int life, uint64_t seed,
			   char word[][HS_WORKER_WORD_BYTES])
{
	const struct hs_scenario *s = env->scenario;
	/* An offline is refused when no free page is left that nobody has reserved. */
	uint64_t pages = (uint64_t)s->hugetlb_pages * 2 / 3 / s->hugetlb_workers;
	char path[HS_KNOB_PATH_BYTES], all[HS_KNOB_PATH_BYTES];
	int r;

	if (number < s->hugetlb_workers) {
		if (pages < LEAST_PAGES)
			pages = LEAST_PAGES;
		return hs_workers_pages(env, kind, number, life, seed,
					pages * HS_HUGETLB_PAGE_BYTES, "", word);
	}
	r = hs_hugetlb_size_path(path, sizeof(path), node_of(env));
	if (!r)
		r = hs_hugetlb_size_path(all, sizeof(all), -1);
	if (!r)
		r = hs_sysfile_path(word[3], HS_WORKER_WORD_BYTES, env->sysroot, "%s", path);
	if (!r)
		r = hs_sysfile_path(word[4], HS_WORKER_WORD_BYTES, env->sysroot, "%s", all);
	if (r < 0)
		return r;
	snprintf(word[0], HS_WORKER_WORD_BYTES, "hotsoak");
	snprintf(word[1], HS_WORKER_WORD_BYTES, "resize");
	snprintf(word[2], HS_WORKER_WORD_BYTES, "%d", HS_CHILD_FD);
	snprintf(word[5], HS_WORKER_WORD_BYTES, "%s",
		 env->sysroot && *env->sysroot ? env->sysroot : "/");
	snprintf(word[6], HS_WORKER_WORD_BYTES, "%" PRIu64, seed);
	snprintf(word[7], HS_WORKER_WORD_BYTES, "%" PRIu32, s->hugetlb_pages);
	snprintf(word[8], HS_WORKER_WORD_BYTES, "%" PRIu64, env->block_bytes);
	return 0;
}

static int hugetlb_start(const struct hs_freer_env *env, void **state)
{
	struct hugetlb *h = calloc(1, sizeof(*h));
	char path[PATH_MAX];
	int r;

	if (!h)
		return -ENOMEM;
	h->env = env;
	h->kpageflags = -1;
	if (!hs_sysfile_path(path, sizeof(path), env->sysroot, "%s", HS_KPAGEFLAGS_FILE))
		h->kpageflags = open(path, O_RDONLY | O_CLOEXEC);
	r = hs_workers_start(env, HS_PAGES_HUGETLB, env->scenario->hugetlb_workers + 1,
			     hugetlb_command, &h->workers);
	if (r < 0) {
		if (h->kpageflags >= 0)
			close(h->kpageflags);
		free(h);
		return r;
	}
	*state = h;
	return 0;
}

static int hugetlb_aim(void *state, uint64_t start_pfn, uint64_t nr_pages)
{
	struct hugetlb *h = state;
	struct hs_tally *t = h->env->tally;
	int r = hs_hugetlb_count(h->kpageflags, start_pfn, nr_pages, &t->hugetlb_free_met,
				 &t->hugetlb_used_met);

	hs_freer_complain(h->env, &h->complained, HS_KPAGEFLAGS_FILE " at", start_pfn, r);
	return r;
}

/* Of a pool that nobody uses any more. */
static void audit(const struct hugetlb *h)
{
	struct hs_tally *t = h->env->tally;
	struct hs_hugetlb_books b;
	uint64_t memory;

	if (hs_zone_memtotal_bytes(h->env->sysroot, &memory) < 0)
		return;
	for (int i = 0; i < SETTLE_TRIES; i++) {
		if (hs_hugetlb_books_read(h->env->sysroot, &b) < 0)
			return;
		t->hugetlb_audits = 1;
		if (hs_hugetlb_books_agree(&b, memory, t->hugetlb_wrong,
					   sizeof(t->hugetlb_wrong))) {
			t->hugetlb_wrong[0] = '\0';
			return;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
}

static void hugetlb_stop(void *state)
{
	struct hugetlb *h = state;

	if (hs_workers_stop(h->workers))
		audit(h);
	if (h->kpageflags >= 0)
		close(h->kpageflags);
	free(h);
}

const struct hs_freer_desc hs_freer_hugetlb = {
	.name = "hugetlb",
	.summary = "processes take and give back pages of the hugetlb pool, which is resized meanwhile",
	.is_wanted = hugetlb_is_wanted,
	.needs = "huge pages", .ask = hugetlb_ask, .ask_words = hs_hugetlb_words,
	.bytes = hugetlb_bytes,
	.knob = hugetlb_knob,
	.start = hugetlb_start,
	.aim = hugetlb_aim,
	.stop = hugetlb_stop,
};
