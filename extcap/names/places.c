// SPDX-License-Identifier: GPL-2.0-or-later
/* places.c - all the places where containers are asked for */
#include "extcap/names/places.h"

#include <string.h>
#include <unistd.h>

struct places {
	GPtrArray *all; /* struct place */
	struct table *table;
	const struct places_events *events;
	gpointer data;
	place_each settling;
};

static void place_free(gpointer data)
{
	struct place *place = data;

	runtime_free(place->runtime);
	g_free(place->trouble);
	g_free(place);
}

static struct place *place_of(const struct places *places, const struct runtime *runtime)
{
	for (guint i = 0; i < places->all->len; i++) {
		struct place *place = places->all->pdata[i];

		if (place->runtime == runtime)
			return place;
	}
	return NULL;
}

static void settled(gpointer data, struct runtime *runtime)
{
	struct places *places = data;

	if (places->settling)
		places->settling(places, place_of(places, runtime));
	if (places_are_settled(places))
		places->events->settled(places->data);
}

static void trouble(gpointer data, struct runtime *runtime, const char *sentence)
{
	struct places *places = data;
	struct place *place = place_of(places, runtime);
	enum names_runtime kind = runtime_kind_of(runtime)->id;
	g_autofree char *told = g_strdup(places_trouble(places, kind));

	g_free(place->trouble);
	place->trouble = g_strdup(sentence);
	/* It is tried again and again; who has heard that it does not let us in, has. */
	if (g_strcmp0(told, places_trouble(places, kind)) != 0)
		places->events->trouble(places->data, kind);
}

static void hint(gpointer data, enum names_runtime kind, const char *id)
{
	struct places *places = data;

	for (guint i = 0; i < places->all->len; i++) {
		struct place *place = places->all->pdata[i];

		if (runtime_kind_of(place->runtime)->id == kind)
			runtime_look(place->runtime, id, LOOK_FOR_OWN_WORD);
	}
}

static const struct runtime_events runtime_events = {
	.settled = settled,
	.trouble = trouble,
	.hint = hint,
};

static void add(struct places *places, const struct runtime_kind *kind, const char *path,
		bool usual)
{
	struct place *place = g_new0(struct place, 1);

	place->usual = usual;
	place->number = places->all->len;
	place->runtime = runtime_new(kind, path, places->table, &runtime_events, places);
	g_ptr_array_add(places->all, place);
}

static void add_usual(struct places *places, const struct runtime_kind *kind)
{
	g_autofree char *uid = g_strdup_printf("%u", getuid());

	for (const char *const *path = kind->places; *path; path++) {
		g_auto(GStrv) parts = g_strsplit(*path, "%u", 0);
		g_autofree char *full = g_strjoinv(uid, parts);

		add(places, kind, full, true);
	}
}

struct places *places_new(const char *const addresses[NAMES_RUNTIMES], struct table *table,
			  const struct places_events *events, gpointer data)
{
	struct places *places = g_new0(struct places, 1);

	places->all = g_ptr_array_new_with_free_func(place_free);
	places->table = table;
	places->events = events;
	places->data = data;
	for (int i = 0; i < NAMES_RUNTIMES; i++) {
		if (!runtime_kinds[i])
			continue;
		if (!addresses[i])
			add_usual(places, runtime_kinds[i]);
		else if (*addresses[i])
			add(places, runtime_kinds[i], addresses[i], false);
	}
	return places;
}

void places_free(struct places *places)
{
	g_ptr_array_unref(places->all);
	g_free(places);
}

bool places_are_settled(const struct places *places)
{
	for (guint i = 0; i < places->all->len; i++)
		if (!runtime_is_settled(((struct place *)places->all->pdata[i])->runtime))
			return false;
	return true;
}

const char *places_trouble(const struct places *places, enum names_runtime runtime)
{
	for (guint i = 0; i < places->all->len; i++) {
		const struct place *place = places->all->pdata[i];

		if (place->trouble && runtime_kind_of(place->runtime)->id == runtime)
			return place->trouble;
	}
	return NULL;
}

void places_look(struct places *places, const char *id)
{
	for (guint i = 0; i < places->all->len; i++)
		runtime_look(((struct place *)places->all->pdata[i])->runtime, id,
			     LOOK_FOR_ANY_WORD);
}

void places_settling(struct places *places, place_each each)
{
	places->settling = each;
	for (guint i = 0; i < places->all->len; i++) {
		struct place *place = places->all->pdata[i];

		if (runtime_is_settled(place->runtime))
			each(places, place);
	}
}

void places_each(struct places *places, void (*each)(struct place *place, gpointer data),
		 gpointer data)
{
	for (guint i = 0; i < places->all->len; i++)
		each(places->all->pdata[i], data);
}

struct table *places_table(const struct places *places)
{
	return places->table;
}
