// SPDX-License-Identifier: GPL-2.0-only
/* The journal: there and back, spoilt in every way, and every call that fails. */
#include "tree.h"

#include "faults.h"

#include <sys/wait.h>

#include "crc32.h"
#include "journal.h"

#define BOOT_ID	"proc/sys/kernel/random/boot_id"
#define JOURNAL	"var/lib/hotsoak/journal"
#define AWAY	"run/hotsoak/away"
#define NR	4

static const struct hs_memblk blocks[NR] = {
	{ .index = 7, .state = HS_MEMBLK_ONLINE, .zones = "Normal Movable", .node = 0 },
	{ .index = 32, .state = HS_MEMBLK_ONLINE, .zones = "Movable", .node = 1 },
	{ .index = 33, .state = HS_MEMBLK_ONLINE, .zones = "Movable", .node = -1 },
	{ .index = 1234567, .state = HS_MEMBLK_OFFLINE, .zones = "Movable Normal", .node = 12 },
};
static const int errnos[] = { ENOSPC, EIO, EROFS, EACCES, ENOMEM, EDQUOT, EMFILE };

static struct tree t;

static int setup(void **state)
{
	tree_init(&t);
	tree_write(&t, BOOT_ID, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11\n");
	return 0;
}

static int teardown(void **state)
{
	fault.armed = false;
	tree_deinit(&t);
	return 0;
}

static void begin(struct hs_journal *j)
{
	assert_int_equal(hs_journal_init(j, t.dir), 0);
	for (int i = 0; i < NR; i++)
		assert_int_equal(hs_journal_add(j, &blocks[i]), 0);
	j->module = HS_JOURNAL_MODULE_ABSENT;
}

static void written(void)
{
	struct hs_journal j;

	begin(&j);
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
}

static int load(struct hs_journal *j)
{
	assert_int_equal(hs_journal_init(j, t.dir), 0);
	return hs_journal_load(j);
}

/* Whatever was read is what was written, never anything else. */
static void check_blocks(const struct hs_journal *j)
{
	assert_true(j->nr <= NR);
	for (size_t i = 0; i < j->nr; i++) {
		int k = 0;

		while (k < NR && blocks[k].index != j->blk[i].index)
			k++;
		assert_true(k < NR);
		assert_int_equal(j->blk[i].state, blocks[k].state);
		assert_int_equal(j->blk[i].node, blocks[k].node);
		assert_memory_equal(j->blk[i].zone, blocks[k].zones, strlen(j->blk[i].zone));
		assert_int_equal(strlen(j->blk[i].zone), strcspn(blocks[k].zones, " "));
	}
}

static void put(const char *name, const char *data, size_t len)
{
	FILE *f = fopen(tree_path(&t, "%s", name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(tree_path(&t, "%s", name), &st), 0);
	return st.st_mode & 07777;
}

static bool is_there(const char *name)
{
	return !access(tree_path(&t, "%s", name), F_OK);
}

static void the_checksum_is_the_known_one(void **state)
{
	assert_int_equal(hs_crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(hs_crc32(hs_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
}

static void there_and_back(void **state)
{
	struct hs_journal j;

	assert_int_equal(load(&j), -ENOENT);
	hs_journal_deinit(&j);
	written();
	assert_int_equal(mode_of("var/lib/hotsoak"), 0700);
	assert_int_equal(mode_of("run/hotsoak"), 0700);
	assert_int_equal(mode_of(JOURNAL), 0600);
	assert_int_equal(mode_of(AWAY), 0600);
	assert_int_equal(load(&j), 0);
	assert_int_equal(j.nr, NR);
	check_blocks(&j);
	assert_int_equal(j.pid, getpid());
	assert_int_equal(j.module, HS_JOURNAL_MODULE_ABSENT);
	assert_false(j.other_boot);
	for (int i = 0; i < NR; i++)
		assert_false(j.blk[i].away);
	assert_int_equal(hs_journal_clear(&j), 0);
	hs_journal_deinit(&j);
	assert_false(is_there(JOURNAL));
	assert_false(is_there(AWAY));
	assert_int_equal(load(&j), -ENOENT);
	/* Nothing to remove, also where nothing ever was. */
	assert_int_equal(hs_journal_clear(&j), 0);
	hs_journal_deinit(&j);
}

static void check_knobs(const struct hs_journal *j, size_t nr)
{
	assert_int_equal(j->nr_knobs, nr);
	for (size_t i = 0; i < nr; i++) {
		assert_string_equal(j->knob[i].path, i ? "/proc/b" : "/sys/a");
		assert_string_equal(j->knob[i].was, i ? "off" : "0");
		assert_string_equal(j->knob[i].set, i ? "on" : "17");
	}
}

/* It comes and goes while the run lasts; the marks stay. */
static void poison_there_and_back(void **state)
{
	static const char *const bad[] = { "poison", "poison 0", "poison 1 2", "poison x" };
	struct hs_journal j;
	char line[128];

	begin(&j);
	assert_int_equal(hs_journal_commit(&j), 0);
	assert_int_equal(hs_journal_mark(&j, 1, true), 0);
	assert_int_equal(hs_journal_poison(&j, 0x138100), 0);
	assert_int_equal(hs_journal_poison(&j, 0x138200), 0);
	hs_journal_deinit(&j);
	assert_int_equal(load(&j), 0);
	assert_true(j.poison_pfn == 0x138200);
	assert_false(j.blk[0].away);
	assert_true(j.blk[1].away);
	assert_int_equal(hs_journal_poison(&j, 0), 0);
	hs_journal_deinit(&j);
	assert_int_equal(load(&j), 0);
	assert_true(!j.poison_pfn);
	hs_journal_deinit(&j);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t crc = hs_crc32(0, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11", 36);

		snprintf(line, sizeof(line), "%08x %s\n", hs_crc32(crc, bad[i], strlen(bad[i])),
			 bad[i]);
		tree_write(&t, JOURNAL, line);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_int_equal(j.bad_line[0], 1);
		assert_true(!j.poison_pfn);
		hs_journal_deinit(&j);
	}
}

/* The one that a run makes, and no other. */
static void cgroup_there_and_back(void **state)
{
	static const char *const bad[] = {
		"cgroup /", "cgroup /sys/fs/cgroup/hotsoak/..", "cgroup /sys/fs/cgroup/hotsoak 1",
		"cgroup /sys/fs/cgroup",
	};
	struct hs_journal j;
	char line[128];

	begin(&j);
	j.cgroup = true;
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
	assert_int_equal(load(&j), 0);
	assert_true(j.cgroup);
	hs_journal_deinit(&j);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t crc = hs_crc32(0, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11", 36);

		snprintf(line, sizeof(line), "%08x %s\n", hs_crc32(crc, bad[i], strlen(bad[i])),
			 bad[i]);
		tree_write(&t, JOURNAL, line);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_int_equal(j.bad_line[0], 1);
		assert_false(j.cgroup);
		hs_journal_deinit(&j);
	}
}

static void knobs_there_and_back(void **state)
{
	static const char *const bad[] = {
		"knob /sys/a 0", "knob sys/a 0 1", "knob /sys/a 0 1 2", "knob /sys/a 0 1 moves 2",
		"knob /sys/a 01234567890123456789012345678901 1",
	};
	struct hs_journal j;
	char line[128];

	tree_write(&t, "sys/a", "0\n");
	tree_write(&t, "proc/b", "on maybe [off]\n");
	tree_write(&t, "proc/c", "off\n");
	tree_write(&t, "proc/words", "two words\n");
	tree_write(&t, "proc/long", "01234567890123456789012345678901\n");
	begin(&j);
	assert_int_equal(hs_journal_add_knob(&j, "/sys/a", "17", false), 0);
	assert_int_equal(hs_journal_add_knob(&j, "/proc/b", "on", false), 0);
	assert_int_equal(hs_journal_add_knob(&j, "/proc/none", "on", false), -ENOENT);
	assert_non_null(strstr(j.doing, "reading "));
	assert_int_equal(hs_journal_add_knob(&j, "/proc/words", "on", false), -EINVAL);
	assert_int_equal(hs_journal_add_knob(&j, "/proc/long", "on", false), -EMSGSIZE);
	assert_int_equal(hs_journal_add_knob(&j, "/proc/c", "a b", false), -EINVAL);
	assert_int_equal(hs_journal_commit(&j), 0);
	hs_journal_deinit(&j);
	assert_int_equal(load(&j), 0);
	check_blocks(&j);
	check_knobs(&j, 2);
	/* Two that want the same one share it. */
	assert_int_equal(hs_journal_add_knob(&j, "/sys/a", "18", true), 0);
	check_knobs(&j, 2);
	assert_true(j.knob[0].moves && !j.knob[1].moves);
	assert_int_equal(hs_journal_add_knob(&j, "/sys/a", "19", false), 0);
	assert_true(j.knob[0].moves);
	for (size_t i = j.nr_knobs; i <= HS_JOURNAL_KNOBS; i++) {
		snprintf(line, sizeof(line), "sys/more%zu", i);
		tree_write(&t, line, "0\n");
		snprintf(line, sizeof(line), "/sys/more%zu", i);
		assert_int_equal(hs_journal_add_knob(&j, line, "17", false),
				 i < HS_JOURNAL_KNOBS ? 0 : -ENOSPC);
	}
	hs_journal_deinit(&j);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t crc = hs_crc32(0, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11", 36);

		snprintf(line, sizeof(line), "%08x %s\n", hs_crc32(crc, bad[i], strlen(bad[i])),
			 bad[i]);
		tree_write(&t, JOURNAL, line);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_int_equal(j.bad_line[0], 1);
		check_knobs(&j, 0);
		hs_journal_deinit(&j);
	}
}

static void torn_at_every_byte(void **state)
{
	char *text;
	size_t len;

	written();
	text = tree_read(&t, JOURNAL);
	len = strlen(text);
	assert_true(len > 200);
	for (size_t cut = 0; cut < len; cut++) {
		struct hs_journal j;
		unsigned int whole = 0;

		for (size_t i = 0; i < cut; i++)
			whole += text[i] == '\n';
		put(JOURNAL, text, cut);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_true(j.torn);
		check_blocks(&j);
		/* The first line is none of a block. */
		assert_int_equal(j.nr, whole <= 1 ? 0 : whole - 1 < NR ? whole - 1 : NR);
		hs_journal_deinit(&j);
	}
	free(text);
}

static void a_whole_line_that_is_missing(void **state)
{
	char *text, *at;
	size_t len;

	written();
	text = tree_read(&t, JOURNAL);
	len = strlen(text);
	for (at = text; *at; at = strchr(at, '\n') + 1) {
		size_t line = (size_t)(strchr(at, '\n') + 1 - at), before = (size_t)(at - text);
		struct hs_journal j;
		char rest[1024];

		memcpy(rest, text, before);
		memcpy(rest + before, at + line, len - before - line);
		put(JOURNAL, rest, len - line);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_true(j.torn);
		check_blocks(&j);
		hs_journal_deinit(&j);
	}
	free(text);
}

static void a_bit_flipped_in_every_byte(void **state)
{
	unsigned int damaged = 0;
	char *text;
	size_t len;

	written();
	text = tree_read(&t, JOURNAL);
	len = strlen(text);
	for (size_t at = 0; at < len; at++) {
		for (int bit = 0; bit < 8; bit++) {
			struct hs_journal j;

			text[at] ^= (char)(1 << bit);
			put(JOURNAL, text, len);
			text[at] ^= (char)(1 << bit);
			assert_int_equal(load(&j), -EUCLEAN);
			assert_true(j.nr_bad >= 1 && j.nr_bad <= 2);
			assert_false(j.other_boot);
			check_blocks(&j);
			/* A newline lost or won spoils two lines, all else one. */
			assert_true(j.nr >= NR - 2);
			damaged++;
			hs_journal_deinit(&j);
		}
	}
	assert_int_equal(damaged, 8 * len);
	free(text);
}

static void another_boot_is_not_used(void **state)
{
	struct hs_journal j;
	char *text;
	size_t len;

	written();
	tree_write(&t, BOOT_ID, "00000000-1111-4222-8333-444444444444\n");
	assert_int_equal(load(&j), 0);
	assert_true(j.other_boot);
	assert_int_equal(j.nr, 0);
	hs_journal_deinit(&j);
	/* Not even when it is damaged and cannot say of which boot it is. */
	text = tree_read(&t, JOURNAL);
	len = strlen(text);
	for (size_t at = 0; at < len; at++) {
		text[at] ^= 1;
		put(JOURNAL, text, len);
		text[at] ^= 1;
		load(&j);
		assert_int_equal(j.nr, 0);
		assert_int_equal(j.module, HS_JOURNAL_MODULE_UNKNOWN);
		hs_journal_deinit(&j);
	}
	free(text);
}

static void what_is_no_journal_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "\n\n\n", "hotsoak-journal 1 x 1\n", "00000000 end 0\n",
		"00000000 block 32 online Movable 0\n", "zzzzzzzz block\n", "0000000", "\xff\xfe\n",
	};
	struct hs_journal j;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_write(&t, JOURNAL, texts[i]);
		assert_int_equal(load(&j), -EUCLEAN);
		assert_int_equal(j.nr, 0);
		hs_journal_deinit(&j);
	}
	remove(tree_path(&t, JOURNAL));
	tree_mkdir(&t, JOURNAL);
	assert_int_equal(load(&j), -EBADMSG);
	hs_journal_deinit(&j);
	tree_deinit(&t);
	tree_init(&t);
	tree_write(&t, "var", "a file where a directory should be");
	assert_int_equal(load(&j), -ENOENT);
	hs_journal_deinit(&j);
}

static void boots_without_a_name(void **state)
{
	struct hs_journal j;

	tree_write(&t, BOOT_ID, "");
	assert_int_equal(hs_journal_init(&j, t.dir), -EBADMSG);
	tree_write(&t, BOOT_ID, "two words\n");
	assert_int_equal(hs_journal_init(&j, t.dir), -EBADMSG);
	assert_non_null(strstr(j.doing, BOOT_ID));
	/* A captured tree may have none. */
	remove(tree_path(&t, BOOT_ID));
	written();
	assert_int_equal(load(&j), 0);
	assert_int_equal(j.nr, NR);
	hs_journal_deinit(&j);
}

/* Every call of a commit fails once with each errno: said, and no journal there. */
static void every_call_of_a_commit_fails(void **state)
{
	static const struct { enum fault_call call; const char *word; } rows[] = {
		{ FAULT_MKDIR, "making " }, { FAULT_OPEN, "" }, { FAULT_WRITE, "writing " },
		{ FAULT_FSYNC, "" }, { FAULT_RENAME, "renaming " },
	};
	unsigned int hits[NR_FAULT_CALLS] = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t e = 0; e < sizeof(errnos) / sizeof(errnos[0]); e++) {
			for (unsigned int nth = 1;; nth++) {
				struct hs_journal j;
				bool hit;
				int r;

				tree_deinit(&t);
				assert_int_equal(syscall(SYS_mkdir, t.dir, 0700), 0);
				tree_write(&t, BOOT_ID, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11\n");
				begin(&j);
				fault_arm(rows[i].call, nth, errnos[e]);
				r = hs_journal_commit(&j);
				hit = fault_disarm();
				if (hit) {
					assert_int_equal(r, -errnos[e]);
					assert_memory_equal(j.doing, rows[i].word,
							    strlen(rows[i].word));
					assert_non_null(strstr(j.doing, t.dir));
					assert_false(is_there(JOURNAL));
					assert_false(is_there(JOURNAL ".new"));
					hits[rows[i].call]++;
				} else {
					assert_int_equal(r, 0);
				}
				hs_journal_deinit(&j);
				if (!hit)
					break;
			}
		}
	}
	/* var, var/lib, var/lib/hotsoak, run, run/hotsoak. */
	assert_int_equal(hits[FAULT_MKDIR], 5 * sizeof(errnos) / sizeof(errnos[0]));
	/* The five above, the marks, the journal, and its directory. */
	assert_int_equal(hits[FAULT_OPEN], 8 * sizeof(errnos) / sizeof(errnos[0]));
	assert_int_equal(hits[FAULT_WRITE], 2 * sizeof(errnos) / sizeof(errnos[0]));
	assert_int_equal(hits[FAULT_FSYNC], 7 * sizeof(errnos) / sizeof(errnos[0]));
	assert_int_equal(hits[FAULT_RENAME], sizeof(errnos) / sizeof(errnos[0]));
}

static void interrupted_and_short_writes_go_on(void **state)
{
	struct hs_journal j;

	for (unsigned int nth = 1; nth <= 2; nth++) {
		begin(&j);
		fault_arm(FAULT_WRITE, nth, EINTR);
		assert_int_equal(hs_journal_commit(&j), 0);
		assert_true(fault_disarm());
		hs_journal_deinit(&j);
	}
	begin(&j);
	fault_arm(FAULT_WRITE, 1, FAULT_SHORT);
	assert_int_equal(hs_journal_commit(&j), 0);
	fault.armed = false;
	hs_journal_deinit(&j);
	assert_int_equal(load(&j), 0);
	assert_int_equal(j.nr, NR);
	hs_journal_deinit(&j);
}

/* kill -9 at every call: a journal that is there is whole. */
static void death_at_every_call(void **state)
{
	unsigned int deaths = 0, whole = 0;

	for (unsigned int nth = 1;; nth++) {
		struct hs_journal j;
		int status, r;
		pid_t pid;

		tree_deinit(&t);
		assert_int_equal(syscall(SYS_mkdir, t.dir, 0700), 0);
		tree_write(&t, BOOT_ID, "6ff0a4fe-0000-4b55-9a3f-1c3a3a8e2f11\n");
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			begin(&j);
			fault_arm(FAULT_ANY, nth, FAULT_DIE);
			if (!hs_journal_commit(&j) && !hs_journal_mark(&j, 1, true))
				hs_journal_clear(&j);
			_exit(fault_disarm() ? 0 : 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		r = load(&j);
		assert_true(!r || r == -ENOENT);
		if (!r) {
			assert_int_equal(j.nr, NR);
			whole++;
		}
		hs_journal_deinit(&j);
		if (WEXITSTATUS(status))
			break;
		deaths++;
	}
	assert_true(deaths > 25);
	assert_true(whole >= 3 && whole < deaths);
}

static void removing_it_fails(void **state)
{
	for (size_t e = 0; e < sizeof(errnos) / sizeof(errnos[0]); e++) {
		struct hs_journal j;

		begin(&j);
		assert_int_equal(hs_journal_commit(&j), 0);
		fault_arm(FAULT_UNLINK, 1, errnos[e]);
		assert_int_equal(hs_journal_clear(&j), -errnos[e]);
		assert_true(fault_disarm());
		assert_memory_equal(j.doing, "removing ", 9);
		assert_true(is_there(JOURNAL));
		fault_arm(FAULT_FSYNC, 1, errnos[e]);
		assert_int_equal(hs_journal_clear(&j), -errnos[e]);
		assert_true(fault_disarm());
		assert_int_equal(hs_journal_clear(&j), 0);
		hs_journal_deinit(&j);
	}
}

static void reading_it_fails(void **state)
{
	written();
	for (size_t e = 0; e < sizeof(errnos) / sizeof(errnos[0]); e++) {
		for (int call = FAULT_OPEN; call <= FAULT_READ; call++) {
			struct hs_journal j;

			assert_int_equal(hs_journal_init(&j, t.dir), 0);
			fault_arm((enum fault_call)call, 1, errnos[e]);
			assert_int_equal(hs_journal_load(&j), -errnos[e]);
			assert_true(fault_disarm());
			assert_memory_equal(j.doing, "reading ", 8);
			hs_journal_deinit(&j);
		}
	}
}

static void marks_outlive_the_process(void **state)
{
	struct hs_journal j, seen;

	begin(&j);
	assert_int_equal(hs_journal_commit(&j), 0);
	assert_int_equal(hs_journal_mark(&j, 1, true), 0);
	assert_int_equal(hs_journal_mark(&j, 3, true), 0);
	assert_int_equal(load(&seen), 0);
	assert_false(seen.blk[0].away);
	assert_true(seen.blk[1].away);
	assert_false(seen.blk[2].away);
	assert_true(seen.blk[3].away);
	hs_journal_deinit(&seen);
	assert_int_equal(hs_journal_mark(&j, 1, false), 0);
	assert_int_equal(load(&seen), 0);
	assert_false(seen.blk[1].away);
	hs_journal_deinit(&seen);
	/* Said once; from then on all count as away. */
	fault_arm(FAULT_PWRITE, 1, EIO);
	assert_int_equal(hs_journal_mark(&j, 0, true), -EIO);
	assert_true(fault_disarm());
	assert_int_equal(hs_journal_mark(&j, 0, false), 0);
	assert_int_equal(load(&seen), 0);
	assert_true(seen.marks_lost);
	for (int i = 0; i < NR; i++)
		assert_true(seen.blk[i].away);
	hs_journal_deinit(&seen);
	hs_journal_deinit(&j);
}

static void spoilt_marks_count_as_away(void **state)
{
	static const char *const texts[] = {
		"", "x", "         7 ?\n", "         7.x\n", "           .\n", "        7x .\n",
		"4294967296 .\n", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
	};
	struct hs_journal j;

	written();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_write(&t, AWAY, texts[i]);
		assert_int_equal(load(&j), 0);
		assert_true(j.blk[0].away);
		assert_int_equal(j.nr_lost, 0);
		hs_journal_deinit(&j);
	}
	/* One that was taken, and no line says how it was. */
	tree_write(&t, AWAY, "         7 .\n        99 x\n        98 .\n");
	assert_int_equal(load(&j), 0);
	assert_false(j.blk[0].away);
	assert_int_equal(j.nr_lost, 1);
	assert_int_equal(j.lost[0], 99);
	hs_journal_deinit(&j);
}

static void a_damaged_one_is_set_aside(void **state)
{
	struct hs_journal j;

	written();
	assert_int_equal(load(&j), 0);
	assert_int_equal(hs_journal_set_aside(&j), 0);
	hs_journal_deinit(&j);
	assert_false(is_there(JOURNAL));
	assert_false(is_there(AWAY));
	assert_true(is_there(JOURNAL ".damaged"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_checksum_is_the_known_one),
		TEST(there_and_back), TEST(knobs_there_and_back), TEST(poison_there_and_back),
		TEST(cgroup_there_and_back),
		TEST(torn_at_every_byte),
		TEST(a_whole_line_that_is_missing),
		TEST(a_bit_flipped_in_every_byte),
		TEST(another_boot_is_not_used),
		TEST(what_is_no_journal_is_refused),
		TEST(boots_without_a_name),
		TEST(every_call_of_a_commit_fails),
		TEST(interrupted_and_short_writes_go_on),
		TEST(death_at_every_call),
		TEST(removing_it_fails),
		TEST(reading_it_fails),
		TEST(marks_outlive_the_process),
		TEST(spoilt_marks_count_as_away),
		TEST(a_damaged_one_is_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
