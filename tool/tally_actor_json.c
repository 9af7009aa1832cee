// SPDX-License-Identifier: GPL-2.0-only
/* What freers and antagonists have done, on its way into the record and back. */
#include "tally_internal.h"

#include <errno.h>

#include <json-c/json.h>

#include "antagonist.h"
#include "jsonval.h"

#define ENDED(field)	{ #field, offsetof(struct hs_tally, signals.field) }

static const struct { const char *name; size_t offset; } signal_ends[] = {
	ENDED(interrupted), ENDED(outran), ENDED(gave_up),
};

static uint64_t *signal_end(const struct hs_tally *t, size_t i)
{
	return field(t, signal_ends[i].offset);
}

struct json_object *hs_tally_signals_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "sent", json_object_new_uint64(t->signals.sent));
	for (size_t i = 0; i < LEN(signal_ends); i++) {
		struct json_object *phases = json_object_new_object();

		for (int p = 0; p < HS_NR_SIGNAL_PHASES; p++)
			json_object_object_add(phases, hs_signal_phase_names[p],
					       json_object_new_uint64(signal_end(t, i)[p]));
		json_object_object_add(o, signal_ends[i].name, phases);
	}
	return o;
}

#define PROBED(field)	{ #field, offsetof(struct hs_probe_tally, field) }

static const struct hs_number probe_numbers[] = {
	PROBED(calls), PROBED(met), PROBED(stalled), PROBED(calm_ns), PROBED(stuck_ns),
};

struct json_object *hs_tally_probes_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < HS_NR_PROBES; i++) {
		struct json_object *p = json_object_new_object();

		json_object_object_add(p, "expected",
				       json_object_new_boolean(t->probe[i].expected));
		hs_numbers_put(p, &t->probe[i], probe_numbers, LEN(probe_numbers));
		json_object_object_add(o, hs_probes[i].name, p);
	}
	return o;
}

#define PAGES(field)	{ #field, offsetof(struct hs_pages_tally, field) }

static const struct hs_number pages_numbers[] = {
	PAGES(workers), PAGES(deaths), PAGES(checked), PAGES(freed), PAGES(aimed),
	PAGES(in_time), PAGES(sigbus), PAGES(fixed_buffers),
};

struct json_object *hs_tally_freers_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (int i = 0; i < HS_NR_PAGES; i++) {
		if (t->pages[i].workers)
			hs_part_put(o, hs_pages_names[i], &t->pages[i], pages_numbers,
				 LEN(pages_numbers));
	}
	return o;
}

#define TUNED(field)	{ #field, offsetof(struct hs_tuner_tally, field) }

static const struct hs_number tuner_numbers[] = {
	TUNED(writes), TUNED(failed), TUNED(longest_ns),
};

struct json_object *hs_tally_tuners_to_json(const struct hs_tally *t)
{
	struct json_object *o = json_object_new_object();

	for (const struct hs_antagonist_desc *a = hs_antagonists; a->name; a++)
		if (t->tuner[a->kind].writes || t->tuner[a->kind].failed)
			hs_part_put(o, a->name, &t->tuner[a->kind], tuner_numbers,
				 LEN(tuner_numbers));
	return o;
}

int hs_tally_signals_from_json(struct json_object *o, struct hs_tally *t)
{
	if (hs_json_get_u64(o, "sent", &t->signals.sent) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < LEN(signal_ends); i++) {
		struct json_object *phases;

		if (hs_json_get_object(o, signal_ends[i].name, &phases) < 0)
			return -EBADMSG;
		for (int p = 0; p < HS_NR_SIGNAL_PHASES; p++)
			if (hs_json_get_u64(phases, hs_signal_phase_names[p],
					    &signal_end(t, i)[p]) < 0)
				return -EBADMSG;
	}
	return 0;
}

int hs_tally_probes_from_json(struct json_object *o, struct hs_tally *t)
{
	for (int i = 0; i < HS_NR_PROBES; i++) {
		struct json_object *p;
		int r = hs_json_get_object(o, hs_probes[i].name, &p);

		/* Not known to the writer. */
		if (r == -ENOENT)
			continue;
		if (r < 0 || hs_json_get_bool(p, "expected", &t->probe[i].expected) < 0 ||
		    hs_numbers_get(p, &t->probe[i], probe_numbers, LEN(probe_numbers)) < 0)
			return -EBADMSG;
	}
	return 0;
}

int hs_tally_freers_from_json(struct json_object *o, struct hs_tally *t)
{
	int r = 0;

	for (int i = 0; i < HS_NR_PAGES && !r; i++)
		r = hs_part_get(o, hs_pages_names[i], &t->pages[i], pages_numbers,
			     LEN(pages_numbers));
	return r;
}

int hs_tally_tuners_from_json(struct json_object *o, struct hs_tally *t)
{
	int r = 0;

	for (const struct hs_antagonist_desc *a = hs_antagonists; a->name && !r; a++)
		r = hs_part_get(o, a->name, &t->tuner[a->kind], tuner_numbers, LEN(tuner_numbers));
	return r;
}
