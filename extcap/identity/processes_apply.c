// SPDX-License-Identifier: GPL-2.0-or-later
/* processes_apply.c - what the records of the kernel side make of the table of processes */
#include "extcap/identity/processes_state.h"

#include "extcap/identity/conmon.h"
#include "extcap/identity/event_path.h"

static void inherit_selection(const struct processes *processes, struct process *child,
			      const struct process *parent)
{
	if (processes->selection && processes->selection->follow_forks &&
	    process_is_selected(parent, process_last_image(parent)))
		child->is_selected = true;
}

/* A parent is the older one; else two could be each other's, and never be freed. */
static struct process *find_parent(struct processes *processes, const struct process_event *event)
{
	const struct owner parent = {.tgid = event->parent_tgid, .start = event->parent_start};

	if (event->parent_start >= event->owner.start)
		return NULL;
	return processes_find(processes, &parent);
}

/* The parent may be known only later: pids wrap, and the list goes by them. */
static void adopt(struct processes *processes, struct process *process,
		  const struct process_event *event)
{
	struct process *parent = find_parent(processes, event);
	struct image *image = process_last_image(process);

	if (!parent)
		return;
	parent->has_forked = true;
	if (!image->parent)
		image->parent = image_ref(process_last_image(parent));
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
	const struct image *before = process_last_image(process);

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
	image->parent = image_ref(process_last_image(parent));
	image->has_selected_name =
		processes->selection && selection_has_name(processes->selection, event->comm, exe);
	place_image(processes, process, image, event);
	g_ptr_array_add(process->images, image);
}

void processes_add_kernel(struct processes *processes)
{
	const struct process_event event = {.kind = PROCESS_KNOWN, .owner.start = KERNEL_START};

	add_image(processes, processes_find_or_add(processes, &event.owner), &event,
		  g_strdup("kernel"), g_strdup(""));
}

static char *path_of(const struct process_event *event)
{
	g_autofree char *path = event_path(event->data, event->path_length);

	return event->flags & EVENT_PATH_CUT ? g_strconcat("...", path, NULL)
					     : g_steal_pointer(&path);
}

/* Of one that was there before, more is known by now: its parent, its parent's arguments. */
static void place_again(struct processes *processes, struct process *process,
			const struct process_event *event)
{
	struct image *image = process_last_image(process);

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
	const struct image *image = process_last_image(parent);

	if (parent) {
		parent->has_forked = true;
		inherit_selection(processes, child, parent);
	}
	if (child->images->len)
		return;
	add_image(processes, child, event, g_strdup(image ? image->exe : ""),
		  g_strdup(image ? image->args : ""));
	/* They were typed for whom the parent was then. */
	process_last_image(child)->args_withheld = image && image->args_withheld;
}

static void apply_rename(struct processes *processes, struct process *process, const char *comm)
{
	struct image *image = process_last_image(process);

	if (image && processes->selection &&
	    selection_has_name(processes->selection, comm, image->exe))
		image->has_selected_name = true;
}

/* The same program, in another place. */
static void apply_move(struct processes *processes, struct process *process,
		       const struct process_event *event)
{
	struct image *before = process_last_image(process), *image;
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
	image = process_last_image(process);
	image->has_selected_name = before->has_selected_name;
	image->args_withheld = before->args_withheld;
	image_copy_threads(image, before);
}

static void apply_exit(struct processes *processes, struct process *process, guint64 time)
{
	if (process->exit)
		return;
	process->exit = MAX(time, 1);
	if (process_last_image(process))
		containers_leave(&process_last_image(process)->home);
	g_queue_push_tail(processes->dead, process);
}

/* Its last packets still want its name. */
static void apply_thread_exit(struct processes *processes, const struct process *process,
			      const struct process_event *event)
{
	struct image *image = process_last_image(process);
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
	process = processes_find_or_add(processes, &event->owner);
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
	if (process_last_image(process))
		image_name_thread(process_last_image(process), event->owner.tid, event->comm);
}
