/* SPDX-License-Identifier: GPL-2.0-only */
/* Latency histogram with log-linear buckets: percentiles within 3 %. */
#ifndef HS_LATENCY_H
#define HS_LATENCY_H

#include <stdint.h>

struct json_object;

#define HS_LATENCY_SUB		32	/* buckets in each power of two */
#define HS_LATENCY_BUCKETS	(64 * HS_LATENCY_SUB)

struct hs_latency {
	uint64_t n, min_ns, max_ns;
	uint32_t bucket[HS_LATENCY_BUCKETS];
};

void hs_latency_add(struct hs_latency *l, uint64_t ns);

/* Smallest value with at least @p (0..1) of all values at or below it; 0 if empty. */
uint64_t hs_latency_percentile(const struct hs_latency *l, double p);

/* {"n","min","p50","p90","p99","max"}, ns; the caller owns it. */
struct json_object *hs_latency_to_json(const struct hs_latency *l);

/* [[bucket, count], …] of those that are not 0; the caller owns it. */
struct json_object *hs_latency_buckets_to_json(const struct hs_latency *l);

/*
 * The reverse of hs_latency_to_json(), exact when @o has a "buckets" member as
 * well, else without percentiles. -EBADMSG leaves @l alone.
 */
int hs_latency_from_json(struct hs_latency *l, struct json_object *o);

#endif
