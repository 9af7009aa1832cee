/* SPDX-License-Identifier: GPL-2.0-only */
/* Single values in and out of JSON: checked types, readable numbers, clean text. */
#ifndef HS_JSONVAL_H
#define HS_JSONVAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct json_object;

/* A number of at most nine digits; null when it is not finite. */
struct json_object *hs_json_number(double v);

/* Bytes that are no UTF-8 become '?': kernel logs hold anything. NULL is null. */
struct json_object *hs_json_text(const char *text);

/*
 * Members of @o. 0, -ENOENT when absent, -EBADMSG when of another type, out of
 * range or too long; the value is untouched then.
 */
int hs_json_get_u64(struct json_object *o, const char *key, uint64_t *v);
int hs_json_get_bool(struct json_object *o, const char *key, bool *v);
int hs_json_get_text(struct json_object *o, const char *key, char *text, size_t text_bytes);
int hs_json_get_object(struct json_object *o, const char *key, struct json_object **v);
int hs_json_get_array(struct json_object *o, const char *key, struct json_object **v);

/* A whole non-negative number; -EBADMSG. */
int hs_json_u64(struct json_object *o, uint64_t *v);

#endif
