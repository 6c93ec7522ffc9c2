// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - what a daemon says in JSON, object by object */
#include "extcap/names/json.h"

#include <stdarg.h>
#include <string.h>

#include "extcap/names/container.h"

void json_splitter_init(struct json_splitter *splitter)
{
	memset(splitter, 0, sizeof(*splitter));
	splitter->object = g_string_new(NULL);
}

void json_splitter_clear(struct json_splitter *splitter)
{
	if (splitter->object)
		g_string_free(splitter->object, TRUE);
	splitter->object = NULL;
}

static void parse(struct json_splitter *splitter, json_each each, gpointer data)
{
	/* A NUL is refused where it stands, not with all that stands around it. */
	json_t *object =
		json_loadb(splitter->object->str, splitter->object->len, JSON_ALLOW_NUL, NULL);

	if (object)
		each(data, object);
	else
		splitter->bad++;
	json_decref(object);
}

/* Within an object: where does it end? */
static void step(struct json_splitter *splitter, char c)
{
	if (splitter->in_string) {
		if (splitter->escaped)
			splitter->escaped = false;
		else if (c == '\\')
			splitter->escaped = true;
		else if (c == '"')
			splitter->in_string = false;
		return;
	}
	if (c == '"')
		splitter->in_string = true;
	else if (c == '{' || c == '[')
		splitter->depth++;
	else if (c == '}' || c == ']')
		splitter->depth--;
}

static void end_object(struct json_splitter *splitter, json_each each, gpointer data)
{
	if (splitter->skipping || splitter->object->len > JSON_OBJECT_MAX)
		splitter->bad++;
	else
		parse(splitter, each, data);
	splitter->skipping = false;
	/* One that was large does not keep its memory. */
	if (splitter->object->allocated_len > 65536) {
		g_string_free(splitter->object, TRUE);
		splitter->object = g_string_new(NULL);
	}
	g_string_truncate(splitter->object, 0);
}

void json_split(struct json_splitter *splitter, const char *bytes, gsize len, json_each each,
		gpointer data)
{
	gsize begin = 0;

	for (gsize i = 0; i < len; i++) {
		if (splitter->depth == 0) {
			/* Commas and brackets of the list around; anything else is passed over. */
			if (bytes[i] == '[')
				splitter->around++;
			else if (bytes[i] == ']' && splitter->around)
				splitter->around--;
			else if (bytes[i] == '{')
				begin = i;
			if (bytes[i] != '{')
				continue;
		}
		step(splitter, bytes[i]);
		if (splitter->depth > JSON_DEPTH_MAX)
			splitter->skipping = true;
		if (splitter->depth == 0) {
			if (!splitter->skipping)
				g_string_append_len(splitter->object, bytes + begin,
						    (gssize)(i + 1 - begin));
			begin = i + 1;
			end_object(splitter, each, data);
		}
	}
	if (splitter->depth == 0)
		return;
	if (!splitter->skipping)
		g_string_append_len(splitter->object, bytes + begin, (gssize)(len - begin));
	if (splitter->object->len > JSON_OBJECT_MAX)
		splitter->skipping = true;
	if (splitter->skipping)
		g_string_truncate(splitter->object, 0);
}

bool json_at_end(const struct json_splitter *splitter)
{
	return splitter->depth == 0 && splitter->around == 0;
}

const char *json_string_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static const json_t *walk(const json_t *object, va_list keys)
{
	const char *key;

	while (object && (key = va_arg(keys, const char *)))
		object = json_object_get(object, key);
	return object;
}

const json_t *json_below(const json_t *object, ...)
{
	va_list keys;
	const json_t *found;

	va_start(keys, object);
	found = walk(object, keys);
	va_end(keys);
	return found;
}

const char *json_text(const json_t *object, ...)
{
	va_list keys;
	const json_t *found;

	va_start(keys, object);
	found = walk(object, keys);
	va_end(keys);
	return json_string_of(found);
}

void json_labels(struct label_set *set, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (json_string_of(value))
			container_label(set, key, json_string_of(value));
	}
}
