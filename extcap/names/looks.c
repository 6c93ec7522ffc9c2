// SPDX-License-Identifier: GPL-2.0-or-later
/* looks.c - when one place is listed for containers that nobody has told of */
#include "extcap/names/looks.h"

/* The first list is made so soon, and between two are at least so many milliseconds. */
#define LOOK_MS	     20
#define LOOK_MOST_MS 160
/* No list is made for what has been looked for so long. */
#define GIVE_UP_MS 1200
#define SOUGHT_MAX 256

struct looks {
	const struct table *table;
	struct runtime *place;
	void (*list)(struct runtime *place);
	GHashTable *sought; /* id → struct sought */
	bool anyway;	    /* the next list is for more than those */
	guint timer;
	gint64 at;	/* when the next one is made */
	gint64 last;	/* when one was */
	guint apart_ms; /* so long after that at least */
};

struct sought {
	enum look enough;
	gint64 since;
};

struct looks *looks_new(const struct table *table, struct runtime *place,
			void (*list)(struct runtime *place))
{
	struct looks *looks = g_new0(struct looks, 1);

	looks->table = table;
	looks->place = place;
	looks->list = list;
	looks->apart_ms = LOOK_MS;
	looks->sought = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return looks;
}

void looks_stop(struct looks *looks)
{
	if (looks->timer)
		g_source_remove(looks->timer);
	looks->timer = 0;
	looks->anyway = false;
	g_hash_table_remove_all(looks->sought);
}

void looks_free(struct looks *looks)
{
	looks_stop(looks);
	g_hash_table_unref(looks->sought);
	g_free(looks);
}

static bool is_found(const struct looks *looks, const char *id, enum look enough)
{
	const struct container *best = table_get(looks->table, id);

	if (enough == LOOK_FOR_ANY_WORD && best && !best->says.on_disk)
		return true;
	return table_word(looks->table, looks->place, id) != NULL;
}

static gboolean is_sought_no_more(gpointer id, gpointer value, gpointer data)
{
	return is_found(data, id, ((const struct sought *)value)->enough);
}

static gboolean is_given_up(gpointer id, gpointer value, gpointer data)
{
	return *(const gint64 *)data - ((const struct sought *)value)->since >= GIVE_UP_MS * 1000;
}

static gboolean list_now(gpointer data)
{
	struct looks *looks = data;

	looks->timer = 0;
	/* Others may have told of all meanwhile. */
	g_hash_table_foreach_remove(looks->sought, is_sought_no_more, looks);
	if (!looks->anyway && !g_hash_table_size(looks->sought))
		return G_SOURCE_REMOVE;
	looks->anyway = false;
	looks->last = g_get_monotonic_time();
	looks->apart_ms = MIN(looks->apart_ms * 2, LOOK_MOST_MS);
	looks->list(looks->place);
	return G_SOURCE_REMOVE;
}

static void list_in(struct looks *looks, gint64 us)
{
	gint64 now = g_get_monotonic_time();
	gint64 at = MAX(now + us, looks->last + looks->apart_ms * 1000);

	if (looks->timer && looks->at <= at)
		return;
	if (looks->timer)
		g_source_remove(looks->timer);
	looks->timer = g_timeout_add((guint)((at - now) / 1000), list_now, looks);
	looks->at = at;
}

static void seek(struct looks *looks, const char *id, enum look enough)
{
	struct sought *sought = g_hash_table_lookup(looks->sought, id);

	if (sought) {
		sought->enough = MIN(sought->enough, enough);
		return;
	}
	if (is_found(looks, id, enough))
		return;
	sought = g_new(struct sought, 1);
	*sought = (struct sought){enough, g_get_monotonic_time()};
	g_hash_table_insert(looks->sought, g_strdup(id), sought);
}

void looks_add(struct looks *looks, const char *id, enum look enough)
{
	bool has_room = g_hash_table_size(looks->sought) < SOUGHT_MAX;

	if (id && has_room)
		seek(looks, id, enough);
	/* Its own event may tell of more than that a container is there. */
	if (!id || !has_room || enough == LOOK_FOR_OWN_WORD)
		looks->anyway = true;
	if (g_get_monotonic_time() - looks->last >= GIVE_UP_MS * 1000)
		looks->apart_ms = LOOK_MS;
	list_in(looks, LOOK_MS * 1000);
}

bool looks_listed(struct looks *looks)
{
	gint64 now = g_get_monotonic_time(), youngest = 0;
	GHashTableIter each;
	gpointer sought;

	if (g_hash_table_foreach_remove(looks->sought, is_sought_no_more, looks))
		looks->apart_ms = LOOK_MS;
	g_hash_table_foreach_remove(looks->sought, is_given_up, &now);
	g_hash_table_iter_init(&each, looks->sought);
	while (g_hash_table_iter_next(&each, NULL, &sought))
		youngest = MAX(youngest, ((const struct sought *)sought)->since);
	/* After twice the time of the one before. */
	if (youngest)
		list_in(looks, now - youngest + LOOK_MS * 1000);
	return youngest != 0;
}
