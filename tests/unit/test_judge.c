// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak judge: records of runs that passed, died, or never were. */
#include "capture.h"

#include <json-c/json.h>

#include "command.h"
#include "run.h"

struct bench {
	struct tree t;
	char dir[256];
	struct hs_run_info info;
	struct hs_tally tally;
	struct hs_judgement j;
};

static int setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	tree_init(&b.t);
	snprintf(b.dir, sizeof(b.dir), "%s/run", b.t.dir);
	b.info.seed = 7;
	memcpy(b.info.kernel, "6.1", 4);
	run_scenario(&b.info.scenario);
	run_tally(&b.tally);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	tree_deinit(&((struct bench *)*state)->t);
	return 0;
}

static void record(struct bench *b, bool violation, bool end)
{
	struct hs_record_config c = { .dir = b->dir };
	struct hs_record *r;

	assert_int_equal(hs_record_new(&r, &c, &b->info), 0);
	if (violation)
		hs_record_violation(r, HS_INV_CONTENTS, NULL, "byte 7");
	hs_record_second(r, &b->tally);
	hs_verdict_judge(&b->j, &b->info.scenario, &b->tally);
	if (end)
		assert_int_equal(hs_record_end(r, &b->tally, &b->j), 0);
	hs_record_free(r);
}

static const char *last_line(struct capture *c)
{
	size_t len = strlen(c->out);

	assert_true(len && c->out[len - 1] == '\n');
	c->out[len - 1] = '\0';
	return strrchr(c->out, '\n') ? strrchr(c->out, '\n') + 1 : c->out;
}

static void judge(struct bench *b, const char *ended, int status, const char *start,
		  const char *words)
{
	struct json_object *o, *v;
	struct capture c;
	const char *line;
	char *text;

	if (ended)
		capture(&c, hs_cmd_judge.main, "judge", "--ended", ended, b->dir, NULL);
	else
		capture(&c, hs_cmd_judge.main, "judge", b->dir, NULL);
	line = last_line(&c);
	if (c.status != status || strncmp(line, start, strlen(start)) || !strstr(line, words))
		fail_msg("--ended %s: status %d, expected %d: %s", ended, c.status, status, line);
	text = tree_read(&b->t, "run/summary.json");
	o = json_tokener_parse(text);
	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "verdict", &v));
	assert_non_null(strstr(line, json_object_get_string(v)));
	json_object_put(o);
	free(text);
}

static void test_ended(void **state)
{
	struct bench *b = *state;
	char *before, *after;

	record(b, false, true);
	before = tree_read(&b->t, "run/summary.json");
	judge(b, NULL, 0, "hotsoak: PASS smoke seed=7 windows=101", "violations=0");
	after = tree_read(&b->t, "run/summary.json");
	assert_string_equal(before, after);		/* nothing lost on the way */
	free(before);
	free(after);
	judge(b, "verdict", 0, "hotsoak: PASS", "");
	judge(b, "panic:Oops: 0002", 1, "hotsoak: FAIL", "reason=\"the kernel panicked: Oops: 0002\"");
	judge(b, "splat:WARNING: \"x\"", 1, "hotsoak: FAIL", "WARNING: \\\"x\\\"");
	judge(b, "hang", 2, "hotsoak: BROKEN", "the guest hung");
	judge(b, "timeout:600 s", 2, "hotsoak: BROKEN", "ran out of time: 600 s");
}

static void test_not_ended(void **state)
{
	struct bench *b = *state;

	record(b, false, false);
	judge(b, NULL, 2, "hotsoak: BROKEN smoke seed=7", "no end");
	judge(b, "verdict", 2, "hotsoak: BROKEN", "no end");
	judge(b, "silence", 2, "hotsoak: BROKEN", "said nothing");
	judge(b, "died", 2, "hotsoak: BROKEN", "the guest died");
	judge(b, "panic", 1, "hotsoak: FAIL", "the kernel panicked");
}

static void test_violation_before_death(void **state)
{
	struct bench *b = *state;

	record(b, true, false);
	judge(b, NULL, 1, "hotsoak: FAIL", "contents violated");
	judge(b, "hang", 1, "hotsoak: FAIL", "contents violated");
	judge(b, "panic:x", 1, "hotsoak: FAIL", "violations=1");
}

/* Keeps of each line what a hotsoak wrote that knew nothing of signals. */
static void make_old(struct bench *b)
{
	char *text = tree_read(&b->t, "run/run.jsonl"), *rest = text, *line;
	char old[65536] = "";
	size_t at = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		struct json_object *o = json_tokener_parse(line), *part;

		if (json_object_object_get_ex(o, "scenario", &part)) {
			assert_true(json_object_object_get_ex(part, "expect", &part));
			json_object_object_del(part, "interrupted");
		} else if (json_object_object_get_ex(o, "tally", &part)) {
			json_object_object_del(part, "signals");
		}
		at += (size_t)snprintf(old + at, sizeof(old) - at, "%s\n",
				       json_object_to_json_string(o));
		assert_true(at < sizeof(old));
		json_object_put(o);
	}
	free(text);
	tree_write(&b->t, "run/run.jsonl", old);
}

/* Its run sent none, and demanded none: the rest is judged as ever. */
static void test_record_of_before(void **state)
{
	struct bench *b = *state;

	record(b, false, true);
	make_old(b);
	judge(b, NULL, 0, "hotsoak: PASS smoke seed=7 windows=101", "violations=0");
	b->info.scenario.expect.min_windows = 102;
	record(b, false, true);
	make_old(b);
	judge(b, NULL, 2, "hotsoak: BROKEN smoke", "101 windows, the scenario demands 102");
}

static void test_no_record(void **state)
{
	struct bench *b = *state;

	tree_mkdir(&b->t, "run");
	judge(b, NULL, 2, "hotsoak: BROKEN -", "there is no record");
	judge(b, "verdict", 2, "hotsoak: BROKEN", "there is no record");
	judge(b, "panic:at boot", 1, "hotsoak: FAIL", "at boot");
	tree_write(&b->t, "run/run.jsonl", "");
	judge(b, NULL, 2, "hotsoak: BROKEN", "run.jsonl is empty");
	tree_write(&b->t, "run/run.jsonl", "{}\n{}\n");
	judge(b, NULL, 2, "hotsoak: BROKEN", "damaged");
	tree_write(&b->t, "run/run.jsonl", "{\"t\":\"run\",\"schema\":99}\n");
	judge(b, NULL, 2, "hotsoak: BROKEN", "another version");
}

/* A verdict that nobody can read up on is no PASS. */
static void test_summary_cannot_be_written(void **state)
{
	struct bench *b = *state;
	struct capture c;

	record(b, false, true);
	assert_int_equal(unlink(tree_path(&b->t, "run/summary.json")), 0);
	tree_mkdir(&b->t, "run/summary.json");
	capture(&c, hs_cmd_judge.main, "judge", b->dir, NULL);
	assert_int_equal(c.status, HS_EXIT_BROKEN);
	assert_non_null(strstr(c.err, "summary.json cannot be written: Is a directory"));
	assert_int_equal(strncmp(last_line(&c), "hotsoak: BROKEN", 15), 0);
}

static void test_bad_input(void **state)
{
	struct capture c;

	capture(&c, hs_cmd_judge.main, "judge", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "expected one directory");
	capture(&c, hs_cmd_judge.main, "judge", "/tmp", "/tmp", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "expected one directory");
	capture(&c, hs_cmd_judge.main, "judge", "/nonexistent", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "/nonexistent: no such directory");
	capture(&c, hs_cmd_judge.main, "judge", "--ended", "well", "/tmp", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "--ended well: expected verdict, panic,");
	capture(&c, hs_cmd_judge.main, "judge", "--ended", "", "/tmp", NULL);
	assert_refused(&c, HS_EXIT_BROKEN, "--ended : expected");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ended), TEST(not_ended), TEST(violation_before_death),
		TEST(record_of_before), TEST(no_record),
		TEST(summary_cannot_be_written), TEST(bad_input),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
