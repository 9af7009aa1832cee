/* SPDX-License-Identifier: GPL-2.0-only */
/* Strict parsing of what users and files write: numbers, durations, sizes. */
#ifndef HS_PARSE_H
#define HS_PARSE_H

#include <stddef.h>
#include <stdint.h>

/* Whole string, decimal or 0x; -EINVAL, -ERANGE. */
int hs_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* "90", "90s", "2h", "1m30s", "500ms", "200us", "50ns": a bare number is seconds. */
int hs_parse_duration_ns(const char *text, uint64_t *ns);

/* "64M", "2G", "4096": powers of 1024. */
int hs_parse_bytes(const char *text, uint64_t *bytes);

/* The reverse, for people: "128M", "1.5G", "512B"; -ENOBUFS. */
int hs_bytes_format(uint64_t bytes, char *text, size_t text_bytes);

/* The reverse, exact: "60s", "50us"; -ENOBUFS. */
int hs_duration_format(uint64_t ns, char *text, size_t text_bytes);

/* A decimal fraction such as "0.25"; no sign, no nan. -EINVAL, -ERANGE. */
int hs_parse_ratio(const char *text, double min, double max, double *value);

int hs_parse_bool(const char *text, int *value);	/* yes/no/true/false/1/0 */

#endif
