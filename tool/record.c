// SPDX-License-Identifier: GPL-2.0-only
/* run.jsonl, the writing side: one JSON object a line, one write(2) a line. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <json-c/json.h>

#include "cleanup.h"
#include "clock.h"
#include "jsonval.h"

#define RECORD		"run.jsonl"
#define RECORD_OLD	"run.jsonl.old"

struct hs_record {
	char *dir;			/* NULL: records go nowhere */
	int fd;				/* -1 too once it could not be kept whole */
	uint64_t max_bytes;
	bool every_cycle;
	bool truncated;
	off_t bytes;			/* all of them whole lines */
	uint64_t start_ns;
	int error;			/* the first, see hs_record_error() */
	struct hs_run_info info;	/* for the summary; argv is not kept */
};

enum importance {
	MAY_BE_DROPPED,			/* at the size limit */
	MUST_BE_THERE,
};

static int write_whole(int fd, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* The caller hears of trouble once; the rest is for hs_record_error(). */
static int remember(struct hs_record *r, int error)
{
	if (r->error)
		return 0;
	r->error = error;
	return error;
}

static int write_text(struct hs_record *r, const char *text, size_t bytes)
{
	int error;

	if (r->fd < 0)
		return 0;
	error = write_whole(r->fd, text, bytes);
	if (!error) {
		r->bytes += (off_t)bytes;
		return 0;
	}
	/* A torn line in the middle would make all that follows unreadable. */
	if (ftruncate(r->fd, r->bytes) < 0) {
		close(r->fd);
		r->fd = -1;
	}
	return remember(r, error);
}

static bool is_full(struct hs_record *r, size_t bytes)
{
	return r->max_bytes && (r->truncated || (uint64_t)r->bytes + bytes > r->max_bytes);
}

/* Takes @o over. */
static int write_line(struct hs_record *r, struct json_object *o, enum importance importance)
{
	_cleanup_free_ char *line = NULL;
	const char *text;
	size_t bytes;
	int error = 0;

	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	json_object_put(o);
	if (!line)
		return remember(r, -ENOMEM);
	bytes = strlen(line);
	if (importance == MAY_BE_DROPPED && is_full(r, bytes)) {
		static const char truncated[] = "{\"t\":\"truncated\"}\n";

		if (r->truncated)
			return 0;
		r->truncated = true;
		return write_text(r, truncated, sizeof(truncated) - 1);
	}
	error = write_text(r, line, bytes);
	return error;
}

static int sync_record(struct hs_record *r)
{
	if (r->fd >= 0 && fdatasync(r->fd) < 0)
		return remember(r, -errno);
	return 0;
}

static int write_synced(struct hs_record *r, struct json_object *o, enum importance importance)
{
	int error = write_line(r, o, importance);
	int error2 = sync_record(r);

	return error ? error : error2;
}

static struct json_object *new_line(const struct hs_record *r, const char *type)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "t", json_object_new_string(type));
	if (strcmp(type, "run"))
		json_object_object_add(o, "at", hs_json_number(
				       (double)((hs_clock_ns() - r->start_ns) / 1000) / 1e6));
	return o;
}

static struct json_object *time_to_json(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	if (!gmtime_r(&now, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return NULL;
	return json_object_new_string(text);
}

static int write_run(struct hs_record *r, const struct hs_run_info *info)
{
	struct json_object *o = new_line(r, "run"), *argv = json_object_new_array();

	for (int i = 0; i < info->argc; i++)
		json_object_array_add(argv, hs_json_text(info->argv[i]));
	json_object_object_add(o, "schema", json_object_new_int(HS_RECORD_SCHEMA));
	json_object_object_add(o, "time", time_to_json());
	json_object_object_add(o, "argv", argv);
	json_object_object_add(o, "seed", json_object_new_uint64(info->seed));
	json_object_object_add(o, "kernel", hs_json_text(info->kernel));
	json_object_object_add(o, "cpus", json_object_new_uint64(info->cpus));
	json_object_object_add(o, "scenario", hs_scenario_to_json(&info->scenario));
	return write_synced(r, o, MUST_BE_THERE);
}

static int open_record(struct hs_record *r)
{
	_cleanup_close_ int dir_fd = -1;

	if (mkdir(r->dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	dir_fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	if (renameat(dir_fd, RECORD, dir_fd, RECORD_OLD) < 0 && errno != ENOENT)
		return -errno;
	if (unlinkat(dir_fd, "summary.json", 0) < 0 && errno != ENOENT)
		return -errno;
	r->fd = openat(dir_fd, RECORD, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW |
		       O_CLOEXEC, 0600);
	if (r->fd < 0)
		return -errno;
	/* The name too must outlive a crash of the machine. */
	return fsync(dir_fd) < 0 && errno != EINVAL ? -errno : 0;
}

int hs_record_new(struct hs_record **rp, const struct hs_record_config *c,
		  const struct hs_run_info *info)
{
	struct hs_record *r = calloc(1, sizeof(*r));
	int error = 0;

	if (!r)
		return -ENOMEM;
	r->fd = -1;
	r->max_bytes = c->max_bytes;
	r->every_cycle = c->every_cycle;
	r->start_ns = hs_clock_ns();
	r->info = *info;
	r->info.argc = 0;
	r->info.argv = NULL;
	if (c->dir) {
		r->dir = strdup(c->dir);
		error = r->dir ? open_record(r) : -ENOMEM;
		if (!error)
			error = write_run(r, info);
	}
	if (error < 0) {
		hs_record_free(r);
		return error;
	}
	*rp = r;
	return 0;
}

void hs_record_free(struct hs_record *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->dir);
	free(r);
}

int hs_record_error(const struct hs_record *r)
{
	return r->error;
}

static struct json_object *errno_to_json(int err)
{
	const char *name = strerrorname_np(err < 0 ? -err : err);

	return name ? json_object_new_string(name) : json_object_new_int(err);
}

int hs_record_op(struct hs_record *r, enum hs_op op, unsigned long block,
		 enum hs_outcome outcome, int err, uint64_t ns, uint64_t median_ns)
{
	bool ok = outcome == HS_OUTCOME_OK;
	struct json_object *o;

	if (r->fd < 0)
		return 0;
	if (ok && !r->every_cycle && (!median_ns || ns / HS_RECORD_OUTLIER <= median_ns))
		return 0;
	o = new_line(r, "op");
	json_object_object_add(o, "op", json_object_new_string(hs_op_names[op]));
	json_object_object_add(o, "block", json_object_new_uint64(block));
	json_object_object_add(o, "outcome", json_object_new_string(hs_outcome_names[outcome]));
	if (err)
		json_object_object_add(o, "errno", errno_to_json(err));
	json_object_object_add(o, "ns", json_object_new_uint64(ns));
	return ok ? write_line(r, o, MAY_BE_DROPPED) : write_synced(r, o, MUST_BE_THERE);
}

static void add_event(struct json_object *o, const struct hotsoak_event *e)
{
	json_object_object_add(o, "seq", json_object_new_uint64(e->seq));
	json_object_object_add(o, "time_ns", json_object_new_uint64(e->time_ns));
	json_object_object_add(o, "window", json_object_new_uint64(e->window));
	json_object_object_add(o, "start_pfn", json_object_new_uint64(e->start_pfn));
	json_object_object_add(o, "nr_pages", json_object_new_uint64(e->nr_pages));
	json_object_object_add(o, "pid", json_object_new_int(e->pid));
	json_object_object_add(o, "cpu", json_object_new_uint64(e->cpu));
	json_object_object_add(o, "seen_cpu", json_object_new_int(e->vio.seen_cpu));
	json_object_object_add(o, "pfn", json_object_new_uint64(e->vio.pfn));
	json_object_object_add(o, "value", json_object_new_uint64(e->vio.value));
	json_object_object_add(o, "expected", json_object_new_uint64(e->vio.expected));
	json_object_object_add(o, "other_pid", json_object_new_int(e->vio.other_pid));
	json_object_object_add(o, "order", json_object_new_uint64(e->vio.order));
	json_object_object_add(o, "stale_list",
			       json_object_new_boolean(e->vio.flags & HOTSOAK_VIO_STALE_LIST));
}

int hs_record_violation(struct hs_record *r, enum hs_invariant inv,
			const struct hotsoak_event *e, const char *text)
{
	struct json_object *o;

	if (r->fd < 0)
		return 0;
	o = new_line(r, "violation");
	json_object_object_add(o, "invariant", json_object_new_string(hs_invariants[inv].id));
	if (text)
		json_object_object_add(o, "text", hs_json_text(text));
	if (e)
		add_event(o, e);
	return write_synced(r, o, MUST_BE_THERE);
}

int hs_record_note(struct hs_record *r, const char *what, const char *text)
{
	struct json_object *o;

	if (r->fd < 0)
		return 0;
	o = new_line(r, "note");
	json_object_object_add(o, "what", hs_json_text(what));
	json_object_object_add(o, "text", hs_json_text(text));
	return write_line(r, o, MAY_BE_DROPPED);
}

int hs_record_second(struct hs_record *r, const struct hs_tally *t)
{
	struct json_object *o;

	if (r->fd < 0)
		return 0;
	o = new_line(r, "second");
	json_object_object_add(o, "tally", hs_tally_to_json(t, false));
	return write_synced(r, o, MAY_BE_DROPPED);
}

int hs_record_end(struct hs_record *r, const struct hs_tally *t,
		  const struct hs_judgement *j)
{
	struct json_object *o;
	int error;

	if (!r->dir)
		return 0;
	o = new_line(r, "end");
	json_object_object_add(o, "verdict", json_object_new_string(hs_verdict_names[j->verdict]));
	json_object_object_add(o, "tally", hs_tally_to_json(t, true));
	write_synced(r, o, MUST_BE_THERE);
	error = hs_summary_write(r->dir, &r->info, t, j);
	if (error < 0)
		remember(r, error);
	/* The last call: whoever missed the first report hears of it here. */
	return r->error;
}
