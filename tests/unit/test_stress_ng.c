// SPDX-License-Identifier: GPL-2.0-only
/* stress-ng: options, words and metrics; and a life of a made one, with its keeper. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "freer.h"
#include "stress_ng.h"

TREE_FIXTURE(t)

static void options(void **state)
{
	static const char *const good[] = {
		"--vm 2", "--vm=2 --vm-bytes=64M", "  --cpu 1\t--fork 3 ", "--memfd 1 --mmap 1",
		"--switch 1 --timer 1 --klog 1 --log-lockless", "--metamix 1", "--vm-ops 3 --sock 1",
	};
	static const struct { const char *options, *words; } bad[] = {
		{ "", "options of stress-ng such as" }, { " ", "options of stress-ng such as" },
		{ "vm 2", "an option before \"vm\"" }, { "-m 2", "long options such as --vm 2, not \"-m\"" },
		{ "--vm 2 -t 5", "not \"-t\"" }, { "--vm 2 -- x", "not \"--\"" },
		{ "--vm 2 --timeout 5", "no --timeout: " }, { "--vm 2 --timeout=5", "no --timeout: " },
		{ "--vm 2 --time 5", "no --time: the run ends it" }, { "--ya f", "no --ya: " },
		{ "--yaml f", "no --yaml: " }, { "--temp-path /", "no --temp-path: " },
		{ "--taskset 0", "no --taskset: " }, { "--memhotplug 1", "no --memhotplug: " },
		{ "--cpu-online 1", "no --cpu-online: " }, { "--cpu-o 1", "no --cpu-o: " },
		{ "--all 1", "no --all: " }, { "--class vm", "no --class: " },
		{ "--sequential 1", "no --sequential: " }, { "--job f", "no --job: " },
		{ "--quiet --vm 1", "no --quiet: " }, { "--swap 1", "no --swap: " },
		{ "--thrash 1", "no --thrash: it changes" }, { "--timestamp", "no --timestamp: " },
		{ "--version", "no --version: " }, { "--help", "no --help: " },
		{ "--metrics-brief", "no --metrics-brief: " }, { "--pathological", "no --pathological: " },
	};
	char words[128], more[HS_STRESS_NG_OPTIONS_BYTES + 1];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (hs_stress_ng_options_check(good[i], words, sizeof(words)))
			fail_msg("%s: expected %s", good[i], words);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hs_stress_ng_options_check(bad[i].options, words, sizeof(words)) != -EINVAL ||
		    !strstr(words, bad[i].words))
			fail_msg("%s: expected \"%s\", said \"%s\"", bad[i].options, bad[i].words, words);
	memset(more, 'm', sizeof(more));
	memcpy(more, "--", 2);
	more[sizeof(more) - 2] = '\0';
	assert_int_equal(hs_stress_ng_options_check(more, words, sizeof(words)), 0);
	more[sizeof(more) - 2] = 'm';
	more[sizeof(more) - 1] = '\0';
	assert_int_equal(hs_stress_ng_options_check(more, words, sizeof(words)), -EINVAL);
}

static void ask(void **state)
{
	tree_mkdir(&t, "usr/bin");
	assert_int_equal(hs_stress_ng_ask(t.dir), -ENOENT);
	tree_write(&t, "usr/bin/stress-ng", "");
	assert_int_equal(hs_stress_ng_ask(t.dir), -ENOENT);
	chmod(tree_path(&t, "usr/bin/stress-ng"), 0755);
	assert_int_equal(hs_stress_ng_ask(t.dir), 0);
	assert_string_equal(hs_stress_ng_ask_words(-ENOENT), "there is no program stress-ng");
	assert_string_equal(hs_stress_ng_ask_words(-EIO), strerror(EIO));
}

static void ends(void **state)
{
	assert_int_equal(hs_stress_ng_end_of(0), HS_STRESS_NG_OK);
	assert_int_equal(hs_stress_ng_end_of(2), HS_STRESS_NG_FAILED);
	assert_int_equal(hs_stress_ng_end_of(7), HS_STRESS_NG_UNTRUSTWORTHY);
	assert_int_equal(hs_stress_ng_end_of(8), HS_STRESS_NG_OTHER);
	assert_int_equal(hs_stress_ng_end_of(128 + SIGKILL), HS_STRESS_NG_OTHER);
	assert_int_equal(hs_stress_ng_end_of(-1), HS_STRESS_NG_OTHER);
	for (int i = 0; i < HS_NR_STRESS_NG_ENDS; i++)
		assert_true(hs_stress_ng_end_words((enum hs_stress_ng_end)i) && hs_stress_ng_ends[i]);
}

static void words(void **state)
{
	struct hs_stress_ng_words w = { 0 };

	hs_stress_ng_line(&w, "stress-ng: info:  [71] setting to a 0 second run per stressor");
	hs_stress_ng_line(&w, "stress-ng: warn:  [71] it is a slow machine");
	assert_false(w.dispatched);
	assert_string_equal(w.said, "");
	hs_stress_ng_line(&w, "stress-ng: info:  [71] dispatching hogs: 1 vm");
	assert_true(w.dispatched);
	hs_stress_ng_line(&w, "stress-ng: fail:  [72] mmap: mprotect failed, errno=12 (an error of memory)");
	hs_stress_ng_line(&w, "stress-ng: fail:  [73] vm: calloc failed on vm_swap");
	assert_string_equal(w.failed, "mmap: mprotect failed, errno=12 (an error of memory)");
	assert_string_equal(w.said, w.failed);
	assert_string_equal(w.changed, "");
	hs_stress_ng_line(&w, "stress-ng: fail:  [73] vm: detected 1 memory error");
	hs_stress_ng_line(&w, "stress-ng: fail:  [73] vm: detected 3 bit errors while stressing memory");
	assert_string_equal(w.changed, "vm: detected 1 memory error");
	assert_string_equal(w.failed, w.said);

	w = (struct hs_stress_ng_words){ 0 };
	hs_stress_ng_line(&w, "stress-ng: unrecognized\toption '--nosuch'");
	hs_stress_ng_line(&w, "Try 'stress-ng --help' for more information.");
	assert_string_equal(w.said, "unrecognized option '--nosuch'");
	assert_string_equal(w.failed, "");
	w = (struct hs_stress_ng_words){ 0 };
	hs_stress_ng_line(&w, "stress-ng: info:  [5] sgx stressor will be skipped, it is not for this machine");
	assert_string_equal(w.said, "sgx stressor will be skipped, it is not for this machine");
	/* No level, or none that is known, or a line that is cut. */
	w = (struct hs_stress_ng_words){ 0 };
	hs_stress_ng_line(&w, "");
	hs_stress_ng_line(&w, "stress-ng: fail:");
	assert_string_equal(w.failed, "");
	hs_stress_ng_line(&w, "stress-ng: fail: [12");
	assert_string_equal(w.failed, "");
}

/* ---- Metrics --------------------------------------------------------------------- */

/* As each version writes them; what differs is quotes, more keys and more sections. */
#define INFO(version, q) "---\nsystem-info:\n      stress-ng-version: " q version q "\n" \
	"      run-by: " q "root" q "\n      time-hh-mm-ss: " q "11:22:33" q "\n" \
	"      version: '#1 SMP: a kernel'\n      cpus: 4\n\n"
#define STRESSOR(name, ops, wall, more) "    - stressor: " name "\n      bogo-ops: " ops "\n" \
	"      bogo-ops-per-second-usr-sys-time: 17.500000\n" \
	"      bogo-ops-per-second-real-time: 12.250000\n" \
	"      wall-clock-time: " wall "\n      user-time: 0.310000\n      system-time: 1.020000\n" \
	"      cpu-usage-per-instance: 33.000000\n      max-rss: 20480\n" more "\n"
#define INSTANCES "      instances:\n          - instance: 0\n            bogo-ops: 8\n" \
	"            wall-clock-time: 9.000000\n"
#define TIMES "times:\n      run-time: 4.000000\n      wall-clock-time: 5.000000\n\n"

static const struct { const char *version, *text; } files[] = {
	{ "0.15.06", INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "1234", "2.500000", "")
	  STRESSOR("mmap", "7", "0.000000", "") "...\n" },
	{ "0.16.05", INFO("0.16.05", "") "metrics:\n"
	  STRESSOR("vm", "1234", "2.500000", "      some-rate: 3.500000\n")
	  STRESSOR("mmap", "7", "0.000000", "") TIMES "...\n" },
	{ "0.17.08", INFO("0.17.08", "") TIMES "metrics:\n" STRESSOR("vm", "1234", "2.500000", "")
	  STRESSOR("mmap", "7", "0.000000", "") "...\n" },
	{ "0.18.12", INFO("0.18.12", "") "metrics:\n" STRESSOR("vm", "1234", "2.500000", "")
	  STRESSOR("mmap", "7", "0.000000", "") "thermal-zones:\n    - stressor: vm\n"
	  "      x86: 41.00\n\n...\n" },
	{ "0.19.06", INFO("0.19.06", "'") "metrics:\n" STRESSOR("vm", "1234", "2.500000", "")
	  STRESSOR("mmap", "7", "0.000000", "") "...\n" },
	{ "0.22.00", "---\nbuild-info:\n      cflags: '-O2'\n" INFO("0.22.00", "'") "metrics:\n"
	  STRESSOR("vm", "1234", "2.500000", INSTANCES) STRESSOR("mmap", "7", "0.000000", INSTANCES)
	  "...\n" },
};

static int read_text(const char *text, size_t len, struct hs_stress_ng_metrics *m)
{
	FILE *f = fmemopen((void *)text, len, "r");
	int r;

	assert_non_null(f);
	r = hs_stress_ng_metrics_read(f, m);
	fclose(f);
	return r;
}

static void metrics(void **state)
{
	struct hs_stress_ng_metrics m;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = strlen(files[i].text);

		assert_int_equal(read_text(files[i].text, len, &m), 0);
		assert_string_equal(m.version, files[i].version);
		assert_int_equal(m.nr, 2);
		assert_string_equal(m.stressor[0].name, "vm");
		assert_true(m.stressor[0].bogo_ops == 1234 && m.stressor[0].wall_ns == 2500000000);
		assert_string_equal(m.stressor[1].name, "mmap");
		assert_true(m.stressor[1].bogo_ops == 7 && !m.stressor[1].wall_ns);
		/* Cut anywhere, but for the last end of a line, it is none. */
		for (size_t cut = 1; cut < len - 1; cut++)
			if (read_text(files[i].text, cut, &m) != -EBADMSG)
				fail_msg("%s was taken for whole after %zu bytes", files[i].version, cut);
	}
}

static void bad_metrics(void **state)
{
	static const char *const bad[] = {
		"...\n", INFO("0.15.06", "") "...\n", INFO("0.15.06", "") "metrics:\n...\n",
		"metrics:\n" STRESSOR("vm", "1", "1.0", "") "...\n",
		INFO("a.version.too.long", "") "metrics:\n" STRESSOR("vm", "1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "-1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "many", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "1", "nan", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "1", "-1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("", "1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("a-stressor-whose-name-has-no-end", "1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "1", "1.0", "      bogo-ops: 2\n") "...\n",
		INFO("0.15.06", "") "metrics:\n    - stressor: vm\n      bogo-ops: 1\n...\n",
		INFO("0.15.06", "") "metrics:\n    - stressor: vm\n" STRESSOR("mmap", "1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n      bogo-ops: 1\n" STRESSOR("vm", "1", "1.0", "") "...\n",
		INFO("0.15.06", "") "metrics:\n" STRESSOR("vm", "1", "1.0", "") "...\nmore\n",
	};
	struct hs_stress_ng_metrics m;
	char many[8192] = INFO("0.15.06", "") "metrics:\n";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_text(bad[i], strlen(bad[i]), &m) != -EBADMSG)
			fail_msg("taken for metrics:\n%s", bad[i]);
	for (int i = 0; i <= HS_STRESS_NG_MAX_STRESSORS; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			 "    - stressor: s%d\n      bogo-ops: 1\n      wall-clock-time: 1.0\n", i);
	assert_int_equal(read_text(many, strlen(many), &m), -E2BIG);
}

static void lives(void **state)
{
	struct hs_stress_ng_tally all = { 0 };
	struct hs_stress_ng_report r = {
		.status = 0, .has_metrics = true, .words = { .said = "nothing of note" },
		.metrics = { "0.15.06", 1, { { "vm", 5, 10 } } },
	};

	hs_stress_ng_add(&all, &r);
	assert_string_equal(all.failed, "");
	r.metrics = (struct hs_stress_ng_metrics){ "0.15.06", 2, { { "mmap", 1, 2 }, { "vm", 7, 1 } } };
	r.status = 3;
	hs_stress_ng_add(&all, &r);
	assert_string_equal(all.failed, "nothing of note");
	r = (struct hs_stress_ng_report){ .status = 137, .killed = true };
	hs_stress_ng_add(&all, &r);
	assert_true(all.sum.nr == 2 && all.sum.stressor[0].bogo_ops == 12 &&
		    all.sum.stressor[0].wall_ns == 11 && all.sum.stressor[1].bogo_ops == 1);
	assert_true(all.exit == 137 && all.killed == 1 && all.unread == 1);
	assert_true(all.ends[HS_STRESS_NG_OK] == 1 && all.ends[HS_STRESS_NG_RESOURCES] == 1 &&
		    all.ends[HS_STRESS_NG_OTHER] == 1);
}

/* ---- A made one -------------------------------------------------------------------- */

static sd_event *event;
static struct hs_scenario scenario;
static struct hs_tally tally;
static char noted[512];

/* Its options say what it does; "orphan" leaves a process in a session of its own, deaf. */
static const char program[] =
"#!/bin/sh\n"
"for word; do case $last in --temp-path) dir=$word ;; --yaml) yaml=$word ;; esac; last=$word; done\n"
"echo \"$*\" >\"${0%/*}/args\"\n"
"cat /proc/self/oom_score_adj >\"${0%/*}/oom\"\n"
"case \" $* \" in\n"
"*' --refuses '*) echo 'stress-ng: no option of mine'; exit 1 ;;\n"
"*' --lacks '*) echo 'stress-ng: info:  [1] it will be skipped'; exit 4 ;;\n"
"*' --orphan '*) setsid sh -c 'trap \"\" INT TERM ALRM HUP; echo $$ >'\"${0%/*}/orphan\"'; while :; do sleep 1; done' & ;;\n"
"esac\n"
"echo >\"$dir/file\"\n"
"stop() {\n"
"	printf -- '---\\nsystem-info:\\n      stress-ng-version: 0.15.06\\nmetrics:\\n' >\"$yaml\"\n"
"	printf -- '    - stressor: vm\\n      bogo-ops: 3\\n      wall-clock-time: 1.0\\n...\\n' >>\"$yaml\"\n"
"	echo 'stress-ng: fail:  [2] vm: detected 1 memory error'\n"
"	exit 2\n"
"}\n"
"trap stop INT\n"
"echo 'stress-ng: info:  [1] dispatching hogs: 1 vm'\n"
"case \" $* \" in *' --dies '*) [ -e \"${0%/*}/died\" ] || { >\"${0%/*}/died\"; kill -9 $$; } ;; esac\n"
"while :; do sleep 0.02; done\n";

static void on_note(const char *what, const char *text, void *ctx)
{
	snprintf(noted + strlen(noted), sizeof(noted) - strlen(noted), "%s\n", text);
}

static const int nodes[] = { 0, 0 };

static struct hs_freer_env env = {
	.scenario = &scenario, .nodes = nodes, .nr_nodes = 2, .tally = &tally, .note = on_note,
};

static int made_setup(void **state)
{
	char path[8192];

	setup(state);
	tree_write(&t, "bin/stress-ng", program);
	chmod(tree_path(&t, "bin/stress-ng"), 0755);
	tree_mkdir(&t, "tmp");
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", tree_path(&t, "bin"));
	setenv("PATH", path, 1);
	memset(&tally, 0, sizeof(tally));
	*noted = '\0';
	hs_scenario_init(&scenario);
	scenario.stress_ng = true;
	snprintf(scenario.stress_ng_directory, sizeof(scenario.stress_ng_directory), "%s",
		 tree_path(&t, "tmp"));
	return sd_event_new(&event) < 0 ? -1 : 0;
}

static int made_teardown(void **state)
{
	event = sd_event_unref(event);
	return teardown(state);
}

static int start(const char *stressors, void **state)
{
	snprintf(scenario.stress_ng_options, sizeof(scenario.stress_ng_options), "%s", stressors);
	env.event = event;
	return hs_freer_stress_ng.start(&env, state);
}

/* rmdir() tells whether it is empty. */
static void nothing_is_left(void)
{
	assert_int_equal(rmdir(tree_path(&t, "tmp")), 0);
}

static pid_t orphan(void)
{
	struct stat st;
	char *text;
	pid_t pid;

	/* It is there before it has anything in it. */
	for (int i = 0; i < 3000 && (stat(tree_path(&t, "bin/orphan"), &st) || !st.st_size); i++)
		usleep(10000);
	text = tree_read(&t, "bin/orphan");
	pid = atoi(text);
	free(text);
	assert_true(pid > 1);
	return pid;
}

static void file_begins(const char *file, const char *with)
{
	char *text = tree_read(&t, file);

	if (strncmp(text, with, strlen(with)))
		fail_msg("%s is \"%s\", expected \"%s\"", file, text, with);
	free(text);
}

static void a_life(void **state)
{
	void *freer;

	assert_int_equal(start("--orphan --vm 1", &freer), 0);
	file_begins("bin/args", "--timeout 0 --metrics --verify --no-oom-adjust --temp-path ");
	file_begins("bin/oom", "1000\n");
	assert_int_equal(kill(orphan(), 0), 0);
	hs_freer_stress_ng.stop(freer);
	assert_true(kill(orphan(), 0) < 0 && errno == ESRCH);
	assert_true(tally.stress_ng.starts == 1 && !tally.stress_ng.early && !tally.stress_ng.killed);
	assert_int_equal(tally.stress_ng.ends[HS_STRESS_NG_FAILED], 1);
	assert_string_equal(tally.stress_ng.changed, "vm: detected 1 memory error");
	assert_true(tally.stress_ng.sum.nr == 1 && tally.stress_ng.sum.stressor[0].bogo_ops == 3);
	assert_string_equal(noted, "stress-ng ended with status 2: a stressor failed: vm: detected 1 memory error\n");
	nothing_is_left();
}

static void it_is_started_again(void **state)
{
	void *freer;

	assert_int_equal(start("--dies --vm 1", &freer), 0);
	for (int i = 0; i < 3000 && tally.stress_ng.starts < 2; i++)
		assert_true(sd_event_run(event, 10000) >= 0);
	assert_true(tally.stress_ng.starts == 2 && tally.stress_ng.early == 1);
	assert_string_equal(noted, "stress-ng ended with status 137 before the run did: no status of its own\n");
	hs_freer_stress_ng.stop(freer);
	assert_true(tally.stress_ng.ends[HS_STRESS_NG_OTHER] == 1 && tally.stress_ng.unread == 1);
	assert_int_equal(tally.stress_ng.sum.stressor[0].bogo_ops, 3);
	nothing_is_left();
}

/* Of a run that was killed together with its keeper; that of one that lives is locked. */
static void what_others_have_left(void **state)
{
	int fd;
	void *freer;

	tree_write(&t, "tmp/hotsoak-stress-ng.000000/below/file", "");
	tree_mkdir(&t, "tmp/hotsoak-stress-ng.111111");
	tree_mkdir(&t, "tmp/hotsoak-other");
	assert_int_equal(symlink(tree_path(&t, "bin"), tree_path(&t, "tmp/hotsoak-stress-ng.222222")), 0);
	fd = open(tree_path(&t, "tmp/hotsoak-stress-ng.111111"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(start("--vm 1", &freer), 0);
	assert_true(access(tree_path(&t, "tmp/hotsoak-stress-ng.000000"), F_OK) < 0);
	hs_freer_stress_ng.stop(freer);
	close(fd);
	assert_int_equal(rmdir(tree_path(&t, "tmp/hotsoak-stress-ng.111111")), 0);
	assert_int_equal(rmdir(tree_path(&t, "tmp/hotsoak-other")), 0);
	assert_int_equal(access(tree_path(&t, "bin/stress-ng"), F_OK), 0);
	assert_int_equal(unlink(tree_path(&t, "tmp/hotsoak-stress-ng.222222")), 0);
	nothing_is_left();
}

static void it_never_starts(void **state)
{
	void *freer;

	assert_int_equal(start("--refuses", &freer), -EPROTO);
	assert_string_equal(tally.broken, "the freer stress-ng: it ended with status 1 at once: no option of mine");
	assert_string_equal(tally.skip, "");
	assert_int_equal(tally.stress_ng.starts, 0);
	*tally.broken = '\0';
	assert_int_equal(start("--lacks", &freer), -ENODEV);
	assert_string_equal(tally.skip, "the freer stress-ng: it will be skipped");
	assert_string_equal(tally.broken, "");
	*tally.skip = '\0';
	assert_int_equal(unlink(tree_path(&t, "bin/stress-ng")), 0);
	setenv("PATH", tree_path(&t, "bin"), 1);
	assert_int_equal(start("--vm 1", &freer), -EPROTO);
	assert_string_equal(tally.broken, "the freer stress-ng could not be started: No such file or directory");
	nothing_is_left();
	*tally.broken = '\0';
	assert_int_equal(start("--vm 1", &freer), -EPROTO);
	assert_string_equal(tally.broken, "the freer stress-ng could not be started: No such file or directory");
}

/* Whoever has the other end of the socket is killed: it is no use to be asked for metrics. */
static void whose_run_is_killed(void **state)
{
	pid_t pid = fork(), left;
	void *freer;
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* One of before the fork is of no use. */
		if (sd_event_new(&event) < 0 || start("--orphan --vm 1", &freer) < 0)
			_exit(1);
		pause();
		_exit(1);
	}
	left = orphan();
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (int i = 0; i < 3000 && rmdir(tree_path(&t, "tmp")); i++)
		usleep(10000);
	assert_true(kill(left, 0) < 0 && errno == ESRCH);
	assert_true(access(tree_path(&t, "tmp"), F_OK) < 0);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define MADE(name) cmocka_unit_test_setup_teardown(name, made_setup, made_teardown)
	const struct CMUnitTest tests[] = {
		TEST(options), TEST(ask), TEST(ends), TEST(words), TEST(metrics),
		TEST(bad_metrics), TEST(lives),
		MADE(a_life), MADE(it_is_started_again), MADE(it_never_starts), MADE(what_others_have_left),
		MADE(whose_run_is_killed),
	};
	sigset_t child;

	if (argc == 6 && !strcmp(argv[1], "stressors"))
		return hs_stress_ng_keep(HS_CHILD_FD, argv[3], argv[4], argv[5]) < 0;
	setenv("HOTSOAK_EXE", "/proc/self/exe", 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	return cmocka_run_group_tests_name("stress-ng", tests, NULL, NULL);
}
