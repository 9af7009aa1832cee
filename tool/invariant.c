// SPDX-License-Identifier: GPL-2.0-only
/* The table of invariants: the module's, then those that the tool checks. */
#include "invariant.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct hs_invariant_desc hs_invariants[HS_NR_INVARIANTS] = {
	[HOTSOAK_INV_PCP_LIMITS] = {
		"pcp-limits", "the pcplist limits say disabled on every possible CPU, from disable to enable" },
	[HOTSOAK_INV_PCP_EMPTY] = {
		"pcp-empty", "the zone's pcplists are empty whenever seen under the pcp lock" },
	[HOTSOAK_INV_NO_STRAY] = {
		"no-stray", "no page of an isolated range is on any pcplist" },
	[HOTSOAK_INV_NO_REALLOC] = {
		"no-realloc", "a free page of an isolated range stays free" },
	[HOTSOAK_INV_ISOLATION_LIFTED] = {
		"isolation-lifted", "nobody but the window's owner undoes its isolation" },
	[HOTSOAK_INV_PAIRING] = {
		"pairing", "each disable has its enable, nobody re-enables inside" },
	[HS_INV_ACCOUNTING] = {
		"accounting", "present, managed and isolated counts and MemTotal come back exactly" },
	[HS_INV_CONTENTS] = {
		"contents", "data in pages that were migrated away is intact" },
	[HS_INV_CLEAN_LOG] = {
		"clean-log", "no new taint bit, WARN, BUG, oops or hung task" },
	[HS_INV_PROGRESS] = {
		"progress", "no offline fails its final test again and again until its limit" },
};

/* A row that nobody filled would be a NULL name in every table and message. */
_Static_assert(HS_NR_INVARIANTS == 10, "a new invariant needs its row above");
_Static_assert(HS_NR_INVARIANTS < 64, "invariants are bits of a uint64_t");

static int find(const char *id, size_t len)
{
	for (int i = 0; i < HS_NR_INVARIANTS; i++)
		if (strlen(hs_invariants[i].id) == len &&
		    !strncmp(hs_invariants[i].id, id, len))
			return i;
	return -ENOENT;
}

int hs_invariant_find(const char *id)
{
	return find(id, strlen(id));
}

int hs_invariant_parse(const char *list, uint64_t *mask)
{
	uint64_t m = 0;

	if (!strcmp(list, "all")) {
		*mask = (UINT64_C(1) << HS_NR_INVARIANTS) - 1;
		return 0;
	}
	for (;;) {
		size_t len = strcspn(list, ",");
		int i;

		/* "a, b" is how people write lists in files. */
		while (len && *list == ' ') {
			list++;
			len--;
		}
		for (i = (int)len; i > 0 && list[i - 1] == ' '; i--)
			;
		i = find(list, (size_t)i);
		if (i < 0)
			return i;
		m |= UINT64_C(1) << i;
		list += len;
		if (!*list)
			break;
		list++;
	}
	*mask = m;
	return 0;
}

void hs_invariant_names(uint64_t mask, char *names, size_t names_bytes)
{
	size_t len = 0;

	names[0] = '\0';
	for (int i = 0; i < HS_NR_INVARIANTS && len < names_bytes; i++)
		if (mask >> i & 1)
			len += (size_t)snprintf(names + len, names_bytes - len, "%s%s",
						len ? ", " : "", hs_invariants[i].id);
}
