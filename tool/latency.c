// SPDX-License-Identifier: GPL-2.0-only
/* Latency histogram with log-linear buckets: percentiles within 3 %. */
#include "latency.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <json-c/json.h>

#include "jsonval.h"

/*
 * Values below HS_LATENCY_SUB have a bucket each; from there on each power of
 * two is cut into HS_LATENCY_SUB equal buckets.
 */
#define SUB_BITS 5
_Static_assert(1 << SUB_BITS == HS_LATENCY_SUB, "SUB_BITS is its logarithm");

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int top;

	if (ns < HS_LATENCY_SUB)
		return (unsigned int)ns;
	top = 63 - (unsigned int)__builtin_clzll(ns);
	return (top - SUB_BITS + 1) * HS_LATENCY_SUB +
	       (unsigned int)(ns >> (top - SUB_BITS)) % HS_LATENCY_SUB;
}

/* The largest value that falls into the bucket. */
static uint64_t bucket_end(unsigned int i)
{
	unsigned int shift;

	if (i < HS_LATENCY_SUB)
		return i;
	shift = i / HS_LATENCY_SUB - 1;
	return ((uint64_t)(HS_LATENCY_SUB + i % HS_LATENCY_SUB) << shift) +
	       ((UINT64_C(1) << shift) - 1);
}

void hs_latency_add(struct hs_latency *l, uint64_t ns)
{
	uint32_t *b = &l->bucket[bucket_of(ns)];

	if (!l->n || ns < l->min_ns)
		l->min_ns = ns;
	if (ns > l->max_ns)
		l->max_ns = ns;
	l->n++;
	if (*b < UINT32_MAX)
		(*b)++;
}

uint64_t hs_latency_percentile(const struct hs_latency *l, double p)
{
	uint64_t rank, seen = 0;

	if (!l->n)
		return 0;
	if (!(p > 0))
		return l->min_ns;
	if (p >= 1)
		return l->max_ns;
	rank = (uint64_t)ceil(p * (double)l->n);
	for (unsigned int i = 0; i < HS_LATENCY_BUCKETS; i++) {
		seen += l->bucket[i];
		if (seen >= rank) {
			uint64_t end = bucket_end(i);

			if (end < l->min_ns)
				return l->min_ns;
			return end < l->max_ns ? end : l->max_ns;
		}
	}
	return l->max_ns;
}

struct json_object *hs_latency_to_json(const struct hs_latency *l)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "n", json_object_new_uint64(l->n));
	json_object_object_add(o, "min", json_object_new_uint64(l->min_ns));
	json_object_object_add(o, "p50", json_object_new_uint64(hs_latency_percentile(l, .5)));
	json_object_object_add(o, "p90", json_object_new_uint64(hs_latency_percentile(l, .9)));
	json_object_object_add(o, "p99", json_object_new_uint64(hs_latency_percentile(l, .99)));
	json_object_object_add(o, "max", json_object_new_uint64(l->max_ns));
	return o;
}

struct json_object *hs_latency_buckets_to_json(const struct hs_latency *l)
{
	struct json_object *a = json_object_new_array();

	for (unsigned int i = 0; i < HS_LATENCY_BUCKETS; i++) {
		struct json_object *pair;

		if (!l->bucket[i])
			continue;
		pair = json_object_new_array_ext(2);
		json_object_array_add(pair, json_object_new_uint64(i));
		json_object_array_add(pair, json_object_new_uint64(l->bucket[i]));
		json_object_array_add(a, pair);
	}
	return a;
}

static int add_bucket(struct hs_latency *l, struct json_object *pair)
{
	uint64_t i, n;

	if (!json_object_is_type(pair, json_type_array) || json_object_array_length(pair) != 2 ||
	    hs_json_u64(json_object_array_get_idx(pair, 0), &i) < 0 ||
	    hs_json_u64(json_object_array_get_idx(pair, 1), &n) < 0 ||
	    i >= HS_LATENCY_BUCKETS || n > UINT32_MAX)
		return -EBADMSG;
	l->bucket[i] = (uint32_t)n;
	return 0;
}

int hs_latency_from_json(struct hs_latency *l, struct json_object *o)
{
	struct json_object *buckets;
	struct hs_latency got;
	int r;

	memset(&got, 0, sizeof(got));
	if (hs_json_get_u64(o, "n", &got.n) < 0 ||
	    hs_json_get_u64(o, "min", &got.min_ns) < 0 ||
	    hs_json_get_u64(o, "max", &got.max_ns) < 0)
		return -EBADMSG;
	r = hs_json_get_array(o, "buckets", &buckets);
	if (r == -EBADMSG)
		return r;
	for (size_t i = 0; !r && i < json_object_array_length(buckets); i++)
		if (add_bucket(&got, json_object_array_get_idx(buckets, i)) < 0)
			return -EBADMSG;
	*l = got;
	return 0;
}
