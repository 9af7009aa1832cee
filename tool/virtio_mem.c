// SPDX-License-Identifier: GPL-2.0-only
/* Memory that a virtio-mem device has plugged, by its name in /proc/iomem. */
#include "virtio_mem.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "sysfile.h"
#include "virtio.h"

#define IOMEM	"/proc/iomem"
#define PLUGGED	" : System RAM (virtio_mem)"

static int iomem_open(const char *root, FILE **f)
{
	char path[PATH_MAX];
	int r = hs_sysfile_path(path, sizeof(path), root, "%s", IOMEM);

	if (r < 0)
		return r;
	*f = fopen(path, "re");
	return *f ? 0 : -errno;
}

/* "  180000000-1bfffffff : System RAM (virtio_mem)", at any depth. */
static bool range_next(FILE *f, uint64_t *first, uint64_t *last)
{
	char line[256], *end;

	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, PLUGGED))
			continue;
		*first = strtoull(line, &end, 16);
		if (*end != '-')
			continue;
		*last = strtoull(end + 1, NULL, 16);
		return true;
	}
	return false;
}

int hs_virtio_mem_ask(const char *root)
{
	_cleanup_fclose_ FILE *f = NULL;
	uint64_t first, last;
	int r;

	if (!hs_virtio_has(root, "virtio_mem", NULL))
		return -ENODEV;
	r = iomem_open(root, &f);
	if (r < 0)
		return r;
	return range_next(f, &first, &last) ? 0 : -ENOENT;
}

const char *hs_virtio_mem_words(int answer)
{
	switch (answer) {
	case 0:
		return "has plugged memory";
	case -ENODEV:
		return "there is no device, or its driver is not loaded: modprobe virtio_mem";
	case -ENOENT:
		return "the device has plugged nothing: the hypervisor sets its requested-size";
	default:
		return strerror(-answer);
	}
}

int hs_virtio_mem_blocks(const char *root, uint64_t block_bytes, struct hs_blockset *set)
{
	_cleanup_fclose_ FILE *f = NULL;
	char text[4096] = "", err[64];
	uint64_t first, last;
	size_t len = 0;
	int r = iomem_open(root, &f);

	if (r < 0)
		return r;
	while (range_next(f, &first, &last)) {
		if (!last)
			return -EPERM;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%" PRIu64 "-%" PRIu64,
					len ? "," : "", first / block_bytes, last / block_bytes);
		if (len >= sizeof(text))
			return -E2BIG;
	}
	return len ? hs_blockset_parse(set, text, err, sizeof(err)) : -ENOENT;
}

bool hs_virtio_mem_is_resize(const char *log_text)
{
	return !strncmp(log_text, "virtio_mem ", 11) && strstr(log_text, ": requested size: ");
}
