// SPDX-License-Identifier: GPL-2.0-only
/* The freers whose workers have pages of one kind, and their aim at a block that goes. */
#include "freer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "memcg.h"
#include "pages.h"
#include "workers.h"

static int pages_command(const struct hs_freer_env *env, enum hs_pages_id kind,
			 unsigned int number, unsigned int life, uint64_t seed,
			 char word[][HS_WORKER_WORD_BYTES])
{
	const struct hs_pages_want *want = &env->scenario->pages[kind];

	return hs_workers_pages(env, kind, number, life, seed, want->bytes, want->directory, word);
}

/* A worker has five eighths of it on the average, and takes more in between; and what a process
 * cannot do without. */
#define LIMIT_OF(bytes)	((bytes) / 3 + (UINT64_C(4) << 20))

/* Whoever has the journal removes the cgroup, when they are gone. */
static int pages_start(const struct hs_freer_env *env, enum hs_pages_id kind, void **state)
{
	const struct hs_pages_want *want = &env->scenario->pages[kind];
	struct hs_workers *workers;
	int r = hs_pages_kinds[kind]->limited ?
		hs_memcg_make(env->sysroot, want->workers * LIMIT_OF(want->bytes)) : 0;

	if (!r)
		r = hs_workers_start(env, kind, want->workers, pages_command, &workers);
	*state = r < 0 ? NULL : workers;
	return r;
}

static int pages_knob(enum hs_pages_id id, unsigned int i, struct hs_freer_knob *k)
{
	const char *path, *value;
	int r = hs_pages_kinds[id]->knob(i, &path, &value);

	if (r < 0)
		return r;
	k->moves = false;
	snprintf(k->path, sizeof(k->path), "%s", path);
	snprintf(k->value, sizeof(k->value), "%s", value);
	return 0;
}

static int pages_aim(void *state, uint64_t start_pfn, uint64_t nr_pages)
{
	hs_workers_order(state, &(struct hs_pages_order) {
		.type = HS_PAGES_AIM, .start_pfn = start_pfn, .nr_pages = nr_pages,
	});
	return 0;
}

static void pages_ready(void *state, uint64_t until_ns)
{
	hs_workers_await(state, until_ns);
}

static void pages_go(void *state, const struct hs_freer_go *go)
{
	hs_workers_order(state, &(struct hs_pages_order) {
		.type = HS_PAGES_GO, .at_ns = go->due_ns,
		.spread_ns = go->spread_ns < UINT32_MAX ? (uint32_t)go->spread_ns : UINT32_MAX,
	});
}

static void pages_drop(void *state)
{
	hs_workers_order(state, &(struct hs_pages_order){ .type = HS_PAGES_DROP });
}

static void pages_stop(void *state)
{
	(void)hs_workers_stop(state);
}

#define ASK_OF_ANY(id, symbol)
#define ASK_OF_ASKED(id, symbol) \
static int symbol##_ask(const struct hs_scenario *s, const char *root) \
{ \
	return hs_pages_kinds[HS_PAGES_##id]->ask(root, s->pages[HS_PAGES_##id].directory); \
} \
static const char *symbol##_words(int answer) \
{ \
	return hs_pages_kinds[HS_PAGES_##id]->ask_words(answer); \
}
#define ASK_OF_SETS(id, symbol) ASK_OF_ASKED(id, symbol) \
static int symbol##_knob(const struct hs_freer_env *env, unsigned int i, struct hs_freer_knob *k) \
{ \
	(void)env; \
	return pages_knob(HS_PAGES_##id, i, k); \
}
#define ASKS_ANY(symbol)
#define ASKS_ASKED(symbol)	.ask = symbol##_ask, .ask_words = symbol##_words,
#define ASKS_SETS(symbol)	ASKS_ASKED(symbol) .knob = symbol##_knob,

#define FREER(id, symbol, freer_name, where, asked, what_it_needs, what_it_does) \
ASK_OF_##asked(id, symbol) \
static bool symbol##_is_wanted(const struct hs_scenario *s) \
{ \
	return s->pages[HS_PAGES_##id].on; \
} \
static int symbol##_start(const struct hs_freer_env *env, void **state) \
{ \
	return pages_start(env, HS_PAGES_##id, state); \
} \
const struct hs_freer_desc hs_freer_##symbol = { \
	.name = freer_name, \
	.summary = what_it_does, \
	.is_wanted = symbol##_is_wanted, \
	.needs = what_it_needs, \
	ASKS_##asked(symbol) \
	.start = symbol##_start, \
	.aim = pages_aim, \
	.ready = pages_ready, \
	.go = pages_go, \
	.drop = pages_drop, \
	.stop = pages_stop, \
};

HS_PAGES_FREERS(FREER)
