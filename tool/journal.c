// SPDX-License-Identifier: GPL-2.0-only
/* The journal of a run that begins: its entries, their way to the disk, its end. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "crc32.h"
#include "journal_internal.h"
#include "memcg.h"
#include "sysfile.h"

#define BOOT_ID_FILE	"/proc/sys/kernel/random/boot_id"
#define NEW_FILE	HS_JOURNAL_FILE ".new"
/* What a captured tree that shows no boot's id counts as. */
#define NO_BOOT_ID	"captured"

uint32_t hs_journal_line_crc(const char *boot_id, const char *text)
{
	return hs_crc32(hs_crc32(0, boot_id, strlen(boot_id)), text, strlen(text));
}

int hs_journal_path(struct hs_journal *j, const char *what, const char *file, char *path)
{
	int r = hs_sysfile_path(path, HS_JOURNAL_PATH_BYTES, j->sysroot, "%s", file);

	snprintf(j->doing, sizeof(j->doing), "%s %s", what, r < 0 ? file : path);
	return r;
}

int hs_journal_init(struct hs_journal *j, const char *sysroot)
{
	char path[HS_JOURNAL_PATH_BYTES];
	int r;

	memset(j, 0, sizeof(*j));
	j->away_fd = -1;
	r = hs_sysfile_path(j->sysroot, sizeof(j->sysroot), sysroot, "%s", "");
	if (r < 0)
		return r;
	r = hs_journal_path(j, "reading", BOOT_ID_FILE, path);
	if (r < 0)
		return r;
	r = hs_sysfile_read(path, j->boot_id, sizeof(j->boot_id));
	if (r == -ENOENT && j->sysroot[0]) {
		memcpy(j->boot_id, NO_BOOT_ID, sizeof(NO_BOOT_ID));
		return 0;
	}
	/* It is a word of the first line. */
	if (!r && (!j->boot_id[0] || strpbrk(j->boot_id, " \n")))
		return -EBADMSG;
	return r;
}

void hs_journal_deinit(struct hs_journal *j)
{
	free(j->blk);
	j->blk = NULL;
	j->nr = j->nr_knobs = 0;
	if (j->away_fd >= 0)
		close(j->away_fd);
	j->away_fd = -1;
}

int hs_journal_add(struct hs_journal *j, const struct hs_memblk *b)
{
	size_t len = strcspn(b->zones, " ");
	struct hs_journal_block *e;

	if (!len || len >= sizeof(e->zone))
		return -EINVAL;
	if (!(j->nr & (j->nr - 1))) {	/* 0, 1, 2, 4, …: full */
		e = reallocarray(j->blk, j->nr ? 2 * j->nr : 1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		j->blk = e;
	}
	e = &j->blk[j->nr++];
	*e = (struct hs_journal_block){ .index = b->index, .state = b->state, .node = b->node };
	memcpy(e->zone, b->zones, len);
	return 0;
}

int hs_journal_add_knob(struct hs_journal *j, const char *path, const char *value, bool moves)
{
	int r;

	for (size_t i = 0; i < j->nr_knobs; i++)
		if (!strcmp(j->knob[i].path, path)) {
			j->knob[i].moves |= moves;
			return 0;
		}
	snprintf(j->doing, sizeof(j->doing), "reading %s%s", j->sysroot, path);
	if (j->nr_knobs == HS_JOURNAL_KNOBS)
		return -ENOSPC;
	r = hs_knob_init(&j->knob[j->nr_knobs], j->sysroot, path, value);
	if (!r)
		j->knob[j->nr_knobs++].moves = moves;
	return r;
}

/* ---- To the disk --------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static void put_line(FILE *f, const char *boot_id, const char *text)
{
	fprintf(f, "%08x %s\n", hs_journal_line_crc(boot_id, text), text);
}

static int content_make(const struct hs_journal *j, char **content, size_t *len)
{
	FILE *f = open_memstream(content, len);
	char text[192];

	if (!f)
		return -ENOMEM;
	snprintf(text, sizeof(text), HS_JOURNAL_MAGIC " " HS_JOURNAL_VERSION " %s %d", j->boot_id,
		 getpid());
	put_line(f, "", text);
	for (size_t i = 0; i < j->nr; i++) {
		const struct hs_journal_block *b = &j->blk[i];

		snprintf(text, sizeof(text), "block %lu %s %s %d", b->index,
			 hs_memblk_state_name(b->state), b->zone, b->node);
		put_line(f, j->boot_id, text);
	}
	for (size_t i = 0; i < j->nr_knobs; i++) {
		const struct hs_knob *k = &j->knob[i];

		snprintf(text, sizeof(text), "knob %s %s %s%s", k->path, k->was, k->set,
			 k->moves ? " moves" : "");
		put_line(f, j->boot_id, text);
	}
	if (j->cgroup)
		put_line(f, j->boot_id, "cgroup " HS_MEMCG_DIR);
	if (j->poison_pfn) {
		snprintf(text, sizeof(text), "poison %llu", (unsigned long long)j->poison_pfn);
		put_line(f, j->boot_id, text);
	}
	if (j->module != HS_JOURNAL_MODULE_UNKNOWN) {
		snprintf(text, sizeof(text), "module %s",
			 j->module == HS_JOURNAL_MODULE_LOADED ? "loaded" : "absent");
		put_line(f, j->boot_id, text);
	}
	snprintf(text, sizeof(text), "end %zu",
		 j->nr + j->nr_knobs + j->cgroup + !!j->poison_pfn + 1 +
		 (j->module != HS_JOURNAL_MODULE_UNKNOWN));
	put_line(f, j->boot_id, text);
	return fclose(f) ? -ENOMEM : 0;
}

static int new_file_write(struct hs_journal *j, const char *content, size_t len)
{
	char path[HS_JOURNAL_PATH_BYTES];
	_cleanup_close_ int fd = -1;
	int r = hs_journal_path(j, "opening", NEW_FILE, path);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	hs_journal_path(j, "writing", NEW_FILE, path);
	r = write_all(fd, content, len);
	if (r < 0)
		return r;
	hs_journal_path(j, "syncing", NEW_FILE, path);
	return fsync(fd) < 0 ? -errno : 0;
}

static int dir_sync(struct hs_journal *j)
{
	char path[HS_JOURNAL_PATH_BYTES];
	int r = hs_journal_path(j, "syncing", HS_STATEDIR_LIB, path);

	return r < 0 ? r : hs_statedir_sync(path);
}

static int file_move(struct hs_journal *j, const char *from, const char *to)
{
	char old[HS_JOURNAL_PATH_BYTES], new[HS_JOURNAL_PATH_BYTES];
	int r = hs_journal_path(j, "renaming", from, old);

	if (!r)
		r = hs_sysfile_path(new, sizeof(new), j->sysroot, "%s", to);
	if (r < 0)
		return r;
	return rename(old, new) < 0 ? -errno : dir_sync(j);
}

static int file_remove(struct hs_journal *j, const char *file)
{
	char path[HS_JOURNAL_PATH_BYTES];
	int r = hs_journal_path(j, "removing", file, path);

	if (r < 0)
		return r;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* All at home; written whole, so that rewriting a mark needs no more room. */
static int marks_make(struct hs_journal *j)
{
	char path[HS_JOURNAL_PATH_BYTES];
	_cleanup_free_ char *text = NULL;
	size_t len = j->nr * HS_JOURNAL_MARK_CHARS;
	int r = hs_journal_path(j, "writing", HS_JOURNAL_AWAY_FILE, path);

	if (r < 0)
		return r;
	text = malloc(len + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < j->nr; i++)
		if (snprintf(text + i * HS_JOURNAL_MARK_CHARS, HS_JOURNAL_MARK_CHARS + 1,
			     HS_JOURNAL_MARK_FORMAT, j->blk[i].index, HS_JOURNAL_MARK_HOME) !=
		    HS_JOURNAL_MARK_CHARS)
			return -EOVERFLOW;
	j->away_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	return j->away_fd < 0 ? -errno : write_all(j->away_fd, text, len);
}

static int content_write(struct hs_journal *j)
{
	_cleanup_free_ char *content = NULL;
	size_t len;
	int r = content_make(j, &content, &len);

	if (!r)
		r = new_file_write(j, content, len);
	if (!r) {
		j->on_disk = true;	/* perhaps: also when it is not synced */
		r = file_move(j, NEW_FILE, HS_JOURNAL_FILE);
	}
	return r;
}

static int commit(struct hs_journal *j)
{
	int r;

	snprintf(j->doing, sizeof(j->doing), "making %s%s", j->sysroot, HS_STATEDIR_RUN);
	r = hs_statedir_make(j->sysroot, HS_STATEDIR_RUN);
	if (r < 0)
		return r;
	snprintf(j->doing, sizeof(j->doing), "making %s%s", j->sysroot, HS_STATEDIR_LIB);
	r = hs_statedir_make(j->sysroot, HS_STATEDIR_LIB);
	/* The marks first: a journal that is there must not find those of another. */
	if (!r)
		r = marks_make(j);
	return r < 0 ? r : content_write(j);
}

int hs_journal_commit(struct hs_journal *j)
{
	char doing[sizeof(j->doing)];
	int r = commit(j);

	if (!r)
		return 0;
	/* The first error is what the user is told of. */
	memcpy(doing, j->doing, sizeof(doing));
	file_remove(j, NEW_FILE);
	if (j->on_disk)
		file_remove(j, HS_JOURNAL_FILE);
	file_remove(j, HS_JOURNAL_AWAY_FILE);
	j->on_disk = false;
	if (j->away_fd >= 0)
		close(j->away_fd);
	j->away_fd = -1;
	memcpy(j->doing, doing, sizeof(doing));
	return r;
}

int hs_journal_mark(struct hs_journal *j, size_t at, bool away)
{
	char mark = away ? HS_JOURNAL_MARK_AWAY : HS_JOURNAL_MARK_HOME;
	ssize_t n;
	int r;

	if (j->blk[at].away == away)
		return 0;
	j->blk[at].away = away;
	if (j->away_fd < 0)
		return 0;	/* given up, and told */
	do
		n = pwrite(j->away_fd, &mark, 1,
			   (off_t)(at * HS_JOURNAL_MARK_CHARS + HS_JOURNAL_MARK_AT));
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	r = n < 0 ? -errno : -EIO;
	close(j->away_fd);
	j->away_fd = -1;
	file_remove(j, HS_JOURNAL_AWAY_FILE);
	snprintf(j->doing, sizeof(j->doing), "writing %s%s", j->sysroot, HS_JOURNAL_AWAY_FILE);
	return r;
}

int hs_journal_poison(struct hs_journal *j, uint64_t pfn)
{
	j->poison_pfn = pfn;
	return content_write(j);
}

int hs_journal_clear(struct hs_journal *j)
{
	int r = file_remove(j, HS_JOURNAL_FILE);

	if (r < 0)
		return r;
	j->on_disk = false;
	r = file_remove(j, NEW_FILE);
	if (!r)
		r = dir_sync(j);
	if (r == -ENOENT)
		r = 0;		/* nobody ever made it */
	/* Last: without it every block of a journal counts as away. */
	return r < 0 ? r : file_remove(j, HS_JOURNAL_AWAY_FILE);
}

int hs_journal_set_aside(struct hs_journal *j)
{
	int r = file_move(j, HS_JOURNAL_FILE, HS_JOURNAL_FILE ".damaged");

	return r < 0 ? r : file_remove(j, HS_JOURNAL_AWAY_FILE);
}
