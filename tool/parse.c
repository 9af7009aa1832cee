// SPDX-License-Identifier: GPL-2.0-only
/* Strict parsing of what users and files write: numbers, durations, sizes. */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S	UINT64_C(1000000000)
#define NS_PER_MS	UINT64_C(1000000)
#define NS_PER_US	UINT64_C(1000)

static int digit_value(char c, unsigned int base)
{
	int v;

	if (c >= '0' && c <= '9')
		v = c - '0';
	else if (c >= 'a' && c <= 'f')
		v = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		v = c - 'A' + 10;
	else
		return -1;
	return v < (int)base ? v : -1;
}

/*
 * Reads digits up to the first other character. strtoull(3) would take blanks,
 * signs and wrap "-1" around, none of which anybody means in a block number.
 */
static int read_digits(const char **text, unsigned int base, uint64_t *value)
{
	const char *p = *text;
	uint64_t v = 0;
	int d;

	if (digit_value(*p, base) < 0)
		return -EINVAL;
	for (; (d = digit_value(*p, base)) >= 0; p++)
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)d, &v))
			return -ERANGE;
	*text = p;
	*value = v;
	return 0;
}

int hs_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned int base = 10;
	uint64_t v;
	int r;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	r = read_digits(&text, base, &v);
	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	if (v < min || v > max)
		return -ERANGE;
	*value = v;
	return 0;
}

/* Largest first: a duration is written in falling units, each once. */
static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "d", 24 * 3600 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "s", NS_PER_S },
	{ "ms", NS_PER_MS },
	{ "us", NS_PER_US },
	{ "ns", 1 },
};

#define NR_UNITS (sizeof(units) / sizeof(units[0]))

static size_t find_unit(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < NR_UNITS; i++)
		if (strlen(units[i].name) == len && !strncmp(units[i].name, text, len))
			break;
	return i;
}

int hs_parse_duration_ns(const char *text, uint64_t *ns)
{
	uint64_t total = 0, v;
	size_t from = 0;
	bool bare;
	int r;

	do {
		size_t len, u;

		r = read_digits(&text, 10, &v);
		if (r < 0)
			return r;
		for (len = 0; isalpha((unsigned char)text[len]); len++)
			;
		/* "90" is seconds, but the 30 of "1m30" could be anything. */
		bare = !len && !from;
		u = bare ? find_unit("s", 1) : find_unit(text, len);
		if (u == NR_UNITS || u < from)
			return -EINVAL;
		if (__builtin_mul_overflow(v, units[u].ns, &v) ||
		    __builtin_add_overflow(total, v, &total))
			return -ERANGE;
		from = u + 1;
		text += len;
	} while (*text && !bare);
	if (*text)
		return -EINVAL;
	*ns = total;
	return 0;
}

int hs_duration_format(uint64_t ns, char *text, size_t text_bytes)
{
	size_t u = 0;
	int n;

	/* The largest unit that says it in a whole number, but 90s, not 1m30s. */
	while (u < NR_UNITS - 1 && (!ns || ns % units[u].ns))
		u++;
	if (!ns)
		u = find_unit("s", 1);
	n = snprintf(text, text_bytes, "%llu%s", (unsigned long long)(ns / units[u].ns),
		     units[u].name);
	return n < 0 || (size_t)n >= text_bytes ? -ENOBUFS : 0;
}

static const char byte_units[] = "KMGTPE";

int hs_parse_bytes(const char *text, uint64_t *bytes)
{
	const char *unit;
	uint64_t v;
	int r;

	r = read_digits(&text, 10, &v);
	if (r < 0)
		return r;
	if (*text) {
		unsigned int shift;

		unit = strchr(byte_units, toupper((unsigned char)*text));
		if (!unit)
			return -EINVAL;
		text++;
		/* "64MB" is refused: half of its readers take it for 64000000. */
		if (*text && strcmp(text, "iB"))
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - byte_units + 1);
		if (v > UINT64_MAX >> shift)
			return -ERANGE;
		v <<= shift;
	}
	*bytes = v;
	return 0;
}

int hs_bytes_format(uint64_t bytes, char *text, size_t text_bytes)
{
	unsigned int u = 0;
	uint64_t whole = bytes, rest = 0;
	int n;

	while (whole >= 1024 && u < sizeof(byte_units) - 1) {
		rest = whole % 1024;
		whole /= 1024;
		u++;
	}
	if (!u)
		n = snprintf(text, text_bytes, "%lluB", (unsigned long long)whole);
	else if (!rest)
		n = snprintf(text, text_bytes, "%llu%c", (unsigned long long)whole,
			     byte_units[u - 1]);
	else
		n = snprintf(text, text_bytes, "%llu.%llu%c", (unsigned long long)whole,
			     (unsigned long long)(rest * 10 / 1024), byte_units[u - 1]);
	return n < 0 || (size_t)n >= text_bytes ? -ENOBUFS : 0;
}

int hs_parse_ratio(const char *text, double min, double max, double *value)
{
	char *end;
	double v;

	/* strtod(3) would also take blanks, signs, "nan", "inf" and hex floats. */
	if (!isdigit((unsigned char)*text) || text[strspn(text, "0123456789.eE+-")])
		return -EINVAL;
	v = strtod(text, &end);
	if (*end)
		return -EINVAL;
	if (!isfinite(v) || v < min || v > max)
		return -ERANGE;
	*value = v;
	return 0;
}

int hs_parse_bool(const char *text, int *value)
{
	static const struct {
		const char *word;
		int value;
	} words[] = {
		{ "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 },
		{ "1", 1 }, { "0", 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].word, text)) {
			*value = words[i].value;
			return 0;
		}
	}
	return -EINVAL;
}
