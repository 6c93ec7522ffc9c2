// SPDX-License-Identifier: GPL-2.0-or-later
/* processes.c - every process that a packet may name */
#include "extcap/identity/processes.h"

#include <string.h>

#include "extcap/identity/conmon.h"

#define LINGER_NS 120000000000ULL /* TIME_WAIT takes 60 s, orphans may take as long again */
#define DEAD_MAX  16384		  /* some 3 KiB each */

/* Of one process that runs one program after the other, and threads that have ended: beyond these
 * the oldest are forgotten before their time, and their packets have a pid without a name. */
#define IMAGES_MAX  1024
#define THREADS_MAX 65536
#define RECENT	    64 /* a power of two */

struct processes {
	struct containers *containers;
	const struct selection *selection; /* NULL: nobody is selected */
	process_notice forgotten;
	void *data;
	struct viewer viewer;
	GHashTable *table;		/* struct process, by itself: (tgid, start) */
	GQueue *dead;			/* in the order of their ends */
	GQueue *threads;		/* struct ended_thread, likewise */
	struct process *recent[RECENT]; /* found before, by their hash: most packets' */
};

/* A thread that has ended, until it is forgotten. */
struct ended_thread {
	guint64 time;
	guint64 start; /* of its process */
	guint32 tgid, tid;
};

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

static struct process *find_or_add(struct processes *processes, const struct owner *owner)
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

static struct image *last_image(const struct process *process)
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

static void inherit_selection(const struct processes *processes, struct process *child,
			      const struct process *parent)
{
	if (processes->selection && processes->selection->follow_forks &&
	    process_is_selected(parent, last_image(parent)))
		child->is_selected = true;
}

/* A parent is the older one; else two could be each other's, and never be freed. */
static struct process *find_parent(struct processes *processes, const struct process_event *event)
{
	if (event->parent_start >= event->owner.start)
		return NULL;
	return find(processes, event->parent_tgid, event->parent_start);
}

/* The parent may be known only later: pids wrap, and the list goes by them. */
static void adopt(struct processes *processes, struct process *process,
		  const struct process_event *event)
{
	struct process *parent = find_parent(processes, event);
	struct image *image = last_image(process);

	if (!parent)
		return;
	parent->has_forked = true;
	if (!image->parent)
		image->parent = image_ref(last_image(parent));
	inherit_selection(processes, process, parent);
}

/* Its parent's arguments, where that is a monitor of containers. */
static const char *monitor_of(const struct image *image)
{
	const struct image *parent = image->parent;

	return parent && parent->args && conmon_is(parent->exe) ? parent->args : NULL;
}

/* Where the process is from this image on; in that place it counts as one more. */
static void place_image(struct processes *processes, const struct process *process,
			struct image *image, const struct process_event *event)
{
	const struct image *before = last_image(process);

	image->home = containers_home(processes->containers, event);
	if (process->exit)
		return;
	containers_enter(processes->containers, &image->home, event, monitor_of(image),
			 image->parent ? image->parent->uid : 0);
	if (before)
		containers_leave(&before->home);
}

static void add_image(struct processes *processes, struct process *process,
		      const struct process_event *event, char *exe, char *args)
{
	const struct process *parent = find_parent(processes, event);
	struct image *image = image_new(exe, args);

	image->since = event->kind == PROCESS_KNOWN ? 0 : event->time;
	image->uid = event->owner.uid;
	image->netns = event->netns;
	image->args_withheld = !viewer_may_see(&processes->viewer, image->uid);
	image->parent_pid = event->parent_tgid;
	image->parent = image_ref(last_image(parent));
	image->has_selected_name =
		processes->selection && selection_has_name(processes->selection, event->comm, exe);
	place_image(processes, process, image, event);
	g_ptr_array_add(process->images, image);
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
		const struct image *image = process->exit ? NULL : last_image(process);

		if (image && process->start < start && image->netns == netns &&
		    !home_container(&image->home))
			return true;
	}
	return false;
}

/* Who owns the kernel's own sockets: no process, but shown as one (record.h). */
static void add_kernel(struct processes *processes)
{
	const struct process_event event = {.kind = PROCESS_KNOWN, .owner.start = KERNEL_START};

	add_image(processes, find_or_add(processes, &event.owner), &event, g_strdup("kernel"),
		  g_strdup(""));
}

struct processes *processes_new(void)
{
	struct processes *processes = g_new0(struct processes, 1);

	processes->containers = containers_new();
	containers_ask_processes(processes->containers, has_older, processes);
	processes->table = g_hash_table_new_full(process_hash, process_equal, process_free, NULL);
	processes->dead = g_queue_new();
	processes->threads = g_queue_new();
	add_kernel(processes);
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

/* The names of a path come last first, each ended by NUL. */
static char *path_of(const struct process_event *event)
{
	g_autoptr(GString) path = g_string_new(NULL);
	const char *data = event->data, *end = data + event->path_length;

	while (data < end) {
		gsize length = strnlen(data, end - data);

		g_string_prepend_len(path, data, length);
		g_string_prepend_c(path, '/');
		data += length + 1;
	}
	if (event->flags & EVENT_PATH_CUT)
		g_string_prepend(path, "...");
	return g_string_free(g_steal_pointer(&path), FALSE);
}

/* Of one that was there before, more is known by now: its parent, its parent's arguments. */
static void place_again(struct processes *processes, struct process *process,
			const struct process_event *event)
{
	struct image *image = last_image(process);

	if (process->exit || process->images->len != 1 || image->since)
		return;
	containers_leave(&image->home);
	home_clear(&image->home);
	image->home = containers_home(processes->containers, event);
	containers_enter(processes->containers, &image->home, event, monitor_of(image),
			 image->parent ? image->parent->uid : 0);
}

static void apply_fork(struct processes *processes, struct process *child,
		       const struct process_event *event)
{
	struct process *parent = find_parent(processes, event);
	const struct image *image = last_image(parent);

	if (parent) {
		parent->has_forked = true;
		inherit_selection(processes, child, parent);
	}
	if (child->images->len)
		return;
	add_image(processes, child, event, g_strdup(image ? image->exe : ""),
		  g_strdup(image ? image->args : ""));
	/* They were typed for whom the parent was then. */
	last_image(child)->args_withheld = image && image->args_withheld;
}

static void apply_rename(struct processes *processes, struct process *process, const char *comm)
{
	struct image *image = last_image(process);

	if (image && processes->selection &&
	    selection_has_name(processes->selection, comm, image->exe))
		image->has_selected_name = true;
}

/* The same program, in another place. */
static void apply_move(struct processes *processes, struct process *process,
		       const struct process_event *event)
{
	struct image *before = last_image(process), *image;
	struct home home;
	bool same;

	if (!before)
		return;
	home = containers_home(processes->containers, event);
	same = home_equal(&home, &before->home);
	home_clear(&home);
	if (same)
		return;
	add_image(processes, process, event, g_strdup(before->exe), g_strdup(before->args));
	image = last_image(process);
	image->has_selected_name = before->has_selected_name;
	image->args_withheld = before->args_withheld;
	image_copy_threads(image, before);
}

static void apply_exit(struct processes *processes, struct process *process, guint64 time)
{
	if (process->exit)
		return;
	process->exit = MAX(time, 1);
	if (last_image(process))
		containers_leave(&last_image(process)->home);
	g_queue_push_tail(processes->dead, process);
}

/* Its last packets still want its name. */
static void apply_thread_exit(struct processes *processes, const struct process *process,
			      const struct process_event *event)
{
	struct image *image = last_image(process);
	struct ended_thread *thread;

	if (!image || !image_end_thread(image, event->owner.tid, event->time))
		return;
	thread = g_new(struct ended_thread, 1);
	*thread = (struct ended_thread){.time = event->time,
					.start = process->start,
					.tgid = process->tgid,
					.tid = event->owner.tid};
	g_queue_push_tail(processes->threads, thread);
}

static bool well_formed(const struct process_event *event, gsize length)
{
	return length >= sizeof(*event) && event->path_length <= length - sizeof(*event) &&
	       event->args_length <= length - sizeof(*event) - event->path_length;
}

void processes_apply(struct processes *processes, const struct process_event *event, gsize length)
{
	struct process *process;

	if (!well_formed(event, length))
		return;
	process = find_or_add(processes, &event->owner);
	if (event->pid)
		process->pid = event->pid;
	switch (event->kind) {
	case PROCESS_KNOWN:
		/* A record that came in the meantime knows better. */
		if (process->images->len == 0)
			add_image(processes, process, event, path_of(event), NULL);
		if (processes->selection && selection_has_pid(processes->selection, process->pid))
			process->is_selected = true;
		adopt(processes, process, event);
		place_again(processes, process, event);
		break;
	case PROCESS_FORK:
		apply_fork(processes, process, event);
		break;
	case PROCESS_EXEC:
		add_image(processes, process, event, path_of(event),
			  arguments_join(event->data + event->path_length, event->args_length,
					 event->flags & EVENT_ARGS_CUT));
		break;
	case PROCESS_MOVE:
		apply_move(processes, process, event);
		return; /* its name is as it was */
	case PROCESS_EXIT:
		apply_exit(processes, process, event->time);
		return; /* its last packets still want the thread's name */
	case THREAD_EXIT:
		apply_thread_exit(processes, process, event);
		return;
	case PROCESS_RENAME:
		if (event->owner.tid == process->tgid)
			apply_rename(processes, process, event->comm);
		break;
	}
	if (last_image(process))
		image_name_thread(last_image(process), event->owner.tid, event->comm);
}

bool process_is_at(const struct process *process, const struct cgroup *cgroup)
{
	const struct image *image = process->exit ? NULL : last_image(process);

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
	struct image *image = last_image(find(processes, thread->tgid, thread->start));

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
