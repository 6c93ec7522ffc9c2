// SPDX-License-Identifier: GPL-2.0-or-later
/* processes.c - every process that a packet may name */
#include "extcap/identity/processes_state.h"

#define LINGER_NS 120000000000ULL /* TIME_WAIT takes 60 s, orphans may take as long again */
#define DEAD_MAX  16384		  /* some 3 KiB each */

/* Of one process that runs one program after the other, and threads that have ended: beyond these
 * the oldest are forgotten before their time, and their packets have a pid without a name. */
#define IMAGES_MAX  1024
#define THREADS_MAX 65536

static guint process_hash(gconstpointer key)
{
	const struct process *process = key;

	return process->tgid ^ (guint)(process->start >> 10);
}

static gboolean process_equal(gconstpointer a, gconstpointer b)
{
	const struct process *p = a, *q = b;

	return p->tgid == q->tgid && p->start == q->start;
}

static void process_free(gpointer data)
{
	struct process *process = data;

	g_ptr_array_unref(process->images);
	g_free(process);
}

static struct process *find(struct processes *processes, guint32 tgid, guint64 start)
{
	struct process key = {.tgid = tgid, .start = start};
	struct process **recent = &processes->recent[process_hash(&key) % RECENT];
	struct process *found;

	if (*recent && process_equal(*recent, &key))
		return *recent;
	found = g_hash_table_lookup(processes->table, &key);
	if (found)
		*recent = found;
	return found;
}

struct process *processes_find(struct processes *processes, const struct owner *owner)
{
	return find(processes, owner->tgid, owner->start);
}

struct process *processes_find_or_add(struct processes *processes, const struct owner *owner)
{
	struct process *process = processes_find(processes, owner);

	if (process)
		return process;
	process = g_new0(struct process, 1);
	process->tgid = owner->tgid;
	process->start = owner->start;
	process->images = g_ptr_array_new_with_free_func(image_unref);
	g_hash_table_add(processes->table, process);
	return process;
}

struct image *process_last_image(const struct process *process)
{
	guint n = process ? process->images->len : 0;

	return n ? g_ptr_array_index(process->images, n - 1) : NULL;
}

struct image *process_image(const struct process *process, guint64 time)
{
	if (!process || time < process->forgotten_until)
		return NULL;
	for (guint i = process->images->len; i > 1; i--) {
		struct image *image = g_ptr_array_index(process->images, i - 1);

		if (image->since <= time)
			return image;
	}
	return process->images->len ? g_ptr_array_index(process->images, 0) : NULL;
}

void processes_select(struct processes *processes, const struct selection *selection,
		      process_notice forgotten, void *data)
{
	processes->selection = selection;
	processes->forgotten = forgotten;
	processes->data = data;
}

bool process_is_selected(const struct process *process, const struct image *image)
{
	return process->is_selected ||
	       (image && (image->has_selected_name || home_is_wanted(&image->home)));
}

/* Does somebody live in a network namespace who is in no container, and older? */
static bool has_older(guint32 netns, guint64 start, void *data)
{
	const struct processes *processes = data;
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, processes->table);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct process *process = key;
		const struct image *image = process->exit ? NULL : process_last_image(process);

		if (image && process->start < start && image->netns == netns &&
		    !home_container(&image->home))
			return true;
	}
	return false;
}

struct processes *processes_new(void)
{
	struct processes *processes = g_new0(struct processes, 1);

	processes->containers = containers_new();
	containers_ask_processes(processes->containers, has_older, processes);
	processes->table = g_hash_table_new_full(process_hash, process_equal, process_free, NULL);
	processes->dead = g_queue_new();
	processes->threads = g_queue_new();
	processes_add_kernel(processes);
	return processes;
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	g_queue_free(processes->dead);
	g_queue_free_full(processes->threads, g_free);
	g_hash_table_unref(processes->table);
	containers_free(processes->containers);
	g_free(processes);
}

void processes_show_to(struct processes *processes, const struct viewer *viewer)
{
	processes->viewer = *viewer;
}

const struct viewer *processes_viewer(const struct processes *processes)
{
	return &processes->viewer;
}

struct containers *processes_containers(const struct processes *processes)
{
	return processes->containers;
}

bool process_is_at(const struct process *process, const struct cgroup *cgroup)
{
	const struct image *image = process->exit ? NULL : process_last_image(process);

	return image && (image->home.v1 == cgroup || image->home.v2 == cgroup);
}

bool processes_has_pid(struct processes *processes, guint32 pid)
{
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, processes->table);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct process *process = key;

		if (process->pid == pid && !process->exit)
			return true;
	}
	return false;
}

void processes_foreach(struct processes *processes, process_notice notice, void *data)
{
	GHashTableIter iter;
	gpointer process;

	g_hash_table_iter_init(&iter, processes->table);
	while (g_hash_table_iter_next(&iter, &process, NULL))
		notice(process, data);
}

static void forget_thread(struct processes *processes, const struct ended_thread *thread)
{
	struct image *image = process_last_image(find(processes, thread->tgid, thread->start));

	if (image)
		image_forget_thread(image, thread->tid, thread->time);
}

static void expire_threads(struct processes *processes, guint64 now)
{
	struct ended_thread *oldest;

	while ((oldest = g_queue_peek_head(processes->threads)) &&
	       (oldest->time + LINGER_NS <= now ||
		g_queue_get_length(processes->threads) > THREADS_MAX)) {
		forget_thread(processes, oldest);
		g_free(g_queue_pop_head(processes->threads));
	}
}

/* What it was before its last execs, once no packet can ask for that any more. */
static void expire_images(struct process *process, guint64 now)
{
	guint gone = 0;

	while (gone + 1 < process->images->len) {
		const struct image *next = g_ptr_array_index(process->images, gone + 1);

		if (next->since + LINGER_NS > now && process->images->len - gone <= IMAGES_MAX)
			break;
		process->forgotten_until = next->since;
		gone++;
	}
	if (gone)
		g_ptr_array_remove_range(process->images, 0, gone);
}

void processes_expire(struct processes *processes, guint64 now)
{
	struct process *oldest;
	GHashTableIter iter;
	gpointer process;

	expire_threads(processes, now);
	g_hash_table_iter_init(&iter, processes->table);
	while (g_hash_table_iter_next(&iter, &process, NULL))
		expire_images(process, now);
	while ((oldest = g_queue_peek_head(processes->dead))) {
		if (oldest->exit + LINGER_NS > now &&
		    g_queue_get_length(processes->dead) <= DEAD_MAX)
			return;
		g_queue_pop_head(processes->dead);
		if (processes->forgotten)
			processes->forgotten(oldest, processes->data);
		processes->recent[process_hash(oldest) % RECENT] = NULL;
		g_hash_table_remove(processes->table, oldest);
	}
}

guint processes_count(const struct processes *processes)
{
	return g_hash_table_size(processes->table) - 1; /* the kernel is none */
}
