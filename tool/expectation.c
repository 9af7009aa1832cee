// SPDX-License-Identifier: GPL-2.0-only
/* What a scenario is expected to find on a kernel. */
#include "expectation.h"

#include <errno.h>
#include <stdbool.h>
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

int hs_expectation_get(const char *text, const char *release, enum hs_verdict *verdict)
{
	size_t want = release ? version_len(release) : 0;
	enum hs_verdict v;
	bool found = false;

	while (*text) {
		const char *version = text;
		size_t len = version_len(text);

		text += len + strspn(text + len, " ");
		if (!len || text == version + len || take_verdict(&text, &v) < 0)
			return -EINVAL;
		if (len == want && !strncmp(version, release, len)) {
			*verdict = v;
			found = true;
		}
		if (*text == ',' && !text[1 + strspn(text + 1, " ")])
			return -EINVAL;
		text += strspn(text, ", ");
	}
	return found ? 0 : -ENOENT;
}
