// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads /dev/kmsg and the taint mask. The mask decides where it can: words change
 * from kernel to kernel, taint bits do not; the words name what happened.
 */
#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "virtio_mem.h"

#define TAINT_OUT_OF_TREE	(UINT64_C(1) << 12)
#define TAINT_UNSIGNED		(UINT64_C(1) << 13)

static const struct {
	const char *word;
	enum hs_kmsg_kind kind;
} words[] = {
	{ "self-detected stall", HS_KMSG_STALL },
	{ "detected stalls on CPUs", HS_KMSG_STALL },
	{ "detected expedited stalls", HS_KMSG_STALL },
	{ "soft lockup", HS_KMSG_STALL },
	{ "WARNING:", HS_KMSG_BAD },
	{ "BUG:", HS_KMSG_BAD },
	{ "kernel BUG at", HS_KMSG_BAD },
	{ "Oops", HS_KMSG_BAD },
	{ "Kernel panic", HS_KMSG_BAD },
	{ "general protection fault", HS_KMSG_BAD },
	{ "unable to handle", HS_KMSG_BAD },
	{ "list_add corruption", HS_KMSG_BAD },
	{ "list_del corruption", HS_KMSG_BAD },
	{ "bad page", HS_KMSG_BAD },
	{ "Bad page", HS_KMSG_BAD },
	{ "bad pte", HS_KMSG_BAD },
	{ "Bad rss-counter", HS_KMSG_BAD },
	{ "blocked for more than", HS_KMSG_BAD },
	{ "possible circular locking", HS_KMSG_BAD },
	{ "possible recursive locking", HS_KMSG_BAD },
	{ "inconsistent lock state", HS_KMSG_BAD },
	{ "suspicious RCU usage", HS_KMSG_BAD },
	{ "bad unlock balance", HS_KMSG_BAD },
	{ "held lock freed", HS_KMSG_BAD },
	{ "KASAN", HS_KMSG_BAD },
	{ "KCSAN", HS_KMSG_BAD },
	{ "UBSAN", HS_KMSG_BAD },
	{ "unreferenced object", HS_KMSG_BAD },
	{ "sleeping function called from invalid context", HS_KMSG_BAD },
	{ "scheduling while atomic", HS_KMSG_BAD },
};

enum hs_kmsg_kind hs_kmsg_classify(const char *text)
{
	/* "BUG: soft lockup": the stall comes first in the table on purpose. */
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i].word))
			return words[i].kind;
	return HS_KMSG_INNOCENT;
}

static int open_below(const char *root, const char *path, int flags)
{
	char full[512];
	int n = snprintf(full, sizeof(full), "%s%s", root ? root : "", path), fd;

	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int taint_read(const struct hs_kmsg *k, uint64_t *mask)
{
	char text[32];
	ssize_t n = pread(k->taint_fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return n ? -errno : -ENODATA;
	text[n] = '\0';
	*mask = strtoull(text, NULL, 10);
	return 0;
}

static bool cpu_is_emulated(const char *root)
{
	char line[4096];
	_cleanup_fclose_ FILE *f = NULL;
	int fd = open_below(root, "/proc/cpuinfo", O_RDONLY);

	if (fd < 0)
		return false;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return false;
	}
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "flags", 5))
			return strstr(line, " hypervisor") != NULL;
	return false;
}

int hs_kmsg_init(struct hs_kmsg *k, const char *root)
{
	int r;

	*k = (struct hs_kmsg){ .fd = -1, .taint_fd = -1 };
	r = open_below(root, "/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (r < 0)
		return r;
	k->fd = r;
	r = open_below(root, "/proc/sys/kernel/tainted", O_RDONLY);
	if (r < 0)
		goto err_deinit;
	k->taint_fd = r;
	r = taint_read(k, &k->taint);
	if (r < 0)
		goto err_deinit;
	if (lseek(k->fd, 0, SEEK_END) < 0) {
		r = -errno;
		goto err_deinit;
	}
	k->emulated = cpu_is_emulated(root);
	return 0;

err_deinit:
	hs_kmsg_deinit(k);
	return r;
}

void hs_kmsg_deinit(struct hs_kmsg *k)
{
	if (k->fd >= 0)
		close(k->fd);
	if (k->taint_fd >= 0)
		close(k->taint_fd);
	k->fd = k->taint_fd = -1;
}

void hs_kmsg_forgive_module(struct hs_kmsg *k)
{
	k->taint |= TAINT_OUT_OF_TREE | TAINT_UNSIGNED;
}

/* "6,339,5140900,-;text\n KEY=value\n": the text alone. */
static char *record_text(char *record)
{
	char *text = strchr(record, ';');

	text = text ? text + 1 : record;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/*
 * The number in front is facility and level; devkmsg_write() lets user space have
 * every facility but the kernel's own, 0. Our own control is heard all the same.
 */
static bool record_is_kernels(const char *record, const char *text)
{
	return strtoul(record, NULL, 10) >> 3 == 0 || strstr(text, HS_KMSG_CONTROL);
}

int hs_kmsg_look(struct hs_kmsg *k, void (*found)(bool bad, const char *text, void *ctx),
		 void *ctx)
{
	char record[8192];
	uint64_t taint;
	int r;

	for (;;) {
		ssize_t n = read(k->fd, record, sizeof(record) - 1);
		enum hs_kmsg_kind kind;
		char *text;

		if (n < 0 && errno == EPIPE) {
			k->lost++;
			found(false, "kernel log records were overwritten before they were read", ctx);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		record[n] = '\0';
		text = record_text(record);
		kind = record_is_kernels(record, text) ? hs_kmsg_classify(text)
						       : HS_KMSG_INNOCENT;
		k->resizes += record_is_kernels(record, text) && hs_virtio_mem_is_resize(text);
		if (kind != HS_KMSG_INNOCENT)
			found(kind == HS_KMSG_BAD || !k->emulated, text, ctx);
	}

	r = taint_read(k, &taint);
	if (r < 0)
		return r;
	if (taint & ~k->taint) {
		char text[96];

		snprintf(text, sizeof(text), "new taint bits 0x%llx in /proc/sys/kernel/tainted",
			 (unsigned long long)(taint & ~k->taint));
		/* A soft lockup taints as well (bit 14, L). */
		found(!k->emulated || (taint & ~k->taint) != UINT64_C(1) << 14, text, ctx);
		k->taint |= taint;
	}
	k->looks++;
	return 0;
}

int hs_kmsg_write(const char *root, const char *text)
{
	_cleanup_close_ int fd = open_below(root, "/dev/kmsg", O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}
