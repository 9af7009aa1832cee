// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak run: a soak in the foreground. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "antagonist.h"
#include "conductor.h"
#include "freer.h"
#include "report_text.h"

#define DEFAULT_SCENARIO	"offline-soak"
#define PLAIN_SECONDS		5	/* between lines where there is no terminal */
#define PLAN_STEPS		10

/* ---- Dry run -------------------------------------------------------------------- */

static void print_plan(struct run *run)
{
	const struct hs_scenario *s = &run->info.scenario;
	const struct hs_antagonist_desc *a;
	struct hs_conductor c;
	struct hs_step step;

	printf("scenario %s, seed %" PRIu64 ", policy %s\nblocks", s->name, run->info.seed,
	       hs_policy_names[s->policy]);
	for (size_t i = 0; i < run->target.nr; i++)
		printf(" %lu", run->target.blk[i]->index);
	printf("\nfreers");
	for (const struct hs_freer_desc *const *f = hs_freers; *f; f++)
		if ((*f)->is_wanted(s))
			printf(" %s", (*f)->name);
	hs_for_each_antagonist(a, s)
		printf("\nantagonist %s: %s", a->name, a->summary);
	printf("\ninvariants");
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (s->invariants & UINT64_C(1) << i)
			printf(" %s", hs_invariants[i].id);
	if (run->control)
		printf("\ncontrol %s: %s", run->control->name, run->control->summary);
	printf("\nfirst operations\n");
	if (hs_conductor_init(&c, s->policy, run->info.seed, run->target.blk, run->target.nr) < 0)
		return;
	for (int i = 0; i < PLAN_STEPS && !hs_conductor_next(&c, true, &step); i++) {
		printf("  %-14s > memory%lu/state\n", hs_word_names[step.word],
		       c.blk[step.at].index);
		hs_conductor_done(&c, &step, HS_OUTCOME_OK, step.op == HS_OP_OFFLINE ?
				  HS_MEMBLK_OFFLINE : HS_MEMBLK_ONLINE);
	}
	hs_conductor_deinit(&c);
}

/* ---- Progress -------------------------------------------------------------------- */

static void line_close(struct run *run)
{
	if (run->line_open)
		fputc('\n', stderr);
	run->line_open = false;
}

static void on_progress(const struct hs_progress *p, void *ctx)
{
	struct run *run = ctx;
	char line[320];

	if (run->service)
		hs_service_progress(run->service, p);
	if (run->value[O_QUIET])
		return;
	if (!run->terminal && run->seconds++ % PLAIN_SECONDS)
		return;
	hs_report_progress(p, line, sizeof(line));
	if (run->terminal)
		fprintf(stderr, "\r\033[K%s", line);
	else
		fprintf(stderr, "%s\n", line);
	run->line_open = run->terminal;
}

static void on_state(const struct hs_progress *p, void *ctx)
{
	line_close(ctx);
	hs_report_state(stderr, p);
}

static void on_note(const char *what, const char *text, void *ctx)
{
	struct run *run = ctx;

	if (run->value[O_QUIET])
		return;
	line_close(run);
	fprintf(stderr, "%s: %s\n", what, text);
}

static void on_violation(enum hs_invariant inv, const char *text, void *ctx)
{
	line_close(ctx);
	fprintf(stderr, "VIOLATION %s: %s\n", hs_invariants[inv].id, text);
}

static void on_ended(void *ctx)
{
	struct run *run = ctx;

	line_close(run);
	sd_event_exit(run->event, 0);
}

/* ---- The run ---------------------------------------------------------------------- */

static int conclude(struct run *run, const struct hs_tally *seen)
{
	const struct hs_tally *t = &run->tally;
	const struct hs_judgement *j = &run->judgement;

	hs_run_judge(run, seen);
	if (run->service)
		hs_service_ended(run->service, j, run->line);
	if (run->value[O_JSON]) {
		struct json_object *o = hs_summary_to_json(&run->info, t, j);

		printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
		json_object_put(o);
		fprintf(stderr, "%s\n", run->line);
	} else {
		/* Nothing to sum up when nothing ran. */
		if (t->ended)
			hs_report_summary(stdout, &run->info, t, j);
		printf("%s\n", run->line);
	}
	fflush(stdout);
	return hs_verdict_status[j->verdict];
}

/* Could not run here: one line why, and the verdict's. */
static int conclude_skip(struct run *run, const char *why)
{
	static struct hs_tally t;

	t.restored = true;
	snprintf(t.skip, sizeof(t.skip), "%s", why);
	fail("%s", why);
	return conclude(run, &t);
}

static int signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

/* Without the socket the run is just one that nobody else sees. */
static int service_open(struct run *run)
{
	const struct hs_service_config c = {
		.sysroot = run->value[O_SYSROOT], .mode = "foreground",
	};
	int r = hs_service_new(&run->service, run->event, &c);

	if (r == -EADDRINUSE) {
		fail("a daemon or another run has the control socket: see hotsoak status, and start this soak by hotsoak start");
		return r;
	}
	if (r < 0 && !run->value[O_QUIET])
		fprintf(stderr, "hotsoak: no control socket in %s/run/hotsoak: %s: hotsoak status will not see this run\n",
			run->value[O_SYSROOT] ? run->value[O_SYSROOT] : "", strerror(-r));
	return 0;
}

static int soak(struct run *run)
{
	static const struct hs_soak_callbacks callbacks = {
		on_progress, on_state, on_note, on_violation, on_ended,
	};
	struct hs_service_run served;
	const struct hs_tally *t;
	int r = signals_block();

	if (r >= 0)
		r = sd_event_new(&run->event);
	if (r < 0) {
		fail("setting up the run: %s", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	if (service_open(run) < 0)
		return HS_EXIT_BROKEN;
	r = hs_run_start(run, &callbacks, run, true);
	if (r < 0)
		return run->soak ? conclude(run, hs_soak_tally(run->soak)) : HS_EXIT_BROKEN;
	t = hs_soak_tally(run->soak);
	if (run->service) {
		served = hs_run_served(run);
		hs_service_began(run->service, &served);
	}
	if (!run->value[O_QUIET])
		fprintf(stderr, "hotsoak: %s, seed %" PRIu64 ", %zu blocks%s%s\n",
			run->info.scenario.name, run->info.seed, run->target.nr,
			run->control ? ", control " : "", run->control ? run->control->name : "");
	r = sd_event_loop(run->event);
	if (r < 0)
		fail("the event loop: %s", strerror(-r));
	return conclude(run, t);
}

static int run_checked(struct run *run, const char *name)
{
	if (hs_run_prepare(run, name) < 0)
		return HS_EXIT_BROKEN;
	if (run->value[O_DRY_RUN]) {
		print_plan(run);
		return HS_EXIT_PASS;
	}
	if (geteuid() && !run->value[O_SYSROOT])
		return conclude_skip(run, "not root: taking memory blocks needs CAP_SYS_ADMIN, run it with sudo");
	return soak(run);
}

static int run_main(int argc, char **argv)
{
	static struct run run;
	int operand = hs_command_parse(&hs_cmd_run, argc, argv, hs_run_option_set, &run), status;

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (argc - operand > 1 || (argc > operand && run.value[O_REPLAY])) {
		fail("%s: one scenario at a time", argv[argc - 1]);
		return HS_EXIT_BROKEN;
	}
	run.info.argc = argc;
	run.info.argv = argv;
	run.terminal = isatty(STDERR_FILENO);
	status = run_checked(&run, argc > operand ? argv[operand] : DEFAULT_SCENARIO);

	hs_run_deinit(&run);
	return status;
}

const struct hs_command hs_cmd_run = {
	.name = "run",
	.args = "[SCENARIO]",
	.summary = "Take memory blocks away and bring them back while pages are freed",
	.options = hs_run_options,
	.main = run_main,
};
