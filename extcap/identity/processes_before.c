// SPDX-License-Identifier: GPL-2.0-or-later
/* processes_before.c - the processes that were there when the capture began */
#include "extcap/identity/processes.h"

#include <stddef.h>
#include <string.h>

#include "extcap/identity/command_lines.h"
#include "extcap/identity/conmon.h"
#include "extcap/life.h"

/* How long the record at the front of a row is; 0: it claims more than there is. */
static gsize found_length(const guint8 *bytes, gsize size)
{
	struct process_event event;
	struct cgroup_event cgroup;
	gsize length;

	G_STATIC_ASSERT(offsetof(struct process_event, kind) ==
			offsetof(struct cgroup_event, kind));
	if (size < sizeof(cgroup))
		return 0;
	memcpy(&cgroup, bytes, sizeof(cgroup));
	length = sizeof(cgroup) + cgroup.path_length;
	if (cgroup.kind != CGROUP_NEW) {
		if (size < sizeof(event))
			return 0;
		memcpy(&event, bytes, sizeof(event));
		length = sizeof(event) + event.path_length;
	}
	return length <= size ? length : 0;
}

void processes_apply_found(struct processes *processes, const guint8 *bytes, gsize size)
{
	gsize length;

	for (; (length = found_length(bytes, size)); bytes += length, size -= length) {
		/* Paths are of any length, so records begin at any address. */
		g_autofree struct process_event *whole = g_memdup2(bytes, length);

		if (whole->kind == CGROUP_NEW)
			containers_apply(processes_containers(processes),
					 (struct cgroup_event *)whole, length);
		else
			processes_apply(processes, whole, length);
	}
}

static bool is_still_there(const struct process *process)
{
	struct life life;

	return life_read(process->pid, &life) && life.start == process->start / LIFE_TICK_NS;
}

static void on_command_line(guint index, const char *bytes, gsize length, void *data)
{
	const struct process *process = g_ptr_array_index((GPtrArray *)data, index);
	struct image *image = g_ptr_array_index(process->images, 0);

	if (!is_still_there(process))
		return;
	g_free(image->args);
	image->args = arguments_join(bytes, MIN(length, ARGS_LENGTH), length > ARGS_LENGTH);
}

/* Whether they are to be read. A monitor's are for us to know, whoever may see them. */
static bool begin_arguments(const struct viewer *viewer, const struct process *process)
{
	struct image *image = process->images->len ? process->images->pdata[0] : NULL;

	if (!image || image->args)
		return false;
	image->args = g_strdup("");
	/* Kernel threads have no executable, and none. */
	image->args_withheld = *image->exe && !viewer_may_see_now(viewer, process->pid);
	return !image->args_withheld || conmon_is(image->exe);
}

struct without {
	const struct viewer *viewer;
	GPtrArray *processes;
	GArray *pids;
};

static void find_without(const struct process *process, void *data)
{
	struct without *without = data;

	if (!begin_arguments(without->viewer, process))
		return;
	g_ptr_array_add(without->processes, (gpointer)process);
	g_array_append_val(without->pids, process->pid);
}

int processes_read_arguments(struct processes *processes)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(guint32));
	struct without without = {processes_viewer(processes), found, pids};

	processes_foreach(processes, find_without, &without);
	return command_lines_read((guint32 *)pids->data, pids->len, on_command_line, found);
}
