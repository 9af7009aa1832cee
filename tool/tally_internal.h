/* SPDX-License-Identifier: GPL-2.0-only */
/* The way of a tally into the record and back: tally_json.c, and tally_actor_json.c for what
 * freers and antagonists have done. */
#ifndef HS_TALLY_INTERNAL_H
#define HS_TALLY_INTERNAL_H

#include <stddef.h>

#include "tally.h"

struct json_object;

/* A uint64_t of a struct. */
struct hs_number { const char *name; size_t offset; };

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void *field(const void *t, size_t offset)
{
	return (char *)t + offset;
}

/* Of the struct @t, as members of @o; those that the writer did not know stay as they are.
 * -EBADMSG. */
void hs_numbers_put(struct json_object *o, const void *t, const struct hs_number *table,
		    size_t nr);
int hs_numbers_get(struct json_object *o, void *t, const struct hs_number *table, size_t nr);

/* The same of an object @name of @o, which may be missing. */
void hs_part_put(struct json_object *o, const char *name, const void *t,
		 const struct hs_number *table, size_t nr);
int hs_part_get(struct json_object *o, const char *name, void *t, const struct hs_number *table,
		size_t nr);

/* The reverse of hs_tally_*_to_json(). */
int hs_tally_signals_from_json(struct json_object *o, struct hs_tally *t);
int hs_tally_probes_from_json(struct json_object *o, struct hs_tally *t);
int hs_tally_freers_from_json(struct json_object *o, struct hs_tally *t);
int hs_tally_tuners_from_json(struct json_object *o, struct hs_tally *t);

#endif
