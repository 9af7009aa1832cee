// SPDX-License-Identifier: GPL-2.0-only
/* Every value of a scenario, in text and back; scenario_key.c has the table of them. */
#include "scenario.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "antagonist.h"
#include "blockset.h"
#include "expectation.h"
#include "invariant.h"
#include "jsonval.h"
#include "parse.h"
#include "scenario_value.h"

static void *field(const struct hs_scenario *s, const struct hs_scenario_key *k)
{
	return (char *)s + k->offset;
}

static int store_u64(struct hs_scenario *s, const struct hs_scenario_key *k, uint64_t v)
{
	uint32_t narrow = (uint32_t)v;

	if (v < k->min || v > k->max)
		return -ERANGE;
	if (k->size == sizeof(v))
		memcpy(field(s, k), &v, sizeof(v));
	else if (v <= UINT32_MAX)
		memcpy(field(s, k), &narrow, sizeof(narrow));
	else
		return -ERANGE;
	return 0;
}

static uint64_t load_u64(const struct hs_scenario *s, const struct hs_scenario_key *k)
{
	uint64_t wide;
	uint32_t narrow;

	if (k->size == sizeof(wide)) {
		memcpy(&wide, field(s, k), sizeof(wide));
		return wide;
	}
	memcpy(&narrow, field(s, k), sizeof(narrow));
	return narrow;
}

static int store_text(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text)
{
	size_t len = strlen(text);

	if (len < k->min || len >= k->size)
		return -ERANGE;
	/* The name goes into "key=value" lines and file names. */
	if (k->min && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
		return -EINVAL;
	memcpy(field(s, k), text, len + 1);
	return 0;
}

static int store_checked(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text)
{
	enum hs_verdict verdict;

	if (k->type == HS_KEY_CONTROL ? !hs_control_find(text) :
	    hs_expectation_get(text, NULL, &verdict) == -EINVAL)
		return -EINVAL;
	return store_text(s, k, text);
}

static int store_stressors(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text)
{
	char words[128];
	int r = hs_stress_ng_options_check(text, words, sizeof(words));

	return r < 0 ? r : store_text(s, k, text);
}

static int store_blocks(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text)
{
	struct hs_blockset set = { 0 };
	char err[128];
	int r;

	if (strlen(text) >= k->size)
		return -ERANGE;
	if (strcmp(text, HS_BLOCKS_ALL)) {
		r = hs_blockset_parse(&set, text, err, sizeof(err));
		hs_blockset_deinit(&set);
		if (r < 0)
			return r;
	}
	memcpy(field(s, k), text, strlen(text) + 1);
	return 0;
}

/* Index of @word in @names, of which there are @nr or which end with NULL. */
static int find_word(const char *const *names, int nr, const char *word)
{
	for (int i = 0; i < nr && names[i]; i++)
		if (!strcmp(names[i], word))
			return i;
	return -EINVAL;
}

int hs_scenario_set(struct hs_scenario *s, const struct hs_scenario_key *k, const char *text)
{
	uint64_t v = 0;
	double ratio;
	int r, b;

	switch (k->type) {
	case HS_KEY_TEXT:
		return store_text(s, k, text);
	case HS_KEY_CONTROL:
	case HS_KEY_EXPECTED:
		return store_checked(s, k, text);
	case HS_KEY_STRESSORS:
		return store_stressors(s, k, text);
	case HS_KEY_BOOL:
		r = hs_parse_bool(text, &b);
		if (!r)
			*(bool *)field(s, k) = b;
		return r;
	case HS_KEY_UINT:
		r = hs_parse_u64(text, 0, UINT64_MAX, &v);
		return r < 0 ? r : store_u64(s, k, v);
	case HS_KEY_DURATION_NS:
		r = hs_parse_duration_ns(text, &v);
		return r < 0 ? r : store_u64(s, k, v);
	case HS_KEY_DURATION_US:
		r = hs_parse_duration_ns(text, &v);
		if (!r && v % 1000)
			r = -ERANGE;
		return r < 0 ? r : store_u64(s, k, v / 1000);
	case HS_KEY_BYTES:
		r = hs_parse_bytes(text, &v);
		return r < 0 ? r : store_u64(s, k, v);
	case HS_KEY_RATIO:
		r = hs_parse_ratio(text, (double)k->min, (double)k->max, &ratio);
		if (!r)
			memcpy(field(s, k), &ratio, sizeof(ratio));
		return r;
	case HS_KEY_BLOCKS:
		return store_blocks(s, k, text);
	case HS_KEY_NODE:
		r = hs_parse_u64(text, k->min, k->max, &v);
		if (!r)
			*(int *)field(s, k) = (int)v;
		return r;
	case HS_KEY_POLICY:
		r = find_word(hs_policy_names, HS_POLICY_RANDOM + 1, text);
		if (r >= 0)
			s->policy = (enum hs_policy)r;
		return r < 0 ? r : 0;
	case HS_KEY_DANGER:
		r = find_word(hs_danger_names, HS_NR_DANGERS, text);
		if (r >= 0)
			s->danger = (enum hs_danger)r;
		return r < 0 ? r : 0;
	case HS_KEY_INVARIANTS:
		r = hs_invariant_parse(text, &v);
		if (!r)
			s->invariants = v;
		return r < 0 ? -EINVAL : 0;
	case HS_KEY_ENABLES:
		*(bool *)field(s, k) = true;
		return 0;
	case HS_KEY_ANTAGONIST:
		return hs_antagonist_add(s, (enum hs_antagonist_kind)k->min);
	}
	return -EINVAL;
}

/* "from 1 to 4096" in the unit of the key. */
static void describe_limits(const struct hs_scenario_key *k, char *text, size_t text_bytes)
{
	char min[32] = "", max[32] = "";
	uint64_t scale = k->type == HS_KEY_DURATION_US ? 1000 : 1;

	if (k->type == HS_KEY_BYTES) {
		hs_bytes_format(k->min, min, sizeof(min));
		hs_bytes_format(k->max, max, sizeof(max));
	} else if (k->type == HS_KEY_DURATION_NS || k->type == HS_KEY_DURATION_US) {
		hs_duration_format(k->min * scale, min, sizeof(min));
		hs_duration_format(k->max * scale, max, sizeof(max));
	} else {
		snprintf(min, sizeof(min), "%" PRIu64, k->min);
		snprintf(max, sizeof(max), "%" PRIu64, k->max);
	}
	snprintf(text, text_bytes, "from %s to %s", min, max);
}

void hs_scenario_expected(const struct hs_scenario_key *k, const char *value, char *text,
			  size_t text_bytes)
{
	static const char *const kinds[] = {
		[HS_KEY_UINT] = "a number", [HS_KEY_NODE] = "a number", [HS_KEY_RATIO] = "a decimal number",
		[HS_KEY_DURATION_NS] = "a duration such as 60s or 200us,",
		[HS_KEY_DURATION_US] = "a duration of whole microseconds such as 50us,",
		[HS_KEY_BYTES] = "a size such as 64M,",
	};
	char limits[80];

	switch (k->type) {
	case HS_KEY_TEXT:
		snprintf(text, text_bytes, k->min ?
			 "1 to %zu letters, digits, '-', '_' or '.'" : "at most %zu characters",
			 k->size - 1);
		break;
	case HS_KEY_BOOL:
		snprintf(text, text_bytes, "yes or no");
		break;
	case HS_KEY_BLOCKS:
		snprintf(text, text_bytes, "memory blocks such as 32-47,50, or all");
		break;
	case HS_KEY_CONTROL:
		snprintf(text, text_bytes, "the name of a control");
		break;
	case HS_KEY_EXPECTED:
		snprintf(text, text_bytes, "versions and verdicts such as 5.10 PASS, 6.1 FAIL");
		break;
	case HS_KEY_STRESSORS:
		if (!hs_stress_ng_options_check(value, text, text_bytes))
			snprintf(text, text_bytes, "at most %zu characters", k->size - 1);
		break;
	case HS_KEY_POLICY:
		snprintf(text, text_bytes, "toggle, sweep or random");
		break;
	case HS_KEY_DANGER:
		snprintf(text, text_bytes, "none, disturbs or corrupts");
		break;
	case HS_KEY_INVARIANTS:
		snprintf(text, text_bytes, "all, or a list of invariants such as pcp-limits,no-stray");
		break;
	case HS_KEY_ANTAGONIST:
	case HS_KEY_ENABLES:
		snprintf(text, text_bytes, "only one antagonist with a say in which block goes, and not fifo-hog with cpu-hotplug");
		break;
	default:
		describe_limits(k, limits, sizeof(limits));
		snprintf(text, text_bytes, "%s %s", kinds[k->type], limits);
	}
}

/* The value as the file would write it, numbers as numbers; NULL: not given. */
static struct json_object *value_to_json(const struct hs_scenario *s,
					 const struct hs_scenario_key *k)
{
	char text[512] = "";
	double ratio;

	switch (k->type) {
	case HS_KEY_TEXT:
		return hs_json_text(field(s, k));
	case HS_KEY_CONTROL:
	case HS_KEY_EXPECTED:
	case HS_KEY_BLOCKS:
	case HS_KEY_STRESSORS:
		return *(char *)field(s, k) ? hs_json_text(field(s, k)) : NULL;
	case HS_KEY_NODE:
		return *(int *)field(s, k) < 0 ? NULL :
			json_object_new_int(*(int *)field(s, k));
	case HS_KEY_BOOL:
		return json_object_new_boolean(*(bool *)field(s, k));
	case HS_KEY_RATIO:
		memcpy(&ratio, field(s, k), sizeof(ratio));
		return hs_json_number(ratio);
	case HS_KEY_DURATION_NS:
		hs_duration_format(load_u64(s, k), text, sizeof(text));
		return json_object_new_string(text);
	case HS_KEY_DURATION_US:
		hs_duration_format(load_u64(s, k) * 1000, text, sizeof(text));
		return json_object_new_string(text);
	case HS_KEY_POLICY:
		return json_object_new_string(hs_policy_names[s->policy]);
	case HS_KEY_DANGER:
		return json_object_new_string(hs_danger_names[s->danger]);
	case HS_KEY_INVARIANTS:
		for (int i = 0; i < HS_NR_INVARIANTS; i++) {
			size_t len = strlen(text);

			if (s->invariants >> i & 1)
				snprintf(text + len, sizeof(text) - len, "%s%s", len ? "," : "",
					 hs_invariants[i].id);
		}
		return json_object_new_string(text);
	default:
		return json_object_new_uint64(load_u64(s, k));
	}
}

/* Freers and antagonists that are not there have no section in the record. */
static bool has_section(const struct hs_scenario *s, const struct hs_scenario_key *k)
{
	if (k->type == HS_KEY_ENABLES)
		return *(bool *)field(s, k);
	if (k->type == HS_KEY_ANTAGONIST)
		return hs_scenario_has(s, (enum hs_antagonist_kind)k->min);
	return true;
}

struct json_object *hs_scenario_to_json(const struct hs_scenario *s)
{
	struct json_object *o = json_object_new_object(), *section = NULL, *value;
	const char *name = "";
	bool there = true;

	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		if (strcmp(name, k->section)) {
			name = k->section;
			there = has_section(s, k);
			/* [scenario] itself is the object. */
			section = strcmp(name, "scenario") ? json_object_new_object() : o;
			if (there && section != o)
				json_object_object_add(o, name, section);
			else if (section != o)
				json_object_put(section);
		}
		value = there && k->key ? value_to_json(s, k) : NULL;
		if (value)
			json_object_object_add(section, k->key, value);
	}
	return o;
}

/* Of one antagonist alone: a record from before there was that makes no such demand. */
static bool is_of_before(const struct hs_scenario *s, const struct hs_scenario_key *k)
{
	if (k->offset == offsetof(struct hs_scenario, expect.min_interrupted))
		return !hs_scenario_has(s, HS_ANTAGONIST_SIGNALS);
	return k->offset == offsetof(struct hs_scenario, expect.min_lru_batched) &&
		!hs_scenario_has(s, HS_ANTAGONIST_LRU_BATCH);
}

int hs_scenario_from_json(struct hs_scenario *s, struct json_object *json)
{
	hs_scenario_init(s);
	if (!json_object_is_type(json, json_type_object))
		return -EBADMSG;
	for (const struct hs_scenario_key *k = hs_scenario_keys; k->section; k++) {
		/* A demand that is missing must not turn into a weaker one. */
		bool demanded = !strcmp(k->section, "expect");
		struct json_object *section = json, *value = NULL;
		int r = 0;

		if (strcmp(k->section, "scenario"))
			r = hs_json_get_object(json, k->section, &section);
		if (!r && k->key && !json_object_object_get_ex(section, k->key, &value))
			r = -ENOENT;
		if (r == -EBADMSG || (r && demanded && !is_of_before(s, k)))
			return -EBADMSG;
		if (r)
			continue;
		/* No invariant at all is an empty list, which a file cannot say. */
		if (k->type == HS_KEY_INVARIANTS && !json_object_get_string_len(value)) {
			s->invariants = 0;
			continue;
		}
		if ((k->key && !value) ||
		    hs_scenario_set(s, k, k->key ? json_object_get_string(value) : "") < 0)
			return -EBADMSG;
	}
	return *s->name ? 0 : -EBADMSG;
}
