// SPDX-License-Identifier: GPL-2.0-only
/* hotsoak daemon: waits on the control socket and soaks when it is asked to. */
#include "run.h"

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "log.h"
#include "report_text.h"
#include "watchdog.h"

#define STATE_DIR	"/var/lib/hotsoak"
#define RECORD_NAME	"run"
#define START_ARGS	2

struct daemon {
	const char *sysroot;		/* NULL: this system */
	sd_event *event;
	sd_event_source *idle, *over;
	struct hs_service *service;
	struct hs_watchdog watchdog;
	bool leaving;			/* at the end of the soak that goes on */

	/* While a soak goes on. */
	struct run *run;
	struct json_object *request;	/* owns the strings of @run */
	char *argv[START_ARGS];		/* for the record */
	char record[512];
	uint64_t seen[HS_NR_INVARIANTS];	/* violations */
};

#define refuse(...) hs_command_error(&hs_cmd_daemon, __VA_ARGS__)

/* ---- While it goes on ------------------------------------------------------------- */

static void on_progress(const struct hs_progress *p, void *ctx)
{
	struct daemon *d = ctx;
	char line[320];

	hs_service_progress(d->service, p);
	if (!hs_watchdog_progressed(&d->watchdog, p))
		return;
	hs_watchdog_feed(&d->watchdog);
	hs_report_progress(p, line, sizeof(line));
	sd_notifyf(0, "STATUS=%s: %s", d->run->info.scenario.name, line);
}

static void on_violation(enum hs_invariant inv, const char *text, void *ctx)
{
	struct daemon *d = ctx;

	if (!d->seen[inv]++)
		hs_log_violation(&d->run->info, inv, text, d->record);
}

/* Not from within the soak's own callback: it is freed there. */
static void on_ended(void *ctx)
{
	struct daemon *d = ctx;

	sd_event_source_set_enabled(d->over, SD_EVENT_ONESHOT);
}

static void run_free(struct daemon *d)
{
	if (d->run)
		hs_run_deinit(d->run);
	free(d->run);
	json_object_put(d->request);
	d->run = NULL;
	d->request = NULL;
}

static int over(sd_event_source *source, void *userdata)
{
	struct daemon *d = userdata;
	struct run *run = d->run;

	(void)source;
	hs_run_judge(run, hs_soak_tally(run->soak));
	hs_log_ended(&run->info, &run->tally, &run->judgement, run->line, d->record);
	hs_service_ended(d->service, &run->judgement, run->line);
	sd_notifyf(0, "STATUS=idle, the last run: %s", run->line);
	hs_watchdog_end(&d->watchdog);
	run_free(d);
	if (d->leaving)
		sd_event_exit(d->event, 0);
	return 0;
}

/* ---- The start --------------------------------------------------------------------- */

static const struct hs_option *option_find(const char *name)
{
	for (const struct hs_option *o = hs_cmd_start.options; o->name; o++)
		if (!strcmp(o->name, name) && o != &hs_run_options[O_SYSROOT])
			return o;
	return NULL;
}

static int option_take_one(struct run *run, const struct hs_option *o, struct json_object *value)
{
	if (!o->arg && json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? hs_run_option_set(o, NULL, run) : 0;
	if (o->arg && json_object_is_type(value, json_type_string))
		return hs_run_option_set(o, json_object_get_string(value), run);
	refuse("the option %s: expected %s", o->name, o->arg ? "a string" : "true or false");
	return -EINVAL;
}

static int option_take(struct run *run, const char *name, struct json_object *value)
{
	const struct hs_option *o = option_find(name);
	int r = 0;

	if (!o) {
		refuse("the option %s is none of hotsoak start", name);
		return -EINVAL;
	}
	if (!json_object_is_type(value, json_type_array))
		return option_take_one(run, o, value);
	for (size_t i = 0; i < json_object_array_length(value) && r >= 0; i++)
		r = option_take_one(run, o, json_object_array_get_idx(value, i));
	return r;
}

/* Here a relative path would mean another file than where it was written. */
static int path_check(const char *what, const char *path)
{
	if (!path || path[0] == '/')
		return 0;
	refuse("the %s %s: a daemon needs an absolute path", what, path);
	return -EINVAL;
}

static int options_take(struct daemon *d, const char **scenario)
{
	struct json_object *options = NULL, *name = NULL;
	struct run *run = d->run;
	int r;

	if (!json_object_object_get_ex(d->request, "scenario", &name) ||
	    !json_object_is_type(name, json_type_string)) {
		refuse("the request names no scenario");
		return -EINVAL;
	}
	*scenario = json_object_get_string(name);
	if (json_object_object_get_ex(d->request, "options", &options)) {
		if (!json_object_is_type(options, json_type_object)) {
			refuse("the request's options are no object");
			return -EINVAL;
		}
		json_object_object_foreach(options, key, value) {
			r = option_take(run, key, value);
			if (r < 0)
				return r;
		}
	}
	if ((strchr(*scenario, '/') && (r = path_check("scenario", *scenario)) < 0) ||
	    (r = path_check("record", run->value[O_RECORD])) < 0 ||
	    (r = path_check("record to replay", run->value[O_REPLAY])) < 0)
		return r;
	return 0;
}

/* Where the record goes when nothing is said. */
static int record_choose(struct daemon *d)
{
	const char *asked = d->run->value[O_RECORD], *state = getenv("STATE_DIRECTORY");
	char path[400];
	int n;

	if (asked) {
		n = snprintf(d->record, sizeof(d->record), "%s", asked);
		return n < (int)sizeof(d->record) ? 0 : -ENAMETOOLONG;
	}
	if (d->sysroot || !state || state[0] != '/' || strchr(state, ':'))
		state = STATE_DIR;
	n = snprintf(path, sizeof(path), "%s%s", d->sysroot ? d->sysroot : "", state);
	if (n >= (int)sizeof(path))
		return -ENAMETOOLONG;
	for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	snprintf(d->record, sizeof(d->record), "%s/" RECORD_NAME, path);
	d->run->value[O_RECORD] = d->record;
	return 0;
}

/* Not even a start: the client is told why, and that is all. */
static int start_refused(struct daemon *d, int r)
{
	run_free(d);
	return r;
}

static int start_prepared(struct daemon *d)
{
	static const struct hs_soak_callbacks callbacks = {
		.progress = on_progress, .violation = on_violation, .ended = on_ended,
	};
	struct run *run = d->run;
	struct hs_service_run served;
	int r = hs_run_start(run, &callbacks, d, false);

	if (r < 0 && !run->soak)
		return start_refused(d, r);
	if (r < 0) {
		hs_run_judge(run, hs_soak_tally(run->soak));
		hs_service_ended(d->service, &run->judgement, run->line);
		run_free(d);
		return 0;
	}
	served = hs_run_served(run);
	hs_service_began(d->service, &served);
	hs_watchdog_begin(&d->watchdog, run->info.scenario.limit_ns + run->info.scenario.grace_ns);
	hs_log_started(&run->info, run->target.nr, run->control ? run->control->name : NULL,
		       d->record);
	return 0;
}

static int start_told(struct daemon *d, struct json_object *request)
{
	static char name[] = "start";
	const char *scenario;
	int r;

	if (d->leaving) {
		refuse("the daemon is about to end");
		return -ESHUTDOWN;
	}
	d->run = calloc(1, sizeof(*d->run));
	if (!d->run) {
		refuse("no memory for a run");
		return -ENOMEM;
	}
	memset(d->seen, 0, sizeof(d->seen));
	d->request = json_object_get(request);
	d->argv[0] = name;
	/* Kept by the request for as long as it is not changed. */
	d->argv[1] = (char *)json_object_to_json_string_ext(d->request, JSON_C_TO_STRING_PLAIN);
	d->run->info.argc = START_ARGS;
	d->run->info.argv = d->argv;
	d->run->event = sd_event_ref(d->event);
	d->run->value[O_SYSROOT] = d->sysroot;
	r = options_take(d, &scenario);
	if (r >= 0)
		r = hs_run_prepare(d->run, scenario);
	if (r < 0)
		return start_refused(d, r);
	r = record_choose(d);
	if (r < 0) {
		refuse("the directory of the record: %s", strerror(-r));
		return start_refused(d, r);
	}
	hs_watchdog_feed(&d->watchdog);
	return start_prepared(d);
}

static int start(struct json_object *request, char *error, size_t error_bytes, void *ctx)
{
	int r;

	hs_command_error_to(error, error_bytes);
	r = start_told(ctx, request);
	hs_command_error_to(NULL, 0);
	if (r == -EROFS || r == -EACCES)
		snprintf(error + strlen(error), error_bytes - strlen(error),
			 ": in its unit the daemon may write below " STATE_DIR " only");
	if (r < 0 && !error[0])
		snprintf(error, error_bytes, "the soak cannot start: %s", strerror(-r));
	return r;
}

/* ---- The daemon ---------------------------------------------------------------------- */

static int leave(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct daemon *d = userdata;

	(void)source;
	(void)si;
	sd_notify(0, "STOPPING=1");
	if (d->run)
		hs_soak_stop(d->run->soak, d->leaving);
	else
		sd_event_exit(d->event, 0);
	d->leaving = true;
	return 0;
}

static int tell_state(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct daemon *d = userdata;

	(void)source;
	(void)si;
	if (d->run)
		hs_report_state(stderr, hs_soak_progress(d->run->soak));
	else
		fprintf(stderr, "no soak is running\n");
	return 0;
}

/* A loop that turns is all that can be asked of a daemon without a soak. */
static int idle(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;

	(void)usec;
	if (!d->run)
		hs_watchdog_feed(&d->watchdog);
	return sd_event_source_set_time_relative(source, d->watchdog.unit_usec / 3);
}

static int signals_watch(struct daemon *d)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* There is nothing to read anew, and no terminal to lose. */
	signal(SIGHUP, SIG_IGN);
	r = sd_event_add_signal(d->event, NULL, SIGINT, leave, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGTERM, leave, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGUSR1, tell_state, d);
	return r;
}

static int loop_setup(struct daemon *d)
{
	int r = sd_event_new(&d->event);

	if (r >= 0)
		r = signals_watch(d);
	if (r >= 0)
		r = sd_event_add_defer(d->event, &d->over, over, d);
	if (r >= 0)
		r = sd_event_source_set_enabled(d->over, SD_EVENT_OFF);
	hs_watchdog_init(&d->watchdog);
	if (r < 0 || !d->watchdog.unit_usec)
		return r;
	r = sd_event_add_time_relative(d->event, &d->idle, CLOCK_MONOTONIC, 0, 0, idle, d);
	return r < 0 ? r : sd_event_source_set_enabled(d->idle, SD_EVENT_ON);
}

static int serve(struct daemon *d)
{
	const struct hs_service_config c = {
		.sysroot = d->sysroot, .mode = "daemon", .start = start, .ctx = d,
	};
	const char *sysroot = d->sysroot ? d->sysroot : "";
	int r = loop_setup(d);

	if (r < 0) {
		refuse("setting up the event loop: %s", strerror(-r));
		return HS_EXIT_BROKEN;
	}
	r = hs_service_new(&d->service, d->event, &c);
	if (r == -EADDRINUSE)
		refuse("another daemon or run has the control socket in %s/run/hotsoak: see hotsoak status",
		       sysroot);
	else if (r < 0)
		refuse("making the control socket in %s/run/hotsoak: %s", sysroot, strerror(-r));
	if (r < 0)
		return HS_EXIT_BROKEN;
	sd_notify(0, "READY=1\nSTATUS=idle");
	r = sd_event_loop(d->event);
	if (r < 0)
		refuse("the event loop: %s", strerror(-r));
	return r < 0 ? HS_EXIT_BROKEN : HS_EXIT_PASS;
}

static const struct hs_option options[] = {
	{ "sysroot", 0, "DIR", "serve below this tree and soak it, without a kernel (for tests)" },
	{ NULL, 0, NULL, NULL },
};

static int set(const struct hs_option *o, const char *arg, void *ctx)
{
	struct daemon *d = ctx;

	d->sysroot = arg[0] ? arg : NULL;
	return 0;
}

static int daemon_main(int argc, char **argv)
{
	static struct daemon d;
	int operand = hs_command_parse(&hs_cmd_daemon, argc, argv, set, &d), status;

	if (operand < 0)
		return HS_EXIT_BROKEN;
	if (operand < argc) {
		refuse("takes no argument, not %s: hotsoak start tells it what to do",
		       argv[operand]);
		return HS_EXIT_BROKEN;
	}
	if (geteuid() && !d.sysroot) {
		refuse("not root: taking memory blocks needs CAP_SYS_ADMIN, run it with sudo");
		return HS_EXIT_SKIP;
	}
	umask(077);
	status = serve(&d);
	run_free(&d);
	hs_service_free(d.service);
	sd_event_source_unref(d.idle);
	sd_event_source_unref(d.over);
	sd_event_unref(d.event);
	return status;
}

const struct hs_command hs_cmd_daemon = {
	.name = "daemon",
	.summary = "Waits on the control socket for hotsoak start, as a service does",
	.options = options,
	.main = daemon_main,
};
