// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - every container that some runtime has told of */
#include "extcap/names/table.h"

#include <string.h>

/* A daemon that invents containers must not take all memory. */
#define CONTAINERS_MAX 250000

struct table {
	GHashTable *by_id; /* id → GPtrArray of struct container, the best first */
	guint containers;
	table_changed changed;
	gpointer data;
};

struct table *table_new(table_changed changed, gpointer data)
{
	struct table *table = g_new0(struct table, 1);

	table->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					     (GDestroyNotify)g_ptr_array_unref);
	table->changed = changed;
	table->data = data;
	return table;
}

void table_free(struct table *table)
{
	g_hash_table_unref(table->by_id);
	g_free(table);
}

static gint by_worth(gconstpointer a, gconstpointer b)
{
	const struct names_container *x = &(*(struct container *const *)a)->says;
	const struct names_container *y = &(*(struct container *const *)b)->says;

	if ((x->uid != 0) != (y->uid != 0))
		return (x->uid != 0) - (y->uid != 0);
	if (x->on_disk != y->on_disk)
		return x->on_disk - y->on_disk;
	return (gint)x->runtime - (gint)y->runtime;
}

static guint index_of(const GPtrArray *words, const struct runtime *from)
{
	guint i = 0;

	while (words && i < words->len && ((struct container *)words->pdata[i])->from != from)
		i++;
	return i;
}

static bool is_same(const struct container *a, const struct container *b)
{
	g_autoptr(GByteArray) x = g_byte_array_new();
	g_autoptr(GByteArray) y = g_byte_array_new();

	container_encode(x, a, NAMES_LABELS_MAX);
	container_encode(y, b, NAMES_LABELS_MAX);
	return x->len == y->len && memcmp(x->data, y->data, x->len) == 0;
}

void table_put(struct table *table, struct container *container)
{
	GPtrArray *words = g_hash_table_lookup(table->by_id, container->says.id);
	guint at = index_of(words, container->from);
	bool counted = at == 0; /* what is replaced was the best word, or there was none */
	struct container *was;

	container->heard = g_get_monotonic_time();
	if (words && at < words->len) {
		was = words->pdata[at];
		if (is_same(was, container)) {
			was->heard = container->heard;
			container_free(container);
			return;
		}
		words->pdata[at] = container;
		container_free(was);
	} else if (table->containers >= CONTAINERS_MAX) {
		container_free(container);
		return;
	} else {
		if (!words) {
			words = g_ptr_array_new_with_free_func((GDestroyNotify)container_free);
			g_hash_table_insert(table->by_id, g_strdup(container->says.id), words);
		}
		g_ptr_array_add(words, container);
		table->containers++;
	}
	g_ptr_array_sort(words, by_worth);
	if (counted || words->pdata[0] == container)
		table->changed(table->data, container->says.id);
}

void table_remove(struct table *table, const struct runtime *from, const char *id)
{
	GPtrArray *words = g_hash_table_lookup(table->by_id, id);
	guint at = index_of(words, from);
	g_autofree char *kept = NULL;

	if (!words || at == words->len)
		return;
	/* @id may be the container's own, or the table's. */
	kept = g_strdup(id);
	g_ptr_array_remove_index(words, at);
	table->containers--;
	if (words->len == 0)
		g_hash_table_remove(table->by_id, kept);
	if (at == 0)
		table->changed(table->data, kept);
}

void table_remove_unheard(struct table *table, const struct runtime *from, gint64 since)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter iter;
	gpointer id, words;

	g_hash_table_iter_init(&iter, table->by_id);
	while (g_hash_table_iter_next(&iter, &id, &words)) {
		guint at = index_of(words, from);

		if (at < ((GPtrArray *)words)->len &&
		    ((struct container *)((GPtrArray *)words)->pdata[at])->heard < since)
			g_ptr_array_add(ids, g_strdup(id));
	}
	for (guint i = 0; i < ids->len; i++)
		table_remove(table, from, ids->pdata[i]);
}

void table_set_state(struct table *table, const struct runtime *from, const char *id,
		     enum names_state state, pid_t pid)
{
	struct container *word = (struct container *)table_word(table, from, id);

	if (!word || (word->says.state == state && word->says.pid == pid))
		return;
	word->says.state = state;
	word->says.pid = pid;
	if (word == table_get(table, id))
		table->changed(table->data, id);
}

const struct container *table_word(const struct table *table, const struct runtime *from,
				   const char *id)
{
	GPtrArray *words = g_hash_table_lookup(table->by_id, id);
	guint at = index_of(words, from);

	return words && at < words->len ? words->pdata[at] : NULL;
}

const struct container *table_get(const struct table *table, const char *id)
{
	GPtrArray *words = g_hash_table_lookup(table->by_id, id);

	return words ? words->pdata[0] : NULL;
}

void table_each(const struct table *table, table_changed each, gpointer data)
{
	GHashTableIter iter;
	gpointer id;

	g_hash_table_iter_init(&iter, table->by_id);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		each(data, id);
}
