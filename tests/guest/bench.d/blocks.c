// SPDX-License-Identifier: GPL-2.0-only
/*
 * A captured sysfs of a large machine, made up: memory blocks of 128 MiB in ZONE_MOVABLE,
 * spread over nodes, with all the files that a real one's have, since whoever reads a
 * block's folder passes by all of them.
 *
 *	blocks ROOT BLOCKS NODES
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "blocks: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *name)
{
	if ((mkdir(name, 0755) < 0 && errno != EEXIST) || chdir(name) < 0)
		die(name);
}

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		die(name);
}

static void put_link(const char *name, const char *target)
{
	if (symlink(target, name) < 0)
		die(name);
}

static void put_block(unsigned long block, unsigned long node)
{
	char name[32], target[32], index[32];

	snprintf(name, sizeof(name), "memory%lu", block);
	enter(name);
	snprintf(index, sizeof(index), "%08lx\n", block);
	put("phys_index", index);
	put("phys_device", "0\n");
	put("online", "1\n");
	put("state", "online\n");
	put("removable", "1\n");
	put("valid_zones", "Movable\n");
	put("uevent", "");
	snprintf(name, sizeof(name), "node%lu", node);
	snprintf(target, sizeof(target), "../../node/node%lu", node);
	put_link(name, target);
	put_link("subsystem", "../../../../bus/memory");
	enter("power");
	put("control", "auto\n");
	if (chdir("../..") < 0)
		die("..");
}

int main(int argc, char **argv)
{
	unsigned long blocks = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long nodes = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	static const char *const way[] = { "sys", "devices", "system", "memory" };

	if (!blocks || !nodes) {
		fprintf(stderr, "usage: blocks ROOT BLOCKS NODES\n");
		return 2;
	}
	if (chdir(argv[1]) < 0)
		die(argv[1]);
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		enter(way[i]);
	put("block_size_bytes", "8000000\n");
	put("auto_online_blocks", "online_movable\n");
	for (unsigned long i = 0; i < blocks; i++)
		put_block(i, i * nodes / blocks);
	return 0;
}
