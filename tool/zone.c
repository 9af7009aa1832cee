// SPDX-License-Identifier: GPL-2.0-only
/* Nodes and zones: what memory each has, under any root. */
#include "zone.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <numa.h>

#include "cleanup.h"
#include "parse.h"
#include "sysfile.h"

#define MAX_WORDS 4

static size_t split(char *line, char *words[MAX_WORDS])
{
	char *rest = NULL;
	size_t nr = 0;

	for (char *w = strtok_r(line, " \t\n", &rest); w && nr < MAX_WORDS;
	     w = strtok_r(NULL, " \t\n", &rest))
		words[nr++] = w;
	return nr;
}

/* "Node 0, zone  Movable" */
static int add_zone(struct hs_zone_list *l, char *words[MAX_WORDS])
{
	struct hs_zone z = { 0 }, *grown;
	char *comma = strchr(words[1], ',');
	uint64_t node;
	int n;

	if (!comma)
		return -EBADMSG;
	*comma = '\0';
	if (hs_parse_u64(words[1], 0, INT_MAX, &node) < 0)
		return -EBADMSG;
	z.node = (int)node;
	n = snprintf(z.name, sizeof(z.name), "%s", words[3]);
	if (n < 0 || (size_t)n >= sizeof(z.name))
		return -EBADMSG;
	grown = reallocarray(l->zone, l->nr + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	l->zone = grown;
	l->zone[l->nr++] = z;
	return 0;
}

/* "protection: (0, 1917, 1917, 3965)": by the zone that an allocation could have
 * come from; movable pages come from the highest. */
static int read_protection(struct hs_zone *z, char *line)
{
	char *rest = NULL;

	for (char *w = strtok_r(line, " ,():\n", &rest); w; w = strtok_r(NULL, " ,():\n", &rest)) {
		uint64_t pages;

		if (!strcmp(w, "protection"))
			continue;
		if (hs_parse_u64(w, 0, UINT64_MAX, &pages) < 0)
			return -EBADMSG;
		if (pages > z->reserve_pages)
			z->reserve_pages = pages;
	}
	return 0;
}

static int read_line(struct hs_zone_list *l, char *line)
{
	char *words[MAX_WORDS];
	uint64_t *field = NULL, pages;
	struct hs_zone *z;
	size_t nr;

	if (l->nr && !strncmp(line + strspn(line, " "), "protection:", 11))
		return read_protection(&l->zone[l->nr - 1], line);
	nr = split(line, words);
	if (nr == 4 && !strcmp(words[0], "Node") && !strcmp(words[2], "zone"))
		return add_zone(l, words);
	if (!l->nr)
		return 0;
	z = &l->zone[l->nr - 1];
	if (nr == 3 && !strcmp(words[0], "pages") && !strcmp(words[1], "free"))
		field = &z->free_pages;
	else if (nr == 2 && !strcmp(words[0], "present"))
		field = &z->present_pages;
	else if (nr == 2 && !strcmp(words[0], "managed"))
		field = &z->managed_pages;
	else if (nr == 2 && !strcmp(words[0], "high"))
		field = &z->high_pages;
	if (nr == 2 && (!strcmp(words[0], "nr_zone_active_file") ||
			!strcmp(words[0], "nr_zone_inactive_file"))) {
		if (hs_parse_u64(words[1], 0, UINT64_MAX >> 1, &pages) < 0)
			return -EBADMSG;
		z->file_pages += pages;
	}
	if (field && hs_parse_u64(words[nr - 1], 0, UINT64_MAX, field) < 0)
		return -EBADMSG;
	return 0;
}

int hs_zone_list_init(struct hs_zone_list *l, const char *sysroot)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	char path[512];
	size_t line_bytes = 0;
	int r;

	l->zone = NULL;
	l->nr = 0;
	r = hs_sysfile_path(path, sizeof(path), sysroot, "/proc/zoneinfo");
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!r && getline(&line, &line_bytes, f) >= 0)
		r = read_line(l, line);
	if (!r && ferror(f))
		r = -EIO;
	if (!r && !l->nr)
		r = -EBADMSG;
	if (r < 0)
		hs_zone_list_deinit(l);
	return r;
}

void hs_zone_list_deinit(struct hs_zone_list *l)
{
	free(l->zone);
	l->zone = NULL;
	l->nr = 0;
}

const struct hs_zone *hs_zone_list_get(const struct hs_zone_list *l, int node,
				       const char *name)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->zone[i].node == node && !strcmp(l->zone[i].name, name))
			return &l->zone[i];
	return NULL;
}

bool hs_zone_is_movable(const char *name)
{
	return !strcmp(name, "Movable");
}

uint64_t hs_zone_free_bytes(const char *sysroot, const char *name)
{
	struct hs_zone_list l;
	uint64_t pages = 0;

	if (hs_zone_list_init(&l, sysroot) < 0)
		return 0;
	for (size_t i = 0; i < l.nr; i++)
		if (!strcmp(l.zone[i].name, name))
			pages += l.zone[i].free_pages;
	hs_zone_list_deinit(&l);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool hs_node_is_known(int node)
{
	if (numa_available() < 0)
		return !node;
	return node >= 0 && node <= numa_max_node() &&
	       numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)node);
}

int hs_zone_meminfo_bytes(const char *sysroot, const char *field, uint64_t *bytes)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[512], line[256], *words[MAX_WORDS];
	uint64_t kib;
	int r;

	r = hs_sysfile_path(path, sizeof(path), sysroot, "/proc/meminfo");
	if (r < 0)
		return r;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (split(line, words) != 3 || strcmp(words[0], field))
			continue;
		if (hs_parse_u64(words[1], 0, UINT64_MAX / 1024, &kib) < 0 ||
		    strcmp(words[2], "kB"))
			return -EBADMSG;
		*bytes = kib * 1024;
		return 0;
	}
	return -ENODATA;
}

int hs_zone_memtotal_bytes(const char *sysroot, uint64_t *bytes)
{
	struct sysinfo info;
	int r;

	if (sysroot && *sysroot) {
		r = hs_zone_meminfo_bytes(sysroot, "MemTotal:", bytes);
		return r == -ENODATA ? -EBADMSG : r;
	}
	if (sysinfo(&info) < 0)
		return -errno;
	*bytes = (uint64_t)info.totalram * info.mem_unit;
	return 0;
}
