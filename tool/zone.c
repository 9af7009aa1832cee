// SPDX-License-Identifier: GPL-2.0-only
/* Nodes and zones: what memory each has, under any root. */
#include "zone.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

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

static int read_line(struct hs_zone_list *l, char *line)
{
	char *words[MAX_WORDS];
	size_t nr = split(line, words);
	uint64_t *field = NULL;
	struct hs_zone *z;

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

bool hs_node_is_known(int node)
{
	if (numa_available() < 0)
		return !node;
	return node >= 0 && node <= numa_max_node() &&
	       numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned int)node);
}

static int read_meminfo(const char *sysroot, uint64_t *bytes)
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
		if (split(line, words) != 3 || strcmp(words[0], "MemTotal:"))
			continue;
		if (hs_parse_u64(words[1], 0, UINT64_MAX / 1024, &kib) < 0 ||
		    strcmp(words[2], "kB"))
			return -EBADMSG;
		*bytes = kib * 1024;
		return 0;
	}
	return -EBADMSG;
}

int hs_zone_memtotal_bytes(const char *sysroot, uint64_t *bytes)
{
	struct sysinfo info;

	if (sysroot && *sysroot)
		return read_meminfo(sysroot, bytes);
	if (sysinfo(&info) < 0)
		return -errno;
	*bytes = (uint64_t)info.totalram * info.mem_unit;
	return 0;
}
