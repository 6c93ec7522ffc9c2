// SPDX-License-Identifier: GPL-2.0-or-later
/* container_lives.c - since when containers live, by their processes */
#include "extcap/identity/container_lives.h"

static void count_process(const struct process *process, void *data)
{
	GHashTable *lives = data;
	guint n = process->exit ? 0 : process->images->len;
	const struct image *image = n ? g_ptr_array_index(process->images, n - 1) : NULL;
	struct container *container = image ? home_container(&image->home) : NULL;
	struct container_life *life;

	if (!container)
		return;
	life = g_hash_table_lookup(lives, container);
	if (!life) {
		life = g_new0(struct container_life, 1);
		life->start = G_MAXUINT64;
		g_hash_table_insert(lives, container, life);
	}
	if (process->start < life->start)
		*life = (struct container_life){process->start, image->netns};
}

GHashTable *container_lives(struct processes *processes)
{
	GHashTable *lives = g_hash_table_new_full(NULL, NULL, NULL, g_free);

	processes_foreach(processes, count_process, lives);
	return lives;
}
