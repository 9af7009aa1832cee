// SPDX-License-Identifier: GPL-2.0-only
/* Pages that move_pages(2) takes to another node, and back with the next turn. */
#include "pages.h"

#include <errno.h>
#include <limits.h>
#include <numa.h>
#include <numaif.h>
#include <string.h>
#include <sys/mman.h>

#include "sysfile.h"

#define HAS_MEMORY	"/sys/devices/system/node/has_memory"
#define AT_ONCE		256	/* pages of a call */

/* A list of nodes: one with more than one has a comma or a dash in it. */
static int migrate_ask(const char *root, const char *dir)
{
	char path[PATH_MAX], text[256];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", HAS_MEMORY);

	(void)dir;
	if (!r)
		r = hs_sysfile_read(path, text, sizeof(text));
	return r < 0 ? r : strpbrk(text, ",-") ? 0 : -ENODEV;
}

static const char *migrate_words(int answer)
{
	switch (answer) {
	case 0:
		return "several nodes have memory";
	case -ENODEV:
		return "only one node has memory";
	case -ENOENT:
		return "the kernel was built without NUMA";
	default:
		return strerror(-answer);
	}
}

/* The next node that has memory after the one where a page is; @node itself if there is none. */
static int node_after(int node)
{
	int most = numa_max_node();

	for (int i = 1; i <= most + 1; i++) {
		int next = (node + i) % (most + 1);

		if (numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)next))
			return next;
	}
	return node;
}

static void migrate_give(struct hs_pages *w, struct hs_region *r, char *at, size_t bytes)
{
	size_t page = hs_pages_page(w);
	void *pages[AT_ONCE];
	int nodes[AT_ONCE], status[AT_ONCE];

	(void)r;
	for (size_t from = 0; from < bytes; from += AT_ONCE * page) {
		size_t nr = (bytes - from) / page;

		if (nr > AT_ONCE)
			nr = AT_ONCE;
		for (size_t i = 0; i < nr; i++)
			pages[i] = at + from + i * page;
		/* Without nodes it only tells where they are. */
		if (numa_move_pages(0, nr, pages, NULL, status, 0) < 0)
			return;
		for (size_t i = 0; i < nr; i++)
			nodes[i] = node_after(status[i] < 0 ? 0 : status[i]);
		numa_move_pages(0, nr, pages, nodes, status, MPOL_MF_MOVE);
	}
}

const struct hs_pages_kind hs_pages_migrate = {
	.ask = migrate_ask,
	.ask_words = migrate_words,
	.take = hs_pages_take_anon,
	.give = migrate_give,
	.keeps = true,
};
