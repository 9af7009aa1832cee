// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak list: memory blocks as lsmem(1) shows them, and which may be taken. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libsmartcols.h>

#include "blockset.h"
#include "cleanup.h"
#include "command.h"
#include "memblk.h"
#include "nearest.h"
#include "parse.h"
#include "zone.h"

enum column {
	COL_BLOCK, COL_RANGE, COL_SIZE, COL_STATE, COL_NODE, COL_ZONES, COL_TAKE,
	NR_COLUMNS
};

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_PAIRS, FORMAT_RAW };

struct list {
	struct hs_memblk_list blocks;
	struct hs_blockset chosen;	/* nr == 0: all */
	const char *sysroot, *zone;
	int node;			/* -1: all */
	bool all, bytes, no_headings;
	enum format format;
	const struct hs_option *format_option;
	enum column columns[NR_COLUMNS];
	size_t nr_columns;
};

static const struct {
	const char *name;
	int flags;
} columns[NR_COLUMNS] = {
	[COL_BLOCK] = { "BLOCK", 0 },
	[COL_RANGE] = { "RANGE", 0 },
	[COL_SIZE] = { "SIZE", SCOLS_FL_RIGHT },
	[COL_STATE] = { "STATE", 0 },
	[COL_NODE] = { "NODE", SCOLS_FL_RIGHT },
	[COL_ZONES] = { "ZONES", 0 },
	[COL_TAKE] = { "TAKE", 0 },
};

static const struct hs_option options[] = {
	{ "all", 'a', NULL, "each block in a line of its own" },
	{ "blocks", 0, "SET", "only these, such as 32-47,50" },
	{ "bytes", 'b', NULL, "SIZE in bytes" },
	{ "json", 'J', NULL, "as JSON" },
	{ "node", 0, "N", "only blocks of this node" },
	{ "noheadings", 'n', NULL, "no headings and no totals" },
	{ "output", 'o', "COLS", "these of BLOCK,RANGE,SIZE,STATE,NODE,ZONES,TAKE" },
	{ "pairs", 'P', NULL, "as KEY=\"value\" pairs" },
	{ "raw", 'r', NULL, "columns separated by one blank" },
	{ "sysroot", 's', "DIR", "look at the /sys below DIR" },
	{ "zone", 0, "Z", "only blocks in this zone" },
	{ NULL, 0, NULL, NULL },
};

static int set_columns(struct list *l, const char *arg)
{
	_cleanup_free_ char *copy = strdup(arg);
	char *rest = copy, *name;

	if (!copy)
		return -ENOMEM;
	l->nr_columns = 0;
	while ((name = strsep(&rest, ","))) {
		size_t c;

		for (c = 0; c < NR_COLUMNS; c++)
			if (!strcasecmp(columns[c].name, name))
				break;
		if (c == NR_COLUMNS) {
			hs_command_error(&hs_cmd_list, "unknown column \"%s\"; expected some of BLOCK,RANGE,SIZE,STATE,NODE,ZONES,TAKE",
					 name);
			return -EINVAL;
		}
		if (l->nr_columns == NR_COLUMNS) {
			hs_command_error(&hs_cmd_list, "more columns asked for than the %d there are",
					 NR_COLUMNS);
			return -EINVAL;
		}
		l->columns[l->nr_columns++] = (enum column)c;
	}
	return 0;
}

static int set_format(struct list *l, const struct hs_option *o, enum format format)
{
	if (l->format != FORMAT_TABLE && l->format != format) {
		hs_command_error(&hs_cmd_list, "--%s and --%s exclude each other",
				 l->format_option->name, o->name);
		return -EINVAL;
	}
	l->format = format;
	l->format_option = o;
	return 0;
}

static int set_zone(struct list *l, const char *arg)
{
	static const char *const zones[] = {
		"DMA", "DMA32", "Normal", "HighMem", "Movable", "Device",
	};
	struct hs_nearest near;
	const char *best;

	hs_nearest_init(&near, arg);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (!strcmp(zones[i], arg)) {
			l->zone = arg;
			return 0;
		}
		hs_nearest_offer(&near, zones[i]);
	}
	best = hs_nearest_get(&near);
	hs_command_error(&hs_cmd_list, "unknown zone \"%s\"; %s%s%s", arg,
			 best ? "did you mean \"" : "", best ? best :
			 "expected DMA, DMA32, Normal, HighMem, Movable or Device",
			 best ? "\"?" : "");
	return -EINVAL;
}

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct list *l = ctx;
	char err[128] = "out of memory";
	uint64_t v;

	switch (o->letter) {
	case 'a':
		l->all = true;
		return 0;
	case 'b':
		l->bytes = true;
		return 0;
	case 'n':
		l->no_headings = true;
		return 0;
	case 's':
		l->sysroot = arg;
		return 0;
	case 'J':
		return set_format(l, o, FORMAT_JSON);
	case 'P':
		return set_format(l, o, FORMAT_PAIRS);
	case 'r':
		return set_format(l, o, FORMAT_RAW);
	case 'o':
		return set_columns(l, arg);
	}
	if (!strcmp(o->name, "zone"))
		return set_zone(l, arg);
	if (!strcmp(o->name, "node")) {
		if (hs_parse_u64(arg, 0, INT_MAX, &v) < 0) {
			hs_command_error(&hs_cmd_list, "--node %s: not the number of a node", arg);
			return -EINVAL;
		}
		l->node = (int)v;
		return 0;
	}
	hs_blockset_deinit(&l->chosen);
	if (hs_blockset_parse(&l->chosen, arg, err, sizeof(err)) < 0) {
		hs_command_error(&hs_cmd_list, "--blocks %s", err);
		return -EINVAL;
	}
	return 0;
}

/* Why hotsoak run would not take it, or "yes". */
static void describe_take(const struct list *l, const struct hs_memblk *b, char *text,
			  size_t text_bytes)
{
	size_t len = strcspn(b->zones, " ");

	if (b->state != HS_MEMBLK_ONLINE)
		snprintf(text, text_bytes, "%s", hs_memblk_state_name(b->state));
	else if (l->blocks.stay)
		snprintf(text, text_bytes, "not removable");
	else if (hs_memblk_in_zone(b, "Movable"))
		snprintf(text, text_bytes, "yes");
	else if (!*b->zones)
		snprintf(text, text_bytes, "unknown zone");
	else if (hs_memblk_in_zone(b, "none"))	/* the kernel's word for it */
		snprintf(text, text_bytes, "multiple zones");
	else
		snprintf(text, text_bytes, "zone %.*s", (int)len, b->zones);
}

static void describe(const struct list *l, const struct hs_memblk *first,
		     const struct hs_memblk *last, enum column c, char *text, size_t text_bytes)
{
	uint64_t size = (last->index - first->index + 1) * l->blocks.block_bytes;

	text[0] = '\0';
	switch (c) {
	case COL_BLOCK:
		if (first == last)
			snprintf(text, text_bytes, "%lu", first->index);
		else
			snprintf(text, text_bytes, "%lu-%lu", first->index, last->index);
		break;
	case COL_RANGE:
		snprintf(text, text_bytes, "0x%016" PRIx64 "-0x%016" PRIx64,
			 first->phys_index * l->blocks.block_bytes,
			 (last->phys_index + 1) * l->blocks.block_bytes - 1);
		break;
	case COL_SIZE:
		if (l->bytes)
			snprintf(text, text_bytes, "%" PRIu64, size);
		else
			hs_bytes_format(size, text, text_bytes);
		break;
	case COL_STATE:
		snprintf(text, text_bytes, "%s", hs_memblk_state_name(first->state));
		break;
	case COL_NODE:
		if (first->node >= 0)
			snprintf(text, text_bytes, "%d", first->node);
		break;
	case COL_ZONES:
		snprintf(text, text_bytes, "%s", first->zones);
		break;
	case COL_TAKE:
		describe_take(l, first, text, text_bytes);
		break;
	case NR_COLUMNS:
		break;
	}
}

static bool is_chosen(const struct list *l, const struct hs_memblk *b)
{
	return (!l->chosen.nr || hs_blockset_has(&l->chosen, b->index)) &&
	       (l->node < 0 || b->node == l->node) &&
	       (!l->zone || hs_memblk_in_zone(b, l->zone));
}

static bool is_alike(const struct hs_memblk *a, const struct hs_memblk *b)
{
	return b->index == a->index + 1 && b->phys_index == a->phys_index + 1 &&
	       a->state == b->state && a->node == b->node && !strcmp(a->zones, b->zones);
}

static int fill_line(const struct list *l, struct libscols_table *table,
		     const struct hs_memblk *first, const struct hs_memblk *last)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char text[128];

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < l->nr_columns; i++) {
		describe(l, first, last, l->columns[i], text, sizeof(text));
		if (*text && scols_line_set_data(line, i, text))
			return -ENOMEM;
	}
	return 0;
}

static int fill_table(const struct list *l, struct libscols_table *table)
{
	const struct hs_memblk *blk = l->blocks.blk;
	int r = 0;

	for (size_t i = 0, last; !r && i < l->blocks.nr; i = last + 1) {
		last = i;
		if (!is_chosen(l, &blk[i]))
			continue;
		while (!l->all && last + 1 < l->blocks.nr && is_chosen(l, &blk[last + 1]) &&
		       is_alike(&blk[last], &blk[last + 1]))
			last++;
		r = fill_line(l, table, &blk[i], &blk[last]);
	}
	return r;
}

static int prepare_table(const struct list *l, struct libscols_table *table)
{
	scols_table_set_name(table, "blocks");
	scols_table_enable_noheadings(table, l->no_headings);
	scols_table_enable_json(table, l->format == FORMAT_JSON);
	scols_table_enable_export(table, l->format == FORMAT_PAIRS);
	scols_table_enable_raw(table, l->format == FORMAT_RAW);
	for (size_t i = 0; i < l->nr_columns; i++) {
		enum column c = l->columns[i];
		struct libscols_column *cl;

		cl = scols_table_new_column(table, columns[c].name, 0, columns[c].flags);
		if (!cl)
			return -ENOMEM;
		if (c == COL_NODE || (c == COL_SIZE && l->bytes))
			scols_column_set_json_type(cl, SCOLS_JSON_NUMBER);
	}
	return 0;
}

static void print_totals(const struct list *l)
{
	const char *why = hs_memblk_why_none(&l->blocks);
	uint64_t online = 0, offline = 0, take = 0;
	char size[4][32];

	for (size_t i = 0; i < l->blocks.nr; i++) {
		const struct hs_memblk *b = &l->blocks.blk[i];

		if (!is_chosen(l, b))
			continue;
		online += b->state == HS_MEMBLK_ONLINE;
		offline += b->state == HS_MEMBLK_OFFLINE;
		take += b->state == HS_MEMBLK_ONLINE && hs_memblk_in_zone(b, "Movable") && !why;
	}
	hs_bytes_format(l->blocks.block_bytes, size[0], sizeof(size[0]));
	hs_bytes_format(online * l->blocks.block_bytes, size[1], sizeof(size[1]));
	hs_bytes_format(offline * l->blocks.block_bytes, size[2], sizeof(size[2]));
	hs_bytes_format(take * l->blocks.block_bytes, size[3], sizeof(size[3]));
	printf("\nBlock size: %s, online: %s, offline: %s, may be taken: %s (%" PRIu64 " blocks)\n",
	       size[0], size[1], size[2], size[3], take);
	if (why)
		printf("%s\n", why);
}

static int print(const struct list *l)
{
	struct libscols_table *table = scols_new_table();
	int r = table ? prepare_table(l, table) : -ENOMEM;

	if (!r)
		r = fill_table(l, table);
	if (!r)
		r = scols_print_table(table);
	scols_unref_table(table);
	if (r < 0) {
		hs_command_error(&hs_cmd_list, "the table cannot be made: %s", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	if (l->format == FORMAT_TABLE && !l->no_headings)
		print_totals(l);
	return HS_EXIT_PASS;
}

/* A block or node that was asked for and is not there is a mistake, not an
 * empty table. */
static int check_choice(struct list *l)
{
	bool known = l->node < 0 || (!l->sysroot && hs_node_is_known(l->node));

	for (size_t i = 0; i < l->chosen.nr; i++) {
		const struct hs_blockrange *range = &l->chosen.range[i];

		/* Only blocks that exist are counted through: a range can be huge. */
		unsigned long next = range->first;

		for (size_t k = 0; k < l->blocks.nr && l->blocks.blk[k].index <= range->last; k++)
			next += l->blocks.blk[k].index == next;
		if (next <= range->last) {
			hs_command_error(&hs_cmd_list, "there is no memory block %lu; hotsoak list shows those that are there",
					 next);
			return -ENODEV;
		}
	}
	for (size_t i = 0; !known && i < l->blocks.nr; i++)
		known = l->blocks.blk[i].node == l->node;
	if (!known) {
		hs_command_error(&hs_cmd_list, "there is no node %d with memory", l->node);
		return -ENODEV;
	}
	return 0;
}

static int run(struct list *l)
{
	int r = hs_memblk_list_init(&l->blocks, l->sysroot);

	if (r == -ENOTSUP) {
		hs_command_error(&hs_cmd_list, "%s/sys/devices/system/memory is not there: the kernel has no memory hotplug, or /sys is not mounted",
				 l->sysroot ? l->sysroot : "");
		return HS_EXIT_SKIP;
	}
	if (r < 0) {
		hs_command_error(&hs_cmd_list, "%s/sys/devices/system/memory cannot be read: %s",
				 l->sysroot ? l->sysroot : "", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	return check_choice(l) < 0 ? HS_EXIT_BROKEN : print(l);
}

static int list_main(int argc, char **argv)
{
	struct list l = { .node = -1, .nr_columns = NR_COLUMNS };
	int first, status = HS_EXIT_BROKEN;

	for (int c = 0; c < NR_COLUMNS; c++)
		l.columns[c] = (enum column)c;
	first = hs_command_parse(&hs_cmd_list, argc, argv, set, &l);
	if (first >= 0 && first < argc)
		hs_command_error(&hs_cmd_list, "unexpected argument \"%s\"; blocks are chosen with --blocks",
				 argv[first]);
	else if (first >= 0)
		status = run(&l);
	hs_blockset_deinit(&l.chosen);
	hs_memblk_list_deinit(&l.blocks);
	return status;
}

const struct hs_command hs_cmd_list = {
	.name = "list",
	.args = "",
	.summary = "Shows memory blocks and which of them a run may take",
	.options = options,
	.main = list_main,
};
