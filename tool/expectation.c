// SPDX-License-Identifier: GPL-2.0-only
/* What a scenario is expected to find on a kernel. */
#include "expectation.h"

#include <errno.h>
#include <string.h>

#define DIGITS "0123456789"

/* The length of "6.12" at the start of @text, 0 when there is none. */
static size_t version_len(const char *text)
{
	size_t major = strspn(text, DIGITS), minor;

	if (!major || text[major] != '.')
		return 0;
	minor = strspn(text + major + 1, DIGITS);
	return minor ? major + 1 + minor : 0;
}

static int take_verdict(const char **text, enum hs_verdict *verdict)
{
	size_t len = strcspn(*text, ",");

	for (int v = 0; v < HS_NR_VERDICTS; v++)
		if (strlen(hs_verdict_names[v]) == len &&
		    !strncmp(*text, hs_verdict_names[v], len)) {
			*text += len;
			*verdict = (enum hs_verdict)v;
			return 0;
		}
	return -EINVAL;
}

/* How well the row for @version, of @flavour or of any, suits @release; 0: not at all. */
static int fits(const char *version, size_t len, size_t flavour_len, const char *release)
{
	const char *flavour = version + len;

	if (!len || len != (release ? version_len(release) : 0) || strncmp(version, release, len))
		return 0;
	if (!flavour_len)
		return 1;
	for (const char *at = release + len; (at = strchr(at, '-')); at++)
		if (!strncmp(at, flavour, flavour_len) &&
		    (!at[flavour_len] || at[flavour_len] == '-'))
			return 2;
	return 0;
}

int hs_expectation_get(const char *text, const char *release, enum hs_verdict *verdict)
{
	enum hs_verdict v;
	int best = 0;

	while (*text) {
		const char *version = text;
		size_t len = version_len(text), flavour_len;
		int how_well;

		text += len;
		flavour_len = *text == '-' ? strcspn(text, " ,") : 0;
		if (!len || flavour_len == 1)
			return -EINVAL;
		text += flavour_len;
		if (*text != ' ')
			return -EINVAL;
		text += strspn(text, " ");
		if (take_verdict(&text, &v) < 0)
			return -EINVAL;
		how_well = fits(version, len, flavour_len, release);
		if (how_well && how_well >= best) {
			*verdict = v;
			best = how_well;
		}
		if (*text == ',' && !text[1 + strspn(text + 1, " ")])
			return -EINVAL;
		text += strspn(text, ", ");
	}
	return best ? 0 : -ENOENT;
}
