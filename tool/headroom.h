/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that must stay free while blocks are away. */
#ifndef HS_HEADROOM_H
#define HS_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

/* max(64 MiB, 5 % of @total_bytes) */
uint64_t hs_headroom_bytes(uint64_t total_bytes);

/* May @take_bytes go? Cheap while plenty is free. */
bool hs_headroom_allows(uint64_t take_bytes);

/* What may be taken beyond @take_bytes before the headroom is touched. */
uint64_t hs_headroom_spare(uint64_t take_bytes);

#endif
