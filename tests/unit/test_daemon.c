// SPDX-License-Identifier: GPL-2.0-only
/* The daemon and the commands that ask it, as processes, on a made tree. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "client.h"
#include "record.h"

#define SCENARIO "soak"

static struct tree tree;
static pid_t server;		/* the daemon, or a run in the foreground */

static const char *exe(void)
{
	const char *path = getenv("HOTSOAK_EXE");

	return path ? path : "build/tool/hotsoak";
}

struct printed {
	int status;
	char out[8192], err[2048];
};

static void file_read(const char *name, char *text, size_t bytes)
{
	char *all = tree_read(&tree, name);

	snprintf(text, bytes, "%s", all);
	free(all);
}

/* Words of @line after "hotsoak", split at blanks; stdout and stderr go to files. */
static pid_t spawn(const char *line)
{
	char words[512], *argv[24] = { (char *)exe() }, *rest = words;
	int argc = 1;
	pid_t pid;

	snprintf(words, sizeof(words), "%s --sysroot %s", line, tree.dir);
	while ((argv[argc] = strsep(&rest, " ")))
		assert_true(++argc < 24);
	pid = fork();
	if (!pid) {
		int flags = O_WRONLY | O_CREAT | O_TRUNC;
		int out = open(tree_path(&tree, "%s.out", argv[1]), flags, 0600);
		int err = open(tree_path(&tree, "%s.err", argv[1]), flags, 0600);

		if (dup2(out, 1) < 0 || dup2(err, 2) < 0)
			_exit(120);
		execv(argv[0], argv);
		_exit(121);
	}
	assert_true(pid > 0);
	return pid;
}

static int ended(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void hotsoak(struct printed *p, const char *line)
{
	char word[32], name[48];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	p->status = ended(spawn(line));
	snprintf(name, sizeof(name), "%s.out", word);
	file_read(name, p->out, sizeof(p->out));
	snprintf(name, sizeof(name), "%s.err", word);
	file_read(name, p->err, sizeof(p->err));
}

/* One clear line on stderr, or all of it on stdout. */
static void expect(const char *line, int status, const char *out, const char *err)
{
	struct printed p;

	hotsoak(&p, line);
	if (p.status != status || !strstr(p.out, out) || !strstr(p.err, err) ||
	    (*err && strchr(p.err, '\n') != p.err + strlen(p.err) - 1))
		fail_msg("hotsoak %s: status %d\n%s%s", line, p.status, p.out, p.err);
}

static void await_socket(void)
{
	static struct hs_client c;
	const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < 1000; i++) {
		if (!hs_client_init(&c, tree.dir)) {
			hs_client_deinit(&c);
			return;
		}
		nanosleep(&pause, NULL);
	}
	fail_msg("nobody serves");
}

static int setup(void **state)
{
	tree_init(&tree);
	tree_guest(&tree);
	/* What a tree cannot give, log and module, is not asked for. */
	tree_write(&tree, "scenarios/" SCENARIO ".conf",
		   "[scenario]\nname = " SCENARIO "\n[needs]\nmodule = no\n[conductor]\nduration = 0\n"
		   "[witness]\ninvariants = contents\n[freer anon]\nworkers = 1\nmemory = 1M\n"
		   "[expect]\nwindows = 0\ne1-per-window = 0\ne2-per-window = 0\nsamples-per-window = 0\n");
	setenv("HOTSOAK_SCENARIOS", tree_path(&tree, "scenarios"), 1);
	server = 0;
	return 0;
}

static int teardown(void **state)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	tree_deinit(&tree);
	return 0;
}

static void daemon_begin(void)
{
	server = spawn("daemon");
	await_socket();
}

static void daemon_end(void)
{
	pid_t pid = server;

	server = 0;
	kill(pid, SIGTERM);
	assert_int_equal(ended(pid), 0);
	assert_int_equal(access(tree_path(&tree, "run/hotsoak/control"), F_OK), -1);
}

static void assert_restored(void)
{
	for (int i = 32; i < 48; i++) {
		char name[64], state[32];

		snprintf(name, sizeof(name), TREE_MEMORY "/memory%d/state", i);
		file_read(name, state, sizeof(state));
		if (!strncmp(state, "offline", 7) != (i == 40))
			fail_msg("memory%d is %s", i, state);
	}
}

/* Until the one invariant of the scenario was checked: before, no soak may pass. */
static void await_checks(void)
{
	static const char words[] = "\"contents\":{\"armed\":true,\"checks\":";
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct printed p;

	for (int i = 0; i < 200; i++) {
		const char *checks;

		hotsoak(&p, "status --json");
		checks = strstr(p.out, words);
		if (checks && checks[strlen(words)] != '0')
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("nothing was ever checked: %s", p.out);
}

/* ---- Tests --------------------------------------------------------------------- */

static void test_nobody_there(void **state)
{
	static const char *const lines[] = { "status", "status --follow", "stop", "start " SCENARIO };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect(lines[i], 77, "", "nothing is soaking and no daemon waits");
	/* What a killed daemon leaves. */
	daemon_begin();
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	assert_int_equal(access(tree_path(&tree, "run/hotsoak/control"), F_OK), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect(lines[i], 77, "", "nothing is soaking and no daemon waits");
	daemon_begin();
	expect("status", 0, "): idle\n", "");
	daemon_end();
}

static void test_life(void **state)
{
	struct hs_run_info info;
	struct hs_tally t;

	daemon_begin();
	expect("daemon", 2, "", "another daemon or run has the control socket");
	expect("status", 0, "daemon (pid ", "");
	expect("stop", 77, "", "no soak is running");
	expect("run " SCENARIO, 2, "", "has the control socket");
	expect("start " SCENARIO " --seed 7 --blocks 32-35", 0,
	       "started " SCENARIO ", seed 7, blocks 32-35; record in ", "");
	expect("status", 0, "running " SCENARIO ", seed 7, blocks 32-35, record in ", "");
	expect("status --json", 0, "\"seed\":7,", "");
	expect("start " SCENARIO, 2, "", "is under way");
	await_checks();
	expect("stop", 0, "hotsoak: PASS " SCENARIO " seed=7 ", "");
	assert_restored();
	expect("status", 0, "): idle\nlast run: hotsoak: PASS " SCENARIO " seed=7 ", "");
	assert_int_equal(hs_record_load(tree_path(&tree, "var/lib/hotsoak/run"), &info, &t), 0);
	assert_true(info.seed == 7);
	assert_true(t.ended);
	assert_true(t.cycles > 0);
	/* By its own end, and another one after it. */
	expect("start " SCENARIO " --no-freers --cycles 3", 0, "started", "");
	expect("status --follow", 0, SCENARIO, "");
	expect("status --follow --json", 0, "\"idle\"", "");
	expect("start " SCENARIO " --no-freers --duration 2s", 0, "started", "");
	expect("status --follow", 0, "transitions/s", "");
	assert_restored();
	expect("start " SCENARIO, 0, "started", "");
	/* Ends what goes on, in order. */
	daemon_end();
	assert_restored();
	assert_int_equal(hs_record_load(tree_path(&tree, "var/lib/hotsoak/run"), &info, &t), 0);
	assert_true(t.ended);
}

/* One clear line each, and a daemon that is none the worse. */
static void test_refused(void **state)
{
	static const struct { const char *line, *err; } bad[] = {
		{ "start nosuch", "there is no scenario nosuch; known are: " },
		{ "start ./nosuch.conf", "nosuch.conf" },
		{ "start", "expected one scenario" },
		{ "start a b", "expected one scenario" },
		{ "start " SCENARIO " --blocks 999", "memory999 does not exist" },
		{ "start " SCENARIO " --blocks 9-3", "--blocks 9-3" },
		{ "start " SCENARIO " --duration soon", "--duration soon: expected a time" },
		{ "start " SCENARIO " --cycles -1", "--cycles -1: expected a number" },
		{ "start " SCENARIO " --control nosuch", "there is no control nosuch" },
		{ "start " SCENARIO " --control leak-isolate", "runs only in a guest" },
		{ "start " SCENARIO " --record /nonexistent/dir", "/nonexistent/dir: No such file" },
		{ "start " SCENARIO " --replay /nonexistent", "expected one scenario" },
		{ "start --replay /nonexistent", "reading /nonexistent/run.jsonl" },
		{ "start " SCENARIO " --dry-run", "unknown option --dry-run" },
		{ "start " SCENARIO " --json", "unknown option --json" },
		{ "stop now", "takes no argument" },
		{ "status now", "takes no argument" },
		{ "daemon now", "takes no argument" },
	};

	daemon_begin();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(bad[i].line, 2, "", bad[i].err);
	/* Could not run here: the verdict, as run would give it. */
	expect("start " SCENARIO " --blocks 40", 2, "", "memory40");
	tree_write(&tree, "scenarios/large.conf",
		   "[scenario]\nname = large\n[needs]\nmodule = no\ncpus = 4096\n"
		   "[witness]\ninvariants = contents\n[freer anon]\nworkers = 1\n"
		   "[expect]\nwindows = 0\ne1-per-window = 0\ne2-per-window = 0\nsamples-per-window = 0\n");
	expect("start large", 77, "hotsoak: SKIP large ", "");
	expect("status", 0, "): idle\n", "");
	assert_restored();
	daemon_end();
}

/* What the commands never send. */
static void test_requests(void **state)
{
	static const struct { const char *request, *error; } bad[] = {
		{ "{}", "none of status, stop, start" },
		{ "{\"do\":7}", "none of status, stop, start" },
		{ "{\"do\":\"start\"}", "names no scenario" },
		{ "{\"do\":\"start\",\"scenario\":[]}", "names no scenario" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":[]}", "no object" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"quiet\":true}}",
		  "option quiet is none" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"sysroot\":\"/\"}}",
		  "option sysroot is none" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"seed\":7}}",
		  "option seed: expected a string" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"no-freers\":\"\"}}",
		  "option no-freers: expected true" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"seed\":null}}",
		  "option seed: expected a string" },
		{ "{\"do\":\"start\",\"scenario\":\"a/b\"}", "absolute path" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"record\":\"here\"}}",
		  "absolute path" },
		{ "{\"do\":\"start\",\"scenario\":\"" SCENARIO "\",\"options\":{\"allow\":"
		  "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}}", "may be given 8 times" },
	};
	static struct hs_client c;

	daemon_begin();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json_object *request = json_tokener_parse(bad[i].request), *answer;
		const char *text;

		assert_int_equal(hs_client_init(&c, tree.dir), 0);
		assert_int_equal(hs_client_ask(&c, request), 0);
		assert_int_equal(hs_client_answer(&c, 10, &answer), 0);
		text = json_object_to_json_string(answer);
		if (!strstr(text, "\"answer\": \"error\"") || !strstr(text, bad[i].error))
			fail_msg("%s: %s", bad[i].request, text);
		json_object_put(answer);
		assert_int_equal(hs_client_answer(&c, 10, &answer), -EPIPE);
		json_object_put(request);
		hs_client_deinit(&c);
	}
	expect("status", 0, "): idle\n", "");
	daemon_end();
}

static void test_foreground(void **state)
{
	struct printed p;
	size_t all, end;
	char *out;

	server = spawn("run " SCENARIO " --seed 9 -q");
	await_socket();
	expect("status", 0, "foreground (pid ", "");
	expect("start " SCENARIO, 2, "", "a run in the foreground");
	expect("daemon", 2, "", "another daemon or run has the control socket");
	await_checks();
	hotsoak(&p, "stop");
	assert_int_equal(p.status, ended(server));
	server = 0;
	assert_int_equal(p.status, 0);
	out = tree_read(&tree, "run.out");
	all = strlen(out);
	end = strlen(p.out);
	/* The last line of the one is the line of the other. */
	assert_true(end > 10 && all > end);
	assert_string_equal(out + all - end, p.out);
	free(out);
	assert_restored();
	expect("status", 77, "", "nothing is soaking");
}

#define DAEMON_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DAEMON_TEST(test_nobody_there),
		DAEMON_TEST(test_life),
		DAEMON_TEST(test_refused),
		DAEMON_TEST(test_requests),
		DAEMON_TEST(test_foreground),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
