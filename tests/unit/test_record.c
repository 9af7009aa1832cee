// SPDX-License-Identifier: GPL-2.0-only
/* run.jsonl: written line by line, also onto a full disk, and read back. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include <json-c/json.h>

#include "run.h"

/* ---- write(2) and fdatasync(2) with faults -------------------------------- */

static struct {
	bool on;
	unsigned int writes, syncs;
	unsigned int fail_at;	/* this write fails, 0: none */
	int error;		/* with this; 0: all from fail_at on are cut to 7 bytes */
	bool once;
	size_t cut;		/* bytes that still go out of the failing write */
} shim;

static bool is_record(int fd)
{
	char link[64], path[512] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof(path) - 1) > 0 && strstr(path, "run.jsonl");
}

ssize_t write(int fd, const void *data, size_t bytes)
{
	if (shim.on && is_record(fd)) {
		shim.writes++;
		if (shim.fail_at && shim.writes == shim.fail_at && shim.cut) {
			shim.fail_at++;		/* short now, fails next */
			bytes = shim.cut;
			shim.cut = 0;
		} else if (shim.fail_at && shim.writes >= shim.fail_at && shim.error &&
			   (!shim.once || shim.writes == shim.fail_at)) {
			errno = shim.error;
			return -1;
		} else if (shim.fail_at && shim.writes >= shim.fail_at && !shim.error) {
			bytes = bytes < 7 ? bytes : 7;
		}
	}
	return syscall(SYS_write, fd, data, bytes);
}

int fdatasync(int fd)
{
	if (shim.on && is_record(fd))
		shim.syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

static void watch(unsigned int fail_at, int error, bool once, size_t cut)
{
	memset(&shim, 0, sizeof(shim));
	shim.on = true;
	shim.fail_at = fail_at;
	shim.error = error;
	shim.once = once;
	shim.cut = cut;
}

/* ---- a run to record ------------------------------------------------------- */

struct bench {
	struct tree t;
	char dir[256];
	struct hs_record_config c;
	struct hs_run_info info, back;
	struct hs_tally tally, loaded;
	struct hs_judgement j;
	struct hs_record *r;
};

static int setup(void **state)
{
	static struct bench b;
	static char *argv[] = { (char *)"hotsoak", (char *)"run", (char *)"say \"hi\"\n", NULL };

	memset(&b, 0, sizeof(b));
	shim.on = false;
	tree_init(&b.t);
	snprintf(b.dir, sizeof(b.dir), "%s/run", b.t.dir);
	b.c.dir = b.dir;
	b.info.seed = UINT64_MAX;
	memcpy(b.info.kernel, "6.1.0-test", 11);
	b.info.cpus = 4;
	b.info.argc = 3;
	b.info.argv = argv;
	run_scenario(&b.info.scenario);
	run_tally(&b.tally);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	shim.on = false;
	hs_record_free(b->r);
	tree_deinit(&b->t);
	return 0;
}

static void start(struct bench *b)
{
	assert_int_equal(hs_record_new(&b->r, &b->c, &b->info), 0);
}

static void finish(struct bench *b)
{
	hs_verdict_judge(&b->j, &b->info.scenario, &b->tally);
	assert_int_equal(hs_record_end(b->r, &b->tally, &b->j), 0);
}

static int reload(struct bench *b)
{
	return hs_record_load(b->dir, &b->back, &b->loaded);
}

/* Lines that are JSON with this "t". */
static unsigned int count_lines(struct bench *b, const char *type)
{
	char *text = tree_read(&b->t, "run/run.jsonl"), *rest = text, *line;
	unsigned int nr = 0;

	while ((line = strsep(&rest, "\n")) && rest) {
		struct json_object *o = json_tokener_parse(line);

		if (!o)
			fail_msg("not JSON: %s", line);
		nr += !strcmp(json_object_get_string(json_object_object_get(o, "t")), type);
		json_object_put(o);
	}
	assert_string_equal(line, "");		/* the last line is whole */
	free(text);
	return nr;
}

static void test_round_trip(void **state)
{
	struct bench *b = *state;
	struct stat st;

	start(b);
	assert_int_equal(hs_record_second(b->r, &b->tally), 0);
	finish(b);
	assert_int_equal(hs_record_error(b->r), 0);
	assert_int_equal(stat(tree_path(&b->t, "run/run.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(reload(b), 0);
	assert_true(b->back.seed == UINT64_MAX && b->back.cpus == 4);
	assert_string_equal(b->back.kernel, "6.1.0-test");
	assert_memory_equal(&b->back.scenario, &b->info.scenario, sizeof(b->info.scenario));
	b->loaded.stats.size = b->tally.stats.size;
	assert_memory_equal(&b->loaded, &b->tally, sizeof(b->tally));
	assert_int_equal(count_lines(b, "run"), 1);
	assert_int_equal(count_lines(b, "end"), 1);
}

static void test_run_line(void **state)
{
	struct bench *b = *state;
	struct json_object *o, *v;
	const char *time;
	char *text;

	start(b);
	text = tree_read(&b->t, "run/run.jsonl");
	o = json_tokener_parse(text);
	assert_non_null(o);
	assert_int_equal(json_object_get_int(json_object_object_get(o, "schema")), HS_RECORD_SCHEMA);
	v = json_object_object_get(o, "argv");
	assert_string_equal(json_object_get_string(json_object_array_get_idx(v, 2)), "say \"hi\"\n");
	time = json_object_get_string(json_object_object_get(o, "time"));
	assert_int_equal(strlen(time), strlen("2026-01-01T00:00:00Z"));
	assert_int_equal(time[10], 'T');
	assert_non_null(json_object_object_get(json_object_object_get(o, "scenario"), "expect"));
	json_object_put(o);
	free(text);
}

static void test_operations(void **state)
{
	struct bench *b = *state;
	char *text;

	start(b);
	/* Good and ordinary: not worth a line. */
	assert_int_equal(hs_record_op(b->r, HS_OP_OFFLINE, 32, HS_OUTCOME_OK, 0, 400, 100), 0);
	assert_int_equal(hs_record_op(b->r, HS_OP_OFFLINE, 32, HS_OUTCOME_OK, 0, 999, 0), 0);
	assert_int_equal(count_lines(b, "op"), 0);
	assert_int_equal(hs_record_op(b->r, HS_OP_OFFLINE, 32, HS_OUTCOME_OK, 0, 404, 100), 0);
	assert_int_equal(count_lines(b, "op"), 1);
	assert_int_equal(hs_record_op(b->r, HS_OP_ONLINE, 33, HS_OUTCOME_REFUSED, -EBUSY, 5,
				      100), 0);
	assert_int_equal(hs_record_op(b->r, HS_OP_ONLINE, 33, HS_OUTCOME_REFUSED, EBUSY, 5,
				      100), 0);
	assert_int_equal(hs_record_op(b->r, HS_OP_ONLINE, 33, HS_OUTCOME_REFUSED, 99999, 5,
				      100), 0);
	assert_int_equal(count_lines(b, "op"), 4);
	text = tree_read(&b->t, "run/run.jsonl");
	assert_non_null(strstr(text, "\"op\":\"online\",\"block\":33,\"outcome\":\"refused\",\"errno\":\"EBUSY\",\"ns\":5}"));
	assert_non_null(strstr(text, "\"errno\":99999"));
	free(text);
}

static void test_every_cycle(void **state)
{
	struct bench *b = *state;

	b->c.every_cycle = true;
	start(b);
	assert_int_equal(hs_record_op(b->r, HS_OP_OFFLINE, 32, HS_OUTCOME_OK, 0, 1, 100), 0);
	assert_int_equal(count_lines(b, "op"), 1);
}

static void test_violation(void **state)
{
	struct hotsoak_event e = {
		.type = HOTSOAK_EVENT_VIOLATION, .seq = 3, .time_ns = 4, .window = 5,
		.start_pfn = 6, .nr_pages = 7, .pid = 8, .cpu = 9,
	};
	struct bench *b = *state;
	char *text;

	e.vio.invariant = HOTSOAK_INV_NO_STRAY;
	e.vio.seen_cpu = -1;
	e.vio.pfn = 11;
	e.vio.value = UINT64_MAX;
	e.vio.expected = 13;
	e.vio.other_pid = 14;
	e.vio.order = 15;
	e.vio.flags = HOTSOAK_VIO_STALE_LIST;
	start(b);
	assert_int_equal(hs_record_violation(b->r, (enum hs_invariant)HOTSOAK_INV_NO_STRAY, &e,
					     NULL), 0);
	assert_int_equal(hs_record_violation(b->r, HS_INV_CLEAN_LOG, NULL, "WARNING \xff \"x\"\n"), 0);
	text = tree_read(&b->t, "run/run.jsonl");
	assert_non_null(strstr(text, "\"invariant\":\"no-stray\",\"seq\":3,\"time_ns\":4,\"window\":5,\"start_pfn\":6,\"nr_pages\":7,\"pid\":8,\"cpu\":9,\"seen_cpu\":-1,\"pfn\":11,\"value\":18446744073709551615,\"expected\":13,\"other_pid\":14,\"order\":15,\"stale_list\":true}"));
	assert_non_null(strstr(text, "\"invariant\":\"clean-log\",\"text\":\"WARNING ? \\\"x\\\"\\n\"}"));
	free(text);
	/* The guest died before any numbers were written: they count all the same. */
	assert_int_equal(reload(b), 0);
	assert_false(b->loaded.ended);
	assert_true(b->loaded.inv[HOTSOAK_INV_NO_STRAY].violations == 1);
	assert_true(b->loaded.inv[HS_INV_CLEAN_LOG].violations == 1);
	hs_verdict_judge(&b->j, &b->back.scenario, &b->loaded);
	assert_int_equal(b->j.verdict, HS_FAIL);
}

static void test_what_is_synced(void **state)
{
	struct bench *b = *state;

	start(b);
	watch(0, 0, false, 0);
	hs_record_note(b->r, "what", "text");
	hs_record_op(b->r, HS_OP_OFFLINE, 1, HS_OUTCOME_OK, 0, 999, 1);
	assert_int_equal(shim.syncs, 0);
	assert_int_equal(shim.writes, 2);		/* one a line */
	hs_record_op(b->r, HS_OP_OFFLINE, 1, HS_OUTCOME_INTERRUPTED, EINTR, 999, 1);
	assert_int_equal(shim.syncs, 1);
	hs_record_violation(b->r, HS_INV_CONTENTS, NULL, NULL);
	assert_int_equal(shim.syncs, 2);
	hs_record_second(b->r, &b->tally);
	assert_int_equal(shim.syncs, 3);
	finish(b);
	assert_int_equal(shim.syncs, 4);
	assert_int_equal(shim.writes, 6);
}

static void test_short_writes(void **state)
{
	struct bench *b = *state;

	watch(1, 0, false, 0);				/* seven bytes at a time */
	start(b);
	finish(b);
	shim.on = false;
	assert_int_equal(reload(b), 0);
	assert_true(b->loaded.ended);
}

static void test_interrupted_writes(void **state)
{
	struct bench *b = *state;

	watch(1, EINTR, true, 0);
	start(b);
	watch(1, EINTR, true, 5);			/* after five bytes */
	finish(b);
	shim.on = false;
	assert_int_equal(hs_record_error(b->r), 0);
	assert_int_equal(reload(b), 0);
	assert_true(b->loaded.ended);
}

/* The disk fills in the middle of a line, and has room again later. */
static void test_full_disk(void **state)
{
	static const int errors[] = { ENOSPC, EIO, EDQUOT };
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		start(b);
		watch(1, errors[i], false, 5);
		assert_int_equal(hs_record_note(b->r, "lost", ""), -errors[i]);
		assert_int_equal(hs_record_note(b->r, "lost", ""), 0);	/* said once */
		assert_int_equal(hs_record_error(b->r), -errors[i]);
		shim.on = false;
		assert_int_equal(hs_record_note(b->r, "kept", ""), 0);
		assert_int_equal(count_lines(b, "note"), 1);		/* none torn */
		hs_verdict_judge(&b->j, &b->info.scenario, &b->tally);
		assert_int_equal(hs_record_end(b->r, &b->tally, &b->j), -errors[i]);
		assert_int_equal(reload(b), 0);
		hs_record_free(b->r);
		b->r = NULL;
	}
}

static void test_first_line_fails(void **state)
{
	struct bench *b = *state;

	watch(1, ENOSPC, false, 0);
	assert_int_equal(hs_record_new(&b->r, &b->c, &b->info), -ENOSPC);
	assert_null(b->r);
}

static void test_size_limit(void **state)
{
	struct bench *b = *state;
	struct stat st;

	b->c.max_bytes = 6000;
	start(b);
	for (int i = 0; i < 100; i++)
		assert_int_equal(hs_record_second(b->r, &b->tally), 0);
	assert_int_equal(count_lines(b, "truncated"), 1);
	assert_true(count_lines(b, "second") < 10);
	assert_int_equal(stat(tree_path(&b->t, "run/run.jsonl"), &st), 0);
	assert_true(st.st_size <= 6000 + 32);
	hs_record_note(b->r, "dropped", "");
	assert_int_equal(count_lines(b, "note"), 0);
	hs_record_op(b->r, HS_OP_OFFLINE, 1, HS_OUTCOME_OK, 0, 999, 1);
	assert_int_equal(count_lines(b, "op"), 0);
	hs_record_op(b->r, HS_OP_OFFLINE, 1, HS_OUTCOME_REFUSED, EBUSY, 999, 1);
	assert_int_equal(count_lines(b, "op"), 1);
	hs_record_violation(b->r, HS_INV_CONTENTS, NULL, NULL);
	assert_int_equal(count_lines(b, "violation"), 1);
	finish(b);
	assert_int_equal(count_lines(b, "end"), 1);
	assert_int_equal(count_lines(b, "truncated"), 1);
	assert_int_equal(reload(b), 0);
}

static void test_nowhere(void **state)
{
	struct bench *b = *state;

	b->c.dir = NULL;
	start(b);
	assert_int_equal(hs_record_op(b->r, HS_OP_OFFLINE, 1, HS_OUTCOME_REFUSED, 1, 1, 1), 0);
	assert_int_equal(hs_record_violation(b->r, HS_INV_CONTENTS, NULL, NULL), 0);
	assert_int_equal(hs_record_note(b->r, "x", NULL), 0);
	assert_int_equal(hs_record_second(b->r, &b->tally), 0);
	finish(b);
	assert_int_equal(hs_record_error(b->r), 0);
	hs_record_free(NULL);
}

/* What is left of an earlier run must not be taken for this one. */
static void test_earlier_run(void **state)
{
	struct bench *b = *state;

	tree_write(&b->t, "run/run.jsonl", "earlier\n");
	tree_write(&b->t, "run/summary.json", "{\"verdict\":\"PASS\"}\n");
	start(b);
	assert_int_equal(access(tree_path(&b->t, "run/run.jsonl.old"), F_OK), 0);
	assert_int_equal(access(tree_path(&b->t, "run/summary.json"), F_OK), -1);
	assert_int_equal(count_lines(b, "run"), 1);
}

static void test_bad_dirs(void **state)
{
	struct bench *b = *state;

	b->c.dir = "/nonexistent/a/b";
	assert_int_equal(hs_record_new(&b->r, &b->c, &b->info), -ENOENT);
	tree_write(&b->t, "file", "");
	b->c.dir = tree_path(&b->t, "file");
	assert_int_equal(hs_record_new(&b->r, &b->c, &b->info), -ENOTDIR);
	/* A link that somebody laid for root to follow. */
	tree_mkdir(&b->t, "run");
	assert_int_equal(symlink("../file", tree_path(&b->t, "run/run.jsonl")), 0);
	b->c.dir = b->dir;
	start(b);
	assert_int_equal(reload(b), 0);
}

/* ---- reading what a dying run left ------------------------------------------ */

static void spoil(struct bench *b, const char *tail)
{
	FILE *f = fopen(tree_path(&b->t, "run/run.jsonl"), "a");

	assert_non_null(f);
	fputs(tail, f);
	fclose(f);
}

static void test_torn_end(void **state)
{
	static const char *const tails[] = {
		"{\"t\":\"sec", "{\"t\":\"end\",\"tally\":{}}", "{\"t\":\"sec\n", "garbage\n", "{\n",
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		start(b);
		hs_record_second(b->r, &b->tally);
		hs_record_free(b->r);
		b->r = NULL;
		spoil(b, tails[i]);
		if (reload(b))
			fail_msg("a torn last line \"%s\" was not passed over", tails[i]);
		assert_false(b->loaded.ended);
		assert_true(b->loaded.cycles == b->tally.cycles);
		hs_verdict_judge(&b->j, &b->back.scenario, &b->loaded);
		assert_int_equal(b->j.verdict, HS_BROKEN);
	}
}

static void test_damaged(void **state)
{
	static const struct { const char *tail; int error; } rows[] = {
		{ "garbage\n{\"t\":\"note\"}\n", -EBADMSG },
		{ "\n\n", -EBADMSG },
		{ "[]\n", -EBADMSG }, { "{}\n", -EBADMSG }, { "{\"t\":7}\n", -EBADMSG },
		{ "{\"t\":\"run\",\"schema\":1}\n", -EBADMSG },		/* a second one */
		{ "{\"t\":\"violation\",\"invariant\":\"nope\"}\n", -EBADMSG },
		{ "{\"t\":\"violation\"}\n", -EBADMSG },
		{ "{\"t\":\"end\"}\n", -EBADMSG },
		{ "{\"t\":\"end\",\"tally\":{}}\n", -EBADMSG },
		{ "{\"t\":\"note\"} trailing\n{\"t\":\"note\"}\n", -EBADMSG },
		{ "{\"t\":\"later-kind\",\"x\":1}\n", 0 },
		{ "{\"t\":\"note\"}\n", 0 },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(b);
		hs_record_violation(b->r, HS_INV_CONTENTS, NULL, NULL);
		hs_record_free(b->r);
		b->r = NULL;
		spoil(b, rows[i].tail);
		if (reload(b) != rows[i].error)
			fail_msg("%s: not %d", rows[i].tail, rows[i].error);
		assert_false(b->loaded.ended);
		assert_true(b->loaded.inv[HS_INV_CONTENTS].violations == 1);
	}
}

static void test_nothing_after_the_end(void **state)
{
	struct bench *b = *state;

	start(b);
	finish(b);
	spoil(b, "{\"t\":\"note\"}\n");
	assert_int_equal(reload(b), -EBADMSG);
}

static void test_bad_starts(void **state)
{
	static const struct { const char *text; int error; } rows[] = {
		{ "", -ENODATA }, { "{\"t\":\"run\"", -ENODATA }, { "garbage\n", -ENODATA },
		{ "{\"t\":\"note\"}\n", -EBADMSG },
		{ "{\"t\":\"run\"}\n", -EBADMSG },
		{ "{\"t\":\"run\",\"schema\":2}\n", -EPROTO },
		{ "{\"t\":\"run\",\"schema\":1,\"seed\":1}\n", -EBADMSG },
		{ "{\"t\":\"run\",\"schema\":1,\"seed\":1,\"kernel\":\"x\",\"cpus\":1,\"scenario\":{}}\n",
		  -EBADMSG },
	};
	struct bench *b = *state;

	assert_int_equal(reload(b), -ENOENT);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tree_write(&b->t, "run/run.jsonl", rows[i].text);
		if (reload(b) != rows[i].error)
			fail_msg("%s: not %d", rows[i].text, rows[i].error);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip), TEST(run_line), TEST(operations), TEST(every_cycle),
		TEST(violation), TEST(what_is_synced), TEST(short_writes),
		TEST(interrupted_writes), TEST(full_disk), TEST(first_line_fails),
		TEST(size_limit), TEST(nowhere), TEST(earlier_run), TEST(bad_dirs),
		TEST(torn_end), TEST(damaged), TEST(nothing_after_the_end), TEST(bad_starts),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
