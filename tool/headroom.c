// SPDX-License-Identifier: GPL-2.0-only
/* Memory that must stay while blocks are away. */
#include "headroom.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define LEAST_BYTES	(UINT64_C(64) << 20)
#define MIB(bytes)	((double)(bytes) / (1 << 20))

/* Room below this is none: zones cross their marks by a few pages all the time. A
 * block goes only with more to spare, or it would be interrupted the next moment. */
#define EDGE_BYTES	(UINT64_C(4) << 20)
#define SPARE_BYTES	(2 * EDGE_BYTES)

/* With several nodes /proc/zoneinfo has to be read; not for each block. */
#define TRUST_NS	UINT64_C(100000000)
#define TRUST_BLOCKS	4

uint64_t hs_headroom_bytes(uint64_t total_bytes)
{
	uint64_t share = total_bytes / 20;

	return share > LEAST_BYTES ? share : LEAST_BYTES;
}

/* ---- Zones ------------------------------------------------------------------- */

static uint64_t zone_keep(const struct hs_zone *z)
{
	uint64_t share = z->managed_pages / 20, mark = z->high_pages + z->reserve_pages;

	return share > mark ? share : mark;
}

static uint64_t zone_room(const struct hs_zone *z)
{
	uint64_t available = z->free_pages + z->file_pages / 2, keep = zone_keep(z);

	return available > keep ? available - keep : 0;
}

/* Is there memory on a node other than @node? */
static bool has_others(const struct hs_zone_list *l, int node)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->zone[i].managed_pages && l->zone[i].node != node)
			return true;
	return false;
}

uint64_t hs_headroom_room_pages(const struct hs_zone_list *l, int node)
{
	bool others = has_others(l, node);
	uint64_t pages = 0;

	for (size_t i = 0; i < l->nr; i++)
		if ((l->zone[i].node != node) == others)
			pages += zone_room(&l->zone[i]);
	return pages;
}

/*
 * Pages that need a place when a block of that zone goes. With one node the
 * block's own free pages are counted in its zone's room, and go too: all of it.
 */
static uint64_t need_pages(const struct hs_headroom *h, const struct hs_zone_list *l, int node,
			   const char *zone)
{
	uint64_t block = h->block_bytes / h->page_bytes;
	const struct hs_zone *z = hs_zone_list_get(l, node, zone);

	if (!has_others(l, node) || !z || z->managed_pages < z->free_pages)
		return block;
	return z->managed_pages - z->free_pages < block ? z->managed_pages - z->free_pages : block;
}

/* ---- The machine --------------------------------------------------------------- */

void hs_headroom_init(struct hs_headroom *h, const char *sysroot, uint64_t block_bytes)
{
	struct hs_zone_list l;

	*h = (struct hs_headroom){
		.sysroot = sysroot ? sysroot : "", .block_bytes = block_bytes,
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE), .trusted_node = -1,
	};
	if (hs_zone_list_init(&l, sysroot) < 0)
		return;
	h->one_node = !has_others(&l, l.zone[0].node);
	for (size_t i = 0; i < l.nr; i++)
		h->keep_bytes += zone_keep(&l.zone[i]) * h->page_bytes;
	hs_zone_list_deinit(&l);
}

/* One call, which mostly suffices; what could be reclaimed besides, and where it
 * is, takes reading files. */
static bool is_plenty(const struct hs_headroom *h, uint64_t bytes)
{
	struct sysinfo si;

	if (*h->sysroot || sysinfo(&si) < 0)
		return false;
	return (uint64_t)si.freeram * si.mem_unit >= bytes + h->keep_bytes +
		hs_headroom_bytes((uint64_t)si.totalram * si.mem_unit);
}

/* What is available, and what of it must stay; false when that cannot be told. */
static bool machine_look(const struct hs_headroom *h, uint64_t *available, uint64_t *keep)
{
	uint64_t total;

	if (hs_zone_meminfo_bytes(h->sysroot, "MemAvailable:", available) < 0 ||
	    hs_zone_meminfo_bytes(h->sysroot, "MemTotal:", &total) < 0)
		return false;
	*keep = hs_headroom_bytes(total);
	return true;
}

static bool machine_allows(const struct hs_headroom *h, uint64_t bytes, char *why,
			   size_t why_bytes)
{
	uint64_t available, keep;

	if (!machine_look(h, &available, &keep) || available >= bytes + keep)
		return true;
	snprintf(why, why_bytes, "%.0f MiB of memory are available and %.0f must stay",
		 MIB(available), MIB(keep));
	return false;
}

bool hs_headroom_allows(struct hs_headroom *h, int node, const char *zone, uint64_t now_ns,
			char *why, size_t why_bytes)
{
	uint64_t need, room;
	struct hs_zone_list l;
	bool plenty = is_plenty(h, h->block_bytes);

	if (plenty && (h->one_node || (node == h->trusted_node && now_ns < h->trusted_until_ns)))
		return true;
	if (!machine_allows(h, h->block_bytes, why, why_bytes))
		return false;
	if (hs_zone_list_init(&l, h->sysroot) < 0)
		return true;
	need = need_pages(h, &l, node, zone);
	room = hs_headroom_room_pages(&l, node);
	hs_zone_list_deinit(&l);
	if (room / TRUST_BLOCKS >= need + SPARE_BYTES / h->page_bytes) {
		h->trusted_node = node;
		h->trusted_until_ns = now_ns + TRUST_NS;
	}
	if (room >= need + SPARE_BYTES / h->page_bytes)
		return true;
	snprintf(why, why_bytes, "its pages need %.0f MiB elsewhere and %.0f to spare, %.0f are free there",
		 MIB(need * h->page_bytes), MIB(SPARE_BYTES), MIB(room * h->page_bytes));
	return false;
}

bool hs_headroom_holds(struct hs_headroom *h, int node, char *why, size_t why_bytes)
{
	struct hs_zone_list l;
	uint64_t room;

	if (h->one_node && is_plenty(h, 0))
		return true;
	if (!machine_allows(h, 0, why, why_bytes))
		return false;
	if (hs_zone_list_init(&l, h->sysroot) < 0)
		return true;
	room = hs_headroom_room_pages(&l, node);
	hs_zone_list_deinit(&l);
	if (room >= EDGE_BYTES / h->page_bytes)
		return true;
	snprintf(why, why_bytes, "there is no place left where its pages could go");
	return false;
}

uint64_t hs_headroom_spare(const struct hs_headroom *h)
{
	uint64_t available, keep;

	if (!machine_look(h, &available, &keep))
		return 0;
	keep += h->block_bytes;
	return available > keep ? available - keep : 0;
}
