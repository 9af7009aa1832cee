// SPDX-License-Identifier: GPL-2.0-only
/* The way of stress-ng's part of a tally into the record and back. */
#include "stress_ng.h"

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonval.h"

#define ROW(field)	{ #field, offsetof(struct hs_stress_ng_tally, field) }

static const struct { const char *name; size_t offset; } numbers[] = {
	ROW(starts), ROW(early), ROW(killed), ROW(unread), ROW(exit), ROW(gave_up),
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t *number(const struct hs_stress_ng_tally *t, size_t i)
{
	return (uint64_t *)((char *)t + numbers[i].offset);
}

static struct json_object *stressor_to_json(const struct hs_stress_ng_stressor *s, bool rate)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "bogo_ops", json_object_new_uint64(s->bogo_ops));
	json_object_object_add(o, "wall_ns", json_object_new_uint64(s->wall_ns));
	if (rate)
		json_object_object_add(o, "bogo_ops_per_s", hs_json_number(s->wall_ns ?
				       1e9 * (double)s->bogo_ops / (double)s->wall_ns : 0));
	return o;
}

struct json_object *hs_stress_ng_to_json(const struct hs_stress_ng_tally *t, bool rates)
{
	struct json_object *o = json_object_new_object(), *ends = json_object_new_object();
	struct json_object *stressors = json_object_new_object();

	json_object_object_add(o, "version",
			       *t->sum.version ? hs_json_text(t->sum.version) : NULL);
	for (size_t i = 0; i < LEN(numbers); i++)
		json_object_object_add(o, numbers[i].name, json_object_new_uint64(*number(t, i)));
	for (int i = 0; i < HS_NR_STRESS_NG_ENDS; i++)
		json_object_object_add(ends, hs_stress_ng_ends[i],
				       json_object_new_uint64(t->ends[i]));
	json_object_object_add(o, "ends", ends);
	json_object_object_add(o, "failed", *t->failed ? hs_json_text(t->failed) : NULL);
	json_object_object_add(o, "changed", *t->changed ? hs_json_text(t->changed) : NULL);
	for (uint64_t i = 0; i < t->sum.nr; i++)
		json_object_object_add(stressors, t->sum.stressor[i].name,
				       stressor_to_json(&t->sum.stressor[i], rates));
	json_object_object_add(o, "stressors", stressors);
	return o;
}

/* None of it is null. */
static int get_text(struct json_object *o, const char *key, char *text, size_t text_bytes)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, key, &value))
		return -EBADMSG;
	*text = '\0';
	return value ? hs_json_get_text(o, key, text, text_bytes) : 0;
}

static int get_stressor(struct hs_stress_ng_metrics *m, const char *name, struct json_object *o)
{
	struct hs_stress_ng_stressor *s = &m->stressor[m->nr];

	if (m->nr == HS_STRESS_NG_MAX_STRESSORS || strlen(name) >= sizeof(s->name) ||
	    !json_object_is_type(o, json_type_object) ||
	    hs_json_get_u64(o, "bogo_ops", &s->bogo_ops) < 0 ||
	    hs_json_get_u64(o, "wall_ns", &s->wall_ns) < 0)
		return -EBADMSG;
	memcpy(s->name, name, strlen(name) + 1);
	m->nr++;
	return 0;
}

int hs_stress_ng_from_json(struct hs_stress_ng_tally *t, struct json_object *o)
{
	struct json_object *ends, *stressors;

	if (get_text(o, "version", t->sum.version, sizeof(t->sum.version)) < 0 ||
	    get_text(o, "failed", t->failed, sizeof(t->failed)) < 0 ||
	    get_text(o, "changed", t->changed, sizeof(t->changed)) < 0 ||
	    hs_json_get_object(o, "ends", &ends) < 0 ||
	    hs_json_get_object(o, "stressors", &stressors) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < LEN(numbers); i++)
		if (hs_json_get_u64(o, numbers[i].name, number(t, i)) < 0)
			return -EBADMSG;
	for (int i = 0; i < HS_NR_STRESS_NG_ENDS; i++)
		if (hs_json_get_u64(ends, hs_stress_ng_ends[i], &t->ends[i]) < 0)
			return -EBADMSG;
	t->sum.nr = 0;
	json_object_object_foreach(stressors, name, value)
		if (get_stressor(&t->sum, name, value) < 0)
			return -EBADMSG;
	return 0;
}
