// SPDX-License-Identifier: GPL-2.0-only
/* The witness's window of the offline that has just ended, for those who ask how far it was
 * when something happened to it. */
#include "soak_internal.h"

#include <errno.h>

/* What is interrupted sooner says nothing. */
#define TOLD_NS	HS_SECOND_NS

const struct hotsoak_event *hs_soak_window_of(const struct hs_soak *s,
					      const struct hs_operator_answer *a)
{
	const struct hotsoak_event *w = &s->window;
	unsigned long block = s->conductor.blk[s->flight.step.at].index;

	return w->nr_pages && w->start_pfn / hs_soak_block_pages(s) == block &&
		w->win.open_ns >= a->start_ns ? w : NULL;
}

bool hs_soak_is_told(const struct hs_soak *s, const struct hs_operator_answer *a)
{
	const struct hs_flight *f = &s->flight;
	uint64_t half_ns = f->start_ns + (f->signalled_ns - f->start_ns) / 2;
	const struct hotsoak_event *w;

	if (!a->err)
		return true;
	if (a->err != -EINTR || !f->signalled || f->signalled_ns < a->start_ns + TOLD_NS)
		return false;
	w = hs_soak_window_of(s, a);
	return !s->has_witness || (w && w->win.isolated_ns && w->win.isolated_ns < half_ns);
}
