// SPDX-License-Identifier: GPL-2.0-only
/* Single values in and out of JSON: checked types, readable numbers, clean text. */
#include "jsonval.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "cleanup.h"

/* json-c would write 0.1 as 0.10000000000000001; it keeps the pointer. */
static char number_format[] = "%.9g";

struct json_object *hs_json_number(double v)
{
	struct json_object *o;

	if (!isfinite(v))
		return NULL;
	o = json_object_new_double(v);
	if (o)
		json_object_set_serializer(o, json_object_double_to_json_string,
					   number_format, NULL);
	return o;
}

/* Length of the UTF-8 sequence at @p, 0 when it is none. */
static size_t sequence(const unsigned char *p)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} kinds[] = {
		{ 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};

	for (size_t n = 0; n < 4; n++) {
		uint32_t c = *p & (unsigned char)~kinds[n].mask;

		if ((*p & kinds[n].mask) != kinds[n].lead)
			continue;
		for (size_t i = 1; i <= n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (p[i] & 0x3f);
		}
		return c < kinds[n].least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ?
		       0 : n + 1;
	}
	return 0;
}

struct json_object *hs_json_text(const char *text)
{
	_cleanup_free_ char *copy = text ? strdup(text) : NULL;

	if (!copy)
		return NULL;
	for (char *p = copy; *p;) {
		size_t n = sequence((const unsigned char *)p);

		if (!n) {
			*p = '?';
			n = 1;
		}
		p += n;
	}
	return json_object_new_string(copy);
}

static int get(struct json_object *o, const char *key, enum json_type type,
	       struct json_object **v)
{
	struct json_object *found;

	if (!json_object_is_type(o, json_type_object))
		return -EBADMSG;
	if (!json_object_object_get_ex(o, key, &found))
		return -ENOENT;
	if (!json_object_is_type(found, type))
		return -EBADMSG;
	*v = found;
	return 0;
}

int hs_json_u64(struct json_object *o, uint64_t *v)
{
	if (!json_object_is_type(o, json_type_int))
		return -EBADMSG;
	/* json-c answers a negative number with 0, unless asked as signed. */
	if (json_object_get_int64(o) < 0)
		return -EBADMSG;
	*v = json_object_get_uint64(o);
	return 0;
}

int hs_json_get_u64(struct json_object *o, const char *key, uint64_t *v)
{
	struct json_object *found;
	int r = get(o, key, json_type_int, &found);

	return r < 0 ? r : hs_json_u64(found, v);
}

int hs_json_get_bool(struct json_object *o, const char *key, bool *v)
{
	struct json_object *found;
	int r = get(o, key, json_type_boolean, &found);

	if (!r)
		*v = json_object_get_boolean(found);
	return r;
}

int hs_json_get_text(struct json_object *o, const char *key, char *text, size_t text_bytes)
{
	struct json_object *found;
	int r = get(o, key, json_type_string, &found);
	const char *s;
	size_t len;

	if (r < 0)
		return r;
	s = json_object_get_string(found);
	len = (size_t)json_object_get_string_len(found);
	if (len >= text_bytes || strlen(s) != len)
		return -EBADMSG;
	memcpy(text, s, len + 1);
	return 0;
}

int hs_json_get_object(struct json_object *o, const char *key, struct json_object **v)
{
	return get(o, key, json_type_object, v);
}

int hs_json_get_array(struct json_object *o, const char *key, struct json_object **v)
{
	return get(o, key, json_type_array, v);
}
